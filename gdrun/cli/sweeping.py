"""What one sees while a sweep trains: a live table of candidates on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING

from gdrun.analysis.numerals import count
from gdrun.cli.progress import on_terminal
from gdrun.cli.tally import Tally, tally, widest
from gdrun.cli.words import plain
from gdrun.descent.loop import Rows
from gdrun.experiment.onlookers import Look, unseen
from gdrun.experiment.problem import Problem
from gdrun.experiment.results.folder import Finished
from gdrun.experiment.signals import asked, shown_live
from gdrun.experiment.unfinished.checkpoint import Checkpoint
from gdrun.experiment.work import Work

if TYPE_CHECKING:
    from rich.console import Group

BETWEEN_LINES = 10.0
"""Seconds between two lines where there is no terminal."""
HEADINGS = ("candidate", "done", "running", "left", "diverged", "best so far")
MOST_LINES = 20
"""Candidates that have a line of their own; the ranking has all."""
AROUND = 5
"""Lines of a terminal that are for what stands above and below."""
NARROWEST = 12
ECHOED = 3
"""Characters at the end of a line that stay free: the `^C` that a terminal echoes there must not begin a new one."""


@dataclass
class Telling:
    """Tells how a sweep goes."""

    state: Tally
    live: bool
    began: float = field(default_factory=perf_counter)
    lined: float = 0.0

    def see(self, tile: Sequence[Problem], rows: Rows) -> None:
        """Take note of a record."""
        self.state.see(tile, rows)
        self.line()

    def end(self, finished: Sequence[Finished]) -> None:
        """Take note of a tile that ended."""
        self.state.end(finished)
        self.line()

    def go_on(self, saved: Sequence[Checkpoint]) -> None:
        """Say what is not begun anew."""
        self.state.go_on(saved)
        places = [f"{count(len(each.runs), 'run')} from step {each.state.step}" for each in saved]
        _say(f"going on where they were saved: {', '.join(places)}")

    def wait(self, runs: int) -> None:
        """Say why nothing happens."""
        _say(f"{count(runs, 'run')} trained by another gdrun at present: waiting for it")

    def line(self) -> None:
        """Say how far it is, if the last time is a while ago and nothing else shows it."""
        now, state = perf_counter(), self.state
        if not self.live and now - max(self.lined, self.began) > BETWEEN_LINES:
            self.lined = now
            _say(f"{state.done} of {count(len(state.places), 'run')} done, {state.diverged} diverged · {state.speed()}")


def _say(text: str) -> None:
    print(plain(text, sys.stderr), file=sys.stderr, flush=True)


def look(quiet: bool) -> Look:
    """Says how much there is to do, and shows how it goes."""
    if quiet:
        return unseen

    @contextmanager
    def looking(work: Work) -> Iterator[Telling]:
        _say(said(work))
        telling = Telling(tally(work), on_terminal())
        with sweeping(telling.state, telling.live and bool(work.missing)):
            yield telling

    return looking


def said(work: Work) -> str:
    """How much there is to do."""
    runs = f"{work.runs} of the plan's {work.planned} runs" if work.runs < work.planned else count(work.runs, "run")
    todo = f"{len(work.missing)} to train in {count(work.stacks, 'stack')}" if work.missing else "nothing to train"
    return f"{runs} · {work.done} done already · {todo}"


@contextmanager
def sweeping(state: Tally, live: bool) -> Iterator[None]:
    """Show a tally while it changes."""
    if not live:
        yield
        return
    from rich.console import Console
    from rich.live import Live

    console = Console(stderr=True, highlight=False)

    def table() -> Group:
        return drawn(state, console.width, console.height)

    with shown_live(), Live(console=console, get_renderable=table, refresh_per_second=4):
        yield


def drawn(state: Tally, width: int, height: int) -> Group:
    """The table on a terminal of such a size: long names are cut, many candidates are told together."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    rows = [each.cells() for each in state.chosen(max(2, min(MOST_LINES, height - AROUND)))]
    table = Table(box=None, pad_edge=False, header_style="bold")
    room = max(NARROWEST, width - widest(rows, HEADINGS) - ECHOED)
    table.add_column(HEADINGS[0], no_wrap=True, overflow="ellipsis", max_width=room)
    for heading in HEADINGS[1:]:
        table.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(*map(Text, row))  # a label may hold what Rich takes for markup
    return Group(table, Text(plain(asked.said or state.speed(), sys.stderr), style="italic"))
