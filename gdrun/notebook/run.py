"""A run for Python: what `gdrun train` knows of it, and its pictures."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gdrun.experiment.results.memory import Memory
from gdrun.experiment.sources import Sources
from gdrun.experiment.trained import Trained
from gdrun.notebook.showing import Shows

if TYPE_CHECKING:
    import pandas as pd

    from gdrun.pictures.scene import Scene

OUTCOME = ("status", "end_epoch", "end_step", "final_", "best_epoch", "seconds")


@dataclass(frozen=True, repr=False)
class Run(Shows, Trained):
    """One run that ended, or that had ended before."""

    sources: Sources = field(default_factory=Sources)
    """Its data, where they are in memory."""

    def _told(self) -> pd.DataFrame:
        row = self.runs
        return row[[name for name in row.columns if name == "id" or name.startswith(OUTCOME)]]

    def _scene(self) -> Scene:
        from gdrun.pictures.scene import compared

        kept = self.folder if self.folder is not None else Memory({self.id: self.finished})
        name = self.folder.name if self.folder is not None else self.id
        return compared(name, kept, None, self.id, sources=self.sources)


def run_of(trained: Trained, sources: Sources) -> Run:
    """A run with the data that it may have in memory."""
    return Run(trained.problem, trained.finished, trained.folder, trained.again, trained.unlike, sources)
