"""Tables on stdout: for people, or as csv, json, md or latex."""

from __future__ import annotations

import csv
import json
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from gdrun.cli.words import plain
from gdrun.experiment.results.folder import WORDS
from gdrun.experiment.results.tables import value

Row: TypeAlias = Mapping[str, str]
WIDEST = 100_000
LATEX = {"&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}",
         "^": r"\textasciicircum{}", "\\": r"\textbackslash{}"}  # fmt: skip


def print_rows(rows: Sequence[Row], columns: Sequence[str], style: str) -> None:
    """Print the columns of some rows of text."""
    PRINTERS[style](rows, columns)


def as_table(rows: Sequence[Row], columns: Sequence[str]) -> None:
    """Aligned columns; never cut, wherever they go."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns:
        right = all(_is_number(row.get(name, "")) for row in rows)
        table.add_column(Text(name), justify="right" if right else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(Text(plain(shortened(row.get(name, "")))) for name in columns))
    natural = Console(width=WIDEST).measure(table).maximum
    Console(highlight=False, width=natural).print(table)


def as_csv(rows: Sequence[Row], columns: Sequence[str]) -> None:
    """CSV with a header."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([row.get(name, "") for name in columns] for row in rows)


def as_json(rows: Sequence[Row], columns: Sequence[str]) -> None:
    """A list of objects; null where there is nothing, or no finite number."""
    print(json.dumps([{name: json_value(row.get(name, ""), name) for name in columns} for row in rows], indent=1))


def as_markdown(rows: Sequence[Row], columns: Sequence[str]) -> None:
    """A table for Markdown."""
    lines = [columns, ["---"] * len(columns), *([shortened(row.get(name, "")) for name in columns] for row in rows)]
    for line in lines:
        print("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |")


def as_latex(rows: Sequence[Row], columns: Sequence[str]) -> None:
    """A table for LaTeX with booktabs."""
    print(rf"\begin{{tabular}}{{{'l' * len(columns)}}}" + "\n\\toprule")
    print(" & ".join(map(escaped, columns)) + r" \\" + "\n\\midrule")
    for row in rows:
        print(" & ".join(escaped(shortened(row.get(name, ""))) for name in columns) + r" \\")
    print("\\bottomrule\n\\end{tabular}")


def escaped(text: str) -> str:
    """Text that LaTeX prints as it is."""
    return "".join(LATEX.get(character, character) for character in text)


def shortened(text: str) -> str:
    """A number with five significant digits, other text as it is."""
    if _is_number(text) and not text.lstrip("-").isdecimal() and text:
        return f"{float(text):.5g}"
    return text


def json_value(cell: Any, name: str = "") -> Any:
    """A cell as JSON has it: null where there is no finite number."""
    if isinstance(cell, str) and cell.startswith(("[", "{")):
        return json.loads(cell)
    known = value(cell) if isinstance(cell, str) and (name not in WORDS or not cell) else cell
    return None if isinstance(known, float) and not math.isfinite(known) else known


def _is_number(text: str) -> bool:
    try:
        float(text or "0")
    except ValueError:
        return False
    return True


PRINTERS: dict[str, Callable[[Sequence[Row], Sequence[str]], None]] = {
    "table": as_table,
    "csv": as_csv,
    "json": as_json,
    "md": as_markdown,
    "latex": as_latex,
}
