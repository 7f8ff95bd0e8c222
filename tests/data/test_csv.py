"""CSV files: what is read, and how."""

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gdrun.data import Csv, Data, DataError, Field, prepare

HOUSES = """size,colour,rooms,price
10,red,1,100.5
20,blue,2,210
30,red,3,290.25
40,,4,402
50,blue,?,500
"""


@pytest.fixture
def houses(tmp_path: Path) -> str:
    return written(tmp_path / "houses.csv", HOUSES)


def written(path: Path, text: str, encoding: str = "utf-8") -> str:
    path.write_bytes(text.encode(encoding))
    return str(path)


def rows(data: Data) -> list[list[float]]:
    """Training features and targets, in the order of the targets."""
    table = np.column_stack([data.train.features, data.train.targets])
    return [list(row) for row in table[table[:, -1].argsort()].tolist()]


def test_numbers_and_categories(houses: str) -> None:
    table = Csv(path=houses, target="price", missing="drop").read()
    assert table.feature_names == ("size", "colour=blue", "colour=red", "rooms")
    assert table.features.tolist() == [[10, 0, 1, 1], [20, 1, 0, 2], [30, 0, 1, 3]]
    assert table.targets.tolist() == [100.5, 210, 290.25]
    assert table.classes is None
    report = {column.name: (column.role, column.read_as, column.detail) for column in table.columns}
    assert report["size"] == ("feature", "numbers", "10 to 50")
    assert report["colour"] == ("feature", "categories", "2 categories: blue, red, 1 missing")
    assert report["rooms"] == ("feature", "numbers", "1 to 4, 1 missing")
    assert report["price"] == ("target", "numbers", "100.5 to 290.25")


def test_missing_values_are_filled_from_the_training_part_alone(tmp_path: Path) -> None:
    training = written(tmp_path / "a.csv", "x,c,y\n1,u,1\n3,v,2\n,v,3\n8,,4\n")
    validation = written(tmp_path / "b.csv", "y,c,x\n9,,\n7.5,u,100\n")
    data = prepare(Csv(path=training, target="y", missing="mean", validation_path=validation, standardize=False))
    assert rows(data) == [[1, 1, 0, 1], [3, 0, 1, 2], [4, 0, 1, 3], [8, 0, 1, 4]]
    assert data.validation is not None
    assert data.validation.features.tolist() == [[4, 0, 1], [100, 1, 0]]
    assert data.validation.targets.tolist() == [9, 7.5]


def test_the_split_comes_before_the_filling(tmp_path: Path) -> None:
    text = "x,y\n" + "".join(f"{x if x % 5 else ''},{x / 7}\n" for x in range(1, 41))
    data = prepare(Csv(path=written(tmp_path / "a.csv", text), target="y", missing="mean", standardize=False))
    x = np.round(data.train.targets * 7)
    present = x % 5 != 0
    assert 0 < present.sum() < len(x) == 32
    np.testing.assert_allclose(data.train.features[~present, 0], x[present].mean())


def test_drop_and_targets_by_number(houses: str) -> None:
    table = Csv(path=houses, target=-1, drop=(1, "rooms"), header=True).read()
    assert table.feature_names == ("size",)
    assert [column.role for column in table.columns] == ["feature", "dropped", "dropped", "target"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_guessed(tmp_path: Path, delimiter: str) -> None:
    text = f"a{delimiter}b\n1{delimiter}2.5\n3{delimiter}4.5\n"
    table = Csv(path=written(tmp_path / "a.csv", text), target="b").read()
    assert (table.features.tolist(), table.targets.tolist()) == ([[1], [3]], [2.5, 4.5])
    assert any("guessed; set `delimiter`" in note for note in table.notes)


def test_decimal_comma(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "a;b\n1,5;2,5\n-3,25;4\n")
    table = Csv(path=path, target="b", decimal=",").read()
    assert (table.features.tolist(), table.targets.tolist()) == ([[1.5], [-3.25]], [2.5, 4])


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("1,2,3.5\n4,5,6.5\n", ("column 0", "column 1")),
        ("p,p,x\nq,p,y\n", ("column 0", "column 1")),
        ("a,b,c\n4,5,6\n1,5,7\n", ("a", "b")),
        (",b,c\n0,5,6\n1,5,7\n", ("column 0", "b")),
    ],
)
def test_the_header_is_guessed(tmp_path: Path, text: str, names: tuple[str, ...]) -> None:
    table = Csv(path=written(tmp_path / "a.csv", text), target=-1).read()
    assert tuple(field.name for field in table.encoding.fields) == names
    said = "data" if names[1] == "column 1" else "column names"
    assert any(f"first line read as {said} (guessed; set `header`)" in note for note in table.notes)


def test_years_as_names_need_the_setting(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "2001,2002\n1,2.5\n3,4.5\n")
    assert Csv(path=path, target=-1).read().features.tolist() == [[2001], [1], [3]]
    assert Csv(path=path, target="2002").read().feature_names == ("2001",)


def test_bom_gzip_quotes_spaces_blank_lines_and_crlf(tmp_path: Path) -> None:
    text = '\ufeffa,b\r\n"1", 2 \r\n\r\n3,"x, y"\r\n'
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(text.encode()))
    table = Csv(path=str(tmp_path / "a.csv.gz"), target="a").read()
    assert table.encoding.fields == (Field("b", 1, ("2", "x, y")),)
    assert table.features.tolist() == [[1, 0], [0, 1]]


def test_encodings_and_na_values(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "größe,y\n1,2.5\n-999,3\n5,9\n", "utf-16")
    table = Csv(path=path, target="y", encoding="utf-16", na_values=("-999",), missing="drop").read()
    assert (table.feature_names, table.features.tolist()) == (("größe",), [[1], [5]])


TASKS = [
    (["0", "1", "1", "0"], None, ("0", "1")),
    (["-1", "1", "1.0", "-1"], None, ("-1", "1")),
    (["10", "9"] * 2, None, ("9", "10")),
    (["1", "2", "3"] * 5, None, ("1", "2", "3")),
    (["1", "2", "3"] * 4, None, None),
    (["1", "2", "3"] * 4, "classification", ("1", "2", "3")),
    ([str(number) for number in range(20)] * 5, None, tuple(str(number) for number in range(20))),
    ([str(number) for number in range(21)] * 9, None, None),
    (["0", "1", "0.5"] * 9, None, None),
    (["0", "1"] * 2, "regression", None),
    (["yes", "no", "no"], None, ("no", "yes")),
    (["True", "False"], None, ("False", "True")),
    (["2", "1", "a"] * 3, "classification", ("1", "2", "a")),
]


@pytest.mark.parametrize(("labels", "task", "classes"), TASKS)
def test_the_task(tmp_path: Path, labels: list[str], task: str | None, classes: tuple[str, ...] | None) -> None:
    path = written(tmp_path / "a.csv", "x,y\n" + "".join(f"{number},{label}\n" for number, label in enumerate(labels)))
    table = Csv(path=path, target="y", task=task).read()
    assert table.classes == classes
    if classes and "1.0" not in labels:
        assert [classes[int(index)] for index in table.targets] == labels
    if classes is None:
        assert table.targets.tolist() == [float(label) for label in labels]


def test_own_files_share_classes_and_categories(tmp_path: Path) -> None:
    training = written(tmp_path / "a.csv", "c,y\nu,no\nv,yes\nw,no\n")
    test = written(tmp_path / "t.csv", "c,y\nw,yes\n")
    table = Csv(path=training, target="y", validation_path=test, test_path=test).read()
    assert table.test is not None
    assert (table.test.features.tolist(), table.test.targets.tolist()) == ([[0, 0, 1]], [1])
    data = prepare(Csv(path=training, target="y", validation_path=test))
    assert data.validation is not None
    assert (data.m, data.validation.m, data.test) == (3, 1, None)


def test_own_files_without_names(tmp_path: Path) -> None:
    training, test = written(tmp_path / "a.csv", "1.5,2,3\n3,4,9.5\n"), written(tmp_path / "t.csv", "5.5,6,8\n")
    table = Csv(path=training, target=0, test_path=test).read()
    assert table.test is not None
    assert (table.test.features.tolist(), table.test.targets.tolist()) == ([[6, 8]], [5.5])


YEARS = "town,2019,2020\nUlm,1,2.5\nBonn,2,3.5\nUlm,3,7\n"


@pytest.mark.parametrize("settings", [{}, {"header": True}, {"drop": (2019,)}])
@pytest.mark.parametrize("target", [2020, "2020"])
def test_a_column_may_be_called_by_a_number(tmp_path: Path, target: int | str, settings: dict[str, Any]) -> None:
    path = written(tmp_path / "years.csv", YEARS)
    data = prepare(Csv(path=path, target=target, validation=0, standardize=False, **settings))
    assert data.preprocessing.target_name == "2020"
    assert sorted(data.train.targets.tolist()) == [2.5, 3.5, 7]
    assert data.feature_names == ("town=Bonn", "town=Ulm", *(() if settings.get("drop") else ("2019",)))
    assert data.preprocessing.features_from_file(path).shape == (3, len(data.feature_names))


def test_a_name_comes_before_a_position_and_a_position_is_no_name(tmp_path: Path) -> None:
    path = written(tmp_path / "swapped.csv", "a,2,1\n0.5,1.5,2.5\n1.5,3.5,4\n")
    assert Csv(path=path, target=1, header=True).read().targets.tolist() == [2.5, 4]
    assert Csv(path=path, target=-1, header=True).read().target_name == "1"
    assert Csv(path=path, target=0, header=True).read().target_name == "a"
    path = written(tmp_path / "numbers.csv", "7,2,1\n0.5,1.5,2.5\n1.5,3.5,4\n")
    assert Csv(path=path, target=1).read().targets.tolist() == [2, 1.5, 3.5]  # a guessed header has no numbers
    with pytest.raises(DataError, match="no column 5, only 0 to 2"):
        Csv(path=path, target=5).read()
