"""What this machine grants: memory and cores, by what it has, its cgroup, or SLURM."""

from __future__ import annotations

import os
from pathlib import Path

CGROUP = Path("/sys/fs/cgroup")
SHARE = 4
"""A sweep takes a quarter of the memory unless it is told otherwise."""


def granted_memory() -> int:
    """Bytes that this process may use, by the tightest limit known."""
    limits = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for file in ("memory.max", "memory/memory.limit_in_bytes"):
        limits += _numbers(file)[:1]
    megabytes = os.environ.get("SLURM_MEM_PER_NODE", "")
    if megabytes.isdecimal():
        limits.append(int(megabytes) << 20)
    return min(limits)


def default_memory() -> int:
    """Bytes for the tiles of a sweep."""
    return granted_memory() // SHARE


def granted_cores() -> int:
    """Cores that this process may use, by the tightest limit known; at least one."""
    limits = [len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1]
    quotas = _numbers("cpu.max"), _numbers("cpu/cpu.cfs_quota_us") + _numbers("cpu/cpu.cfs_period_us")
    limits += [quota[0] // quota[1] for quota in quotas if len(quota) == 2 and quota[0] > 0]
    granted = os.environ.get("SLURM_CPUS_PER_TASK", "")
    if granted.isdecimal():
        limits.append(int(granted))
    return max(1, min(limits))


def _numbers(file: str) -> list[int]:
    """What a file of the cgroup says; nothing if it is not there, or if it says `max`."""
    try:
        return [int(word) for word in (CGROUP / file).read_text().split()]
    except (OSError, ValueError):
        return []
