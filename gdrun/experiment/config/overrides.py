"""`optimizer.lr=1e-3` on the command line, and blocks that override a config."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from gdrun.experiment.config.errors import ConfigError, Problem, Where
from gdrun.experiment.config.families import Family, families
from gdrun.experiment.config.kinds import expanded
from gdrun.experiment.config.messages import SWEEP
from gdrun.experiment.config.models import BUDGETS
from gdrun.experiment.config.tree import Node, read

OVERRIDE = re.compile(r"(?P<key>[A-Za-z_][\w-]*(?:\.[\w-]+)*)=(?P<value>.*)", re.DOTALL)


def is_override(argument: str) -> bool:
    """Whether a command-line argument is `key=value` and not a file; a file of such a name is `./key=value`."""
    return OVERRIDE.fullmatch(argument) is not None


def read_overrides(arguments: Iterable[str], grids: bool = False) -> Node:
    """One tree of all the overrides, the last of a key winning. Raises ConfigError for what cannot be read.

    With `grids`, `model.hidden=[64],[64,32]` is a list of lists.
    """
    everything = Node({}, Where(), Where())
    problems: list[Problem] = []
    for argument in arguments:
        try:
            everything = together(everything, _override(argument, grids))
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    return everything


def merge(base: Node, override: Node) -> Node:
    """The config `base` with a block of overrides.

    Sections merge, except that another kind replaces the whole section, and another budget the budget.
    """
    if not isinstance(base.value, dict):
        return base
    entries = dict(base.entries)
    if override.entries.keys() & set(BUDGETS):
        entries = {key: node for key, node in entries.items() if key not in BUDGETS}
    for key, node in override.entries.items():
        entries[key] = _section(key, entries[key], node) if key in entries else node
    return replace(base, value=entries)


def _override(argument: str, grids: bool) -> Node:
    where = Where(override=argument)
    match = OVERRIDE.fullmatch(argument)
    if match is None:
        raise ConfigError([Problem(where, "", "an override is key=value, such as optimizer.lr=0.1")])
    try:
        node, problems = read(match["value"], where)
    except ConfigError:
        # [64],[64, 32] is no YAML: a sweep over lists
        if not re.search(r"]\s*,\s*\[", match["value"]):
            raise
        if not grids:
            raise ConfigError([Problem(where, "", SWEEP)]) from None
        node, problems = read(f"[{match['value']}]", where)
    if problems:
        raise ConfigError(problems)
    for key in reversed(match["key"].split(".")):
        node = Node({key: node}, where, where)
    return node


def together(one: Node, other: Node) -> Node:
    """Two trees of overrides as one: `optimizer.lr=0.1 optimizer=adam` is adam with lr 0.1, in either order."""
    entries = dict(one.entries)
    for key, node in other.entries.items():
        over = _block(key, node)
        entries[key] = _flat(_block(key, entries[key]), over) if key in entries else over
    return replace(one, value=entries)


def _block(key: str, node: Node) -> Node:
    return expanded(families()[key], node) if key in families() else node


def _section(key: str, base: Node, override: Node) -> Node:
    if key not in families():
        return _flat(base, override)
    family = families()[key]
    base, override = expanded(family, base), expanded(family, override)
    if not isinstance(override.value, dict):
        return override
    kept = _same_choice(family, base, override)
    if kept is None:
        return _flat(base, override)
    return replace(override, value={tag: base.entries[tag] for tag in kept} | override.entries)


def _same_choice(family: Family, base: Node, override: Node) -> list[str] | None:
    """None if the override chooses the same part; else the tags that it leaves as they are."""
    before, after = _named(family, base), _named(family, override)
    if family.tag in override.entries and after != before:
        return []
    inner = family.inner.get(str(before))
    if inner is None:
        return None
    kept = _same_choice(inner, base, override)
    return None if kept is None else [family.tag, *kept]


def _named(family: Family, block: Node) -> object:
    word = block.entries.get(family.tag)
    return family.default if word is None else family.named(word.plain())


def _flat(base: Node, override: Node) -> Node:
    """Blocks merge key by key; any other value is replaced."""
    if isinstance(base.value, dict) and isinstance(override.value, dict):
        return replace(base, value=base.value | override.value)
    return override
