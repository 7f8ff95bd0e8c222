"""Which saved tiles are gone on with: of each wanted run the one where it got furthest."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gdrun.descent.loop import Rows
from gdrun.experiment.unfinished.checkpoint import Checkpoint


def begun(found: Iterable[Checkpoint], wanted: Collection[str]) -> list[Checkpoint]:
    """What was begun of the wanted runs, each where it got furthest; what no checkpoint has is left out."""
    left, chosen = set(wanted), []
    for checkpoint in sorted(found, key=lambda each: -each.state.step):
        runs = [run for run in checkpoint.runs if run in left]
        if runs:
            chosen.append(of_runs(checkpoint, runs))
            left -= set(runs)
    return chosen


def of_runs(checkpoint: Checkpoint, runs: Collection[str]) -> Checkpoint:
    """The same tile with some of its runs alone: none of its numbers depends on the others."""
    places = [place for place, run in enumerate(checkpoint.runs) if run in runs]
    new = {old: new for new, old in enumerate(places)}
    going = np.flatnonzero(np.isin(checkpoint.state.runs, places))
    state = checkpoint.state.select(going)
    state.runs = _renumbered(state.runs, new)
    state.outcomes = {new[place]: outcome for place, outcome in state.outcomes.items() if place in new}
    records = tuple(kept for record in checkpoint.records if len((kept := _rows(record, new)).runs))
    return replace(checkpoint, runs=tuple(checkpoint.runs[place] for place in places), state=state, records=records)


def _rows(record: Rows, new: Mapping[int, int]) -> Rows:
    places = np.flatnonzero(np.isin(record.runs, list(new)))
    return replace(
        record,
        runs=_renumbered(record.runs[places], new),
        values={name: column[places] for name, column in record.values.items()},
        parameters=None if record.parameters is None else record.parameters[places],
    )


def _renumbered(runs: NDArray[np.intp], new: Mapping[int, int]) -> NDArray[np.intp]:
    return np.array([new[run] for run in runs.tolist()], np.intp)
