from __future__ import annotations

import random
from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdrun.analysis.criteria import Question, QuestionError, Result
from gdrun.analysis.ranking import confirm_settings, rank
from gdrun.analysis.statistics import estimate, t_test
from tests.analysis.made import DIVERGED, FAILED, by_label, kind, ranked, runs

SIX = [0.10, 0.12, 0.11, 0.14, 0.09, 0.13]
WORSE = [0.15, 0.16, 0.17, 0.19, 0.10, 0.15]  # by 0.05, 0.04, 0.06, 0.05, 0.01, 0.02


def sweep(grid: dict[float, list[float | str | None]], name: str = "gd", candidate: int = 0) -> list[Result]:
    """A row's learning rates, each with its values."""
    return [run for lr, values in grid.items() for run in runs(values, kind(name, lr=lr), candidate)]


def two(first: list[Any] = SIX, second: list[Any] = WORSE, **more: Any) -> list[Result]:
    """Two rows of one setting each."""
    return runs(first, kind("gd"), 0, **more) + runs(second, kind("adam"), 1, **more)


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


# Rows and labels


def grid(**keys: list[Any]) -> list[dict[str, Any]]:
    cells: list[dict[str, Any]] = [{}]
    for name, values in keys.items():
        cells = [cell | {name.replace("__", "."): value} for cell in cells for value in values]
    return cells


LRS = {"optimizer__lr": [0.1, 0.01]}
ROWS = [
    # cells by candidate (with its label), rows chosen, labels
    ([("", grid(**LRS))], (), ["lr 0.01", "lr 0.1"]),
    ([("", grid(optimizer__lr=[0.1], optimizer__momentum=[0.5, 0.9]))], (), ["momentum 0.5", "momentum 0.9"]),
    ([("", grid(a=[1, 2], b=[3, 4]))], (), ["a 1, b 3", "a 1, b 4", "a 2, b 3", "a 2, b 4"]),
    ([("", grid(**LRS, optimizer__kind=["gd", "adam"]))], (), ["adam", "gd"]),
    ([("", grid(**LRS, descent__batch_size=[8, 32]))], (), ["batch_size 32", "batch_size 8"]),
    ([("", grid(**LRS, descent__batch_size=[8, 32]))], ("optimizer.lr",), ["lr 0.01", "lr 0.1"]),
    ([("", grid(**LRS, model__kind=["mlp", "linear"], optimizer__kind=["gd"]))], (), ["linear", "mlp"]),
    ([("", grid(**LRS, model__function=["beale", "booth"]))], (), ["beale", "booth"]),
    ([("", grid(optimizer__kind=["gd"], **LRS)), ("Adam", grid(optimizer__kind=["adam"], **LRS))], (), ["Adam", "gd"]),
    (
        [("tuned", grid(**LRS, descent__batch_size=[8, 32])), ("plain", grid(**LRS, descent__batch_size=[8]))],
        (), ["plain", "tuned, batch_size 32", "tuned, batch_size 8"],
    ),
    (
        [("", grid(**LRS, optimizer__momentum=[0.5])), ("", grid(**LRS, optimizer__momentum=[0.9]))],
        (), ["momentum 0.5", "momentum 0.9"],
    ),
    ([("", grid(**LRS)), ("", grid(optimizer__lr=[0.2, 0.3]))], (), ["candidate 1", "candidate 2"]),
    ([("", grid(**LRS)), ("", grid(**LRS, optimizer__momentum=[0.9]))], (), ["candidate 1", "momentum 0.9"]),
    ([("A", grid(**LRS)), ("A", grid(optimizer__lr=[0.2, 0.3]))], (), ["A, candidate 1", "A, candidate 2"]),
    ([("A", grid(**LRS)), ("B", grid(optimizer__lr=[0.2, 0.1]))], ("optimizer.lr",), ["lr 0.01", "lr 0.1", "lr 0.2"]),
    ([("A", grid(**LRS)), ("B", grid(**LRS))], ("candidate",), ["A", "B"]),
    ([("", grid(optimizer__kind=["gd"], optimizer__clip_norm=[None, 1.0]))], (), ["clip_norm 1", "clip_norm none"]),
    ([("", grid(model__hidden=["[64]", (64, 32)]))], (), ["hidden [64, 32]", "hidden [64]"]),
    ([("", grid(optimizer__lr=[0.123456, 0.123457]))], (), ["lr 0.123456", "lr 0.123457"]),
    ([("", grid(model__unit=["a"], schedule__unit=["b", "c"]))], (), ["schedule.unit b", "schedule.unit c"]),
    ([("", grid(optimizer__lr=[0.1]))], (), ["all settings"]),
    ([("mine", grid(optimizer__lr=[0.1]))], (), ["mine"]),
]  # fmt: skip


@pytest.mark.parametrize(("candidates", "chosen", "expected"), ROWS)
def test_what_is_a_row_and_what_it_is_called(candidates: Any, chosen: tuple[str, ...], expected: list[str]) -> None:
    results = [
        run
        for number, (label, cells) in enumerate(candidates)
        for cell in cells
        for run in runs([0.5, 0.6], cell, number, label or None)
    ]
    assert sorted(by_label(ranked(results, rows=chosen))) == expected


def test_what_is_tuned_is_told_beside_the_label() -> None:
    results = [
        run for cell in grid(**LRS, descent__batch_size=[8, 32], optimizer__kind=["gd"]) for run in runs([0.5], cell)
    ]
    for row in ranked(results, rows=("optimizer.lr",)).rows:
        assert row.tuned == {"descent.batch_size": 8}  # what is the same everywhere is not told
        assert row.tuned_text == "batch_size 8"


def test_what_makes_the_row_or_is_told_by_its_label_is_not_told_again() -> None:
    results = runs([0.5], kind("gd", lr=0.1), 0, "plain") + runs([0.6], kind("adam", lr=0.2, clip_norm=None), 1, "Adam")
    assert [row.tuned_text for row in ranked(results).rows] == ["lr 0.1", "clip_norm none, lr 0.2"]
    results = runs([0.5], kind("gd", lr=0.1, momentum=0.5)) + runs([0.5], kind("gd", lr=0.2, momentum=0.5))
    results += runs([0.6], kind("gd", lr=0.1, momentum=0.9), 1)
    told = [(row.label, row.tuned_text) for row in ranked(results, rows=("candidate",)).rows]
    assert told == [("momentum 0.5", "lr 0.1"), ("lr 0.1, momentum 0.9", "")]


def said(config: str, settings: dict[str, Any], candidate: int) -> list[Result]:
    return runs([0.5, 0.6], settings, candidate, config=config)


def test_what_is_usual_is_told_only_where_nothing_else_tells_rows_apart() -> None:
    usual, decay = {"optimizer.weight_decay": 0.0, "epochs": 3}, {"optimizer.weight_decay": 0.1, "epochs": 3}
    said_nothing, said_decay = '{"epochs":3,"optimizer":{"lr":1}}', '{"epochs":3,"optimizer":{"weight_decay":0.1}}'
    plain = [*said(said_nothing, kind("gd") | usual, 0), *said(said_nothing, kind("adam") | usual, 1)]
    # adam, twice: one with its usual weight decay
    ranking = ranked([*plain, *said(said_decay, kind("adam") | decay, 2)])
    assert [(row.label, row.tuned_text) for row in ranking.rows] == [
        ("gd", ""), ("adam", ""), ("adam, weight_decay 0.1", "")
    ]  # fmt: skip
    # nothing but the usual tells the first from the other
    ranking = ranked([*said(said_nothing, usual, 0), *said(said_decay, decay, 1)])
    assert [row.label for row in ranking.rows] == ["weight_decay 0", "weight_decay 0.1"]
    # and so it is told of all rows of a candidate that sweeps it
    steps = [(8, {"optimizer.weight_decay": 0.1}, said_decay), (16, {"optimizer.weight_decay": 0.0}, said_nothing)]
    zipped = [run for size, values, text in steps for run in said(text, values | {"descent.batch_size": size}, 0)]
    assert [(row.label, row.tuned_text) for row in ranked(zipped).rows] == [
        ("batch_size 8", "weight_decay 0.1"), ("batch_size 16", "weight_decay 0")
    ]  # fmt: skip
    # where it is tuned within a row, that it is best is told
    ranking = ranked([*plain, *said(said_decay, kind("adam") | decay, 1)])
    assert [(row.label, row.tuned_text) for row in ranking.rows] == [("gd", ""), ("adam", "weight_decay 0")]


def test_a_run_that_two_candidates_share_counts_once_in_a_row() -> None:
    results = runs([0.5, 0.6], kind("gd", lr=0.1), 0) + runs([0.5, 0.6], kind("gd", lr=0.1), 1)
    results += runs([0.8, 0.9], kind("gd", lr=0.2), 1)
    row = ranked(results, rows=("optimizer.lr",)).rows[0]
    assert (row.counts.runs, row.estimate) == (2, estimate([0.5, 0.6]))


def test_nothing_is_ranked_across_datasets_or_losses() -> None:
    problems: list[dict[str, Any]] = [
        {"dataset.kind": "digits", "loss.kind": "hinge"},
        {"dataset.kind": "digits", "loss.kind": "cross_entropy"},
        {"dataset.kind": "wine", "loss.kind": "hinge", "dataset.test": 0.1},
        {"dataset.kind": "wine", "loss.kind": "hinge", "dataset.test": 0.2},
    ]
    results = [
        run
        for i, problem in enumerate(problems)
        for name in ("gd", "adam")
        for run in runs([0.1 * i, 0.2 * i], kind(name) | problem)
    ]
    found = rank(results)
    assert [ranking.problem for ranking in found] == [problems[i] for i in (1, 0, 2, 3)]
    assert all([row.label for row in ranking.rows] == ["adam", "gd"] for ranking in found)
    assert all(row.counts.runs == 2 for ranking in found for row in ranking.rows)


def test_splits_are_ranked_together() -> None:
    results = [
        run for split in range(3) for run in runs([0.1, 0.2], {**kind("gd"), "dataset.seed": split}, split=split)
    ]
    ranking = ranked(results)
    assert (len(ranking.rows), ranking.splits, ranking.seeds) == (1, 3, 2)
    assert (ranking.rows[0].splits, ranking.rows[0].seeds) == (3, 2)


# Rates


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


# Differences


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

SPLITS = {0: [0.1, 0.3], 1: [0.2, 0.6], 2: [0.5, 0.5]}


def over_splits(**columns: Any) -> list[Result]:
    return [
        run
        for split, values in SPLITS.items()
        for shift, name in enumerate(("gd", "adam"))
        for run in runs([value + shift * (1 + split) for value in values], kind(name), shift, split=split, **columns)
    ]


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


# The target and the test set


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


# Confirming


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
