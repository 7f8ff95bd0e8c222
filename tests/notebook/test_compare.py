"""gdrun.compare: the numbers of the command line as tables, from whatever a config or data may be."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import gdrun
from gdrun.analysis.tabular import lines
from gdrun.cli.ranking import as_json
from gdrun.experiment import training
from gdrun.experiment.config import load
from gdrun.experiment.results.folder import Folder
from tests.analysis.made import SIX, WORSE, kind, ranked, runs, sweep
from tests.cli.driver import gdrun as command
from tests.cli.driver import listing

random = np.random.default_rng(0)
X = random.normal(size=(60, 3))
y = X @ [1.0, -2.0, 3.0] + 0.1 * random.normal(size=60)

TEXT = """\
dataset: {kind: blobs, examples: 60, test: 0.2}
model: softmax
epochs: 3
optimizer: {kind: gd, lr: 0.1}
compare:
  seeds: 3
  target: 0.9
  candidates:
    - optimizer: {kind: gd, lr: [0.01, 0.1]}
    - optimizer: {kind: adam, lr: [0.01, 0.1]}
      label: Adam
"""
LINE: dict[str, Any] = {
    "model": "linear",
    "optimizer": {"kind": "gd", "lr": [0.01, 0.1]},
    "descent": {"batch_size": 8},
    "epochs": 4,
    "compare": {"seeds": 2},
}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sweep.yaml").write_text(TEXT)
    return tmp_path


def same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    """Equal to the bit and in the type of every column, times aside."""
    times = [name for name in one.columns if name in ("seconds", "started", "seconds_to_target")]
    pd.testing.assert_frame_equal(one.drop(columns=times), other.drop(columns=times), check_exact=True)


def read_json(text: str) -> Any:
    """What the command printed, times aside."""

    def without_times(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: without_times(inner) for name, inner in value.items() if name != "seconds"}
        return [without_times(inner) for inner in value] if isinstance(value, list) else value

    return without_times(json.loads(text))


def test_the_same_as_the_command_line() -> None:
    result = gdrun.compare("sweep.yaml", save=False, report_on="test")
    printed = read_json(command("compare", "sweep.yaml", "--report-on", "test", "--format", "json").ok())
    assert read_json(json.dumps([as_json(ranking) for ranking in result.rankings])) == printed["rankings"]
    (ranking,) = printed["rankings"]
    assert result.cautions == [caution["text"] for caution in ranking["cautions"]]
    for (_, line), row in zip(result.ranking.iterrows(), ranking["rows"], strict=True):
        assert (line["rank"], line["candidate"], line["seeds"]) == (row["rank"], row["label"], row["estimate"]["n"])
        assert line["optimizer.lr"] == row["settings"]["optimizer.lr"]
        ends = [line[f"final_validation_loss{end}"] for end in ("", "_low", "_high")]
        assert ends == [row["estimate"][name] for name in ("mean", "low", "high")]
        assert line["final_test_loss"] == row["test"]["mean"]
        assert [line["good_rates_low"], line["good_rates_high"]] == row["good_rates"]
        assert line["runs"] == row["counts"]["runs"]
        steps = row["to_target"]["steps"]
        assert line["steps_to_target"] == steps or (steps is None and np.isnan(line["steps_to_target"]))
    behind = ranking["rows"][1]["difference"]
    assert result.ranking["difference"][1] == behind["estimate"]["mean"]
    assert (result.ranking["p"][1], result.ranking["p_holm"][1]) == (behind["p"], behind["p_holm"])
    assert np.isnan(result.ranking["difference"][0])
    folder = Folder(Path("results/sweep"))
    same(*(table.sort_values("id", ignore_index=True).sort_index(axis=1) for table in (result.runs, folder.runs())))
    assert set(result.history["run"]) == set(folder.runs()["id"])
    written = folder.history()
    for run, rows in result.history.groupby("run", sort=False):
        same(rows.reset_index(drop=True), written[written["run"] == run].reset_index(drop=True))


def test_nothing_is_written_or_printed(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    before = listing(here)
    result = gdrun.compare("sweep.yaml", save=False, confirm=2)
    assert listing(here) == before
    assert capfd.readouterr() == ("", "")
    assert len(result.runs) == 12 + 2 * 2
    assert list(result.runs["seed"].iloc[-4:]) == [3, 4, 3, 4]


def test_what_is_kept_is_what_the_command_keeps(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    kept = gdrun.compare("sweep.yaml", results="elsewhere", name="mine")
    assert capfd.readouterr() == ("", "")
    unsaved = gdrun.compare(here / "sweep.yaml", save=False)
    same(kept.runs, unsaved.runs)
    same(kept.history, unsaved.history)
    same(kept.ranking, unsaved.ranking)
    assert (
        "12 done already · nothing to train"
        in command("compare", "sweep.yaml", "--results", "elsewhere", "--name", "mine").err
    )
    (shown,) = json.loads(command("show", "mine", "--results", "elsewhere", "--format", "json").ok())
    assert shown["rows"][0]["estimate"]["mean"] == kept.ranking["final_validation_loss"][0]


def test_only_what_is_missing_is_trained(monkeypatch: pytest.MonkeyPatch) -> None:
    first = gdrun.compare("sweep.yaml")
    files = listing(Path("results"))
    with monkeypatch.context() as patched:
        patched.setattr(training, "descend", None)
        again = gdrun.compare("sweep.yaml")
    assert listing(Path("results")) == files
    pd.testing.assert_frame_equal(again.history, first.history, check_exact=True)
    assert repr(again) == repr(first)
    trained: list[Any] = []

    stack = training.__dict__["stack"]

    def stacked(problems: Sequence[Any]) -> Any:
        trained.extend(problems)
        return stack(problems)

    monkeypatch.setattr(training, "stack", stacked)
    same(gdrun.compare("sweep.yaml", rerun=True).runs, first.runs)
    assert len(trained) == 12


def test_data_in_memory() -> None:
    before = copy.deepcopy(LINE)
    result = gdrun.compare(LINE, data=(X, y), save=False)
    assert before == LINE
    assert list(result.ranking["optimizer.lr"]) == [0.1, 0.01]
    alone = gdrun.train(
        {**LINE, "optimizer": {"kind": "gd", "lr": 0.1}, "compare": None, "seed": 1}, data=(X, y), save=False
    )
    rows = result.history[result.history["run"] == alone.id].reset_index(drop=True)
    same(rows, alone.history)
    table = pd.DataFrame(X, columns=["a", "b", "c"]).assign(price=y)
    framed = gdrun.compare({**LINE, "dataset": {"target": "price", "seed": [0, 1]}}, data=table, save=False)
    assert list(framed.runs["dataset.seed"].unique()) == [0, 1]
    assert list(framed.runs["dataset.kind"].unique()) == ["arrays"]
    alone = gdrun.train({**CONFIG, "dataset": {"target": "price"}}, data=table, save=False)
    assert alone.id in set(framed.runs["id"])


CONFIG: dict[str, Any] = {**LINE, "optimizer": {"kind": "gd", "lr": 0.1}, "compare": None}


def test_several_configs_are_candidates() -> None:
    adam = {**CONFIG, "optimizer": {"kind": "adam", "lr": 0.1}}
    result = gdrun.compare([CONFIG, adam], data=(X, y), save=False)
    assert sorted(result.ranking["candidate"]) == ["adam", "gd"]
    assert repr(result).startswith("<comparison unsaved: 2 runs in 2 rows, the best ")
    named = gdrun.compare([{**CONFIG, "name": "plain"}, {**adam, "name": "Adam"}], data=(X, y), name="both")
    assert sorted(named.ranking["candidate"]) == ["Adam", "plain"]
    assert (named.name, Path("results/both/runs.csv").is_file()) == ("both", True)
    alike = gdrun.compare([{**CONFIG, "name": "a"}, {**adam, "name": "a"}], data=(X, y), save=False)
    assert sorted(alike.ranking["candidate"]) == ["a (1)", "a (2)"]


def test_a_loaded_config() -> None:
    text = TEXT.replace("[0.01, 0.1]", "0.1")
    Path("sweep.yaml").write_text(text)
    by_path = gdrun.compare("sweep.yaml", save=False)
    loaded = gdrun.compare(load("sweep.yaml"), save=False)
    assert (loaded.name, by_path.name) == ("sweep", "sweep")
    same(loaded.ranking, by_path.ranking)


@pytest.mark.parametrize("rows", ["optimizer.lr", ["optimizer.lr"], ("optimizer.lr",)])
def test_other_rows_by_another_criterion(rows: str | Sequence[str]) -> None:
    result = gdrun.compare("sweep.yaml", save=False, rows=rows, criterion="best_validation_accuracy")
    assert len(result.ranking) == 2
    accuracy = result.ranking["best_validation_accuracy"]
    assert list(accuracy) == sorted(accuracy, reverse=True)


def test_memory_makes_tiles_and_changes_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    one = gdrun.compare("sweep.yaml", save=False)
    sizes: list[int] = []
    stack = training.__dict__["stack"]

    def stacked(problems: Sequence[Any]) -> Any:
        sizes.append(len(problems))
        return stack(problems)

    monkeypatch.setattr(training, "stack", stacked)
    same(gdrun.compare("sweep.yaml", save=False, memory=1e-9).history, one.history)
    assert sizes == [1] * 12


def test_two_jobs_from_a_script_give_the_same_and_do_not_run_it_again(here: Path) -> None:
    one = gdrun.compare("sweep.yaml", save=False, jobs=1)
    Path("script.py").write_text(
        "import gdrun\n"
        "print('begun')\n"
        "result = gdrun.compare('sweep.yaml', jobs=2)\n"
        "result.runs.to_pickle('runs.pickle')\n"
        "result.history.to_pickle('history.pickle')\n"
    )
    command = [sys.executable, "script.py"]
    done = subprocess.run(command, cwd=here, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "begun\n", "")
    same(pd.read_pickle("runs.pickle"), one.runs)
    same(pd.read_pickle("history.pickle"), one.history)


def test_a_cluster_that_is_not_there_is_one_error(here: Path) -> None:
    with pytest.raises(gdrun.ConfigError) as error:
        gdrun.compare("sweep.yaml", cluster="tcp://127.0.0.1:1", save=False)
    assert str(error.value) == "cluster: tcp://127.0.0.1:1: no Dask scheduler answers there"


def test_a_stack_of_one_changes_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    one = gdrun.compare("sweep.yaml", save=False)
    sizes: list[int] = []
    stack = training.__dict__["stack"]

    def stacked(problems: Sequence[Any]) -> Any:
        sizes.append(len(problems))
        return stack(problems)

    monkeypatch.setattr(training, "stack", stacked)
    same(gdrun.compare("sweep.yaml", save=False, stack=1).history, one.history)
    assert sizes == [1] * 12


def test_diverged_and_failed_runs_are_results(monkeypatch: pytest.MonkeyPatch) -> None:
    diverging = {**LINE, "optimizer": {"kind": "gd", "lr": [1e200, 2e200]}}
    result = gdrun.compare(diverging, data=(X, y), save=False)
    assert set(result.runs["status"]) == {"diverged"}
    assert list(result.ranking["diverged"]) == [2, 2]
    assert result.ranking["final_validation_loss"].isna().all()
    assert list(result.ranking["seeds"]) == [2, 2]

    def descend(*arguments: Any) -> Any:
        raise MemoryError("no room")

    monkeypatch.setattr(training, "descend", descend)
    result = gdrun.compare(LINE, data=(X, y), save=False)
    assert set(result.runs["cause"]) == {"MemoryError: no room"}
    assert list(result.ranking["failed"]) == [2, 2]
    assert len(result.history) == 0
    assert result.cautions


BLOCK = {**LINE, "name": "a"}
WRONG: list[tuple[Any, dict[str, Any], str]] = [
    (3, {}, "a config is a path, a dict or a loaded config, or a list of them, not a int"),
    (None, {}, "a config is a path, a dict or a loaded config, or a list of them, not a NoneType"),
    ([], {}, "no config: give at least one"),
    ([CONFIG, 3], {}, "a config is a path, a dict or a loaded config, not a int"),
    ("none.yaml", {}, "none.yaml: cannot be read: No such file or directory"),
    ({**LINE, "optimizer": {"kind": "gd", "lr": [0.1, -1]}}, {}, "optimizer.lr: must be greater than 0"),
    ({**LINE, "compare": {"seed": 3}}, {}, "compare.seed: unknown key"),
    ([BLOCK, {**BLOCK, "name": "b"}], {}, "several configs with a compare block are experiments of their own"),
    ([BLOCK, CONFIG], {}, "has no compare block, others have"),
    (LINE, {"save": True}, "the experiment needs a name"),
    ([CONFIG, CONFIG], {"save": True}, "several configs without a compare block are candidates of one experiment"),
    (LINE, {"name": "../x"}, "name: "),
    (LINE, {"rows": "optimizer.rate"}, "rows: "),
    (LINE, {"criterion": "final_loss"}, "criterion: "),
    (LINE, {"criterion": "final_test_loss"}, "criterion: "),
    (LINE, {"rows": "x"}, "rows: no setting x"),
    (LINE, {"rows": 5}, "rows: must be a setting such as optimizer.kind, or a list of them"),
    (LINE, {"rows": ["optimizer.lr", 5]}, "rows: must be a setting"),
    (LINE, {"criterion": 5}, "criterion: must be a column of runs.csv"),
    (LINE, {"confirm": -1}, "confirm: must be a number of fresh seeds"),
    (LINE, {"confirm": "3"}, "confirm: must be a number of fresh seeds"),
    (LINE, {"confirm": True}, "confirm: must be a number of fresh seeds"),
    (LINE, {"memory": 0}, "memory: must be a number of GB greater than 0"),
    (LINE, {"memory": "4GB"}, "memory: must be a number of GB greater than 0"),
    (LINE, {"memory": float("nan")}, "memory: must be a number of GB greater than 0"),
    (LINE, {"stack": 0}, "stack: must be a number of runs"),
    (LINE, {"jobs": 1.5}, "jobs: must be a number of processes"),
    (LINE, {"jobs": 0}, "jobs: must be a number of processes"),
    (LINE, {"cluster": 8786}, "cluster: must be an address"),
    (LINE, {"jobs": 2, "cluster": "tcp://127.0.0.1:1"}, "jobs: workers of this machine"),
    (LINE, {"rerun": "no"}, "rerun: must be True or False"),
    (LINE, {"save": 0}, "save: must be True or False"),
    (LINE, {"results": 3}, "results: must be a folder"),
    (LINE, {"name": 3}, "name: must be text"),
    (LINE, {"report_on": "train"}, 'report_on: must be "test"'),
    (LINE, {"data": (X, y[:5])}, "dataset: data: target 'y': 5 targets for 60 examples"),
    (LINE, {"data": None}, "dataset: required: "),
    ({"model": {"kind": "surface", "function": "booth"}, "steps": 3, "optimizer": "adam"}, {}, "dataset: a surface"),
]


@pytest.mark.parametrize(("config", "options", "message"), WRONG)
def test_wrong_input_is_a_config_error(here: Path, config: Any, options: dict[str, Any], message: str) -> None:
    before = listing(here)
    with pytest.raises(gdrun.ConfigError) as error:
        gdrun.compare(config, **{"data": (X, y), "save": False, **options})
    assert str(error.value).startswith(message)
    assert listing(here) == before


def test_a_line_has_both_ends_of_the_good_rates_and_both_p_values() -> None:
    rates: dict[float, list[float | str | None]] = {0.1: [*SIX], 0.2: [1.01 * value for value in SIX]}
    ranking = ranked(
        sweep(rates, "gd", 0) + runs(WORSE, kind("adam"), 1) + runs([9 * x for x in WORSE], kind("lion"), 2)
    )
    first, second, third = lines([ranking])
    assert (first["good_rates_low"], first["good_rates_high"]) == (0.1, 0.2)
    assert first["p"] is None
    assert 0 < third["p"] < second["p"] == second["p_holm"]  # Holm: of two tests the smaller p counts twice
    assert third["p_holm"] == pytest.approx(2 * third["p"])
    assert third["difference"] > second["difference"] > 0
