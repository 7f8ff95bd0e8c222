"""Which workers there are, and whether they are fit to train: the same versions give the same bits."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, Any

from gdrun.experiment.engine.errors import ClusterError, NoClusterError
from gdrun.experiment.engine.remote import versions

if TYPE_CHECKING:
    from distributed import Client

BETWEEN_LOOKS = 0.5
"""Seconds for which what was seen is taken to hold."""


@dataclass
class Fitness:
    """The workers of a cluster, each asked for its versions once."""

    client: Client
    fit: set[str] = field(default_factory=set)
    seen: list[str] = field(default_factory=list)
    looked: float = float("-inf")

    def addresses(self) -> list[str]:
        """The workers that there are. Raises NoClusterError where one is not fit, ClusterError without connection."""
        if perf_counter() - self.looked > BETWEEN_LOOKS:
            there = self._there()
            self._ask([address for address in there if address not in self.fit])
            self.seen = [address for address in there if address in self.fit]
            self.looked = perf_counter()
        return self.seen

    def _there(self) -> list[str]:
        try:
            return list(self.client.nthreads())  # type: ignore[no-untyped-call]
        except (OSError, TimeoutError, ValueError):  # CommClosedError is an OSError
            raise ClusterError("the connection to the cluster's scheduler was lost") from None

    def _ask(self, addresses: list[str]) -> None:
        """Workers that came: those that are gone already are left for later."""
        if not addresses:
            return
        answers = self.client.run(versions, workers=addresses, on_error="return")
        for address, answer in answers.items():
            if not isinstance(answer, OSError):
                check(address, answer)
                self.fit.add(address)


def check(address: str, answer: Any) -> None:
    """Raise NoClusterError where a worker has something else than we have."""
    ours = versions()
    if isinstance(answer, Exception):
        raise NoClusterError(f"the worker {address} cannot use gdrun {ours['gdrun']}: {str(answer).splitlines()[0]}")
    other = [f"{name} {answer[name]} instead of {ours[name]}" for name in ours if answer[name] != ours[name]]
    if other:
        raise NoClusterError(f"the worker {address} has {', '.join(other)}: its bits would differ")
