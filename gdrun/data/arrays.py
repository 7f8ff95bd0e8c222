"""Data that are in memory already: arrays or a pandas DataFrame, for the Python API."""

from __future__ import annotations

import dataclasses
import sys
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from gdrun.data.dataset import Dataset
from gdrun.data.matrix import as_matrix, matrix_table
from gdrun.data.memory import UNLIMITED
from gdrun.data.table import DataError, Table
from gdrun.descent.parts import setting

if TYPE_CHECKING:
    from gdrun.data.text import Cells


class Arrays(Dataset, kind="arrays"):
    """Arrays or a DataFrame in memory: from Python only, `gdrun.train(config, data=(X, y))`.

    `data` is (X, y), X an array (m, F) or a DataFrame; or one DataFrame, `target` naming its column.
    """

    python_only = True

    data: Any
    target: str | int | None = setting(None, help="the DataFrame's column to predict")
    missing: Literal["error", "drop", "mean"] = setting("error", help="missing values, as in csv")
    max_categories: int = setting(20, help="most different texts in a column", at_least=2)
    task: Literal["classification", "regression"] | None = setting(None, help="decided by the target if left out")

    def __init__(self, data: Any = None, **settings: Any) -> None:
        super().__init__(**settings)
        vars(self)["data"] = data

    def read(self, memory: float = UNLIMITED) -> Table:
        """Features (m, F). Raises DataError."""
        if is_frame(self.data):
            return self._read_cells(cells_of(self.data), self.target)
        features, targets = self._pair()
        if is_frame(features):
            cells = cells_of(features)
            labels = _array(targets, "y")
            if labels.shape[:1] != (len(cells.columns[0]),) or labels.size != len(labels):
                raise DataError(f"data: targets {labels.shape} for {len(cells.columns[0])} examples")
            name = str(getattr(targets, "name", None) or "y")
            column = tuple(_cell(value) for value in labels.ravel().tolist())
            cells = dataclasses.replace(cells, names=(*cells.names, name), columns=(*cells.columns, column))
            return self._read_cells(cells, -1)
        name = str(getattr(targets, "name", None) or "y")
        matrix = as_matrix(_array(features, "X"), "data: X").copy()
        return matrix_table(
            matrix, _array(targets, "y"), "data", target_name=name, task=self.task, missing=self.missing
        )

    def _pair(self) -> tuple[Any, Any]:
        if self.data is None:
            raise DataError("arrays: is for Python only: gdrun.train(config, data=(X, y))", "kind")
        if not isinstance(self.data, tuple | list) or len(self.data) != 2:
            raise DataError("data: must be (X, y) or a DataFrame")
        return self.data[0], self.data[1]

    def _read_cells(self, cells: Cells, target: str | int | None) -> Table:
        from gdrun.data.reading import Reading, table_of

        if target is None:
            raise DataError("data: which column of the DataFrame is the target?", "target")
        return table_of(cells, Reading(target, (), self.task, self.missing, self.max_categories))

    def content_hash(self) -> dict[str, str]:
        """A hash of names, types, shapes and values, as `data`."""
        import hashlib

        digest = hashlib.sha256()
        for name, part in zip("Xy", (self.data,) if is_frame(self.data) else self._pair(), strict=False):
            if is_frame(part):
                cells = cells_of(part)
                digest.update(repr((cells.names, cells.columns)).encode())
            else:
                array = _array(part, name)
                digest.update(repr((array.dtype.str, array.shape)).encode())
                digest.update(repr(array.tolist()).encode() if array.dtype.hasobject else array.tobytes())
        return {"data": f"sha256:{digest.hexdigest()}"}


def _array(values: Any, name: str) -> NDArray[Any]:
    try:
        return np.asarray(values)
    except ValueError:
        raise DataError(f"data: {name}: is not a rectangular array") from None


def is_frame(data: Any) -> bool:
    """Whether this is a pandas DataFrame; pandas is not imported to find out."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(data, pandas.DataFrame)


def cells_of(frame: Any) -> Cells:
    """A DataFrame's columns as text that reads back to the same numbers. Raises DataError."""
    from gdrun.data.text import Cells

    if not frame.size:
        raise DataError(f"data: the DataFrame is empty, {frame.shape[0]} × {frame.shape[1]}")
    names = tuple(str(name) for name in frame.columns)
    if len(set(names)) < len(names):
        raise DataError("data: two columns of the DataFrame have the same name")
    columns = tuple(tuple(_cell(value) for value in frame.iloc[:, at].tolist()) for at in range(len(names)))
    return Cells("data", names, columns, named=True)


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return "" if np.isnan(value) else repr(float(value))
    return "" if value is None or str(value) in {"<NA>", "NaT"} else str(value)
