"""What all surfaces share: where a descent begins, how far it may go, what is known of the minima."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, TypeAlias

from gdrun.descent.parts import Array, Numbers, Part, setting

Points: TypeAlias = list[tuple[float, ...]]


class Surface(Part):
    """Family of surfaces."""

    variables: ClassVar[int | None] = 2
    """How many there are; None: as many as the start has."""
    fewest: ClassVar[int] = 1
    extent: ClassVar[float] = 5.0
    """Half the width of the region worth looking at, around 0."""
    usual_start: ClassVar[tuple[float, ...]] = (4.0, 1.0)

    start: tuple[float, ...] | None = setting(None, help="where the descent begins; left out: a usual place")
    bounds: float | None = setting(None, above=0, help="the path ends further than this from 0 in any variable")
    noise: Numbers = setting(
        0.0, at_least=0, switch=True, help="standard deviation of noise on each gradient component"
    )

    @classmethod
    def conflicts(cls, settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        start, bounds = cls.start_of(settings), cls.bounds_of(settings)
        if cls.variables is not None and len(start) != cls.variables:
            yield "start", f"{cls.kind} has {cls.variables} variables, not {len(start)}"
        elif len(start) < cls.fewest:
            yield "start", f"{cls.kind} has {cls.fewest} or more variables"
        if any(abs(x) > bounds for x in start):
            yield "start", f"lies outside the bounds {bounds:g}"

    @classmethod
    def start_of(cls, settings: Mapping[str, Any]) -> tuple[float, ...]:
        """Where a descent begins, (n,)."""
        start: tuple[float, ...] | None = settings["start"]
        return cls.usual_start if start is None else start

    @classmethod
    def bounds_of(cls, settings: Mapping[str, Any]) -> float:
        """How far from 0 a path may go: as set, or ten times the region worth looking at or the start."""
        bounds: float | None = settings["bounds"]
        return 10 * max([cls.extent, *map(abs, cls.start_of(settings))]) if bounds is None else bounds

    def value(self, x: Array) -> Numbers:
        """The height at the points (R, n), as (R, 1)."""
        raise NotImplementedError

    def gradient(self, x: Array, out: Array) -> None:
        """Write the slope at the points (R, n) into `out`."""
        raise NotImplementedError

    def minima(self, n: int) -> Points:
        """The known minima in n variables, the deepest first; none if the surface has none."""
        raise NotImplementedError


def bowl(count: int) -> Points:
    """A single minimum at the origin."""
    return [(0.0,) * count]


def columns(x: Array) -> list[Array]:
    """The variables of the points (R, n), each as (R, 1)."""
    return [x[:, i : i + 1] for i in range(x.shape[1])]
