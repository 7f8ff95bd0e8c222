"""Losses: from a model's outputs (R, B, K) and targets (R or 1, B, 1) to the sum over examples and its slopes, scaled.

A new loss is one class with `total`; the objective divides by the number of examples where `averaged` says so.
K is 1 for regression and for two classes told apart by one logit, whose targets are 0 and 1; else there is one logit
per class, and the targets are the places of the right ones' logits, which `located` finds for class numbers. In memory
an output's examples lie beside each other, (K, R, B).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gdrun.descent.parts import Array, Numbers, Part, setting
from gdrun.descent.sums import inner, total

Targets: TypeAlias = NDArray[Any]
"""Numbers (R or 1, B, 1): values; classes 0 and 1; or, of more classes, the right one's number or place in memory."""


def located(targets: Targets, outputs: Array) -> Targets:
    """Targets (…, S, B, 1), each for R/S neighbouring runs, as a loss takes them for outputs (R, B, K): (…, R, B, 1).

    Where each class has its output, class numbers become places: where in memory the right one's lies among all.
    """
    runs, _, K = outputs.shape
    *many, groups, size, _ = targets.shape
    if K > 1:
        firsts, step = _layout(outputs.shape, outputs.strides, outputs.itemsize)
        places: Targets = (targets * step)[..., None, :, :] + firsts.reshape(groups, -1, size, 1)
        return places.reshape(*many, runs, size, 1)
    return targets if groups == 1 else np.repeat(targets, runs // groups, axis=-3)


@lru_cache(maxsize=64)
def _layout(shape: tuple[int, ...], strides: tuple[int, ...], itemsize: int) -> tuple[Targets, int]:
    """Where the first output of each example lies, (R, B, 1), and how far it is from one to the next."""
    run, example, output = (stride // itemsize for stride in strides)
    return np.arange(shape[0])[:, None, None] * run + np.arange(shape[1])[:, None] * example, output


class Loss(Part):
    """Family of losses."""

    averaged: ClassVar[bool] = True
    """The mean over examples, and not their sum."""

    def total(self, outputs: Array, targets: Targets, scale: Array) -> Numbers:
        """The examples' losses added up, (R, 1); `outputs` is overwritten with their slopes times `scale`.

        The targets are those that `located` gives; the scale is one number, (1, 1, 1), or one per example, (R, B, 1).
        """
        raise NotImplementedError

    def best_constant(self, targets: Array) -> Array:
        """The output (K,) that, given to every example, has the smallest loss; targets (m, K), classes one-hot."""
        raise NotImplementedError


class HalfMSE(Loss, kind="half_mse"):
    """1/(2m) Σ(ŷ-y)²: the textbook's J, default for regression."""

    def total(self, outputs: Array, targets: Targets, scale: Array) -> Numbers:
        outputs -= targets
        halves = inner(outputs, outputs) * 0.5
        outputs *= scale
        return halves

    def best_constant(self, targets: Array) -> Array:
        return np.asarray(targets.mean(axis=0))


class MSE(HalfMSE, kind="mse"):
    """1/m Σ(ŷ-y)²: as PyTorch and scikit-learn have it."""

    def total(self, outputs: Array, targets: Targets, scale: Array) -> Numbers:
        outputs -= targets
        squares = inner(outputs, outputs)
        outputs *= 2 * scale
        return squares


class SumSquares(HalfMSE, kind="sum_squares"):
    """½ Σ(ŷ-y)²: the textbook's E, a sum over the batch and not a mean."""

    averaged = False


class MAE(Loss, kind="mae"):
    """1/m Σ|ŷ-y|: outliers count no more than their distance."""

    def total(self, outputs: Array, targets: Targets, scale: Array) -> Numbers:
        outputs -= targets
        distances = total(np.abs(outputs))
        np.sign(outputs, out=outputs)
        outputs *= scale
        return distances

    def best_constant(self, targets: Array) -> Array:
        return np.asarray(np.median(targets, axis=0))


class Huber(Loss, kind="huber"):
    """Squared near the target, absolute far from it (Huber 1964; torch HuberLoss)."""

    delta: Numbers = setting(1.0, above=0, help="distance at which the square turns into a line")

    def total(self, outputs: Array, targets: Targets, scale: Array) -> Numbers:
        outputs -= targets
        delta = np.reshape(self.delta, (-1, 1, 1))
        slopes = np.clip(outputs, -delta, delta)
        losses = inner(slopes, outputs) - inner(slopes, slopes) * 0.5
        np.multiply(slopes, scale, out=outputs)
        return losses

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

    def total(self, outputs: Array, targets: Targets, scale: Array) -> Numbers:
        rule = _two_classes if outputs.shape[2] == 1 else _classes
        return rule(outputs, targets, scale)

    def best_constant(self, targets: Array) -> Array:
        shares = targets.mean(axis=0)
        return np.asarray(np.log(shares) - (np.log(1 - shares) if targets.shape[1] == 1 else 0))


def _classes(Z: Array, places: Targets, scale: Array) -> Numbers:
    """Softmax cross-entropy; the largest logit is taken off first, so nothing overflows."""
    logits, flat, places, scale = _by_class(Z), _flat(Z), places.reshape(-1), scale.reshape(-1)
    logits -= np.maximum.reduce(logits, axis=0)
    right = flat.take(places)
    np.exp(logits, out=logits)
    sums = np.add.reduce(logits, axis=0)
    logits *= np.divide(scale, sums)
    np.subtract.at(flat, places, scale)
    losses = np.log(sums, out=sums)
    losses -= right
    return total(losses.reshape(len(Z), -1))


def _by_class(Z: Array) -> Array:
    """A view (K, R B) of logits (R, B, K)."""
    return Z.transpose(2, 0, 1).reshape(Z.shape[2], -1, copy=False)


def _flat(Z: Array) -> Array:
    """All logits (R, B, K) in the order in which they lie in memory."""
    return (Z if Z.flags.c_contiguous else Z.transpose(2, 0, 1)).reshape(-1, copy=False)


def _two_classes(z: Array, y: Targets, scale: Array) -> Numbers:
    """Logistic loss max(z, 0) - z y + log(1 + exp(-|z|)); the slope is the probability less y."""
    small = np.exp(-np.abs(z))
    losses = total(np.maximum(z, 0) - z * y + np.log1p(small))  # summed apart, large z would round the rest away
    np.divide(np.maximum(small, z >= 0), 1 + small, out=z)  # 1 or small; `where` would take five times as long
    z -= y
    z *= scale
    return losses


class Hinge(Loss, kind="hinge"):
    """How far the right class is from winning by a margin of 1 (Crammer & Singer 2001)."""

    def total(self, outputs: Array, targets: Targets, scale: Array) -> Numbers:
        rule = _margin if outputs.shape[2] == 1 else _margins
        return rule(outputs, targets, scale)

    def best_constant(self, targets: Array) -> Array:
        shares = targets.mean(axis=0)
        if targets.shape[1] == 1:
            return np.where(shares > 0.5, 1.0, -1.0)
        return np.where((shares > 0.5) & (shares == shares.max()), 1.0, 0.0)


def _margin(z: Array, y: Targets, scale: Array) -> Numbers:
    signs = 2 * y - 1
    missing = np.maximum(1 - signs * z, 0)
    np.copyto(z, np.where(missing > 0, -scale * signs, 0))
    return total(missing)


def _margins(Z: Array, places: Targets, scale: Array) -> Numbers:
    flat = _flat(Z)
    right = flat.take(places)
    Z += 1
    flat[places] = right
    rivals = located(Z.argmax(axis=2)[:, :, None], Z)
    losses = total(flat.take(rivals) - right)
    Z[...] = 0
    flat[rivals] = scale
    flat[places] -= scale
    return losses
