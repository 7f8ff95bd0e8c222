"""What a run leaves: its history, its line of runs.csv, weights by layer, its path."""

from __future__ import annotations

import csv
import hashlib
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import gdrun
from gdrun.experiment.config import flatten
from gdrun.experiment.results.arrays import read_arrays
from gdrun.experiment.results.folder import Folder

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
