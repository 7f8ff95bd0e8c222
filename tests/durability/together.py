"""Comparisons of one experiment at once: `python -m tests.durability.together FOLDER` tells who trained what."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.durability.kill import PATIENCE, ended, preload, start
from tests.durability.made import write_configs

PROCESSES = 8


def tell() -> None:
    """Let this process write down which runs it trains."""
    from gdrun.experiment.engine import engine
    from gdrun.experiment.training import train_tile

    def telling(problems: Sequence[Any], *others: Any) -> Any:
        with Path("trained").open("a") as file:
            file.write("".join(f"{problem.id} {os.getpid()}\n" for problem in problems))
        return train_tile(problems, *others)

    vars(engine)["train_tile"] = telling


def main() -> None:
    """Start them, wait for all, print how each ended."""
    folder = Path(sys.argv[1])
    preload()
    write_configs(folder)
    command = ("compare", "wide.yaml", "--jobs", "1", "--quiet", "--format", "csv")
    processes = [start(command, folder, tell) for _ in range(PROCESSES)]
    print(*(ended(process, PATIENCE) for process in processes))


if __name__ == "__main__":
    main()
