"""Tables from matrices of numbers: what shipped files, generated data, .npz, LIBSVM files and arrays have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdrun.data.missing import settle_missing
from gdrun.data.table import Column, DataError, Examples, Floats, Missing, Table, Task, numeric_encoding
from gdrun.data.target import check_range, read_target


def as_matrix(values: NDArray[Any], what: str) -> Floats:
    """Numbers as float64 (m, F); an example of several axes, such as an image, is flattened. Raises DataError."""
    if values.dtype.kind not in "buif":
        raise DataError(f"{what}: holds {_dtype_name(values)}, not numbers")
    if values.ndim < 2:
        raise DataError(f"{what}: has shape {values.shape}; features need two axes, (examples, features)")
    if not values.size:
        raise DataError(f"{what}: is empty, shape {values.shape}")
    return np.ascontiguousarray(values.reshape(len(values), -1), np.float64)


def as_targets(values: NDArray[Any], what: str, m: int) -> Floats | list[str]:
    """One target per example (m,): float64, or text for labels; (m, 1) will do. Raises DataError."""
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1:
        raise DataError(f"{what}: has shape {values.shape}; targets need one number or label per example")
    if len(values) != m:
        raise DataError(f"{what}: {len(values)} targets for {m} examples")
    if values.dtype.kind in "uif":
        targets = values.astype(np.float64)
        missing = int(np.isnan(targets).sum())
        if missing:
            raise DataError(f"{what}: {missing} missing (NaN)")
        return targets
    if values.dtype.kind in "bUT" or all(isinstance(value, str | bool) for value in values.tolist()):
        return [str(value) for value in values.tolist()]
    raise DataError(f"{what}: holds {_dtype_name(values)}, neither numbers nor labels")


def _dtype_name(values: NDArray[Any]) -> str:
    kinds = {"O": "Python objects", "U": "text", "T": "text", "S": "bytes", "c": "complex numbers"}
    return kinds.get(values.dtype.kind, str(values.dtype))


def matrix_table(
    features: Floats,
    targets: NDArray[Any],
    source: str,
    *,
    names: Sequence[str] | None = None,
    target_name: str = "y",
    task: Task | None = None,
    order: tuple[str, ...] | None = None,
    own: Sequence[tuple[Floats, NDArray[Any]] | None] = (None, None),
    missing: Missing = "error",
    zero_based: bool = False,
) -> Table:
    """A table from features (m, F) and targets (m,); `own` are its validation and test sets. Raises DataError."""
    names = names or [f"x{number}" for number in range(features.shape[1])]
    encoding = numeric_encoding(names, fills=missing == "mean", zero_based=zero_based)
    values = as_targets(targets, f"{source}: target {target_name!r}", len(features))
    check_features(features, names, source)
    features, kept = settle_missing(features, encoding, missing, source)
    values = [values[row] for row in kept] if isinstance(values, list) else values[kept]
    target, target_column = read_target(target_name, values, task, source, order)

    def examples(pair: tuple[Floats, NDArray[Any]] | None) -> Examples | None:
        if pair is None:
            return None
        if pair[0].shape[1] != len(names):
            raise DataError(f"{source}: {pair[0].shape[1]} features in a part of its own, {len(names)} in training")
        check_features(pair[0], names, source)
        own_features, _ = settle_missing(pair[0], encoding, "error", source)
        return Examples(
            own_features, target.encode(as_targets(pair[1], f"{source}: {target_name!r}", len(pair[0])), source)
        )

    columns = [_numbers(name, features[:, position]) for position, name in enumerate(names)]
    validation, test = (examples(pair) for pair in own)
    return Table(
        features=features,
        targets=target.encode(values, source),
        encoding=encoding,
        target_name=target_name,
        classes=target.classes,
        columns=(*columns, target_column),
        validation=validation,
        test=test,
    )


def _numbers(name: str, values: Floats) -> Column:
    present = values[~np.isnan(values)]
    return Column(name, "feature", "numbers", f"{present.min():g} to {present.max():g}" if len(present) else "none")


def check_features(features: Floats, names: Sequence[str], source: str) -> None:
    """DataError for an infinite or overlarge number in features (m, F)."""
    # One pass over everything first: a column at a time is slow for wide data.
    low, high = np.nanmin(features, initial=0), np.nanmax(features, initial=0)
    if max(-low, high) > 1e150:
        for position, name in enumerate(names):
            check_range(features[:, position], f"{source}: column {name!r}")
