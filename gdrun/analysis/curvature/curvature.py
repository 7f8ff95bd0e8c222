"""What is known of a loss's curvature, and which learning rates follow from it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf, isinf, sqrt
from typing import Literal, TypeAlias

from gdrun.descent.parts import Array

Validity: TypeAlias = Literal["global", "bound", "local"]


@dataclass(frozen=True)
class Modes:
    """A quadratic loss along its n eigenvectors that are not flat, each by its size.

    The loss above its stationary value is ½ Σ λ (offset)², and each offset, place less stationary place, goes its own
    way under gradient descent.
    """

    eigenvalues: Array
    offsets: Array
    places: Array
    """Where the parameters are along the eigenvectors, counted from 0: what weight decay pulls towards."""

    @property
    def excess(self) -> float:
        """The loss above its stationary value."""
        return float((self.eigenvalues * self.offsets**2).sum() / 2)


@dataclass(frozen=True)
class Curvature:
    """The Hessian of a training loss, L2 penalty included, weight decay not.

    `validity` says where L holds: `global`, everywhere, exactly, as the loss is quadratic; `bound`, no point is curved
    more, while `largest` and `mu` are those of the point; `local`, at the point alone.
    """

    validity: Validity
    convex: bool
    L: float
    """The largest eigenvalue, or the bound on it; infinite where the slope jumps (mae, hinge)."""
    mu: float | None
    """The smallest eigenvalue that is not 0, if none is negative: descent never moves along flat directions, where the
    slope is 0. None if one is negative, or where it was not found."""
    largest: float
    smallest: float | None
    """Ends of the spectrum at the point, zeros included; `smallest` is None where it was not found."""
    flat: int | None
    """Number of directions without curvature; None where it is not known."""
    modes: Modes | None = None
    """Of a quadratic loss whose whole spectrum was computed."""
    of_an_example: float | None = None
    """For a linear model, an upper bound on the curvature of any single example's loss, the penalty included."""

    @property
    def stable_rate(self) -> float:
        """2/L: plain gradient descent with a larger rate leaves a quadratic's minimum; inf if it curves nowhere up."""
        return self._stable(2)

    @property
    def condition(self) -> float | None:
        """κ = L/μ."""
        return None if self.mu is None or isinf(self.L) else self.L / self.mu

    @property
    def best_rate(self) -> float | None:
        """2/(L + μ): the constant rate of gradient descent with the best contraction (Polyak 1987, section 1.4)."""
        return None if self.mu is None else 2 / (self.L + self.mu)

    @property
    def best_contraction(self) -> float | None:
        """(κ - 1)/(κ + 1): what is left of the distance to the minimum after a step at that rate, in the long run."""
        return None if self.condition is None else (self.condition - 1) / (self.condition + 1)

    def momentum_rate(self, beta: float) -> float:
        """2 (1 + β)/L: the largest stable rate of the heavy ball v ← βv + ∇f, θ ← θ - lr v."""
        return self._stable(2 * (1 + beta))

    def nesterov_rate(self, beta: float) -> float:
        """(2 + 2β)/((1 + 2β) L): the largest stable rate of Nesterov's momentum, θ ← θ - lr (∇f + βv)."""
        return self._stable((2 + 2 * beta) / (1 + 2 * beta))

    @property
    def best_momentum(self) -> tuple[float, float] | None:
        """Rate 4/(√L + √μ)² and momentum ((√κ - 1)/(√κ + 1))² of the fastest heavy ball (Polyak 1964).

        Its contraction is the momentum's root.
        """
        if self.mu is None or self.condition is None:
            return None
        root = sqrt(self.condition)
        return 4 / (sqrt(self.L) + sqrt(self.mu)) ** 2, ((root - 1) / (root + 1)) ** 2

    def decayed(self, weight_decay: float) -> Curvature:
        """The curvature that an optimizer with so much (coupled) weight decay meets; `modes` stay those of the loss."""
        if weight_decay == 0:
            return self
        smallest = None if self.smallest is None else self.smallest + weight_decay
        mu = None if self.mu is None else self.mu + weight_decay
        if smallest is not None and (self.flat or mu is None):
            mu = smallest if smallest > 0 else None
        example = None if self.of_an_example is None else self.of_an_example + weight_decay
        return replace(
            self,
            L=self.L + weight_decay,
            mu=mu,
            largest=self.largest + weight_decay,
            smallest=smallest,
            flat=0 if mu is not None else self.flat,
            of_an_example=example,
        )

    def _stable(self, times: float) -> float:
        return times / self.L if self.L > 0 else inf
