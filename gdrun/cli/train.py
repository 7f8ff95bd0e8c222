"""`gdrun train`: each config one after another, each with its table, summary and files."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gdrun.cli.configs import experiment_folder, load_all
from gdrun.cli.exits import Exit, worst
from gdrun.cli.output import json_value, tell_unmet
from gdrun.cli.progress import progress
from gdrun.cli.report import NO_REPORT, AtTheEnd
from gdrun.cli.summary import summary
from gdrun.cli.words import described, plain
from gdrun.experiment.config import ConfigError
from gdrun.experiment.config import Problem as ConfigProblem
from gdrun.experiment.foresight.warning import divergence
from gdrun.experiment.problem import Problem, pose
from gdrun.experiment.results.folder import Folder
from gdrun.experiment.results.reading import FAILED
from gdrun.experiment.sources import Sources
from gdrun.experiment.stack import stack
from gdrun.experiment.trained import DIVERGED, Trained, train_kept


@dataclass(frozen=True)
class How:
    """What the command line asks of every run."""

    quiet: bool
    as_json: bool
    rerun: bool
    allowed: bool
    """Whether a run may diverge."""
    every: float
    """Seconds between two checkpoints."""
    ending: AtTheEnd = NO_REPORT


def train_all(arguments: Sequence[str], name: str | None, results: Path, how: How) -> Exit:
    """Train every config; nothing is trained if any of them is wrong."""
    loaded = load_all(arguments, name)
    problems: list[tuple[Problem, Folder]] = []
    wrong: list[ConfigProblem] = []
    sources = Sources()
    for one in loaded:
        try:
            problems.append((pose(one, sources), Folder(experiment_folder(one, results))))
        except ConfigError as error:
            wrong += error.problems
    if wrong:
        raise ConfigError(wrong)
    return worst([train_one(problem, folder, how)[1] for problem, folder in problems])


def train_one(problem: Problem, folder: Folder, how: How) -> tuple[Trained, Exit]:
    """One run, and what it ends with."""
    trained = _train(problem, folder, how)
    _report(trained, folder, how)
    how.ending.write(folder, trained.id)
    return trained, _code(trained, folder, how.allowed)


def _train(problem: Problem, folder: Folder, how: How) -> Trained:
    quiet = how.quiet or how.as_json
    if not quiet:
        print(plain(described(problem), sys.stderr), file=sys.stderr)
    descent, _ = stack([problem])
    there = problem.id in folder.done() and not how.rerun
    if not there and not quiet and (told := divergence(problem)):
        print(plain(f"warning: {told}", sys.stderr), file=sys.stderr)
    with progress(problem, descent.steps, quiet or there) as watch:
        return train_kept(problem, folder, how.rerun, watch, how.every)


def _report(trained: Trained, folder: Folder, how: How) -> None:
    if how.as_json:
        print(json.dumps(outcome(trained, folder)))
    elif not how.quiet:
        for line in summary(trained, folder):
            print(plain(line))


def _code(trained: Trained, folder: Folder, allowed: bool) -> Exit:
    if trained.status == FAILED:
        print(f"{trained.id} failed: {trained.outcome['cause']}", file=sys.stderr)
        return Exit.FAILED
    if trained.unlike:
        print(f"{trained.id} is NOT THE SAME as before in the same environment: {trained.unlike}", file=sys.stderr)
        return Exit.FAILED
    if trained.unmet:
        return tell_unmet(trained.unmet, folder.name)
    # expected of it and met, otherwise
    allowed = allowed or bool(trained.problem.config.expect.statuses)
    return Exit.DIVERGED if trained.status == DIVERGED and not allowed else Exit.DONE


def outcome(trained: Trained, folder: Folder) -> dict[str, Any]:
    """A run as JSON: its line in runs.csv, with its experiment and files; null where a number is not finite."""
    row = {key: json_value(value, key) for key, value in trained.outcome.items() if key != "config"}
    part = trained.part or folder.own
    files = {
        "history": str(part.history_file),
        "runs": str(part.runs_file),
        "weights": str(folder.weights_file(trained.id)),
    }
    return {"experiment": folder.name, "again": trained.again, **row, "unmet": trained.unmet, "files": files}
