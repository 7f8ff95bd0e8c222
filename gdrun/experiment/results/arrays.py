"""Weights and paths as .npz files, never pickled."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdrun.experiment.results.writing import sweep, write

AT_A_TIME = 8


class ReadError(Exception):
    """Results that could not be read; the message says which file and why."""


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write arrays by name. Raises WriteError."""
    write(path, lambda file: np.savez(file, allow_pickle=False, **arrays))


def write_all(files: Mapping[Path, Mapping[str, NDArray[Any]]]) -> None:
    """Write many files of arrays, several at a time, since each waits for the disk; nobody else may write them now.

    Raises WriteError.
    """
    from concurrent.futures import ThreadPoolExecutor

    for folder in {path.parent for path in files}:
        sweep(folder, {path.name for path in files})
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        list(pool.map(write_arrays, files, files.values()))


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """All arrays by name. Raises ReadError."""
    try:
        with np.load(path, allow_pickle=False) as file:
            return dict(file)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "not a readable .npz file"
        raise ReadError(f"{path}: {reason}") from None


def prefixed(prefix: str, arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """The arrays with names `prefix/name`."""
    return {f"{prefix}/{name}": array for name, array in arrays.items()}


def under(prefix: str, arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """The arrays named `prefix/name`, as `name`."""
    return {name.removeprefix(f"{prefix}/"): array for name, array in arrays.items() if name.startswith(f"{prefix}/")}
