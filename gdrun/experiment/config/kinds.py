"""What a section that chooses a kind says: words short for blocks, what is left out, kinds that do not exist."""

from __future__ import annotations

from functools import cache
from typing import Any

from gdrun.experiment.config.errors import listed, shown
from gdrun.experiment.config.families import Family, families, nearest
from gdrun.experiment.config.habits import KINDS
from gdrun.experiment.config.messages import SWEEP, is_sweep
from gdrun.experiment.config.models import PartBlock, block_model
from gdrun.experiment.config.tree import Node


def expanded(family: Family, node: Node) -> Node:
    """A word is short for a block that names its kind; so are several, in a sweep."""
    words = node.value if isinstance(node.value, tuple) else (node,)
    short = bool(words) and all(isinstance(word.value, str) for word in words)
    return node.holding({family.tag: node}) if short else node


@cache
def default_block(key: str) -> PartBlock:
    """A section as it is when left out."""
    family = families()[key]
    kind = str(family.default)
    return block_model(family.parts[kind], ((family.tag, kind),))()


def is_surface(given: Node) -> bool:
    """Whether a config is a descent on a surface."""
    model = given.entries.get("model")
    kind = model and expanded(families()["model"], model).entries.get("kind")
    return bool(kind and kind.value == "surface")


def no_kind(key: str, family: Family, value: Any) -> str:
    """What is wrong with a word that chooses nothing, and what was probably meant."""
    if is_sweep(value):
        return SWEEP
    if not isinstance(value, str):
        return f"must be {listed(family.kinds(), 'or')}, not {shown(value)}"
    guess = nearest(value, family.kinds(), {**KINDS.get(key, {}), **family.aliases})
    meant = f"did you mean {guess}? There" if guess else "there"
    return f"no {family.name} {shown(value)}: {meant} are {listed(family.kinds())}"
