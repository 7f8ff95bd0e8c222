"""The configs that come with gdrun."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path


@cache
def gallery() -> dict[str, Path]:
    """Config files by name; in a source checkout they lie beside the package, in an installed one within it."""
    package = Path(str(files("gdrun")))
    folder = next((f for f in (package / "configs", package.parent / "configs") if f.is_dir()), package)
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def summary(path: Path) -> str:
    """What a config is about: its first comment."""
    return path.read_text(encoding="utf-8").partition("\n")[0].lstrip("# ")
