"""Any small tile, interrupted after any of its steps, goes on to the bits that it has without; also by halves."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdrun.descent.loop import descend
from gdrun.descent.optimizers import Optimizer
from gdrun.descent.schedules import Schedule
from gdrun.experiment import training
from gdrun.experiment.problem import Problem
from gdrun.experiment.results.folder import Finished
from gdrun.experiment.signals import Interrupted, asked
from gdrun.experiment.training import train_tile
from gdrun.experiment.unfinished.checkpoint import read_checkpoint
from gdrun.experiment.unfinished.keeper import Saving
from tests.experiment.trained import kept as kept_of
from tests.experiment.trained import tiles_of

NEEDED = {
    "step": "every: 2",
    "multistep": "milestones: [1, 2]",
    "exponential": "decay: 0.9",
    "inverse_time": "decay: 0.5",
}
NEEDED |= {"cyclic": "rise: 2", "cosine_restarts": "period: 2", "plateau": "patience: 1"}
DATA = "dataset: {kind: blobs, examples: 50}\nmodel: softmax\n"


def kept(runs: Sequence[Finished]) -> dict[str, str]:
    """All that is kept of runs, times aside, as text: no NaN equals another."""
    return {run: repr(found) for run, found in kept_of(runs).items()}


@st.composite
def configs(draw: st.DrawFn) -> str:
    """A config of one structure, some of whose runs diverge."""
    schedule = draw(st.sampled_from(sorted(Schedule.kinds)))
    batch = draw(st.sampled_from(["{variant: batch}", "{variant: stochastic}", "{variant: minibatch, batch_size: 5}"]))
    lines = [
        f"optimizer: {{kind: {draw(st.sampled_from(sorted(Optimizer.kinds)))}, lr: [0.01, 0.3, 1.0e+30]}}",
        f"schedule: {{kind: {schedule}, {NEEDED.get(schedule, '')}}}",
        f"descent: {batch}",
        f"epochs: {draw(st.integers(2, 4))}",
        f"dtype: {draw(st.sampled_from(['float32', 'float64']))}",
        f"record: {{every: {draw(st.integers(1, 3))}, unit: {draw(st.sampled_from(['epochs', 'steps']))}}}",
        draw(st.sampled_from(["", "stop: {patience: 1}", "stop: {tolerance: 0.01}", "stop: {loss: 0.5}"])),
    ]
    return DATA + "\n".join(lines)


def interrupted(tile: list[Problem], step: int, folder: Path) -> Saving:
    """What is saved of a tile that is asked to stop after so many steps."""

    def loop(descent: Any, state: Any, watch: Any, pause: Any) -> Any:
        def look(state: Any) -> None:
            asked.stop = signal.SIGTERM if state.step == step else None
            pause(state)

        return descend(descent, state, watch, look)

    saving = Saving(folder)
    try:
        with patch.object(training, "descend", loop), pytest.raises(Interrupted):
            train_tile(tile, saving=saving)
    finally:
        asked.stop = None
    return saving.beginning(read_checkpoint(path) for path in folder.glob("*.npz"))


@settings(max_examples=40, deadline=None)
@given(configs(), st.data())
def test_goes_on_to_the_same_bits(text: str, data: st.DataObject) -> None:
    (tile,) = tiles_of(text)
    whole = kept(train_tile(tile))
    last = max(int(row["end_step"]) for row, _, _ in kept_of(train_tile(tile)).values())
    step = data.draw(st.integers(1, last), "step") if last else 0
    if step:
        with TemporaryDirectory() as folder:
            saving = interrupted(tile, step, Path(folder))
            assert {saved.state.step for saved in saving.begun.values()} == {step}
            assert kept(train_tile(tile, saving=saving)) == whole
            halves = tile[:2], tile[2:]  # the last run often ends early, and is then alone
            assert kept([run for half in halves for run in train_tile(half, saving=saving)]) == whole


def test_a_run_that_fails_when_it_goes_on_fails_alone(tmp_path: Path) -> None:
    (tile,) = tiles_of(DATA + "optimizer: {kind: adam, lr: [0.01, 0.3, 0.1]}\nepochs: 4\ndescent: {variant: batch}")
    whole = kept_of(train_tile(tile))
    saving = interrupted(tile, 2, tmp_path)

    def loop(descent: Any, state: Any, watch: Any, pause: Any) -> Any:
        if 0.3 in descent.optimizer.lr:
            state.parameters += 1.0  # of nobody else's arrays
            raise FloatingPointError("by one of them")
        return descend(descent, state, watch, pause)

    with patch.object(training, "descend", loop):
        found = kept_of(train_tile(tile, saving=saving))
    failed = [run for run, (row, _, _) in found.items() if row["status"] == "failed"]
    assert failed == [tile[1].id]
    assert {run: found[run] for run in found if run not in failed} == {
        run: whole[run] for run in whole if run not in failed
    }
    assert found[failed[0]][1] == whole[failed[0]][1][: len(found[failed[0]][1])]
