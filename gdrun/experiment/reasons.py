"""Why something happened in a run, and what to try: the rate beside the curvature, noise beside the batch size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from gdrun.analysis.circumstances import is_noisy, stable_rate
from gdrun.analysis.curvature import Curvature, curvature, passes
from gdrun.analysis.diagnosis import Code
from gdrun.analysis.modes import rule_of
from gdrun.analysis.suggestion import first_rate
from gdrun.descent.objectives import DataObjective
from gdrun.experiment.ended import Ended
from gdrun.experiment.foresight import Foresight, affordable, foresee, landscape
from gdrun.experiment.problem import Problem
from gdrun.experiment.stack import stack

SECONDS = 2.0
"""What a curvature may take to compute."""
ILL = 100
"""A condition number above this makes plain gradient descent slow."""

Reason: TypeAlias = tuple[list[str], list[str]]
"""Why, and what to try."""


@dataclass(frozen=True)
class Circumstances:
    """What is known of a run beside its records."""

    problem: Problem
    foresight: Foresight
    edge: float
    """The largest stable rate at the start, as far as it is known; infinite where it is not."""
    noisy: bool
    batch_size: int
    rate: float
    """The highest learning rate."""
    end: Curvature | None
    """At the saved weights."""


def circumstances(run: Ended) -> Circumstances:
    """What can be computed of a run's loss in about SECONDS."""
    problem = run.problem
    assert problem is not None
    most = affordable(problem, SECONDS)
    seen = foresee(problem, most)
    descent, _ = stack([problem])
    edge = stable_rate(seen.curvature, descent.optimizer) if seen.curvature else np.inf
    edge = seen.prediction.edge if seen.prediction and rule_of(descent.optimizer) else edge
    objective, size = descent.objective, 1
    if isinstance(objective, DataObjective):
        size = objective.batches.batch_size or objective.batches.m
    end = None
    if run.final is not None and passes(landscape(problem), len(run.final)) <= most:
        try:
            end = curvature(landscape(problem), run.final)
        except FloatingPointError:
            end = None
    rate = max((record["lr"] for record in run.records if record.get("lr")), default=0.0)
    return Circumstances(problem, seen, edge, is_noisy(objective), size, rate, end)


def _adaptive(known: Circumstances) -> bool:
    return rule_of(stack([known.problem])[0].optimizer) is None


def _beside_the_edge(known: Circumstances) -> str:
    """The rate against the largest stable one, and how that is known."""
    seen = known.foresight.curvature
    if seen is None or not np.isfinite(known.edge):
        return ""
    kind = {
        "global": "the largest stable rate",
        "bound": "the bound below which every rate is stable",
        "local": "the largest stable rate at the start",
    }[seen.validity]
    ratio = known.rate / known.edge
    word = f"{ratio:.3g} times" if ratio >= 1 else f"{ratio:.2g} of"
    return f"lr {known.rate:.4g} is {word} {kind}, {known.edge:.4g} (L {seen.L:.4g})"


def _try(known: Circumstances) -> list[str]:
    seen = known.foresight.curvature
    rate = first_rate(seen, stack([known.problem])[0]) if seen else None
    return (
        [f"optimizer.lr={rate:g}"]
        if rate is not None and rate < known.rate
        else [f"optimizer.lr={known.rate / 10:.2g}"]
    )


def _of_divergence(known: Circumstances) -> Reason:
    if _adaptive(known):
        usual = stack([known.problem])[0].optimizer.declared["lr"].default
        kind = known.problem.config.optimizer.chosen
        text = f"lr {known.rate:.4g} is {known.rate / usual:.3g} times the usual {usual:g} of {kind}"
        return [text] if known.rate > usual else [], [f"optimizer.lr={min(usual, known.rate / 10):.2g}"]
    beside = _beside_the_edge(known)
    reasons = [beside] if beside else []
    if beside and known.rate < known.edge and known.noisy:
        reasons.append(f"each step saw {known.batch_size} examples: a batch may be curved more than the whole")
    return reasons, _try(known)


def _of_noise(known: Circumstances) -> Reason:
    noise, problem = known.foresight.noise, known.problem
    m = problem.train.m if problem.train else 1
    reasons = [f"lr was up to {known.rate:.4g} and each step saw {known.batch_size} of {m} examples"]
    if noise is not None and noise.scale > 0:
        reasons.append(
            f"the gradient-noise scale at the start is {noise.scale:.3g} examples: a batch has {known.batch_size}"
        )
    larger = [f"descent.batch_size={min(4 * known.batch_size, problem.train.m)}"] if problem.train else []
    return reasons, ["schedule=cosine", f"optimizer.lr={known.rate / 10:.2g}", *larger]


def _of_creeping(known: Circumstances) -> Reason:
    beside, seen = _beside_the_edge(known), known.foresight.curvature
    reasons = [beside] if beside and not _adaptive(known) else []
    advice = ["a longer budget"]
    if known.rate < 0.3 * known.edge and np.isfinite(known.edge) and not _adaptive(known):
        advice.insert(0, f"optimizer.lr={0.5 * known.edge:.2g}")
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
    return [beside] if beside and not _adaptive(known) else [], [f"optimizer.lr={rate:.2g}"]


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
