"""The block `expect:` from its node: every outcome and every bound checked in its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from gdrun.experiment.config.expect import Bound, Expect, Expectations, column, is_outcome, outcome_names
from gdrun.experiment.config.tree import Node

if TYPE_CHECKING:
    from gdrun.experiment.config.build import Builder


def expectations(builder: Builder, key: str, node: Node) -> Expectations | None:
    """What is expected, or None and its problems."""
    if not isinstance(node.value, dict):
        builder.wrong((key,), node, "must be a block such as {status: finished, validation_accuracy: {at_least: 0.95}}")
        return None
    outcomes = {name: inner for name, inner in node.entries.items() if is_outcome(name)}
    builder.unknown((key,), node, ["status", *outcome_names(), *outcomes])
    given = {name: inner for name, inner in outcomes.items() if inner.value is not None}
    for name, message in _twice(given):
        builder.wrong((key, name), replace(given[name], where=given[name].key), message)
    bounds = {name: _bound(builder, (key, name), inner) for name, inner in given.items()}
    rest = node.without(outcomes)
    return builder.validated(Expect, (key,), rest, {name: bound for name, bound in bounds.items() if bound})


def _bound(builder: Builder, path: tuple[str, str], node: Node) -> Bound | None:
    if not isinstance(node.value, dict):
        builder.wrong(path, node, "must be a block such as {at_least: 0.95} or {at_most: 0.1}")
        return None
    builder.unknown(path, node, list(Bound.model_fields), section="bound")
    bound = builder.validated(Bound, path, node)
    if bound is None or not node.entries.keys() <= Bound.model_fields.keys():
        return None
    low, high = bound.at_least, bound.at_most
    if low is None and high is None:
        builder.wrong(path, node, "required: at_least, at_most or both")
    elif low is not None and high is not None and low > high:
        builder.wrong((*path, "at_most"), node.entries["at_most"], f"must not be less than at_least, {low:.15g}")
    return bound


def _twice(outcomes: dict[str, Node]) -> Iterator[tuple[str, str]]:
    first: dict[str, str] = {}
    for name in outcomes:
        if (other := first.setdefault(column(name), name)) != name:
            yield name, f"is the same as {other}: one of them"
