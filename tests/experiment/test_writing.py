"""Files and arrays: a failed write leaves what was there, nothing is pickled."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import IO

import numpy as np
import pytest

from gdrun.experiment.results.arrays import ReadError, read_arrays, write_arrays
from gdrun.experiment.results.writing import WriteError, check_writable, write, write_text


def failing(error: OSError) -> Callable[[IO[bytes]], object]:
    def fill(file: IO[bytes]) -> None:
        file.write(b"half")
        raise error

    return fill


def test_a_write_that_fails_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old")
    with pytest.raises(WriteError, match=r"a\.csv: cannot be written: No space left"):
        write(path, failing(OSError(errno.ENOSPC, "No space left on device")))
    assert (path.read_text(), list(tmp_path.iterdir())) == ("old", [path])
    with pytest.raises(KeyboardInterrupt):
        write(path, lambda file: (_ for _ in ()).throw(KeyboardInterrupt))
    assert (path.read_text(), list(tmp_path.iterdir())) == ("old", [path])
    write_text(path, "new: é")
    assert path.read_bytes() == "new: é".encode()
    (tmp_path / "usual").touch()
    assert path.stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_a_file_is_on_the_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    real_fsync, real_replace = os.fsync, Path.replace

    def fsync(descriptor: int) -> None:
        done.append("fsync")
        real_fsync(descriptor)

    def replace(self: Path, other: Path) -> Path:
        done.append("rename")
        return real_replace(self, other)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(Path, "replace", replace)
    write_text(tmp_path / "a", "x")
    assert done == ["fsync", "rename", "fsync"]  # the last one: the folder


def test_check_writable(tmp_path: Path) -> None:
    check_writable(tmp_path / "new" / "deep")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_text("")
    with pytest.raises(WriteError, match="cannot be written to: Not a directory"):
        check_writable(tmp_path / "file" / "deep")


def test_arrays_read_back_and_are_never_pickled(tmp_path: Path) -> None:
    arrays = {"final/weights_1": np.array([[0.1, -0.0], [np.nan, 5e-324]]), "model": np.arange(3, dtype=np.uint8)}
    write_arrays(tmp_path / "w" / "a.npz", arrays)
    back = read_arrays(tmp_path / "w" / "a.npz")
    assert {name: (array.dtype, array.tobytes()) for name, array in back.items()} == {
        name: (array.dtype, array.tobytes()) for name, array in arrays.items()
    }
    with pytest.raises(ValueError, match="allow_pickle"):
        write_arrays(tmp_path / "b.npz", {"x": np.array([None, {}])})
    assert not (tmp_path / "b.npz").exists()
    (tmp_path / "c.npz").write_bytes(b"PK nonsense")
    with pytest.raises(ReadError, match="not a readable"):
        read_arrays(tmp_path / "c.npz")
