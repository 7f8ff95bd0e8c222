"""One table of wrong comparisons and the exact lines that their errors are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gdrun.experiment.config import ConfigError
from gdrun.experiment.sweep import expand
from tests.experiment.config_cases import errors
from tests.experiment.sweep_cases import BASE, wrong

# lines over the base, the command line, the error; `…` stands for a list that changes with every new part
WRONG: list[tuple[str, list[str], list[str]]] = [
    (
        "compare: 3",
        [],
        ["5:10: compare: must be a block with seeds, candidates, …"],
    ),
    ("compare: {}\noptimizer: {kind: gd, lr: [0.1, -1]}", [], ["5:33: optimizer.lr: must be greater than 0"]),
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
    (
        "optimizer: {kind: gd, lr: {lgo: [0.1, 1, 3]}}",
        [],
        ["4:27: optimizer.lr: must be a number, not a block: ranges are linear, log and range, not 'lgo'"],
    ),
    (
        "optimizer: {kind: gd, lr: 0.1}",
        ["optimizer.kind=momentum,adam"],
        [
            "optimizer.kind=momentum,adam: optimizer.lr: required: there is no default; "
            "another optimizer has nothing of the config's block: say optimizer.lr=… too"
        ],
    ),
    ("compare: {target: low}", [], ["5:19: compare.target: must be a number, not 'low'"]),
    (
        "compare: {target: [1, 2]}",
        [],
        ["5:19: compare.target: a list of values or a range is a sweep, for gdrun compare: one value here"],
    ),
    ("compare: {save: all}", [], ["5:17: compare.save: must be none or weights, not 'all'"]),
    ("compare: {report_on: train}", [], ["5:22: compare.report_on: must be test, not 'train'"]),
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
        "compare: {candidates: [{epochs: 2}, {descent: batch}]}\ndescent: {batch_size: [0, 1]}",
        [],
        ["6:24: descent.batch_size: in candidate 1: must be at least 1"],
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
    (
        "sead: 1\ncompare: {sead: 1}\ncompare: 3",
        [],
        [
            "5:1: sead: unknown key: did you mean seed?",
            "6:11: compare.sead: unknown key: did you mean seeds?",
            "7:1: compare: already given in line 6",
        ],
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


def over_base(lines: str) -> str:
    keys = {line.partition(":")[0] for line in lines.splitlines()}
    return "".join(f"{line}\n" for line in BASE.splitlines() if line.partition(":")[0] not in keys) + lines


@pytest.mark.parametrize(("lines", "overrides", "expected"), WRONG)
def test_error(lines: str, overrides: list[str], expected: list[str]) -> None:
    found = wrong(over_base(lines), *overrides)
    assert len(found) == len(expected), found
    for line, pattern in zip(found, expected, strict=True):
        assert re.fullmatch(re.escape(pattern).replace("…", ".*"), line.removeprefix("c.yaml:")), line


def test_train_checks_the_form_of_what_it_ignores() -> None:
    assert errors(over_base("compare: {seedz: 3, candidates: [3]}")) == [
        "c.yaml:5:11: compare.seedz: unknown key: did you mean seeds?",
        "c.yaml:5:34: compare.candidates[0]: must be a block such as {optimizer: adam}, not 3",
    ]
    assert errors(over_base("optimizer: {kind: gd, lr: {range: [1, 2]}}\ncompare: {seeds: 3}")) == [
        "c.yaml:4:27: optimizer.lr: a list of values or a range is a sweep, for gdrun compare: one value here"
    ]


FILES = {
    "plain": BASE,
    "other": BASE,
    "both": BASE + "compare: {seeds: 2}\n",
    "named": BASE + "compare: {seeds: 2}\nname: both\n",
    "bad": BASE + "compare: {seeds: 0}\n",
    "worse": BASE.replace("0.1", "-1") + "compare: {}\n",
}


@pytest.mark.parametrize(
    ("files", "name", "expected"),
    [
        (
            "both plain",
            None,
            "plain.yaml: has no compare block, others have: configs are experiments or candidates of one, not both",
        ),
        (
            "plain other",
            None,
            "several configs without a compare block are candidates of one experiment: --name NAME",
        ),
        (
            "both named",
            None,
            "named.yaml: a second experiment of the name both, after both.yaml: give one a `name:`",
        ),
        (
            "both bad",
            "x",
            "bad.yaml: a second experiment of the name x, after both.yaml: give one a `name:`",
        ),
        ("plain other", "a/b", "--name: names a folder: must not have / in it"),
        ("none", None, "none.yaml: cannot be read: No such file or directory"),
        (
            "bad worse",
            None,
            "worse.yaml:3:27: optimizer.lr: must be greater than 0\nbad.yaml:5:18: compare.seeds: must be at least 1",
        ),
    ],
)
def test_files(files: str, name: str | None, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for stem, text in FILES.items():
        Path(f"{stem}.yaml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        expand([f"{stem}.yaml" for stem in files.split()], name=name)
    assert str(caught.value) == expected


def test_what_goes_wrong_at_some_points_only() -> None:
    """Each value is right at another point: no value may be taken for checked because it was right once."""
    clips = "optimizer: {kind: gd, lr: 1, clip_norm: [null, 1], clip_value: [null, 2]}"
    assert wrong(over_base(clips)) == ["c.yaml:4:71: optimizer.clip_value: clip_norm is given already: one of them"]
    bowl = "model: {kind: surface, function: quadratic}\noptimizer: adam\nsteps: 3\n"
    assert wrong(bowl + "record: {unit: [steps, epochs]}\nschedule: {warmup: [0, 1], unit: [null, epochs]}") == [
        "c.yaml:4:24: record.unit: a surface has no epochs: write steps",
        "c.yaml:5:41: schedule.unit: a surface has no epochs: write steps",
    ]


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
