"""20: with the best rate for each batch size, doubling it halves the steps up to a knee and no further."""

from __future__ import annotations

import numpy as np
import pytest

from gdrun.descent.parts import Array
from gdrun.notebook.compared import Compared
from tests.textbook.made import compared, config, ids, interval, merged

SIZES = (2, 8, 64, 256)
RATES = (0.1, 0.28, 0.8, 1.6)
SEEDS, BUDGET = 8, 150


def swept(sizes: tuple[int, ...], noise: float) -> Compared:
    candidates = [
        {"label": f"{size} at {rate}", "descent": {"batch_size": size}, "optimizer": {"lr": rate}}
        for size in sizes
        for rate in RATES
    ]
    settings = config("20-knee", steps=BUDGET, dataset={"examples": 256, "noise": noise})
    return compared(settings | {"compare": {"seeds": SEEDS, "candidates": candidates}})


@pytest.fixture(scope="module")
def found() -> Compared:
    return swept(SIZES, 0.3)


def steps_to(target: float, found: Compared, size: int, rates: tuple[float, ...] = RATES) -> Array:
    """The steps (seeds,) at the rate that is best for a size; the budget where it is not reached."""
    first = found.history[found.history["train_loss"] <= target].groupby("run")["step"].min()
    taken = [first.reindex(ids(found, f"{size} at {rate}"), fill_value=BUDGET).to_numpy(float) for rate in rates]
    return min(taken, key=lambda steps: float(steps.mean()))


def test_steps_fall_in_proportion_below_the_knee_and_hardly_beyond_it(found: Compared) -> None:
    steps = [steps_to(0.06, found, size) for size in SIZES]
    below, beyond = np.log(steps[0] / steps[1]), np.log(steps[2] / steps[3])
    # four times the examples: ideally a quarter of the steps, on either side
    low, high = interval(below, 0.95)
    assert np.log(1.8) < low < high < np.log(6)
    assert interval(beyond, 0.95)[1] < np.log(1.5)
    assert interval(below - beyond, 0.95)[0] > 0


def test_examples_cost_the_same_below_the_knee_and_four_times_as_many_beyond_it(found: Compared) -> None:
    examples = [steps_to(0.06, found, size) * size for size in SIZES]
    assert interval(np.log(examples[1] / examples[0]), 0.95)[1] < np.log(2)
    assert interval(np.log(examples[3] / examples[2]), 0.95)[0] > np.log(2.5)


def test_the_noisier_the_data_the_larger_a_batch_pays(found: Compared) -> None:
    # to the same height above the lowest loss, noise²/2
    noisy = swept((8, 256), 1.0)
    gained = np.log(steps_to(0.145, found, 8) / steps_to(0.145, found, 256))
    more = np.log(steps_to(0.6, noisy, 8) / steps_to(0.6, noisy, 256))
    assert interval(more - gained, 0.95)[0] > 0


def test_at_one_rate_for_all_sizes_there_is_nothing_to_be_seen(found: Compared) -> None:
    low, high = interval(np.log(steps_to(0.06, found, 2, (0.1,)) / steps_to(0.06, found, 256, (0.1,))), 0.95)
    assert np.log(1 / 2) < low < high < np.log(2)


def test_eight_times_the_examples_beyond_the_knee_save_less_than_half_of_the_steps() -> None:
    settings = config("20-knee", optimizer={"lr": [0.28, 0.5, 0.9, 1.6]}, steps=100)
    ends = {"up to 32": [16, 32], "from 32 on": [32, 256]}
    blocks = [{"label": label, "descent": {"batch_size": sizes}} for label, sizes in ends.items()]
    assert compared(merged(settings, {"compare": {"seeds": 5, "candidates": blocks}})).unmet == []


def test_the_config_shows_it_in_numbers() -> None:
    settings = config("20-twice", optimizer={"lr": [0.1, 0.16, 0.5, 1.6]}, compare={"seeds": 3})
    assert compared(settings).unmet == []


def test_the_config_sweeps_over_these_sizes_and_rates() -> None:
    settings = config("20-knee")
    blocks = settings["compare"]["candidates"]
    low, high, _ = settings["optimizer"]["lr"]["log"]
    assert set(SIZES) <= {size for block in blocks for size in block["descent"]["batch_size"]}
    assert low <= min(RATES) < max(RATES) <= high
