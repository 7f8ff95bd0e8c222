"""`gdrun explain`: what happened in a run or an experiment, and why, in plain sentences."""

from __future__ import annotations

from pathlib import Path

from gdrun.cli.exits import UsageError
from gdrun.cli.words import plain
from gdrun.experiment.explanation.experiment import explain_all
from gdrun.experiment.explanation.run import Explanation, explain
from gdrun.experiment.results.folder import Folder
from gdrun.experiment.runs import find_folder, find_run


def explain_wanted(wanted: str, results: Path) -> None:
    """Print what can be said of a run, or of an experiment's runs together. Raises NotFoundError, UsageError."""
    if "/" not in wanted:
        folder = find_folder(wanted, results)
        if len(folder.rows()) > 1:
            lines = [*explain_all(folder), f"of one run: gdrun explain {folder.name}/best"]
            print(plain("\n".join(lines)))
            return
    folder, row = find_run(wanted, results)
    print(plain("\n".join(lines_of(folder, row["id"], explain(folder, row)))))


def lines_of(folder: Folder, run: str, told: Explanation) -> list[str]:
    """An explanation, a sentence a line."""
    if not told.happened and not told.notes:
        raise UsageError(f"nothing is known of {folder.name}/{run}")
    return [
        f"{folder.name}/{run}",
        *told.happened,
        *(f"why: {reason}" for reason in told.why),
        *told.measured,
        *([f"try: {' · '.join(dict.fromkeys(told.advice))}"] if told.advice else []),
        *(f"not known: {note}" for note in told.notes),
    ]
