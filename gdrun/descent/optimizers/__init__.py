"""Optimizers: each turns the gradient of every run into the direction of its step, θ ← θ - lr · direction.

A new optimizer is one class: its hyperparameters, `state` from the parameters' shape, `direction` from the gradient.
Formulas, defaults and the place of epsilon are PyTorch's where PyTorch has the optimizer. Where directions are
proportional to gradients, these come multiplied by the base rate, and so are directions and states.
"""

# in the order in which `gdrun list` shows them
from gdrun.descent.optimizers.base import Optimizer, State, norm
from gdrun.descent.optimizers.momentum import GradientDescent, Momentum, Nesterov
from gdrun.descent.optimizers.adaptive import Adadelta, Adagrad, RMSprop
from gdrun.descent.optimizers.adam import Adam, Adamax, AdamW, AMSGrad, NAdam
from gdrun.descent.optimizers.lion import Lion

__all__ = [
    "AMSGrad",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "GradientDescent",
    "Lion",
    "Momentum",
    "NAdam",
    "Nesterov",
    "Optimizer",
    "RMSprop",
    "State",
    "norm",
]
