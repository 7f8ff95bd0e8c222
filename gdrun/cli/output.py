"""Tables on stdout: for people, or as csv, json, md or latex."""

from __future__ import annotations

import csv
import json
import math
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from gdrun.cli.exits import Exit
from gdrun.cli.layout import Column, blocks, column, printed
from gdrun.cli.words import plain
from gdrun.experiment.results.columns import WORDS
from gdrun.experiment.results.tables import value

Row: TypeAlias = Mapping[str, str]
LATEX = {"&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}",
         "^": r"\textasciicircum{}", "\\": r"\textbackslash{}", "<": r"\textless{}", ">": r"\textgreater{}",
         "|": r"\textbar{}"}  # fmt: skip
MARKDOWN = re.compile(r"[\\`*<>|]|(?<=\])\(")
NUMBER = r"[-+]?(\d+\.?\d*(e[-+]?\d+)?|inf|nan)"
ESTIMATE = re.compile(rf"-|{NUMBER}( \[{NUMBER}, {NUMBER}\])?( p {NUMBER})?")
"""What begins with a sign and is no formula: numbers as they are written, and intervals of a ranking."""


def print_rows(rows: Sequence[Row], columns: Sequence[str], style: str) -> None:
    """Print the columns of some rows of text."""
    PRINTERS[style](rows, columns)


def line_width() -> int | None:
    """How many characters a line on stdout has room for; None where that is no terminal."""
    if not sys.stdout.isatty():
        return None
    from rich.console import Console

    return Console().width


def tell_unmet(lines: Sequence[str], experiment: str) -> Exit:
    """Say which expectations of an experiment were not met; the code for it."""
    for line in lines:
        print(plain(f"{experiment}: {line}", sys.stderr), file=sys.stderr)
    return Exit.UNMET


def as_table(rows: Sequence[Row], columns: Sequence[str], keys: int = 1) -> None:
    """Aligned columns, numbers to the right; never cut: where a terminal is too narrow, in blocks below each other.

    Each block begins with the first `keys` columns. Rich takes a minute for 10,000 rows.
    """
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    made = [_column(name, [row.get(name, "") for row in rows]) for name in columns]
    for place, block in enumerate(blocks(made, keys, line_width())):
        heading, lines = printed(block)
        console.print(Text("\n".join(([""] if place else []) + heading), style="bold"), soft_wrap=True)
        print("".join(f"{line}\n" for line in lines), end="")


def _column(name: str, cells: Sequence[str]) -> Column:
    return column(plain(name), [plain(shortened(cell)) for cell in cells], all(map(_is_number, cells)))


def as_csv(rows: Sequence[Row], columns: Sequence[str]) -> None:
    """CSV with a header."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(map(harmless, columns))
    writer.writerows([harmless(row.get(name, "")) for name in columns] for row in rows)


def harmless(text: str) -> str:
    """Text that no spreadsheet runs as a formula: an apostrophe before `=`, `+`, `-`, `@`, tab or return at its start.

    Numbers, and the intervals of a ranking, stay as they are.
    """
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) and not ESTIMATE.fullmatch(text) else text


def as_json(rows: Sequence[Row], columns: Sequence[str]) -> None:
    """A list of objects; null where there is nothing, or no finite number."""
    print(json.dumps([{name: json_value(row.get(name, ""), name) for name in columns} for row in rows], indent=1))


def as_markdown(rows: Sequence[Row], columns: Sequence[str]) -> None:
    """A table for Markdown."""
    lines = [columns, ["---"] * len(columns), *([shortened(row.get(name, "")) for name in columns] for row in rows)]
    for line in lines:
        print("| " + " | ".join(MARKDOWN.sub(r"\\\g<0>", cell) for cell in line) + " |")


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
    """A number with five significant digits, its plus where it has one; other text as it is."""
    if _is_number(text) and not text.lstrip("-").isdecimal() and text:
        return f"{float(text):+.5g}" if text.startswith("+") else f"{float(text):.5g}"
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
