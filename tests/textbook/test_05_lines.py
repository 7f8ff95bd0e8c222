"""Linear units draw a straight line, however many layers of them; non-linear hidden ones do better."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize

from gdrun.descent.parts import Array
from tests.textbook.made import compared, config, examples, interval, lines

SHORT = {"05-xor": 30, "05-circles": 20, "05-spirals": 60}
LINEAR = ("one linear unit", "deep but linear")


def best_line(X: Array, y: Array) -> float:
    """The largest share that any straight line tells right, by trying them in all directions."""
    best = 0.0
    for angle in np.linspace(0, np.pi, 721):
        order = np.argsort(X[:, :2] @ [np.cos(angle), np.sin(angle)])
        below = np.concatenate([[0], np.cumsum(np.where(y[order] == 1, 1, -1))])
        right = (below + np.sum(y == 0)) / len(y)  # everything up to a place is told to be 1, the rest 0
        best = max(best, right.max(), 1 - right.min())
    return best


def lowest_loss(X: Array, y: Array) -> float:
    """Of all linear classifiers, with the logistic loss."""
    signs = 2 * y - 1
    return float(minimize(lambda w: np.mean(np.logaddexp(0, -signs * (X @ w))), np.zeros(3), tol=1e-10).fun)


@pytest.mark.parametrize("name", SHORT)
def test_no_linear_network_beats_the_best_line_and_hidden_units_do(name: str) -> None:
    settings: dict[str, Any] = config(name, epochs=SHORT[name])
    X, y = examples(settings)
    found = compared(settings)
    accuracy, loss = best_line(X, y), lowest_loss(X, y)
    assert accuracy < 0.9
    for label in LINEAR:
        told = lines(found, label)
        assert (told["final_train_accuracy"] <= accuracy + 1e-9).all()
        assert (told["final_train_loss"] >= loss - 1e-9).all()
    # descent has not just failed: the deep linear network comes as low as a line can
    assert lines(found, "deep but linear")["final_train_loss"].mean() < loss + 0.02
    bent = lines(found, "deep with tanh")
    assert (bent["final_train_accuracy"] > accuracy + 0.02).all()
    assert interval(bent["final_train_loss"].to_numpy(float), 0.95)[1] < loss
