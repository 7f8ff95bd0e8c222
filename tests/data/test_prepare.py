"""Standardising, preprocessing of new rows, and what identifies a dataset."""

import gzip
import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import TypeAdapter

from gdrun.data import (
    Arrays,
    Csv,
    Data,
    DataError,
    Dataset,
    Diabetes,
    Digits,
    Iris,
    Linear,
    Npz,
    Preprocessing,
    Svmlight,
    content_hash,
    large_target,
    prepare,
)
from gdrun.descent.parts import setting_types, settings_of

X = np.array([[1.0, 5.0, 0.1], [2.0, 5.0, 0.1], [3.0, 5.0, 0.1], [6.0, 5.0, 0.1], [100.0, 7.0, 0.1]])
Y = np.array([1.5, 2.5, 3.5, 8.5, 1000.5])


def test_statistics_are_those_of_the_training_part_by_hand() -> None:
    data = prepare(Arrays(data=(X, Y), standardize_target=True))
    assert data.validation is not None
    held_out = int(np.abs(data.validation.targets[0] * spread(data) + centre(data) - Y).argmin())
    kept = np.delete(X, held_out, axis=0)
    column = kept[:, 0]
    mean = sum(column) / 4
    deviation = (sum((value - mean) ** 2 for value in column) / 4) ** 0.5
    assert data.preprocessing.mean[0] == pytest.approx(mean, rel=1e-15)
    assert data.preprocessing.scale[0] == pytest.approx(deviation, rel=1e-15)
    assert data.validation.features[0, 0] == pytest.approx((X[held_out, 0] - mean) / deviation, rel=1e-14)
    assert data.train.features[:, 0].mean() == pytest.approx(0, abs=1e-15)
    assert data.train.targets.std() == pytest.approx(1, rel=1e-14)
    assert spread(data) == pytest.approx(np.delete(Y, held_out).std(), rel=1e-14)


def spread(data: Data) -> float:
    return data.preprocessing.target_scale


def centre(data: Data) -> float:
    return data.preprocessing.target_mean


def test_a_constant_column_becomes_zero() -> None:
    constant = np.full((7, 1), 0.1)
    assert constant.std() > 0  # 1e-17: dividing by it would make a feature out of rounding
    data = prepare(Arrays(data=(constant, np.arange(7) / 2), validation=0.0))
    assert (data.train.features == 0).all()
    assert data.preprocessing.scale[0] == 1
    assert data.preprocessing.mean[0] == 0.1


def test_not_standardised_is_as_it_was() -> None:
    data = prepare(Arrays(data=(X, Y), validation=0.0, standardize=False))
    order = data.train.targets.argsort()
    assert np.array_equal(data.train.features[order], X)
    assert np.array_equal(data.train.targets[order], Y)


def test_the_callers_arrays_stay_as_they_are() -> None:
    features, targets = X.copy(), Y.copy()
    data = prepare(Arrays(data=(features, targets), validation=0.0, missing="mean"))
    data.preprocessing.features_from(features)
    assert np.array_equal(features, X)
    assert np.array_equal(targets, Y)


def test_digits() -> None:
    data = prepare(Digits())
    assert (data.m, data.train.features.shape, data.task, data.test) == (1437, (1437, 64), "classification", None)
    assert data.validation is not None
    assert data.validation.m == 360
    assert data.classes == tuple("0123456789")
    assert np.isfinite(data.train.features).all()


def test_a_test_part_of_the_same_seed_is_outside_the_training_part() -> None:
    data = prepare(Iris(test=0.2, standardize=False))
    assert data.validation is not None
    assert data.test is not None
    parts = [data.train, data.validation, data.test]
    assert [part.m for part in parts] == [90, 30, 30]
    assert np.bincount(data.test.targets.astype(int)).tolist() == [10, 10, 10]
    together = np.concatenate([part.features for part in parts])
    assert np.array_equal(np.sort(together, axis=0), np.sort(Iris().read().features, axis=0))


def saved_and_loaded(preprocessing: Preprocessing, path: Path) -> Preprocessing:
    np.savez(path, **preprocessing.to_arrays())  # type: ignore[arg-type]
    with np.load(path, allow_pickle=False) as arrays:
        return Preprocessing.from_arrays(arrays)


def houses(path: Path, **settings: Any) -> tuple[Csv, Data]:
    path.write_text("size,colour,rooms,price\n10,red,1,100.5\n20,blue,2,210\n30,red,3,290.25\n40,green,4,402\n")
    dataset = Csv(path=str(path), target="price", validation=0.0, missing="mean", na_values=("-",), **settings)
    return dataset, prepare(dataset)


def test_preprocessing_survives_a_file_to_the_bit(tmp_path: Path) -> None:
    for number, data in enumerate([houses(tmp_path / "a.csv")[1], prepare(Diabetes(standardize_target=True))]):
        before, after = data.preprocessing, saved_and_loaded(data.preprocessing, tmp_path / f"{number}.npz")
        assert before.encoding == after.encoding
        assert (before.target_mean, before.target_scale) == (after.target_mean, after.target_scale)
        assert (before.target_name, before.classes) == (after.target_name, after.classes)
        for name in ("mean", "scale", "fill"):
            assert getattr(before, name).tobytes() == getattr(after, name).tobytes()
    names = saved_and_loaded(prepare(Iris()).preprocessing, tmp_path / "iris.npz")
    assert names.classes == ("setosa", "versicolor", "virginica")


def test_new_rows_by_name(tmp_path: Path) -> None:
    _, data = houses(tmp_path / "a.csv", standardize=False)
    again = saved_and_loaded(data.preprocessing, tmp_path / "p.npz")
    (tmp_path / "new.csv").write_text("note,rooms,colour,size\nx,7,red,1.5\ny,-,,2\n")
    expected = [[1.5, 0, 0, 1, 7], [2, 0, 0, 1, 2.5]]
    assert again.features_from_file(str(tmp_path / "new.csv")).tolist() == expected
    frame = pd.DataFrame({"colour": ["red", None], "rooms": [7, np.nan], "size": [1.5, 2.0]})
    assert again.features_from(frame).tolist() == expected


def test_the_training_file_itself_gives_the_training_features(tmp_path: Path) -> None:
    dataset, data = houses(tmp_path / "a.csv")
    order = data.train.targets.argsort()
    assert np.array_equal(data.preprocessing.features_from_file(dataset.path), data.train.features[order])


def test_new_rows_by_position(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("1,10,5,x\n2,20.5,6,y\n3,30,9,z\n")
    data = prepare(Csv(path=str(tmp_path / "a.csv"), target=1, drop=(-1,), validation=0.0, standardize=False))
    (tmp_path / "all.csv").write_text("4,0,8,q\n")
    (tmp_path / "without.csv").write_text("4,8,q\n")
    (tmp_path / "fewer.csv").write_text("4,8\n")
    for name in ("all.csv", "without.csv"):
        assert data.preprocessing.features_from_file(str(tmp_path / name)).tolist() == [[4, 8]]
    with pytest.raises(DataError, match=r"fewer.csv: 2 columns where 4 are needed"):
        data.preprocessing.features_from_file(str(tmp_path / "fewer.csv"))


def test_new_rows_for_a_plain_matrix(tmp_path: Path) -> None:
    data = prepare(Iris(validation=0.0))
    raw = Iris().read().features[:3]
    expected = (raw - data.preprocessing.mean) / data.preprocessing.scale
    body = "\n".join(",".join(map(repr, row)) for row in raw.tolist())
    (tmp_path / "bare.csv").write_text(body)
    header = "petal width (cm),sepal length (cm),sepal width (cm),petal length (cm)\n"
    (tmp_path / "named.csv").write_text(header + "\n".join(f"{d!r},{a!r},{b!r},{c!r}" for a, b, c, d in raw.tolist()))
    (tmp_path / "other.csv.gz").write_bytes(gzip.compress(("a,b,c,d\n" + body).encode()))
    np.savez(tmp_path / "rows.npz", X=raw)
    lines = (" ".join(f"{number}:{value!r}" for number, value in enumerate(row, 1)) for row in raw.tolist())
    (tmp_path / "rows.libsvm").write_text("".join(f"0 {line}\n" for line in lines))
    for name in ("bare.csv", "named.csv", "other.csv.gz", "rows.npz", "rows.libsvm"):
        assert np.array_equal(data.preprocessing.features_from_file(str(tmp_path / name)), expected), name
    assert np.array_equal(data.preprocessing.features_from(raw.tolist()), expected)


NEW_ROWS = [
    ("size,colour\n1,red\n", "new.csv: column 'rooms' is missing"),
    ("size\n1\n", "new.csv: column 'colour' is missing and 1 more"),
    ("size,color,rooms\n1,red,2\n", "new.csv: column 'colour' is missing; did you mean 'color'?"),
    ("size,colour,rooms\n1,rad,2\n", "line 2 has 'rad', which the training data did not have; did you mean 'red'?"),
    ("size,colour,rooms\nbig,red,2\n", "new.csv: column 'size': line 2 has 'big', not a number"),
    ("size,colour,rooms\n1,red,inf\n", "new.csv: column 'rooms': inf in line 2 is infinite"),
]


@pytest.mark.parametrize(("text", "message"), NEW_ROWS)
def test_new_rows_that_do_not_fit(tmp_path: Path, text: str, message: str) -> None:
    _, data = houses(tmp_path / "a.csv")
    (tmp_path / "new.csv").write_text(text)
    with pytest.raises(DataError) as error:
        data.preprocessing.features_from_file(str(tmp_path / "new.csv"))
    assert message in str(error.value)


def test_new_rows_with_missing_values_where_none_are_filled() -> None:
    preprocessing = prepare(Iris()).preprocessing
    with pytest.raises(DataError, match=r"column 'sepal width \(cm\)': 1 missing value, first in example 1"):
        preprocessing.features_from([[1, 2, 3, 4], [1, np.nan, 3, 4]])
    with pytest.raises(DataError, match=r"where numbers \(m, 4\) are needed"):
        preprocessing.features_from([[1, 2, 3]])


def test_mnist_as_keras_ships_it(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (70, 4, 4)).astype(np.uint8)
    labels = (np.arange(70) % 10).astype(np.uint8)
    path = tmp_path / "mnist.npz"
    np.savez(path, x_train=images[:50], y_train=labels[:50], x_test=images[50:], y_test=labels[50:])
    data = prepare(Npz(path=str(path), standardize=False))
    assert data.validation is not None
    assert data.test is not None
    assert (data.m, data.validation.m, data.test.m, data.classes) == (40, 10, 20, tuple("0123456789"))
    assert np.array_equal(data.test.features, images[50:].reshape(20, 16).astype(float))
    assert data.test.targets.tolist() == labels[50:].tolist()


def test_npz_with_other_names_and_text_labels(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", first=X, second=np.array(list("babab"))[:, np.newaxis], val=X[:2], val_y=["b", "a"])
    table = Npz(path=str(tmp_path / "a.npz"), x="first", y="second", x_validation="val", y_validation="val_y").read()
    assert (table.classes, table.targets.tolist()) == (("a", "b"), [1, 0, 1, 0, 1])
    assert table.validation is not None
    assert table.validation.targets.tolist() == [1, 0]


def test_svmlight(tmp_path: Path) -> None:
    (tmp_path / "a.svm.gz").write_bytes(gzip.compress(b"-1 1:0.5 4:2 # first\n+1 2:3\n-1 1:1e-3\n"))
    (tmp_path / "t.svm").write_text("1 2:7\n")
    table = Svmlight(path=str(tmp_path / "a.svm.gz"), test_path=str(tmp_path / "t.svm"), features=5).read()
    assert table.features.tolist() == [[0.5, 0, 0, 2, 0], [0, 3, 0, 0, 0], [0.001, 0, 0, 0, 0]]
    assert (table.classes, table.targets.tolist()) == (("-1", "1"), [0, 1, 0])
    assert table.test is not None
    assert (table.test.features.tolist(), table.test.targets.tolist()) == ([[0, 7, 0, 0, 0]], [1])
    (tmp_path / "z.svm").write_text("1.5 0:1\n2.5 2:7\n")
    zero = Svmlight(path=str(tmp_path / "z.svm"), zero_based=True).read()
    assert (zero.features.tolist(), zero.classes) == ([[1, 0, 0], [0, 0, 7]], None)


def test_arrays_and_frames() -> None:
    frame = pd.DataFrame({"a": np.array([0.1, 2, 3], np.float32), "c": ["u", "v", "u"], "b": [True, False, True]})
    table = Arrays(data=frame.assign(y=[1.5, 2.5, 9]), target="y").read()
    assert table.feature_names == ("a", "c=u", "c=v", "b=False", "b=True")
    assert table.features[:, 0].tolist() == [float(np.float32(0.1)), 2, 3]
    pair = Arrays(data=(frame, pd.Series(["no", "yes", "no"], name="answer"))).read()
    assert (pair.target_name, pair.classes, pair.targets.tolist()) == ("answer", ("no", "yes"), [0, 1, 0])
    assert pair.features.tolist() == table.features.tolist()
    flags = Arrays(data=([[1], [2], [3]], np.array([True, False, True]))).read()
    assert (flags.classes, flags.targets.tolist()) == (("False", "True"), [1, 0, 1])


def test_missing_values_in_arrays() -> None:
    holes = X.copy()
    holes[1, 0] = np.nan
    assert Arrays(data=(holes, Y), missing="drop").read().targets.tolist() == np.delete(Y, 1).tolist()
    data = prepare(Arrays(data=(holes, Y), missing="mean", validation=0.0, standardize=False))
    assert data.train.features[data.train.targets == 2.5, 0] == [np.mean([1, 3, 6, 100])]
    standardised = prepare(Arrays(data=(holes, Y), missing="mean", validation=0.0)).train.features[:, 0]
    assert standardised[data.train.targets == 2.5] == 0
    assert standardised.std() == pytest.approx(1, rel=1e-14)


def test_content_hash(tmp_path: Path) -> None:
    a, b = tmp_path / "a.csv", tmp_path / "b.csv"
    a.write_bytes(b"x,y\n1,2\n")
    b.write_bytes(b"x,y\n3,4\n")
    expected = {
        "path": "sha256:" + hashlib.sha256(b"x,y\n1,2\n").hexdigest(),
        "validation_path": "sha256:" + hashlib.sha256(b"x,y\n3,4\n").hexdigest(),
    }
    assert content_hash(Csv(path=str(a), target="y", validation_path=str(b))) == expected
    assert content_hash(Iris()) == content_hash(Linear()) == {}
    with pytest.raises(DataError, match="no such file"):
        content_hash(Csv(path=str(tmp_path / "c.csv"), target="y"))


def test_content_hash_of_arrays() -> None:
    frame = pd.DataFrame(X, columns=list("abc"))
    variants = [(X, Y), (X + 1, Y), (X, Y + 1), (X.astype(np.float32), Y), (X.reshape(3, 5), Y), (frame, Y)]
    hashes = [content_hash(Arrays(data=data))["data"] for data in variants]
    hashes.append(content_hash(Arrays(data=frame, target="a"))["data"])
    hashes.append(content_hash(Arrays(data=frame.rename(columns={"a": "z"}), target="z"))["data"])
    assert len(set(hashes)) == len(hashes)
    assert content_hash(Arrays(data=(X.copy(), Y.copy())))["data"] == hashes[0]
    assert content_hash(Arrays(data=(np.asfortranarray(X), Y)))["data"] == hashes[0]


def test_large_target() -> None:
    assert large_target(prepare(Diabetes()))
    assert not large_target(prepare(Diabetes(standardize_target=True)))
    assert not large_target(prepare(Linear()))
    assert not large_target(prepare(Digits()))


@pytest.mark.parametrize("kind", sorted(Dataset.kinds))
def test_settings_can_be_validated_from_a_config(kind: str) -> None:
    part = Dataset.kinds[kind]
    settings = {name: field.default for name, field in settings_of(part).items()}
    required = {"path": "a.csv", "target": "y"}
    settings.update({name: value for name, value in required.items() if name in settings})
    for name, hint in setting_types(part).items():
        assert TypeAdapter(hint).validate_python(settings[name]) == settings[name]
    assert vars(part(**settings)) == vars(part(**{name: settings[name] for name in required if name in settings}))
    assert part.summary()
    assert all(field.help for field in settings_of(part).values())
