"""Generated files for the readers of configs, data and results: each is read, or refused by the reader's own error.

    python -m tests.durability.generated --times 100000

Each file is made from its number alone, so that one that was found can be had again: `--only configs --first 123`.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import traceback
import warnings
from contextlib import chdir
from dataclasses import dataclass, field
from time import perf_counter

from tests.durability.mutations import mutated
from tests.durability.readers import READERS


@dataclass
class Tally:
    """What became of the files."""

    read: int = 0
    refused: int = 0
    wrong: list[str] = field(default_factory=list)
    """What else became of them, as a traceback each, below its number."""
    slowest: tuple[float, int] = (0.0, 0)
    """Seconds, and the number."""


def feed(name: str, times: int, first: int = 0) -> Tally:
    """Feed so many files to a reader, in the current directory."""
    reader, tally = READERS[name](), Tally()
    files = sorted(reader.whole)
    for number in range(first, first + times):
        chance = random.Random(f"{name} {number}")
        file = chance.choice(files)
        content = mutated(reader.whole[file], list(reader.whole.values()), chance)
        began = perf_counter()
        try:
            if reader.read(file, content, chance):
                tally.read += 1
            else:
                tally.refused += 1
        except Exception:
            tally.wrong.append(f"{name} {number}, {file}:\n{traceback.format_exc()}")
        tally.slowest = max(tally.slowest, (perf_counter() - began, number))
    return tally


def main() -> None:
    """Print a line per reader; exit code 1 where something went wrong."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=100_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--only", choices=READERS)
    given = parser.parse_args()
    warnings.simplefilter("error")
    wrong = 0
    for name in [given.only] if given.only else READERS:
        with tempfile.TemporaryDirectory() as folder, chdir(folder):
            tally = feed(name, given.times, given.first)
        seconds, number = tally.slowest
        print(
            f"{name}: {tally.read} read, {tally.refused} refused, {len(tally.wrong)} went wrong; "
            f"number {number} took longest, {seconds:.1f} s",
            flush=True,
        )
        print(*tally.wrong[:10], sep="\n", file=sys.stderr)
        wrong += len(tally.wrong)
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
