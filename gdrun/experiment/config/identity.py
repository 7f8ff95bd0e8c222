"""A config with every default filled in, and what makes two runs the same run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Hashable, Iterator, Mapping
from functools import cache, lru_cache
from typing import Any

from gdrun.descent.parts import settings_of
from gdrun.experiment.config.block import Block
from gdrun.experiment.config.build import build
from gdrun.experiment.config.checks import default_loss_of
from gdrun.experiment.config.errors import failure
from gdrun.experiment.config.families import families
from gdrun.experiment.config.kinds import default_block
from gdrun.experiment.config.mappings import from_python
from gdrun.experiment.config.models import PartBlock, RunConfig, block_model

LOOP_REVISION = 0
"""Raised when a change of the loop, of the batches or of a default outside the parts alters a run's bits."""

HASH = "sha256:"
USUAL = {"seed": 0, "dtype": "float64"}


def settings(config: RunConfig, default_loss: str | None = None) -> dict[str, Any]:
    """Every setting but the name, defaults filled in; `default_loss` is the model's on this data, where it depends.

    Equal sections are one dict, which is not to be changed: 10,000 runs have most of theirs in common.
    """
    blocks = _blocks(config, default_loss)
    return {
        "seed": config.seed,
        **{key: _section_settings(block, _usual_unit(config, key)) for key, block in blocks.items()},
        config.budget: getattr(config, config.budget),
        "stop": _section_settings(config.stop),
        "record": _section_settings(config.record, _usual_unit(config, "record")),
        "dtype": config.dtype,
    }


def flatten(values: Mapping[str, Any]) -> dict[str, Any]:
    """Settings by dotted key, `optimizer.lr`; lists as JSON text."""
    flat: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, dict):
            for name, inner in flatten(value).items():
                flat[_dotted(key, name)] = inner
        else:
            flat[key] = json.dumps(value) if isinstance(value, list | tuple) else value
    return flat


@cache
def _dotted(key: str, name: str) -> str:
    return f"{key}.{name}"


def canonical(
    config: RunConfig, content_hashes: Mapping[str, str] | None = None, default_loss: str | None = None
) -> str:
    """JSON of all that can change a number of the run, defaults left out.

    `content_hashes` stand for the dataset's settings that name files, as `gdrun.data.content_hash` has them.
    """
    sections = {
        "stop": _section_text(config.stop),
        "record": _section_text(config.record, _usual_unit(config, "record")),
    }
    for key, block in _blocks(config, default_loss).items():
        hashes = tuple((content_hashes or {}).items()) if key == "dataset" else ()
        sections[key] = _section_text(block, _usual_unit(config, key), (*hashes, *_revision(block).items()))
    usual = _usual_sections(_default_loss(config, default_loss))
    plain = {"seed": config.seed, "dtype": config.dtype, config.budget: getattr(config, config.budget)}
    revision = {"revision": LOOP_REVISION} if LOOP_REVISION else {}
    changed = {**_changed(plain, USUAL), **revision}.items()
    texts = {key: text for key, text in sections.items() if text != usual[key]}
    texts |= {key: str(value) if type(value) is int else _json(value) for key, value in changed}
    return "{" + ",".join(f'"{key}":{texts[key]}' for key in sorted(texts)) + "}"


def spelling(config: RunConfig) -> tuple[Hashable, ...]:
    """Equal for two configs just when their canonical JSON is, but much quicker to make."""
    blocks = _blocks(config, None)
    fields = [value for key in ("record", "schedule") for value in _with_unit(config, key)]
    blocks.pop("schedule")
    budget = config.budget
    return config.seed, config.dtype, budget, getattr(config, budget), config.stop, *blocks.items(), *fields


def _with_unit(config: RunConfig, key: str) -> Iterator[Hashable]:
    block = getattr(config, key)
    for name, value in vars(block).items():
        yield _usual_unit(config, key) if name == "unit" and value is None else value


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
        blocks["loss"] = _loss_block(loss)
    descent = blocks["descent"]
    if descent is not None and getattr(descent, "batch_size", None) == 1:
        part = families()["descent"].parts["stochastic"]
        blocks["descent"] = block_model(part, (("variant", "stochastic"),))(**{"replacement": descent.replacement})
    return {key: block for key, block in blocks.items() if block is not None}


@cache
def _loss_block(kind: str) -> PartBlock:
    return block_model(families()["loss"].parts[kind], (("kind", kind),))()


def _default_loss(config: RunConfig, default_loss: str | None) -> str | None:
    return None if config.on_surface else default_loss or default_loss_of(config.model.part)


@lru_cache(10_000)
def _section_settings(block: Block, unit: str | None = None) -> dict[str, Any]:
    """A section's settings; `unit` is what a section that has one and does not say which counts in."""
    values = {name: getattr(block, name) for name in type(block).model_fields}
    return values | {"unit": unit} if unit and not values.get("unit") else values


def _usual_unit(config: RunConfig, key: str) -> str | None:
    if key == "record":
        return "steps" if config.on_surface else "epochs"
    if key == "schedule":
        return "steps" if config.budget == "steps" else "epochs"
    return None


@cache
def _usual_sections(loss: str | None) -> Mapping[str, str | None]:
    """What sections are that say no more than if they were left out."""
    usual = {key: _json(dict(default_block(key).tags)) for key in ("descent", "schedule")}
    return {**dict.fromkeys(families()), "stop": "{}", "record": "{}", **usual, "loss": _json({"kind": loss})}


@lru_cache(10_000)
def _section_text(block: Block, unit: str | None = None, more: tuple[tuple[str, str | int], ...] = ()) -> str:
    """A section's part of the canonical JSON. The runs of a sweep share most sections."""
    tags = dict(block.tags) if isinstance(block, PartBlock) else {}
    usual = {name: field.default for name, field in type(block).model_fields.items() if name not in tags}
    units = {"unit": unit} if unit else {}
    values = {name: getattr(block, name) for name in type(block).model_fields}
    written = values | ({} if values.get("unit") else units) | dict(more)
    return _json(_changed(written, usual | units))


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


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
