"""The surface of a report: the loss around the paths of all runs, and a slider through their steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gdrun.pictures.relief import Relief, levels, relief
from gdrun.pictures.report.chart import Chart, add, chart_figure, document, keys, padded
from gdrun.pictures.report.courses import Group, Way, draw_behind, draw_front
from gdrun.pictures.report.paths import MOST_FRONT, Paths, every, keys_by_name, outlines, paths
from gdrun.pictures.scene import Scene
from gdrun.pictures.surface import notes, places
from gdrun.pictures.tracks import replay_seconds
from gdrun.pictures.wish import Wish

if TYPE_CHECKING:
    from bokeh.plotting import figure

SIDE = 480
POINTS = 90
MOST_RECORDS = 1000
"""Points of a path in front that are drawn."""
MOST_POINTS = 30_000
"""Of all paths in front, and of all behind."""
AFFORDABLE = 20.0
"""Seconds that paths which were not kept may take to be replayed."""


def surface_chart(scene: Scene) -> Chart | str:
    """The chart, or why there is none. Raises PictureError and AgainError."""
    seconds = replay_seconds(scene, MOST_FRONT)
    if seconds > AFFORDABLE:
        return (f"the paths were not recorded, and replaying them takes about {seconds:.0f} s:"
                f" gdrun plot {scene.name} surface")  # fmt: skip
    shown = paths(scene, AFFORDABLE - seconds)
    found = relief(shown.ground, Wish(points=POINTS), patience=0.25)
    on = _figure(found)
    groups = _groups(scene, found, shown)
    for draw in (draw_behind, draw_front):
        for group in groups:
            draw(on, group)
    if len(found.minima) and not found.flat:
        _stars(on, found)
    named = [(group.key, group.candidate.name, group.candidate.colour) for group in groups]
    return Chart("surface", "", keys(named), document(on), " · ".join(_notes(found, shown)),
                 steps=int(max(track.steps[-1] for track in shown.ground.tracks)))  # fmt: skip


def _groups(scene: Scene, found: Relief, shown: Paths) -> list[Group]:
    """The paths of each candidate, as they are drawn."""
    tracks, behind = shown.ground.tracks, shown.ground.tracks[shown.front :]
    pixel = np.array([np.ptp(found.x), np.ptp(found.y) or np.ptp(found.heights)]) / (2 * SIDE, SIDE)
    paths = {track.run: places(found, track) for track in tracks}
    ways = [(paths[track.run] / pixel, track.steps[: len(paths[track.run])]) for track in behind]
    corners = dict(zip([track.run for track in behind], outlines(ways, 1.0, MOST_POINTS), strict=True))
    records = max(2, min(MOST_RECORDS, MOST_POINTS // shown.front))
    drawn: dict[str, tuple[list[Way], list[Way]]] = {track.candidate.name: ([], []) for track in tracks}
    settings = {str(run.row["id"]): run for _, run in every(scene)}
    for place, track in enumerate(tracks):
        path = paths[track.run]
        chosen = corners[track.run] if track.run in corners else _thinned(len(path), records)
        way = Way(settings[track.run], path[chosen], track.steps[chosen], track.losses[chosen])
        drawn[track.candidate.name][place >= shown.front].append(way)
    candidates = {track.candidate.name: track.candidate for track in tracks}
    by_name = keys_by_name(scene)
    return [Group(by_name[name], candidates[name], *ways) for name, ways in drawn.items()]


def _thinned(count: int, most: int) -> NDArray[np.intp]:
    """Places of the records that are drawn, first and last among them."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(np.intp))


def _notes(found: Relief, shown: Paths) -> list[str]:
    """What there is to say about the plane and the paths."""
    said = notes(found).split("\n") if notes(found) else []
    if shown.front < len(shown.ground.tracks):
        said.append("thin: the other runs of each candidate")
    if shown.cut:
        said.append(f"{shown.cut} of them up to where they go far away")
    if shown.left_out:
        said.append(f"{shown.left_out} more runs are not shown: their paths were not recorded, or there is no room")
    return said


def _figure(found: Relief) -> figure:
    """The contours, or the curve where there is one parameter."""
    from bokeh.models import ColumnDataSource, Line, Range1d

    if found.flat:
        low, high = padded(float(found.heights.min()), float(found.heights.max()), log=False)
        on = chart_figure("surface", x_range=Range1d(found.x[0], found.x[-1]), y_range=Range1d(low, high))
        add(on, ColumnDataSource({"x": found.x, "y": found.heights[0]}), Line(x="x", y="y", line_width=3), "loss",
            key=None, paint="faint")  # fmt: skip
        on.yaxis.axis_label = "loss"
    else:
        on = chart_figure("surface", x_range=Range1d(found.x[0], found.x[-1]), y_range=Range1d(found.y[0], found.y[-1]))
        steps = levels(found.heights)
        blank = ["#888888"] * (len(steps) - 1)
        contour = on.contour(found.x, found.y, found.heights, steps, fill_color=blank, line_color="#888888",
                             line_alpha=0.25)  # fmt: skip
        contour.fill_renderer.tags = [{"key": None, "levels": len(steps) - 1}]
        on.yaxis.axis_label = found.plane.names[1]
    on.height, on.xaxis.axis_label = SIDE, found.plane.names[0]
    return on


def _stars(on: figure, found: Relief) -> None:
    from bokeh.models import ColumnDataSource, Scatter

    source = ColumnDataSource({"x": found.minima[:, 0], "y": found.minima[:, 1]})
    add(on, source, Scatter(x="x", y="y", size=16, marker="star", fill_alpha=0.9), "lowest loss there is",
        key=None, paint="ink")  # fmt: skip
