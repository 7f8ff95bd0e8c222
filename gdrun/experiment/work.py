"""What is wanted of a comparison, and how much of its plan there is to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gdrun.analysis.criteria import Question
from gdrun.experiment.comparing import Plan
from gdrun.experiment.problem import Problem
from gdrun.experiment.resources import default_memory
from gdrun.experiment.results.folder import Folder
from gdrun.experiment.results.memory import Memory
from gdrun.experiment.results.tables import Row
from gdrun.experiment.shards import Shard
from gdrun.experiment.sweep import Sweep
from gdrun.experiment.tiles import structures
from gdrun.experiment.unfinished.keeper import SECONDS


@dataclass(frozen=True)
class Wanted:
    """What is asked of a comparison beside its config; the config decides where nothing is asked."""

    rows: tuple[str, ...] = ()
    criterion: str | None = None
    report_test: bool = False
    confirm: int = 0
    """Fresh seeds to rank each row's best setting by."""
    memory: int | None = None
    """Bytes for a tile of runs."""
    most: int | None = None
    """Runs of a tile; None: as many as pay."""
    rerun: bool = False
    shard: Shard | None = None
    """The part of the plan to train, in place of all of it."""
    every: float = SECONDS
    """Seconds between two checkpoints of a tile."""

    @property
    def granted(self) -> int:
        """Bytes for a tile of runs, a share of what there is if nothing else was said."""
        return default_memory() if self.memory is None else self.memory


@dataclass(frozen=True)
class Work:
    """How much of a plan is done, and what is to be trained."""

    plan: Plan
    own: tuple[Problem, ...]
    """All runs of the plan, or those of a shard."""
    missing: tuple[Problem, ...]
    stacks: int
    ended: Mapping[str, Row]
    """The lines in runs.csv of those that need no training."""

    @property
    def runs(self) -> int:
        """How many runs it is about."""
        return len(self.own)

    @property
    def planned(self) -> int:
        """How many runs the whole plan has."""
        return len({cell.problem.id for cell in self.plan.cells})

    @property
    def done(self) -> int:
        """Runs that need no training."""
        return self.runs - len(self.missing)


def asked(sweep: Sweep, wanted: Wanted) -> Question:
    """The question, as the config has it where nothing else is wanted."""
    options = sweep.options
    return Question(
        rows=wanted.rows or options.rows or (),
        criterion=wanted.criterion or options.criterion,
        target=options.target,
        report_test=wanted.report_test or options.report_on == "test",
    )


def work(found: Plan, kept: Folder | Memory, wanted: Wanted) -> Work:
    """What is to be done of a plan; a run that several candidates have is trained once."""
    everything = {cell.problem.id: cell.problem for cell in found.cells}
    own = list(everything.values())
    own = own if wanted.shard is None else wanted.shard.share(own)
    done = set() if wanted.rerun else kept.done() & everything.keys()
    missing = tuple(problem for problem in own if problem.id not in done)
    stacks = len(set(structures(missing)))
    return Work(found, tuple(own), missing, stacks, kept.typed_rows() if done else {})
