"""The JSON Schema says what loading says, on configs that are right and on ones that are wrong."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import settings as hypothesis_settings

from gdrun.descent.parts import settings_of
from gdrun.experiment.config import ConfigError, load
from gdrun.experiment.config.families import families
from gdrun.experiment.config.schema import schema
from gdrun.experiment.config.unknown import NESTED
from gdrun.experiment.sweep import expand
from tests.experiment.config_cases import FULL, GOOD, SURFACE
from tests.experiment.test_config_identity import configs

SCHEMA = schema()
TYPES: dict[str, Any] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}
BOUNDS = {
    "minimum": lambda value, bound: value >= bound,
    "maximum": lambda value, bound: value <= bound,
    "exclusiveMinimum": lambda value, bound: value > bound,
    "exclusiveMaximum": lambda value, bound: value < bound,
}
NOTES = {"description", "default", "title", "$schema", "$defs", "examples"}


def accepts(rule: Any, value: Any) -> bool:
    """JSON Schema as far as the schema uses it; a word that is not known here is an error."""
    if isinstance(rule, bool):
        return rule
    return all(_keeps(rule, word, value) for word in rule if word not in NOTES | {"then", "else"})


def _keeps(rule: dict[str, Any], word: str, value: Any) -> bool:
    wanted = rule[word]
    if word in BOUNDS:
        return isinstance(value, bool | str | dict | list | None) or BOUNDS[word](value, wanted)
    match word:
        case "type":
            if isinstance(wanted, list):
                return any(_keeps({"type": one}, "type", value) for one in wanted)
            return isinstance(value, TYPES[wanted]) and (wanted == "boolean" or not isinstance(value, bool))
        case "const":
            return bool(value == wanted)
        case "enum":
            return value in wanted
        case "anyOf":
            return any(accepts(option, value) for option in wanted)
        case "oneOf":
            return sum(accepts(option, value) for option in wanted) == 1
        case "if":
            return accepts(rule["then"] if accepts(wanted, value) else rule["else"], value)
        case "required":
            return not isinstance(value, dict) or set(wanted) <= set(value)
        case "properties":
            return not isinstance(value, dict) or all(accepts(wanted[key], value[key]) for key in wanted.keys() & value)
        case "additionalProperties":
            assert wanted is False
            patterns = rule.get("patternProperties", {})
            others = set(value) - set(rule["properties"]) if isinstance(value, dict) else set()
            return all(any(re.search(pattern, key) for pattern in patterns) for key in others)
        case "patternProperties":
            found = value.items() if isinstance(value, dict) else ()
            return all(accepts(wanted[p], inner) for p in wanted for key, inner in found if re.search(p, key))
        case "items":
            return not isinstance(value, list) or all(accepts(wanted, item) for item in value)
        case "$ref":
            return accepts(SCHEMA["$defs"][wanted.removeprefix("#/$defs/")], value)
    raise AssertionError(f"the test does not know {word}")


@pytest.mark.parametrize("text", [GOOD, SURFACE, FULL])
def test_accepts_what_loads(text: str) -> None:
    config = yaml.safe_load(text.replace("1e-8", "0.00000001"))
    load(config)
    assert accepts(SCHEMA, config)


@given(configs())
@hypothesis_settings(max_examples=60, deadline=None)
def test_accepts_any_config_that_loads(config: dict[str, Any]) -> None:
    load(config)
    assert accepts(SCHEMA, config)


IRIS = {"dataset": "iris", "model": "softmax", "optimizer": "adam", "epochs": 3}


@pytest.mark.parametrize(
    ("changed", "right"),
    [
        ({}, True),
        ({"optimizer": {"kind": "sgd", "lr": 1}}, True),
        ({"schedule": {"warmup": 1}, "descent": {"batch_size": 1}}, True),
        ({"optimizer": "gd"}, False),
        ({"optimizer": "sgd"}, False),
        ({"optimizer": {"kind": "gd"}}, False),
        ({"optimizer": {"lr": 1}}, False),
        ({"optimizer": {"kind": "gd", "lr": 0}}, False),
        ({"optimizer": {"kind": "gd", "lr": "1"}}, False),
        ({"optimizer": {"kind": "gd", "lr": True}}, False),
        ({"optimizer": {"kind": "gd", "lr": 1, "momentum": 0.9}}, False),
        ({"optimizer": {"kind": "adam", "beta1": 1}}, False),
        ({"optimizer": "adma"}, False),
        ({"model": "mlp"}, False),
        ({"model": {"kind": "mlp", "hidden": [0]}}, False),
        ({"model": {"kind": "mlp", "hidden": 3}}, False),
        ({"model": {"kind": "mlp", "hidden": [3], "activation": "ReLU"}}, False),
        ({"model": {"kind": "surface", "function": "quadratic"}}, False),
        ({"descent": {"variant": "batch", "batch_size": 1}}, False),
        ({"schedule": {"kind": "step"}}, False),
        ({"schedule": {"unit": "epoch"}}, False),
        ({"steps": 3}, False),
        ({"epochs": 0}, False),
        ({"epochs": 1.5}, False),
        ({"seed": -1}, False),
        ({"sead": 1}, False),
        ({"stop": {"patience": 0}}, False),
        ({"stop": None, "record": None}, True),
        ({"stop": {"patients": 1}}, False),
        ({"record": {"unit": "batch"}}, False),
        ({"dtype": "float16"}, False),
        ({"expect": None}, True),
        ({"expect": {"status": ["finished", "left"], "validation_loss": {"at_most": 1}}}, True),
        ({"expect": {"status": "diverged", "best_epoch": {"at_most": 1, "at_least": 0}, "seconds": None}}, True),
        ({"expect": {"status": "failed"}}, False),
        ({"expect": {"validation_loss": {}}}, False),
        ({"expect": {"validation_loss": 1}}, False),
        ({"expect": {"validation_lost": {"at_most": 1}}}, False),
        ({"expect": {"end_step": {"at_most": 1, "near": 2}}}, False),
        ({"expect": {"lowest_step_angle": {"at_least": 1}}, "record": {"step_angle": 1}}, True),
        (
            {"expect": {"first_gradient_norm_1": {"at_least": 1}, "mean_batch_noise": None}, "record": {"layers": 1}},
            True,
        ),
        ({"expect": {"first_gradient_norm_0": {"at_least": 1}}, "record": {"layers": 1}}, False),
        ({"expect": {"lowest_step_angle": {"near": 1}}, "record": {"step_angle": 1}}, False),
        ({"expect": {"lowest_step_angles": {"at_least": 1}}, "record": {"step_angle": 1}}, False),
        ({"expect": []}, False),
    ],
    ids=str,
)
def test_agrees_with_loading(changed: dict[str, Any], right: bool) -> None:
    config = {**IRIS, **changed}
    assert accepts(SCHEMA, config) is right
    try:
        load(config)
        loads = True
    except ConfigError:
        loads = False
    assert loads is right


SWEEPS = [
    ({"stop": [None, {"patience": 3}]}, True),
    ({"record": [{"every": 2}, {"unit": "steps"}]}, True),
    ({"stop": [{"patience": 0}]}, False),
    ({"stop": [3]}, False),
    ({"record": [{"evry": 2}]}, False),
]


@pytest.mark.parametrize(("changed", "right"), SWEEPS, ids=str)
def test_agrees_with_a_sweep_over_blocks(changed: dict[str, Any], right: bool) -> None:
    config = {"name": "x", **IRIS, **changed}
    assert accepts(SCHEMA, config) is right
    try:
        expand([config])
        expands = True
    except ConfigError:
        expands = False
    assert expands is right


@pytest.mark.parametrize("missing", ["dataset", "model", "optimizer", "epochs"])
def test_what_is_required(missing: str) -> None:
    assert not accepts(SCHEMA, {key: value for key, value in IRIS.items() if key != missing})


def test_every_setting_of_every_part_is_described() -> None:
    for key, family in families().items():
        objects = [option for option in SCHEMA["properties"][key]["anyOf"] if "properties" in option]
        of_any_kind = objects.pop()
        assert set(of_any_kind["properties"]) == {name for one in objects for name in one["properties"]}
        assert len(objects) == len(family.choices())
        for found, (tags, part) in zip(objects, family.choices().items(), strict=True):
            assert set(found["properties"]) == {*dict(tags), *settings_of(part)}
            assert all(setting["description"] for setting in found["properties"].values())
    for key in (*NESTED, "compare"):
        assert all(setting["description"] for setting in SCHEMA["$defs"][key.title()]["properties"].values())


def test_is_json_of_a_named_draft() -> None:
    assert json.loads(json.dumps(SCHEMA, allow_nan=False))["$schema"].endswith("2020-12/schema")
