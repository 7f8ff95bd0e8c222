"""Sweeps that are wrong on the command line, and the exact lines that their errors are."""

from __future__ import annotations

import pytest

from tests.experiment.sweep_cases import Wrong, assert_said

WRONG: list[Wrong] = [
    (
        "optimizer: {kind: gd, lr: 0.1}",
        ["optimizer.kind=momentum,adam"],
        [
            "optimizer.kind=momentum,adam: optimizer.lr: required: there is no default; "
            "another optimizer has nothing of the config's block: say optimizer.lr=… too"
        ],
    ),
    (
        "compare: {candidates: [{optimizer: adam}, {optimizer: {kind: momentum, lr: 1}, label: B}]}",
        ["optimizer.momentum=0.9"],
        ["optimizer.momentum=0.9: in candidate 1: adam has no momentum; momentum, nesterov and rmsprop have"],
    ),
    (
        "compare: {candidates: [{optimizer: adam}, {optimizer: {kind: lion}, label: B}]}",
        ["optimizer.momentum=0.9,0.5"],
        [
            "optimizer.momentum=0.9,0.5: in candidate 1: adam has no momentum; momentum, nesterov and rmsprop have",
            "optimizer.momentum=0.9,0.5: in B: lion has no momentum; momentum, nesterov and rmsprop have",
        ],
    ),
    (
        "compare: {candidates: [{optimizer: adam}, {optimizer: lion}]}",
        ["optimizer.weight_decay=-1"],
        ["optimizer.weight_decay=-1: must be at least 0"],
    ),
    (
        "compare: {}",
        ["optimizer.weight_decay=auto"],
        ["optimizer.weight_decay=auto: auto is a range, for optimizer.lr in gdrun compare: one value here"],
    ),
    (
        "compare: {}",
        ["optimizer.lr=log:1e-4:1"],
        ["optimizer.lr=log:1e-4:1: log must be [low, high, number of values], such as {log: [1e-4, 1, 9]}"],
    ),
    ("compare: {}", ["optimizer.lr=log:0:1:3"], ["optimizer.lr=log:0:1:3: log must begin above 0"]),
    (
        "compare: {}",
        ["optimizer.lr=0.1,,x"],
        ["optimizer.lr=0.1,,x: must be a number, not nothing", "optimizer.lr=0.1,,x: must be a number, not 'x'"],
    ),
    ("compare: {}", ["seed=9..0"], ["seed=9..0: range must not end below its beginning: 0 is less than 9"]),
    (
        "compare: {}",
        ["optimizer=adam,sgdm"],
        ["optimizer=adam,sgdm: no optimizer 'sgdm': did you mean momentum? There are gd, momentum, …"],
    ),
    ("compare: {}", ["model.hidden=[1],[0]"], ["model.hidden=[1],[0]: model.hidden[0]: must be at least 1"]),
    (
        "compare: {}",
        ["model.hidden=[1],[x"],
        ["model.hidden=[1],[x: not YAML: did not find expected ',' or ']' while parsing a flow sequence"],
    ),
    (
        "compare: {}",
        ["compare.seeds=x"],
        ["compare.seeds=x: must be a whole number or a list of whole numbers, not 'x'"],
    ),
    ("compare: {}", ["epochs=1..9999999"], ["epochs=1..9999999: 9,999,999 values: a sweep has at most 1,000,000 runs"]),
]


@pytest.mark.parametrize(("lines", "overrides", "expected"), WRONG)
def test_error(lines: str, overrides: list[str], expected: list[str]) -> None:
    assert_said(lines, overrides, expected)
