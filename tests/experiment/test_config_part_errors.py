"""Wrong settings of the parts of a config, and the exact lines that their errors are."""

from __future__ import annotations

import pytest

from gdrun.experiment.config import ConfigError, load
from tests.experiment.config_cases import check, on_iris

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
]


@pytest.mark.parametrize(("lines", "expected"), ON_IRIS, ids=lambda value: value[:40])
def test_error_on_data(lines: str, expected: str) -> None:
    check(on_iris(lines), expected)


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
