"""Every kind of bad input: one line that says what is wrong, and the setting to look at."""

import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gdrun.data import Arrays, Csv, DataError, Dataset, Iris, Npz, Svmlight, prepare

MEMORY = 10**9

CSV: list[tuple[str | bytes, dict[str, Any], str | None, str]] = [
    ("", {}, "path", "a.csv: is empty"),
    ('""\n" "\n', {}, "path", "a.csv: has nothing but empty cells"),
    ("x,y\n", {}, "path", "a.csv: has column names but no rows"),
    ("x,y\n1,2\n3\n", {}, "path", "a.csv: line 3: 1 column where line 1 has 2"),
    ("x,y\n\n1,2\n3,4,5\n", {}, "path", "a.csv: line 4: 3 columns where line 1 has 2"),
    ('x,y\n1,"2\n3,4\n', {}, "path", "a.csv: line 3: unexpected end of data; is a quotation mark left open?"),
    ("x,y\n1,2\n\x003,4\n", {}, "encoding", "a.csv: line 3 has a NUL byte; not text, or `encoding` is utf-16"),
    (
        "x,y\n1,2\né,4\n".encode("latin-1"),
        {},
        "encoding",
        "a.csv: line 3 is not utf-8 text; set `encoding`, perhaps to",
    ),
    ("x,y\n1,2\n", {"encoding": "utf-9"}, "encoding", "'utf-9' is not an encoding that Python knows"),
    ("x,y\n1,2\n", {"delimiter": ",,"}, "delimiter", "delimiter ',,' must be one character"),
    (gzip.compress(b"x,y\n1,2\n", mtime=0)[:-9], {}, "path", "a.csv: is a damaged gzip file"),
    ("x,x,y\n1,2,3\n", {}, "header", "a.csv: two columns are named 'x'"),
    ("x,price\n1,2\n", {"target": "pric"}, "target", "a.csv: target: no column is named 'pric'; did you mean 'price'?"),
    ("x,y\n1,2\n", {"target": 2}, "target", "a.csv: target: no column 2, only 0 to 1"),
    ("x,y\n1,2\n", {"target": -3}, "target", "a.csv: target: no column -3, only 0 to 1"),
    ("1,2\n", {"header": False}, "target", "a.csv: target: no column is named 'y'; the file has no header line"),
    ("size,y\n1,2\n", {"drop": ("siz",)}, "drop", "a.csv: drop: no column is named 'siz'; did you mean 'size'?"),
    ("x,y\n1,2\n", {"drop": ("y",)}, "drop", "a.csv: the target 'y' is also in `drop`"),
    ("x,y\n1,2\n", {"drop": ("x",)}, "target", "a.csv: no column is left for a feature (2 columns in all)"),
    ("y\n1\n2\n", {}, "target", "a.csv: no column is left for a feature (1 column in all); is `delimiter` right?"),
    ("x,y\n1,2\n,3\nNA,4\n", {}, "missing", "a.csv: column 'x': 2 missing values, first in line 3"),
    ("x,y\n1,2\n,3\n", {"missing": "drop", "na_values": ("1",)}, "missing", "a.csv: column 'x' has no values"),
    ("x,z,y\n1,,2\n,2,3\n", {"missing": "drop"}, "missing", "a.csv: no row is without a missing value"),
    (
        "x,y\n1,2\n5,\n",
        {"missing": "mean"},
        "missing",
        "a.csv: target 'y': 1 missing, first in line 3; only `missing: drop`",
    ),
    ("x,y\n1,\n5,?\n", {"missing": "drop"}, "target", "a.csv: target 'y': has no values"),
    ("x,y\n1,2.5\n5,2.5\n", {}, "target", "a.csv: target 'y': is 2.5 in every example: there is nothing to learn"),
    ("x,y\n1,a\n5,a\n", {}, "target", "a.csv: target 'y': every example is of class 'a'"),
    ("x,y\n1,a\n5,b\n6,c\n", {}, "target", "a.csv: target 'y': 3 classes in 3 examples: each example has a class of"),
    (
        "x,y\n1,1.5\n2,2\n3,7 kg\n4,8\n",
        {},
        "target",
        "a.csv: target 'y': line 4 has '7 kg', not a number; set `task: cl",
    ),
    ("x,y\n1,a\n2,b\n", {"task": "regression"}, "target", "a.csv: target 'y': line 2 has 'a', not a number"),
    ("x;y\n1;2,5\n2;3,5\n", {}, "decimal", "a.csv: column 'y': line 2 has '2,5'; set `decimal` to ','"),
    ("x;y\n1,5;2\n2;3\n", {}, "decimal", "a.csv: column 'x': line 2 has '1,5'; set `decimal` to ','"),
    ("x,y\n1,2\ninf,3\n", {}, None, "a.csv: column 'x': inf in line 3 is infinite"),
    ("x,y\n1,2\n-1e200,3\n", {}, None, "a.csv: column 'x': -1e+200 in line 3 is too large (over 1e150)"),
    ("x,y\n1,2\n2,\n3,-inf\n", {"missing": "drop"}, "target", "a.csv: target 'y': -inf in line 4 is infinite"),
    (
        "x,y\na,2\nb,3\nc,4\n",
        {"max_categories": 2},
        "max_categories",
        "a.csv: column 'x': 3 different texts, more than",
    ),
    (
        "x,y\n1,2\n2,3\n3,4\nb,4\n",
        {"max_categories": 2},
        "max_categories",
        "(2); line 5 has 'b' among numbers; raise it",
    ),
    (
        "x,y\n1,2.5\n2,3\n",
        {"standardize_target": True, "task": "classification"},
        "standardize_target",
        "target 'y' is",
    ),
    ("x,y\n1_000,2\n2,3\n3,4\n", {"max_categories": 2}, "max_categories", "line 2 has '1_000' among numbers"),
]


@pytest.mark.parametrize(("content", "settings", "setting", "message"), CSV)
def test_bad_csv(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    content: str | bytes,
    settings: dict[str, Any],
    setting: str | None,
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.csv").write_bytes(content.encode() if isinstance(content, str) else content)
    check(Csv(**{"path": "a.csv", "target": "y", **settings}), setting, message)


def check(dataset: Dataset, setting: str | None, message: str) -> None:
    with pytest.raises(DataError) as error:
        prepare(dataset, MEMORY)
    assert message in str(error.value)
    assert "\n" not in str(error.value)
    assert error.value.setting == setting


OWN = [
    (
        "c,y\nblu,1.5\n",
        "b.csv: column 'c': line 2 has 'blu', which the training data did not have; did you mean 'blue'?",
    ),
    ("y\n1.5\n", "b.csv: column 'c' is missing"),
    ("c,z\nred,1\n", "b.csv: target: no column is named 'y'"),
    ("c,y\nred,a\n", "b.csv: target 'y': line 2 has 'a', not a number"),
    ("c,y\n,1\n", "b.csv: column 'c' has no values"),
]


@pytest.mark.parametrize(("text", "message"), OWN)
def test_own_validation_files_that_do_not_fit(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "a.csv").write_text("c,y\nred,1.5\nblue,2\n")
    (tmp_path / "b.csv").write_text(text)
    with pytest.raises(DataError) as error:
        Csv(path=str(tmp_path / "a.csv"), target="y", validation_path=str(tmp_path / "b.csv")).read()
    assert message in str(error.value)


def test_an_unknown_class_in_a_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x,y\n1,no\n2,yes\n")
    (tmp_path / "b.csv").write_text("x,y\n1,maybe\n")
    with pytest.raises(DataError, match=r"b.csv: target 'y': class 'maybe' is not in the training data"):
        Csv(path=str(tmp_path / "a.csv"), target="y", test_path=str(tmp_path / "b.csv")).read()


def test_missing_files_and_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "prices.csv").write_text("x,y\n1,2\n3,4.5\n")
    kinds: list[Any] = [Csv, Npz, Svmlight]
    for kind in kinds:
        target = {"target": "y"} if kind is Csv else {}
        check(kind(path="price.csv", **target), "path", f"no such file in {tmp_path}; did you mean 'prices.csv'?")
        check(kind(path="no/price.csv", **target), "path", "no/price.csv: no such file")
        check(kind(path=".", **target), "path", ".: is a folder, not a file")
        check(kind(path="a\0b", **target), "path", "cannot be read")
    check(Csv(path="prices.csv", target="y", test_path="t.csv"), "test_path", "t.csv: no such file")


def saved(**arrays: Any) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


X, Y = np.arange(12.0).reshape(6, 2), np.array([0, 1, 0, 1, 0, 1])
NPZ: list[tuple[Callable[[], bytes], dict[str, Any], str | None, str]] = [
    (lambda: b"PK nonsense", {}, "path", "a.npz: is not an .npz file, or a damaged one"),
    (lambda: saved(X=X, y=Y)[:100], {}, "path", "a.npz: is not an .npz file, or a damaged one"),
    (lambda: saved(X=np.array([[None, 1]]), y=Y), {}, "path", "a.npz: array 'X': holds Python objects, which would"),
    (lambda: saved(first=X, y=Y), {}, "x", "a.npz: which array is x? It has first, y: set `x`"),
    (lambda: saved(x=X, second=Y), {}, "y", "a.npz: which array is y? It has x, second: set `y`"),
    (lambda: saved(inputs=X, y=Y), {"x": "input"}, "x", "a.npz: no array is named 'input'; did you mean 'inputs'?"),
    (lambda: saved(x=X, y=Y, x_test=X), {}, "y_test", "a.npz: 'x_test' needs both x_test and y_test"),
    (lambda: saved(x=X, y=Y[:5]), {}, None, "a.npz: target 'y': 5 targets for 6 examples"),
    (lambda: saved(x=X, y=np.eye(6)), {}, None, "a.npz: target 'y': has shape (6, 6); targets need one number"),
    (lambda: saved(x=X[:, 0], y=Y), {}, None, "a.npz: array 'x': has shape (6,); features need two axes"),
    (lambda: saved(x=X[:0], y=Y[:0]), {}, None, "a.npz: array 'x': is empty, shape (0, 2)"),
    (lambda: saved(x=X + 1j, y=Y), {}, None, "a.npz: array 'x': holds complex numbers, not numbers"),
    (lambda: saved(x=X, y=Y + 1j), {}, None, "a.npz: target 'y': holds complex numbers, neither numbers nor labels"),
    (lambda: saved(x=X / X[1, 1], y=Y / [1, 1, 1, 1, 1, np.nan]), {}, None, "a.npz: target 'y': 1 missing (NaN)"),
    (
        lambda: saved(x=np.where(X == 3, np.nan, X), y=Y),
        {},
        "missing",
        "a.npz: column 'x1': 1 missing value, first in ex",
    ),
    (lambda: saved(x=np.where(X == 3, np.inf, X), y=Y), {}, None, "a.npz: column 'x1': inf in example 1 is infinite"),
    (lambda: saved(x=X, y=Y, x_test=X[:, :1], y_test=Y), {}, None, "a.npz: 1 features in a part of its own, 2 in tr"),
    (lambda: saved(x=X, y=Y, x_test=X, y_test=Y), {"test": 0.2}, "test", "test 0.2: the dataset has a test set of its"),
    (lambda: saved(x=X, y=Y, x_test=X, y_test=Y + 1), {}, None, "a.npz: target 'y': class '2' is not in the training"),
    (lambda: saved(x=X, y=Y * 0), {}, "target", "a.npz: target 'y': every example is of class '0'"),
    (
        lambda: saved(x=X, y=np.array(list("ababab"))),
        {"task": "regression"},
        "task",
        "a.npz: target 'y': 'a' is not a n",
    ),
]


@pytest.mark.parametrize(("content", "settings", "setting", "message"), NPZ)
def test_bad_npz(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    content: Callable[[], bytes],
    settings: dict[str, Any],
    setting: str | None,
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.npz").write_bytes(content())
    check(Npz(**{"path": "a.npz", **settings}), setting, message)


SVM = [
    ("1 a:2\n", {}, "path", "a.svm: is not a LIBSVM file: "),
    ("x 1:2\n", {}, "path", "a.svm: is not a LIBSVM file: "),
    ("1 2:1 1:2\n", {}, "path", "a.svm: is not a LIBSVM file: "),
    ("1 0:2\n0 1:2\n", {}, "zero_based", "a.svm: has a feature of index 0; set `zero_based: true`"),
    ("1 3:2\n0 1:2\n", {"features": 2}, "features", "a.svm: has a feature of index 3, beyond the 2 features"),
    ("1\n0\n", {}, "path", "a.svm: has no features"),
    ("1 999999999:1\n0 1:1\n", {}, "path", "a.svm: made dense: 2 × 999999999 numbers take 1.05e+03 GB of memory, and"),
    ("1 1:nan\n0 1:1\n", {}, "missing", "a.svm: column 'x0': 1 missing value, first in example 0"),
]


@pytest.mark.parametrize(("text", "settings", "setting", "message"), SVM)
def test_bad_svmlight(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, settings: dict[str, Any], setting: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.svm").write_text(text)
    check(Svmlight(path="a.svm", **settings), setting, message)


ARRAYS: list[tuple[Any, str | None, str]] = [
    (None, "kind", "arrays: is for Python only"),
    (X, None, "data: must be (X, y) or a DataFrame"),
    ((X, Y[:3]), None, "data: target 'y': 3 targets for 6 examples"),
    ((X.astype(str), Y), None, "data: X: holds text, not numbers"),
    (([[1, 2], [3]], Y), None, "data: X: is not a rectangular array"),
]


@pytest.mark.parametrize(("data", "setting", "message"), ARRAYS)
def test_bad_arrays(data: Any, setting: str | None, message: str) -> None:
    check(Arrays(data=data), setting, message)


def test_classes_are_not_standardised() -> None:
    check(
        Iris(standardize_target=True), "standardize_target", "target 'class' is classes: there is nothing to standard"
    )


def test_what_files_bring_into_a_message_is_escaped_and_shortened() -> None:
    assert str(DataError("\x1b[31m\n.csv: no such file")) == "\\x1b[31m\\n.csv: no such file"
    long = str(DataError("a.csv: " + "x" * 10**6 + "; set `task`"))
    assert len(long) < 500
    assert long.startswith("a.csv: x")
    assert long.endswith("; set `task`")


def test_an_array_of_nothing_is_as_large_as_it_says(tmp_path: Path) -> None:
    content = io.BytesIO()
    np.lib.format.write_array_header_1_0(content, {"descr": "|S0", "fortran_order": False, "shape": (10**12,)})
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as file:
        with file.open("X.npy", "w") as features:
            np.lib.format.write_array(features, X)
        file.writestr("y.npy", content.getvalue())
    check(Npz(path=str(tmp_path / "a.npz")), "path", "array 'y': 1000000000000 × 1 numbers take")
