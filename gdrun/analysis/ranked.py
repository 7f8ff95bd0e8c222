"""A ranking as data, ready for a table in any format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from gdrun.analysis.choice import Edge
from gdrun.analysis.statistics import Estimate

Test: TypeAlias = Literal["wilcoxon", "t", "corrected t"]


@dataclass(frozen=True)
class Counts:
    """How many runs there are, and how they ended."""

    runs: int
    diverged: int
    failed: int
    missing: int
    """Runs that ended well without a finite criterion, or, for `steps_to_target` and the like, without reaching it."""


@dataclass(frozen=True)
class ToTarget:
    """What it took to reach the target, means over seeds; None where a seed never did."""

    steps: float | None
    examples: float | None
    seconds: float | None
    reached: int
    runs: int


@dataclass(frozen=True)
class Difference:
    """A row's best setting less the winner's, over the splits and seeds they share."""

    estimate: Estimate
    pairs: int
    p: float | None
    """None where nothing varies, or for a single pair."""
    p_holm: float | None


@dataclass(frozen=True)
class RankedRow:
    """A row of the ranking."""

    rank: int
    """Rows that are equal to the bit share one."""
    label: str
    key: Mapping[str, Any]
    """The settings that make the row, and the candidate where candidates are compared."""
    candidate: int
    """Of the best setting."""
    settings: Mapping[str, Any]
    """The best setting: all keys that vary in the sweep."""
    tuned: Mapping[str, Any]
    """Those of them that the label leaves open."""
    tuned_text: str
    estimate: Estimate | None
    """Of the criterion; None where the best setting has a run without a value."""
    tried: int
    """Number of settings."""
    counts: Counts
    """All the row's runs."""
    best: Counts
    """The best setting's runs, by which the row is ranked."""
    seeds: int
    splits: int
    """On how many the runs of the best setting are."""
    wanted: int
    """Number of splits and seeds that the best setting should have run on."""
    to_target: ToTarget | None
    good_rates: tuple[float, float] | None
    edge: Edge | None
    difference: Difference | None
    test: Estimate | None
    """The best setting on the test set."""


@dataclass(frozen=True)
class Caution:
    """What to keep in mind about a ranking: a word for programs, a sentence for people."""

    code: str
    text: str


@dataclass(frozen=True)
class Ranking:
    """The rows that may be compared with each other, the best first."""

    problem: Mapping[str, Any]
    """Settings of dataset and loss that tell this ranking from the others."""
    criterion: str
    higher_is_better: bool
    rows: tuple[RankedRow, ...]
    test: Test | None
    """The test of the differences."""
    comparisons: int
    """Number of differences tested, for Holm's correction."""
    pairs: int
    """Smallest number of independent pairs in them."""
    seeds: int
    splits: int
    overlap: float
    """n_test/n_train where splits of one dataset were swept."""
    on_data: bool
    """False on surfaces."""
    penalty_varies: bool
    """Whether `model.l2` was swept, which the training loss includes."""
    confirmed: bool
    target: float | None
    """The loss that `to_target` is about."""
    test_column: str | None
    cautions: tuple[Caution, ...] = ()
