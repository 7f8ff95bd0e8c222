"""Which seeds each setting of a candidate is trained with."""

from __future__ import annotations

from collections.abc import Sequence

from gdrun.experiment.config import ConfigError, Node, Problem
from gdrun.experiment.config.compare import Compare
from gdrun.experiment.config.scalars import BITS
from gdrun.experiment.sweep.layers import check_number
from gdrun.experiment.sweep.points import Group

Seeds = Sequence[Node]


def seeds_of(groups: Sequence[Group], compare: Compare, overrides: Node) -> Seeds | None:
    """The seeds of each of a candidate's points; None if each has its own, in its tree. Raises ConfigError."""
    group = groups[0]  # kinds, zips and draws leave the other seeds as they are: all groups have the same
    given = overrides.entries.get("seed")
    if group.seeds is not None:
        if given is None and compare.seeds is not None:
            raise _twice(group.seeds.grid.node)
        check_number(sum(group.size for group in groups) * group.seeds.grid.size, group.tree)
        return _different(group.seeds.grid.nodes())
    seed = group.tree.entries.get("seed")
    if compare.seeds is None or (given is not None and not isinstance(compare.seeds, int)):
        return None
    if "seed" in group.keys and seed is not None:
        raise _twice(seed)
    if isinstance(compare.seeds, int):
        check_number(sum(group.size for group in groups) * compare.seeds, group.tree)
        return _consecutive(group.tree, seed, compare.seeds)
    around = group.tree if seed is None else seed
    return _different([around.holding(value) for value in compare.seeds])


def _consecutive(tree: Node, seed: Node | None, number: int) -> Seeds | None:
    node = tree.holding(0) if seed is None or seed.value is None else seed
    if not isinstance(node.value, int) or isinstance(node.value, bool):
        return None  # no seed: its own error says so
    if node.value + number > 2**BITS:
        raise ConfigError([Problem(node.where, "seed", f"the last of {number:,} seeds has more than 64 bits")])
    return [node.holding(node.value + i) for i in range(number)]


def _different(seeds: Seeds) -> Seeds:
    first: dict[str, Node] = {}
    for node in seeds:
        first.setdefault(repr(node.plain()), node)
    return list(first.values())


def _twice(node: Node) -> ConfigError:
    return ConfigError([Problem(node.where, "seed", "compare.seeds is given already: seeds stand in one place")])
