"""Where an error about a data file points: at the setting to change where that is written, else at the file's path."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.driver import gdrun

CONFIG = """\
model: linear
dataset:
  kind: csv
  target: y
  path: d.csv
  validation_path: v.csv
optimizer: {kind: gd, lr: 0.1}
descent: batch
epochs: 3
"""
GOOD = "x,y\n1,2.5\n2,3\n3,5\n4,8\n"
CASES = [
    ("x,y\n1,2.5\n,3\n", GOOD, "", "5:9: dataset.missing: {}d.csv: column 'x': 1 missing value, first in line 3"),
    ("x,y\n1,2.5\n,3\n", GOOD, "missing: error", "7:12: dataset.missing: {}d.csv: column 'x': 1 missing value"),
    ("x,y\n1,2.5\ninf,3\n", GOOD, "", "5:9: dataset.path: {}d.csv: column 'x': inf in line 3 is infinite"),
    ("x,z\n1,2.5\n2,3\n", GOOD, "", "4:11: dataset.target: {}d.csv: target: no column is named 'y'"),
    ("x,y\n1,2.5\n2\n", GOOD, "", "5:9: dataset.path: {}d.csv: line 3: 1 column where line 1 has 2"),
    (GOOD, "x,y\n1,2.5\nred,3\n", "", "6:20: dataset.validation_path: {}v.csv: column 'x': line 3 has 'red', not"),
    (GOOD, "z,y\n1,2.5\n", "", "6:20: dataset.validation_path: {}v.csv: column 'x' is missing"),
    (GOOD, "x,y\n1,\n", "", "6:20: dataset.missing: {}v.csv: target 'y': 1 missing, first in line 2"),
]


@pytest.mark.parametrize(("train", "validation", "more", "message"), CASES)
@pytest.mark.parametrize("folder", ["", "sub/"])
def test_the_place_of_an_error_about_a_file(
    here: Path, train: str, validation: str, more: str, message: str, folder: str
) -> None:
    (here / "sub").mkdir()
    lines = f"  {more}\noptimizer:" if more else "optimizer:"
    (here / folder / "c.yaml").write_text(CONFIG.replace("optimizer:", lines))
    (here / folder / "d.csv").write_text(train)
    (here / folder / "v.csv").write_text(validation)
    for command in ("check", "train", "compare"):
        said = gdrun(command, f"{folder}c.yaml")
        assert said.code == 2
        assert said.err.startswith(f"{folder}c.yaml:{message.format(folder)}")
