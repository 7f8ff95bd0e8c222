"""Where a run was made: versions and machine, kept with its results."""

from __future__ import annotations

import platform
import subprocess
from functools import cache
from pathlib import Path

import gdrun


def environment() -> dict[str, str | None]:
    """Versions of gdrun, Python and NumPy, the BLAS and its kernel, the CPU, the commit of the current directory."""
    return {**_installed(), "git_commit": _commit(_current())}


@cache
def _installed() -> dict[str, str | None]:
    import numpy as np

    return {
        "gdrun": gdrun.__version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "blas": _blas(),
        "cpu": _cpu(),
    }


def _blas() -> str:
    from threadpoolctl import threadpool_info

    found = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    # SciPy may have brought one of its own
    found.sort(key=lambda pool: "numpy" not in pool["filepath"])
    keys = ("internal_api", "version", "architecture")
    return " ".join(str(found[0].get(key) or "") for key in keys) if found else ""


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def _current() -> Path | None:
    try:
        return Path.cwd()
    except OSError:  # it was deleted
        return None


@cache
def _commit(folder: Path | None) -> str | None:
    try:
        command = ["git", "rev-parse", "--short=12", "HEAD"]
        asked = subprocess.run(command, capture_output=True, text=True, timeout=2, check=True, cwd=folder)
        return asked.stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return None
