"""The paths that the surface of a report shows: those of the best settings in front, behind them all others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gdrun.analysis.criteria import Result
from gdrun.descent.parts import Array
from gdrun.experiment.again import posed_again, trained_again
from gdrun.pictures.candidates import Candidate
from gdrun.pictures.report.chart import key_of
from gdrun.pictures.scene import Scene
from gdrun.pictures.tracks import UNENDED, Ground, Track, all_points, function, ground, lasting, recorded

MOST_FRONT = 60
"""Paths of best settings; beyond, one seed of each."""
MOST_BEHIND = 2000
FAR = 1.5
"""A path behind is followed up to so many times the longest way of those in front."""
ROOM, WORK = 2e7, 1e10
"""Numbers that all paths may hold, and multiplications that their main directions may take."""


@dataclass(frozen=True)
class Paths:
    """What is descended on, with all paths that are shown."""

    ground: Ground
    front: int
    """So many tracks of the ground are in front, the first ones."""
    left_out: int
    """Runs behind whose paths were not kept, or have no room."""
    cut: int
    """Paths behind that go further than is shown."""


def paths(scene: Scene, seconds: float) -> Paths:
    """All paths; those behind that were not kept are replayed if that takes no longer. Raises as `ground` does."""
    found = ground(scene, MOST_FRONT)
    others = _others(scene, found)
    behind = _behind(scene, found, others, seconds)
    near = [_near(track, found) for track in behind]
    cut = sum(len(one.points) < len(whole.points) for one, whole in zip(near, behind, strict=True))
    whole = replace(found, tracks=(*found.tracks, *near))
    return Paths(whole, len(found.tracks), len(others) - len(behind), cut)


def _others(scene: Scene, found: Ground) -> list[tuple[Candidate, Result]]:
    """The runs on the same function that are not in front."""
    front = {track.run for track in found.tracks}
    shape = function(next(run.row for _, run in every(scene) if run.row["id"] in front))
    ended = ((each, run) for each, run in every(scene) if run.status not in UNENDED and run.row["id"] not in front)
    return [(each, run) for each, run in ended if function(run.row) == shape]


def _behind(scene: Scene, found: Ground, others: Sequence[tuple[Candidate, Result]], seconds: float) -> list[Track]:
    """The paths that were kept, and if there is time the others too, as long as there is room."""
    tracks, lacking, held = [], [], all_points(found.tracks).size
    for candidate, run in others[:MOST_BEHIND]:
        path = recorded(scene, str(run.row["id"]))
        if not path:
            lacking.append((candidate, run))
            continue
        tracks.append(_track(candidate, run, path, replayed=False))
        held += tracks[-1].points.size
        if _too_much(held, found.problem.variables):
            return tracks[:-1]
    if sum(float(run.row.get("seconds") or 0) for _, run in lacking) > seconds:
        return tracks
    for candidate, run in lacking:
        path = trained_again(posed_again(run.row, scene.sources)).path
        tracks.append(_track(candidate, run, path, replayed=True))
        held += tracks[-1].points.size
        if _too_much(held, found.problem.variables):
            return tracks[:-1]
    return tracks


def _track(candidate: Candidate, run: Result, path: Mapping[str, Array], replayed: bool) -> Track:
    """A path without its losses."""
    finite = np.isfinite(path["parameters"]).all(axis=1)
    points, steps = path["parameters"][finite].astype(float), path["step"][finite]
    nothing = np.full(len(points), np.nan)
    return Track(candidate, str(run.row["id"]), steps, points, nothing, run.status == "diverged", replayed)


def every(scene: Scene) -> Iterator[tuple[Candidate, Result]]:
    """All runs with their candidates."""
    for panel in scene.panels():
        for each in panel.candidates:
            own = {str(run.row["id"]): run for setting in each.row.settings for run in setting.runs.values()}
            yield from ((each, run) for run in {**own, **{str(run.row["id"]): run for run in each.fresh}}.values())


def keys_by_name(scene: Scene) -> dict[str, str]:
    """The key of each candidate by its name."""
    return {each.name: key_of(each, panel) for panel in scene.panels() for each in panel.candidates}


def _too_much(numbers: int, size: int) -> bool:
    count = numbers / size
    return numbers > ROOM or numbers * min(count, size) > WORK


def _near(track: Track, found: Ground) -> Track:
    """A path up to where it goes much further away than those in front; on a curve with its losses."""
    tracks = lasting(found.tracks)
    origin = tracks[0].points[-1]
    reach = FAR * float(np.linalg.norm(all_points(tracks) - origin, axis=1).max())
    far = np.flatnonzero(np.linalg.norm(track.points - origin, axis=1) > reach)
    end = max(1, int(far[0])) if len(far) else len(track.points)
    points = track.points[:end]
    losses = found.heights(points) if found.problem.variables == 1 else track.losses[:end]
    return replace(track, points=points, steps=track.steps[:end], losses=losses)


def outline(places: Array, steps: Array, tolerance: float) -> NDArray[np.intp]:
    """Which points of a path (n, 2) tell it from straight lines walked evenly in time, by more than a tolerance."""
    kept, open_ = [0, len(places) - 1], [(0, len(places) - 1)]
    while open_:
        first, last = open_.pop()
        if last - first < 2:
            continue
        inner = slice(first + 1, last)
        share = (steps[inner] - steps[first]) / (steps[last] - steps[first])
        straight = places[first] + share[:, None] * (places[last] - places[first])
        off = np.abs(places[inner] - straight).max(axis=1)
        if off.max() > tolerance:
            corner = first + 1 + int(off.argmax())
            kept.append(corner)
            open_ += [(first, corner), (corner, last)]
    return np.unique(kept)


def outlines(paths: Sequence[tuple[Array, Array]], tolerance: float, most: int) -> list[NDArray[np.intp]]:
    """The outlines of some paths, each places (n, 2) and steps (n,), as fine as so many points in all allow."""
    found = [outline(places, steps, tolerance) for places, steps in paths]
    return found if sum(map(len, found)) <= max(most, 2 * len(paths)) else outlines(paths, 2 * tolerance, most)
