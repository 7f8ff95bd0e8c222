"""The choice within a row, the criterion, and the order of the rows."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdrun.analysis.criteria import Question, QuestionError
from gdrun.analysis.ranking import rank
from gdrun.analysis.statistics import estimate
from tests.analysis.made import DIVERGED, FAILED, SIX, by_label, kind, ranked, runs, sweep, two

# The choice within a row


def test_the_best_setting_has_the_best_mean_over_seeds() -> None:
    results = sweep({0.01: [0.1, 0.9], 0.1: [0.3, 0.4], 1.0: [0.5, 0.6]}) + sweep({0.1: [0.2, 0.3]}, "adam", 1)
    rows = by_label(ranked(results))
    assert list(rows) == ["adam", "gd"]
    assert rows["gd"].settings["optimizer.lr"] == 0.1
    assert rows["gd"].tuned_text == "lr 0.1"
    assert rows["gd"].estimate == estimate([0.3, 0.4])
    assert (rows["gd"].tried, rows["gd"].counts.runs, rows["gd"].best.runs, rows["gd"].rank) == (3, 6, 2, 2)


def test_a_setting_with_a_diverged_seed_ranks_below_all_that_have_none() -> None:
    results = sweep({0.1: [0.5, 0.6], 1.0: [0.01, DIVERGED]}) + sweep({0.1: [0.7, 0.8]}, "adam", 1)
    rows = by_label(ranked(results))
    assert rows["gd"].settings["optimizer.lr"] == 0.1
    assert (rows["gd"].counts.diverged, rows["gd"].counts.runs, rows["gd"].best.diverged) == (1, 4, 0)


@pytest.mark.parametrize("bad", [DIVERGED, FAILED, None, float("inf")])
def test_there_is_no_mean_over_survivors(bad: Any) -> None:
    ranking = ranked(two([0.001, 0.001, bad], [0.5, 0.6, 0.7]))
    assert [row.label for row in ranking.rows] == ["adam", "gd"]
    last = ranking.rows[-1]
    assert (last.estimate, last.difference, last.test, last.good_rates) == (None, None, None, None)
    assert (last.best.diverged, last.best.failed, last.best.missing) == (
        bad == DIVERGED,
        bad == FAILED,
        bad not in (DIVERGED, FAILED),
    )


def test_a_diverged_run_has_no_value_even_where_its_best_loss_is_finite() -> None:
    ranking = ranked(two([0.1, DIVERGED], [0.5, 0.6], best_validation_loss=0.2), criterion="best_validation_loss")
    assert [row.label for row in ranking.rows] == ["adam", "gd"]
    assert ranking.rows[1].estimate is None


def test_the_fewer_runs_diverged_the_higher_the_rank_among_those() -> None:
    results = two([0.1, DIVERGED, DIVERGED], [0.9, DIVERGED, 0.9]) + runs([DIVERGED] * 3, kind("lion"), 2)
    assert [row.label for row in ranked(results).rows] == ["adam", "gd", "lion"]


def test_a_setting_that_ran_on_some_seeds_only_is_not_chosen_before_those_that_ran_on_all() -> None:
    results = sweep({0.1: [0.5, 0.6, 0.7], 1.0: [0.1]}) + sweep({0.1: [0.9, 0.9, 0.9]}, "adam", 1)
    assert by_label(ranked(results))["gd"].settings["optimizer.lr"] == 0.1


def test_equal_rows_share_a_rank_and_are_ordered_by_candidate_and_setting() -> None:
    results = sweep({1.0: [0.5], 0.1: [0.5]}) + sweep({0.1: [0.5]}, "adam", 1)
    results += sweep({0.1: [0.6]}, "lion", 2) + sweep({0.1: [DIVERGED]}, "nadam", 3) + sweep({1.0: [DIVERGED]}, "x", 4)
    ranking = ranked(results)
    assert [row.rank for row in ranking.rows] == [1, 1, 3, 4, 4]
    ranking = replace(ranking, rows=ranking.rows[:2])
    assert [row.label for row in ranking.rows] == ["gd", "adam"]
    assert ranking.rows[0].settings["optimizer.lr"] == 0.1


# The criterion


@pytest.mark.parametrize(
    ("criterion", "best"),
    [
        ("final_validation_accuracy", "high"),
        ("best_validation_r2", "high"),
        ("final_validation_rmse", "low"),
        ("final_train_loss", "low"),
        ("end_step", "low"),
        ("end_examples", "low"),
        ("seconds", "low"),
    ],
)
def test_which_direction_is_better(criterion: str, best: str) -> None:
    outcomes: list[dict[str, Any]] = [{criterion: 0.3}, {criterion: 0.4}]
    results = runs([0.5, 0.5], kind("low"), 0, **outcomes[0]) + runs([0.5, 0.5], kind("high"), 1, **outcomes[1])
    ranking = ranked(results, criterion=criterion)
    assert ranking.rows[0].label == best
    assert ranking.higher_is_better == (best == "high")


def test_the_default_is_the_validation_loss_and_without_one_the_training_loss() -> None:
    assert ranked(two()).criterion == "final_validation_loss"
    without = two(final_validation_loss=None)
    assert ranked(without).criterion == "final_train_loss"
    assert ranked(without).rows[0].estimate == estimate(SIX)


@pytest.mark.parametrize(
    ("question", "option", "message"),
    [
        ({"criterion": "final_valdation_loss"}, "criterion", "did you mean final_validation_loss?"),
        ({"criterion": "status"}, "criterion", "there are final_train_loss, final_validation_loss"),
        ({"criterion": "final_test_loss"}, "criterion", "ranks nothing"),
        ({"criterion": "steps_to_target"}, "criterion", "needs a target"),
        ({"rows": ("optimizer.knd",)}, "rows", "did you mean optimizer.kind?"),
        ({"rows": ("dataset.seed",)}, "rows", "over the seeds"),
        ({"rows": ("seed",)}, "rows", "over the seeds"),
    ],
)
def test_what_cannot_be_answered_is_said(question: dict[str, Any], option: str, message: str) -> None:
    with pytest.raises(QuestionError, match=message.replace("?", r"\?")) as caught:
        rank(two(), Question(**question))
    assert caught.value.option == option


def test_nothing_gives_no_ranking_and_only_failed_runs_give_one_without_means() -> None:
    assert rank([]) == ()
    assert [row.estimate for row in ranked(two([FAILED], [FAILED]), criterion="final_train_r2").rows] == [None, None]


# The order of the results


value = st.sampled_from([0.1, 0.2, 0.2, 0.5, DIVERGED, FAILED, None])
cell = st.fixed_dictionaries(
    {"optimizer.kind": st.sampled_from(["gd", "adam"]), "optimizer.lr": st.sampled_from([0.1, 1, 10.0])},
    optional={"descent.batch_size": st.sampled_from([8, None]), "loss.kind": st.sampled_from(["mse", "mae"])},
)
groups = st.tuples(st.lists(value, min_size=1, max_size=4), cell, st.integers(0, 2), st.integers(0, 1))


@given(st.lists(groups, min_size=1, max_size=12), st.randoms(use_true_random=False), st.booleans())
@settings(max_examples=150, deadline=None)
def test_the_order_of_the_results_does_not_matter(found: list[Any], shuffled: random.Random, rates: bool) -> None:
    results = [
        run
        for i, (values, keys, candidate, split) in enumerate(found)
        for run in runs(values, keys, candidate, split=split, id=f"r{i}")
    ]
    question = Question(rows=("optimizer.lr",) if rates else (), target=1.0, report_test=True)
    other = list(results)
    shuffled.shuffle(other)
    assert repr(rank(results, question)) == repr(rank(other, question))
