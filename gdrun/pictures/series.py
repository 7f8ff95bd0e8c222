"""What curves are drawn from: each candidate's median over its seeds, their range, and the runs that diverged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from gdrun.descent.parts import Array
from gdrun.experiment.results.records import Records
from gdrun.pictures.candidates import Candidate, Panel
from gdrun.pictures.scene import Scene

Axis: TypeAlias = Literal["epoch", "step", "examples", "seconds"]
ALL_AXES: tuple[Axis, ...] = get_args(Axis)
PARTS = ("train", "validation")
METRICS = ("accuracy", "r2")
DECADES = 10.0
"""Largest over smallest value from which on a scale is logarithmic."""
ABOVE = 1000.0
"""How far above its start a run is followed that diverges: no further than the loop does."""


@dataclass(frozen=True)
class Lost:
    """A run that diverged, up to its last finite record."""

    run: str
    x: Array
    y: Array
    along: Mapping[Axis, Array] = field(default_factory=dict)
    """x on every axis."""


@dataclass(frozen=True)
class Curve:
    """One quantity of a candidate on one part of the data."""

    candidate: Candidate
    part: str
    x: Array
    middle: Array
    """Median over the seeds that did not diverge, (n,); a run that has ended stays where it ended."""
    low: Array
    high: Array
    seeds: int
    lost: tuple[Lost, ...] = ()
    along: Mapping[Axis, Array] = field(default_factory=dict)
    """x on every axis."""


def curves(scene: Scene, panel: Panel, quantity: str, axis: Axis) -> list[Curve]:
    """The curves of `loss` or a metric, for training and validation where they were recorded."""
    found = (_curve(scene, each, part, f"{part}_{quantity}", axis) for each in panel.candidates for part in PARTS)
    return [curve for curve in found if len(curve.x) or curve.lost]


def metric(scene: Scene) -> str | None:
    """The metric that was recorded."""
    columns = set().union(*scene.history.values())
    return next((name for name in METRICS if any(f"{part}_{name}" in columns for part in PARTS)), None)


def _curve(scene: Scene, candidate: Candidate, part: str, column: str, axis: Axis) -> Curve:
    lasting, lost = [], []
    for result in candidate.runs:
        run = str(result.row["id"])
        records = _recorded(scene.history.get(run, {}), column)
        if result.status == "diverged" and records:
            along = {name: records[name] for name in ALL_AXES}
            lost.append(Lost(run, records[axis], records[column], along))
        elif records:
            lasting.append(records)
    along, values = _aligned(lasting, column)
    middle, low, high = (of(values, axis=0) if lasting else np.empty(0) for of in (np.median, np.min, np.max))
    return Curve(candidate, part, along[axis], middle, low, high, len(lasting), tuple(lost), along)


def _recorded(records: Records, column: str) -> Records:
    """The records of a run with a finite value."""
    finite = np.isfinite(records[column]) if column in records else np.zeros(0, bool)
    return {name: values[finite] for name, values in records.items()} if finite.any() else {}


def _aligned(runs: Sequence[Records], column: str) -> tuple[dict[Axis, Array], Array]:
    """Each axis (n,) and the runs' values (R, n) at all steps that any of them has."""
    if not runs:
        return dict.fromkeys(ALL_AXES, np.empty(0)), np.empty((0, 0))
    own = [records["step"] for records in runs]
    steps = own[0] if all(np.array_equal(own[0], each) for each in own) else np.unique(np.concatenate(own))
    places = [np.searchsorted(mine, steps, side="right") - 1 for mine in own]
    ended = np.array([steps > mine[-1] for mine in own])
    along = {name: _middle(runs, name, places, ended) for name in ALL_AXES}
    return along, np.array([records[column][place] for records, place in zip(runs, places, strict=True)])


def _middle(runs: Sequence[Records], axis: Axis, places: Sequence[NDArray[np.intp]], ended: Array) -> Array:
    """Where on an axis (n,) the runs are at some places, those left out that have ended."""
    along = np.array([records[axis][place] for records, place in zip(runs, places, strict=True)])
    if not ended.any():
        return along[0] if np.all(along == along[0]) else np.asarray(np.median(along, axis=0))
    return np.asarray(np.nanmedian(np.where(ended, np.nan, along), axis=0))


def logarithmic(values: Array) -> bool:
    """Whether a scale spans decades; what is exactly 0 is not asked."""
    positive = values[values > 0]
    return bool(len(positive) > 1 and not np.any(values < 0) and positive.max() > DECADES * positive.min())


def drawn_values(found: Iterable[Curve]) -> Array:
    """All values of the runs that did not diverge, and the starts of those that did."""
    parts = [values for curve in found for values in (curve.low, curve.high, *(lost.y[:1] for lost in curve.lost))]
    return np.concatenate([np.empty(0), *parts])


def ceiling(found: Sequence[Curve], log: bool) -> float:
    """How high diverged runs are drawn; infinite where there are none."""
    lost = [lost for curve in found for lost in curve.lost]
    if not lost:
        return inf
    usual = float(np.max(np.abs(drawn_values(found))))
    return min(float(max(each.y.max() for each in lost)), usual * (ABOVE if log else 3))


def spans_decades(found: Sequence[Curve]) -> bool:
    """Whether the scale is logarithmic, diverged runs counted as far as they are followed."""
    usual = drawn_values(found)
    lost = [np.minimum(lost.y, ABOVE * np.max(np.abs(usual))) for curve in found for lost in curve.lost]
    return logarithmic(np.concatenate([usual, *lost]))


def cut(lost: Lost, top: float) -> tuple[Array, Array]:
    """A diverged run as far as it is drawn, ending at the top where it goes beyond."""
    beyond = np.flatnonzero(lost.y > top)
    if not len(beyond):
        return lost.x, lost.y
    i = int(beyond[0])
    if i == 0:
        return lost.x[:1], np.array([top])
    share = (top - lost.y[i - 1]) / (lost.y[i] - lost.y[i - 1])
    if lost.y[i - 1] > 0:
        share = np.log(top / lost.y[i - 1]) / np.log(lost.y[i] / lost.y[i - 1])
    return np.append(lost.x[:i], lost.x[i - 1] + share * (lost.x[i] - lost.x[i - 1])), np.append(lost.y[:i], top)
