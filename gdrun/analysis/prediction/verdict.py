"""What the curvature lets one say of a run before its first step, and where nothing honest can be said."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, inf, isinf
from typing import Literal, TypeAlias

import numpy as np

from gdrun.analysis.curvature import Curvature, Modes
from gdrun.analysis.optimum import Optimum
from gdrun.analysis.prediction.conditions import is_noisy, rates_of, stable_rate
from gdrun.analysis.prediction.quadratic import FOLLOWED, Rule, follow, rule_of, steps_from, swings
from gdrun.descent.objectives import DataObjective, Objective
from gdrun.descent.parts import Array
from gdrun.descent.schedules import Constant, Plateau
from gdrun.descent.state import Descent

Verdict: TypeAlias = Literal["converges", "slow", "oscillates", "diverges", "unknown"]

REACHED = 0.01
"""Share of the start's excess loss at which a run counts as there."""


@dataclass(frozen=True)
class Prediction:
    """What a run will do.

    `slow`: it converges, but the budget ends first. `oscillates`: it goes to and fro, getting closer, if at all, on the
    way. `unknown`: for the reason given.
    """

    verdict: Verdict
    rate: float
    """The highest learning rate of the run."""
    edge: float
    """The largest stable constant rate; one from a local curvature or a bound where nothing better is known."""
    factor: float | None = None
    """What a step multiplies the distance to the minimum by, in the long run; the loss by its square."""
    steps: int | None = None
    """Until the excess loss is a hundredth of what it is at the start; at most so many where `at_most`."""
    at_most: bool = False
    reason: str = ""

    @property
    def text(self) -> str:
        """The prediction in words."""
        words = {"unknown": "no prediction"}.get(self.verdict, self.verdict)
        if self.verdict == "diverges" and self.factor is not None:
            words += f": each step multiplies the distance to the minimum by {self.factor:.4g}"
        elif self.steps is not None:
            words += f": {'at most' if self.at_most else 'about'} {self.steps:,} steps to 1 % of the excess loss"
        return words + (f": {self.reason}" if self.reason else "")


@np.errstate(all="ignore")
def predict(descent: Descent, parameters: Array, curvature: Curvature, optimum: Optimum | None = None) -> Prediction:
    """Predict one run from the curvature at its start (P,).

    With the optimum, convex losses that are not quadratic get a bound on the steps.
    """
    rates, rule = rates_of(descent), rule_of(descent.optimizer)
    known = Prediction("unknown", float(rates.max(initial=0)), stable_rate(curvature, descent.optimizer))
    reason = why_not(descent, curvature, known)
    if rule is None or reason:
        return replace(known, reason=reason)
    if is_noisy(descent.objective):
        return _with_noise(known, rates, rule, curvature, descent)
    constant = isinstance(descent.schedule, Constant) and not np.any(descent.schedule.warmup)
    if curvature.validity == "global":
        return _of_a_quadratic(known, rates, rule, curvature, constant)
    found = _below_a_bound(known, rule, curvature, optimum)
    if found.verdict == "unknown" or optimum is None or not constant or rule.momentum:
        return found
    return replace(found, steps=most_steps(descent.objective, parameters, known.rate, curvature.L, optimum))


def why_not(descent: Descent, curvature: Curvature, known: Prediction) -> str:
    """Why nothing can be said of a run; empty if something can."""
    optimizer = descent.optimizer
    if rule_of(optimizer) is None:
        return f"{optimizer.kind} adapts the rate of each parameter"
    if isinstance(descent.schedule, Plateau):
        return "the rates depend on how the loss falls"
    if optimizer.clip_norm is not None or optimizer.clip_value is not None:
        return "clipped gradients make other steps"
    if isinf(curvature.L):
        return "the slope jumps at kinks: a constant rate hovers, none diverges or settles"
    if curvature.validity == "local":
        side = "above" if known.rate > known.edge else "below"
        return f"not convex: the curvature holds at the start alone, where lr is {side} the edge"
    return ""


def _with_noise(known: Prediction, rates: Array, rule: Rule, curvature: Curvature, descent: Descent) -> Prediction:
    """Of noisy gradients: the mean of the steps is that of full ones, and where that diverges, all do."""
    objective, share, size = descent.objective, 1.0, 1
    if isinstance(objective, DataObjective):
        size = objective.batches.batch_size or objective.batches.m
        if not objective.loss.averaged:
            if objective.penalised:
                return replace(known, reason="batches of a sum of squares weigh the penalty anew")
            share = size / objective.batches.m
    known = replace(known, edge=known.edge / share)
    if curvature.validity == "global" and rates.min(initial=inf) > known.edge:
        root = np.abs(rule.roots(np.array([curvature.L * share]), known.rate))[0]
        return replace(known, verdict="diverges", factor=float(root), reason="even the mean over all batches does")
    if known.rate > known.edge:
        return replace(known, reason="gradients are noisy, and lr is above the edge of full ones")
    words = "gradients are noisy: down to a floor that lr and batch size decide"
    example = curvature.of_an_example
    if example is None or curvature.validity != "global" or rule != Rule() or share != 1:
        return replace(known, reason=f"{words}, if it settles")
    # E[(1 - lr B)²] ≤ 1 - lr (2 - lr (R²/b + L)) for the Hessian B of a batch of b, no example's above R².
    certain = 2 / (example / size + curvature.L)
    settles = "" if known.rate < certain else f", if it settles, which is certain only below {certain:.3g}"
    return replace(known, reason=words + settles)


def _below_a_bound(known: Prediction, rule: Rule, curvature: Curvature, optimum: Optimum | None) -> Prediction:
    """Of a convex loss that nowhere bends more than L: descent is certain below the edge, nothing is beyond."""
    if rule.ahead:
        return replace(known, reason="there is no bound for Nesterov's momentum on a loss that is not quadratic")
    if rule.weight_decay:
        return replace(known, reason="weight decay moves the minimum of a loss that is not quadratic")
    # The heavy ball: Ghadimi, Feyzmahdavian & Johansson 2015, theorem 1.
    known = replace(known, edge=2 * (1 - rule.momentum) / curvature.L if curvature.L > 0 else inf)
    if known.rate >= known.edge:
        return replace(known, reason="lr is above what is certain to converge; the loss may still be less curved")
    if optimum is not None and optimum.loss is None:
        return replace(known, reason=optimum.reason)
    return replace(known, verdict="converges", at_most=True, reason="lr is below a bound that holds everywhere")


def most_steps(objective: Objective, start: Array, rate: float, L: float, optimum: Optimum) -> int | None:
    """The most steps to a hundredth of the excess loss, for a convex loss and a rate below 2/L (Nesterov 2004, 2.1.14).

    None where the optimum is not known.
    """
    if optimum.loss is None or optimum.parameters is None:
        return None
    excess = float(objective.training(start[None].astype(np.float64))["train_loss"][0]) - optimum.loss
    squared = float(np.sum((start - optimum.parameters) ** 2))
    if excess <= 0:
        return 0
    return ceil(2 * squared * (1 / REACHED - 1) / (rate * (2 - L * rate) * excess))


def _of_a_quadratic(known: Prediction, rates: Array, rule: Rule, curvature: Curvature, constant: bool) -> Prediction:
    root = np.abs(rule.roots(np.array([curvature.L]), known.rate))[0]
    if constant and root > 1 + 1e-9:
        return replace(known, verdict="diverges", factor=float(root))
    if not curvature.convex:
        assert curvature.smallest is not None
        growth = np.abs(rule.roots(np.array([curvature.smallest]), known.rate))[0]
        return replace(known, factor=float(growth), reason="there is no minimum: it runs down the slope, ever faster")
    if curvature.modes is None:
        return replace(known, verdict="converges", reason="the loss has too many parameters to say how fast")
    return _followed(known, rates, rule, curvature.modes, constant)


def _followed(known: Prediction, rates: Array, rule: Rule, modes: Modes, constant: bool) -> Prediction:
    """Exactly, along the eigenvectors."""
    start = modes.excess
    target = REACHED * start
    if not constant and len(rates) > FOLLOWED:
        return replace(known, reason="too many steps of a changing rate to follow")
    course = follow(modes, rule, rates[:FOLLOWED], target)
    end = course.excess[-1]
    rate = float(rates[max(course.steps - 1, 0)]) if len(rates) else known.rate
    roots = rule.roots(modes.eigenvalues, rate)
    slowest = roots[np.abs(roots).argmax()] if len(roots) else 0.0
    if not constant and not end <= start:
        return replace(known, verdict="diverges", factor=float(np.abs(slowest)))
    steps: float = course.steps
    if end > target:
        steps = course.steps + steps_from(course, modes, rule, rate, target) if constant else inf
    found = replace(known, factor=float(abs(slowest)), steps=None if isinf(steps) else int(steps))
    dominant = roots[course.shares.argmax()] if len(roots) else 0.0
    if start > 0 and swings(complex(dominant)):
        return replace(found, verdict="oscillates")
    if start > 0 and course.floor >= target:
        return replace(found, verdict="converges", reason="weight decay keeps it above 1 % of the start's excess loss")
    return replace(found, verdict="slow" if steps > len(rates) else "converges")
