"""The points of one candidate's sweep: layers merged, grids crossed, every config built."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import product
from math import prod

from gdrun.experiment.config import ConfigError, Node, Problem, RunConfig, build, merge
from gdrun.experiment.config.build import Known, rebuild
from gdrun.experiment.config.families import families
from gdrun.experiment.config.identity import spelling
from gdrun.experiment.config.kinds import expanded
from gdrun.experiment.sweep.auto import Rates, automatic
from gdrun.experiment.sweep.axes import Axis, put, settings
from gdrun.experiment.sweep.layers import Layer, Ranks, Variant, check_number, number, variants

Order = tuple[tuple[int, int], ...]
"""Which value of which axis, axes in the order in which they are written."""


@dataclass(frozen=True)
class Dimension:
    """Settings that vary together: those of one grid, or all that a block draws."""

    rank: int
    axes: tuple[Axis, ...]
    variant: Variant | None = None
    """Where its values were drawn."""

    @property
    def size(self) -> int:
        """How many values it has."""
        return len(self.variant.draws) if self.variant else self.axes[0].grid.size

    def rows(self) -> list[tuple[int, tuple[Node, ...]]]:
        """Its values: the number of each, and a node per axis."""
        if self.variant is None:
            return [(number, (node,)) for number, node in enumerate(self.axes[0].grid.nodes())]
        nodes = [id(axis.grid.node) for axis in self.axes]
        return [(draw.number, tuple(draw.values[node] for node in nodes)) for draw in self.variant.draws]


@dataclass(frozen=True)
class Group:
    """Points that have the same kinds: a tree, and the dimensions in which its settings vary."""

    tree: Node
    dimensions: tuple[Dimension, ...]
    seeds: Axis | None
    order: Order
    keys: tuple[str, ...]

    @property
    def size(self) -> int:
        """How many points it has, whatever their seeds."""
        return prod(dimension.size for dimension in self.dimensions)


@dataclass(frozen=True)
class Point:
    """One setting of a sweep; it is trained with every seed."""

    tree: Node
    config: RunConfig
    keys: tuple[str, ...]
    """The dotted settings that vary."""
    order: Order


def groups(layers: tuple[Layer, ...], ranked: Ranks, rates: Rates | None = None) -> list[Group]:
    """All merged trees, with the grids that are left in them; `rates` for `lr: auto`. Raises ConfigError."""
    problems: list[Problem] = []
    blocks: list[list[Variant]] = []
    check_number(prod(number(one) for one in layers if one.random is None), layers[0].block)
    for one in layers:
        try:
            blocks.append(variants(one, ranked))
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    found: list[Group] = []
    points = 0
    for chosen in product(*blocks):
        found.append(_group(chosen, layers, ranked, rates))
        points += found[-1].size
        check_number(points, layers[0].block)
    return found


def _group(chosen: Sequence[Variant], layers: Sequence[Layer], ranked: Ranks, rates: Rates | None) -> Group:
    tree = reduce(merge, (variant.block for variant in chosen))
    drawn = {id_: node for variant in chosen if variant.draws for id_, node in variant.draws[0].values.items()}
    axes = settings(tree, drawn)
    axes = sorted([*axes, *automatic(tree, axes, drawn, rates)], key=lambda axis: ranked[id(axis.grid.node)])
    crossed = [axis for axis in axes if id(axis.grid.node) not in drawn and axis.path != ("seed",)]
    dimensions = [Dimension(ranked[id(axis.grid.node)], (axis,)) for axis in crossed]
    for variant, one in zip(chosen, layers, strict=True):
        if variant.draws:
            left = tuple(axis for axis in axes if id(axis.grid.node) in variant.draws[0].values)
            dimensions.append(Dimension(ranked[id(one.random)], left, variant))
    return Group(
        tree=tree,
        dimensions=tuple(sorted(dimensions, key=lambda dimension: dimension.rank)),
        seeds=next((axis for axis in axes if axis.path == ("seed",)), None),
        order=tuple(sorted(place for variant in chosen for place in variant.order)),
        keys=tuple(dict.fromkeys((*_varied(chosen), *(key for axis in axes for key in axis.keys)))),
    )


def _varied(chosen: Sequence[Variant]) -> Iterator[str]:
    return (key for variant in chosen for key in variant.keys)


class Expansion:
    """Builds the points of one candidate: sections that many of them share are checked once."""

    def __init__(self) -> None:
        self.known: Known = {}
        self.problems: dict[Problem, None] = {}

    def points(self, found: Sequence[Group], seed: Node | None) -> list[Point]:
        """Every different point, in the order in which the axes are written; `seed` stands for all seeds."""
        points = [point for group in found for point in self._crossed(group, seed)]
        if len(found) > 1:
            points.sort(key=lambda point: point.order)
        different: dict[object, Point] = {}
        for point in points:
            different.setdefault(spelling(point.config), point)
        return list(different.values())

    def check_seeds(self, point: Point, seeds: Sequence[Node]) -> None:
        """Whether the other seeds than the first, with which the point was built, are seeds."""
        for seed in seeds[1:]:
            if type(seed.value) is not int or seed.value < 0:
                try:
                    build(put(point.tree, ("seed",), seed), known=self.known)
                except ConfigError as error:
                    self.problems |= dict.fromkeys(error.problems)

    def _crossed(self, group: Group, seed: Node | None) -> Iterator[Point]:
        trees = _Trees(group.tree if seed is None else put(group.tree, ("seed",), seed), group.dimensions)
        first: RunConfig | None = None
        for rows in product(*trees.rows):
            changed = trees.changed(rows)
            tree = trees.tree.holding({**trees.tree.entries, **changed})
            try:
                config = rebuild(first, tree, changed, self.known) if first else build(tree, known=self.known)
            except ConfigError as error:
                self.problems |= dict.fromkeys(error.problems)
                continue
            first = first or config
            numbers = ((dimension.rank, row[0]) for dimension, row in zip(group.dimensions, rows, strict=True))
            yield Point(tree, config, group.keys, tuple(sorted((*group.order, *numbers))))


Row = tuple[int, tuple[Node, ...]]


class _Trees:
    """The trees of a group's points; those that agree on a section share its node."""

    def __init__(self, tree: Node, dimensions: Sequence[Dimension]) -> None:
        self.tree = tree
        self.rows = [dimension.rows() for dimension in dimensions]
        self.places: dict[str, list[tuple[int, int, str]]] = {}
        """By section: dimension, axis within it, name of the setting; none at the top level."""
        for place, dimension in enumerate(dimensions):
            for inner, axis in enumerate(dimension.axes):
                key, *name = axis.path
                self.places.setdefault(key, []).append((place, inner, "".join(name)))
        self.sections = {
            key: expanded(families()[key], node) if key in families() else node for key, node in tree.entries.items()
        }
        self.made: dict[tuple[str, tuple[int, ...]], Node] = {}

    def changed(self, rows: Sequence[Row]) -> dict[str, Node]:
        """The sections whose settings vary, at one point."""
        return {key: self._section(key, rows) for key in self.places}

    def _section(self, key: str, rows: Sequence[Row]) -> Node:
        which = key, tuple(rows[place][0] for place, _, _ in self.places[key])
        if which not in self.made:
            values = {name: rows[place][1][inner] for place, inner, name in self.places[key]}
            section = self.sections[key]
            self.made[which] = values[""] if "" in values else section.holding(section.entries | values)
        return self.made[which]
