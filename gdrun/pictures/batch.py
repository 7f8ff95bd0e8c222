"""Batch size: how many steps, and how many examples, it takes to reach the target."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gdrun.analysis.criteria import Result
from gdrun.pictures.candidates import Panel
from gdrun.pictures.errors import PictureError
from gdrun.pictures.legends import legend
from gdrun.pictures.look import Look
from gdrun.pictures.rates import Valley, along, draw_valleys, keys, seeds_told
from gdrun.pictures.scene import Scene
from gdrun.pictures.wish import Wish

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from gdrun.pictures.picture import Picture

SIZE, VARIANT = "descent.batch_size", "descent.variant"
WAYS = {"steps_to_target": "steps", "examples_to_target": "examples"}


def suits(scene: Scene) -> bool:
    """Whether batch sizes were swept and reached a target."""
    scene = sized(scene)
    return scene.question.target is not None and SIZE in scene.swept and any(r.reached for r in scene.results)


def draw(scene: Scene, look: Look, wish: Wish) -> Picture:
    """The picture. Raises PictureError."""
    from gdrun.pictures.picture import Picture

    scene = sized(scene)
    _check(scene)
    panel = scene.panels(apart=[SIZE])[0]
    picture = Picture(look, 1.3 if look.narrow else 0.42)
    rows = picture.panels(2, 1) if look.narrow else picture.panels(1, 2)
    everything: list[Valley] = []
    for axes, way in zip([each for row in rows for each in row], WAYS, strict=True):
        found = valleys(panel, way)
        everything += found
        draw_valleys(axes, found, look)
        _name_axes(axes, f"{WAYS[way]} until the loss is {scene.question.target:g}", found)
    legend(picture, keys(everything, look), seeds_told(everything))
    return picture


def sized(scene: Scene) -> Scene:
    """The scene with a batch size in place of the variant, where sizes were varied: 1 of one example, m of all."""
    if not any(SIZE in result.settings for result in scene.results):
        return scene
    rows = tuple(name for name in scene.question.rows if name != VARIANT)
    return replace(
        scene, results=tuple(map(_sized, scene.results)), question=replace(scene.question, rows=rows or (SIZE,))
    )


def _sized(result: Result) -> Result:
    settings: dict[str, Any] = {}
    for name, value in result.settings.items():
        settings[SIZE if name == VARIANT else name] = _size(result) if name in (VARIANT, SIZE) else value
    return replace(result, settings=settings)


def _size(result: Result) -> int:
    """Examples of a run's step."""
    line = result.row
    if line.get(SIZE) is not None:
        return int(line[SIZE])
    steps = line.get("end_step")
    return round(line["end_examples"] / steps) if steps else 1


def _check(scene: Scene) -> None:
    if SIZE not in scene.swept:
        raise PictureError(f"batch: {scene.name} has one batch size only: sweep descent.batch_size")
    if scene.question.target is None:
        raise PictureError("batch: there is no target: give one, --target LOSS, or target in the compare block")
    if not suits(scene):
        raise PictureError(f"batch: no run of {scene.name} reached the target {scene.question.target:g}")


def valleys(panel: Panel, way: str) -> list[Valley]:
    """What it took each candidate for each batch size, at its best other settings."""
    found = [along(candidate, SIZE, way) for candidate in panel.candidates]
    return [valley for valley in found if any(at.values for at in valley.points)]


def _name_axes(axes: Axes, what: str, found: list[Valley]) -> None:
    sizes = sorted({at.x for valley in found for at in valley.points})
    axes.set_xscale("log", base=2)
    axes.set_xticks(sizes, [f"{size:g}" for size in sizes])
    axes.xaxis.minorticks_off()
    axes.set_xlabel("batch size")
    axes.set_ylabel(what)
