"""`gdrun show`: experiments, their runs sorted and in every format, one run."""

from __future__ import annotations

import csv
import io
import json
import re

import pandas as pd

from gdrun.experiment.results.folder import Folder
from tests.cli.driver import gdrun


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
