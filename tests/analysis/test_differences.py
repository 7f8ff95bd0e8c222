"""Differences to the best row: which seeds are paired, which test is made, over seeds and over splits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gdrun.analysis.statistics import estimate, t_test
from tests.analysis.made import SIX, WORSE, kind, over_splits, ranked, runs, two


def test_six_seeds_are_compared_by_wilcoxons_test() -> None:
    ranking = ranked(two())
    first, second = ranking.rows
    assert first.difference is None
    assert second.difference is not None
    assert ranking.test == "wilcoxon"
    assert second.difference.p == second.difference.p_holm == 2 / 2**6
    assert second.difference.estimate.mean == pytest.approx(0.23 / 6)
    assert second.difference.pairs == 6


def test_five_seeds_or_two_comparisons_are_too_few_for_it() -> None:
    five = ranked(two(SIX[:5], WORSE[:5]))
    assert five.test == "t"
    assert five.rows[1].difference is not None
    assert five.rows[1].difference.p == pytest.approx(t_test([0.05, 0.04, 0.06, 0.05, 0.01]), rel=1e-9)
    three = ranked(two() + runs([0.5, 0.7, 0.3, 0.4, 0.6, 0.5], kind("lion"), 2))
    assert (three.test, three.comparisons) == ("t", 2)
    assert [
        row.difference.p_holm >= row.difference.p
        for row in three.rows[1:]
        if row.difference and row.difference.p and row.difference.p_holm
    ] == [True, True]
    seven = ranked(two([*SIX, 0.2], [*WORSE, 0.23]) + runs([0.5, 0.7, 0.3, 0.4, 0.6, 0.5, 0.9], kind("lion"), 2))
    assert seven.test == "wilcoxon"
    assert [row.difference.p_holm for row in seven.rows[1:] if row.difference] == [4 / 2**7, 4 / 2**7]


def test_only_common_seeds_are_paired() -> None:
    results = runs([0.1, 0.2, 0.3], kind("gd"), 0, first=0) + runs([0.5, 0.55, 9.0], kind("adam"), 1, first=1)
    difference = ranked(results).rows[1].difference
    assert difference is not None
    assert difference.pairs == 2
    assert difference.estimate == estimate([0.5 - 0.2, 0.55 - 0.3])
    apart = runs([0.1, 0.2], kind("gd"), 0, first=0) + runs([0.5, 0.6], kind("adam"), 1, first=5)
    assert ranked(apart).rows[1].difference is None


def test_without_chance_there_is_a_difference_and_no_test() -> None:
    ranking = ranked(two([0.1] * 6, [0.3] * 6))
    difference = ranking.rows[1].difference
    assert difference is not None
    assert (difference.estimate.low, difference.p, ranking.test, ranking.comparisons) == (0.3 - 0.1, None, None, 0)


def test_a_single_seed_has_a_difference_without_interval_or_test() -> None:
    difference = ranked(two([0.1], [0.3])).rows[1].difference
    assert difference is not None
    assert (difference.estimate.low, difference.p, difference.p_holm) == (None, None, None)


# Splits


def test_splits_of_one_dataset_have_the_corrected_interval_over_their_means() -> None:
    ranking = ranked(over_splits())
    first, second = ranking.rows
    assert ranking.overlap == pytest.approx(0.2 / 0.8)
    assert first.estimate == estimate([0.2, 0.4, 0.5], 0.25)
    assert second.difference is not None
    assert second.difference.pairs == 6
    assert second.difference.estimate.mean == pytest.approx(2.0)
    assert second.difference.p == pytest.approx(t_test([1.0, 2.0, 3.0], 0.25))
    assert ranking.test == "corrected t"


def test_generated_data_are_new_with_each_seed_and_need_no_correction() -> None:
    ranking = ranked(over_splits(**{"dataset.kind": "linear"}))
    assert (ranking.overlap, ranking.test) == (0.0, "t")
    assert ranking.rows[0].estimate == estimate([0.2, 0.4, 0.5])


def test_each_part_of_the_data_has_its_own_share_in_the_correction() -> None:
    shares: dict[str, Any] = {"dataset.validation": 0.2, "dataset.test": 0.3}
    results = [
        replace(run, row={**run.row, "final_test_loss": run.row["final_train_loss"]}) for run in over_splits(**shares)
    ]
    ranking = ranked(results, report_test=True)
    assert ranking.overlap == pytest.approx(0.2 / 0.5)
    assert ranking.rows[0].test == estimate([0.2, 0.4, 0.5], 0.3 / (1 - 0.2 - 0.3))
    assert ranked(results, criterion="final_train_loss").overlap == pytest.approx(0.5 / 0.5)
