"""Legends beside the axes, so that they hide nothing, and the words that axes bear."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Any

from gdrun.pictures.look import Look

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from gdrun.pictures.picture import Picture

AXES = {"epoch": "epoch", "step": "step", "examples": "examples seen", "seconds": "training time (s)"}
NAMES = {"accuracy": "accuracy", "r2": "R²", "loss": "loss", "rmse": "RMSE"}
LONGEST = 48
LETTER = 0.83 * 0.55
"""The usual width of a letter in small print, for a size of 1."""
LINE = 6
"""How many letters a line takes before its label in a legend."""


def shortened(text: str, most: int = LONGEST) -> str:
    """A text that fits, its middle left out: what tells names apart is often at their end. No formula is seen in it."""
    head = most * 3 // 5
    whole = text if len(text) <= most else f"{text[:head]}…{text[head + 1 - most :]}"
    return whole.replace("$", r"\$")


def room(look: Look, columns: int = 1) -> int:
    """How many letters of small print fit into one of so many columns of a picture."""
    return int(look.inches / columns / (look.size * LETTER / 72))


def legend(picture: Picture, handles: Sequence[Any], title: str = "") -> None:
    """A legend below the axes, in as many columns as there is room for."""
    if not handles:
        return
    longest = max(len(handle.get_label()) for handle in handles)
    columns = max(1, room(picture.look) // (longest + LINE))
    rows = -(-len(handles) // columns)
    columns = -(-len(handles) // rows)
    words = "\n".join(fill(line, room(picture.look)) for line in title.splitlines())
    found = picture.legend(
        handles=list(handles), loc="outside lower center", ncols=columns, title=words or None, frameon=False
    )
    found.get_title().set(fontsize="small", multialignment="center")
    lines = rows + len(words.splitlines())
    picture.set_figheight(picture.get_figheight() + lines * picture.look.size * 1.25 / 72)


def key(label: str, look: Look, colour: int | str | None, **more: Any) -> Any:
    """A line for the legend."""
    from matplotlib.lines import Line2D

    named = colour if isinstance(colour, str) else look.colour(colour)
    return Line2D([], [], color=named, label=shortened(label, room(look) - LINE), **more)


def titled(axes: Axes, text: str, look: Look) -> None:
    """A small title, where there is something to say, no wider than the axes."""
    place = axes.get_subplotspec()
    columns = place.get_gridspec().ncols if place else 1
    if text:
        axes.set_title(shortened(text, room(look, columns) - 2 * LINE), loc="left", fontsize="small")


def criterion_words(name: str) -> str:
    """`final validation loss` of final_validation_loss."""
    if name.endswith("_to_target"):
        return name.replace("_", " ")
    return name.replace("_train_", "_training_").replace("_r2", "_R²").replace("_rmse", "_RMSE").replace("_", " ")
