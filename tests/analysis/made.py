"""Results made up for the tests: settings and values in, runs out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gdrun.analysis.criteria import Question, Reached, Result
from gdrun.analysis.ranked import RankedRow, Ranking
from gdrun.analysis.ranking import rank

NAN = float("nan")
DIVERGED = "diverged"
FAILED = "failed"

SIX = [0.10, 0.12, 0.11, 0.14, 0.09, 0.13]
WORSE = [0.15, 0.16, 0.17, 0.19, 0.10, 0.15]  # by 0.05, 0.04, 0.06, 0.05, 0.01, 0.02
SPLITS = {0: [0.1, 0.3], 1: [0.2, 0.6], 2: [0.5, 0.5]}


def row(value: float | str | None, **columns: Any) -> dict[str, Any]:
    """A line of runs.csv with this final validation loss, or of a run that diverged or failed."""
    line: dict[str, Any] = {"dataset.kind": "digits", "dataset.validation": 0.2, "dataset.test": 0.0} | columns
    if value == FAILED:
        return line | {"status": FAILED, "final_validation_loss": None, "final_train_loss": None}
    lost = value == DIVERGED
    loss = NAN if lost else value
    line = {"final_validation_loss": loss, "final_train_loss": loss} | line
    return line | {"status": DIVERGED if lost else "finished"}


def runs(
    values: Sequence[float | str | None],
    settings: Mapping[str, Any] | None = None,
    candidate: int = 0,
    label: str | None = None,
    first: int = 0,
    split: int = 0,
    reached: Iterable[int | None] = (),
    **columns: Any,
) -> list[Result]:
    """Runs of one setting, a value for each seed from `first`."""
    steps = list(reached) or [None] * len(values)
    return [
        Result(
            candidate=candidate,
            label=label,
            settings=settings or {},
            seed=first + i,
            split=split,
            row=row(value, **columns),
            reached=None if step is None else Reached(step, 32 * step, step / 8),
        )
        for i, (value, step) in enumerate(zip(values, steps, strict=True))
    ]


def kind(name: str, **settings: Any) -> dict[str, Any]:
    """An optimizer and its settings."""
    return {"optimizer.kind": name} | {f"optimizer.{key}": value for key, value in settings.items()}


def ranked(results: Sequence[Result], fresh: Sequence[Result] | None = None, **question: Any) -> Ranking:
    """The only ranking of these results."""
    (ranking,) = rank(results, Question(**question), fresh)
    return ranking


def by_label(ranking: Ranking) -> dict[str, RankedRow]:
    """The rows by their label, in order."""
    found = {each.label: each for each in ranking.rows}
    assert len(found) == len(ranking.rows)
    return found


def codes(ranking: Ranking) -> set[str]:
    """Which cautions there are."""
    assert len({caution.code for caution in ranking.cautions}) == len(ranking.cautions)
    return {caution.code for caution in ranking.cautions}


def text(ranking: Ranking, code: str) -> str:
    """What a caution says."""
    (found,) = (caution.text for caution in ranking.cautions if caution.code == code)
    return found


def sweep(grid: dict[float, list[float | str | None]], name: str = "gd", candidate: int = 0) -> list[Result]:
    """A row's learning rates, each with its values."""
    return [run for lr, values in grid.items() for run in runs(values, kind(name, lr=lr), candidate)]


def two(first: list[Any] = SIX, second: list[Any] = WORSE, **more: Any) -> list[Result]:
    """Two rows of one setting each."""
    return runs(first, kind("gd"), 0, **more) + runs(second, kind("adam"), 1, **more)


def over_splits(**columns: Any) -> list[Result]:
    """Two rows on three splits, further apart on each."""
    return [
        run
        for split, values in SPLITS.items()
        for shift, name in enumerate(("gd", "adam"))
        for run in runs([value + shift * (1 + split) for value in values], kind(name), shift, split=split, **columns)
    ]
