"""What the commands that take configs share: telling files from overrides, loading all before anything runs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from gdrun.cli.exits import UsageError
from gdrun.cli.patience import patience
from gdrun.experiment.config import ConfigError, Loaded, Problem, is_override, load, valid_name
from gdrun.experiment.sources import Sources

if TYPE_CHECKING:
    from gdrun.experiment.comparing import Plan


def load_all(arguments: Sequence[str], name: str | None) -> list[Loaded]:
    """Every config with the overrides, and `--name` where given. Raises ConfigError with all that is wrong in any."""
    files, overrides = split(arguments)
    loaded: list[Loaded] = []
    problems: list[Problem] = []
    for file in files:
        try:
            loaded.append(_named(load(file, overrides, sys.stdin), file, name))
        except ConfigError as error:
            problems += _advised(error, file, overrides).problems
    if problems:
        raise ConfigError(problems)
    return loaded


def sweeps(
    files: Sequence[str], overrides: Sequence[str], name: str | None, sources: Sources, quiet: bool = False
) -> list[Plan]:
    """The sweeps that configs describe, posed. Raises ConfigError."""
    from gdrun.experiment.comparing import plan
    from gdrun.experiment.foresight.rates import suggested_by
    from gdrun.experiment.sweep import expand

    try:
        with patience("expanding the sweep", quiet):
            found = expand(files, overrides, name, sys.stdin, rates=suggested_by(sources))
    except ConfigError as error:
        raise _advised(error, files[0], overrides) if len(files) == 1 else error from None
    with patience(f"posing {sum(len(sweep.entries) for sweep in found):,} runs", quiet):
        return [plan(sweep, sources) for sweep in found]


def _advised(error: ConfigError, file: str, overrides: Sequence[str]) -> ConfigError:
    """The error, with a learning rate where one is missing; what came through a pipe cannot be read again."""
    from gdrun.experiment.foresight.rates import advised

    return error if file == "-" else advised(error, file, overrides)


def split(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """The configs, and the overrides. Raises UsageError without a config."""
    files = [argument for argument in arguments if not is_override(argument)]
    if not files:
        raise UsageError("no config: name a YAML file, such as quickstart.yaml (gdrun init writes it)")
    if files.count("-") > 1:
        raise UsageError("-: stdin can be read once only")
    return files, [argument for argument in arguments if is_override(argument)]


def _named(loaded: Loaded, file: str, name: str | None) -> Loaded:
    if name is not None:
        try:
            valid_name(name)
        except ValueError as error:
            raise UsageError(f"--name: {error}") from None
        return replace(loaded, config=loaded.config.model_copy(update={"name": name}))
    if loaded.name is None:
        raise UsageError(f"{file}: the experiment needs a name: --name NAME, or `name:` in the config")
    return loaded


def experiment_folder(loaded: Loaded, results: Path) -> Path:
    """Where an experiment's results are."""
    assert loaded.name is not None
    return results / loaded.name
