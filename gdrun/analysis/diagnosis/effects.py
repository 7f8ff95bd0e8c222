"""Which settings of many runs matter: the share of the outcome's variance that each explains by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Effect:
    """The main effect of one setting."""

    name: str
    share: float
    """ε²: of the variance between runs, how much lies between its values, less what chance puts there (Kelley 1935)."""
    best: str
    """The value with the lowest mean."""
    means: Mapping[str, float]


def main_effects(outcomes: Sequence[float], settings: Sequence[Mapping[str, str]]) -> list[Effect]:
    """Settings with two values or more, the one that explains most first; outcomes are finite, one per run.

    A setting that only some runs have counts for those alone.
    """
    names = dict.fromkeys(name for one in settings for name in one)
    found = (_effect(name, outcomes, settings) for name in names)
    return sorted((effect for effect in found if effect), key=lambda effect: -effect.share)


def _effect(name: str, outcomes: Sequence[float], settings: Sequence[Mapping[str, str]]) -> Effect | None:
    groups: dict[str, list[float]] = {}
    for outcome, one in zip(outcomes, settings, strict=True):
        if name in one:
            groups.setdefault(one[name], []).append(outcome)
    everything = [outcome for group in groups.values() for outcome in group]
    if len(groups) < 2 or len(groups) == len(everything):
        return None  # one value, or none that two runs share: nothing to tell it from chance
    total = float(np.var(everything)) * len(everything)
    if total == 0:
        return None
    means = {value: float(np.mean(group)) for value, group in groups.items()}
    middle = float(np.mean(everything))
    between = sum(len(group) * (means[value] - middle) ** 2 for value, group in groups.items())
    n, k = len(everything), len(groups)
    share = 1 - (1 - between / total) * (n - 1) / (n - k)
    return Effect(name, max(share, 0.0), min(means, key=lambda value: means[value]), means)
