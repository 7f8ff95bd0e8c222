"""Shards: the part of a plan that one member of a job array trains."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gdrun.experiment.problem import Problem
from gdrun.experiment.tiles import structure

MOST = 100_000


@dataclass(frozen=True)
class Shard:
    """One of `count` shards of every plan, by its number from 0."""

    index: int
    count: int

    @property
    def name(self) -> str:
        """What its part of the results is called."""
        return f"{self.index}-of-{self.count}"

    def share(self, problems: Sequence[Problem]) -> list[Problem]:
        """Its runs among all of a plan, whatever is done of them.

        Structures are dealt out one after another, so that each shard has as many runs of each, and of all rates.
        """
        groups: dict[str, list[Problem]] = {}
        for problem in problems:
            groups.setdefault(structure(problem), []).append(problem)
        return [problem for group in groups.values() for problem in group][self.index :: self.count]


def shard(text: str) -> Shard:
    """The shard `I/N`. Raises ValueError with what is wrong."""
    found = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", text)
    index, count = map(int, found.groups()) if found else (0, 0)
    if not found or not 0 < count <= MOST:
        raise ValueError(f"{text!r} is no shard: 0/4 is the first of four")
    if index >= count:
        raise ValueError(f"{text!r}: the last of {count} shards is {count - 1}/{count}")
    return Shard(index, count)
