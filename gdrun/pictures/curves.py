"""Curves: loss and metric by epoch, step, examples or seconds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gdrun.pictures.legends import AXES, NAMES, key, legend, titled
from gdrun.pictures.look import Look
from gdrun.pictures.optimum import known_optimum
from gdrun.pictures.scene import Scene
from gdrun.pictures.series import Axis, Curve, ceiling, curves, cut, drawn_values, metric, spans_decades
from gdrun.pictures.wish import Wish

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from gdrun.pictures.picture import Picture

DASHES = {"train": (0, (4, 2)), "validation": "solid"}
MOST_PANELS = 4
FAR = 10
"""How many times its first error (1 - R²) a run that diverged is shown, where all did."""


def suits(scene: Scene) -> bool:
    """Whether there is something recorded."""
    return bool(scene.history)


def draw(scene: Scene, look: Look, wish: Wish) -> Picture:
    """The picture: a pair of axes, loss and metric, for each dataset. Raises PictureError."""
    from gdrun.pictures.picture import Picture

    panels = scene.panels()[:MOST_PANELS]
    quantities = [name for name in ("loss", metric(scene)) if name]
    across = 1 if look.narrow else len(quantities)
    down = len(panels) * len(quantities) // across
    picture = Picture(look, (0.72 if across == 1 else 0.45) * down)
    axes = np.array(picture.panels(down, across)).reshape(len(panels), len(quantities))
    axis = wish.x or usual_axis(scene)
    found = [[curves(scene, panel, quantity, axis) for quantity in quantities] for panel in panels]
    lowest = [known_optimum(scene, panel) for panel in panels]
    for row, panel, several, optimum in zip(axes, panels, found, lowest, strict=True):
        for each, quantity, drawn in zip(row, quantities, several, strict=True):
            _draw_axes(each, quantity, drawn, look, axis)
            titled(each, panel.title, look)
        if any(curve.lost for drawn in several for curve in drawn):
            row[-1].set_xlim(row[0].get_xlim())  # as far as the losses are followed
        if optimum is not None:
            _draw_optimum(row[0], optimum, look)
    everything = [curve for several in found for drawn in several for curve in drawn]
    dotted = key("lowest training loss there is", look, look.ink, linestyle="dotted", linewidth=look.size / 9)
    known = [dotted] if any(each.lines[-1].get_linestyle() == ":" for each in axes[:, 0] if each.lines) else []
    legend(picture, [*keys(everything, look), *known], notes(found, everything))
    return picture


def _draw_optimum(axes: Axes, optimum: float, look: Look) -> None:
    """The lowest loss as a line, where the scale has it."""
    if optimum > 0 or axes.get_yscale() == "linear":
        axes.axhline(optimum, color=look.ink, linestyle="dotted", linewidth=look.size / 9, zorder=1)


def usual_axis(scene: Scene) -> Axis:
    """Epochs; on a surface, where each step is one, steps."""
    return "epoch" if any(result.row.get("dataset.kind") for result in scene.results) else "step"


def _draw_axes(axes: Axes, quantity: str, found: Sequence[Curve], look: Look, axis: Axis) -> None:
    from gdrun.pictures.ticks import plain_ticks

    values = drawn_values(found)
    log = quantity == "loss" and spans_decades(found)
    if log:
        axes.set_yscale("log")
    top = ceiling(found, log) if quantity == "loss" else np.inf
    parts = {curve.part for curve in found}
    part = "validation" if "validation" in parts else "train"
    _draw_others(axes, [each for each in found if each.candidate.colour is None and each.part == part], look, top)
    coloured = [each for each in found if each.candidate.colour is not None]
    veil = look.veil(max(1, sum(each.part == part for each in coloured)))
    for curve in coloured:
        _draw_curve(axes, curve, look, top, DASHES[curve.part] if len(parts) > 1 else "solid", veil)
    if quantity == "r2" and any(curve.lost for curve in found) and len(values):  # an accuracy stays within 0 and 1
        low, high = metric_limits(found)
        axes.set_ylim(low - 0.05 * (high - low) - 0.01, high + 0.05 * (high - low) + 0.01)
    plain_ticks(axes.yaxis)
    _set_ticks(axes, axis != "seconds")
    axes.set_xlabel(AXES[axis])
    only = "" if len(parts) > 1 else "training " if "train" in parts else "validation "
    axes.set_ylabel(only + NAMES[quantity])


def metric_limits(found: Sequence[Curve]) -> tuple[float, float]:
    """What is shown of R² where runs diverged: the others, or else how they set out, to ten times the error."""
    values = drawn_values(found)
    low, high = float(values.min()), float(values.max())
    if any(len(curve.x) for curve in found):
        return low, high
    return (0.0 if low >= 0 else 1 - FAR * (1 - low)), high


def _set_ticks(axes: Axes, whole: bool) -> None:
    """Round numbers along the axis, whole ones unless less than one is shown; one tick for a single point."""
    from gdrun.pictures.ticks import round_ticks

    low, high = axes.dataLim.intervalx
    if low == high:
        axes.set_xticks([low])
    else:
        round_ticks(axes.xaxis, whole and high - low >= 1)


def _draw_others(axes: Axes, found: Sequence[Curve], look: Look, top: float) -> None:
    """Those that have no colour of their own, faintly, as one thing: there may be hundreds."""
    from matplotlib.collections import LineCollection

    lasting = [np.column_stack([curve.x, curve.middle]) for curve in found if len(curve.x)]
    lost = [np.column_stack(cut(lost, top)) for curve in found for lost in curve.lost]
    if lasting or lost:
        axes.add_collection(LineCollection(lasting + lost, colors=look.faint, linewidths=0.5, alpha=0.5, zorder=2))
    if lost:
        ends = np.array([way[-1] for way in lost])
        axes.plot(*ends.T, color=look.faint, marker="X", linestyle="none", zorder=2)


def _draw_curve(axes: Axes, curve: Curve, look: Look, top: float, dashes: Any, veil: float) -> None:
    colour = look.colour(curve.candidate.colour)
    faint = 0.6 if curve.part == "train" and dashes != "solid" else 1.0
    if len(curve.x):
        marker = "o" if len(curve.x) == 1 else None
        axes.plot(curve.x, curve.middle, color=colour, linestyle=dashes, alpha=faint, zorder=3, marker=marker)
    if curve.seeds > 1 and faint == 1.0:
        axes.fill_between(curve.x, curve.low, curve.high, color=colour, alpha=veil, linewidth=0, zorder=2)
    for lost in curve.lost:
        x, y = cut(lost, top)
        axes.plot(x, y, color=colour, linestyle=dashes, alpha=faint, linewidth=0.9, zorder=3)
        axes.plot(x[-1:], y[-1:], color=colour, marker="X", linestyle="none", zorder=4, clip_on=np.isinf(top))


def keys(found: Sequence[Curve], look: Look) -> list[Any]:
    """What the legend explains: candidates, parts of the data, and what diverged."""
    candidates = {curve.candidate.name: curve.candidate for curve in found}
    told = [key(name, look, each.colour) for name, each in candidates.items() if each.colour is not None]
    others = len(candidates) - len(told)
    told += [key(f"{others} others", look, None)] if others else []
    if len({curve.part for curve in found}) > 1:
        told.append(key("validation", look, look.ink))
        told.append(key("training", look, look.ink, linestyle=DASHES["train"], alpha=0.6))
    if any(curve.lost for curve in found):
        told.append(key("diverged", look, look.ink, marker="X", linestyle="none"))
    return told


def notes(panels: Sequence[Sequence[Sequence[Curve]]], everything: Sequence[Curve]) -> str:
    """What there is to say about lines, bands and runs that leave the picture."""
    losses = [several[0] for several in panels]
    tops = [ceiling(found, spans_decades(found)) for found in losses]
    gone = any(
        lost.y.max() > top for found, top in zip(losses, tops, strict=True) for curve in found for lost in curve.lost
    )
    beyond = "runs that diverged go on above what is shown" if gone else ""
    return "\n".join(filter(None, (seeds_told(everything), beyond)))


def seeds_told(found: Sequence[Curve]) -> str:
    """What line and band stand for."""
    seeds = max((curve.seeds for curve in found), default=1)
    fresh = "fresh " if any(curve.candidate.fresh for curve in found) else ""
    return f"median and range of {seeds} {fresh}seeds" if seeds > 1 else ""
