"""The lowest loss there is, where it is known."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gdrun.experiment.again import posed_again
from gdrun.experiment.results.records import Records
from gdrun.experiment.stack import surface_objective
from gdrun.pictures.candidates import Panel
from gdrun.pictures.scene import Scene

BEGINNINGS = ("start", "bounds", "noise", "initial", "initial_scale")
"""Settings of a model that say where and how one descends, and not on what."""

SAME, TINY = 1e-6, 1e-12
"""How far apart, relatively and absolutely, two lowest losses may be to be one."""


def known_optimum(scene: Scene, panel: Panel) -> float | None:
    """The lowest training loss of what all runs descend on; None if it is not known, or they are on several."""
    runs = [result.row for candidate in panel.candidates for result in candidate.runs if result.status != "failed"]
    found = [_recorded(scene.history.get(str(line["id"]), {})) for line in runs]
    known = [lowest for lowest in found if lowest is not None]
    if not known or len(known) < len(runs):
        return _of_a_surface(runs)
    return known[0] if np.ptp(known) <= SAME * max(map(abs, known)) + TINY else None


def _recorded(records: Records) -> float | None:
    """What a run was measured from: its training loss less its excess over the lowest one, where that is least."""
    above = records.get("excess_loss", np.empty(0))
    there = np.flatnonzero(np.isfinite(above) & (above > 0))
    if not len(there):
        return None
    least = there[above[there].argmin()]
    return float(records["train_loss"][least] - above[least])


def _of_a_surface(lines: Sequence[Mapping[str, Any]]) -> float | None:
    """The lowest height of a surface."""
    if not lines or any(line.get("model.kind") != "surface" for line in lines):
        return None
    surfaces = {json.dumps(shape(json.loads(line["config"])["model"])): line for line in lines}
    if len(surfaces) > 1:
        return None
    problem = posed_again(lines[0])
    surface = surface_objective([problem]).surface
    minima = surface.minima(problem.variables)
    return float(surface.value(np.array(minima[:1]))[0, 0]) if minima else None


def shape(model: dict[str, object]) -> dict[str, object]:
    """What of a model says which function is descended on."""
    return {name: value for name, value in model.items() if name not in BEGINNINGS}
