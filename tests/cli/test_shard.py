"""`gdrun compare --shard I/N`: fixed parts of a plan, kept in files of their own, read as one."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from gdrun.experiment import training
from gdrun.experiment.comparing import plan
from gdrun.experiment.problem import Problem
from gdrun.experiment.results.folder import Folder
from gdrun.experiment.results.reading import ResultsWarning
from gdrun.experiment.shards import Shard
from gdrun.experiment.sources import Sources
from gdrun.experiment.sweep import expand
from gdrun.experiment.tiles import structure
from tests.cli.driver import CONFIGS, LINE, gdrun, listing, shell
from tests.experiment.made import R1, R2, ended, prepared

RESULTS = Path("results")
SWEEP = """\
dataset: {kind: blobs, examples: 60}
model: softmax
epochs: 3
optimizer: {kind: gd, lr: 0.1}
compare:
  seeds: 3
  candidates:
    - optimizer: {kind: gd, lr: {log: [0.001, 1, 4]}}
    - optimizer: {kind: adam, lr: {log: [0.001, 1, 4]}}
      descent: {batch_size: [8, 16]}
"""
RUNS = 3 * 4 + 3 * 4 * 2


@pytest.fixture(autouse=True)
def config(here: Path) -> None:
    Path("sweep.yaml").write_text(SWEEP)


def shard(text: str, *arguments: str) -> Any:
    return gdrun("compare", "sweep.yaml", "--shard", text, *arguments)


def bits(folder: Folder) -> list[tuple[Any, ...]]:
    history = folder.history().drop(columns="seconds").sort_values(["run", "step"])
    return [tuple(row) for row in history.fillna(-1).itertuples(index=False)]


def problems() -> list[Problem]:
    return [cell.problem for cell in plan(expand(["sweep.yaml"])[0], Sources()).cells]


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 7, 36, 50])
def test_a_plan_is_dealt_out_evenly(count: int) -> None:
    runs = problems()
    shares = [Shard(index, count).share(runs) for index in range(count)]
    assert sorted(problem.id for share in shares for problem in share) == sorted(problem.id for problem in runs)
    assert {len(share) for share in shares} <= {RUNS // count, -(-RUNS // count)}
    for kind, total in Counter(map(structure, runs)).items():
        numbers = [sum(structure(problem) == kind for problem in share) for share in shares]
        assert set(numbers) <= {total // count, -(-total // count)}
    if count == 3:  # as many as seeds: each has every rate
        for share in shares:
            rates = Counter(problem.settings["optimizer"]["lr"] for problem in share)
            assert set(rates.values()) == {3}


def test_shards_together_are_the_comparison() -> None:
    whole = gdrun("compare", "sweep.yaml", "--results", "whole").ok()
    first = shard("0/3")
    assert first.code == 0
    assert first.out == ""
    assert first.err.splitlines() == [
        "12 of the plan's 36 runs · 0 done already · 12 to train in 3 stacks",
        "12 runs of the plan are there: the ranking comes with the last",
    ]
    written = (RESULTS / "sweep/comparison.json").stat().st_ino
    assert shard("2/3").ok() == ""
    assert (RESULTS / "sweep/comparison.json").stat().st_ino == written  # the same plan is not written again
    assert shard("1/3").ok() == whole  # the last one ranks
    folder = Folder(RESULTS / "sweep")
    assert [path for path in listing(RESULTS) if "paths" not in path] == [
        "sweep", "sweep/comparison.json", "sweep/parts",
        *(f"sweep/parts/{i}-of-3{file}" for i in range(3) for file in ("", "/history.csv", "/runs.csv")),
    ]  # fmt: skip
    assert bits(folder) == bits(Folder(Path("whole/sweep")))
    plan_file = RESULTS / "sweep/comparison.json"
    assert plan_file.read_bytes() == Path("whole/sweep/comparison.json").read_bytes()
    assert sorted(folder.runs()["id"]) == sorted(folder.rows()) == sorted(problem.id for problem in problems())


def test_afterwards_nothing_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    for text in ("0/2", "1/2"):
        assert shard(text).code == 0
    before = listing(RESULTS)
    monkeypatch.setattr(training, "descend", None)
    said = gdrun("compare", "sweep.yaml")
    assert said.err == "36 runs · 36 done already · nothing to train\n"
    assert said.out == gdrun("show", "sweep").ok() == shard("0/2").ok()
    assert shard("0/2").err == "18 of the plan's 36 runs · 18 done already · nothing to train\n"
    assert shard("1/4").err == "9 of the plan's 36 runs · 9 done already · nothing to train\n"
    assert listing(RESULTS) == before
    assert [line.split()[:3] for line in gdrun("show").ok().splitlines()[1:]] == [["sweep", "36", "36"]]


def test_a_shard_is_the_same_whatever_is_done() -> None:
    gdrun("compare", "sweep.yaml", "optimizer.lr=0.001,0.01", "--quiet").ok()
    wanted = {problem.id for problem in Shard(1, 4).share(problems())}
    done = Folder(RESULTS / "sweep").done()
    said = shard("1/4", "--memory", "0.001")
    assert said.err.startswith(f"9 of the plan's 36 runs · {len(wanted & done)} done already · ")
    assert Folder(RESULTS / "sweep").done() == wanted | done
    assert {row["id"] for row in Folder(RESULTS / "sweep", "1-of-4").own.rows()} == wanted - done


def test_the_job_array_of_the_readme() -> None:
    readme = (CONFIGS.parent / "README.md").read_text()
    script = readme[readme.index("#!/bin/sh\n#SBATCH") :].partition("```")[0]
    Path("optimizers.yaml").write_text(SWEEP)
    outputs = []
    for task in range(3):
        said = shell(f"export SLURM_ARRAY_TASK_ID={task}\n{script}", Path.cwd())
        assert said.code == 0, said
        outputs.append(said.out)
    assert outputs == ["", "", gdrun("show", "optimizers").ok()]


def test_shards_at_the_same_time() -> None:
    commands = [["compare", "sweep.yaml", "--shard", f"{index}/3", "--quiet"] for index in range(3)]
    running = [subprocess.Popen([sys.executable, "-m", "gdrun", *command]) for command in commands]
    assert [one.wait(60) for one in running] == [0, 0, 0]
    assert gdrun("compare", "sweep.yaml").err.startswith("36 runs · 36 done already")


def test_runs_of_parts_are_found_shown_and_removed() -> None:
    assert shard("0/2").code == shard("1/2").code == 0
    folder = Folder(RESULTS / "sweep")
    run = next(row["id"] for row in Folder(RESULTS / "sweep", "1-of-2").own.rows())
    text = gdrun("show", f"sweep/{run}").ok()
    files = text.splitlines()[-1].split(maxsplit=1)
    assert files == ["files", "results/sweep/parts/1-of-2/history.csv"]
    assert len(folder.recorded(run)) == 4
    assert len(gdrun("show", "sweep", "--all", "--format", "csv").ok().splitlines()) == 1 + RUNS
    assert gdrun("remove", f"sweep/{run}", "--yes").ok() == f"sweep/{run} removed\n"
    assert run not in folder.rows()
    assert run not in set(folder.history()["run"])
    assert "36 runs · 35 done already · 1 to train" in gdrun("compare", "sweep.yaml").err
    assert [row["id"] for row in folder.own.rows()] == [run]
    assert gdrun("remove", "sweep", "--yes").ok() == "sweep removed\n"
    assert not (RESULTS / "sweep").exists()


def test_train_finds_its_run_in_a_part() -> None:
    assert shard("0/1").code == 0
    Path("one.yaml").write_text(SWEEP.partition("compare:")[0])
    said = gdrun("train", "one.yaml", "--name", "sweep", "optimizer.lr=0.001", "--format", "json")
    outcome = json.loads(said.ok())
    assert outcome["again"] is True
    assert outcome["files"]["history"] == "results/sweep/parts/0-of-1/history.csv"
    assert outcome["files"]["runs"] == "results/sweep/parts/0-of-1/runs.csv"
    assert outcome["id"] in Path(outcome["files"]["runs"]).read_text()
    said = gdrun("train", "one.yaml", "--name", "sweep", "optimizer.lr=0.001")
    assert said.ok().splitlines()[1].startswith("results/sweep/parts/0-of-1/history.csv · runs.csv")


def test_a_damaged_part_costs_its_runs_only() -> None:
    assert shard("0/2").code == shard("1/2").code == 0
    file = RESULTS / "sweep/parts/0-of-2/runs.csv"
    file.write_bytes(file.read_bytes()[:-20])
    said = gdrun("compare", "sweep.yaml")
    warning, plan_line = said.err.splitlines()
    assert warning == f"warning: {file}: left out: line 19: has no end"
    assert plan_line == "36 runs · 35 done already · 1 to train in 1 stack"


def test_a_run_of_several_parts_is_a_result_before_a_failure_and_then_the_latest(tmp_path: Path) -> None:
    main, first, second = (prepared(tmp_path / "e", name) for name in (None, "0-of-2", "1-of-2"))
    first.commit([ended("1", started="2026-01-02"), ended("2", points=3, started="2026-01-01")])
    main.commit([ended("1", status="failed", started="2026-01-03"), ended("2", points=1, started="2026-01-02")])
    second.commit([ended("2", status="failed", started="2026-01-05"), ended("1", points=5, started="2026-01-04")])
    for folder in (main, first, second):
        assert {run: row["status"] for run, row in folder.rows().items()} == {R1: "finished", R2: "finished"}
        assert folder.rows()[R2]["started"] == "2026-01-02"
        assert list(folder.rows()) == [R2, R1]
        assert list(folder.history()["run"]) == [R2, *[R1] * 5]
        assert list(folder.runs()["id"]) == [R2, R1]
    main.remove(R2)
    assert R2 not in main.rows()


@pytest.mark.parametrize("text", ["3/3", "x", "-1/2", "0/0", "1", "1/2/3", "0/-2", "½/2", "0/1000000", "", "1/ 2"])
def test_what_is_no_shard(text: str) -> None:
    said = gdrun("compare", "sweep.yaml", f"--shard={text}")
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("--shard: ")
    assert said.err.count("\n") == 1
    assert not RESULTS.exists()


def test_a_shard_cannot_confirm() -> None:
    said = shard("0/2", "--confirm", "3")
    assert (said.code, said.out) == (2, "")
    assert said.err == "--confirm takes the whole ranking: ask for it without --shard, once all shards are done\n"


def test_exit_codes_of_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("sweep.yaml").write_text(LINE.replace("lr: 0.1", "lr: [1000, 2000, 0.1, 0.2]"))
    assert shard("0/4").code == 0  # it diverged, but what the others do is not known
    with monkeypatch.context() as patched:
        patched.setattr(training, "descend", None)
        assert shard("1/4").code == 1
    assert [shard(f"{index}/4").code for index in (2, 3)] == [0, 1]  # the last ranks, and knows of the failure
    assert shard("1/4").code == 0


def test_a_warning_names_the_part(tmp_path: Path) -> None:
    folder = prepared(tmp_path / "e", "0-of-2")
    folder.commit([ended("1"), ended("2")])
    folder.runs_file.write_bytes(folder.runs_file.read_bytes()[:-1])
    with pytest.warns(ResultsWarning, match=r"parts/0-of-2/runs\.csv: left out: line 3"):
        assert list(folder.rows()) == [R1]
