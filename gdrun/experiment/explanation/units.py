"""What is wrong in a network's layers: dead and saturated units at the end, gradients that vanish or explode."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gdrun.analysis.diagnosis.units import LayerState
from gdrun.experiment.explanation.ended import Ended
from gdrun.experiment.explanation.survey import Survey, layers_at

MANY = 0.3
"""Share of dead or saturated units that is worth a word."""
APART = 1000
"""Factor between the layers' gradients at which they vanish or explode."""


@dataclass(frozen=True)
class Trouble:
    """Something wrong in a layer, and what to try."""

    code: str
    text: str
    advice: str


def troubles(run: Ended, survey: Survey) -> Iterator[Trouble]:
    """What is wrong in the layers of a run that is a network."""
    problem = run.problem
    if problem is None or problem.network is None or len(problem.network.layers) < 2:
        return
    end = layers_at(problem, run.final) if run.final is not None else []
    for layer in end[:-1]:
        yield from _of_a_layer(layer)
    yield from _of_gradients(survey.layers_at_start(problem))


def _of_a_layer(layer: LayerState) -> Iterator[Trouble]:
    where = f"layer {layer.number} ({layer.activation})"
    if layer.dead >= MANY:
        text = f"{layer.dead:.0%} of the {layer.units} units of {where} are dead at the end: slope 0 on every example"
        yield Trouble("dead", text, "model.activation=leaky_relu, or a lower optimizer.lr")
    if layer.saturates and layer.saturated >= MANY:
        text = f"{where} is saturated at the end: {layer.saturated:.0%} of its outputs have hardly a slope"
        yield Trouble("saturated", text, "standardized data, a smaller model.initial_scale, or model.activation=relu")


def _of_gradients(layers: list[LayerState]) -> Iterator[Trouble]:
    first, last = layers[0].gradient, layers[-1].gradient
    if not (first > 0 and last > 0):
        return
    told = f"at the start layer 1's gradient is {first:.2g} a parameter and layer {len(layers)}'s {last:.2g}"
    if last > APART * first:
        advice = "fewer layers, model.activation=relu or tanh, model.initial=xavier"
        yield Trouble("vanishing", f"gradients vanish: {told}", advice)
    if first > APART * last:
        advice = "a smaller model.initial_scale, optimizer.clip_norm=1"
        yield Trouble("exploding", f"gradients explode: {told}", advice)
