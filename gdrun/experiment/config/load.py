"""From a file, the standard input or a dict, with overrides, to a validated config."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import Any, NamedTuple, TextIO, TypeAlias

from gdrun.data.files import opened
from gdrun.experiment.config.build import build
from gdrun.experiment.config.errors import ConfigError, Problem, Where, failure
from gdrun.experiment.config.mappings import from_python
from gdrun.experiment.config.models import RunConfig
from gdrun.experiment.config.names import valid_name
from gdrun.experiment.config.overrides import merge, read_overrides
from gdrun.experiment.config.tree import LARGEST, Node, read

STDIN = "<stdin>"


@dataclass(frozen=True)
class Loaded:
    """A config, and where each of its keys stands."""

    config: RunConfig
    file: Path | None
    tree: Node

    @property
    def name(self) -> str | None:
        """The experiment: the config's `name`, or else the file's stem if that can be one."""
        if self.config.name is not None or self.file is None:
            return self.config.name
        try:
            return valid_name(self.file.stem)
        except ValueError:
            return None

    def problem(self, key: str, message: str, place: str | None = None) -> ConfigError:
        """An error to raise about a key such as `descent.batch_size`, with its place or that of the block around it.

        Where the key is not written, another key's `place` may say more.
        """
        at = key if place is None or self.gives(key) else place
        return ConfigError([Problem(self.tree.place(tuple(at.split("."))), key, message)])

    def gives(self, key: str) -> bool:
        """Whether a dotted key is written in the config."""
        node = self.tree
        for step in key.split("."):
            if step not in node.entries:
                return False
            node = node.entries[step]
        return True


class Read(NamedTuple):
    """A config as it was read, not validated."""

    file: Path | None
    tree: Node
    problems: Sequence[Problem]
    """Its repeated keys."""


Source: TypeAlias = Path | str | Mapping[str, Any] | Loaded | Read


def load(source: Path | str | Mapping[str, Any], overrides: Sequence[str] = (), stdin: TextIO | None = None) -> Loaded:
    """Read and validate a config; `-` reads `stdin`. Raises ConfigError with everything that is wrong."""
    file, tree, problems = read_source(source, stdin)
    tree = merge(tree, read_overrides(overrides)) if overrides else tree
    if "compare" in tree.entries:
        from gdrun.experiment.config.candidates import compare_problems

        problems = [*problems, *compare_problems(tree)]
    return Loaded(build(tree, problems), file, tree)


def read_source(source: Source, stdin: TextIO | None = None) -> Read:
    """The file, the tree and its repeated keys, not validated. Raises ConfigError where there can be no tree."""
    if isinstance(source, Read):
        return source
    if isinstance(source, Loaded):
        return Read(source.file, source.tree, ())
    if isinstance(source, Mapping):
        return Read(None, from_python(source), ())
    if str(source) == "-":
        if stdin is None:
            raise failure("there is no standard input to read", STDIN)
        return Read(None, *read(_text(stdin, STDIN), Where(STDIN, 1, 1)))
    file = Path(source)
    try:
        # a directory or a missing file says so by itself; a pipe or device is read no further than the limit
        with TextIOWrapper(opened(file), encoding="utf-8") as stream:
            text = _text(stream, str(source))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise failure(f"cannot be read: {reason}", str(source)) from None
    return Read(file, *read(text, Where(str(source), 1, 1)))


def _text(stream: TextIO, name: str) -> str:
    try:
        return stream.read(LARGEST + 1)
    except UnicodeDecodeError:
        raise failure("not UTF-8: not a text file?", name) from None
