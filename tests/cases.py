"""One row per case of every exchangeable part: a new part gets a row here and every shared test runs it.

`torch` says how PyTorch makes the same thing, for the scripts in tests/references: class and keyword arguments.
None where PyTorch has no such thing; the script then computes it from the paper's formula.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from gdrun.descent.parts import Array, Part, Setting, settings_of, stacks

Torch = tuple[str, dict[str, Any]] | None


@dataclass(frozen=True)
class OptimizerCase:
    name: str
    kind: str
    settings: dict[str, Any]
    torch: Torch


@dataclass(frozen=True)
class ScheduleCase:
    name: str
    kind: str
    settings: dict[str, Any]
    torch: Torch
    times: int = 100
    """How many times from 0 on are compared with the reference."""


def complete(part: type[Part], settings: dict[str, Any]) -> dict[str, Any]:
    """The settings with the part's defaults where the case leaves them out."""
    return {name: settings.get(name, field.default) for name, field in settings_of(part).items()}


def other(part: type[Part], settings: dict[str, Any], k: int) -> dict[str, Any]:
    """The k-th run of the same structure with other numbers; the 0th is the case itself."""
    whole = complete(part, settings)
    limits = settings_of(part)
    return {name: shifted(value, limits[name], k) if stacks(part, name) else value for name, value in whole.items()}


def shifted(value: float | None, limits: Setting, k: int) -> float | None:
    """Another number within the limits; 0 stays 0 (weight decay and the like are off for a whole stack)."""
    if value is None or value == 0:
        return value
    smaller = value * (1 - 0.03 * k)
    return smaller if limits.at_least is None or smaller >= limits.at_least else value * (1 + 0.03 * k)


# The optimizers' test problem: Σ s/2 log(1 + (θ - c)²), from steep to almost flat, times a wave in the step as if
# batches differed, so that clipping comes and goes and the gradient changes sign.
STEPS = 100
START = np.array([1.5, -0.7, 0.3, 2.0])
SCALE = np.array([8.0, 1.0, 1e-2, 1e-7])
CENTRE = np.array([0.5, 1.0, -1.0, 0.25])


def gradient(parameters: Array, step: int) -> Array:
    """The test problem's gradient at step 0, 1, … for parameters (…, P); beyond four the components repeat."""
    scale, centre = _problem(parameters.shape[-1], parameters.dtype)
    away = parameters - centre
    return (0.5 + math.sin(step)) * scale * away / (1 + away * away)


@functools.cache
def _problem(size: int, dtype: np.dtype[Any]) -> tuple[Array, Array]:
    return np.resize(SCALE, size).astype(dtype), np.resize(CENTRE, size).astype(dtype)


_RULES = (
    OptimizerCase("gd", "gd", {"lr": 0.1}, ("SGD", {"lr": 0.1})),
    OptimizerCase("momentum", "momentum", {"lr": 0.02}, ("SGD", {"lr": 0.02, "momentum": 0.9})),
    OptimizerCase("nesterov", "nesterov", {"lr": 0.02}, ("SGD", {"lr": 0.02, "momentum": 0.9, "nesterov": True})),
    OptimizerCase("adagrad", "adagrad", {}, ("Adagrad", {})),
    OptimizerCase("rmsprop", "rmsprop", {}, ("RMSprop", {})),
    OptimizerCase("rmsprop-centered", "rmsprop", {"centered": True}, ("RMSprop", {"centered": True})),
    OptimizerCase("rmsprop-momentum", "rmsprop", {"momentum": 0.8}, ("RMSprop", {"momentum": 0.8})),
    OptimizerCase("adadelta", "adadelta", {}, ("Adadelta", {})),
    OptimizerCase("adam", "adam", {}, ("Adam", {})),
    OptimizerCase("amsgrad", "amsgrad", {}, ("Adam", {"amsgrad": True})),
    OptimizerCase("adamax", "adamax", {}, ("Adamax", {})),
    OptimizerCase("nadam", "nadam", {}, ("NAdam", {})),
    OptimizerCase("adamw", "adamw", {}, ("AdamW", {})),
    OptimizerCase("lion", "lion", {}, None),
)
_BETAS = {"lr": 0.05, "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-6}
_TORCH_BETAS = {"lr": 0.05, "betas": (0.8, 0.95), "eps": 1e-6}
_RHO = {"lr": 0.03, "rho": 0.9, "epsilon": 1e-6}
_TORCH_RHO = {"lr": 0.03, "alpha": 0.9, "eps": 1e-6}
_TUNED = (
    OptimizerCase("gd-tuned", "gd", {"lr": 0.03}, ("SGD", {"lr": 0.03})),
    OptimizerCase("momentum-tuned", "momentum", {"lr": 0.05, "momentum": 0.6}, ("SGD", {"lr": 0.05, "momentum": 0.6})),
    OptimizerCase(
        "nesterov-tuned",
        "nesterov",
        {"lr": 0.05, "momentum": 0.6},
        ("SGD", {"lr": 0.05, "momentum": 0.6, "nesterov": True}),
    ),
    OptimizerCase("adagrad-tuned", "adagrad", {"lr": 0.2, "epsilon": 1e-6}, ("Adagrad", {"lr": 0.2, "eps": 1e-6})),
    OptimizerCase("rmsprop-tuned", "rmsprop", _RHO, ("RMSprop", _TORCH_RHO)),
    OptimizerCase(
        "rmsprop-all",
        "rmsprop",
        _RHO | {"centered": True, "momentum": 0.5},
        ("RMSprop", _TORCH_RHO | {"centered": True, "momentum": 0.5}),
    ),
    OptimizerCase(
        "adadelta-tuned",
        "adadelta",
        {"lr": 3.0, "rho": 0.8, "epsilon": 1e-5},
        ("Adadelta", {"lr": 3.0, "rho": 0.8, "eps": 1e-5}),
    ),
    OptimizerCase("adam-tuned", "adam", _BETAS, ("Adam", _TORCH_BETAS)),
    OptimizerCase("amsgrad-tuned", "amsgrad", _BETAS, ("Adam", _TORCH_BETAS | {"amsgrad": True})),
    OptimizerCase("adamax-tuned", "adamax", _BETAS, ("Adamax", _TORCH_BETAS)),
    OptimizerCase(
        "nadam-tuned", "nadam", _BETAS | {"momentum_decay": 0.05}, ("NAdam", _TORCH_BETAS | {"momentum_decay": 0.05})
    ),
    OptimizerCase(
        "adamw-tuned", "adamw", _BETAS | {"weight_decay": 0.05}, ("AdamW", _TORCH_BETAS | {"weight_decay": 0.05})
    ),
    OptimizerCase("lion-tuned", "lion", {"lr": 0.011, "beta1": 0.8, "beta2": 0.95}, None),
)


def _with(case: OptimizerCase, name: str, value: float) -> OptimizerCase:
    """The case with one more setting; PyTorch clips outside the optimizer, where the script does it."""
    torch = case.torch
    if torch is not None and name == "weight_decay":
        torch = (torch[0], torch[1] | {name: value})
    return dataclasses.replace(case, name=f"{case.name}-{name}", settings=case.settings | {name: value}, torch=torch)


OPTIMIZERS = (
    *_RULES,
    *_TUNED,
    *(_with(case, "weight_decay", 0.2) for case in _TUNED),
    *(_with(case, "clip_norm", 1.0) for case in _TUNED),
    *(_with(case, "clip_value", 0.5) for case in _TUNED),
)

# Schedules start from this rate and have this budget; plateau sees these losses: falling, stuck with improvements too
# small to count, worse, and falling again.
RATE = 0.1
BUDGET = 100
LOSSES = tuple(
    2 * 0.9 ** min(t, 15) * (1 - 2e-5 * t)
    + (0.05 if t % 7 == 3 else 0)
    - (0.004 * (t - 60) if t > 60 and t < 80 else 0)
    for t in range(BUDGET)
)

_CYCLE = {"rise": 12.0, "fall": 20.0, "low": 0.05}
_TORCH_CYCLE = {"base_lr": 0.005, "max_lr": 0.1, "step_size_up": 12, "step_size_down": 20, "cycle_momentum": False}
_ONE = {"max_lr": 0.1, "cycle_momentum": False}
_DROP = {"decay": 0.4, "patience": 3.0, "cooldown": 4.0, "threshold": 0.01}
_TORCH_DROP = {"factor": 0.4, "patience": 3, "cooldown": 4, "threshold": 0.01}
SCHEDULES = (
    ScheduleCase("constant", "constant", {}, ("ConstantLR", {"factor": 1.0, "total_iters": 0})),
    ScheduleCase("constant-warmup", "constant", {"warmup": 5.0}, ("ConstantLR", {"factor": 1.0, "total_iters": 0})),
    ScheduleCase("step", "step", {"every": 30.0}, ("StepLR", {"step_size": 30})),
    ScheduleCase("step-tuned", "step", {"every": 7.0, "decay": 0.6}, ("StepLR", {"step_size": 7, "gamma": 0.6})),
    ScheduleCase(
        "step-warmup", "step", {"every": 7.0, "decay": 0.6, "warmup": 4.0}, ("StepLR", {"step_size": 7, "gamma": 0.6})
    ),
    ScheduleCase("multistep", "multistep", {"milestones": (30.0, 80.0)}, ("MultiStepLR", {"milestones": [30, 80]})),
    ScheduleCase(
        "multistep-warmup",
        "multistep",
        {"milestones": (3.0, 20.0, 50.0), "decay": 0.5, "warmup": 10.0},
        ("MultiStepLR", {"milestones": [3, 20, 50], "gamma": 0.5}),
    ),
    ScheduleCase("exponential", "exponential", {"decay": 0.97}, ("ExponentialLR", {"gamma": 0.97})),
    ScheduleCase("exponential-warmup", "exponential", {"decay": 0.9, "warmup": 3.0}, ("ExponentialLR", {"gamma": 0.9})),
    ScheduleCase("inverse_time", "inverse_time", {"decay": 0.1}, ("LambdaLR", {"decay": 0.1})),
    ScheduleCase("inverse_time-warmup", "inverse_time", {"decay": 0.5, "warmup": 8.0}, ("LambdaLR", {"decay": 0.5})),
    ScheduleCase("polynomial", "polynomial", {}, ("PolynomialLR", {"total_iters": 100})),
    ScheduleCase(
        "polynomial-tuned",
        "polynomial",
        {"length": 60.0, "power": 2.5},
        ("PolynomialLR", {"total_iters": 60, "power": 2.5}),
    ),
    ScheduleCase(
        "polynomial-warmup",
        "polynomial",
        {"power": 0.5, "warmup": 6.0},
        ("PolynomialLR", {"total_iters": 94, "power": 0.5}),
    ),
    ScheduleCase("polynomial-end", "polynomial", {"power": 2.0, "end": 0.2}, None),
    ScheduleCase("linear", "linear", {}, ("LinearLR", {"start_factor": 1.0, "end_factor": 0.0, "total_iters": 100})),
    ScheduleCase(
        "linear-tuned",
        "linear",
        {"start": 0.25, "end": 0.75, "length": 40.0},
        ("LinearLR", {"start_factor": 0.25, "end_factor": 0.75, "total_iters": 40}),
    ),
    ScheduleCase(
        "linear-warmup",
        "linear",
        {"end": 0.1, "warmup": 10.0},
        ("LinearLR", {"start_factor": 1.0, "end_factor": 0.1, "total_iters": 90}),
    ),
    ScheduleCase("cosine", "cosine", {}, ("CosineAnnealingLR", {"T_max": 100})),
    # PyTorch's rises again after T_max, gdrun's stays.
    ScheduleCase(
        "cosine-tuned",
        "cosine",
        {"length": 60.0, "end": 0.1},
        ("CosineAnnealingLR", {"T_max": 60, "eta_min": 0.01}),
        61,
    ),
    ScheduleCase("cosine-warmup", "cosine", {"warmup": 5.0}, ("CosineAnnealingLR", {"T_max": 95})),
    ScheduleCase("cosine_restarts", "cosine_restarts", {"period": 30.0}, ("CosineAnnealingWarmRestarts", {"T_0": 30})),
    ScheduleCase(
        "cosine_restarts-tuned",
        "cosine_restarts",
        {"period": 10.0, "growth": 2.0, "end": 0.05},
        ("CosineAnnealingWarmRestarts", {"T_0": 10, "T_mult": 2, "eta_min": 0.005}),
    ),
    ScheduleCase(
        "cosine_restarts-warmup",
        "cosine_restarts",
        {"period": 4.0, "growth": 3.0, "warmup": 7.0},
        ("CosineAnnealingWarmRestarts", {"T_0": 4, "T_mult": 3}),
    ),
    ScheduleCase(
        "cyclic",
        "cyclic",
        {"rise": 15.0},
        ("CyclicLR", {"base_lr": 0.01, "max_lr": 0.1, "step_size_up": 15} | {"cycle_momentum": False}),
    ),
    ScheduleCase("cyclic-tuned", "cyclic", _CYCLE, ("CyclicLR", _TORCH_CYCLE)),
    ScheduleCase(
        "cyclic-halve", "cyclic", _CYCLE | {"shrink": "halve"}, ("CyclicLR", _TORCH_CYCLE | {"mode": "triangular2"})
    ),
    ScheduleCase(
        "cyclic-exponential",
        "cyclic",
        _CYCLE | {"shrink": "exponential", "decay": 0.98},
        ("CyclicLR", _TORCH_CYCLE | {"mode": "exp_range", "gamma": 0.98}),
    ),
    ScheduleCase(
        "cyclic-warmup",
        "cyclic",
        _CYCLE | {"shrink": "halve", "warmup": 5.0},
        ("CyclicLR", _TORCH_CYCLE | {"mode": "triangular2"}),
    ),
    ScheduleCase("one_cycle", "one_cycle", {}, ("OneCycleLR", _ONE | {"total_steps": 100})),
    ScheduleCase(
        "one_cycle-tuned",
        "one_cycle",
        {"rise": 0.45, "start": 0.1, "end": 0.001, "length": 100.0},
        ("OneCycleLR", _ONE | {"total_steps": 100, "pct_start": 0.45, "div_factor": 10, "final_div_factor": 100}),
    ),
    # Too short to rise: both begin past the top.
    ScheduleCase("one_cycle-short", "one_cycle", {"length": 3.0}, ("OneCycleLR", _ONE | {"total_steps": 3}), 3),
    ScheduleCase("one_cycle-warmup", "one_cycle", {"warmup": 5.0}, ("OneCycleLR", _ONE | {"total_steps": 95})),
    ScheduleCase("plateau", "plateau", {}, ("ReduceLROnPlateau", {})),
    ScheduleCase("plateau-tuned", "plateau", _DROP, ("ReduceLROnPlateau", _TORCH_DROP)),
    ScheduleCase("plateau-end", "plateau", _DROP | {"end": 0.1}, ("ReduceLROnPlateau", _TORCH_DROP | {"min_lr": 0.01})),
)


@dataclass(frozen=True)
class ModelCase:
    name: str
    kind: str
    settings: dict[str, Any]
    classes: int | None
    """Of the target; None for numbers."""


MODELS = (
    ModelCase("linear", "linear", {}, None),
    ModelCase("logistic", "logistic", {}, 2),
    ModelCase("softmax", "softmax", {}, 3),
    ModelCase("softmax-two", "softmax", {}, 2),
    ModelCase("neuron", "neuron", {}, 2),
    ModelCase("neuron-numbers", "neuron", {"activation": "tanh"}, None),
    ModelCase("mlp", "mlp", {"hidden": (5,)}, 3),
    ModelCase("mlp-two", "mlp", {"hidden": (4, 3), "activation": "sigmoid"}, 2),
    ModelCase("mlp-numbers", "mlp", {"hidden": (5,), "activation": "tanh"}, None),
    ModelCase("mlp-wide", "mlp", {"hidden": (33,), "activation": "softplus"}, 3),  # its last weights lie unit by unit
)
LOSS_SETTINGS: dict[str, dict[str, Any]] = {"huber": {"delta": 0.7}}
"""Where the defaults would hide something: here most targets are further away, some nearer."""


@dataclass(frozen=True)
class VariantCase:
    name: str
    batch_size: int | None
    replacement: bool = False


# Of 23 examples: the last minibatch has 7.
VARIANTS = (VariantCase("batch", None), VariantCase("stochastic", 1), VariantCase("minibatch", 8))
DRAWN = (VariantCase("stochastic-drawn", 1, replacement=True), VariantCase("minibatch-drawn", 8, replacement=True))


@dataclass(frozen=True)
class SurfaceCase:
    name: str
    kind: str
    settings: dict[str, Any]
    point: tuple[float, ...]
    height: float
    """At the point, by hand."""
    lowest: float | None
    """At the deepest minimum, as the literature has it; None if there is none."""


SURFACES = (
    SurfaceCase("quadratic", "quadratic", {}, (3.0, 2.0), 0.5 * (9 + 10 * 4), 0.0),
    SurfaceCase("quadratic-3", "quadratic", {"condition": 100.0}, (1.0, 1.0, 1.0), 0.5 * (1 + 10 + 100), 0.0),
    SurfaceCase("quadratic-1", "quadratic", {"condition": 7.0}, (2.0,), 14.0, 0.0),
    SurfaceCase("quadratic-matrix", "quadratic", {"matrix": ((2.0, 1.0), (1.0, 3.0))}, (1.0, -2.0), 5.0, 0.0),
    SurfaceCase("saddle", "saddle", {}, (2.0, 1.0), 1.5, None),
    SurfaceCase("rosenbrock", "rosenbrock", {}, (-1.2, 1.0), 24.2, 0.0),
    SurfaceCase("rosenbrock-3", "rosenbrock", {}, (0.0, 1.0, 2.0), 100 + 1 + 100 + 0, 0.0),
    SurfaceCase("beale", "beale", {}, (1.0, 2.0), 2.5**2 + 5.25**2 + 9.625**2, 0.0),
    SurfaceCase("booth", "booth", {}, (2.0, 1.0), 9.0, 0.0),
    SurfaceCase("himmelblau", "himmelblau", {}, (1.0, -1.0), 121 + 25, 0.0),
    SurfaceCase("rastrigin", "rastrigin", {}, (0.5, 0.25), 0.25 + 20 + 0.0625 + 10, 0.0),
    SurfaceCase("rastrigin-3", "rastrigin", {}, (0.5, 1.0, 2.0), 0.25 + 20 + 1 + 4, 0.0),
    SurfaceCase("ackley", "ackley", {}, (3.0, 4.0), 20 - 20 * math.exp(-0.2 * 5 / math.sqrt(2)), 0.0),
    SurfaceCase("ackley-1", "ackley", {}, (0.5,), 20 - 20 * math.exp(-0.1) + math.e - math.exp(-1), 0.0),
    SurfaceCase("double_well", "double_well", {}, (2.0,), 9.6, -0.3054285),
    SurfaceCase("double_well-2", "double_well", {"tilt": 0.5}, (-2.0, 3.0), 9 - 1 + 4.5, -0.5147536),
    SurfaceCase("plateau", "plateau", {}, (1.0, 1.0), 1 - math.exp(-1), 0.0),
    SurfaceCase("plateau-wide", "plateau", {"width": 2.0}, (2.0, 0.0, 2.0), 1 - math.exp(-1), 0.0),
)
