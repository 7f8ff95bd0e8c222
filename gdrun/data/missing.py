"""Missing values: NaN in the features, settled as the dataset's `missing` says."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from gdrun.data.table import DataError, Encoding, Floats, Missing


def settle_missing(
    features: Floats,
    encoding: Encoding,
    missing: Missing,
    source: str,
    where: Callable[[int], str] = "example {}".format,
) -> tuple[Floats, NDArray[np.intp]]:
    """Features (m', F) and the rows (m',) that they are; with `mean` NaN stays, to be filled after the split.

    Raises DataError where a value is missing though it must not be, and for a column without any value.
    """
    rows = np.arange(len(features))
    if not np.isnan(features.sum()):
        return features, rows
    absent = np.isnan(features)
    _check_columns(absent, encoding, missing, source, where)
    if missing == "mean":
        return features, rows
    rows = np.flatnonzero(~absent.any(axis=1))
    if not len(rows):
        raise DataError(f"{source}: no row is without a missing value; `missing: drop` leaves nothing", "missing")
    return features[rows], rows


def _check_columns(
    absent: NDArray[np.bool_], encoding: Encoding, missing: Missing, source: str, where: Callable[[int], str]
) -> None:
    start = 0
    for field in encoding.fields:
        rows = np.flatnonzero(absent[:, start])
        start += len(field.feature_names)
        if len(rows) == len(absent) and len(rows):
            raise DataError(f"{source}: column {field.name!r} has no values", "missing")
        if missing == "error" and len(rows):
            number = f"{len(rows)} missing value" + ("s" if len(rows) > 1 else "")
            raise DataError(f"{source}: column {field.name!r}: {number}, first in {where(int(rows[0]))}", "missing")


def check_present(features: Floats, encoding: Encoding, source: str, where: Callable[[int], str]) -> None:
    """DataError if a value of features (m, F) is missing."""
    settle_missing(features, encoding, "error", source, where)


def fill_values(features: Floats, encoding: Encoding) -> Floats:
    """What stands in for a missing value, (F,): the mean of numbers, the most frequent of categories.

    Raises DataError where the rows (m, F), the training part, have no value in a column.
    """
    fill = np.zeros(features.shape[1])
    start = 0
    for field in encoding.fields:
        width = len(field.feature_names)
        block = features[:, start : start + width]
        present = block[~np.isnan(block[:, 0])]
        if not len(present):
            raise DataError(
                f"column {field.name!r}: no value in the training part to fill missing ones with", "missing"
            )
        if field.categories is None:
            fill[start] = present.mean()
        else:
            fill[start + int(present.sum(axis=0).argmax())] = 1.0
        start += width
    return fill
