"""`gdrun show`: experiments, the runs of one, or one run."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from gdrun.cli.exits import UsageError
from gdrun.cli.output import Row, print_rows
from gdrun.cli.ranking import print_rankings
from gdrun.cli.words import plain
from gdrun.experiment.results.arrays import ReadError
from gdrun.experiment.results.columns import MADE
from gdrun.experiment.results.experiments import experiments, folders
from gdrun.experiment.results.folder import Folder
from gdrun.experiment.results.reading import warn
from gdrun.experiment.runs import find_folder, find_run, setting_columns
from gdrun.experiment.unfinished.standing import INTERRUPTED, RUNNING, STALE, STANDINGS, Standing, standings

ALWAYS = ("id", "status", "model.kind", "optimizer.kind", "optimizer.lr", "seed")
OUTCOME = (
    "end_epoch",
    "end_step",
    "final_train_loss",
    "final_validation_loss",
    "final_validation_accuracy",
    "final_validation_r2",
    "final_validation_rmse",
    "final_train_accuracy",
    "final_train_r2",
    "seconds",
)


def show(
    wanted: str | None, results: Path, sort_by: str | None, top: int | None, only_changed: bool, style: str, whole: bool
) -> None:
    """Print what is asked for. Raises NotFoundError, ReadError, UsageError."""
    if wanted is None:
        found = experiments(results)
        for folder in folders(results):
            if folder not in found:
                warn(f"{folder.path}: holds no runs yet")
        rows = [experiment_row(folder) for folder in found]
        if not rows and style == "table":
            raise UsageError(f"no experiments in {results}: gdrun train makes one")
        marks = [name for name in STANDINGS if style in ("csv", "json") or any(row[name] != "0" for row in rows)]
        print_rows(rows, ["experiment", "runs", "status", *marks, "last started"], style)
    elif "/" in wanted:
        show_run(*find_run(wanted, results), style)
    else:
        folder = find_folder(wanted, results)
        plain_listing = whole or sort_by is not None or only_changed
        ended = folder.rows()
        others = standings(folder, ended)
        if plain_listing or not show_ranking(folder, style, top):
            show_runs([*in_plan_order(folder, ended), *unended(others, ended)], sort_by, top, only_changed, style)
        for each in others:
            print(plain(said(each), sys.stderr), file=sys.stderr)


def show_ranking(folder: Folder, style: str, top: int | None) -> bool:
    """The last comparison's ranking, from the files alone; False if there was none, or none that can be read."""
    from gdrun.analysis.criteria import QuestionError
    from gdrun.experiment.comparison import rankings, read

    try:
        found = read(folder)
        ranked = rankings(found, folder) if found else ()
    except (ReadError, QuestionError) as error:
        warn(f"{error}; its runs, without a ranking:")
        return False
    if found:
        print_rankings(ranked, style, top)
    return found is not None


def in_plan_order(folder: Folder, ended: Mapping[str, dict[str, str]]) -> list[dict[str, str]]:
    """The runs of the last comparison in the order of its plan, those before it as they came."""
    from gdrun.experiment.comparison import read

    try:
        found = read(folder)
    except ReadError:
        found = None
    planned = dict.fromkeys(run["id"] for run in (*found.runs, *found.fresh)) if found else {}
    earlier = [row for run, row in ended.items() if run not in planned]
    return [*earlier, *(ended[run] for run in planned if run in ended)]


def experiment_row(folder: Folder) -> Row:
    """An experiment in a line."""
    ended = folder.rows()
    rows, statuses = ended.values(), Counter(row["status"] for row in ended.values())
    standing = Counter(dict.fromkeys(STANDINGS, 0))
    for found in standings(folder, ended):
        standing[found.name] += len(found.runs)
    return {
        "experiment": folder.name,
        "runs": str(len(rows)),
        "status": ", ".join(f"{count} {status}" for status, count in statuses.most_common()),
        **{name: str(count) for name, count in standing.items()},
        "last started": max((row.get("started") or "" for row in rows), default=""),
    }


def unended(found: Sequence[Standing], ended: Mapping[str, Row]) -> list[dict[str, str]]:
    """Runs that have not ended as lines of runs.csv, which have few cells filled."""
    columns = list(next(iter(ended.values()), {"id": "", "status": "", "cause": "", "end_step": ""}))
    return [
        dict.fromkeys(columns, "")
        | {"id": run, "status": each.name, "cause": each.cause}
        | {"end_step": "" if each.step is None else str(each.step)}
        for each in found
        for run in each.runs
    ]


def said(standing: Standing) -> str:
    """How things stand with some runs, as a line."""
    at = "" if standing.step is None else f", saved at step {standing.step}"
    ends = {
        RUNNING: "",
        INTERRUPTED: ": the same command goes on from there",
        STALE: f", {standing.cause}: the same command starts them again",
    }
    grows = f"; history so far: {standing.growing}" if standing.growing else ""
    runs = f"{len(standing.runs)} run{'s' * (len(standing.runs) > 1)}"
    return f"{runs} {standing.name}{at}{ends[standing.name]}{grows}"


def show_run(folder: Folder, row: Row, style: str) -> None:
    """All that runs.csv says of a run, a line per setting."""
    filled = {name: value for name, value in row.items() if value}
    if style == "table":
        width = max(map(len, filled))
        for name, value in filled.items():
            print(f"{name:{width}}  {value}")
        files = [folder.part_of(row["id"]).history_file, folder.weights_file(row["id"])]
        print(f"{'files':{width}}  {' · '.join(str(file) for file in files if file.exists())}")
    else:
        print_rows([row], list(row), style)


def show_runs(rows: list[dict[str, str]], sort_by: str | None, top: int | None, only_changed: bool, style: str) -> None:
    """The runs of an experiment, a line each."""
    if not rows:
        raise UsageError("no runs")
    if sort_by is not None:
        rows = sorted_by(rows, sort_by)
    columns = list(rows[0])
    changed = [name for name in columns if len({row[name] for row in rows}) > 1]
    if only_changed:
        columns = [name for name in columns if name == "id" or (name in changed and name not in MADE)]
    elif style not in ("csv", "json"):
        wanted = {*ALWAYS, *OUTCOME, *(name for name in setting_columns(columns) if name in changed)}
        columns = [name for name in columns if name in wanted and any(row[name] for row in rows)]
    print_rows(rows[:top], columns, style)


def sorted_by(rows: list[dict[str, str]], column: str) -> list[dict[str, str]]:
    """The rows by a column, numbers as numbers, nothing last; `-column` for descending."""
    name = column.removeprefix("-")
    if name not in rows[0]:
        from difflib import get_close_matches

        near = get_close_matches(name, rows[0], n=1)
        raise UsageError(f"--sort-by: no column {name!r}" + (f"; did you mean {near[0]}?" if near else ""))
    filled = [row for row in rows if row[name] not in ("", "nan")]
    empty = [row for row in rows if row[name] in ("", "nan")]
    return sorted(filled, key=lambda row: _key(row[name]), reverse=column.startswith("-")) + empty


def _key(text: str) -> tuple[int, float, str]:
    try:
        return 0, float(text), ""
    except ValueError:
        return 1, 0.0, text
