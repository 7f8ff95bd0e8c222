"""Every test of durability runs in a folder of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.durability.made import write_configs


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current directory, with the configs in it."""
    monkeypatch.chdir(tmp_path)
    write_configs(tmp_path)
    return tmp_path
