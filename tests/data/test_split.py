"""The split: every example once, classes in proportion, the same for the same seed."""

import numpy as np
import pytest

from gdrun.data import DataError
from gdrun.data.split import split


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("validation", "test"), [(0.2, 0.0), (0.2, 0.1), (0.0, 0.3), (0.0, 0.0), (0.5, 0.4)])
def test_every_example_once_and_classes_in_proportion(seed: int, validation: float, test: float) -> None:
    labels = np.repeat([0.0, 1.0, 2.0], [50, 31, 7])
    np.random.default_rng(seed).shuffle(labels)
    train, for_validation, for_test = split(labels, validation, test, seed)
    assert sorted([*train, *for_validation, *for_test]) == list(range(88))
    for rows, share in ((for_validation, validation), (for_test, test)):
        assert 88 * share <= len(rows) < 88 * share + 1
        for label, total in ((0, 50), (1, 31), (2, 7)):
            assert abs(np.sum(labels[rows] == label) - total * share) <= 1


def test_sizes_by_hand() -> None:
    # 100 x 0.07 is 7.000000000000001 in floating point; 1797 digits leave 1437 for training.
    assert len(split(np.zeros(100), 0.07, 0.0, 0)[1]) == 7
    assert [len(part) for part in split(np.zeros(1797), 0.2, 0.0, 0)] == [1437, 360, 0]
    # Quotas 2.5 and 0.5 of three: two and a half is rounded up first only if its remainder is larger; a tie goes first.
    labels = np.repeat([0.0, 1.0], [10, 2])
    assert np.bincount(labels[split(labels, 0.25, 0.0, 0)[1]].astype(int), minlength=2).tolist() == [3, 0]


def test_a_rare_class_keeps_its_training_example() -> None:
    labels = np.array([0.0] * 9 + [1.0] + [2.0] * 2)
    for seed in range(20):
        train, validation, test = split(labels, 0.4, 0.4, seed)
        assert set(labels[train]) == {0.0, 1.0, 2.0}
        assert len(validation)
        assert len(test)


def test_the_seed_decides_the_order() -> None:
    first, again, other = (split(np.zeros(40), 0.25, 0.25, seed) for seed in (3, 3, 4))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not any(np.array_equal(a, b) for a, b in zip(first, other, strict=True))
    assert not np.array_equal(first[0], np.sort(first[0]))


@pytest.mark.parametrize(
    ("labels", "validation", "test", "setting", "message"),
    [
        ([0.0] * 10, 0.6, 0.4, "validation", "validation 0.6 and test 0.4 leave nothing to train on"),
        ([0.0, 1.0, 2.0], 0.2, 0.0, "validation", "validation 0.2 of 3 examples: too few to leave any"),
        ([0.0], 0.0, 0.5, "test", "test 0.5 of 1 examples: too few to leave any"),
    ],
)
def test_an_empty_part(labels: list[float], validation: float, test: float, setting: str, message: str) -> None:
    with pytest.raises(DataError) as error:
        split(np.array(labels), validation, test, 0)
    assert (str(error.value), error.value.setting) == (message, setting)
