"""The paths that runs took through their parameters, as recorded, or replayed where they were not."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gdrun.analysis.criteria import Result
from gdrun.descent.network import Network
from gdrun.descent.parts import Array
from gdrun.experiment.again import posed_again, trained_again
from gdrun.experiment.problem import Problem
from gdrun.experiment.results.arrays import read_arrays
from gdrun.experiment.results.memory import Memory
from gdrun.experiment.unfinished.underway import UNDERWAY
from gdrun.pictures.candidates import Candidate
from gdrun.pictures.errors import PictureError
from gdrun.pictures.heights import drawn_heights, heights
from gdrun.pictures.optimum import shape
from gdrun.pictures.scene import Scene

MOST = 25
"""Paths in a picture: beyond, one seed of each candidate."""
UNENDED = ("failed", UNDERWAY)
"""Runs that have no path to be replayed."""
BEYOND = 3.0
"""A diverging path is followed up to so many times the loss it began with."""


@dataclass(frozen=True)
class Track:
    """A run's way: its parameters (n, P) after so many steps (n,), with the loss (n,) there."""

    candidate: Candidate
    run: str
    steps: Array
    points: Array
    losses: Array
    diverged: bool
    replayed: bool
    cut: bool = False
    """Whether it goes on beyond what is drawn."""


@dataclass(frozen=True)
class Ground:
    """What several runs descend on, and their ways on it."""

    problem: Problem
    tracks: tuple[Track, ...]
    left_out: int
    """Runs that descend on something else."""

    @property
    def network(self) -> Network | None:
        """None on a surface."""
        return self.problem.network

    def heights(self, points: Array) -> Array:
        """The loss at some points (N, P), as (N,): a stack of runs that stand there."""
        return heights(self.problem, points)

    def drawn_heights(self, points: Array) -> Array:
        """The same as precisely as it can be seen."""
        return drawn_heights(self.problem, points)


def cost(problem: Problem) -> float:
    """About how many multiplications the loss takes at one point."""
    if problem.network is None or problem.train is None:
        return 100.0
    return float(problem.network.size * problem.train.m)


def ground(scene: Scene, most: int = MOST) -> Ground:
    """The best settings of all candidates, on the function of most of them. Raises PictureError and AgainError."""
    there, left_out = _chosen(scene, most)
    problem = posed_again(there[0][1].row, scene.sources)
    tracks = tuple(_track(scene, candidate, run.row, problem) for candidate, run in there)
    return Ground(problem, tracks, left_out)


def replay_seconds(scene: Scene, most: int = MOST) -> float:
    """About how long it takes to train those runs again whose paths were not kept. Raises PictureError."""
    lines = [run.row for _, run in _chosen(scene, most)[0]]
    return sum(float(line.get("seconds") or 0) for line in lines if not recorded(scene, str(line["id"])))


def _chosen(scene: Scene, most: int) -> tuple[list[tuple[Candidate, Result]], int]:
    """The runs on the function of most of them, and how many are on others."""
    found = _runs(scene, most)
    if not found:
        raise PictureError(f"surface: no run of {scene.name} has ended")
    functions = [function(run.row) for _, run in found]
    usual = Counter(functions).most_common(1)[0][0]
    there = [each for each, own in zip(found, functions, strict=True) if own == usual]
    return there, len(found) - len(there)


def _runs(scene: Scene, most: int) -> list[tuple[Candidate, Result]]:
    """The runs of the best settings; one seed of each where they are too many."""
    coloured = [each for panel in scene.panels() for each in panel.candidates if each.colour is not None]
    ended = [[run for run in each.runs if run.status not in UNENDED] for each in coloured]
    seeds = None if sum(map(len, ended)) <= most else 1
    return [(each, run) for each, runs in zip(coloured, ended, strict=True) for run in runs[:seeds]]


def function(line: Mapping[str, Any]) -> str:
    """What is descended on, in words that are equal for equal functions."""
    config = json.loads(line["config"])
    kept = {key: config.get(key) for key in ("dataset", "loss", "dtype")}
    return json.dumps(kept | {"model": shape(config["model"])}, sort_keys=True)


def _track(scene: Scene, candidate: Candidate, line: Mapping[str, Any], ground: Problem) -> Track:
    run = str(line["id"])
    path = recorded(scene, run)
    replayed = not path
    if replayed:
        path = trained_again(posed_again(line, scene.sources)).path
    finite = np.isfinite(path["parameters"]).all(axis=1)
    points, steps = path["parameters"][finite].astype(float), path["step"][finite]
    losses = heights(ground, points)
    diverged = line["status"] == "diverged"
    near = _followed(losses) if diverged else len(losses)
    cut = near < len(path["step"])
    return Track(candidate, run, steps[:near], points[:near], losses[:near], diverged, replayed, cut)


def recorded(scene: Scene, run: str) -> Mapping[str, Any]:
    """A run's path as it was kept; nothing if it was not."""
    if isinstance(scene.kept, Memory):
        return scene.kept.ended[run].path
    file = scene.kept.path_file(run)
    return read_arrays(file) if file.is_file() else {}


def _followed(losses: Array) -> int:
    """How many points of a diverging path are drawn: its first step, and all before it is far above its start.

    No step is drawn to where the loss is infinite.
    """
    far = np.flatnonzero(~(losses <= losses[0] + BEYOND * abs(losses[0])))
    return max(1 + bool(np.isfinite(losses[1:2]).all()), int(far[0])) if len(far) else len(losses)


def all_points(tracks: Sequence[Track]) -> Array:
    """All points of all paths, (N, P)."""
    return np.concatenate([track.points for track in tracks])


def lasting(tracks: Sequence[Track]) -> tuple[Track, ...]:
    """The paths that do not diverge, which say what is shown; all where all diverge."""
    return tuple(track for track in tracks if not track.diverged) or tuple(tracks)
