"""From columns of text to a table: which column is the target, which are features, and what each of them holds."""

from __future__ import annotations

from dataclasses import dataclass, field

from gdrun.data.columns import encode_rows, read_field, target_values
from gdrun.data.memory import UNLIMITED, check_table
from gdrun.data.missing import settle_missing
from gdrun.data.table import (
    Column,
    DataError,
    Encoding,
    Examples,
    Floats,
    Missing,
    Table,
    Task,
    TextFormat,
    did_you_mean,
)
from gdrun.data.target import check_range, read_target
from gdrun.data.text import Cells


@dataclass(frozen=True)
class Reading:
    """How columns of text are to be read; the settings of a `csv` dataset explain each."""

    target: str | int
    drop: tuple[str | int, ...] = ()
    task: Task | None = None
    missing: Missing = "error"
    max_categories: int = 20
    text: TextFormat = field(default_factory=TextFormat)
    csv_only: bool = False


def table_of(
    cells: Cells,
    how: Reading,
    memory: float = UNLIMITED,
    validation: Cells | None = None,
    test: Cells | None = None,
) -> Table:
    """The table of the cells, with its own validation and test sets where they are given. Raises DataError."""
    at = _position(cells, how.target, "target")
    encoding, columns = _encoding(cells, at, how)
    check_table(len(cells.columns[at]), len(encoding.feature_names), memory, cells.source, "path")
    features, values = _rows(cells, at, encoding, how, how.task)
    target, target_column = read_target(cells.names[at], values, how.task, cells.source)
    columns.insert(at, target_column)

    def own(part: Cells | None) -> Examples | None:
        if part is None:
            return None
        own_features, own_values = _rows(part, _own_target(part, encoding, target.name), encoding, how, target.task)
        return Examples(own_features, target.encode(own_values, part.source))

    return Table(
        features=features,
        targets=target.encode(values, cells.source),
        encoding=encoding,
        target_name=target.name,
        classes=target.classes,
        columns=tuple(columns),
        validation=own(validation),
        test=own(test),
        notes=cells.notes,
    )


def _position(cells: Cells, column: str | int, setting: str) -> int:
    """Where a column is, by name or number; 2020 may be either, a name first. Raises DataError."""
    number = len(cells.names)
    if cells.named and str(column) in cells.names:
        return cells.names.index(str(column))
    if isinstance(column, int):
        if not -number <= column < number:
            raise DataError(f"{cells.source}: {setting}: no column {column}, only 0 to {number - 1}", setting)
        return column % number
    hint = did_you_mean(column, cells.names)
    if not cells.named:
        hint = "; the file has no header line, use the column's number"
    raise DataError(f"{cells.source}: {setting}: no column is named {column!r}{hint}", setting)


def _encoding(cells: Cells, target: int, how: Reading) -> tuple[Encoding, list[Column]]:
    """What each feature column holds, and the report on all columns but the target."""
    dropped = {_position(cells, column, "drop") for column in how.drop}
    if target in dropped:
        raise DataError(f"{cells.source}: the target {cells.names[target]!r} is also in `drop`", "drop")
    fields, columns = [], []
    for position, name in enumerate(cells.names):
        if position in dropped:
            columns.append(Column(name, "dropped", "nothing"))
        elif position != target:
            read_as, column = read_field(cells, position, how.max_categories)
            fields.append(read_as)
            columns.append(column)
    if not fields:
        only = f"{len(cells.names)} column" + ("s" if len(cells.names) > 1 else "")
        hint = "; is `delimiter` right?" if len(cells.names) == 1 else ""
        raise DataError(f"{cells.source}: no column is left for a feature ({only} in all){hint}", "target")
    return (
        Encoding(
            tuple(fields),
            len(cells.names),
            target,
            named=cells.named,
            fills=how.missing == "mean",
            csv_only=how.csv_only,
            text=how.text,
        ),
        columns,
    )


def _rows(
    cells: Cells, target: int, encoding: Encoding, how: Reading, task: Task | None
) -> tuple[Floats, Floats | list[str]]:
    """Features (m, F) and the target's numbers or labels, without the rows that `missing` leaves out."""
    values, rows = target_values(cells, target, task, missing_may_go=how.missing == "drop")
    features = encode_rows(cells, encoding)[rows]
    features, kept = settle_missing(features, encoding, how.missing, cells.source, lambda row: cells.where(rows[row]))
    if isinstance(values, list):
        return features, [values[row] for row in kept]
    check_range(values, f"{cells.source}: target {cells.names[target]!r}", "target", lambda row: cells.where(rows[row]))
    return features, values[kept]


def _own_target(cells: Cells, encoding: Encoding, name: str) -> int:
    """The target's position in a validation or test file. Raises DataError."""
    if encoding.named:
        return _position(cells, name, "target")
    if len(cells.columns) != encoding.width or encoding.target is None:
        raise DataError(f"{cells.source}: {len(cells.columns)} columns where the training file has {encoding.width}")
    return encoding.target
