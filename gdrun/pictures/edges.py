"""The learning rate from which on a candidate is predicted to diverge: 2/L, and what momentum makes of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from math import isfinite

import numpy as np

from gdrun.analysis.prediction.quadratic import rule_of
from gdrun.experiment.again import AgainError, posed_again
from gdrun.experiment.foresight.run import Ground, affordable, curvature_within, foresee, landscape
from gdrun.experiment.problem import Problem
from gdrun.experiment.stack import initial, stack
from gdrun.experiment.training import one_thread
from gdrun.pictures.candidates import Candidate, Panel
from gdrun.pictures.scene import Scene
from gdrun.pictures.tracks import function

SECONDS = 1.0
"""What the curvature of a loss may take to compute."""
BEYOND = 10.0
"""An edge is drawn up to so many times beyond the rates that were tried."""


@dataclass(frozen=True)
class Edge:
    """A candidate's largest stable learning rate, by the curvature."""

    candidate: Candidate
    rate: float
    validity: str
    """Of the curvature: global, bound or local."""


def edges(scene: Scene, panel: Panel) -> list[Edge]:
    """The edges of the candidates that have one; none of those that adapt their rates, or whose data are gone."""
    grounds: dict[str, Ground] = {}
    found = []
    for candidate in (each for each in panel.candidates if each.colour is not None):
        line = candidate.runs[0].row
        try:
            problem = posed_again(line, scene.sources)
        except AgainError:
            continue
        on = grounds.setdefault(function(line), grounds.get(function(line)) or _ground(problem))
        rate = _edge(problem, on)
        if rate is not None and on.curvature:
            found.append(Edge(candidate, rate, on.curvature.validity))
    return found


def _ground(problem: Problem) -> Ground:
    """The curvature alone: an edge needs neither the optimum nor the noise."""
    with np.errstate(all="ignore"), one_thread():
        try:
            known = curvature_within(affordable(problem, SECONDS), landscape(problem), initial(problem))
        except FloatingPointError:
            known = None
    return Ground(known, None, None, ())


def _edge(problem: Problem, on: Ground) -> float | None:
    if rule_of(stack([problem])[0].optimizer) is None:
        return None
    seen = foresee(problem, on=on).prediction
    return seen.edge if seen and isfinite(seen.edge) else None


def in_sight(found: Collection[Edge], rates: Collection[float]) -> list[Edge]:
    """The edges that lie near the rates that were tried."""
    return [edge for edge in found if min(rates) / BEYOND <= edge.rate <= max(rates) * BEYOND]


def told(found: Collection[Edge]) -> str:
    """What a dotted line stands for."""
    if not found:
        return ""
    kinds = {edge.validity for edge in found}
    how = ", by the curvature at the start" if "local" in kinds else ", a bound" if kinds == {"bound"} else ""
    names: dict[str, list[str]] = {}
    for edge in found:
        names.setdefault(f"{edge.rate:.3g}", []).append(edge.candidate.label)
    rates = ", ".join(f"{rate} ({', '.join(dict.fromkeys(of))})" for rate, of in names.items())
    return f"dotted: predicted to be stable up to {rates}; 2/L for plain descent{how}"
