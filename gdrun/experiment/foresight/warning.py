"""What is certain of a run before its first step, where that costs next to nothing: that it will diverge."""

from __future__ import annotations

from gdrun.experiment.problem import Problem
from gdrun.experiment.stack import stack

CHEAP = 1e8
"""Multiplications."""


def divergence(problem: Problem) -> str | None:
    """That a run's rate is above the largest stable one, where the curvature is exact and cheap; None otherwise."""
    if not _is_quadratic(problem):
        return None
    from gdrun.analysis.curvature import curvature
    from gdrun.analysis.prediction import predict

    descent, parameters = stack([problem])
    try:
        known = curvature(descent.objective, parameters[0])  # type: ignore[arg-type]
        found = predict(descent, parameters[0], known)
    except FloatingPointError:
        return None
    if found.verdict != "diverges" or found.factor is None or found.rate <= found.edge:
        return None
    plain = problem.config.optimizer.chosen == "gd" and found.edge == known.stable_rate
    edge = "2/L" if plain else "the largest stable rate"
    return f"lr {found.rate:.4g} is above {edge} = {found.edge:.4g}: predicted to diverge by ×{found.factor:.4g} a step"


def _is_quadratic(problem: Problem) -> bool:
    """Whether the loss is quadratic and its curvature cheap, told without looking at it."""
    if problem.network is None or problem.train is None:
        return problem.settings["model"]["function"] in ("quadratic", "booth", "saddle")
    (m, n), layers = problem.train.X.shape, problem.network.layers
    linear = len(layers) == 1 and layers[0].activation == "identity"
    squares = problem.settings["loss"]["kind"] in ("half_mse", "mse", "sum_squares")
    return linear and squares and bool(m * n * min(m, n) <= CHEAP)
