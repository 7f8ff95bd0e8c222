"""The core promise: a run's numbers are, bit for bit, the same alone and in any stack."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from gdrun.descent import landscape, objectives, rates
from gdrun.descent.activations import ACTIVATIONS
from gdrun.descent.loop import Outcome
from gdrun.descent.losses import Loss
from gdrun.descent.models import Model
from gdrun.descent.optimizers import Optimizer
from gdrun.descent.parts import Array
from gdrun.descent.schedules import Schedule
from gdrun.descent.state import Descent, Recording
from gdrun.descent.stopping import Stop
from gdrun.descent.surfaces import Surface
from tests.cases import (
    DRAWN,
    MODELS,
    OPTIMIZERS,
    SCHEDULES,
    SURFACES,
    VARIANTS,
    ModelCase,
    ScheduleCase,
    SurfaceCase,
    VariantCase,
    other,
)
from tests.descent.setups import FLOAT32, FLOAT64, Watch, learning, part, plan, start, surface, train

RUNS = 12
ALL = range(RUNS)
SPLITS = (ALL, range(5), range(5, RUNS), *([run] for run in ALL))
SEEDS = (3, 3, 3, 3, 3, 0, 1, 1, 2, 0, 4, 3)  # the first five share their batches
EVERY_STEP = Recording(unit="steps", batch_loss=True, parameters=True)

TUNED = {kind: next(case for case in OPTIMIZERS if case.name == f"{kind}-tuned") for kind in Optimizer.kinds}
CORE = [case for case in MODELS if case.name in ("linear", "softmax", "mlp")]
MLP = next(case for case in MODELS if case.name == "mlp")

each_dtype = pytest.mark.parametrize("dtype", [FLOAT64, FLOAT32], ids=str)
each_variant = pytest.mark.parametrize("variant", VARIANTS, ids=lambda case: case.name)

Result = tuple[dict[int, Outcome], Watch]
Build = Callable[[Sequence[int]], tuple[Descent, Array]]
"""The stack of some of the twelve runs, and where they begin."""


def optimizers(
    kind: str, runs: Sequence[int], huge: dict[int, float] | None = None
) -> tuple[str, list[dict[str, Any]]]:
    """The optimizer of some of the twelve runs, every number of each its own; `huge` rates by run."""
    scaled = kind in ("gd", "momentum")  # gradients, which a decay would not let be
    settings = TUNED[kind].settings | {"weight_decay": 0.0 if scaled else 0.02}
    shifted = [other(Optimizer.kinds[kind], settings, run) for run in runs]
    for run, numbers in zip(runs, shifted, strict=True):
        numbers["lr"] = (huge or {}).get(run, numbers["lr"] * (0.5 + run / 8))
    return kind, shifted


def learners(
    case: ModelCase,
    kind: str,
    variant: VariantCase,
    dtype: np.dtype[Any],
    steps: int,
    huge: dict[int, float] | None = None,
    **rest: Any,
) -> Build:
    def build(runs: Sequence[int]) -> tuple[Descent, Array]:
        seeds, l2 = [SEEDS[run] for run in runs], [0.01 * (run + 1) for run in runs]
        objective = learning(case, variant=variant, seeds=seeds, l2=l2, dtype=dtype, loss=rest.get("loss"))
        others = {name: value for name, value in rest.items() if name not in ("loss", "schedules")}
        schedule, settings = rest.get("schedules", ("constant", [{}] * RUNS))
        schedules = (schedule, [settings[run] for run in runs])
        descent = plan(objective, steps, optimizers(kind, runs, huge), schedules, dtype, **others)
        return descent, start(objective, seeds)

    return build


def assert_same(together: Result, runs: Sequence[int], alone: Result, those: Sequence[int]) -> None:
    """The runs that both have ended the same way with the same numbers at every record."""
    for run in set(runs) & set(those):
        one, other = together[0][runs.index(run)], alone[0][those.index(run)]
        assert (one.status, one.cause, one.step) == (other.status, other.cause, other.step)
        assert (one.best_step, repr(one.best_loss)) == (other.best_step, repr(other.best_loss))
        assert_bits(one.parameters, other.parameters)
        assert_bits(one.best_parameters, other.best_parameters)
        rows, others = together[1].rows[runs.index(run)], alone[1].rows[those.index(run)]
        assert len(rows) == len(others)
        for row, same in zip(rows, others, strict=True):
            assert row.keys() == same.keys()
            for name in row:
                assert_bits(np.asarray(row[name]), np.asarray(same[name]))


def assert_bits(one: Array, other: Array) -> None:
    if not np.array_equal(one, other, equal_nan=True):
        np.testing.assert_array_equal(one, other)


def assert_same_bits(build: Build, splits: Sequence[Sequence[int]] = SPLITS) -> Result:
    """Every split of the runs into stacks gives the first's numbers."""
    whole = train(*build(splits[0]))
    assert sorted(whole[0]) == list(range(len(splits[0])))
    for runs in splits[1:]:
        assert_same(whole, splits[0], train(*build(runs)), runs)
    return whole


@each_dtype
@each_variant
@pytest.mark.parametrize("case", CORE, ids=lambda case: case.name)
@pytest.mark.parametrize("kind", Optimizer.kinds)
def test_a_run_has_the_same_bits_alone_and_in_a_stack(
    kind: str, case: ModelCase, variant: VariantCase, dtype: np.dtype[Any]
) -> None:
    # Stochastic: an epoch of 23 steps and a bit; minibatch: two and a bit. Recorded in the middle of an epoch too.
    steps = {"batch": 6, "stochastic": 24, "minibatch": 7}[variant.name]
    recording = Recording(every=5, unit="steps", parameters=True)
    outcomes, watch = assert_same_bits(learners(case, kind, variant, dtype, steps, recording=recording))
    assert {outcome.parameters.dtype for outcome in outcomes.values()} == {dtype}
    assert len({outcome.parameters.tobytes() for outcome in outcomes.values()}) == RUNS
    assert {"train_loss", "validation_loss", "gradient_norm", "batch_loss", "lr"} <= set(watch.rows[0][-1])


@each_dtype
@each_variant
@pytest.mark.parametrize("case", CORE, ids=lambda case: case.name)
@pytest.mark.parametrize("kind", Optimizer.kinds)
def test_a_run_that_diverges_leaves_its_neighbours_alone(
    kind: str, case: ModelCase, variant: VariantCase, dtype: np.dtype[Any]
) -> None:
    steps = {"batch": 5, "stochastic": 25, "minibatch": 7}[variant.name]
    huge = {4: 1e200 if dtype == FLOAT64 else 1e30}
    recording = Recording(every=steps, unit="steps", batch_loss=True)  # it diverges between two evaluations
    build = learners(case, kind, variant, dtype, steps, huge, recording=recording)
    mixed = train(*build(ALL))
    assert mixed[0][4].status == "diverged"
    assert mixed[0][4].step < steps
    for runs in ([run for run in ALL if run != 4], [4]):
        assert_same(mixed, ALL, train(*build(runs)), runs)


@pytest.mark.parametrize("variant", DRAWN, ids=lambda case: case.name)
def test_examples_drawn_with_replacement(variant: VariantCase) -> None:
    assert_same_bits(learners(MLP, "adam", variant, FLOAT64, 7))


@pytest.mark.parametrize(("unit", "dtype"), [("epochs", FLOAT64), ("steps", FLOAT32)])
@pytest.mark.parametrize("case", SCHEDULES, ids=lambda case: case.name)
def test_every_schedule(case: ScheduleCase, unit: str, dtype: np.dtype[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "BLOCK", 4)
    recording = Recording(batch_loss=True, parameters=True)
    settings = [other(Schedule.kinds[case.kind], case.settings, run) | {"unit": unit} for run in ALL]
    build = learners(MLP, "momentum", VARIANTS[2], dtype, 12, schedules=(case.kind, settings), recording=recording)
    whole = assert_same_bits(build, (ALL, range(5), [0], [7], [11]))
    assert len({whole[1].column(run, "lr").tobytes() for run in ALL}) == RUNS


def combinations() -> list[Any]:
    """Every model with every loss on every kind of target that it takes."""
    return [
        pytest.param(case, loss, id=f"{case.name}-{loss}")
        for case in MODELS
        for loss in Model.kinds[case.kind].losses(case.classes)
    ]


@each_dtype
@pytest.mark.parametrize(("case", "loss"), combinations())
def test_every_loss_of_every_model(case: ModelCase, loss: str, dtype: np.dtype[Any]) -> None:
    assert_same_bits(learners(case, "gd", VARIANTS[2], dtype, 6, loss=loss), (ALL, range(5), [0], [6], [11]))


@each_dtype
@pytest.mark.parametrize("model", ["mlp", "neuron"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation(activation: str, model: str, dtype: np.dtype[Any]) -> None:
    settings: dict[str, Any] = {"activation": activation} | ({"hidden": (6, 3)} if model == "mlp" else {})
    case = ModelCase(activation, model, settings, 3 if model == "mlp" else None)
    assert_same_bits(learners(case, "nesterov", VARIANTS[2], dtype, 6), (ALL, range(5), [0], [6], [11]))


@each_dtype
@pytest.mark.parametrize("noise", [0.0, 0.3])
@pytest.mark.parametrize("case", SURFACES, ids=lambda case: case.name)
def test_every_surface(case: SurfaceCase, noise: float, dtype: np.dtype[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landscape, "NOISE_BLOCK", 7)

    def build(runs: Sequence[int]) -> tuple[Descent, Array]:
        settings = [other(Surface.kinds[case.kind], case.settings | {"noise": noise}, run) for run in runs]
        objective = surface(case, settings, [SEEDS[run] for run in runs], dtype)
        bounds = np.full(len(runs), 5.0)
        descent = plan(objective, 20, optimizers("momentum", runs), dtype=dtype, bounds=bounds, recording=EVERY_STEP)
        return descent, np.array([np.array(case.point) * (1 - 0.01 * run) for run in runs], dtype)

    assert_same_bits(build, (ALL, range(5), range(5, RUNS), [0], [7], [11]))


STOPS = {
    "patience": Stop(patience=1),
    "tolerance": Stop(tolerance=0.02),
    "loss": Stop(loss=0.75),
    "all": Stop(patience=2, tolerance=0.01, loss=0.7),
}


@each_dtype
@pytest.mark.parametrize("every", [Recording(), Recording(every=3), EVERY_STEP], ids=["1", "3", "steps"])
@pytest.mark.parametrize("stop", STOPS)
def test_runs_that_end_at_different_steps(stop: str, every: Recording, dtype: np.dtype[Any]) -> None:
    # Two diverge, one of them slowly; the others end as they please: the stack shrinks again and again.
    def build(runs: Sequence[int]) -> tuple[Descent, Array]:
        seeds = [SEEDS[run] for run in runs]
        rates = [(0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 1.3, 2.5, 1e25, 3.3)[run] for run in runs]
        objective = learning(CORE[0], variant=VARIANTS[2], seeds=seeds, l2=[0.1] * len(runs), dtype=dtype)
        schedule = "plateau", [{"patience": 1.0, "decay": 0.7}]
        optimizer = "gd", [{"lr": lr} for lr in rates]
        descent = plan(
            objective, 45, optimizer, schedule, dtype, stop=STOPS[stop], recording=every, baseline=np.ones(len(runs))
        )
        return descent, start(objective, seeds)

    outcomes, watch = assert_same_bits(build)
    assert len({outcome.step for outcome in outcomes.values()}) >= 3
    assert {"diverged"} < {outcome.status for outcome in outcomes.values()}
    assert all(watch.rows[run][-1]["step"] == outcome.step for run, outcome in outcomes.items())


@each_dtype
@pytest.mark.parametrize("variant", [VARIANTS[0], VariantCase("large", 70)], ids=lambda case: case.name)
@pytest.mark.parametrize("case", CORE, ids=lambda case: case.name)
def test_more_examples_than_a_chunk(
    case: ModelCase, variant: VariantCase, dtype: np.dtype[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(objectives, "CHUNK_BYTES", 1)  # then 32 examples

    def build(runs: Sequence[int]) -> tuple[Descent, Array]:
        seeds = [SEEDS[run] for run in runs]
        objective = learning(
            case, variant=variant, seeds=seeds, l2=[0.01] * len(runs), m=133, held_out=65, features=5, dtype=dtype
        )
        assert objective.chunk == 32
        return plan(objective, 4, optimizers("adam", runs), dtype=dtype), start(objective, seeds)

    assert_same_bits(build)


@pytest.mark.parametrize("room", [1, 12_000, 1 << 30])
def test_runs_are_evaluated_in_groups(room: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objectives, "PASS_BYTES", room)
    case = next(case for case in MODELS if case.name == "mlp-numbers")

    def build(runs: Sequence[int]) -> tuple[Descent, Array]:
        seeds = [SEEDS[run] for run in runs]
        deltas = part(Loss, "huber", [{"delta": 0.1 * (run + 1)} for run in runs], FLOAT64)
        objective = replace(learning(case, loss="huber", seeds=seeds), loss=deltas)
        return plan(objective, 4, optimizers("adam", runs)), start(objective, seeds)

    descent, parameters = build(ALL)
    found = descent.objective.training(parameters)["train_loss"]
    assert isinstance(descent.objective, objectives.DataObjective)
    assert_bits(descent.objective.training_loss(parameters), found)
    for run in ALL:
        alone, own = build([run])
        assert_bits(alone.objective.training(own)["train_loss"], found[run : run + 1])
    assert len(set(found.tolist())) == RUNS
    assert_same_bits(build)


@each_dtype
@pytest.mark.parametrize("kind", ["momentum", "adam"])
def test_sixty_four_runs_of_a_real_size(kind: str, dtype: np.dtype[Any]) -> None:
    case = ModelCase("real", "mlp", {"hidden": (32,)}, 10)

    def build(runs: Sequence[int]) -> tuple[Descent, Array]:
        seeds = [run // 2 for run in runs]
        objective = learning(
            case,
            variant=VariantCase("32", 32),
            seeds=seeds,
            l2=[0.01] * len(runs),
            m=270,
            features=64,
            held_out=200,
            dtype=dtype,
        )
        assert objective.network.size == 65 * 32 + 33 * 10
        assert objective.chunk < 400
        optimizer = kind, [{"lr": 0.01 * (1 + run)} for run in runs]
        return plan(objective, 9, optimizer, dtype=dtype), start(objective, seeds, "he")

    assert_same_bits(build, (range(64), range(20), range(20, 64), *([run] for run in range(0, 64, 9))))


@each_dtype
@pytest.mark.parametrize("case", CORE, ids=lambda case: case.name)
def test_batch_descent_of_a_real_size_goes_through_real_chunks(case: ModelCase, dtype: np.dtype[Any]) -> None:
    wide = replace(case, settings=case.settings | ({"hidden": (32,)} if case.kind == "mlp" else {}))

    def build(runs: Sequence[int]) -> tuple[Descent, Array]:
        seeds = [SEEDS[run] for run in runs]
        objective = learning(wide, seeds=seeds, l2=[0.01] * len(runs), m=1200, features=64, dtype=dtype)
        assert objective.chunk < 1200
        return plan(objective, 3, optimizers("momentum", runs), dtype=dtype), start(objective, seeds)

    assert_same_bits(build, (ALL, range(5), [0], [11]))
