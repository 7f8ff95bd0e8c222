"""The lowest loss there is, where it is known."""

from __future__ import annotations

import json

import numpy as np

from gdrun.experiment.again import posed_again
from gdrun.experiment.stack import surface_objective
from gdrun.pictures.scene import Panel

BEGINNINGS = ("start", "bounds", "noise", "initial", "initial_scale")
"""Settings of a model that say where and how one descends, and not on what."""


def known_optimum(panel: Panel) -> float | None:
    """The lowest height of the surface that all runs descend on; None if it is not known, or they are on several."""
    lines = [result.row for candidate in panel.candidates for result in candidate.runs]
    if any(line.get("model.kind") != "surface" for line in lines):
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
