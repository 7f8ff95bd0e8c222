"""`gdrun compare`: sweeps, what is missing of them trained, and the ranking."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from gdrun.analysis.criteria import QuestionError
from gdrun.cli.configs import split, sweeps
from gdrun.cli.exits import Exit, UsageError, worst
from gdrun.cli.output import tell_unmet
from gdrun.cli.ranking import as_json, print_rankings
from gdrun.cli.report import NO_REPORT, AtTheEnd
from gdrun.cli.sweeping import look
from gdrun.cli.words import plain
from gdrun.experiment.comparing import Plan
from gdrun.experiment.conducting import Answer, conduct
from gdrun.experiment.engine.engine import Engine
from gdrun.experiment.engine.errors import NoClusterError
from gdrun.experiment.results.folder import Folder
from gdrun.experiment.results.reading import FAILED
from gdrun.experiment.shards import Shard, shard
from gdrun.experiment.sources import Sources
from gdrun.experiment.work import Wanted


@dataclass(frozen=True)
class How:
    """What the command line asks of every comparison."""

    quiet: bool = False
    style: str | None = "table"
    """How rankings are printed; None: they are not."""
    allowed: bool = False
    """Whether every run may diverge."""
    top: int | None = None
    ending: AtTheEnd = NO_REPORT


def compare_all(
    arguments: Sequence[str], name: str | None, results: Path, wanted: Wanted, engine: Engine, how: How
) -> Exit:
    """Compare what the configs describe, one experiment after another; nothing is trained if any of them is wrong."""
    sources = Sources()
    with engine:
        planned = plans(arguments, name, sources, how.quiet)
        return worst([compare_one(each, sources, results, wanted, engine, how)[1] for each in planned])


def compare_one(
    planned: Plan, sources: Sources, results: Path, wanted: Wanted, engine: Engine, how: How
) -> tuple[Answer, Exit]:
    """One comparison and what it ends with; its ranking is printed."""
    folder = Folder(results / planned.sweep.name, wanted.shard.name if wanted.shard else None)
    try:
        answer = conduct(planned, folder, sources, wanted, look(how.quiet), engine)
    except QuestionError as error:
        raise UsageError(f"--{error.option}: {error}") from None
    if not answer.rankings and not how.quiet:
        print(f"{answer.there} runs of the plan are there: the ranking comes with the last", file=sys.stderr)
    elif how.style == "json":
        print(json.dumps(as_object(answer, folder.name, how.top)))
    elif answer.rankings and how.style:
        print_rankings(answer.rankings, how.style, how.top)
    if answer.rankings:
        how.ending.write(folder)
    foreseen = all("diverged" in candidate.expect.statuses for candidate in planned.sweep.candidates)
    return answer, _code(answer, folder.name, how.allowed or foreseen)


def part(text: str | None, confirm: int) -> Shard | None:
    """The shard that is asked for. Raises UsageError."""
    if text is None:
        return None
    if confirm:
        raise UsageError("--confirm takes the whole ranking: ask for it without --shard, once all shards are done")
    try:
        return shard(text)
    except ValueError as error:
        raise UsageError(f"--shard: {error}") from None


def one_engine(context: typer.Context, jobs: int | None, cluster: str | None) -> tuple[int | None, str | None]:
    """Jobs or cluster, that of the command line where the other is from the environment. Raises UsageError."""
    if jobs is None or cluster is None:
        return jobs, cluster
    jobs_set, cluster_set = (_from_environment(context, name) for name in ("jobs", "cluster"))
    if jobs_set and cluster_set:
        raise UsageError("GDRUN_JOBS starts workers on this machine, GDRUN_CLUSTER uses others: set one of the two")
    return None if jobs_set else jobs, None if cluster_set else cluster


@contextmanager
def variables_named(context: typer.Context) -> Iterator[None]:
    """Within it, an error of a cluster that a variable names is one of the variable."""
    try:
        yield
    except NoClusterError as error:
        if not _from_environment(context, "cluster"):
            raise
        raise UsageError(str(error).replace("--cluster", "GDRUN_CLUSTER", 1)) from None


def _from_environment(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "ENVIRONMENT"


def engine_of(jobs: int | None, cluster: str | None, quiet: bool) -> Engine:
    """Where the command line wants training to happen."""
    if jobs is not None and cluster is not None:
        raise UsageError("--jobs starts workers on this machine, --cluster uses those of another: one of the two")
    return Engine(jobs, cluster, _silent if quiet else _say)


def _silent(text: str) -> None:
    """Nothing."""


def _say(text: str) -> None:
    print(plain(text, sys.stderr), file=sys.stderr, flush=True)


def plans(arguments: Sequence[str], name: str | None, sources: Sources, quiet: bool = False) -> list[Plan]:
    """The sweeps that the command line describes, posed. Raises ConfigError with all that is wrong in any."""
    files, overrides = split(arguments)
    return sweeps(files, overrides, name, sources, quiet)


def as_object(answer: Answer, name: str, top: int | None = None) -> dict[str, Any]:
    """A comparison with stable keys: its runs by how they ended, its rankings, and what was expected in vain."""
    return {
        "experiment": name,
        "runs": len(answer.statuses),
        "statuses": dict(Counter(answer.statuses)),
        "rankings": [as_json(ranking, top) for ranking in answer.rankings],
        "unmet": list(answer.unmet),
    }


def _code(answer: Answer, name: str, allowed: bool) -> Exit:
    """Failed runs first; then whether every run diverged."""
    statuses = answer.statuses
    if FAILED in statuses:
        failed = statuses.count(FAILED)
        print(f"{failed} of {len(statuses)} runs failed: gdrun show {name} --all", file=sys.stderr)
        return Exit.FAILED
    if answer.unmet:
        return tell_unmet(answer.unmet, name)
    return Exit.DIVERGED if answer.rankings and set(statuses) == {"diverged"} and not allowed else Exit.DONE
