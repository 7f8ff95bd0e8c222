"""Files that are no configs, and the names that experiments get from files."""

from __future__ import annotations

from pathlib import Path

import pytest

from gdrun.experiment.config import ConfigError, load, valid_name
from tests.experiment.config_cases import GOOD, read


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("missing.yaml", None, "cannot be read: No such file or directory"),
        ("binary.yaml", b"\x89PNG\xff\xfe", "not UTF-8: not a text file?"),
        ("utf16.yaml", "seed: 1".encode("utf-16"), "not UTF-8: not a text file?"),
        ("zeros.yaml", b"seed: 1\n a\0b", "2:3: control character '\\x00': not a text file?"),
        ("large.yaml", b"# " + b"x" * 1_000_000, "larger than 1 MB: not a config"),
    ],
)
def test_unreadable_files(name: str, content: bytes | None, expected: str, tmp_path: Path) -> None:
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        load(file)
    separator = ":" if expected[0].isdigit() else ": "
    assert str(caught.value) == f"{file}{separator}{expected}"


def test_a_directory_is_no_config(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        load(tmp_path)


def test_the_name_is_the_config_key_or_the_stem(tmp_path: Path) -> None:
    file = tmp_path / "wide net.yaml"
    file.write_text("\ufeff" + GOOD)
    assert load(file).name == "wide net"
    assert load(str(file), ["name=other"]).name == "other"
    assert read(GOOD).name is None
    device = tmp_path / "con.yaml"
    device.write_text(GOOD)
    assert load(device).name is None


@pytest.mark.parametrize(
    "name", ["a" * 101, "é" * 121, "a.", "a ", ".a", "lpt1", "nul.tar.gz", "a:b", "a\u202eb", "a\u2028b"]
)
def test_no_names_of_folders(name: str) -> None:
    with pytest.raises(ValueError, match=r"must|is a device|names a folder"):
        valid_name(name)


@pytest.mark.parametrize("name", ["a", "a" * 100, "console", "wide net", "digits.adam", "größe 2", "1e3", "(a)"])
def test_names(name: str) -> None:
    assert valid_name(name) == name
