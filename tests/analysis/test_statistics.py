from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from scipy import stats

from gdrun.analysis.choice import units
from gdrun.analysis.statistics import (
    estimate,
    holm,
    pairs_for_wilcoxon,
    rounded_differences,
    t_test,
    wilcoxon_test,
)

A = [0.081, 0.075, 0.092, 0.0788, 0.0845, 0.0801, 0.0902]
B = [0.084, 0.0791, 0.0899, 0.0866, 0.0851, 0.0833, 0.0921]
D = [b - a for a, b in zip(A, B, strict=True)]


@pytest.mark.parametrize("values", [A, B, D, A[:2], [-3.0, 5.0, 1e-9], [1e200, 2e200, 4e200], [3e-300, 5e-300, 4e-300]])
def test_the_interval_is_scipys(values: list[float]) -> None:
    found = estimate(values)
    scale = max(map(abs, values))  # SciPy squares the values, which overflows
    there = stats.ttest_1samp([value / scale for value in values], 0).confidence_interval(0.95)
    assert found.mean == pytest.approx(float(np.mean([value / scale for value in values])) * scale, rel=1e-14)
    assert (found.low, found.high) == pytest.approx((there.low * scale, there.high * scale), rel=1e-10)
    assert found.n == len(values)


def test_the_interval_by_hand() -> None:
    # mean 2, s = 1, n = 3: t(2, 0.975) = 4.302653, so 2 ± 4.30265/√3
    found = estimate([1.0, 2.0, 3.0])
    assert (found.low, found.high) == pytest.approx((2 - 2.484138, 2 + 2.484138), abs=1e-6)
    # corrected: √(1/3 + 1/4) = 0.763763 instead of 1/√3 = 0.577350
    wider = estimate([1.0, 2.0, 3.0], overlap=0.25)
    assert (wider.low, wider.high) == pytest.approx((2 - 3.286205, 2 + 3.286205), abs=1e-6)


def test_one_value_has_no_interval_and_equal_values_one_without_width() -> None:
    assert estimate([0.3]).low is None
    assert estimate([0.3]).high is None
    same = estimate([0.1] * 3)
    assert (same.mean, same.low, same.high) == (0.1, 0.1, 0.1)  # though 0.1 + 0.1 + 0.1 is not 0.3


def test_numbers_near_the_largest_float_give_no_error() -> None:
    assert estimate([1e308, 1.5e308]).mean == pytest.approx(1.25e308)


def test_the_paired_t_test_is_scipys_and_the_corrected_one_by_its_formula() -> None:
    assert t_test(D) == pytest.approx(float(stats.ttest_rel(B, A).pvalue), rel=1e-10)
    t = np.mean(D) / math.sqrt((1 / 7 + 0.25) * np.var(D, ddof=1))
    assert t_test(D, 0.25) == pytest.approx(2 * float(stats.t.sf(abs(t), 6)), rel=1e-10)


def test_a_t_test_without_variation_says_nothing() -> None:
    assert t_test([0.5, 0.5, 0.5]) is None
    assert t_test([0.0, 0.0]) == 1.0


@pytest.mark.parametrize("n", [1, 2, 5, 6, 7, 12, 30, 50])
def test_wilcoxon_is_scipys_exact_one(n: int) -> None:
    random = np.random.default_rng(n)
    for shift in (0.0, 0.5, 3.0):
        d = random.standard_normal(n) + shift
        assert wilcoxon_test(d.tolist()) == pytest.approx(float(stats.wilcoxon(d, method="exact").pvalue), rel=1e-12)


@pytest.mark.parametrize("d", [[1, 1, 2, -2, 3, 3, 3, -1], [1, 1, 1, 1, 1, 1], [0, 0, 2, -1, 3, 3, 1], [2, 2, -2, -2]])
def test_wilcoxon_with_ties_and_zeros_counts_all_signs(d: list[float]) -> None:
    sizes = np.array([abs(x) for x in d if x])
    ranks = stats.rankdata(sizes)
    signs = np.array([x > 0 for x in d if x])
    observed = abs(ranks @ np.where(signs, 1, -1))
    sums = [abs(ranks @ np.array(way)) for way in product((1, -1), repeat=len(ranks))]
    assert wilcoxon_test(d) == pytest.approx(float(np.mean(np.array(sums) >= observed - 1e-9)))


def test_wilcoxon_by_hand() -> None:
    assert wilcoxon_test([1, 2, 3, 4, 5, 6]) == 2 / 2**6
    assert wilcoxon_test([1, 2, 3, 4, 5]) == 2 / 2**5
    assert wilcoxon_test([-1, 2, 3, 4, 5, 6]) == 4 / 2**6  # W = 1: none or the smallest alone is negative
    assert wilcoxon_test([0, 0, 0]) == 1.0


def test_wilcoxon_of_many_pairs_is_scipys_approximation() -> None:
    d = np.round(np.random.default_rng(0).standard_normal(400) + 0.1, 1)  # with ties and zeros
    there = stats.wilcoxon(d, method="asymptotic").pvalue
    assert wilcoxon_test(d.tolist()) == pytest.approx(float(there), rel=1e-10)


def test_holm_by_hand() -> None:
    # sorted 0.01, 0.02, 0.03, 0.04 times 4, 3, 2, 1 is 0.04, 0.06, 0.06, 0.04; never less than the one before
    assert holm([0.04, 0.01, 0.03, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm([0.01, None, 0.6, 0.7]) == pytest.approx([0.03, None, 1.0, 1.0])
    assert holm([]) == []
    assert holm([None]) == [None]


@pytest.mark.parametrize(("comparisons", "pairs"), [(1, 6), (2, 7), (3, 7), (4, 8), (10, 9), (100, 12)])
def test_the_pairs_that_wilcoxon_needs(comparisons: int, pairs: int) -> None:
    assert pairs_for_wilcoxon(comparisons) == pairs
    smallest = [wilcoxon_test(list(range(1, n + 1))) for n in (pairs - 1, pairs)]
    reached = [holm([p] + [1.0] * (comparisons - 1))[0] for p in smallest]
    assert [p is not None and p < 0.05 for p in reached] == [False, True]


def test_differences_equal_but_for_rounding_are_tied() -> None:
    a, b = [0.3, 0.4, 0.2, 0.8], [0.2, 0.3, 0.2, 0.7]
    assert len({x - y for x, y in zip(a, b, strict=True)}) > 2
    assert len(set(rounded_differences(a, b))) == 2
    assert rounded_differences(a, b)[2] == 0
    assert rounded_differences([0.0], [0.0]) == [0.0]
    assert rounded_differences([2e-9, 1e-9], [1e-9, 2e-9]) == pytest.approx([2**39, -(2**39)], rel=0.9)


def share_that_holds(values: np.ndarray[tuple[int, int], np.dtype[np.float64]], truth: float, overlap: float) -> float:
    found = [estimate(sample.tolist(), overlap) for sample in values]
    held = [each.low is not None and each.high is not None and each.low <= truth <= each.high for each in found]
    return float(np.mean(held))


@pytest.mark.parametrize("n", [3, 5, 20])
def test_95_of_100_intervals_hold_the_truth(n: int) -> None:
    values = np.random.default_rng(1).normal(0.3, 0.1, (2000, n))
    # standard deviation of the share: √(0.95 × 0.05 / 2000) = 0.005
    assert share_that_holds(values, 0.3, 0.0) == pytest.approx(0.95, abs=0.016)
    assert share_that_holds(values, 0.3, 0.25) > 0.97


@pytest.mark.parametrize("n", [3, 10])
def test_the_correction_makes_up_for_values_that_are_correlated(n: int) -> None:
    # Nadeau & Bengio's model: any two splits correlate by n_test/(n_test + n_train), here 0.2, a share like 0.8 : 0.2.
    random = np.random.default_rng(2)
    common, own = random.normal(0, np.sqrt(0.2), (2000, 1)), random.normal(0, np.sqrt(0.8), (2000, n))
    assert share_that_holds(common + own, 0.0, 0.25) == pytest.approx(0.95, abs=0.016)
    assert share_that_holds(common + own, 0.0, 0.0) < 0.93


def errors_on_splits(random: np.random.Generator, splits: int, seeds: int) -> dict[tuple[int, int], float]:
    """Validation losses of least squares on random splits of one dataset, the fit slightly off by each seed."""
    X = random.standard_normal((100, 5))
    y = X.sum(axis=1) + random.standard_normal(100)
    errors = {}
    for split in range(splits):
        order = random.permutation(100)
        held, rest = order[:20], order[20:]
        w = np.linalg.lstsq(X[rest], y[rest])[0]
        for seed in range(seeds):
            off = w + 0.02 * random.standard_normal(5)
            errors[split, seed] = float(np.mean((y[held] - X[held] @ off) ** 2))
    return errors


@pytest.mark.parametrize(
    ("splits", "seeds", "naive", "pairs"), [(5, 1, 0.9, 0.98), (2, 5, 0.5, 0.65), (5, 5, 0.5, 0.85)]
)
def test_the_correction_holds_on_splits_of_real_regressions(
    splits: int, seeds: int, naive: float, pairs: float
) -> None:
    random = np.random.default_rng(3)
    samples = [errors_on_splits(random, splits, seeds) for _ in range(800)]
    means = np.array([units(sample, by_split=True) for sample in samples])
    every = np.array([units(sample, by_split=False) for sample in samples])
    assert means.shape[1] == splits
    assert 0.90 < share_that_holds(means, float(means.mean()), 0.25) < 0.98
    # What would go wrong: no correction, and seeds on one split taken for independent.
    assert share_that_holds(every, float(means.mean()), 0.0) < naive
    assert share_that_holds(every, float(means.mean()), 0.25) < pairs
