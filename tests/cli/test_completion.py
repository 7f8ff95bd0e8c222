"""What Tab completes, asked as the shell asks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.driver import LINE, gdrun, process

SWEEP = LINE.replace("lr: 0.1", "lr: [0.1, 0.01]") + "compare: {seeds: 1}\n"


@pytest.fixture(autouse=True)
def files(here: Path) -> None:
    for name in (
        "line.yaml",
        "other.yml",
        "notes.txt",
        "sub/inner.yaml",
        "deep/down/only.yaml",
        "empty/.keep",
        ".x/y.yaml",
    ):
        path = here / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(LINE)
    gdrun("train", "line.yaml", "-q").ok()
    (here / "sweep.yaml").write_text(SWEEP)
    gdrun("compare", "sweep.yaml", "--shard", "0/2", "-q", "--results", "shards").ok()


def completed(line: str, shell: str = "bash", env: dict[str, str] | None = None) -> list[str]:
    words = line.split(" ")
    asked = {"bash": {"COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}, "fish": {
        "_TYPER_COMPLETE_FISH_ACTION": "get-args", "_TYPER_COMPLETE_ARGS": line,
    }}[shell]  # fmt: skip
    said = process(folder=Path.cwd(), env={**asked, "_GDRUN_COMPLETE": f"complete_{shell}", **(env or {})})
    assert (said.code, said.err) == (0, "")
    return [found.split("\t")[0] for found in said.out.split()]


def run_of(results: str) -> str:
    (file,) = Path(results).rglob("runs.csv")
    return file.read_text().splitlines()[1].partition(",")[0]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("gdrun tr", ["train"]),
        ("gdrun re", ["report", "reproduce", "remove"]),
        ("gdrun compare --cr", ["--criterion"]),
        ("gdrun train ", ["deep/", "empty/", "line.yaml", "other.yml", "results/", "shards/", "sub/", "sweep.yaml"]),
        ("gdrun check line.yaml s", ["shards/", "sub/", "sweep.yaml"]),
        ("gdrun compare ./o", ["./other.yml"]),
        ("gdrun compare su", ["sub/inner.yaml"]),
        ("gdrun compare deep/", ["deep/down/only.yaml"]),
        ("gdrun train em", []),
        ("gdrun train nowhere/", []),
        ("gdrun init x", ["xor"]),
        ("gdrun remove li", ["line", "line/last", "line/best", "line/RUN"]),
        ("gdrun reproduce line/l", ["line/last"]),
        ("gdrun predict line/r", ["line/RUN"]),
        ("gdrun show none/", []),
        ("gdrun show --results shards sw", ["sweep", "sweep/last", "sweep/best", "sweep/SHARD"]),
        ("gdrun show --results nowhere ", []),
    ],
)
def test_completion(line: str, found: list[str]) -> None:
    names = {"RUN": run_of("results"), "SHARD": run_of("shards")}
    assert completed(line) == [_named(text, names) for text in found]


def _named(text: str, names: dict[str, str]) -> str:
    for word, run in names.items():
        text = text.replace(word, run)
    return text


def test_the_variable_says_where_results_are() -> None:
    assert completed("gdrun show sw", env={"GDRUN_RESULTS": "shards"})[0] == "sweep"


def test_another_shell() -> None:
    assert completed("gdrun reproduce line/b", "fish") == ["line/best"]


def test_nothing_heavy_is_imported() -> None:
    env = {**os.environ, "COMP_WORDS": "gdrun show l", "COMP_CWORD": "2", "_GDRUN_COMPLETE": "complete_bash"}
    command = [sys.executable, "-X", "importtime", "-m", "gdrun"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True, timeout=60)
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "gdrun.cli.completion" in imported
    assert not imported & {"numpy", "pandas", "yaml", "scipy", "gdrun.experiment.config"}
