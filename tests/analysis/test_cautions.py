from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from gdrun.analysis import cautions
from gdrun.analysis.criteria import Result
from gdrun.analysis.ranked import Ranking
from tests.analysis.made import DIVERGED, FAILED, SIX, WORSE, codes, kind, over_splits, ranked, runs, sweep, text, two

Case = tuple[str, Callable[[], Ranking], str, Callable[[], Ranking]]


def rates(best: float, *lrs: float, name: str = "gd", candidate: int = 0) -> list[Result]:
    """A row whose best rate is this one."""
    grid: dict[float, list[float | str | None]] = {lr: [abs(lr - best) + x for x in SIX] for lr in lrs}
    return sweep(grid, name, candidate)


def on_surface(results: list[Result]) -> list[Result]:
    columns = ("dataset.kind", "dataset.validation", "dataset.test")
    return [replace(run, row={k: v for k, v in run.row.items() if k not in columns}) for run in results]


def confirmed(more: Sequence[Result] = (), leave_out: int | None = None) -> Ranking:
    fresh = [replace(run, seed=run.seed + 10) for run in two() if run.candidate != leave_out]
    return ranked([*two(), *more], fresh)


def penalty(*values: float) -> list[Result]:
    return [run for l2 in values for run in runs(SIX, {"model.l2": l2, **kind("gd")})]


APPEARS: list[Case] = [
    (
        "all-diverged", lambda: ranked(two(SIX, [DIVERGED] * 6)),
        "diverged in every run: adam (6 of 6)", lambda: ranked(two(SIX, [DIVERGED] * 5 + [0.1])),
    ),
    (
        "all-diverged", lambda: ranked(two([DIVERGED] * 2, [DIVERGED] * 2)),
        "so nothing is ranked: gd (2 of 2), adam (2 of 2)", lambda: ranked(two([DIVERGED, 0.1], [DIVERGED, 0.2])),
    ),
    (
        "diverged-best", lambda: ranked(two(SIX, [DIVERGED] * 2 + [0.1] * 4)),
        "adam (2 of 6 seeds)", lambda: ranked(sweep({0.1: [*SIX], 1.0: [DIVERGED] * 6}) + rates(1, 1, name="adam")),
    ),
    ("diverged-best", lambda: ranked(two([DIVERGED, 0.1])), "gd (1 of 2 seeds)", lambda: ranked(two([DIVERGED] * 2))),
    (
        "failed-runs", lambda: ranked(two(SIX, [FAILED, *SIX[1:]])),
        "adam (1 of 6)", lambda: ranked(two(SIX, [DIVERGED, *SIX[1:]])),
    ),
    (
        "criterion-missing", lambda: ranked(two(SIX, [None, float("inf"), *SIX[2:]])),
        "no finite final_validation_loss: adam (2 of 6 runs)", lambda: ranked(two(SIX, [FAILED, DIVERGED, *SIX[2:]])),
    ),
    (
        "incomplete-seeds", lambda: ranked(two(SIX, WORSE[:4])),
        "adam (4 of 6)", lambda: ranked(two()),
    ),
    (
        "incomplete-seeds", lambda: confirmed(leave_out=1), "adam (0 of 6)",
        lambda: confirmed(runs([DIVERGED, 0.1], kind("lion"), 2)),  # it is last for another reason
    ),
    ("one-seed", lambda: ranked(two([0.1], [0.2])), "1 seed: no interval", lambda: ranked(two([0.1, 0.2], [0.2, 0.3]))),
    ("one-seed", lambda: ranked(two(SIX, [0.2])), "adam (1 run)", lambda: ranked(two(SIX, [0.2, 0.3]))),
    (
        "no-common-seeds", lambda: ranked(runs(SIX, kind("gd")) + runs(WORSE, kind("adam"), 1, first=50)),
        "adam (0 pairs)", lambda: ranked(two()),
    ),
    (
        "few-seeds", lambda: ranked(two(SIX[:5], WORSE[:5])),
        "5 seeds: a Wilcoxon test cannot reach p < 0.05, it takes 6", lambda: ranked(two()),
    ),
    (
        "few-seeds", lambda: ranked(two() + runs([0.5, 0.6, 0.4, 0.5, 0.6, 0.9], kind("lion"), 2)),
        "6 seeds: a Wilcoxon test cannot reach p < 0.05 over 2 comparisons (Holm), it takes 7",
        lambda: ranked(two([*SIX, 0.1], [*WORSE, 0.3]) + runs([0.5, 0.6, 0.4, 0.5, 0.6, 0.9, 0.8], kind("lion"), 2)),
    ),
    (
        "few-seeds", lambda: ranked(over_splits(**{"dataset.kind": "blobs"})),
        "3 splits: ", lambda: ranked(over_splits()),
    ),
    ("exploratory", lambda: ranked(two()), "among 2 settings on these 6 seeds", confirmed),
    ("exploratory", lambda: ranked(two([0.1], [0.2])), "on this 1 seed:", lambda: ranked(runs(SIX, kind("gd")))),
    (
        "exploratory", lambda: ranked(over_splits()), "among 2 settings on these 3 splits with 2 seeds:",
        lambda: ranked(over_splits()[:1]),
    ),
    (
        "corrected-p", lambda: ranked(two() + runs([2 * x for x in SIX], kind("lion"), 2)),
        "for 2 comparisons (Holm), intervals are not", lambda: ranked(two()),
    ),
    (
        "edge-of-grid", lambda: ranked(rates(10, 0.1, 1, 10) + rates(0.1, 0.1, 1, 10, name="adam", candidate=1)),
        "gd (10 is the largest), adam (0.1 is the smallest)",
        lambda: ranked(rates(1, 0.1, 1, 10) + rates(5, 5, name="adam", candidate=1)),
    ),
    (
        "edge-of-grid", lambda: ranked(rates(10, 0.1, 1, 10)), "lr 10 (10 is the largest)",
        lambda: ranked(rates(1, 0.1, 1, 10)),  # rates are rows: that of the others does not matter
    ),
    (
        "edge-of-grid", lambda: ranked(rates(10, 0.1, 1, 10) + rates(1, 1, name="adam", candidate=1)), "gd",
        # a larger one was tried and diverged
        lambda: ranked(rates(10, 0.1, 1, 10) + sweep({100.0: [DIVERGED] * 6}) + rates(1, 1, name="adam", candidate=1)),
    ),
    (
        "edge-of-grid", lambda: ranked(rates(10, 1, 10) + rates(1, 1, name="adam", candidate=1)), "gd",
        lambda: ranked(sweep({1.0: [DIVERGED], 10.0: [DIVERGED]}) + rates(1, 1, name="adam", candidate=1)),
    ),
    (
        "unequal-settings", lambda: ranked(rates(1, 0.1, 1, 10) + rates(1, 0.1, 1, name="adam", candidate=1)),
        "gd (3), adam (2)", lambda: ranked(rates(1, 0.1, 1) + rates(1, 10, 1, name="adam", candidate=1)),
    ),
    (
        "single-split", lambda: ranked(two()),
        "over 6 seeds speak of this data and this 1 split", lambda: ranked(over_splits()),
    ),
    ("single-split", lambda: ranked(two([0.1, 0.2], [0.2, 0.3])), "2 seeds", lambda: ranked(two([0.1], [0.2]))),
    ("single-split", lambda: ranked(two()), "dataset.seed", lambda: ranked(on_surface(two()))),
    (
        "corrected-splits", lambda: ranked(over_splits()),
        "1/3 + 0.25", lambda: ranked(over_splits(**{"dataset.kind": "linear"})),
    ),
    ("corrected-splits", lambda: ranked(over_splits()), "3 splits", lambda: ranked(two())),
    ("deterministic", lambda: ranked(two([0.1] * 3, [0.2, 0.3, 0.2])), "gd (3 equal values)", lambda: ranked(two())),
    ("deterministic", lambda: ranked(two([0.1] * 2, [0.2] * 2)), "(2 equal values)", lambda: ranked(two([0.1], [0.2]))),
    (
        "deterministic", lambda: ranked(two([0.1] * 2, [0.2] * 2)), "gd",
        lambda: ranked(two(seconds=0.5), criterion="seconds"),  # a tile's time, shared out evenly
    ),
    (
        "shared-seconds", lambda: ranked(two(seconds=0.5), criterion="seconds"), "--stack 1 --jobs 1",
        lambda: ranked(two(seconds=0.5)),
    ),
    (
        "shared-seconds", lambda: ranked(two(reached=[9] * 6), criterion="seconds_to_target", target=1.0), "share",
        lambda: ranked(two(reached=[9] * 6), criterion="steps_to_target", target=1.0),
    ),
    (
        "penalty-in-loss", lambda: ranked(penalty(0.0, 0.1), criterion="final_train_loss"),
        "includes the L2 penalty", lambda: ranked(penalty(0.0, 0.1)),
    ),
    (
        "penalty-in-loss", lambda: ranked(penalty(0.0, 0.1), criterion="final_train_loss"),
        "model.l2", lambda: ranked(penalty(0.1), criterion="final_train_loss"),
    ),
    (
        "no-test", lambda: ranked(two(), report_test=True),
        "no finite final_test_loss in 2 of 2 rows", lambda: ranked(two(final_test_loss=0.3), report_test=True),
    ),
    ("no-test", lambda: ranked(two(), report_test=True), "dataset.test", lambda: ranked(two())),
]  # fmt: skip


@pytest.mark.parametrize(("code", "with_it", "words", "without"), APPEARS)
def test_a_caution_appears_where_it_holds_and_only_there(
    code: str, with_it: Callable[[], Ranking], words: str, without: Callable[[], Ranking]
) -> None:
    assert words in text(with_it(), code)
    assert code not in codes(without())


def test_every_caution_has_a_case() -> None:
    assert len({code for code, *_ in APPEARS}) == len(cautions.ALL)


def test_a_comparison_on_many_seeds_and_fresh_ones_needs_one_caution_only() -> None:
    assert codes(confirmed()) == {"single-split"}


def test_never_reaching_the_target_is_no_missing_criterion() -> None:
    results = two(reached=[10] * 6) + runs(SIX, kind("lion"), 2)
    assert "criterion-missing" not in codes(ranked(results, criterion="steps_to_target", target=0.1))


def test_many_rows_are_counted_and_not_all_named() -> None:
    results: list[Any] = two()
    for i in range(5):
        results += runs([DIVERGED] * 6, kind(f"o{i}"), i + 2)
    assert text(ranked(results), "all-diverged").startswith(
        "diverged in every run: o0 (6 of 6), o1 (6 of 6), o2 (6 of 6) and 2 more;"
    )
