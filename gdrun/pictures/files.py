"""Pictures as files: which kind goes where, in what format."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gdrun.pictures.errors import PictureError
from gdrun.pictures.kinds import KINDS
from gdrun.pictures.look import Look
from gdrun.pictures.scene import Scene
from gdrun.pictures.wish import Wish

STILL = ("png", "svg", "pdf")
MOVING = ("gif", "mp4")


@dataclass(frozen=True)
class Place:
    """Where pictures go."""

    folder: Path
    run: str | None = None
    output: Path | None = None
    """The file of a single picture, instead of one in the folder."""
    format: str | None = None


def formats(kind: str) -> tuple[str, ...]:
    """What a kind can be written as, the usual one first."""
    return MOVING if hasattr(KINDS[kind], "MOVES") else STILL


def targets(kinds: Sequence[str], place: Place) -> list[tuple[str, Path, str]]:
    """The kinds with their files and formats. Raises PictureError."""
    if place.output is None:
        return [_target(kind, None, place) for kind in kinds]
    if len(kinds) > 1:
        raise PictureError(f"-o takes one picture, not {len(kinds)} ({', '.join(kinds)}): name the kind")
    return [_target(kinds[0], place.output, place)]


def _target(kind: str, output: Path | None, place: Place) -> tuple[str, Path, str]:
    able = formats(kind)
    ending = output.suffix.removeprefix(".").lower() if output else ""
    if place.format and ending in (*STILL, *MOVING) and ending != place.format:
        raise PictureError(f"-o {output} is not what --format {place.format} says: leave one of them out")
    format_ = place.format or ending or able[0]
    if format_ not in able:
        raise PictureError(f"{kind}: is written as {', '.join(able[:-1])} or {able[-1]}, not {format_}")
    name = f"{place.run[:5]}-{kind}" if place.run else kind
    return kind, output or place.folder / f"{name}.{format_}", format_


def files(scene: Scene, kinds: Sequence[str], look: Look, wish: Wish, place: Place) -> Iterator[Path]:
    """Draw and write each picture; its file. Raises PictureError and WriteError."""
    from gdrun.pictures.picture import one_line_for_boxes, save

    for kind, path, format_ in targets(kinds, place):
        with look.applied(), one_line_for_boxes():
            content = KINDS[kind].draw(scene, look, wish).drawn(format_)
        save(path, content)
        yield path
