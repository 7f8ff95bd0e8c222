"""Where the time of a sweep goes: of so many runs of a small model, by phases, through all that `compare` does.

    python -m tests.benchmarks.sweeps [--runs 100 10000] [--steps 1000] [--every 50] [--hidden 0] [--profile]

Logistic regression on breast_cancer, or an MLP with so many hidden units; batches of 32; two optimizers with learning
rates drawn at random. Each size is a command of its own in a fresh process, so that its peak of memory is its own.
Training is the loop with its evaluations; all else is bookkeeping: reading and expanding the config, posing the runs,
tiles, rows of results, commits, ranking, printing. Times are the processor's, so that other processes count little.
"""

from __future__ import annotations

import argparse
import cProfile
import io
import pstats
import resource
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, redirect_stdout
from pathlib import Path
from pkgutil import resolve_name
from time import process_time
from typing import Any
from unittest.mock import patch

from tests.benchmarks.measuring import one_core

CONFIG = """\
dataset: breast_cancer
model: {model}
steps: {steps}
record: {{every: {every}, unit: steps}}
compare:
  seeds: 1
  candidates:
    - optimizer: {{kind: gd, lr: {{log: [1e-3, 1]}}}}
      random: {{n: {settings}, seed: 0}}
    - optimizer: {{kind: momentum, lr: {{log: [1e-4, 0.1]}}}}
      random: {{n: {settings}, seed: 0}}
"""
PHASES = {
    "gdrun.experiment.sweep:expand": "expanding",
    "gdrun.experiment.comparing:plan": "posing",
    "gdrun.experiment.conducting:tiles": "tiles",
    "gdrun.experiment.training:descend": "training",
    "gdrun.experiment.training:_finished": "rows of results",
    "gdrun.experiment.results.folder:Folder.commit": "commits",
    "gdrun.experiment.unfinished.desk:Desk.take": "claims",
    "gdrun.experiment.unfinished.desk:Desk.release": "claims",
    "gdrun.experiment.unfinished.keeper:Keeper.__init__": "claims",
    "gdrun.experiment.conducting:comparison.comparison": "comparison.json",
    "gdrun.experiment.conducting:comparison.write": "comparison.json",
    "gdrun.experiment.conducting:comparison.rankings": "ranking",
    "gdrun.cli.compare:print_rankings": "printing",
}
REST = "everything else"


class Clock:
    """Seconds by phase; a phase within another does not count for that."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.phases = [REST]
        self.last = process_time()

    def turn(self) -> None:
        now = process_time()
        self.seconds[self.phases[-1]] += now - self.last
        self.last = now

    @contextmanager
    def within(self, phase: str) -> Iterator[None]:
        self.turn()
        self.phases.append(phase)
        yield
        self.turn()
        self.phases.pop()

    def timed(self, phase: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            with self.within(phase):
                return function(*args, **kwargs)

        return call


def sweep(runs: int, steps: int, every: int, hidden: int, profile: bool) -> None:
    """Compare so many runs in an empty folder, and print what that took."""
    from gdrun.cli.compare import How, compare_all, engine_of
    from gdrun.experiment.work import Wanted

    clock, profiler = Clock(), cProfile.Profile()
    with tempfile.TemporaryDirectory() as parent, ExitStack() as stack:
        config = Path(parent) / "sweep.yaml"
        model = f"{{kind: mlp, hidden: [{hidden}]}}" if hidden else "logistic"
        config.write_text(CONFIG.format(model=model, steps=steps, every=every, settings=runs // 2))
        for place, phase in PHASES.items():
            stack.enter_context(patch(place.replace(":", "."), clock.timed(phase, resolve_name(place))))
        if profile:
            profiler.enable()
        with redirect_stdout(io.StringIO()):
            here = engine_of(1, None, quiet=True)
            folder = Path(parent) / "results"
            compare_all([str(config)], None, folder, Wanted(), here, How(allowed=True))
        profiler.disable()
        clock.turn()
    report(clock.seconds, runs, steps)
    if profile:
        pstats.Stats(profiler).sort_stats("tottime").print_stats(40)


def report(seconds: dict[str, float], runs: int, steps: int) -> None:
    """Seconds and shares by phase, and the peak of memory."""
    whole = sum(seconds.values())
    print(f"{runs} runs of {steps} steps: {whole:.1f} s, {whole / runs * 1e3:.2f} ms a run")
    for phase in dict.fromkeys((*PHASES.values(), REST)):
        print(f"  {phase:16} {seconds[phase]:8.2f} s {seconds[phase] / whole:7.1%}")
    print(f"  bookkeeping {1 - seconds['training'] / whole:.1%} · peak {_peak() >> 20} MB")


def _peak() -> int:
    """Bytes of memory at most so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main(arguments: Sequence[str]) -> None:
    """Measure each size in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, nargs="+", default=[100, 10_000])
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--every", type=int, default=50)
    parser.add_argument("--hidden", type=int, default=0)
    parser.add_argument("--profile", action="store_true")
    given = parser.parse_args(arguments)
    if len(given.runs) == 1:
        one_core()
        sweep(given.runs[0], given.steps, given.every, given.hidden, given.profile)
        return
    rest = [
        f"--steps={given.steps}",
        f"--every={given.every}",
        f"--hidden={given.hidden}",
        *["--profile"] * given.profile,
    ]
    for runs in given.runs:
        subprocess.run([sys.executable, "-m", "tests.benchmarks.sweeps", "--runs", str(runs), *rest], check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
