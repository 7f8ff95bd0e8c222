"""What one sees while a run trains: a live table on a terminal, plain lines elsewhere, nothing when quiet."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, Literal

from gdrun.analysis.numerals import amount, duration, number, share
from gdrun.cli.words import BARS, PLAIN_BARS, plain, spark, writes_unicode
from gdrun.descent.loop import Rows
from gdrun.experiment.outcome import epoch
from gdrun.experiment.problem import Problem
from gdrun.experiment.signals import asked, shown_live

if TYPE_CHECKING:
    from rich.table import Table

Watch = Callable[[Rows], object]
CURVE = "train loss so far"
LEAST = (CURVE, "steps/s", "examples/s", "|gradient|", "lr")
"""Columns that narrow terminals do without, in this order."""
KEPT = 9
"""Rows that stay, spread evenly over the budget, besides the latest."""


@dataclass
class Progress:
    """The rows worth showing of a run that is under way."""

    problem: Problem
    steps: int
    """Budget."""
    began: float = field(default_factory=perf_counter)
    kept: list[list[str]] = field(default_factory=list)
    latest: list[str] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    done: float = 0.0
    before: tuple[int, float] = (0, 0.0)
    """Examples and seconds at the row before, for the speed."""
    bars: str = field(default_factory=lambda: BARS if writes_unicode(sys.stderr) else PLAIN_BARS)

    def headings(self) -> list[str]:
        """The columns' names."""
        position = "epoch" if self.problem.train else "step"
        names = [position, "lr", "train loss"]
        if self.problem.held_out:
            names.append("validation loss")
        if self.problem.data:
            names.append("accuracy" if self.problem.data.classes else "R²")
        return [*names, "|gradient|", "examples/s" if self.problem.train else "steps/s"]

    def see(self, rows: Rows) -> bool:
        """Take note of a record; whether its row is one that stays."""
        if "train_loss" not in rows.values:
            return False
        self.losses.append(float(rows.values["train_loss"][0]))
        self.latest, self.done = self.cells(rows), rows.step / self.steps
        self.before = rows.examples, rows.seconds
        stays = self.done >= len(self.kept) / KEPT or rows.step == self.steps
        if stays:
            self.kept.append(self.latest)
        return stays

    def cells(self, rows: Rows) -> list[str]:
        """A row's cells."""
        value = {name: float(column[0]) for name, column in rows.values.items()}
        at = epoch(self.problem, rows.examples)
        texts = [str(at) if isinstance(at, int) else f"{at:.2f}"]
        texts += [number(value["lr"] if rows.step else None), number(value["train_loss"])]
        if self.problem.held_out:
            texts.append(number(value.get("validation_loss")))
        if self.problem.data:
            metric = "accuracy" if self.problem.data.classes else "r2"
            texts.append(share(value.get(f"validation_{metric}", value.get(f"train_{metric}"))))
        examples, seconds = rows.examples - self.before[0], rows.seconds - self.before[1]
        return [
            *texts,
            number(value["gradient_norm"], 3),
            amount(examples / seconds) if rows.step and seconds > 0 else "-",
        ]

    def curve(self) -> str:
        """The training loss so far."""
        return spark(self.losses, 12, self.bars)

    def left(self) -> str:
        """The time left, at the speed so far."""
        spent = perf_counter() - self.began
        return f"{duration(spent * (1 - self.done) / self.done)} left" if 0 < self.done < 1 and spent > 0.5 else ""


@contextmanager
def progress(problem: Problem, steps: int, quiet: bool) -> Iterator[Watch]:
    """Show the records of a run while it trains."""
    seen = Progress(problem, steps)
    if quiet:
        yield lambda rows: None
    elif on_terminal():
        with _live(seen) as watch:
            yield watch
    else:
        with _lines(seen) as watch:
            yield watch


def on_terminal() -> bool:
    """Whether messages go to a terminal that can redraw lines."""
    from os import environ

    return sys.stderr.isatty() and environ.get("TERM") != "dumb"


@contextmanager
def _lines(seen: Progress) -> Iterator[Watch]:
    """Plain lines: about ten in all, however long it takes, and the last one."""
    widths = [max(len(heading), 10) for heading in seen.headings()]

    def line(cells: list[str]) -> None:
        text = "  ".join(cell.rjust(width) for cell, width in zip(cells, widths, strict=True))
        print(plain(text, sys.stderr), file=sys.stderr, flush=True)

    def watch(rows: Rows) -> None:
        if seen.see(rows):
            if len(seen.kept) == 1:
                line(seen.headings())
            line(seen.latest)

    yield watch
    if seen.kept and seen.kept[-1] is not seen.latest:
        line(seen.latest)


@contextmanager
def _live(seen: Progress) -> Iterator[Watch]:
    from rich.console import Console
    from rich.live import Live

    console = Console(stderr=True, highlight=False)
    live = Live(
        console=console,
        get_renderable=lambda: _table(seen, console.width),
        refresh_per_second=8,
        redirect_stdout=False,  # nothing else is printed meanwhile, and what stands in for the streams has no encoding
        redirect_stderr=False,
    )
    with shown_live(), live:
        yield seen.see


def _table(seen: Progress, width: int) -> Table:
    """The table in so many characters: columns are left out before digits are."""
    from rich.console import Console

    measured = Console(width=1000)
    tables = (_drawn(seen, LEAST[:count]) for count in range(len(LEAST)))
    fitting = (table for table in tables if measured.measure(table).maximum <= width)
    return next(fitting, None) or _drawn(seen, LEAST)


def _drawn(seen: Progress, left_out: Sequence[str]) -> Table:
    from rich.table import Table

    headings = [*seen.headings(), CURVE]
    chosen = [place for place, heading in enumerate(headings) if heading not in left_out]
    caption = asked.said or seen.left()
    table = Table(box=None, pad_edge=True, header_style="bold", caption=caption, caption_justify="left")
    for place in chosen:
        justify: Literal["left", "right"] = "left" if headings[place] == CURVE else "right"
        table.add_column(plain(headings[place], sys.stderr), justify=justify, no_wrap=True)
    rows = seen.kept if seen.kept and seen.kept[-1] is seen.latest else [*seen.kept, seen.latest]
    for cells in rows:
        whole = [*cells, seen.curve() if cells is rows[-1] else ""]
        if cells:
            table.add_row(*(whole[place] for place in chosen))
    return table
