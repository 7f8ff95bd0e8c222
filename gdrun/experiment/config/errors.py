"""What is wrong with a config, one line per problem, with the place where it stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

LONGEST = 60
MOST = 100
"""Problems that are listed; nobody reads more, and a hostile file can have a hundred thousand."""


@dataclass(frozen=True)
class Where:
    """A place in a file (line and column from 1), a command-line override, or neither for a Python dict."""

    file: str | None = None
    line: int = 0
    column: int = 0
    override: str | None = None


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong."""

    where: Where
    key: str
    message: str

    def __str__(self) -> str:
        where, key = self.where, printable(self.key, 200)
        message = f"{key}: {self.message}" if key else self.message
        if where.override is not None:
            named = where.override.partition("=")[0] == self.key
            return f"{printable(where.override)}: {self.message if named else message}"
        if where.file is None:
            return message
        place = f":{where.line}:{where.column}" if where.line else ""
        return f"{printable(where.file, 200)}{place}: {message}"


class ConfigError(Exception):
    """A config that cannot be used; `problems` are all that is wrong with it, in the order in which they stand."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=_order))
        super().__init__(self.problems)

    def __str__(self) -> str:
        lines = [str(problem) for problem in self.problems[:MOST]]
        more = len(self.problems) - MOST
        return "\n".join([*lines, f"and {more} more"] if more > 0 else lines)


def _order(problem: Problem) -> tuple[bool, int, int]:
    where = problem.where
    return where.override is not None, where.line, where.column


def failure(message: str, file: str | None = None, key: str = "") -> ConfigError:
    """A single problem with a file, or with a key, as a whole."""
    return ConfigError([Problem(Where(file), key, message)])


def printable(text: str, longest: int = LONGEST) -> str:
    """Text on one line, control characters escaped, shortened."""
    escaped = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text[: longest + 1])
    return escaped if len(escaped) <= longest else escaped[: longest - 1] + "…"


def shown(value: object) -> str:
    """A value as an error names it."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f"'{printable(value)}'"
    if isinstance(value, int | float):
        return str(value)
    return f"a list of {len(value)}" if isinstance(value, tuple) else "a block"


def listed(words: Iterable[str], last: str = "and") -> str:
    """`a, b and c`."""
    *most, final = words
    return f"{', '.join(most)} {last} {final}" if most else final
