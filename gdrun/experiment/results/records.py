"""What was recorded of some runs as arrays, read without pandas: a picture needs a small part of a sweep's history."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from gdrun.descent.parts import Array
from gdrun.experiment.results.reading import Table, warn

Records: TypeAlias = Mapping[str, Array]
"""A run's history by column, each (n,); NaN where a cell is empty."""
EMPTY = re.compile(r",(?=,|\r?$)", re.MULTILINE)


def of_table(table: Table, runs: Collection[str]) -> dict[str, Records]:
    """The records of some runs in a history.csv, those left out that are no numbers."""
    found = {run: _numbers(table, lines) for run, lines in _lines(table.body, runs).items()}
    return {run: dict(zip(table.columns[1:], own.T, strict=True)) for run, own in found.items() if len(own)}


def of_rows(rows: Sequence[Mapping[str, Any]]) -> Records:
    """A run's records as arrays."""
    names = dict.fromkeys(name for row in rows for name in row if name != "run")
    return {name: np.array([_number(row.get(name)) for row in rows]) for name in names}


def _number(cell: Any) -> float:
    return np.nan if cell in (None, "") else float(cell)


def _lines(body: bytes, runs: Collection[str]) -> dict[str, list[str]]:
    """The lines of each run, which begin with its id."""
    wanted = {quoted.encode(): run for run in runs for quoted in (run, f'"{run}"')}
    found: dict[str, list[str]] = {}
    for line in [line for line in body.split(b"\n") if line[: line.find(b",")] in wanted]:
        found.setdefault(wanted[line[: line.find(b",")]], []).append(line.decode())
    return found


def _numbers(table: Table, lines: Sequence[str]) -> Array:
    """The cells behind the first of each line, (n, columns - 1)."""
    try:
        return _parsed(lines, len(table.columns))
    except ValueError:
        found = [line for line in lines if _is_numbers(line, len(table.columns))]
    left_out = len(lines) - len(found)
    warn(f"{table.path}: left out: {left_out} lines in which a cell is no number")
    return _parsed(found, len(table.columns))


def _is_numbers(line: str, columns: int) -> bool:
    try:
        return len(_parsed([line], columns)) == 1
    except ValueError:
        return False


def _parsed(lines: Sequence[str], columns: int) -> Array:
    """Raises ValueError."""
    if not lines:
        return np.empty((0, columns - 1))
    text = EMPTY.sub(",nan", "\n".join(lines)).split("\n")
    return np.loadtxt(text, delimiter=",", usecols=range(1, columns), quotechar='"', comments=None, ndmin=2)
