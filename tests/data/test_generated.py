"""Generated data: the numbers that were asked for are there."""

from typing import Any

import numpy as np
import pytest

from gdrun.data import Blobs, Circles, Dataset, Linear, Moons, Sandwich, Sparse, Spirals, Xor, prepare

ALL: list[tuple[type[Dataset], dict[str, Any]]] = [
    (Linear, {"condition": 7.0}),
    (Linear, {"rank": 2}),
    (Blobs, {"classes": 4, "features": 3}),
    (Moons, {}),
    (Circles, {"factor": 0.3}),
    (Spirals, {"classes": 3}),
    (Xor, {"noise": 0.1}),
    (Sandwich, {"features": 2, "mirrored": True}),
    (Sparse, {"features": 12, "rarity": 0.7}),
]


@pytest.mark.parametrize(("features", "condition"), [(2, 20.0), (5, 1.0), (5, 1e4), (30, 100.0), (1, 1.0)])
def test_the_condition_number_is_exact(features: int, condition: float) -> None:
    dataset = Linear(features=features, condition=condition, standardize=False, validation=0.0)
    X = prepare(dataset).train.features
    eigenvalues = np.linalg.eigvalsh(np.atleast_2d(np.cov(X, rowvar=False, bias=True)))
    assert eigenvalues[-1] == pytest.approx(1.0, rel=1e-9)
    assert eigenvalues[-1] / eigenvalues[0] == pytest.approx(condition, rel=1e-6)
    assert np.abs(X.mean(axis=0)).max() < 1e-12


def test_the_hessian_with_a_bias_has_that_condition_number_too() -> None:
    X = Linear(condition=50.0).read().features
    with_bias = np.column_stack([X, np.ones(len(X))])
    assert np.linalg.cond(with_bias.T @ with_bias / len(X)) == pytest.approx(50.0, rel=1e-6)


def test_collinear_features() -> None:
    dataset = Linear(features=4, rank=2, condition=9.0, standardize=False, validation=0.0, noise=0.0)
    X = prepare(dataset).train.features
    eigenvalues = np.linalg.eigvalsh(np.cov(X, rowvar=False, bias=True))
    np.testing.assert_allclose(eigenvalues, [0, 0, 1 / 9, 1], atol=1e-12)
    assert np.array_equal(Linear(rank=5).read().features, Linear().read().features)


def test_linear_knows_its_parameters() -> None:
    dataset = Linear(examples=50, features=3, noise=0.0, condition=10.0, seed=4)
    table, (weights, bias) = dataset.read(), dataset.true_parameters()
    solution = np.linalg.lstsq(np.column_stack([table.features, np.ones(50)]), table.targets, rcond=None)[0]
    np.testing.assert_allclose(solution, [*weights, bias], rtol=1e-10)


def test_linear_noise() -> None:
    dataset = Linear(examples=20_000, noise=0.5)
    table, (weights, bias) = dataset.read(), dataset.true_parameters()
    assert np.std(table.targets - table.features @ weights - bias) == pytest.approx(0.5, rel=0.03)


def test_moons_circles_spirals_without_noise() -> None:
    moons = Moons(examples=101, noise=0.0).read()
    x, y = moons.features.T
    upper = moons.targets == 0
    np.testing.assert_allclose(np.hypot(x[upper], y[upper]), 1)
    np.testing.assert_allclose(np.hypot(x[~upper] - 1, y[~upper] - 0.5), 1)
    assert (y[upper] > -1e-12).all()
    assert (y[~upper] < 0.5 + 1e-12).all()
    circles = Circles(examples=40, noise=0.0, factor=0.25).read()
    np.testing.assert_allclose(np.hypot(*circles.features.T), np.where(circles.targets == 0, 1, 0.25))
    assert len(np.unique(circles.features.round(9), axis=0)) == 40
    spirals = Spirals(examples=90, classes=3, turns=2.0, noise=0.0).read()
    radius, angle = np.hypot(*spirals.features.T), np.arctan2(spirals.features[:, 1], spirals.features[:, 0])
    turned = (angle / (2 * np.pi) - 2 * radius) * 3
    np.testing.assert_allclose(np.cos(2 * np.pi * (turned - spirals.targets) / 3), 1)
    assert radius.max() == 1


def test_xor_is_the_parity_of_the_signs() -> None:
    table = Xor(examples=200, features=3).read()
    # Of three coordinates, an odd number is positive where the product is.
    assert np.array_equal(table.targets, np.prod(table.features, axis=1) > 0)
    assert table.targets.sum() == 100


def test_a_sandwich_has_one_class_on_both_sides_of_the_other() -> None:
    table = Sandwich(examples=200, features=2, outer=0.3, right=0.25, noise=0.0).read()
    x, inside = table.features[:, 0], table.targets == 0
    assert x[inside].tolist() == [0.0] * 140
    assert not table.features[:, 1].any()
    assert (np.sum(x == 2), np.sum(x == -2)) == (15, 45)
    noisy = Sandwich(examples=20_000, noise=0.3).read()
    assert np.std(noisy.features[noisy.targets == 0]) == pytest.approx(0.3, rel=0.05)


def test_a_mirrored_sandwich_has_every_point_twice() -> None:
    table = Sandwich(examples=60, features=3, outer=0.2, mirrored=True).read()
    points = {(*row, label) for row, label in zip(table.features.tolist(), table.targets, strict=True)}
    assert points == {(*(-x for x in row), label) for *row, label in points}
    assert len(points) == 60
    assert np.sum(table.targets) == 12


def test_blobs_lie_about_their_centres() -> None:
    table = Blobs(examples=3000, features=2, classes=3, noise=0.5).read()
    for label in range(3):
        assert table.features[table.targets == label].std(axis=0) == pytest.approx([0.5, 0.5], rel=0.1)
    assert np.bincount(table.targets.astype(int)).tolist() == [1000, 1000, 1000]


@pytest.mark.parametrize(("kind", "settings"), ALL)
def test_the_seed_decides_every_bit(kind: type[Dataset], settings: dict[str, Any]) -> None:
    first, again, other = (prepare(kind(**settings, seed=seed)) for seed in (1, 1, 2))
    assert first.train.features.tobytes() == again.train.features.tobytes()
    assert first.train.targets.tobytes() == again.train.targets.tobytes()
    assert first.train.features.tobytes() != other.train.features.tobytes()


@pytest.mark.parametrize(
    ("dataset", "message"),
    [
        (Linear(examples=5, features=5), "5 features need more than 5 examples"),
        (Linear(features=1, condition=2.0), "one feature has condition 1"),
        (Linear(features=3, rank=4), "3 features have no rank 4"),
        (Linear(features=3, rank=1, condition=2.0), "one feature has condition 1"),
        (Sandwich(examples=5, mirrored=True), "even number of examples"),
        (Sandwich(right=0.4, mirrored=True), "right: 0.5"),
        (Sandwich(examples=3, outer=0.01), "leave one class empty"),
        (Blobs(examples=3, classes=4), "4 classes need at least as many examples, not 3"),
    ],
)
def test_impossible_settings(dataset: Dataset, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        dataset.read()


def test_sparse_features_are_as_common_as_they_are_said_to_be() -> None:
    dataset = Sparse(examples=400, features=30, common=0.5, rarity=1.5)
    features = dataset.read().features
    assert set(np.unique(features)) == {0.0, 1.0}
    counts = [200, 71, 38, 25, 18, 14, 11, 9, 7, 6]  # 200 / k^1.5
    assert features.sum(axis=0)[:10].tolist() == counts
    assert features.sum(axis=0)[-1] == 1  # 200 / 30^1.5 = 1.2; and never none
    assert Sparse(examples=20, features=40).read().features.sum(axis=0).min() == 1
    even = Sparse(examples=400, features=30, common=0.25, rarity=0.0).read().features
    assert (even.sum(axis=0) == 100).all()
    # which examples, is drawn for each feature by itself: two of them meet in a sixteenth of the examples
    assert (even.T @ even)[np.triu_indices(30, 1)].mean() == pytest.approx(25, rel=0.05)


def test_sparse_knows_its_parameters() -> None:
    dataset = Sparse(examples=200, features=8, rarity=0.5, noise=0.0, seed=3)
    table, (weights, bias) = dataset.read(), dataset.true_parameters()
    np.testing.assert_allclose(table.targets, table.features @ weights + bias, rtol=1e-12)
    noisy = Sparse(examples=20_000, features=2, noise=0.5)
    table, (weights, bias) = noisy.read(), noisy.true_parameters()
    assert np.std(table.targets - table.features @ weights - bias) == pytest.approx(0.5, rel=0.03)
