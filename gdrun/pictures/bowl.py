"""The loss as a relief in three dimensions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gdrun.descent.parts import Array
from gdrun.pictures.look import Look
from gdrun.pictures.relief import Relief, levels
from gdrun.pictures.surface import numerals, places, shades, step_mark, thickness

if TYPE_CHECKING:
    from gdrun.pictures.picture import Picture

STRIPS = 70
ELEVATION = 38
AZIMUTHS = (-58, 32, 122, 212)
"""Degrees; from one of these sides a relief is looked at."""


def draw_bowl(picture: Picture, found: Relief, look: Look) -> None:
    """The relief and the paths on it; heights are drawn by levels where the walls are steep."""
    steps = levels(found.heights)
    norm, colours = shades(steps, look)
    axes: Any = picture.add_subplot(projection="3d", computed_zorder=False)
    x, y = np.meshgrid(found.x, found.y)
    raised = rise(found.heights, steps)
    axes.plot_surface(x, y, raised, facecolors=colours(norm(found.heights)), rcount=STRIPS, ccount=STRIPS,
                      linewidth=0, shade=False, antialiased=False, zorder=1)  # fmt: skip
    thick = thickness(found)
    size = 0.75 * thick * look.size
    for track in found.ground.tracks:
        path = places(found, track)
        heights = rise(found.ground.heights(found.plane.points(path)), steps)
        colour = look.colour(track.candidate.colour)
        axes.plot(*path.T, heights, color=colour, linewidth=thick * look.line, marker=step_mark(path, thick), zorder=3)
        axes.plot(*path[:1].T, heights[:1], color=colour, marker="o", markersize=size, zorder=4)
        axes.plot(*path[-1:].T, heights[-1:], color=colour, marker="X" if track.diverged else "s",
                  markersize=size, zorder=5)  # fmt: skip
    if len(found.minima):
        low = rise(found.ground.heights(found.plane.points(found.minima)), steps)
        axes.plot(*found.minima.T, low, linestyle="none", marker="*", markersize=1.1 * look.size, color=look.paper,
                  markeredgecolor=look.ink, zorder=2)  # fmt: skip
    marks = np.linspace(0, len(steps) - 1, 6).round().astype(int)
    axes.set_zticks(rise(steps[marks], steps), numerals(steps[marks]))
    axes.set_xlabel(found.plane.names[0], labelpad=0.5 * look.size)
    axes.set_ylabel(found.plane.names[1], labelpad=0.5 * look.size)
    axes.locator_params("x", nbins=5)
    axes.locator_params("y", nbins=5)
    for axis in (axes.xaxis, axes.yaxis, axes.zaxis):
        axis.set_pane_color(look.paper)
    axes.set_zlabel("training loss", labelpad=1.4 * look.size)
    axes.tick_params("z", pad=0.8 * look.size)
    axes.view_init(ELEVATION, side(found, raised))
    axes.set_box_aspect(None, zoom=0.85)


def side(found: Relief, raised: Array) -> int:
    """From where, in degrees, walls hide least of what is behind them: where they are lowest."""
    east, north = np.meshgrid(np.linspace(-1, 1, len(found.x)), np.linspace(-1, 1, len(found.y)))
    up = np.where(np.isfinite(raised), raised, 0.0)
    up /= np.abs(up).max() or 1.0
    angles = np.radians(AZIMUTHS)
    walls = np.mean(up * east) * np.cos(angles) + np.mean(up * north) * np.sin(angles)
    return AZIMUTHS[int(np.argmin(np.round(walls, 3)))]


def rise(heights: Array, steps: Array) -> Array:
    """How high heights are drawn: as they are, or, where levels lie closer to the bottom, by level."""
    gaps = np.diff(steps)
    if np.allclose(gaps, gaps[0]):
        return np.clip(heights, steps[0], steps[-1])
    return np.asarray(np.interp(heights, steps, np.arange(len(steps))))
