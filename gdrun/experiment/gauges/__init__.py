"""What `record:` measures along the way beside losses and metrics, every so many epochs or steps, as `unit` says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gdrun.descent.state import Gauge

GAUGES = ("sharpness", "step_angle", "gradient_noise", "layers")
"""Their keys in `record:`."""


def gauges(record: Mapping[str, Any]) -> tuple[Gauge, ...]:
    """The gauges that the settings of `record:` ask for."""
    return tuple(_gauge(name, record[name]) for name in GAUGES if record[name] is not None)


def _gauge(name: str, every: int) -> Gauge:
    from gdrun.experiment.gauges.gradient_noise import GradientNoise
    from gdrun.experiment.gauges.layers import Layers
    from gdrun.experiment.gauges.sharpness import Sharpness
    from gdrun.experiment.gauges.step_angle import StepAngle

    made: dict[str, Callable[[int], Gauge]] = {
        "sharpness": Sharpness,
        "step_angle": StepAngle,
        "gradient_noise": GradientNoise,
        "layers": Layers,
    }
    return made[name](every)
