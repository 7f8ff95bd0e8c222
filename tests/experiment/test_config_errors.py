"""One table of wrong configs and the exact lines that their errors are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from gdrun.descent.optimizers import Optimizer
from gdrun.descent.parts import Numbers, setting
from gdrun.experiment.config import ConfigError, load, valid_name
from gdrun.experiment.config.families import families
from gdrun.experiment.config.habits import KEYS, KINDS, ROOT
from gdrun.experiment.config.models import RunConfig
from gdrun.experiment.config.unknown import INNER, NESTED, keys_of
from tests.experiment.config_cases import GOOD, SURFACE, errors, read, with_line

IRIS = """\
dataset: iris
model: softmax
optimizer: {kind: gd, lr: 0.1}
epochs: 3
"""
# lists of all kinds would change with every new part: `…` stands for the rest of the line

ON_IRIS = [
    ("optimizer: {kind: gd, lr: -1}", "4:27: optimizer.lr: must be greater than 0"),
    ("optimizer: {kind: gd, lr: 0}", "4:27: optimizer.lr: must be greater than 0"),
    ("optimizer: {kind: gd, lr: '0.1'}", "4:27: optimizer.lr: must be a number, not '0.1'"),
    ("optimizer: {kind: gd, lr: true}", "4:27: optimizer.lr: must be a number, not true"),
    ("optimizer: {kind: gd, lr: .nan}", "4:27: optimizer.lr: must be finite, not nan"),
    ("optimizer: {kind: gd, lr: -.inf}", "4:27: optimizer.lr: must be finite, not -inf"),
    (
        "optimizer: {kind: gd, lr: [0.1, 1]}",
        "4:27: optimizer.lr: a list of values or a range is a sweep, for gdrun compare: one value here",
    ),
    (
        "optimizer: {kind: gd, lr: {log: [1e-3, 1, 7]}}",
        "4:27: optimizer.lr: a list of values or a range is a sweep, for gdrun compare: one value here",
    ),
    (
        "optimizer: [adam, gd]",
        "4:12: optimizer: a list of values or a range is a sweep, for gdrun compare: one value here",
    ),
    ("optimizer: gd", "4:1: optimizer.lr: required: there is no default"),
    ("optimizer: {lr: 0.1}", "4:1: optimizer.kind: required: gd, momentum, …"),
    ("optimizer: {name: gd, lr: 0.1}", "4:13: optimizer.name: unknown key: write kind"),
    ("optimizer: adma", "4:12: optimizer: no optimizer 'adma': did you mean adam? There are gd, momentum, …"),
    (
        "optimizer: {kind: RMSProp}",
        "4:19: optimizer.kind: no optimizer 'RMSProp': did you mean rmsprop? There are gd, momentum, …",
    ),
    ("expect: 0.95", "5:9: expect: must be a block such as {status: finished, validation_accuracy: {at_least: 0.95}}"),
    (
        "expect: {validation_accuracy: 0.95}",
        "5:31: expect.validation_accuracy: must be a block such as {at_least: 0.95} or {at_most: 0.1}",
    ),
    ("expect: {train_loss: {max: 1}}", "5:23: expect.train_loss.max: unknown key: write at_most"),
    ("expect: {train_loss: {at_leest: 1}}", "5:23: expect.train_loss.at_leest: unknown key: did you mean at_least?"),
    ("expect: {train_loss: {}}", "5:22: expect.train_loss: required: at_least, at_most or both"),
    (
        "expect: {train_loss: {at_least: 2, at_most: 1}}",
        "5:45: expect.train_loss.at_most: must not be less than at_least, 2",
    ),
    ("expect: {train_loss: {at_most: 1e999}}", "5:32: expect.train_loss.at_most: must be finite, not inf"),
    (
        "expect: {train_loss: {at_most: '1'}}",
        "5:32: expect.train_loss.at_most: must be a number, not '1'",
    ),
    ("expect: {accuracy: {at_least: 1}}", "5:10: expect.accuracy: unknown key: write validation_accuracy"),
    (
        "expect: {validation_acuracy: {at_least: 1}}",
        "5:10: expect.validation_acuracy: unknown key: did you mean validation_accuracy?",
    ),
    (
        "expect: {mean_step_angel: {at_least: 1}}",
        "5:10: expect.mean_step_angel: unknown key: did you mean mean_step_angle?",
    ),
    (
        "expect: {mean_step_angle: {at_least: 1}}",
        "5:27: expect.mean_step_angle: is not measured: set record.step_angle, after how many epochs or steps",
    ),
    (
        "expect: {mean_batch_noise: {at_least: 1}, final_gradient_norm_12: {at_most: 1}}",
        "5:28: expect.mean_batch_noise: is not measured: set record.gradient_noise, after how many epochs or steps\n"
        "5:67: expect.final_gradient_norm_12: is not measured: set record.layers, after how many epochs or steps",
    ),
    (
        "expect: {speed: {at_least: 1}}",
        "5:10: expect.speed: no outcome: write status, or a column of runs.csv such as validation_accuracy",
    ),
    (
        "expect: {train_loss: {at_most: 1}, final_train_loss: {at_most: 1}}",
        "5:36: expect.final_train_loss: is the same as train_loss: one of them",
    ),
    (
        "expect: {status: [finished, diverges]}",
        "5:29: expect.status[1]: must be finished, converged, stopped, diverged or left, not 'diverges': "
        "did you mean diverged?",
    ),
    ("expect: {at_least: 1}", "5:10: expect.at_least: unknown key: write an outcome first, such as …"),
    ("optimizer: SGD", "4:12: optimizer: no optimizer 'SGD': did you mean gd? There are gd, momentum, …"),
    ("optimizer: 7", "4:12: optimizer: must be gd, momentum, …, or a block with kind"),
    (
        "optimizer: {kind: sgd, lr: 0.1, momentum: 0.9}",
        "4:33: optimizer.momentum: gd has no momentum; momentum, nesterov and rmsprop have",
    ),
    ("optimizer: {kind: gd, learning_rate: 0.1, lr: 1}", "4:23: optimizer.learning_rate: unknown key: write lr"),
    ("optimizer: {kind: adam, betas: [0.9, 0.99]}", "4:25: optimizer.betas: unknown key: write beta1 and beta2"),
    ("optimizer: {kind: adam, eps: 1e-8}", "4:25: optimizer.eps: unknown key: write epsilon"),
    ("optimizer: {kind: adam, alpha: 0.1}", "4:25: optimizer.alpha: unknown key: write lr"),
    (
        "optimizer: {kind: momentum, lr: 1, nesterov: true}",
        "4:36: optimizer.nesterov: unknown key: write kind: nesterov",
    ),
    ("optimizer: {kind: adam, batch_size: 3}", "4:25: optimizer.batch_size: unknown key: write descent.batch_size"),
    ("optimizer: {kind: adam, epochs: 3}", "4:25: optimizer.epochs: unknown key: write epochs at the top level"),
    ("optimizer: {kind: adam, learningRate: 3}", "4:25: optimizer.learningRate: unknown key: did you mean lr?"),
    ("optimizer: {kind: adam, weight_decy: 3}", "4:25: optimizer.weight_decy: unknown key: did you mean weight_decay?"),
    (
        "optimizer: {kind: adam, clip_norm: 1, clip_value: 1}",
        "4:51: optimizer.clip_value: clip_norm is given already: one of them",
    ),
    ("optimizer: {kind: momentum, lr: 1, momentum: 1}", "4:46: optimizer.momentum: must be less than 1"),
    (
        "optimizer: {kind: adam, foo: 3}",
        "4:25: optimizer.foo: unknown key: adam has kind, lr, weight_decay, …",
    ),
    ("lr: 0.1", "5:1: lr: unknown key: write optimizer.lr"),
    ("batch_size: 32", "5:1: batch_size: unknown key: write descent.batch_size"),
    ("learning_rate: 0.1", "5:1: learning_rate: unknown key: write optimizer.lr"),
    ("n_epochs: 3", "5:1: n_epochs: unknown key: write epochs"),
    ("max_iter: 3", "5:1: max_iter: unknown key: write epochs or steps"),
    ("random_state: 3", "5:1: random_state: unknown key: write seed"),
    ("hidden_layer_sizes: [3]", "5:1: hidden_layer_sizes: unknown key: write model.hidden"),
    ("test_size: 0.2", "5:1: test_size: unknown key: write dataset.test"),
    ("scheduler: cosine", "5:1: scheduler: unknown key: write schedule"),
    ("criterion: mse", "5:1: criterion: unknown key: write loss"),
    ("patience: 3", "5:1: patience: unknown key: write stop.patience"),
    ("early_stopping: true", "5:1: early_stopping: unknown key: write stop.patience"),
    (
        "shuffle: true",
        "5:1: shuffle: unknown key: there are name, seed, dataset, …",
    ),
    (
        "compare: {seedz: 3}",
        "5:11: compare.seedz: unknown key: did you mean seeds?",
    ),
    ("epoch: 3", "5:1: epoch: unknown key: did you mean epochs?"),
    ("optimizer.lr: 3", "5:1: optimizer.lr: unknown key: write it as a block, optimizer: {lr: …}"),
    ("seed: -1", "5:7: seed: must be at least 0"),
    ("seed: 1.5", "5:7: seed: must be a whole number, not 1.5"),
    ("seed: 2.0", "5:7: seed: must be a whole number, not 2.0: write 2"),
    ("seed: no", "5:7: seed: must be a whole number, not 'no'"),
    ("seed: 18446744073709551616", "5:7: seed: a whole number of more than 64 bits"),
    ("epochs: 0", "4:9: epochs: must be at least 1"),
    ("epochs: 1e3", "4:9: epochs: must be a whole number, not 1000.0: write 1000"),
    ("steps: 5", "5:8: steps: epochs is given already: exactly one of epochs, steps and examples"),
    ("epochs: ", "1:1: epochs: required: how long to train, in epochs, steps or examples"),
    ("name: a/b", "5:7: name: names a folder: must not have / in it"),
    ("name: ''", "5:7: name: must not be empty"),
    ("name: -x", "5:7: name: must not begin with a dot, dash or space, nor end with a dot or space"),
    ("name: CON.txt", "5:7: name: is a device on Windows: take another name"),
    ("name: 2024", "5:7: name: must be text, not 2024"),
    ('name: "a\\nb"', "5:7: name: must have no control characters"),
    ("model: mlp", "4:1: model.hidden: required: there is no default"),
    ("model: {kind: mlp, hidden: 32}", "4:28: model.hidden: must be a list of whole numbers, not 32: write [32]"),
    (
        "model: {kind: mlp, hidden: [32, 0, x]}",
        "4:33: model.hidden[1]: must be at least 1\n4:36: model.hidden[2]: must be a whole number, not 'x'",
    ),
    (
        "model: {kind: mlp, hidden: [[32], [64]]}",
        "4:29: model.hidden[0]: a list of values or a range is a sweep, for gdrun compare: one value here\n"
        "4:35: model.hidden[1]: a list of values or a range is a sweep, for gdrun compare: one value here",
    ),
    (
        "model: {kind: mlp, hidden: [32], activation: ReLU}",
        "4:46: model.activation: must be identity, …, not 'ReLU': did you mean relu?",
    ),
    (
        "model: {kind: mlp, hidden_layer_sizes: [3], hidden: [1]}",
        "4:20: model.hidden_layer_sizes: unknown key: write hidden",
    ),
    ("model: {kind: mlp, units: 32}", "4:20: model.units: unknown key: write hidden"),
    ("model: {kind: softmax, hidden: [3]}", "4:24: model.hidden: softmax has no hidden; mlp has"),
    (
        "model: {kind: softmax, initial: he_normal}",
        "4:33: model.initial: must be zeros, … or a list of numbers, not 'he_normal': did you mean normal?",
    ),
    ("model: MLPClassifier", "4:8: model: no model 'MLPClassifier': did you mean mlp? There are linear, logistic, …"),
    ("model: cnn", "4:8: model: no model 'cnn': did you mean mlp? There are linear, logistic, …"),
    (
        "loss: cross-entropy",
        "5:7: loss: no loss 'cross-entropy': did you mean cross_entropy? There are half_mse, mse, …",
    ),
    ("loss: bce", "5:7: loss: no loss 'bce': did you mean cross_entropy? There are half_mse, mse, …"),
    ("loss: mse", "5:7: loss: mse does not go with softmax: cross_entropy or hinge"),
    ("loss: {kind: cross_entropy, delta: 1}", "5:29: loss.delta: cross_entropy has no delta; huber has"),
    ("loss: l2", "5:7: loss: no loss 'l2': did you mean mse? There are half_mse, mse, …"),
    (
        "descent: sgd",
        "5:10: descent: no variant of descent 'sgd': did you mean stochastic? There are batch, …",
    ),
    ("descent: {kind: batch}", "5:11: descent.kind: unknown key: write variant"),
    ("descent: {variant: batch, batch_size: 3}", "5:27: descent.batch_size: batch has no batch_size; minibatch has"),
    ("descent: {batch_size: 0}", "5:23: descent.batch_size: must be at least 1"),
    (
        "descent: {variant: mini-batch}",
        "5:20: descent.variant: no variant of descent 'mini-batch': did you mean minibatch? There are batch, …",
    ),
    ("schedule: {kind: step}", "5:1: schedule.every: required: there is no default, such as every: 10"),
    ("schedule: multistep", "5:1: schedule.milestones: required: there is no default, such as milestones: [10, 20]"),
    ("schedule: exponential", "5:1: schedule.decay: required: there is no default, such as decay: 0.95"),
    ("schedule: inverse_time", "5:1: schedule.decay: required: there is no default, such as decay: 0.1"),
    ("schedule: cosine_restarts", "5:1: schedule.period: required: there is no default, such as period: 10"),
    ("schedule: cyclic", "5:1: schedule.rise: required: there is no default, such as rise: 5"),
    (
        "schedule: {kind: cosine, gamma: 0.1}",
        "5:26: schedule.gamma: cosine has no decay; step, … have",
    ),
    (
        "schedule: CosineAnnealingLR",
        "5:11: schedule: no schedule 'CosineAnnealingLR': did you mean cosine? There are constant, step, …",
    ),
    ("schedule: {kind: multistep, milestones: [3, -1]}", "5:45: schedule.milestones[1]: must be at least 0"),
    (
        "schedule: {kind: cosine, unit: epoch}",
        "5:32: schedule.unit: must be epochs or steps, not 'epoch': did you mean epochs?",
    ),
    ("dataset: {kind: iris, validation: 1}", "4:35: dataset.validation: must be less than 1"),
    ("dataset: {kind: iris, standardize: yes}", "4:36: dataset.standardize: must be true or false, not 'yes'"),
    ("dataset: {kind: iris, validation_split: 0.1}", "4:23: dataset.validation_split: unknown key: write validation"),
    ("dataset: {kind: iris, path: x.csv}", "4:23: dataset.path: iris has no path; csv, npz and svmlight have"),
    ("dataset: {kind: csv, path: x.csv, target: 1.5}", "4:43: dataset.target: must be text or a whole number, not 1.5"),
    (
        "dataset: {kind: csv, path: x.csv, target: y, drop: [a, 2, 2.5]}",
        "4:59: dataset.drop[2]: must be text or a whole number, not 2.5",
    ),
    ("dataset: {path: x.csv}", "4:1: dataset.kind: required: digits, iris, …"),
    ("stop: 3", "5:7: stop: must be a block with patience, tolerance and loss"),
    ("stop: {patience: 0}", "5:18: stop.patience: must be at least 1"),
    (
        "stop: {tolerance: 0, patience: 2.5}",
        "5:19: stop.tolerance: must be greater than 0\n5:32: stop.patience: must be a whole number, not 2.5",
    ),
    ("stop: {val_loss: 0.1}", "5:8: stop.val_loss: unknown key: write loss"),
    ("record: {every: 0}", "5:17: record.every: must be at least 1"),
    ("record: {unit: batches}", "5:16: record.unit: must be epochs or steps, not 'batches'"),
    ("dtype: float16", "5:8: dtype: must be float64 or float32, not 'float16': did you mean float64?"),
]
ON_SURFACE = [
    (
        "dataset: iris\nloss: mse\ndescent: batch",
        "4:10: dataset: a surface has no dataset: leave it out\n"
        "5:7: loss: a surface has no loss: leave it out\n"
        "6:10: descent: a surface has no descent: leave it out",
    ),
    (
        "epochs: 3",
        "4:9: epochs: steps is given already: exactly one of epochs, steps and examples\n"
        "4:9: epochs: a surface has no epochs: write steps",
    ),
    (
        "schedule: {kind: cosine, unit: epochs}\nrecord: {unit: epochs, batch_loss: true}",
        "4:32: schedule.unit: a surface has no epochs: write steps\n"
        "5:16: record.unit: a surface has no epochs: write steps\n"
        "5:36: record.batch_loss: a surface has no batches: leave it out",
    ),
    ("model: {kind: surface}", "3:1: model.function: required: quadratic, saddle, …"),
    (
        "model: {kind: surface, function: rosenbrok}",
        "3:34: model.function: no function 'rosenbrok': did you mean rosenbrock? There are quadratic, saddle, …",
    ),
    (
        "model: {kind: surface, function: rosenbrock, condition: 3}",
        "3:46: model.condition: rosenbrock has no condition; quadratic has",
    ),
    (
        "model: {kind: surface, function: quadratic, matrix: [[1, 0], [0, x]]}",
        "3:66: model.matrix[1][1]: must be a number, not 'x'",
    ),
    (
        "model: {function: quadratic}",
        "1:1: dataset: required: digits, iris, …\n3:1: model.kind: required: linear, logistic, …",
    ),
]
WHOLE = [
    (
        "dataset: iris\nmodel: softmax\noptimizer: adam\n",
        "1:1: epochs: required: how long to train, in epochs, steps or examples",
    ),
    ("optimizer: adam\nepochs: 3\nmodel: softmax", "1:1: dataset: required: digits, iris, …"),
    (
        "optimizer: adam\nepochs: 3",
        "1:1: dataset: required: digits, iris, …\n1:1: model: required: linear, logistic, …",
    ),
    ("", "1:1: empty: a config has at least model, optimizer and epochs or steps"),
    ("# nothing\n", "1:1: empty: a config has at least model, optimizer and epochs or steps"),
    ("- 1\n- 2", "1:1: must be keys with values, such as `model: linear`, not a list of 2"),
    ("digits", "1:1: must be keys with values, such as `model: linear`, not 'digits'"),
    (
        "model: softmax\nmodel: mlp\noptimizer: adam\ndataset: iris\nepochs: 3\nepochs: 4",
        "2:1: model: already given in line 1\n6:1: epochs: already given in line 5",
    ),
]


def check(text: str, expected: str) -> None:
    found = errors(text)
    lines = expected.splitlines()
    assert len(found) == len(lines), found
    for line, pattern in zip(found, lines, strict=True):
        assert re.fullmatch(re.escape(f"c.yaml:{pattern}").replace("…", ".*"), line), line


@pytest.mark.parametrize(("lines", "expected"), ON_IRIS, ids=lambda value: value[:40])
def test_error_on_data(lines: str, expected: str) -> None:
    check(with_line(IRIS, **dict(line.split(": ", 1) for line in lines.splitlines())), expected)


@pytest.mark.parametrize(("lines", "expected"), ON_SURFACE, ids=lambda value: value[:40])
def test_error_on_a_surface(lines: str, expected: str) -> None:
    check(with_line(SURFACE, **dict(line.split(": ", 1) for line in lines.splitlines())), expected)


@pytest.mark.parametrize(("text", "expected"), WHOLE, ids=lambda value: value[:40])
def test_error_of_a_whole_config(text: str, expected: str) -> None:
    check(text, expected)


def test_all_errors_at_once_in_the_order_of_the_file() -> None:
    text = (
        "sead: 1\ndataset: {kind: iris, validation: 2}\nmodel: cnn\nloss: bce\n"
        "optimizer: {kind: gd, lr: -1, foo: 1}\nepochs: 0\n"
    )
    places = [line.split(": ")[0:2] for line in errors(text, "seed=-1", "dtype=int")]
    assert places == [
        ["c.yaml:1:1", "sead"],
        ["c.yaml:2:35", "dataset.validation"],
        ["c.yaml:3:8", "model"],
        ["c.yaml:4:7", "loss"],
        ["c.yaml:5:27", "optimizer.lr"],
        ["c.yaml:5:31", "optimizer.foo"],
        ["c.yaml:6:9", "epochs"],
        ["seed=-1", "must be at least 0"],
        ["dtype=int", "must be float64 or float32, not 'int'"],
    ]


def test_every_error_is_one_line() -> None:
    text = 'dataset: iris\nmodel: "a\\nb"\n"o\\tp": "\\x1b[31m"\noptimizer: {kind: adam, "x\\ny": 1}\nepochs: 3\n'
    found = errors(text)
    assert len(found) == 3
    assert all(line.isprintable() for line in found)


def test_a_hundred_problems_are_enough() -> None:
    with pytest.raises(ConfigError) as caught:
        read("\n".join(f"key{i}: 1" for i in range(5_000)))
    assert len(str(caught.value).splitlines()) <= 102


def test_dicts_have_keys_instead_of_places() -> None:
    with pytest.raises(ConfigError) as caught:
        load({"dataset": "iris", "model": "softmax", "optimizer": {"kind": "gd", "lr": -1}, "epochs": 3, "foo": object})
    assert str(caught.value) == "foo: no config holds a type"
    with pytest.raises(ConfigError) as caught:
        load({"dataset": {7: 1}})
    assert str(caught.value) == "dataset: keys are words, not 7"
    with pytest.raises(ConfigError, match=r"^optimizer\.lr: must be greater than 0$"):
        load({"dataset": "iris", "model": "softmax", "optimizer": {"kind": "gd", "lr": -1}, "epochs": 3})


def test_later_checks_point_at_the_key_or_the_block_around_it() -> None:
    loaded = read(GOOD)
    assert str(loaded.problem("optimizer.lr", "too high")) == "<stdin>:3:27: optimizer.lr: too high"
    assert str(loaded.problem("model.activation", "no")) == "<stdin>:2:1: model.activation: no"
    assert str(loaded.problem("descent.batch_size", "too large")) == "<stdin>:1:1: descent.batch_size: too large"
    overridden = read(GOOD, "descent.batch_size=99")
    assert str(overridden.problem("descent.batch_size", "too large")) == "descent.batch_size=99: too large"


def test_habits_name_keys_and_kinds_that_exist() -> None:
    for section, habits in KEYS.items():
        known = set(RunConfig.model_fields) if section == ROOT else set(keys_of(section))
        for habit, meant in habits.items():
            if meant.isidentifier() and meant not in ("kind", "variant"):
                assert meant in known, (section, habit)
            assert section == ROOT or habit not in known, (section, habit)
    for section, habits in KINDS.items():
        assert set(habits.values()) <= set(families()[section].kinds()), section
    assert set(KEYS) == {ROOT, "compare", *INNER, *families(), *NESTED}


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("missing.yaml", None, "cannot be read: No such file or directory"),
        ("binary.yaml", b"\x89PNG\xff\xfe", "not UTF-8: not a text file?"),
        ("utf16.yaml", "seed: 1".encode("utf-16"), "not UTF-8: not a text file?"),
        ("zeros.yaml", b"seed: 1\n a\0b", "2:3: control character '\\x00': not a text file?"),
        ("large.yaml", b"# " + b"x" * 1_000_000, "larger than 1 MB: not a config"),
    ],
)
def test_unreadable_files(name: str, content: bytes | None, expected: str, tmp_path: Path) -> None:
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        load(file)
    separator = ":" if expected[0].isdigit() else ": "
    assert str(caught.value) == f"{file}{separator}{expected}"


def test_a_directory_is_no_config(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        load(tmp_path)


def test_the_name_is_the_config_key_or_the_stem(tmp_path: Path) -> None:
    file = tmp_path / "wide net.yaml"
    file.write_text("\ufeff" + GOOD)
    assert load(file).name == "wide net"
    assert load(str(file), ["name=other"]).name == "other"
    assert read(GOOD).name is None
    device = tmp_path / "con.yaml"
    device.write_text(GOOD)
    assert load(device).name is None


@dataclass(frozen=True)
class MadeUp(Optimizer):
    """Settings of types that no optimizer has so far."""

    lr: Numbers = setting(1, above=0, help="a whole number as default of any number")
    pair: tuple[float, float] = setting((1, 2), at_least=0, help="two numbers")
    widths: int | tuple[int, ...] = setting(3, at_least=1, help="one or several")
    table: tuple[tuple[float, ...], ...] = setting((), help="a matrix")


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("pair: [1]", "pair: must be a list of 2 numbers, not a list of 1"),
        ("pair: [1, 2, 3]", "pair: must be a list of 2 numbers, not a list of 3"),
        ("pair: [1, -2]", "pair[1]: must be at least 0"),
        ("pair: 1", "pair: must be a list of 2 numbers, not 1"),
        ("widths: [1, a]", "widths[1]: must be a whole number, not 'a'"),
        ("widths: a", "widths: must be a whole number or a list of whole numbers, not 'a'"),
        ("widths: 0", "widths: must be at least 1"),
        ("widths: [0]", "widths[0]: must be at least 1"),
        ("table: [[1, x], 2]", "table[0][1]: must be a number, not 'x'"),
        ("table: [1]", "table[0]: must be a list of numbers, not 1: write [1]"),
        ("table: x", "table: must be a list of lists of numbers, not 'x'"),
    ],
)
def test_errors_of_any_type_of_setting(settings: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(Optimizer.kinds, "made_up", MadeUp)
    found = errors(with_line(IRIS, optimizer=f"{{kind: made_up, {settings}}}"))
    assert found[0].partition(": optimizer.")[2] == expected


def test_defaults_have_the_type_of_their_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(Optimizer.kinds, "made_up", MadeUp)
    found = read(with_line(IRIS, optimizer="made_up")).config.optimizer.settings()
    assert (repr(found["lr"]), repr(found["pair"])) == ("1.0", "(1.0, 2.0)")


@pytest.mark.parametrize(
    "name", ["a" * 101, "é" * 121, "a.", "a ", ".a", "lpt1", "nul.tar.gz", "a:b", "a\u202eb", "a\u2028b"]
)
def test_no_names_of_folders(name: str) -> None:
    with pytest.raises(ValueError, match=r"must|is a device|names a folder"):
        valid_name(name)


@pytest.mark.parametrize("name", ["a", "a" * 100, "console", "wide net", "digits.adam", "größe 2", "1e3", "(a)"])
def test_names(name: str) -> None:
    assert valid_name(name) == name


@pytest.mark.parametrize(
    ("function", "message"), [("rosenbrock", "2 or more variables"), ("beale", "2 variables, not 0")]
)
def test_a_start_of_no_variables(function: str, message: str) -> None:
    surface = {"kind": "surface", "function": function, "start": []}
    with pytest.raises(ConfigError, match=f"^model.start: {function} has {message}$"):
        load({"model": surface, "optimizer": {"kind": "gd", "lr": 0.1}, "steps": 5})


def test_an_activation_that_is_no_word() -> None:
    model = {"kind": "mlp", "hidden": [4], "activation": {"log": [1, 10, 3]}}
    with pytest.raises(ConfigError, match=r"^model\.activation: "):
        load({"dataset": "iris", "model": model, "optimizer": {"kind": "gd", "lr": 0.1}, "epochs": 5})
