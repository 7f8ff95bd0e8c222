"""`gdrun compare`: sweeps, what is missing of them trained, and the ranking."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from gdrun.analysis.criteria import QuestionError
from gdrun.cli.configs import split, sweeps
from gdrun.cli.exits import Exit, UsageError, worst
from gdrun.cli.ranking import print_rankings
from gdrun.cli.sweeping import look
from gdrun.cli.words import plain
from gdrun.experiment.comparing import Plan
from gdrun.experiment.conducting import Answer, Wanted, conduct
from gdrun.experiment.engine.engine import Engine
from gdrun.experiment.results.folder import Folder
from gdrun.experiment.results.reading import FAILED
from gdrun.experiment.shards import Shard, shard
from gdrun.experiment.sources import Sources


def compare_all(
    arguments: Sequence[str],
    name: str | None,
    results: Path,
    wanted: Wanted,
    engine: Engine,
    *,
    quiet: bool,
    style: str,
    allowed: bool,
) -> Exit:
    """Compare what the configs describe, one experiment after another; nothing is trained if any of them is wrong."""
    sources = Sources()
    codes = []
    with engine:
        for each in plans(arguments, name, sources):
            folder = Folder(results / each.sweep.name, wanted.shard.name if wanted.shard else None)
            try:
                answer = conduct(each, folder, sources, wanted, look(quiet), engine)
            except QuestionError as error:
                raise UsageError(f"--{error.option}: {error}") from None
            if not answer.rankings and not quiet:
                print(f"{answer.there} runs of the plan are there: the ranking comes with the last", file=sys.stderr)
            elif answer.rankings and not (quiet and style == "table"):
                print_rankings(answer.rankings, style)
            codes.append(_code(answer, folder.name, allowed))
    return worst(codes)


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


def engine_of(jobs: int | None, cluster: str | None, quiet: bool) -> Engine:
    """Where the command line wants training to happen."""
    if jobs is not None and cluster is not None:
        raise UsageError("--jobs starts workers on this machine, --cluster uses those of another: one of the two")
    return Engine(jobs, cluster, _silent if quiet else _say)


def _silent(text: str) -> None:
    """Nothing."""


def _say(text: str) -> None:
    print(plain(text, sys.stderr), file=sys.stderr, flush=True)


def plans(arguments: Sequence[str], name: str | None, sources: Sources) -> list[Plan]:
    """The sweeps that the command line describes, posed. Raises ConfigError with all that is wrong in any."""
    files, overrides = split(arguments)
    return sweeps(files, overrides, name, sources)


def _code(answer: Answer, name: str, allowed: bool) -> Exit:
    """Failed runs first; then whether every run diverged."""
    statuses = answer.statuses
    if FAILED in statuses:
        failed = statuses.count(FAILED)
        print(f"{failed} of {len(statuses)} runs failed: gdrun show {name} --all", file=sys.stderr)
        return Exit.FAILED
    return Exit.DIVERGED if answer.rankings and set(statuses) == {"diverged"} and not allowed else Exit.DONE
