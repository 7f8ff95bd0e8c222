"""Going on from a state to the same bits: pickled, left by an exception, copied."""

from __future__ import annotations

import copy
import pickle

import pytest

from gdrun.descent.loop import Rows, descend
from gdrun.descent.state import State, begin
from tests.descent.setups import Watch, train
from tests.descent.unfinished import assert_the_same_ends, assert_the_same_rows, long_descent


class StopHere(Exception):  # noqa: N818
    pass


def test_a_state_pickled_at_any_record_goes_on_to_the_same_bits() -> None:
    descent, parameters = long_descent()
    state, whole = begin(descent, parameters.copy()), Watch()
    kept: list[tuple[int, bytes]] = []

    def keep(rows: Rows) -> None:
        if not kept or kept[-1][0] != rows.step:
            kept.append((rows.step, pickle.dumps(state)))
        whole(rows)

    outcomes = descend(descent, state, keep)
    assert len({outcome.step for outcome in outcomes.values()}) >= 4
    assert {"diverged", "stopped"} <= {outcome.status for outcome in outcomes.values()}
    for step, saved in kept:
        again: State = pickle.loads(saved)
        assert again.step == step
        fresh, _ = long_descent()
        watch = Watch()
        assert_the_same_ends(descend(fresh.select(again.runs), again, watch), outcomes)
        assert_the_same_rows(whole, watch, since=step)


@pytest.mark.parametrize("stop_at", [0, 3, 9, 15, 30])
def test_a_state_left_by_an_exception_goes_on_to_the_same_bits(stop_at: int) -> None:
    descent, parameters = long_descent()
    outcomes, whole = train(descent, parameters)
    state, watch = begin(descent, parameters.copy()), Watch()

    def interrupt(rows: Rows) -> None:
        if rows.step == stop_at:
            raise StopHere
        watch(rows)

    with pytest.raises(StopHere):
        descend(descent, state, interrupt)
    assert_the_same_ends(descend(descent.select(state.runs), state, watch), outcomes)
    assert_the_same_rows(whole, watch)


def test_a_copied_state_does_not_share_arrays() -> None:
    descent, parameters = long_descent()
    state = begin(descent, parameters.copy())
    other = copy.deepcopy(state)
    first = descend(descent, state, Watch())
    second = descend(long_descent()[0], other, Watch())
    assert_the_same_ends(first, second)


def test_seconds_go_on_too() -> None:
    descent, parameters = long_descent()
    state = begin(descent, parameters)
    state.seconds = 1000.0
    assert all(outcome.seconds > 1000 for outcome in descend(descent, state, Watch()).values())
