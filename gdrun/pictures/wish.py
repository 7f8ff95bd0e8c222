"""What is asked of a picture beside its kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gdrun.pictures.series import Axis


@dataclass(frozen=True)
class Wish:
    """Each picture takes from it what concerns it."""

    x: Axis | None = None
    """None: epochs, steps on a surface."""
    settings: tuple[str, ...] = ()
    """The two axes of a heatmap."""
    directions: Literal["path", "random"] = "path"
    """The plane in which a surface of many parameters is shown."""
    three_d: bool = False
    points: int | None = None
    """Of a surface, along each side."""
    seconds: float = 6.0
    """How long an animation lasts."""
    fps: int = 15
