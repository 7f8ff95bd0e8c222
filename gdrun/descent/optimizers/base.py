"""What all optimizers share: learning rate, weight decay, clipping, and the step itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, ClassVar, TypeAlias

import numpy as np

from gdrun.descent.parts import Array, Numbers, Part, setting
from gdrun.descent.sums import inner

State: TypeAlias = dict[str, Array]
"""What an optimizer remembers: arrays whose leading axis is the run."""


class Optimizer(Part):
    """Family of optimizers; hyperparameters are (R, 1), gradients, parameters and directions (R, P)."""

    aliases = {"sgd": "gd"}
    decoupled: ClassVar[bool] = False
    """Weight decay acts on the parameters directly and not through the gradient."""
    linear: ClassVar[bool] = False
    """Gradients twice as long make directions twice as long."""

    lr: Numbers = setting(above=0, help="learning rate")
    weight_decay: Numbers = setting(
        0.0, at_least=0, switch=True, help="pull of the parameters towards 0, not in the loss"
    )
    clip_norm: Numbers | None = setting(None, above=0, help="longest gradient: a longer one is scaled down to it")
    clip_value: Numbers | None = setting(None, above=0, help="largest gradient component, either sign")

    @classmethod
    def conflicts(cls, settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        if settings["clip_norm"] is not None and settings["clip_value"] is not None:
            yield "clip_value", "clip_norm is given already: one of them"

    def state(self, parameters: Array) -> State:
        """What is remembered before the first step."""
        return {}

    def direction(self, gradient: Array, state: State, out: Array) -> Array:
        """The direction; updates `state` in place, may overwrite the gradient, may be written to `out`."""
        raise NotImplementedError

    @cached_property
    def decays(self) -> bool:
        """Whether any weight decays."""
        return bool(np.any(self.weight_decay))

    @cached_property
    def scale(self) -> Numbers | None:
        """By what gradients are best multiplied where they arise, (R, 1): the base rate, if steps are proportional."""
        proportional = self.linear and not self.decays and self.clip_norm is None and self.clip_value is None
        return self.lr if proportional else None

    def unscaled(self, scaled: Array) -> Array:
        """Gradients (R, P), or what is made of them, as if they had not been scaled."""
        return scaled if self.scale is None else scaled / self.scale

    def step(self, parameters: Array, gradient: Array, state: State, factor: Numbers | None, scratch: Array) -> None:
        """One step in place: θ ← θ - factor · heading; overwrites gradient and scratch.

        The factor (R, 1) is the rate, or what is left of it where gradients are scaled already; None for 1.
        """
        heading = self.heading(parameters, gradient, state, scratch)
        if factor is not None:
            heading = np.multiply(heading, factor, out=gradient)  # no longer needed, and still in the cache
        parameters -= heading

    def heading(self, parameters: Array, gradient: Array, state: State, scratch: Array) -> Array:
        """Clip, decay, direction: where a step goes, but for its factor; overwrites gradient and scratch."""
        self.clip(gradient)
        if self.decays and not self.decoupled:
            np.multiply(parameters, self.weight_decay, out=scratch)
            gradient += scratch
        direction = self.direction(gradient, state, scratch)
        if self.decays and self.decoupled:
            direction = direction + parameters * self.weight_decay
        return direction

    def clip(self, gradient: Array) -> None:
        """Shorten gradients in place, as torch's clip_grad_value_ and clip_grad_norm_ do."""
        if self.clip_value is not None:
            np.clip(gradient, -self.clip_value, self.clip_value, out=gradient)
        if self.clip_norm is not None:
            gradient *= np.minimum(self.clip_norm / (norm(gradient) + 1e-6), 1)


def norm(gradient: Array) -> Numbers:
    """Euclidean length of each run's gradient, (R, 1)."""
    length: Numbers = np.sqrt(inner(gradient, gradient))
    return length


def zeros(parameters: Array, *names: str) -> State:
    """A state of zeros in the parameters' shape."""
    return {name: np.zeros_like(parameters) for name in names}


def ones_per_run(parameters: Array, *names: str) -> State:
    """A state of one 1 per run, (R, 1)."""
    return {name: np.ones((len(parameters), 1), parameters.dtype) for name in names}


def average(mean: Array, value: Array, beta: Numbers, scratch: Array) -> None:
    """Exponential moving average in place: mean ← β mean + (1 - β) value; `scratch` may be `value`."""
    mean *= beta
    np.multiply(value, 1 - beta, out=scratch)
    mean += scratch
