"""The results folder under adverse conditions: several commands at once, disks that are full, files that are broken."""

from __future__ import annotations

import csv
import errno
import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gdrun.descent.loop import descend
from gdrun.experiment import training
from gdrun.experiment.results.folder import Folder
from gdrun.experiment.results.writing import LOCK
from tests.cli.driver import BOWL, LINE, gdrun, listing, process

RESULTS = Path("results")
SWEEP = """\
dataset: {kind: linear, examples: 40}
model: linear
epochs: 3
optimizer: {kind: gd, lr: [0.01, 0.02, 0.05, 0.1]}
compare: {seeds: 3}
"""


def started(*arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "gdrun", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def together(*commands: list[str]) -> None:
    """Several commands at the same time, all of which end well."""
    for running in [started(*command) for command in commands]:
        _, said = running.communicate(timeout=60)
        assert running.returncode == 0, said


def test_commands_at_the_same_time_keep_each_others_runs() -> None:
    Path("line.yaml").write_text(LINE.replace("0.1", "0.05"))
    Path("sweep.yaml").write_text(SWEEP)
    wider = ["compare", "sweep.yaml", "optimizer.lr=0.05,0.1,0.2,0.3"]
    together(["compare", "sweep.yaml"], wider, ["train", "line.yaml", "--name", "sweep"], ["compare", "sweep.yaml"])
    folder = Folder(RESULTS / "sweep")
    with folder.runs_file.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert sorted((float(row["optimizer.lr"]), int(row["seed"])) for row in rows) == [
        (lr, seed) for lr in (0.01, 0.02, 0.05, 0.1, 0.2, 0.3) for seed in range(3)
    ]
    with folder.history_file.open(newline="") as file:
        records = Counter(row["run"] for row in csv.DictReader(file))
    assert records == {row["id"]: 4 for row in rows}
    assert not [path for path in folder.path.rglob(".*") if path.name != LOCK]


COMMIT_OFTEN = """
import sys
from pathlib import Path
from tests.experiment.made import ended, prepared

folder = prepared(Path("e"))
for number in range(12):
    folder.commit([ended(f"{sys.argv[1]}-{number}"), ended(f"shared-{number}")])
"""


def test_commits_that_meet_lose_nothing() -> None:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    running = [subprocess.Popen([sys.executable, "-c", COMMIT_OFTEN, name], env=env) for name in "abcd"]
    assert [one.wait(60) for one in running] == [0, 0, 0, 0]
    folder = Folder(Path("e"))
    rows = folder.runs()
    assert len(rows) == len(set(rows["id"])) == 5 * 12
    assert Counter(folder.history()["run"]) == dict.fromkeys(rows["id"], 2)


# what a command meets that cannot be written to: exit code 74, one line, nothing lost


@pytest.fixture
def disk(here: Path) -> Iterator[Path]:
    """A disk of a megabyte, as the results folder."""
    RESULTS.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "none", RESULTS], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no right to mount; tests/cli/test_bad_input.py fails each write instead")
    yield RESULTS
    subprocess.run(["umount", "-l", here / RESULTS], check=True)


def fill(disk: Path, left: int) -> None:
    space = os.statvfs(disk)
    (disk / "full").write_bytes(b"x" * max(0, space.f_bavail * space.f_bsize - left))


def test_a_disk_that_fills_up_loses_nothing(disk: Path) -> None:
    Path("line.yaml").write_text(LINE)
    gdrun("train", "line.yaml").ok()
    before = listing(disk / "line")
    codes = []
    for left in range(0, 120_000, 8192):
        fill(disk, left)
        said = gdrun("train", "line.yaml", "seed=1", "epochs=200", "--quiet")
        (disk / "full").unlink()
        codes.append(said.code)
        if said.code == 0:
            break
        assert (said.code, said.out, said.err.count("\n")) == (74, "", 1)
        assert said.err.endswith(": No space left on device\n")
        after = listing(disk / "line")
        assert after["runs.csv"] == before["runs.csv"]
        assert set(Folder(disk / "line").history()["run"]) == set(Folder(disk / "line").rows())
        assert not [path for path in after if Path(path).name.startswith(".")]
    assert codes[-1] == 0
    assert codes.count(74) > 3
    assert len(Folder(disk / "line").rows()) == 2


def test_a_disk_that_is_full_is_noticed_before_training(disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("line.yaml").write_text(LINE)
    Path("sweep.yaml").write_text(SWEEP)
    fill(disk, 0)
    monkeypatch.setattr(training, "descend", None)
    for command in ("train line.yaml --quiet", "compare sweep.yaml --quiet"):
        said = gdrun(*command.split())
        assert (said.code, said.out) == (74, "")
        assert said.err.endswith(": cannot be written to: No space left on device\n")
    assert list(listing(disk)) == ["full"]


def test_a_folder_that_is_read_only(disk: Path) -> None:
    Path("line.yaml").write_text(LINE)
    Path("sweep.yaml").write_text(SWEEP)
    gdrun("train", "line.yaml").ok()
    table = gdrun("compare", "sweep.yaml").ok()
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    said = gdrun("train", "line.yaml", "seed=1", "--quiet")
    assert (said.code, said.out) == (74, "")
    assert said.err == "results/line: cannot be written to: Read-only file system\n"
    assert gdrun("remove", "line", "--yes").code == gdrun("remove", "line/last", "--yes").code == 74
    assert gdrun("compare", "sweep.yaml").ok() == gdrun("show", "sweep").ok() == table  # what needs no writing goes on


def test_a_folder_that_vanished(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("line.yaml").write_text(LINE)
    Path("sweep.yaml").write_text(SWEEP)

    def vanish(*arguments: Any) -> Any:
        shutil.rmtree(RESULTS)
        return descend(*arguments)

    monkeypatch.setattr(training, "descend", vanish)
    for command in ("train line.yaml --quiet", "compare sweep.yaml --quiet"):
        said = gdrun(*command.split())
        assert (said.code, said.out) == (74, "")
        assert said.err == f"results/{command[-20:].split()[-2].removesuffix('.yaml')}: is no longer there\n"
        assert not RESULTS.exists()


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.ENOTSUP, errno.ENOLCK])
def test_a_filesystem_without_locks(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def flock(*arguments: Any) -> None:
        raise OSError(number, os.strerror(number))

    Path("line.yaml").write_text(LINE)
    monkeypatch.setattr(fcntl, "flock", flock)
    monkeypatch.setattr(training, "descend", None)
    said = gdrun("train", "line.yaml", "--quiet")
    assert (said.code, said.out) == (74, "")
    hint = "no file locks on this filesystem? --results DIR takes another"
    assert said.err == f"results/line/.lock: cannot be locked: {os.strerror(number)}: {hint}\n"
    assert not RESULTS.exists()


def test_whoever_keeps_a_folder_locked_is_not_waited_for_forever(monkeypatch: pytest.MonkeyPatch) -> None:
    from filelock import FileLock

    Path("line.yaml").write_text(LINE)
    gdrun("train", "line.yaml").ok()
    monkeypatch.setattr("gdrun.experiment.results.writing.PATIENCE", 0.1)
    with FileLock(RESULTS / "line" / LOCK):
        said = gdrun("train", "line.yaml", "seed=1", "--quiet")
    assert (said.code, said.err) == (74, "results/line: another gdrun has kept it locked for 0 s\n")
    assert gdrun("show", "line").code == 0


# what cannot be read: named on stderr, left as it is, the rest shown


@pytest.fixture
def three(here: Path) -> Path:
    """The results of three experiments, the last of them a comparison."""
    Path("bowl.yaml").write_text(BOWL)
    Path("line.yaml").write_text(LINE)
    Path("sweep.yaml").write_text(SWEEP)
    gdrun("train", "bowl.yaml", "line.yaml").ok()
    gdrun("train", "line.yaml", "seed=1").ok()
    gdrun("compare", "sweep.yaml").ok()
    return here


def overwrite(name: str, content: bytes) -> Callable[[], object]:
    return lambda: (RESULTS / name).write_bytes(content)


def cut(name: str) -> Callable[[], object]:
    return lambda: (RESULTS / name).write_bytes((RESULTS / name).read_bytes()[:-20])


def edited(name: str, old: bytes, new: bytes) -> Callable[[], object]:
    def edit() -> None:
        content = (RESULTS / name).read_bytes()
        assert old in content
        (RESULTS / name).write_bytes(content.replace(old, new, 1))

    return edit


BROKEN: list[tuple[Callable[[], object], str, str, list[str]]] = [
    (cut("line/runs.csv"), "show", "results/line/runs.csv: left out: line 3: has no end", ["bowl", "line", "sweep"]),
    (cut("line/runs.csv"), "show line", "results/line/runs.csv: left out: line 3: has no end", ["1 run"]),
    (
        overwrite("line/runs.csv", b"\xff\xfe\0\n"),
        "show",
        "results/line/runs.csv: is not a runs.csv of gdrun: its first line begins with '??\\x00'; left out",
        ["bowl", "line", "sweep"],
    ),
    (overwrite("line/runs.csv", b""), "show", "results/line/runs.csv: is empty", ["bowl", "line", "sweep"]),
    ((RESULTS / "new").mkdir, "show", "results/new: holds no runs yet", ["bowl", "line", "sweep"]),
    (
        lambda: shutil.rmtree(RESULTS / "line/weights"),
        "show",
        "",
        ["bowl", "line", "sweep"],
    ),
    (
        overwrite("sweep/comparison.json", b'{"version": 2}'),
        "show sweep",
        "results/sweep/comparison.json: is not a comparison that this gdrun can read; its runs, without a ranking:",
        ["12 runs"],
    ),
    (
        overwrite(
            "sweep/comparison.json", b'{"version": 1, "question": {"rows": []}, "runs": [{"id": "r1"}], "fresh": []}'
        ),
        "show sweep",
        "results/sweep/comparison.json: is not a comparison that this gdrun can read; its runs, without a ranking:",
        ["12 runs"],
    ),
    (
        edited("sweep/comparison.json", b'"seed": 0', b'"seed": [0]'),
        "show sweep",
        "results/sweep/comparison.json: is not a comparison that this gdrun can read; its runs, without a ranking:",
        ["12 runs"],
    ),
    (
        edited("sweep/comparison.json", b'"candidate": 0', b'"candidate": null'),
        "show sweep",
        "results/sweep/comparison.json: is not a comparison that this gdrun can read; its runs, without a ranking:",
        ["12 runs"],
    ),
    (
        overwrite("sweep/comparison.json", b'{"version": 1, "question": ' + b"[" * 100_000),
        "show sweep",
        "results/sweep/comparison.json: is not a comparison that this gdrun can read; its runs, without a ranking:",
        ["12 runs"],
    ),
    (
        overwrite("sweep/comparison.json", b'{"version": 1, "question": {'),
        "show sweep",
        "results/sweep/comparison.json: is not a comparison that this gdrun can read; its runs, without a ranking:",
        ["12 runs"],
    ),
]


@pytest.mark.parametrize(("damage", "command", "warning", "shown"), BROKEN)
def test_what_is_broken_is_named_and_the_rest_is_shown(
    three: Path, damage: Callable[[], object], command: str, warning: str, shown: list[str]
) -> None:
    damage()
    before = listing(three)
    said = gdrun(*command.split(), "--format", "json")
    rows = json.loads(said.ok())
    assert said.err == (f"warning: {warning}\n" if warning else "")
    found = [row.get("experiment") for row in rows]
    assert found == shown or [f"{len(rows)} run{'s' * (len(rows) > 1)}"] == shown
    assert listing(three) == before


def test_a_damaged_runs_csv_is_kept_and_its_run_trained_again(three: Path) -> None:
    cut("line/runs.csv")()
    damaged = (RESULTS / "line/runs.csv").read_bytes()
    said = gdrun("train", "line.yaml", "seed=1", "--quiet")
    assert (said.code, said.out) == (0, "")
    first, second = said.err.splitlines()
    assert first == "warning: results/line/runs.csv: left out: line 3: has no end"
    assert "is damaged and was kept as runs.csv.damaged-" in second
    (kept,) = (RESULTS / "line").glob("*.damaged-*")
    assert kept.read_bytes() == damaged
    assert [row["seed"] for row in Folder(RESULTS / "line").rows().values()] == ["0", "1"]
    assert list(Folder(RESULTS / "line").history()["epoch"]) == [0, 1, 2, 3] * 2
    assert gdrun("show").err == ""


def test_a_foreign_runs_csv_stops_before_training(three: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (RESULTS / "line/runs.csv").write_text("run;loss\n1;2\n")
    before = listing(three)
    monkeypatch.setattr(training, "descend", None)
    said = gdrun("train", "line.yaml", "--quiet")
    assert (said.code, said.out) == (74, "")
    warning, error = said.err.splitlines()
    assert warning.startswith("warning: results/line/runs.csv: is not a runs.csv of gdrun")
    assert error.endswith("; nothing is written beside it: move it away")
    assert listing(three) == before


def test_a_target_is_looked_for_in_what_is_whole_of_the_history(three: Path) -> None:
    Path("sweep.yaml").write_text(SWEEP.replace("seeds: 3", "seeds: 3, target: 1e9"))
    assert gdrun("compare", "sweep.yaml").err.startswith("12 runs · 12 done")
    cut("sweep/history.csv")()
    said = gdrun("show", "sweep")
    assert said.code == 0
    assert "history.csv: left out: line 49: has no end" in said.err
    assert "history.csv: lacks records of 1 runs, --rerun makes them again: r" in said.err


def test_warnings_are_pythons_own_where_python_is_what_calls(three: Path) -> None:
    cut("line/runs.csv")()
    said = process("show", folder=three)
    assert said.err == "warning: results/line/runs.csv: left out: line 3: has no end\n"
    with pytest.warns(UserWarning, match="line 3: has no end"):
        Folder(RESULTS / "line").rows()
