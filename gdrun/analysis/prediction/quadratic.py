"""Gradient descent on a quadratic, followed along its eigenvectors: each goes its own way, whatever the others do."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, inf, log

import numpy as np

from gdrun.analysis.curvature.curvature import Modes
from gdrun.descent.optimizers import GradientDescent, Momentum, Nesterov, Optimizer
from gdrun.descent.parts import Array

FOLLOWED = 20_000
"""Most steps that are followed one by one."""


@dataclass(frozen=True)
class Rule:
    """How a step uses the slope: v ← βv + ∇f + weight_decay θ, θ ← θ - lr v, or with Nesterov's look ahead."""

    momentum: float = 0.0
    ahead: bool = False
    weight_decay: float = 0.0

    def roots(self, curvatures: Array, rate: float) -> Array:
        """What a step multiplies the distance by in the long run, complex where it swings, (n,); decay included.

        The larger root of r² - (1 + β - lr λ) r + β, or with Nesterov of r² - (1 + β)(1 - lr λ) r + β (1 - lr λ).
        """
        left, beta = 1 - rate * (curvatures + self.weight_decay).astype(complex), self.momentum
        if beta == 0:
            return left
        b, c = ((1 + beta) * left, beta * left) if self.ahead else (left + beta, beta)
        root = np.sqrt(b * b - 4 * c)
        one, other = (b + root) / 2, (b - root) / 2
        return np.asarray(np.where(np.abs(one) >= np.abs(other), one, other))


def rule_of(optimizer: Optimizer) -> Rule | None:
    """The rule of one run's optimizer; None if it adapts the rate of each parameter."""
    if type(optimizer) not in (GradientDescent, Momentum, Nesterov):
        return None
    momentum = float(optimizer.momentum[0, 0]) if isinstance(optimizer, Momentum) else 0.0
    return Rule(momentum, isinstance(optimizer, Nesterov), float(optimizer.weight_decay[0, 0]))


@dataclass(frozen=True)
class Course:
    """How a quadratic's loss above its minimum goes: (T + 1,), from the start on."""

    excess: Array
    shares: Array
    """Of each mode in the last one, (n,)."""
    distances: Array
    """Of each mode, at the end, from where it would settle."""
    floor: float
    """Where it would settle: above 0 with weight decay."""

    @property
    def steps(self) -> int:
        """How many were followed."""
        return len(self.excess) - 1


def follow(modes: Modes, rule: Rule, rates: Array, until: float = 0.0) -> Course:
    """Take steps with these rates (T,), until the excess loss is as low as `until`, or is beyond all bounds."""
    curvatures, pull = modes.eigenvalues, modes.eigenvalues + rule.weight_decay
    settled = -rule.weight_decay * (modes.places - modes.offsets) / pull
    distance, velocity = modes.offsets - settled, np.zeros_like(settled)
    excess = [modes.excess]
    with np.errstate(all="ignore"):
        for rate in rates.tolist():
            if not until < excess[-1] < inf:
                break
            slope = pull * distance
            velocity = rule.momentum * velocity + slope
            distance = distance - rate * (slope + rule.momentum * velocity if rule.ahead else velocity)
            excess.append(float(np.vdot(curvatures, (distance + settled) ** 2)) / 2)
        shares = curvatures * (distance + settled) ** 2
    return Course(np.array(excess), shares, distance, float(np.vdot(curvatures, settled**2)) / 2)


def steps_from(course: Course, modes: Modes, rule: Rule, rate: float, until: float) -> float:
    """About how many steps at one rate it takes from where the course ends to an excess loss `until`; inf if never."""
    shrink = np.abs(rule.roots(modes.eigenvalues, rate))
    if course.floor >= until or shrink.max(initial=0) >= 1:
        return inf
    logs = np.log(np.maximum(shrink, 1e-300))
    energy = modes.eigenvalues * course.distances**2 / 2

    def left(steps: float) -> float:
        return float((energy * np.exp(2 * steps * logs)).sum()) + course.floor

    high = 1.0
    while left(high) > until:
        high *= 2
    low = high / 2
    while high - low > max(0.5, 1e-3 * low):
        middle = (low + high) / 2
        low, high = (middle, high) if left(middle) > until else (low, middle)
    return ceil(high)


def swings(root: complex) -> bool:
    """Whether it goes to and fro: half a swing is over before the distance has shrunk by e."""
    size, angle = abs(root), abs(np.angle(root))
    return bool(angle > 0 and (size >= 1 or (size > 0 and angle > -log(size) * np.pi)))
