"""The shape of `compare:` and its candidates, as far as it can be told before the sweep is expanded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from gdrun.experiment.config.build import Builder
from gdrun.experiment.config.compare import Compare, Random
from gdrun.experiment.config.errors import Problem, listed, shown
from gdrun.experiment.config.habits import ROOT
from gdrun.experiment.config.messages import Path
from gdrun.experiment.config.models import RunConfig
from gdrun.experiment.config.relations import relations
from gdrun.experiment.config.tree import Node
from gdrun.experiment.config.unknown import unknown_key

LONGEST_LABEL = 100
OWN = ("label", "zip", "random")
"""Keys of a candidate that are no settings."""


def settings_keys() -> list[str]:
    """The top-level keys that a candidate can override."""
    return [key for key in RunConfig.model_fields if key != "name"]


def swept_keys() -> list[str]:
    """Those of them that can have several values."""
    return [key for key in settings_keys() if key != "expect"]


def compare_problems(root: Node) -> list[Problem]:
    """All that is wrong with the form of a config's `compare:`."""
    return read_compare(root)[1]


def read_compare(root: Node) -> tuple[Compare | None, list[Problem]]:
    """The block `compare:` of a config, None if there is none or it is wrong, and its problems."""
    node = root.entries.get("compare")
    if node is None or node.value is None:
        return None, []
    builder = Builder([])
    compare = builder.nested("compare", node, Compare)
    _group(builder, ("compare",), node)
    labels: list[str] = []
    if candidates := node.entries.get("candidates"):
        labels = _candidates(builder, candidates)
    expected = node.entries.get("expect")
    if expected is not None and expected.value is not None:
        target = node.entries.get("target")
        found = relations(builder, expected, labels, target is not None and target.value is not None)
        compare = compare and compare.model_copy(update={"expect": found})
    return compare, builder.problems


def _group(builder: Builder, path: tuple[str, ...], node: Node) -> None:
    """`zip:` and `random:`, which stand in compare and in candidates."""
    if (zipped := node.entries.get("zip")) and zipped.value is not None:
        if not zipped.entries:
            builder.wrong((*path, "zip"), zipped, "must be a block of lists, such as {optimizer.lr: [0.1, 1]}")
        for key, values in zipped.entries.items():
            section = key.partition(".")[0]
            if section not in swept_keys():
                message, _ = unknown_key(ROOT, section, swept_keys())
                builder.wrong((*path, "zip", key), replace(values, where=values.key), message)
    if (random := node.entries.get("random")) and random.value is not None:
        if not isinstance(random.value, dict):
            builder.wrong((*path, "random"), random, "must be a block with n and seed, such as {n: 50}")
            return
        _unknown(builder, (*path, "random"), random, list(Random.model_fields), "random")
        builder.validated(Random, (*path, "random"), random)


def _candidates(builder: Builder, node: Node) -> list[str]:
    """The candidates' labels, and problems for what is wrong with them."""
    if not isinstance(node.value, tuple) or not node.value:
        builder.wrong(("compare", "candidates"), node, "must be a list of blocks, such as [{optimizer: adam}]")
        return []
    labels: list[object] = []
    for index, candidate in enumerate(node.value):
        path = f"compare.candidates[{index}]"
        if not isinstance(candidate.value, dict):
            message = f"must be a block such as {{optimizer: adam}}, not {shown(candidate.plain())}"
            builder.wrong((path,), candidate, message)
            continue
        _unknown(builder, (path,), candidate, [*settings_keys(), *OWN])
        _group(builder, (path,), candidate)
        for message in _label(candidate, labels):
            builder.wrong((path, "label"), candidate.entries["label"], message)
    return [label for label in labels if isinstance(label, str)]


def _label(candidate: Node, before: list[object]) -> Iterator[str]:
    label = candidate.entries.get("label")
    if label is None:
        return
    if not isinstance(label.value, str) or not label.value.strip() or not label.value.isprintable():
        yield f"must be text on one line, not {shown(label.plain())}"
    elif len(label.value) > LONGEST_LABEL:
        yield f"must have at most {LONGEST_LABEL} characters"
    elif label.value in before:
        yield "another candidate has this label already"
    before.append(label.value if isinstance(label.value, str) else None)


def _unknown(builder: Builder, path: Path, node: Node, allowed: list[str], section: str = "") -> None:
    for key, inner in node.entries.items():
        if key in allowed:
            continue
        if not section and key in ("name", "compare"):
            message = "a candidate has no name: write label" if key == "name" else "a candidate has no compare block"
        elif section:
            message = f"unknown key: {section} has {listed(allowed)}"
        else:
            message, _ = unknown_key(ROOT, key, allowed)
        builder.wrong((*path, key), replace(inner, where=inner.key), message)
