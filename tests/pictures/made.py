"""Results made up for pictures: runs that never trained, kept in memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gdrun.experiment.comparison import Comparison
from gdrun.experiment.config.identity import run_id
from gdrun.experiment.results.folder import Finished
from gdrun.experiment.results.memory import Memory
from gdrun.pictures.scene import Scene, compared


def run(
    name: str, losses: Sequence[float], every: int = 2, status: str = "finished", each: int = 4, **settings: Any
) -> Finished:
    """A run with these validation losses, recorded every so many steps of so many examples each."""
    id_ = run_id(name)
    history = [
        {
            "run": id_,
            "epoch": i,
            "step": every * i,
            "examples": each * every * i,
            "train_loss": loss / 2,
            "validation_loss": loss,
            "train_accuracy": 1.0,
            "validation_accuracy": 1 - loss / 100,
            "seconds": 0.5 * i,
        }
        for i, loss in enumerate(losses)
    ]
    row = {
        "id": id_,
        "status": status,
        "cause": None,
        "dataset.kind": "digits",
        "optimizer.kind": "gd",
        "optimizer.lr": 0.1,
        "seed": 0,
        **{key.replace("__", "."): value for key, value in settings.items()},
        "end_epoch": len(losses) - 1,
        "end_step": every * (len(losses) - 1),
        "end_examples": each * every * (len(losses) - 1),
        "final_validation_loss": losses[-1],
        "config": name,
    }
    return Finished(id_, row, history)


def scene_of(*runs: Finished, **options: Any) -> Scene:
    """A scene of runs that were trained one by one."""
    kept = Memory()
    kept.commit(runs)
    found: Comparison | None = options.pop("found", None)
    return compared("made-up", kept, found, **options)
