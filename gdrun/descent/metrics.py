"""Metrics: the share of examples told right; R² and the root of the mean squared error of numbers."""

from __future__ import annotations

import numpy as np

from gdrun.descent.examples import Examples
from gdrun.descent.parts import Array, Numbers
from gdrun.descent.sums import inner, total


def score(outputs: Array, examples: Examples, rows: slice, threshold: float) -> Numbers:
    """Of some examples the sum of squared errors, or how many are told right, (R, 1), from outputs (R, B, K)."""
    if examples.labels is None:
        errors = outputs - examples.Y[rows]
        return inner(errors, errors)
    told = outputs[:, :, 0] > threshold if outputs.shape[2] == 1 else outputs.argmax(axis=2)
    return total((told == examples.labels[rows]).astype(outputs.dtype))


def metrics(scores: Array, examples: Examples, target_scale: float) -> dict[str, Array]:
    """Each metric (R,) from the scores (R,) of all examples; the error in the target's own unit."""
    if examples.labels is not None:
        return {"accuracy": scores / examples.m}
    spread = float(np.sum((examples.Y - examples.Y.mean(axis=0)) ** 2))
    r2 = 1 - scores / spread if spread > 0 else np.full_like(scores, np.nan)
    return {"r2": r2, "rmse": np.sqrt(scores / examples.m) * target_scale}
