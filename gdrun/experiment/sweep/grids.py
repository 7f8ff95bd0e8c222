"""Where a config has several values for one setting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args, get_origin

import numpy as np

from gdrun.experiment.config import ConfigError, Node, Problem
from gdrun.experiment.config.messages import RANGES, options
from gdrun.experiment.config.scalars import scalar
from gdrun.experiment.sweep.ranges import KINDS, Range, range_of, written

NO_VALUE = "an empty list: no value to try"


@dataclass(frozen=True)
class Grid:
    """The values that one node stands for."""

    node: Node
    among: tuple[Node, ...] | Range

    @property
    def size(self) -> int:
        """How many values there are."""
        return self.among.size if isinstance(self.among, Range) else len(self.among)

    def nodes(self) -> Sequence[Node]:
        """Every value, in order."""
        if isinstance(self.among, Range):
            return [self.node.holding(value) for value in self.among.values()]
        return self.among

    def draw(self, rng: np.random.Generator) -> Node:
        """One value at random."""
        if isinstance(self.among, Range):
            return self.node.holding(self.among.draw(rng))
        return self.among[int(rng.integers(self.size))]


def grid_of(node: Node, key: str, hint: Any, drawn: bool = False) -> Grid | None:
    """The grid that is written for a setting of such a type; None for a single value. Raises ConfigError."""
    if not isinstance(node.value, str | tuple | dict):
        return None
    try:
        among = _among(node, hint, drawn)
    except ValueError as error:
        raise ConfigError([Problem(node.where, key, str(error))]) from None
    return None if among is None else Grid(node, among)


def _among(node: Node, hint: Any, drawn: bool) -> tuple[Node, ...] | Range | None:
    value, allowed = node.value, options(hint)
    whole = int in allowed and float not in allowed
    if isinstance(value, str):
        return None if str in allowed else _in_text(node, value, whole, drawn)
    if isinstance(value, tuple):
        if not value and not any(get_origin(option) is tuple for option in allowed):
            raise ValueError(NO_VALUE)
        return value if _is_grid(value, allowed) else None
    if not node.entries.keys() & RANGES:
        return None
    if len(node.entries) > 1:
        raise ValueError(f"one range has one of {', '.join(KINDS)}")
    ((kind, numbers),) = node.entries.items()
    return range_of(kind, numbers.plain(), whole, drawn)


def _in_text(node: Node, text: str, whole: bool, drawn: bool) -> tuple[Node, ...] | Range | None:
    """`log:1e-4:1:9`, `0..9` or `0.01,0.1`, as the command line has them."""
    if found := written(text):
        kind, numbers = found
        return range_of(kind, tuple(scalar(number.strip()) for number in numbers), whole, drawn)
    if "," not in text:
        return None
    return tuple(node.holding(scalar(word.strip())) for word in text.split(","))


def _is_grid(items: tuple[Node, ...], allowed: tuple[Any, ...]) -> bool:
    """Whether a list is several values; for a setting that is a list itself, those are deeper, or words, or null."""
    lists = [option for option in allowed if get_origin(option) is tuple]
    if not lists:
        return True
    if max(map(_depth, items), default=0) + 1 > max(map(_type_depth, lists)):
        return True
    words = any(str in options(get_args(option)[0]) for option in lists)
    return any(item.value is None or (isinstance(item.value, str) and not words) for item in items)


def _depth(node: Node) -> int:
    return 1 + max(map(_depth, node.value), default=0) if isinstance(node.value, tuple) else 0


def _type_depth(hint: Any) -> int:
    return 1 + max(map(_type_depth, options(get_args(hint)[0]))) if get_origin(hint) is tuple else 0
