"""All kinds of pictures, and which of them suit what is in a folder."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from types import ModuleType

from gdrun.pictures import animation, batch, boundary, curves, fit, heatmap, rates, surface
from gdrun.pictures.errors import PictureError
from gdrun.pictures.scene import Scene

KINDS: dict[str, ModuleType] = {
    "curves": curves,
    "sensitivity": rates,
    "heatmap": heatmap,
    "batch": batch,
    "surface": surface,
    "boundary": boundary,
    "fit": fit,
    "animation": animation,
}
"""Each has `suits`, whether it is drawn without being asked for, and `draw`."""


def chosen(scene: Scene, wanted: Sequence[str]) -> list[str]:
    """The kinds asked for, or those that suit. Raises PictureError."""
    for kind in wanted:
        if kind not in KINDS:
            near = get_close_matches(kind, KINDS, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(KINDS)}"
            raise PictureError(f"no picture {kind!r}; {hint}")
    found = list(dict.fromkeys(wanted)) or [kind for kind, module in KINDS.items() if module.suits(scene)]
    if not found:
        raise PictureError(f"{scene.name}: no run to draw has a history")
    return found


def module(kind: str) -> ModuleType:
    """The module of a kind that there is."""
    return KINDS[kind]
