"""The JSON Schema of a config, for editors: completion, descriptions and squiggles."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from gdrun.experiment.config.families import Family, Tags, families
from gdrun.experiment.config.models import BUDGETS, RunConfig, block_model

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def schema() -> dict[str, Any]:
    """JSON Schema, draft 2020-12, of what `gdrun train` accepts."""
    root = _of(RunConfig)
    root["$defs"].pop("PartBlock")
    for key, family in families().items():
        described = {"description": root["properties"][key]["description"]}
        root["properties"][key] = {**described, "anyOf": [_words(family), *_objects(family)]}
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
        tag = {name: block["properties"][name] for name, _ in tags}
        for name, kind in tags:
            tag[name] = {"description": tag[name]["description"], "enum": _spellings(_level(family, tags, name), kind)}
        block["properties"] |= tag
        needed = [] if family.default == tags[-1][1] else list(dict(tags))
        block["required"] = [*needed, *block.get("required", [])]
        objects.append(block)
    return objects


def _level(family: Family, tags: Tags, name: str) -> Family:
    return family if family.tag == name else family.inner[tags[0][1]]
