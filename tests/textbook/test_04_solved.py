"""A linear neuron can be solved in one go; a sigmoid one has no bowl and, but for data that it fits, no formula."""

from __future__ import annotations

import numpy as np

from gdrun.descent.parts import Array
from tests.textbook.made import compared, config, examples, lines, path, trained


def sigmoid(z: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-z)))


def test_descent_ends_at_the_solution_of_the_normal_equations() -> None:
    settings = config("04-solved")
    run = trained(settings)
    assert not run.unmet
    X, y = examples(settings)
    np.testing.assert_allclose(path(run)[-1], np.linalg.solve(X.T @ X, X.T @ y), rtol=1e-6)


def losses(name: str, weights: Array) -> Array:
    """The training loss at some weights (n, 2), as gdrun measures it."""
    candidates = [{"label": str(i), "model": {"initial": list(place)}} for i, place in enumerate(weights)]
    history = compared(config(name, steps=1, compare={"candidates": candidates, "expect": None}, expect=None)).history
    return history[history["step"] == 0]["train_loss"].to_numpy()


def test_the_linear_neuron_s_error_is_convex_and_the_sigmoid_s_is_not() -> None:
    ends = np.random.default_rng(0).uniform(-6, 6, (12, 2))
    places = np.concatenate([ends, (ends[::2] + ends[1::2]) / 2])
    for name, convex in (("04-solved", True), ("04-neuron", False)):
        found = losses(name, places)
        chords, middles = (found[:12:2] + found[1:12:2]) / 2, found[12:]
        assert bool((middles <= chords).all()) == convex


def test_descent_gets_down_from_the_middle_and_hardly_moves_on_the_plateau() -> None:
    found = compared(config("04-neuron"))
    assert not found.unmet
    ends = {label: lines(found, label)["final_train_loss"].item() for label in ("from the middle", "from the plateau")}
    assert ends["from the middle"] < 0.02
    assert ends["from the plateau"] > 0.2


def test_from_anywhere_small_weights_get_down() -> None:
    model = {"initial": "normal", "initial_scale": 1.0}
    found = compared(
        config(
            "04-neuron", steps=100, model=model, compare={"seeds": 12, "candidates": [{"label": "all"}], "expect": None}
        )
    )
    first = found.history[found.history["step"] == 0]["train_loss"].to_numpy()
    assert (found.runs["final_train_loss"].to_numpy() < 0.5 * first).all()


def test_a_sigmoid_neuron_that_fits_its_targets_can_be_solved() -> None:
    random = np.random.default_rng(1)
    x = random.normal(size=(50, 1))
    targets = sigmoid(1.5 * x[:, 0] - 0.5)
    logits = np.log(targets / (1 - targets))  # a linear neuron's targets
    solved = np.linalg.lstsq(np.column_stack([x, np.ones(50)]), logits, rcond=None)[0]
    settings = config("04-neuron", steps=2000, optimizer={"lr": 10.0}, model={"initial": [0, 0]}, compare=None)
    settings["dataset"] = {"validation": 0, "standardize": False}
    run = trained(settings, data=(x, targets))
    np.testing.assert_allclose(path(run)[-1], solved, rtol=1e-3)
