"""What is a row of a ranking, what it is called, and what is told beside it."""

from __future__ import annotations

from typing import Any

import pytest

from gdrun.analysis.criteria import Result
from gdrun.analysis.ranking import rank
from gdrun.analysis.statistics import estimate
from tests.analysis.made import by_label, kind, ranked, runs


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
