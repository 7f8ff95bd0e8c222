"""The textbook as a page: a chapter for each claim, with its pictures and numbers."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gdrun.analysis.expecting import Judged
from gdrun.experiment.gallery import comment
from gdrun.experiment.textbook import Claim
from gdrun.pictures.report.template import render


@dataclass(frozen=True)
class Section:
    """A demonstration that was run."""

    name: str
    told: str
    """What is to be seen."""
    picture: str
    """A PNG in base 64."""
    measured: Sequence[Judged]
    command: str
    config: str


@dataclass(frozen=True)
class Page:
    """What is said, what came of it, and in which sense it is true."""

    number: int
    said: str
    sense: str
    demonstrations: Sequence[Section]


def page(claim: Claim, shown: Sequence[tuple[Path, Sequence[Judged]]]) -> Page:
    """The chapter of a claim, from the picture and the measurements of each demonstration."""
    sections = [
        Section(
            name=each.name,
            told=comment(each.config),
            picture=base64.b64encode(picture.read_bytes()).decode(),
            measured=measured,
            command=f"gdrun init {each.name}",
            config=each.config.read_text(encoding="utf-8"),
        )
        for each, (picture, measured) in zip(claim.demonstrations, shown, strict=True)
    ]
    return Page(claim.number, claim.said, claim.sense, sections)


def book(pages: Sequence[Page]) -> str:
    """One page that needs no network."""
    return render("book.html", pages=pages)
