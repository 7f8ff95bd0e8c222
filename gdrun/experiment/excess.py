"""How far runs end above the lowest training loss there is: the exact optimum, once per loss, where it is cheap."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gdrun.descent.network import Network
from gdrun.descent.objectives import Examples
from gdrun.experiment.problem import Problem

CHEAP = 3e8
"""Multiplications that are always worth it."""
KEPT = 256
NOT_WORTH_IT = "finding the lowest training loss would take longer than the training"

_known: dict[object, tuple[Examples | None, float | None, str]] = {}
"""By loss: the examples, which keeps their identity theirs, the lowest loss, and why there is none."""


def lowest(problem: Problem, passes_made: float) -> tuple[float | None, str]:
    """The lowest loss of a run's data, model, loss and penalty; None, and why, where it is not known.

    Whether it is looked for depends on the run alone: on sizes, and on the passes over the training set it makes.
    """
    if problem.network is not None and not _is_linear(problem.network):
        return None, ""
    model = problem.settings["model"]
    key = (
        id(problem.train),
        problem.network,
        repr(problem.settings.get("loss")),
        model["l2"] if problem.train else repr(model),
    )
    if key not in _known:
        found = _found(problem, passes_made)
        if found is None:
            return None, NOT_WORTH_IT
        if len(_known) >= KEPT:
            _known.clear()
        _known[key] = problem.train, *found
    return _known[key][1:]


def _is_linear(network: Network) -> bool:
    return len(network.layers) == 1 and network.layers[0].activation == "identity"


def _found(problem: Problem, passes_made: float) -> tuple[float | None, str] | None:
    """The optimum, computed; None if that is not worth it."""
    from gdrun.analysis.optimum import optimum, passes
    from gdrun.experiment.foresight import landscape

    objective = landscape(problem)
    needed, size = passes(objective), problem.train.X.size if problem.train else 1
    if needed * size > CHEAP and needed > passes_made:
        return None
    try:
        found = optimum(objective, np.array(problem.start) if problem.train is None else None)
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
