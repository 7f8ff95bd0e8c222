"""Wrong candidates of a comparison, and the exact lines that their errors are."""

from __future__ import annotations

import pytest

from tests.experiment.sweep_cases import Wrong, assert_said, over_base, wrong

WRONG: list[Wrong] = [
    (
        "compare: {candidates: {optimizer: adam}}",
        [],
        ["5:23: compare.candidates: must be a list of blocks, such as [{optimizer: adam}]"],
    ),
    (
        "compare: {candidates: []}",
        [],
        ["5:23: compare.candidates: must be a list of blocks, such as [{optimizer: adam}]"],
    ),
    (
        "compare: {candidates: [adam, 3, [1]]}",
        [],
        [
            "5:24: compare.candidates[0]: must be a block such as {optimizer: adam}, not 'adam'",
            "5:30: compare.candidates[1]: must be a block such as {optimizer: adam}, not 3",
            "5:33: compare.candidates[2]: must be a block such as {optimizer: adam}, not a list of 1",
        ],
    ),
    (
        "compare: {candidates: [{lable: x}]}",
        [],
        ["5:25: compare.candidates[0].lable: unknown key: did you mean label?"],
    ),
    (
        "compare: {candidates: [{name: x}, {compare: {}}, {learning_rate: 1}]}",
        [],
        [
            "5:25: compare.candidates[0].name: a candidate has no name: write label",
            "5:36: compare.candidates[1].compare: a candidate has no compare block",
            "5:51: compare.candidates[2].learning_rate: unknown key: write optimizer.lr",
        ],
    ),
    (
        "compare: {candidates: [{label: a}, {label: 3}, {label: a}, {label: ''}]}",
        [],
        [
            "5:44: compare.candidates[1].label: must be text on one line, not 3",
            "5:56: compare.candidates[2].label: another candidate has this label already",
            "5:68: compare.candidates[3].label: must be text on one line, not ''",
        ],
    ),
    (
        "compare: {candidates: [{optimizer: {kind: adam, momentum: 0.9}}, {optimizer: {lr: 0}}, {optimizer: adma}]}",
        [],
        [
            "5:49: optimizer.momentum: adam has no momentum; momentum, nesterov and rmsprop have",
            "5:83: optimizer.lr: must be greater than 0",
            "5:100: optimizer: no optimizer 'adma': did you mean adam? There are gd, momentum, …",
        ],
    ),
    (
        "compare: {candidates: [{epochs: 2}, {descent: batch}]}\ndescent: {batch_size: [0, 1]}",
        [],
        ["6:24: descent.batch_size: in candidate 1: must be at least 1"],
    ),
    (
        "compare: {candidates: [{optimizer: {lr: [0, -1]}, model: {hidden: []}}, {loss: mse}]}",
        ["seed=-1"],
        [
            "5:42: optimizer.lr: must be greater than 0",
            "5:45: optimizer.lr: must be greater than 0",
            "5:67: model.hidden: at least one layer: without any it is linear, logistic or softmax",
            "seed=-1: must be at least 0",
        ],
    ),
]


@pytest.mark.parametrize(("lines", "overrides", "expected"), WRONG)
def test_error(lines: str, overrides: list[str], expected: list[str]) -> None:
    assert_said(lines, overrides, expected)


def test_each_error_of_many_candidates_is_said_once() -> None:
    candidates = ", ".join("{optimizer: {lr: [0, 1]}}" for _ in range(50))
    found = wrong(over_base(f"dtype: float16\ncompare: {{candidates: [{candidates}]}}"))
    assert len(found) == 51
    assert sum("dtype" in line for line in found) == 1
    assert all(line.isprintable() for line in found)


def test_candidates_that_share_a_problem_are_named() -> None:
    candidates = ", ".join(f"{{optimizer: adam, label: c{i}}}" for i in range(8))
    block = f"compare: {{candidates: [{candidates}, {{optimizer: {{kind: momentum, lr: 1}}}}]}}"
    assert wrong(over_base(block), "optimizer.momentum=0.5") == [
        "optimizer.momentum=0.5: in c0, c1, c2, c3 and c4 and 3 more: adam has no momentum; "
        "momentum, nesterov and rmsprop have"
    ]
