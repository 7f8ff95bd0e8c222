"""What every exchangeable part (optimizer, schedule, model, loss, surface, dataset) declares about itself.

A part is a class that names its `kind` and its settings. Config validation, `gdrun list`, the JSON
Schema and the tests' tables are read off these declarations, so a new part is written in one place.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Self, TypeAlias, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.floating[Any]]
Numbers: TypeAlias = NDArray[np.floating[Any]]
"""One number per run of a stack, (R, 1); the config writes a plain number."""


@dataclasses.dataclass(frozen=True)
class Setting:
    """Default, range and explanation of one setting."""

    default: Any
    help: str
    above: float | None = None
    at_least: float | None = None
    below: float | None = None
    at_most: float | None = None
    whole: bool = False
    example: Any = None
    """A usual value, for one that is required."""
    switch: bool = False
    """0 turns it off: runs with and without it are never of one stack."""

    @property
    def required(self) -> bool:
        """Whether there is no default."""
        return self.default is dataclasses.MISSING


def setting(default: Any = dataclasses.MISSING, **limits: Any) -> Any:
    """A part's setting with its range and a help text; without a default it is required."""
    return Setting(default, **limits)


class Selectable:
    """Base of dataclasses whose arrays have the run as leading axis."""

    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]

    def select(self, runs: NDArray[np.intp]) -> Self:
        """The same for the chosen runs only, in that order."""
        names = (field.name for field in dataclasses.fields(self))
        return dataclasses.replace(self, **{name: take(getattr(self, name), runs) for name in names})


def take(value: Any, runs: NDArray[np.intp]) -> Any:
    """The chosen runs of an array with the run as leading axis, through dicts and lists; other values as they are."""
    if isinstance(value, np.ndarray):
        return value[runs]
    if isinstance(value, Selectable):
        return value.select(runs)
    if isinstance(value, dict):
        return {key: take(item, runs) for key, item in value.items()}
    if isinstance(value, list):
        return [take(item, runs) for item in value]
    return value


class Part(Selectable):
    """A part of an experiment that the config chooses by `kind`; subclasses of a family register themselves.

    Its settings are class attributes made by `setting`; an instance is frozen and takes them by keyword. That is what a
    dataclass would do, but seventy of them would take a tenth of a second to make whenever gdrun starts.
    """

    kind: ClassVar[str]
    kinds: ClassVar[dict[str, type[Any]]]
    declared: ClassVar[dict[str, Setting]] = {}
    aliases: ClassVar[Mapping[str, str]] = {}
    python_only: ClassVar[bool] = False
    """Cannot be asked for in a file."""
    revision: ClassVar[int] = 0
    """Raised when a change alters a part's bits or a default: runs from before then count as other runs."""

    def __init_subclass__(cls, kind: str | None = None, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.declared = cls.declared | {name: value for name, value in vars(cls).items() if isinstance(value, Setting)}
        if Part in cls.__bases__:
            cls.kinds = {}
        elif kind is not None:
            cls.kind = kind
            cls.kinds[kind] = cls

    def __init__(self, **settings: Any) -> None:
        """Raises TypeError for a setting that is unknown, or required and missing."""
        missing = [name for name, limits in self.declared.items() if limits.required and name not in settings]
        unknown = settings.keys() - self.declared.keys()
        if missing or unknown:
            raise TypeError(f"{type(self).__name__}: settings missing {missing}, unknown {sorted(unknown)}")
        vars(self).update({name: limits.default for name, limits in self.declared.items()} | settings)

    def __setattr__(self, name: str, value: Any) -> None:
        raise dataclasses.FrozenInstanceError(f"cannot assign to {name}")

    def __repr__(self) -> str:
        settings = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.declared)
        return f"{type(self).__name__}({settings})"

    def select(self, runs: NDArray[np.intp]) -> Self:
        """The same for the chosen runs only, in that order."""
        return type(self)(**{name: take(getattr(self, name), runs) for name in self.declared})

    @classmethod
    def conflicts(cls, settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Settings, each valid in itself, that do not go together: the name of one, and what is wrong with it."""
        yield from ()

    @classmethod
    def implied(cls, settings: Mapping[str, Any]) -> Mapping[str, Any]:
        """What settings left out stand for, where that depends on others: to spell it out makes no other run."""
        return {}

    @classmethod
    def summary(cls) -> str:
        """The first line of the docstring: what `gdrun list` shows."""
        return (cls.__doc__ or "").strip().splitlines()[0]


def settings_of(part: type[Part]) -> dict[str, Setting]:
    """A part's settings by name, in the order in which they are declared."""
    return part.declared


def setting_types(part: type[Part]) -> dict[str, Any]:
    """Each setting's type as the config writes it: `Numbers` becomes float, or int where only whole numbers are."""
    hints = _hints(part)
    return {name: _written(hints[name], limits) for name, limits in settings_of(part).items()}


def _hints(part: type[Part]) -> dict[str, Any]:
    """Resolved annotations, found once: that takes milliseconds."""
    if part not in _known_hints:
        _known_hints[part] = get_type_hints(part)
    return _known_hints[part]


_known_hints: dict[type[Part], dict[str, Any]] = {}


def _written(hint: Any, limits: Setting) -> Any:
    if hint == Numbers:
        return int if limits.whole else float
    if get_origin(hint) is types.UnionType:
        written = tuple(_written(option, limits) for option in get_args(hint))
        return written[0] | written[1] if len(written) == 2 else hint
    return hint


def stacks(part: type[Part], name: str) -> bool:
    """Whether runs of one stack may differ in this setting."""
    hint = _hints(part)[name]
    return hint == Numbers or (get_origin(hint) is types.UnionType and Numbers in get_args(hint))


def stacked(part: type[Any], runs: Sequence[Mapping[str, Any]], dtype: np.dtype[Any]) -> Any:
    """One part for R runs: the settings that stack as (R, 1) arrays, the others as all runs agree on them.

    Raises ValueError where runs differ in a setting that does not stack.
    """
    values = {name: [run[name] for run in runs] for name in settings_of(part)}
    return part(**{name: _column(part, name, column, dtype) for name, column in values.items()})


def _column(part: type[Part], name: str, column: list[Any], dtype: np.dtype[Any]) -> Any:
    if stacks(part, name) and all(value is not None for value in column):
        return np.array(column, dtype).reshape(-1, 1)
    if any(value != column[0] for value in column):
        raise ValueError(f"{part.kind}.{name} differs between the runs of one stack")
    return column[0]
