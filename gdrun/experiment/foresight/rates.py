"""Learning rates for who gives none: one in the error message, a range for `auto`; from the curvature at the start."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from gdrun.analysis.curvature import Curvature, curvature, passes
from gdrun.analysis.prediction.conditions import edge_kind, stable_rate
from gdrun.analysis.prediction.quadratic import rule_of
from gdrun.analysis.prediction.suggested_rates import first_rate, suggested
from gdrun.data import DataError
from gdrun.experiment.config import ConfigError, Loaded, Node, build, merge, read_overrides, read_source
from gdrun.experiment.foresight.run import affordable, landscape
from gdrun.experiment.problem import Problem, pose
from gdrun.experiment.sources import Sources
from gdrun.experiment.stack import initial, stack
from gdrun.experiment.sweep.auto import LR, rate_of
from gdrun.experiment.sweep.axes import put
from gdrun.experiment.training import one_thread

CHEAP = 2.0
"""Seconds that an error message may take."""


def suggested_by(sources: Sources) -> Callable[[Node, Path | None], list[float]]:
    """What stands for `lr: auto`: the rates worth sweeping for a config, whatever its own rate is."""

    def rates(tree: Node, file: Path | None) -> list[float]:
        problem = pose(Loaded(build(tree), file, tree), sources)
        optimizer = stack([problem])[0].optimizer
        known = None if rule_of(optimizer) is None else _curvature(problem)
        return suggested(known, optimizer).rates

    return rates


def _curvature(problem: Problem) -> Curvature | None:
    try:
        with one_thread():
            return curvature(landscape(problem), initial(problem), both_ends=False)
    except FloatingPointError:
        return None


def advised(error: ConfigError, file: str, overrides: Sequence[str]) -> ConfigError:
    """An error about a config's missing learning rate, with one that the curvature suggests if that is cheap."""
    key = ".".join(LR)
    if all(problem.key != key for problem in error.problems):
        return error
    advice = _advice(file, overrides)
    return ConfigError(
        replace(problem, message=f"{problem.message}; {advice}") if advice else problem for problem in error.problems
    )


def _advice(file: str, overrides: Sequence[str]) -> str | None:
    """Which rate to begin with; None where it is not the rate alone that is wrong."""
    try:
        read = read_source(file)
        tree = merge(read.tree, read_overrides(overrides))
        section = tree.entries["optimizer"]
        if LR[1] in section.entries and rate_of(tree) is None:
            return None
        tree = put(tree, LR, section.holding(1.0))
        problem = pose(Loaded(build(tree), read.file, tree))
    except (ConfigError, DataError, KeyError):
        return None
    descent, parameters = stack([problem])
    if rule_of(descent.optimizer) is None:
        usual = descent.optimizer.declared["lr"].default
        return f"the usual one of {descent.optimizer.kind} is {usual}"
    if passes(landscape(problem), parameters.shape[1], both_ends=False) > affordable(problem, CHEAP):
        return None
    known = _curvature(problem)
    rate = first_rate(known, descent) if known else None
    if known is None or rate is None:
        return None
    edge = stable_rate(known, descent.optimizer)
    where = {
        "exact": "the largest stable one",
        "bound": "all below it are stable",
        "alike": "the edge of a quadratic so curved",
        "local": "the edge at the start",
    }[edge_kind(known, descent.optimizer)]
    return f"the curvature suggests {rate:g} ({where}: {edge:.3g})"
