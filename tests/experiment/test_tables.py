"""Tables: cells and floats that read back bit for bit, columns that are united, rows that are replaced."""

from __future__ import annotations

import csv
import io
import math
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdrun.experiment.results.part import frame
from gdrun.experiment.results.reading import read_history
from gdrun.experiment.results.tables import cell, csv_text, drop, ordered_union, put, value
from tests.experiment.made import rows_of

ODD = [0.0, -0.0, math.nan, math.inf, -math.inf, 5e-324, -2.2e-310, 0.1, 1 / 3, 1.7976931348623157e308, 1e22, 123456.0]


def add(path: Path, rows: list[dict[str, Any]], *replaced: str) -> None:
    put(read_history(path), rows, replaced)


def bits(number: float) -> bytes:
    return b"nan" if math.isnan(number) else struct.pack("d", number)


@given(st.lists(st.floats(), min_size=1, max_size=20))
def test_floats_read_back_bit_for_bit(tmp_path_factory: pytest.TempPathFactory, numbers: list[float]) -> None:
    path = tmp_path_factory.mktemp("t") / "t.csv"
    add(path, [{"run": "r1", "x": number} for number in [*ODD, *numbers]])
    expected = [bits(number) for number in [*ODD, *numbers]]
    assert [bits(value(row["x"])) for row in rows_of(path)] == expected
    assert [bits(number) for number in frame(read_history(path))["x"]] == expected


CELLS: list[tuple[Any, str, Any]] = [
    (None, "", None),
    (True, "true", True),
    (False, "false", False),
    (3, "3", 3),
    (np.float64(0.1), "0.1", 0.1),
    (0.5, "0.5", 0.5),
    ("adam", "adam", "adam"),
    ("two\nlines\r\nof text", "two lines of text", "two lines of text"),
    ("[32, 16]", "[32, 16]", "[32, 16]"),
]


@pytest.mark.parametrize(("given_value", "text", "back"), CELLS)
def test_cells(given_value: Any, text: str, back: Any) -> None:
    assert cell(given_value) == text
    assert value(text) == back
    assert type(value(text)) is type(back)


WRITTEN = st.one_of(st.floats(), st.integers(), st.booleans(), st.none(), st.text())


@given(st.lists(WRITTEN, min_size=1) | st.tuples(st.just("r123"), st.floats(), st.none() | st.integers()))
def test_a_row_is_the_text_of_its_cells(values: Sequence[Any]) -> None:
    row = {str(place): value for place, value in enumerate(values)}
    expected = io.StringIO()
    csv.writer(expected, lineterminator="\n").writerow([cell(value) for value in values])
    assert csv_text([row], list(row)) == expected.getvalue().encode()


UNIONS = [
    (["run", "a", "b"], ["run", "a", "b"], ["run", "a", "b"]),
    (["run", "a", "c"], ["run", "a", "b", "c"], ["run", "a", "b", "c"]),
    (["run", "a"], ["run", "b"], ["run", "b", "a"]),
    ([], ["run", "x"], ["run", "x"]),
    (["run", "a", "b"], ["run", "b"], ["run", "a", "b"]),
    (["run", "z"], ["run", "x", "y", "z"], ["run", "x", "y", "z"]),
]


@pytest.mark.parametrize(("old", "new", "both"), UNIONS)
def test_columns_are_united(old: list[str], new: list[str], both: list[str]) -> None:
    assert ordered_union(old, new) == both


def test_new_columns_are_empty_in_older_rows(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    add(path, [{"run": "r1", "a": 1, "b": "x, y"}])
    add(path, [{"run": "r2", "a": 2, "new": 0.5}])
    assert path.read_text() == 'run,a,new,b\nr1,1,,"x, y"\nr2,2,0.5,\n'


def test_older_bytes_stay_where_columns_do(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    odd = b'run,a,b\nr1,1.000,"quoted"\nr2, spaced ,\n'
    path.write_bytes(odd)
    add(path, [{"run": "r3", "a": 0.1, "b": None}], "r3")
    assert path.read_bytes() == odd + b"r3,0.1,\n"
    add(path, [{"run": "r1", "a": 2, "b": None}], "r1")
    assert path.read_bytes() == b"run,a,b\nr2, spaced ,\nr3,0.1,\nr1,2,\n"


def test_rows_of_replaced_runs_go_whether_columns_change_or_not(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    add(path, [{"run": run, "a": i} for run in ("r1", "r11", "r2") for i in range(2)])
    add(path, [{"run": "r1", "a": 9}], "r1")
    assert [(row["run"], row["a"]) for row in rows_of(path)] == [
        ("r11", "0"), ("r11", "1"), ("r2", "0"), ("r2", "1"), ("r1", "9")
    ]  # fmt: skip
    add(path, [{"run": "r2", "b": 5}], "r2")
    assert [(row["run"], row["a"], row["b"]) for row in rows_of(path)] == [
        ("r11", "0", ""), ("r11", "1", ""), ("r1", "9", ""), ("r2", "", "5")
    ]  # fmt: skip
    drop(read_history(path), ["r11", "r2"])
    assert [row["run"] for row in rows_of(path)] == ["r1"]


def test_a_table_without_rows_or_columns_is_not_written(tmp_path: Path) -> None:
    add(tmp_path / "t.csv", [], "r1")
    drop(read_history(tmp_path / "t.csv"), ["r1"])
    assert not (tmp_path / "t.csv").exists()
    assert read_history(tmp_path / "t.csv").columns == ()
