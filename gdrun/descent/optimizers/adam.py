"""Adam and its relatives: bias-corrected averages of the gradient and of its size."""

from __future__ import annotations

import numpy as np

from gdrun.descent.optimizers.base import Optimizer, State, average, ones_per_run, zeros
from gdrun.descent.parts import Array, Numbers, setting


class Adam(Optimizer, kind="adam"):
    """Bias-corrected averages of the gradient and of its square (Kingma & Ba 2015; torch.optim.Adam)."""

    lr: Numbers = setting(0.001, above=0, help="learning rate")
    beta1: Numbers = setting(0.9, at_least=0, below=1, help="decay of the average gradient")
    beta2: Numbers = setting(0.999, at_least=0, below=1, help="decay of the average of squares")
    epsilon: Numbers = setting(1e-8, above=0, help="added to the root, after the bias correction")

    def state(self, parameters: Array) -> State:
        return zeros(parameters, "mean", "squares") | ones_per_run(parameters, "beta1_power", "beta2_power")

    def direction(self, gradient: Array, state: State, out: Array) -> Array:
        self.update_averages(gradient, state, out)
        self.root(state["squares"], state, out)
        np.divide(state["mean"], out, out=out)
        out /= 1 - state["beta1_power"]
        return out

    def update_averages(self, gradient: Array, state: State, out: Array) -> None:
        """Take the gradient into both averages; overwrites `gradient` and `out`."""
        state["beta1_power"] *= self.beta1
        state["beta2_power"] *= self.beta2
        average(state["mean"], gradient, self.beta1, out)
        np.multiply(gradient, gradient, out=gradient)
        average(state["squares"], gradient, self.beta2, gradient)

    def root(self, squares: Array, state: State, out: Array) -> None:
        """Write √(squares / (1 - β2ᵗ)) + ε into `out`."""
        np.divide(squares, 1 - state["beta2_power"], out=out)
        np.sqrt(out, out=out)
        out += self.epsilon


class AMSGrad(Adam, kind="amsgrad"):
    """Adam with the largest average of squares so far (Reddi et al. 2018; torch.optim.Adam with amsgrad=True)."""

    def state(self, parameters: Array) -> State:
        return super().state(parameters) | zeros(parameters, "largest")

    def direction(self, gradient: Array, state: State, out: Array) -> Array:
        self.update_averages(gradient, state, out)
        np.maximum(state["largest"], state["squares"], out=state["largest"])
        self.root(state["largest"], state, out)
        np.divide(state["mean"], out, out=out)
        out /= 1 - state["beta1_power"]
        return out


class Adamax(Optimizer, kind="adamax"):
    """Adam with the largest recent gradient instead of squares (Kingma & Ba 2015, section 7; torch.optim.Adamax)."""

    lr: Numbers = setting(0.002, above=0, help="learning rate")
    beta1: Numbers = setting(0.9, at_least=0, below=1, help="decay of the average gradient")
    beta2: Numbers = setting(0.999, at_least=0, below=1, help="decay of the largest gradient")
    epsilon: Numbers = setting(1e-8, above=0, help="added to the gradient's size")

    def state(self, parameters: Array) -> State:
        return zeros(parameters, "mean", "largest") | ones_per_run(parameters, "beta1_power")

    def direction(self, gradient: Array, state: State, out: Array) -> Array:
        mean, largest = state["mean"], state["largest"]
        state["beta1_power"] *= self.beta1
        average(mean, gradient, self.beta1, out)
        np.abs(gradient, out=gradient)
        gradient += self.epsilon
        largest *= self.beta2
        np.maximum(largest, gradient, out=largest)
        np.divide(mean, largest, out=out)
        out /= 1 - state["beta1_power"]
        return out


class NAdam(Adam, kind="nadam"):
    """Adam with Nesterov's look-ahead and a momentum that warms up (Dozat 2016; torch.optim.NAdam)."""

    lr: Numbers = setting(0.002, above=0, help="learning rate")
    momentum_decay: Numbers = setting(0.004, at_least=0, help="how fast the momentum warms up")

    def state(self, parameters: Array) -> State:
        return super().state(parameters) | ones_per_run(parameters, "step", "momentum_product")

    def direction(self, gradient: Array, state: State, out: Array) -> Array:
        now, following = self.momentum_at(state["step"]), self.momentum_at(state["step"] + 1)
        state["step"] += 1
        state["momentum_product"] *= now
        raw = gradient.copy()
        self.update_averages(gradient, state, out)
        self.root(state["squares"], state, out)
        raw *= (1 - now) / (1 - state["momentum_product"])
        np.multiply(state["mean"], following / (1 - state["momentum_product"] * following), out=gradient)
        gradient += raw
        np.divide(gradient, out, out=out)
        return out

    def momentum_at(self, step: Numbers) -> Numbers:
        """μ of a step counted from 1: β1 (1 - 0.96^(step · momentum_decay) / 2)."""
        base = np.full_like(step, 0.96)
        momentum: Numbers = self.beta1 * (1 - base ** (step * self.momentum_decay) / 2)
        return momentum


class AdamW(Adam, kind="adamw"):
    """Adam with weight decay apart from the gradient (Loshchilov & Hutter 2019; torch.optim.AdamW)."""

    decoupled = True
    weight_decay: Numbers = setting(0.01, at_least=0, switch=True, help="pull of the parameters towards 0, times lr")
