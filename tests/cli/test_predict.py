"""`gdrun predict`: what a trained model says of a file, in the target's own terms."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import gdrun as library
from gdrun.experiment.model import stored_model
from gdrun.experiment.results.arrays import read_arrays
from gdrun.experiment.results.folder import Folder
from tests.cli.driver import CLASSES, RESULTS, gdrun
from tests.cli.tables import frame


def trained(target: str, *overrides: str) -> tuple[pd.DataFrame, Any]:
    """A table and what was trained on it from d.csv."""
    table = frame()
    table.to_csv("d.csv", index=False)
    drop = {"price": "kind", "kind": "price"}[target]
    model = {"price": "linear", "kind": "softmax"}[target]
    Path("d.yaml").write_text(
        f"dataset: {{kind: csv, path: d.csv, target: {target}, drop: [{drop}]}}\n"
        f"model: {model}\noptimizer: {{kind: gd, lr: 0.1}}\nepochs: 30\n"
    )
    gdrun("train", "d.yaml", *overrides).ok()
    folder = Folder(RESULTS / "d")
    return table, read_arrays(folder.weights_file(next(iter(folder.rows()))))


def predicted(*arguments: str) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(gdrun("predict", *arguments).ok()))


STANDARD = "dataset.standardize_target=true"


@pytest.mark.parametrize("overrides", [[], [STANDARD], [STANDARD, "model={kind: mlp, hidden: [4]}"]])
def test_predictions_of_numbers_are_in_the_targets_own_unit(overrides: list[str]) -> None:
    table, arrays = trained("price", *overrides)
    told = predicted("d/last", "d.csv")
    assert list(told) == ["price"]
    assert np.array_equal(told["price"], stored_model(arrays, "final").predict(table))
    assert np.corrcoef(told["price"], table["price"])[0, 1] > 0.9
    assert abs(told["price"].mean() / table["price"].mean() - 1) < 0.1


def test_predictions_equal_those_from_python() -> None:
    table, _ = trained("price")
    again = library.train("d.yaml")
    assert again.again
    assert np.array_equal(again.model.predict(table), predicted("d", "d.csv")["price"])


def test_final_and_best_weights() -> None:
    table, arrays = trained("price", "optimizer.lr=0.8", "descent.batch_size=2", "--allow-diverged")
    final, best = (predicted("d", "d.csv", "--weights", which)["price"] for which in ("final", "best"))
    assert np.array_equal(predicted("d", "d.csv")["price"], final)
    assert np.array_equal(stored_model(arrays, "best").predict(table), best)
    assert not np.array_equal(final, best)


def test_columns_are_found_by_name() -> None:
    table, _ = trained("price")
    usual = predicted("d", "d.csv")
    other = table[["town", "size", "kind", "rooms"]].assign(more=1.5)  # another order, no target, one more
    other.to_csv("new.csv", index=False, sep=";")
    gdrun("predict", "d", "d.csv").ok()
    other.to_csv("new.csv", index=False)
    assert predicted("d", "new.csv").equals(usual)


def test_predicted_classes_and_their_probabilities() -> None:
    table, _ = trained("kind")
    told = predicted("d", "d.csv", "--probabilities")
    names = ["flat", "house", "villa"]
    shares = told[[f"probability of {name}" for name in names]]
    assert list(told) == ["kind", *shares.columns]
    assert np.allclose(shares.sum(axis=1), 1, rtol=0, atol=1e-12)
    assert list(told["kind"]) == [names[i] for i in shares.to_numpy().argmax(axis=1)]
    assert (told["kind"] == table["kind"]).mean() > 0.65
    assert list(predicted("d", "d.csv")) == ["kind"]


def test_two_classes_have_two_probabilities() -> None:
    Path("c.yaml").write_text(CLASSES.replace("classes: 3", "classes: 2").replace("softmax", "logistic"))
    gdrun("train", "c.yaml").ok()
    np.savez("new.npz", X=np.random.default_rng(1).normal(size=(50, 2)) * 5)
    told = predicted("c", "new.npz", "--probabilities").to_numpy()
    assert np.allclose(told[:, 1] + told[:, 2], 1)
    assert np.array_equal(told[:, 0] == 1, told[:, 2] > 0.5)
    assert len(set(told[:, 0])) == 2


def test_npz_in_and_out() -> None:
    random = np.random.default_rng(2)
    images, labels = random.normal(size=(60, 4, 4)), np.arange(60) % 2
    images[labels == 1, 0, 0] += 6
    np.savez("d.npz", x_train=images, y_train=labels)
    Path("c.yaml").write_text(
        "dataset: {kind: npz, path: d.npz}\nmodel: logistic\noptimizer: adam\nepochs: 30\nschedule: constant\n"
    )
    gdrun("train", "c.yaml", "optimizer.lr=0.05").ok()
    np.savez("new.npz", X=images[:7])
    assert (predicted("c", "new.npz").to_numpy()[:, 0] == labels[:7]).all()


def test_predict_finds_the_arrays_of_a_file_with_names_of_its_own() -> None:
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 4)), rng.integers(3, size=60)
    np.savez("odd.npz", feat=X, lab=y)
    Path("odd.yaml").write_text(
        "dataset: {kind: npz, path: odd.npz, x: feat, y: lab}\nmodel: softmax\noptimizer: adam\nepochs: 1\n"
    )
    gdrun("train", "odd.yaml", "--quiet").ok()
    assert len(gdrun("predict", "odd/last", "odd.npz").ok().splitlines()) == 61
    np.savez("keras.npz", x_train=X, y_train=y, x_test=X[:7], y_test=y[:7])
    assert len(gdrun("predict", "odd/last", "keras.npz").ok().splitlines()) == 8
