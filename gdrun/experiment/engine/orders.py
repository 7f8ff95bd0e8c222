"""What signals ask this process for, passed on to the workers, who get none themselves."""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gdrun.experiment.engine.remote import heed
from gdrun.experiment.signals import asked

if TYPE_CHECKING:
    from distributed import Client, Future

TO_SAVE = 20.0
"""Seconds that workers have to save what they train."""


@dataclass
class Orders:
    """How much of it workers know. `saves`: they can save what they train."""

    client: Client
    saves: bool
    told: int = field(default_factory=lambda: asked.saves)
    """How many times all tiles were to be saved."""

    def pass_on(self, sent: Collection[Future[Any]]) -> None:
        """Tell workers what is new; if they are to stop, wait until those tiles are saved, or have ended."""
        from distributed import wait

        if not self.saves or (asked.saves == self.told and asked.stop is None):
            return
        self.told = asked.saves
        with suppress(OSError, TimeoutError):  # a worker without a connection saves nothing
            self.client.run(heed, asked.stop, asked.saves, on_error="ignore")
        if asked.stop is not None and sent:
            with suppress(TimeoutError, CancelledError):
                wait(list(sent), timeout=TO_SAVE)  # type: ignore[no-untyped-call]
