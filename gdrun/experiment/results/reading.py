"""runs.csv and history.csv read with suspicion: lines that gdrun did not write so are left out, and named."""

from __future__ import annotations

import csv
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gdrun.experiment.config.identity import run_id
from gdrun.experiment.results.arrays import ReadError

csv.field_size_limit(2**31 - 1)  # all initial parameters of a model are one cell
ID = re.compile(r"r[0-9a-f]{11}")
UNDECODED = re.compile("[\0\udc80-\udcff]|\r.")
"""What no line has, but for a carriage return at its end."""
INSIDE = bytes({*range(32, 127)} - {*b',"'})
"""What is in the cells of plain lines."""
FAILED = "failed"
STATUSES = ("finished", "converged", "stopped", "diverged", "left", FAILED)
NEEDED = ("id", "status", "config")


class ResultsWarning(UserWarning):
    """Something among the results is not as gdrun wrote it."""


def warn(message: str) -> None:
    """Name what was left out; whoever runs gdrun decides where that is shown."""
    warnings.warn(message, ResultsWarning, stacklevel=2)


@dataclass(frozen=True)
class Fault:
    """What is wrong with a line."""

    line: int
    reason: str
    damaged: bool = True
    """False where a later gdrun may have meant it."""


@dataclass(frozen=True)
class Table:
    """What is whole of a file; no columns if there is no file, or nothing in it."""

    path: Path
    columns: tuple[str, ...] = ()
    body: bytes = b""
    """The lines below the header that are not damaged."""
    rows: Sequence[dict[str, str]] = ()
    """The runs, of runs.csv."""
    faults: Sequence[Fault] = ()

    @property
    def damaged(self) -> bool:
        """Whether the file has lines that `body` lacks."""
        return any(fault.damaged for fault in self.faults)

    @property
    def faulty(self) -> str:
        """Which lines are not read, and why."""
        first, count = self.faults[0], len(self.faults)
        return f"line {first.line}: {first.reason}" + (f"; and {count - 1} more lines" if count > 1 else "")


@dataclass(frozen=True)
class Lines:
    """A file's columns and the lines below them; `endless`: the last line has no end, and may be half a line."""

    columns: tuple[str, ...]
    lines: list[str]
    endless: bool

    def numbered(self) -> Iterator[tuple[int, str, list[str], Fault | None]]:
        """Each line that is not blank with its number and cells, and what is wrong with its shape, if so."""
        for number, line in enumerate(self.lines, start=2):
            if line.strip():
                cells, reason = _parsed(line, len(self.columns))
                if self.endless and number == len(self.lines) + 1:
                    reason = "has no end"
                yield number, line, cells, Fault(number, reason) if reason else None


def _parsed(line: str, columns: int) -> tuple[list[str], str | None]:
    """A line's cells, and why they cannot be relied on, if so."""
    if UNDECODED.search(line):
        return [], "is not text"
    reason = None
    try:
        cells = next(csv.reader([line], strict=True), [])
    except csv.Error:
        cells, reason = next(csv.reader([line])), "has a quotation mark that is left open"
    return cells, reason if len(cells) == columns else f"has {len(cells)} cells under {columns} columns"


def read_runs(path: Path) -> Table:
    """runs.csv. Raises ReadError if it is none."""
    found = _lines(path, _bytes(path), NEEDED)
    if not found.columns:
        return _empty(path, found)
    faults, rows, kept = [], [], []
    for number, line, cells, misshapen in found.numbered():
        fault = misshapen or _fault(number, cells, found.columns)
        if fault:
            faults.append(fault)
        else:
            rows.append(dict(zip(found.columns, cells, strict=True)))
        if fault is None or not fault.damaged:
            kept.append(line)
    return Table(path, found.columns, _joined(kept), rows, faults)


def _fault(number: int, cells: Sequence[str], columns: Sequence[str]) -> Fault | None:
    id_, status, config = (cells[columns.index(name)] for name in NEEDED)
    if not ID.fullmatch(id_):
        return Fault(number, f"{id_[:20]!r} is not the id of a run")
    if run_id(config) != id_:
        return Fault(number, f"its config is not that of run {id_}")
    if status not in STATUSES:
        version = f" (made by gdrun {cells[columns.index('gdrun')]})" if "gdrun" in columns else ""
        return Fault(number, f"this gdrun knows no status {status[:20]!r}{version}", damaged=False)
    return None


def read_history(path: Path) -> Table:
    """history.csv, of which only the shape is looked at. Raises ReadError if it is none."""
    raw = _bytes(path)
    header, _, body = raw.partition(b"\n")
    skeleton = body.translate(None, INSIDE)
    plain = b"," * header.count(b",") + b"\n"
    if skeleton == plain * (len(skeleton) // len(plain)) and body.endswith(b"\n"):
        return Table(path, _lines(path, header + b"\n", ("run",)).columns, body)
    found = _lines(path, raw, ("run",))
    if not found.columns:
        return _empty(path, found)
    faults, kept = [], []
    for _, line, _, misshapen in found.numbered():
        if misshapen:
            faults.append(misshapen)
        else:
            kept.append(line)
    return Table(path, found.columns, _joined(kept), (), faults)


def _empty(path: Path, found: Lines) -> Table:
    return Table(path, faults=[Fault(1, "has no end")] if found.endless else [])


def _lines(path: Path, raw: bytes, needed: Sequence[str]) -> Lines:
    """Raises ReadError where the columns are others: then it is not a file of gdrun."""
    header, *lines = raw.decode("utf-8-sig", errors="surrogateescape").split("\n")
    if not lines and raw:
        return Lines((), [], endless=True)
    columns = _parsed(header, 0)[0]
    if header.strip() and not _ours(columns, needed):
        begins = header[:40].encode(errors="replace").decode()
        raise ReadError(f"{path}: is not a {path.name} of gdrun: its first line begins with {begins!r}")
    return Lines(tuple(columns), lines, endless=bool(lines and lines[-1]))


def _ours(columns: Sequence[str], needed: Sequence[str]) -> bool:
    return columns[:1] == [needed[0]] and {*needed} <= {*columns} and len({*columns}) == len(columns)


def _bytes(path: Path) -> bytes:
    """A file's content; nothing if there is no file. Raises ReadError."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return b""
    except OSError as error:
        raise ReadError(f"{path}: cannot be read: {error.strerror or error}") from None


def _joined(lines: Sequence[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode(errors="surrogateescape")


def lenient(read: Callable[[Path], Table], path: Path) -> Table:
    """What can be read of a file, the rest named in a warning."""
    there = path.exists()  # one that comes while nothing is read is not empty
    try:
        table = read(path)
    except ReadError as error:
        warn(f"{error}; left out")
        return Table(path)
    if table.faults:
        warn(f"{path}: left out: {table.faulty}")
    elif there and not table.columns:
        warn(f"{path}: is empty")
    return table
