"""A tile saved between any two steps and read back goes on to the same bits; what is not whole is not trusted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gdrun.descent.loop import Rows, descend
from gdrun.descent.parts import Array
from gdrun.descent.state import Descent, Recording, State, begin
from gdrun.descent.stopping import Stop
from gdrun.experiment.gauges.sharpness import Sharpness
from gdrun.experiment.results.arrays import ReadError
from gdrun.experiment.unfinished.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from gdrun.experiment.unfinished.resuming import begun, of_runs
from tests.cases import SURFACES, ModelCase, VariantCase
from tests.descent.setups import FLOAT32, FLOAT64, Watch, learning, plan, start, surface
from tests.descent.unfinished import assert_the_same_ends, assert_the_same_rows, long_descent

IDS = tuple(f"r{place:011x}" for place in range(6))
MADE = {"numpy": "2.4", "git_commit": None, "started": "2026-01-01T00:00:00+00:00"}


class Left(Exception):  # noqa: N818
    pass


def in_single_precision() -> tuple[Descent, Array]:
    """Six float32 runs of a linear model, each step's batch loss recorded, no paths."""
    seeds = [0, 0, 1, 1, 2, 3]
    objective = learning(
        ModelCase("linear", "linear", {}, None),
        variant=VariantCase("", 4, True),
        seeds=seeds,
        l2=[0.0] * 6,
        dtype=FLOAT32,
    )
    rates = ("momentum", [{"lr": lr} for lr in (0.01, 0.03, 0.1, 1e30, 0.2, 0.05)])
    cosine = ("cosine", [{"warmup": 2.0}])
    recording = Recording(every=2, batch_loss=True)
    return plan(objective, 30, rates, cosine, FLOAT32, recording=recording, baseline=np.ones(6)), start(
        objective, seeds
    )


def on_a_surface() -> tuple[Descent, Array]:
    """Six paths on a noisy surface, some of which leave it."""
    case = next(case for case in SURFACES if case.kind == "quadratic")
    objective = surface(case, [{"noise": 0.1}] * 6, range(6), FLOAT64)
    rates = ("gd", [{"lr": lr} for lr in (0.01, 0.1, 5.0, 50.0, 0.3, 1e200)])
    recording = Recording(every=5, unit="steps", parameters=True)
    descent = plan(objective, 20, rates, recording=recording, bounds=np.full(6, 100.0), stop=Stop(loss=1e-3))
    return descent, np.tile([3.0, 1.0], (6, 1))


def with_sharpness() -> tuple[Descent, Array]:
    """Four networks whose sharpness is measured every two epochs, one of them far off."""
    seeds = [0, 1, 2, 3]
    variant = VariantCase("", 8)
    objective = learning(ModelCase("", "mlp", {"hidden": (3,)}, 3), variant=variant, seeds=seeds, l2=[0.0] * 4)
    rates = ("gd", [{"lr": lr} for lr in (0.01, 0.1, 1.0, 1e200)])
    recording = Recording(every=3, gauges=(Sharpness(2),))
    return plan(objective, 4 * objective.per_epoch, rates, recording=recording), start(objective, seeds)


def interrupted(what: tuple[Descent, Array], path: Path, at: int) -> None:
    """Train up to a step and save there."""
    descent, parameters = what
    state, records = begin(descent, parameters.copy()), list[Rows]()

    def pause(found: State) -> None:
        if found.step == at:
            write_checkpoint(path, Checkpoint(IDS, found, tuple(records), MADE))
            raise Left

    with pytest.raises(Left):
        descend(descent, state, records.append, pause)


BUILDS = [long_descent, in_single_precision, on_a_surface, with_sharpness]


@pytest.mark.parametrize("build", BUILDS, ids=lambda build: build.__name__)
def test_a_saved_tile_goes_on_to_the_same_bits(build: Any, tmp_path: Path) -> None:
    descent, parameters = build()
    whole = Watch()
    outcomes = descend(descent, begin(descent, parameters.copy()), whole)
    assert "diverged" in {outcome.status for outcome in outcomes.values()}
    last = max(outcome.step for outcome in outcomes.values())
    for step in (*range(1, last, 7), last - 1):
        interrupted(build(), tmp_path / "tile", step)
        found = read_checkpoint(tmp_path / "tile")
        assert (found.runs, found.made, found.state.step) == (IDS, MADE, step)
        watch = Watch()
        for record in found.records:
            watch(record)
        again = descend(build()[0].select(found.state.runs), found.state, watch)
        assert_the_same_ends(again, outcomes)
        assert_the_same_rows(whole, watch)
        assert {run: len(rows) for run, rows in watch.rows.items()} == {
            run: len(rows) for run, rows in whole.rows.items()
        }
        for run, rows in watch.rows.items():  # the same type, too: 0.1 is another number in float32
            assert [{k: np.asarray(v).dtype for k, v in row.items()} for row in rows] == [
                {k: np.asarray(v).dtype for k, v in row.items()} for row in whole.rows[run]
            ]


def test_seconds_go_on_too(tmp_path: Path) -> None:
    descent, parameters = long_descent()
    state = begin(descent, parameters)
    state.seconds = 1000.25
    write_checkpoint(tmp_path / "tile", Checkpoint(IDS, state, (), MADE))
    assert read_checkpoint(tmp_path / "tile").state.seconds == 1000.25


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: b"",
        lambda whole: whole[:-1],
        lambda whole: whole[: len(whole) // 2],
        lambda whole: whole + b"\n",
        lambda whole: whole[:500] + bytes([whole[500] ^ 1]) + whole[501:],
        lambda whole: whole.replace(b"checkpoint 3 ", b"checkpoint 2 "),
        lambda whole: b"PK\x03\x04 something else",
        lambda whole: b"\x80\x04pickled",
    ],
)
def test_a_file_that_is_not_whole_is_not_trusted(damage: Any, tmp_path: Path) -> None:
    path = tmp_path / "tile"
    interrupted(long_descent(), path, 7)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ReadError, match=r"tile: not a whole checkpoint of this gdrun"):
        read_checkpoint(path)


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="No such file"):
        read_checkpoint(tmp_path / "tile")


@pytest.mark.parametrize("places", [(0,), (4,), (1, 3, 4), (0, 1, 2, 3, 4, 5)])
@pytest.mark.parametrize("step", [4, 20])
def test_some_runs_of_a_saved_tile_go_on_without_the_others(places: tuple[int, ...], step: int, tmp_path: Path) -> None:
    descent, parameters = long_descent()
    whole = Watch()
    outcomes = descend(descent, begin(descent, parameters.copy()), whole)
    interrupted(long_descent(), tmp_path / "tile", step)
    found = of_runs(read_checkpoint(tmp_path / "tile"), [IDS[place] for place in places])
    assert found.runs == tuple(IDS[place] for place in places)
    watch = Watch()
    for record in found.records:
        watch(record)
    some = long_descent()[0].select(np.array(places))
    again = descend(some.select(found.state.runs), found.state, watch)
    assert_the_same_ends(again, {new: outcomes[old] for new, old in enumerate(places)})
    for new, old in enumerate(places):
        alone, together = Watch(), Watch()
        alone.rows[0], together.rows[0] = watch.rows[new], whole.rows[old]
        assert_the_same_rows(together, alone)


def test_a_run_that_was_saved_twice_goes_on_where_it_got_furthest(tmp_path: Path) -> None:
    saved = {}
    for step in (3, 12, 7):
        interrupted(long_descent(), tmp_path / "tile", step)
        saved[step] = read_checkpoint(tmp_path / "tile")
    found = [of_runs(saved[3], IDS[:4]), of_runs(saved[12], IDS[1:3]), of_runs(saved[7], IDS[:2])]
    chosen = begun(found, [IDS[0], IDS[1], IDS[3], "r" + "f" * 11])
    assert [(each.state.step, each.runs) for each in chosen] == [(12, (IDS[1],)), (7, (IDS[0],)), (3, (IDS[3],))]
