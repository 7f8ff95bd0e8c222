"""The configs that come with gdrun."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from itertools import takewhile
from pathlib import Path


@cache
def configs() -> Path:
    """Their folder; in a source checkout it lies beside the package, in an installed one within it."""
    package = Path(str(files("gdrun")))
    return next((f for f in (package / "configs", package.parent / "configs") if f.is_dir()), package)


@cache
def gallery() -> dict[str, Path]:
    """Config files by name: starters, then the experiments of the textbook."""
    found = [*sorted(configs().glob("*.yaml")), *sorted(configs().glob("textbook/[0-9]*.yaml"))]
    return {path.stem: path for path in found}


def summary(path: Path) -> str:
    """What a config is about: its first comment."""
    return path.read_text(encoding="utf-8").partition("\n")[0].lstrip("# ")


def told(path: Path) -> str:
    """What a config says of itself before it begins, after its summary."""
    _, *lines = path.read_text(encoding="utf-8").splitlines()
    return " ".join(line.lstrip("# ") for line in takewhile(lambda line: line.startswith("#"), lines))
