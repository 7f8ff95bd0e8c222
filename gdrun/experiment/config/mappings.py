"""From Python dicts to the tree of nodes that YAML becomes, so that both are checked by the same code."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from gdrun.experiment.config.errors import ConfigError, Problem, Where
from gdrun.experiment.config.scalars import whole
from gdrun.experiment.config.tree import DEEPEST, Node, Value

NOWHERE = Where()


def from_python(value: object, path: tuple[str, ...] = ()) -> Node:
    """The tree of a dict, copied. Raises ConfigError for objects that no config holds."""
    try:
        return Node(_value(value, path), NOWHERE, NOWHERE)
    except ValueError as error:
        raise ConfigError([Problem(NOWHERE, ".".join(path), str(error))]) from None


def _value(value: Any, path: tuple[str, ...]) -> Value:
    if len(path) > DEEPEST:
        raise ValueError(f"nested more than {DEEPEST} levels deep")
    if isinstance(value, np.generic | np.ndarray):
        value = value.tolist()
    if isinstance(value, Mapping):
        return {_name(key): from_python(item, (*path, _name(key))) for key, item in value.items()}
    if isinstance(value, list | tuple | range):
        return tuple(from_python(item, (*path, str(i))) for i, item in enumerate(value))
    if isinstance(value, os.PathLike):
        return str(value)
    if isinstance(value, float):
        return float(value) + 0.0  # -0.0 becomes 0.0, as in YAML
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return whole(value)
    raise ValueError(f"no config holds a {type(value).__name__}")


def _name(key: object) -> str:
    if not isinstance(key, str):
        raise ValueError(f"keys are words, not {key!r:.60}")
    return key
