"""Curvature of the training loss: Hessian-vector products, their largest and smallest eigenvalues, what they imply."""

from gdrun.analysis.curvature.curvature import Curvature, Modes
from gdrun.analysis.curvature.hessian import Hessian, Landscape, dense_hessian
from gdrun.analysis.curvature.lanczos import Sharpness, sharpness
from gdrun.analysis.curvature.measured import curvature, passes
from gdrun.analysis.curvature.noise import NoiseScale, noise_scale

__all__ = [
    "Curvature",
    "Hessian",
    "Landscape",
    "Modes",
    "NoiseScale",
    "Sharpness",
    "curvature",
    "dense_hessian",
    "noise_scale",
    "passes",
    "sharpness",
]
