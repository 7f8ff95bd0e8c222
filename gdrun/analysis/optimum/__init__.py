"""The lowest training loss there is, where it can be found exactly."""

from gdrun.analysis.optimum.lowest import Optimum, optimum, passes

__all__ = ["Optimum", "optimum", "passes"]
