"""What configs expect of outcomes, held against what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gdrun.analysis.criteria import Question, Result
from gdrun.analysis.expecting import Expected, unmet, unmet_by_candidates
from gdrun.experiment.config import RunConfig
from gdrun.experiment.config.expect import Expectations
from gdrun.experiment.sweep import Sweep


def unmet_by_run(config: RunConfig, row: Mapping[str, Any]) -> list[str]:
    """A line for each expectation that a run's line in runs.csv does not meet."""
    return unmet(expected(config.expect), [row])


def unmet_by_sweep(
    sweep: Sweep, results: Sequence[Result], question: Question, fresh: Sequence[Result] | None
) -> list[str]:
    """A line for each expectation that a candidate's best setting does not meet. Raises QuestionError."""
    wanted = {place: expected(candidate.expect) for place, candidate in enumerate(sweep.candidates)}
    if not any(each.statuses or each.bounds for each in wanted.values()):
        return []
    return unmet_by_candidates(results, question, wanted, fresh)


def expected(expect: Expectations) -> Expected:
    """What a config's `expect:` says."""
    return Expected(expect.statuses, expect.bounds)
