"""17: Adagrad, RMSprop and Adam rescale each parameter, momentum does not; where that helps, and where it does not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gdrun.descent.parts import Array
from gdrun.notebook.compared import Compared
from tests.textbook.made import compared, config, interval, lines, merged, path, trained

ADAPTIVE = [
    {"kind": "adagrad", "lr": 0.5},
    {"kind": "rmsprop", "lr": 0.02},
    {"kind": "adam", "lr": 0.05},
]


def reduced(name: str, seeds: int, rates: dict[str, list[float]], **changes: Any) -> Compared:
    """The comparison of a config with so many seeds and these rates for each candidate, without what it expects."""
    settings = config(name, **changes)
    blocks = {block["label"]: block for block in settings["compare"]["candidates"]}
    candidates = [merged(blocks[label], {"optimizer": {"lr": lr}, "expect": None}) for label, lr in rates.items()]
    return compared(settings | {"expect": {}, "compare": {"seeds": seeds, "candidates": candidates}})


def best(found: Compared, label: str, column: str) -> Array:
    """Of the rate with the lowest mean, a value for each seed."""
    by_rate = lines(found, label).groupby("optimizer.lr")[column]
    return np.asarray(min((values.to_numpy(float) for _, values in by_rate), key=lambda values: float(values.mean())))


@pytest.mark.parametrize("optimizer", ADAPTIVE, ids=lambda each: each["kind"])
def test_adaptive_rates_take_the_same_path_whatever_the_slopes(optimizer: dict[str, Any]) -> None:
    walked = [
        path(trained(config("17-straight", model={"condition": condition}, steps=40) | {"optimizer": optimizer}))
        for condition in (1, 100, 10_000)
    ]
    for each in walked:
        # from equal coordinates along the diagonal, as in the round bowl
        np.testing.assert_allclose(each[:, 0], each[:, 1], rtol=1e-5)
        np.testing.assert_allclose(each, walked[0], rtol=1e-5)


@pytest.mark.parametrize("optimizer", [{"kind": "gd", "lr": 0.005}, {"kind": "momentum", "lr": 0.005, "momentum": 0.8}])
def test_one_rate_for_all_does_not(optimizer: dict[str, Any]) -> None:
    first = path(trained(config("17-straight", steps=1) | {"optimizer": optimizer}))
    step = first[1] - first[0]
    assert step[1] / step[0] == pytest.approx(100)


def test_on_the_turned_bowl_adagrad_loses_what_it_gained_and_momentum_nothing() -> None:
    angles = np.linspace(0.15, 1.4, 5)
    turn = np.array([[1, 1], [1, -1]]) / np.sqrt(2)
    straight: list[dict[str, Any]] = [{"start": [3 * float(np.cos(a)), 3 * float(np.sin(a))]} for a in angles]
    turned = [
        {"start": (turn @ each["start"]).tolist(), "condition": None, "matrix": [[50.5, -49.5], [-49.5, 50.5]]}
        for each in straight
    ]
    optimizers: dict[str, dict[str, Any]] = {
        "adagrad": {"kind": "adagrad", "lr": [0.3, 1.0, 3.0]},
        "momentum": {"kind": "momentum", "momentum": 0.67, "lr": [0.02, 0.032]},
    }
    candidates = [
        {"label": f"{name} {bowl} {number}", "model": model, "optimizer": optimizer}
        for name, optimizer in optimizers.items()
        for bowl, models in (("straight", straight), ("turned", turned))
        for number, model in enumerate(models)
    ]
    found = compared(config("17-turned") | {"compare": {"criterion": "end_step", "candidates": candidates}})
    steps = {
        (name, bowl): np.array([lines(found, f"{name} {bowl} {n}")["end_step"].min() for n in range(len(angles))])
        for name in optimizers
        for bowl in ("straight", "turned")
    }
    np.testing.assert_array_equal(steps["momentum", "turned"], steps["momentum", "straight"])
    assert interval(np.log(steps["adagrad", "turned"] / steps["adagrad", "straight"]))[0] > np.log(5)
    # straight it is ahead of momentum, turned it is behind
    assert (steps["adagrad", "straight"] < steps["momentum", "straight"]).all()
    assert (steps["adagrad", "turned"] > steps["momentum", "turned"]).all()


@pytest.mark.parametrize("name", ["17-straight", "17-turned"])
def test_the_configs_of_the_bowls_show_it(name: str) -> None:
    assert compared(config(name)).unmet == []


def test_rare_features_are_learned_sooner_with_a_rate_of_their_own() -> None:
    rates = {"plain": [0.65, 1.0], "Adagrad": [0.3, 0.65], "momentum": [0.14, 0.2], "Adam": [0.02, 0.043]}
    found = reduced("17-sparse", 6, rates, epochs=4)
    excess = {label: best(found, label, "final_excess_loss") for label in rates}
    for adaptive, one_rate in (("Adagrad", "plain"), ("Adam", "plain"), ("Adagrad", "momentum")):
        assert interval(np.log(excess[one_rate] / excess[adaptive]))[0] > np.log(1.5)


def test_where_all_features_are_equally_common_it_is_no_help() -> None:
    rates = {"plain": [0.034, 0.06], "momentum": [0.0065, 0.014], "Adagrad": [0.65, 1.4], "Adam": [0.02, 0.043]}
    found = reduced("17-common", 10, rates)
    excess = {label: best(found, label, "final_excess_loss") for label in rates}
    assert interval(np.log(excess["Adagrad"] / excess["plain"]), 0.95)[0] > 0
    assert interval(np.log(excess["Adam"] / excess["momentum"]), 0.95)[0] > 0


def test_on_the_digits_each_is_about_as_good_at_its_own_rate() -> None:
    rates = {"plain": [0.56], "momentum": [0.056], "Adagrad": [0.056], "RMSprop": [0.0056], "Adam": [0.011]}
    found = reduced("17-digits", 5, rates, epochs=4)
    accuracy = {label: lines(found, label)["final_validation_accuracy"].to_numpy() for label in rates}
    for label in ("momentum", "Adagrad", "RMSprop", "Adam"):
        low, high = interval(accuracy[label] - accuracy["plain"], 0.95)
        assert -0.03 < low < high < 0.03
    # but ten times the best rate, or a tenth, costs more than any other optimizer
    wrong = reduced("17-digits", 5, {"plain": [0.056], "Adam": [0.0011]}, epochs=4)
    for label in ("plain", "Adam"):
        lost = accuracy[label] - lines(wrong, label)["final_validation_accuracy"].to_numpy()
        assert interval(lost, 0.95)[0] > 0.01


def gradients(name: str, seed: int = 0, **model: Any) -> Array:
    """The length of the gradient's part in each layer of a network that has not been trained yet."""
    settings = config(name, seed=seed, model=model, epochs=1, record={"layers": 1})
    run = trained(settings | {"descent": "batch", "optimizer": {"kind": "gd", "lr": 1e-9}})
    return run.history.filter(like="gradient_norm_").iloc[0].to_numpy(float)


def test_gradients_vanish_in_sigmoid_layers_and_explode_behind_large_weights() -> None:
    for seed in range(5):
        sigmoid = gradients("17-vanishing", seed)
        # a sigmoid's slope is at most 1/4, and the weights of these layers stretch little
        assert (np.diff(sigmoid[::2]) > 0).all()
        assert sigmoid[0] < 0.01 * sigmoid[-1]
        relu = gradients("17-vanishing", seed, activation="relu")
        assert 0.05 < relu[0] / relu[-1] < 20
    for layers in (2, 4):
        grown = [
            gradients("17-exploding", seed, hidden=[16] * (layers + 2))[0]
            / gradients("17-exploding", seed, hidden=[16] * layers)[0]
            for seed in range(24)
        ]
        # each layer multiplies the mean square by 16 · 1.25² / 2 = 12.5: over two layers about 12.5 in size
        low, high = np.exp(interval(np.log(grown), 0.95))
        assert 3 < low < high < 60
        kept = [
            gradients("17-exploding", seed, hidden=[16] * (layers + 2), initial="he", initial_scale=None)[0]
            / gradients("17-exploding", seed, hidden=[16] * layers, initial="he", initial_scale=None)[0]
            for seed in range(24)
        ]
        assert interval(np.log(kept))[0] < 0 < np.log(grown).mean()


def test_adam_gets_a_deep_sigmoid_network_going_and_relu_cures_it() -> None:
    rates = {"sigmoid, plain": [0.1, 1.0], "sigmoid, momentum": [0.1], "sigmoid, Adam": [0.032], "ReLU, plain": [0.32]}
    found = reduced("17-vanishing", 5, rates, epochs=30)
    loss = {label: best(found, label, "final_train_loss") for label in rates}
    # log 2 is what a coin would have
    assert interval(loss["sigmoid, plain"])[0] > 0.68
    assert interval(loss["sigmoid, momentum"])[0] > 0.68
    assert interval(loss["sigmoid, Adam"])[1] < 0.5
    assert interval(np.log(loss["sigmoid, Adam"] / loss["ReLU, plain"]), 0.95)[0] > np.log(2)


def test_adam_and_clipping_cope_with_exploding_gradients_and_good_first_weights_prevent_them() -> None:
    rates = {"plain": [1e-4, 1e-3], "Adam": [0.02], "plain, clipped": [0.2], "He, plain": [0.1]}
    found = reduced("17-exploding", 8, rates, epochs=30)
    loss = {label: best(found, label, "final_train_loss") for label in rates}
    for cure in ("Adam", "plain, clipped"):
        assert interval(np.log(loss["plain"] / loss[cure]), 0.95)[0] > 0
    assert interval(loss["He, plain"])[1] < 0.1
    # at that rate the network with large weights is lost
    lost = lines(reduced("17-exploding", 8, {"plain": [0.1]}, epochs=5), "plain")
    assert ((lost["status"] == "diverged") | (lost["final_train_loss"] > 0.6)).all()
