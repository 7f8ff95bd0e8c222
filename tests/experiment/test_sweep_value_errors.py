"""Wrong lists and ranges of values to try, and the exact lines that their errors are."""

from __future__ import annotations

import pytest

from tests.experiment.sweep_cases import Wrong, assert_said, over_base, wrong

WRONG: list[Wrong] = [
    ("compare: {}\noptimizer: {kind: gd, lr: [0.1, -1]}", [], ["5:33: optimizer.lr: must be greater than 0"]),
    (
        "optimizer: {kind: gd, lr: {lgo: [0.1, 1, 3]}}",
        [],
        ["4:27: optimizer.lr: must be a number, not a block: ranges are linear, log and range, not 'lgo'"],
    ),
    (
        "compare: {candidates: [{optimizer: {lr: [0.1, 0, 0]}}]}",
        [],
        ["5:47: optimizer.lr: must be greater than 0", "5:50: optimizer.lr: must be greater than 0"],
    ),
    (
        "compare: {candidates: [{optimizer: {lr: {log: [0, 1, 3]}}}]}",
        [],
        ["5:41: optimizer.lr: log must begin above 0"],
    ),
    (
        "compare: {candidates: [{optimizer: {lr: {log: [1, 0.1, 3]}}}]}",
        [],
        ["5:41: optimizer.lr: log must have low less than high: 1 is not less than 0.1"],
    ),
    (
        "compare: {candidates: [{optimizer: {lr: {log: [0.1, 1]}}}]}",
        [],
        ["5:41: optimizer.lr: log must be [low, high, number of values], such as {log: [1e-4, 1, 9]}"],
    ),
    (
        "compare: {candidates: [{optimizer: {lr: {log: [0.1, 1, 1]}}}]}",
        [],
        ["5:41: optimizer.lr: log must have at least 2 values, a whole number of them"],
    ),
    (
        "compare: {candidates: [{optimizer: {lr: {log: [0.1, 1, 2.5]}}}]}",
        [],
        ["5:41: optimizer.lr: log must have at least 2 values, a whole number of them"],
    ),
    (
        "compare: {candidates: [{optimizer: {lr: {log: 3}}}]}",
        [],
        ["5:41: optimizer.lr: log must be [low, high, number of values], such as {log: [1e-4, 1, 9]}"],
    ),
    (
        "compare: {candidates: [{optimizer: {lr: {linear: [a, b, 3]}}}]}",
        [],
        ["5:41: optimizer.lr: linear must be [low, high, number of values], such as {linear: [0, 1, 5]}"],
    ),
    (
        "compare: {candidates: [{optimizer: {lr: {linear: [-1, 1, 5]}}}]}",
        [],
        ["5:41: optimizer.lr: must be greater than 0"],
    ),
    (
        "compare: {candidates: [{optimizer: {lr: {linear: [0, .inf, 5]}}}]}",
        [],
        ["5:41: optimizer.lr: linear must be [low, high, number of values], such as {linear: [0, 1, 5]}"],
    ),
    (
        "compare: {candidates: [{optimizer: {lr: {log: [1, 2, 3], linear: [1, 2, 3]}}}]}",
        [],
        ["5:41: optimizer.lr: one range has one of log, linear, range"],
    ),
    (
        "compare: {candidates: [{optimizer: {lr: {lin: [1, 2, 3]}}}]}",
        [],
        ["5:41: optimizer.lr: must be a number, not a block: ranges are linear, log and range, not 'lin'"],
    ),
    (
        "compare: {candidates: [{epochs: {range: [5, 1]}}]}",
        [],
        ["5:33: epochs: range must not end below its beginning: 1 is less than 5"],
    ),
    (
        "compare: {candidates: [{epochs: {range: [1, 5, 0]}}]}",
        [],
        ["5:33: epochs: range must have a step of at least 1"],
    ),
    (
        "compare: {candidates: [{epochs: {range: [1, 5.5]}}]}",
        [],
        ["5:33: epochs: range must be [first, last] or [first, last, step] in whole numbers, such as {range: [0, 9]}"],
    ),
    (
        "compare: {candidates: [{epochs: {range: [1, 5000000]}}]}",
        [],
        ["5:33: epochs: 5,000,000 values: a sweep has at most 1,000,000 runs"],
    ),
    (
        "compare: {candidates: [{epochs: {linear: [1, 5, 2000000]}}]}",
        [],
        ["5:33: epochs: 2,000,000 values: a sweep has at most 1,000,000 runs"],
    ),
    ("compare: {candidates: [{optimizer: {lr: []}}]}", [], ["5:41: optimizer.lr: an empty list: no value to try"]),
    ("compare: {candidates: [{model: []}]}", [], ["5:32: model: an empty list: no value to try"]),
    ("compare: {candidates: [{model: [softmax, []]}]}", [], ["5:42: model: an empty list: no value to try"]),
    ("compare: {candidates: [{optimizer: {kind: []}}]}", [], ["5:43: optimizer.kind: an empty list: no value to try"]),
    (
        "compare: {candidates: [{optimizer: {lr: [[1, 2]]}}]}",
        [],
        ["5:42: optimizer.lr: one value here: a grid cannot stand here, nor within another"],
    ),
    ("compare: {candidates: [{model: {hidden: [[0], [8]]}}]}", [], ["5:43: model.hidden[0]: must be at least 1"]),
    (
        "compare: {candidates: [{model: {activation: [relu, tahn]}}]}",
        [],
        ["5:52: model.activation: must be identity, …, not 'tahn': did you mean tanh?"],
    ),
    (
        "compare: {candidates: [{optimizer: [adam, adma]}]}",
        [],
        ["5:43: optimizer.kind: no optimizer 'adma': did you mean adam? There are gd, momentum, …"],
    ),
]


@pytest.mark.parametrize(("lines", "overrides", "expected"), WRONG)
def test_error(lines: str, overrides: list[str], expected: list[str]) -> None:
    assert_said(lines, overrides, expected)


def test_what_goes_wrong_at_some_points_only() -> None:
    """Each value is right at another point: no value may be taken for checked because it was right once."""
    clips = "optimizer: {kind: gd, lr: 1, clip_norm: [null, 1], clip_value: [null, 2]}"
    assert wrong(over_base(clips)) == ["c.yaml:4:71: optimizer.clip_value: clip_norm is given already: one of them"]
    bowl = "model: {kind: surface, function: quadratic}\noptimizer: adam\nsteps: 3\n"
    assert wrong(bowl + "record: {unit: [steps, epochs]}\nschedule: {warmup: [0, 1], unit: [null, epochs]}") == [
        "c.yaml:4:24: record.unit: a surface has no epochs: write steps",
        "c.yaml:5:41: schedule.unit: a surface has no epochs: write steps",
    ]
