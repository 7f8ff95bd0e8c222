"""From pydantic's errors to one plain sentence per value."""

from __future__ import annotations

import re
import types
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, TypeAlias, Union, get_args, get_origin

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from gdrun.experiment.config.errors import listed, shown
from gdrun.experiment.config.families import nearest

Path: TypeAlias = tuple[str | int, ...]

SWEEP = "a list of values or a range is a sweep, for gdrun compare: one value here"
AUTO = "auto is a range, for optimizer.lr in gdrun compare: one value here"
RANGE = re.compile(r"(log|linear):.*|auto|[^,]*\d+\.\.-?\d+|\S+(,\S+)+")
RANGES = {"log", "linear", "range"}

LIMITS = {
    "greater_than": ("must be greater than {}", "gt"),
    "greater_than_equal": ("must be at least {}", "ge"),
    "less_than": ("must be less than {}", "lt"),
    "less_than_equal": ("must be at most {}", "le"),
}
SINGULAR = {float: "a number", int: "a whole number", str: "text", bool: "true or false"}
PLURAL = {float: "numbers", int: "whole numbers", str: "texts", bool: "true or false"}


def sentences(
    error: ValidationError, fields: Mapping[str, FieldInfo], values: Mapping[str, Any]
) -> Iterator[tuple[Path, str]]:
    """Each wrong value's path and what is wrong with it."""
    by_path: dict[Path, list[ErrorDetails]] = {}
    for detail in error.errors(include_url=False):
        by_path.setdefault(_path(detail), []).append(detail)
    for path, details in by_path.items():
        # in a choice of a number or a list, only the list's own errors matter if it is a list
        if details[0]["type"] == "missing" and len(details[0]["loc"]) == 1:
            examples = fields[str(path[0])].examples
            yield path, "required: there is no default" + (f", such as {path[0]}: {examples[0]}" if examples else "")
        elif not any(other != path and other[: len(path)] == path for other in by_path):
            yield path, _sentence(details, _descended(fields[str(path[0])].annotation, path[1:]), _value(values, path))


def is_sweep(value: Any) -> bool:
    """Whether a value is written as several: a list, a range, or `1..9` and `0.1,1` on the command line."""
    if isinstance(value, dict):
        return not RANGES.isdisjoint(value)
    return isinstance(value, tuple) or (isinstance(value, str) and RANGE.fullmatch(value) is not None)


def _path(detail: ErrorDetails) -> Path:
    """Indices only: the words between them are the union's members. A list that is too short is wrong as a whole."""
    key, *rest = detail["loc"]
    path = (key, *(step for step in rest if isinstance(step, int)))
    return path[:-1] if detail["type"] == "missing" and len(path) > 1 else path


def _value(values: Any, path: Path) -> Any:
    for step in path:
        values = values[step]
    return values


def _sentence(details: list[ErrorDetails], hint: Any, value: Any) -> str:
    for detail in details:
        if detail["type"] in LIMITS:
            message, limit = LIMITS[detail["type"]]
            return message.format(f"{detail['ctx'][limit]:.15g}")
        if detail["type"] == "finite_number":
            return f"must be finite, not {shown(value)}"
        if detail["type"] == "value_error":
            return str(detail["ctx"]["error"])
    if value == "auto":
        return AUTO
    if is_sweep(value) and not any(get_origin(option) is tuple for option in options(hint)):
        return SWEEP
    return f"must be {described(hint)}, not {shown(value)}{_advice(hint, value)}"


def _advice(hint: Any, value: Any) -> str:
    """What was probably meant."""
    if isinstance(value, float) and value.is_integer() and int in options(hint):
        return f": write {int(value)}"
    if isinstance(value, dict) and len(value) == 1 and isinstance(next(iter(value.values())), list | tuple):
        (word,) = value
        return f": ranges are {listed(sorted(RANGES))}, not {shown(word)}"
    if isinstance(value, int | float) and all(get_args(option)[-1:] == (...,) for option in options(hint)):
        return f": write [{shown(value)}]"
    guess = nearest(value, _words(hint)) if isinstance(value, str) else None
    return f": did you mean {guess}?" if guess else ""


def options(hint: Any) -> tuple[Any, ...]:
    """The members of a union, without None and without limits."""
    if get_origin(hint) is Annotated:
        return options(get_args(hint)[0])
    if get_origin(hint) in (Union, types.UnionType):
        return tuple(option for member in get_args(hint) for option in options(member))
    return () if hint is type(None) else (hint,)


def _words(hint: Any) -> list[str]:
    return [word for option in options(hint) if get_origin(option) is Literal for word in get_args(option)]


def _descended(hint: Any, path: Path) -> Any:
    for step in path:
        (items,) = (get_args(option) for option in options(hint) if get_origin(option) is tuple)
        hint = items[0] if items[-1] is ... else items[int(step)]
    return hint


def described(hint: Any, names: Mapping[Any, str] = SINGULAR) -> str:
    """A type in words."""
    return listed((words for option in options(hint) for words in _described(option, names)), "or")


def _described(option: Any, names: Mapping[Any, str]) -> tuple[str, ...]:
    if get_origin(option) is Literal:
        return get_args(option)
    if get_origin(option) is tuple:
        items = get_args(option)
        count = "" if items[-1] is ... else f"{len(items)} "
        return (f"{'lists' if names is PLURAL else 'a list'} of {count}{described(items[0], PLURAL)}",)
    return (names[option],)
