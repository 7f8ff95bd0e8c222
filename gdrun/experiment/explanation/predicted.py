"""Predicted against measured: the factor of a step, and the steps to 1 % of the first excess loss."""

from __future__ import annotations

from collections.abc import Iterator
from math import exp, log
from typing import Any

from gdrun.analysis.diagnosis import Finding
from gdrun.experiment.explanation.circumstances import Circumstances
from gdrun.experiment.explanation.ended import Ended


def rates_measured(run: Ended, known: Circumstances, found: list[Finding]) -> Iterator[str]:
    """Predicted against measured: the factor of a step, the steps to 1 %."""
    predicted = known.foresight.prediction
    if predicted is None:
        return
    if predicted.verdict == "unknown":
        yield f"no prediction: {predicted.reason}"
        return
    factors = [finding.numbers["distance_factor"] for finding in found if "distance_factor" in finding.numbers]
    if predicted.verdict == "diverges" and predicted.factor is not None:
        measured = f", measured ×{factors[0]:.4g}" if factors else ""
        yield f"predicted to diverge, the distance by ×{predicted.factor:.4g} a step{measured}"
        return
    steps = _steps_measured(run.records)
    if predicted.steps is not None:
        most = "at most" if predicted.at_most else "about"
        measured = f"measured {steps:,}" if steps is not None else "not reached"
        yield f"predicted {most} {predicted.steps:,} steps to 1 % of the first excess loss, {measured}"
    factor = _factor_measured(run.records)
    if predicted.factor is not None and factor is not None:
        yield f"predicted in the long run ×{predicted.factor:.6g} of the distance a step, measured ×{factor:.6g}"


def _steps_measured(records: list[dict[str, Any]]) -> int | None:
    excess = [(record["step"], record["excess_loss"]) for record in records if record.get("excess_loss") is not None]
    return next((step for step, above in excess if above <= 0.01 * excess[0][1]), None)


def _factor_measured(records: list[dict[str, Any]]) -> float | None:
    """What a step leaves of the distance, over the second half of the descent as far as digits go."""
    excess = [(record["step"], record["excess_loss"]) for record in records if record.get("excess_loss") is not None]
    least = 1e-9 * abs(records[0]["train_loss"]) if excess else 0.0
    kept = [each for each in excess if each[1] > least]
    half = kept[len(kept) // 2 :]
    if len(half) < 3:
        return None
    (step, above), (last, left) = half[0], half[-1]
    return exp(log(left / above) / (2 * (last - step)))
