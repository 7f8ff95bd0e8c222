"""Expectations held against outcomes that were made up: what meets them, what does not, and by how much."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from gdrun.analysis.candidates import Related, judged_by_candidates
from gdrun.analysis.criteria import Question, Result
from gdrun.analysis.expecting import Expected, Judged, Row, judged
from tests.analysis.made import DIVERGED, FAILED, kind, row, runs

LOSS = "final_validation_loss"


def unmet(expected: Expected, rows: Sequence[Row]) -> list[str]:
    return [each.text for each in judged(expected, rows) if not each.met]


def unmet_by_candidates(
    results: Sequence[Result],
    question: Question,
    expected: dict[int, Expected],
    fresh: Sequence[Result] | None = None,
) -> list[str]:
    return [each.text for each in judged_by_candidates(results, question, expected, (), fresh) if not each.met]


def bounded(low: float | None, high: float | None, *statuses: str) -> Expected:
    return Expected(statuses, {LOSS: (low, high)})


@pytest.mark.parametrize(
    ("expected", "values", "lines"),
    [
        (Expected(), [DIVERGED], []),
        (bounded(0.5, None), [0.5], []),
        (bounded(0.5, None), [0.25], [f"{LOSS} is 0.25, expected at least 0.5: 0.25 too low"]),
        (bounded(None, 0.5), [0.5], []),
        (bounded(None, 0.5), [0.75], [f"{LOSS} is 0.75, expected at most 0.5: 0.25 too high"]),
        (bounded(0.25, 0.5), [0.375], []),
        (bounded(0.25, 0.5), [1.0], [f"{LOSS} is 1, expected at least 0.25 and at most 0.5: 0.5 too high"]),
        # one part in 10^15 is enough, and is seen
        (bounded(0.3, None), [0.1 + 0.2], []),
        (
            bounded(None, 0.3),
            [0.1 + 0.2],
            [f"{LOSS} is 0.30000000000000004, expected at most 0.3: 5.55e-17 too high"],
        ),
        # the mean decides, and is the nearest number to the true one
        (bounded(0.95, 0.95), [0.95, 0.95, 0.95], []),
        (bounded(None, 0.5), [0.25, 0.75], []),
        (bounded(None, 0.5), [0.25, 1.25], [f"{LOSS} is 0.75 (mean of 2 runs), expected at most 0.5: 0.25 too high"]),
        # who did not survive is not left out of a mean
        (bounded(None, 9), [DIVERGED], [f"{LOSS} is missing (diverged), expected at most 9"]),
        (bounded(None, 9), [1.0, DIVERGED], [f"{LOSS} is missing in 1 of 2 runs (diverged), expected at most 9"]),
        (bounded(None, 9), [FAILED], [f"{LOSS} is missing (failed), expected at most 9"]),
        (bounded(None, 9), [None], [f"{LOSS} is missing (no number), expected at most 9"]),
        (bounded(None, 9, "diverged"), [DIVERGED], [f"{LOSS} is missing (no number), expected at most 9"]),
        (bounded(None, 9), [float("inf")], [f"{LOSS} is inf, expected at most 9: inf too high"]),
        (Expected(("finished",)), [1.0], []),
        (Expected(("diverged",)), [DIVERGED, DIVERGED], []),
        (Expected(("finished", "diverged")), [1.0, DIVERGED], []),
        (Expected(("diverged",)), [1.0], ["status is finished, expected diverged"]),
        (
            Expected(("finished", "converged")),
            [1.0, DIVERGED, DIVERGED],
            ["status is diverged in 2 of 3 runs, expected finished or converged"],
        ),
    ],
    ids=str,
)
def test_what_is_not_met(expected: Expected, values: list[Any], lines: list[str]) -> None:
    assert unmet(expected, [row(value) for value in values]) == lines


@pytest.mark.parametrize("outcome", [LOSS, "mean_step_angle", "first_batch_noise", "highest_gradient_norm_1"])
def test_where_divergence_is_expected_its_loss_counts(outcome: str) -> None:
    ended = [row(DIVERGED) | {outcome: 1e9}]
    assert unmet(Expected(("diverged",), {outcome: (1e6, None)}), ended) == []
    assert unmet(Expected(bounds={outcome: (1e6, None)}), ended) == [
        f"{outcome} is missing (diverged), expected at least 1000000"
    ]


def test_steps_and_epochs_count_whatever_became_of_the_run() -> None:
    ended = [row(DIVERGED, end_step=12)]
    assert unmet(Expected(bounds={"end_step": (None, 12)}), ended) == []
    assert unmet(Expected(bounds={"end_step": (None, 10)}), ended) == [
        "end_step is 12, expected at most 10: 2 too high"
    ]


def test_what_is_met_is_told_too() -> None:
    found = judged(Expected(("finished",), {LOSS: (0.25, None)}), [row(0.5), row(1.0)])
    assert found == [
        Judged("status", "finished in 2 of 2 runs", "finished", met=True),
        Judged(LOSS, "0.75 (mean of 2 runs)", "at least 0.25", met=True),
    ]
    assert [each.text for each in found] == [
        "status is finished in 2 of 2 runs, expected finished",
        f"{LOSS} is 0.75 (mean of 2 runs), expected at least 0.25",
    ]


GD = [runs([0.75, 1.25], kind("gd", lr=1.0)), runs([0.5, 0.25], kind("gd", lr=0.1))]
ADAM = [runs([DIVERGED, 1.0], kind("adam", lr=1.0), 1, "Adam"), runs([DIVERGED] * 2, kind("adam", lr=9.0), 1, "Adam")]
RESULTS = [result for group in (*GD, *ADAM) for result in group]


def test_the_best_setting_of_each_candidate_is_judged() -> None:
    assert unmet_by_candidates(RESULTS, Question(), {0: bounded(None, 0.375), 1: Expected()}) == []
    assert unmet_by_candidates(RESULTS, Question(), {0: bounded(None, 0.25), 1: Expected(("diverged",))}) == [
        f"gd, lr 0.1: {LOSS} is 0.375 (mean of 2 runs), expected at most 0.25: 0.125 too high",
        "Adam, lr 1: status is finished in 1 of 2 runs, expected diverged",
    ]


def test_a_candidate_of_one_setting_goes_by_its_label() -> None:
    one, two = runs([0.5], kind("gd", lr=0.1), 0, "slow"), runs([0.25], kind("gd", lr=1.0), 1, "fast")
    assert unmet_by_candidates(one + two, Question(), dict.fromkeys(range(2), bounded(None, 0.125))) == [
        f"slow: {LOSS} is 0.5, expected at most 0.125: 0.375 too high",
        f"fast: {LOSS} is 0.25, expected at most 0.125: 0.125 too high",
    ]


def test_the_criterion_decides_which_setting_is_the_best() -> None:
    slow = runs([0.5, 0.25], kind("gd", lr=0.1), end_epoch=9) + runs([1.0, 1.0], kind("gd", lr=1.0), end_epoch=2)
    expected = {0: Expected(bounds={"end_epoch": (None, 2)})}
    assert unmet_by_candidates(slow, Question(criterion="end_epoch"), expected) == []
    assert unmet_by_candidates(slow, Question(), expected) == [
        "lr 0.1: end_epoch is 9 (mean of 2 runs), expected at most 2: 7 too high"
    ]


def test_kinds_within_a_candidate_are_its_settings() -> None:
    both = runs([0.5], kind("gd", lr=0.1)) + runs([0.25], kind("adam", lr=0.1))
    assert unmet_by_candidates(both, Question(), {0: bounded(None, 0.25)}) == []
    assert unmet_by_candidates(both, Question(rows=("optimizer.kind",)), {0: bounded(None, 0.125)}) == [
        f"adam: {LOSS} is 0.25, expected at most 0.125: 0.125 too high"
    ]


def test_fresh_seeds_judge_what_the_others_chose() -> None:
    chosen = runs([0.5], kind("gd", lr=0.1)) + runs([1.0], kind("gd", lr=1.0))
    fresh = runs([2.0, 4.0], kind("gd", lr=0.1), first=1) + runs([0.5, 0.5], kind("gd", lr=1.0), first=1)
    assert unmet_by_candidates(chosen, Question(), {0: bounded(None, 1.0)}, fresh) == [
        f"lr 0.1: {LOSS} is 3 (mean of 2 runs), expected at most 1: 2 too high"
    ]


def test_datasets_are_judged_one_by_one() -> None:
    iris, wine = ({"dataset.kind": name, "optimizer.lr": 0.1} for name in ("iris", "wine"))
    found = runs([0.5], iris) + runs([0.25], wine)
    assert unmet_by_candidates(found, Question(), {0: bounded(None, 0.25)}) == [
        f"iris: {LOSS} is 0.5, expected at most 0.25: 0.25 too high"
    ]


FAST = runs([0.25, 0.75], kind("adam", lr=0.1), 1, "fast")
SLOW = runs([4.0, 1.0], kind("gd", lr=0.1), 0, "slow")
LOST = runs([DIVERGED, 1.0], kind("gd", lr=9.0), 2, "lost")


@pytest.mark.parametrize(
    ("relation", "met", "text"),
    [
        (
            Related(LOSS, "slow", "fast", True, 5, 5),
            True,
            "slow over that of fast is 5, expected exactly 5",
        ),
        (
            Related(LOSS, "fast", "slow", True, None, 0.1),
            False,
            "fast over that of slow is 0.2, expected at most 0.1: 0.1 too high",
        ),
        (
            Related(LOSS, "slow", "fast", False, 3, None),
            False,
            "slow minus that of fast is 2, expected at least 3: 1 too low",
        ),
        (Related(LOSS, "slow", "fast", False, 2, None), True, "slow minus that of fast is 2, expected at least 2"),
        (
            Related(LOSS, "slow", "lost", True, 0, None),
            False,
            "slow over that of lost is missing: lost has none in 1 of 2 runs (diverged), expected at least 0",
        ),
        (
            Related(LOSS, "slow", "who", True, 0, None),
            False,
            "slow over that of who is missing: who has none, expected at least 0",
        ),
    ],
)
def test_candidates_side_by_side(relation: Related, met: bool, text: str) -> None:
    found = judged_by_candidates(SLOW + FAST + LOST, Question(), dict.fromkeys(range(3), Expected()), [relation])
    assert [(each.text, each.met) for each in found] == [(f"{LOSS} of {text}", met)]


@pytest.mark.parametrize(
    ("reached", "met", "text"),
    [
        ((30, 50), True, "examples_to_target of slow over that of fast is 4, expected at least 4"),
        (
            (30, None),
            False,
            "examples_to_target of slow over that of fast is missing: slow has none in 1 of 2 runs (no number), "
            "expected at least 4",
        ),
    ],
)
def test_the_way_to_the_target_side_by_side(reached: tuple[int | None, ...], met: bool, text: str) -> None:
    slow = runs([1.0, 1.0], kind("gd", lr=0.1), 0, "slow", reached=reached)
    fast = runs([2.0, 2.0], kind("adam", lr=0.1), 1, "fast", reached=(8, 12))
    relation = Related("examples_to_target", "slow", "fast", True, 4, None)
    found = judged_by_candidates(slow + fast, Question(target=1.5), dict.fromkeys(range(2), Expected()), [relation])
    assert [(each.text, each.met) for each in found] == [(text, met)]
