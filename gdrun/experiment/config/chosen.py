"""A section that chooses a part of a family, from its node: what it chooses, and the part's settings."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gdrun.descent.parts import Part
from gdrun.experiment.config.errors import listed
from gdrun.experiment.config.families import Family, Tags
from gdrun.experiment.config.habits import KEYS
from gdrun.experiment.config.kinds import no_kind
from gdrun.experiment.config.messages import SWEEP, is_sweep
from gdrun.experiment.config.models import PartBlock, block_model
from gdrun.experiment.config.tree import Node

if TYPE_CHECKING:
    from gdrun.experiment.config.build import Builder


def chosen_block(builder: Builder, key: str, family: Family, node: Node) -> PartBlock | None:
    """The block, or None and its problems."""
    if not isinstance(node.value, dict):
        kinds = listed(family.kinds(), "or")
        builder.wrong(
            (key,), node, SWEEP if is_sweep(node.plain()) else f"must be {kinds}, or a block with {family.tag}"
        )
        return None
    if (chosen := _choice(builder, key, family, node)) is None:
        return None
    model = block_model(chosen[1], chosen[0])
    builder.unknown((key,), node, list(model.model_fields), chosen[0][-1][1])
    return builder.validated(model, (key,), node.without(dict(chosen[0])))


def _choice(builder: Builder, key: str, family: Family, node: Node) -> tuple[Tags, type[Part]] | None:
    """What the block chooses; None, and a problem, if there is no such kind."""
    word = node.entries.get(family.tag)
    kind = family.default if word is None else family.named(word.plain())
    if isinstance(kind, str) and kind in family.parts:
        return ((family.tag, kind),), family.parts[kind]
    if isinstance(kind, str) and kind in family.inner:
        inner = _choice(builder, key, family.inner[kind], node)
        return inner and (((family.tag, kind), *inner[0]), inner[1])
    habits = [name for name in node.entries if KEYS[key].get(name) == family.tag]
    if word is None and habits:
        builder.wrong(
            (key, habits[0]), replace(node, where=node.entries[habits[0]].key), f"unknown key: write {family.tag}"
        )
    elif word is None:
        builder.wrong((key, family.tag), replace(node, where=node.key), f"required: {listed(family.kinds(), 'or')}")
    else:
        path = (key,) if word.where == node.where else (key, family.tag)
        builder.wrong(path, word, no_kind(key, family, word.plain()))
    return None
