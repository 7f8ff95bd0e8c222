"""The pictures of the README, drawn anew from the configs that stand in it: `python -m tests.pictures.readme`."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from tests.cli.driver import CONFIGS, gdrun

ROOT = CONFIGS.parent
WIDTH = ("--width", "4.8in")
BLOCKS = {"race": "# race.yaml", "optimizers": "# Which optimizer learns the digits best"}
"""How the configs begin."""
PICTURES = {"race": ("race", "surface"), "sensitivity": ("optimizers", "sensitivity")}


def configs() -> dict[str, str]:
    """The configs in the README by name."""
    blocks = re.findall(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    return {name: next(text for text in blocks if text.startswith(start)) for name, start in BLOCKS.items()}


def draw(name: str, folder: Path, output: Path) -> None:
    """Train what a picture shows, in a folder, and draw it."""
    experiment, kind = PICTURES[name]
    (folder / f"{experiment}.yaml").write_text(configs()[experiment])
    gdrun("compare", folder / f"{experiment}.yaml", "--results", folder, "--quiet").ok()
    gdrun("plot", experiment, kind, *WIDTH, "--results", folder, "--output", output).ok()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        for name in PICTURES:
            file = ROOT / "results" / f"readme-{name}.png"
            draw(name, Path(made), file)
            print(file)
