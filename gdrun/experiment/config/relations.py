"""What a candidate's outcome is to be beside another's: the list `compare.expect`, checked in its place."""

from __future__ import annotations

from collections.abc import Iterator

from gdrun.experiment.config.build import Builder
from gdrun.experiment.config.errors import listed, shown
from gdrun.experiment.config.expect import WAYS, Relation, is_outcome, outcome_names
from gdrun.experiment.config.families import nearest
from gdrun.experiment.config.tree import Node

EXAMPLE = "{outcome: end_step, of: momentum, over: gd, at_most: 0.5}"


def relations(builder: Builder, node: Node, labels: list[str], target: bool) -> tuple[Relation, ...]:
    """The relations that are in order; problems for the others. `target`: whether the comparison has one."""
    if not isinstance(node.value, tuple) or not node.value:
        builder.wrong(("compare", "expect"), node, f"must be a list of blocks, such as [{EXAMPLE}]")
        return ()
    found = []
    for index, inner in enumerate(node.value):
        path = f"compare.expect[{index}]"
        if not isinstance(inner.value, dict):
            builder.wrong((path,), inner, f"must be a block such as {EXAMPLE}, not {shown(inner.plain())}")
            continue
        builder.unknown((path,), inner, list(Relation.model_fields), section="relation")
        relation = builder.validated(Relation, (path,), inner)
        if relation is None or not inner.entries.keys() <= Relation.model_fields.keys():
            continue
        problems = list(_problems(relation, labels, target))
        for key, message in problems:
            builder.wrong((path, key) if key else (path,), inner.entries.get(key, inner), message)
        if not problems:
            found.append(relation)
    return tuple(found)


def _problems(relation: Relation, labels: list[str], target: bool) -> Iterator[tuple[str, str]]:
    """The keys that are wrong, "" for the whole."""
    if relation.outcome in WAYS:
        if not target:
            yield "outcome", f"{relation.outcome} needs compare.target, the loss to reach"
    elif not is_outcome(relation.outcome):
        guess = nearest(relation.outcome, [*outcome_names(), *WAYS])
        yield "outcome", f"no outcome {relation.outcome}" + (f": did you mean {guess}?" if guess else "")
    if (relation.over is None) == (relation.minus is None):
        yield "", "over or minus, one of them: the label of another candidate, for the ratio or the difference"
    if relation.at_least is None and relation.at_most is None:
        yield "", "required: at_least, at_most or both"
    elif relation.at_least is not None and relation.at_most is not None and relation.at_least > relation.at_most:
        yield "at_most", f"must not be less than at_least, {relation.at_least:.15g}"
    for key in ("of", "over", "minus"):
        label = getattr(relation, key)
        if label is not None and label not in labels:
            yield key, f"no candidate has the label {label!r}: " + (listed(labels) if labels else "none has one")
