"""Batches gathered several steps ahead are those of each step."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gdrun.descent import loader
from gdrun.descent.batches import Batches, Indices
from gdrun.descent.examples import Examples
from gdrun.descent.loader import Loader
from gdrun.descent.memory import Block
from gdrun.descent.parts import Array
from tests.descent.setups import FLOAT64, sample

M, SIZE, CLASSES = 23, 8, 3
SEEDS = {"one": (4, 4, 4, 4), "two": (4, 4, 7, 7), "own": (4, 7, 4, 9)}


def logits(runs: int, rows: int) -> Array:
    """Outputs (R, B, K) with numbers of their own, as they lie in memory."""
    return np.random.default_rng(rows).normal(size=(CLASSES, runs, rows)).transpose(1, 2, 0)


def assert_hands_out(
    made: Loader, train: Examples, step: int, chosen: list[Indices], rows: slice = slice(0, None)
) -> None:
    """The part of a step has these examples for each run, and its targets the logits of their classes."""
    size = len(chosen[0][rows])
    Z = logits(len(chosen), size)
    X, places = made.part(step, slice(rows.start, rows.start + size), Z)
    found = Z.transpose(2, 0, 1).ravel()[places[:, :, 0]]
    each = len(chosen) // len(X)
    for run, examples in enumerate(chosen):
        np.testing.assert_array_equal(X[run // each, 0], train.X[examples[rows]])
        assert train.labels is not None
        np.testing.assert_array_equal(found[run], Z[run, np.arange(size), train.labels[examples[rows]]])


def training_set() -> Examples:
    return sample(M, 4, CLASSES, CLASSES, FLOAT64)


@pytest.mark.parametrize("room", [1, 1000, 1 << 21])
@pytest.mark.parametrize("seeds", SEEDS.values(), ids=SEEDS)
def test_each_step_has_its_batch_however_many_are_gathered(
    seeds: tuple[int, ...], room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loader, "AHEAD_BYTES", room)
    train, batches = training_set(), Batches(M, SIZE, False, np.array(seeds, np.uint64))
    made = Loader(train, batches, Block())
    for step in (0, 1, 2, 3, 4, 5, 6, 1, 2, 8):  # the third of an epoch is short; then back and ahead
        orders = [Batches(M, SIZE, False, np.array([seed], np.uint64)).order(step // 3)[0] for seed in seeds]
        first = step % 3 * SIZE
        assert_hands_out(made, train, step, [order[first : first + SIZE] for order in orders])


def test_parts_of_a_batch() -> None:
    train, batches = training_set(), Batches(M, 20, False, np.array([4, 7], np.uint64))
    made = Loader(train, batches, Block())
    for step in (0, 2):
        for rows in (slice(0, 10), slice(10, 20)):
            assert_hands_out(made, train, step, list(batches.at(step)), rows)


def test_all_examples_in_every_step_are_not_copied() -> None:
    train, batches = training_set(), Batches(M, None, False, np.array([4, 7], np.uint64))
    made = Loader(train, batches, Block())
    for step in (0, 1, 1000):
        assert_hands_out(made, train, step, [np.arange(M)] * 2)
        assert np.shares_memory(made.part(step, slice(0, M), logits(2, M))[0], train.X)


def test_whole_batches_are_gathered_once_for_several_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    train, batches = training_set(), Batches(M, SIZE, False, np.array([4, 4], np.uint64))
    asked: list[int] = []
    at = Batches.at

    def noted(self: Batches, step: int, *most: Any) -> Any:
        asked.append(step)
        return at(self, step, *most)

    monkeypatch.setattr(Batches, "at", noted)
    made = Loader(train, batches, Block())
    for step in range(6):
        made.part(step, slice(0, batches.size(step)), logits(2, batches.size(step)))
    assert set(asked) == {0, 2, 3, 5}  # the short ones by themselves


def test_no_more_is_gathered_than_so_many_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loader, "AHEAD_STEPS", 5)
    made = Loader(training_set(), Batches(M, 1, False, np.array([4], np.uint64)), Block())
    made.part(0, slice(0, 1), logits(1, 1))
    assert made.steps == range(5)
    assert len(made.parts) == 5
