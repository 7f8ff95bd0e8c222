"""How far runs end above the lowest training loss there is: the exact optimum, once per loss, where it is cheap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gdrun.descent.examples import Examples
from gdrun.descent.network import Network
from gdrun.descent.objectives import DataObjective
from gdrun.descent.state import Descent
from gdrun.experiment.problem import Problem

CHEAP = 3e8
"""Multiplications that are always worth it."""
KEPT = 256
NOT_WORTH_IT = "finding the lowest training loss would take longer than the training"


@dataclass
class Bottom:
    """Of one loss: what finding its lowest value takes, and what was found."""

    examples: Examples | None
    """Held, as their identity is a part of the key."""
    passes: float
    """Over the training set."""
    found: tuple[float | None, str] | None = None

    def is_worth(self, made: float) -> bool:
        """Whether it takes less than the passes that a run makes, or next to nothing."""
        size = self.examples.X.size if self.examples else 1
        return self.passes * size <= CHEAP or self.passes <= made


_known: dict[object, Bottom] = {}
"""By loss."""


def lowest(problem: Problem, made: float) -> tuple[float | None, str]:
    """The lowest loss of a run's data, model, loss and penalty; None, and why, where it is not known.

    Whether it is looked for depends on the run alone: on sizes, and on the passes over the training set it makes.
    """
    if problem.network is not None and not _is_linear(problem.network):
        return None, ""
    bottom = _bottom(problem)
    if not bottom.is_worth(made):
        return None, NOT_WORTH_IT
    bottom.found = bottom.found or _found(problem)
    return bottom.found


def passes_made(descent: Descent) -> float:
    """How many passes over the training set a run makes at most; a step on a surface is one."""
    objective = descent.objective
    m = objective.train.m if isinstance(objective, DataObjective) else 1
    return objective.examples(descent.steps) / m


def _is_linear(network: Network) -> bool:
    return len(network.layers) == 1 and network.layers[0].activation == "identity"


def _bottom(problem: Problem) -> Bottom:
    from gdrun.analysis.optimum import passes
    from gdrun.experiment.foresight.run import landscape

    model = problem.settings["model"]
    key = (
        id(problem.train),
        problem.network,
        repr(problem.settings.get("loss")),
        model["l2"] if problem.train else repr(model),
    )
    if key not in _known:
        if len(_known) >= KEPT:
            _known.clear()
        _known[key] = Bottom(problem.train, passes(landscape(problem)))
    return _known[key]


def _found(problem: Problem) -> tuple[float | None, str]:
    from gdrun.analysis.optimum import optimum
    from gdrun.experiment.foresight.run import landscape

    try:
        found = optimum(landscape(problem), np.array(problem.start) if problem.train is None else None)
    except (ArithmeticError, np.linalg.LinAlgError, MemoryError) as error:
        return None, f"the lowest training loss was not found: {error}"
    return found.loss, found.reason


def note(history: Sequence[dict[str, Any]], outcome: dict[str, Any], bottom: float | None) -> None:
    """Add the excess loss to a run's records and outcome, where the lowest loss is known; no less than 0."""
    if bottom is None:
        return
    for row in history:
        if row.get("train_loss") is not None:
            row["excess_loss"] = max(row["train_loss"] - bottom, 0.0)
    outcome["final_excess_loss"] = max(outcome["final_train_loss"] - bottom, 0.0)
