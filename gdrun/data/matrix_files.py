"""Files that hold matrices of numbers: NumPy's .npz, and LIBSVM's text format (svmlight)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from gdrun.data.dataset import Dataset
from gdrun.data.files import read_bytes
from gdrun.data.matrix import as_matrix, matrix_table
from gdrun.data.memory import UNLIMITED, check_table
from gdrun.data.npz import read_npz
from gdrun.data.table import DataError, Floats, Table, did_you_mean
from gdrun.descent.parts import setting

SVMLIGHT = {".svm", ".svmlight", ".libsvm"}
SPARSE = 4
"""Bytes per byte of LIBSVM text, at least."""

MOST_LISTED = 20
FEATURES = ("x", "x_train", "train_x", "features", "data", "images", "inputs")
TARGETS = ("y", "y_train", "train_y", "targets", "target", "labels", "label")
OWN = {
    "validation": (("x_validation", "x_val", "x_valid"), ("y_validation", "y_val", "y_valid")),
    "test": (("x_test", "test_x"), ("y_test", "test_y")),
}
"""Usual names of arrays, in lower case."""


def is_matrix_file(path: str) -> bool:
    """Whether a file's name says that it is .npz or LIBSVM's format."""
    return _suffix(path) in SVMLIGHT | {".npz"}


def _suffix(path: str) -> str:
    return PurePath(path.lower().removesuffix(".gz")).suffix


def read_matrix(path: str, width: int, zero_based: bool, memory: float = UNLIMITED) -> Floats:
    """Rows (m, width) of features from an .npz or LIBSVM file, for predict. Raises DataError.

    Of an .npz it is the test set's features where it has some, else an array of a usual name, else the one that fits.
    """
    if _suffix(path) in SVMLIGHT:
        return _read_svmlight(path, None, width, zero_based, memory)[0]
    arrays = read_npz(path, None, memory)
    fitting = [name for name, array in arrays.items() if array.ndim > 1 and array[:1].size == width]
    alone = arrays if len(arrays) == 1 else fitting
    name = _found(arrays, ("x_test", *FEATURES)) or (next(iter(alone)) if len(alone) == 1 else None)
    if name is None:
        raise DataError(f"{path}: no array named X among {_listed(arrays)}")
    features = as_matrix(arrays[name], f"{path}: array {name!r}")
    if features.shape[1] != width:
        raise DataError(f"{path}: array {name!r} has {features.shape[1]} features where {width} are needed")
    return features


class Npz(Dataset, kind="npz"):
    """A NumPy .npz file with features and targets, such as Keras' mnist.npz; images are flattened.

    Arrays are found by their usual names (X, x_train, features, data; y, y_train, targets, labels; x_val, x_test
    and so on, which become the validation and test sets) unless they are given. The path is relative to the
    current directory; the rule for `task` is that of csv.
    """

    file_settings: ClassVar[tuple[str, ...]] = ("path",)

    path: str = setting(help="the file, relative to the current directory")
    x: str | None = setting(None, help="name of the features' array; found if left out")
    y: str | None = setting(None, help="name of the targets' array; found if left out")
    x_validation: str | None = setting(None, help="features of a validation set, instead of a split")
    y_validation: str | None = setting(None, help="targets of that validation set")
    x_test: str | None = setting(None, help="features of a test set, instead of a split")
    y_test: str | None = setting(None, help="targets of that test set")
    task: Literal["classification", "regression"] | None = setting(None, help="decided by the target if left out")

    def read(self, memory: float = UNLIMITED) -> Table:
        """Features (m, F), F the product of an example's axes. Raises DataError."""
        arrays = read_npz(self.path, "path", memory)
        x, y = self._name(arrays, "x", FEATURES), self._name(arrays, "y", TARGETS)
        if x is None or y is None:
            absent = "x" if x is None else "y"
            raise DataError(f"{self.path}: which array is {absent}? It has {_listed(arrays)}: set `{absent}`", absent)
        own = [self._pair(arrays, part, memory) for part in OWN]
        return matrix_table(
            self._features(arrays, x, memory), arrays[y], self.path, target_name=y, task=self.task, own=own
        )

    def _name(self, arrays: dict[str, NDArray[Any]], setting_name: str, usual: Sequence[str]) -> str | None:
        given: str | None = getattr(self, setting_name)
        if given is not None and given not in arrays:
            hint = did_you_mean(given, arrays) or f"; it has {_listed(arrays)}"
            raise DataError(f"{self.path}: no array is named {given!r}{hint}", setting_name)
        return given or _found(arrays, usual)

    def _features(self, arrays: dict[str, NDArray[Any]], name: str, memory: float) -> Floats:
        start = f"{self.path}: array {name!r}"
        check_table(len(arrays[name]), arrays[name][:1].size, memory, start, "path")
        return as_matrix(arrays[name], start)

    def _pair(self, arrays: dict[str, NDArray[Any]], part: str, memory: float) -> tuple[Floats, NDArray[Any]] | None:
        x, y = (self._name(arrays, f"{axis}_{part}", names) for axis, names in zip("xy", OWN[part], strict=True))
        if x is None and y is None:
            return None
        if x is None or y is None:
            raise DataError(
                f"{self.path}: {x or y!r} needs both x_{part} and y_{part}", f"{'x' if x is None else 'y'}_{part}"
            )
        return self._features(arrays, x, memory), arrays[y]


def _found(arrays: dict[str, NDArray[Any]], usual: Sequence[str]) -> str | None:
    lower = {name.lower(): name for name in arrays}
    return next((lower[name] for name in usual if name in lower), None)


def _listed(arrays: dict[str, NDArray[Any]]) -> str:
    more = f" and {len(arrays) - MOST_LISTED} more" if len(arrays) > MOST_LISTED else ""
    return ", ".join(list(arrays)[:MOST_LISTED]) + more or "no arrays"


class Svmlight(Dataset, kind="svmlight"):
    """A LIBSVM (svmlight) file, also .gz: a target, then index:value for what is not 0; made dense.

    Paths are relative to the current directory; the rule for `task` is that of csv.
    """

    file_settings: ClassVar[tuple[str, ...]] = ("path", "validation_path", "test_path")

    path: str = setting(help="the file, relative to the current directory")
    validation_path: str | None = setting(None, help="a file with the validation set, instead of a split")
    test_path: str | None = setting(None, help="a file with the test set, instead of a split")
    features: int | None = setting(None, help="number of features; the largest index if left out", at_least=1)
    zero_based: bool = setting(False, help="whether the first feature has index 0, not 1")
    task: Literal["classification", "regression"] | None = setting(None, help="decided by the target if left out")

    def read(self, memory: float = UNLIMITED) -> Table:
        """Features (m, F), dense. Raises DataError."""
        features, targets = _read_svmlight(self.path, "path", self.features, self.zero_based, memory)
        own = [
            _read_svmlight(path, name, features.shape[1], self.zero_based, memory) if path is not None else None
            for name, path in (("validation_path", self.validation_path), ("test_path", self.test_path))
        ]
        return matrix_table(features, targets, self.path, task=self.task, own=own, zero_based=self.zero_based)


def _read_svmlight(
    path: str, setting_name: str | None, width: int | None, zero_based: bool, memory: float
) -> tuple[Floats, Floats]:
    from sklearn.datasets import load_svmlight_file

    content = io.BytesIO(read_bytes(path, setting_name, memory / SPARSE))
    try:
        sparse, targets = load_svmlight_file(content, dtype=np.float64, zero_based=True)
    except (ValueError, OverflowError) as error:
        raise DataError(f"{path}: is not a LIBSVM file: {error}", setting_name) from None
    if not sparse.nnz:
        raise DataError(f"{path}: has no features", setting_name)
    if not zero_based:
        if sparse.indices.min() == 0:
            raise DataError(f"{path}: has a feature of index 0; set `zero_based: true`", "zero_based")
        sparse = sparse[:, 1:]
    found = sparse.shape[1]
    if width is not None and found > width:
        raise DataError(f"{path}: has a feature of index {found - zero_based}, beyond the {width} features", "features")
    width = width or found
    check_table(sparse.shape[0], width, memory, f"{path}: made dense", setting_name)
    sparse.resize(sparse.shape[0], width)
    return sparse.toarray(), targets.astype(np.float64)
