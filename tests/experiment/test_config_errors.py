"""Wrong configs and the exact lines that their errors are: top-level keys, surfaces, the whole, order and places."""

from __future__ import annotations

import pytest

from gdrun.experiment.config import ConfigError, load
from gdrun.experiment.config.families import families
from gdrun.experiment.config.habits import KEYS, KINDS, ROOT
from gdrun.experiment.config.models import RunConfig
from gdrun.experiment.config.unknown import INNER, NESTED, keys_of
from tests.experiment.config_cases import GOOD, SURFACE, check, errors, on_iris, read, with_line

ON_IRIS = [
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


@pytest.mark.parametrize(("lines", "expected"), ON_IRIS, ids=lambda value: value[:40])
def test_error_on_data(lines: str, expected: str) -> None:
    check(on_iris(lines), expected)


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
