"""CSV text into columns of cells: encoding, delimiter, header and ragged lines."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from gdrun.data.files import read_bytes
from gdrun.data.memory import TEXT, UNLIMITED
from gdrun.data.table import DataError, TextFormat

MISSING = frozenset({"", "?", "NA", "N/A", "n/a", "#N/A", "NaN", "nan", "NULL", "null"})
DELIMITERS = {"\t": "tab", ";": "semicolon", "|": "bar", ",": "comma"}
"""In order of preference: a comma may be a decimal sign between semicolons, hardly the other way round."""


@dataclass(frozen=True)
class Cells:
    """Columns of text, each of m cells, and where they come from."""

    source: str
    names: tuple[str, ...]
    columns: tuple[tuple[str, ...], ...]
    named: bool
    """Whether the names were in the file."""
    lines: list[int] | None = None
    """The line in which each row ends; None where there is no file."""
    decimal: str = "."
    missing: frozenset[str] = MISSING
    notes: tuple[str, ...] = ()
    parsed: dict[int, Any] = field(default_factory=dict)
    """Columns that have been parsed, by position."""

    def calls(self, column: str | int) -> bool:
        """Whether a number that counts no column stands in the first row: then that may be names, such as years."""
        counted = isinstance(column, str) or -len(self.columns) <= column < len(self.columns)
        return not counted and any(cells[0] == str(column) for cells in self.columns)

    def where(self, row: int) -> str:
        """The place of a row, for messages."""
        return f"line {self.lines[row]}" if self.lines else f"row {row}"


def read_cells(path: str, text_format: TextFormat, setting: str | None = "path", memory: float = UNLIMITED) -> Cells:
    """The columns of a CSV file, as text, if so many bytes of `memory` can hold them. Raises DataError."""
    text = _decoded(path, read_bytes(path, setting, memory / TEXT), text_format.encoding, setting)
    delimiter = text_format.delimiter or _guess_delimiter(text, text_format.decimal)
    rows, lines = _rows(path, text, delimiter, setting)
    header = _guess_header(rows[0]) if text_format.header is None else text_format.header
    names = _names(path, rows[0], header)
    if header:
        rows, lines = rows[1:], lines[1:]
    if not rows:
        raise DataError(f"{path}: has column names but no rows", setting)
    notes = []
    if text_format.delimiter is None:
        notes.append(f"{path}: delimiter read as {DELIMITERS[delimiter]} (guessed; set `delimiter`)")
    if text_format.header is None:
        first = "column names" if header else "data"
        notes.append(f"{path}: first line read as {first} (guessed; set `header`)")
    columns = tuple(zip(*rows, strict=True))
    missing = MISSING.union(text_format.na_values)
    return Cells(path, names, columns, header, lines, text_format.decimal, missing, tuple(notes))


def _decoded(path: str, content: bytes, encoding: str, setting: str | None) -> str:
    if encoding.lower().replace("_", "-") in {"utf-8", "utf8"}:
        encoding = "utf-8-sig"  # swallows a byte order mark
    try:
        text = content.decode(encoding)
    except LookupError:
        raise DataError(f"{encoding!r} is not an encoding that Python knows", "encoding") from None
    except UnicodeError as error:
        start = error.start if isinstance(error, UnicodeDecodeError) else 0
        line = content.count(b"\n", 0, start) + 1
        known = encoding.removesuffix("-sig")
        raise DataError(
            f"{path}: line {line} is not {known} text; set `encoding`, perhaps to latin-1, cp1252 or utf-16", "encoding"
        ) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise DataError(f"{path}: line {line} has a NUL byte; not text, or `encoding` is utf-16", "encoding")
    if not text.strip():
        raise DataError(f"{path}: is empty", setting)
    return text


def _guess_delimiter(text: str, decimal: str) -> str:
    """The first delimiter that gives the first lines equal numbers of columns, more than one; else the comma."""
    sample = list(islice(io.StringIO(text, newline=""), 50))
    candidates = [delimiter for delimiter in DELIMITERS if delimiter != decimal]
    widths = {
        delimiter: [len(row) for row in csv.reader(sample, delimiter=delimiter) if row] for delimiter in candidates
    }
    even = [delimiter for delimiter, width in widths.items() if len(set(width)) == 1 and width[0] > 1]
    return even[0] if even else max(reversed(candidates), key=lambda delimiter: widths[delimiter][0])


def _rows(path: str, text: str, delimiter: str, setting: str | None) -> tuple[list[list[str]], list[int]]:
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True)
    except TypeError:
        raise DataError(f"delimiter {delimiter!r} must be one character", "delimiter") from None
    padded = any(space in text for space in (" ", "\t", "\xa0"))
    rows: list[list[str]] = []
    lines: list[int] = []
    try:
        for row in reader:
            if len(row) < 2 and not "".join(row).strip():
                continue  # a blank line
            if rows and len(row) != len(rows[0]):
                raise DataError(
                    f"{path}: line {reader.line_num}: {_number(row)} where line {lines[0]} has {len(rows[0])}", setting
                )
            rows.append([cell.strip() for cell in row] if padded else row)
            lines.append(reader.line_num)
    except csv.Error as error:
        raise DataError(f"{path}: line {reader.line_num}: {error}; is a quotation mark left open?", setting) from None
    if not rows:
        raise DataError(f"{path}: has nothing but empty cells", setting)
    return rows, lines


def _number(row: list[str]) -> str:
    return f"{len(row)} column" + ("s" if len(row) > 1 else "")


def _guess_header(first: list[str]) -> bool:
    """Names are all different, and none is a number or missing (but the first may be: an index without a name)."""
    named = not any(cell in MISSING or is_number(cell) for cell in first[1:]) and not is_number(first[0])
    return named and len(set(first)) == len(first)


def _names(path: str, first: list[str], header: bool) -> tuple[str, ...]:
    if not header:
        return tuple(f"column {position}" for position in range(len(first)))
    names = tuple(cell or f"column {position}" for position, cell in enumerate(first))
    if len(set(names)) < len(names):
        twice = next(name for name, number in Counter(names).items() if number > 1)
        raise DataError(f"{path}: two columns are named {twice!r}", "header")
    return names


def is_number(cell: str) -> bool:
    """Whether a cell, with a decimal point, is a number."""
    try:
        float(cell)
    except ValueError:
        return False
    return "_" not in cell
