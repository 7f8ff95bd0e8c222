"""Sweeps: from what is to be compared to a plan of fully resolved runs."""

from gdrun.experiment.config.compare import Compare
from gdrun.experiment.sweep.expand import expand
from gdrun.experiment.sweep.plan import Candidate, Entry, Sweep

__all__ = ["Candidate", "Compare", "Entry", "Sweep", "expand"]
