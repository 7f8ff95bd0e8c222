"""Loss curves in characters, for a terminal."""

from __future__ import annotations

from math import ceil, floor, log10

import numpy as np

from gdrun.descent.parts import Array
from gdrun.pictures.curves import usual_axis
from gdrun.pictures.errors import PictureError
from gdrun.pictures.legends import AXES
from gdrun.pictures.scene import Scene
from gdrun.pictures.series import Axis, Curve, ceiling, curves, cut, drawn_values, spans_decades

HEIGHT = 20
LETTERS = "abcdefghijkl"
COLOURS = ("blue", "orange", "green", "magenta", "yellow", "cyan", "red", "white")


def text(scene: Scene, axis: Axis | None, width: int, coloured: bool) -> str:
    """The loss curves of the candidates, validation loss where there is one. Raises PictureError."""
    panel, by = scene.panels()[0], axis or usual_axis(scene)
    found = curves(scene, panel, "loss", by)
    part = "validation" if any(curve.part == "validation" for curve in found) else "train"
    found = [curve for curve in found if curve.part == part and curve.candidate.colour is not None]
    if not found:
        raise PictureError(f"{scene.name}: no run to draw has a history")
    return _drawn(found, "validation loss" if part == "validation" else "training loss", AXES[by], width, coloured)


def _drawn(found: list[Curve], what: str, by: str, width: int, coloured: bool) -> str:
    import plotext

    log = spans_decades(found)
    plotext.clear_figure()
    plotext.theme("clear")
    plotext.plotsize(width, HEIGHT)
    plotext.yscale("log" if log else "linear")
    told = []
    for i, curve in enumerate(found):
        colour, letter = (COLOURS[i % len(COLOURS)], "●") if coloured else (None, LETTERS[i])
        for x, y in _ways(curve, ceiling(found, log)):
            there = (y > 0) | (not log)
            marker = "braille" if coloured else letter
            plotext.plot(x[there].tolist(), y[there].tolist(), color=colour, marker=marker)
        mark = plotext.colorize(letter, colour) if coloured else letter
        told.append(f"{mark} {curve.candidate.name}" + f" ({len(curve.lost)} diverged)" * bool(curve.lost))
    marks = ticks(drawn_values(found), log)
    plotext.yticks(marks, [f"{mark:.3g}" for mark in marks])
    ways = [x for curve in found for x, _ in _ways(curve, np.inf)]
    places = round_places(min(x[0] for x in ways), max(x[-1] for x in ways), whole=by != AXES["seconds"])
    plotext.xticks(places, [f"{place:,g}" for place in places])
    plotext.title(what)
    plotext.xlabel(by)
    drawn = str(plotext.build()) if coloured else str(plotext.uncolorize(plotext.build()))
    return "\n".join([*(line.rstrip() for line in drawn.splitlines()), *told])


def ticks(values: Array, log: bool) -> list[float]:
    """Round heights where there are enough, else some between lowest and highest."""
    there = values[values > 0] if log else values
    low, high = float(there.min()), float(there.max())
    if not log:
        return list(map(float, np.linspace(low, high, 5)))
    decades = range(ceil(log10(low)), floor(log10(high)) + 1)
    if len(decades) < 2:
        return list(map(float, np.geomspace(low, high, 5)))
    return [10.0**power for power in decades[:: max(1, len(decades) // 6)]]


def round_places(begin: float, end: float, whole: bool) -> list[float]:
    """A few round numbers along an axis, whole ones where it counts something."""
    from matplotlib.ticker import MaxNLocator

    places = MaxNLocator(5, integer=whole).tick_values(begin, end)
    return [float(place) for place in places if begin <= place <= end]


def _ways(curve: Curve, top: float) -> list[tuple[Array, Array]]:
    """The median, and the runs that diverged."""
    median = [(curve.x, curve.middle)] if len(curve.x) else []
    return median + [cut(lost, top) for lost in curve.lost]
