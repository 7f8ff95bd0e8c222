from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit, logsumexp
from sklearn.metrics import hinge_loss, log_loss, mean_absolute_error, mean_squared_error

from gdrun.analysis.trivial import constant_loss
from gdrun.descent.activations import ACTIVATIONS
from gdrun.descent.examples import Examples
from gdrun.descent.losses import Loss, located
from gdrun.descent.parts import Array
from tests.descent.setups import FLOAT32, FLOAT64, part

M = 40
RNG = np.random.default_rng(8)
NUMBERS, PREDICTED = RNG.normal(size=M) * 2, RNG.normal(size=M)
LABELS = RNG.permutation(np.repeat([0, 1, 2], [10, 24, 6]))
LOGITS = RNG.normal(size=(M, 3)) * 2

REGRESSION = [kind for kind in Loss.kinds if kind not in ("cross_entropy", "hinge")]
each_dtype = pytest.mark.parametrize("dtype", [FLOAT64, FLOAT32], ids=str)


def made(kind: str, **settings: Any) -> Loss:
    loss: Loss = part(Loss, kind, [settings])
    return loss


def as_targets(targets: Any, outputs: Array) -> Array:
    """What a loss is given for outputs (R, m, K), from targets (m, K) that are one-hot for several classes."""
    columns = np.array(targets, outputs.dtype)
    return located(columns[None] if columns.shape[1] == 1 else columns.argmax(axis=1)[None, :, None], outputs)


def loss_of(kind: str, outputs: Any, targets: Any, dtype: np.dtype[Any] = FLOAT64, **settings: Any) -> float:
    """The loss summed over examples, from outputs and targets (m, K)."""
    loss: Loss = part(Loss, kind, [settings], dtype)
    there: Array = np.array(outputs, dtype)[None]
    total = loss.total(there, as_targets(targets, there), np.ones((1, 1, 1), dtype))
    assert total.shape == (1, 1)
    assert total.dtype == dtype
    return total.item()


def slopes_of(kind: str, outputs: Any, targets: Any, **settings: Any) -> Array:
    """∂total/∂outputs, (m, K)."""
    slopes: Array = np.array(outputs, float)[None]
    made(kind, **settings).total(slopes, as_targets(targets, slopes), np.ones((1, 1, 1)))
    return np.asarray(slopes[0])


def one_hot(labels: Any, classes: int = 3) -> Array:
    return np.asarray(np.eye(classes)[np.asarray(labels)])


BY_HAND = [
    # errors 3, -0.5 and 0
    ("half_mse", {}, [[4.0], [0.5], [7.0]], [[1.0], [1.0], [7.0]], 4.625, [[3.0], [-0.5], [0.0]]),
    ("mse", {}, [[4.0], [0.5], [7.0]], [[1.0], [1.0], [7.0]], 9.25, [[6.0], [-1.0], [0.0]]),
    ("sum_squares", {}, [[4.0], [0.5], [7.0]], [[1.0], [1.0], [7.0]], 4.625, [[3.0], [-0.5], [0.0]]),
    ("mae", {}, [[4.0], [0.5], [7.0]], [[1.0], [1.0], [7.0]], 3.5, [[1.0], [-1.0], [0.0]]),
    # within 1: ½ e²; beyond: |e| - ½
    ("huber", {}, [[4.0], [0.5], [7.0]], [[1.0], [1.0], [7.0]], 2.5 + 0.125, [[1.0], [-0.5], [0.0]]),
    ("huber", {"delta": 2.0}, [[4.0], [0.5]], [[1.0], [1.0]], 2 * (3 - 1) + 0.125, [[2.0], [-0.5]]),
    # equal scores: log 3, and probabilities of a third
    ("cross_entropy", {}, [[5.0, 5.0, 5.0]], [[0.0, 1.0, 0.0]], np.log(3), [[1 / 3, -2 / 3, 1 / 3]]),
    ("cross_entropy", {}, [[0.0], [0.0]], [[0.0], [1.0]], 2 * np.log(2), [[0.5], [-0.5]]),
    # probabilities 1/4 and 3/4
    ("cross_entropy", {}, [[0.0, np.log(3)]], [[1.0, 0.0]], np.log(4), [[-0.75, 0.75]]),
    ("cross_entropy", {}, [[np.log(3)]], [[0.0]], np.log(4), [[0.75]]),
    # signs -1 and 1: 1 + 0.5, then a margin of 2, then one of -1
    ("hinge", {}, [[0.5], [2.0], [-1.0]], [[0.0], [1.0], [1.0]], 1.5 + 0 + 2, [[1.0], [0.0], [-1.0]]),
    # the best rival is 1 ahead, and 1.5 behind
    ("hinge", {}, [[1.0, 2.0, 0.0], [2.0, 0.5, 0.0]], [[1.0, 0, 0], [1.0, 0, 0]], 2.0, [[-1.0, 1.0, 0], [0, 0, 0]]),
]


@pytest.mark.parametrize(("kind", "settings", "outputs", "targets", "total", "slopes"), BY_HAND)
def test_by_hand(kind: str, settings: dict[str, Any], outputs: Any, targets: Any, total: float, slopes: Any) -> None:
    assert loss_of(kind, outputs, targets, **settings) == pytest.approx(total, rel=1e-14)
    np.testing.assert_allclose(slopes_of(kind, outputs, targets, **settings), slopes, rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize(("kind", "settings", "outputs", "targets", "total", "slopes"), BY_HAND)
@pytest.mark.parametrize("scale", [[0.25, 0.25], [0.25, 8.0]], ids=["of all", "of each run"])
@pytest.mark.parametrize("by_output", [True, False])
def test_slopes_are_scaled_and_losses_are_not(
    by_output: bool,
    scale: list[float],
    kind: str,
    settings: dict[str, Any],
    outputs: Any,
    targets: Any,
    total: float,
    slopes: Any,
) -> None:
    there = np.array([outputs, outputs])  # two runs
    if by_output:  # as a network's outputs lie in memory
        there = np.ascontiguousarray(there.transpose(2, 0, 1)).transpose(1, 2, 0)
    one = scale[0] == scale[1]
    scales = np.full((1, 1, 1), scale[0]) if one else np.repeat([scale], len(outputs), axis=0).T[:, :, None]
    losses = made(kind, **settings).total(there, as_targets(targets, there), scales)
    np.testing.assert_allclose(losses, [[total]] * 2, rtol=1e-14)
    expected = np.array(scale)[:, None, None] * np.array([slopes, slopes])
    np.testing.assert_allclose(there, expected, rtol=1e-14, atol=1e-15)


def test_every_kind_is_tried_by_hand() -> None:
    assert {row[0] for row in BY_HAND} == set(Loss.kinds)
    assert [kind for kind in Loss.kinds if not made(kind).averaged] == ["sum_squares"]


@each_dtype
def test_against_sklearn_and_scipy(dtype: np.dtype[Any]) -> None:
    t, y, two = NUMBERS[:, None], PREDICTED[:, None], (LABELS == 1).astype(int)
    e = np.abs(NUMBERS - PREDICTED)
    squares, rtol = M * mean_squared_error(NUMBERS, PREDICTED), 1e-12 if dtype == FLOAT64 else 1e-5
    expected = [
        ("half_mse", y, t, squares / 2),
        ("mse", y, t, squares),
        ("sum_squares", y, t, squares / 2),
        ("mae", y, t, M * mean_absolute_error(NUMBERS, PREDICTED)),
        ("huber", y, t, np.sum(np.where(e <= 1, e**2 / 2, e - 0.5))),
        ("cross_entropy", LOGITS, one_hot(LABELS), np.sum(logsumexp(LOGITS, axis=1) - LOGITS[range(M), LABELS])),
        ("cross_entropy", LOGITS[:, :1], two[:, None], M * log_loss(two, expit(LOGITS[:, 0]))),
        ("hinge", LOGITS, one_hot(LABELS), M * hinge_loss(LABELS, LOGITS)),
        ("hinge", LOGITS[:, :1], two[:, None], M * hinge_loss(two, LOGITS[:, 0])),
    ]
    for kind, outputs, targets, total in expected:
        np.testing.assert_allclose(loss_of(kind, outputs, targets, dtype), total, rtol=rtol)


def test_two_classes_are_the_same_by_one_logit_and_by_two() -> None:
    two = (LABELS == 1).astype(int)
    by_two = np.column_stack([np.zeros(M), LOGITS[:, 0]])
    one = loss_of("cross_entropy", LOGITS[:, :1], two[:, None])
    assert one == pytest.approx(loss_of("cross_entropy", by_two, one_hot(two, 2)), rel=1e-13)
    slopes = slopes_of("cross_entropy", LOGITS[:, :1], two[:, None])[:, 0]
    np.testing.assert_allclose(slopes, slopes_of("cross_entropy", by_two, one_hot(two, 2))[:, 1], rtol=1e-12)


@each_dtype
def test_cross_entropy_of_huge_logits_is_exact(dtype: np.dtype[Any]) -> None:
    for logit, target, loss, slope in ((1000, 1, 0, 0), (-1000, 0, 0, 0), (1000, 0, 1000, 1), (-1000, 1, 1000, -1)):
        assert loss_of("cross_entropy", [[logit]], [[target]], dtype) == loss
        assert slopes_of("cross_entropy", [[logit]], [[target]]) == [[slope]]
    for logits, label, loss in (
        ([1000, -1000, 0], 0, 0),
        ([1000, -1000, 0], 1, 2000),
        ([-1000, -1000, -3000], 2, 2000),
    ):
        right = np.log(2) if label == 2 else 0
        assert loss_of("cross_entropy", [logits], one_hot([label]), dtype) == pytest.approx(loss + right, rel=1e-6)
    assert loss_of("cross_entropy", [[1000, -1000, 0]], one_hot([0]), dtype) == 0
    np.testing.assert_array_equal(slopes_of("cross_entropy", [[1000, -1000, 0]], one_hot([1])), [[1, -1, 0]])


@each_dtype
@pytest.mark.parametrize("classes", [1, 3])
def test_the_small_loss_of_sure_and_right_predictions_is_not_rounded_away(classes: int, dtype: np.dtype[Any]) -> None:
    # Of 1000 examples all but one are right by 15 to 30: sums over the examples, taken apart, would cancel badly.
    margins = np.linspace(15, 30, 1000)
    margins[500] = -0.3
    outputs: Array
    targets: Array
    if classes == 1:
        outputs, targets = margins[:, None], np.ones((1000, 1))
    else:
        outputs, targets = np.column_stack([margins, np.zeros(1000), np.full(1000, -1e9)]), one_hot([0] * 1000)
    expected = np.log1p(np.exp(0.3)) + np.sum(np.log1p(np.exp(-np.delete(margins, 500))))
    assert loss_of("cross_entropy", outputs, targets, dtype) == pytest.approx(expected, rel=1e-5)


@each_dtype
@pytest.mark.parametrize("classes", [1, 3])
def test_the_hinge_of_separated_classes_is_exactly_0(classes: int, dtype: np.dtype[Any]) -> None:
    right = np.linspace(1.1, 30, 997)
    outputs: Array
    targets: Array
    if classes == 1:
        outputs, targets = right[:, None], np.ones((997, 1))
    else:
        outputs, targets = np.column_stack([right, np.full(997, 0.07), np.full(997, -0.3)]), one_hot([0] * 997)
    assert loss_of("hinge", outputs, targets, dtype) == 0


def constant_total(kind: str, constant: Any, targets: Array, **settings: Any) -> float:
    return loss_of(kind, np.broadcast_to(np.asarray(constant), targets.shape), targets, **settings)


@pytest.mark.parametrize("settings", [{"delta": 0.1}, {"delta": 0.7}, {"delta": 30.0}])
@pytest.mark.parametrize("kind", REGRESSION)
def test_the_best_constant_for_numbers(kind: str, settings: dict[str, float]) -> None:
    targets = np.exp(NUMBERS)[:, None]  # skewed: mean, median and what lies between are apart
    own = settings if kind == "huber" else {}
    best = made(kind, **own).best_constant(targets)
    assert best.shape == (1,)
    lowest = constant_total(kind, best, targets, **own)
    grid = np.linspace(targets.min(), targets.max(), 4001)
    assert lowest <= min(constant_total(kind, constant, targets, **own) for constant in grid) + 1e-12
    if kind != "mae":  # whose best is any number between the two middle ones
        assert abs(slopes_of(kind, np.broadcast_to(best, targets.shape), targets, **own).sum()) < 1e-9


@pytest.mark.parametrize("kind", ["cross_entropy", "hinge"])
@pytest.mark.parametrize("counts", [(10, 24, 6), (10, 18, 12), (1, 1, 8), (5, 5), (7, 3), (2, 9), (3, 3, 3)])
def test_the_best_constant_for_classes(kind: str, counts: tuple[int, ...]) -> None:
    labels, rng = np.repeat(range(len(counts)), counts), np.random.default_rng(0)
    for targets in (one_hot(labels, len(counts)), labels[:, None].astype(float))[: 3 - len(counts) + 1]:
        best = made(kind).best_constant(targets)
        lowest = constant_total(kind, best, targets)
        starts = rng.normal(size=(20, targets.shape[1])) * 2
        found = min(
            minimize(lambda c, t=targets: constant_total(kind, c, t), x, method="Nelder-Mead").fun for x in starts
        )
        assert lowest <= found + 1e-9
        assert lowest == pytest.approx(found, rel=1e-3)


def test_the_best_constants_loss_by_hand() -> None:
    labels = np.array([0, 0, 0, 1])
    two = Examples(np.ones((4, 1)), labels[:, None].astype(float), labels)
    entropy = -(0.75 * np.log(0.75) + 0.25 * np.log(0.25))
    assert constant_loss(made("cross_entropy"), two) == pytest.approx(entropy, rel=1e-14)
    numbers = Examples(np.ones((4, 1)), np.array([[0.0], [0.0], [0.0], [4.0]]), None)
    # around the mean 1: squares 1 + 1 + 1 + 9
    losses = {kind: constant_loss(made(kind), numbers) for kind in REGRESSION}
    assert losses == pytest.approx({"half_mse": 1.5, "mse": 3, "sum_squares": 6, "mae": 1, "huber": 5 / 6}, rel=1e-12)


FORMULAS = {
    "identity": lambda z: z,
    "sigmoid": expit,
    "tanh": lambda z: 1 - 2 / (np.exp(2 * z) + 1),
    "relu": lambda z: z * (z > 0),
    "leaky_relu": lambda z: np.where(z > 0, z, z / 100),
    "elu": lambda z: np.where(z > 0, z, np.exp(z) - 1),
    "gelu": lambda z: z * _normal(z),
    "softplus": lambda z: np.logaddexp(0, z),
}


def _normal(z: Array) -> Array:
    from scipy.stats import norm

    return np.asarray(norm.cdf(z))


@each_dtype
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_by_their_formulas(name: str, dtype: np.dtype[Any]) -> None:
    z = np.linspace(-6, 6, 121).astype(dtype)
    found = np.full_like(z, np.nan)
    ACTIVATIONS[name].apply(z.copy(), found)
    rtol = 1e-10 if dtype == FLOAT64 else 1e-3
    np.testing.assert_allclose(found, FORMULAS[name](z.astype(float)), rtol=rtol, atol=1e-6 if rtol > 1e-5 else 1e-14)


@each_dtype
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_of_huge_numbers_are_finite_and_their_slopes_too(name: str, dtype: np.dtype[Any]) -> None:
    z = np.array([-1000.0, 0.0, 1000.0], dtype)
    a, slope = np.empty_like(z), np.ones_like(z)
    with np.errstate(over="ignore"):  # as in the loop: exp overflows on the way to a sigmoid of 0
        ACTIVATIONS[name].apply(z, a)
        ACTIVATIONS[name].backward(z, a, slope)
    assert np.all(np.isfinite(a))
    assert np.all((slope >= -0.01) & (slope <= 1.01))
