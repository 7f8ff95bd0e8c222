"""The loss at many points at once: each is a run of a stack that stands there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gdrun.descent.parts import Array
from gdrun.experiment.problem import Problem
from gdrun.experiment.stack import data_objective, surface_objective
from gdrun.experiment.training import one_thread

ROOM = 1 << 26
"""Bytes of parameters that are evaluated at a time."""
TRIED = 16
SEEN = 1e-4
"""A share of the heights' range that is too little to be seen."""


def heights(problem: Problem, points: Array) -> Array:
    """The training loss at some points (N, P), as (N,)."""
    points = points.astype(problem.config.dtype)
    most = max(1, ROOM // max(1, points[:1].nbytes))
    parts = [points[start : start + most] for start in range(0, len(points), most)]
    with np.errstate(all="ignore"), one_thread():
        return np.concatenate([_losses(problem, part) for part in parts]).astype(float)


def _losses(problem: Problem, points: Array) -> Array:
    nowhere = np.zeros(len(points), np.intp)
    if problem.network is None:
        return np.asarray(surface_objective([problem]).select(nowhere).training(points)["train_loss"])
    return data_objective([problem]).select(nowhere).training_loss(points)


def drawn_heights(problem: Problem, points: Array) -> Array:
    """The same in half the digits, which takes half the time, unless that can be seen."""
    if problem.train is None or problem.config.dtype == "float32":
        return heights(problem, points)
    train = replace(problem.train, X=problem.train.X.astype(np.float32), Y=problem.train.Y.astype(np.float32))
    coarse = replace(problem, config=problem.config.model_copy(update={"dtype": "float32"}), train=train)
    found = heights(coarse, points)
    tried = np.linspace(0, len(points) - 1, TRIED).astype(int)
    apart = np.abs(found[tried] - heights(problem, points[tried]))
    return found if np.all(apart <= SEEN * np.ptp(found)) else heights(problem, points)
