"""A layer of a sweep: the config above, a candidate's block, or the command line; and the blocks that it can be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic import ValidationError

from gdrun.descent.streams import generator
from gdrun.experiment.config import ConfigError, Node, Problem
from gdrun.experiment.config.candidates import settings_keys
from gdrun.experiment.config.compare import LIMIT, Random
from gdrun.experiment.config.overrides import together
from gdrun.experiment.sweep.auto import check_not_drawn
from gdrun.experiment.sweep.axes import Axis, Zip, choice, choices, put, settings, zipped
from gdrun.experiment.sweep.grids import NO_VALUE

DRAWS = 20
"""Stream of the random numbers; data/ has those from 10 on."""

PATIENCE = 100
"""Draws in vain per setting found until there are taken to be no others."""


def check_number(runs: int, node: Node) -> None:
    """No sweep has so many runs. Raises ConfigError."""
    if runs > LIMIT:
        raise ConfigError([Problem(node.where, "compare", f"{runs:,} runs: a sweep has at most {LIMIT:,}")])


@dataclass(frozen=True)
class Layer:
    """One block of settings, and how its several values are to be combined."""

    block: Node
    zip: Node | None = None
    random: Node | None = None

    @property
    def wanted(self) -> Random:
        """How many settings are drawn, and from which seed on; one where that is said wrongly, an error of its own."""
        try:
            return Random.model_validate(self.random.plain() if self.random else None)
        except ValidationError:
            return Random(n=1)


@dataclass(frozen=True)
class Variant:
    """The block that a layer is at one place of the sweep."""

    block: Node
    order: tuple[tuple[int, int], ...] = ()
    """Which value of which axis was taken, axes in the order in which they are written."""
    keys: tuple[str, ...] = ()
    """The dotted settings that vary."""
    draws: Sequence[Draw] = ()
    """What was drawn for the grids in the block, if that is how they are combined."""


@dataclass(frozen=True)
class Draw:
    """One setting drawn at random."""

    number: int
    values: Mapping[int, Node]
    """By the identity of the grid's node."""


Ranks = Mapping[int, int]
"""In which place a node is written, by its identity."""


def layer(block: Node, group: Node | None = None) -> Layer:
    """The layer of a whole config, whose `zip` and `random` stand in `group`, or else of a candidate's block."""
    found = (group or block).entries
    steps, random = found.get("zip"), found.get("random")
    steps = _of_settings(steps) if steps else None
    return Layer(
        block if group else _of_settings(block),
        steps if steps and steps.entries else None,
        random if random and random.value is not None else None,
    )


def _of_settings(block: Node) -> Node:
    """A block without unknown keys, which have their error already."""
    known = {key: node for key, node in block.entries.items() if key.partition(".")[0] in settings_keys()}
    return block.holding(known)


def ranks(layers: tuple[Layer, ...]) -> Ranks:
    """The order in which nodes are written."""
    nodes = [node for one in layers for part in (one.block, one.zip, one.random) if part for node in walk(part)]
    return defaultdict(int, {id(node): rank for rank, node in enumerate(nodes)})


def walk(node: Node) -> Iterator[Node]:
    """A node and all within."""
    yield node
    for inner in node.entries.values() if isinstance(node.value, dict) else ():
        yield from walk(inner)
    for inner in node.value if isinstance(node.value, tuple) else ():
        yield from walk(inner)


def variants(one: Layer, ranked: Ranks) -> list[Variant]:
    """All blocks that a layer can be: each kind and each step of its zip, or those of them that are drawn.

    Grids of settings stay in the block, since what is merged over them can replace them.
    """
    steps = zipped(one.zip, one.random is not None) if one.zip else None
    if steps:
        _check_apart(one.block, steps)
    check_number(number(one), one.block)
    if one.random is not None:
        return _drawn(one, steps, ranked)
    return [found for start in _stepped(one.block, steps, ranked) for found in _chosen(start, ranked)]


def number(one: Layer) -> int:
    """How many blocks a layer can be, before any is drawn; 1 where what is wrong with it has its error elsewhere."""
    drawn = one.random is not None
    try:
        return (zipped(one.zip, drawn).size if one.zip else 1) * choices(one.block, drawn)
    except ConfigError:
        return 1


def _check_apart(block: Node, steps: Zip) -> None:
    axes: list[Axis] = settings(block, set(map(id, walk(block))))
    if (several := choice(block, drawn=True)) is not None:
        axes.append(several)
    taken = {key for axis in axes for key in (*axis.keys, ".".join(axis.path))}
    for key, grid in steps.grids.items():
        if key in taken:
            raise ConfigError([Problem(grid.node.key, f"zip.{key}", f"{key} has several values in this block already")])


def _stepped(block: Node, steps: Zip | None, ranked: Ranks) -> Iterator[Variant]:
    if steps is None:
        yield Variant(block)
        return
    for index, step in enumerate(steps.blocks()):
        yield Variant(together(block, step), ((ranked[id(steps.node)], index),), steps.keys)


def _chosen(variant: Variant, ranked: Ranks, drawn: bool = False) -> Iterator[Variant]:
    axis = choice(variant.block, drawn)
    if axis is None:
        yield variant
        return
    rank, keys = ranked[id(axis.grid.node)], (*variant.keys, *axis.keys)
    if not axis.grid.size:
        raise ConfigError([Problem(axis.grid.node.where, ".".join(axis.path), NO_VALUE)])
    for index, node in enumerate(axis.grid.nodes()):
        one = Variant(put(variant.block, axis.path, node), (*variant.order, (rank, index)), keys)
        yield from _chosen(one, ranked, drawn)


def _drawn(one: Layer, steps: Zip | None, ranked: Ranks) -> list[Variant]:
    """Different settings drawn at random. The first are the same however many are drawn."""
    assert one.random is not None
    check_not_drawn(one.block)
    wanted = one.wanted
    rng = generator(wanted.seed, DRAWS)
    all_blocks = [found for start in _stepped(one.block, steps, ranked) for found in _chosen(start, ranked, drawn=True)]
    axes = [_drawable(variant.block) for variant in all_blocks]
    if len(all_blocks) == 1 and not axes[0]:
        raise ConfigError([Problem(one.random.where, "random", "this block has no list and no range to draw from")])
    draws: dict[int, list[Draw]] = {}
    found: set[object] = set()
    vain = 0
    while len(found) < wanted.n and vain < PATIENCE * (len(found) + 1):
        place = int(rng.integers(len(all_blocks)))
        values = {id(axis.grid.node): axis.grid.draw(rng) for axis in axes[place]}
        signature = place, tuple(repr(node.plain()) for node in values.values())
        if signature in found:
            vain += 1
            continue
        draws.setdefault(place, []).append(Draw(len(found), values))
        found.add(signature)
    return [replace(all_blocks[place], order=(), draws=some) for place, some in draws.items()]


def _drawable(block: Node) -> list[Axis]:
    """The grids that are drawn from: not the seeds, every setting is trained with all of them."""
    return [axis for axis in settings(block, set(map(id, walk(block)))) if axis.path != ("seed",)]
