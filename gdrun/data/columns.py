"""Columns of text cells into numbers and categories."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gdrun.data.table import Column, DataError, Encoding, Field, Floats, Task, did_you_mean
from gdrun.data.target import check_range
from gdrun.data.text import Cells, is_number


@dataclass(frozen=True)
class Parsed:
    """A column as numbers (m,), NaN where there is none; which cells are missing (m,); which are text (m,)."""

    values: Floats
    absent: NDArray[np.bool_]
    text: NDArray[np.bool_]


def parsed(cells: Cells, position: int) -> Parsed:
    """A column's numbers; the cells keep the answer, since whole files are asked twice."""
    known: Parsed | None = cells.parsed.get(position)
    if known is None:
        known = cells.parsed[position] = _parse(cells, cells.columns[position])
    return known


def _parse(cells: Cells, column: tuple[str, ...]) -> Parsed:
    none = np.zeros(len(column), bool)
    absent = none
    if not cells.missing.isdisjoint(column):
        absent = np.array([cell in cells.missing for cell in column])
    point: Sequence[str] = column
    if cells.decimal == ",":
        point = [cell.replace(".", "x").replace(",", ".") for cell in column]
    if not absent.any() and "_" not in "".join(point):  # Python reads 1_000 as a number
        with suppress(ValueError):
            values = np.fromiter(map(float, point), np.float64, len(point))
            return Parsed(values, np.isnan(values), none)
    text = np.array([not gone and not is_number(cell) for cell, gone in zip(point, absent, strict=True)])
    neither = absent | text
    values = np.array([np.nan if skip else float(cell) for cell, skip in zip(point, neither, strict=True)])
    return Parsed(values, absent | (np.isnan(values) & ~text), text)


def read_field(cells: Cells, position: int, max_categories: int) -> tuple[Field, Column]:
    """What a feature column holds: numbers if every cell is one, else categories. Raises DataError."""
    name, column = cells.names[position], parsed(cells, position)
    gaps = f", {int(column.absent.sum())} missing" if column.absent.any() else ""
    if not column.text.any():
        present = column.values[~column.absent]
        shown = f"{present.min():g} to {present.max():g}{gaps}" if len(present) else "no values"
        return Field(name, position), Column(name, "feature", "numbers", shown)
    categories = sorted({cell for cell, gone in zip(cells.columns[position], column.absent, strict=True) if not gone})
    _check_categories(cells, position, len(categories), max_categories)
    more = ", …" if len(categories) > 5 else ""
    shown = f"{len(categories)} categories: {', '.join(categories[:5])}{more}{gaps}"
    return Field(name, position, tuple(categories)), Column(name, "feature", "categories", shown)


def _check_categories(cells: Cells, position: int, number: int, most: int) -> None:
    """DataError for too many different texts."""
    _check_decimal_sign(cells, position)
    if number > most:
        text = parsed(cells, position).text
        stray = f"; {_found(cells, position)} among numbers" if text.mean() < 0.5 else ""
        raise DataError(
            f"{cells.source}: column {cells.names[position]!r}: {number} different texts, more than max_categories "
            f"({most}){stray}; raise it, or `drop` the column",
            "max_categories",
        )


def _check_decimal_sign(cells: Cells, position: int) -> None:
    """DataError for numbers that are text only by their decimal sign."""
    other = "," if cells.decimal == "." else "."
    words = [cells.columns[position][row] for row in np.flatnonzero(parsed(cells, position).text)]
    if words and all(is_number(word.replace(other, ".", 1)) for word in words):
        raise DataError(
            f"{cells.source}: column {cells.names[position]!r}: {_found(cells, position)}; set `decimal` to {other!r} "
            "if that is its decimal sign (thousands separators are not read)",
            "decimal",
        )


def _found(cells: Cells, position: int) -> str:
    """The first text in a column, and where it stands."""
    row = int(parsed(cells, position).text.argmax())
    return f"{cells.where(row)} has {cells.columns[position][row]!r}"


def encoded(cells: Cells, position: int, field: Field) -> Floats:
    """The features of one field, (m, 1) or (m, categories), NaN where missing. Raises DataError for what is new."""
    start = f"{cells.source}: column {field.name!r}"
    column = parsed(cells, position)
    if field.categories is None:
        if column.text.any():
            raise DataError(f"{start}: {_found(cells, position)}, not a number")
        check_range(column.values, start, where=cells.where)
        return column.values[:, np.newaxis]
    index = {category: number for number, category in enumerate(field.categories)}
    features = np.zeros((len(column.values), len(index)))
    for row, cell in enumerate(cells.columns[position]):
        if column.absent[row]:
            features[row] = np.nan
        elif cell in index:
            features[row, index[cell]] = 1.0
        else:
            near = did_you_mean(cell, field.categories)
            raise DataError(f"{start}: {cells.where(row)} has {cell!r}, which the training data did not have{near}")
    return features


def encode_rows(cells: Cells, encoding: Encoding) -> Floats:
    """All features (m, F) of rows whose columns are found by name, or by position where there are no names."""
    positions = _positions(cells, encoding)
    blocks = [encoded(cells, at, field) for at, field in zip(positions, encoding.fields, strict=True)]
    return np.concatenate(blocks, axis=1)


def _positions(cells: Cells, encoding: Encoding) -> list[int]:
    places = {name: position for position, name in enumerate(cells.names)}
    names = [field.name for field in encoding.fields]
    absent = [name for name in names if name not in places]
    if cells.named and not absent:
        return [places[name] for name in names]
    if encoding.named:
        more = f" and {len(absent) - 1} more" if len(absent) > 1 else did_you_mean(absent[0], cells.names)
        raise DataError(f"{cells.source}: column {absent[0]!r} is missing{more}")
    width = len(cells.columns)
    if width == encoding.width:
        return [field.position for field in encoding.fields]
    if encoding.target is not None and width == encoding.width - 1:
        return [field.position - (field.position > encoding.target) for field in encoding.fields]
    raise DataError(f"{cells.source}: {width} columns where {encoding.width} are needed")


def target_values(
    cells: Cells, position: int, task: Task | None, missing_may_go: bool
) -> tuple[Floats | list[str], NDArray[np.intp]]:
    """The target's numbers or labels, where there is one, and the rows that they are. Raises DataError."""
    start = f"{cells.source}: target {cells.names[position]!r}"
    column = parsed(cells, position)
    if column.absent.any() and not missing_may_go:
        number, first = int(column.absent.sum()), cells.where(int(column.absent.argmax()))
        raise DataError(
            f"{start}: {number} missing, first in {first}; only `missing: drop` leaves such rows out", "missing"
        )
    rows = np.flatnonzero(~column.absent)
    if not len(rows):
        raise DataError(f"{start}: has no values", "target")
    if not column.text.any():
        return column.values[rows], rows
    labels = [cells.columns[position][row] for row in rows]
    if task != "classification":
        _check_decimal_sign(cells, position)
    if task == "regression" or (task is None and column.text.mean() < 0.5 and len(set(labels)) > 2):
        hint = "" if task == "regression" else "; set `task: classification` if these are labels"
        raise DataError(f"{start}: {_found(cells, position)}, not a number{hint}", "target")
    return labels, rows
