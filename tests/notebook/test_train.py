"""gdrun from Python: what goes in, what comes out, and that it is what the command line makes."""

from __future__ import annotations

import copy
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import gdrun
from gdrun.cli.app import run
from gdrun.experiment.config import load
from gdrun.experiment.results.folder import Folder

random = np.random.default_rng(0)
X = random.normal(size=(60, 3))
y = X @ [1.0, -2.0, 3.0] + 0.1 * random.normal(size=60)
CONFIG: dict[str, Any] = {
    "model": "linear",
    "optimizer": {"kind": "gd", "lr": 0.1},
    "descent": {"variant": "minibatch", "batch_size": 8},
    "epochs": 4,
}
TEXT = "dataset: {kind: linear, examples: 40}\nmodel: linear\noptimizer: {kind: gd, lr: 0.1}\nepochs: 3\n"
BOWL: dict[str, Any] = {
    "model": {"kind": "surface", "function": "quadratic", "condition": 20, "start": [4, 1]},
    "optimizer": {"kind": "gd", "lr": 0.05},
    "steps": 10,
}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(one.drop(columns="seconds"), other.drop(columns="seconds"), check_exact=True)


def test_arrays_without_a_trace(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    result = gdrun.train(CONFIG, data=(X, y), save=False)
    assert list(here.iterdir()) == []
    assert capfd.readouterr() == ("", "")
    assert (result.status, result.again) == ("finished", False)
    assert list(result.history["epoch"]) == [0, 1, 2, 3, 4]
    assert result.runs["final_validation_r2"][0] > 0.9
    assert result.runs["id"][0] == result.id == result.history["run"][0]
    assert np.corrcoef(result.model.predict(X), y)[0, 1] > 0.99


def test_the_callers_config_and_data_stay_as_they_are() -> None:
    config = {**CONFIG, "dataset": {"kind": "arrays", "standardize_target": True, "missing": "mean"}}
    before, data = copy.deepcopy(config), X.copy()
    data[3, 1] = np.nan
    kept = data.copy()
    gdrun.train(config, data=(data, y), save=False)
    assert config == before
    assert np.array_equal(data, kept, equal_nan=True)


def test_a_path_a_dict_and_a_loaded_config_are_the_same(here: Path) -> None:
    (here / "line.yaml").write_text(TEXT)
    by_path = gdrun.train("line.yaml")
    assert by_path.folder is not None
    assert (here / "results" / "line" / "history.csv").is_file()
    loaded = load("line.yaml")
    values = {
        "dataset": {"kind": "linear", "examples": 40},
        "model": "linear",
        "optimizer": {"kind": "gd", "lr": 0.1},
        "epochs": 3,
    }
    for config in (here / "line.yaml", loaded, values):
        result = gdrun.train(config, save=False)
        assert result.id == by_path.id
        same(result.history, by_path.history)
    kept = gdrun.train({**values, "name": "other"}, results=here / "elsewhere")
    assert kept.id == by_path.id
    assert (here / "elsewhere" / "other" / "runs.csv").is_file()


def test_the_same_numbers_as_the_command_line(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "line.yaml").write_text(TEXT)
    monkeypatch.setattr(sys, "argv", ["gdrun", "train", "line.yaml"])
    assert run() == 0
    result = gdrun.train("line.yaml", save=False)
    folder = Folder(Path("results/line"))
    assert list(folder.rows()) == [result.id]
    same(result.history, folder.history())
    times = ["seconds", "started"]
    row = folder.row(result.id)
    assert row is not None
    assert {k: v for k, v in row.items() if k not in times} == {
        k: v for k, v in result.outcome.items() if k not in times
    }


def test_trained_again_is_what_was_there(here: Path) -> None:
    config = {**CONFIG, "name": "mine"}
    first = gdrun.train(config, data=(X, y))
    files = {path: path.read_bytes() for path in here.rglob("*.*")}
    again = gdrun.train(config, data=(X, y))
    assert (first.again, again.again, again.id) == (False, True, first.id)
    assert {path: path.read_bytes() for path in here.rglob("*.*")} == files
    pd.testing.assert_frame_equal(again.history, first.history, check_exact=True)
    assert again.outcome == first.outcome
    pd.testing.assert_frame_equal(again.runs, first.runs, check_exact=True)
    assert np.array_equal(again.model.predict(X), first.model.predict(X))
    rerun = gdrun.train(config, data=(X, y), rerun=True)
    assert not rerun.again
    same(rerun.history, first.history)
    assert gdrun.train(config, data=(X, y + 1)).id != first.id


def test_a_surface_in_both_ways() -> None:
    first = gdrun.train({**BOWL, "name": "bowl"})
    again = gdrun.train({**BOWL, "name": "bowl"})
    pd.testing.assert_frame_equal(again.history, first.history, check_exact=True)
    assert list(first.history["step"]) == list(range(11))
    assert first.history["train_loss"][0] == 18.0  # (4² + 20 · 1²) / 2
    with pytest.raises(ValueError, match="a surface has no model"):
        _ = first.model


def test_a_diverged_run_is_a_result() -> None:
    result = gdrun.train({**BOWL, "optimizer": {"kind": "gd", "lr": 0.2}, "steps": 1000}, save=False)
    assert result.status == "diverged"
    assert result.outcome["cause"] == "the path left its bounds uphill"
    assert len(result.history) == result.outcome["end_step"] + 1
    result = gdrun.train({**CONFIG, "optimizer": {"kind": "gd", "lr": 1e200}}, data=(X, y), save=False)
    assert result.status == "diverged"


def test_a_failed_run_is_a_result_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def descend(*arguments: Any) -> Any:
        raise MemoryError("no room")

    monkeypatch.setattr("gdrun.experiment.training.descend", descend)
    result = gdrun.train({**CONFIG, "name": "f"}, data=(X, y))
    assert (result.status, result.outcome["cause"]) == ("failed", "MemoryError: no room")
    assert len(result.history) == 0
    assert result.runs["optimizer.lr"][0] == 0.1
    monkeypatch.undo()
    assert gdrun.train({**CONFIG, "name": "f"}, data=(X, y), save=False).status == "finished"


def frame() -> pd.DataFrame:
    table = pd.DataFrame(X, columns=["a", "b", "c"])
    return table.assign(town=np.where(X[:, 0] > 0, "Ulm", "Bonn"), price=y)


DATASETS: list[tuple[dict[str, Any], int]] = [
    ({"target": "price"}, 48),
    ({"kind": "arrays", "target": "price", "validation": 0.5}, 30),
    ({"kind": "csv", "path": "none.csv", "target": "price", "validation": 0.5}, 30),  # a config made for a file
]


@pytest.mark.parametrize(("dataset", "m"), DATASETS)
def test_a_data_frame_and_its_target(dataset: dict[str, Any], m: int) -> None:
    table = frame()
    before = table.copy()
    result = gdrun.train({**CONFIG, "dataset": dataset, "epochs": 40}, data=table, save=False)
    pd.testing.assert_frame_equal(table, before)
    assert result.problem.train is not None
    assert result.problem.train.m == m
    assert result.problem.data is not None
    assert result.problem.data.feature_names == ("a", "b", "c", "town=Bonn", "town=Ulm")
    told = result.model.predict(table[["town", "c", "b", "a"]])
    assert np.corrcoef(told, y)[0, 1] > 0.99


def test_a_loaded_config_takes_other_data(here: Path) -> None:
    (here / "c.yaml").write_text(
        "dataset: {kind: csv, path: none.csv, target: price}\n"
        "model: linear\noptimizer: {kind: gd, lr: 0.1}\ndescent: batch\nepochs: 3\n"
    )
    by_path = gdrun.train("c.yaml", data=frame(), save=False)
    assert gdrun.train(load("c.yaml"), data=frame(), save=False).id == by_path.id


def test_classes() -> None:
    labels = np.array(["no", "yes"])[(y > 0).astype(int)]
    result = gdrun.train({**CONFIG, "model": "logistic", "epochs": 20}, data=(X, labels), save=False)
    told = result.model.predict(X)
    assert set(told) == {"no", "yes"}
    assert (told == labels).mean() > 0.9
    shares = result.model.probabilities(X)
    assert shares is not None
    assert np.array_equal(told == "yes", shares[:, 1] > 0.5)


def test_numbers_from_numpy_and_pandas_are_numbers() -> None:
    config = {**CONFIG, "optimizer": {"kind": "gd", "lr": np.float64(0.1)}, "epochs": np.int64(4)}
    plain = gdrun.train(CONFIG, data=(X, y), save=False)
    assert gdrun.train(config, data=(X, y), save=False).id == plain.id
    assert gdrun.train(CONFIG, data=(X.tolist(), pd.Series(y)), save=False).id == plain.id


WRONG: list[tuple[Any, Any, str]] = [
    ({}, None, "empty: a config has at least model, optimizer and epochs or steps"),
    (3, None, "a config is a path, a dict or a loaded config, not a int"),
    (None, None, "a config is a path, a dict or a loaded config, not a NoneType"),
    ("none.yaml", None, "none.yaml: cannot be read: No such file or directory"),
    (CONFIG, None, "dataset: required: "),
    ({**CONFIG, "optimizer": {"kind": "gd", "lr": -1}}, (X, y), "optimizer.lr: must be greater than 0"),
    ({**CONFIG, "epoch": 3}, (X, y), "epoch: unknown key: did you mean epochs?"),
    ({**CONFIG, "epochs": [1, 2]}, (X, y), "epochs: a list of values or a range is a sweep, for gdrun compare"),
    (CONFIG, (X, y[:5]), "dataset: data: target 'y': 5 targets for 60 examples"),
    (CONFIG, 5, "dataset: data: must be (X, y) or a DataFrame"),
    (CONFIG, frame(), "dataset.target: data: which column of the DataFrame is the target?"),
    ({**CONFIG, "dataset": {"target": "rent"}}, frame(), "dataset.target: data: target: no column is named 'rent'"),
    ({**CONFIG, "dataset": {"path": "x"}}, (X, y), "dataset.path: "),
    ({**CONFIG, "model": "logistic"}, (X, y), "model: logistic cannot learn y, which is numbers"),
    (BOWL, (X, y), "dataset: a surface has no dataset: leave it out"),
    ({**CONFIG, "dataset": "arrays"}, None, "dataset"),
    ({**CONFIG, "model": object()}, (X, y), "model: no config holds a object"),
]


@pytest.mark.parametrize("save", [False, True])
@pytest.mark.parametrize(("config", "data", "message"), WRONG)
def test_wrong_input_is_a_config_error(here: Path, config: Any, data: Any, message: str, save: bool) -> None:
    with pytest.raises(gdrun.ConfigError) as error:
        gdrun.train(config, data=data, save=save)
    assert str(error.value).startswith(message)
    assert list(here.iterdir()) == []


def test_results_that_are_kept_need_a_name() -> None:
    with pytest.raises(gdrun.ConfigError, match=r"^name: required where results are kept"):
        gdrun.train(CONFIG, data=(X, y))


@pytest.mark.parametrize(
    "labels", [np.arange(60) % 2 == 0, np.arange(60) % 3, np.array(["no", "yes"])[np.arange(60) % 2]]
)
def test_predictions_are_of_the_labels_own_type(labels: Any) -> None:
    X = np.random.default_rng(0).normal(size=(60, 2))
    result = gdrun.train({"model": "softmax", "optimizer": "adam", "epochs": 1}, data=(X, labels), save=False)
    told = result.model.predict(X)
    assert told.dtype.kind == labels.dtype.kind
    assert set(told) <= set(labels)
    assert repr(result) == f"<run {result.id}: finished>"
