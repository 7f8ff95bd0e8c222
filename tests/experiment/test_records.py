"""Histories as arrays, from files and from memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gdrun.experiment.results.memory import Memory
from gdrun.experiment.results.reading import ResultsWarning, Table
from gdrun.experiment.results.records import of_table
from tests.experiment.made import R1, R2, R3, ended, prepared

COLUMNS = ("run", "epoch", "step", "lr", "loss")
BODY = f"""\
{R1},0,0,,1.5
{R2},0,0,,inf
"{R1}",,1,0.1,
{R3},0,0,nan,0.1
{R1},1,2,,0.30000000000000004
"""


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_cells_are_numbers_to_the_last_bit_and_nan_where_they_are_empty(end: str) -> None:
    found = of_table(Table(Path(), COLUMNS, BODY.replace("\n", end).encode()), [R1, R2, "rffffffffffff"])
    assert list(found) == [R1, R2]
    expected = {
        "epoch": [0, np.nan, 1],
        "step": [0, 1, 2],
        "lr": [np.nan, 0.1, np.nan],
        "loss": [1.5, np.nan, 0.1 + 0.2],
    }
    assert list(found[R1]) == list(expected)
    for name, values in expected.items():
        np.testing.assert_array_equal(found[R1][name], values)
    assert found[R2]["loss"].tolist() == [np.inf]


def test_lines_that_are_no_numbers_are_left_out_and_counted() -> None:
    body = BODY.replace("1.5", "low").replace("inf", "high")
    with pytest.warns(ResultsWarning, match="1 lines in which a cell is no number") as warned:
        found = of_table(Table(Path(), COLUMNS, body.encode()), [R1, R2])
    assert len(warned) == 2
    assert list(found) == [R1]
    assert found[R1]["step"].tolist() == [1, 2]


def test_a_folder_and_memory_have_the_same_records(tmp_path: Path) -> None:
    folder, memory = prepared(tmp_path / "e"), Memory()
    for kept in (folder, memory):
        kept.commit([ended("1"), ended("2")])
    found, same = folder.records([R2]), memory.records([R2])
    assert found.keys() == same.keys() == {R2}
    assert {name: own.tolist() for name, own in found[R2].items()} == {
        name: own.tolist() for name, own in same[R2].items()
    }
