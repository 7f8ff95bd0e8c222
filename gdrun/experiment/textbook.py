"""What the textbooks say about gradient descent, and the experiments that show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeAlias

from gdrun.experiment.gallery import configs

Axis: TypeAlias = Literal["epoch", "step", "examples", "seconds"]


@dataclass(frozen=True)
class Demonstration:
    """An experiment and the kind of picture that shows it best."""

    config: Path
    picture: str
    axes: tuple[Axis, ...] = ()
    """What its curves are drawn over, a picture for each; none: the usual."""

    @property
    def name(self) -> str:
        """What the experiment is called."""
        return self.config.stem

    @property
    def compares(self) -> bool:
        """Whether it is a comparison, and not one run."""
        from gdrun.experiment.config import read_source

        node = read_source(self.config)[1].entries.get("compare")
        return node is not None and node.value is not None

    @property
    def commands(self) -> list[str]:
        """What to type to have it by itself, and its picture."""
        run = "compare" if self.compares else "train"
        apart = " --stack 1 --jobs 1" if self.timed else ""
        plot = f"gdrun plot {self.name} {self.picture}"
        drawn = [f"{plot} --x {axis}" for axis in self.axes] or [plot]
        return [f"gdrun init {self.name}", f"gdrun {run} {self.name}.yaml{apart}", *drawn]

    @property
    def timed(self) -> bool:
        """Whether seconds are compared, so that runs must not share them."""
        return "seconds" in self.axes


@dataclass(frozen=True)
class Claim:
    """Something that is said of gradient descent."""

    number: int
    said: str
    sense: str
    """In which sense it is true."""
    demonstrations: tuple[Demonstration, ...]


@cache
def claims() -> dict[int, Claim]:
    """All claims by their number, in their order."""
    import yaml

    folder = configs() / "textbook"
    entries = yaml.safe_load((folder / "claims.yaml").read_text(encoding="utf-8"))
    return {entry["number"]: _claim(entry, folder) for entry in entries}


def _claim(entry: Mapping[str, Any], folder: Path) -> Claim:
    shown = (
        Demonstration(folder / f"{each['config']}.yaml", each["picture"], tuple(each.get("x", ())))
        for each in entry["experiments"]
    )
    return Claim(entry["number"], entry["said"], entry["sense"], tuple(shown))
