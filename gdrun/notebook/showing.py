"""Results that show themselves: a figure, and in a notebook a table and a figure."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Literal

from gdrun.experiment.config import ConfigError, failure

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from gdrun.pictures.picture import Picture
    from gdrun.pictures.scene import Scene


class Shows:
    """A result with pictures."""

    def _told(self) -> pd.DataFrame:
        """The table that a notebook shows."""
        raise NotImplementedError

    def _scene(self) -> Scene:
        """What its pictures show. Raises PictureError."""
        raise NotImplementedError

    def plot(
        self,
        kind: str = "curves",
        style: Literal["light", "dark", "slides"] = "light",
        width: float | str | None = None,
        **options: Any,
    ) -> Figure:
        """A matplotlib Figure of a kind that `gdrun plot` has; `width` in inches or as text.

        `options` are those of `gdrun plot`: x, settings, directions, three_d, points. Raises ConfigError.
        """
        return _figure(self, kind, style, width, options)

    def _repr_png_(self) -> bytes | None:
        try:
            return self.plot()._repr_png_()  # type: ignore[attr-defined, no-any-return]
        except ConfigError:  # a run that failed at once has no curve
            return None

    def _repr_html_(self) -> str:
        return _html(self._told(), self._repr_png_())


def _figure(result: Shows, kind: str, style: Any, width: float | str | None, options: Mapping[str, Any]) -> Picture:
    """A picture of a result. Raises ConfigError where it cannot be drawn."""
    from gdrun.analysis.criteria import QuestionError
    from gdrun.experiment.again import AgainError
    from gdrun.pictures.errors import PictureError
    from gdrun.pictures.kinds import chosen, module
    from gdrun.pictures.look import Look, inches
    from gdrun.pictures.wish import Wish

    known = [each.name for each in fields(Wish)]
    unknown = sorted(set(options) - set(known))
    if unknown:
        raise failure(f"no such option; there are {', '.join(known)}", key=unknown[0])
    if style not in ("light", "dark", "slides"):
        raise failure("must be light, dark or slides", key="style")
    try:
        scene = result._scene()
        look = Look(style, inches(width) if isinstance(width, str) else width)
        (name,) = chosen(scene, [kind])
        with look.applied():
            drawn = module(name).draw(scene, look, Wish(**options))
    except (PictureError, AgainError, QuestionError) as error:
        raise failure(str(error), key="plot") from None
    found: Picture = getattr(drawn, "picture", drawn)
    return found


def _html(table: pd.DataFrame, png: bytes | None) -> str:
    """A table and a picture for a notebook; names and labels are text."""
    words: str = table.to_html(index=False, border=0, na_rep="", float_format="{:.5g}".format)
    image = f'<img src="data:image/png;base64,{base64.b64encode(png).decode()}" style="max-width:100%">' if png else ""
    return words + image
