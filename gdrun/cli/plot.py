"""`gdrun plot`: pictures of an experiment, drawn from what its folder holds."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gdrun.analysis.criteria import QuestionError
from gdrun.cli.exits import UsageError
from gdrun.cli.words import plain
from gdrun.experiment.again import AgainError
from gdrun.experiment.runs import find_folder, find_run
from gdrun.pictures.errors import PictureError
from gdrun.pictures.files import Place, files
from gdrun.pictures.kinds import chosen
from gdrun.pictures.look import Look, Style, inches
from gdrun.pictures.scene import Scene, scene
from gdrun.pictures.wish import Wish


@dataclass(frozen=True)
class What:
    """The runs to draw, and where to put the pictures."""

    experiment: str
    results: Path
    whole: bool
    criterion: str | None
    target: float | None
    output: Path | None
    format: str | None
    open: bool
    terminal: bool


def plot_all(what: What, kinds: Sequence[str], look: Look, wish: Wish) -> None:
    """Draw and write the pictures; their files on stdout. Raises NotFoundError, ReadError, UsageError, WriteError."""
    import typer

    try:
        name, _, run = what.experiment.partition("/")
        folder, line = find_run(what.experiment, what.results) if run else (find_folder(name, what.results), {})
        found = scene(folder, line.get("id"), what.whole, what.criterion, what.target)
        if what.terminal:
            return print_curves(found, kinds, wish)
        place = Place(folder.path, line.get("id"), what.output, what.format)
        for path in files(found, chosen(found, kinds), look, wish, place):
            print(path)
            if what.open:
                typer.launch(str(path))
    except (PictureError, AgainError, QuestionError) as error:
        raise UsageError(str(error)) from None


def look_of(style: Style, width: str | None) -> Look:
    """The look asked for. Raises UsageError."""
    try:
        return Look(style, None if width is None else inches(width))
    except PictureError as error:
        raise UsageError(str(error)) from None


def print_curves(found: Scene, kinds: Sequence[str], wish: Wish) -> None:
    """Print loss curves in characters. Raises PictureError."""
    from gdrun.pictures.terminal import text

    if chosen(found, kinds or ["curves"]) != ["curves"]:
        raise PictureError("--terminal draws curves only")
    coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    print(plain(text(found, wish.x, shutil.get_terminal_size().columns, coloured)))
