"""What workers tell of the tiles that they train: that they have begun, and how far they are."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from gdrun.descent.loop import Rows
from gdrun.experiment.engine.remote import rows_of
from gdrun.experiment.problem import Problem

if TYPE_CHECKING:
    from distributed import Client

Watch = Callable[[Sequence[Problem], Rows], object]


@dataclass
class News:
    """Messages of workers, which come at any time and are looked at when that suits."""

    client: Client
    messages: deque[dict[str, Any]] = field(default_factory=deque)
    begun: set[int] = field(default_factory=set)
    """Numbers of the tiles of which there was news."""

    def __enter__(self) -> Self:
        self.client.subscribe_topic(self.topic, lambda event: self.messages.append(event[1]))  # type: ignore[no-untyped-call]
        return self

    def __exit__(self, *error: object) -> None:
        self.client.unsubscribe_topic(self.topic)  # type: ignore[no-untyped-call]

    @property
    def topic(self) -> str:
        """Under which workers tell how far they are."""
        return f"gdrun-{self.client.id}"

    def tell(self, tiles: Mapping[int, Sequence[Problem]], watch: Watch) -> None:
        """Pass on how far those tiles are, by their numbers; what was told of others is old."""
        while self.messages:
            message = self.messages.popleft()
            self.begun.add(message["tile"])
            if message["tile"] in tiles:
                watch(tiles[message["tile"]], rows_of(message))
