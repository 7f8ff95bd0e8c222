"""What `gdrun compare` is told beside the runs: the block `compare:`, validated; and which settings there are."""

from __future__ import annotations

import re
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from gdrun.descent.parts import setting_types
from gdrun.experiment.config.block import Block
from gdrun.experiment.config.errors import printable
from gdrun.experiment.config.families import families, nearest
from gdrun.experiment.config.models import Record, RunConfig, Stop
from gdrun.experiment.gauges.outcomes import NAMES, PATTERN

LIMIT = 1_000_000
"""Runs of one sweep at most; one that means more has a typing error."""

CANDIDATE = "candidate"
LOSSES = ("validation_loss", "train_loss")
OUTCOME = re.compile(
    r"(best|final)_(validation|train)_[a-z0-9_]+|best_epoch|end_(epoch|step|examples)|seconds|(steps|examples|seconds)_to_target|"
    + PATTERN
)


def row_key(key: str) -> str:
    """The key itself, if rows of a ranking can be told apart by it. Raises ValueError."""
    if key == "seed":
        raise ValueError("seeds are what a row is averaged over: they make no rows")
    if key in {CANDIDATE, *families()} or key in setting_hints():
        return key
    guess = nearest(key, [CANDIDATE, *setting_hints()])
    raise ValueError(
        f"no setting {printable(key)}" + (f": did you mean {guess}?" if guess else ", such as optimizer.lr")
    )


def outcome_column(name: str) -> str:
    """The name itself, if runs.csv can have such a column to rank by. Raises ValueError."""
    if "_test_" in name or name.startswith("test_"):
        raise ValueError("nothing is ranked by the test set: report_on: test prints it")
    if OUTCOME.fullmatch(name):
        return name
    if re.fullmatch("(validation|train)_[a-z0-9_]+", name):
        raise ValueError(f"final_{name} or best_{name}?")
    guess = nearest(name, [*(f"{when}_{loss}" for when in ("final", "best") for loss in LOSSES), *NAMES])
    raise ValueError("no outcome: " + (f"did you mean {guess}?" if guess else "final_… or best_… and a loss or metric"))


class Compare(Block):
    """Which runs are compared, and how."""

    seeds: (
        Annotated[int, Field(ge=1, le=LIMIT)]
        | Annotated[tuple[Annotated[int, Field(ge=0)], ...], Field(min_length=1)]
        | None
    ) = Field(None, description="how many seeds from the config's own on, or a list of them")
    candidates: Any = Field(None, description="what is compared: blocks that override the config above")
    zip: Any = Field(None, description="settings with lists of values that change in step")
    random: Any = Field(None, description="how many settings are drawn from the ranges above instead of crossing them")
    rows: tuple[Annotated[str, AfterValidator(row_key)], ...] | None = Field(
        None, description="settings that make the rows of the ranking; left out: candidates, kinds and batch sizes"
    )
    criterion: Annotated[str, AfterValidator(outcome_column)] | None = Field(
        None, description="outcome that is ranked by; left out: final_validation_loss"
    )
    target: float | None = Field(None, description="loss whose reaching is measured in steps, examples and seconds")
    save: Literal["none", "weights"] = Field("none", description="what is kept of each run beside its history")
    report_on: Literal["test"] | None = Field(None, description="test: its loss is shown too, never ranked by")
    expect: Any = Field(None, description="what outcomes of candidates are to be beside others'")


class Random(Block):
    """Settings drawn at random."""

    n: int = Field(ge=1, le=LIMIT, description="how many settings are drawn")
    seed: int = Field(0, ge=0, description="of the draws")


@cache
def setting_hints() -> dict[str, Any]:
    """Every setting by its dotted key, with its type (None for a kind); kinds that share a key share what it is."""
    hints: dict[str, Any] = {}
    for key, family in families().items():
        for tags, part in family.choices().items():
            named = {**dict.fromkeys(dict(tags)), **setting_types(part)}
            hints |= {f"{key}.{name}": hint for name, hint in named.items() if f"{key}.{name}" not in hints}
    for key, model in (("stop", Stop), ("record", Record)):
        hints |= {f"{key}.{name}": field.annotation for name, field in model.model_fields.items()}
    plain = RunConfig.model_fields.keys() - {"name", "stop", "record", "expect", *families()}
    return hints | {name: field.annotation for name, field in RunConfig.model_fields.items() if name in plain}
