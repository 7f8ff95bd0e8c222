"""CSV tables keyed by run in their first column: cells read back bit for bit, new rows leave the old bytes alone."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import IO, Any, TypeAlias

from gdrun.experiment.results.reading import Table, warn
from gdrun.experiment.results.writing import write

Row: TypeAlias = Mapping[str, Any]
PLAIN = {float, int, type(None)}
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


def put(table: Table, rows: Sequence[Row], replaced: Collection[str]) -> None:
    """Add rows to a table, in place of all rows of the replaced runs; new columns are empty in older rows.

    Where columns stay and no run is replaced, older rows are copied as bytes. Raises WriteError.
    """
    old = list(table.columns)
    columns = ordered_union(old, named(rows))
    if not columns:
        return
    kept = _without(table.body, replaced)
    _write(
        table,
        columns,
        kept if columns == old else _widened(kept, old, columns),
        csv_text(rows, columns),
    )


def drop(table: Table, runs: Collection[str]) -> None:
    """Remove all rows of some runs. Raises WriteError."""
    if table.columns:
        _write(table, table.columns, _without(table.body, runs))


def named(rows: Iterable[Row]) -> list[str]:
    """All columns of some rows, in order."""
    return list(dict.fromkeys(name for names in dict.fromkeys(map(tuple, rows)) for name in names))


def ordered_union(old: list[str], new: list[str]) -> list[str]:
    """All columns: the old in their order, each new one behind its neighbour."""
    columns = list(old)
    for i, name in enumerate(new):
        if name not in columns:
            before = [columns.index(other) for other in new[:i] if other in columns]
            columns.insert(max(before, default=-1) + 1, name)
    return columns


def _write(table: Table, columns: Sequence[str], *bodies: bytes) -> None:
    """Replace a table's file; one that is damaged is kept as it was beside it."""
    if table.damaged:
        _set_aside(table)

    def fill(file: IO[bytes]) -> None:
        for content in (header(columns), *bodies):
            file.write(content)

    write(table.path, fill)


def _set_aside(table: Table) -> None:
    content = table.path.read_bytes()
    name = f"{table.path.name}.damaged-{hashlib.sha256(content).hexdigest()[:8]}"
    write(table.path.with_name(name), lambda file: file.write(content))
    warn(f"{table.path}: is damaged and was kept as {name}, what is whole of it goes on: {table.faulty}")


def _without(body: bytes, runs: Collection[str]) -> bytes:
    """The lines but those of some runs, which begin with the run's id."""
    gone = {run.encode() for run in runs}
    lines = body.split(b"\n")
    unwanted = {head for head in {line.partition(b",")[0] for line in lines} if head.strip(b'"') in gone}
    return b"\n".join(line for line in lines if line.partition(b",")[0] not in unwanted) if unwanted else body


def _widened(body: bytes, old: Sequence[str], columns: Sequence[str]) -> bytes:
    """The lines under more columns."""
    rows = (dict(zip(old, cells, strict=True)) for cells in csv.reader(body.decode().split("\n")[:-1]))
    return csv_text(rows, columns)


def header(columns: Sequence[str]) -> bytes:
    """The first line of a file."""
    return _quoted(columns).encode()


def csv_text(rows: Iterable[Row], columns: Sequence[str]) -> bytes:
    """Rows as a file has them under such columns."""
    return "".join([_line([*map(row.get, columns)]) for row in rows]).encode()


def _line(values: list[Any]) -> str:
    """A row as csv.writer makes it of its cells; of a run's id and numbers by Python's own text, in half the time."""
    first, *rest = values
    if rest and PLAIN.issuperset(map(type, rest)) and isinstance(first, str) and first.isalnum():
        return f"{first},{repr(rest)[1:-1]}\n".replace(", ", ",").replace("None", "")
    return _quoted(map(cell, values))


def _quoted(cells: Iterable[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(cells)
    return buffer.getvalue()
