"""A tile of runs: what one of them does to the others, which is nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from gdrun.cli.tally import tally
from gdrun.descent.loop import Rows, descend
from gdrun.experiment import training
from gdrun.experiment.comparing import Plan, plan
from gdrun.experiment.problem import Problem
from gdrun.experiment.results.folder import Finished
from gdrun.experiment.sources import Sources
from gdrun.experiment.stack import stack
from gdrun.experiment.sweep import expand
from gdrun.experiment.training import train, train_tile
from gdrun.experiment.work import Work

RATES = [0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07]
SWEEP: dict[str, Any] = {
    "name": "sweep",
    "dataset": {"kind": "blobs", "examples": 60},
    "model": "softmax",
    "epochs": 3,
    "optimizer": {"kind": "momentum", "lr": RATES},
}


@pytest.fixture
def found() -> Plan:
    return plan(expand([SWEEP])[0], Sources())


def tile_of(found: Plan) -> list[Problem]:
    return [cell.problem for cell in found.cells]


def bits(finished: Finished) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """All that is kept of a run but times."""
    timed = ("seconds", "started")
    row = {name: value for name, value in finished.row.items() if name not in timed}
    return row, [{name: value for name, value in one.items() if name not in timed} for one in finished.history]


def breaks(monkeypatch: pytest.MonkeyPatch, bad: Sequence[str], step: int, error: type[BaseException]) -> list[int]:
    """Let the loop break at a step when any of the bad runs is in it; the sizes of the stacks that are tried."""
    tried: list[list[str]] = []

    def stacked(problems: Sequence[Problem]) -> Any:
        tried.append([problem.id for problem in problems])
        sizes.append(len(problems))
        return stack(problems)

    def descended(descent: Any, state: Any, note: Callable[[Rows], None], pause: Any) -> Any:
        def seen(rows: Rows) -> None:
            note(rows)
            if rows.step == step and set(bad) & set(tried[-1]):
                raise error("no room")

        return descend(descent, state, seen, pause)

    sizes: list[int] = []
    monkeypatch.setattr(training, "stack", stacked)
    monkeypatch.setattr(training, "descend", descended)
    return sizes


@pytest.mark.parametrize("error", [MemoryError, ArithmeticError, RuntimeError])
@pytest.mark.parametrize("bad", [[0], [3], [6], [1, 5]])
def test_a_run_that_fails_fails_alone(
    found: Plan, monkeypatch: pytest.MonkeyPatch, bad: list[int], error: type[Exception]
) -> None:
    tile = tile_of(found)
    alone = [bits(train(problem)) for problem in tile]
    step = alone[0][1][1]["step"]
    breaks(monkeypatch, [tile[i].id for i in bad], step, error)
    finished = train_tile(tile)
    assert [run.id for run in finished] == [problem.id for problem in tile]
    for i, run in enumerate(finished):
        if i in bad:
            assert run.row["status"] == "failed"
            assert run.row["cause"] == f"{error.__name__}: no room"
            assert bits(run)[1] == alone[i][1][:2]  # what it recorded before it failed
            assert not run.weights
        else:
            assert bits(run) == alone[i]
            assert run.weights


def test_a_tile_that_breaks_is_halved(found: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    tile = tile_of(found)
    sizes = breaks(monkeypatch, [tile[6].id], 0, MemoryError)
    train_tile(tile)
    assert sizes == [7, 3, 4, 2, 2, 1, 1]


def test_progress_of_a_halved_tile_counts_each_run_once(found: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    tile = tile_of(found)
    state = tally(Work(found, tuple(tile), tuple(tile), 1, {}))
    breaks(monkeypatch, [tile[2].id], 0, MemoryError)
    seen: list[int] = []

    def watch(rows: Rows) -> None:
        seen.extend(rows.runs.tolist())
        state.see(tile, rows)

    finished = train_tile(tile, watch)
    examples = {run.id: run.history[-1]["examples"] for run in finished}
    assert set(seen) == set(range(7))
    assert {run: way.examples for run, way in state.under_way.items()} == examples
    assert state.standings[0].cells()[1:5] == ["0", "7", "0", "0"]
    state.end(finished)
    assert state.examples == sum(examples.values())
    assert (state.done, state.diverged, state.standings[0].cells()[1:5]) == (7, 0, ["7", "0", "0", "0"])


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_what_ends_the_whole_command_is_no_failure(
    found: Plan, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    tile = tile_of(found)
    sizes = breaks(monkeypatch, [tile[2].id], 0, error)
    with pytest.raises(error):
        train_tile(tile)
    assert sizes == [7]


def test_who_looks_on_may_fail_and_the_runs_have_not(found: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    tile = tile_of(found)
    sizes = breaks(monkeypatch, [tile[6].id], 0, MemoryError)

    def watch(rows: Rows) -> None:
        if len(rows.runs) < 7:
            raise OSError("no screen")

    with pytest.raises(OSError, match="no screen"):
        train_tile(tile, watch)
    assert sizes == [7, 3]
