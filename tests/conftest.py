"""What holds for all tests."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def however_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """How long something takes is told only where a test is about that: a busy machine changes no output."""
    monkeypatch.setattr("gdrun.cli.patience.FIRST", 600)
