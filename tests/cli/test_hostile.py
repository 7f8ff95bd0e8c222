"""Input made to do harm, or that looks so: one clear line, exit code 2, little time and memory, and nothing written."""

from __future__ import annotations

import gzip
import io
import os
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.cli.driver import LINE, gdrun, listing
from tests.cli.test_bad_input import CSV, matches

NPZ = """\
dataset: {kind: npz, path: a.npz}
model: logistic
descent: batch
optimizer: {kind: gd, lr: 0.1}
epochs: 2
"""
SVM = NPZ.replace("npz", "svmlight").replace("a.svmlight", "a.svm")
X, Y = np.arange(120.0).reshape(40, 3), np.arange(40) % 2
HUGE = "{'descr': '<f8', 'fortran_order': False, 'shape': (%s, 3), }"


class Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (Path("pwned"),))


def npy(header: str, data: bytes = b"") -> bytes:
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header) + 1) + header.encode() + b"\n" + data


def saved(array: Any) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def npz(features: bytes, packing: int = zipfile.ZIP_DEFLATED) -> Callable[[Path], object]:
    """Writes an .npz whose `X` holds these bytes."""

    def write(path: Path) -> None:
        with zipfile.ZipFile(path, "w", packing) as file:
            file.writestr("X.npy", features)
            file.writestr("y.npy", saved(Y))

    return write


def zip_bomb(path: Path) -> None:
    """10 TB by its own account, packed into little."""
    npz(npy(HUGE % 40, bytes(960)))(path)
    content = bytearray(path.read_bytes())
    for signature, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = content.find(signature) + at
        content[start : start + 4] = struct.pack("<I", 2**32 - 2)
    path.write_bytes(content)


def cut(path: Path) -> None:
    npz(saved(X))(path)
    path.write_bytes(path.read_bytes()[10:])


def damaged(path: Path) -> None:
    npz(saved(X), zipfile.ZIP_LZMA)(path)
    content = bytearray(path.read_bytes())
    content[70] ^= 255
    path.write_bytes(content)


def sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(100 * 2**30)


def written(content: bytes | str) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content.encode() if isinstance(content, str) else content)


def wide(path: Path) -> None:
    names = ",".join(f"c{number}" for number in range(100_000))
    path.write_text(f"{names}\n" + "1,2\n")


NO_ARRAY = "a.npz: array 'X': is damaged, or no array of plain numbers or text"
FILES: list[tuple[str, str, Callable[[Path], object], str]] = [
    # configs
    ("train", "c.yaml", os.mkfifo, "c.yaml: cannot be read: a pipe that nobody writes to"),
    ("compare", "c.yaml", os.mkfifo, "c.yaml: cannot be read: a pipe that nobody writes to"),
    ("train", "c.yaml", Path.mkdir, "c.yaml: cannot be read: Is a directory"),
    ("train", "c.yaml", lambda path: path.symlink_to("/dev/zero"), "c.yaml: larger than 1 MB: not a config"),
    ("train", "c.yaml", written("[" * 100_000), "c.yaml:1:33: nested more than 32 levels deep"),
    ("train", "c.yaml", written("seed: " + "9" * 5000), "c.yaml:1:7: seed: a whole number of more than 64 bits"),
    (
        "train",
        "c.yaml",
        written("a: &a [x]\nb: [*a,*a]\n"),
        "c.yaml:1:4: anchors and aliases (& and *) are not read: write the value out",
    ),
    (
        "train",
        "c.yaml",
        written("seed: !!python/object/apply:os.system [touch pwned]"),
        "c.yaml:1:7: tags (!) are not read: write the value alone",
    ),
    # CSV
    ("train csv.yaml", "d.csv", os.mkfifo, "csv.yaml:1:28: dataset.path: d.csv: is a pipe or a device, not a file"),
    ("train csv.yaml", "d.csv", lambda path: path.symlink_to("/dev/zero"), "…d.csv: is a pipe or a device, not a file"),
    ("train csv.yaml", "d.csv", Path.mkdir, "…d.csv: is a folder, not a file"),
    ("train csv.yaml", "d.csv", sparse, "…d.csv: over … GB, more than is read here"),
    (
        "train csv.yaml",
        "d.csv",
        written(gzip.compress(bytes(2**29))),
        "…d.csv: unpacked: over 268 MB, more than is read here",
    ),
    ("train csv.yaml", "d.csv", wide, "…d.csv: line 2: 2 columns where line 1 has 100000"),
    (
        "train csv.yaml",
        "d.csv",
        written("a,y\n1,\0\n"),
        "…d.csv: line 2 has a NUL byte; not text, or `encoding` is utf-16",
    ),
    (
        "train csv.yaml",
        "d.csv",
        written(b"a,y\n1,\xff\n"),
        "…d.csv: line 2 is not utf-8 text; set `encoding`, perhaps…",
    ),
    ("train csv.yaml", "d.csv", written("\ufeffa,y\n"), "…d.csv: has column names but no rows"),
    (
        "train csv.yaml",
        "d.csv",
        written("a,y\n1,\x1b[31mred\n2,\x1b[31mred\n"),
        "…every example is of class '\\x1b[31mred'…",
    ),
    (
        "train csv.yaml",
        "d.csv",
        written("\x1b[31m,y\n1,2\n3,3.5\ninf,4\n"),
        "…column '\\x1b[31m': inf in line 4 is infinite",
    ),
    ("train csv.yaml", "d.csv", written("a,y\n" + "9" * 5000 + ",1.5\n2,2\n"), "…'a': inf in line 2 is infinite"),
    # .npz
    ("train npz.yaml", "a.npz", npz(pickle.dumps(Evil())), f"…{NO_ARRAY}"),
    (
        "train npz.yaml",
        "a.npz",
        npz(npy("{'descr': '|O', 'fortran_order': False, 'shape': (40, 3), }", pickle.dumps(Evil()))),
        "…holds Python objects, which would have to be unpickled; save plain numbers or text",
    ),
    ("train npz.yaml", "a.npz", zip_bomb, "…a.npz: …"),
    (
        "train npz.yaml",
        "a.npz",
        npz(npy(HUGE % 10**12, bytes(24))),
        "…is damaged: 24 bytes are no array (1000000000000, 3)…",
    ),
    (
        "train npz.yaml",
        "a.npz",
        npz(npy(HUGE % 10**22, bytes(24))),
        "…is damaged: 24 bytes are no array (1000000000000000…",
    ),
    (
        "train npz.yaml",
        "a.npz",
        npz(npy(HUGE % -1, bytes(24))),
        "…is damaged: 24 bytes are no array (-1, 3) of float64",
    ),
    (
        "train npz.yaml",
        "a.npz",
        npz(npy(HUGE.replace("<f8", "|S0") % 10**12)),
        "…numbers take … GB of memory, and there…",
    ),
    ("train npz.yaml", "a.npz", npz(npy("(" * 9000)), f"…{NO_ARRAY}"),
    ("train npz.yaml", "a.npz", npz(npy("-" * 9000 + "1")), f"…{NO_ARRAY}"),
    ("train npz.yaml", "a.npz", npz(npy(HUGE % 1 + " " * 60_000, bytes(24))), f"…{NO_ARRAY}"),
    ("train npz.yaml", "a.npz", npz(b"no array"), f"…{NO_ARRAY}"),
    ("train npz.yaml", "a.npz", damaged, "…a.npz: is not an .npz file, or a damaged one"),
    ("train npz.yaml", "a.npz", cut, "…a.npz: is not an .npz file, or a damaged one"),
    # LIBSVM
    (
        "train svm.yaml",
        "a.svm",
        written("1 400000000:1\n0 1:1\n"),
        "…made dense: 2 × 400000000 numbers take 419 GB of memory, …",
    ),
    ("train svm.yaml", "a.svm", written("1 99999999999999999999:1\n"), "…a.svm: is not a LIBSVM file: …"),
]


@pytest.fixture
def furnished(here: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Configs, and a short patience."""
    for name, text in {"line": LINE, "csv": CSV, "npz": NPZ, "svm": SVM}.items():
        Path(f"{name}.yaml").write_text(text)
    monkeypatch.setattr("gdrun.data.files.PATIENCE", 0.01)
    return here


@pytest.mark.parametrize(("command", "file", "make", "message"), FILES)
def test_hostile_files(furnished: Path, command: str, file: str, make: Callable[[Path], object], message: str) -> None:
    make(Path(file))
    before = {path.name for path in furnished.iterdir()}
    said = gdrun(*command.split(), *([file] if file.endswith("yaml") else []))
    assert (said.code, said.out) == (2, "")
    assert matches(said.err, message), said.err
    assert {path.name for path in furnished.iterdir()} == before


LARGE = [
    ("train line.yaml dataset.examples=1000000000000", "…linear: 1000000000000 × 5 numbers take 1.2e+05 GB of memory…"),
    ("train line.yaml dataset.examples=9223372036854775807", "…linear: 9223372036854775807 × 5 numbers take …"),
    ("train line.yaml dataset.kind=blobs dataset.examples=1000000000000", "…blobs: 1000000000000 × 2 numbers take …"),
    ("train line.yaml dataset.kind=spirals dataset.examples=1000000000000", "…spirals: 1000000000000 × 2 numbers…"),
    ("train line.yaml dataset.kind=xor dataset.examples=1000000000000", "…xor: 1000000000000 × 2 numbers take …"),
    (
        "train line.yaml model.kind=mlp model.hidden=[1000000,1000000]",
        "…model: 1,000,008,000,001 parameters take 3.2e+04 GB…",
    ),
    ("compare line.yaml seed=0..999999999999", "…1,000,000,000,000 values: a sweep has at most 1,000,000 runs"),
    (
        "compare line.yaml optimizer.lr=log:1e-4:1:1000000000",
        "…1,000,000,000 values: a sweep has at most 1,000,000 runs",
    ),
    ("compare line.yaml optimizer.lr=log:1e-4:1:1000000 seed=0..999999", "…1,000,000,000,000 runs: a sweep has at …"),
    ("compare line.yaml compare.seeds=1000000000000", "…must be at most 1000000"),
    ("compare line.yaml compare.random.n=1000000000000 optimizer.lr=0.1", "…must be at most 1000000…"),
    ("compare kinds.yaml", "kinds.yaml:1:1: compare: 400,000,000 runs: a sweep has at most 1,000,000"),
    ("compare drawn.yaml", "drawn.yaml:5:24: compare: 400,000,000 runs: a sweep has at most 1,000,000"),
    ("compare zips.yaml", "zips.yaml:1:1: compare: 1,000,000,000,000 runs: a sweep has at most 1,000,000"),
]
OPTIMIZERS, SCHEDULES = ",".join(["gd", "momentum"] * 10_000), ",".join(["cosine", "constant"] * 10_000)
MANY = f"optimizer: {{lr: 0.1, kind: [{OPTIMIZERS}]}}, schedule: {{kind: [{SCHEDULES}]}}"
SWEEPS = {
    "kinds.yaml": f"compare: {{candidates: [{{{MANY}}}]}}\n",
    "drawn.yaml": f"compare: {{candidates: [{{random: {{n: 3}}, {MANY}}}]}}\n",
    "zips.yaml": "compare: {zip: {optimizer.lr: {log: [1e-4, 1, 1000000]}}, "
    "candidates: [{zip: {seed: {range: [0, 999999]}}}]}\n",
}


@pytest.mark.parametrize(("arguments", "message"), LARGE)
def test_what_declares_itself_too_large(furnished: Path, arguments: str, message: str) -> None:
    for name, text in SWEEPS.items():
        Path(name).write_text(LINE + text)
    before = listing(furnished)
    said = gdrun(*arguments.split())
    assert (said.code, said.out) == (2, "")
    assert matches(said.err.splitlines(keepends=True)[0], message), said.err
    assert listing(furnished) == before


FORMULAS = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "-1"]


def test_no_prediction_is_run_by_a_spreadsheet(furnished: Path) -> None:
    rows = "".join(f'{i},{i % 5},"{FORMULAS[i % 5]}"\n' for i in range(50))
    Path("d.csv").write_text("a,b,=y\n" + rows)
    gdrun("train", "csv.yaml", "dataset.target='=y'", "model=softmax", "--name", "f").ok()
    header, *told = gdrun("predict", "f", "d.csv", "--probabilities").ok().splitlines()
    assert header.split(",")[0] == "'=y"
    assert {line.split(",")[0] for line in told} <= {f"'{text}" for text in FORMULAS[:4]} | {"-1"}


LABELS = [
    ("=cmd|x", "csv", "'=cmd|x"),
    ("-1.5", "csv", ",-1.5,"),
    ("[red]a[/]", "table", "[red]a[/]"),
    ("[/]", "table", "[/]"),
    ("a|b*c`<b>[x](y)", "md", r"a\|b\*c\`\<b\>[x]\(y)"),
    (r"\input{x} $a^2$ 5% #1 & ~_<>|", "latex", r"\textbackslash{}input\{x\} \$a\textasciicircum{}2\$ 5\% \#1 \& "
     r"\textasciitilde{}\_\textless{}\textgreater{}\textbar{}"),
]  # fmt: skip


@pytest.mark.parametrize(("label", "style", "shown"), LABELS)
def test_labels_are_shown_as_they_are(furnished: Path, label: str, style: str, shown: str) -> None:
    blocks = f"compare: {{candidates: [{{label: '{label}', seed: 1}}, {{seed: 2, label: B}}]}}\n"
    Path("l.yaml").write_text(LINE + blocks)
    gdrun("compare", "l.yaml", "-q").ok()
    assert shown in gdrun("show", "l", "--format", style).ok()


@pytest.mark.parametrize(
    ("label", "why"),
    [
        ("\\e[31mred", "must be text on one line, not '\\x1b[31mred'"),
        ("L" * 10_000, "must have at most 100 characters"),
    ],
)
def test_labels_that_are_none(furnished: Path, label: str, why: str) -> None:
    Path("l.yaml").write_text(LINE + f'compare: {{candidates: [{{label: "{label}"}}]}}\n')
    said = gdrun("compare", "l.yaml")
    assert (said.code, said.out) == (2, "")
    assert matches(said.err, f"l.yaml:5:32: compare.candidates[0].label: {why}"), said.err


def test_a_pipe_is_read_where_that_is_enough(furnished: Path) -> None:
    reader, writer = os.pipe()
    os.write(writer, LINE.encode())
    os.close(writer)
    assert gdrun("train", f"/dev/fd/{reader}", "--name", "piped").ok().startswith("finished")
    os.close(reader)
