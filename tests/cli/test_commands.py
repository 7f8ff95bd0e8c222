"""check, init, show, remove, predict, list, schema, and the help of all."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from contextlib import chdir
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import typer.main

import gdrun as library
from gdrun import __version__
from gdrun.cli.app import app
from gdrun.cli.parts import FAMILIES
from gdrun.descent.activations import ACTIVATIONS
from gdrun.descent.parts import settings_of
from gdrun.experiment.model import stored_model
from gdrun.experiment.results.arrays import read_arrays
from gdrun.experiment.results.folder import Folder
from tests.cli.driver import BOWL, CLASSES, CONFIGS, DIVERGES, LINE, gdrun, listing

RESULTS = Path("results")
README = (CONFIGS.parent / "README.md").read_text(encoding="utf-8")


def frame(m: int = 60) -> pd.DataFrame:
    """Numbers, a text column, a regression target in the hundreds and three classes."""
    random = np.random.default_rng(3)
    size, rooms = random.normal(100, 20, m).round(1), random.integers(1, 6, m)
    town = np.array(["Ulm", "Bonn", "Jena"])[random.integers(0, 3, m)]
    price = (3 * size + 20 * rooms + random.normal(0, 5, m)).round(2)
    kind = np.array(["flat", "house", "villa"])[np.digitize(size, [90, 110])]
    return pd.DataFrame({"size": size, "rooms": rooms, "town": town, "price": price, "kind": kind})


# check


def test_check_prints_the_whole_config_the_data_and_the_plan() -> None:
    frame().to_csv("d.csv", index=False)
    Path("c.yaml").write_text(
        "dataset: {kind: csv, path: d.csv, target: price, drop: [kind]}\n"
        "model: {kind: mlp, hidden: [4]}\noptimizer: adam\nepochs: 3\n"
    )
    text = gdrun("check", "c.yaml", "seed=5").ok()
    run = re.search(r"run (r[0-9a-f]{11}), not trained yet; 29 parameters, 6 steps \(3 epochs\); to results/c", text)
    assert run is not None
    assert "# size: feature, numbers (" in text
    assert "# town: feature, categories (3 categories: Bonn, Jena, Ulm)" in text
    assert "# price: target, numbers (" in text
    assert "# examples: training 48 · validation 12 · features: 5" in text
    assert "# hint: the target is large for a network: try dataset.standardize_target=true" in text
    assert listing(Path()).keys() == {"c.yaml", "d.csv"}

    Path("resolved.yaml").write_text(text)  # what it prints is a config itself: the same run
    assert f"run {run[1]}, not trained yet" in gdrun("check", "resolved.yaml").ok()
    assert "seed: 5\n" in text
    assert "beta1: 0.9" in text
    gdrun("train", "resolved.yaml").ok()
    assert "trained already" in gdrun("check", "c.yaml", "seed=5").ok()
    assert "hint" not in gdrun("check", "c.yaml", "dataset.standardize_target=true").ok()


def test_check_of_a_surface_and_of_several() -> None:
    Path("bowl.yaml").write_text(BOWL)
    Path("line.yaml").write_text(LINE)
    text = gdrun("check", "bowl.yaml", "line.yaml").ok()
    assert "# quadratic in 2 variables · gd lr 0.05" in text
    assert "2 parameters, 10 steps; to results/bowl" in text
    assert "to results/line" in text


GALLERY = [*sorted(CONFIGS.glob("*.yaml")), *sorted(CONFIGS.glob("textbook/[0-9]*.yaml"))]


@pytest.mark.parametrize("config", GALLERY, ids=lambda path: str(path.stem))
def test_every_config_of_the_gallery_checks(config: Path) -> None:
    assert "hint" not in gdrun("check", config).ok()


# init


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


# show


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An experiment of four runs, one of them diverged, and another experiment."""
    folder = tmp_path_factory.mktemp("template")
    with chdir(folder):
        Path("line.yaml").write_text(LINE)
        Path("diverges.yaml").write_text(DIVERGES)
        for lr in ("0.1", "0.01", "0.3", "1e300"):
            gdrun("train", "line.yaml", f"optimizer.lr={lr}", "-q", "--allow-diverged").ok()
        gdrun("train", "diverges.yaml", "-q", "--allow-diverged").ok()
    return folder


@pytest.fixture
def runs(template: Path, here: Path) -> Folder:
    """A copy of them in the current directory."""
    shutil.copytree(template, here, dirs_exist_ok=True)
    return Folder(RESULTS / "line")


def test_show_lists_experiments(runs: Folder) -> None:
    lines = gdrun("show").ok().splitlines()
    assert lines[0].split() == ["experiment", "runs", "status", "last", "started"]
    assert lines[1].split()[:3] == ["diverges", "1", "1"]
    assert re.fullmatch(r"line +4  3 finished, 1 diverged  20\d\d-.*", lines[2])
    found = json.loads(gdrun("show", "--format", "json").ok())
    assert [(one["experiment"], one["runs"]) for one in found] == [("diverges", 1), ("line", 4)]
    assert json.loads(gdrun("show", "--results", "none", "--format", "json").ok()) == []


def test_show_as_csv_is_runs_csv(runs: Folder) -> None:
    text = gdrun("show", "line", "--format", "csv").ok()
    pd.testing.assert_frame_equal(pd.read_csv(io.StringIO(text)), runs.runs(), check_exact=True)


def test_show_sorts_numbers_as_numbers_and_nothing_last(runs: Folder) -> None:
    def rates(*options: str) -> list[float]:
        rows = csv.DictReader(io.StringIO(gdrun("show", "line", "--format", "csv", *options).ok()))
        return [float(row["optimizer.lr"]) for row in rows]

    assert rates() == [0.1, 0.01, 0.3, 1e300]
    assert rates("--sort-by", "optimizer.lr") == [0.01, 0.1, 0.3, 1e300]
    assert rates("--sort-by", "-optimizer.lr") == [1e300, 0.3, 0.1, 0.01]
    assert rates("--sort-by", "final_train_loss")[-1] == 1e300
    assert rates("--sort-by", "cause")[0] == rates("--sort-by", "-cause")[0] == 1e300  # the only one with a cause
    assert rates("--sort-by", "optimizer.lr", "--top", "2") == [0.01, 0.1]
    assert rates("--top", "9") == [0.1, 0.01, 0.3, 1e300]


def test_show_only_changed(runs: Folder) -> None:
    text = gdrun("show", "line", "--only-changed", "--format", "csv").ok()
    columns = text.splitlines()[0].split(",")
    assert columns[:4] == ["id", "status", "cause", "optimizer.lr"]
    assert not {"seed", "model.kind", "started", "config", "cpu"} & set(columns)


def test_show_as_table_json_markdown_latex(runs: Folder) -> None:
    ids = list(runs.rows())
    table = gdrun("show", "line").ok().splitlines()
    assert table[0].split()[:3] == ["id", "status", "seed"]
    assert [line.split()[0] for line in table[1:]] == ids
    assert len({len(line) for line in table}) == 1
    assert "\x1b" not in "".join(table)

    def refuse(token: str) -> None:
        raise AssertionError(token)

    found = json.loads(gdrun("show", "line", "--format", "json").ok(), parse_constant=refuse)
    assert [one["id"] for one in found] == ids
    assert found[0]["optimizer.lr"] == 0.1
    assert found[0]["dataset.standardize"] is True
    assert (found[3]["final_train_loss"], found[0]["stop.loss"]) == (None, None)
    assert list(found[0]) == list(runs.runs().columns)

    markdown = gdrun("show", "line", "--format", "md").ok().splitlines()
    assert {line.count(" | ") for line in markdown} == {markdown[0].count(" | ")}
    assert markdown[1].startswith("| --- | ---")
    assert markdown[2].startswith(f"| {ids[0]} | finished |")
    latex = gdrun("show", "line", "--format", "latex").ok()
    assert latex.startswith("\\begin{tabular}{l")
    assert "final\\_train\\_loss" in latex
    assert latex.count(" \\\\\n") == 5
    assert not re.search(r"(?<!\\)[_%#$]", latex)


def test_show_one_run(runs: Folder) -> None:
    run = list(runs.rows())[1]
    text = gdrun("show", f"line/{run[:5]}").ok()
    cells = dict(line.split(maxsplit=1) for line in text.splitlines())
    assert (cells["id"], cells["optimizer.lr"], cells["status"]) == (run, "0.01", "finished")
    assert cells["files"] == f"results/line/history.csv · results/line/weights/{run}.npz"
    assert cells["config"] == runs.rows()[run]["config"]
    assert "1e+300" in gdrun("show", "line/last").ok()
    best = min((row for row in runs.rows().values() if row["status"] != "diverged"), key=_loss)
    assert json.loads(gdrun("show", "line/best", "--format", "json").ok())[0]["id"] == best["id"]
    assert gdrun("show", "diverges/").ok().startswith("id ")


def _loss(row: dict[str, str]) -> float:
    return float(row["final_validation_loss"])


# remove


def test_remove_a_run_takes_all_of_it(runs: Folder) -> None:
    gone, *left = runs.rows()
    assert runs.path_file(gone).exists()
    assert gdrun("remove", f"line/{gone}", "--yes").ok() == f"line/{gone} removed\n"
    assert list(runs.rows()) == left
    assert set(runs.history()["run"]) == set(left)
    assert not [path for path in listing(RESULTS) if gone in path]
    assert gone.encode() not in (runs.history_file.read_bytes() + runs.runs_file.read_bytes())
    assert gdrun("train", "line.yaml").ok().startswith("finished")


def test_remove_an_experiment(runs: Folder) -> None:
    assert gdrun("remove", "line", "-y").ok() == "line removed\n"
    assert [path.name for path in RESULTS.iterdir()] == ["diverges"]


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("yes\n", 0), ("n\n", 2), ("\n", 2), ("", 2)])
def test_remove_asks(runs: Folder, answer: str, code: int) -> None:
    asked = _asked(answer, "remove", "diverges")
    assert asked.code == code
    assert asked.err.startswith("delete results/diverges with 1 runs? [y/N] ")
    assert (RESULTS / "diverges").exists() == (code != 0)


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def _asked(answer: str, *arguments: str) -> Any:
    from unittest.mock import patch

    with patch("tests.cli.driver.io.StringIO", _Terminal):
        return gdrun(*arguments, stdin=answer)


# predict


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


# list and schema


def test_list_has_every_part_and_every_setting() -> None:
    text = gdrun("list").ok()
    blocks = {block.split("\n", 1)[0]: block for block in text.split("\n\n")}
    for name, family in FAMILIES.items():
        shared = settings_of(family)
        for kind, part in family.kinds.items():
            if part.python_only:
                assert f"  {kind} " not in blocks[name]
                continue
            line = next(line for line in blocks[name].splitlines() if line.startswith(f"  {kind} "))
            assert line.endswith(part.summary())
            one = gdrun("list", kind).ok()
            for setting in settings_of(part):
                assert setting in shared or re.search(rf"\b{setting}\b", blocks[name])
                assert re.search(rf"^  {setting} ", one, re.MULTILINE), (kind, setting)
    assert all(f"  {name} " in blocks["activations"] for name in ACTIVATIONS)


def test_list_of_one_kind_and_of_one_part() -> None:
    text = gdrun("list", "optimizers").ok()
    assert text.startswith("optimizers\n")
    assert "schedules" not in text
    assert gdrun("list", "optimizer").ok() == text
    lines = gdrun("list", "adam").ok().splitlines()
    assert lines[0].startswith("adam: ")
    assert next(line for line in lines if line.startswith("  beta1 ")).split()[1:6] == ["0.9", "≥", "0", "<", "1"]
    assert "lr (required)" in text


def test_schema_is_json_and_knows_the_parts() -> None:
    text = gdrun("schema").ok()
    assert json.loads(text)["properties"].keys() >= {"dataset", "model", "optimizer", "schedule", "epochs"}
    assert '"rmsprop"' in text


# help


def test_bare_gdrun_names_three_commands_that_exist() -> None:
    text = gdrun().ok()
    assert [line.split()[1] for line in text.splitlines() if line.startswith("  gdrun")] == ["init", "train", "list"]
    gdrun("init").ok()
    gdrun("check", "quickstart.yaml").ok()


def test_version() -> None:
    assert gdrun("--version").ok() == f"gdrun {__version__}\n"


COMMANDS: list[tuple[str, Any]] = list(typer.main.get_command(app).commands.items())  # type: ignore[attr-defined]
NAMES = [name for name, _ in COMMANDS]


def test_these_are_the_commands() -> None:
    assert {"train", "check", "init", "show", "predict", "remove", "list", "schema"} <= set(NAMES)


@pytest.mark.parametrize(("name", "command"), COMMANDS, ids=NAMES)
def test_every_command_and_option_has_help(name: str, command: Any) -> None:
    assert command.help
    text = " ".join(gdrun(name, "--help").ok().split())
    assert " ".join(command.help.split()) in text
    for option in command.params:
        assert option.help, (name, option.name)
        assert option.help in text
    assert gdrun(name, "-h").ok() == gdrun(name, "--help").ok()


@pytest.mark.parametrize(("name", "command"), COMMANDS, ids=NAMES)
def test_every_command_and_option_is_in_the_readme(name: str, command: Any) -> None:
    assert re.search(rf"\bgdrun {name}\b", README), f"README.md: gdrun {name}"
    section = README.partition("Command reference")[2]
    for option in command.params:
        for spelling in option.opts:
            if spelling.startswith("--"):
                assert re.search(rf"(?<![\w-]){spelling}(?![\w-])", section), f"README.md: {name} {spelling}"


def test_init_writes_down_what_a_difficult_file_needs() -> None:
    rows = "".join(f"{i},5;{i * 3};text{i}\n" for i in range(30))
    Path("semi.csv").write_text("größe;price;note\n" + rows.replace("7,5;21", ";21"), encoding="latin-1")
    gdrun("init", "semi.csv", "--target", "price").ok()
    text = Path("semi.yaml").read_text()
    for setting in ("encoding: cp1252", "decimal: ','", "drop: [note]", "missing: mean"):
        assert setting in text
    assert "\n# decimal: column" in text
    gdrun("train", "semi.yaml", "--quiet").ok()


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
