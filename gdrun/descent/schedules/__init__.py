"""Learning-rate schedules: the factor on the base rate at a time t, counted in epochs or in steps from 0.

A new schedule is one class with a `factor`. Times, factors and settings are (R, 1). Only `plateau` keeps a state.
"""

# in the order in which `gdrun list` shows them
from gdrun.descent.schedules.base import Schedule
from gdrun.descent.schedules.decays import Constant, Exponential, InverseTime, MultiStep, Step
from gdrun.descent.schedules.lasting import Cosine, Linear, Polynomial
from gdrun.descent.schedules.cycles import CosineRestarts, Cyclic, OneCycle
from gdrun.descent.schedules.plateau import Plateau

__all__ = [
    "Constant",
    "Cosine",
    "CosineRestarts",
    "Cyclic",
    "Exponential",
    "InverseTime",
    "Linear",
    "MultiStep",
    "OneCycle",
    "Plateau",
    "Polynomial",
    "Schedule",
    "Step",
]
