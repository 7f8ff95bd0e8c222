"""The trivial prediction, the same for every example: what a model has to be better than."""

from __future__ import annotations

import numpy as np

from gdrun.descent.examples import Examples
from gdrun.descent.losses import Loss, located
from gdrun.descent.parts import Array


def constant_loss(loss: Loss, train: Examples) -> float:
    """The smallest training loss of a prediction that is the same for every example."""
    with np.errstate(all="ignore"):
        outputs = np.broadcast_to(loss.best_constant(train.Y), train.Y.shape)[None].astype(train.Y.dtype)
        targets, unscaled = located(train.targets[None], outputs), np.ones((1, 1, 1), outputs.dtype)
        total = float(loss.total(np.array(outputs), targets, unscaled)[0, 0])
    return total / train.m if loss.averaged else total


def trivial_metrics(train: Examples, held_out: Examples, target_scale: float) -> dict[str, float]:
    """Metrics on held-out examples of always predicting the training set's majority class, or its mean."""
    if train.labels is not None and held_out.labels is not None:
        majority = int(np.bincount(train.labels).argmax())
        return {"accuracy": float(np.mean(held_out.labels == majority))}
    errors: Array = held_out.Y - train.Y.mean(axis=0)
    spread = float(np.sum((held_out.Y - held_out.Y.mean(axis=0)) ** 2))
    squares = float(np.sum(errors**2))
    r2 = 1 - squares / spread if spread > 0 else float("nan")
    return {"r2": r2, "rmse": float(np.sqrt(squares / held_out.m)) * target_scale}
