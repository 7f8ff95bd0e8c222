"""What an unknown key probably means: a habit, another kind's key, a near miss, a key of another section."""

from __future__ import annotations

from functools import cache

from gdrun.descent.parts import settings_of
from gdrun.experiment.config.block import Block
from gdrun.experiment.config.errors import listed
from gdrun.experiment.config.expect import Bound, Expect, Relation
from gdrun.experiment.config.families import families, nearest, squeezed
from gdrun.experiment.config.habits import KEYS, ROOT
from gdrun.experiment.config.models import Record, RunConfig, Stop

NESTED: dict[str, type[Block]] = {"stop": Stop, "record": Record, "expect": Expect}
INNER: dict[str, type[Block]] = {"bound": Bound, "relation": Relation}
"""What stands within a nested section."""
# a key that two sections have is more often meant for the first
ORDER = ("optimizer", "descent", "dataset", "model", "stop", "record", "schedule", "loss", "compare")


@cache
def keys_of(section: str) -> dict[str, list[str]]:
    """All keys of a section, with the kinds that have them."""
    if block := NESTED.get(section) or INNER.get(section):
        return {name: [] for name in block.model_fields}
    if section == "compare":
        from gdrun.experiment.config.compare import Compare

        return {name: [] for name in Compare.model_fields}
    keys: dict[str, list[str]] = {}
    for tags, part in families()[section].choices().items():
        for name in settings_of(part):
            keys.setdefault(name, []).append(tags[-1][1])
    return keys


def unknown_key(section: str, key: str, allowed: list[str], chosen: str | None = None) -> tuple[str, str]:
    """One line on a key that is not among those allowed in a section (of the chosen kind), and the key to write."""
    habits = KEYS[section]
    meant = habits.get(key, key)
    if meant in allowed or (key in habits and not meant.isidentifier()):
        return f"unknown key: write {meant}", meant
    if section != ROOT and meant in keys_of(section):
        kinds = keys_of(section)[meant]
        return f"{chosen} has no {meant}; {listed(kinds)} {'has' if len(kinds) == 1 else 'have'}", ""
    if place := _elsewhere(section, key):
        return f"unknown key: write {place}", place
    if guess := nearest(key, allowed, {squeezed(habit): name for habit, name in habits.items()}):
        return f"unknown key: did you mean {guess}?", guess
    if section == "expect":
        return "no outcome: write status, or a column of runs.csv such as validation_accuracy", ""
    of = "there are" if section == ROOT else f"{chosen or section} has"
    return f"unknown key: {of} {listed(allowed)}", ""


def _elsewhere(section: str, key: str) -> str | None:
    head, _, tail = key.partition(".")
    if section == ROOT and tail and head in (*ORDER, "expect"):
        return f"it as a block, {head}: {{{tail}: …}}"
    others = [other for other in ORDER if other != section]
    if section != ROOT and (key in RunConfig.model_fields or key in KEYS[ROOT]):
        return f"{KEYS[ROOT].get(key, key)} at the top level"
    for other in others:
        if key in keys_of(other):
            return f"{other}.{key}"
    for other in others:
        if KEYS[other].get(key) in keys_of(other):
            return f"{other}.{KEYS[other][key]}"
    return None
