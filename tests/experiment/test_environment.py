"""Where a run was made is said alike, whatever else was imported."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import threadpoolctl

from gdrun.experiment import environment


def test_the_blas_is_numpys_in_whatever_order_they_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    import scipy.linalg  # noqa: F401  # brings a BLAS of its own

    found = threadpoolctl.threadpool_info()
    assert sum(pool["user_api"] == "blas" for pool in found) >= 1
    said = []
    for order in (found, found[::-1]):
        monkeypatch.setattr(threadpoolctl, "threadpool_info", lambda order=order: order)
        said.append(environment._blas())
    (numpys,) = (pool for pool in found if "numpy" in pool["filepath"])
    assert said == [f"{numpys['internal_api']} {numpys['version']} {numpys['architecture']}"] * 2


def test_the_commit_is_that_of_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def git(*arguments: str) -> str:
        return subprocess.run(["git", *arguments], check=True, capture_output=True, text=True, cwd=work).stdout.strip()

    (work := tmp_path / "work").mkdir()
    git("init", "--quiet")
    git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "--allow-empty", "--message", "first")
    for folder, commit in ((tmp_path, None), (work, git("rev-parse", "--short=12", "HEAD")), (tmp_path, None)):
        monkeypatch.chdir(folder)
        assert environment.environment()["git_commit"] == commit
    (gone := tmp_path / "gone").mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert environment.environment()["git_commit"] is None
