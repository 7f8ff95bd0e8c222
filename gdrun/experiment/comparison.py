"""comparison.json, the last command's plan, and the ranking that it and the folder give."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gdrun.analysis.criteria import BUDGET, Question, Reached, Result, check_criterion
from gdrun.analysis.ranked import Ranking
from gdrun.analysis.ranking import rank
from gdrun.analysis.rows import check_rows
from gdrun.experiment.comparing import Cell, Plan, settings_of, split_of, varying
from gdrun.experiment.config import flatten
from gdrun.experiment.gauges import outcomes
from gdrun.experiment.problem import Problem
from gdrun.experiment.results.arrays import ReadError
from gdrun.experiment.results.folder import Folder
from gdrun.experiment.results.memory import Memory
from gdrun.experiment.results.writing import locked, sweep, write_text
from gdrun.experiment.suitability import metrics_of

VERSION = 1
PLACE = {"id": str, "candidate": int, "label": str | None, "settings": dict, "seed": int, "split": int}
"""What is kept of each run's place in the sweep."""
ASKED = {"rows": list, "criterion": str | None, "target": int | float | None, "report_test": bool}
"""What is kept of the question."""


@dataclass(frozen=True)
class Comparison:
    """What was compared: the runs' places in the sweep, and the question that was asked of them."""

    question: Question
    runs: tuple[Mapping[str, Any], ...]
    """Of each: id, candidate, label, settings that vary, seed, split."""
    fresh: tuple[Mapping[str, Any], ...] = ()
    """Runs of the rows' best settings on seeds that had no part in their choice."""

    def results(self, kept: Folder | Memory) -> list[Result]:
        """The runs that have ended."""
        return _results(self.runs, self.question, kept)

    def fresh_results(self, kept: Folder | Memory) -> list[Result] | None:
        """Those on fresh seeds; None if there are none."""
        return _results(self.fresh, self.question, kept) if self.fresh else None


def rankings(found: Comparison, kept: Folder | Memory) -> tuple[Ranking, ...]:
    """The answer, from the runs that have ended. Raises QuestionError."""
    return rank(found.results(kept), found.question, found.fresh_results(kept))


def comparison(plan: Plan, question: Question, fresh: Sequence[Cell] = ()) -> Comparison:
    """What a plan compares."""
    names = varying(plan.cells)
    return Comparison(
        question,
        tuple(_run(plan, cell, names) for cell in plan.cells),
        tuple(_run(plan, cell, names) for cell in fresh),
    )


def _run(plan: Plan, cell: Cell, names: Sequence[str]) -> dict[str, Any]:
    return {
        "id": cell.problem.id,
        "candidate": cell.entry.candidate,
        "label": plan.sweep.candidates[cell.entry.candidate].label,
        "settings": settings_of(cell, names),
        "seed": cell.problem.config.seed,
        "split": split_of(cell),
    }


def check_question(found: Comparison, plan: Plan) -> None:
    """Raise QuestionError where the plan's runs could not be ranked so: better before they are trained."""
    rows = [{"status": "finished", **dict.fromkeys(outcome_columns(cell.problem), 0.0)} for cell in plan.cells]
    rows[0] |= flatten(plan.cells[0].problem.settings)
    results = [_result(run, row) for run, row in zip(found.runs, rows, strict=True)]
    check_rows(found.question.rows, results)
    check_criterion(found.question, results)


def outcome_columns(problem: Problem) -> list[str]:
    """The columns of runs.csv that a run can be ranked by."""
    metrics = metrics_of(problem.data) if problem.data else {"loss"}
    parts = ["train", "validation"] if problem.held_out else ["train"]
    measured = [f"{which}_{part}_{metric}" for which in ("final", "best") for part in parts for metric in metrics]
    gauged = outcomes.columns(problem.settings["record"], len(problem.network.layers) if problem.network else 0)
    return [*measured, *gauged, "final_excess_loss", "best_epoch", *BUDGET]


def _result(run: Mapping[str, Any], row: Mapping[str, Any], reached: Reached | None = None) -> Result:
    place = {name: run[name] for name in ("candidate", "label", "settings", "seed", "split")}
    return Result(**place, row=row, reached=reached)


def write(folder: Folder, found: Comparison) -> None:
    """Keep the plan. Raises WriteError."""
    question = {
        "rows": found.question.rows,
        "criterion": found.question.criterion,
        "target": found.question.target,
        "report_test": found.question.report_test,
    }
    words = {"version": VERSION, "question": question, "runs": found.runs, "fresh": found.fresh}
    text = json.dumps(words, indent=1, allow_nan=False) + "\n"
    if not path(folder).is_file() or path(folder).read_bytes() != text.encode():
        with locked(folder.path):
            sweep(folder.path, [path(folder).name])
            write_text(path(folder), text)


def read(folder: Folder) -> Comparison | None:
    """The plan of the last comparison; None if there was none. Raises ReadError."""
    if not path(folder).is_file():
        return None
    try:
        words = json.loads(path(folder).read_text(encoding="utf-8"))
        question, runs, fresh = words["question"], words["runs"], words["fresh"]
        known = words["version"] == VERSION and _is(question, ASKED) and all(_is_place(run) for run in runs + fresh)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        known = False
    if not known:
        raise ReadError(f"{path(folder)}: is not a comparison that this gdrun can read")
    return Comparison(Question(**question | {"rows": tuple(question["rows"])}), tuple(runs), tuple(fresh))


def _is_place(run: Any) -> bool:
    return _is(run, PLACE) and not any(isinstance(value, dict) for value in run["settings"].values())


def _is(found: Any, kinds: Mapping[str, Any]) -> bool:
    return {*found} == {*kinds} and all(isinstance(found[name], kind) for name, kind in kinds.items())


def path(folder: Folder) -> Path:
    """Where the plan is kept."""
    return folder.path / "comparison.json"


def _results(runs: Sequence[Mapping[str, Any]], question: Question, kept: Folder | Memory) -> list[Result]:
    rows = kept.typed_rows()
    reached = _reached(kept, question.target) if question.target is not None else {}
    return [_result(run, rows[run["id"]], reached.get(run["id"])) for run in runs if run["id"] in rows]


def _reached(kept: Folder | Memory, target: float) -> dict[str, Reached]:
    """When each run first had a recorded validation loss (training loss where there is none) as low as the target."""
    history = kept.history()
    if not len(history):
        return {}
    loss = history["train_loss"]
    if "validation_loss" in history:
        loss = history["validation_loss"].fillna(loss)
    first = history[loss <= target].drop_duplicates("run")
    return {
        run: Reached(int(step), int(examples), float(seconds))
        for run, step, examples, seconds in first[["run", "step", "examples", "seconds"]].itertuples(index=False)
    }
