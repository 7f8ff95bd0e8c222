"""Rows in words: a label shows only what differs among the rows."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from gdrun.analysis.rows import CANDIDATE, STRUCTURAL, Row, key_of, varying

Described: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True)
class Label:
    """A row's name and the settings that it tells."""

    text: str
    told: frozenset[str] = frozenset()

    def and_also(self, text: str, told: Iterable[str] = ()) -> Label:
        """The label with more text."""
        return Label(", ".join(filter(None, (self.text, text))), self.told.union(told))


@dataclass(frozen=True)
class Wording:
    """How settings are told, in this order: `gd, batch_size 32`."""

    names: Mapping[str, str]
    """The last part of a setting's name, the whole where two end alike; nothing for kinds, whose value says enough."""
    in_full: frozenset[str]
    """Settings that four digits do not tell apart."""

    def of(self, settings: Described) -> str:
        """Settings as text."""
        if not settings:
            return ""
        told = (f"{self.names[name]} {self._value(name, settings[name])}" for name in self.names if name in settings)
        return ", ".join(map(str.lstrip, told))

    def _value(self, name: str, value: Any) -> str:
        return _exact(value) if name in self.in_full else _short(value)


def wording(rows: Sequence[Row]) -> Wording:
    """The wording that tells all settings of these rows apart."""
    values: dict[str, set[Any]] = defaultdict(set)
    for row in rows:
        for setting in row.settings:
            for name, value in setting.values.items():
                values[name].add(value if isinstance(value, float | str) else key_of(value))
    floats = {name: {value for value in found if isinstance(value, float)} for name, found in values.items()}
    in_full = {name for name, found in floats.items() if len({_short(value) for value in found}) < len(found)}
    ends = Counter(map(_end, values))
    names = {
        name: "" if _end(name) in STRUCTURAL else name if ends[_end(name)] > 1 else _end(name)
        for name in sorted(values, key=lambda name: (_end(name) not in STRUCTURAL, name))
    }
    return Wording(names, frozenset(in_full))


def labels(rows: Sequence[Row], wording: Wording) -> list[Label]:
    """A distinct label for each row: the candidate's own, then what differs among the rows."""
    own = [row.settings[0].label or "" if CANDIDATE in row.key else "" for row in rows]
    keys = [{name: value for name, value in row.key.items() if name != CANDIDATE} for row in rows]
    made = _with_differences([Label(text) for text in own], keys, own, wording)
    again = _repeated(made)
    if again:  # candidates of the same kinds are told apart by what is fixed within each
        made = _told_apart(made, rows, again, wording)
    again = _repeated(made) | {""}
    return [
        _numbered(label, row)
        if label.text in again and len(rows) > 1
        else label
        if label.text
        else Label("all settings")
        for label, row in zip(made, rows, strict=True)
    ]


def _told_apart(made: Sequence[Label], rows: Sequence[Row], again: Collection[str], wording: Wording) -> list[Label]:
    """Repeated labels with what is fixed within each row and differs: what is not usual, or all where that says less.

    A row with nothing unusual keeps a label that it has: `adam` beside `adam, weight_decay 0.1`.
    """
    groups = [label.text or "-" for label in made]
    fixed = [_fixed(row) if label.text in again else {} for row, label in zip(rows, made, strict=True)]
    said = [
        {name: value for name, value in values.items() if name not in row.settings[0].usual}
        for row, values in zip(rows, fixed, strict=True)
    ]
    full, brief = (_with_differences(made, settings, groups, wording) for settings in (fixed, said))
    found = [one if one.text else other for one, other in zip(brief, full, strict=True)]
    alike, still = _repeated(found), _repeated(full)
    return [
        other if one.text in alike and other.text not in still else one for one, other in zip(found, full, strict=True)
    ]


def _numbered(label: Label, row: Row) -> Label:
    return label.and_also(f"candidate {row.key[CANDIDATE] + 1}") if CANDIDATE in row.key else label


def _with_differences(
    made: Sequence[Label], described: Sequence[Described], groups: Sequence[str], wording: Wording
) -> list[Label]:
    """Each label with the settings that differ among the rows of its group; the group "" looks at all rows."""
    members: dict[str, list[Described]] = defaultdict(list)
    for settings, group in zip(described, groups, strict=True):
        members[group].append(settings)
    members[""] = list(described)
    differing = {group: varying(settings) for group, settings in members.items()}
    found = []
    for label, settings, group in zip(made, described, groups, strict=True):
        told = {name: settings[name] for name in differing[group] if name in settings and name not in label.told}
        found.append(label.and_also(wording.of(told), told) if told else label)
    return found


def _fixed(row: Row) -> dict[str, Any]:
    """The settings that all runs of the row share and that are not its key."""
    first = row.settings[0].values
    tuned = varying([setting.values for setting in row.settings])
    return {name: value for name, value in first.items() if name not in tuned and name not in row.key}


def _repeated(made: Iterable[Label]) -> set[str]:
    return {text for text, count in Counter(label.text for label in made).items() if count > 1}


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else _exact(value)


def _exact(value: Any) -> str:
    if value is None:
        return "none"
    return value if isinstance(value, str) else json.dumps(value)


def _end(name: str) -> str:
    return name.rpartition(".")[2]
