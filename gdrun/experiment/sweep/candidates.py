"""The runs of one experiment: every candidate expanded, all that is wrong with any of them said once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

from gdrun.experiment.config import ConfigError, Loaded, Node, Problem, Where
from gdrun.experiment.config.compare import Compare
from gdrun.experiment.config.errors import listed
from gdrun.experiment.config.messages import SWEEP
from gdrun.experiment.sweep.layers import Layer, check_number, ranks, walk
from gdrun.experiment.sweep.plan import Candidate, Entry, Sweep
from gdrun.experiment.sweep.points import Expansion, Point, groups
from gdrun.experiment.sweep.seeds import Seeds, seeds_of

NO_GRID = "one value here: a grid cannot stand here, nor within another"
MOST_NAMED = 5

FileRates: TypeAlias = Callable[[Node, Path | None], Sequence[float]]
"""The rates that the curvature suggests for a config that stands in a file. Raises ConfigError."""


@dataclass(frozen=True)
class Block:
    """One candidate as it is written: a config and what stands over it; `overrides` are the command line's."""

    label: str | None
    file: Path | None
    base: Layer
    own: Layer
    overrides: Layer

    @property
    def layers(self) -> tuple[Layer, ...]:
        """What is merged, one over the other."""
        return self.base, self.own, self.overrides


@dataclass(frozen=True)
class Settings:
    """The points of one candidate, and the seeds of each of them; None if each has its own."""

    points: Sequence[Point] = ()
    seeds: Seeds | None = None

    @property
    def runs(self) -> int:
        """How many runs they are."""
        return len(self.points) * len(self.seeds or (1,))


def sweep(name: str, blocks: Sequence[Block], options: Compare, rates: FileRates | None = None) -> Sweep:
    """The sweep of some candidates; `rates` for `lr: auto`. Raises ConfigError with all that is wrong with any."""
    wrong: dict[Problem, list[int]] = {}
    found: list[Settings] = []
    for index, block in enumerate(blocks):
        try:
            found.append(_settings(block, options, rates))
        except ConfigError as error:
            for problem in dict.fromkeys(error.problems):
                wrong.setdefault(problem, []).append(index)
    if wrong:
        raise ConfigError(_named(problem, places, blocks) for problem, places in wrong.items())
    check_number(sum(settings.runs for settings in found), blocks[0].base.block)
    candidates = tuple(
        Candidate(block.label, block.file, settings.points[0].config.expect)
        for block, settings in zip(blocks, found, strict=True)
    )
    values = [[_values(point) for point in settings.points] for settings in found]
    swept = _swept([one for settings in values for one in settings], [settings.seeds for settings in found])
    entries = (
        entry
        for index, settings in enumerate(found)
        for point, varied in zip(settings.points, values[index], strict=True)
        for entry in _entries(
            index, point, settings.seeds, {key: varied[key] for key in swept if key in varied}, blocks[index].file
        )
    )
    return Sweep(name, candidates, tuple(entries), swept, options)


def _settings(block: Block, options: Compare, rates: FileRates | None) -> Settings:
    """What one candidate is expanded to. Raises ConfigError."""
    found = groups(block.layers, ranks(block.layers), rates and (lambda tree: rates(tree, block.file)))
    seeds = seeds_of(found, options, block.overrides.block)
    check_number(sum(group.size for group in found) * len(seeds or (1,)), block.base.block)
    expansion = Expansion()
    points = expansion.points(found, seeds[0] if seeds else None)
    if seeds and points:
        expansion.check_seeds(points[0], seeds)
    if expansion.problems:
        raise ConfigError(expansion.problems)
    return Settings(points, seeds)


def _values(point: Point) -> dict[str, Any]:
    """Those of the point's settings that vary and that its kinds have."""
    values: dict[str, Any] = {}
    for key in point.keys:
        section, _, name = key.partition(".")
        holder = getattr(point.config, section) if name else point.config
        if hasattr(holder, name or section):
            value = getattr(holder, name or section)
            # a value that is implied anyway is not kept in the config: then what was written says more
            values[key] = _written(point.tree, section, name) if value is None else value
    return values


def _written(tree: Node, section: str, name: str) -> Any:
    node = tree.entries.get(section)
    inner = node.entries.get(name) if node and name else node
    return inner.plain() if inner else None


def _swept(points: Sequence[Mapping[str, Any]], seeds: Sequence[Seeds | None]) -> tuple[str, ...]:
    """The settings that have more than one value in the sweep; the seed last."""
    values: dict[str, set[Any]] = {}
    for point in points:
        for key, value in point.items():
            values.setdefault(key, set()).add(value)
    values["seed"] = values.pop("seed", set()) | {node.value for one in seeds for node in one or ()}
    return tuple(key for key, found in values.items() if len(found) > 1)


def _entries(
    index: int, point: Point, seeds: Seeds | None, varied: Mapping[str, Any], file: Path | None
) -> Iterator[Entry]:
    """The point's runs, one per seed; the point was checked with the first of them."""
    if seeds is None:
        yield Entry(index, varied, Loaded(point.config, file, point.tree))
        return
    for seed in seeds:
        config = point.config if seed is seeds[0] else point.config.model_copy(update={"seed": seed.value})
        with_seed = {**varied, "seed": seed.value} if len(seeds) > 1 else varied
        yield Entry(index, with_seed, Loaded(config, file, point.tree))


def _named(problem: Problem, places: Sequence[int], blocks: Sequence[Block]) -> Problem:
    """The problem with the candidates that have it, where its place does not say which."""
    message = NO_GRID if problem.message == SWEEP else problem.message
    if len(places) < len(blocks) and problem.where not in _own_places(blocks[places[0]]):
        names = listed([blocks[place].label or f"candidate {place + 1}" for place in places[:MOST_NAMED]])
        more = f" and {len(places) - MOST_NAMED} more" if len(places) > MOST_NAMED else ""
        message = f"in {names}{more}: {message}"
    return replace(problem, message=message)


def _own_places(block: Block) -> set[Where]:
    """Where a candidate's block stands in its file."""
    parts = (block.own.block, block.own.zip, block.own.random)
    found = {where for part in parts if part for node in walk(part) for where in (node.where, node.key)}
    return {where for where in found if where.file is not None}
