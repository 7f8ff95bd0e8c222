"""How results of train and compare show themselves: the one place where the pictures above are reached for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

OUTCOME = ("status", "end_epoch", "end_step", "final_", "best_epoch", "seconds")


class Shows:
    """A result with pictures."""

    def _told(self) -> pd.DataFrame:
        """The table that a notebook shows."""
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
        from gdrun.pictures.shown import figure

        return figure(self, kind, style, width, options)  # type: ignore[arg-type]

    def _repr_png_(self) -> bytes | None:
        from gdrun.experiment.config import ConfigError

        try:
            return self.plot()._repr_png_()  # type: ignore[attr-defined, no-any-return]
        except ConfigError:  # a run that failed at once has no curve
            return None

    def _repr_html_(self) -> str:
        from gdrun.pictures.shown import html

        return html(self._told(), self._repr_png_())
