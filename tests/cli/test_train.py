"""`gdrun train`: outcomes, exit codes, what is printed where, and what is kept."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gdrun.descent.loop import Rows
from gdrun.experiment import training
from gdrun.experiment.results.folder import Folder
from gdrun.experiment.runs import find_run
from tests.cli.driver import BOWL, CLASSES, CONFIGS, DIVERGES, LINE, gdrun, listing, process, shell

RESULTS = Path("results")

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


def last(name: str) -> dict[str, str]:
    return find_run(f"{name}/last", RESULTS)[1]


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


def write(**files: str) -> None:
    for name, text in files.items():
        Path(f"{name}.yaml").write_text(text)


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


def objects(text: str) -> list[dict[str, Any]]:
    def refuse(token: str) -> None:
        raise AssertionError(f"{token} is no JSON")

    return [json.loads(line, parse_constant=refuse) for line in text.splitlines()]


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


def test_json_is_the_same_for_a_run_that_was_there() -> None:
    write(line=LINE, diverges=DIVERGES.replace("0.2", "1e200"))
    arguments = ("train", "line.yaml", "diverges.yaml", "--format", "json")
    first, again = (objects(gdrun(*arguments).out) for _ in range(2))
    assert [one.pop("again") for one in first] == [False, False]
    assert [one.pop("again") for one in again] == [True, True]
    assert [list(one.items()) for one in again] == [list(one.items()) for one in first]
    assert first[1]["final_train_loss"] is None


def test_quiet_says_nothing() -> None:
    write(line=LINE)
    said = gdrun("train", "line.yaml", "--quiet")
    assert (said.code, said.out, said.err) == (0, "", "")
    assert last("line")["status"] == "finished"


def test_the_same_command_again_trains_nothing() -> None:
    write(line=LINE)
    gdrun("train", "line.yaml").ok()
    before = listing(RESULTS)
    said = gdrun("train", "line.yaml")
    assert said.ok().startswith("trained before, not again (--rerun does): finished: 3 epochs in ")
    assert listing(RESULTS) == before


def test_a_diverged_run_is_not_trained_again_and_still_ends_with_3() -> None:
    write(diverges=DIVERGES)
    assert gdrun("train", "diverges.yaml").code == 3
    before = listing(RESULTS)
    assert gdrun("train", "diverges.yaml").code == 3
    assert listing(RESULTS) == before


def test_rerun_trains_again_in_place_to_the_same_bits() -> None:
    write(line=LINE)
    gdrun("train", "line.yaml").ok()
    first = Folder(RESULTS / "line")
    history, seconds = first.history(), last("line")["seconds"]
    gdrun("train", "line.yaml", "--rerun").ok()
    assert last("line")["seconds"] != seconds
    assert len(first.rows()) == 1
    pd.testing.assert_frame_equal(
        first.history().drop(columns="seconds"), history.drop(columns="seconds"), check_exact=True
    )


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


def test_a_diverged_run_keeps_its_curve() -> None:
    write(diverges=DIVERGES)
    said = gdrun("train", "diverges.yaml")
    row, history = last("diverges"), Folder(RESULTS / "diverges").history()
    assert row["status"] == "diverged"
    assert said.out.startswith(f"diverged at step {row['end_step']}: {row['cause']}")
    assert list(history["step"]) == list(range(int(row["end_step"]) + 1))
    assert (history["train_loss"].diff().iloc[1:] > 0).all()
    assert history["train_loss"].iloc[-1] > 1000 * history["train_loss"].iloc[0]
    assert (RESULTS / "diverges" / "weights" / f"{row['id']}.npz").is_file()


def test_a_rerun_that_is_not_the_same_is_shouted_about() -> None:
    write(line=LINE)
    gdrun("train", "line.yaml", "--quiet").ok()
    assert not gdrun("train", "line.yaml", "--quiet", "--rerun").ok()
    history = RESULTS / "line" / "history.csv"
    lines = history.read_text().splitlines()
    cells = lines[2].split(",")
    number = lines[0].split(",").index("train_loss")
    was, cells[number] = cells[number], "1.5"
    history.write_text("\n".join([*lines[:2], ",".join(cells), *lines[3:], ""]))
    said = gdrun("train", "line.yaml", "--quiet", "--rerun")
    assert said.code == 1
    assert said.err.endswith(f"in the same environment: train_loss at step 1 was 1.5 and is {was}\n")
    assert was in history.read_text()
    assert gdrun("train", "line.yaml", "--quiet", "--rerun").code == 0


@pytest.mark.parametrize("error", [MemoryError("no room"), FloatingPointError("no room")])
def test_a_failed_run_says_so_and_is_tried_again(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    write(line=LINE, bowl=BOWL)

    def descend(*arguments: Any) -> Any:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(training, "descend", descend)
        said = gdrun("train", "line.yaml", "--quiet")
        other = gdrun("train", "line.yaml", "bowl.yaml", "--format", "json")
    row = last("line")
    cause = f"{type(error).__name__}: no room"
    assert (said.code, said.out, said.err) == (1, "", f"{row['id']} failed: {cause}\n")
    assert (row["status"], row["cause"], row["optimizer.lr"]) == ("failed", cause, "0.1")
    assert other.code == 1
    assert [one["status"] for one in objects(other.out)] == ["failed", "failed"]
    assert "failed" in gdrun("show", "line").ok()
    assert gdrun("train", "line.yaml").ok().startswith("finished: ")
    assert [one["status"] for one in Folder(RESULTS / "line").rows().values()] == ["finished"]


def test_a_run_that_fails_on_the_way_keeps_what_it_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    def measure(*arguments: Any) -> Any:
        raise ValueError("on the way")

    write(line=LINE)
    monkeypatch.setattr("gdrun.experiment.outcome.measure", measure)
    said = gdrun("train", "line.yaml")
    assert said.code == 1
    assert said.out.startswith("failed: ValueError: on the way")
    assert "weights" not in said.out
    assert list(Folder(RESULTS / "line").history()["epoch"]) == [0, 1, 2, 3]


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


SLOW = LINE.replace("epochs: 3", "epochs: 1000000")


def test_a_process_of_its_own(here: Path) -> None:
    write(line=LINE)
    said = process("train", "-", "--name", "piped", "--format", "json", folder=here, stdin=LINE)
    assert (said.code, said.err) == (0, "")
    assert objects(said.out)[0]["experiment"] == "piped"


def test_ctrl_c_ends_with_130_and_one_line(here: Path) -> None:
    write(slow=SLOW)
    command = [sys.executable, "-m", "gdrun", "train", "slow.yaml"]
    with subprocess.Popen(command, cwd=here, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        first = [running.stderr.readline() for _ in range(3)]  # it trains
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=20)
    assert first[2].split()[0] == "0"
    assert (running.returncode, out) == (130, "")
    assert [line.split(":")[0] for line in err.splitlines()[-2:]] == ["interrupted", "interrupted"]
    assert "Traceback" not in err


def test_a_reader_that_leaves_early_is_no_error(here: Path) -> None:
    write(line=LINE.replace("epochs: 3", "epochs: 300"))
    said = shell("gdrun list | head -n 1", here)
    assert (said.code, said.out, said.err) == (0, "optimizers\n", "")
    said = shell("gdrun train line.yaml 2>&1 >/dev/null | head -n 1", here)
    assert said.out.startswith("linear 32 + 8 ")
    assert said.code == 0
    assert last("line")["status"] == "finished"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux only")
def test_a_full_disk_behind_stdout_is_74(here: Path) -> None:
    said = shell("gdrun schema > /dev/full", here)
    assert (said.code, said.err) == (74, "output: No space left on device\n")


ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": ""}


def test_ascii_where_the_locale_has_no_more(here: Path) -> None:
    write(line=LINE)
    said = process("train", "line.yaml", folder=here, env=ASCII)
    assert said.code == 0
    assert (said.out + said.err).isascii()
    assert said.err.startswith("linear 32 + 8 x 5 | linear 5-1")
    assert "?" not in said.out + said.err
    said = process("init", "quickstart", "-o", "-", folder=here, env=ASCII)
    assert said.code == 0
    assert "8 \\xd7 8 pixels" in said.out


def on_terminal(*arguments: str, folder: Path, **env: str) -> str:
    """What a terminal of 140 columns is sent."""
    master, slave = pty.openpty()
    import fcntl
    import struct
    import termios

    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 140, 0, 0))
    command = [sys.executable, "-m", "gdrun", *arguments]
    surroundings = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS", "LINES")}
    with subprocess.Popen(
        command, cwd=folder, stdin=slave, stdout=slave, stderr=slave, env=surroundings | {"TERM": "xterm"} | env
    ) as running:
        os.close(slave)
        seen, deadline = b"", time.monotonic() + 30
        while time.monotonic() < deadline:
            ready, _, _ = select.select([master], [], [], 0.1)
            try:
                part = os.read(master, 65536) if ready else b""
            except OSError:  # the other end is closed
                break
            seen += part
            if not part and running.poll() is not None:
                break
    os.close(master)
    assert running.returncode == 0
    return seen.decode()


def test_a_live_table_on_a_terminal(here: Path) -> None:
    write(line=LINE)
    text = on_terminal("train", "line.yaml", folder=here)
    assert "\x1b[1m" in text  # bold headings
    assert "\x1b[?25l" in text  # no cursor while it is live
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")
    assert "train loss so far" in text
    assert "█" in text
    assert "R²" in text.partition("finished")[0]
    assert "finished: 3 epochs" in text


def test_no_color_and_dumb_terminals(here: Path) -> None:
    write(line=LINE)
    text = on_terminal("train", "line.yaml", folder=here, NO_COLOR="1")
    assert not [code for code in ("\x1b[3", "\x1b[4", "\x1b[9") if code in text]
    text = on_terminal("train", "line.yaml", "--rerun", folder=here, TERM="dumb")
    assert "\x1b" not in text
    assert "train loss" in text
    assert "so far" not in text


def test_a_run_that_overflows_is_diverged_however_it_is_shown() -> None:
    write(c=CLASSES)
    for display in ([], ["--quiet", "--rerun"]):
        said = gdrun("train", "c.yaml", "optimizer.lr=1e300", "model={kind: mlp, hidden: [4]}", *display)
        assert said.code == 3, said
    row = last("c")
    assert row["status"] == "diverged"
    assert row["final_train_accuracy"] == row["final_validation_accuracy"] == "nan"
    assert Folder(RESULTS / "c").history().iloc[-1][["train_loss", "validation_loss"]].isna().all()


def test_a_display_that_fails_is_not_a_run_that_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    write(line=LINE)

    def see(progress: Any, rows: Any) -> bool:
        raise KeyError("display")

    with monkeypatch.context() as patched:
        patched.setattr("gdrun.cli.progress.Progress.see", see)
        said = gdrun("train", "line.yaml")
    assert said.code == 1
    assert "internal error: KeyError" in said.err
    assert listing(RESULTS / "line") == {}


@pytest.mark.parametrize(("width", "curve"), [(60, False), (80, False), (130, True)])
def test_the_live_table_never_cuts_a_digit(width: int, curve: bool) -> None:
    from rich.console import Console

    from gdrun.cli.progress import Progress, _table
    from gdrun.experiment.config import load
    from gdrun.experiment.problem import pose

    write(line=LINE)
    seen = Progress(pose(load("line.yaml")), steps=4)
    values = {
        name: np.array([1.566e-07]) for name in ("lr", "train_loss", "validation_loss", "train_r2", "gradient_norm")
    }
    for step in range(4):
        seen.see(Rows(np.array([0]), step, 32 * step, 0.1 * step, values | {"validation_r2": np.array([0.5])}, None))
    console = Console(width=width, file=io.StringIO(), record=True)
    console.print(_table(seen, width))
    text = console.export_text()
    assert "1.566e-07" in text
    assert "…" not in text
    assert ("train loss so far" in text) == curve


def test_files_are_looked_for_beside_the_config() -> None:
    Path("deep").mkdir()
    Path("deep/d.csv").write_text("x,y\n" + "".join(f"{i},{2 * i + 1}.5\n" for i in range(40)))
    Path("deep/c.yaml").write_text(
        "dataset: {kind: csv, path: d.csv, target: y}\nmodel: linear\noptimizer: {kind: gd, lr: 0.1}\nepochs: 2\n"
    )
    gdrun("train", "deep/c.yaml").ok()


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
