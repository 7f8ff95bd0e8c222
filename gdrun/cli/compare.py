"""`gdrun compare`: sweeps, what is missing of them trained, and the ranking."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

from gdrun.analysis.criteria import Question, QuestionError
from gdrun.analysis.ranking import confirm_settings
from gdrun.cli.exits import Exit, UsageError, worst
from gdrun.cli.ranking import print_rankings
from gdrun.cli.sweeping import line, sweeping, tally
from gdrun.cli.words import plain
from gdrun.experiment import comparison
from gdrun.experiment.comparing import Commits, Plan, on_fresh_seeds, plan, train_all
from gdrun.experiment.comparison import Comparison
from gdrun.experiment.problem import Problem
from gdrun.experiment.results.folder import FAILED, Folder
from gdrun.experiment.sources import Sources
from gdrun.experiment.sweep import Sweep, expand
from gdrun.experiment.tiles import tiles


@dataclass(frozen=True)
class Wanted:
    """What the command line asks of every comparison; None where the config decides."""

    rows: tuple[str, ...]
    criterion: str | None
    report_test: bool
    confirm: int
    memory: int
    quiet: bool
    style: str
    rerun: bool
    allowed: bool


def compare_all(arguments: Sequence[str], name: str | None, results: Path, wanted: Wanted) -> Exit:
    """Compare what the configs describe, one experiment after another; nothing is trained if any of them is wrong."""
    from gdrun.experiment.config import is_override

    files = [argument for argument in arguments if not is_override(argument)]
    if not files:
        raise UsageError("no config: name one or several YAML files")
    sources = Sources()
    sweeps = expand(files, [argument for argument in arguments if is_override(argument)], name, sys.stdin)
    plans = [plan(sweep, sources) for sweep in sweeps]
    return worst(_compare(each, Folder(results / each.sweep.name), sources, wanted) for each in plans)


def _compare(found: Plan, folder: Folder, sources: Sources, wanted: Wanted) -> Exit:
    question = _question(found.sweep, wanted)
    _train(found, [cell.problem for cell in found.cells], folder, wanted)
    compared = comparison.comparison(found, question)
    try:
        rankings = comparison.rankings(compared, folder)
        if wanted.confirm:
            fresh = on_fresh_seeds(
                found, [choice for r in rankings for choice in confirm_settings(r)], sources, wanted.confirm
            )
            _train(replace(found, cells=tuple(fresh)), [cell.problem for cell in fresh], folder, wanted)
            compared = comparison.comparison(found, question, fresh)
            rankings = comparison.rankings(compared, folder)
    except QuestionError as error:
        raise UsageError(f"--{error.option}: {error}") from None
    comparison.write(folder, compared)
    if not (wanted.quiet and wanted.style == "table"):
        print_rankings(rankings, wanted.style)
    return _code(compared, folder, wanted.allowed)


def _question(sweep: Sweep, wanted: Wanted) -> Question:
    options = sweep.options
    return Question(
        rows=wanted.rows or options.rows or (),
        criterion=wanted.criterion or options.criterion,
        target=options.target,
        report_test=wanted.report_test or options.report_on == "test",
    )


def _train(found: Plan, problems: Sequence[Problem], folder: Folder, wanted: Wanted) -> None:
    """Train what is missing of some runs, and say how much that is."""
    everything = {problem.id: problem for problem in problems}
    done = set() if wanted.rerun else folder.done() & set(everything)
    missing = [problem for problem in everything.values() if problem.id not in done]
    if not wanted.quiet:
        stacks = len(tiles(missing, wanted.memory)) if missing else 0
        text = f"{len(everything)} runs · {len(done)} done already · {len(missing)} to train in {stacks} tiles"
        print(plain(text, sys.stderr), file=sys.stderr)
    if not missing:
        return
    folder.check_writable()
    state, commits = tally(found, missing), Commits(folder, found.sweep.options.save, [], perf_counter())
    with sweeping(state, wanted.quiet):
        for _, finished in train_all(missing, commits, wanted.memory, state.see):
            state.end(finished)
            line(state, wanted.quiet)


def _code(compared: Comparison, folder: Folder, allowed: bool) -> Exit:
    """Failed runs first; then whether every run diverged."""
    statuses = [result.status for result in compared.results(folder)]
    if FAILED in statuses:
        failed = statuses.count(FAILED)
        print(f"{failed} of {len(statuses)} runs failed: gdrun show {folder.name} --all", file=sys.stderr)
        return Exit.FAILED
    return Exit.DIVERGED if statuses and set(statuses) == {"diverged"} and not allowed else Exit.DONE
