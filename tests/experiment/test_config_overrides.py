"""Overrides: what merges, what replaces, and where their errors point."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from gdrun.experiment.config import Where, is_override, load, merge, settings
from gdrun.experiment.config.mappings import from_python
from gdrun.experiment.config.tree import read as read_tree
from tests.experiment.config_cases import FULL, GOOD, SURFACE, errors, read

SWEEP = "a list of values or a range is a sweep, for gdrun compare: one value here"
AUTO = "auto is a range, for optimizer.lr in gdrun compare: one value here"


@pytest.mark.parametrize(
    ("base", "override", "merged"),
    [
        ({"seed": 1}, {"seed": 2}, {"seed": 2}),
        ({"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
        # another kind replaces the whole block, the same kind merges
        ({"optimizer": {"kind": "gd", "lr": 1}}, {"optimizer": {"kind": "adam"}}, {"optimizer": {"kind": "adam"}}),
        ({"optimizer": {"kind": "gd", "lr": 1}}, {"optimizer": "adam"}, {"optimizer": {"kind": "adam"}}),
        ({"optimizer": {"kind": "gd", "lr": 1}}, {"optimizer": "gd"}, {"optimizer": {"kind": "gd", "lr": 1}}),
        ({"optimizer": {"kind": "gd", "lr": 1}}, {"optimizer": "sgd"}, {"optimizer": {"kind": "sgd", "lr": 1}}),
        ({"optimizer": {"kind": "gd", "lr": 1}}, {"optimizer": {"lr": 2}}, {"optimizer": {"kind": "gd", "lr": 2}}),
        ({"optimizer": "adam"}, {"optimizer": {"lr": 2}}, {"optimizer": {"kind": "adam", "lr": 2}}),
        (
            {"descent": {"variant": "batch"}},
            {"descent": {"variant": "minibatch"}},
            {"descent": {"variant": "minibatch"}},
        ),
        # a descent without a variant is a minibatch one
        (
            {"descent": {"batch_size": 8}},
            {"descent": "minibatch"},
            {"descent": {"variant": "minibatch", "batch_size": 8}},
        ),
        ({"descent": {"batch_size": 8}}, {"descent": "batch"}, {"descent": {"variant": "batch"}}),
        # a surface keeps being one when its function changes
        (
            {"model": {"kind": "surface", "function": "quadratic", "condition": 3}},
            {"model": {"function": "beale"}},
            {"model": {"kind": "surface", "function": "beale"}},
        ),
        (
            {"model": {"kind": "surface", "function": "quadratic", "condition": 3}},
            {"model": {"kind": "surface", "noise": 1}},
            {"model": {"kind": "surface", "function": "quadratic", "condition": 3, "noise": 1}},
        ),
        ({"model": {"kind": "surface", "function": "beale"}}, {"model": "linear"}, {"model": {"kind": "linear"}}),
        # values are replaced, not merged
        (
            {"model": {"kind": "mlp", "hidden": [1, 2]}},
            {"model": {"hidden": [3]}},
            {"model": {"kind": "mlp", "hidden": (3,)}},
        ),
        (
            {"optimizer": {"lr": {"log": [1, 2]}}},
            {"optimizer": {"lr": {"linear": 1}}},
            {"optimizer": {"lr": {"linear": 1}}},
        ),
        ({"stop": {"patience": 3}}, {"stop": {"loss": 1}}, {"stop": {"patience": 3, "loss": 1}}),
        ({"stop": {"patience": 3}}, {"stop": None}, {"stop": None}),
        # a budget is one of three
        ({"epochs": 3}, {"steps": 5}, {"steps": 5}),
        ({"epochs": 3}, {"seed": 5}, {"epochs": 3, "seed": 5}),
    ],
)
def test_merge(base: dict[str, Any], override: dict[str, Any], merged: dict[str, Any]) -> None:
    assert merge(from_python(base), from_python(override)).plain() == merged


@pytest.mark.parametrize(
    ("overrides", "key", "value"),
    [
        (["optimizer.lr=1e-3"], "lr", 0.001),
        (["optimizer=adam"], "kind", "adam"),
        (["optimizer.lr=0.5", "optimizer=adam"], "lr", 0.5),
        (["optimizer=adam", "optimizer.lr=0.5"], "lr", 0.5),
        (["optimizer=adam", "optimizer.kind=nesterov", "optimizer.lr=1"], "kind", "nesterov"),
        (["optimizer.lr=0.5", "optimizer.lr=0.25"], "lr", 0.25),
        (["optimizer={kind: adam, lr: 2}"], "lr", 2.0),
        (["optimizer.kind=adam"], "lr", 0.001),
    ],
)
def test_overrides_on_the_command_line(overrides: list[str], key: str, value: object) -> None:
    assert settings(read(GOOD, *overrides).config)["optimizer"][key] == value


def test_sections_are_made_as_needed() -> None:
    config = read(GOOD, "descent.batch_size=64", "stop.patience=3", "schedule.warmup=2", "model.hidden=[64,32]").config
    values = settings(config)
    assert values["descent"] == {"variant": "minibatch", "replacement": False, "batch_size": 64}
    assert values["stop"]["patience"] == 3
    assert (values["schedule"]["kind"], values["schedule"]["warmup"]) == ("constant", 2.0)
    assert values["model"]["hidden"] == (64, 32)


def test_null_leaves_a_section_out() -> None:
    values = settings(read(FULL, "schedule=null", "stop=", "loss=~").config)
    assert values["schedule"]["kind"] == "constant"
    assert values["stop"]["patience"] is None
    assert "loss" not in values


@pytest.mark.parametrize(
    ("override", "line"),
    [
        ("optimizer.lr=-1", "optimizer.lr=-1: must be greater than 0"),
        ("optimizer={kind: gd, lr: -1}", "optimizer={kind: gd, lr: -1}: optimizer.lr: must be greater than 0"),
        (
            "optimizer=momentum",
            "optimizer=momentum: optimizer.lr: required: there is no default; "
            "another optimizer has nothing of the config's block: say optimizer.lr=… too",
        ),
        ("optimizer.lr=", "optimizer.lr=: must be a number, not nothing"),
        ("optimizer.lr=0.1,1", f"optimizer.lr=0.1,1: {SWEEP}"),
        ("optimizer.lr=log:1e-4:1:9", f"optimizer.lr=log:1e-4:1:9: {SWEEP}"),
        ("seed=0..9", f"seed=0..9: {SWEEP}"),
        ("optimizer.lr=auto", f"optimizer.lr=auto: {AUTO}"),
        ("optimizer=adam,gd", f"optimizer=adam,gd: {SWEEP}"),
        ("model.hidden=[1],[2]", f"model.hidden=[1],[2]: {SWEEP}"),
        ("optimizer.lr.x=3", "optimizer.lr.x=3: optimizer.lr: must be a number, not a block"),
        ("lr=0.1", "lr=0.1: unknown key: write optimizer.lr"),
        ("optimizer.momentum=0.9", "optimizer.momentum=0.9: gd has no momentum; momentum, nesterov and rmsprop have"),
        ("seed=*x", "seed=*x: anchors and aliases (& and *) are not read: write the value out"),
        ("seed={a: 1, a: 2}", "seed={a: 1, a: 2}: a: already given"),
        ("seed", "seed: an override is key=value, such as optimizer.lr=0.1"),
        ("seed=\x1b[31m", "seed=\\x1b[31m: control character '\\x1b': not a text file?"),
    ],
)
def test_errors_name_the_override(override: str, line: str) -> None:
    assert errors(GOOD, override) == [line]


def test_overrides_do_not_hide_that_the_file_is_no_config() -> None:
    assert errors("- 1", "seed=1") == ["c.yaml:1:1: must be keys with values, such as `model: linear`, not a list of 1"]
    assert errors(SURFACE, "steps=0", "optimizer.lr=0") == [
        "optimizer.lr=0: must be greater than 0",
        "steps=0: must be at least 1",
    ]


@pytest.mark.parametrize(
    "argument", ["a=1", "optimizer.lr=1", "a=", "a=b=c", "a.b_c.d=x.yaml", "learning-rate=1", "a=1\n2"]
)
def test_is_override(argument: str) -> None:
    assert is_override(argument)


@pytest.mark.parametrize("argument", ["c.yaml", "-", "./a=1", "dir/a=1", "--lr=1", "=1", "a..b=1", ".a=1", "a b=1", ""])
def test_is_no_override(argument: str) -> None:
    assert not is_override(argument)


def test_dicts_are_not_changed() -> None:
    config = {
        "dataset": "iris",
        "model": {"kind": "mlp", "hidden": [3]},
        "optimizer": {"kind": "sgd", "lr": 1},
        "epochs": 3,
    }
    before = copy.deepcopy(config)
    loaded = load(config, ["optimizer.lr=2", "model.hidden=[4]", "steps=4"])
    assert settings(loaded.config)["model"]["hidden"] == (4,)
    assert config == before


def test_merge_changes_neither_tree() -> None:
    base, _ = read_tree(FULL, Where("c.yaml", 1, 1))
    override = from_python({"optimizer": "adam", "stop": {"loss": 1}, "steps": 3})
    before = copy.deepcopy((base, override))
    merge(base, override)
    assert (base, override) == before
