"""The closing lines of a run: how it ended, how good it is beside the trivial prediction, where it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gdrun.analysis.numerals import duration, number, share
from gdrun.analysis.trivial import trivial_metrics
from gdrun.cli.words import LARGE_TARGET
from gdrun.descent.examples import Examples
from gdrun.experiment import excess_loss
from gdrun.experiment.problem import Problem
from gdrun.experiment.results.experiments import RESULTS
from gdrun.experiment.results.folder import Folder
from gdrun.experiment.results.reading import FAILED
from gdrun.experiment.stack import stack
from gdrun.experiment.trained import DIVERGED, Trained


def summary(trained: Trained, folder: Folder) -> list[str]:
    """How the run ended, where its results are, and of one that diverged, how."""
    row = trained.outcome
    before = "trained before, not again (--rerun does): " if trained.again else ""
    lines = [before + _ending(trained, row)]
    if trained.status not in (DIVERGED, FAILED):
        lines[0] += f" · {_quality(trained.problem, row)}"
        lines += _above_the_bottom(trained, row)
    if trained.problem.large_target and _is_poor(trained, row):
        lines.append(LARGE_TARGET)
    part = trained.part or folder.own
    files = f"{part.history_file} · runs.csv" + (f" · weights/{trained.id}.npz" if trained.status != FAILED else "")
    command = "explain" if trained.status == DIVERGED else "show"
    elsewhere = "" if str(folder.path.parent) == RESULTS else f" --results {folder.path.parent}"
    told = _growth(trained) if trained.status == DIVERGED else None
    lines.append(f"{files}          next: gdrun {command} {folder.name}/{trained.id[:5]}{elsewhere}")
    return [*lines, told] if told else lines


def _above_the_bottom(trained: Trained, row: Mapping[str, Any]) -> list[str]:
    """How far above the lowest training loss it ended; why that is not known, if one might expect it."""
    above = row.get("final_excess_loss")
    if above is not None:
        loss = float(row["final_train_loss"])
        return [f"training loss {number(loss)}, {number(above, 3)} above the lowest there is, {number(loss - above)}"]
    if trained.again:
        return []
    reason = excess_loss.lowest(trained.problem, excess_loss.passes_made(stack([trained.problem])[0]))[1]
    return [f"no excess loss: {reason}"] if reason else []


def _growth(trained: Trained) -> str | None:
    """Since when a diverged run's loss grew, and how fast."""
    from gdrun.analysis.diagnosis import diverged, history

    found = history(trained.records, DIVERGED, noisy=False)
    return diverged(found).text if found else None


def _is_poor(trained: Trained, row: Mapping[str, Any]) -> bool:
    """Whether a regression diverged or did no better than the mean."""
    problem = trained.problem
    if trained.status in (DIVERGED, FAILED) or problem.train is None:
        return trained.status == DIVERGED
    part, examples = ("validation", problem.held_out) if problem.held_out else ("train", problem.train)
    return bool(row[f"final_{part}_rmse"] >= trivial_metrics(problem.train, examples, problem.target_scale)["rmse"])


def _ending(trained: Trained, row: Mapping[str, Any]) -> str:
    status, cause = trained.status, row.get("cause")
    if "end_step" not in row:
        return f"{status}: {cause}"
    in_epochs = trained.problem.train is not None
    took = duration(float(row["seconds"]))
    if status == DIVERGED:
        where = f"step {row['end_step']:.0f}" + (f" (epoch {number(row['end_epoch'], 3)})" if in_epochs else "")
        return f"diverged at {where}: {cause}; its curve is kept"
    in_steps = trained.problem.config.budget == "steps"
    count = row["end_step"] if in_steps else row["end_epoch"]
    length = f"{number(count, 6)} {'step' if in_steps else 'epoch'}{'' if count == 1 else 's'}"
    reason = f", {cause}" if cause else ""
    return f"{status}: {length} in {took}{reason}"


def _quality(problem: Problem, row: Mapping[str, Any]) -> str:
    """The final result on validation data (training where there is none), beside the trivial one and the best."""
    if problem.train is None or problem.data is None:
        lowest = f"lowest {number(row['best_train_loss'])} at step {row['best_epoch']:.0f}"
        return f"loss {number(row['final_train_loss'])}, {lowest}"
    part = "validation" if problem.held_out else "train"
    shown, trivial = (share, "majority class") if problem.data.classes else (number, "the mean")
    metric, title = ("accuracy", "accuracy") if problem.data.classes else ("rmse", "RMSE")

    def base(examples: Examples) -> str:
        assert problem.train is not None
        return f"({trivial}: {shown(trivial_metrics(problem.train, examples, problem.target_scale)[metric])})"

    final, best = row[f"final_{part}_{metric}"], row[f"best_{part}_{metric}"]
    name = "training" if part == "train" else part
    extra = "" if problem.data.classes else f", R² {share(row[f'final_{part}_r2'])}"
    trivially = base(problem.held_out or problem.train) + extra
    at_best = f"{shown(best)} at the lowest loss, epoch {number(row['best_epoch'], 6)}"
    text = f"{name} {title} {shown(final)} {trivially}, {at_best}"
    if problem.test is not None:
        text += f" · test {title} {shown(row[f'final_test_{metric}'])} {base(problem.test)}"
    return text
