"""The trained models of a scene, with the data that they were trained on."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gdrun.analysis.criteria import Result
from gdrun.data import Data
from gdrun.data.table import Examples
from gdrun.descent.parts import Array
from gdrun.experiment.again import posed_again, trained_again
from gdrun.experiment.model import TrainedModel, stored_model
from gdrun.experiment.results.arrays import read_arrays
from gdrun.experiment.results.memory import Memory
from gdrun.pictures.candidates import Candidate
from gdrun.pictures.errors import PictureError
from gdrun.pictures.scene import Scene

MOST = 8
"""Models in one picture: all that have a colour of their own."""


@dataclass(frozen=True)
class Learned:
    """A run's model, the data and whether the run was replayed to get at it."""

    candidate: Candidate
    run: Result
    model: TrainedModel
    data: Data
    replayed: bool
    others: int = 0
    """Candidates of which no model is shown."""

    @property
    def diverged(self) -> bool:
        """Whether the model is what divergence left."""
        return self.run.status == "diverged"

    @property
    def name(self) -> str:
        """The candidate's, and what became of it."""
        return f"{self.candidate.name}, diverged" if self.diverged else self.candidate.name


def learned(scene: Scene, kind: str) -> list[Learned]:
    """A model of each candidate's best setting, its first seed's. Raises PictureError and AgainError."""
    coloured = [each for panel in scene.panels() for each in panel.candidates if each.colour is not None]
    found = [(each, run) for each in coloured for run in each.runs[:1] if run.status != "failed"]
    if not found:
        raise PictureError(f"{kind}: no run of {scene.name} has ended")
    if any(run.row.get("model.kind") == "surface" for _, run in found):
        raise PictureError(f"{kind}: {scene.name} descends on a surface, which has no data")
    others = sum(len(panel.candidates) for panel in scene.panels()) - len(found[:MOST])
    return [replace(_learned(scene, candidate, run), others=others) for candidate, run in found[:MOST]]


def _learned(scene: Scene, candidate: Candidate, run: Result) -> Learned:
    problem = posed_again(run.row, scene.sources)
    assert problem.data is not None
    arrays = _weights(scene, problem.id)
    replayed = not arrays
    model = stored_model(arrays or trained_again(problem).weights, "final")
    return Learned(candidate, run, model, problem.data, replayed)


def _weights(scene: Scene, run: str) -> dict[str, NDArray[np.generic]]:
    """A run's weights as they were kept; nothing if they were not."""
    if isinstance(scene.kept, Memory):
        return dict(scene.kept.ended[run].weights)
    file = scene.kept.weights_file(run)
    return read_arrays(file) if file.is_file() else {}


def raw(data: Data, part: Examples) -> Array:
    """A part's features (m, F) in their own units."""
    return np.asarray(part.features * data.preprocessing.scale + data.preprocessing.mean)


def parts(data: Data) -> list[tuple[str, Examples]]:
    """Training and validation examples."""
    named = (("training", data.train), ("validation", data.validation))
    return [(name, part) for name, part in named if part is not None]


def note(found: list[Learned]) -> str:
    """What there is to say about where the models come from."""
    seeds = max(len(each.candidate.runs) for each in found)
    said = [f"the first of {seeds} seeds"] if seeds > 1 else []
    left_out = found[0].others
    said += [f"{left_out} others are not shown"] if left_out else []
    said += ["weights were not kept: replayed"] if any(each.replayed for each in found) else []
    return "; ".join(said)
