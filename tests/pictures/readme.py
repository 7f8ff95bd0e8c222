"""The pictures of the README, drawn anew: `python -m tests.pictures.readme`, or with the names of some.

They are of configs that stand in its text, and of the gallery's.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

from tests.cli.driver import CONFIGS, gdrun

ROOT = CONFIGS.parent
WIDTH = ("--width", "4.8in")
BLOCKS = {"race": "# race.yaml", "optimizers": "# Which optimizer learns the digits best"}
"""How the configs in the text begin."""
TOUR = {
    "bowl": ("01-bowl", "surface"),
    "edge": ("13-edge", "surface"),
    "jitter": ("07-jitter", "surface"),
    "straight": ("17-straight", "surface"),
    "spirals": ("05-spirals", "boundary"),
}
PICTURES = {"race": ("race", "surface"), "sensitivity": ("optimizers", "sensitivity"), **TOUR}


def configs() -> dict[str, str]:
    """The configs of the pictures by name."""
    blocks = re.findall(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    written = {name: next(text for text in blocks if text.startswith(start)) for name, start in BLOCKS.items()}
    gallery = {name: (CONFIGS / f"textbook/{name}.yaml").read_text(encoding="utf-8") for name, _ in TOUR.values()}
    return written | gallery


def draw(name: str, folder: Path, output: Path) -> None:
    """Train what a picture shows, in a folder, and draw it."""
    experiment, kind = PICTURES[name]
    (folder / f"{experiment}.yaml").write_text(configs()[experiment], encoding="utf-8")
    gdrun("compare", folder / f"{experiment}.yaml", "--results", folder, "--quiet").ok()
    gdrun("plot", experiment, kind, *WIDTH, "--results", folder, "--output", output).ok()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        for name in sys.argv[1:] or PICTURES:
            file = ROOT / "results" / f"readme-{name}.png"
            draw(name, Path(made), file)
            print(file)
