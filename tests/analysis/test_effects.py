"""Which settings matter, on outcomes that are made to depend on some and not on others."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from gdrun.analysis.diagnosis.effects import main_effects

GRID = [{"a": str(a), "b": str(b), "seed": str(seed)} for a, b, seed in product(range(3), range(2), range(4))]


def test_the_share_of_each_setting() -> None:
    outcomes = [3.0 * int(one["a"]) + int(one["b"]) for one in GRID]
    first, second = main_effects(outcomes, GRID)[:2]
    # variances of 0, 3, 6 and of 0, 1 by themselves: 6 and 0.25; then less what chance puts there
    share = 6 / 6.25
    assert (first.name, second.name, first.best) == ("a", "b", "0")
    assert first.share == pytest.approx(1 - (1 - share) * 23 / 21)
    assert second.share == pytest.approx(max(0, 1 - (1 - 0.25 / 6.25) * 23 / 22), abs=1e-12)
    assert first.means == {"0": pytest.approx(0.5), "1": pytest.approx(3.5), "2": pytest.approx(6.5)}


def test_chance_explains_nothing_on_average() -> None:
    rng = np.random.default_rng(0)
    shares = [effect.share for _ in range(200) for effect in main_effects(rng.normal(size=24).tolist(), GRID)]
    assert np.mean(shares) < 0.05


def test_what_nothing_can_be_said_of_is_left_out() -> None:
    assert main_effects([1.0, 2.0], [{"a": "0"}, {"a": "1"}]) == []
    assert main_effects([1.0] * 24, GRID) == []
    assert main_effects([1.0, 2.0, 3.0], [{"a": "0"}] * 3) == []
    some = [{"a": "0", "c": "1"}, {"a": "0", "c": "2"}, {"a": "1", "c": "1"}, {"a": "1"}]
    assert [effect.name for effect in main_effects([1.0, 1.5, 3.0, 3.5], some)] == ["a", "c"]
