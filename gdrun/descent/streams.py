"""Random numbers: a generator is a function of seed, purpose and position, so resuming needs no state."""

from __future__ import annotations

from enum import IntEnum

from numpy.random import PCG64, Generator, SeedSequence


class Stream(IntEnum):
    """One fixed number per purpose; data/ has those from 10 on."""

    WEIGHTS = 1
    ORDER = 2
    NOISE = 3


def generator(seed: int, stream: int, position: int = 0) -> Generator:
    """The generator of one purpose at one position (a layer, an epoch, a block of steps)."""
    return Generator(PCG64(SeedSequence([seed, stream, position])))
