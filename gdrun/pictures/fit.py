"""What models of one feature predict, with the data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gdrun.data import Data
from gdrun.descent.parts import Array
from gdrun.pictures.errors import PictureError
from gdrun.pictures.legends import key, legend, shortened
from gdrun.pictures.look import Look
from gdrun.pictures.scene import Scene
from gdrun.pictures.trained import Learned, learned, note, parts, raw
from gdrun.pictures.wish import Wish

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from gdrun.pictures.picture import Picture

POINTS = 300
MARGIN = 0.05
FAR = 0.5
"""How far lines are followed beyond the data, as a share of their range."""


def line(found: Learned, x: Array) -> Array:
    """What a model predicts at some values (n,) of its feature, in the target's own unit."""
    return np.asarray(found.model.predict(x[:, None]), float)


def spread(data: Data) -> Array:
    """Values of the feature (n,) all over the data."""
    everything = np.concatenate([raw(data, part)[:, 0] for _, part in parts(data)])
    margin = MARGIN * max(float(np.ptp(everything)), 1e-9)
    return np.linspace(everything.min() - margin, everything.max() + margin, POINTS)


def suits(scene: Scene) -> bool:
    """Whether there is one feature, as far as can be told from the runs alone."""
    lines = [result.row for result in scene.results]
    return all(line.get("dataset.kind") == "linear" and line.get("dataset.features") == 1 for line in lines)


def draw(scene: Scene, look: Look, wish: Wish) -> Picture:
    """The picture. Raises PictureError and AgainError."""
    from gdrun.pictures.picture import Picture

    found = learned(scene, "fit")
    for each in found:
        check(each.data, scene.name)
    picture = Picture(look)
    axes, data = picture.subplots(), found[0].data
    scale, mean = data.preprocessing.target_scale, data.preprocessing.target_mean
    for name, part in parts(data):
        axes.scatter(raw(data, part)[:, 0], part.targets * scale + mean, s=look.dot, zorder=2,
                     color=look.faint if name == "training" else look.paper, edgecolor=look.faint)  # fmt: skip
    x = spread(data)
    for each in found:
        axes.plot(x, line(each, x), color=look.colour(each.candidate.colour), zorder=3)
    _set_heights(axes, np.concatenate([part.targets * scale + mean for _, part in parts(data)]))
    axes.set_xlabel(shortened(data.feature_names[0]))
    axes.set_ylabel(shortened(data.preprocessing.target_name))
    legend(picture, keys(found, look), note(found))
    return picture


def _set_heights(axes: Axes, targets: Array) -> None:
    """Show the data: a line that goes far beyond, of a model that diverged, leaves the picture."""
    low, high = axes.get_ylim()
    beyond = FAR * float(np.ptp(targets) or 1)
    axes.set_ylim(max(low, float(targets.min()) - beyond), min(high, float(targets.max()) + beyond))


def check(data: Data, name: str) -> None:
    """Raise PictureError unless there is one feature and a number to predict."""
    if data.classes is not None:
        raise PictureError(f"fit: {name} tells classes; boundary draws those of two features")
    if len(data.feature_names) != 1:
        raise PictureError(f"fit: {name} has {len(data.feature_names)} features, not one")


def keys(found: list[Learned], look: Look) -> list[Any]:
    """What the legend explains."""
    told = [key(each.name, look, each.candidate.colour) for each in found]
    told.append(key("training", look, look.faint, marker="o", linestyle="none"))
    if found[0].data.validation is not None:
        told.append(key("validation", look, look.faint, marker="o", markerfacecolor=look.paper, linestyle="none"))
    return told
