"""What a ranking does not say by itself, in words: each caution is a function of the ranking."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from gdrun.analysis.criteria import TO_TARGET
from gdrun.analysis.ranked import Caution, RankedRow, Ranking
from gdrun.analysis.statistics import pairs_for_wilcoxon

TIMES = ("seconds", "seconds_to_target")
NAMED = 3
"""Rows named in one caution; the others are counted."""


def cautions(ranking: Ranking) -> tuple[Caution, ...]:
    """All cautions that hold, what weighs most first."""
    return tuple(chain.from_iterable(of(ranking) for of in ALL))


def all_diverged(ranking: Ranking) -> Iterator[Caution]:
    """Rows of which nothing is left."""
    rows = [row for row in ranking.rows if row.counts.diverged == row.counts.runs]
    if rows:
        told = _told((row, f"{row.counts.runs} of {row.counts.runs}") for row in rows)
        everywhere = len(rows) == len(ranking.rows)
        text = "every run diverged, so nothing is ranked" if everywhere else "diverged in every run"
        yield Caution("all-diverged", f"{text}: {told}; try smaller learning rates")


def diverged_best(ranking: Ranking) -> Iterator[Caution]:
    """Rows without a mean because some seeds diverged even at the best setting."""
    rows = [row for row in ranking.rows if row.best.diverged > 0 and row.counts.diverged < row.counts.runs]
    if rows:
        told = _told((row, f"{row.best.diverged} of {row.best.runs} seeds") for row in rows)
        yield Caution(
            "diverged-best", f"diverged even at the best setting: {told}; no mean over the survivors is shown"
        )


def failed_runs(ranking: Ranking) -> Iterator[Caution]:
    """Runs that an error ended."""
    rows = [row for row in ranking.rows if row.counts.failed]
    if rows:
        told = _told((row, f"{row.counts.failed} of {row.counts.runs}") for row in rows)
        yield Caution("failed-runs", f"runs failed: {told}; a setting with a failed run ranks below those with none")


def criterion_missing(ranking: Ranking) -> Iterator[Caution]:
    """Runs that ended well without a finite criterion."""
    rows = [row for row in ranking.rows if row.counts.missing]
    if rows and ranking.criterion not in TO_TARGET:
        told = _told((row, f"{row.counts.missing} of {row.counts.runs} runs") for row in rows)
        text = f"no finite {ranking.criterion}: {told}; a setting with such a run ranks below those with none"
        yield Caution("criterion-missing", text)


def incomplete_seeds(ranking: Ranking) -> Iterator[Caution]:
    """Best settings that did not run on all splits and seeds."""
    rows = [row for row in ranking.rows if row.best.runs < row.wanted and (row.estimate or not row.best.runs)]
    if rows:
        told = _told((row, f"{row.best.runs} of {row.wanted}") for row in rows)
        yield Caution("incomplete-seeds", f"not all seeds have run: {told}; means over different seeds do not compare")


def one_seed(ranking: Ranking) -> Iterator[Caution]:
    """Best settings that ran once: no interval."""
    rows = [row for row in ranking.rows if row.estimate and row.estimate.n == 1]
    if rows and ranking.seeds * ranking.splits == 1:
        yield Caution("one-seed", "1 seed: no interval and no test; nothing says how far chance alone would go")
    elif rows:
        told = _told((row, _number(row.best.runs, "run")) for row in rows)
        yield Caution("one-seed", f"too few seeds or splits for an interval or a test: {told}")


def no_common_seeds(ranking: Ranking) -> Iterator[Caution]:
    """Rows that cannot be paired with the winner."""
    rows = [row for row in ranking.rows[1:] if row.estimate and not row.difference]
    if rows:
        told = _told((row, "0 pairs") for row in rows)
        yield Caution("no-common-seeds", f"no seed in common with the winner, so no paired difference: {told}")


def few_seeds(ranking: Ranking) -> Iterator[Caution]:
    """Too few pairs for Wilcoxon's test to reach p < 0.05 after Holm."""
    if ranking.test == "t":
        what = "seeds" if ranking.splits == 1 else "splits"
        needed = pairs_for_wilcoxon(ranking.comparisons)
        over = f" over {ranking.comparisons} comparisons (Holm)" if ranking.comparisons > 1 else ""
        text = f"{ranking.pairs} {what}: a Wilcoxon test cannot reach p < 0.05{over}, it takes {needed}"
        yield Caution("few-seeds", f"{text}; the paired t-test is shown, which takes differences for normal")


def exploratory(ranking: Ranking) -> Iterator[Caution]:
    """The winner was chosen on the seeds that judge it."""
    if not ranking.confirmed and any(row.difference for row in ranking.rows):
        tried = sum(row.tried for row in ranking.rows)
        seeds = "this 1 seed" if ranking.seeds == 1 else f"these {ranking.seeds} seeds"
        on = seeds if ranking.splits == 1 else f"these {ranking.splits} splits with {_number(ranking.seeds, 'seed')}"
        text = f"the winner was chosen among {_number(tried, 'setting')} on {on}"
        yield Caution("exploratory", f"{text}: differences are exploratory until --confirm")


def corrected_p(ranking: Ranking) -> Iterator[Caution]:
    """Holm's correction is one of p-values; intervals stay as wide as that of a single comparison."""
    if ranking.comparisons > 1:
        text = f"p is corrected for {ranking.comparisons} comparisons (Holm), intervals are not"
        yield Caution("corrected-p", f"{text}: each holds the truth 95 times in 100 by itself, all of them less often")


def edge_of_grid(ranking: Ranking) -> Iterator[Caution]:
    """Best rates beyond which better ones may lie, be they of a grid or drawn."""
    rows = [row for row in ranking.rows if row.edge]
    if rows:
        told = _told((row, f"{row.settings['optimizer.lr']:.4g} is the {row.edge}") for row in rows)
        yield Caution("edge-of-grid", f"no learning rate was tried beyond the best, where better ones may lie: {told}")


def unequal_settings(ranking: Ranking) -> Iterator[Caution]:
    """Who tries more settings has more chances."""
    if len({row.tried for row in ranking.rows}) > 1:
        told = _told(((row, str(row.tried)) for row in ranking.rows), most=10)
        yield Caution("unequal-settings", f"rows had unequal numbers of settings, more are an advantage: {told}")


def single_split(ranking: Ranking) -> Iterator[Caution]:
    """Seeds vary the training, not the data."""
    if ranking.on_data and ranking.splits == 1 and any(row.estimate and row.estimate.n > 1 for row in ranking.rows):
        text = f"intervals over {_number(ranking.seeds, 'seed')} speak of this data and this 1 split"
        yield Caution("single-split", f"{text}; sweep dataset.seed to widen them")


def corrected_splits(ranking: Ranking) -> Iterator[Caution]:
    """Splits of one dataset share examples."""
    if ranking.splits > 1 and ranking.overlap:
        factor = f"1/{ranking.splits} + {ranking.overlap:.3g}"
        text = (
            f"{ranking.splits} splits of one dataset share examples: intervals and t-tests are over the splits' means"
        )
        yield Caution("corrected-splits", f"{text}, with the variance factor {factor} (Nadeau & Bengio)")


def deterministic(ranking: Ranking) -> Iterator[Caution]:
    """All seeds gave the same."""
    several = [row for row in ranking.rows if row.estimate and row.estimate.n > 1]
    rows = [row for row in several if row.estimate and row.estimate.low == row.estimate.high]
    if rows and ranking.criterion not in TIMES:
        told = _told((row, f"{row.best.runs} equal values") for row in rows)
        yield Caution("deterministic", f"seeds make no difference, so the interval has no width: {told}")


def shared_seconds(ranking: Ranking) -> Iterator[Caution]:
    """Times are not what one run takes by itself."""
    if ranking.criterion in TIMES:
        text = "runs that train together share their time out evenly, and other work on the machine counts"
        yield Caution("shared-seconds", f"{text}: compare seconds with --stack 1 --jobs 1, or steps and examples")


def penalised(ranking: Ranking) -> Iterator[Caution]:
    """The training loss includes the L2 penalty that was swept."""
    if ranking.penalty_varies and ranking.criterion.endswith("train_loss"):
        text = f"{ranking.criterion} includes the L2 penalty, and model.l2 was swept: a smaller model.l2 looks better"
        yield Caution("penalty-in-loss", text)


def no_test(ranking: Ranking) -> Iterator[Caution]:
    """Test results were asked for and are not there."""
    rows = [row for row in ranking.rows if row.estimate and not row.test]
    if ranking.test_column and rows:
        text = f"no finite {ranking.test_column} in {len(rows)} of {_number(len(ranking.rows), 'row')}"
        yield Caution("no-test", f"{text}; dataset.test sets a share apart")


ALL: tuple[Callable[[Ranking], Iterator[Caution]], ...] = (
    all_diverged,
    diverged_best,
    failed_runs,
    criterion_missing,
    incomplete_seeds,
    one_seed,
    no_common_seeds,
    few_seeds,
    exploratory,
    corrected_p,
    edge_of_grid,
    unequal_settings,
    single_split,
    corrected_splits,
    deterministic,
    shared_seconds,
    penalised,
    no_test,
)


def _told(found: Iterable[tuple[RankedRow, str]], most: int = NAMED) -> str:
    """`gd (5 of 35), Adam (1 of 35) and 4 more`."""
    told = [f"{row.label} ({what})" for row, what in found]
    more = f" and {len(told) - most} more" if len(told) > most else ""
    return ", ".join(told[:most]) + more


def _number(count: int, what: str) -> str:
    return f"{count} {what}" + ("" if count == 1 else "s")
