"""`gdrun init`: the gallery, and a config for a file of data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gdrun.experiment.results.folder import Folder
from tests.cli.driver import CONFIGS, GALLERY, RESULTS, gdrun
from tests.cli.tables import frame


def test_init_writes_the_gallery() -> None:
    names = [path.stem for path in GALLERY]
    lines = gdrun("init", "--list").ok().splitlines()
    assert [line.split()[0] for line in lines] == names
    assert all(len(line.split()) > 5 for line in lines)
    assert gdrun("init").ok() == "quickstart.yaml written          next: gdrun train quickstart.yaml\n"
    for name in names[:3]:
        gdrun("init", name).ok()
        assert Path(f"{name}.yaml").read_bytes() == (CONFIGS / f"{name}.yaml").read_bytes()
    assert gdrun("init", "xor", "-o", "-").ok() == (CONFIGS / "xor.yaml").read_text()
    assert not Path("xor.yaml").exists()
    gdrun("init", "xor", "-o", "quickstart.yaml", "--force").ok()
    assert Path("quickstart.yaml").read_bytes() == (CONFIGS / "xor.yaml").read_bytes()
    gdrun("init", "xor", "--output", "sub/mine.yaml").ok()
    assert Path("sub/mine.yaml").exists()


INIT = [
    ("price", "linear", "d.csv", "final_validation_r2", 0.9),
    ("kind", "softmax", "d.csv.gz", "final_validation_accuracy", 0.8),
    ("3", "linear", "d.csv", "final_validation_r2", 0.9),
]


@pytest.mark.parametrize(("target", "model", "file", "column", "least"), INIT)
def test_init_for_a_csv_file_checks_and_trains(target: str, model: str, file: str, column: str, least: float) -> None:
    frame().to_csv(file, index=False)
    gdrun("init", file, "--target", target).ok()
    text = Path("d.yaml").read_text()
    assert text.startswith(f"# {file}: 60 examples, ")
    assert "\n#   town: feature, categories (3 categories: Bonn, Jena, Ulm)\n" in text
    assert f"\nmodel: {model} " in text
    gdrun("check", "d.yaml").ok()
    gdrun("train", "d.yaml").ok()
    row = next(iter(Folder(RESULTS / "d").rows().values()))
    assert float(row[column]) > least


def test_init_for_two_classes_and_odd_column_names() -> None:
    table = frame()
    table["kind"] = np.where(table["size"] > 100, "yes", "no")
    table = table.rename(columns={"size": "the\nsize: #1", "rooms": "1e3"})
    table.to_csv("d.csv", index=False)
    gdrun("init", "d.csv", "--target", "kind").ok()
    assert "model: logistic" in Path("d.yaml").read_text()
    gdrun("train", "d.yaml").ok()
    said = gdrun("init", "d.csv", "--target", "1e3", "-o", "e.yaml")
    assert "target: '1e3'" in Path("e.yaml").read_text(), said


def test_init_names_the_columns_of_a_gzipped_file_too() -> None:
    frame().to_csv("d.csv.gz", index=False)
    said = gdrun("init", "d.csv.gz")
    assert (said.code, said.out) == (2, "")
    assert said.err == (
        "--target: which column is to be predicted? the first line has size, rooms, town, price, kind\n"
    )


def test_init_writes_down_what_a_difficult_file_needs() -> None:
    rows = "".join(f"{i},5;{i * 3};text{i}\n" for i in range(30))
    Path("semi.csv").write_text("größe;price;note\n" + rows.replace("7,5;21", ";21"), encoding="latin-1")
    gdrun("init", "semi.csv", "--target", "price").ok()
    text = Path("semi.yaml").read_text()
    for setting in ("encoding: cp1252", "decimal: ','", "drop: [note]", "missing: mean"):
        assert setting in text
    assert "\n# decimal: column" in text
    gdrun("train", "semi.yaml", "--quiet").ok()
