"""What is written: tables that read back bit for bit, commits that runs.csv decides, arrays by name."""

from __future__ import annotations

import csv
import errno
import hashlib
import io
import json
import math
import os
import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gdrun
from gdrun.experiment.config import flatten
from gdrun.experiment.results.arrays import ReadError, read_arrays, write_arrays
from gdrun.experiment.results.experiments import experiments
from gdrun.experiment.results.folder import Folder
from gdrun.experiment.results.part import frame
from gdrun.experiment.results.reading import read_history
from gdrun.experiment.results.tables import cell, csv_text, drop, ordered_union, put, value
from gdrun.experiment.results.writing import WriteError, check_writable, write, write_text
from gdrun.experiment.runs import find_run
from tests.experiment.made import R1, R2, R3, R4, ended, prepared

ODD = [0.0, -0.0, math.nan, math.inf, -math.inf, 5e-324, -2.2e-310, 0.1, 1 / 3, 1.7976931348623157e308, 1e22, 123456.0]


def add(path: Path, rows: list[dict[str, Any]], *replaced: str) -> None:
    put(read_history(path), rows, replaced)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


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


UNIONS = [
    (["run", "a", "b"], ["run", "a", "b"], ["run", "a", "b"]),
    (["run", "a", "c"], ["run", "a", "b", "c"], ["run", "a", "b", "c"]),
    (["run", "a"], ["run", "b"], ["run", "b", "a"]),
    ([], ["run", "x"], ["run", "x"]),
    (["run", "a", "b"], ["run", "b"], ["run", "a", "b"]),
    (["run", "z"], ["run", "x", "y", "z"], ["run", "x", "y", "z"]),
]


WRITTEN = st.one_of(st.floats(), st.integers(), st.booleans(), st.none(), st.text())


@given(st.lists(WRITTEN, min_size=1) | st.tuples(st.just("r123"), st.floats(), st.none() | st.integers()))
def test_a_row_is_the_text_of_its_cells(values: Sequence[Any]) -> None:
    row = {str(place): value for place, value in enumerate(values)}
    expected = io.StringIO()
    csv.writer(expected, lineterminator="\n").writerow([cell(value) for value in values])
    assert csv_text([row], list(row)) == expected.getvalue().encode()


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


# writing


def failing(error: OSError) -> Callable[[IO[bytes]], object]:
    def fill(file: IO[bytes]) -> None:
        file.write(b"half")
        raise error

    return fill


def test_a_write_that_fails_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old")
    with pytest.raises(WriteError, match=r"a\.csv: cannot be written: No space left"):
        write(path, failing(OSError(errno.ENOSPC, "No space left on device")))
    assert (path.read_text(), list(tmp_path.iterdir())) == ("old", [path])
    with pytest.raises(KeyboardInterrupt):
        write(path, lambda file: (_ for _ in ()).throw(KeyboardInterrupt))
    assert (path.read_text(), list(tmp_path.iterdir())) == ("old", [path])
    write_text(path, "new: é")
    assert path.read_bytes() == "new: é".encode()
    (tmp_path / "usual").touch()
    assert path.stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_a_file_is_on_the_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    real_fsync, real_replace = os.fsync, Path.replace

    def fsync(descriptor: int) -> None:
        done.append("fsync")
        real_fsync(descriptor)

    def replace(self: Path, other: Path) -> Path:
        done.append("rename")
        return real_replace(self, other)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(Path, "replace", replace)
    write_text(tmp_path / "a", "x")
    assert done == ["fsync", "rename", "fsync"]  # the last one: the folder


def test_check_writable(tmp_path: Path) -> None:
    check_writable(tmp_path / "new" / "deep")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_text("")
    with pytest.raises(WriteError, match="cannot be written to: Not a directory"):
        check_writable(tmp_path / "file" / "deep")


def test_arrays_read_back_and_are_never_pickled(tmp_path: Path) -> None:
    arrays = {"final/weights_1": np.array([[0.1, -0.0], [np.nan, 5e-324]]), "model": np.arange(3, dtype=np.uint8)}
    write_arrays(tmp_path / "w" / "a.npz", arrays)
    back = read_arrays(tmp_path / "w" / "a.npz")
    assert {name: (array.dtype, array.tobytes()) for name, array in back.items()} == {
        name: (array.dtype, array.tobytes()) for name, array in arrays.items()
    }
    with pytest.raises(ValueError, match="allow_pickle"):
        write_arrays(tmp_path / "b.npz", {"x": np.array([None, {}])})
    assert not (tmp_path / "b.npz").exists()
    (tmp_path / "c.npz").write_bytes(b"PK nonsense")
    with pytest.raises(ReadError, match="not a readable"):
        read_arrays(tmp_path / "c.npz")


# commits


def test_a_commit_writes_runs_csv_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    real = Path.replace

    def replace(self: Path, other: Path) -> Path:
        written.append(str(other))
        return real(self, other)

    monkeypatch.setattr(Path, "replace", replace)
    prepared(tmp_path / "e").commit([ended("1"), ended("2")])
    names = [name.removeprefix(f"{tmp_path}/e/") for name in written]
    arrays = {f"{what}/{run}.npz" for what in ("weights", "paths") for run in (R1, R2)}
    assert (set(names[:4]), names[4:]) == (arrays, ["history.csv", "runs.csv"])


def test_runs_csv_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = prepared(tmp_path / "e")
    folder.commit([ended("1")])
    real = Path.replace

    def replace(self: Path, other: Path) -> Path:
        if other.name == "runs.csv":
            raise OSError(errno.EROFS, "Read-only file system")
        return real(self, other)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", replace)
        with pytest.raises(WriteError, match=r"runs\.csv: cannot be written: Read-only"):
            folder.commit([ended("2", points=5)])
    assert list(folder.rows()) == [R1]
    assert folder.done() == {R1}
    assert [row["run"] for row in rows_of(folder.history_file)].count(R2) == 5
    assert list(folder.history()["run"]) == [R1, R1]
    assert folder.row(R2) is None
    folder.commit([ended("2", points=3)])
    assert list(folder.history()["run"]) == [R1, R1, R2, R2, R2]
    assert len(rows_of(folder.history_file)) == 5


def test_a_failed_run_is_not_done_and_is_replaced(tmp_path: Path) -> None:
    folder = prepared(tmp_path / "e")
    folder.commit([ended("1", status="failed", points=0), ended("2")])
    assert folder.done() == {R2}
    folder.commit([ended("1", status="diverged")])
    assert folder.done() == {R1, R2}
    assert list(folder.rows()) == [R2, R1]


def test_a_failure_does_not_take_the_place_of_a_result(tmp_path: Path) -> None:
    folder = prepared(tmp_path / "e")
    folder.commit([ended("1", status="diverged")])
    folder.commit([ended("1", status="failed", points=0), ended("2", status="failed", points=0)])
    assert {run: row["status"] for run, row in folder.rows().items()} == {R1: "diverged", R2: "failed"}
    assert list(folder.history()["run"]) == [R1, R1]


def test_remove_takes_rows_and_files(tmp_path: Path) -> None:
    folder = prepared(tmp_path / "e")
    folder.commit([ended("1"), ended("2")])
    folder.remove(R1)
    assert sorted(str(path.relative_to(folder.path)) for path in folder.path.rglob("[!.]*.*")) == [
        "history.csv", f"paths/{R2}.npz", "runs.csv", f"weights/{R2}.npz"
    ]  # fmt: skip
    assert set(folder.history()["run"]) == set(folder.rows()) == {R2}


def test_experiments_are_folders_with_runs(tmp_path: Path) -> None:
    prepared(tmp_path / "b").commit([ended("1")])
    prepared(tmp_path / "a").commit([ended("1")])
    (tmp_path / "empty").mkdir()
    (tmp_path / "README.md").write_text("")
    assert [folder.name for folder in experiments(tmp_path)] == ["a", "b"]
    assert experiments(tmp_path / "none") == []
    assert Folder(tmp_path / "none").rows() == {}
    assert len(Folder(tmp_path / "none").history()) == len(Folder(tmp_path / "none").runs()) == 0


LOSSES = [("1", "finished", 0.5), ("2", "diverged", 0.1), ("3", "stopped", 0.3), ("4", "failed", None)]


def test_best_is_the_lowest_loss_of_what_neither_diverged_nor_failed(tmp_path: Path) -> None:
    folder = prepared(tmp_path / "e")
    for run, status, loss in LOSSES:
        folder.commit([ended(run, status=status, final_validation_loss=loss)])
    assert find_run("e/best", tmp_path)[1]["id"] == R3
    assert find_run("e/last", tmp_path)[1]["id"] == R4


# what a run leaves

BLOBS: dict[str, Any] = {
    "name": "e",
    "dataset": {"kind": "blobs", "examples": 60, "classes": 3, "test": 0.2},
    "model": {"kind": "mlp", "hidden": [4]},
    "optimizer": {"kind": "gd", "lr": 0.1},
    "descent": {"variant": "minibatch", "batch_size": 8},
    "epochs": 2,
}
NUMBERS = {**BLOBS, "dataset": {"kind": "linear", "examples": 40}, "model": "linear", "name": "n"}
SURFACE: dict[str, Any] = {
    "name": "s",
    "model": {"kind": "surface", "function": "quadratic", "condition": 5},
    "optimizer": {"kind": "gd", "lr": 0.1},
    "steps": 4,
}


def train(tmp_path: Path, config: dict[str, Any], **more: Any) -> tuple[Any, Folder]:
    trained = gdrun.train({**config, **more}, results=tmp_path)
    assert trained.folder is not None
    return trained, trained.folder


FIRST = ["run", "epoch", "step", "examples", "lr", "train_loss", "batch_loss", "validation_loss"]
COLUMNS = [
    (BLOBS, ["train_accuracy", "validation_accuracy"]),
    (NUMBERS, ["train_r2", "train_rmse", "validation_r2", "validation_rmse"]),
    (SURFACE, []),
]


@pytest.mark.parametrize(("config", "metrics"), COLUMNS)
def test_columns_of_the_history(tmp_path: Path, config: dict[str, Any], metrics: list[str]) -> None:
    _, folder = train(tmp_path, config)
    last = [] if config is BLOBS else ["excess_loss"]  # what is lowest for a network is not known
    assert list(folder.history()) == [*FIRST, *metrics, "gradient_norm", "seconds", *last]


def test_the_history_of_a_run(tmp_path: Path) -> None:
    trained, folder = train(tmp_path, BLOBS)
    history = folder.history()
    assert list(history["epoch"]) == [0, 1, 2]
    assert list(history["step"]) == [0, 5, 10]  # 36 examples: four batches of eight and one of four
    assert list(history["examples"]) == [0, 36, 72]
    assert math.isnan(history["lr"][0])
    assert list(history["lr"][1:]) == [0.1, 0.1]
    assert (history["seconds"].diff().iloc[1:] > 0).all()
    assert set(history["run"]) == {trained.id}
    assert history["validation_loss"].iloc[-1] == trained.outcome["final_validation_loss"]
    assert history["train_accuracy"].iloc[-1] == trained.outcome["final_train_accuracy"]


def test_columns_of_runs_csv(tmp_path: Path) -> None:
    trained, folder = train(tmp_path, BLOBS)
    columns = [str(name) for name in folder.runs()]
    settings = list(flatten(trained.problem.settings))
    assert columns[:3] == ["id", "status", "cause"]
    assert columns[3 : 3 + len(settings)] == settings
    assert {"seed", "dataset.kind", "model.hidden", "optimizer.lr", "stop.patience", "epochs"} <= set(settings)
    outcome = columns[3 + len(settings) :]
    parts, names = ("train", "validation", "test"), ("loss", "accuracy")
    measured = [f"{which}_{part}_{name}" for which in ("final", "best") for part in parts for name in names]
    assert outcome[:3] == ["end_epoch", "end_step", "end_examples"]
    assert [name for name in outcome if name.startswith(("final", "best_t", "best_v"))] == measured
    assert outcome[-9:] == [
        "seconds", "gdrun", "python", "numpy", "blas", "cpu", "git_commit", "started", "config"
    ]  # fmt: skip
    row = folder.rows()[trained.id]
    assert "name" not in columns
    assert (row["status"], row["cause"], row["end_step"], row["model.hidden"]) == ("finished", "", "10", "[4]")
    assert row["gdrun"] == gdrun.__version__
    assert row["numpy"] == np.__version__
    pd.Timestamp(row["started"])


@pytest.mark.parametrize("config", [BLOBS, NUMBERS, SURFACE])
def test_the_id_is_the_hash_of_the_config_kept_beside_it(tmp_path: Path, config: dict[str, Any]) -> None:
    trained, folder = train(tmp_path, config)
    with folder.runs_file.open(newline="") as file:
        row = next(csv.DictReader(file))
    assert row["id"] == trained.id == "r" + hashlib.sha256(row["config"].encode()).hexdigest()[:11]
    kept = json.loads(row["config"])
    assert kept["optimizer"] == config["optimizer"]
    assert json.dumps(kept, sort_keys=True, separators=(",", ":")) == row["config"]
    assert "name" not in kept


def test_weights_by_layer(tmp_path: Path) -> None:
    trained, folder = train(tmp_path, BLOBS)
    arrays = read_arrays(folder.weights_file(trained.id))
    shapes = {name: array.shape for name, array in arrays.items() if name.startswith(("final", "best"))}
    layers = {"weights_1": (2, 4), "biases_1": (4,), "weights_2": (4, 3), "biases_2": (3,)}
    assert shapes == {f"{which}/{name}": shape for which in ("final", "best") for name, shape in layers.items()}
    assert {"preprocessing/mean", "preprocessing/scale", "preprocessing/target", "model"} <= set(arrays)
    assert arrays["preprocessing/mean"].shape == (2,)
    assert not any(array.dtype.hasobject for array in arrays.values())
    preprocessing = trained.problem.data.preprocessing
    assert np.array_equal(arrays["preprocessing/scale"], preprocessing.scale)
    assert (arrays["preprocessing/scale"] != 1).all()


PATHS: list[tuple[dict[str, Any], dict[str, Any], tuple[int, int] | None]] = [
    (SURFACE, {}, (5, 2)),
    (NUMBERS, {}, (3, 6)),
    (BLOBS, {}, None),  # 27 parameters
    (BLOBS, {"record": {"paths": True}}, (3, 27)),
    (NUMBERS, {"record": {"paths": False}}, None),
    (SURFACE, {"record": {"every": 3}}, (3, 2)),  # steps 0, 3 and the last
    (BLOBS, {"model": "softmax"}, (3, 9)),
    (NUMBERS, {"dataset": {"kind": "linear", "examples": 60, "features": 19}}, (3, 20)),
    (NUMBERS, {"dataset": {"kind": "linear", "examples": 60, "features": 20}}, None),
]


@pytest.mark.parametrize(("config", "more", "shape"), PATHS)
def test_paths_where_parameters_are_few_or_where_asked(
    tmp_path: Path, config: dict[str, Any], more: dict[str, Any], shape: tuple[int, int] | None
) -> None:
    trained, folder = train(tmp_path, config, **more)
    path = folder.path_file(trained.id)
    assert path.exists() == (shape is not None)
    if shape is None:
        return
    arrays = read_arrays(path)
    assert arrays["parameters"].shape == shape
    assert list(arrays["step"]) == list(folder.history()["step"])
    kept = read_arrays(folder.weights_file(trained.id))
    final = [kept[name].ravel() for name in kept if name.startswith("final/")]
    assert np.array_equal(np.sort(np.concatenate(final)), np.sort(arrays["parameters"][-1]))


def test_two_runs_of_other_columns_share_a_folder(tmp_path: Path) -> None:
    trained, folder = train(tmp_path, NUMBERS)
    before = folder.history()
    train(tmp_path, {**BLOBS, "name": "n"})
    assert len(folder.rows()) == 2
    assert len(folder.history()) == 6
    after = folder.history()
    after = after[after["run"] == trained.id]
    assert after[["train_accuracy", "validation_accuracy"]].isna().all(axis=None)
    pd.testing.assert_frame_equal(after[list(before)], before, check_exact=True)
