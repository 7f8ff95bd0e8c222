"""The README's pictures come from its own text."""

from __future__ import annotations

import struct
from pathlib import Path

from tests.pictures.readme import PICTURES, ROOT, configs, draw


def size(png: bytes) -> tuple[int, ...]:
    return struct.unpack(">II", png[16:24])


def test_its_pictures_are_there_and_drawn_by_the_command_it_names(tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "`python -m tests.pictures.readme`" in text
    assert len(configs()) == 2
    for name in PICTURES:
        assert f"(results/readme-{name}.png)" in text[:1500]
    draw("race", tmp_path, tmp_path / "race.png")
    assert size((tmp_path / "race.png").read_bytes()) == size((ROOT / "results/readme-race.png").read_bytes())
