"""The curvature of a training loss at given parameters: exact, bounded or local, by what is known of the model."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import numpy as np

from gdrun.analysis.curvature.curvature import Curvature, Modes, Validity
from gdrun.analysis.curvature.gram import (
    bend,
    gram,
    is_linear,
    is_quadratic,
    is_small,
    largest_of_an_example,
    largest_of_gram,
    penalty_of,
)
from gdrun.analysis.curvature.hessian import Landscape, whole
from gdrun.analysis.curvature.spectrum import (
    FLAT,
    USUAL_PASSES,
    Spectrum,
    check_finite,
    passes_for,
    spectrum_at,
    spectrum_of,
)
from gdrun.descent.landscape import SurfaceObjective
from gdrun.descent.objectives import DataObjective
from gdrun.descent.parts import Array
from gdrun.descent.surfaces import Booth, Quadratic, Saddle


def curvature(objective: Landscape, parameters: Array, both_ends: bool = True) -> Curvature:
    """The curvature of one run's training loss at its parameters (P,).

    With one end, the smallest eigenvalue of a model that is not least squares is left out. Raises FloatingPointError
    where the loss overflows.
    """
    with np.errstate(all="ignore"):
        point, exact = np.array(parameters, np.float64), whole(objective)
        if isinstance(exact, SurfaceObjective):
            return _of_a_surface(exact, point)
        return _of_a_model(exact, point, both_ends)


def passes(objective: Landscape, parameters: int, both_ends: bool = True) -> int:
    """About how many passes over the training set, forwards and backwards, `curvature` takes as long as."""
    if isinstance(objective, DataObjective) and is_linear(objective) and is_quadratic(objective.loss):
        return parameters if is_small(objective) else USUAL_PASSES
    return passes_for(objective, parameters, both_ends)


def _of_a_model(objective: DataObjective, point: Array, both_ends: bool) -> Curvature:
    if not is_linear(objective):
        return _described(spectrum_at(objective, point, both_ends), "local", convex=False)
    if bend(objective.loss, objective.network.layers[-1].k) == inf:
        return Curvature("bound", True, inf, None, penalty_of(objective), 0.0, None, of_an_example=inf)
    example = largest_of_an_example(objective)
    if is_quadratic(objective.loss):
        return replace(_of_least_squares(objective, point), of_an_example=example)
    found = _described(spectrum_at(objective, point, both_ends), "bound", convex=True)
    return replace(found, L=largest_of_gram(objective), of_an_example=example)


def _described(spectrum: Spectrum, validity: Validity, convex: bool) -> Curvature:
    return Curvature(
        validity=validity,
        convex=convex,
        L=spectrum.largest,
        mu=spectrum.mu,
        largest=spectrum.largest,
        smallest=spectrum.smallest,
        flat=spectrum.flat,
    )


def _of_a_surface(objective: SurfaceObjective, point: Array) -> Curvature:
    spectrum = spectrum_at(objective, point)
    if not isinstance(objective.surface, Quadratic | Booth | Saddle):
        return _described(spectrum, "local", convex=False)
    convex = spectrum.smallest is not None and spectrum.smallest >= -FLAT * abs(spectrum.largest)
    found = _described(spectrum, "global", convex)
    return replace(found, modes=_modes(objective, point, spectrum))


def _of_least_squares(objective: DataObjective, point: Array) -> Curvature:
    if not is_small(objective):
        L = largest_of_gram(objective)
        return Curvature("global", True, L, None, L, None, None)
    found, hidden = gram(objective), 0
    eigenvalues, vectors = found.eigenvalues, found.vectors
    if found.beside is not None:
        # Of the directions beside the examples only the one in which the weights begin matters.
        rest = point - vectors @ (vectors.T @ point)
        length = float(np.linalg.norm(rest))
        vectors = np.column_stack([vectors, rest / length if length > 0 else rest])
        eigenvalues = np.append(eigenvalues, found.beside)
        hidden = len(point) - len(eigenvalues)
    noise = max(objective.train.X.shape) * float(np.finfo(np.float64).eps)
    spectrum = spectrum_of(eigenvalues, vectors, noise)
    described = _described(spectrum, "global", convex=True)
    flat = (spectrum.flat or 0) + (hidden if found.beside == 0 else 0)
    return replace(described, flat=flat, modes=_modes(objective, point, spectrum))


def _modes(objective: Landscape, point: Array, spectrum: Spectrum) -> Modes | None:
    if spectrum.whole is None:
        return None
    slope = np.empty((1, len(point)))
    objective.loss_and_gradient(point[None], 0, slope)
    check_finite(slope)
    vectors, curved = spectrum.whole.vectors, ~spectrum.whole.flat
    eigenvalues, slopes = spectrum.whole.eigenvalues[curved], vectors.T @ slope[0]
    return Modes(eigenvalues, slopes[curved] / eigenvalues, (vectors.T @ point)[curved])
