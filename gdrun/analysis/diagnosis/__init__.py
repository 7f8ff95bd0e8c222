"""What happened: in one run from its records, in a network's units, in many runs by their settings."""

from gdrun.analysis.diagnosis.findings import Code, Finding, diverged, findings
from gdrun.analysis.diagnosis.history import History, history

__all__ = ["Code", "Finding", "History", "diverged", "findings", "history"]
