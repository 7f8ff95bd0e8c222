"""What a machine grants, by each of the limits that there may be."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gdrun.experiment import resources


@pytest.mark.parametrize(
    ("files", "slurm", "cores"),
    [
        ({}, None, 6),
        ({"cpu.max": "max 100000\n"}, None, 6),
        ({"cpu.max": "250000 100000\n"}, None, 2),
        ({"cpu.max": "50000 100000\n"}, None, 1),
        ({"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, None, 6),
        ({"cpu/cpu.cfs_quota_us": "300000\n", "cpu/cpu.cfs_period_us": "100000\n"}, None, 3),
        ({}, "4", 4),
        ({"cpu.max": "300000 100000\n"}, "4", 3),
        ({}, "some", 6),
        ({"cpu.max": "900000 100000\n"}, "8", 6),
    ],
)
def test_cores_by_the_tightest_limit(
    files: dict[str, str], slurm: str | None, cores: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(resources, "CGROUP", tmp_path)
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(6)))
    monkeypatch.delenv("SLURM_CPUS_PER_TASK", raising=False)
    if slurm is not None:
        monkeypatch.setenv("SLURM_CPUS_PER_TASK", slurm)
    assert resources.granted_cores() == cores
    assert resources.granted_memory() > 0


@pytest.mark.parametrize("file", ["memory.max", "memory/memory.limit_in_bytes"])
def test_memory_of_the_cgroup(file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text("4096000\n")
    monkeypatch.setattr(resources, "CGROUP", tmp_path)
    assert resources.granted_memory() == 4096000
    assert resources.default_memory() == 1024000
