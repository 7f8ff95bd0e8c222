"""CSV tables keyed by run in their first column: cells read back bit for bit, new rows leave the old bytes alone."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, TypeAlias, TypeVar

from gdrun.experiment.results.arrays import ReadError
from gdrun.experiment.results.writing import write

T = TypeVar("T")
Row: TypeAlias = Mapping[str, Any]
csv.field_size_limit(2**31 - 1)  # all initial parameters of a model are one cell
WORDS = {"": None, "true": True, "false": False}


def cell(value: Any) -> str:
    """A value as text: floats by repr, nothing for None, one line always."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(float(value))
    return " ".join(str(value).splitlines())


def value(text: str) -> Any:
    """What a cell stands for: nothing, true or false, a number, or the text itself."""
    if text in WORDS:
        return WORDS[text]
    for number in () if "_" in text else (int, float):  # Python would read 1_000 as a number
        try:
            return number(text)
        except ValueError:
            pass
    return text


def columns_of(path: Path) -> list[str]:
    """A table's columns; none if there is no such file. Raises ReadError."""
    return _read(path, lambda file: next(csv.reader(file), []))


def rows_of(path: Path) -> list[dict[str, str]]:
    """A table's rows as text; none if there is no such file. Raises ReadError."""
    return _read(path, lambda file: list(csv.DictReader(file)))


def _read(path: Path, what: Callable[[IO[str]], list[T]]) -> list[T]:
    if not path.exists():
        return []
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return what(file)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "not a readable CSV file"
        raise ReadError(f"{path}: {reason}") from None


def put(path: Path, rows: Sequence[Row], replaced: Collection[str]) -> None:
    """Add rows to a table, in place of all rows of the replaced runs; new columns are empty in older rows.

    Where columns stay and no run is replaced, older rows are copied as bytes. Raises WriteError.
    """
    old = columns_of(path)
    new = list(dict.fromkeys(name for row in rows for name in row))
    columns = ordered_union(old, new)
    if not columns:
        return
    kept = _kept_bytes(path, replaced) if columns == old else _rewritten(path, columns, replaced)

    def fill(file: IO[bytes]) -> None:
        file.write(kept or csv_text([columns]))
        file.write(csv_text([cell(row.get(name)) for name in columns] for row in rows))

    write(path, fill)


def drop(path: Path, runs: Collection[str]) -> None:
    """Remove all rows of some runs. Raises WriteError."""
    if path.exists():
        kept = _kept_bytes(path, runs)
        write(path, lambda file: file.write(kept))


def ordered_union(old: list[str], new: list[str]) -> list[str]:
    """All columns: the old in their order, each new one behind its neighbour."""
    columns = list(old)
    for i, name in enumerate(new):
        if name not in columns:
            before = [columns.index(other) for other in new[:i] if other in columns]
            columns.insert(max(before, default=-1) + 1, name)
    return columns


def _kept_bytes(path: Path, replaced: Collection[str]) -> bytes:
    """The file without the rows of some runs, which begin with the run's id."""
    content = path.read_bytes()
    starts = tuple(f"{run},".encode() for run in replaced)
    if not any(b"\n" + start in content for start in starts):
        return content
    return b"".join(line for line in content.splitlines(keepends=True) if not line.startswith(starts))


def _rewritten(path: Path, columns: list[str], replaced: Collection[str]) -> bytes:
    """The file with other columns, without the rows of some runs; nothing if there is none."""
    rows = rows_of(path)
    if not rows:
        return b""
    key = next(iter(rows[0]))
    return csv_text([columns]) + csv_text(
        [row.get(name) or "" for name in columns] for row in rows if row[key] not in replaced
    )


def csv_text(rows: Iterable[Sequence[str]]) -> bytes:
    """Rows of cells as a file has them."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue().encode()
