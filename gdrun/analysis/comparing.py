"""Paired differences to the winner, tested once for all rows of a ranking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gdrun.analysis.choice import Scored, units
from gdrun.analysis.ranked import Difference, Test
from gdrun.analysis.statistics import estimate, holm, pairs_for_wilcoxon, rounded_differences, t_test, wilcoxon_test


@dataclass(frozen=True)
class Pairs:
    """A row's and the winner's independent values on the splits and seeds they share."""

    row: list[float]
    winner: list[float]
    count: int

    @property
    def differences(self) -> list[float]:
        """The row less the winner."""
        return [a - b for a, b in zip(self.row, self.winner, strict=True)]

    @property
    def testable(self) -> bool:
        """Two pairs or more, and something that varies by chance."""
        return len(self.row) > 1 and (len(set(self.row)) > 1 or len(set(self.winner)) > 1)


@dataclass(frozen=True)
class Compared:
    """The differences of all rows behind the winner, None where there are no common seeds, and how they were tested."""

    differences: list[Difference | None]
    test: Test | None
    comparisons: int
    pairs: int


def compare(winner: Scored, others: Sequence[Scored], overlap: float) -> Compared:
    """Differences to the winner with intervals and p-values, as they are and corrected for their number."""
    paired = [_pairs(winner, other) for other in others]
    tested = [pairs for pairs in paired if pairs and pairs.testable]
    fewest = min((len(pairs.row) for pairs in tested), default=0)
    test = choose_test(fewest, len(tested), overlap) if tested else None
    p_values = [_p_value(pairs, test, overlap) if pairs and pairs.testable else None for pairs in paired]
    differences = [
        Difference(estimate(pairs.differences, overlap), pairs.count, p, corrected) if pairs else None
        for pairs, p, corrected in zip(paired, p_values, holm(p_values), strict=True)
    ]
    return Compared(differences, test, len(tested), fewest)


def choose_test(pairs: int, comparisons: int, overlap: float) -> Test:
    """Wilcoxon's where it can reach p < 0.05 after Holm; not for splits of one dataset, which are not independent."""
    if overlap:
        return "corrected t"
    return "wilcoxon" if pairs >= pairs_for_wilcoxon(comparisons) else "t"


def _p_value(pairs: Pairs, test: Test | None, overlap: float) -> float | None:
    differences = rounded_differences(pairs.row, pairs.winner)
    return wilcoxon_test(differences) if test == "wilcoxon" else t_test(differences, overlap)


def _pairs(winner: Scored, other: Scored) -> Pairs | None:
    if winner.mean is None or other.mean is None:
        return None
    common = winner.values.keys() & other.values.keys()
    if not common:
        return None
    row, best = (units({place: each.values[place] for place in common}, each.by_split) for each in (other, winner))
    return Pairs(row, best, len(common))
