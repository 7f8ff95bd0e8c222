"""The figure that every picture is drawn on, and the files that it is written to."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Literal, TypeAlias

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from gdrun.experiment.results.reading import warn
from gdrun.experiment.results.writing import write
from gdrun.pictures.look import Look

Layout: TypeAlias = Literal["constrained", "compressed"]
"""Compressed: axes of a fixed shape, and their colour bars, leave no room between them."""
DATELESS: dict[str, dict[str, Any]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
"""What makes the same picture the same bytes."""


class Picture(Figure):
    """A matplotlib figure that keeps its look and shows itself in a notebook."""

    def __init__(
        self, look: Look, ratio: float = 0.62, layout: Literal["constrained", "compressed"] = "constrained"
    ) -> None:
        super().__init__(figsize=(look.inches, look.inches * ratio), dpi=look.dpi, layout=layout)
        self.agg: Any = FigureCanvasAgg(self)
        self.look = look

    def panels(self, rows: int, columns: int, **more: Any) -> list[list[Axes]]:
        """So many axes in rows and columns."""
        found: list[list[Axes]] = self.subplots(rows, columns, squeeze=False, **more).tolist()
        return found

    def drawn(self, kind: str) -> bytes:
        """The picture as a png, svg or pdf file."""
        file = io.BytesIO()
        with self.look.applied():
            if kind == "png":  # savefig would draw it twice, the first time unseen, to see what goes where
                self.set_dpi(self.look.dpi)
                self.agg.print_png(file, metadata=DATELESS[kind])
            else:
                self.savefig(file, format=kind, metadata=DATELESS[kind])
        return file.getvalue()

    def _repr_png_(self) -> bytes:
        return self.drawn("png")


@contextmanager
def one_line_for_boxes() -> Iterator[None]:
    """One line in place of matplotlib's one for each character that its font lacks."""
    with warnings.catch_warnings(record=True) as found:
        warnings.filterwarnings("always", message="Glyph ")
        yield
    lacking = [each for each in found if str(each.message).startswith("Glyph ")]
    if lacking:
        warn("a name has characters that the picture's font lacks: they are drawn as boxes")
    for each in (each for each in found if each not in lacking):
        warnings.warn_explicit(each.message, each.category, each.filename, each.lineno)


def save(path: Path, content: bytes) -> None:
    """Write a picture, whole or not at all. Raises WriteError."""

    def fill(file: IO[bytes]) -> None:
        file.write(content)

    write(path, fill)
