"""The range of rates that are nearly as good as the best."""

from __future__ import annotations

from typing import Any

import pytest

from tests.analysis.made import DIVERGED, by_label, kind, ranked, runs, sweep


@pytest.mark.parametrize(
    ("criterion", "values", "expected"),
    [
        ("final_validation_loss", [3.0, 1.09, 1.0, 1.11, 1.0], (0.01, 0.1)),  # ends at the first that is worse
        ("final_validation_loss", [1.05, 1.0, 1.0999, 5.0, 5.0], (0.001, 0.1)),
        ("final_validation_loss", [3.0, 3.0, DIVERGED, 1.0, DIVERGED], (1.0, 1.0)),
        ("final_validation_loss", [-0.8, -0.95, -1.0, -0.91, -0.85], (0.01, 1.0)),
        ("final_validation_loss", [0.1, 0.0, 0.0, 0.1, 0.1], (0.01, 0.1)),
        ("final_validation_accuracy", [0.5, 0.9, 0.99, 0.8, 0.99], (0.01, 0.1)),
        ("final_validation_r2", [-0.2, -0.12, -0.1, -0.105, -0.2], (0.1, 1.0)),
    ],
)  # fmt: skip
def test_the_rates_within_10_percent_of_the_best(
    criterion: str, values: list[Any], expected: tuple[float, float]
) -> None:
    last: dict[str, Any] = {criterion: 9.0 if criterion.endswith("loss") else -9.0}
    results = runs([9.0], kind("adam"), 1, **last)
    for lr, value in zip([0.001, 0.01, 0.1, 1.0, 10.0], values, strict=True):
        outcome: dict[str, Any] = {} if value == DIVERGED else {criterion: value}
        results += runs([value], kind("gd", lr=lr), **outcome)
    assert by_label(ranked(results, criterion=criterion))["gd"].good_rates == expected


def test_rates_are_compared_at_the_best_of_the_other_settings() -> None:
    results = runs([9.0], kind("adam"), 1)
    for momentum, values in ((0.5, [1.0, 1.0, 1.0]), (0.7, [0.8, 0.5, 0.54]), (0.9, [1.0, 1.0, 1.0])):
        for lr, value in zip([0.1, 1.0, 10.0], values, strict=True):
            results += runs([value], kind("gd", lr=lr, momentum=momentum))
    assert by_label(ranked(results))["gd"].good_rates == (1.0, 10.0)


def test_there_is_no_range_where_rates_are_rows_or_there_is_one() -> None:
    assert all(row.good_rates is None for row in ranked(sweep({0.1: [0.1], 1.0: [0.2]})).rows)
    results = sweep({0.1: [0.1]}) + sweep({0.1: [0.2]}, "adam", 1)
    assert all(row.good_rates is None for row in ranked(results).rows)
