"""The README's pictures come from its own text."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import pytest

from tests.pictures.readme import PICTURES, ROOT, TOUR, draw


def size(png: bytes) -> tuple[int, ...]:
    return struct.unpack(">II", png[16:24])


def test_its_pictures_are_there_and_named_with_the_command_that_draws_them() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "`python -m tests.pictures.readme`" in text
    shown = re.findall(r"\(results/readme-(\w+)\.png\)", text)
    assert sorted(shown) == sorted(PICTURES) == sorted(file.stem[7:] for file in ROOT.glob("results/readme-*.png"))


def test_its_tour_begins_with_the_bowl() -> None:
    tour = (ROOT / "README.md").read_text(encoding="utf-8").partition("## A tour\n")[2].partition("\n## ")[0]
    assert re.findall(r"\(results/readme-(\w+)\.png\)", tour) == list(TOUR)
    assert all(experiment in tour for experiment, _ in TOUR.values())


@pytest.mark.parametrize("name", ["race", "bowl"])
def test_a_picture_is_drawn_by_the_command(name: str, tmp_path: Path) -> None:
    draw(name, tmp_path, tmp_path / "new.png")
    assert size((tmp_path / "new.png").read_bytes()) == size((ROOT / f"results/readme-{name}.png").read_bytes())
