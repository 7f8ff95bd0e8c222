from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from gdrun.descent.activations import ACTIVATIONS
from gdrun.descent.batches import Batches
from gdrun.descent.network import Layer, Network
from gdrun.descent.optimizers import Optimizer
from gdrun.descent.state import Recording
from tests.cases import MODELS, VARIANTS, SurfaceCase
from tests.descent.setups import FLOAT32, FLOAT64, learning, plan, start, surface, train

SIZES = [(23, None), (23, 1), (23, 8), (24, 8), (5, 5), (7, 6), (1, 1)]

each_size = pytest.mark.parametrize(("m", "size"), SIZES)


def batches(m: int, size: int | None, *seeds: int, replacement: bool = False) -> Batches:
    return Batches(m, size, replacement, np.array(seeds or (0,), np.uint64))


def epoch_of(made: Batches, epoch: int) -> list[NDArray[np.intp]]:
    """The batches of an epoch."""
    steps = range(epoch * made.per_epoch, (epoch + 1) * made.per_epoch)
    return [made.at(step).copy() for step in steps]


@each_size
def test_an_epoch_visits_every_example_once_and_keeps_the_short_last_batch(m: int, size: int | None) -> None:
    made = batches(m, size, 3, 4)
    for epoch in range(4):
        found = epoch_of(made, epoch)
        sizes = [batch.shape[1] for batch in found]
        assert sizes[:-1] == [size] * (len(found) - 1)
        assert 0 < sizes[-1] <= (size or m)
        assert all(sorted(order) == list(range(m)) for order in np.concatenate(found, axis=1))


def test_the_order_is_fresh_for_every_epoch_and_seed_and_the_same_for_the_same() -> None:
    one, other, again = (batches(23, 8, seed) for seed in (0, 1, 0))
    orders = [made.order(epoch)[0].tolist() for made in (one, other) for epoch in range(5)]
    assert len({tuple(order) for order in orders}) == 10
    # Whatever was looked at before: an order depends on seed and epoch alone.
    assert again.order(4)[0].tolist() == orders[4]
    assert again.order(0)[0].tolist() == orders[0]


def test_every_place_of_the_order_is_as_likely_for_every_example() -> None:
    made = batches(5, 1)
    places = np.array([made.order(epoch)[0] for epoch in range(3000)])
    counts = np.array([np.bincount(column, minlength=5) for column in places.T])
    assert np.all(np.abs(counts - 600) < 5 * np.sqrt(3000 * 0.2 * 0.8))


def test_runs_of_a_stack_have_the_batches_of_their_own_seed() -> None:
    together = batches(23, 8, 0, 7, 0)
    for step in range(7):
        for place, seed in enumerate((0, 7, 0)):
            np.testing.assert_array_equal(together.at(step)[place], batches(23, 8, seed).at(step)[0])
    left = together.select(np.array([1]))
    np.testing.assert_array_equal(left.order(2), batches(23, 8, 7).order(2))


def test_runs_with_one_seed_share_one_batch() -> None:
    assert batches(23, 8, 4, 4, 4).order(0).shape == (1, 23)
    assert batches(23, 8, 4, 4, 5).order(0).shape == (3, 23)
    assert batches(23, None, 4, 4).at(0).tolist() == [list(range(23))]


def test_those_of_several_steps_end_with_the_epoch_or_before_a_short_one() -> None:
    made = batches(23, 8, 3, 4)
    for step, most, end in [(0, 1, 8), (0, 2, 16), (0, 9, 16), (1, 2, 16), (2, 9, 23)]:
        np.testing.assert_array_equal(made.at(step + 3, most), made.order(1)[:, step * 8 : end])
    np.testing.assert_array_equal(batches(24, 8).at(1, 9), batches(24, 8).order(0)[:, 8:])


@each_size
def test_the_size_of_a_batch_is_known_beforehand(m: int, size: int | None) -> None:
    made = batches(m, size)
    assert [made.size(step) for step in range(3 * made.per_epoch)] == [
        batch.shape[1] for epoch in range(3) for batch in epoch_of(made, epoch)
    ]


def test_with_replacement_examples_are_drawn_at_random() -> None:
    made = batches(20, 5, replacement=True)
    orders = np.array([made.order(epoch)[0] for epoch in range(500)])
    distinct = np.array([len(set(order)) for order in orders.tolist()])
    # 20 draws of 20 leave 20 (1 - 1/20)^20 = 7.17 out on average.
    assert np.mean(20 - distinct) == pytest.approx(20 * 0.95**20, rel=0.05)
    counts = np.bincount(orders.ravel(), minlength=20)
    chi_square = np.sum((counts - 500) ** 2 / 500)
    assert 19 - 4 * np.sqrt(2 * 19) < chi_square < 19 + 5 * np.sqrt(2 * 19)


@each_size
@pytest.mark.parametrize("replacement", [False, True])
def test_examples_and_steps_by_counting(m: int, size: int | None, replacement: bool) -> None:
    made = batches(m, size, replacement=replacement)
    used = [0]
    for epoch in range(4):
        for batch in epoch_of(made, epoch):
            used.append(used[-1] + batch.shape[1])
    assert [made.examples(step) for step in range(len(used))] == used
    for examples in range(1, used[-1] + 1):
        assert made.steps_for(examples) == next(step for step, so_far in enumerate(used) if so_far >= examples)


def test_all_optimizers_see_the_same_batches() -> None:
    # With so small a rate nothing moves, and the batch losses tell which examples a step saw.
    seeds, seen = (0, 1, 0), []
    for kind in Optimizer.kinds:
        objective = learning(MODELS[0], variant=VARIANTS[2], seeds=seeds)
        recording = Recording(batch_loss=True)
        runs = plan(objective, 9, (kind, [{"lr": 1e-300, "weight_decay": 0.0}] * 3), recording=recording)
        watch = train(runs, start(objective, [0] * 3))[1]
        seen.append([watch.column(run, "batch_loss").tolist() for run in range(3)])
    assert all(losses == seen[0] for losses in seen)
    assert len(set(seen[0][0])) == 10
    assert seen[0][0] == seen[0][2] != seen[0][1]


def test_initial_weights_depend_on_seed_and_layer_alone() -> None:
    network = Network((Layer(4, 4, "relu"), Layer(4, 4)))
    one, again, other = (network.initial("xavier", None, seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(one, again)
    assert not np.any(one[one != 0] == other[other != 0])
    names = network.named(one)
    assert not np.any(names["weights_1"] == names["weights_2"])


@pytest.mark.parametrize(
    ("kind", "scale", "deviation", "limit"),
    [
        ("xavier", None, np.sqrt(2 / 500), np.sqrt(6 / 500)),  # uniform: the limit over √3
        ("he", None, np.sqrt(2 / 300), np.inf),
        ("normal", None, 0.01, np.inf),
        ("normal", 0.5, 0.5, np.inf),
        ("zeros", None, 0.0, 0.0),
    ],
)
def test_initial_weights_of_a_big_layer(kind: str, scale: float | None, deviation: float, limit: float) -> None:
    named = Network((Layer(300, 200),)).named(Network((Layer(300, 200),)).initial(kind, scale, 0))
    weights, biases = named["weights_1"], named["biases_1"]
    assert weights.shape == (300, 200)
    assert weights.std() == pytest.approx(deviation, rel=0.02)
    assert abs(weights.mean()) <= 5 * deviation / np.sqrt(weights.size)
    assert np.abs(weights).max() <= limit
    assert limit in (0, np.inf) or np.abs(weights).max() > 0.999 * limit
    np.testing.assert_array_equal(biases, np.zeros(200))


def test_relu_and_its_kin_begin_as_he_says() -> None:
    usual = {name: activation.initial for name, activation in ACTIVATIONS.items()}
    assert {name for name, initial in usual.items() if initial == "he"} == {"relu", "leaky_relu", "elu", "gelu"}
    assert set(usual.values()) == {"he", "xavier"}


NOISY = SurfaceCase("plateau", "plateau", {"noise": 0.5}, (1.0, 1.0), 0.0, 0.0)


def test_noise_on_a_surface_has_its_deviation_and_belongs_to_seed_and_step() -> None:
    objective = surface(NOISY, [{"noise": 0.5}, {"noise": 2.0}, {"noise": 2.0}], (0, 0, 1), FLOAT64)
    far = np.full((3, 2), 1e3)  # flat: the gradient is all noise
    gradient, drawn = np.empty((3, 2)), []
    for step in range(2100):
        objective.loss_and_gradient(far, step, gradient)
        drawn.append(gradient.copy())
    noise = np.array(drawn)
    np.testing.assert_allclose(noise.std(axis=(0, 2)), [0.5, 2.0, 2.0], rtol=0.05)
    np.testing.assert_allclose(noise[:, 0] * 4, noise[:, 1], rtol=1e-12)
    assert not np.any(noise[:, 1] == noise[:, 2])
    assert len(set(noise[:, 0].ravel().tolist())) == noise[:, 0].size
    # Going back, as a resumed run does, gives the same.
    objective.loss_and_gradient(far, 1030, gradient)
    np.testing.assert_array_equal(gradient, noise[1030])


def test_noise_is_the_stacks_precision() -> None:
    objective = surface(NOISY, [{}], (0,), FLOAT32)
    gradient = np.empty((1, 2), np.float32)
    objective.loss_and_gradient(np.full((1, 2), 1e3, np.float32), 0, gradient)
    assert {noise.dtype for noise in objective.noise.values()} == {FLOAT32}
