"""The loss as a landscape, with the paths of the runs on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gdrun.descent.parts import Array
from gdrun.pictures.legends import key, legend
from gdrun.pictures.look import Look
from gdrun.pictures.relief import Relief, levels, relief
from gdrun.pictures.scene import Scene
from gdrun.pictures.tracks import Track, ground
from gdrun.pictures.wish import Wish

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from gdrun.pictures.picture import Picture

FEW = 80
"""Points up to which each step of a path is marked."""


def suits(scene: Scene) -> bool:
    """Whether the paths were recorded on a surface: a network's takes time and is drawn when asked for."""
    return all(result.row.get("model.kind") == "surface" for result in scene.results)


def draw(scene: Scene, look: Look, wish: Wish) -> Picture:
    """The picture. Raises PictureError and AgainError."""
    from gdrun.pictures.picture import Picture

    found = relief(ground(scene), wish)
    picture = Picture(look, 0.72)
    if wish.three_d and not found.flat:
        from gdrun.pictures.bowl import draw_bowl

        draw_bowl(picture, found, look)
    else:
        axes = picture.subplots()
        draw_ground(axes, found, look)
        for track in found.ground.tracks:
            draw_track(axes, track, places(found, track), look)
    legend(picture, keys(found, look), notes(found))
    return picture


def draw_ground(axes: Axes, found: Relief, look: Look) -> None:
    """Contours of the loss, or its curve where there is one parameter, and the known minima."""
    axes.grid(False)
    axes.set_xlabel(found.plane.names[0])
    if found.flat:
        axes.plot(found.x, found.heights[0], color=look.faint, linewidth=2.5, zorder=1)
        axes.set_ylabel("loss")
        return
    axes.set_ylabel(found.plane.names[1])
    axes.set_aspect("equal")  # or what meets contours at right angles would not look so
    steps = levels(found.heights)
    norm, colours = shades(steps, look)
    filled = axes.contourf(found.x, found.y, found.heights, steps, norm=norm, cmap=colours)
    lines: dict[str, Any] = {"linewidths": 0.4, "alpha": 0.35, "linestyles": "solid"}
    axes.contour(found.x, found.y, found.heights, steps, colors=look.ink, **lines)
    ticks = steps[:: 3 if look.narrow else 2]
    bar = axes.figure.colorbar(filled, ax=axes, ticks=ticks, format="{x:.3g}", label="training loss")
    bar.outline.set_linewidth(0.4)
    bar.ax.minorticks_off()
    if len(found.minima):
        axes.plot(*found.minima.T, linestyle="none", marker="*", markersize=1.1 * look.size, color=look.paper,
                  markeredgecolor=look.ink, zorder=7)  # fmt: skip


def shades(steps: Array, look: Look) -> tuple[Any, Any]:
    """A shade for each level, quiet enough for paths to stand out on: deep is dark."""
    from matplotlib import colormaps
    from matplotlib.colors import BoundaryNorm, ListedColormap

    low, high = (0.08, 0.6) if look.style == "dark" else (0.45, 0.98)
    return BoundaryNorm(steps, 256), ListedColormap(colormaps["bone"](np.linspace(low, high, 256)))


def places(found: Relief, track: Track) -> Array:
    """A path (n, 2) as it is drawn: where it is in the plane, or, on a curve, how high."""
    coordinates = found.plane.coordinates(track.points)
    return np.column_stack([coordinates[:, 0], track.losses]) if found.flat else coordinates


def draw_track(axes: Axes, track: Track, path: Array, look: Look) -> None:
    """A path with its start and its end."""
    colour = look.colour(track.candidate.colour)
    marker = "." if len(path) <= FEW else None
    axes.plot(*path.T, color=colour, marker=marker, path_effects=halo(look), zorder=4)
    axes.plot(*path[:1].T, color=colour, marker="o", markeredgecolor=look.paper, markersize=0.75 * look.size, zorder=5)
    axes.plot(*path[-1:].T, color=colour, marker="X" if track.diverged else "s", markeredgecolor=look.paper,
              markersize=0.75 * look.size, zorder=6)  # fmt: skip


def halo(look: Look) -> list[Any]:
    """What sets a line off from what is below it."""
    from matplotlib.patheffects import Normal, Stroke

    return [Stroke(linewidth=3, foreground=look.paper, alpha=0.7), Normal()]


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
        star = {"marker": "*", "markersize": 10, "markerfacecolor": look.paper}
        name = "minimum, projected" if found.projected else "minimum"
        told.append(key(name, look, look.ink, linestyle="none", **star))
    return told


def notes(found: Relief) -> str:
    """What there is to say about the plane and the paths."""
    said = []
    if found.plane.share is not None:
        said.append(f"{found.plane.told}, {_percent(found.plane.share)} of the way")
    replayed = [track for track in found.ground.tracks if track.replayed]
    if replayed:
        said.append("paths were not recorded: replayed" if len(replayed) > 1 else "path was not recorded: replayed")
    if found.ground.left_out:
        said.append(f"{found.ground.left_out} runs on other functions are not shown")
    return "\n".join(said)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if share < 0.9995 else "all"
