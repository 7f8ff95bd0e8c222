"""What a sweep shows while it trains: counts that hold after resuming too, a table that fits its terminal."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from gdrun.cli.sweeping import drawn
from gdrun.cli.tally import Tally, tally
from gdrun.descent.loop import Rows
from gdrun.experiment.comparing import plan
from gdrun.experiment.results.folder import Finished, Folder
from gdrun.experiment.signals import Asked
from gdrun.experiment.sources import Sources
from gdrun.experiment.work import Wanted, Work, work
from tests.cli.driver import gdrun
from tests.experiment.sweep_cases import sweep_of

TEXT = """\
dataset: {{kind: blobs, examples: 60}}
model: softmax
epochs: 4
optimizer: {{kind: gd, lr: 0.1}}
compare: {{seeds: 3, candidates: {}}}
"""
TWO = "[{optimizer: {kind: gd, lr: [0.1, 0.2]}}, {optimizer: {kind: adam, lr: [0.1, 0.2]}, label: Adam}]"
MANY = str(
    [{"optimizer": {"kind": "gd", "lr": 0.01 * (place + 1)}, "label": f"candidate {place} " * 5} for place in range(60)]
)


def work_of(candidates: str, text: str = TEXT) -> Work:
    text = text.format(candidates)
    Path("sweep.yaml").write_text(text)
    return work(plan(sweep_of(text), Sources()), Folder(Path("results/sweep")), Wanted())


def record(runs: list[int], step: int, examples: int) -> Rows:
    return Rows(np.array(runs), step, examples, 0.0, {}, None)


def ended(run: str, status: str, loss: float, examples: int) -> Finished:
    return Finished(run, {"status": status, "final_validation_loss": loss, "end_examples": examples}, [])


def counts(state: Tally) -> list[list[str]]:
    """Of each candidate: done, running, left, diverged, best so far."""
    return [each.cells()[1:] for each in state.standings]


def test_runs_are_counted_by_candidate() -> None:
    todo = work_of(TWO)
    state, tile = tally(todo), [cell.problem for cell in todo.plan.cells[:6]]
    assert [each.name for each in state.standings] == ["gd", "Adam"]
    assert counts(state) == [["0", "0", "6", "0", "-"]] * 2
    state.see(tile, record([0, 1, 2, 3], 2, 64))
    assert counts(state)[0] == ["0", "4", "2", "0", "-"]
    state.end([ended(tile[0].id, "finished", 0.0, 100), ended(tile[1].id, "diverged", -1.0, 100)])
    state.end([ended(tile[2].id, "finished", 0.5, 100), ended(tile[4].id, "failed", -1.0, 100)])
    assert counts(state) == [["4", "1", "1", "1", "0"], ["0", "0", "6", "0", "-"]]
    assert (state.done, state.diverged) == (4, 1)


def test_what_was_done_before_counts_too() -> None:
    work_of(TWO)
    gdrun("compare", "sweep.yaml", "compare.seeds=2").ok()
    rows = Folder(Path("results/sweep")).typed_rows().values()
    state = tally(work_of(TWO))
    best = [
        min(row["final_validation_loss"] for row in rows if row["optimizer.kind"] == kind) for kind in ("gd", "adam")
    ]
    assert counts(state) == [["4", "0", "2", "0", f"{loss:.4g}"] for loss in best]
    assert (state.done, state.todo, state.ended) == (8, 4, 0)


def test_the_time_left_counts_what_is_under_way_and_not_what_was_done_before(monkeypatch: pytest.MonkeyPatch) -> None:
    todo = work_of(TWO)
    state, tile = tally(todo), [cell.problem for cell in todo.plan.cells]
    now = [100.0]
    monkeypatch.setattr("gdrun.cli.tally.perf_counter", lambda: now[0])
    state.began = 100.0
    assert todo.plan.cells[0].problem.train is not None
    steps = 4 * -(-todo.plan.cells[0].problem.train.m // 32)
    state.saved = {problem.id: steps // 4 for problem in tile[:4]}
    state.see(tile, record([0, 1, 2, 3], steps // 2, 600))
    now[0] = 110.0
    # in 10 s four runs went a quarter of their way; left are four halves and eight runs: 100 s
    assert state.speed() == "120 examples/s · 1 min 40 s left"
    state.end([ended(tile[0].id, "finished", 0.5, 1200)])
    assert state.speed().endswith("left")


def test_on_surfaces_steps_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    surface = "model: {{kind: surface, function: quadratic}}\nsteps: 10\ncompare: {{candidates: {}}}\n"
    state = tally(work_of("[{optimizer: {kind: gd, lr: [0.1, 0.2]}}]", surface))
    monkeypatch.setattr("gdrun.cli.tally.perf_counter", lambda: state.began + 2)
    (run, _) = state.places
    state.end([ended(run, "finished", 0.5, 10)])
    assert state.speed() == "5 steps/s · 2.0 s left"


def texts(state: Tally, width: int, height: int) -> list[str]:
    console = Console(width=width, height=height)
    with console.capture() as found:
        console.print(drawn(state, width, height))
    return found.get().splitlines()


@pytest.mark.parametrize(("width", "height"), [(80, 24), (100, 60), (140, 12)])
def test_the_table_fits_its_terminal(width: int, height: int) -> None:
    todo = work_of(MANY)
    state, tile = tally(todo), [cell.problem for cell in todo.plan.cells]
    state.see(tile, record([150, 151, 152], 1, 32))  # the seeds of candidate 50
    state.end([ended(tile[120].id, "finished", 0.25, 1)])  # and one of candidate 40
    found = texts(state, width, height)
    assert len(found) <= min(height - 3, 22)
    assert max(map(len, found)) <= width - 3
    assert found[0].split() == ["candidate", "done", "running", "left", "diverged", "best", "so", "far"]
    lines = [line.split()[-5:] for line in found[1:-1] if "candidate 50" in line or "candidate 40" in line]
    assert lines == [["1", "0", "2", "0", "0.25"], ["0", "3", "0", "0", "-"]]
    more = found[-2].split()
    others = 60 - (len(found) - 3)
    assert more == [str(others), "more", "0", "0", str(3 * others), "0", "-"]


def test_a_signal_is_told_by_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    state = tally(work_of(TWO))
    monkeypatch.setattr("gdrun.cli.sweeping.asked", Asked(stop=2))
    assert texts(state, 100, 30)[-1].startswith("interrupted: saving what is under way; once more to leave at once")


def test_one_of_something_is_no_plural() -> None:
    Path("one.yaml").write_text(TEXT.format("[{label: a}]").replace("seeds: 3", "seeds: 1"))
    assert gdrun("compare", "one.yaml").err == "1 run · 0 done already · 1 to train in 1 stack\n"
