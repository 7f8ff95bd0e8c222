"""What happened in a run and why, in sentences with numbers, from the stored files alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gdrun.analysis.diagnosis import Finding, findings, history
from gdrun.analysis.units import LayerState, layer_states
from gdrun.descent.objectives import DataObjective
from gdrun.experiment.ended import Ended, ended
from gdrun.experiment.foresight import landscape
from gdrun.experiment.measured import rates_measured
from gdrun.experiment.problem import Problem
from gdrun.experiment.reasons import REASONS, Circumstances, circumstances
from gdrun.experiment.results.folder import Folder
from gdrun.experiment.results.reading import FAILED
from gdrun.experiment.stack import initial

MANY = 0.3
"""Share of dead or saturated units that is worth a word."""
APART = 1000
"""Factor between the layers' gradients at which they vanish or explode."""


@dataclass
class Explanation:
    """Sentences: what happened, why, what was predicted and measured, what to try; and what could not be told."""

    happened: list[str] = field(default_factory=list)
    why: list[str] = field(default_factory=list)
    measured: list[str] = field(default_factory=list)
    advice: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    """Of the troubles that were found."""


def explain(folder: Folder, row: Mapping[str, str]) -> Explanation:
    """Explain one run by its line in runs.csv."""
    run, told = ended(folder, row), Explanation()
    if row["status"] == FAILED:
        told.happened.append(f"it failed: {row['cause']}")
        return told
    if run.missing:
        told.notes.append(run.missing)
    known = circumstances(run) if run.problem else None
    noisy = known.noisy if known else row.get("descent.variant", "batch") != "batch"
    of = history(run.records, row["status"], noisy, _lowest(run.records))
    if of is None:
        told.notes.append("its history is not there: --rerun makes it again")
        return told
    found = findings(of)
    told.happened += [finding.text for finding in found]
    told.codes += [finding.code for finding in found if finding.trouble]
    if known:
        _explain(told, run, known, found)
    told.happened = told.happened or [f"it {row['status']}, and nothing stands out"]
    return told


def _explain(told: Explanation, run: Ended, known: Circumstances, found: list[Finding]) -> None:
    for finding in found:
        reasons, advice = REASONS[finding.code](known)
        told.why += reasons
        told.advice += advice
    told.measured += rates_measured(run, known, found)
    told.notes += known.foresight.notes
    for code, reason, advice_ in _of_units(run, known.problem):
        told.codes.append(code)
        told.happened.append(reason)
        told.advice.append(advice_)
    seen, end = known.foresight.curvature, known.end
    if end is not None and seen is not None and seen.validity == "local":
        told.measured.append(
            f"the largest curvature was {seen.L:.4g} at the start (2/L {seen.stable_rate:.3g}),"
            f" and is {end.L:.4g} at the end (2/L {end.stable_rate:.3g})"
        )


def _lowest(records: list[dict[str, Any]]) -> float | None:
    first = records[0] if records else {}
    above = first.get("excess_loss")
    return None if above is None else float(first["train_loss"] - above)


def _of_units(run: Ended, problem: Problem) -> Iterator[tuple[str, str, str]]:
    """Dead, saturated and hardly or overly moved layers: a code, a sentence, what to try."""
    if problem.network is None or len(problem.network.layers) < 2:
        return
    objective = landscape(problem)
    assert isinstance(objective, DataObjective)
    begin = layer_states(objective, initial(problem))
    end = layer_states(objective, run.final) if run.final is not None else []
    for layer in end[:-1]:
        where = f"layer {layer.number} ({layer.activation})"
        if layer.dead >= MANY:
            text = (
                f"{layer.dead:.0%} of the {layer.units} units of {where} are dead at the end: slope 0 on every example"
            )
            yield "dead", text, "model.activation=leaky_relu, or a lower optimizer.lr"
        if layer.saturates and layer.saturated >= MANY:
            text = f"{where} is saturated at the end: {layer.saturated:.0%} of its outputs have hardly a slope"
            yield "saturated", text, "standardized data, a smaller model.initial_scale, or model.activation=relu"
    yield from _of_gradients(begin)


def _of_gradients(layers: list[LayerState]) -> Iterator[tuple[str, str, str]]:
    first, last = layers[0].gradient, layers[-1].gradient
    if not (first > 0 and last > 0):
        return
    told = f"at the start layer 1's gradient is {first:.2g} a parameter and layer {len(layers)}'s {last:.2g}"
    if last > APART * first:
        yield (
            "vanishing",
            f"gradients vanish: {told}",
            "fewer layers, model.activation=relu or tanh, model.initial=xavier",
        )
    if first > APART * last:
        yield "exploding", f"gradients explode: {told}", "a smaller model.initial_scale, optimizer.clip_norm=1"
