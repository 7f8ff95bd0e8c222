"""Configs: read, overridden, validated, identified."""

from gdrun.experiment.config.build import build
from gdrun.experiment.config.errors import ConfigError, Problem, Where, failure
from gdrun.experiment.config.identity import canonical, flatten, from_canonical, run_id, settings
from gdrun.experiment.config.load import Loaded, Read, Source, load, read_source
from gdrun.experiment.config.models import PartBlock, RunConfig
from gdrun.experiment.config.names import valid_name
from gdrun.experiment.config.overrides import is_override, merge, read_overrides
from gdrun.experiment.config.tree import Node
from gdrun.experiment.config.write import as_yaml

__all__ = [
    "ConfigError",
    "Loaded",
    "Node",
    "PartBlock",
    "Problem",
    "Read",
    "RunConfig",
    "Source",
    "Where",
    "as_yaml",
    "build",
    "canonical",
    "failure",
    "flatten",
    "from_canonical",
    "is_override",
    "load",
    "merge",
    "read_overrides",
    "read_source",
    "run_id",
    "settings",
    "valid_name",
]
