"""Settings as YAML that reads back to the same values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from gdrun.experiment.config.scalars import scalar


class _Dumper(yaml.SafeDumper):
    """PyYAML writes for YAML 1.1, where 1e3 is a word: quote what YAML 1.2 would take for a number."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, "'" if _means_more(text) else None)


def _means_more(text: str) -> bool:
    try:
        return not isinstance(scalar(text), str)
    except ValueError:
        return True


_Dumper.add_representer(str, _text)


def as_yaml(values: Mapping[str, Any]) -> str:
    """A config's settings as YAML, a line per section."""
    return yaml.dump(
        dict(values), Dumper=_Dumper, sort_keys=False, default_flow_style=None, allow_unicode=True, width=120
    )
