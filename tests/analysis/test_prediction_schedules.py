"""Predictions where the rate changes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gdrun.analysis.prediction import verdict as module
from gdrun.analysis.prediction.conditions import rates_of
from gdrun.descent.state import Recording
from tests.analysis.foretold import BEGIN, bowl, losses_of, measured_steps, predicted, regression
from tests.cases import SCHEDULES, ScheduleCase, VariantCase
from tests.descent.setups import plan, start, train


@pytest.mark.parametrize("case", SCHEDULES, ids=lambda case: case.name)
def test_the_steps_under_every_schedule(case: ScheduleCase) -> None:
    schedule = case.kind, [{**case.settings, "unit": "steps"}]
    descent = plan(bowl(6.0), 100, ("gd", [{"lr": 0.25}]), schedule)
    found = predicted(descent, BEGIN)
    if case.kind == "plateau":
        assert (found.verdict, found.reason) == ("unknown", "the rates depend on how the loss falls")
        return
    rates = train(replace(descent, recording=Recording(unit="steps")), BEGIN)[1].column(0, "lr")
    np.testing.assert_allclose(rates_of(descent), rates[1:], rtol=1e-14)
    assert found.rate == rates[1:].max()
    losses = losses_of(descent, BEGIN)
    if losses[-1] <= 0.01 * losses[0]:
        assert found.steps == measured_steps(descent, BEGIN)
    else:
        assert (found.verdict, found.steps) == ("slow", None)


@pytest.mark.parametrize("unit", ["steps", "epochs"])
def test_the_rates_of_steps_within_epochs(unit: str) -> None:
    objective = regression(variant=VariantCase("", 8))
    descent = plan(objective, 15, ("gd", [{"lr": 0.1}]), ("cosine", [{"warmup": 1.0, "unit": unit}]))
    rates = train(replace(descent, recording=Recording(unit="steps")), start(objective, [0]))[1].column(0, "lr")
    np.testing.assert_allclose(rates_of(descent), rates[1:], rtol=1e-14)


def test_a_schedule_that_begins_above_the_edge_and_ends_below() -> None:
    # 2/L = 0.2: growth at first, then recovery, or not.
    for decay, steps, verdict in ((0.9, 200, "converges"), (0.9999, 200, "diverges")):
        schedule = "exponential", [{"decay": decay, "unit": "steps"}]
        descent = plan(bowl(10.0), steps, ("gd", [{"lr": 0.22}]), schedule)
        losses = losses_of(descent, BEGIN)
        assert (losses[-1] < losses[0]) == (verdict == "converges")
        assert losses.max() > 1.05 * losses[0]
        assert predicted(descent, BEGIN).verdict in (verdict, "oscillates" if verdict == "converges" else verdict)


def test_a_changing_rate_over_too_many_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FOLLOWED", 5)
    descent = plan(bowl(6.0), 100, ("gd", [{"lr": 0.25}]), ("linear", [{}]))
    assert "too many steps" in predicted(descent, BEGIN).reason
