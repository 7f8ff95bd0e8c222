"""Losses: from a model's outputs (R, B, K) and the targets (R or 1, B, 1) to the sum over examples and its slopes.

A new loss is one class with `total`; the objective divides by the number of examples where `averaged` says so.
K is 1 for regression and for two classes told apart by one logit, whose targets are 0 and 1; else there is one logit
per class, and the targets are class numbers. In memory an output's examples lie beside each other, (K, R, B).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gdrun.descent.parts import Array, Numbers, Part, setting
from gdrun.descent.sums import inner, ones, total

Targets: TypeAlias = NDArray[Any]
"""Numbers (R or 1, B, 1), whole ones where they number classes."""


class Loss(Part):
    """Family of losses."""

    averaged: ClassVar[bool] = True
    """The mean over examples, and not their sum."""

    def total(self, outputs: Array, targets: Targets, share: float = 1.0) -> Numbers:
        """A share of the examples' losses added up, (R, 1); `outputs` is overwritten with its slopes."""
        raise NotImplementedError

    def best_constant(self, targets: Array) -> Array:
        """The output (K,) that, given to every example, has the smallest loss; targets (m, K), classes one-hot."""
        raise NotImplementedError


class HalfMSE(Loss, kind="half_mse"):
    """1/(2m) Σ(ŷ-y)²: the textbook's J, default for regression."""

    def total(self, outputs: Array, targets: Targets, share: float = 1.0) -> Numbers:
        outputs -= targets
        halves = inner(outputs, outputs) * (0.5 * share)
        outputs *= share
        return halves

    def best_constant(self, targets: Array) -> Array:
        return np.asarray(targets.mean(axis=0))


class MSE(HalfMSE, kind="mse"):
    """1/m Σ(ŷ-y)²: as PyTorch and scikit-learn have it."""

    def total(self, outputs: Array, targets: Targets, share: float = 1.0) -> Numbers:
        outputs -= targets
        squares = inner(outputs, outputs) * share
        outputs *= 2 * share
        return squares


class SumSquares(HalfMSE, kind="sum_squares"):
    """½ Σ(ŷ-y)²: the textbook's E, a sum over the batch and not a mean."""

    averaged = False


class MAE(Loss, kind="mae"):
    """1/m Σ|ŷ-y|: outliers count no more than their distance."""

    def total(self, outputs: Array, targets: Targets, share: float = 1.0) -> Numbers:
        outputs -= targets
        distances = total(np.abs(outputs)) * share
        np.sign(outputs, out=outputs)
        outputs *= share
        return distances

    def best_constant(self, targets: Array) -> Array:
        return np.asarray(np.median(targets, axis=0))


class Huber(Loss, kind="huber"):
    """Squared near the target, absolute far from it (Huber 1964; torch HuberLoss)."""

    delta: Numbers = setting(1.0, above=0, help="distance at which the square turns into a line")

    def total(self, outputs: Array, targets: Targets, share: float = 1.0) -> Numbers:
        outputs -= targets
        delta = np.reshape(self.delta, (-1, 1, 1))
        slopes = np.clip(outputs, -delta, delta)
        losses = inner(slopes, outputs) - inner(slopes, slopes) * 0.5
        np.multiply(slopes, share, out=outputs)
        return losses * share

    def best_constant(self, targets: Array) -> Array:
        low, high = targets.min(axis=0), targets.max(axis=0)
        delta = np.max(self.delta)
        for _ in range(60):  # the pull of the examples falls with the constant: bisection
            middle = (low + high) / 2
            pull = np.clip(targets - middle, -delta, delta).sum(axis=0)
            low, high = np.where(pull > 0, middle, low), np.where(pull > 0, high, middle)
        return np.asarray((low + high) / 2)


class CrossEntropy(Loss, kind="cross_entropy"):
    """-log of the right class's probability, from logits, for two or more classes."""

    def total(self, outputs: Array, targets: Targets, share: float = 1.0) -> Numbers:
        rule = _two_classes if outputs.shape[2] == 1 else _classes
        return rule(outputs, targets, share)

    def best_constant(self, targets: Array) -> Array:
        shares = targets.mean(axis=0)
        return np.asarray(np.log(shares) - (np.log(1 - shares) if targets.shape[1] == 1 else 0))


def _classes(Z: Array, labels: Targets, share: float) -> Numbers:
    """Softmax cross-entropy; the largest logit is taken off first, so nothing overflows."""
    Z -= np.maximum.reduce(Z, axis=2, keepdims=True)
    flat, places = _flat(Z), _places(Z, labels)
    right = flat.take(places)
    np.exp(Z, out=Z)
    sums = np.matmul(ones(Z.shape[2], Z.dtype)[None], Z.mT)
    Z *= np.divide(share, sums).mT
    flat[places] -= share
    losses = np.log(sums, out=sums)[:, 0]
    losses -= right
    return total(losses) * share


def _flat(Z: Array) -> Array:
    """All logits (R, B, K) in the order in which they lie in memory."""
    return (Z if Z.flags.c_contiguous else Z.transpose(2, 0, 1)).reshape(-1, copy=False)


def _places(Z: Array, labels: Targets) -> Targets:
    """Where the logits of some classes (R or 1, B, 1) lie among all, (R, B)."""
    firsts, step = _layout(Z.shape, Z.strides, Z.itemsize)
    places: Targets = firsts + labels[:, :, 0] * step
    return places


@lru_cache(maxsize=64)
def _layout(shape: tuple[int, ...], strides: tuple[int, ...], itemsize: int) -> tuple[Targets, int]:
    """Where the first logit of each example lies, (R, B), and how far it is from class to class."""
    run, example, label = (stride // itemsize for stride in strides)
    return np.arange(shape[0])[:, None] * run + np.arange(shape[1]) * example, label


def _two_classes(z: Array, y: Targets, share: float) -> Numbers:
    """Logistic loss max(z, 0) - z y + log(1 + exp(-|z|)); the slope is the probability less y."""
    small = np.exp(-np.abs(z))
    losses = total(np.maximum(z, 0) - z * y + np.log1p(small))  # summed apart, large z would round the rest away
    np.divide(np.maximum(small, z >= 0), 1 + small, out=z)  # 1 or small; `where` would take five times as long
    z -= y
    z *= share
    return losses * share


class Hinge(Loss, kind="hinge"):
    """How far the right class is from winning by a margin of 1 (Crammer & Singer 2001)."""

    def total(self, outputs: Array, targets: Targets, share: float = 1.0) -> Numbers:
        rule = _margin if outputs.shape[2] == 1 else _margins
        return rule(outputs, targets, share)

    def best_constant(self, targets: Array) -> Array:
        shares = targets.mean(axis=0)
        if targets.shape[1] == 1:
            return np.where(shares > 0.5, 1.0, -1.0)
        return np.where((shares > 0.5) & (shares == shares.max()), 1.0, 0.0)


def _margin(z: Array, y: Targets, share: float) -> Numbers:
    signs = 2 * y - 1
    missing = np.maximum(1 - signs * z, 0)
    np.copyto(z, np.where(missing > 0, -share * signs, 0))
    return total(missing) * share


def _margins(Z: Array, labels: Targets, share: float) -> Numbers:
    flat, places = _flat(Z), _places(Z, labels)
    right = flat.take(places)
    Z += 1
    flat[places] = right
    rivals = _places(Z, Z.argmax(axis=2)[:, :, None])
    losses = total(flat.take(rivals) - right) * share
    Z[...] = 0
    flat[rivals] = share
    flat[places] -= share
    return losses
