"""Exit codes, and how errors become one line each."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from functools import wraps
from typing import Any, ParamSpec

import typer

P = ParamSpec("P")


class Exit(IntEnum):
    """What a command ends with."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    DIVERGED = 3
    UNMET = 4
    UNWRITTEN = 74
    INTERRUPTED = 130
    TERMINATED = 143


WORST_FIRST = (Exit.INTERRUPTED, Exit.TERMINATED, Exit.UNWRITTEN, Exit.FAILED, Exit.UNMET, Exit.DIVERGED, Exit.DONE)


def worst(codes: Iterable[Exit]) -> Exit:
    """The code of several experiments together."""
    found = set(codes)
    return next(code for code in WORST_FIRST if code in found or code is Exit.DONE)


class UsageError(Exception):
    """Something asked for that cannot be, said in one line."""


RESUMABLE = ("train", "compare")
"""Commands that keep how far they are; others begin again."""


def guarded(command: Callable[P, Exit | None]) -> Callable[P, None]:
    """A command that says what went wrong in plain lines and ends with the code for it."""

    @wraps(command)
    def guard(*args: P.args, **kwargs: P.kwargs) -> None:
        from gdrun.data import DataError
        from gdrun.experiment.config import ConfigError
        from gdrun.experiment.engine.errors import ClusterError, NoClusterError
        from gdrun.experiment.results.arrays import ReadError
        from gdrun.experiment.results.writing import WriteError
        from gdrun.experiment.runs import NotFoundError
        from gdrun.experiment.signals import Interrupted, handled

        try:
            with handled(), warnings_told():
                code = command(*args, **kwargs) or Exit.DONE
            sys.stdout.flush()
        except (ConfigError, DataError, NoClusterError, NotFoundError, ReadError, UsageError) as error:
            code = _said(error, Exit.USAGE)
        except WriteError as error:
            code = _said(error, Exit.UNWRITTEN)
        except OSError as error:
            code = unwritten(error)
        except MemoryError as error:
            code = _said(f"not enough memory: {error}", Exit.FAILED)
        except ClusterError as error:
            code = _said(error, Exit.FAILED)
        except Interrupted as error:
            goes_on = ": the same command goes on from here" if command.__name__ in RESUMABLE else ""
            code = _said(f"{error.word}{goes_on}", Exit(128 + error.number))
        except KeyboardInterrupt:
            code = _said("interrupted", Exit.INTERRUPTED)
        raise typer.Exit(code)

    return guard


@contextmanager
def warnings_told() -> Iterator[None]:
    """Say each warning about results once, in a plain line."""
    from gdrun.experiment.results.reading import ResultsWarning

    said: set[str] = set()

    def show(message: Warning | str, category: type[Warning], *args: Any, **kwargs: Any) -> None:
        if not issubclass(category, ResultsWarning):
            usual(message, category, *args, **kwargs)
        elif str(message) not in said:
            said.add(str(message))
            print(f"warning: {message}", file=sys.stderr)

    with warnings.catch_warnings():
        usual = warnings.showwarning
        warnings.simplefilter("always", ResultsWarning)
        warnings.showwarning = show
        yield


def unwritten(error: OSError) -> Exit:
    """Say what could not be written: a file, or else the output, which is given up."""
    if error.filename is None:  # what is left to print goes nowhere: Python would try once more at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return _said(f"{error.filename or 'output'}: {error.strerror or error}", Exit.UNWRITTEN)


def _said(message: object, code: Exit) -> Exit:
    print(message, file=sys.stderr)
    return code
