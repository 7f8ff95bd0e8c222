"""`gdrun reproduce`: a run had again from its line in runs.csv alone, or the first cell in which it differs."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

import gdrun as package
from gdrun.data import Dataset
from gdrun.experiment import environment
from gdrun.experiment.again import files_of
from tests.cli.driver import BOWL, CLASSES, DIVERGES, LINE, Said, gdrun, listing

RESULTS = Path("results")
TABLE = "x,y,z\n" + "".join(f"{i},{i * i % 7},{2 * i + 1}\n" for i in range(40))
ON_FILE = LINE.replace("{kind: linear, examples: 40}", "{kind: csv, path: table.csv, target: z}")
SWEEP = CLASSES.replace("lr: 0.1", "lr: [0.1, 1]") + "compare: {seeds: 2}\n"


@pytest.fixture(autouse=True)
def configs(here: Path) -> None:
    texts = {"bowl": BOWL, "diverges": DIVERGES, "line": LINE, "classes": CLASSES, "on_file": ON_FILE, "sweep": SWEEP}
    for name, text in texts.items():
        (here / f"{name}.yaml").write_text(text)
    (here / "table.csv").write_text(TABLE)


def rows(file: str = "runs.csv") -> list[dict[str, str]]:
    return list(csv.DictReader((RESULTS / "line" / file).read_text().splitlines()))


def edited(file: str, change: Callable[[list[dict[str, str]]], object]) -> None:
    """Change the rows of a table of the experiment `line`."""
    table = rows(file)
    change(table)
    with (RESULTS / "line" / file).open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(table[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)


@pytest.mark.parametrize("config", ["bowl", "diverges", "line", "classes", "on_file"])
@pytest.mark.parametrize("override", ["seed=0", "dtype=float32"])
def test_a_run_is_had_again_and_nothing_is_written(here: Path, config: str, override: str) -> None:
    gdrun("train", f"{config}.yaml", override, "--name", "line", "-q")
    (here / f"{config}.yaml").unlink()
    before = listing(here)
    said = gdrun("reproduce", "line/last", "--quiet")
    line = f"{rows()[0]['id']}: the same bits in {len(rows('history.csv'))} records\n"
    assert said == Said(0, line, "")
    assert listing(here) == before


def test_an_excess_loss_that_only_one_of_two_has_is_no_difference() -> None:
    gdrun("train", "line.yaml", "-q").ok()

    def forget(table: list[dict[str, str]], *names: str) -> None:
        for row in table:
            row.update(dict.fromkeys(names, ""))

    edited("history.csv", lambda table: forget(table, "excess_loss"))
    edited("runs.csv", lambda table: forget(table, "final_excess_loss"))
    assert gdrun("reproduce", "line/last", "-q").code == 0
    said = gdrun("train", "line.yaml", "--rerun", "-q")
    assert (said.code, said.err) == (0, "")
    assert all(row["excess_loss"] for row in rows("history.csv"))
    edited("history.csv", lambda table: table[0].update(excess_loss="7.0"))
    assert "excess_loss at step 0 was 7.0" in gdrun("reproduce", "line/last", "-q").out
    edited("history.csv", lambda table: forget(table, "excess_loss", "validation_loss"))
    assert "validation_loss at step 0 was nothing" in gdrun("reproduce", "line/last", "-q").out


def test_an_outcome_of_what_was_measured_that_was_not_kept_then_is_no_difference() -> None:
    gdrun("train", "line.yaml", "record.step_angle=1", "-q").ok()
    edited("runs.csv", lambda table: table[0].update(mean_step_angle=""))
    assert gdrun("reproduce", "line/last", "-q").code == 0
    edited("runs.csv", lambda table: table[0].update(lowest_step_angle="7.0"))
    assert "lowest_step_angle at step 3 was 7.0" in gdrun("reproduce", "line/last", "-q").out


def test_a_run_of_a_sweep_and_of_a_shard() -> None:
    gdrun("compare", "sweep.yaml", "--shard", "0/2", "-q").ok()
    gdrun("compare", "sweep.yaml", "--shard", "1/2", "-q").ok()
    listed = json.loads(gdrun("show", "sweep", "--all", "--format", "json").ok())
    assert len(listed) == 4
    for run in listed:
        found = json.loads(gdrun("reproduce", f"sweep/{run['id']}", "--format", "json").ok())
        assert found == {
            "experiment": "sweep", "run": run["id"], "same": True, "records": 4, "difference": None, "changed": {},
        }  # fmt: skip


def test_the_first_difference_is_named(here: Path) -> None:
    gdrun("train", "line.yaml", "-q")
    (run,) = rows()

    def by_one_bit(table: list[dict[str, str]]) -> None:
        for row in table[2:]:
            row["validation_loss"] = repr(float(row["validation_loss"]) * (1 + 2**-52))

    history = rows("history.csv")
    edited("history.csv", by_one_bit)
    was = float(history[2]["validation_loss"]) * (1 + 2**-52)
    now = float(history[2]["validation_loss"])
    before = listing(here)
    said = gdrun("reproduce", "line/last", "-q")
    assert said.code == 1
    assert said.out.splitlines() == [
        f"{run['id']}: NOT the same bits: epoch 2: validation_loss at step 2 was {was!r} and is {now!r}, "
        f"{was - now:.3g} apart",
        "gdrun, python, numpy, blas and cpu are the same as then",
    ]
    found = json.loads(gdrun("reproduce", "line/last", "--format", "json").out)
    assert found["difference"] == {
        "column": "validation_loss", "step": 2, "epoch": 2, "was": repr(was), "now": repr(now), "size": was - now,
    }  # fmt: skip
    assert listing(here) == before


def test_records_and_outcomes_count_too() -> None:
    gdrun("train", "line.yaml", "-q")
    edited("history.csv", lambda table: table.pop())
    assert "number of records was 3 and is 4, 1 apart" in gdrun("reproduce", "line/last", "-q").out
    gdrun("train", "line.yaml", "-q", "--rerun")
    edited("runs.csv", lambda table: table[0].update(best_epoch="2"))
    assert "epoch 3: best_epoch at step 3 was 2 and is 3, 1 apart" in gdrun("reproduce", "line/last", "-q").out


def test_versions_and_machine_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    gdrun("train", "line.yaml", "-q")
    edited("runs.csv", lambda table: table[0].update(numpy="1.26.0", cpu="6502"))
    now = environment.environment()
    said = gdrun("reproduce", "line/last", "-q")
    changes = [f"numpy was 1.26.0 and is {now['numpy']}", f"cpu was 6502 and is {now['cpu']}"]
    assert said.ok() == f"{rows()[0]['id']}: the same bits in 4 records, although {'; '.join(changes)}\n"
    edited("history.csv", lambda table: table[3].update(train_loss=""))
    said = gdrun("reproduce", "line/last", "-q")
    assert said.code == 1
    assert said.out.splitlines()[1:] == changes
    assert "epoch 3: train_loss at step 3 was nothing and is 1." in said.out


def test_a_revision_is_told() -> None:
    from gdrun.descent.optimizers import Optimizer

    gdrun("train", "line.yaml", "-q")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Optimizer.kinds["gd"], "revision", 2)
        found = json.loads(gdrun("reproduce", "line/last", "--format", "json").ok())
    assert found["changed"] == {"optimizer.revision": {"was": "0", "now": "2"}}


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (lambda: Path("table.csv").write_text(TABLE + "1,1,1\n"), "table.csv has changed since"),
        (lambda: Path("table.csv").unlink(), "table.csv: no such file in …"),
        (lambda: Path("table.csv").write_text(""), "table.csv has changed since"),
    ],
)
def test_data_that_changed_or_are_gone(change: Callable[[], object], line: str) -> None:
    gdrun("train", "on_file.yaml", "--name", "line", "-q")
    change()
    said = gdrun("reproduce", "line/last", "-q")
    start, _, _ = line.partition("…")
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(f"{rows()[0]['id']} cannot be trained again: {start}")
    assert said.err.count("\n") == 1


def test_data_beside_the_config_are_found_again(here: Path) -> None:
    (here / "configs").mkdir()
    for name in ("table.csv", "on_file.yaml"):
        (here / name).rename(here / "configs" / name)
    gdrun("train", "configs/on_file.yaml", "--name", "line", "-q")
    assert rows()[0]["dataset.path"] == "configs/table.csv"
    assert "the same bits" in gdrun("reproduce", "line/last", "-q").ok()


def test_what_cannot_be_had_again(monkeypatch: pytest.MonkeyPatch) -> None:
    config = {"name": "line", "model": "linear", "optimizer": {"kind": "gd", "lr": 0.1}, "epochs": 2}
    run = package.train({**config, "descent": "batch"}, data=([[1.0], [2.0], [3.0], [4.0], [5.0]], [1, 2, 3, 4, 5]))
    said = gdrun("reproduce", "line/last", "-q")
    assert said.code == 2
    assert said.err == f"{run.id} was trained on data in memory: there is no file to read again\n"
    with monkeypatch.context() as patched:
        patched.setattr("gdrun.experiment.training.descend", None)
        gdrun("train", "line.yaml", "-q")
    failed = rows()[1]["id"]
    said = gdrun("reproduce", f"line/{failed}", "-q")
    assert (said.code, said.err) == (2, f"{failed} failed: there is nothing to reproduce\n")
    assert gdrun("reproduce", "line/r0000").code == 2
    assert gdrun("reproduce", "nothing/last").code == 2


def test_every_dataset_of_files_is_known() -> None:
    """Whose paths are looked up in runs.csv, whatever they are called."""
    files = {kind: part.file_settings for kind, part in Dataset.kinds.items() if part.file_settings}
    for kind, names in files.items():
        row = {"dataset.kind": kind, **{f"dataset.{name}": f"{name}.file" for name in names}}
        assert files_of(row) == {f"dataset.{name}": f"{name}.file" for name in names}
