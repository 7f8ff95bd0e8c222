"""Legends beside the axes, so that they hide nothing, and the words that axes bear."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gdrun.pictures.look import Look

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from gdrun.pictures.picture import Picture

AXES = {"epoch": "epoch", "step": "step", "examples": "examples seen", "seconds": "training time (s)"}
NAMES = {"accuracy": "accuracy", "r2": "R²", "loss": "loss", "rmse": "RMSE"}
LONGEST = 48


def shortened(text: str, most: int = LONGEST) -> str:
    """A text that fits; what looks like a formula is text."""
    whole = text if len(text) <= most else f"{text[: most - 1]}…"
    return whole.replace("$", r"\$")


def legend(picture: Picture, handles: Sequence[Any], title: str = "") -> None:
    """A legend below the axes, in as many columns as there is room for."""
    if not handles:
        return
    letter = picture.look.size * 0.83 * 0.55 / 72  # the usual width of a letter in inches, in small print
    longest = max(len(handle.get_label()) for handle in handles)
    columns = max(1, int(picture.look.inches / ((longest + 6) * letter)))
    rows = -(-len(handles) // columns)
    columns = -(-len(handles) // rows)
    found = picture.legend(
        handles=list(handles), loc="outside lower center", ncols=columns, title=title or None, frameon=False
    )
    found.get_title().set_fontsize("small")
    picture.set_figheight(picture.get_figheight() + (rows + bool(title)) * picture.look.size * 1.25 / 72)


def key(label: str, look: Look, colour: int | str | None, **more: Any) -> Any:
    """A line for the legend."""
    from matplotlib.lines import Line2D

    named = colour if isinstance(colour, str) else look.colour(colour)
    return Line2D([], [], color=named, label=shortened(label), **more)


def titled(axes: Axes, text: str) -> None:
    """A small title, where there is something to say."""
    if text:
        axes.set_title(shortened(text, 80), loc="left", fontsize="small")


def criterion_words(name: str) -> str:
    """`final validation loss` of final_validation_loss."""
    if name.endswith("_to_target"):
        return name.replace("_", " ")
    return name.replace("_train_", "_training_").replace("_r2", "_R²").replace("_rmse", "_RMSE").replace("_", " ")
