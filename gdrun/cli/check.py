"""`gdrun check`: the whole resolved config, how the data were read, what training would take. Keeps nothing."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from gdrun.cli.configs import split, sweeps
from gdrun.cli.curvature import outlook_lines
from gdrun.cli.patience import patience
from gdrun.cli.planning import candidate_lines, plan_lines, shared
from gdrun.cli.words import LARGE_TARGET, described, plain
from gdrun.data import Column, Data
from gdrun.experiment.comparing import Plan
from gdrun.experiment.config import ConfigError, as_yaml
from gdrun.experiment.config import Problem as ConfigProblem
from gdrun.experiment.problem import Problem
from gdrun.experiment.results.folder import Folder
from gdrun.experiment.sources import Sources

MANY_COLUMNS = 30


def check_all(arguments: Sequence[str], name: str | None, results: Path, memory: int | None) -> None:
    """Print what is known of every config; with a name, several are candidates of one sweep.

    Raises ConfigError with all that is wrong in any of them.
    """
    files, overrides = split(arguments)
    sources = Sources()
    plans: list[Plan] = []
    wrong: dict[ConfigProblem, None] = {}
    for together in [files] if name is not None else [[file] for file in files]:
        try:
            plans += sweeps(together, overrides, name, sources)
        except ConfigError as error:
            wrong |= dict.fromkeys(error.problems)
    if wrong:
        raise ConfigError(wrong)
    for found in plans:
        with patience(f"looking at what {len(found.cells):,} runs share, predicting and planning them"):
            lines = report(found, Folder(results / found.sweep.name), memory)
        print(plain("\n".join(lines)))


def report(found: Plan, folder: Folder, memory: int | None) -> list[str]:
    """The lines about one experiment: a run, or a sweep."""
    problems = [cell.problem for cell in found.cells]
    lines = [f"# {described(problems[0])}"] if len(problems) == 1 else _headings(found)
    lines += ["", as_yaml({"name": found.sweep.name, **shared([_with_expected(each) for each in problems])}).rstrip()]
    if len(problems) > 1:
        lines += ["", *(f"# {line}" for line in candidate_lines(found))]
    datasets = list({id(each.data): each.data for each in problems if each.data}.values())
    if datasets:
        several = f" (the first of {len(datasets)} datasets or splits)" if len(datasets) > 1 else ""
        lines += ["", f"# data{several}", *(f"# {line}" for line in data_lines(datasets[0]))]
    if any(each.large_target for each in problems):
        lines.append(f"# {LARGE_TARGET}")
    lines += ["", *(f"# {line}" for line in outlook_lines(found))]
    return [*lines, "", *(f"# {line}" for line in plan_lines(found, folder, memory)), ""]


def _with_expected(problem: Problem) -> dict[str, Any]:
    expect = problem.config.expect.written()
    return {**problem.settings, "expect": expect} if expect else problem.settings


def _headings(found: Plan) -> list[str]:
    count = len(found.sweep.candidates)
    candidates = f" of {count} candidates" if count > 1 else ""
    return [f"# {found.sweep.name}: {len(found.cells)} runs{candidates}; what they share:"]


def data_lines(data: Data) -> list[str]:
    """How each column was read; neighbours that were read alike share a line, all numbers where they are many."""
    many = len(data.columns) > MANY_COLUMNS
    lines = []
    for _, alike in groupby(data.columns, key=lambda c: (c.role, c.read_as, "" if many else c.detail)):
        columns = list(alike)
        detail = columns[0].detail if len(columns) == 1 or not many else ""
        lines.append(f"{_names(columns)}: {columns[0].role}, {columns[0].read_as}" + (f" ({detail})" if detail else ""))
    parts = {"training": data.train, "validation": data.validation, "test": data.test}
    sizes = " · ".join(f"{name} {part.m}" for name, part in parts.items() if part)
    return [*lines, *data.notes, f"examples: {sizes} · features: {len(data.feature_names)}"]


def _names(columns: Sequence[Column]) -> str:
    names = [column.name for column in columns]
    return ", ".join(names) if len(names) <= 4 else f"{names[0]} … {names[-1]} ({len(names)} columns)"
