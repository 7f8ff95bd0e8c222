"""`gdrun remove`: all of a run or an experiment goes, once it is confirmed."""

from __future__ import annotations

import io
from typing import Any

import pytest

from gdrun.experiment.results.folder import Folder
from tests.cli.driver import RESULTS, gdrun, listing


def test_remove_a_run_takes_all_of_it(runs: Folder) -> None:
    gone, *left = runs.rows()
    assert runs.path_file(gone).exists()
    assert gdrun("remove", f"line/{gone}", "--yes").ok() == f"line/{gone} removed\n"
    assert list(runs.rows()) == left
    assert set(runs.history()["run"]) == set(left)
    assert not [path for path in listing(RESULTS) if gone in path]
    assert gone.encode() not in (runs.history_file.read_bytes() + runs.runs_file.read_bytes())
    assert gdrun("train", "line.yaml").ok().startswith("finished")


def test_remove_an_experiment(runs: Folder) -> None:
    assert gdrun("remove", "line", "-y").ok() == "line removed\n"
    assert [path.name for path in RESULTS.iterdir()] == ["diverges"]


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("yes\n", 0), ("n\n", 2), ("\n", 2), ("", 2)])
def test_remove_asks(runs: Folder, answer: str, code: int) -> None:
    asked = _asked(answer, "remove", "diverges")
    assert asked.code == code
    assert asked.err.startswith("delete results/diverges with 1 runs? [y/N] ")
    assert (RESULTS / "diverges").exists() == (code != 0)


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def _asked(answer: str, *arguments: str) -> Any:
    from unittest.mock import patch

    with patch("tests.cli.driver.io.StringIO", _Terminal):
        return gdrun(*arguments, stdin=answer)
