"""The textbook as a page: a chapter for each claim, with its pictures and numbers."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gdrun.analysis.expecting import Judged
from gdrun.experiment.gallery import summary, told
from gdrun.experiment.textbook import Claim, Demonstration
from gdrun.pictures.report.template import render


@dataclass(frozen=True)
class Picture:
    """A picture as the page holds it."""

    data: str
    """WebP in base 64."""
    width: int
    height: int


@dataclass(frozen=True)
class Section:
    """A demonstration that was run."""

    name: str
    title: str
    told: str
    """What is to be seen, and why."""
    pictures: Sequence[Picture]
    measured: Sequence[Judged]
    commands: Sequence[str]
    config: str


@dataclass(frozen=True)
class Page:
    """What is said, what came of it, and in which sense it is true."""

    number: int
    said: str
    sense: str
    demonstrations: Sequence[Section]


def page(claim: Claim, shown: Sequence[tuple[Sequence[Path], Sequence[Judged]]]) -> Page:
    """The chapter of a claim, from the pictures and the measurements of each demonstration."""
    found = zip(claim.demonstrations, shown, strict=True)
    sections = [_section(each, pictures, measured) for each, (pictures, measured) in found]
    return Page(claim.number, claim.said, claim.sense, sections)


def _section(each: Demonstration, pictures: Sequence[Path], measured: Sequence[Judged]) -> Section:
    return Section(
        name=each.name,
        title=summary(each.config),
        told=told(each.config),
        pictures=[_small(picture) for picture in pictures],
        measured=[line.in_words for line in measured],
        commands=each.commands,
        config=each.config.read_text(encoding="utf-8"),
    )


def _small(picture: Path) -> Picture:
    """The same pixels in less than half of a PNG's bytes."""
    from PIL import Image

    with Image.open(picture) as image:
        held = io.BytesIO()
        image.convert("RGB").save(held, "WEBP", lossless=True)
        return Picture(base64.b64encode(held.getvalue()).decode(), image.width, image.height)


def book(pages: Sequence[Page]) -> str:
    """One page that needs no network."""
    return render("book.html", pages=pages)
