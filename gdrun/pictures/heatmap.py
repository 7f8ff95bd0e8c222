"""Heatmap: an outcome over two swept settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gdrun.analysis.choice import RATE, scored
from gdrun.analysis.criteria import TO_TARGET, higher_is_better
from gdrun.analysis.rows import Row, key_of
from gdrun.descent.parts import Array
from gdrun.pictures.batch import sized
from gdrun.pictures.errors import PictureError
from gdrun.pictures.legends import criterion_words, key, legend, shortened, titled
from gdrun.pictures.look import Look
from gdrun.pictures.scene import Scene
from gdrun.pictures.series import logarithmic
from gdrun.pictures.wish import Wish

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from gdrun.pictures.picture import Picture

MOST_PANELS = 6
FILLED = 0.7
"""The share of cells with runs from which on a grid is drawn without being asked for."""
WRITTEN, ABREAST = 64, 10
"""Cells, and of these beside each other, up to which each bears its number."""


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


def suits(scene: Scene) -> bool:
    """Whether two numbers were swept, each with the other."""
    scene = sized(scene)
    found = suitable(scene)
    return len(found) > 1 and any(_filled(grid) for grid in grids(scene, (found[0], found[1])))


def _filled(grid: Grid) -> bool:
    there = np.isfinite(grid.values) | grid.lost
    return min(there.shape) > 1 and float(there.mean()) > FILLED


def draw(scene: Scene, look: Look, wish: Wish) -> Picture:
    """The picture. Raises PictureError."""
    from gdrun.pictures.picture import Picture

    scene = sized(scene)
    names = axes_of(scene, wish.settings)
    found = grids(scene, names)[:MOST_PANELS]
    if not found:
        raise PictureError(f"heatmap: no candidate has both {names[0]} and {names[1]}")
    across = 1 if look.narrow else min(len(found), 2)
    down = -(-len(found) // across)
    picture = Picture(look, (0.75 if across == 1 else 0.45) * down)
    norm, colours = scale([grid.values for grid in found], higher_is_better(scene.criterion))
    axes = [each for row in picture.panels(down, across) for each in row]
    for each, grid in zip(axes, found, strict=False):
        _draw_grid(each, grid, names, norm, colours, look)
        titled(each, grid.title if len(found) > 1 else "", look)
    for spare in axes[len(found) :]:
        spare.set_axis_off()
    if any(np.isfinite(grid.values).any() for grid in found):
        bar = _bar(picture, axes, norm, colours)
        bar.set_label(criterion_words(scene.criterion) + (",\nmean over seeds" if _seeds(scene) else ""))
    if any(grid.lost.any() for grid in found):
        legend(picture, [key(_cross(scene), look, look.ink, marker="X", linestyle="none")])
    return picture


def _cross(scene: Scene) -> str:
    """What a cell without a number stands for."""
    if scene.criterion in TO_TARGET:
        return "target not reached"
    return "a seed diverged" if _seeds(scene) else "diverged"


def _seeds(scene: Scene) -> bool:
    return len({result.seed for result in scene.results}) > 1


def _bar(picture: Picture, axes: Sequence[Axes], norm: Any, colours: str) -> Any:
    from matplotlib.cm import ScalarMappable

    from gdrun.pictures.ticks import plain_ticks

    bar = picture.colorbar(ScalarMappable(norm, colours), ax=list(axes), shrink=0.9)
    plain_ticks(bar.ax.yaxis)
    return bar


def scale(values: Sequence[Array], higher: bool) -> tuple[Any, str]:
    """A scale for all grids, logarithmic where it spans decades, and its colours: dark is better."""
    from matplotlib.colors import LogNorm, Normalize

    there = np.concatenate([v[np.isfinite(v)] for v in values])
    low, high = (float(there.min()), float(there.max())) if len(there) else (0.0, 1.0)
    norm = LogNorm if logarithmic(there) and low > 0 else Normalize
    return norm(low, high), "viridis_r" if higher else "viridis"


def _draw_grid(axes: Axes, grid: Grid, names: tuple[str, str], norm: Any, colours: str, look: Look) -> None:
    axes.grid(False)
    axes.pcolormesh(np.arange(len(grid.across) + 1), np.arange(len(grid.up) + 1), grid.values, norm=norm, cmap=colours)
    written = grid.values.size <= WRITTEN and len(grid.across) <= ABREAST and not look.narrow
    for (i, j), value in np.ndenumerate(grid.values):
        if grid.lost[i, j]:
            axes.plot(j + 0.5, i + 0.5, marker="X", color=look.ink, markersize=6)
        elif np.isfinite(value) and written:
            light = norm(value) > 0.55 if colours == "viridis" else norm(value) < 0.45
            axes.text(j + 0.5, i + 0.5, f"{value:.3g}", ha="center", va="center", fontsize="x-small",
                      color="black" if light else "white")  # fmt: skip
    _ticks(axes.xaxis, grid.across, 6 if look.narrow else 8)
    _ticks(axes.yaxis, grid.up, 12)
    if max(len(_text(value)) for value in grid.across) > 5:
        axes.tick_params("x", rotation=40)
    axes.set_xlabel(words(names[0]))
    axes.set_ylabel(words(names[1]))


def _ticks(axis: Any, values: Sequence[Any], most: int) -> None:
    every = -(-len(values) // most)
    places = range(0, len(values), every)
    axis.set_ticks([place + 0.5 for place in places], [_text(values[place]) for place in places])


def _text(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else shortened(str(value), 20)


WORDS: Mapping[str, str] = {RATE: "learning rate", "descent.batch_size": "batch size"}


def words(name: str) -> str:
    """A setting's name for an axis."""
    return WORDS.get(name, name.replace("_", " "))
