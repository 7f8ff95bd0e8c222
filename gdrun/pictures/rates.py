"""Sensitivity: the outcome against the learning rate, the valley that shows how much the choice matters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gdrun.analysis.choice import RATE
from gdrun.analysis.criteria import higher_is_better, usable_value
from gdrun.analysis.rows import Setting
from gdrun.descent.parts import Array
from gdrun.pictures.candidates import Candidate
from gdrun.pictures.edges import Edge, edges, in_sight, told
from gdrun.pictures.errors import PictureError
from gdrun.pictures.legends import criterion_words, key, legend, titled
from gdrun.pictures.look import Look
from gdrun.pictures.scene import Scene
from gdrun.pictures.series import logarithmic
from gdrun.pictures.wish import Wish

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from gdrun.pictures.picture import Picture

MANY = 60
"""Points beyond which they are not marked one by one."""


@dataclass(frozen=True)
class At:
    """What came of one value on the axis: the best setting there."""

    x: float
    values: tuple[float, ...]
    """Of the runs that came to one."""
    lost: int
    """Runs that diverged."""

    @property
    def whole(self) -> bool:
        """Whether there is a value and no run diverged."""
        return bool(self.values) and not self.lost


@dataclass(frozen=True)
class Valley:
    """A candidate's outcome along an axis."""

    candidate: Candidate
    points: tuple[At, ...]


def along(candidate: Candidate, name: str, criterion: str) -> Valley:
    """A candidate's best settings for each value of one of them, in order."""
    settings: dict[float, list[At]] = {}
    for setting in candidate.row.settings:
        x = setting.values.get(name)
        if isinstance(x, int | float):
            settings.setdefault(float(x), []).append(_at(float(x), setting, criterion))
    sign = -1 if higher_is_better(criterion) else 1
    points = [min(settings[x], key=lambda at: (at.lost, sign * _middle(at))) for x in sorted(settings)]
    return Valley(candidate, tuple(points))


def _at(x: float, setting: Setting, criterion: str) -> At:
    values = [usable_value(setting.runs[place], criterion) for place in sorted(setting.runs)]
    lost = sum(run.status == "diverged" for run in setting.runs.values())
    return At(x, tuple(value for value in values if value is not None), lost)


def _middle(at: At) -> float:
    return float(np.median(at.values)) if at.values else float("inf")


def suits(scene: Scene) -> bool:
    """Whether a candidate was tried with several rates."""
    if RATE not in scene.swept:
        return False
    every = (candidate for panel in scene.panels(apart=[RATE]) for candidate in panel.candidates)
    return any(len({setting.values.get(RATE) for setting in candidate.row.settings}) > 1 for candidate in every)


def draw(scene: Scene, look: Look, wish: Wish) -> Picture:
    """The picture: axes for each dataset. Raises PictureError."""
    from gdrun.pictures.picture import Picture
    from gdrun.pictures.ticks import plain_ticks

    if RATE not in scene.swept:
        raise PictureError(f"sensitivity: {scene.name} has runs with one learning rate only: sweep optimizer.lr")
    panels = scene.panels(apart=[RATE])
    across = 1 if look.narrow or len(panels) == 1 else 2
    down = -(-len(panels) // across)
    picture = Picture(look, (0.68 if across == 1 else 0.42) * down)
    axes = [each for row in picture.panels(down, across) for each in row]
    everything: list[Valley] = []
    seen: list[Edge] = []
    for each, panel in zip(axes, panels, strict=False):
        found = [along(candidate, RATE, panel.criterion) for candidate in panel.candidates]
        found = [valley for valley in found if valley.points]
        draw_valleys(each, found, look)
        seen += draw_edges(
            each, in_sight(edges(scene, panel), [at.x for valley in found for at in valley.points]), look
        )
        everything += found
        plain_ticks(each.xaxis)
        each.set_xlabel("learning rate")
        each.set_ylabel(criterion_words(panel.criterion))
        titled(each, panel.title, look)
    for spare in axes[len(panels) :]:
        spare.set_axis_off()
    legend(picture, keys(everything, look), "\n".join(filter(None, (seeds_told(everything), told(seen)))))
    return picture


def draw_edges(axes: Axes, found: list[Edge], look: Look) -> list[Edge]:
    """The rates from which on divergence is predicted, as lines, each in the colour of the candidate that it is of."""
    for rate in dict.fromkeys(edge.rate for edge in found):
        own = {edge.candidate.colour for edge in found if edge.rate == rate}
        colour = look.colour(own.pop()) if len(own) == 1 else look.ink
        axes.axvline(rate, color=colour, linestyle="dotted", linewidth=look.size / 8, zorder=1)
    return found


def draw_valleys(axes: Axes, found: Sequence[Valley], look: Look) -> None:
    """Medians over seeds with their range; what diverged is marked along the top."""
    from gdrun.pictures.ticks import plain_ticks

    values = np.array([value for valley in found for at in valley.points for value in at.values])
    axes.set_xscale("log")
    if not len(values):
        axes.set_yticks([])
        axes.text(0.5, 0.5, "every run diverged", transform=axes.transAxes, ha="center", color=look.ink)
    if logarithmic(values):
        axes.set_yscale("log")
    for place, valley in enumerate(found):
        _draw_valley(axes, valley, look, look.veil(len(found)))
        if not (crosses := [at.x for at in valley.points if at.lost]):
            continue
        height = 1.03 + 0.045 * place
        axes.plot(crosses, [height] * len(crosses), color=look.colour(valley.candidate.colour), marker="X",
                  linestyle="none", transform=axes.get_xaxis_transform(), clip_on=False)  # fmt: skip
    plain_ticks(axes.yaxis)


def _draw_valley(axes: Axes, valley: Valley, look: Look, veil: float) -> None:
    colour = look.colour(valley.candidate.colour)
    x = np.array([at.x for at in valley.points])
    middle, low, high = (_over(valley, of) for of in (np.median, np.min, np.max))
    axes.plot(x, middle, color=colour, marker="o" if len(x) <= MANY else None)
    axes.fill_between(x, low, high, color=colour, alpha=veil, linewidth=0)
    partly = [at for at in valley.points if at.values and at.lost]
    axes.plot([at.x for at in partly], [np.median(at.values) for at in partly], color=colour, marker="o",
              markerfacecolor=look.paper, linestyle="none")  # fmt: skip


def _over(valley: Valley, of: object) -> Array:
    """A number of each point, NaN where a run diverged: a line does not go on over what was lost."""
    assert callable(of)
    return np.array([of(at.values) if at.whole else np.nan for at in valley.points], float)


def keys(found: Sequence[Valley], look: Look) -> list[object]:
    """What the legend explains."""
    names = {valley.candidate.label: valley.candidate.colour for valley in found if valley.points}
    shown = [key(name, look, colour, marker="o") for name, colour in names.items() if colour is not None]
    if None in names.values():
        shown.append(key(f"{len(names) - len(shown)} others", look, None, marker="o"))
    points = [at for valley in found for at in valley.points]
    if any(at.values and at.lost for at in points):
        shown.append(
            key(
                "median of what did not diverge",
                look,
                look.ink,
                marker="o",
                markerfacecolor=look.paper,
                linestyle="none",
            )
        )
    if any(at.lost for at in points):
        shown.append(key("diverged", look, look.ink, marker="X", linestyle="none"))
    return shown


def seeds_told(found: Sequence[Valley]) -> str:
    """What point and band stand for."""
    seeds = max((len(at.values) for valley in found for at in valley.points), default=1)
    return f"median and range of {seeds} seeds; the ranking goes by means" if seeds > 1 else ""
