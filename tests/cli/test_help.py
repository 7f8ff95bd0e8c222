"""The help of every command and option, also in the README; the version; bare gdrun."""

from __future__ import annotations

import re
from typing import Any

import pytest
import typer.main

from gdrun import __version__
from gdrun.cli.app import app
from tests.cli.driver import CONFIGS, gdrun

README = (CONFIGS.parent / "README.md").read_text(encoding="utf-8")


def test_bare_gdrun_names_three_commands_that_exist() -> None:
    text = gdrun().ok()
    assert [line.split()[1] for line in text.splitlines() if line.startswith("  gdrun")] == ["init", "train", "list"]
    gdrun("init").ok()
    gdrun("check", "quickstart.yaml").ok()


def test_version() -> None:
    assert gdrun("--version").ok() == f"gdrun {__version__}\n"


COMMANDS: list[tuple[str, Any]] = list(typer.main.get_command(app).commands.items())  # type: ignore[attr-defined]
NAMES = [name for name, _ in COMMANDS]


def test_these_are_the_commands() -> None:
    assert {"train", "check", "init", "show", "predict", "remove", "list", "schema"} <= set(NAMES)


@pytest.mark.parametrize(("name", "command"), COMMANDS, ids=NAMES)
def test_every_command_and_option_has_help(name: str, command: Any) -> None:
    assert command.help
    text = " ".join(gdrun(name, "--help").ok().split())
    assert " ".join(command.help.split()) in text
    for option in command.params:
        assert option.help, (name, option.name)
        assert option.help in text
    assert gdrun(name, "-h").ok() == gdrun(name, "--help").ok()


@pytest.mark.parametrize(("name", "command"), COMMANDS, ids=NAMES)
def test_every_command_and_option_is_in_the_readme(name: str, command: Any) -> None:
    assert re.search(rf"\bgdrun {name}\b", README), f"README.md: gdrun {name}"
    section = README.partition("Command reference")[2]
    for option in command.params:
        for spelling in option.opts:
            if spelling.startswith("--"):
                assert re.search(rf"(?<![\w-]){spelling}(?![\w-])", section), f"README.md: {name} {spelling}"
