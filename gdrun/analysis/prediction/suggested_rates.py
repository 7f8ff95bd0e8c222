"""Which learning rates to sweep, from the curvature where it says something, else what is usual."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, isfinite, log10
from types import MappingProxyType

import numpy as np

from gdrun.analysis.curvature import Curvature
from gdrun.analysis.prediction.conditions import edge_kind, stable_rate
from gdrun.analysis.prediction.quadratic import rule_of
from gdrun.descent.objectives import DataObjective
from gdrun.descent.optimizers import Optimizer
from gdrun.descent.state import Descent

ANY = (1e-4, 1.0)
"""Where nothing is known."""
POINTS = 9
BEYOND = MappingProxyType({"global": 1.6, "local": 5.0, "bound": 20.0})
"""How far past the edge: an exact one is crossed once, a local one may move, below a bound all rates are good."""
BELOW = 100.0


@dataclass(frozen=True)
class Range:
    """Learning rates from `low` to `high`, evenly spaced in their logarithm."""

    low: float
    high: float
    points: int
    reason: str

    @property
    def rates(self) -> list[float]:
        """The rates, to three digits."""
        return [_rounded(rate, 3) for rate in np.geomspace(self.low, self.high, self.points).tolist()]


def suggested(curvature: Curvature | None, optimizer: Optimizer) -> Range:
    """The range to sweep for one run's optimizer."""
    rule = rule_of(optimizer)
    if rule is None:
        return _usual(optimizer)
    edge = 0.0 if curvature is None else stable_rate(curvature, optimizer)
    if curvature is None or edge <= 0 or not isfinite(edge):
        return Range(*ANY, POINTS, "usual: the curvature says nothing here")
    low = edge / BELOW * (1 - rule.momentum)  # a velocity adds up 1/(1 - β) steps
    kind = {
        "exact": "the largest stable rate",
        "bound": "below which all are stable",
        "alike": "that of a quadratic so curved",
        "local": "that at the start",
    }[edge_kind(curvature, optimizer)]
    high = edge * BEYOND[curvature.validity]
    return Range(_rounded(low), _rounded(high), POINTS, f"around {edge:.3g}, {kind}")


def first_rate(curvature: Curvature, descent: Descent) -> float | None:
    """A rate to begin with, for an optimizer that does not adapt rates; None where the curvature says none.

    Half of the largest stable one, of what is certain to settle where steps see single examples; a velocity adds up
    1/(1 - β) steps.
    """
    rule, edge = rule_of(descent.optimizer), stable_rate(curvature, descent.optimizer)
    if rule is None or edge <= 0 or not isfinite(edge):
        return None
    example, objective = curvature.of_an_example, descent.objective
    if example is not None and isinstance(objective, DataObjective) and objective.batches.batch_size is not None:
        edge = min(edge, 2 / (example / objective.batches.batch_size + curvature.L))
    return _rounded(edge / 2 * (1 - rule.momentum), 1)


def _usual(optimizer: Optimizer) -> Range:
    """Around the rate that is established for an optimizer that adapts it to each parameter."""
    established = optimizer.declared["lr"]
    low, high = ANY if established.required else (established.default / 10, established.default * 100)
    reason = f"usual for {optimizer.kind}, which adapts the rate of each parameter"
    return Range(_rounded(low), _rounded(high), POINTS, reason)


def _rounded(value: float, digits: int = 2) -> float:
    """To so many significant digits."""
    return round(value, digits - 1 - floor(log10(value)))
