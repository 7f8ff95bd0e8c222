"""The benchmarks still fit what they measure."""

from __future__ import annotations

from tests.benchmarks.sweeps import sweep


def test_a_small_sweep_is_measured() -> None:
    sweep(runs=4, steps=20, every=10, hidden=0, profile=False)
