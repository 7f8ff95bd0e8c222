"""What scripts rely on: which stream has what, streams that are closed or full, variables, and the README's recipes."""

from __future__ import annotations

import json
import os
import re
import shlex
import stat
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import typer

from gdrun.cli.app import app
from tests.cli.driver import CONFIGS, LINE, Said, gdrun, listing

README = (CONFIGS.parent / "README.md").read_text(encoding="utf-8")
SWEEP = LINE.replace("lr: 0.1", "lr: [0.1, 0.01]") + "compare: {seeds: 1}\n"
FEATURES = "feature 1,feature 2,feature 3,feature 4,feature 5\n1,2,3,4,5\n"
COMMANDS = {
    "train": "train line.yaml seed=1",
    "compare": "compare sweep.yaml",
    "check": "check line.yaml",
    "init": "init bowl --output -",
    "show": "show line",
    "explain": "explain line/last",
    "plot": "plot line/last curves --output curves.png",
    "report": "report line",
    "predict": "predict line/last new.csv",
    "reproduce": "reproduce line/last",
    "remove": "remove gone --yes",
    "list": "list",
    "textbook": "textbook",
    "schema": "schema",
}
"""Each command as it goes well and prints something."""
QUIET = {"check", "init", "show", "explain", "plot", "report", "predict", "remove", "list", "textbook", "schema"}
"""They have nothing to say beside their data."""
WRONG = {
    "train": "train line.yaml sead=1",
    "compare": "compare sweep.yaml sead=1",
    "check": "check line.yaml sead=1",
    "init": "init bwl --output -",
    "show": "show lin",
    "explain": "explain lin",
    "plot": "plot lin",
    "report": "report lin",
    "predict": "predict line/last nowhere.csv",
    "reproduce": "reproduce line/r0",
    "remove": "remove lin --yes",
    "list": "list optimisers2",
    "textbook": "textbook 99",
    "schema": "schema 1",
}


@pytest.fixture(autouse=True)
def files(here: Path) -> None:
    (here / "line.yaml").write_text(LINE)
    (here / "sweep.yaml").write_text(SWEEP)
    (here / "new.csv").write_text(FEATURES)
    gdrun("train", "line.yaml", "-q").ok()
    gdrun("train", "line.yaml", "-q", "--name", "gone").ok()


def bash(line: str, env: Mapping[str, str] | None = None) -> Said:
    """A bash command line in which `gdrun` is this one; its code is that of what failed in a pipe."""
    whole = f'gdrun() {{ {shlex.quote(sys.executable)} -m gdrun "$@"; }}; set -o pipefail; {line}'
    given = {**os.environ, **(env or {})}
    done = subprocess.run(["bash", "-c", whole], env=given, capture_output=True, timeout=120, check=False)
    return Said(done.returncode, done.stdout.decode(), done.stderr.decode())


def test_the_tables_have_every_command() -> None:
    commands: Any = typer.main.get_command(app)
    assert set(commands.commands) == set(COMMANDS) == set(WRONG), "a new command needs a row in each table"


@pytest.mark.parametrize("name", COMMANDS)
def test_data_to_stdout_and_messages_to_stderr(name: str) -> None:
    said = gdrun(*COMMANDS[name].split())
    assert said.ok().strip()
    assert not said.err or name not in QUIET
    wrong = gdrun(*WRONG[name].split())
    assert (wrong.code, wrong.out) == (2, "")
    assert wrong.err.strip()


@pytest.mark.parametrize("name", ["train", "compare", "reproduce"])
def test_quiet_says_nothing_but_what_went_wrong(name: str) -> None:
    said = gdrun(*COMMANDS[name].split(), "--quiet")
    assert said.err == ""
    assert (said.out == "") is (name == "train")
    assert gdrun(*WRONG[name].split(), "--quiet").err


@pytest.mark.parametrize("name", [*COMMANDS, "--help", "--version"])
def test_streams_that_are_full_closed_or_abandoned(name: str, here: Path) -> None:
    command = f"gdrun {COMMANDS.get(name, name)}"
    full = bash(f"{command} > /dev/full")
    assert full.code == 74
    assert full.err.splitlines()[-1] == "output: No space left on device"
    alone = (">&-", "2>&-", "<&-", "2> /dev/full", "| true") if name == "train" else ()
    for redirected in (*alone, ">&- 2>&- <&-", "2> /dev/full | true"):
        if name == "remove":
            gdrun("train", "line.yaml", "-q", "--name", "gone").ok()
        said = bash(f"{command} {redirected}")
        assert said.code == 0, (redirected, said)
        assert "Traceback" not in said.err, redirected
        assert bool(said.out) is (">&-" not in redirected.split() and "|" not in redirected), redirected
    # no file that was opened later has taken a closed stream's place
    assert not any(b"linear 32 + 8" in content for content in listing(here).values())


ASCII = "LC_ALL=C PYTHONIOENCODING=ascii TERM=dumb NO_COLOR=1"


@pytest.mark.parametrize(
    ("name", "env"), [*((name, ASCII) for name in COMMANDS), ("list", "LC_ALL=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0")]
)
def test_an_empty_environment_and_an_ascii_locale(name: str, env: str) -> None:
    python = f"{shlex.quote(sys.executable)} -m gdrun"
    said = bash(f"env -i PYTHONPATH={shlex.quote(str(CONFIGS.parent))} {env} {python} {COMMANDS[name]}")
    assert said.ok()
    assert (said.out + said.err).isascii()
    assert "\x1b" not in said.out + said.err


def test_a_reader_that_leaves_does_not_stop_the_work() -> None:
    names = " ".join(f"{name}.yaml" for name in "abc")
    for name in "abc":
        Path(f"{name}.yaml").write_text(LINE)
    said = bash(f"PYTHONUNBUFFERED=1 gdrun train {names} seed=5 --format json | head -c 1")
    assert said.code == 0
    assert {path.name for path in Path("results").iterdir()} >= set("abc")


@pytest.mark.parametrize(
    ("env", "arguments", "code", "said"),
    [
        ({"GDRUN_RESULTS": "other"}, "train line.yaml -q", 0, ""),
        ({"GDRUN_RESULTS": ""}, "show line", 0, ""),
        ({"GDRUN_RESULTS": "nowhere"}, "show line", 2, "no experiment 'line' in nowhere\n"),
        ({"GDRUN_RESULTS": "nowhere"}, "show line --results results", 0, ""),
        ({"GDRUN_RESULTS": "line.yaml"}, "show line", 2, "GDRUN_RESULTS"),
        ({"GDRUN_JOBS": "1"}, "compare sweep.yaml -q", 0, ""),
        ({"GDRUN_JOBS": "many"}, "compare sweep.yaml -q", 2, "GDRUN_JOBS"),
        ({"GDRUN_JOBS": "0"}, "compare sweep.yaml -q", 2, "GDRUN_JOBS"),
        ({"GDRUN_JOBS": "many"}, "compare sweep.yaml -q --jobs 1", 0, ""),
        ({"GDRUN_CLUSTER": "nowhere"}, "compare sweep.yaml -q", 2, "GDRUN_CLUSTER nowhere: "),
        ({"GDRUN_CLUSTER": "nowhere"}, "compare sweep.yaml -q --jobs 1", 0, ""),
        ({"GDRUN_JOBS": "1"}, "compare sweep.yaml -q --cluster nowhere", 2, "--cluster nowhere: "),
        ({"GDRUN_JOBS": "1", "GDRUN_CLUSTER": "nowhere"}, "compare sweep.yaml -q", 2, "GDRUN_CLUSTER uses others"),
    ],
)
def test_variables(env: dict[str, str], arguments: str, code: int, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    found = gdrun(*arguments.split())
    assert found.code == code, found
    assert said in found.err
    assert bool(said) is bool(found.err)
    assert Path("other").exists() is (env.get("GDRUN_RESULTS") == "other")


def test_the_keys_of_json_are_those_of_the_readme() -> None:
    def keys(command: str) -> set[str]:
        table = README.split(f"| key of `{command}` |")[1].split("\n\n")[0]
        return set(re.findall("`([a-z]+)`", "".join(line.split("|")[1] for line in table.splitlines()[2:])))

    found = json.loads(gdrun("compare", "sweep.yaml", "--format", "json").ok())
    assert set(found) == keys("compare")
    trained = json.loads(gdrun("train", "line.yaml", "--format", "json").ok())
    header = Path("results/line/runs.csv").read_text().splitlines()[0].split(",")
    assert set(trained) == keys("train") | set(header) - {"config"}
    assert set(trained["files"]) == {"history", "runs", "weights"}


def recipe(language: str) -> str:
    """The block of the section `In scripts` in that language."""
    section = README.partition("## In scripts")[2].partition("\n## ")[0]
    (block,) = re.findall(rf"```{language}\n(.*?)```", section, re.DOTALL)
    return str(block)


@pytest.fixture
def script(here: Path) -> Path:
    """A folder with an executable `gdrun`."""
    folder = here / ".venv/bin"
    folder.mkdir(parents=True)
    file = folder / "gdrun"
    root = shlex.quote(str(CONFIGS.parent))
    file.write_text(f'#!/bin/sh\nPYTHONPATH={root} exec {shlex.quote(sys.executable)} -m gdrun "$@"\n')
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return folder


def test_the_makefile_rule(script: Path) -> None:
    Path("Makefile").write_text(recipe("make"))
    command = "make results/sweep/history.csv results/made/history.csv"
    env = {"PATH": f"{script}:{os.environ['PATH']}"}
    Path("made.yaml").write_text(LINE)
    target = "make results/made/history.csv"
    assert "gdrun train made.yaml --quiet" in bash(target, env).ok()
    assert "is up to date" in bash(target, env).ok()
    Path("made.yaml").write_text(LINE.replace("epochs: 3", "epochs: 4"))
    os.utime("made.yaml", (2**32, 2**32))
    assert "gdrun train made.yaml --quiet" in bash(target, env).ok()
    assert len(Path("results/made/runs.csv").read_text().splitlines()) == 3
    assert bash(command, env).code == 2  # a grid is not for train, and make stops


def test_the_line_for_cron(here: Path, script: Path) -> None:
    *when, command = recipe("cron").strip().split(" ", 5)
    assert when == ["0", "2", "*", "*", "*"]
    (here / "experiments").symlink_to(here)
    Path("optimizers.yaml").write_text(SWEEP)
    cron = ["env", "-i", f"HOME={here}", "LOGNAME=me", "SHELL=/bin/sh", "PATH=/usr/bin:/bin", "/bin/sh", "-c", command]
    done = subprocess.run(cron, stdin=subprocess.DEVNULL, capture_output=True, timeout=120, check=True)
    assert (done.stdout, done.stderr) == (b"", b"")  # or cron writes a mail
    assert Path("ranking.csv").read_text().startswith("rank,candidate,")
    assert Path("gdrun.log").read_text() == ""


def test_the_gate_for_ci(script: Path) -> None:
    env = {"PATH": f"{script}:{os.environ['PATH']}"}
    quality = (CONFIGS / "quickstart.yaml").read_text()
    Path("quality.yaml").write_text(quality)
    passed = bash(f"unset -f gdrun; set -e\n{recipe('sh')}", env)
    assert re.fullmatch(r"r[0-9a-f]{11}: the same bits in \d+ records\n", passed.ok())
    assert passed.err == ""
    Path("quality.yaml").write_text(re.sub("lr: [0-9.]+", "lr: 1e-6", quality))
    said = bash(f"unset -f gdrun; set -e\n{recipe('sh')}", env)
    assert (said.code, said.out) == (4, "")
    assert re.fullmatch(
        r"quality: final_validation_accuracy is [0-9.]+, expected at least 0.95: [0-9.]+ too low\n", said.err
    )
