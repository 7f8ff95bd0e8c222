"""The question of a report: what all runs share, and what was varied."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gdrun.analysis.numerals import number
from gdrun.experiment.config import flatten
from gdrun.experiment.config.write import as_yaml
from gdrun.experiment.results.columns import MADE
from gdrun.experiment.runs import setting_columns
from gdrun.experiment.unfinished.underway import UNDERWAY
from gdrun.pictures.legends import criterion_words
from gdrun.pictures.scene import Scene

MOST_VALUES = 12


@dataclass(frozen=True)
class Question:
    """What was asked."""

    text: str
    shared: str
    """What all runs have in common, as YAML, defaults left out."""
    varied: Sequence[tuple[str, str]]
    """Settings with their values."""


def question(scene: Scene) -> Question:
    """What the runs share and where they differ."""
    lines = [result.row for result in scene.results]
    flats = [_flat(line) for line in dict.fromkeys(str(line["config"]) for line in lines)]
    same = {name: value for name, value in flats[0].items() if all(_equal(flat.get(name), value) for flat in flats)}
    names = [name for name in setting_columns(list(lines[0])) if name != "id"]
    values = {name: _values(line.get(name) for line in lines) for name in names}
    varied = [(name, _listed(found)) for name, found in values.items() if len(found) > 1]
    return Question(_text(scene), as_yaml(nested(same)), varied)


def _text(scene: Scene) -> str:
    count = len(scene.results)
    if count == 1:
        return "One run, which has not ended." if scene.results[0].status == UNDERWAY else "One run."
    asked = scene.question
    target = f" The target is a loss of {asked.target:g}." if asked.target is not None else ""
    going = sum(result.status == UNDERWAY for result in scene.results)
    so_far = f" {going} of them have not ended: what is shown of them is so far." if going else ""
    return f"{count} runs; {criterion_words(scene.criterion)} decides.{target}{so_far}"


def _flat(config: str) -> dict[str, Any]:
    values = json.loads(config)
    return {name: value for name, value in flatten(values).items() if not name.endswith("revision")}


def _equal(one: Any, other: Any) -> bool:
    return type(one) is type(other) and one == other


def nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    """Settings by dotted key as blocks; lists from JSON text."""
    found: dict[str, Any] = {}
    for name, value in flat.items():
        *sections, last = name.split(".")
        block = found
        for section in sections:
            block = block.setdefault(section, {})
        block[last] = json.loads(value) if isinstance(value, str) and value.startswith("[") else value
    return found


def _values(found: Any) -> list[Any]:
    """The values there are, in order."""
    there = list(dict.fromkeys(value for value in found if value is not None))
    numbers = all(isinstance(value, int | float) for value in there)
    return sorted(there) if numbers else there


def _listed(values: Sequence[Any]) -> str:
    shown = [number(value) if isinstance(value, float) else str(value) for value in values]
    if len(shown) <= MOST_VALUES:
        return ", ".join(shown)
    return ", ".join(shown[: MOST_VALUES - 1]) + f", … {shown[-1]}: {len(shown)} values"


def made(line: Mapping[str, Any]) -> dict[str, str]:
    """Where a run was made: versions and machine."""
    return {name: str(line[name]) for name in MADE if name not in ("config", "started") and line.get(name)}
