"""21: the start decides nothing on a convex loss, and much in a network; equal weights remain equal."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from gdrun.descent.parts import Array
from tests.textbook.made import compared, config, lines, path, paths, records, trained


def test_on_a_convex_loss_all_starts_end_in_the_same_place() -> None:
    settings = config("21-convex", steps=400)
    found = compared(settings)
    assert found.unmet == []
    walked = paths(found, "random")
    starts, ends = (np.array([each[place] for each in walked]) for place in (0, -1))
    assert starts[:, :2].std(axis=0).min() > 1  # the bias begins at 0
    np.testing.assert_allclose(ends, np.broadcast_to(ends[0], ends.shape), atol=1e-4)
    np.testing.assert_allclose(paths(found, "zeros")[0][-1], ends[0], atol=1e-4)


def test_a_network_ends_where_its_first_weights_lead_it() -> None:
    settings = config("21-network", epochs=300, expect={}) | {"compare": {"seeds": 30}}
    found = compared(settings)
    ends = found.runs["final_train_loss"].to_numpy()
    stuck = int((ends > 0.3).sum())
    # neither never nor always
    low, high = stats.binomtest(stuck, len(ends)).proportion_ci(0.95)
    assert 0 < low < high < 0.9
    # and they are stuck: the other 300 epochs change little, where the losses of the two kinds are far apart
    assert np.sort(ends)[-stuck:].min() - np.sort(ends)[:-stuck].max() > 0.03


def test_the_config_shows_both_kinds() -> None:
    found = compared(config("21-network"))
    assert found.unmet == []
    for label in ("start 0", "start 1"):
        loss = records(found, label, "train_loss")[0]
        assert loss[-1] > 0.95 * loss[len(loss) // 2]


def units(name: str, **changes: Any) -> Array:
    """Of the hidden units at each record: their weights, bias and output weight, (n, 4, units)."""
    walked = path(trained(config("21-zeros", epochs=60, **changes) | {"compare": None}))
    count = (walked.shape[1] - 1) // 4
    hidden, rest = walked[:, : 3 * count].reshape(-1, 3, count), walked[:, 3 * count : 4 * count]
    return np.concatenate([hidden, rest[:, None]], axis=1)


@pytest.mark.parametrize("descent", [{"variant": "batch"}, {"variant": "minibatch", "batch_size": 20}])
@pytest.mark.parametrize("initial", ["zeros", [0.3] * 17])
def test_units_that_begin_alike_remain_alike(descent: dict[str, Any], initial: Any) -> None:
    found = units("21-zeros", model={"initial": initial}, descent=descent)
    np.testing.assert_allclose(found, np.broadcast_to(found[:, :, :1], found.shape), rtol=1e-9, atol=1e-12)
    moved = np.abs(found[-1] - found[0]).max()
    # with zeros on both sides there is not even a gradient
    assert moved == 0 if initial == "zeros" else moved > 0.1


def test_small_random_weights_part_them() -> None:
    found = units("21-zeros", model={"initial": "normal", "initial_scale": 0.1})
    assert found[-1].std(axis=1).min() > 2 * 0.1


def test_alike_is_worth_one_unit_and_random_solves_it() -> None:
    found = compared(config("21-zeros"))
    assert found.unmet == []
    assert lines(found, "alike")["final_train_loss"].min() > 0.4
    assert lines(found, "zeros")["final_train_loss"].to_numpy() == pytest.approx(np.log(2), abs=1e-6)
