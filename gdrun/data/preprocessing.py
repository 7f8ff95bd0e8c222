"""What stands between a file's columns and the model's inputs; it is stored with the weights for predict."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdrun.data.arrays import cells_of, is_frame
from gdrun.data.matrix import check_features
from gdrun.data.memory import UNLIMITED
from gdrun.data.missing import check_present, fill_values
from gdrun.data.table import DataError, Encoding, Field, Floats, TextFormat


@dataclass(frozen=True)
class Preprocessing:
    """How new rows become inputs (m, F), and what outputs mean: an output times `target_scale` plus `target_mean`."""

    encoding: Encoding
    mean: Floats
    """(F,), 0 where features are not standardised"""
    scale: Floats
    """(F,), 1 where features are not standardised or constant"""
    fill: Floats
    """(F,), what stands in for a missing value"""
    target_mean: float
    target_scale: float
    target_name: str
    classes: tuple[str, ...] | None

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The features' names, F of them."""
        return self.encoding.feature_names

    def features_from_file(self, path: str, memory: float = UNLIMITED) -> Floats:
        """Inputs (m, F) for the rows of a file, if so many bytes of `memory` can hold them. Raises DataError.

        CSV, by the columns' names where the training file had them (more columns are ignored, the target may be
        absent), else by position; for other datasets also .npz and .svm, .svmlight or .libsvm.
        """
        from gdrun.data.columns import encode_rows
        from gdrun.data.matrix_files import is_matrix_file, read_matrix
        from gdrun.data.text import read_cells

        if is_matrix_file(path) and not self.encoding.csv_only:
            raw = read_matrix(path, len(self.feature_names), self.encoding.zero_based, memory)
        else:
            cells = read_cells(path, self.encoding.text, None, memory)
            return self.standardized(encode_rows(cells, self.encoding), path, cells.where)
        return self.standardized(raw, path)

    def features_from(self, rows: Any) -> Floats:
        """Inputs (m, F) for a DataFrame with the training data's columns, or an array (m, F) of raw features."""
        if is_frame(rows):
            from gdrun.data.columns import encode_rows

            cells = cells_of(rows)
            return self.standardized(encode_rows(cells, self.encoding), "data", cells.where)
        raw = np.asarray(rows)
        if raw.ndim < 2 or raw.dtype.kind not in "buif" or raw[:1].size != len(self.feature_names):
            raise DataError(f"data: {raw.dtype} {raw.shape} where numbers (m, {len(self.feature_names)}) are needed")
        return self.standardized(raw.reshape(len(raw), -1).astype(np.float64), "data")

    def standardized(
        self, raw: Floats, source: str = "data", where: Callable[[int], str] = "example {}".format
    ) -> Floats:
        """Raw features (m, F) filled and standardised, in place. Raises DataError for a value that cannot be used."""
        check_features(raw, self.feature_names, source)
        if self.encoding.fills:
            np.copyto(raw, self.fill, where=np.isnan(raw))
        else:
            check_present(raw, self.encoding, source, where)
        raw -= self.mean
        raw /= self.scale
        return raw

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Plain arrays, for an .npz without pickle."""
        words = {
            "encoding": dataclasses.asdict(self.encoding),
            "target_name": self.target_name,
            "classes": self.classes,
        }
        return {
            "mean": self.mean,
            "scale": self.scale,
            "fill": self.fill,
            "target": np.array([self.target_mean, self.target_scale]),
            "description": np.frombuffer(json.dumps(words).encode(), np.uint8),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Preprocessing:
        """The same again, to the bit."""
        words = json.loads(arrays["description"].tobytes())
        target_mean, target_scale = arrays["target"].tolist()
        return cls(
            encoding=_encoding(words["encoding"]),
            mean=arrays["mean"],
            scale=arrays["scale"],
            fill=arrays["fill"],
            target_mean=target_mean,
            target_scale=target_scale,
            target_name=words["target_name"],
            classes=None if words["classes"] is None else tuple(words["classes"]),
        )


def _encoding(words: dict[str, Any]) -> Encoding:
    fields = tuple(
        Field(field["name"], field["position"], field["categories"] and tuple(field["categories"]))
        for field in words["fields"]
    )
    text = TextFormat(**{**words["text"], "na_values": tuple(words["text"]["na_values"])})
    return Encoding(**{**words, "fields": fields, "text": text})


def fitted(
    features: Floats,
    encoding: Encoding,
    targets: Floats,
    *,
    standardize: bool,
    standardize_target: bool,
    target_name: str,
    classes: tuple[str, ...] | None,
) -> Preprocessing:
    """Fill values, means and scales of a training part, features (m, F) and targets (m,). Raises DataError."""
    width = features.shape[1]
    fill, mean, scale = np.zeros(width), np.zeros(width), np.ones(width)
    if encoding.fills:
        fill = fill_values(features, encoding)
        features = np.where(np.isnan(features), fill, features)
    if standardize:
        mean, scale = _moments(features)
    target_mean, target_scale = _moments(targets[:, np.newaxis]) if standardize_target else (np.zeros(1), np.ones(1))
    return Preprocessing(
        encoding, mean, scale, fill, float(target_mean[0]), float(target_scale[0]), target_name, classes
    )


def _moments(values: Floats) -> tuple[Floats, Floats]:
    """Mean and standard deviation of each column; of a constant column its value (so that it becomes 0) and 1."""
    low, high = values.min(axis=0), values.max(axis=0)
    mean, deviation = values.mean(axis=0), values.std(axis=0)
    constant = (low == high) | (deviation == 0)
    return np.where(constant, low, mean), np.where(constant, 1.0, deviation)
