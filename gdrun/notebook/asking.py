"""What a call asks for beside its config: checked, and as the engine room has it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from math import inf
from numbers import Integral, Real
from pathlib import Path
from typing import Any

from gdrun.experiment.config import ConfigError, failure
from gdrun.experiment.engine.engine import Engine
from gdrun.experiment.work import Wanted


@dataclass(frozen=True)
class Asked:
    """The arguments of `compare`, as they came."""

    name: Any
    rows: Any
    criterion: Any
    report_on: Any
    confirm: Any
    memory: Any
    stack: Any
    jobs: Any
    cluster: Any
    rerun: Any
    save: Any
    results: Any


def wanted_of(asked: Asked) -> Wanted:
    """What is wanted of the comparison. Raises ConfigError with all arguments that are wrong."""
    problems = [
        problem
        for name, value in asdict(asked).items()
        if not CHECKS[name][0](value)
        for problem in failure(f"must be {CHECKS[name][1]}", key=name).problems
    ]
    if asked.jobs is not None and asked.cluster is not None:
        problems += failure("workers of this machine (jobs) or those of a cluster: one of the two", key="jobs").problems
    if problems:
        raise ConfigError(problems)
    return Wanted(
        rows=(asked.rows,) if isinstance(asked.rows, str) else tuple(asked.rows),
        criterion=asked.criterion,
        report_test=asked.report_on == "test",
        confirm=int(asked.confirm),
        memory=None if asked.memory is None else int(asked.memory * 1e9),
        most=asked.stack,
        rerun=asked.rerun,
    )


def engine_of(asked: Asked) -> Engine:
    """Where training is to happen."""
    return Engine(None if asked.jobs is None else int(asked.jobs), asked.cluster)


def _whole(least: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, Integral) and not isinstance(value, bool) and int(value) >= least


def _amount(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and 0 < float(value) < inf


def _keys(value: Any) -> bool:
    return isinstance(value, str) or (
        isinstance(value, list | tuple) and all(isinstance(each, str) and each for each in value)
    )


def _or_none(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or check(value)


def _text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool)


CHECKS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "name": (_or_none(_text), "text"),
    "rows": (_keys, "a setting such as optimizer.kind, or a list of them"),
    "criterion": (_or_none(_text), "a column of runs.csv, such as final_validation_loss"),
    "report_on": (lambda value: value is None or value == "test", '"test"'),
    "confirm": (_whole(0), "a number of fresh seeds, such as 6"),
    "memory": (_or_none(_amount), "a number of GB greater than 0, such as 0.5"),
    "stack": (_or_none(_whole(1)), "a number of runs, 1 or more"),
    "jobs": (_or_none(_whole(1)), "a number of processes, 1 or more"),
    "cluster": (_or_none(_text), "an address such as tcp://host:8786"),
    "rerun": (_is_bool, "True or False"),
    "save": (_is_bool, "True or False"),
    "results": (lambda value: isinstance(value, str | Path), "a folder"),
}
