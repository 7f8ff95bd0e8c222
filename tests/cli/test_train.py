"""`gdrun train`: which configs it takes, the outcomes and exit codes, and where results go."""

from __future__ import annotations

from pathlib import Path

import pytest

from gdrun.experiment.results.folder import Folder
from tests.cli.driver import BOWL, CLASSES, CONFIGS, DIVERGES, LINE, RESULTS, gdrun, last, write

# by config: the column of runs.csv that says how good it is, and its limits
SENSIBLE: dict[str, tuple[str, float, float]] = {
    "bowl": ("final_train_loss", 0, 1e-6),
    "line": ("final_validation_r2", 0.4, 1),
    "logistic": ("final_test_accuracy", 0.94, 1),
    "neuron": ("final_validation_accuracy", 0.95, 1),
    "quickstart": ("final_validation_accuracy", 0.96, 1),
    "softmax": ("final_validation_accuracy", 0.95, 1),
    "spirals": ("final_validation_accuracy", 0.95, 1),
    "stochastic": ("final_validation_accuracy", 0.9, 1),
    "two-minima": ("final_train_loss", -0.31, -0.25),  # the deep one
    "valley": ("final_train_loss", 0, 1e-9),
    "xor": ("final_validation_accuracy", 0.9, 1),
}


@pytest.mark.parametrize("config", sorted(CONFIGS.glob("*.yaml")), ids=lambda path: str(path.stem))
def test_every_config_of_the_gallery_trains_and_is_good(config: Path) -> None:
    said = gdrun("train", config)
    row = last(config.stem)
    column, low, high = SENSIBLE[config.stem]
    assert said.code == 0, said
    assert low <= float(row[column]) <= high
    assert row["status"] in ("finished", "converged", "stopped")
    assert said.out.startswith(f"{row['status']}: ")
    history = Folder(RESULTS / config.stem).history()
    assert history["train_loss"].iloc[-1] < history["train_loss"].iloc[0]
    assert set(history["run"]) == {row["id"]}


WRONG = LINE.replace("linear, ex", "lineer, ex")
CODES: list[tuple[list[str], int, list[str]]] = [
    (["line.yaml"], 0, ["line"]),
    (["line.yaml", "bowl.yaml", "classes.yaml"], 0, ["bowl", "classes", "line"]),
    (["diverges.yaml"], 3, ["diverges"]),
    (["diverges.yaml", "--allow-diverged"], 0, ["diverges"]),
    (["line.yaml", "diverges.yaml", "bowl.yaml"], 3, ["bowl", "diverges", "line"]),
    (["line.yaml", "wrong.yaml"], 2, []),
    (["diverges.yaml", "wrong.yaml"], 2, []),
    (["line.yaml", "missing.yaml"], 2, []),
    (["line.yaml", "classes.yaml", "model=linear"], 2, []),  # found only when the data are read
    (["line.yaml", "epochs=0"], 2, []),
    (["line.yaml", "optimizer.lr=1e6"], 3, ["line"]),
    ([], 2, []),
]


@pytest.mark.parametrize(("arguments", "code", "trained"), CODES)
def test_exit_codes(arguments: list[str], code: int, trained: list[str]) -> None:
    write(line=LINE, bowl=BOWL, classes=CLASSES, diverges=DIVERGES, wrong=WRONG)
    assert gdrun("train", *arguments).code == code
    assert sorted(path.name for path in RESULTS.glob("*")) == trained


def test_all_that_is_wrong_in_several_configs_is_said_at_once() -> None:
    write(a=WRONG, b=CLASSES.replace("epochs: 3", "epochs: no"), c=LINE)
    said = gdrun("train", "a.yaml", "b.yaml", "c.yaml")
    assert (said.code, said.out) == (2, "")
    assert [line.partition(":")[0] for line in said.err.splitlines()] == ["a.yaml", "b.yaml"]


def test_overrides_make_another_run_of_the_experiment() -> None:
    write(line=LINE)
    gdrun("train", "line.yaml").ok()
    gdrun("train", "optimizer.lr=0.02", "line.yaml", "seed=7", "dataset.noise=0.5").ok()
    first, second = Folder(RESULTS / "line").rows().values()
    changed = {name for name in first if first[name] != second[name] and "_" not in name}
    assert changed - {"started"} == {"id", "optimizer.lr", "seed", "dataset.noise", "seconds", "config"}
    assert (second["optimizer.lr"], second["seed"], second["dataset.noise"]) == ("0.02", "7", "0.5")


def test_an_override_of_kind_replaces_the_block() -> None:
    write(line=LINE)
    gdrun("train", "line.yaml", "optimizer=adam").ok()
    row = last("line")
    assert (row["optimizer.kind"], row["optimizer.lr"]) == ("adam", "0.001")


def test_stdin_needs_a_name_and_takes_it() -> None:
    said = gdrun("train", "-", stdin=LINE)
    assert (said.code, said.out) == (2, "")
    assert said.err == "-: the experiment needs a name: --name NAME, or `name:` in the config\n"
    gdrun("train", "-", "--name", "piped", "epochs=2", stdin=LINE).ok()
    gdrun("train", "-", stdin=LINE + "name: own\n").ok()
    assert sorted(path.name for path in RESULTS.iterdir()) == ["own", "piped"]
    assert last("piped")["end_epoch"] == "2"


def test_results_go_where_they_are_told_to(here: Path) -> None:
    write(line=LINE)
    said = gdrun("train", "line.yaml", "--results", here / "kept" / "deep", "--name", "other")
    assert str(here / "kept/deep/other/history.csv") in said.ok()
    assert not RESULTS.exists()
    assert sorted(path.name for path in (here / "kept/deep/other").glob("[!.]*")) == [
        "history.csv",
        "paths",
        "runs.csv",
        "weights",
    ]


def test_files_are_looked_for_beside_the_config() -> None:
    Path("deep").mkdir()
    Path("deep/d.csv").write_text("x,y\n" + "".join(f"{i},{2 * i + 1}.5\n" for i in range(40)))
    Path("deep/c.yaml").write_text(
        "dataset: {kind: csv, path: d.csv, target: y}\nmodel: linear\noptimizer: {kind: gd, lr: 0.1}\nepochs: 2\n"
    )
    gdrun("train", "deep/c.yaml").ok()


def test_a_model_too_large_for_any_memory_is_one_line() -> None:
    write(c=CLASSES.replace("softmax", "{kind: mlp, hidden: [5000000, 5000000]}"))
    said = gdrun("train", "c.yaml", "--quiet")
    assert (said.code, said.out) == (2, "")
    assert "c.yaml:2:8: model: 25,000,035,000,003 parameters take" in said.err
    assert said.err.count("\n") == 1


def test_initial_parameters_longer_than_a_csv_cell_usually_is() -> None:
    values = ", ".join(["0.0123456789"] * (7 * 1500 + 1501 * 3))
    text = CLASSES.replace("classes: 3", "classes: 3, features: 6")
    write(c=text.replace("softmax", f"{{kind: mlp, hidden: [1500], initial: [{values}]}}"))
    assert gdrun("train", "c.yaml").code in (0, 3)
    assert len(last("c")["model.initial"]) > 131072  # Python's csv reads no longer cells unless told to
    assert gdrun("train", "c.yaml").out.startswith("trained before")
