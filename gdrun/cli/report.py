"""`gdrun report`: experiments as one HTML page."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gdrun.cli.exits import UsageError
from gdrun.cli.patience import patience
from gdrun.cli.words import plain
from gdrun.experiment.results.folder import Folder
from gdrun.experiment.runs import find_folder, find_run

FILE = "report.html"


@dataclass(frozen=True)
class AtTheEnd:
    """Whether a command that trains ends with a report, and shows it."""

    wanted: bool
    open: bool
    quiet: bool

    def write(self, folder: Folder, run: str | None = None) -> None:
        """Write the report of what was trained, if it is wanted, and say where. Raises UsageError and WriteError."""
        if not (self.wanted or self.open):
            return
        path = _write([(folder, run)], None, folder.path.parent, self.quiet)
        if not self.quiet:
            print(plain(f"report in {path}", sys.stderr), file=sys.stderr)
        if self.open:
            _show(path)


NO_REPORT = AtTheEnd(wanted=False, open=False, quiet=True)


def report_all(experiments: Sequence[str], results: Path, output: Path | None, open_it: bool) -> None:
    """Write one page; its file on stdout. Raises NotFoundError, ReadError, UsageError, WriteError."""
    path = _write([_found(each, results) for each in experiments], output, results)
    print(plain(str(path)))
    if open_it:
        _show(path)


def _found(wanted: str, results: Path) -> tuple[Folder, str | None]:
    if "/" in wanted:
        folder, line = find_run(wanted, results)
        return folder, line["id"]
    return find_folder(wanted, results), None


def _write(found: Sequence[tuple[Folder, str | None]], output: Path | None, results: Path, quiet: bool = False) -> Path:
    from gdrun.experiment.results.writing import write_text
    from gdrun.pictures.errors import PictureError
    from gdrun.pictures.report.page import report

    names = ", ".join(folder.name for folder, _ in found)
    try:
        with patience(f"drawing and explaining {names}", quiet):
            page = report(found)
    except PictureError as error:
        raise UsageError(str(error)) from None
    path = output or _place(found, results)
    write_text(path, page)
    return path


def _place(found: Sequence[tuple[Folder, str | None]], results: Path) -> Path:
    """With the experiment where there is one, else beside them."""
    if len(found) > 1:
        return results / FILE
    folder, run = found[0]
    return folder.path / (FILE if run is None else f"{run[:5]}-{FILE}")


def _show(path: Path) -> None:
    import typer

    typer.launch(path.resolve().as_uri())
