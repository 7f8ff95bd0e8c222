"""What `gdrun train` prints where there is no terminal: lines, the summary, hints, JSON."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gdrun.experiment.results.folder import Folder
from tests.cli.driver import BOWL, CLASSES, DIVERGES, LINE, RESULTS, gdrun, last, objects, write


def test_plain_lines_where_there_is_no_terminal() -> None:
    write(line=LINE.replace("epochs: 3", "epochs: 200"))
    said = gdrun("train", "line.yaml")
    lines = said.err.splitlines()
    assert "\x1b" not in said.err + said.out
    assert lines[0].startswith("linear 32 + 8 × 5 · linear 5-1 · half_mse · minibatch 32 · gd lr 0.1 · seed 0 · run r")
    assert re.split("  +", lines[1].strip()) == [
        "epoch", "lr", "train loss", "validation loss", "R²", "|gradient|", "examples/s"
    ]  # fmt: skip
    assert lines[2].split()[:2] == ["0", "-"]
    assert lines[-1].split()[0] == "200"
    assert 10 <= len(lines) <= 14


def test_quiet_says_nothing() -> None:
    write(line=LINE)
    said = gdrun("train", "line.yaml", "--quiet")
    assert (said.code, said.out, said.err) == (0, "", "")
    assert last("line")["status"] == "finished"


def test_json_is_one_object_per_run_and_nothing_else() -> None:
    write(line=LINE, bowl=BOWL, diverges=DIVERGES)
    said = gdrun("train", "line.yaml", "bowl.yaml", "diverges.yaml", "--format", "json")
    line, bowl, diverged = objects(said.out)
    assert (said.code, said.err) == (3, "")
    assert [one["experiment"] for one in (line, bowl, diverged)] == ["line", "bowl", "diverges"]
    assert [one["status"] for one in (line, bowl, diverged)] == ["finished", "finished", "diverged"]
    assert isinstance(line["final_validation_rmse"], float)
    assert (line["optimizer.lr"], line["end_epoch"], line["dataset.standardize"]) == (0.1, 3, True)
    assert line["files"] == {
        "history": "results/line/history.csv",
        "runs": "results/line/runs.csv",
        "weights": f"results/line/weights/{line['id']}.npz",
    }
    assert list(bowl) == list(diverged)
    assert diverged["cause"] == "the path left its bounds uphill"
    assert diverged["end_step"] < 1000


QUALITY = [
    (LINE, r"validation RMSE {final_validation_rmse:.4g} (the mean: "),
    (CLASSES, r"validation accuracy {final_validation_accuracy:.3f} (majority class: 0.333)"),
    (CLASSES.replace("classes: 3", "classes: 3, validation: 0"), "training accuracy {final_train_accuracy:.3f} ("),
    (CLASSES.replace("classes: 3", "classes: 3, test: 0.2"), "test accuracy {final_test_accuracy:.3f}"),
    (BOWL, "loss {final_train_loss:.4g}, lowest {best_train_loss:.4g} at step 10"),
]


@pytest.mark.parametrize(("config", "text"), QUALITY)
def test_the_summary_sets_the_result_beside_the_trivial_one(config: str, text: str) -> None:
    write(c=config)
    said = gdrun("train", "c.yaml")
    row = Folder(RESULTS / "c").row(last("c")["id"])
    assert row is not None
    assert text.format(**row) in said.ok()


def test_the_trivial_prediction_is_that_of_the_training_part() -> None:
    Path("d.csv").write_text("x,y\n" + "".join(f"{i},{'ab'[i % 4 == 0]}\n" for i in range(40)))
    write(
        c="dataset: {kind: csv, path: d.csv, target: y}\nmodel: logistic\noptimizer: {kind: gd, lr: 0.1}\nepochs: 1\n"
    )
    assert "(majority class: 0.750)" in gdrun("train", "c.yaml").ok()


def test_the_mean_of_the_training_part_is_judged_on_the_validation_part(here: Path) -> None:
    rows = [(0.0, 0.0), (1.0, 2.0), (2.0, 4.0), (3.0, 10.0)]
    for name, part in (("train", rows), ("held", [(1.0, 9.0), (2.0, 5.0), (5.0, 4.0)])):
        Path(f"{name}.csv").write_text("x,y\n" + "".join(f"{x},{y}\n" for x, y in part))
    dataset = "{kind: csv, path: train.csv, validation_path: held.csv, target: y, task: regression}"
    write(c=f"dataset: {dataset}\nmodel: linear\ndescent: batch\noptimizer: {{kind: gd, lr: 0.1}}\nepochs: 1\n")
    assert "(the mean: 2.944)" in gdrun("train", "c.yaml").ok()  # √((5² + 1² + 0²) / 3)


LARGE = """\
dataset: {kind: csv, path: large.csv, target: price}
model: {kind: mlp, hidden: [8]}
descent: batch
optimizer: {kind: adam, lr: 0.001}
epochs: 3
"""
HINTS = [
    ([], True),  # three small steps: no better than the mean
    (["optimizer=gd", "optimizer.lr=10"], True),  # diverges
    (["dataset.standardize_target=true"], False),
    (["dataset.standardize_target=true", "optimizer=gd", "optimizer.lr=1e9"], False),
    (["epochs=400", "optimizer.lr=1"], False),  # large, and learned all the same
    (["model=linear", "optimizer=gd", "optimizer.lr=10"], False),
    (["dataset.validation=0"], True),
]


@pytest.mark.parametrize(("changes", "hinted"), HINTS, ids=str)
def test_a_network_that_fails_at_a_large_target_gets_a_hint(changes: list[str], hinted: bool) -> None:
    rows = "".join(f"{i},{i % 7},{1000 + 40 * i + 90 * (i % 7)}.5\n" for i in range(60))
    Path("large.csv").write_text("x,z,price\n" + rows)
    Path("large.yaml").write_text(LARGE)
    hint = "hint: the target is large for a network: try dataset.standardize_target=true"
    lines = gdrun("train", "large.yaml", *changes).out.splitlines()
    assert (hint in lines) is hinted
    assert (hint in lines[1:-1]) is hinted
