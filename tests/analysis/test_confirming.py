"""Rows confirmed on fresh seeds."""

from __future__ import annotations

import pytest

from gdrun.analysis.criteria import QuestionError, Result
from gdrun.analysis.ranking import confirm_settings
from gdrun.analysis.statistics import estimate
from tests.analysis.made import DIVERGED, by_label, kind, ranked, runs, sweep


def swept() -> list[Result]:
    return sweep({0.1: [0.2, 0.3], 1.0: [0.5, 0.6]}) + sweep({0.1: [0.9, 0.8], 1.0: [0.1, 0.3]}, "adam", 1)


def test_each_rows_best_setting_is_what_is_confirmed() -> None:
    results = swept() + runs([DIVERGED, 0.1], kind("lion"), 2)
    found = [(choice.candidate, choice.settings["optimizer.lr"]) for choice in confirm_settings(ranked(results))]
    assert found == [(1, 1.0), (0, 0.1)]


def test_fresh_seeds_alone_rank_and_what_the_sweep_told_stays() -> None:
    fresh = runs([0.2, 0.3, 0.2], kind("gd", lr=0.1), 0, first=10)
    fresh += runs([0.4, 0.6, 0.8], kind("adam", lr=1.0), 1, first=10)
    before, after = ranked(swept()), ranked(swept(), fresh)
    assert [row.label for row in before.rows] == ["adam", "gd"]
    assert [row.label for row in after.rows] == ["gd", "adam"]
    gd = after.rows[0]
    assert gd.estimate == estimate([0.2, 0.3, 0.2])
    assert (gd.tried, gd.counts.runs, gd.best.runs, gd.wanted) == (2, 7, 3, 3)
    assert gd.good_rates == by_label(before)["gd"].good_rates == (0.1, 0.1)
    assert after.rows[1].difference is not None
    assert after.rows[1].difference.pairs == 3
    assert (after.confirmed, before.confirmed) == (True, False)


def test_what_diverged_in_the_sweep_or_was_not_run_again_is_last() -> None:
    results = swept() + runs([0.01, DIVERGED], kind("lion"), 2)
    ranking = ranked(results, runs([0.2, 0.3], kind("gd", lr=0.1), 0, first=10))
    assert [row.label for row in ranking.rows] == ["gd", "lion", "adam"]
    assert [row.estimate is None for row in ranking.rows] == [False, True, True]


def test_a_seed_of_the_sweep_confirms_nothing() -> None:
    with pytest.raises(QuestionError, match="seed 1 had a part"):
        ranked(swept(), runs([0.2], kind("gd", lr=0.1), 0, first=1))
