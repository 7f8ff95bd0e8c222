"""Plain gradient descent, and with a velocity: momentum and Nesterov's."""

from __future__ import annotations

import numpy as np

from gdrun.descent.optimizers.base import Optimizer, State, zeros
from gdrun.descent.parts import Array, Numbers, setting


class GradientDescent(Optimizer, kind="gd"):
    """Plain gradient descent: the step goes straight down the gradient (torch.optim.SGD)."""

    linear = True

    def direction(self, gradient: Array, state: State, out: Array) -> Array:
        return gradient


class Momentum(Optimizer, kind="momentum"):
    """Heavy ball: steps add up in a velocity that decays (Polyak 1964; torch.optim.SGD with momentum)."""

    linear = True
    momentum: Numbers = setting(0.9, at_least=0, below=1, help="share of the velocity kept each step")

    def state(self, parameters: Array) -> State:
        return zeros(parameters, "velocity")

    def direction(self, gradient: Array, state: State, out: Array) -> Array:
        velocity = state["velocity"]
        velocity *= self.momentum
        velocity += gradient
        return velocity


class Nesterov(Momentum, kind="nesterov"):
    """Momentum that looks ahead (Nesterov 1983; torch.optim.SGD with nesterov=True)."""

    def direction(self, gradient: Array, state: State, out: Array) -> Array:
        velocity = state["velocity"]
        velocity *= self.momentum
        velocity += gradient
        np.multiply(velocity, self.momentum, out=out)
        out += gradient
        return out
