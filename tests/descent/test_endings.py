"""How runs end: finished, converged, stopped, diverged or left, and which of it comes first."""

from __future__ import annotations

import numpy as np
import pytest

from gdrun.descent.state import Recording
from gdrun.descent.stopping import Stop
from tests.cases import SURFACES
from tests.descent.scripted import ends, scripted
from tests.descent.setups import FLOAT64, INF, NAN, plan, surface, train


def test_every_status_in_one_stack() -> None:
    train_losses: list[list[float]] = [
        [8, 7, 6, 5, 4, 3, 2, 1, 0.9],  # to the end
        [8, 7, 6, 6.0005, 4, 3, 2, 1, 1],  # an epoch changes less than a thousandth
        [8, 7, 6, 5, 4, 3, 2, 1, 1],  # good enough on validation
        [8, 7, 6, 5, 4, 3, 2, 1, 1],  # validation gets worse
        [8, 9, 8.5, 50, 8001, 9000, 1, 1, 1],  # a thousand times the first
        [8, 9, NAN, 1, 1, 1, 1, 1, 1],  # no number
        [8, 9, 10, 11, 12, 13, 14, 15, 16],  # ends rising
    ]
    falling = [9.0, 8, 7, 6, 5, 4, 3, 2, 2]
    good, worse = [9.0, 8, 0.4, 0.3, 0.2, 0.1, 0, 0, 0], [9.0, 8, 7, 8, 9, 10, 9, 9, 9]
    held_out = [falling, falling, good, worse, falling, falling, falling]
    stop, baseline = Stop(patience=3, tolerance=1e-3, loss=0.4), np.ones(7)
    outcomes, watch = scripted(train_losses, held_out, stop=stop, baseline=baseline)
    expected = [
        ("finished", 8, ""),
        ("converged", 3, "tolerance"),
        ("converged", 2, "reached 0.4"),
        ("stopped", 5, "3 epochs"),
        ("diverged", 4, "1000 times"),
        ("diverged", 2, "no longer finite"),
        ("diverged", 8, "still rising"),
    ]
    found = [(outcomes[run].status, outcomes[run].step) for run in range(7)]
    assert found == [(status, step) for status, step, _ in expected]
    for run, (_, _, word) in enumerate(expected[2:], 2):
        assert word in outcomes[run].cause
    assert outcomes[0].cause == ""
    assert "less than 0.001" in outcomes[1].cause
    # The last row is that of the end, and none comes after it.
    assert [watch.rows[run][-1]["step"] for run in range(7)] == [step for _, step, _ in expected]


def test_the_first_thing_that_happens_wins_and_divergence_comes_first() -> None:
    flat = [5.0, 5, 5, 5]
    # At the third step: the budget's end, no change, patience, and a loss that is good enough.
    assert ends(scripted([flat], stop=Stop(patience=1, tolerance=0.1, loss=9))[0]) == [("converged", 0)]
    assert ends(scripted([flat], stop=Stop(patience=1, tolerance=0.1))[0]) == [("converged", 1)]
    assert ends(scripted([flat], stop=Stop(patience=3))[0]) == [("stopped", 3)]
    assert ends(scripted([[5.0, 4, 3, 3]], stop=Stop(tolerance=0.1))[0]) == [("converged", 3)]
    blown = scripted([[1.0, 1, 1, 2000]], [[1.0, 1, 1, 0]], stop=Stop(loss=0.5), baseline=np.ones(1))
    assert ends(blown[0]) == [("diverged", 3)]
    # A validation loss that is no number, and a batch loss of a step that is not recorded.
    assert ends(scripted([flat], [[1.0, INF, 1, 1]])[0]) == [("diverged", 1)]
    lost = scripted([flat], batch=[[1.0, 1, NAN, 1]], recording=Recording(every=10))
    assert (ends(lost[0]), lost[1].column(0, "step").tolist()) == ([("diverged", 2)], [0, 2])


def test_a_thousand_times_the_larger_of_the_first_loss_and_the_best_constants() -> None:
    losses = [[1.0, 900, 1001, 1, 1]] * 2 + [[20.0, 19_000, 19_999, 20_001, 1]]
    outcomes, _ = scripted(losses, baseline=np.array([0.5, 10.0, 10.0]))
    assert ends(outcomes) == [("diverged", 2), ("finished", 4), ("diverged", 3)]
    # Only what is evaluated counts: with a validation set, the training loss of what is recorded.
    few = Recording(every=4)
    assert ends(scripted(losses[:1], [[1.0] * 5], baseline=np.ones(1), recording=few)[0]) == [("finished", 4)]


def test_what_ends_high_but_falling_has_not_diverged() -> None:
    assert ends(scripted([[1.0, 9, 8, 7, 6, 5, 4, 3]])[0]) == [("finished", 7)]
    assert ends(scripted([[4.0, 1, 1, 1, 1, 1, 2, 3.9]])[0]) == [("finished", 7)]  # rising, but below the first
    # The last quarter (7, 7) is above both of the one before (5, 6), or above their mean alone (5, 8).
    assert ends(scripted([[1.0, 9, 9, 9, 5, 6, 7, 7]])[0]) == [("diverged", 7)]
    assert ends(scripted([[1.0, 9, 9, 9, 5, 8, 7, 7]])[0]) == [("finished", 7)]


def test_what_hovers_above_where_it_began_has_not_diverged() -> None:
    noise = np.random.default_rng(0).normal(0, 0.3, (200, 40)).clip(-0.9, 0.9)
    losses = np.hstack([np.ones((200, 1)), 2 + noise])
    hovering = [status for status, _ in ends(scripted(losses.tolist())[0])]
    assert hovering.count("diverged") <= 2  # a mean of ten is above all of ten others in about one of 200
    growing = [status for status, _ in ends(scripted((losses * 1.2 ** np.arange(41)).tolist())[0])]
    assert set(growing) == {"diverged"}


def test_a_run_stopped_by_patience_while_it_rises_has_diverged_and_no_other_with_it() -> None:
    rising = [1.0, 2, 3, 4, 5, 6, 7, 0.5, 0.4]
    outcomes, _ = scripted(
        [rising, rising], [[1.0, 2, 2, 2] + [2] * 5, [9.0 - i for i in range(9)]], stop=Stop(patience=3)
    )
    assert ends(outcomes) == [("diverged", 3), ("finished", 8)]


def test_a_run_that_ends_where_nothing_is_recorded_leaves_its_neighbours_unlooked_at() -> None:
    # After epoch 3 the first has lost patience; the second stands at a loss that would be a divergence if recorded.
    train_losses = [[1.0] * 9, [1.0, 1, 1, 5000, 1, 1, 1, 1, 1]]
    held_out = [[1.0] * 9, [9.0 - i for i in range(9)]]
    recording, stop = Recording(every=4, batch_loss=True), Stop(patience=3)
    outcomes, watch = scripted(train_losses, held_out, baseline=np.ones(2), recording=recording, stop=stop)
    assert ends(outcomes) == [("stopped", 3), ("finished", 8)]
    assert watch.rows[0][3]["train_loss"] == 1
    np.testing.assert_array_equal(np.isnan(watch.column(1, "train_loss")), [step % 4 != 0 for step in range(9)])


@pytest.mark.parametrize("every", [1, 2, 3, 7])
def test_patience_counts_epochs_whatever_is_recorded(every: int) -> None:
    # Five epochs of three steps; the best is after the first.
    losses = np.repeat([[5.0, 1, 2, 2, 2, 2]], 3, axis=1)[:, 2:]
    for unit in ("epochs", "steps"):
        recording = Recording(every=every, unit=unit)
        outcomes, watch = scripted(
            [[1.0] * 16], losses.tolist(), per_epoch=3, stop=Stop(patience=2), recording=recording
        )
        assert ends(outcomes) == [("stopped", 9)]
        assert (outcomes[0].best_loss, outcomes[0].best_step) == (1, 3)
        assert watch.rows[0][-1]["step"] == 9


def test_tolerance_is_of_an_epochs_change_of_the_training_loss() -> None:
    # Within an epoch of three steps nothing moves; from the second to the third it changes by 5 %.
    losses = [[8.0, 8, 8, 4, 4, 4, 2, 2, 2, 1.9, 1.9, 1.9, 1]]
    assert ends(scripted(losses, per_epoch=3, stop=Stop(tolerance=0.051))[0]) == [("converged", 9)]
    assert ends(scripted(losses, per_epoch=3, stop=Stop(tolerance=0.049))[0]) == [("finished", 12)]
    every = Recording(unit="steps")
    assert ends(scripted(losses, per_epoch=3, stop=Stop(tolerance=0.051), recording=every)[0]) == [("converged", 9)]


def test_a_saddle_is_left_downhill_and_diverged_from_uphill() -> None:
    saddle = next(case for case in SURFACES if case.kind == "saddle")
    objective = surface(saddle, [{}] * 3, [0] * 3, FLOAT64)
    rates = [{"lr": 0.5}, {"lr": 2.5}, {"lr": 0.5}]
    descent = plan(objective, 40, ("gd", rates), bounds=np.full(3, 10.0), baseline=np.full(3, INF))
    outcomes, _ = train(descent, np.array([[4.0, 0.001], [4.0, 1e-9], [4.0, 0.0]]))
    # 0.001 · 1.5ⁿ > 10 from n = 23 on; 4 · 1.5ⁿ > 10 from n = 3 on; exactly on the ridge it is not left at all.
    assert ends(outcomes) == [("left", 23), ("diverged", 3), ("finished", 40)]
    assert "downhill" in outcomes[0].cause
    assert "uphill" in outcomes[1].cause
