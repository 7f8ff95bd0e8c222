"""From YAML to a tree of nodes that know where they stand: safe types only, limits kept while events stream."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import yaml

from gdrun.experiment.config.errors import ConfigError, Problem, Where
from gdrun.experiment.config.scalars import scalar

LARGEST = 1_000_000
DEEPEST = 32
CONTROL = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Value: TypeAlias = "str | int | float | bool | dict[str, Node] | tuple[Node, ...] | None"

# libyaml's parser is about fifteen times faster; not every build of PyYAML has it
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Node:
    """A value and its place; `key` is the place of the key that it belongs to."""

    value: Value
    where: Where
    key: Where

    @property
    def entries(self) -> dict[str, Node]:
        """Its keys and their nodes; empty if it is no block."""
        return self.value if isinstance(self.value, dict) else {}

    def holding(self, value: Value) -> Node:
        """Another value in the same place."""
        return Node(value, self.where, self.key)

    def without(self, keys: Container[str]) -> Node:
        """The block without some of its entries."""
        return self.holding({key: node for key, node in self.entries.items() if key not in keys})

    def plain(self) -> Any:
        """The value without places; lists as tuples."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, tuple):
            return tuple(node.plain() for node in self.value)
        return self.value

    def place(self, path: tuple[str | int, ...]) -> Where:
        """Where the value at a path stands; if it is not there, the key of the nearest block around it."""
        if not path:
            return self.where
        step, *rest = path
        inner = self.entries.get(str(step))
        if isinstance(self.value, tuple) and isinstance(step, int) and step < len(self.value):
            inner = self.value[step]
        return self.key if inner is None else inner.place(tuple(rest))


def read(text: str, where: Where) -> tuple[Node, list[Problem]]:
    """The tree of a YAML text, and its repeated keys. Raises ConfigError where there can be no tree."""
    text = text.removeprefix("\ufeff")
    if len(text) > LARGEST:
        raise ConfigError([Problem(replace(where, line=0), "", "larger than 1 MB: not a config")])
    if found := CONTROL.search(text):
        line = text.count("\n", 0, found.start())
        column = found.start() - (text.rfind("\n", 0, found.start()) + 1)
        problem = f"control character {found.group()!a}: not a text file?"
        raise ConfigError([Problem(_at(where, line, column), "", problem)])
    return _Reader(text, where).document()


def _at(where: Where, line: int, column: int) -> Where:
    return where if where.override is not None else replace(where, line=line + 1, column=column + 1)


class _Reader:
    def __init__(self, text: str, where: Where) -> None:
        self.where = where
        self.problems: list[Problem] = []
        self.events = self._checked(text)

    def document(self) -> tuple[Node, list[Problem]]:
        next(self.events)
        event = next(self.events)
        if isinstance(event, yaml.StreamEndEvent):
            return Node(None, _at(self.where, 0, 0), _at(self.where, 0, 0)), []
        event = next(self.events)
        root = self._node(event, self._place(event), ())
        next(self.events)
        event = next(self.events)
        if not isinstance(event, yaml.StreamEndEvent):
            raise self._error(event, "a second document: a config is one")
        return root, self.problems

    def _checked(self, text: str) -> Iterator[yaml.Event]:
        depth = 0
        try:
            for event in yaml.parse(text, Loader=LOADER):
                if isinstance(event, yaml.CollectionStartEvent):
                    depth += 1
                    if depth > DEEPEST:
                        raise self._error(event, f"nested more than {DEEPEST} levels deep")
                elif isinstance(event, yaml.CollectionEndEvent):
                    depth -= 1
                self._refuse(event)
                yield event
        except yaml.MarkedYAMLError as error:
            raise self._unreadable(error) from None

    def _refuse(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise self._error(event, "anchors and aliases (& and *) are not read: write the value out")
        if getattr(event, "tag", None) is not None:
            raise self._error(event, "tags (!) are not read: write the value alone")

    def _node(self, event: yaml.Event, key: Where, path: tuple[str, ...]) -> Node:
        where = self._place(event)
        if isinstance(event, yaml.ScalarEvent):
            try:
                return Node(scalar(event.value) if event.implicit[0] else event.value, where, key)
            except ValueError as error:
                raise ConfigError([Problem(where, ".".join(path), str(error))]) from None
        if isinstance(event, yaml.MappingStartEvent):
            return Node(self._block(path), where, key)
        items = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.append(self._node(event, key, path))
        return Node(tuple(items), where, key)

    def _block(self, path: tuple[str, ...]) -> dict[str, Node]:
        entries: dict[str, Node] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise self._error(event, "a key must be a word")
            name, place = event.value, self._place(event)
            node = self._node(next(self.events), place, (*path, name))
            if name in entries:
                first = entries[name].key
                since = f" in line {first.line}" if first.line else ""
                self.problems.append(Problem(place, ".".join((*path, name)), f"already given{since}"))
            else:
                entries[name] = node
        return entries

    def _place(self, event: yaml.Event) -> Where:
        mark: Any = event.start_mark
        return _at(self.where, mark.line, mark.column)

    def _error(self, event: yaml.Event, message: str) -> ConfigError:
        return ConfigError([Problem(self._place(event), "", message)])

    def _unreadable(self, error: yaml.MarkedYAMLError) -> ConfigError:
        mark: Any = error.problem_mark or error.context_mark
        where = _at(self.where, mark.line, mark.column)
        context = f" {error.context}" if error.context and "scanning for" not in error.context else ""
        return ConfigError([Problem(where, "", f"not YAML: {error.problem}{context}")])
