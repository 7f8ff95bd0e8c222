"""Heatmap: an outcome over two swept settings, drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gdrun.analysis.choice import RATE
from gdrun.analysis.criteria import TO_TARGET, higher_is_better
from gdrun.descent.parts import Array
from gdrun.pictures.batch import sized
from gdrun.pictures.errors import PictureError
from gdrun.pictures.grids import Grid, axes_of, grids, suitable
from gdrun.pictures.legends import criterion_words, key, legend, shortened, titled
from gdrun.pictures.look import Look
from gdrun.pictures.scene import Scene
from gdrun.pictures.series import logarithmic
from gdrun.pictures.wish import Wish

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from gdrun.pictures.picture import Picture

MOST_PANELS = 6
WRITTEN, ABREAST = 64, 10
"""Cells, and of these beside each other, up to which each bears its number."""


def suits(scene: Scene) -> bool:
    """Whether two numbers were swept, each with the other."""
    scene = sized(scene)
    found = suitable(scene)
    return len(found) > 1 and any(grid.filled for grid in grids(scene, (found[0], found[1])))


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
