"""Which spellings are the same run, which are not, and that a config survives being written and read."""

from __future__ import annotations

import copy
import hashlib
import json
import pickle
from typing import Any, Literal, get_args, get_origin

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from gdrun.descent.optimizers import Adam
from gdrun.descent.parts import Part, Setting, setting_types, settings_of
from gdrun.experiment.config import (
    ConfigError,
    RunConfig,
    as_yaml,
    canonical,
    flatten,
    from_canonical,
    identity,
    load,
    run_id,
    settings,
)
from gdrun.experiment.config.checks import losses_of
from gdrun.experiment.config.families import Tags, families
from gdrun.experiment.config.messages import options as members
from tests.experiment.config_cases import FULL, GOOD, SURFACE, read, with_line

IRIS = {"dataset": "iris", "model": "softmax", "optimizer": "adam", "epochs": 3}
BOWL = {"model": {"kind": "surface", "function": "quadratic"}, "optimizer": "adam", "steps": 3}
REGRESSION = {"dataset": "diabetes", "model": "linear", "optimizer": "adam", "epochs": 3}


def identify(config: dict[str, Any], **changed: Any) -> str:
    return run_id(canonical(load({**config, **changed}).config))


SAME: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({**IRIS, "model": "softmax"}, {"model": {"kind": "softmax", "initial": "xavier"}}),
    ({**IRIS, "model": {"kind": "mlp", "hidden": [3]}}, {"model": {"kind": "mlp", "hidden": [3], "initial": "he"}}),
    (IRIS, {"optimizer": {"kind": "adam"}}),
    (IRIS, {"optimizer": {"kind": "adam", "lr": 0.001}}),
    (IRIS, {"optimizer": {"kind": "adam", "lr": 1e-3, "clip_norm": None}}),
    (IRIS, {"seed": 0}),
    (IRIS, {"name": "other"}),
    (IRIS, {"dtype": "float64"}),
    (IRIS, {"dataset": {"kind": "iris", "validation": 0.2, "test": 0}}),
    (IRIS, {"descent": "minibatch"}),
    (IRIS, {"descent": {"variant": "minibatch", "batch_size": 32}}),
    (IRIS, {"descent": {"batch_size": 32, "replacement": False}}),
    (IRIS, {"schedule": "constant"}),
    (IRIS, {"schedule": {"kind": "constant", "warmup": 0}}),
    (IRIS, {"schedule": {"unit": "epochs"}}),
    (IRIS, {"schedule": None, "stop": None, "loss": None}),
    (IRIS, {"loss": "cross_entropy"}),
    (IRIS, {"loss": {"kind": "cross_entropy"}}),
    (IRIS, {"stop": {"patience": None}}),
    (IRIS, {"record": {"every": 1, "unit": "epochs", "batch_loss": False, "paths": None}}),
    (IRIS, {"model": {"initial": None, "kind": "softmax", "l2": 0}}),
    (REGRESSION, {"loss": "half_mse"}),
    (BOWL, {"record": {"unit": "steps"}}),
    (BOWL, {"schedule": {"unit": "steps"}}),
    (BOWL, {"model": {"function": "quadratic", "kind": "surface", "noise": 0.0, "matrix": None}}),
]


@pytest.mark.parametrize(("base", "changed"), SAME, ids=str)
def test_same_run(base: dict[str, Any], changed: dict[str, Any]) -> None:
    assert identify(base, **changed) == identify(base)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"optimizer": {"kind": "sgd", "lr": 1}}, {"optimizer": {"lr": 1.0, "kind": "gd"}}),
        ({"epochs": None, "examples": 9}, {"epochs": None, "examples": 9, "schedule": {"unit": "epochs"}}),
        ({"descent": "stochastic"}, {"descent": {"batch_size": 1}}),
        (
            {"descent": {"variant": "stochastic", "replacement": True}},
            {"descent": {"variant": "minibatch", "batch_size": 1, "replacement": True}},
        ),
        ({"model": {"kind": "softmax", "initial": [1, 0]}}, {"model": {"kind": "softmax", "initial": [1.0, -0.0]}}),
        (
            {"epochs": None, "steps": 9, "schedule": "cosine"},
            {"epochs": None, "steps": 9, "schedule": {"kind": "cosine", "unit": "steps"}},
        ),
    ],
    ids=str,
)
def test_two_spellings(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert identify(IRIS, **one) == identify(IRIS, **other)


@pytest.mark.parametrize(("base", "changed"), SAME, ids=str)
def test_same_run_is_one_spelling(base: dict[str, Any], changed: dict[str, Any]) -> None:
    assert identity.spelling(load({**base, **changed}).config) == identity.spelling(load(base).config)


def test_different_runs_have_different_ids() -> None:
    changes: list[dict[str, Any]] = [
        {},
        {"seed": 1},
        {"dataset": "wine"},
        {"dataset": {"kind": "iris", "seed": 1}},
        {"dataset": {"kind": "iris", "validation": 0.25}},
        {"dataset": {"kind": "iris", "standardize": False}},
        {"model": {"kind": "softmax", "l2": 0.1}},
        {"model": {"kind": "mlp", "hidden": [3]}},
        {"model": {"kind": "mlp", "hidden": [3, 3]}},
        {"loss": "hinge"},
        {"descent": "batch"},
        {"descent": "stochastic"},
        {"descent": {"batch_size": 31}},
        {"descent": {"replacement": True}},
        {"optimizer": "adamw"},
        {"optimizer": "amsgrad"},
        {"optimizer": {"kind": "adam", "lr": 0.002}},
        {"optimizer": {"kind": "adam", "clip_norm": 1}},
        {"optimizer": {"kind": "adam", "clip_value": 1}},
        {"schedule": "cosine"},
        {"schedule": {"kind": "cosine", "warmup": 1}},
        {"schedule": {"kind": "cosine", "unit": "steps"}},
        {"epochs": 4},
        {"epochs": None, "steps": 3},
        {"epochs": None, "examples": 3},
        {"stop": {"patience": 3}},
        {"stop": {"tolerance": 3}},
        {"stop": {"loss": 3}},
        {"record": {"every": 3}},
        {"record": {"unit": "steps"}},
        {"record": {"batch_loss": True}},
        {"record": {"paths": True}},
        {"record": {"paths": False}},
        {"dtype": "float32"},
    ]
    ids = [identify(IRIS, **change) for change in changes]
    assert len(set(ids)) == len(changes)
    assert len({identity.spelling(load({**IRIS, **change}).config) for change in changes}) == len(changes)
    assert all(len(found) == 12 and found[0] == "r" and int(found[1:], 16) >= 0 for found in ids)


def test_canonical_json_is_pinned() -> None:
    """It is what every id ever given out hashes: a change here orphans all results."""
    text = canonical(read(with_line(FULL, dtype="float32")).config, default_loss="cross_entropy")
    assert text == (
        '{"dataset":{"kind":"digits"},"dtype":"float32","epochs":30,"model":{"hidden":[32],"kind":"mlp"},'
        '"optimizer":{"kind":"momentum","lr":0.05},"schedule":{"kind":"cosine","warmup":3.0},'
        '"stop":{"patience":10,"tolerance":1e-08}}'
    )
    assert run_id(text) == "r" + hashlib.sha256(text.encode()).hexdigest()[:11]
    surface = canonical(read(SURFACE).config)
    assert surface == (
        '{"model":{"condition":20.0,"function":"quadratic","kind":"surface","start":[4.0,1.0]},'
        '"optimizer":{"kind":"gd","lr":0.05},"steps":100}'
    )


def test_the_models_loss_may_depend_on_the_data() -> None:
    written, left_out = read(with_line(GOOD, loss="cross_entropy")).config, read(GOOD).config
    assert canonical(written) != canonical(left_out)
    assert canonical(written, default_loss="cross_entropy") == canonical(left_out, default_loss="cross_entropy")
    assert canonical(written, default_loss="half_mse") != canonical(left_out, default_loss="half_mse")
    assert settings(left_out, "cross_entropy")["loss"] == {"kind": "cross_entropy"}
    assert "loss" not in settings(left_out)


def test_content_hashes_stand_for_paths() -> None:
    def file(path: str) -> RunConfig:
        return load({**IRIS, "dataset": {"kind": "csv", "path": path, "target": "y"}}).config

    hashes = {"path": "sha256:00ff"}
    text = canonical(file("a.csv"), hashes)
    assert text == canonical(file("b.csv"), hashes)
    assert text != canonical(file("a.csv"), {"path": "sha256:01"})
    assert canonical(file("a.csv")) != canonical(file("b.csv"))
    assert json.loads(text)["dataset"] == {"kind": "csv", "path": "sha256:00ff", "target": "y"}
    assert from_canonical(text, {"dataset.path": "a.csv"}) == file("a.csv")
    arrays = canonical(load({**IRIS, "dataset": "arrays"}).config, {"data": "sha256:77"})
    assert json.loads(arrays)["dataset"] == {"kind": "arrays", "data": "sha256:77"}
    assert from_canonical(arrays).dataset == load({**IRIS, "dataset": "arrays"}).config.dataset


def test_revisions_make_other_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    config = load({**IRIS, "optimizer": {"kind": "adam", "lr": 1}}).config
    before = canonical(config)
    monkeypatch.setattr(Adam, "revision", 2)
    assert json.loads(canonical(config))["optimizer"] == {"kind": "adam", "lr": 1.0, "revision": 2}
    monkeypatch.setattr(identity, "LOOP_REVISION", 3)
    text = canonical(config)
    assert json.loads(text)["revision"] == 3
    assert from_canonical(text) == from_canonical(before) == config


def test_wrong_canonical_json() -> None:
    for text in ("", "{", "[1]", '"x"', "NaN"):
        with pytest.raises(ConfigError, match="canonical JSON"):
            from_canonical(text)
    with pytest.raises(ConfigError, match=r"optimizer\.lr: must be finite"):
        from_canonical('{"dataset":"iris","epochs":1,"model":"softmax","optimizer":{"kind":"gd","lr":NaN}}')


def test_flatten() -> None:
    assert flatten(settings(read(GOOD).config))["model.hidden"] == "[32]"
    assert flatten({"a": {"b": {"c": 1}}, "d": (1, "x"), "e": None}) == {"a.b.c": 1, "d": '[1, "x"]', "e": None}


def test_configs_can_be_pickled_and_copied() -> None:
    for text in (FULL, SURFACE):
        config = read(text).config
        assert pickle.loads(pickle.dumps(config)) == config == copy.deepcopy(config)
        assert hash(config) == hash(read(text).config)


def _number(limits: Setting, whole: bool) -> st.SearchStrategy[Any]:
    low = next((bound for bound in (limits.at_least, limits.above) if bound is not None), -1000)
    high = next((bound for bound in (limits.at_most, limits.below) if bound is not None), low + 1000)
    if whole:
        return st.integers(int(low) + (limits.above is not None), int(high) - (limits.below is not None))
    return st.floats(low, high, exclude_min=limits.above is not None, exclude_max=limits.below is not None)


def _values(hint: Any, limits: Setting) -> st.SearchStrategy[Any]:
    """Values of a setting's type within its limits."""
    if hint in (int, float):
        return _number(limits, hint is int)
    if hint is bool:
        return st.booleans()
    if hint is str:
        return st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=8)
    if get_origin(hint) is Literal:
        return st.sampled_from(get_args(hint))
    if get_origin(hint) is tuple:
        return st.lists(_values(get_args(hint)[0], limits), min_size=1, max_size=3)
    options = [_values(option, limits) for option in members(hint)]
    return st.one_of(*options, *([st.none()] if type(None) in get_args(hint) else []))


@st.composite
def blocks(draw: st.DrawFn, tags: Tags, part: type[Part]) -> dict[str, Any]:
    block: dict[str, Any] = dict(tags)
    for name, hint in setting_types(part).items():
        field = settings_of(part)[name]
        if field.required or draw(st.booleans()):
            block[name] = draw(_values(hint, field))
    if "milestones" in block:
        block["milestones"].sort()
    usual = {name: limits.default for name, limits in settings_of(part).items()}
    while wrong := {name for name, _ in part.conflicts(usual | block)}:
        dropped = {*wrong, "bounds"} if "start" in wrong else wrong
        block = {name: value for name, value in block.items() if name not in dropped}
    return block


@st.composite
def configs(draw: st.DrawFn) -> dict[str, Any]:
    def any_of(key: str) -> dict[str, Any]:
        tags, part = draw(st.sampled_from(sorted(families()[key].choices().items(), key=str)))
        return draw(blocks(tags, part))

    config: dict[str, Any] = {
        "model": any_of("model"),
        "optimizer": any_of("optimizer"),
        "schedule": any_of("schedule"),
    }
    config["seed"] = draw(st.integers(0, 2**63 - 1))
    if config["model"]["kind"] == "surface":
        config["schedule"].pop("unit", None)
        return {**config, "steps": draw(st.integers(1, 100))}
    config["dataset"], config["descent"] = any_of("dataset"), any_of("descent")
    config[draw(st.sampled_from(["epochs", "steps", "examples"]))] = draw(st.integers(1, 100))
    if draw(st.booleans()):
        config["loss"] = draw(st.sampled_from(losses_of(families()["model"].parts[config["model"]["kind"]])))
    if draw(st.booleans()):
        config["stop"] = draw(
            st.fixed_dictionaries({}, optional={"patience": st.integers(1, 9), "loss": st.floats(-9, 9)})
        )
        config["record"] = draw(
            st.fixed_dictionaries({}, optional={"every": st.integers(1, 9), "paths": st.booleans()})
        )
    return config


@given(configs())
@hypothesis_settings(max_examples=150, deadline=None)
def test_a_config_survives_being_written_and_read(config: dict[str, Any]) -> None:
    before = copy.deepcopy(config)
    loaded = load(config).config
    assert config == before
    text = canonical(loaded)
    resolved = settings(loaded)
    again = read(as_yaml(resolved)).config
    assert canonical(again) == text
    assert settings(again) == resolved
    assert canonical(from_canonical(text)) == text
    assert settings(from_canonical(text)) == resolved
    shuffled = dict(reversed(config.items()))
    assert canonical(load(shuffled).config) == text
