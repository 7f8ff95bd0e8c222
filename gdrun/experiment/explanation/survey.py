"""What the explanations of several runs share: their data, and what was measured of their losses, each place once."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import inf
from time import perf_counter
from typing import TypeAlias

from gdrun.analysis.curvature import Curvature, curvature, passes
from gdrun.analysis.diagnosis.units import LayerState, layer_states
from gdrun.descent.objectives import DataObjective
from gdrun.descent.parts import Array
from gdrun.experiment.foresight.run import Ground, affordable, ground, landscape
from gdrun.experiment.problem import Problem
from gdrun.experiment.sources import Sources
from gdrun.experiment.stack import initial
from gdrun.experiment.training import one_thread

SECONDS = 2.0
"""What one measurement may take."""
LATER = Ground(None, None, None, ())
"""Where there was no time to look."""
Place: TypeAlias = Hashable


@dataclass
class Survey:
    """Measurements of losses at the starts and ends of runs, as long as there is time for all of them together.

    Runs that begin at the same place of the same loss share what is measured there.
    """

    seconds: float = inf
    """For all measurements; the first one is always made."""
    sources: Sources = field(default_factory=Sources)
    grounds: dict[Place, Ground] = field(default_factory=dict)
    layers: dict[Place, list[LayerState]] = field(default_factory=dict)
    spent: float = 0.0

    @property
    def open(self) -> bool:
        """Whether there is time for another measurement."""
        return self.spent < self.seconds

    def ground(self, problem: Problem) -> Ground:
        """What is known of the loss around a run's start."""
        place = place_of(problem)
        if place not in self.grounds and self.open:
            with self.timed():
                self.grounds[place] = ground(problem, affordable(problem, SECONDS))
        return self.grounds.get(place, LATER)

    def layers_at_start(self, problem: Problem) -> list[LayerState]:
        """The layers of a network where it begins."""
        place = place_of(problem)
        if place not in self.layers:
            self.layers[place] = layers_at(problem, initial(problem))
        return self.layers[place]

    def curvature_at(self, problem: Problem, point: Array) -> Curvature | None:
        """The curvature at a point (P,), or its largest eigenvalue alone, whichever takes less; None if both take long.

        Raises FloatingPointError where the loss overflows.
        """
        objective = landscape(problem)
        both_ends = passes(objective, len(point)) <= passes(objective, len(point), both_ends=False)
        with self.timed(), one_thread():
            if passes(objective, len(point), both_ends) > affordable(problem, SECONDS):
                return None
            return curvature(objective, point, both_ends)

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Count what is done within."""
        begin = perf_counter()
        try:
            yield
        finally:
            self.spent += perf_counter() - begin


def place_of(problem: Problem) -> Place:
    """What runs have in common that begin at the same place of the same loss."""
    settings = problem.settings
    descended = {name: settings.get(name) for name in ("dataset", "model", "loss")}
    return repr(descended), problem.config.dtype, initial(problem).tobytes()


def layers_at(problem: Problem, point: Array) -> list[LayerState]:
    """The layers of a network at some parameters (P,)."""
    objective = landscape(problem)
    assert isinstance(objective, DataObjective)
    with one_thread():
        return layer_states(objective, point)
