"""What a dataset is once it has been read: a table of numbers, and how each column became some of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Task: TypeAlias = Literal["classification", "regression"]
Missing: TypeAlias = Literal["error", "drop", "mean"]
LONGEST = 400


class DataError(ValueError):
    """Data that cannot be used, said in one line; `setting` names the dataset setting to look at.

    Files bring their own words into the message: control characters are escaped, what is too long loses its middle.
    """

    def __init__(self, message: str, setting: str | None = None) -> None:
        if len(message) > LONGEST:
            message = f"{message[: LONGEST // 2]} … {message[-LONGEST // 2 :]}"
        super().__init__("".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in message))
        self.setting = setting


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown name: the nearest known one, or nothing."""
    from difflib import get_close_matches

    near = get_close_matches(name, list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


@dataclass(frozen=True)
class Column:
    """How one column was read, for `gdrun check`."""

    name: str
    role: Literal["feature", "target", "dropped"]
    read_as: str
    """"numbers", "categories", "classes" or "nothing"."""
    detail: str = ""


@dataclass(frozen=True)
class Examples:
    """Features (m, F) and targets (m,), both float64; a target is a number or the index of a class."""

    features: Floats
    targets: Floats

    @property
    def m(self) -> int:
        """The number of examples."""
        return len(self.targets)


@dataclass(frozen=True)
class TextFormat:
    """How a CSV file is written; None is guessed from the file."""

    header: bool | None = None
    delimiter: str | None = None
    decimal: str = "."
    encoding: str = "utf-8"
    na_values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Field:
    """A column as it is read: numbers, one feature; or categories, one feature each that is 1 where it applies."""

    name: str
    position: int
    categories: tuple[str, ...] | None = None

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The names of its features, such as `age`, or `color=blue`, `color=red`."""
        if self.categories is None:
            return (self.name,)
        return tuple(f"{self.name}={category}" for category in self.categories)


@dataclass(frozen=True)
class Encoding:
    """How the columns of a file become features, in the order of the fields; enough to read new rows the same way."""

    fields: tuple[Field, ...]
    width: int
    """Columns of the file, the target's included where it has one."""
    target: int | None = None
    """The target's position in the file."""
    named: bool = False
    """Whether columns are found by their names, else by position."""
    fills: bool = False
    """Whether missing values are filled."""
    csv_only: bool = False
    zero_based: bool = False
    """Whether LIBSVM files number their features from 0."""
    text: TextFormat = TextFormat()

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The features' names, F of them."""
        return tuple(name for field in self.fields for name in field.feature_names)


def numeric_encoding(names: Iterable[str], *, fills: bool = False, zero_based: bool = False) -> Encoding:
    """The encoding of a plain matrix of numbers with these column names."""
    fields = tuple(Field(name, position) for position, name in enumerate(names))
    return Encoding(fields, len(fields), fills=fills, zero_based=zero_based)


@dataclass(frozen=True)
class Table:
    """A dataset as read, before the split; NaN in the features is a missing value that the training part will fill."""

    features: Floats
    """(m, F)"""
    targets: Floats
    """(m,): numbers, or indices of classes"""
    encoding: Encoding
    target_name: str
    classes: tuple[str, ...] | None
    """None: regression"""
    columns: tuple[Column, ...]
    validation: Examples | None = None
    """The dataset's own validation set, where it has one"""
    test: Examples | None = None
    """The dataset's own test set, where it has one"""
    notes: tuple[str, ...] = ()
    """What was guessed"""

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The features' names, F of them."""
        return self.encoding.feature_names
