"""What a heatmap is drawn from: the mean outcome of each candidate for each pair of values of two swept settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gdrun.analysis.choice import RATE, scored
from gdrun.analysis.criteria import higher_is_better
from gdrun.analysis.rows import Row, key_of
from gdrun.descent.parts import Array
from gdrun.pictures.errors import PictureError
from gdrun.pictures.scene import Scene

FILLED = 0.7
"""The share of cells with runs from which on a grid is drawn without being asked for."""


@dataclass(frozen=True)
class Grid:
    """The best mean outcome for each pair of values; NaN where none was run or every setting has a diverged run."""

    title: str
    across: tuple[Any, ...]
    up: tuple[Any, ...]
    values: Array
    """(up, across)"""
    lost: Array
    """Whether there were runs and no setting came through, (up, across)."""

    @property
    def filled(self) -> bool:
        """Whether enough cells have runs."""
        there = np.isfinite(self.values) | self.lost
        return min(there.shape) > 1 and float(there.mean()) > FILLED


def axes_of(scene: Scene, wanted: Sequence[str]) -> tuple[str, str]:
    """The two settings: those asked for, else the learning rate and what has most values. Raises PictureError."""
    for name in wanted:
        if name not in scene.swept:
            there = ", ".join(scene.swept) or "none"
            raise PictureError(f"heatmap: {name} was not swept; swept were: {there}")
    if len(wanted) == 2 and wanted[0] != wanted[1]:
        return wanted[0], wanted[1]
    if wanted:
        raise PictureError("heatmap: --settings takes two settings, such as optimizer.lr,descent.batch_size")
    found = suitable(scene)
    if len(found) < 2:
        raise PictureError(f"heatmap: {scene.name} needs two swept settings, it has {len(found)}")
    return found[0], found[1]


def suitable(scene: Scene) -> list[str]:
    """The numbers that were swept within a kind of runs, the rate first, then those with most values."""
    values: dict[tuple[str, Any], set[float]] = {}
    for result in scene.results:
        numbers = {name: value for name, value in result.settings.items() if _is_number(name, value)}
        kind = repr({name: value for name, value in result.settings.items() if name not in numbers})
        for name, value in numbers.items():
            values.setdefault((name, kind), set()).add(float(value))
    most = {name: max(len(own) for (other, _), own in values.items() if other == name) for name, _ in values}
    swept = [name for name in scene.swept if most.get(name, 0) > 1]
    return sorted(swept, key=lambda name: (name != RATE, -most[name]))


def _is_number(name: str, value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and not name.startswith("dataset.")


def grids(scene: Scene, names: tuple[str, str]) -> list[Grid]:
    """A grid for each candidate that has both settings."""
    found = []
    for panel in scene.panels(apart=names):
        for candidate in panel.candidates:
            title = ", ".join(filter(None, (panel.title, candidate.label)))
            grid = _grid(title, candidate.row, names, panel.criterion)
            found += [grid] if len(grid.across) > 0 and max(grid.values.shape) > 1 else []
    return found


def _grid(title: str, row: Row, names: tuple[str, str], criterion: str) -> Grid:
    both = [setting for setting in row.settings if set(names) <= setting.values.keys()]
    across, up = (tuple(sorted({s.values[name] for s in both}, key=key_of)) for name in names)
    values, lost = np.full((len(up), len(across)), np.nan), np.zeros((len(up), len(across)), bool)
    better = np.fmax if higher_is_better(criterion) else np.fmin
    for setting in both:
        place = up.index(setting.values[names[1]]), across.index(setting.values[names[0]])
        mean = scored(setting, criterion, by_split=False).mean
        values[place] = better(values[place], np.nan if mean is None else mean)
        lost[place] = True
    return Grid(title, across, up, values, lost & np.isnan(values))
