"""Runs racing on their surface, their loss curves beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gdrun.descent.parts import Array
from gdrun.pictures.film import as_gif, as_mp4
from gdrun.pictures.legends import legend
from gdrun.pictures.look import Look
from gdrun.pictures.relief import Relief, relief
from gdrun.pictures.scene import Scene
from gdrun.pictures.series import logarithmic
from gdrun.pictures.surface import draw_ground, halo, keys, notes, places, ratio, thickness
from gdrun.pictures.tracks import Track, ground
from gdrun.pictures.wish import Wish

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

    from gdrun.pictures.picture import Picture

MOVES = True
DPI = 100
MOST_FRAMES = 2000
MARGIN = 0.03
"""Room for the marks at both ends."""


def suits(scene: Scene) -> bool:
    """Never: it is drawn when asked for."""
    return False


@dataclass(frozen=True)
class Racer:
    """What moves for one run: its path and head on the surface, its curve and head beside it."""

    track: Track
    path: Array
    """(n, 2), as it is drawn"""
    lines: tuple[Line2D, Line2D, Line2D, Line2D]

    def go_to(self, step: float) -> None:
        """Show the run as far as it was after so many steps."""
        on_surface = until(self.track.steps, self.path, step)
        curve = until(self.track.steps, np.column_stack([self.track.steps, self.track.losses]), step)
        for line, way in zip(self.lines, (on_surface, on_surface[-1:], curve, curve[-1:]), strict=True):
            line.set_data(way[:, 0], way[:, 1])


def until(steps: Array, way: Array, step: float) -> Array:
    """A way (n, 2) recorded after some steps (n,), up to a step between two of them."""
    passed = way[steps <= step]
    if len(passed) == len(way):
        return passed
    head = [np.interp(step, steps, column) for column in way.T]
    return np.vstack([passed, head])


@dataclass(frozen=True)
class Animation:
    """The moving picture, drawn when it is written."""

    picture: Picture
    racers: Sequence[Racer]
    wish: Wish

    @property
    def steps(self) -> Array:
        """The step that each frame shows: all runs by the same clock."""
        count = min(MOST_FRAMES, max(2, round(self.wish.seconds * self.wish.fps)))
        return np.linspace(0, max(float(racer.track.steps[-1]) for racer in self.racers), count)

    def frames(self) -> Iterator[NDArray[np.uint8]]:
        """The frames as colours (height, width, 3)."""
        canvas: Any = self.picture.canvas
        with self.picture.look.applied():
            self.picture.set_dpi(DPI)
            canvas.draw()
            self.picture.set_layout_engine("none")
            canvas.draw()
            behind = canvas.copy_from_bbox(self.picture.bbox)
            for step in self.steps:
                canvas.restore_region(behind)
                for racer in self.racers:
                    racer.go_to(step)
                    for line in racer.lines:
                        self.picture.draw_artist(line)
                yield np.array(canvas.buffer_rgba())[:, :, :3]

    def drawn(self, kind: str) -> bytes:
        """The animation as a gif or mp4 file. Raises PictureError where there is no ffmpeg."""
        if kind == "mp4":
            return as_mp4(self.frames(), self.wish.fps)
        look = self.picture.look
        kept = [look.colour(racer.track.candidate.colour) for racer in self.racers]
        return as_gif(self.frames(), self.wish.fps, [look.ink, look.paper, *kept])


def draw(scene: Scene, look: Look, wish: Wish) -> Animation:
    """The animation. Raises PictureError and AgainError."""
    from gdrun.pictures.picture import Picture

    found = relief(ground(scene), wish)
    high = ratio(found)
    picture = Picture(look, high + 0.65 if look.narrow else min(0.5, 0.14 + 0.55 * high), "compressed")
    rows = picture.panels(2, 1) if look.narrow else picture.panels(1, 2, width_ratios=[1.25, 1])
    left, right = (each for row in rows for each in row)
    draw_ground(left, found, look, named=look.narrow)  # beside the curves, whose axis bears the same name
    _set_axes(right, found)
    racers = [_racer(left, right, found, track, look) for track in found.ground.tracks]
    legend(picture, keys(found, look), notes(found))
    return Animation(picture, racers, wish)


def _set_axes(axes: Axes, found: Relief) -> None:
    """Axes wide enough for all curves, which come later."""
    from gdrun.pictures.ticks import plain_ticks, round_ticks

    losses = np.concatenate([track.losses for track in found.ground.tracks])
    last = max(float(track.steps[-1]) for track in found.ground.tracks) or 1.0
    axes.set_xlim(-MARGIN * last, (1 + MARGIN) * last)
    if logarithmic(losses):
        axes.set_yscale("log")
        losses = losses[losses > 0]
    axes.plot(np.zeros(2), [losses.min(), losses.max()], alpha=0)
    plain_ticks(axes.yaxis)
    round_ticks(axes.xaxis, whole=True)
    axes.set_xlabel("step")
    axes.set_ylabel("training loss")


def _racer(left: Axes, right: Axes, found: Relief, track: Track, look: Look) -> Racer:
    path = places(found, track)
    colour = look.colour(track.candidate.colour)
    thick = thickness(found)
    width = thick * look.line
    moving: dict[str, Any] = {"color": colour, "animated": True}
    mark: dict[str, Any] = {"markeredgecolor": look.paper, "markeredgewidth": 0.7 * thick}
    end = mark | moving | {"marker": "X" if track.diverged else "s"}
    (way,) = left.plot([], [], linewidth=width, path_effects=halo(look, width), zorder=4, **moving)
    (head,) = left.plot([], [], markersize=8 * thick, zorder=6, **end)
    (curve,) = right.plot([], [], linewidth=width, **moving)
    (tip,) = right.plot([], [], markersize=6 * thick, **end)
    left.plot(*path[:1].T, color=colour, marker="o", markersize=5 * thick, **mark)
    left.autoscale_view()
    left.set_autoscale_on(False)
    return Racer(track, path, (way, head, curve, tip))
