"""What is compared with what: results parted by dataset and loss, grouped into rows, each of one or more settings."""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property, lru_cache
from typing import Any, TypeAlias

from gdrun.analysis.criteria import QuestionError, Result

CANDIDATE = "candidate"
SEEDS = ("seed", "dataset.seed")
STRUCTURAL = ("kind", "function", "variant")
Key: TypeAlias = tuple[Any, ...]
Identity: TypeAlias = frozenset[tuple[str, Any]]
Place: TypeAlias = tuple[int, int]
"""A split and a seed."""


@dataclass(frozen=True)
class Setting:
    """One setting of a row and its runs, one for each split and seed."""

    candidate: int
    label: str | None
    values: Mapping[str, Any]
    runs: Mapping[Place, Result]
    identity: Identity
    """Equal for settings with equal values."""
    order: Key
    """A place among all settings that does not depend on how the results came in."""

    @cached_property
    def usual(self) -> frozenset[str]:
        """Those of its settings that are as they would be if nothing were said, which a run's config leaves out."""
        config = next(iter(self.runs.values())).row.get("config") if self.runs else None
        if not config:
            return frozenset()
        said = json.loads(config)
        sections = ((key, value) for key, value in said.items() if isinstance(value, dict))
        written = {f"{key}.{name}" for key, value in sections for name in value} | said.keys()
        return frozenset(name for name in self.values if name not in written)


@dataclass(frozen=True)
class Row:
    """What is compared: its settings are tuned within it."""

    key: Mapping[str, Any]
    """The settings that make the row, and the candidate where candidates are compared."""
    settings: tuple[Setting, ...]


@dataclass(frozen=True)
class Partition:
    """Runs on one dataset with one loss: what may be ranked together."""

    problem: Mapping[str, Any]
    """Settings of dataset and loss that tell this partition from the others."""
    rows: tuple[Row, ...]

    @cached_property
    def results(self) -> list[Result]:
        """All runs."""
        return [run for row in self.rows for setting in row.settings for run in setting.runs.values()]


def partitions(results: Sequence[Result], chosen: Sequence[str] = ()) -> list[Partition]:
    """The results in rows, one partition per dataset and loss.

    `chosen` are the settings that make a row, or the word `candidate`. Left out, these are the candidates, every kind
    and the batch size, or all settings if that leaves one row. Raises QuestionError where one is unknown.
    """
    check_rows(chosen, results)
    settings = sorted(_settings(results), key=lambda setting: setting.order)
    parted: dict[Identity, list[Setting]] = defaultdict(list)
    for setting in settings:
        parted[frozenset(item for item in setting.identity if _is_problem(item[0]))].append(setting)
    return [_partition(members, chosen) for members in parted.values()]


def _partition(settings: Sequence[Setting], chosen: Sequence[str]) -> Partition:
    problem = {name: value for name, value in settings[0].values.items() if _is_problem(name)}
    if chosen:
        return Partition(problem, _grouped(settings, chosen))
    names = sorted({name for setting in settings for name in setting.values if not _is_problem(name)})
    rows = _grouped(settings, [CANDIDATE, *filter(is_structural, names)])
    return Partition(problem, rows if len(rows) > 1 else _grouped(settings, [CANDIDATE, *names]))


def _grouped(settings: Iterable[Setting], names: Sequence[str]) -> tuple[Row, ...]:
    groups: dict[tuple[Identity, int | None], list[Setting]] = defaultdict(list)
    wanted = set(names)
    for setting in settings:
        key = frozenset(item for item in setting.identity if item[0] in wanted)
        groups[key, setting.candidate if CANDIDATE in wanted else None].append(setting)
    return tuple(Row(_key(members[0], wanted), _once(members)) for members in groups.values())


def _key(setting: Setting, names: Collection[str]) -> dict[str, Any]:
    key = {name: value for name, value in setting.values.items() if name in names}
    return {**key, CANDIDATE: setting.candidate} if CANDIDATE in names else key


def _once(settings: Iterable[Setting]) -> tuple[Setting, ...]:
    """Each setting once: candidates in one row may share some, and then each run counts once."""
    found: dict[Identity, Setting] = {}
    for setting in settings:
        first = found.get(setting.identity)
        found[setting.identity] = replace(first, runs={**setting.runs, **first.runs}) if first else setting
    return tuple(found.values())


def _settings(results: Iterable[Result]) -> list[Setting]:
    groups: dict[tuple[int, Identity], list[Result]] = {}
    for result in results:
        groups.setdefault((result.candidate, identity_of(result.settings)), []).append(result)
    made = []
    for (candidate, identity), runs in groups.items():
        # Of a run that is there twice, the first by id; candidates have one label, or the first.
        runs.sort(key=lambda run: (run.split, run.seed, str(run.row.get("id"))))
        values = {name: runs[0].settings[name] for name in sorted(runs[0].settings) if name not in SEEDS}
        label = min((run.label for run in runs if run.label), default=None)
        places = {(run.split, run.seed): run for run in reversed(runs)}
        order = (candidate, *((name, key_of(value)) for name, value in values.items()))
        made.append(Setting(candidate, label, values, places, identity, order))
    return made


def varying(described: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    """The settings that differ, or that some have and others do not."""
    if len(described) < 2:
        return frozenset()
    values: dict[str, set[Any]] = defaultdict(set)
    counts: Counter[str] = Counter()
    for settings in described:
        for name, value in settings.items():
            values[name].add(_hashable(value))
            counts[name] += 1
    return frozenset(name for name, seen in values.items() if len(seen) > 1 or counts[name] < len(described))


def check_rows(names: Sequence[str], results: Sequence[Result]) -> None:
    """Raise QuestionError where a key of `--rows` names no setting of any run."""
    for name in names:
        if name in SEEDS:
            raise QuestionError("rows", f"{name}: a row's mean is over the seeds, they make no row")
        known = {CANDIDATE}.union(*(result.settings for result in results), *(result.row for result in results[:1]))
        if name not in known:
            near = get_close_matches(name, sorted(known), n=1)
            raise QuestionError("rows", f"no setting {name}" + (f"; did you mean {near[0]}?" if near else ""))


@lru_cache
def _is_problem(name: str) -> bool:
    return name.startswith(("dataset.", "loss.")) or name in ("dataset", "loss")


@lru_cache
def is_structural(name: str) -> bool:
    """Whether a setting makes rows by itself."""
    return name.rpartition(".")[2] in STRUCTURAL or name == "descent.batch_size"


def key_of(value: Any) -> Key:
    """A hashable key that sorts values of any type: nothing, numbers, words, lists."""
    if value is None:
        return (0,)
    if isinstance(value, int | float):
        return (1, math.inf if math.isnan(value) else value)
    if isinstance(value, list | tuple):
        return (3, *map(key_of, value))
    return (2, str(value))


def identity_of(values: Mapping[str, Any]) -> Identity:
    """Equal for equal settings, whatever their seeds."""
    return frozenset((name, _hashable(value)) for name, value in values.items() if name not in SEEDS)


def _hashable(value: Any) -> Any:
    return key_of(value) if isinstance(value, list | tuple) else value
