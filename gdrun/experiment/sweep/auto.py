"""`optimizer.lr: auto`: the learning rates that the curvature suggests, in the place of the word."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import TypeAlias

from gdrun.experiment.config import ConfigError, Node, Problem
from gdrun.experiment.sweep.axes import Axis, put
from gdrun.experiment.sweep.grids import Grid

LR = ("optimizer", "lr")
AUTO = "auto"

Rates: TypeAlias = Callable[[Node], Sequence[float]]
"""The rates for a config that has a single value everywhere, whatever its own rate is. Raises ConfigError."""


def rate_of(tree: Node) -> Node | None:
    """The node of the learning rate, where it is `auto`."""
    node = tree.entries.get(LR[0], tree).entries.get(LR[1])
    return node if node is not None and node.value == AUTO else None


def automatic(tree: Node, axes: Sequence[Axis], drawn: Mapping[int, Node], rates: Rates | None) -> list[Axis]:
    """The axis of the learning rate, where it is `auto`; of other axes the first value decides, or the first draw.

    Raises ConfigError.
    """
    node = rate_of(tree)
    if node is None or rates is None:
        return []
    first = reduce(lambda one, axis: put(one, axis.path, _first(axis.grid, drawn)), axes, tree)
    found = tuple(node.holding(rate) for rate in rates(put(first, LR, node.holding(1.0))))
    return [Axis(LR, Grid(node, found))]


def _first(grid: Grid, drawn: Mapping[int, Node]) -> Node:
    return drawn[id(grid.node)] if id(grid.node) in drawn else grid.nodes()[0]


def check_not_drawn(block: Node) -> None:
    """Whether a block whose values are drawn has a range to draw rates from. Raises ConfigError."""
    if node := rate_of(block):
        message = "auto is a grid, and random draws: give a range, such as {log: [1e-4, 1]}"
        raise ConfigError([Problem(node.where, ".".join(LR), message)])
