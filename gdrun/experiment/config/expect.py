"""What a config expects of its runs: bounds on their outcomes, which make gdrun a gate."""

from __future__ import annotations

from itertools import product
from typing import Any, Literal

from pydantic import ConfigDict, Field, create_model

from gdrun.experiment.config.block import Block
from gdrun.experiment.gauges.outcomes import NAMES, gauge_of

METRICS = ("loss", "accuracy", "r2", "rmse")
MEASURED = tuple(f"{part}_{metric}" for part, metric in product(("train", "validation", "test"), METRICS))
PLAIN = ("final_excess_loss", "best_epoch", "end_epoch", "end_step", "end_examples", "seconds")
"""Columns of runs.csv that measure no part of the data."""
WAYS = ("steps_to_target", "examples_to_target")
"""What a comparison measures besides where it has a target."""


class Bound(Block):
    """What a column of runs.csv may be."""

    at_least: float | None = Field(None, description="the smallest value that will do")
    at_most: float | None = Field(None, description="the largest value that will do")


class Relation(Bound):
    """An outcome of one candidate divided by another's, or less the other's."""

    outcome: str = Field(description="the mean over the seeds of a candidate's best setting", examples=["end_step"])
    of: str = Field(description="a candidate's label", examples=["momentum"])
    over: str | None = Field(None, description="the label of the candidate whose outcome it is divided by")
    minus: str | None = Field(None, description="the label of the candidate whose outcome is taken off")

    @property
    def other(self) -> str:
        """The candidate beside which the first is put."""
        return self.over or self.minus or ""


Status = Literal["finished", "converged", "stopped", "diverged", "left"]


class Expectations(Block):
    """What the outcome of a run is to be; its other fields are the outcomes, a Bound each.

    Outcomes of what `record:` measures are no fields, since there is no end of layers.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Bound]

    status: Status | tuple[Status, ...] | None = Field(None, description="how it ends; a list: in one of these ways")

    @property
    def statuses(self) -> tuple[str, ...]:
        """How a run may end; () where nothing is said."""
        return (self.status,) if isinstance(self.status, str) else self.status or ()

    @property
    def outcomes(self) -> dict[str, Bound]:
        """The bounds, as their outcomes were written."""
        values = {name: getattr(self, name) for name in type(self).model_fields} | (self.model_extra or {})
        return {name: value for name, value in values.items() if isinstance(value, Bound)}

    @property
    def bounds(self) -> dict[str, tuple[float | None, float | None]]:
        """The smallest and the largest value that will do, by column of runs.csv."""
        return {column(name): (bound.at_least, bound.at_most) for name, bound in self.outcomes.items()}


def column(name: str) -> str:
    """The column of runs.csv that an outcome is: the final one where it says neither final nor best."""
    return f"final_{name}" if name in MEASURED else name


def part_and_metric(name: str) -> tuple[str, str] | None:
    """Which part of the data an outcome measures, and how; None where it measures none."""
    rest = column(name).partition("_")[2]
    part, _, metric = rest.partition("_")
    return (part, metric) if rest in MEASURED else None


def _outcomes() -> dict[str, Any]:
    final = {name: f"the final {name.replace('_', ' ')}" for name in MEASURED}
    final |= {f"final_{name}": text for name, text in final.items()}
    best = {f"best_{name}": f"the {name.replace('_', ' ')} of the best parameters" for name in MEASURED}
    words = {**final, **best, **{name: name.replace("_", " ") for name in PLAIN}}
    return {name: (Bound | None, Field(None, description=text)) for name, text in words.items()}


Expect: type[Expectations] = create_model(
    "Expect", __base__=Expectations, __module__=__name__, __doc__=Expectations.__doc__, **_outcomes()
)


def is_outcome(name: str) -> bool:
    """Whether a bound may be put on it."""
    return (name in Expect.model_fields and name != "status") or gauge_of(name) is not None


def outcome_names() -> list[str]:
    """All outcomes but those of further layers."""
    return [*(name for name in Expect.model_fields if name != "status"), *NAMES]
