"""The command `gdrun`, also `python -m gdrun`."""

from __future__ import annotations

import gc
import os
import signal
import sys
from typing import NoReturn

ALLOCATIONS = 100_000
"""Between two searches for garbage: with Python's 700 they take a tenth of the time until the first step."""
ENVIRONMENT = {
    # bits are the same on one thread only, and a pool of threads takes its time to come and go
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    # looking for plugins reads the metadata of every package there is
    "PYDANTIC_DISABLE_PLUGINS": "__all__",
}


def main() -> NoReturn:
    """Run the command line and leave with its exit code."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # while it starts, an interrupt is no error in some import
    gc.set_threshold(ALLOCATIONS)
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)

    from gdrun.cli.app import run
    from gdrun.cli.streams import settle

    settle()
    code = run()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # everything is written and closed; taking a million objects apart first takes a tenth of a second


if __name__ == "__main__":
    main()
