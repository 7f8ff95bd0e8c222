"""The way to the target, and the test set: reported of every row."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import pytest

from tests.analysis.made import kind, ranked, runs, two


def test_the_way_to_the_target_is_a_mean_over_seeds_or_never() -> None:
    results = runs([0.1, 0.2], kind("gd"), 0, reached=[10, 30]) + runs([0.2, 0.3], kind("adam"), 1, reached=[5, None])
    gd, adam = ranked(results, target=0.5).rows
    assert gd.to_target is not None
    assert adam.to_target is not None
    assert asdict(gd.to_target) == {"steps": 20, "examples": 640, "seconds": 2.5, "reached": 2, "runs": 2}
    assert ranked(results, target=0.5).target == 0.5
    assert asdict(adam.to_target) == {"steps": None, "examples": None, "seconds": None, "reached": 1, "runs": 2}
    assert ranked(results).rows[0].to_target is None


@pytest.mark.parametrize("criterion", ["steps_to_target", "examples_to_target", "seconds_to_target"])
def test_never_ranks_last(criterion: str) -> None:
    results = two([0.1, 0.1], [0.2, 0.2], reached=[50, 50])
    results += runs([0.3, 0.3], kind("lion"), 2, reached=[1, None]) + runs(
        [0.3, 0.3], kind("adagrad"), 3, reached=[10, 20]
    )
    ranking = ranked(results, criterion=criterion, target=0.5)
    assert [row.label for row in ranking.rows] == ["adagrad", "gd", "adam", "lion"]
    assert ranking.rows[0].estimate is not None
    assert ranking.rows[-1].estimate is None


def test_the_test_set_is_reported_and_ranks_nothing() -> None:
    columns: dict[str, Any] = {"final_validation_accuracy": 0.9, "dataset.test": 0.1}
    results = runs([0.1, 0.2], kind("gd"), 0, final_test_loss=0.9, final_test_accuracy=0.5, **columns)
    results += runs([0.2, 0.3], kind("adam"), 1, final_test_loss=0.1, final_test_accuracy=0.8, **columns)
    ranking = ranked(results, report_test=True)
    assert ranking.test_column == "final_test_loss"
    assert [(row.label, row.test and row.test.mean) for row in ranking.rows] == [("gd", 0.9), ("adam", 0.1)]
    accuracy = ranked(results, report_test=True, criterion="final_validation_accuracy")
    assert accuracy.test_column == "final_test_accuracy"
    assert all(row.test is None for row in ranked(results).rows)
    one_short = [*results[:3], replace(results[3], row={**results[3].row, "final_test_loss": None})]
    assert [row.test is None for row in ranked(one_short, report_test=True).rows] == [False, True]
