"""What configs expect of outcomes, held against what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gdrun.analysis.candidates import Related, judged_by_candidates
from gdrun.analysis.criteria import Question, Result
from gdrun.analysis.expecting import Expected, Judged, judged
from gdrun.experiment.config import RunConfig
from gdrun.experiment.config.expect import Expectations, Relation, column

if TYPE_CHECKING:
    from gdrun.experiment.sweep import Sweep


def judged_run(config: RunConfig, row: Mapping[str, Any]) -> list[Judged]:
    """Each expectation of a run, held against its line in runs.csv."""
    return judged(expected(config.expect), [row])


def judged_sweep(
    sweep: Sweep, results: Sequence[Result], question: Question, fresh: Sequence[Result] | None
) -> list[Judged]:
    """Each expectation of candidates, held against their best settings. Raises QuestionError."""
    wanted = {place: expected(candidate.expect) for place, candidate in enumerate(sweep.candidates)}
    related = [_related(relation) for relation in sweep.options.expect or ()]
    if not related and not any(each.statuses or each.bounds for each in wanted.values()):
        return []
    return judged_by_candidates(results, question, wanted, related, fresh)


def expected(expect: Expectations) -> Expected:
    """What a config's `expect:` says."""
    return Expected(expect.statuses, expect.bounds)


def _related(relation: Relation) -> Related:
    ratio = relation.over is not None
    return Related(column(relation.outcome), relation.of, relation.other, ratio, relation.at_least, relation.at_most)
