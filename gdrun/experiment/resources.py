"""What this machine grants: memory by its own size, its cgroup, or SLURM."""

from __future__ import annotations

import os
from pathlib import Path

SHARE = 4
"""A sweep takes a quarter of the memory unless it is told otherwise."""


def granted_memory() -> int:
    """Bytes that this process may use, by the tightest limit known."""
    limits = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for file in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            limits.append(int(Path(file).read_text()))
        except (OSError, ValueError):  # no such limit, or `max`
            continue
    megabytes = os.environ.get("SLURM_MEM_PER_NODE", "")
    if megabytes.isdecimal():
        limits.append(int(megabytes) << 20)
    return min(limits)


def default_memory() -> int:
    """Bytes for the tiles of a sweep."""
    return granted_memory() // SHARE
