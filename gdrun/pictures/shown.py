"""Results as they show themselves in Python: a figure, and in a notebook a table and a figure."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from gdrun.analysis.criteria import QuestionError
from gdrun.experiment.again import AgainError
from gdrun.experiment.config import failure
from gdrun.experiment.results.memory import Memory
from gdrun.pictures.errors import PictureError
from gdrun.pictures.kinds import chosen, module
from gdrun.pictures.look import Look, inches
from gdrun.pictures.scene import Scene, compared
from gdrun.pictures.wish import Wish

if TYPE_CHECKING:
    import pandas as pd

    from gdrun.experiment.compared import Compared
    from gdrun.experiment.trained import Trained
    from gdrun.pictures.picture import Picture


def of_run(result: Trained) -> Scene:
    """A run's scene."""
    kept = result.folder if result.folder is not None else Memory({result.id: result.finished})
    name = result.folder.name if result.folder is not None else result.id
    return compared(name, kept, None, result.id, sources=result.sources)


def of_comparison(result: Compared) -> Scene:
    """A comparison's scene."""
    return compared(result.name, result.answer.kept, result.answer.comparison, sources=result.sources)


def scene_of(result: Trained | Compared) -> Scene:
    """What a result shows."""
    from gdrun.experiment.trained import Trained

    return of_run(result) if isinstance(result, Trained) else of_comparison(result)


def figure(
    result: Trained | Compared, kind: str, style: Any, width: float | str | None, options: Mapping[str, Any]
) -> Picture:
    """A picture of a result. Raises ConfigError where it cannot be drawn."""
    unknown = sorted(set(options) - {each.name for each in fields(Wish)})
    if unknown:
        raise failure(f"no such option; there are {', '.join(each.name for each in fields(Wish))}", key=unknown[0])
    if style not in ("light", "dark", "slides"):
        raise failure("must be light, dark or slides", key="style")
    try:
        scene = scene_of(result)
        look = Look(style, inches(width) if isinstance(width, str) else width)
        (name,) = chosen(scene, [kind])
        with look.applied():
            drawn = module(name).draw(scene, look, Wish(**options))
    except (PictureError, AgainError, QuestionError) as error:
        raise failure(str(error), key="plot") from None
    found: Picture = getattr(drawn, "picture", drawn)
    return found


def html(table: pd.DataFrame, png: bytes | None) -> str:
    """A table and a picture for a notebook; names and labels are text."""
    words: str = table.to_html(index=False, border=0, na_rep="", float_format="{:.5g}".format)
    image = f'<img src="data:image/png;base64,{base64.b64encode(png).decode()}" style="max-width:100%">' if png else ""
    return words + image
