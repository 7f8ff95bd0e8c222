"""Every test of the command line runs in a folder of its own, which may begin with some runs."""

from __future__ import annotations

import shutil
from contextlib import chdir
from pathlib import Path

import pytest

from gdrun.experiment.results.folder import Folder
from tests.cli.driver import DIVERGES, LINE, RESULTS, gdrun


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An experiment of four runs, one of them diverged, and another experiment."""
    folder = tmp_path_factory.mktemp("template")
    with chdir(folder):
        Path("line.yaml").write_text(LINE)
        Path("diverges.yaml").write_text(DIVERGES)
        for lr in ("0.1", "0.01", "0.3", "1e300"):
            gdrun("train", "line.yaml", f"optimizer.lr={lr}", "-q", "--allow-diverged").ok()
        gdrun("train", "diverges.yaml", "-q", "--allow-diverged").ok()
    return folder


@pytest.fixture
def runs(template: Path, here: Path) -> Folder:
    """A copy of them in the current directory."""
    shutil.copytree(template, here, dirs_exist_ok=True)
    return Folder(RESULTS / "line")
