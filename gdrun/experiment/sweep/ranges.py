"""Ranges of values: `{log: [1e-4, 1, 9]}`, `{linear: [0, 1, 5]}`, `{range: [0, 9]}`; listed, or drawn from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gdrun.experiment.config.compare import LIMIT
from gdrun.experiment.config.errors import shown

KINDS = ("log", "linear", "range")
FORMS = {
    "log": "must be [low, high, number of values], such as {log: [1e-4, 1, 9]}",
    "linear": "must be [low, high, number of values], such as {linear: [0, 1, 5]}",
    "range": "must be [first, last] or [first, last, step] in whole numbers, such as {range: [0, 9]}",
}


@dataclass(frozen=True)
class Range:
    """Values from `low` to `high`: evenly spaced, or by equal factors (`log`)."""

    kind: str
    low: float
    high: float
    third: int | None
    """The step of whole numbers; of the others how many, where they are listed."""
    whole: bool
    """Of a setting with whole numbers: the others are rounded."""

    @property
    def size(self) -> int:
        """How many values it lists."""
        if self.kind == "range":
            return int(self.high - self.low) // (self.third or 1) + 1
        return self.third or 0

    def values(self) -> list[float | int]:
        """All of them, in order."""
        if self.kind == "range":
            return list(range(int(self.low), int(self.high) + 1, self.third or 1))
        inner = [self._at(i / (self.size - 1)) for i in range(1, self.size - 1)]
        return [self._written(value) for value in (self.low, *inner, self.high)]

    def draw(self, rng: np.random.Generator) -> float | int:
        """One value at random, uniform over the range or over its logarithm."""
        if self.kind == "range":
            return int(self.low) + (self.third or 1) * int(rng.integers(self.size))
        return self._written(min(max(self._at(rng.random()), self.low), self.high))

    def _at(self, share: float) -> float:
        if self.kind == "linear":
            return self.low + share * (self.high - self.low)
        return math.exp(math.log(self.low) + share * (math.log(self.high) - math.log(self.low)))

    def _written(self, value: float) -> float | int:
        # 12 digits: 0.01 is 0.01, and a run has the same id whatever the machine's last bit is
        return round(value) if self.whole else float(f"{value:.12g}") + 0.0


def range_of(kind: str, numbers: Any, whole: bool, drawn: bool) -> Range:
    """The range of its two or three numbers; where it is drawn from, how many need not be said. Raises ValueError."""
    if not isinstance(numbers, tuple) or not 2 <= len(numbers) <= 3 or not all(map(_is_finite, numbers)):
        raise ValueError(f"{kind} {FORMS[kind]}")
    low, high, third = (*numbers, None)[:3]
    if kind == "range":
        _check_whole(low, high, third)
    else:
        _check_spaced(kind, low, high, third, drawn)
    found = Range(kind, low, high, third, whole)
    if found.size > LIMIT and not drawn:
        raise ValueError(f"{found.size:,} values: a sweep has at most {LIMIT:,} runs")
    return found


def _is_finite(number: object) -> bool:
    return isinstance(number, int | float) and not isinstance(number, bool) and math.isfinite(number)


def _check_whole(first: float, last: float, step: float | None) -> None:
    if not all(isinstance(number, int) for number in (first, last, step) if number is not None):
        raise ValueError(f"range {FORMS['range']}")
    if first > last:
        raise ValueError(f"range must not end below its beginning: {shown(last)} is less than {shown(first)}")
    if last - first >= 2**62:
        raise ValueError("range is too long for 64 bits")
    if step is not None and step < 1:
        raise ValueError("range must have a step of at least 1")


def _check_spaced(kind: str, low: float, high: float, number: float | None, drawn: bool) -> None:
    if kind == "log" and low <= 0:
        raise ValueError("log must begin above 0")
    if low >= high:
        raise ValueError(f"{kind} must have low less than high: {shown(low)} is not less than {shown(high)}")
    if number is None and not drawn:
        raise ValueError(f"{kind} {FORMS[kind]}")
    if number is not None and (not isinstance(number, int) or number < 2):
        raise ValueError(f"{kind} must have at least 2 values, a whole number of them")


def written(text: str) -> tuple[str, Sequence[str]] | None:
    """A range as the command line has it, `log:1e-4:1:9` or `0..9`: its kind and numbers. None if it is none."""
    kind, _, rest = text.partition(":")
    if kind in ("log", "linear") and rest:
        return kind, rest.split(":")
    first, dots, last = text.partition("..")
    if dots and all(end.strip().lstrip("+-").isdigit() for end in (first, last)):
        return "range", (first, last)
    return None
