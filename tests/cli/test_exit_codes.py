"""One table of all exit codes, each from commands that end with it."""

from __future__ import annotations

import signal
from itertools import combinations
from pathlib import Path

import pytest

from gdrun.cli.exits import Exit, worst
from gdrun.experiment import training
from tests.cli.driver import BOWL, CONFIGS, DIVERGES, LINE, gdrun, running

README = (CONFIGS.parent / "README.md").read_text(encoding="utf-8")
SWEEP = BOWL.replace("0.05", "[0.01, 0.05]") + "compare: {seeds: 1}\n"
CASES = [
    (0, "train bowl.yaml"),
    (0, "compare sweep.yaml"),
    (0, "train diverges.yaml --allow-diverged"),
    (0, "compare sweep.yaml optimizer.lr=0.2,0.3 steps=1000 --allow-diverged"),
    (0, "train diverges.yaml expect.status=diverged"),
    (0, "reproduce kept/last"),
    (2, "train nowhere.yaml"),
    (2, "train bowl.yaml optimizer.lr=-1"),
    (2, "train bowl.yaml --no-such-option"),
    (2, "no-such-command"),
    (2, "show nothing"),
    (2, "predict kept/last nowhere.csv"),
    (2, "compare sweep.yaml --cluster nowhere"),
    (3, "train diverges.yaml"),
    (3, "train bowl.yaml diverges.yaml"),
    (3, "compare sweep.yaml optimizer.lr=0.2,0.3 steps=1000"),
    (4, "train bowl.yaml expect.end_step.at_most=1"),
    (4, "train diverges.yaml expect.status=finished --allow-diverged"),
    (4, "compare sweep.yaml expect.status=stopped"),
    (74, "train bowl.yaml --results file/in"),
    (74, "compare sweep.yaml --results file/in"),
]


@pytest.fixture(autouse=True)
def configs(here: Path) -> None:
    texts = {"bowl": BOWL, "diverges": DIVERGES, "line": LINE, "sweep": SWEEP}
    for name, text in texts.items():
        (here / f"{name}.yaml").write_text(text)
    (here / "file").touch()
    gdrun("train", "bowl.yaml", "--name", "kept", "-q").ok()


@pytest.mark.parametrize(("code", "command"), CASES)
def test_exit_code(code: int, command: str) -> None:
    said = gdrun(*command.split())
    assert said.code == code, said
    assert "Traceback" not in said.err
    assert bool(said.err.strip()) or code in (0, 3)


@pytest.mark.parametrize("command", ["train line.yaml", "compare sweep.yaml", "train line.yaml diverges.yaml"])
def test_a_run_that_failed(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "descend", None)
    assert gdrun(*command.split(), "expect.status=finished").code == 1


def test_a_run_that_is_not_had_again() -> None:
    history = Path("results/kept/history.csv")
    lines = history.read_text().splitlines(keepends=True)
    history.write_text("".join(lines[:-1]))
    assert gdrun("reproduce", "kept/last").code == 1


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal(number: signal.Signals, code: int, here: Path) -> None:
    with running("train", "line.yaml", "epochs=100000000", folder=here) as begun:
        assert begun.stderr
        while begun.stderr.readline().split()[:1] != ["0"]:
            assert begun.poll() is None
        begun.send_signal(number)
        _, rest = begun.communicate(timeout=60)
    assert begun.returncode == code
    assert "Traceback" not in rest


def test_of_several_the_worst_counts() -> None:
    order = [Exit.INTERRUPTED, Exit.TERMINATED, Exit.UNWRITTEN, Exit.FAILED, Exit.UNMET, Exit.DIVERGED, Exit.DONE]
    for first, second in combinations(order, 2):
        assert worst([first, second]) is worst([second, first]) is first
    assert worst([]) is Exit.DONE
    assert gdrun("train", "diverges.yaml", "line.yaml", "expect.end_step.at_least=9").code == 4


def test_the_readme_has_them_all() -> None:
    _, table = README.split("| exit code |")
    listed = {int(word) for line in table.split("\n\n")[0].splitlines() for word in line.split("|")[1:2] for word in
              word.replace(",", " ").split() if word.isdigit()}  # fmt: skip
    assert listed == set(Exit)
