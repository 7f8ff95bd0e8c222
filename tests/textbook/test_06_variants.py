"""Batch, stochastic, mini-batch: one family, told apart by the batch size; which is best depends on what is counted."""

from __future__ import annotations

import numpy as np
import pytest

from tests.textbook.made import compared, config, lines, path, trained, untimed

BATCH, SOME, ONE = "batch", "mini-batch", "stochastic"
M = 1797
"""Examples."""


def test_the_ranking_by_steps_is_the_reverse_of_the_one_by_examples() -> None:
    found = compared(untimed(config("06-variants")))
    assert not found.unmet
    steps, seen = (
        {label: lines(found, label)[column].to_numpy() for label in (BATCH, SOME, ONE)}
        for column in ("end_step", "end_examples")
    )
    # on every seed, however it is drawn: by steps the larger the batch the sooner, by examples the smaller
    assert steps[BATCH].max() < 0.7 * steps[SOME].min()
    assert steps[SOME].max() < 0.5 * steps[ONE].min()
    assert seen[ONE].max() < 0.7 * seen[SOME].min()
    assert seen[SOME].max() < 0.5 * seen[BATCH].min()
    # and both count the same way
    assert (seen[BATCH] == M * steps[BATCH]).all()
    assert (seen[ONE] == steps[ONE]).all()


@pytest.mark.parametrize(("variant", "size"), [("batch", M), ("stochastic", 1)])
def test_they_are_mini_batches_of_all_examples_and_of_one(variant: str, size: int) -> None:
    plain = trained(config("06-variants", epochs=2, descent=variant, stop=None, record={"paths": True}))
    other = {"variant": "minibatch", "batch_size": size}
    sized = trained(config("06-variants", epochs=2, descent=other, stop=None, record={"paths": True}))
    np.testing.assert_allclose(path(sized), path(plain), rtol=1e-9, atol=1e-12)
