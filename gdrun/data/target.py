"""The target column: numbers to predict, or labels of classes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from gdrun.data.table import Column, DataError, Floats, Task

MANY_CLASSES = 20
EXAMPLES_PER_CLASS = 5
TOO_LARGE = 1e150
"""Beyond this a square overflows."""


@dataclass(frozen=True)
class Target:
    """The target's name and, for classification, the classes in the order of their indices."""

    name: str
    classes: tuple[str, ...] | None

    @property
    def task(self) -> Task:
        """What is learned."""
        return "regression" if self.classes is None else "classification"

    def encode(self, values: Floats | Sequence[str], source: str) -> Floats:
        """Numbers as they are, labels as indices of their classes, (m,). Raises DataError for an unknown class."""
        if self.classes is None:
            return np.asarray(values, np.float64)
        index = {name: number for number, name in enumerate(self.classes)}
        labels = labels_of(values)
        unknown = next((label for label in labels if label not in index), None)
        if unknown is not None:
            raise DataError(f"{source}: target {self.name!r}: class {unknown!r} is not in the training data")
        return np.array([index[label] for label in labels], np.float64)


def looks_like_classes(values: Floats) -> bool:
    """The rule for a numeric target: whole numbers, and two values, or up to 20 of 5 or more examples on average."""
    distinct = len(np.unique(values))
    few = distinct <= min(MANY_CLASSES, len(values) / EXAMPLES_PER_CLASS)
    return bool(np.all(values == np.round(values))) and (distinct == 2 or few)


def read_target(
    name: str, values: Floats | Sequence[str], task: Task | None, source: str, order: tuple[str, ...] | None = None
) -> tuple[Target, Column]:
    """What the target is: classes where it is text, or by the rule for numbers, or as `task` says.

    `order` gives the classes where their order is known; else they are sorted. Raises DataError for a target
    from which nothing can be learned.
    """
    start = f"{source}: target {name!r}"
    numbers = isinstance(values, np.ndarray) and values.dtype == np.float64
    if numbers:
        check_range(np.asarray(values), start, "target")
    why = ""
    if task is None:
        few = not numbers or looks_like_classes(np.asarray(values))
        task = "classification" if few else "regression"
        why = " (few whole numbers: labels, unless `task: regression`)" if few and numbers else ""
    if task == "regression":
        if not numbers:
            raise DataError(f"{start}: {values[0]!r} is not a number", "task")
        column = _regression_column(name, np.asarray(values, np.float64), start, why)
        return Target(name, None), column
    classes = order or _classes(values)
    _check_classes(classes, len(values), start)
    shown = ", ".join(classes[:5]) + (", …" if len(classes) > 5 else "")
    return Target(name, classes), Column(name, "target", "classes", f"{len(classes)} classes: {shown}{why}")


def _regression_column(name: str, values: Floats, start: str, why: str) -> Column:
    low, high = values.min(), values.max()
    if low == high:
        raise DataError(f"{start}: is {low:g} in every example: there is nothing to learn", "target")
    return Column(name, "target", "numbers", f"{low:g} to {high:g}{why}")


def _classes(values: Floats | Sequence[str]) -> tuple[str, ...]:
    distinct = np.unique(np.asarray(values))
    return tuple(labels_of(distinct))


def labels_of(values: Floats | Sequence[str]) -> list[str]:
    """Labels as text: 1.0 is `1`, True is `True`."""
    return [_label(value) for value in np.asarray(values).tolist()]


def _label(value: object) -> str:
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value)


def _check_classes(classes: tuple[str, ...], m: int, start: str) -> None:
    if len(classes) == 1:
        raise DataError(f"{start}: every example is of class {classes[0]!r}: there is nothing to learn", "target")
    if len(classes) > 2 and len(classes) >= m:
        raise DataError(
            f"{start}: {len(classes)} classes in {m} examples: each example has a class of its own", "target"
        )


def check_range(
    values: Floats, start: str, setting: str | None = None, where: Callable[[int], str] = "example {}".format
) -> None:
    """DataError for an infinite value, or one so large that its square overflows, in (m,); NaN passes."""
    bad = np.flatnonzero(np.abs(values) > TOO_LARGE)
    if len(bad):
        value = values[bad[0]]
        what = "infinite" if np.isinf(value) else "too large (over 1e150)"
        raise DataError(f"{start}: {value:g} in {where(int(bad[0]))} is {what}", setting)
