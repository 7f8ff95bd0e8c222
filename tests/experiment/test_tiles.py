"""Which runs train together: those of a seed beside each other, so many that they stay in the cache."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from gdrun.experiment import tiles as cutting
from gdrun.experiment.config import load
from gdrun.experiment.problem import Problem, pose
from gdrun.experiment.sources import Sources
from gdrun.experiment.tiles import bytes_of, tiles

PLENTY = 1 << 40
SMALL: dict[str, Any] = {"dataset": {"kind": "blobs", "examples": 60}, "model": "softmax", "epochs": 1}
SOURCES = Sources()


def problems(runs: Sequence[int], optimizer: str = "gd") -> list[Problem]:
    """So many runs of seed 0, 1, …, each with a rate of its own, the seeds taking turns."""
    rates = [(i, seed) for seed, count in enumerate(runs) for i in range(count)]
    return [
        pose(load({**SMALL, "seed": seed, "optimizer": {"kind": optimizer, "lr": 0.01 * (i + 1)}}), SOURCES)
        for i, seed in sorted(rates)
    ]


@pytest.mark.parametrize(
    ("runs", "most", "expected"),
    [
        ([4, 4, 4], 64, ["000011112222"]),
        ([4, 4, 4], 8, ["00001111", "2222"]),
        ([4, 4, 4], 7, ["0000", "1111", "2222"]),
        ([4, 4], 3, ["0000", "1111"]),  # a little more than fits, rather than two halves
        ([8, 8], 3, ["00", "000", "000", "11", "111", "111"]),
        ([9, 1, 1, 1, 1], 3, ["000", "000", "000", "123", "4"]),
        ([1] * 7, 3, ["012", "345", "6"]),
        ([0, 2, 0, 2], 4, ["1133"]),
    ],
)
def test_seeds_stay_together(runs: list[int], most: int, expected: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cutting, "MOST_RUNS", most)
    found = tiles(problems(runs), PLENTY)
    again = tiles(problems(runs)[::-1], PLENTY)
    for cut in (found, again):
        assert ["".join(str(problem.config.seed) for problem in tile) for tile in cut] == expected
    assert len({problem.id for tile in found for problem in tile}) == sum(runs)


def test_memory_is_never_exceeded() -> None:
    stack = problems([4, 4])
    parameters = stack[0].variables * 8
    each = bytes_of(stack[0]) + cutting.KEPT * parameters
    assert {len(tile) for tile in tiles(stack, 3 * each)} == {2}
    assert {len(tile) for tile in tiles(stack, 1)} == {1}


def test_an_optimizer_that_remembers_more_takes_more_room() -> None:
    (plain,), (momentum,), (adam,) = (problems([1], kind) for kind in ("gd", "momentum", "adam"))
    parameters = plain.variables * 8
    assert bytes_of(momentum) - bytes_of(plain) == parameters
    assert bytes_of(adam) - bytes_of(plain) == 2 * parameters
