"""`gdrun check`: the whole resolved config, how the data were read, what a run would take. Runs nothing."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from gdrun.cli.configs import experiment_folder, load_all
from gdrun.cli.words import amount, described, plain
from gdrun.data import Column, Data, large_target
from gdrun.experiment.config import ConfigError, Loaded, as_yaml
from gdrun.experiment.config import Problem as ConfigProblem
from gdrun.experiment.problem import Problem, pose
from gdrun.experiment.results.folder import Folder
from gdrun.experiment.stack import stack

MANY_COLUMNS = 30


def check_all(arguments: Sequence[str], name: str | None, results: Path) -> None:
    """Print what is known of every config. Raises ConfigError with all that is wrong."""
    posed: list[tuple[Loaded, Problem]] = []
    wrong: list[ConfigProblem] = []
    for loaded in load_all(arguments, name):
        try:
            posed.append((loaded, pose(loaded)))
        except ConfigError as error:
            wrong += error.problems
    if wrong:
        raise ConfigError(wrong)
    for loaded, problem in posed:
        print(plain("\n".join(report(loaded, problem, results))))


def report(loaded: Loaded, problem: Problem, results: Path) -> list[str]:
    """The lines about one config."""
    lines = [f"# {described(problem)}", "", as_yaml({"name": loaded.name, **problem.settings}).rstrip()]
    if problem.data is not None:
        lines += ["", "# data", *(f"# {line}" for line in data_lines(problem.data))]
        if problem.settings["model"]["kind"] == "mlp" and large_target(problem.data):
            lines.append("# hint: the target is large for a network: try dataset.standardize_target=true")
    return [*lines, "", *(f"# {line}" for line in plan_lines(loaded, problem, results)), ""]


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


def plan_lines(loaded: Loaded, problem: Problem, results: Path) -> list[str]:
    """What training would do, or that it is done."""
    descent, parameters = stack([problem])
    folder = Folder(experiment_folder(loaded, results))
    state = "trained already" if problem.id in folder.done() else "not trained yet"
    epochs = f" ({amount(descent.steps / descent.objective.per_epoch)} epochs)" if problem.train else ""
    work = f"{parameters.shape[1]} parameters, {descent.steps} steps{epochs}"
    return [f"plan: run {problem.id}, {state}; {work}; to {folder.path}"]
