"""From the tree to the validated config, section by section, so that each error speaks of one kind only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from typing import TypeAlias, TypeVar

from pydantic import ValidationError

from gdrun.experiment.config.block import Block
from gdrun.experiment.config.checks import Given, disagreements
from gdrun.experiment.config.chosen import chosen_block
from gdrun.experiment.config.errors import MOST, ConfigError, Problem, Where, listed, shown
from gdrun.experiment.config.expected import expectations
from gdrun.experiment.config.families import families
from gdrun.experiment.config.habits import ROOT
from gdrun.experiment.config.kinds import default_block, expanded, is_surface
from gdrun.experiment.config.messages import Path, sentences
from gdrun.experiment.config.models import RunConfig
from gdrun.experiment.config.tree import Node
from gdrun.experiment.config.unknown import NESTED, unknown_key

Section = TypeVar("Section", bound=Block)


@dataclass(frozen=True)
class Checked:
    """A section's node, what became of it, what is wrong with it and which keys were meant."""

    node: Node
    block: Block | None
    problems: list[Problem]
    meant: set[str]


Known: TypeAlias = dict[tuple[str, int, frozenset[str]], Checked]
"""Sections that were checked before, by key, identity of their node and the keys that others meant."""


def build(root: Node, problems: Iterable[Problem] = (), known: Known | None = None) -> RunConfig:
    """The config that a tree describes. Raises ConfigError with everything that is wrong, `problems` included.

    Trees of a sweep share the nodes of most sections: with one `known` for all, each is checked once.
    """
    if not root.entries:
        message = "empty: a config has at least model, optimizer and epochs or steps"
        if root.value:
            message = f"must be keys with values, such as `model: linear`, not {shown(root.plain())}"
        raise ConfigError([Problem(root.where, "", message)])
    return Builder(list(problems), known).config(root)


def rebuild(config: RunConfig, root: Node, changed: Mapping[str, Node], known: Known) -> RunConfig:
    """The config of `root`, that of `config` but for some of its values. Raises ConfigError as `build` does.

    A tenth of the work of building it anew: what is the same is not checked again.
    """
    builder = Builder([], known)
    blocks = {key: builder.section(key, node) for key, node in changed.items() if key in _sections()}
    if len(blocks) < len(changed) or builder.problems or any(node.value is None for node in changed.values()):
        return build(root, known=known)
    given = {key: node for key, node in root.entries.items() if node.value is not None}
    all_blocks = {key: getattr(config, key) for key in given if key in _sections() and key not in blocks} | blocks
    if any(disagreements(Given(given, all_blocks, config.on_surface))):
        return build(root, known=known)
    return config.model_copy(update=blocks)


def dotted(path: Path) -> str:
    """`model.hidden[1]`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


class Builder:
    """Checks sections and whole configs, and gathers all that is wrong with them."""

    def __init__(self, problems: list[Problem], known: Known | None = None) -> None:
        self.problems = problems
        self.known: Known = {} if known is None else known
        self.meant: set[str] = set()
        """Keys that were written under another name: that they are missing is no second problem."""

    def config(self, root: Node) -> RunConfig:
        """The whole config. Raises ConfigError."""
        # a section that is there but empty counts as left out; what is compared is no part of a run
        entries = {key: node for key, node in root.entries.items() if node.value is not None and key != "compare"}
        given = root.holding(entries)
        self.unknown((), given, [*RunConfig.model_fields, "compare"])
        blocks = self.sections(given)
        surface = is_surface(given)
        for path, message in disagreements(Given(given.entries, blocks, surface)):
            self.add(path, given, message)
        for key in ["schedule"] if surface else ["schedule", "descent"]:
            if key not in given.entries:
                blocks[key] = default_block(key)
        config = self.validated(RunConfig, (), given.without(_sections()), blocks)
        if self.problems or config is None:
            raise ConfigError(self.problems)
        return config

    def sections(self, given: Node) -> dict[str, Block]:
        blocks: dict[str, Block | None] = {}
        for key, node in given.entries.items():
            if key in _sections():
                blocks[key] = self.section(key, node)
        return {key: block for key, block in blocks.items() if block is not None}

    def section(self, key: str, node: Node) -> Block | None:
        """One section, or None and its problems."""
        place = key, id(node), frozenset(self.meant)
        if place not in self.known:
            alone = Builder([])
            alone.meant |= self.meant
            self.known[place] = Checked(node, alone.alone(key, node), alone.problems, alone.meant)
        checked = self.known[place]
        self.problems += checked.problems
        self.meant |= checked.meant
        return checked.block

    def alone(self, key: str, node: Node) -> Block | None:
        """One section, whatever the others say."""
        if key == "expect":
            return expectations(self, key, node)
        family = families().get(key)
        if family is None:
            return self.nested(key, node, NESTED[key])
        return chosen_block(self, key, family, expanded(family, node))

    def nested(self, key: str, node: Node, model: type[Section]) -> Section | None:
        """A section without kinds."""
        if not isinstance(node.value, dict):
            self.wrong((key,), node, f"must be a block with {listed(model.model_fields)}")
            return None
        self.unknown((key,), node, list(model.model_fields))
        return self.validated(model, (key,), node)

    def unknown(
        self,
        path: tuple[str, ...],
        node: Node,
        allowed: list[str],
        chosen: str | None = None,
        section: str | None = None,
    ) -> None:
        """A problem for every key that is not allowed; `section` is whose habits count, the path's if left out."""
        section = section or (path[0] if path else ROOT)
        for key in islice((key for key in node.entries if key not in allowed), MOST):
            place = replace(node, where=node.entries[key].key)
            message, meant = unknown_key(section, key, allowed, chosen)
            self.wrong((*path, key), place, message)
            self.meant |= {dotted((*path, word)) for word in meant.split()} | set(meant.split())

    def validated(
        self,
        model: type[Section],
        path: tuple[str, ...],
        node: Node,
        blocks: Mapping[str, Block] | None = None,
    ) -> Section | None:
        """A section's settings, or None and their problems; the blocks of a whole config are checked already."""
        known = {name: inner.plain() for name, inner in node.entries.items() if name in model.model_fields}
        try:
            return model.model_validate({**known, **(blocks or {})})
        except ValidationError as error:
            for inner, message in sentences(error, model.model_fields, known):
                if model is not RunConfig or inner[0] not in _sections():
                    self.add(inner, node, message, path)
        return None

    def add(self, path: Path, node: Node, message: str, around: tuple[str, ...] = ()) -> None:
        key = dotted((*around, *path))
        if path[0] in node.entries or key not in self.meant:
            place = node.place(path)
            if path[0] not in node.entries and around and _changes_kind(place, around[0]):
                message += f"; another {around[0]} has nothing of the config's block: say {key}=… too"
            self.problems.append(Problem(place, key, message))

    def wrong(self, path: Path, node: Node, message: str) -> None:
        self.problems.append(Problem(node.where, dotted(path), message))


def _changes_kind(place: Where, section: str) -> bool:
    """Whether an override chose another part, which replaces the block."""
    key = (place.override or "").partition("=")[0]
    return section in families() and key in (section, f"{section}.{families()[section].tag}")


@cache
def _sections() -> set[str]:
    return {*families(), *NESTED}
