"""Any sweep equals its configs built one by one: the same runs, in the order of plain nested loops."""

from __future__ import annotations

from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gdrun.experiment.config import ConfigError, RunConfig, build, canonical, load, merge
from gdrun.experiment.config.mappings import from_python
from gdrun.experiment.sweep import expand

BASE: dict[str, Any] = {
    "name": "x",
    "dataset": "digits",
    "model": {"kind": "mlp", "hidden": [8]},
    "optimizer": {"kind": "momentum", "lr": 0.1, "momentum": 0.9},
    "epochs": 3,
}
CHOICES: dict[str, list[Any]] = {
    "optimizer.lr": [0.5, 0.25, 1, 1.0, 0.1],
    "optimizer.clip_norm": [None, 1.0, 2.0],
    "optimizer.clip_value": [None, 1.0],
    "optimizer.kind": ["momentum", "nesterov", "gd", "sgd"],
    "descent.batch_size": [1, 8, 32],
    "schedule.kind": ["constant", "cosine"],
    "schedule.unit": [None, "epochs", "steps"],
    "model.hidden": [[4], [4, 2], [8]],
    "model.activation": ["relu", "tanh"],
    "epochs": [1, 2],
    "dtype": ["float64", "float32"],
    "stop.patience": [None, 5],
    "record.unit": [None, "epochs", "steps"],
    "loss": ["cross_entropy", "hinge"],
    "seed": [0, 1, 2],
}
Grids = dict[str, list[Any]]


@st.composite
def grids(draw: st.DrawFn, most: int = 3) -> Grids:
    """Settings, each with some values."""
    keys = draw(st.lists(st.sampled_from(sorted(CHOICES.keys() - {"seed"})), max_size=most, unique=True))
    return {key: draw(st.lists(st.sampled_from(CHOICES[key]), min_size=1, max_size=3)) for key in keys}


def nested(values: dict[str, Any]) -> dict[str, Any]:
    block: dict[str, Any] = {}
    for key, value in values.items():
        section, _, name = key.partition(".")
        if name:
            block.setdefault(section, {})[name] = value
        else:
            block[section] = value
    return block


def crossed(found: Grids, block: dict[str, Any]) -> list[dict[str, Any]]:
    """Every point of the grids in a block, the one that is written first outermost."""
    keys = {
        f"{section}.{name}" if name else section: None
        for section, values in block.items()
        for name in (values if isinstance(values, dict) else [""])
    }
    order = [key for key in keys if key in found]
    return [nested(dict(zip(order, point, strict=True))) for point in product(*(found[key] for key in order))]


def alone(base: dict[str, Any], *blocks: dict[str, Any]) -> RunConfig | None:
    tree = from_python(base)
    for block in blocks:
        tree = merge(tree, from_python(block))
    try:
        return build(tree)
    except ConfigError:
        return None


@given(grids(), st.lists(grids(2), min_size=1, max_size=3), st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_a_sweep_is_its_configs_one_by_one(above: Grids, candidates: list[Grids], seeds: int) -> None:
    block = {"seeds": seeds, "candidates": [nested(candidate) for candidate in candidates]}
    base = load_merged(BASE, nested(above))
    expected: list[tuple[int, RunConfig]] = []
    valid = True
    for index, candidate in enumerate(candidates):
        seen: set[str] = set()
        for outer, inner in product(crossed(above, base), crossed(candidate, nested(candidate))):
            for seed in range(seeds):
                config = alone(load_merged(BASE, outer), inner, {"seed": seed})
                valid = valid and config is not None
                if config is not None and canonical(config) not in seen:
                    seen.add(canonical(config))
                    expected.append((index, config))
    try:
        (found,) = expand([{**base, "compare": block}])
    except ConfigError:
        assert not valid
        return
    assert valid
    assert {(entry.candidate, canonical(entry.config)) for entry in found.entries} == {
        (index, canonical(config)) for index, config in expected
    }
    assert len(found.entries) == len(expected)
    if not any(key.endswith(".kind") for key in (*above, *(key for candidate in candidates for key in candidate))):
        assert [(entry.candidate, entry.config) for entry in found.entries] == expected


def load_merged(base: dict[str, Any], block: dict[str, Any]) -> dict[str, Any]:
    """A config with a block written into it, whatever its kinds are."""
    merged = dict(base)
    for key, value in block.items():
        merged[key] = {**merged.get(key, {}), **value} if isinstance(value, dict) else value
    return merged


DISTINCT = {
    "optimizer.lr": st.lists(st.floats(1e-6, 1e3), min_size=1, max_size=4, unique=True),
    "descent.batch_size": st.lists(st.integers(2, 999), min_size=1, max_size=4, unique=True),
    "epochs": st.lists(st.integers(1, 99), min_size=1, max_size=3, unique=True),
    "optimizer.clip_value": st.lists(st.floats(1, 9), min_size=1, max_size=3, unique=True),
    "seed": st.lists(st.integers(0, 2**63 - 1), min_size=1, max_size=4, unique=True),
}


@given(st.fixed_dictionaries({}, optional=DISTINCT))
@settings(max_examples=40, deadline=None)
def test_the_number_of_runs_is_the_product(axes: Grids) -> None:
    size = 1
    for values in axes.values():
        size *= len(values)
    (found,) = expand([load_merged(BASE, nested(axes))])
    assert len(found.entries) == size == len({canonical(entry.config) for entry in found.entries})
    assert set(found.swept) == {key for key, values in axes.items() if len(values) > 1}
    (listed,) = expand([{**BASE, "compare": {"candidates": [nested(axes)]}}])
    assert {canonical(entry.config) for entry in listed.entries} == {canonical(entry.config) for entry in found.entries}
    for entry in found.entries[:: max(1, size // 10)]:
        assert load(load_merged(BASE, nested({**entry.varied, **fixed(axes)}))).config == entry.config


def fixed(axes: Grids) -> dict[str, Any]:
    return {key: values[0] for key, values in axes.items() if len(values) == 1}
