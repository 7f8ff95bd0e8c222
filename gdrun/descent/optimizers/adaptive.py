"""A rate for each parameter by the size of its gradients: Adagrad, RMSprop, Adadelta."""

from __future__ import annotations

import numpy as np

from gdrun.descent.optimizers.base import Optimizer, State, average, zeros
from gdrun.descent.parts import Array, Numbers, setting


class Adagrad(Optimizer, kind="adagrad"):
    """Each parameter's rate shrinks with the squares of all its gradients (Duchi et al. 2011; torch.optim.Adagrad)."""

    lr: Numbers = setting(0.01, above=0, help="learning rate")
    epsilon: Numbers = setting(1e-10, above=0, help="added to the root of the squares")

    def state(self, parameters: Array) -> State:
        return zeros(parameters, "squares")

    def direction(self, gradient: Array, state: State, out: Array) -> Array:
        squares = state["squares"]
        np.multiply(gradient, gradient, out=out)
        squares += out
        np.sqrt(squares, out=out)
        out += self.epsilon
        np.divide(gradient, out, out=out)
        return out


class RMSprop(Optimizer, kind="rmsprop"):
    """The gradient over the root of the average of its squares (Tieleman & Hinton 2012; torch.optim.RMSprop)."""

    lr: Numbers = setting(0.01, above=0, help="learning rate")
    rho: Numbers = setting(0.99, at_least=0, below=1, help="decay of the average of squares")
    momentum: Numbers = setting(0.0, at_least=0, below=1, help="share of the velocity kept each step")
    centered: bool = setting(False, help="take the average gradient's square off: a variance")
    epsilon: Numbers = setting(1e-8, above=0, help="added to the root")

    def state(self, parameters: Array) -> State:
        return zeros(parameters, "squares", "velocity", *(("mean",) if self.centered else ()))

    def direction(self, gradient: Array, state: State, out: Array) -> Array:
        squares, velocity = state["squares"], state["velocity"]
        np.multiply(gradient, gradient, out=out)
        average(squares, out, self.rho, out)
        if self.centered:
            average(state["mean"], gradient, self.rho, out)
            np.multiply(state["mean"], state["mean"], out=out)
            np.subtract(squares, out, out=out)
            np.maximum(out, 0, out=out)  # under a constant gradient rounding takes the variance below 0
            np.sqrt(out, out=out)
        else:
            np.sqrt(squares, out=out)
        out += self.epsilon
        np.divide(gradient, out, out=out)
        velocity *= self.momentum
        velocity += out
        return velocity


class Adadelta(Optimizer, kind="adadelta"):
    """Steps in units of earlier steps, almost without a rate (Zeiler 2012; torch.optim.Adadelta)."""

    lr: Numbers = setting(1.0, above=0, help="learning rate")
    rho: Numbers = setting(0.9, at_least=0, below=1, help="decay of both averages of squares")
    epsilon: Numbers = setting(1e-6, above=0, help="added to both averages before the root")

    def state(self, parameters: Array) -> State:
        return zeros(parameters, "squares", "steps")

    def direction(self, gradient: Array, state: State, out: Array) -> Array:
        squares, steps = state["squares"], state["steps"]
        np.multiply(gradient, gradient, out=out)
        average(squares, out, self.rho, out)
        np.add(squares, self.epsilon, out=out)
        np.sqrt(out, out=out)
        gradient /= out
        np.add(steps, self.epsilon, out=out)
        np.sqrt(out, out=out)
        out *= gradient
        np.multiply(out, out, out=gradient)
        average(steps, gradient, self.rho, gradient)
        return out
