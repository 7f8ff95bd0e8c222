"""A config with every default filled in, and what makes two runs the same run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from gdrun.descent.parts import settings_of
from gdrun.experiment.config.build import build, default_block
from gdrun.experiment.config.checks import default_loss_of
from gdrun.experiment.config.errors import failure
from gdrun.experiment.config.families import families
from gdrun.experiment.config.mappings import from_python
from gdrun.experiment.config.models import PartBlock, Record, RunConfig, Stop, block_model

LOOP_REVISION = 0
"""Raised when a change of the loop, of the batches or of a default outside the parts alters a run's bits."""

HASH = "sha256:"


def settings(config: RunConfig, default_loss: str | None = None) -> dict[str, Any]:
    """Every setting but the name, defaults filled in; `default_loss` is the model's on this data, where it depends."""
    blocks = _blocks(config, default_loss)
    return {
        "seed": config.seed,
        **{key: {**dict(block.tags), **block.settings(), **_units(config, key)} for key, block in blocks.items()},
        config.budget: getattr(config, config.budget),
        "stop": config.stop.model_dump(),
        "record": {**config.record.model_dump(), **_units(config, "record")},
        "dtype": config.dtype,
    }


def flatten(values: Mapping[str, Any]) -> dict[str, Any]:
    """Settings by dotted key, `optimizer.lr`; lists as JSON text."""
    flat: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            flat |= {f"{key}.{name}": inner for name, inner in flatten(value).items()}
        else:
            flat[key] = json.dumps(value) if isinstance(value, list | tuple) else value
    return flat


def canonical(
    config: RunConfig, content_hashes: Mapping[str, str] | None = None, default_loss: str | None = None
) -> str:
    """JSON of all that can change a number of the run, defaults left out.

    `content_hashes` stand for the dataset's settings that name files, as `gdrun.data.content_hash` has them.
    """
    values = settings(config, default_loss)
    for key, block in _blocks(config, default_loss).items():
        fields = type(block).model_fields
        usual = {name: field.default for name, field in fields.items() if name not in dict(block.tags)}
        hashes = (content_hashes or {}) if key == "dataset" else {}
        values[key] = _changed({**values[key], **hashes}, {**usual, **_usual_units(config, key)}) | _revision(block)
    values["stop"] = _changed(values["stop"], Stop().model_dump())
    values["record"] = _changed(values["record"], {**Record().model_dump(), **_usual_units(config, "record")})
    usual_values = {"seed": 0, "dtype": "float64", "stop": {}, "record": {}, **_usual_sections(config, default_loss)}
    revision = {"revision": LOOP_REVISION} if LOOP_REVISION else {}
    return json.dumps(_changed(values, usual_values) | revision, sort_keys=True, separators=(",", ":"), allow_nan=False)


def run_id(text: str) -> str:
    """The id of the run whose canonical JSON this is."""
    return "r" + hashlib.sha256(text.encode()).hexdigest()[:11]


def from_canonical(text: str, paths: Mapping[str, str] | None = None) -> RunConfig:
    """The config of a canonical JSON, with files given as `{"dataset.path": …}`. Raises ConfigError."""
    try:
        values = json.loads(text)
    except ValueError:
        values = None
    if not isinstance(values, dict):
        raise failure(f"not a run's canonical JSON: {text[:60]!r}")
    values.pop("revision", None)
    for section in values.values():
        if isinstance(section, dict):
            section.pop("revision", None)
    if isinstance(dataset := values.get("dataset"), dict):
        values["dataset"] = _with_files(dataset, paths or {})
    return build(from_python(values))


def _blocks(config: RunConfig, default_loss: str | None) -> dict[str, PartBlock]:
    """The sections that chose a part, each in the one spelling that stands for all."""
    loss = _default_loss(config, default_loss)
    blocks = {key: getattr(config, key) for key in families()}
    if blocks["loss"] is None and loss is not None:
        blocks["loss"] = block_model(families()["loss"].parts[loss], (("kind", loss),))()
    descent = blocks["descent"]
    if descent is not None and getattr(descent, "batch_size", None) == 1:
        part = families()["descent"].parts["stochastic"]
        blocks["descent"] = block_model(part, (("variant", "stochastic"),))(**{"replacement": descent.replacement})
    return {key: block for key, block in blocks.items() if block is not None}


def _default_loss(config: RunConfig, default_loss: str | None) -> str | None:
    return None if config.on_surface else default_loss or default_loss_of(config.model.part)


def _units(config: RunConfig, key: str) -> dict[str, str]:
    """The unit of a section that has one: as written, or else the usual one."""
    written = getattr(getattr(config, key), "unit", None)
    return {} if written else _usual_units(config, key)


def _usual_units(config: RunConfig, key: str) -> dict[str, str]:
    if key == "record":
        return {"unit": "steps" if config.on_surface else "epochs"}
    if key == "schedule":
        return {"unit": "steps" if config.budget == "steps" else "epochs"}
    return {}


def _usual_sections(config: RunConfig, default_loss: str | None) -> dict[str, Any]:
    """Sections that say no more than if they were left out."""
    usual = {key: dict(default_block(key).tags) for key in ("descent", "schedule")}
    loss = _default_loss(config, default_loss)
    return {**usual, "loss": {"kind": loss}} if loss else usual


def _changed(values: Mapping[str, Any], usual: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in usual or value != usual[name]}


def _revision(block: PartBlock) -> dict[str, int]:
    return {"revision": block.part.revision} if block.part.revision else {}


def _with_files(dataset: Mapping[str, Any], paths: Mapping[str, str]) -> dict[str, Any]:
    """The dataset's paths in the place of their hashes; hashes that stand for no setting left out."""
    part = families()["dataset"].parts.get(str(dataset.get("kind")))
    names = settings_of(part) if part else dataset
    known = {name: value for name, value in dataset.items() if name in names or not str(value).startswith(HASH)}
    return known | {key.removeprefix("dataset."): path for key, path in paths.items()}
