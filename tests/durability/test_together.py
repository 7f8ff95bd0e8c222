"""Eight comparisons at the same time on one experiment: each run is trained once, and all of them have the answer."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

from tests.cli.driver import gdrun
from tests.durability.made import differences, kept, no_half_files
from tests.durability.together import PROCESSES

ROOT = Path(__file__).parents[2]


def test_eight_at_once_train_each_run_once(here: Path) -> None:
    command = [sys.executable, "-m", "tests.durability.together", str(here)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200, check=False)
    assert done.stdout.split() == ["0"] * PROCESSES, (done, (here / "log").read_text())
    trained = [line.split() for line in Path("trained").read_text().splitlines()]
    assert Counter(run for run, _ in trained) == dict.fromkeys((run for run, _ in trained), 1)
    assert len(trained) == 24
    assert len({process for _, process in trained}) > 1
    folder = Path("results/wide")
    assert no_half_files(folder)
    answer = gdrun("compare", "wide.yaml", "--jobs", "1", "--quiet", "--format", "csv", "--results", "alone").ok()
    assert Path("log").read_text() == answer * PROCESSES
    assert not differences(kept(folder), kept(Path("alone/wide")))
