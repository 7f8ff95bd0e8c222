"""What one sees while a sweep trains: a live table of candidates on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING

from gdrun.cli.progress import on_terminal
from gdrun.cli.words import amount, count, duration, number, plain
from gdrun.descent.loop import Rows
from gdrun.experiment.comparing import Plan
from gdrun.experiment.naming import candidate_names
from gdrun.experiment.onlookers import Look
from gdrun.experiment.problem import Problem
from gdrun.experiment.results.folder import Finished
from gdrun.experiment.unfinished.checkpoint import Checkpoint
from gdrun.experiment.work import Work

if TYPE_CHECKING:
    from rich.table import Table

BETWEEN_LINES = 10.0
"""Seconds between two lines where there is no terminal."""


@dataclass
class Tally:
    """How far a sweep is, by candidate."""

    names: Sequence[str]
    candidates: dict[str, set[int]]
    """Of each run that is to be trained."""
    total: list[int]
    done: list[int]
    diverged: list[int]
    best: list[float | None]
    began: float = field(default_factory=perf_counter)
    examples: int = 0
    """Used by the tiles that ended."""
    under_way: dict[str, int] = field(default_factory=dict)
    """Examples used by the runs of the tiles that are training."""
    lined: float = 0.0
    quiet: bool = False

    def see(self, tile: Sequence[Problem], rows: Rows) -> None:
        """Take note of a record."""
        self.under_way |= {tile[run].id: rows.examples for run in rows.runs.tolist()}

    def end(self, finished: Sequence[Finished]) -> None:
        """Take note of a tile that ended."""
        for run in finished:
            self.examples += run.row.get("end_examples", self.under_way.get(run.id, 0))
            self.under_way.pop(run.id, None)
            loss = run.row.get("final_validation_loss", run.row.get("final_train_loss"))
            for candidate in self.candidates[run.id]:
                self.done[candidate] += 1
                self.diverged[candidate] += run.row["status"] == "diverged"
                if run.row["status"] not in ("diverged", "failed") and loss is not None:
                    self.best[candidate] = min(loss, self.best[candidate] or loss)
        self.line()

    def go_on(self, saved: Sequence[Checkpoint]) -> None:
        """Say what is not begun anew."""
        places = [f"{len(each.runs)} runs from step {each.state.step}" for each in saved]
        self._say(f"going on where they were saved: {', '.join(places)}")

    def wait(self, runs: int) -> None:
        """Say why nothing happens."""
        self._say(f"{runs} runs are being trained by another gdrun: waiting for it")

    def _say(self, text: str) -> None:
        if not self.quiet:
            print(plain(text, sys.stderr), file=sys.stderr, flush=True)

    def rows(self) -> list[list[str]]:
        """A row per candidate: done, left, diverged, best so far."""
        counts = zip(self.names, self.total, self.done, self.diverged, self.best, strict=True)
        return [[name, str(d), str(n - d), str(bad), number(best)] for name, n, d, bad, best in counts]

    def speed(self) -> str:
        """Examples per second over all runs, and the time left at the speed so far."""
        spent = perf_counter() - self.began
        used, runs = self.examples + sum(self.under_way.values()), sum(self.done)
        left = f" · {duration(spent * (sum(self.total) - runs) / runs)} left" if 0 < runs < sum(self.total) else ""
        return f"{amount(used / spent)} examples/s{left}"

    def line(self) -> None:
        """Say how far it is, if the last time is a while ago and nothing else shows it."""
        now = perf_counter()
        if not self.quiet and not on_terminal() and now - max(self.lined, self.began) > BETWEEN_LINES:
            self.lined = now
            done, diverged = sum(self.done), sum(self.diverged)
            text = f"{done} of {sum(self.total)} runs done, {diverged} diverged · {self.speed()}"
            print(plain(text, sys.stderr), file=sys.stderr, flush=True)


def look(quiet: bool) -> Look:
    """Says how much there is to do, and shows how it goes."""

    @contextmanager
    def looking(work: Work) -> Iterator[Tally]:
        if not quiet:
            print(plain(said(work), sys.stderr), file=sys.stderr)
        state = tally(work.plan, work.missing, quiet)
        with sweeping(state, quiet or not work.missing):
            yield state

    return looking


def said(work: Work) -> str:
    """How much there is to do."""
    runs = f"{work.runs} of the plan's {work.planned} runs" if work.runs < work.planned else count(work.runs, "run")
    todo = f"{len(work.missing)} to train in {count(work.stacks, 'stack')}" if work.missing else "nothing to train"
    return f"{runs} · {work.done} done already · {todo}"


def tally(plan: Plan, missing: Sequence[Problem], quiet: bool = False) -> Tally:
    """Nothing done yet."""
    candidates: dict[str, set[int]] = {problem.id: set() for problem in missing}
    for cell in plan.cells:
        if cell.problem.id in candidates:
            candidates[cell.problem.id].add(cell.entry.candidate)
    count = len(plan.sweep.candidates)
    names = candidate_names(plan)
    total = [sum(i in found for found in candidates.values()) for i in range(count)]
    return Tally(names, candidates, total, [0] * count, [0] * count, [None] * count, quiet=quiet)


@contextmanager
def sweeping(state: Tally, quiet: bool) -> Iterator[None]:
    """Show a tally while it changes."""
    if quiet or not on_terminal():
        yield
        return
    from rich.console import Console
    from rich.live import Live

    console = Console(stderr=True, highlight=False)
    with Live(console=console, get_renderable=lambda: _table(state), refresh_per_second=4):
        yield


def _table(state: Tally) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold", caption=state.speed(), caption_justify="left")
    for heading in ("candidate", "done", "left", "diverged", "best so far"):
        table.add_column(heading, justify="left" if heading == "candidate" else "right", no_wrap=True)
    for row in state.rows():
        table.add_row(*map(Text, row))  # a label may hold what Rich takes for markup
    return table
