"""What no section can see alone: settings that do not go together."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from gdrun.descent.models import Model
from gdrun.descent.parts import Part
from gdrun.experiment.config.block import Block
from gdrun.experiment.config.errors import listed
from gdrun.experiment.config.expect import Expectations, part_and_metric
from gdrun.experiment.config.families import families
from gdrun.experiment.config.models import BUDGETS, PartBlock
from gdrun.experiment.gauges.outcomes import gauge_of

Wrong: TypeAlias = Iterator[tuple[tuple[str, ...], str]]
"""Paths of values and what is wrong with them."""


@dataclass(frozen=True)
class Given:
    """What was written, and those of its sections that are valid in themselves."""

    keys: Collection[str]
    blocks: Mapping[str, Block]
    surface: bool

    def part(self, key: str) -> PartBlock | None:
        """A section that chose a part, if it is valid."""
        block = self.blocks.get(key)
        return block if isinstance(block, PartBlock) else None

    def setting(self, key: str, name: str) -> Any:
        """A section's setting, if the section is valid and has it."""
        return getattr(self.blocks.get(key), name, None)


def disagreements(given: Given) -> Wrong:
    """Settings that do not go together, or that another one requires."""
    yield from _required(given)
    yield from _budget(given)
    yield from _within_parts(given)
    yield from _measured(given)
    if given.surface:
        yield from _without_data(given)
    else:
        yield from _loss(given)


def _required(given: Given) -> Wrong:
    for key in ("model", "optimizer") if given.surface else ("dataset", "model", "optimizer"):
        if key not in given.keys:
            yield (key,), f"required: {listed(families()[key].kinds(), 'or')}"


def _budget(given: Given) -> Wrong:
    budgets = [key for key in given.keys if key in BUDGETS]
    if not budgets:
        yield ("steps",) if given.surface else ("epochs",), "required: how long to train, in epochs, steps or examples"
    for key in budgets[1:]:
        yield (key,), f"{budgets[0]} is given already: exactly one of epochs, steps and examples"


def _within_parts(given: Given) -> Wrong:
    for key in given.blocks:
        if block := given.part(key):
            for name, message in block.part.conflicts(vars(block)):
                yield (key, name), message


def _measured(given: Given) -> Wrong:
    """What is expected of a gauge is measured; nothing is said where `record` itself is wrong."""
    if "record" in given.keys and "record" not in given.blocks:
        return
    for name in _expected(given):
        gauge = gauge_of(name)
        if gauge and not given.setting("record", gauge):
            yield ("expect", name), f"is not measured: set record.{gauge}, after how many epochs or steps"


def _without_data(given: Given) -> Wrong:
    for key in ("dataset", "loss", "descent"):
        if key in given.keys:
            yield (key,), f"a surface has no {key}: leave it out"
    for key in ("epochs", "examples"):
        if key in given.keys:
            yield (key,), f"a surface has no {key}: write steps"
    for key in ("schedule", "record"):
        if given.setting(key, "unit") == "epochs":
            yield (key, "unit"), "a surface has no epochs: write steps"
    for name in _expected(given):
        if part_and_metric(name) not in (None, ("train", "loss")):
            yield ("expect", name), "a surface has no such outcome: train_loss is its value"
    if given.setting("record", "batch_loss"):
        yield ("record", "batch_loss"), "a surface has no batches: leave it out"
    if given.setting("record", "layers"):
        yield ("record", "layers"), "a surface has no layers: leave it out"


def _expected(given: Given) -> list[str]:
    """The outcomes on which there are bounds."""
    expect = given.blocks.get("expect")
    return list(expect.outcomes) if isinstance(expect, Expectations) else []


def _loss(given: Given) -> Wrong:
    model, loss = given.part("model"), given.part("loss")
    if model and loss and loss.chosen not in (losses := losses_of(model.part)):
        yield ("loss",), f"{loss.chosen} does not go with {model.chosen}: {listed(losses, 'or')}"


def losses_of(model: type[Part]) -> tuple[str, ...]:
    """The losses that go with a model, whatever its target is."""
    if not issubclass(model, Model):
        return ()
    return tuple(dict.fromkeys((*model.regression, *model.classification)))


def default_loss_of(model: type[Part]) -> str | None:
    """A model's loss where none is given; None if that depends on the target."""
    if not issubclass(model, Model):
        return None
    firsts = {losses[0] for losses in (model.regression, model.classification) if losses}
    return firsts.pop() if len(firsts) == 1 else None
