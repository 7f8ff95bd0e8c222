"""How pictures look: sizes, colours, fonts; nothing of it stays in the settings of matplotlib."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from gdrun.pictures.errors import PictureError

Style: TypeAlias = Literal["light", "dark", "slides"]
UNITS = {"in": 1.0, "cm": 1 / 2.54, "mm": 1 / 25.4, "pt": 1 / 72}
NARROWEST, WIDEST = 1.5, 40.0
NARROW = 4.5
"""Inches below which text is set small."""

# Okabe and Ito's colours, which the colour-blind tell apart; then one to be seen on the background
LIGHT = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7A4E1D", "#000000")
DARK = ("#56B4E9", "#E69F00", "#2BC79A", "#E39CC4", "#F0E442", "#FF7A33", "#8FA8FF", "#FFFFFF")
INKED = ("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color")
PAPERED = ("figure.facecolor", "axes.facecolor", "savefig.facecolor", "legend.facecolor")
FONT = "DejaVu Sans"
"""matplotlib's own, so that a picture is the same everywhere."""
OTHER_SCRIPTS = ("Noto Sans CJK JP", "Noto Sans CJK SC", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "IPAexGothic",
                 "Hiragino Sans", "PingFang SC", "Yu Gothic", "Microsoft YaHei", "Malgun Gothic",
                 "Arial Unicode MS")  # fmt: skip
"""Fonts for the characters that it lacks, of which many systems have one."""


@dataclass(frozen=True)
class Look:
    """The size and style of a picture."""

    style: Style = "light"
    width: float | None = None
    """In inches; None for what suits the style."""

    @property
    def inches(self) -> float:
        """The width."""
        return self.width or (10.0 if self.style == "slides" else 6.4)

    @property
    def narrow(self) -> bool:
        """Whether there is little room for words."""
        return self.inches < NARROW

    @property
    def ink(self) -> str:
        """What text and axes are drawn with."""
        return "#E8E8E8" if self.style == "dark" else "#222222"

    @property
    def paper(self) -> str:
        """What lies behind."""
        return "#16191F" if self.style == "dark" else "#FFFFFF"

    @property
    def faint(self) -> str:
        """For what is one of too many."""
        return "#6A6F78" if self.style == "dark" else "#B8B8B8"

    def colour(self, place: int | None) -> str:
        """A candidate's colour."""
        return self.faint if place is None else (DARK if self.style == "dark" else LIGHT)[place % len(LIGHT)]

    @property
    def size(self) -> float:
        """Of text, in points."""
        return 7.0 if self.narrow else 15.0 if self.style == "slides" else 9.5

    @property
    def line(self) -> float:
        """The width of lines, in points."""
        return 1.1 if self.narrow else 2.4 if self.style == "slides" else 1.5

    @staticmethod
    def veil(bands: int) -> float:
        """How opaque each of so many bands is: where all of them lie, lines must still be seen."""
        return min(0.18, 0.6 / bands)

    @property
    def dot(self) -> float:
        """The area of an example's mark, in square points."""
        return (0.43 * self.size) ** 2

    @property
    def dpi(self) -> int:
        """Dots per inch."""
        return 300 if self.narrow else 100 if self.style == "slides" else 160

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Draw in this look, and put back what a notebook had set."""
        import matplotlib as mpl

        with mpl.rc_context():
            mpl.rcdefaults()
            for name, value in self._settings().items():
                mpl.rcParams[name] = value
            yield

    def _settings(self) -> dict[Any, Any]:
        return {
            **dict.fromkeys(INKED, self.ink),
            **dict.fromkeys(PAPERED, self.paper),
            "font.family": [FONT, *installed()],
            "font.size": self.size,
            "axes.titlesize": "medium",
            "axes.labelsize": "medium",
            "legend.fontsize": "small",
            "legend.framealpha": 0.85,
            "legend.edgecolor": self.faint,
            "xtick.labelsize": "small",
            "ytick.labelsize": "small",
            "lines.linewidth": self.line,
            "lines.markersize": 3 * self.line,
            "axes.linewidth": 0.8,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "grid.color": self.faint,
            "grid.alpha": 0.3,
            "grid.linewidth": 0.5,
            "savefig.dpi": self.dpi,
            "pdf.fonttype": 42,  # TrueType, which journals ask for
            "ps.fonttype": 42,
            "svg.hashsalt": "gdrun",
        }


def installed() -> list[str]:
    """Fonts for other scripts that this system has."""
    from matplotlib.font_manager import fontManager

    there = {font.name for font in fontManager.ttflist}
    return [name for name in OTHER_SCRIPTS if name in there]


def inches(text: str) -> float:
    """A width such as 3.3in, 8.4cm, 84mm or 240pt in inches. Raises PictureError."""
    found = re.fullmatch(r"(\d+\.?\d*|\.\d+)\s*(in|cm|mm|pt)", text.strip())
    if not found:
        raise PictureError(f"--width {text}: write 3.3in, 8.4cm, 84mm or 240pt")
    width = float(found[1]) * UNITS[found[2]]
    if not NARROWEST <= width <= WIDEST:
        raise PictureError(f"--width {text}: must be {NARROWEST:g} to {WIDEST:g} inches")
    return width
