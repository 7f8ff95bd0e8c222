"""From config files and the command line to sweeps: which files are experiments, which are candidates of one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

from gdrun.experiment.config import (
    ConfigError,
    Node,
    Problem,
    Source,
    Where,
    failure,
    merge,
    read_overrides,
    read_source,
    valid_name,
)
from gdrun.experiment.config.candidates import read_compare
from gdrun.experiment.config.compare import Compare
from gdrun.experiment.config.errors import printable
from gdrun.experiment.sweep.candidates import Block, FileRates, sweep
from gdrun.experiment.sweep.layers import Layer, layer
from gdrun.experiment.sweep.plan import Sweep

NOTHING = Node({}, Where(), Where())


@dataclass(frozen=True)
class Config:
    """One config as it was read."""

    shown: str | None
    """What the user calls it; None for what came in memory."""
    file: Path | None
    tree: Node
    compares: bool
    """Whether it says what to compare: then it is an experiment of its own."""

    def name(self, overrides: Node) -> str | None:
        """The experiment's name that its config or file gives it."""
        node = overrides.entries.get("name") or self.tree.entries.get("name")
        if node is not None and isinstance(node.value, str):
            return node.value
        return None if self.file is None or not _is_name(self.file.stem) else self.file.stem


def expand(
    sources: Sequence[Source],
    overrides: Sequence[str] = (),
    name: str | None = None,
    stdin: TextIO | None = None,
    unnamed: str | None = None,
    rates: FileRates | None = None,
) -> tuple[Sweep, ...]:
    """The sweeps that configs describe, `overrides` and their grids in each candidate. Raises ConfigError.

    A config with `compare:` is an experiment; those without are candidates of one experiment, called `name`, or
    `unnamed` where they say nothing and that need not be. `rates` is asked where a learning rate is `auto`.
    """
    problems: list[Problem] = []
    over = NOTHING
    try:
        over = read_overrides(overrides, grids=True)
    except ConfigError as error:
        problems += error.problems
    configs = list(_read(sources, stdin, problems))
    if name is not None:
        problems += _wrong_name(name)
    if problems and len(configs) < len(sources):
        raise ConfigError(problems)
    experiments = _experiments(configs, over, name, unnamed)
    found: list[Sweep] = []
    for title, members in experiments.items():
        try:
            found.append(_sweep(title, members, over, rates))
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(dict.fromkeys(problems))
    return tuple(found)


def _read(sources: Sequence[Source], stdin: TextIO | None, problems: list[Problem]) -> Iterator[Config]:
    for source in sources:
        try:
            file, tree, repeated = read_source(source, stdin)
        except ConfigError as error:
            problems += error.problems
            continue
        problems += repeated
        node = tree.entries.get("compare")
        shown = str(source) if isinstance(source, str | Path) else str(file) if file else None
        yield Config(shown, file, tree, node is not None and node.value is not None)


def _experiments(
    configs: Sequence[Config], over: Node, name: str | None, unnamed: str | None
) -> dict[str, list[Config]]:
    """The configs of each experiment. Raises ConfigError where they are none."""
    plain = [config for config in configs if not config.compares]
    if plain and len(plain) < len(configs):
        message = "has no compare block, others have: configs are experiments or candidates of one, not both"
        raise failure(message, plain[0].shown)
    if len(plain) > 1:
        title = name or unnamed
        if title is None:
            raise failure("several configs without a compare block are candidates of one experiment: --name NAME")
        return {title: plain}
    experiments: dict[str, list[Config]] = {}
    for config in configs:
        title = name or config.name(over) or unnamed
        if title is None:
            raise failure("the experiment needs a name: --name NAME, or `name:` in the config", config.shown)
        if title in experiments:
            other = experiments[title][0].shown
            raise failure(f"a second experiment of the name {title}, after {other}: give one a `name:`", config.shown)
        experiments[title] = [config]
    return experiments


def _sweep(title: str, members: Sequence[Config], over: Node, rates: FileRates | None) -> Sweep:
    problems: list[Problem] = []
    merged = merge(members[0].tree, over)
    options, wrong = read_compare(merged)
    problems += wrong
    overrides = layer(_without_compare(over), NOTHING)
    blocks = list(_blocks(members, merged, overrides))
    found = None
    try:
        found = sweep(title, blocks, options or Compare(), rates)
    except ConfigError as error:
        problems += error.problems
    if problems or found is None:
        raise ConfigError(dict.fromkeys(problems))
    return found


def _blocks(members: Sequence[Config], merged: Node, overrides: Layer) -> Iterator[Block]:
    """The candidates: several files, or those that one file's `compare:` lists; or else the file itself."""
    compare = merged.entries.get("compare", NOTHING)
    if len(members) > 1:
        for label, config in zip(_labels(members), members, strict=True):
            yield Block(label, config.file, layer(_without_compare(config.tree), NOTHING), Layer(NOTHING), overrides)
        return
    config = members[0]
    base = layer(_without_compare(config.tree), compare)
    blocks = compare.entries.get("candidates")
    if blocks is None or not isinstance(blocks.value, tuple) or not blocks.value:
        yield Block(None, config.file, base, Layer(NOTHING), overrides)
        return
    for block in blocks.value:
        given = block.entries.get("label")
        named = given.value if given is not None and isinstance(given.value, str) else None
        yield Block(named, config.file, base, layer(block), overrides)


def _labels(members: Sequence[Config]) -> list[str | None]:
    """Each config's name, or else its file's; the whole path, or its place, where two would be called the same."""
    labels = [config.name(NOTHING) or (config.shown and printable(config.shown)) for config in members]
    return [
        label if label is None or labels.count(label) == 1 else f"{label} ({config.shown or place})"
        for place, (label, config) in enumerate(zip(labels, members, strict=True), start=1)
    ]


def _without_compare(tree: Node) -> Node:
    return replace(tree, value={key: node for key, node in tree.entries.items() if key != "compare"})


def _is_name(text: str) -> bool:
    try:
        return bool(valid_name(text))
    except ValueError:
        return False


def _wrong_name(name: str) -> Iterator[Problem]:
    try:
        valid_name(name)
    except ValueError as error:
        yield Problem(Where(), "--name", str(error))
