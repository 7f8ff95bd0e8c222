"""Everything that can be asked wrongly: one line that says so, the right exit code, and no file left behind."""

from __future__ import annotations

import errno
import os
import re
import shutil
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest

from tests.cli.driver import BOWL, CLASSES, LINE, gdrun, listing

CSV = """\
dataset: {kind: csv, path: d.csv, target: y}
descent: batch
model: linear
optimizer: {kind: gd, lr: 0.1}
epochs: 2
"""
FILES = {
    "line.yaml": LINE,
    "bowl.yaml": BOWL,
    "classes.yaml": CLASSES,
    "csv.yaml": CSV,
    "d.csv": "a,b,y\n" + "".join(f"{i},{i * i % 7},{i % 5 + 0.5}\n" for i in range(20)),
    "other.csv": "a,c,y\n1,2,3\n",
    "words.csv": "a,b\n1,2\nx,3\n",
    "gap.csv": "a,b,y\n1,2,3.5\n,3,4\n5,6,7\n",
    "ragged.csv": "a,b,y\n1,2,3.5\n2,3\n",
    "empty.csv": "",
    "typo.yaml": LINE.replace("lr: 0.1", "larning_rate: 0.1"),
    "habit.yaml": LINE.replace("lr: 0.1", "lr: 0.1, alpha: 0.1"),
    "twice.yaml": LINE + "epochs: 4\n",
    "nan.yaml": LINE.replace("0.1", ".nan"),
    "sweep.yaml": LINE.replace("0.1", "[0.1, 0.2]"),
    "torn.yaml": "dataset: {kind: linear\nmodel: linear\n",
    "tab.yaml": "model:\n\tkind: linear\n",
    "list.yaml": "- 1\n",
    "empty.yaml": "",
    "bin.yaml": "\0\1",
    "nameless/.yaml": LINE,
    "few.yaml": LINE.replace("examples: 40", "examples: 20"),
}

# what is asked, how it ends, and the whole of stderr
USAGE: list[tuple[str, str]] = [
    # configs
    ("train missing.yaml", "missing.yaml: cannot be read: No such file or directory"),
    ("train nameless", "nameless: cannot be read: Is a directory"),
    ("train empty.yaml", "empty.yaml:1:1: empty: a config has at least model, optimizer and epochs or steps"),
    ("train list.yaml", "list.yaml:1:1: must be keys with values, such as `model: linear`, not a list of 1"),
    ("train typo.yaml", "typo.yaml:3:23: optimizer.larning_rate: unknown key: did you mean lr?"),
    ("train habit.yaml", "habit.yaml:3:32: optimizer.alpha: unknown key: write lr"),
    ("train twice.yaml", "twice.yaml:5:1: epochs: already given in line 4"),
    ("train nan.yaml", "nan.yaml:3:27: optimizer.lr: must be finite, not nan"),
    (
        "train sweep.yaml",
        "sweep.yaml:3:27: optimizer.lr: a list of values or a range is a sweep, for gdrun compare: one value here",
    ),
    ("train torn.yaml", "torn.yaml:2:6: not YAML: did not find expected ',' or '}' while parsing a flow mapping"),
    ("train tab.yaml", "tab.yaml:2:1: not YAML: found character that cannot start any token"),
    ("train bin.yaml", "bin.yaml:1:1: control character '\\x00': not a text file?"),
    ("train nameless/.yaml", "nameless/.yaml: the experiment needs a name: --name NAME, or `name:` in the config"),
    ("train -", "<stdin>:1:1: empty: a config has at least model, optimizer and epochs or steps"),
    ("train - - --name x", "-: stdin can be read once only"),
    ("train optimizer.lr=1", "no config: name a YAML file, such as quickstart.yaml (gdrun init writes it)"),
    ("train line.yaml --name a/b", "--name: names a folder: must not have / in it"),
    ("train line.yaml --name ..", "--name: must not begin with a dot, dash or space, nor end with a dot or space"),
    # overrides
    ("train line.yaml optimizer.lr=-1", "optimizer.lr=-1: must be greater than 0"),
    ("train line.yaml optimizer.lr=fast", "optimizer.lr=fast: must be a number, not 'fast'"),
    ("train line.yaml optimizer.rate=1", "optimizer.rate=1: unknown key: write lr"),
    (
        "train line.yaml optimizer=sgdm",
        "optimizer=sgdm: no optimizer 'sgdm': did you mean momentum? There are gd, momentum, …",
    ),
    (
        "train line.yaml optimizer.lr=0.1,0.2",
        "optimizer.lr=0.1,0.2: a list of values or a range is a sweep, for gdrun compare: one value here",
    ),
    ("train line.yaml epochs=2 steps=3", "steps=3: epochs is given already: exactly one of epochs, steps and examples"),
    ("train bowl.yaml epochs=3", "epochs=3: a surface has no epochs: write steps"),
    ("train bowl.yaml dataset=iris", "dataset=iris: a surface has no dataset: leave it out"),
    ("train bowl.yaml model.function=booth model.start=[1,2,3]", "model.start=[1,2,3]: booth has 2 variables, not 3"),
    (
        "train line.yaml loss=hinge",
        "loss=hinge: hinge does not go with linear: half_mse, mse, sum_squares, mae or huber",
    ),
    # what only the data show
    (
        "train few.yaml",
        "few.yaml:1:1: descent.batch_size: 32, the default, is more than the 16 training examples; descent: …",
    ),
    (
        "train line.yaml model=logistic",
        "model=logistic: logistic cannot learn y, which is numbers: linear, neuron, mlp can",
    ),
    (
        "train classes.yaml model=linear",
        "model=linear: linear cannot learn class, which is 3 classes: softmax, mlp can",
    ),
    (
        "train classes.yaml model=logistic",
        "model=logistic: logistic cannot learn class, which is 3 classes: softmax, mlp can",
    ),
    (
        "train line.yaml descent.batch_size=33",
        "descent.batch_size=33: 33 is more than the 32 training examples; descent: batch takes all",
    ),
    ("train line.yaml model.initial=[1,2]", "model.initial=[1,2]: 2 values for a model of 6 parameters"),
    (
        "train line.yaml dataset.validation=0.6 dataset.test=0.5",
        "dataset.validation=0.6: validation 0.6 and test 0.5 leave nothing to train on",
    ),
    (
        "train csv.yaml dataset.path=no.csv",
        "dataset.path=no.csv: no.csv: no such file in {here}; did you mean 'd.csv'?",
    ),
    ("train csv.yaml dataset.path=nameless", "dataset.path=nameless: nameless: is a folder, not a file"),
    ("train csv.yaml dataset.path=empty.csv", "dataset.path=empty.csv: empty.csv: is empty"),
    (
        "train csv.yaml dataset.path=gap.csv",
        "dataset.path=gap.csv: dataset.missing: gap.csv: column 'a': 1 missing value, first in line 3",
    ),
    (
        "train csv.yaml dataset.path=ragged.csv",
        "dataset.path=ragged.csv: ragged.csv: line 3: 2 columns where line 1 has 3",
    ),
    ("train csv.yaml dataset.target=z", "dataset.target=z: d.csv: target: no column is named 'z'"),
    ("train csv.yaml dataset.target=9", "dataset.target=9: d.csv: target: no column 9, only 0 to 2"),
    ("check csv.yaml dataset.drop=[q]", "dataset.drop=[q]: d.csv: drop: no column is named 'q'"),
    # results that are not there
    ("show nope", "no experiment 'nope' in results; gdrun show lists what there is"),
    ("show lime", "no experiment 'lime' in results; did you mean line?"),
    ("show --results nowhere", "no experiments in nowhere: gdrun train makes one"),
    ("show line/zzz", "no run 'zzz' in line: r…"),
    ("show line/r", "2 runs in line begin with 'r': r…, r…, last or best"),
    ("show line --sort-by losss", "--sort-by: no column 'losss'"),
    ("show ../line", "no experiment '..' in results; gdrun show lists what there is"),
    ("remove nope --yes", "no experiment 'nope' in results; gdrun show lists what there is"),
    ("remove line/zzz --yes", "no run 'zzz' in line: r…"),
    ("remove line", "delete results/line with 2 runs? --yes says so where nobody can be asked"),
    ("remove line/last", "delete run r… of line? --yes says so where nobody can be asked"),
    ("remove .. --yes", "no experiment '..' in results; gdrun show lists what there is"),
    # predict
    ("predict csv no.csv", "no.csv: no such file in {here}; did you mean 'd.csv'?"),
    ("predict csv other.csv", "other.csv: column 'b' is missing"),
    ("predict csv empty.csv", "empty.csv: is empty"),
    ("predict csv gap.csv", "gap.csv: column 'a': 1 missing value, first in line 3"),
    ("predict csv words.csv", "words.csv: column 'a': line 3 has 'x', not a number"),
    ("predict csv nameless", "nameless: is a folder, not a file"),
    ("predict csv d.csv --probabilities", "csv: gives no probabilities: its loss is half_mse"),
    ("predict bowl d.csv", "bowl: a surface has no model to predict with"),
    ("predict line d.csv", "2 runs in line: r…, r…, last or best"),
    # the others
    ("list adem", "no kind of part 'adem'; did you mean adam?"),
    ("init nope", "no config 'nope' in the gallery: bowl, …, or a CSV file"),
    ("init line", "line.yaml: is there already; --force overwrites it, -o FILE writes elsewhere"),
    ("init d.csv", "--target: which column is to be predicted? the first line has a, b, y"),
    ("init d.csv --target z", "d.csv: target: no column is named 'z'…"),
    ("init no.csv --target y", "no.csv: no such file in {here}; did you mean 'd.csv'?"),
    ("init no.csv", "no.csv: no such file in {here}; did you mean 'd.csv'?"),
    ("init empty.csv", "--target: which column is to be predicted? the file is empty"),
]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with good and bad files, and some results."""
    folder = tmp_path_factory.mktemp("template")
    for name, text in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    with chdir(folder):
        gdrun("train", "line.yaml", "bowl.yaml", "csv.yaml").ok()
        gdrun("train", "line.yaml", "seed=1").ok()
    return folder


@pytest.fixture
def furnished(template: Path, here: Path) -> Path:
    """A copy of it, the current directory."""
    return shutil.copytree(template, here, dirs_exist_ok=True)


@pytest.mark.parametrize(("arguments", "message"), USAGE, ids=[arguments for arguments, _ in USAGE])
def test_wrong_usage(furnished: Path, arguments: str, message: str) -> None:
    before = listing(furnished)
    said = gdrun(*arguments.split())
    assert (said.code, said.out) == (2, "")
    assert matches(said.err, message.replace("{here}", str(furnished))), said.err
    assert listing(furnished) == before


def matches(text: str, message: str) -> bool:
    """Whether it is that one line; `…` stands for anything."""
    pattern = ".*".join(map(re.escape, message.split("…")))
    return re.fullmatch(pattern + "\n", text) is not None


# typer says these itself, below a line with the usage
TYPED = [
    ("nope", "No such command 'nope'."),
    ("train", "Missing argument 'CONFIG… [KEY=VALUE…]'."),
    ("train line.yaml --nope", "No such option: --nope"),
    ("train line.yaml --format yaml", "Invalid value for '--format'"),
    (
        "compare line.yaml --memory 4GB",
        "Invalid value for '--memory': must be a number of GB, such as 4 or 0.5",
    ),
    ("check line.yaml --memory 0", "Invalid value for '--memory': must be a number of GB, at least 0.001, not '0'"),
    ("compare line.yaml --memory nan", "Invalid value for '--memory': must be a number of GB, at least 0.001"),
    ("compare line.yaml --report-on tset", "Invalid value for '--report-on': must be test, not 'tset'"),
    ("compare line.yaml --stack 0", "Invalid value for '--stack'"),
    ("compare line.yaml --top 0", "Invalid value for '--top'"),
    ("show line --top 0", "Invalid value for '--top'"),
    ("show line --top few", "Invalid value for '--top'"),
    ("show --results line.yaml", "Invalid value for '--results'"),
    ("train line.yaml --results line.yaml", "Invalid value for '--results'"),
    ("predict line", "Missing argument 'FILE'."),
    ("predict line d.csv --weights worst", "Invalid value for '--weights'"),
]


@pytest.mark.parametrize(("arguments", "message"), TYPED)
def test_wrong_options(furnished: Path, arguments: str, message: str) -> None:
    before = listing(furnished)
    said = gdrun(*arguments.split())
    assert (said.code, said.out) == (2, "")
    assert said.err.splitlines()[-1].startswith(f"Error: {message}")
    assert "Traceback" not in said.err
    assert listing(furnished) == before


# folders and files in the way: exit code 74
def in_the_way(path: str) -> Callable[[], object]:
    def put() -> None:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text("mine")

    return put


def folder_in_the_way(path: str) -> Callable[[], object]:
    return lambda: Path(path).mkdir(parents=True)


UNWRITTEN: list[tuple[Callable[[], object], str, str]] = [
    (in_the_way("kept/line"), "train line.yaml --results kept -q", "kept/line: cannot be written to: Not a directory"),
    (
        in_the_way("kept/bowl"),
        "train bowl.yaml --results kept -q --format json",
        "kept/bowl: cannot be written to: Not a di…",
    ),
    (in_the_way("there"), "init line -o there/line.yaml", "there/line.yaml: cannot be written: File exists"),
    (folder_in_the_way("there"), "init line -o there --force", "there: cannot be written: Is a directory"),
]


@pytest.mark.parametrize(("prepare", "arguments", "message"), UNWRITTEN)
def test_something_in_the_way(furnished: Path, prepare: Callable[[], object], arguments: str, message: str) -> None:
    prepare()
    before = listing(furnished)
    said = gdrun(*arguments.split())
    assert (said.code, said.out) == (74, "")
    assert matches(said.err, message), said.err
    assert listing(furnished) == before


FULL = [errno.ENOSPC, errno.EROFS]


@pytest.mark.parametrize("number", FULL)
@pytest.mark.parametrize("name", ["history.csv", "runs.csv", ".npz"])
@pytest.mark.parametrize("place", ["fsync", "rename"])
def test_a_full_disk_at_each_write(
    furnished: Path, monkeypatch: pytest.MonkeyPatch, number: int, name: str, place: str
) -> None:
    before = listing(furnished / "results" / "line")
    refuse(monkeypatch, name, number, place)
    said = gdrun("train", "line.yaml", "seed=2", "--quiet")
    assert (said.code, said.out) == (74, "")
    assert matches(said.err, f"results/line/…{name}: cannot be written: {os.strerror(number)}"), said.err
    after = listing(furnished / "results" / "line")
    assert after["runs.csv"] == before["runs.csv"]
    assert not [path for path in after if Path(path).name.startswith(".")]
    monkeypatch.undo()
    monkeypatch.chdir(furnished)
    assert gdrun("train", "line.yaml", "seed=2").ok().startswith("finished: ")


def refuse(monkeypatch: pytest.MonkeyPatch, name: str, number: int, place: str) -> None:
    """Let the write of files that end so fail."""
    real_replace, real_fsync = Path.replace, os.fsync

    def replace(self: Path, target: Path) -> Any:
        if str(target).endswith(name):
            raise OSError(number, os.strerror(number), str(target))
        return real_replace(self, target)

    def fsync(descriptor: int) -> None:
        opened = Path(f"/proc/self/fd/{descriptor}").readlink().name
        if opened.startswith(".") and name in opened:
            raise OSError(number, os.strerror(number))
        real_fsync(descriptor)

    if place == "rename":
        monkeypatch.setattr(Path, "replace", replace)
    else:
        monkeypatch.setattr(os, "fsync", fsync)


def test_a_first_run_that_cannot_be_written_leaves_no_runs(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("line.yaml").write_text(LINE)
    refuse(monkeypatch, ".npz", errno.ENOSPC, "rename")
    assert gdrun("train", "line.yaml", "--quiet").code == 74
    assert [path for path in listing(here) if Path(path).suffix] == ["line.yaml"]


def test_init_on_a_full_disk_leaves_nothing(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse(monkeypatch, "line.yaml", errno.ENOSPC, "rename")
    said = gdrun("init", "line")
    assert (said.code, said.out, said.err) == (74, "", "line.yaml: cannot be written: No space left on device\n")
    assert listing(here) == {}


def test_weights_that_cannot_be_read(furnished: Path) -> None:
    Path("results/csv/weights").rename("away")
    said = gdrun("predict", "csv", "d.csv")
    assert (said.code, said.out) == (2, "")
    assert matches(said.err, "csv: its weights were not kept; gdrun train keeps them, …")


@pytest.mark.parametrize("debug", [False, True])
def test_an_error_of_our_own_is_one_line_unless_asked(
    furnished: Path, monkeypatch: pytest.MonkeyPatch, debug: bool
) -> None:
    def fail(*arguments: Any) -> None:
        raise AssertionError("oh")

    monkeypatch.setattr("gdrun.cli.show.find_folder", fail)
    if debug:
        with pytest.raises(AssertionError, match="oh"):
            gdrun("--debug", "show", "line")
    else:
        said = gdrun("show", "line")
        assert (said.code, said.out) == (1, "")
        assert said.err == "internal error: AssertionError: oh (gdrun --debug shows where)\n"
