"""How the runs of a report can be had again: a config that describes them all, checked, and where they were made."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from gdrun.experiment.again import AgainError, loaded_again
from gdrun.experiment.comparing import plan
from gdrun.experiment.comparison import Comparison
from gdrun.experiment.config import ConfigError, flatten
from gdrun.experiment.config.identity import canonical
from gdrun.experiment.config.write import as_yaml
from gdrun.experiment.sweep import expand
from gdrun.pictures.report.question import made, nested
from gdrun.pictures.scene import Scene

MOST_RUNS = 2000
"""Runs up to which a config is written and checked."""


@dataclass(frozen=True)
class Recipe:
    """What to do for the same results."""

    file: str
    config: str
    """YAML; nothing where no config gives all runs at once."""
    command: str
    places: Sequence[tuple[Mapping[str, str], int]]
    """Versions and machine, with the number of runs that were made there."""
    started: str


def recipe(scene: Scene, found: Comparison | None) -> Recipe:
    """The config of a comparison, or of a single run, and the command for it."""
    lines = [result.row for result in scene.results]
    places: dict[str, tuple[dict[str, str], int]] = {}
    for line in lines:
        where = made(line)
        places[repr(where)] = where, places.get(repr(where), (where, 0))[1] + 1
    config = _compared(scene, found) if found else run_config(lines[0]) if len(lines) == 1 else ""
    file = f"{scene.name}.yaml"
    more = f" --confirm {_fresh(found)}" if found and found.fresh else ""
    command = f"gdrun {'compare' if found else 'train'} {file}{more}" if config else ""
    return Recipe(
        file,
        config,
        command,
        list(places.values()),
        min((str(line["started"]) for line in lines if line.get("started")), default=""),
    )


def _fresh(found: Comparison) -> int:
    return len({run["seed"] for run in found.fresh})


def run_config(line: Mapping[str, Any]) -> str:
    """A run's own config as YAML; nothing where its data were in memory."""
    try:
        return as_yaml(_config(line))
    except (ConfigError, AgainError):
        return ""


def _config(line: Mapping[str, Any]) -> dict[str, Any]:
    """A run's config, defaults left out, its files by their paths."""
    found: dict[str, Any] = _bare(json.loads(canonical(loaded_again(line).config)))
    return found


def _bare(values: Any) -> Any:
    if not isinstance(values, dict):
        return values
    return {name: _bare(value) for name, value in values.items() if name != "revision"}


def _compared(scene: Scene, found: Comparison) -> str:
    """A config whose runs are those of the comparison; nothing where there is no such."""
    lines = scene.kept.typed_rows()
    if len(found.runs) > MOST_RUNS or any(run["id"] not in lines for run in found.runs):
        return ""
    try:
        config = _sweep(found, {run["id"]: _config(lines[run["id"]]) for run in found.runs})
        (sweep,) = expand([config], name=scene.name)
        made_again = [cell.problem.id for cell in plan(sweep, scene.sources).cells]
    except (ConfigError, AgainError, ValueError):
        return ""
    return as_yaml(config) if sorted(made_again) == sorted(run["id"] for run in found.runs) else ""


def _sweep(found: Comparison, configs: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What all runs share, and a block for each candidate."""
    every = list(configs.values())
    shared = {key: value for key, value in every[0].items() if all(c.get(key) == value for c in every)}
    shared.pop("seed", None)
    blocks = [_candidate(found, configs, shared, place) for place in dict.fromkeys(r["candidate"] for r in found.runs)]
    seeds = sorted({run["seed"] for run in found.runs})
    asked: dict[str, Any] = {"seeds": seeds, "candidates": blocks, "target": found.question.target}
    asked |= {"criterion": found.question.criterion, "rows": list(found.question.rows) or None}
    asked |= {"report_on": "test" if found.question.report_test else None}
    return {**shared, "compare": {key: value for key, value in asked.items() if value is not None}}


def _candidate(
    found: Comparison, configs: Mapping[str, Mapping[str, Any]], shared: Mapping[str, Any], place: int
) -> dict[str, Any]:
    """A block whose grid, or lists in step, give the settings of a candidate."""
    runs = [run for run in found.runs if run["candidate"] == place]
    own = [dict(_own(configs[run["id"]], shared)) for run in runs]
    settings = {name: value for run in runs for name, value in run["settings"].items()}
    varied = [name for name in {**settings, **{n: 0 for flat in own for n in flat}}
              if len({repr(_value(flat, run, name)) for flat, run in zip(own, runs, strict=True)}) > 1]  # fmt: skip
    points = list(dict.fromkeys(tuple(json.dumps(_value(flat, run, name)) for name in varied)
                                for flat, run in zip(own, runs, strict=True)))  # fmt: skip
    block = nested({name: value for name, value in own[0].items() if name not in varied})
    lists = {name: list(dict.fromkeys(column)) for name, column in zip(varied, zip(*points, strict=True), strict=False)}
    label = {"label": runs[0]["label"]} if runs[0]["label"] else {}
    if prod(map(len, lists.values())) == len(points):
        return _merged(block, nested({name: [_read(v) for v in values] for name, values in lists.items()})) | label
    columns = {name: [_read(point[i]) for point in points] for i, name in enumerate(varied)}
    return block | {"zip": columns} | label


def _read(text: str) -> Any:
    """A value; lists are JSON text within JSON."""
    value = json.loads(text)
    return json.loads(value) if isinstance(value, str) and value.startswith("[") else value


def _value(flat: Mapping[str, Any], run: Mapping[str, Any], name: str) -> Any:
    return run["settings"].get(name, flat.get(name))


def _own(config: Mapping[str, Any], shared: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The settings of the sections that not all runs share, the seed of the run left out."""
    sections = {key: value for key, value in config.items() if key not in shared and key != "seed"}
    yield from flatten(sections).items()


def _merged(one: dict[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(one)
    for name, value in other.items():
        mine = merged.get(name)
        merged[name] = _merged(mine, value) if isinstance(mine, dict) and isinstance(value, dict) else value
    return merged
