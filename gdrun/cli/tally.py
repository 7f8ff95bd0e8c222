"""How far a sweep is: its candidates, all its runs, the time that is left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from gdrun.analysis.numerals import amount, duration, number
from gdrun.descent.loop import Rows
from gdrun.experiment.engine.amount import steps_of
from gdrun.experiment.naming import candidate_names
from gdrun.experiment.problem import Problem
from gdrun.experiment.results.folder import Finished
from gdrun.experiment.unfinished.checkpoint import Checkpoint
from gdrun.experiment.work import Work


@dataclass
class Standing:
    """How far one candidate is, in runs."""

    name: str
    total: int = 0
    done: int = 0
    diverged: int = 0
    best: float | None = None
    """Lowest final loss so far: validation loss, training loss where there is none."""
    running: set[str] = field(default_factory=set)

    def end(self, run: str, row: Mapping[str, Any]) -> None:
        """Take note of a run that ended."""
        self.running.discard(run)
        self.done += 1
        self.diverged += row["status"] == "diverged"
        loss = _loss(row)
        if row["status"] not in ("diverged", "failed") and loss is not None:
            self.best = loss if self.best is None else min(loss, self.best)

    def cells(self) -> list[str]:
        """Candidate, done, running, left, diverged, best so far."""
        running = len(self.running)
        counts = (self.done, running, self.total - self.done - running, self.diverged)
        return [self.name, *map(str, counts), number(self.best)]


def _loss(row: Mapping[str, Any]) -> float | None:
    found = row.get("final_validation_loss")
    return row.get("final_train_loss") if found is None else found


@dataclass
class Way:
    """How far a run is that trains."""

    step: int
    examples: int
    steps: int
    """Budget."""
    before: int
    """Step from which it goes on."""

    @property
    def share(self) -> float:
        """Of a whole run, made by this command."""
        return (self.step - self.before) / self.steps

    @property
    def used(self) -> float:
        """Examples used by this command."""
        return self.examples * (1 - self.before / self.step) if self.step else 0


@dataclass
class Tally:
    """How far a sweep is."""

    standings: list[Standing]
    places: dict[str, list[int]]
    """The candidates of each run."""
    todo: int
    """Runs that this command trains."""
    unit: str
    """What descent uses up: examples; steps where all runs are on surfaces, which have none."""
    began: float = field(default_factory=perf_counter)
    ended: int = 0
    """Of those."""
    examples: float = 0.0
    """Used by them."""
    whole: float = 0.0
    """What they were in runs from their first step."""
    under_way: dict[str, Way] = field(default_factory=dict)
    saved: dict[str, int] = field(default_factory=dict)
    """Steps from which runs go on."""
    steps: dict[str, int] = field(default_factory=dict)
    """Budgets, by the first run of a tile."""

    def see(self, tile: Sequence[Problem], rows: Rows) -> None:
        """Take note of a record."""
        first = tile[0]
        if first.id not in self.steps:
            self.steps[first.id] = steps_of(first)
        for run in (tile[place].id for place in rows.runs.tolist()):
            if run not in self.under_way:
                for place in self.places[run]:
                    self.standings[place].running.add(run)
            self.under_way[run] = Way(rows.step, rows.examples, self.steps[first.id], self.saved.get(run, 0))

    def end(self, finished: Sequence[Finished]) -> None:
        """Take note of runs that ended."""
        for run in finished:
            self.ended += 1
            way = self.under_way.pop(run.id, None)
            self.examples += way.used if way else run.row.get("end_examples") or 0
            self.whole += 1 - (way.before / way.steps if way else 0)
            for place in self.places[run.id]:
                self.standings[place].end(run.id, run.row)

    def go_on(self, saved: Sequence[Checkpoint]) -> None:
        """Take note of what is not begun anew."""
        self.saved |= {run: each.state.step for each in saved for run in each.runs}

    @property
    def done(self) -> int:
        """Runs that have ended, each once."""
        return len(self.places) - self.todo + self.ended

    @property
    def diverged(self) -> int:
        """Runs that diverged, those of several candidates in each."""
        return sum(each.diverged for each in self.standings)

    def speed(self) -> str:
        """Examples per second over all runs, and the time left at the speed so far."""
        spent = perf_counter() - self.began
        ways = self.under_way.values()
        used, made = self.examples + sum(way.used for way in ways), self.whole + sum(way.share for way in ways)
        ahead = sum(1 - way.step / way.steps for way in ways) + (self.todo - self.ended - len(ways))
        left = f" · {duration(spent * ahead / made)} left" if made > 0 and self.ended < self.todo else ""
        return f"{amount(used / spent)} {self.unit}/s{left}"

    def chosen(self, room: int) -> list[Standing]:
        """The candidates in so many lines: those that train and those that are best, and the others in one."""
        if len(self.standings) <= room:
            return self.standings
        order = sorted(range(len(self.standings)), key=self._interest)
        shown, others = sorted(order[: room - 1]), [self.standings[place] for place in order[room - 1 :]]
        return [*(self.standings[place] for place in shown), _together(others)]

    def _interest(self, place: int) -> tuple[bool, float]:
        each = self.standings[place]
        return not each.running, float("inf") if each.best is None else each.best


def _together(others: Sequence[Standing]) -> Standing:
    best = [each.best for each in others if each.best is not None]
    return Standing(
        name=f"{len(others)} more",
        total=sum(each.total for each in others),
        done=sum(each.done for each in others),
        diverged=sum(each.diverged for each in others),
        best=min(best, default=None),
        running={f"{place} {run}" for place, each in enumerate(others) for run in each.running},
    )


def tally(work: Work) -> Tally:
    """What was done before, and nothing more yet."""
    standings = [Standing(name) for name in candidate_names(work.plan)]
    places: dict[str, list[int]] = {problem.id: [] for problem in work.own}
    for cell in work.plan.cells:
        found = places.get(cell.problem.id)
        if found is not None and cell.entry.candidate not in found:
            found.append(cell.entry.candidate)
    missing = {problem.id for problem in work.missing}
    for run, candidates in places.items():
        for place in candidates:
            standings[place].total += 1
            if run not in missing:
                standings[place].end(run, work.ended[run])
    unit = "examples" if any(cell.problem.train is not None for cell in work.plan.cells) else "steps"
    return Tally(standings, places, len(missing), unit)


def widest(rows: Iterable[Sequence[str]], headings: Sequence[str]) -> int:
    """Characters that all columns but the first take."""
    columns = zip(headings[1:], *(row[1:] for row in rows), strict=True)
    return sum(max(map(len, column)) + 2 for column in columns)
