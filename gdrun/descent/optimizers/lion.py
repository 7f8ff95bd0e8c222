"""Steps by the sign of the gradient."""

from __future__ import annotations

import numpy as np

from gdrun.descent.optimizers.base import Optimizer, State, average, zeros
from gdrun.descent.parts import Array, Numbers, setting


class Lion(Optimizer, kind="lion"):
    """The sign of an interpolated momentum, decoupled weight decay (Chen et al. 2023, algorithm 2)."""

    decoupled = True
    lr: Numbers = setting(0.0001, above=0, help="learning rate: the size of every component of a step")
    beta1: Numbers = setting(0.9, at_least=0, below=1, help="weight of the momentum in the step")
    beta2: Numbers = setting(0.99, at_least=0, below=1, help="decay of the momentum")

    def state(self, parameters: Array) -> State:
        return zeros(parameters, "momentum")

    def direction(self, gradient: Array, state: State, out: Array) -> Array:
        momentum = state["momentum"]
        np.multiply(gradient, 1 - self.beta1, out=out)
        out += momentum * self.beta1
        np.sign(out, out=out)
        average(momentum, gradient, self.beta2, gradient)
        return out
