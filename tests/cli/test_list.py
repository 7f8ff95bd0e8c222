"""`gdrun list` and `gdrun schema`: every part and every setting."""

from __future__ import annotations

import json
import re

from gdrun.cli.parts import FAMILIES
from gdrun.descent.activations import ACTIVATIONS
from gdrun.descent.parts import settings_of
from tests.cli.driver import gdrun


def test_list_has_every_part_and_every_setting() -> None:
    text = gdrun("list").ok()
    blocks = {block.split("\n", 1)[0]: block for block in text.split("\n\n")}
    for name, family in FAMILIES.items():
        shared = settings_of(family)
        for kind, part in family.kinds.items():
            if part.python_only:
                assert f"  {kind} " not in blocks[name]
                continue
            line = next(line for line in blocks[name].splitlines() if line.startswith(f"  {kind} "))
            assert line.endswith(part.summary())
            one = gdrun("list", kind).ok()
            for setting in settings_of(part):
                assert setting in shared or re.search(rf"\b{setting}\b", blocks[name])
                assert re.search(rf"^  {setting} ", one, re.MULTILINE), (kind, setting)
    assert all(f"  {name} " in blocks["activations"] for name in ACTIVATIONS)


def test_list_of_one_kind_and_of_one_part() -> None:
    text = gdrun("list", "optimizers").ok()
    assert text.startswith("optimizers\n")
    assert "schedules" not in text
    assert gdrun("list", "optimizer").ok() == text
    lines = gdrun("list", "adam").ok().splitlines()
    assert lines[0].startswith("adam: ")
    assert next(line for line in lines if line.startswith("  beta1 ")).split()[1:6] == ["0.9", "≥", "0", "<", "1"]
    assert "lr (required)" in text


def test_schema_is_json_and_knows_the_parts() -> None:
    text = gdrun("schema").ok()
    assert json.loads(text)["properties"].keys() >= {"dataset", "model", "optimizer", "schedule", "epochs"}
    assert '"rmsprop"' in text
