"""Why something happened in a run, and what to try: the rate beside the curvature, noise beside the batch size."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from gdrun.analysis.diagnosis import Code
from gdrun.analysis.prediction.conditions import edge_kind
from gdrun.analysis.prediction.suggested_rates import first_rate
from gdrun.experiment.explanation.circumstances import Circumstances
from gdrun.experiment.stack import stack

MUCH = 10
"""Times the usual rate, from which on it is a reason."""
LOW = 0.3
"""Share of the edge below which a higher rate is worth a try."""
ILL = 100
"""A condition number above this makes plain gradient descent slow."""

Reason: TypeAlias = tuple[list[str], list[str]]
"""Why, and what to try."""


def _beside_the_edge(known: Circumstances) -> str:
    """The rate against the largest stable one, and how that is known."""
    seen = known.foresight.curvature
    if seen is None or not np.isfinite(known.edge):
        return ""
    kind = {
        "exact": "the largest stable rate",
        "bound": "the bound below which every rate is stable",
        "alike": "the largest stable rate of a quadratic so curved",
        "local": "the largest stable rate at the start",
    }[edge_kind(seen, known.optimizer)]
    ratio = known.rate / known.edge
    word = f"{ratio:.3g} times" if ratio >= 1 else f"{ratio:.2g} of"
    return f"lr {known.rate:.4g} is {word} {kind}, {known.edge:.4g} (L {seen.L:.4g})"


def _too_high(known: Circumstances) -> list[str]:
    """That the rate is above what the curvature or habit allows; nothing if it is not."""
    usual = known.usual_rate
    if not known.adaptive:
        return [_beside_the_edge(known)] if known.unstable else []
    return [_beside_the_usual(known)] if usual is not None and known.rate > MUCH * usual else []


def _beside_the_usual(known: Circumstances) -> str:
    usual, kind = known.usual_rate, known.problem.config.optimizer.chosen
    assert usual is not None
    return f"lr {known.rate:.4g} is {known.rate / usual:.3g} times the usual {usual:g} of {kind}"


def _lower_rate(known: Circumstances) -> str:
    """A setting to try where the rate is too high."""
    seen, usual = known.foresight.curvature, known.usual_rate
    rate = first_rate(seen, stack([known.problem])[0]) if seen else None
    if known.adaptive and usual is not None:
        rate = usual
    return f"optimizer.lr={rate:g}" if rate is not None and rate < known.rate else f"optimizer.lr={known.rate / 10:.2g}"


def _of_divergence(known: Circumstances) -> Reason:
    usual = known.usual_rate
    if known.adaptive:
        above = usual is not None and known.rate > usual
        return [_beside_the_usual(known)] if above else [], [_lower_rate(known)]
    beside = _beside_the_edge(known)
    reasons = [beside] if beside else []
    if beside and known.rate < known.edge and known.noisy:
        reasons.append(f"each step saw {known.batch_size} examples: a batch may be curved more than the whole")
    return reasons, [_lower_rate(known)]


def of_units(known: Circumstances) -> Reason:
    """A rate that is too high drives them to where they are flat."""
    high = _too_high(known)
    return high, [_lower_rate(known)] if high else []


def _of_noise(known: Circumstances) -> Reason:
    problem, high = known.problem, _too_high(known)
    lower = _lower_rate(known) if high else f"optimizer.lr={known.rate / 10:.2g}"
    if problem.train is None:
        noise = problem.settings["model"]["noise"]
        return [*high, f"lr was up to {known.rate:.4g} and each slope has noise of size {noise:g}"], [
            "schedule=cosine",
            lower,
        ]
    m, size, scale = problem.train.m, known.batch_size, known.foresight.noise
    reasons = [*high, f"lr was up to {known.rate:.4g} and each step saw {size} of {m} examples"]
    if scale is not None and scale.scale > 0:
        reasons.append(f"the gradient-noise scale at the start is {scale.scale:.3g} examples: a batch has {size}")
    larger = [] if high else [f"descent.batch_size={min(4 * size, m)}"]
    return reasons, [lower, "schedule=cosine", *larger] if high else ["schedule=cosine", lower, *larger]


def _of_creeping(known: Circumstances) -> Reason:
    beside, seen, usual = _beside_the_edge(known), known.foresight.curvature, known.usual_rate
    reasons = [beside] if beside and not known.adaptive else []
    advice = ["a longer budget"]
    if not known.adaptive and known.rate < LOW * known.edge < np.inf:
        advice.insert(0, f"optimizer.lr={0.5 * known.edge:.2g}")
    if known.adaptive and usual is not None and known.rate * MUCH <= usual:
        reasons.append(_beside_the_usual(known))
        advice.insert(0, f"optimizer.lr={usual:g}")
    if seen is not None and seen.condition is not None and seen.condition > ILL:
        reasons.append(
            f"the condition number is {seen.condition:.3g}: even at the best rate {seen.best_rate:.3g} each step leaves"
            f" {seen.best_contraction:.4f} of the distance"
        )
        advice.append(
            "optimizer.kind=momentum" if known.problem.config.optimizer.chosen == "gd" else "standardized data"
        )
    return reasons, advice


def _of_swings(known: Circumstances) -> Reason:
    beside, seen = _beside_the_edge(known), known.foresight.curvature
    best = seen.best_rate if seen and known.problem.config.optimizer.chosen == "gd" else None
    rate = best if best is not None and best < known.rate else known.rate / 3
    return [beside] if beside and not known.adaptive else [], [f"optimizer.lr={rate:.2g}"]


def _of_overfitting(known: Circumstances) -> Reason:
    problem = known.problem
    m = problem.train.m if problem.train else 0
    reasons = [f"the model has {problem.variables:,} parameters, and there are {m:,} training examples"]
    return reasons, ["stop.patience=10", "model.l2=0.001", "gdrun predict --weights best, which are of that epoch"]


def _of_a_schedule(known: Circumstances) -> Reason:
    kind = known.problem.config.schedule.chosen
    return [f"the schedule is {kind}, with lr {known.rate:.4g} at its highest"], [
        "a longer budget, or a schedule that falls later"
    ]


def _of_nothing(known: Circumstances) -> Reason:
    return [], []


REASONS: dict[Code, Callable[[Circumstances], Reason]] = {
    "diverged": _of_divergence,
    "hovered": _of_noise,
    "crept": _of_creeping,
    "oscillated": _of_swings,
    "overfitted": _of_overfitting,
    "ended_too_soon": _of_a_schedule,
    "converged": _of_nothing,
}
