"""Small stacks to descend on, and what is seen of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from gdrun.descent.batches import Batches
from gdrun.descent.examples import Examples
from gdrun.descent.landscape import SurfaceObjective
from gdrun.descent.loop import Outcome, Rows, descend
from gdrun.descent.losses import Loss
from gdrun.descent.models import Model
from gdrun.descent.objectives import DataObjective, Objective
from gdrun.descent.optimizers import Optimizer
from gdrun.descent.parts import Array, Part, stacked
from gdrun.descent.schedules import Schedule
from gdrun.descent.state import Descent, begin
from gdrun.descent.surfaces import Surface
from tests.cases import LOSS_SETTINGS, MODELS, VARIANTS, ModelCase, SurfaceCase, VariantCase, complete

FLOAT64, FLOAT32 = np.dtype(np.float64), np.dtype(np.float32)
INF, NAN = float("inf"), float("nan")
Settings = Mapping[str, Any]

LINEAR = next(case for case in MODELS if case.name == "linear")
each_unit = pytest.mark.parametrize("unit", ["epochs", "steps"])


def part(family: type[Part], kind: str, runs: Sequence[Settings], dtype: np.dtype[Any] = FLOAT64) -> Any:
    """A part of that family for R runs."""
    return stacked(family.kinds[kind], [complete(family.kinds[kind], dict(run)) for run in runs], dtype)


def sample(m: int, features: int, classes: int | None, outputs: int, dtype: np.dtype[Any], seed: int = 0) -> Examples:
    """Noisy examples of one linear rule, the same for every seed; every class occurs."""
    rule = np.random.default_rng(5).normal(size=(features, classes or 1))
    rng = np.random.default_rng([seed, m, features])
    x = rng.normal(size=(m, features))
    scores = x @ rule + rng.normal(size=(m, classes or 1)) * 0.5
    X = np.column_stack([x, np.ones(m)]).astype(dtype)
    if classes is None:
        return Examples(X, scores.astype(dtype), None)
    labels: NDArray[np.intp] = scores.argmax(axis=1)
    assert len(set(labels.tolist())) == classes
    Y = labels[:, None].astype(dtype) if outputs == 1 else np.eye(outputs, dtype=dtype)[labels]
    return Examples(X, Y, labels)


def learning(
    case: ModelCase,
    *,
    loss: str | None = None,
    variant: VariantCase = VARIANTS[0],
    seeds: Sequence[int] = (0,),
    l2: Sequence[float] = (0.0,),
    m: int = 23,
    features: int = 3,
    held_out: int = 11,
    dtype: np.dtype[Any] = FLOAT64,
) -> DataObjective:
    """A model's loss on a sample; `loss` left out is the model's own."""
    model: Model = part(Model, case.kind, [case.settings], dtype)
    outputs = model.outputs(case.classes)
    kind = loss or model.losses(case.classes)[0]
    return DataObjective(
        network=model.network(features, outputs),
        loss=part(Loss, kind, [LOSS_SETTINGS.get(kind, {})] * len(seeds), dtype),
        l2=np.array(l2, dtype).reshape(-1, 1),
        train=sample(m, features, case.classes, outputs, dtype),
        held_out=sample(held_out, features, case.classes, outputs, dtype, seed=1) if held_out else None,
        batches=Batches(m, variant.batch_size, variant.replacement, np.array(seeds, np.uint64)),
    )


def start(objective: DataObjective, seeds: Sequence[int], kind: str = "xavier") -> Array:
    """Initial parameters (R, P)."""
    return np.array([objective.network.initial(kind, None, seed) for seed in seeds], objective.train.X.dtype)


def surface(
    case: SurfaceCase, runs: Sequence[Settings], seeds: Sequence[int], dtype: np.dtype[Any]
) -> SurfaceObjective:
    """A surface for R runs whose settings may differ from the case's."""
    settings = [{**case.settings, **run} for run in runs]
    return SurfaceObjective(part(Surface, case.kind, settings, dtype), np.array(seeds, np.uint64))


def plan(
    objective: Objective,
    steps: int,
    optimizer: tuple[str, Sequence[Settings]],
    schedule: tuple[str, Sequence[Settings]] = ("constant", [{}]),
    dtype: np.dtype[Any] = FLOAT64,
    **rest: Any,
) -> Descent:
    """The descent of R runs, parts given as kind and one dict of settings per run."""
    schedules = [dict(settings) for settings in schedule[1]]
    return Descent(
        objective=objective,
        optimizer=part(Optimizer, *optimizer, dtype=dtype),
        schedule=part(Schedule, schedule[0], schedules * (len(optimizer[1]) if len(schedules) == 1 else 1), dtype),
        steps=steps,
        **rest,
    )


Row = dict[str, Any]


class Watch:
    """Keeps the rows of each run; a column that was not evaluated is absent, as an empty cell of a CSV is."""

    def __init__(self) -> None:
        self.rows: dict[int, list[Row]] = {}

    def __call__(self, rows: Rows) -> None:
        for place, run in enumerate(rows.runs.tolist()):
            row: Row = {"step": rows.step, "examples": rows.examples}
            row |= {name: column[place] for name, column in rows.values.items()}
            if rows.parameters is not None:
                row["parameters"] = rows.parameters[place]
            self.rows.setdefault(run, []).append(row)

    def column(self, run: int, name: str) -> Array:
        """A run's column, NaN where it is absent."""
        return np.array([row.get(name, np.nan) for row in self.rows[run]])


def train(descent: Descent, parameters: Array) -> tuple[dict[int, Outcome], Watch]:
    """Descend from a copy of the parameters."""
    watch = Watch()
    return descend(descent, begin(descent, parameters.copy()), watch), watch
