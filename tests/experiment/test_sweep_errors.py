"""A compare block that is wrong, and the exact lines that its errors are: its keys, zip, random, seeds, the size."""

from __future__ import annotations

import pytest

from tests.experiment.config_cases import errors
from tests.experiment.sweep_cases import Wrong, assert_said, over_base

WRONG: list[Wrong] = [
    (
        "compare: 3",
        [],
        ["5:10: compare: must be a block with seeds, candidates, …"],
    ),
    ("compare: {seedz: 3}", [], ["5:11: compare.seedz: unknown key: did you mean seeds?"]),
    ("compare: {n_seeds: 3}", [], ["5:11: compare.n_seeds: unknown key: write seeds"]),
    ("compare: {seeds: 0}", [], ["5:18: compare.seeds: must be at least 1"]),
    (
        "compare: {seeds: [0, -1, x]}",
        [],
        ["5:22: compare.seeds[1]: must be at least 0", "5:26: compare.seeds[2]: must be a whole number, not 'x'"],
    ),
    ("compare: {seeds: 1.5}", [], ["5:18: compare.seeds: must be a whole number or a list of whole numbers, not 1.5"]),
    ("compare: {seeds: 2000000}", [], ["5:18: compare.seeds: must be at most 1000000"]),
    ("compare: {rows: optimizer.lr}", [], ["5:17: compare.rows: must be a list of texts, not 'optimizer.lr'"]),
    (
        "compare: {rows: [optimizer.rl, seed, candidates, foo]}",
        [],
        [
            "5:18: compare.rows[0]: no setting optimizer.rl: did you mean optimizer.lr?",
            "5:32: compare.rows[1]: seeds are what a row is averaged over: they make no rows",
            "5:38: compare.rows[2]: no setting candidates: did you mean candidate?",
            "5:50: compare.rows[3]: no setting foo, such as optimizer.lr",
        ],
    ),
    (
        "compare: {criterion: validation_loss}",
        [],
        ["5:22: compare.criterion: final_validation_loss or best_validation_loss?"],
    ),
    (
        "compare: {criterion: final_test_loss}",
        [],
        ["5:22: compare.criterion: nothing is ranked by the test set: report_on: test prints it"],
    ),
    (
        "compare: {criterion: speed}",
        [],
        ["5:22: compare.criterion: no outcome: final_… or best_… and a loss or metric"],
    ),
    ("compare: {target: low}", [], ["5:19: compare.target: must be a number, not 'low'"]),
    (
        "compare: {target: [1, 2]}",
        [],
        ["5:19: compare.target: a list of values or a range is a sweep, for gdrun compare: one value here"],
    ),
    ("compare: {save: all}", [], ["5:17: compare.save: must be none or weights, not 'all'"]),
    ("compare: {report_on: train}", [], ["5:22: compare.report_on: must be test, not 'train'"]),
    ("compare: {zip: 3}", [], ["5:16: compare.zip: must be a block of lists, such as {optimizer.lr: [0.1, 1]}"]),
    (
        "compare: {zip: {optimizer.lr: 0.1, epochs: [1]}}",
        [],
        ["5:31: zip.optimizer.lr: must be a list of values, or a range"],
    ),
    (
        "compare: {zip: {optimizer.lr: [1, 2, 3], epochs: [1, 2]}}",
        [],
        ["5:16: zip: values that change in step must be equally many: optimizer.lr has 3, epochs has 2"],
    ),
    (
        "compare: {zip: {optimiser.lr: [1], compare.seeds: [2], name: [a]}}",
        [],
        [
            "5:17: compare.zip.optimiser.lr: unknown key: write optimizer",
            "5:36: compare.zip.compare.seeds: unknown key: there are seed, dataset, …",
            "5:56: compare.zip.name: unknown key: there are seed, dataset, …",
        ],
    ),
    (
        "compare: {zip: {optimizer.momentum: [0.1]}}",
        [],
        ["5:17: optimizer.momentum: gd has no momentum; momentum, nesterov and rmsprop have"],
    ),
    (
        "compare: {zip: {epochs: [1, 2]}}\nepochs: [3, 4]",
        [],
        ["4:17: zip.epochs: epochs has several values in this block already"],
    ),
    (
        "compare: {random: 5}",
        [],
        [
            "5:19: compare.random: must be a block with n and seed, such as {n: 50}",
            "5:19: random: this block has no list and no range to draw from",
        ],
    ),
    (
        "compare: {random: {}}",
        [],
        [
            "5:11: compare.random.n: required: there is no default",
            "5:19: random: this block has no list and no range to draw from",
        ],
    ),
    (
        "compare: {random: {n: 0, seed: -1, m: 3}}",
        [],
        [
            "5:19: random: this block has no list and no range to draw from",
            "5:23: compare.random.n: must be at least 1",
            "5:32: compare.random.seed: must be at least 0",
            "5:36: compare.random.m: unknown key: random has n and seed",
        ],
    ),
    ("compare: {random: {n: 3}}", [], ["5:19: random: this block has no list and no range to draw from"]),
    (
        "compare: {candidates: [{random: {n: 3}}, {optimizer: adam}]}",
        [],
        ["5:33: random: this block has no list and no range to draw from"],
    ),
    (
        "compare: {candidates: [{random: {n: 3, size: 4}, optimizer: {lr: {log: [1, 2]}}}]}",
        [],
        ["5:40: compare.candidates[0].random.size: unknown key: random has n and seed"],
    ),
    ("compare: {seeds: 3}\nseed: [1, 2]", [], ["6:7: seed: compare.seeds is given already: seeds stand in one place"]),
    (
        "compare: {seeds: 3, zip: {seed: [1], dataset.seed: [2]}}",
        [],
        ["5:34: seed: compare.seeds is given already: seeds stand in one place"],
    ),
    ("compare: {seeds: 3}\nseed: 9223372036854775807", [], ["6:7: seed: the last of 3 seeds has more than 64 bits"]),
    ("compare: {seeds: 3}\nseed: -1", [], ["6:7: seed: must be at least 0"]),
    (
        "compare: {}\nseed: [0, -1, x]",
        [],
        ["6:11: seed: must be at least 0", "6:15: seed: must be a whole number, not 'x'"],
    ),
    ("compare: {}\nname: [a, b]", [], ["6:7: name: one value here: a grid cannot stand here, nor within another"]),
    ("compare: {seeds: 1000000}\nepochs: [1, 2]", [], ["1:1: compare: 2,000,000 runs: a sweep has at most 1,000,000"]),
    (
        "compare: {random: {n: 1000}, candidates: [{random: {n: 1001}, epochs: {range: [1, 2000]}}]}\ndtype: float32"
        "\noptimizer: {kind: gd, lr: {log: [1, 2]}}",
        [],
        ["1:1: compare: 1,001,000 runs: a sweep has at most 1,000,000"],
    ),
    (
        "sead: 1\ncompare: {sead: 1}\ncompare: 3",
        [],
        [
            "5:1: sead: unknown key: did you mean seed?",
            "6:11: compare.sead: unknown key: did you mean seeds?",
            "7:1: compare: already given in line 6",
        ],
    ),
]


@pytest.mark.parametrize(("lines", "overrides", "expected"), WRONG)
def test_error(lines: str, overrides: list[str], expected: list[str]) -> None:
    assert_said(lines, overrides, expected)


def test_train_checks_the_form_of_what_it_ignores() -> None:
    assert errors(over_base("compare: {seedz: 3, candidates: [3]}")) == [
        "c.yaml:5:11: compare.seedz: unknown key: did you mean seeds?",
        "c.yaml:5:34: compare.candidates[0]: must be a block such as {optimizer: adam}, not 3",
    ]
    assert errors(over_base("optimizer: {kind: gd, lr: {range: [1, 2]}}\ncompare: {seeds: 3}")) == [
        "c.yaml:4:27: optimizer.lr: a list of values or a range is a sweep, for gdrun compare: one value here"
    ]
