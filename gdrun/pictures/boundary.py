"""Where a model of two features sees which class, with the data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gdrun.data import Data
from gdrun.descent.parts import Array
from gdrun.pictures.errors import PictureError
from gdrun.pictures.legends import key, legend, shortened, titled
from gdrun.pictures.look import Look
from gdrun.pictures.scene import Scene
from gdrun.pictures.trained import Learned, learned, note, parts, raw
from gdrun.pictures.wish import Wish

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from gdrun.pictures.picture import Picture

POINTS = 250
MARGIN = 0.08
MARKERS = ("o", "s", "^", "D", "v", "P", "<", ">")


@dataclass(frozen=True)
class Regions:
    """What a model sees at each place of a grid, (y, x)."""

    x: Array
    y: Array
    classes: NDArray[np.intp]
    """The class by its number."""
    borders: list[Array]
    """What is 0 where classes meet: one for two classes, else one for each of them."""


def regions(found: Learned, points: int = POINTS) -> Regions:
    """What a model sees around its data."""
    everything = np.concatenate([raw(found.data, part) for _, part in parts(found.data)])
    low, high = everything.min(axis=0), everything.max(axis=0)
    margin = MARGIN * np.maximum(high - low, 1e-9)
    x, y = (np.linspace(a, b, points) for a, b in zip(low - margin, high + margin, strict=True))
    places = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    outputs = found.model.outputs(found.model.preprocessing.standardized(places))
    ahead = [outputs[:, 0] - found.model.network.threshold] if outputs.shape[1] == 1 else leads(outputs)
    shape = (points, points)
    return Regions(x, y, found.model.classed(outputs).reshape(shape), [each.reshape(shape) for each in ahead])


def leads(outputs: Array) -> list[Array]:
    """How far each class is ahead of all others, (m,), by the outputs (m, K)."""
    with np.errstate(invalid="ignore"):  # of a model that diverged both may be infinite
        return [one - np.delete(outputs, k, axis=1).max(axis=1) for k, one in enumerate(outputs.T)]


def suits(scene: Scene) -> bool:
    """Whether there are two features and classes, as far as can be told from the runs alone."""
    lines = [result.row for result in scene.results]
    return all(_drawn_in_the_plane(line.get("dataset.kind"), line.get("dataset.features")) for line in lines)


def _drawn_in_the_plane(kind: Any, features: Any) -> bool:
    return kind in ("moons", "circles", "spirals", "xor") or (kind in ("blobs", "sandwich") and features == 2)


def draw(scene: Scene, look: Look, wish: Wish) -> Picture:
    """The picture: axes for each candidate. Raises PictureError and AgainError."""
    from gdrun.pictures.picture import Picture

    found = learned(scene, "boundary")
    for each in found:
        check(each.data, scene.name)
    across = 1 if len(found) == 1 else 2
    down = -(-len(found) // across)
    picture = Picture(look, 0.75 if across == 1 else 0.42 * down)
    axes = [place for row in picture.panels(down, across) for place in row]
    for place, one in zip(axes, found, strict=False):
        draw_regions(place, one, look)
        titled(place, one.name if len(found) > 1 or one.diverged else "", look)
    for spare in axes[len(found) :]:
        spare.set_axis_off()
    legend(picture, keys(found[0].data, look), note(found))
    return picture


def check(data: Data, name: str) -> None:
    """Raise PictureError unless there are two features and classes."""
    if data.classes is None:
        raise PictureError(f"boundary: {name} predicts numbers; fit draws those of one feature")
    if len(data.feature_names) != 2:
        raise PictureError(f"boundary: {name} has {len(data.feature_names)} features, not two")


def draw_regions(axes: Axes, found: Learned, look: Look) -> None:
    """The classes' regions, the border between them and the examples."""
    from matplotlib.colors import ListedColormap

    seen, count = regions(found), len(found.data.classes or ())
    colours = ListedColormap([look.colour(i) for i in range(count)])
    axes.grid(False)
    axes.pcolormesh(seen.x, seen.y, seen.classes, cmap=colours, vmin=-0.5, vmax=count - 0.5, alpha=0.22,
                    rasterized=True, linewidth=0, shading="nearest")  # fmt: skip
    for border in seen.borders:
        if (border < 0).any() and (border > 0).any():
            axes.contour(seen.x, seen.y, border, [0], colors=look.ink, linewidths=0.8)
    for name, part in parts(found.data):
        points = raw(found.data, part)
        for i in range(count):
            mine, face = points[part.targets == i], look.colour(i) if name == "training" else look.paper
            axes.scatter(mine[:, 0], mine[:, 1], s=look.dot, color=face, edgecolor=look.colour(i),
                         linewidth=0.9, marker=MARKERS[i % len(MARKERS)], zorder=3)  # fmt: skip
    names = found.data.feature_names
    axes.set_xlabel(shortened(names[0]))
    axes.set_ylabel(shortened(names[1]))


def keys(data: Data, look: Look) -> list[Any]:
    """What the legend explains."""
    told = [
        key(f"{data.preprocessing.target_name} {name}", look, i, marker=MARKERS[i % len(MARKERS)], linestyle="none")
        for i, name in enumerate(data.classes or ())
    ]
    if data.validation is not None:
        told.append(key("validation", look, look.ink, marker="o", markerfacecolor=look.paper, linestyle="none"))
    return told
