"""The loss as a landscape, with the paths of the runs on it."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np

from gdrun.descent.parts import Array
from gdrun.pictures.legends import key, legend
from gdrun.pictures.look import Look
from gdrun.pictures.relief import Relief, levels, relief
from gdrun.pictures.scene import Scene
from gdrun.pictures.series import Lost, cut
from gdrun.pictures.tracks import Track, ground, lasting
from gdrun.pictures.wish import Wish

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from gdrun.pictures.picture import Picture

FEW = 80
"""Points up to which each step of a path is marked."""
CROWD = 6
"""Paths of which more are drawn thin, their steps unmarked."""
FAR = 3.0
"""How many times as high as the others a run on a curve is followed that diverges."""
RATIO = 0.72
WIDE = 0.75
"""The share of a picture's width that its axes have beside a colour bar."""


def suits(scene: Scene) -> bool:
    """Whether the paths were recorded on a surface: a network's takes time and is drawn when asked for."""
    return all(result.row.get("model.kind") == "surface" for result in scene.results)


def draw(scene: Scene, look: Look, wish: Wish) -> Picture:
    """The picture. Raises PictureError and AgainError."""
    from gdrun.pictures.picture import Picture

    found = relief(ground(scene), wish)
    if wish.three_d and not found.flat:
        from gdrun.pictures.bowl import draw_bowl

        picture = Picture(look, RATIO)
        draw_bowl(picture, found, look)
    else:
        picture = Picture(look, ratio(found), "compressed")
        axes = picture.subplots()
        draw_ground(axes, found, look)
        for track in found.ground.tracks:
            draw_track(axes, track, places(found, track), look, thickness(found))
    legend(picture, keys(found, look), notes(found))
    return picture


def ratio(found: Relief) -> float:
    """The height of a picture of a relief by its width, so that both directions have one scale and no room is left."""
    if found.flat:
        return RATIO
    high_by_wide = float(np.ptp(found.y) / np.ptp(found.x))
    return min(max(0.08 + WIDE * high_by_wide, 0.4), 0.9)


def draw_ground(axes: Axes, found: Relief, look: Look, named: bool = True) -> None:
    """Contours of the loss, or its curve where there is one parameter, and the known minima; `named` the bar is."""
    axes.grid(False)
    axes.set_xlabel(found.plane.names[0])
    if found.flat:
        axes.plot(found.x, found.heights[0], color=look.faint, linewidth=2.5, zorder=1)
        axes.set_ylabel("training loss")
        if np.isfinite(top := ceiling(found)):
            seen = found.x[found.heights[0] <= top]
            bottom = float(found.heights.min())
            axes.set(xlim=(seen[0], seen[-1]), ylim=(bottom - 0.05 * (top - bottom), top))
        return
    axes.set_ylabel(found.plane.names[1])
    axes.set_aspect("equal")  # or what meets contours at right angles would not look so
    steps = levels(found.heights)
    norm, colours = shades(steps, look)
    filled = axes.contourf(found.x, found.y, found.heights, steps, norm=norm, cmap=colours)
    lines: dict[str, Any] = {"linewidths": 0.4, "alpha": 0.35, "linestyles": "solid"}
    axes.contour(found.x, found.y, found.heights, steps, colors=look.ink, **lines)
    ticks = steps[:: 3 if look.narrow else 2]
    bar = axes.figure.colorbar(filled, ax=axes, label="training loss" if named else None)
    bar.set_ticks(ticks.tolist(), labels=numerals(ticks))
    bar.outline.set_linewidth(0.4)
    bar.ax.minorticks_off()
    if len(found.minima):
        axes.plot(*found.minima.T, linestyle="none", marker="*", markersize=1.1 * look.size, color=look.paper,
                  markeredgecolor=look.ink, zorder=7)  # fmt: skip


def numerals(values: Array) -> list[str]:
    """Numbers with three digits, or as many as tell them apart."""
    rounded = ([float(f"{value:.{digits}g}") for value in values] for digits in range(3, 9))
    apart = next((found for found in rounded if len(set(found)) == len(values)), values)
    return [f"{value:.8g}" for value in apart]


def shades(steps: Array, look: Look) -> tuple[Any, Any]:
    """A shade for each level, quiet enough for paths to stand out on: deep is dark."""
    from matplotlib import colormaps
    from matplotlib.colors import BoundaryNorm, ListedColormap

    low, high = (0.08, 0.6) if look.style == "dark" else (0.45, 0.98)
    return BoundaryNorm(steps, 256), ListedColormap(colormaps["bone"](np.linspace(low, high, 256)))


def ceiling(found: Relief) -> float:
    """How high runs on a curve are followed that diverge where others do not; infinite elsewhere."""
    lasting = [track.losses.max() for track in found.ground.tracks if not track.diverged]
    if not found.flat or not lasting or len(lasting) == len(found.ground.tracks):
        return inf
    bottom = float(found.heights.min())
    return bottom + FAR * (float(max(lasting)) - bottom)


def places(found: Relief, track: Track) -> Array:
    """A path (n, 2) as it is drawn: where it is in the plane, or, on a curve, how high; to the edge if it diverges."""
    coordinates = found.plane.coordinates(track.points)
    if found.flat:
        return np.column_stack(cut(Lost(track.run, coordinates[:, 0], track.losses), 0.97 * ceiling(found)))
    return up_to_edge(coordinates, *found.edges) if track.diverged else coordinates


def up_to_edge(path: Array, low: Array, high: Array) -> Array:
    """A path (n, 2) up to where it leaves a box of such a lowest and highest corner (2,)."""
    beyond = np.flatnonzero(((path < low) | (path > high)).any(axis=1))
    if not len(beyond):
        return path
    last = int(beyond[0])
    if last == 0:
        return path[:1]
    step = path[last] - path[last - 1]
    out = path[last] != np.clip(path[last], low, high)
    share = ((np.clip(path[last], low, high) - path[last - 1])[out] / step[out]).min()
    return np.vstack([path[:last], path[last - 1] + share * step])


def thickness(found: Relief) -> float:
    """Of lines and marks: less where there are so many that they would hide each other."""
    return 1.0 if len(found.ground.tracks) <= CROWD else 0.6


def draw_track(axes: Axes, track: Track, path: Array, look: Look, thick: float) -> None:
    """A path with its start and its end."""
    colour, width = look.colour(track.candidate.colour), thick * look.line
    halos = halo(look, width)
    axes.plot(*path.T, color=colour, linewidth=width, marker=step_mark(path, thick), path_effects=halos, zorder=4)
    end = "X" if track.diverged else "s"
    for place, mark, order in ((path[:1], "o", 5), (path[-1:], end, 6)):
        axes.plot(*place.T, color=colour, marker=mark, markeredgecolor=look.paper, markeredgewidth=0.7 * thick,
                  markersize=0.75 * thick * look.size, zorder=order)  # fmt: skip


def step_mark(path: Array, thick: float) -> str | None:
    """What marks each step of a path, where there is room for it."""
    return "." if len(path) <= FEW and thick == 1 else None


def halo(look: Look, width: float) -> list[Any]:
    """What sets a line off from what is below it."""
    from matplotlib.patheffects import Normal, Stroke

    return [Stroke(linewidth=2 * width, foreground=look.paper, alpha=0.7), Normal()]


def keys(found: Relief, look: Look) -> list[Any]:
    """What the legend explains."""
    tracks = found.ground.tracks
    names = {track.candidate.name: track.candidate.colour for track in tracks}
    told = [key(name, look, colour) for name, colour in names.items()]
    told.append(key("start", look, look.ink, marker="o", linestyle="none"))
    if not all(track.diverged for track in tracks):
        told.append(key("end", look, look.ink, marker="s", linestyle="none"))
    if any(track.diverged for track in tracks):
        told.append(key("diverged", look, look.ink, marker="X", linestyle="none"))
    if len(found.minima) and not found.flat:
        star = {"marker": "*", "markersize": look.size, "markerfacecolor": look.paper}
        name = "minimum, projected" if found.projected else "minimum"
        told.append(key(name, look, look.ink, linestyle="none", **star))
    return told


def notes(found: Relief) -> str:
    """What there is to say about the plane and the paths."""
    said = []
    if found.plane.share is not None:
        apart = ", diverged paths apart" if len(lasting(found.ground.tracks)) < len(found.ground.tracks) else ""
        said.append(f"{found.plane.told}, {_percent(found.plane.share)} of the way{apart}")
    replayed = [track for track in found.ground.tracks if track.replayed]
    if replayed:
        said.append("paths were not recorded: replayed" if len(replayed) > 1 else "path was not recorded: replayed")
    if any(track.cut or _leaves(found, track) for track in found.ground.tracks):
        said.append("paths that diverge go on beyond what is shown")
    if found.ground.left_out:
        said.append(f"{found.ground.left_out} runs on other functions are not shown")
    return "\n".join(said)


def _leaves(found: Relief, track: Track) -> bool:
    return not found.flat and not np.array_equal(places(found, track), found.plane.coordinates(track.points))


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if share < 0.9995 else "all"
