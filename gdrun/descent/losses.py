"""Losses: from a model's outputs (R, B, K) and the targets (R or 1, B, K) to the sum over examples and its slopes.

A new loss is one class with `total`; the objective divides by the number of examples where `averaged` says so.
K is 1 for regression and for two classes told apart by one logit; else one logit per class, targets one-hot.
In memory an output's examples lie beside each other, (K, R, B).
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from gdrun.descent.parts import Array, Numbers, Part, setting
from gdrun.descent.sums import inner, ones, total


class Loss(Part):
    """Family of losses."""

    averaged: ClassVar[bool] = True
    """The mean over examples, and not their sum."""

    def total(self, outputs: Array, targets: Array) -> Numbers:
        """The examples' losses added up, (R, 1); `outputs` is overwritten with the slopes ∂total/∂outputs."""
        raise NotImplementedError

    def best_constant(self, targets: Array) -> Array:
        """The output (K,) that, given to every example, has the smallest loss; targets (m, K)."""
        raise NotImplementedError


class HalfMSE(Loss, kind="half_mse"):
    """1/(2m) Σ(ŷ-y)²: the textbook's J, default for regression."""

    def total(self, outputs: Array, targets: Array) -> Numbers:
        outputs -= targets
        return inner(outputs, outputs) * 0.5

    def best_constant(self, targets: Array) -> Array:
        return np.asarray(targets.mean(axis=0))


class MSE(HalfMSE, kind="mse"):
    """1/m Σ(ŷ-y)²: as PyTorch and scikit-learn have it."""

    def total(self, outputs: Array, targets: Array) -> Numbers:
        outputs -= targets
        squares = inner(outputs, outputs)
        outputs *= 2
        return squares


class SumSquares(HalfMSE, kind="sum_squares"):
    """½ Σ(ŷ-y)²: the textbook's E, a sum over the batch and not a mean."""

    averaged = False


class MAE(Loss, kind="mae"):
    """1/m Σ|ŷ-y|: outliers count no more than their distance."""

    def total(self, outputs: Array, targets: Array) -> Numbers:
        outputs -= targets
        distances = total(np.abs(outputs))
        np.sign(outputs, out=outputs)
        return distances

    def best_constant(self, targets: Array) -> Array:
        return np.asarray(np.median(targets, axis=0))


class Huber(Loss, kind="huber"):
    """Squared near the target, absolute far from it (Huber 1964; torch HuberLoss)."""

    delta: Numbers = setting(1.0, above=0, help="distance at which the square turns into a line")

    def total(self, outputs: Array, targets: Array) -> Numbers:
        outputs -= targets
        delta = np.reshape(self.delta, (-1, 1, 1))
        slopes = np.clip(outputs, -delta, delta)
        losses = inner(slopes, outputs) - inner(slopes, slopes) * 0.5
        np.copyto(outputs, slopes)
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

    def total(self, outputs: Array, targets: Array) -> Numbers:
        return _two_classes(outputs, targets) if outputs.shape[2] == 1 else _classes(outputs, targets)

    def best_constant(self, targets: Array) -> Array:
        shares = targets.mean(axis=0)
        return np.asarray(np.log(shares) - (np.log(1 - shares) if targets.shape[1] == 1 else 0))


def _classes(Z: Array, Y: Array) -> Numbers:
    """Softmax cross-entropy; the largest logit is taken off first, so nothing overflows."""
    Z -= np.maximum.reduce(Z, axis=2, keepdims=True)
    right = np.vecdot(Z.mT, Y.mT)
    np.exp(Z, out=Z)
    sums = np.matmul(ones(Z.shape[2], Z.dtype)[None], Z.mT)
    Z /= sums.mT
    Z -= Y
    return total(np.log(sums, out=sums)) - total(np.ascontiguousarray(right))


def _two_classes(z: Array, y: Array) -> Numbers:
    """Logistic loss max(z, 0) - z y + log(1 + exp(-|z|)); the slope is the probability less y."""
    small = np.exp(-np.abs(z))
    losses = total(np.maximum(z, 0) - z * y + np.log1p(small))  # summed apart, large z would round the rest away
    np.divide(np.maximum(small, z >= 0), 1 + small, out=z)  # 1 or small; `where` would take five times as long
    z -= y
    return losses


class Hinge(Loss, kind="hinge"):
    """How far the right class is from winning by a margin of 1 (Crammer & Singer 2001)."""

    def total(self, outputs: Array, targets: Array) -> Numbers:
        return _margin(outputs, targets) if outputs.shape[2] == 1 else _margins(outputs, targets)

    def best_constant(self, targets: Array) -> Array:
        shares = targets.mean(axis=0)
        if targets.shape[1] == 1:
            return np.where(shares > 0.5, 1.0, -1.0)
        return np.where((shares > 0.5) & (shares == shares.max()), 1.0, 0.0)


def _margin(z: Array, y: Array) -> Numbers:
    signs = 2 * y - 1
    missing = np.maximum(1 - signs * z, 0)
    np.copyto(z, np.where(missing > 0, -signs, 0))
    return total(missing)


def _margins(Z: Array, Y: Array) -> Numbers:
    right = np.matmul(Z * Y, ones(Z.shape[2], Z.dtype)[:, None])
    Z += 1 - Y
    rival = Z.argmax(axis=2)[:, :, None]
    losses = total(np.take_along_axis(Z, rival, axis=2) - right)
    np.negative(Y, out=Z)
    np.put_along_axis(Z, rival, np.take_along_axis(Z, rival, axis=2) + 1, axis=2)
    return losses
