"""The JSON Schema of a config, for editors: completion, descriptions and squiggles."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from gdrun.experiment.config.compare import Compare, Random
from gdrun.experiment.config.expect import Bound, Expect, Relation
from gdrun.experiment.config.families import Family, Tags, families
from gdrun.experiment.config.models import BUDGETS, RunConfig, block_model
from gdrun.experiment.gauges.outcomes import PATTERN

DRAFT = "https://json-schema.org/draft/2020-12/schema"
NUMBERS = {"type": "array", "items": {"type": "number"}}
RANGE = {
    "type": "object",
    "properties": {
        "log": {"description": "low, high, number of values: by equal factors", **NUMBERS},
        "linear": {"description": "low, high, number of values: evenly spaced", **NUMBERS},
        "range": {"description": "first, last and perhaps step: whole numbers", **NUMBERS},
    },
    "additionalProperties": False,
}
GRID = {"description": "several values, for gdrun compare", "anyOf": [{"type": "array"}, RANGE]}
SECTIONS = {"type": "array", "items": {"type": ["string", "object", "null"]}}
"""Several kinds or blocks, for gdrun compare."""


def schema() -> dict[str, Any]:
    """JSON Schema, draft 2020-12, of a config; where `gdrun compare` takes several values, it has them, too."""
    root = _of(RunConfig)
    for base in ("PartBlock", "Expectations"):
        root["$defs"].pop(base)
    for block in (root, *root["$defs"].values()):
        block["properties"] = {
            name: rule if name in ("name", "expect") else _or_blocks(rule) if "$ref" in rule else _or_grid(rule)
            for name, rule in block["properties"].items()
        }
    expect = _of(Expect)
    expect["patternProperties"] = {f"^{PATTERN}$": {"anyOf": [expect["additionalProperties"], {"type": "null"}]}}
    expect["additionalProperties"] = False
    root["$defs"] |= expect.pop("$defs") | {"Expect": expect}
    root["$defs"]["Bound"]["anyOf"] = [{"required": [side]} for side in Bound.model_fields]
    root["properties"]["expect"] = {
        "description": root["properties"]["expect"]["description"],
        "anyOf": [{"$ref": "#/$defs/Expect"}, {"type": "null"}],
    }
    root["$defs"] |= {"Compare": _of(Compare), "Random": _of(Random), "Grid": GRID}
    candidate = {**root["properties"], "label": {"description": "what it is called", "type": "string"}}
    candidate.pop("name")
    for key, family in families().items():
        described = {"description": root["properties"][key]["description"]}
        one = [_words(family), *_objects(family)]
        root["properties"][key] = {**described, "anyOf": [*one, _any_kind(family, "array"), SECTIONS]}
        candidate[key] = {**described, "anyOf": [{"type": ["string", "array"]}, _any_kind(family)]}
    _describe_compare(root["$defs"]["Compare"]["properties"], candidate)
    root["properties"]["compare"] = {"description": "what gdrun compare sweeps", "$ref": "#/$defs/Compare"}
    surface = {"type": "object", "properties": {"kind": {"const": "surface"}}, "required": ["kind"]}
    return {
        "$schema": DRAFT,
        "title": "gdrun config",
        **root,
        "required": ["model", "optimizer"],
        "oneOf": [{"required": [budget]} for budget in BUDGETS],
        "if": {"properties": {"model": surface}, "required": ["model"]},
        "then": {"properties": dict.fromkeys(("dataset", "loss", "descent", "epochs", "examples"), False)},
        "else": {"required": ["dataset"]},
    }


def _of(model: type[BaseModel]) -> dict[str, Any]:
    """The schema that pydantic makes, without the titles that it makes up from the names."""
    found = model.model_json_schema()
    for block in (found, *found.get("$defs", {}).values()):
        block.pop("title", None)
        for field in block.get("properties", {}).values():
            field.pop("title", None)
    return found


def _or_blocks(rule: dict[str, Any]) -> dict[str, Any]:
    """A block's schema, or several blocks; nothing is the block left out."""
    notes = {name: word for name, word in rule.items() if name in ("description", "default")}
    block = {"$ref": rule["$ref"]}
    several = {"type": "array", "items": {"anyOf": [block, {"type": "null"}]}}
    return {**notes, "anyOf": [block, {"type": "null"}, several]}


def _or_grid(rule: dict[str, Any]) -> dict[str, Any]:
    """A setting's schema, or several values of it."""
    notes = {name: word for name, word in rule.items() if name in ("description", "default")}
    one = {name: word for name, word in rule.items() if name not in notes}
    options = one.get("anyOf", [one])
    kinds = {option.get("type") for option in options}
    values = {"type": "array", "items": {"type": ["array", "null", *(["string"] if len(options) > 2 else [])]}}
    grid = (
        values if "array" in kinds else {"$ref": "#/$defs/Grid"} if kinds & {"number", "integer"} else {"type": "array"}
    )
    return {**notes, "anyOf": [*options, grid]}


def _any_kind(family: Family, chosen: str | None = None) -> dict[str, Any]:
    """A block of settings that some kind has; what chooses the kind is of one type, or left out."""
    properties: dict[str, Any] = {}
    for block in _objects(family):
        properties = {**block["properties"], **properties}
    tags = {tag for choice in family.choices() for tag, _ in choice}
    for tag in tags:
        type_ = chosen if chosen and tag == family.tag else ["string", "array"]
        properties[tag] = {"description": properties[tag]["description"], "type": type_}
    required = {"required": [family.tag]} if chosen else {}
    return {"type": "object", "properties": properties, "additionalProperties": False, **required}


def _describe_compare(properties: dict[str, Any], candidate: dict[str, Any]) -> None:
    grouped = {
        "zip": {"description": properties["zip"]["description"], "type": "object"},
        "random": {"description": properties["random"]["description"], "$ref": "#/$defs/Random"},
    }
    block = {"type": "object", "properties": {**candidate, **grouped}, "additionalProperties": False}
    properties |= grouped
    relation = _of(Relation)
    relation["anyOf"] = [{"required": [side]} for side in Bound.model_fields]
    relation["oneOf"] = [{"required": [name]} for name in ("over", "minus")]
    properties["expect"] = {
        "description": properties["expect"]["description"],
        "anyOf": [{"type": "array", "items": relation, "minItems": 1}, {"type": "null"}],
    }
    properties["candidates"] = {
        "description": properties["candidates"]["description"],
        "type": "array",
        "items": block,
    }


def _spellings(family: Family, kind: str) -> list[str]:
    return [kind, *(alias for alias, named in family.aliases.items() if named == kind)]


def _words(family: Family) -> dict[str, Any]:
    """The kinds that need no settings: a word is enough."""
    short = [
        kind for kind, part in family.parts.items() if not _of(block_model(part, ((family.tag, kind),))).get("required")
    ]
    return {"enum": [word for kind in short for word in _spellings(family, kind)]}


def _objects(family: Family) -> list[dict[str, Any]]:
    objects = []
    for tags, part in family.choices().items():
        block = _of(block_model(part, tags))
        tag = {name: block["properties"].pop(name) for name, _ in tags}
        settings = {name: _or_grid(rule) for name, rule in block["properties"].items()}
        for name, kind in tags:
            tag[name] = {"description": tag[name]["description"], "enum": _spellings(_level(family, tags, name), kind)}
        block["properties"] = {**tag, **settings}
        needed = [] if family.default == tags[-1][1] else list(dict(tags))
        block["required"] = [*needed, *block.get("required", [])]
        objects.append(block)
    return objects


def _level(family: Family, tags: Tags, name: str) -> Family:
    return family if family.tag == name else family.inner[tags[0][1]]
