"""CSV files."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar, Literal

from gdrun.data.dataset import Dataset
from gdrun.data.memory import UNLIMITED
from gdrun.data.table import Table, TextFormat
from gdrun.descent.parts import setting


class Csv(Dataset, kind="csv"):
    """A CSV file (also .gz): columns of numbers as they are, columns of text one-hot encoded.

    Paths are relative to the current directory. A numeric target is taken for classes if it is all whole numbers,
    and there are two of them, or up to 20 with 5 or more examples each on average; `task` decides otherwise.
    """

    file_settings: ClassVar[tuple[str, ...]] = ("path", "validation_path", "test_path")

    path: str = setting(help="the file, relative to the current directory")
    target: str | int = setting(help="the column to predict: its name or number, from 0; -1 is the last")
    header: bool | None = setting(None, help="whether the first line has the columns' names; guessed if left out")
    drop: tuple[str | int, ...] = setting((), help="columns to leave out, by name or number")
    encoding: str = setting("utf-8", help="the file's text encoding")
    delimiter: str | None = setting(None, help="what separates columns; guessed among , ; | and tab if left out")
    decimal: Literal[".", ","] = setting(".", help="the decimal sign")
    na_values: tuple[str, ...] = setting((), help="more words for a missing value, beside NA, NaN, null, ? and none")
    missing: Literal["error", "drop", "mean"] = setting(
        "error", help="missing values: an error, leave the row out, or fill with the training part's mean or commonest"
    )
    max_categories: int = setting(20, help="most different texts in a column", at_least=2)
    task: Literal["classification", "regression"] | None = setting(None, help="decided by the target if left out")
    validation_path: str | None = setting(None, help="a file with the validation set, instead of a split")
    test_path: str | None = setting(None, help="a file with the test set, instead of a split")

    def read(self, memory: float = UNLIMITED) -> Table:
        """Every column but the target and those dropped as features. Raises DataError."""
        from gdrun.data.reading import Reading, table_of
        from gdrun.data.text import read_cells

        names = any(isinstance(name, str) for name in (self.target, *self.drop))
        header = True if self.header is None and names else self.header
        text = TextFormat(header, self.delimiter, self.decimal, self.encoding, self.na_values)
        parts = [
            getattr(self, name) and read_cells(getattr(self, name), text, name, memory)
            for name in self.file_settings[1:]
        ]
        how = Reading(self.target, self.drop, self.task, self.missing, self.max_categories, text, csv_only=True)
        cells = read_cells(self.path, text, "path", memory)
        if self.header is None and not cells.named and any(map(cells.calls, (self.target, *self.drop))):
            named = replace(text, header=True)
            cells, how = read_cells(self.path, named, "path", memory), replace(how, text=named)
        return table_of(cells, how, memory, *parts)
