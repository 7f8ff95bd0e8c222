"""Whether config and data fit each other; each check raises ConfigError at the key at fault."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from gdrun.analysis.numerals import count
from gdrun.data import Data
from gdrun.descent.models import Model
from gdrun.descent.network import Network
from gdrun.descent.parts import settings_of, stacks
from gdrun.experiment.config import Loaded, PartBlock, RunConfig
from gdrun.experiment.config.errors import listed
from gdrun.experiment.config.expect import part_and_metric
from gdrun.experiment.gauges.outcomes import layer_of
from gdrun.experiment.resources import granted_memory

STATES = 4
"""Arrays of the parameters' size that training has at least: parameters, gradient, the best ones, the optimizer's."""


def number_of_classes(data: Data) -> int | None:
    """How many classes the target has; None for numbers."""
    return len(data.classes) if data.classes else None


def losses_for(config: RunConfig, data: Data) -> tuple[str, ...]:
    """The losses that the model can have on this target, its default first."""
    part = config.model.part
    assert issubclass(part, Model)
    return part.losses(number_of_classes(data))


def check_target(loaded: Loaded, data: Data) -> None:
    """The model can learn such a target, and with that loss."""
    config, classes = loaded.config, number_of_classes(data)
    losses = losses_for(config, data)
    target = f"{data.preprocessing.target_name}, which is {f'{classes} classes' if classes else 'numbers'}"
    if not losses:
        able = ", ".join(kind for kind, model in Model.kinds.items() if model.losses(classes))
        raise loaded.problem("model", f"{config.model.chosen} cannot learn {target}: {able} can")
    if config.loss and config.loss.chosen not in losses:
        raise loaded.problem("loss", f"{config.loss.chosen} is not for {target}: {', '.join(losses)}")


def check_sizes(loaded: Loaded, data: Data, network: Network) -> None:
    """No batch is larger than the training set, and given parameters are as many as the model has."""
    size = getattr(loaded.config.descent, "batch_size", 1)
    if size > data.m:
        shown = size if loaded.gives("descent.batch_size") else f"{size}, the default,"
        raise loaded.problem(
            "descent.batch_size", f"{shown} is more than the {data.m} training examples; descent: batch takes all"
        )
    check_parameters(loaded, network)
    check_layers(loaded, network)
    initial = loaded.config.model.settings()["initial"]
    if isinstance(initial, tuple) and len(initial) != network.size:
        raise loaded.problem("model.initial", f"{len(initial)} values for a model of {network.size} parameters")


def check_layers(loaded: Loaded, network: Network) -> None:
    """The network has every layer of which something is expected."""
    for name in loaded.config.expect.outcomes:
        if layer_of(name) > len(network.layers):
            raise loaded.problem(f"expect.{name}", f"the model has {count(len(network.layers), 'layer')}")


def check_parameters(loaded: Loaded, network: Network) -> None:
    """The memory granted holds the model's parameters."""
    needed, granted = STATES * network.size * np.dtype(loaded.config.dtype).itemsize, granted_memory()
    if needed > granted:
        amounts = f"{needed / 1e9:.3g} GB of memory, and there are {granted / 1e9:.3g} GB"
        raise loaded.problem("model", f"{network.size:,} parameters take {amounts}")


def metrics_of(data: Data) -> set[str]:
    """What is measured of predictions on such data."""
    return {"loss", "accuracy"} if data.classes else {"loss", "r2", "rmse"}


def check_outcomes(loaded: Loaded, data: Data) -> None:
    """Every outcome that is expected is measured on this data."""
    metrics = metrics_of(data)
    for name in loaded.config.expect.outcomes:
        part, metric = part_and_metric(name) or ("train", "loss")
        key = f"expect.{name}"
        if metric not in metrics:
            target = "classes" if data.classes else "numbers"
            raise loaded.problem(key, f"the target is {target}, which have {listed(sorted(metrics))}")
        if part != "train" and getattr(data, part) is None:
            raise loaded.problem(key, f"no {part} data: dataset.{part} is 0")


def check_precision(loaded: Loaded) -> None:
    """No setting rounds to the end of its open range: 0.99999999 is 1 in float32, and a division by zero follows."""
    for section in ("optimizer", "schedule", "model"):
        for name, message in _rounded_away(getattr(loaded.config, section), loaded.config.dtype):
            raise loaded.problem(f"{section}.{name}", message)


@lru_cache(10_000)
def _rounded_away(block: PartBlock, dtype: str) -> list[tuple[str, str]]:
    """Settings that are not within their range as such numbers, and what is wrong with each."""
    found: list[tuple[str, str]] = []
    for name, limits in settings_of(block.part).items():
        value = getattr(block, name)
        if value is None or not stacks(block.part, name):
            continue
        rounded = float(np.dtype(dtype).type(value))
        if rounded in (limits.above, limits.below) or not np.isfinite(rounded):
            found.append((name, f"{value!r} is {rounded:g} in {dtype}"))
    return found
