"""Surfaces: functions of one to n variables with known minima, descended on without any data.

A new surface is one class with `value` and `gradient`; points are (R, n), values (R, 1).
"""

# in the order in which `gdrun list` shows them
from gdrun.descent.surfaces.base import Surface
from gdrun.descent.surfaces.quadratic import Quadratic, Saddle
from gdrun.descent.surfaces.valleys import Beale, Booth, Himmelblau, Rosenbrock
from gdrun.descent.surfaces.traps import Ackley, DoubleWell, Plateau, Rastrigin

__all__ = [
    "Ackley",
    "Beale",
    "Booth",
    "DoubleWell",
    "Himmelblau",
    "Plateau",
    "Quadratic",
    "Rastrigin",
    "Rosenbrock",
    "Saddle",
    "Surface",
]
