"""Means, intervals and tests over seeds and splits; the distributions are SciPy's, which is imported when needed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

LEVEL = 0.95
SIGNIFICANT = 0.05
EXACT = 50
"""Largest number of pairs whose Wilcoxon distribution is computed exactly, as in SciPy."""


@dataclass(frozen=True)
class Estimate:
    """A mean with its 95 % interval; no interval (None) where a single value was measured."""

    mean: float
    low: float | None
    high: float | None
    n: int
    """Number of independent values: seeds, or splits where several were swept."""


def estimate(values: Sequence[float], overlap: float = 0.0) -> Estimate:
    """Mean and 95 % t-interval; `overlap` is n_test/n_train of random splits of one dataset (Nadeau & Bengio 2003)."""
    n = len(values)
    mean, deviation = mean_and_deviation(values)
    if n == 1:
        return Estimate(mean, None, None, n)
    half = _t_quantile(n - 1) * standard_error(deviation, n, overlap)
    return Estimate(mean, mean - half, mean + half, n)


def mean_and_deviation(values: Sequence[float]) -> tuple[float, float]:
    """Mean and sample standard deviation (0 for one value); equal values give exactly themselves and 0."""
    n, first = len(values), float(values[0])
    if all(value == first for value in values):
        return first, 0.0
    # Divided by a power of two, which is exact, no square overflows.
    scale = math.ldexp(1.0, math.frexp(max(map(abs, values)))[1] - 1)
    scaled = [value / scale for value in values]
    mean = math.fsum(scaled) / n
    variance = math.fsum((value - mean) * (value - mean) for value in scaled) / (n - 1)
    return mean * scale, math.sqrt(variance) * scale


def standard_error(deviation: float, n: int, overlap: float = 0.0) -> float:
    """√(1/n + n_test/n_train) s: without the overlap the usual one, with it the corrected (Nadeau & Bengio 2003)."""
    return deviation * math.sqrt(1 / n + overlap)


def t_test(differences: Sequence[float], overlap: float = 0.0) -> float | None:
    """Two-sided p of the paired t-test, corrected for `overlap` (Nadeau & Bengio 2003); None without any variation."""
    from scipy.special import stdtr

    n = len(differences)
    mean, deviation = mean_and_deviation(differences)
    if deviation == 0:
        return 1.0 if mean == 0 else None
    return 2 * float(stdtr(n - 1, -abs(mean) / standard_error(deviation, n, overlap)))


def wilcoxon_test(differences: Sequence[float]) -> float:
    """Two-sided p of the signed-rank test (Wilcoxon 1945): zeros left out, ties at their mean rank, exact to 50 pairs.

    Beyond that the normal approximation, its variance corrected for ties.
    """
    d = np.array([difference for difference in differences if difference != 0])
    if len(d) == 0:
        return 1.0
    ranks = _doubled_ranks(np.abs(d))
    smaller = int(min(ranks[d > 0].sum(), ranks[d < 0].sum()))
    if len(d) <= EXACT:
        return min(1.0, 2 * float(_signed_rank_cdf(tuple(sorted(ranks.tolist())))[smaller]))
    from scipy.special import ndtr

    # Each doubled rank is added or not by the toss of a coin: mean r/2, variance r²/4.
    return 2 * float(ndtr((smaller - ranks.sum() / 2) / math.sqrt(float((ranks.astype(float) ** 2).sum()) / 4)))


def _doubled_ranks(sizes: np.ndarray[tuple[int], np.dtype[np.float64]]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Ranks from 1 times 2, whole numbers even where ties share a mean rank."""
    _, place, counts = np.unique(sizes, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    doubled: np.ndarray[tuple[int], np.dtype[np.int64]] = (2 * last - counts + 1)[place]
    return doubled


@lru_cache(maxsize=1024)
def _signed_rank_cdf(ranks: tuple[int, ...]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """P(W ≤ w) for w = 0, 1, …, where each rank is added to W with probability 1/2."""
    chances = np.ones(1)
    for rank in ranks:
        longer = np.zeros(len(chances) + rank)
        longer[: len(chances)] += chances / 2
        longer[rank:] += chances / 2
        chances = longer
    return np.cumsum(chances)


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """p-values corrected for their number (Holm 1979); None, where nothing was tested, counts for nothing."""
    tested = sorted((p, i) for i, p in enumerate(p_values) if p is not None)
    corrected: list[float | None] = [None] * len(p_values)
    highest = 0.0
    for place, (p, i) in enumerate(tested):
        highest = max(highest, min(1.0, (len(tested) - place) * p))
        corrected[i] = highest
    return corrected


def pairs_for_wilcoxon(comparisons: int) -> int:
    """The fewest pairs whose smallest possible p, 2/2^n, stays below 0.05 times `comparisons` (Holm's first step)."""
    n = 1
    while comparisons * 2.0 ** (1 - n) >= SIGNIFICANT:
        n += 1
    return n


def rounded_differences(a: Sequence[float], b: Sequence[float]) -> list[float]:
    """Differences a - b in whole units of 2^-40 of the largest value, so that those equal but for rounding tie."""
    largest = max(map(abs, (*a, *b)), default=0.0)
    if largest == 0:
        return [0.0] * len(a)
    scale = math.ldexp(1.0, math.frexp(largest)[1] - 1)
    return [float(round((x / scale - y / scale) * 2**40)) for x, y in zip(a, b, strict=True)]


@lru_cache(maxsize=1024)
def _t_quantile(df: int) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(df, (1 + LEVEL) / 2))
