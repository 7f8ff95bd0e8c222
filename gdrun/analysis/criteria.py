"""What results are ranked by: a column of runs.csv or the way to the target, and which direction is better."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from gdrun.data import Dataset, generated

VALIDATION, TRAIN = "final_validation_loss", "final_train_loss"
BUDGET = ("end_epoch", "end_step", "end_examples", "seconds")
TO_TARGET = {"steps_to_target": "steps", "examples_to_target": "examples", "seconds_to_target": "seconds"}
HIGHER = ("_accuracy", "_r2")
MEASURED = ("final_", "best_", "first_", "mean_", "lowest_", "highest_")
"""How the columns of runs.csv begin that say what a run came to, and not what it took."""


class QuestionError(ValueError):
    """A question that the results cannot answer; `option` is the one to blame, `rows` or `criterion`."""

    def __init__(self, option: str, message: str) -> None:
        super().__init__(message)
        self.option = option


@dataclass(frozen=True)
class Question:
    """What to compare, by what."""

    rows: tuple[str, ...] = ()
    """The settings that make a row, or the word `candidate`; () for the default."""
    criterion: str | None = None
    """A column of runs.csv, or `steps_to_target` and the like; None for the validation loss, else the training loss."""
    target: float | None = None
    """The loss whose first time was measured."""
    report_test: bool = False


@dataclass(frozen=True)
class Reached:
    """When a run reached the target."""

    steps: int
    examples: int
    seconds: float


@dataclass(frozen=True)
class Result:
    """A run that ended, and its place in the comparison."""

    candidate: int
    label: str | None
    settings: Mapping[str, Any]
    """By dotted key, those that vary in the sweep, without the seeds."""
    seed: int
    split: int
    """The dataset's seed; 0 on a surface."""
    row: Mapping[str, Any]
    """Its line in runs.csv, numbers as numbers."""
    reached: Reached | None = None
    """None: never."""

    @property
    def status(self) -> str:
        """How it ended."""
        return str(self.row.get("status"))


def value_of(result: Result, criterion: str) -> float | None:
    """The criterion's value if it is a finite number."""
    if criterion in TO_TARGET:
        return float(getattr(result.reached, TO_TARGET[criterion])) if result.reached else None
    found = result.row.get(criterion)
    if isinstance(found, bool) or not isinstance(found, int | float) or not math.isfinite(found):
        return None
    return float(found)


def usable_value(result: Result, criterion: str) -> float | None:
    """The criterion's value if the run did not diverge: its best loss may be finite, and counts for nothing."""
    return None if result.status == "diverged" else value_of(result, criterion)


def higher_is_better(criterion: str) -> bool:
    """Accuracy and r2; of losses, rmse, steps, examples and seconds less is better."""
    return criterion.endswith(HIGHER)


def default_criterion(results: Iterable[Result]) -> str:
    """The final validation loss, the training loss where no run has one."""
    return VALIDATION if any(result.row.get(VALIDATION) is not None for result in results) else TRAIN


def check_criterion(question: Question, results: Sequence[Result]) -> None:
    """Raise QuestionError where no run can be ranked by the criterion."""
    name = question.criterion
    if name is None:
        return
    if name in TO_TARGET:
        if question.target is None:
            raise QuestionError("criterion", f"{name} needs a target")
        return
    if "_test_" in name:
        raise QuestionError("criterion", f"{name}: the test set ranks nothing; --report-on test shows it")
    ended = [result.row for result in results if result.status != "failed"]
    known = sorted({column for row in ended for column in row if _is_outcome(column)})
    if ended and (name not in known or all(row.get(name) is None for row in ended)):
        near = get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]}?" if near and near[0] != name else f"there are {', '.join(known)}"
        raise QuestionError("criterion", f"no run has a {name}; {hint}")


def _is_outcome(column: str) -> bool:
    return column in BUDGET or (column.startswith(MEASURED) and "_test_" not in column)


def test_column(criterion: str) -> str:
    """The column on the test set that answers to the criterion; the final test loss where none does."""
    which, _, rest = criterion.partition("_")
    part, _, metric = rest.partition("_")
    return f"{which}_test_{metric}" if part in ("train", "validation") and metric else "final_test_loss"


def overlap(row: Mapping[str, Any], criterion: str) -> float:
    """n_test/n_train for Nadeau & Bengio's correction, by the shares of the split; 0 where each seed draws new data."""
    part = Dataset.kinds.get(str(row.get("dataset.kind")))
    if part is None or part.__module__ == generated.__name__:
        return 0.0
    validation, test = (float(row.get(f"dataset.{name}") or 0.0) for name in ("validation", "test"))
    held_out = validation if "_validation_" in criterion else test if "_test_" in criterion else validation + test
    return held_out / (1 - validation - test)
