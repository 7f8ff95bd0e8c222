"""What runs.csv keeps of what was measured along the way: its first value, its last, their mean and their extremes."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gdrun.analysis.expecting import mean_of

LOOKS: Mapping[str, Callable[[Sequence[float]], float]] = {
    "first": lambda values: values[0],
    "final": lambda values: values[-1],
    "mean": mean_of,
    "lowest": min,
    "highest": max,
}
QUANTITIES = {
    "sharpness": ("sharpness", "stability_limit"),
    "step_angle": ("step_angle",),
    "gradient_noise": ("gradient_noise", "batch_noise"),
    "layers": ("gradient_norm_1",),
}
"""Columns of the history by their key in `record:`; of layers the first, the others are like it."""
NAMES = tuple(f"{look}_{name}" for names in QUANTITIES.values() for name in names for look in LOOKS)
LAYER = "gradient_norm_([1-9][0-9]*)"
QUANTITY = re.compile("|".join([LAYER, *(name for names in QUANTITIES.values() for name in names)]))
PATTERN = f"({'|'.join(LOOKS)})_({QUANTITY.pattern})"
OUTCOME = re.compile(PATTERN)


def gauge_of(outcome: str) -> str | None:
    """The key in `record:` of what an outcome is measured by; None where it is none of these."""
    found = OUTCOME.fullmatch(outcome)
    if found is None:
        return None
    return next((key for key, names in QUANTITIES.items() if found[2] in names), "layers")


def layer_of(outcome: str) -> int:
    """The layer that an outcome is of, counted from 1; 0 where it is of none."""
    found = OUTCOME.fullmatch(outcome)
    return int(found[3]) if found and found[3] else 0


def columns(record: Mapping[str, Any], layers: int) -> list[str]:
    """The outcomes of a run with such settings of `record:` and so many layers."""
    of_layers = [f"gradient_norm_{number}" for number in range(1, layers + 1)]
    names = {**QUANTITIES, "layers": of_layers}
    return [f"{look}_{name}" for key in names if record[key] is not None for name in names[key] for look in LOOKS]


def note(history: Sequence[Mapping[str, Any]], outcome: dict[str, Any]) -> None:
    """Add to a run's outcome what its records hold; what is no number counts for nothing."""
    headings = dict.fromkeys(map(tuple, history))  # few: most rows have the same columns
    for name in filter(QUANTITY.fullmatch, dict.fromkeys(name for names in headings for name in names)):
        values = [row[name] for row in history if row.get(name) is not None and not math.isnan(row[name])]
        outcome |= {f"{look}_{name}": of(values) if values else None for look, of in LOOKS.items()}
