"""The axes of a sweep: settings, or several in step, and the values that they take."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from itertools import chain
from math import prod

from gdrun.experiment.config import ConfigError, Node, Problem
from gdrun.experiment.config.compare import setting_hints
from gdrun.experiment.config.families import families
from gdrun.experiment.config.kinds import expanded
from gdrun.experiment.config.overrides import together
from gdrun.experiment.config.unknown import NESTED
from gdrun.experiment.sweep.grids import Grid, grid_of

Path = tuple[str, ...]
SINGLE = {"name", "expect"}
"""Keys whose lists are no grids."""


@dataclass(frozen=True)
class Axis:
    """The values of a setting or section at a path."""

    path: Path
    grid: Grid

    @property
    def keys(self) -> tuple[str, ...]:
        """The dotted settings that it sets."""
        if len(self.path) == 2 or self.path[0] not in sections():
            return (".".join(self.path),)
        blocks = [_expanded(self.path[0], node) for node in self.grid.nodes()]
        names = dict.fromkeys(chain.from_iterable(block.entries for block in blocks))
        return tuple(f"{self.path[0]}.{name}" for name in names)


@dataclass(frozen=True)
class Zip:
    """Settings that change in step."""

    node: Node
    grids: dict[str, Grid]

    @property
    def keys(self) -> tuple[str, ...]:
        """The dotted settings that it sets."""
        return tuple(name for key, grid in self.grids.items() for name in Axis(tuple(key.split(".")), grid).keys)

    @property
    def size(self) -> int:
        """How many steps there are."""
        return next(iter(self.grids.values())).size

    def blocks(self) -> Iterator[Node]:
        """What each step sets."""
        columns = [grid.nodes() for grid in self.grids.values()]
        for values in zip(*columns, strict=True):
            block = Node({}, self.node.where, self.node.key)
            for key, value in zip(self.grids, values, strict=True):
                block = together(block, _nested(key, value))
            yield block


def sections() -> set[str]:
    """Keys of a config that have settings of their own."""
    return {*families(), *NESTED} - SINGLE


def choice(block: Node, drawn: bool = False) -> Axis | None:
    """The first section of a block, or kind of one, that has several values."""
    for key, node in block.entries.items():
        if key not in sections():
            continue
        section = _expanded(key, node)
        if isinstance(section.value, tuple):
            return Axis((key,), Grid(section, section.value))
        for tag, word in section.entries.items():
            if tag in _tags(key) and (grid := grid_of(word, f"{key}.{tag}", None, drawn)):
                return Axis((key, tag), grid)
    return None


def choices(block: Node, drawn: bool = False) -> int:
    """How many blocks of single kinds a block stands for."""
    return prod(_kinds(key, _expanded(key, node), drawn) for key, node in block.entries.items() if key in sections())


def _kinds(key: str, section: Node, drawn: bool) -> int:
    if isinstance(section.value, tuple):
        return sum(_kinds(key, _expanded(key, node), drawn) for node in section.value)
    words = (node for tag, node in section.entries.items() if tag in _tags(key))
    return prod(grid.size for word in words if (grid := grid_of(word, key, None, drawn)))


def settings(block: Node, drawn: Container[int] = ()) -> list[Axis]:
    """All settings of a block that have several values, kinds and whole sections left out. Raises ConfigError.

    `drawn` are the nodes, by identity, whose values are drawn instead of listed.
    """
    found: list[Axis] = []
    problems: list[Problem] = []
    for path, node in _leaves(block):
        key = ".".join(path)
        try:
            if grid := grid_of(node, key, setting_hints().get(key), id(node) in drawn):
                found.append(Axis(path, grid))
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    return found


def zipped(node: Node, drawn: bool = False) -> Zip:
    """What a `zip:` block says. Raises ConfigError."""
    grids: dict[str, Grid] = {}
    for key, values in node.entries.items():
        grid = grid_of(values, f"zip.{key}", setting_hints().get(key), drawn)
        if grid is None:
            raise ConfigError([Problem(values.where, f"zip.{key}", "must be a list of values, or a range")])
        grids[key] = grid
    if len({grid.size for grid in grids.values()}) > 1:
        sizes = ", ".join(f"{key} has {grid.size}" for key, grid in grids.items())
        raise ConfigError([Problem(node.where, "zip", f"values that change in step must be equally many: {sizes}")])
    return Zip(node, grids)


def put(block: Node, path: Path, node: Node) -> Node:
    """The block with one value in the place of several."""
    key, *rest = path
    if rest:
        section = _expanded(key, block.entries[key])
        node = section.holding(section.entries | {rest[0]: node})
    return block.holding(block.entries | {key: node})


def _leaves(block: Node) -> Iterator[tuple[Path, Node]]:
    for key, node in block.entries.items():
        if key not in sections():
            if key not in SINGLE:
                yield (key,), node
            continue
        for name, inner in node.entries.items():
            if name not in _tags(key):
                yield (key, name), inner


def _tags(key: str) -> set[str]:
    family = families().get(key)
    return {family.tag, *(inner.tag for inner in family.inner.values())} if family else set()


def _expanded(key: str, node: Node) -> Node:
    return expanded(families()[key], node) if key in families() else node


def _nested(key: str, node: Node) -> Node:
    for name in reversed(key.split(".")):
        node = Node({name: node}, node.where, node.key)
    return node
