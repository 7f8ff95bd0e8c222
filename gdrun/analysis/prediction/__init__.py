"""What follows from the curvature for a run: its course where that is certain, and learning rates to try."""

from gdrun.analysis.prediction.verdict import Prediction, Verdict, predict

__all__ = ["Prediction", "Verdict", "predict"]
