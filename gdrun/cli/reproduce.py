"""`gdrun reproduce`: train a run again from what was kept of it, and say whether the bits are the same."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from gdrun.analysis.numerals import number
from gdrun.cli.exits import Exit
from gdrun.cli.progress import progress
from gdrun.cli.words import described, plain
from gdrun.experiment.reproducing import Reproduced, posed, reproduce
from gdrun.experiment.runs import find_run
from gdrun.experiment.stack import stack


def reproduce_run(wanted: str, results: Path, quiet: bool, as_json: bool) -> Exit:
    """Print whether a run can be had again, bit for bit. Raises NotFoundError, ConfigError."""
    folder, row = find_run(wanted, results)
    problem = posed(row)
    quiet = quiet or as_json
    if not quiet:
        print(plain(described(problem), sys.stderr), file=sys.stderr)
    descent, _ = stack([problem])
    with progress(problem, descent.steps, quiet) as watch:
        found = reproduce(folder, row, problem, watch)
    if as_json:
        print(json.dumps(as_object(found, folder.name)))
    else:
        print(plain("\n".join(lines(found))))
    return Exit.FAILED if found.difference else Exit.DONE


def lines(found: Reproduced) -> list[str]:
    """The answer in words."""
    first = found.difference
    changes = [f"{name} was {was or 'nothing'} and is {now or 'nothing'}" for name, (was, now) in found.changed.items()]
    if first is None:
        elsewhere = f", although {'; '.join(changes)}" if changes else ""
        return [f"{found.run}: the same bits in {found.records} records{elsewhere}"]
    epoch = "" if first.epoch is None else f"epoch {number(first.epoch, 6)}: "
    apart = "" if first.size is None else f", {number(first.size, 3)} apart"
    return [
        f"{found.run}: NOT the same bits: {epoch}{first}{apart}",
        *(changes or ["gdrun, python, numpy, blas and cpu are the same as then"]),
    ]


def as_object(found: Reproduced, experiment: str) -> dict[str, Any]:
    """The answer with stable keys; cells as they stand in the files."""
    first = found.difference
    return {
        "experiment": experiment,
        "run": found.run,
        "same": first is None,
        "records": found.records,
        "difference": first
        and {
            "column": first.column,
            "step": first.step,
            "epoch": first.epoch,
            "was": first.was,
            "now": first.now,
            "size": first.size,
        },
        "changed": {name: {"was": was, "now": now} for name, (was, now) in found.changed.items()},
    }
