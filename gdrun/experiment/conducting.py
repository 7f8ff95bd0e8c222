"""A comparison from its plan to its answer: what is missing trained, the rows ranked, the plan kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from time import perf_counter

from gdrun.analysis.expecting import Judged
from gdrun.analysis.ranked import Ranking
from gdrun.analysis.ranking import confirm_settings
from gdrun.experiment import comparison
from gdrun.experiment.comparing import Cell, Commits, Plan, on_fresh_seeds, train_all
from gdrun.experiment.comparison import Comparison
from gdrun.experiment.engine.engine import Engine
from gdrun.experiment.gate import judged_sweep
from gdrun.experiment.onlookers import Look, Onlooker, unseen
from gdrun.experiment.problem import Problem
from gdrun.experiment.results.folder import Folder
from gdrun.experiment.results.memory import Memory
from gdrun.experiment.signals import heeded
from gdrun.experiment.sources import Sources
from gdrun.experiment.tiles import tiles
from gdrun.experiment.unfinished.desk import Desk, desk, tidy
from gdrun.experiment.work import Wanted, Work, asked, work


@dataclass(frozen=True)
class Answer:
    """What was compared, where its results are, and the rankings."""

    comparison: Comparison
    kept: Folder | Memory
    rankings: tuple[Ranking, ...]
    """None yet where a shard has ended before others have."""
    own: frozenset[str]
    """The runs that were to be trained, those on fresh seeds left out."""
    judged: tuple[Judged, ...] = ()
    """Each expectation; none before there are rankings."""

    @property
    def unmet(self) -> list[str]:
        """A line for each expectation that is not met."""
        return [each.text for each in self.judged if not each.met]

    @property
    def statuses(self) -> list[str]:
        """How each run ended in each of its places: all that are ranked, or those that were to be trained."""
        runs = tuple(run for run in self.comparison.runs if self.rankings or run["id"] in self.own)
        return [result.status for result in replace(self.comparison, runs=runs).results(self.kept)]

    @property
    def there(self) -> int:
        """How many runs of the plan have ended."""
        return len({run["id"] for run in self.comparison.runs} & set(self.kept.typed_rows()))


def conduct(
    found: Plan,
    folder: Folder | None,
    sources: Sources,
    wanted: Wanted,
    look: Look = unseen,
    engine: Engine | None = None,
) -> Answer:
    """Train what is missing of a plan, in this process unless told otherwise, and rank it.

    Without a folder nothing is written. Raises QuestionError where the runs cannot be ranked as wanted, WriteError,
    and ClusterError.
    """
    engine = engine or Engine()
    kept = Memory() if folder is None else folder
    question = asked(found.sweep, wanted)
    compared = comparison.comparison(found, question)
    comparison.check_question(compared, found)
    todo = train_missing(found, kept, wanted, look, engine)
    answer = Answer(compared, kept, (), frozenset(problem.id for problem in todo.own))
    if wanted.shard and folder and answer.there < todo.planned:
        comparison.write(folder, compared)
        return answer
    rankings = comparison.rankings(compared, kept)
    if wanted.confirm:
        choices = [choice for ranking in rankings for choice in confirm_settings(ranking)]
        fresh: Sequence[Cell] = on_fresh_seeds(found, choices, sources, wanted.confirm)
        train_missing(replace(found, cells=tuple(fresh)), kept, wanted, look, engine)
        compared = comparison.comparison(found, question, fresh)
        rankings = comparison.rankings(compared, kept)
    if folder is not None:
        comparison.write(folder, compared)
    judged = judged_sweep(found.sweep, compared.results(kept), question, compared.fresh_results(kept))
    return replace(answer, comparison=compared, rankings=rankings, judged=tuple(judged))


def train_missing(found: Plan, kept: Folder | Memory, wanted: Wanted, look: Look, engine: Engine) -> Work:
    """Train what is missing of a plan; what that was. Raises WriteError and ClusterError."""
    todo = work(found, kept, wanted)
    with look(todo) as onlooker:
        if not todo.missing:
            if isinstance(kept, Folder):
                tidy(kept, kept.done())
            return todo
        kept.prepare()
        with heeded(), desk_for(kept, wanted) as at:
            missing = todo.missing
            while missing:
                commits = Commits(kept, at, found.sweep.options.save, [], perf_counter())
                ended = set()
                pieces = cut(missing, kept.rows(), at, wanted, engine, onlooker)
                for tile, finished in train_all(pieces, commits, onlooker.see, engine):
                    onlooker.end(finished)
                    ended |= {problem.id for problem in tile}
                missing = _left(missing, ended, kept, at, onlooker)
            at.release(kept.done())
    return todo


def desk_for(kept: Folder | Memory, wanted: Wanted) -> Desk:
    """Where the tiles in progress are kept."""
    return Desk() if isinstance(kept, Memory) else desk(kept, wanted.every, wanted.rerun)


def cut(
    missing: Sequence[Problem],
    rows: Mapping[str, Mapping[str, str]],
    at: Desk,
    wanted: Wanted,
    engine: Engine,
    onlooker: Onlooker,
) -> list[list[Problem]]:
    """The tiles to train: those that were begun, as they were, and new ones of what nobody else trains."""
    problems = {problem.id: problem for problem in missing}
    # a cluster's workers cannot read what is here
    saved = [] if engine.address else at.go_on(list(problems), rows)
    if saved:
        onlooker.go_on(saved)
    begun = [[problems.pop(run) for run in each.runs] for each in saved]
    others = at.elsewhere()
    free = [problem for run, problem in problems.items() if run not in others]
    return begun + tiles(free, wanted.granted // engine.processes, wanted.most)


def _left(
    missing: Sequence[Problem], ended: Collection[str], kept: Folder | Memory, at: Desk, onlooker: Onlooker
) -> tuple[Problem, ...]:
    """What others were training and have not finished, once they have let go of it."""
    left = [problem for problem in missing if problem.id not in ended]
    if left:
        onlooker.wait(len(left))
        at.wait_for([problem.id for problem in left])
    done = kept.done() if left else set()
    return tuple(problem for problem in left if problem.id not in done)
