"""The paths of a candidate on the surface of a report: what is drawn of them, and what the slider moves.

A source holds the points of all paths, one after the other, each from step 0 on; what the slider moves bears it in its
tag, and gets from it how far each path has come.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gdrun.analysis.criteria import Result
from gdrun.descent.parts import Array
from gdrun.pictures.candidates import Candidate
from gdrun.pictures.report.chart import add, hover, paint_of
from gdrun.pictures.report.table import name_of

if TYPE_CHECKING:
    from bokeh.plotting import figure


@dataclass(frozen=True)
class Way:
    """A path as it is drawn: places (n, 2), steps and losses (n,)."""

    run: Result
    places: Array
    steps: Array
    losses: Array


@dataclass(frozen=True)
class Group:
    """The paths of one candidate."""

    key: str
    candidate: Candidate
    front: Sequence[Way]
    """Of its best setting."""
    behind: Sequence[Way]

    @property
    def tag(self) -> dict[str, Any]:
        """What the page shows, hides and paints by."""
        return {"key": self.key, "paint": paint_of(self.candidate)}


def draw_behind(on: figure, group: Group) -> None:
    """The paths of settings that are not the best: thin lines, a dot where each is."""
    if not group.behind:
        return
    from bokeh.models import MultiLine, Scatter

    points, nothing = _points(group.behind, {}), [()] * len(group.behind)
    texts = {"run": [name_of(way.run) for way in group.behind], "id": [str(way.run.row["id"]) for way in group.behind]}
    line = MultiLine(xs="xs", ys="ys", line_width=1, line_alpha=0.45)
    name, tag = group.candidate.label, group.tag
    drawn = add(on, _moved(xs=nothing, ys=nothing, **texts), line, name, **tag, moves="way", along=points)
    hover(on, [drawn], [("", "$name"), ("run", "@id"), ("", "@run")])
    dot = Scatter(x="x", y="y", size=4, line_alpha=0, fill_alpha=0.8)
    add(on, _moved(x=[], y=[]), dot, name, **tag, moves="head", along=points)


def draw_front(on: figure, group: Group) -> None:
    """Whole paths, faintly; on them what the slider moves: the ways so far and the heads."""
    if not group.front:
        return
    from bokeh.models import ColumnDataSource, MultiLine, Scatter

    name, tag = group.candidate.name, group.tag
    losses = np.concatenate([way.losses for way in group.front])
    seeds = np.concatenate([np.full(len(way.steps), way.run.seed, np.int32) for way in group.front])
    points = _points(group.front, {"loss": losses.astype(np.float32), "seed": seeds})
    add(on, _moved(xs=[], ys=[]), MultiLine(xs="xs", ys="ys", line_width=1.5, line_alpha=0.35), name, **tag,
        moves="whole", along=points)  # fmt: skip
    dots = add(on, points, Scatter(x="x", y="y", size=4, line_alpha=0, fill_alpha=0.5), name, **tag)
    hover(on, [dots], [("", "$name"), ("seed", "seed"), ("step", "step"), ("training loss", "loss")])
    for width, alpha, paint in ((5, 0.7, "paper"), (2.5, 1.0, tag["paint"])):  # set off from what is below
        line = MultiLine(xs="xs", ys="ys", line_width=width, line_alpha=alpha)
        add(on, _moved(xs=[], ys=[]), line, name, **tag | {"paint": paint}, moves="way", along=points)
    ends = ["x" if way.run.status == "diverged" else "square" for way in group.front]
    heads = Scatter(x="x", y="y", marker={"field": "marker"}, size=10, line_width=2.5)
    add(on, ColumnDataSource({"x": [way.places[-1, 0] for way in group.front],
                              "y": [way.places[-1, 1] for way in group.front], "marker": ends}),
        heads, name, **tag, moves="head", along=points)  # fmt: skip
    begins = np.array([way.places[0] for way in group.front])
    start = ColumnDataSource({"x": begins[:, 0], "y": begins[:, 1]})
    add(on, start, Scatter(x="x", y="y", size=9, marker="circle"), name, **tag)


def _points(ways: Sequence[Way], more: dict[str, Array]) -> Any:
    """All points of some paths, one path after the other."""
    from bokeh.models import ColumnDataSource

    x, y = np.concatenate([way.places for way in ways]).astype(np.float32).T
    steps = np.concatenate([way.steps for way in ways]).astype(np.int32)
    return ColumnDataSource({"x": x, "y": y, "step": steps, **more})


def _moved(**columns: Any) -> Any:
    """What the page fills in."""
    from bokeh.models import ColumnDataSource

    return ColumnDataSource(columns)
