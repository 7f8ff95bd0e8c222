"""How much faster several jobs are than one, start-up apart, and how much faster this machine lets them be.

    python -m tests.benchmarks.jobs [--rounds 5] [--jobs 2] [--epochs 10]

Trains 96 runs of the digits MLP 64-32-10 (three optimizers, eight rates, four seeds) in turn: in one process; in
as many plain processes as jobs, which share the tiles out beforehand and know nothing of each other: the ceiling;
and on Dask workers, as `gdrun compare --jobs` does. The table shows medians over the rounds.
"""

from __future__ import annotations

import argparse
import io
import multiprocessing
import os
import statistics
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from multiprocessing.connection import Connection
from time import perf_counter

os.environ.update(dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1"))

from gdrun.experiment.comparing import plan
from gdrun.experiment.engine.amount import amount, spread
from gdrun.experiment.engine.dispatch import train_on
from gdrun.experiment.engine.workers import Workers
from gdrun.experiment.problem import Problem
from gdrun.experiment.sources import Sources
from gdrun.experiment.sweep import expand
from gdrun.experiment.tiles import tiles
from gdrun.experiment.training import train_tile

SWEEP = """\
dataset: digits
model: {kind: mlp, hidden: [32]}
descent: {batch_size: 32}
optimizer: {kind: gd, lr: 0.1}
compare:
  seeds: 4
  candidates:
    - optimizer: {kind: gd, lr: {log: [0.01, 1, 8]}}
    - optimizer: {kind: momentum, lr: {log: [0.001, 0.1, 8]}}
    - optimizer: {kind: adam, lr: {log: [0.001, 0.1, 8]}}
"""


def cut(epochs: int, jobs: int) -> list[list[Problem]]:
    """The tiles that so many workers get."""
    (sweep,) = expand(["-"], [f"epochs={epochs}"], "jobs", io.StringIO(SWEEP))
    return spread(tiles([cell.problem for cell in plan(sweep, Sources()).cells], 1 << 30), jobs)


def shares(work: Sequence[list[Problem]], jobs: int) -> list[list[list[Problem]]]:
    """Tiles dealt out to processes, about equally much to each."""
    dealt: list[list[list[Problem]]] = [[] for _ in range(jobs)]
    for tile in work:  # the largest first
        min(dealt, key=lambda share: sum(map(amount, share))).append(tile)
    return dealt


def train_when_told(share: Sequence[list[Problem]], pipe: Connection) -> None:
    """A plain process: train the same tiles each time that something comes."""
    while pipe.recv():
        for tile in share:
            train_tile(tile)
        pipe.send(True)


@contextmanager
def plain_processes(dealt: Sequence[list[list[Problem]]]) -> Iterator[list[Connection]]:
    """A process for each share, and a pipe to it."""
    context = multiprocessing.get_context("spawn")
    pipes = [context.Pipe() for _ in dealt]
    processes = [
        context.Process(target=train_when_told, args=(share, theirs))
        for share, (_, theirs) in zip(dealt, pipes, strict=True)
    ]
    for process in processes:
        process.start()
    yield [ours for ours, _ in pipes]
    for (ours, _), process in zip(pipes, processes, strict=True):
        ours.send(False)
        process.join()


def seconds_of(work: Sequence[list[Problem]], pipes: Sequence[Connection], workers: Workers) -> dict[str, float]:
    """One round."""
    times: dict[str, float] = {}
    start = perf_counter()
    for tile in work:
        train_tile(tile)
    times["one process"] = perf_counter() - start
    start = perf_counter()
    for pipe in pipes:
        pipe.send(True)
    for pipe in pipes:
        pipe.recv()
    times[f"{len(pipes)} plain processes"] = perf_counter() - start
    start = perf_counter()
    assert sum(len(finished) for _, finished in train_on(workers.client(), work)) == sum(map(len, work))
    times[f"--jobs {len(pipes)}"] = perf_counter() - start
    return times


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=10)
    arguments = parser.parse_args()
    work = cut(arguments.epochs, arguments.jobs)
    with plain_processes(shares(work, arguments.jobs)) as pipes, closing(Workers(arguments.jobs, None)) as workers:
        rounds = [seconds_of(work, pipes, workers) for _ in range(arguments.rounds + 1)][1:]  # the first warms up
    print(f"{'':20} seconds   times as fast as one process")
    for name in rounds[0]:
        seconds = statistics.median(times[name] for times in rounds)
        ratio = statistics.median(times["one process"] / times[name] for times in rounds)
        print(f"{name:20} {seconds:7.2f}   {ratio:6.2f}")


if __name__ == "__main__":
    main()
