"""Curvature and predictions in words, for `gdrun check`."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from math import inf, isinf

from numpy.linalg import LinAlgError

from gdrun.analysis.curvature import Curvature
from gdrun.analysis.numerals import number
from gdrun.analysis.optimum.lowest import NOT_CONVEX
from gdrun.analysis.prediction import Prediction
from gdrun.experiment.comparing import Plan
from gdrun.experiment.foresight.plan import Branch, Outlook, outlooks
from gdrun.experiment.foresight.run import Ground
from gdrun.experiment.problem import Problem

VALIDITY = {
    "global": "exact everywhere, the loss is quadratic",
    "bound": "a bound that holds everywhere, the loss is convex",
    "local": "local, at the start of seed {seed} alone",
}
USUAL_MOMENTUM = 0.9
VERBS = {"converges": "converge", "slow": "are slow", "oscillates": "oscillate", "diverges": "diverge"}


def outlook_lines(plan: Plan) -> list[str]:
    """What the curvature says of a plan's runs; why nothing, where it says nothing."""
    try:
        found, more = outlooks(plan)
    except (ArithmeticError, LinAlgError, MemoryError) as error:  # the plan is worth having without it
        return [f"no curvature: {error}"]
    lines = [line for one in found for line in [*ground_lines(one), *prediction_lines(one)]]
    return [*lines, f"{more} more losses (other data, models or penalties) were not looked at"] if more else lines


def ground_lines(found: Outlook) -> list[str]:
    """The loss's curvature, noise and lowest value."""
    on = found.ground
    known = on.curvature
    lines = [curvature_line(known, found.first.config.seed)] if known else []
    if known and 0 < known.L < inf:
        lines.append(momentum_line(known, momentum_of(found.first)))
    if on.noise is not None:
        size, m = on.noise.worthwhile, on.noise.m
        gain = f"up to about {size} example{'' if size == 1 else 's'}" if size < m else f"up to all {m} examples"
        lines.append(f"gradient noise at the start: scale {number(on.noise.scale, 3)}, a batch is worth it {gain}")
    return [*lines, *_lowest(on), *on.notes]


def _lowest(on: Ground) -> list[str]:
    if on.optimum is None or on.optimum is NOT_CONVEX:
        return []
    lowest = on.optimum.loss
    return [f"lowest training loss: {number(lowest)}" if lowest is not None else f"no lowest loss: {on.optimum.reason}"]


def curvature_line(known: Curvature, seed: int) -> str:
    """L, μ, κ and the rates that follow from them."""
    where = VALIDITY[known.validity].format(seed=seed)
    if isinf(known.L):
        return "curvature: the loss has kinks, where its slope jumps: there is no largest stable rate"
    if known.L <= 0:
        return f"curvature ({where}): none upwards, L {number(known.L)}: there is no largest stable rate"
    rates = f"2/L {number(known.stable_rate)}"
    if known.validity == "bound":
        at = f"; at the start L {number(known.largest)}" + (f", μ {number(known.mu)}" if known.mu is not None else "")
        return f"curvature ({where}): L at most {number(known.L)} · {rates}{at}"
    parts = [f"L {number(known.L)}", *_lower_end(known), rates]
    if known.best_rate is not None:
        parts.append(f"2/(L+μ) {number(known.best_rate)}, which leaves {number(known.best_contraction)} a step")
    return f"curvature ({where}): {' · '.join(parts)}"


def momentum_line(known: Curvature, beta: float) -> str:
    """The largest stable rates with momentum, as far as they follow from L."""
    begin = f"with momentum {number(beta)}, largest stable rates:"
    if known.validity == "bound":  # Ghadimi, Feyzmahdavian & Johansson 2015, theorem 1
        return f"{begin} heavy ball at least {number((1 - beta) * known.stable_rate)}; of Nesterov's no bound is known"
    return f"{begin} heavy ball {number(known.momentum_rate(beta))}, Nesterov {number(known.nesterov_rate(beta))}"


def momentum_of(problem: Problem) -> float:
    """The momentum that a run is to have, else the usual one."""
    settings = problem.settings["optimizer"]
    kept = settings["kind"] in ("momentum", "nesterov") and settings["momentum"] > 0
    return float(settings["momentum"]) if kept else USUAL_MOMENTUM


def _lower_end(known: Curvature) -> list[str]:
    if known.mu is not None:
        parts = [f"μ {number(known.mu)}", f"κ {number(known.condition)}"]
        return [*parts, f"{known.flat} flat directions"] if known.flat else parts
    return [f"smallest {number(known.smallest)}"] if known.smallest is not None else ["μ not known"]


def prediction_lines(found: Outlook) -> list[str]:
    """What each branch will do, and the rates that are worth sweeping."""
    return [line for branch in found.branches for line in _branch_lines(branch)]


def _branch_lines(branch: Branch) -> list[str]:
    name, rates = _named(branch), branch.rates
    told = [(rate, prediction) for rate, prediction in branch.predictions if prediction is not None]
    parts = [
        _together([rate for rate, _ in alike], [prediction for _, prediction in alike], branch.budget)
        for alike in (list(same) for _, same in groupby(told, key=lambda each: (each[1].verdict, each[1].reason)))
    ]
    if 0 < len(told) < len(branch.predictions):
        parts.append(f"{len(branch.predictions) - len(told)} more rates were not looked at")
    spread = f"{number(rates.low)} … {number(rates.high)}"
    return [
        f"{name}: {'; '.join(parts)}" if parts else f"{name}: no prediction without the curvature",
        f"{name}: rates worth sweeping: {spread} (optimizer.lr=auto), {rates.reason}",
    ]


def _named(branch: Branch) -> str:
    settings = dict(branch.settings)
    kind = str(settings.pop("optimizer.kind"))
    others = [f"{name} {value}" for name, value in settings.items()]
    return " · ".join([kind, *others] if branch.candidate is None else [branch.candidate])


def _together(rates: Sequence[float], predictions: Sequence[Prediction], budget: int) -> str:
    """Neighbouring rates of which the same is predicted."""
    first, last = predictions[0], predictions[-1]
    shown = f"lr {number(rates[0])}" + (f" … {number(rates[-1])}" if len(rates) > 1 else "")
    reason = f", {first.reason}" if first.reason else ""
    if first.verdict == "unknown":
        return f"{shown}: no prediction: {first.reason}"
    text = f"{shown} {VERBS[first.verdict] if len(rates) > 1 else first.verdict.replace('slow', 'is slow')}"
    if first.verdict == "diverges":
        factors = _span([prediction.factor for prediction in predictions], "×")
        return f"{text} above {number(last.edge)}" + (f" ({factors} a step)" if factors else "") + reason
    steps = _span([prediction.steps for prediction in predictions])
    if steps:
        most = "at most" if first.at_most else "about"
        text += f" ({most} {steps} steps to 1 %{f', of {budget}' if first.verdict == 'slow' else ''})"
    return text + reason


def _span(values: Sequence[float | None], sign: str = "") -> str:
    known = [f"{sign}{value:,}" if isinstance(value, int) else f"{sign}{number(value)}" for value in values if value]
    return " … ".join(dict.fromkeys((known[0], known[-1]))) if known else ""
