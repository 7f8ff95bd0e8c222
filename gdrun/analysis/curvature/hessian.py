"""Hessian-vector products from gradients: all points that a block of vectors leads to are one stack."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

import numpy as np

from gdrun.descent.batches import Batches
from gdrun.descent.examples import Examples
from gdrun.descent.landscape import SurfaceObjective
from gdrun.descent.objectives import DataObjective
from gdrun.descent.optimizers import norm
from gdrun.descent.parts import Array, Numbers, settings_of
from gdrun.descent.room import Room

Landscape: TypeAlias = DataObjective | SurfaceObjective

REACH = 2e-6
"""Length of a difference in units of the parameters: rounding, about eps/REACH, and bending, about REACH², both stay
below 1e-9 of the largest eigenvalue."""
DOUBT = 3e-5
"""A product whose two one-sided differences differ by more than this share is taken again with a shorter reach."""
SHORTER = 10.0
RETRIES = 4
BLOCK = 8
"""Vectors that are multiplied at a time where all belong to one point."""


class Hessian:
    """The Hessians of R runs' training loss, each at the run's own parameters (R, P).

    A product is the central difference (∇f(θ + hv) - ∇f(θ - hv)) / 2h. Where a kink (relu, |·|, hinge) or a strong bend
    lies within reach, the forward and the backward difference do not agree: there h is made shorter.
    """

    def __init__(self, objective: Landscape, parameters: Array) -> None:
        self.points = np.asarray(parameters, np.float64)
        runs = np.arange(len(self.points))
        self.objective = whole(objective)
        self.both = self.objective.select(np.concatenate([runs, runs]))
        self.slopes = np.empty_like(self.points)
        with np.errstate(all="ignore"):
            self.objective.loss_and_gradient(self.points, 0, self.slopes)
        self.moved, self.pair = np.empty((2, 2 * len(runs), self.points.shape[1]))
        self.reach = REACH * np.maximum(1, norm(self.points) / np.sqrt(self.points.shape[1]))
        self.largest = np.zeros((len(runs), 1))
        """The longest product of each run so far, per length of the vector: what a disagreement is measured by."""

    def times(self, vectors: Array) -> Array:
        """Each run's H v, for its own v: (R, P) to (R, P)."""
        length = norm(vectors)
        length = np.where(length > 0, length, 1)
        h = self.reach / length
        with np.errstate(all="ignore"):
            product, doubt = self._difference(vectors, h)
            for _ in range(RETRIES):
                rough = doubt > DOUBT * np.maximum(norm(product), self.largest * length)
                if not rough.any():
                    break
                h = np.where(rough, h / SHORTER, h)
                shorter, its_doubt = self._difference(vectors, h)
                better = rough & (its_doubt < doubt)
                product, doubt = np.where(better, shorter, product), np.where(better, its_doubt, doubt)
            self.largest = np.fmax(self.largest, norm(product) / length)
        return product

    def _difference(self, vectors: Array, h: Numbers) -> tuple[Array, Numbers]:
        """The central difference (R, P), and how far the two one-sided ones are apart (R, 1)."""
        runs = len(vectors)
        np.multiply(vectors, h, out=self.moved[:runs])
        np.subtract(self.points, self.moved[:runs], out=self.moved[runs:])
        self.moved[:runs] += self.points
        self.both.loss_and_gradient(self.moved, 0, self.pair)
        ahead, behind = self.pair[:runs], self.pair[runs:]
        return (ahead - behind) / (2 * h), norm(ahead - 2 * self.slopes + behind) / h


def whole(objective: Landscape) -> Landscape:
    """The same without chance: all training examples at each step, no noise, in double precision."""
    if isinstance(objective, SurfaceObjective):
        settings = {name: getattr(objective.surface, name) for name in settings_of(type(objective.surface))}
        settings["noise"] = np.zeros((len(objective.seeds), 1))
        return SurfaceObjective(type(objective.surface)(**settings), objective.seeds)
    return whole_training(objective)


def whole_training(objective: DataObjective) -> DataObjective:
    """A model's loss on all training examples, in double precision."""
    train, runs = objective.train, objective.batches.seeds
    exact = Examples(train.X.astype(np.float64, copy=False), train.Y.astype(np.float64, copy=False), train.labels)
    l2 = objective.l2.astype(np.float64)
    return replace(
        objective, train=exact, l2=l2, held_out=None, batches=Batches(train.m, None, False, runs), room=Room()
    )


def products(objective: Landscape, point: Array, vectors: Array) -> Array:
    """H v at one point (P,) for the rows (n, P) of a block of vectors, in stacks of the same size."""
    found = np.empty(vectors.shape)
    hessian = Hessian(objective.select(np.zeros(BLOCK, np.intp)), np.tile(point, (BLOCK, 1)))
    for start in range(0, len(vectors), BLOCK):
        block = np.zeros((BLOCK, len(point)))
        some = vectors[start : start + BLOCK]
        block[: len(some)] = some
        found[start : start + BLOCK] = hessian.times(block)[: len(some)]
    return found


def dense_hessian(objective: Landscape, point: Array) -> Array:
    """The whole Hessian (P, P) of one run's training loss at a point (P,): P products."""
    H = products(objective, point, np.eye(len(point)))
    return np.asarray((H + H.T) / 2)
