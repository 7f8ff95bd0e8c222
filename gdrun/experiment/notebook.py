"""gdrun from Python: results come back as objects and tables, nothing is printed, nothing calls exit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from gdrun.data import Arrays
from gdrun.descent.parts import settings_of
from gdrun.experiment.config import ConfigError, Loaded, Node, build, failure, read_source
from gdrun.experiment.config.mappings import from_python
from gdrun.experiment.problem import Problem, pose
from gdrun.experiment.results.folder import Folder
from gdrun.experiment.training import Trained, train_kept

RESULTS = "results"


def train(
    config: str | Path | Mapping[str, Any] | Loaded,
    data: Any = None,
    save: bool = True,
    results: str | Path = RESULTS,
    rerun: bool = False,
) -> Trained:
    """Train one config: a path, a dict, or a loaded config; `data` is (X, y), or a DataFrame with `dataset.target`.

    With `save` the results are kept below `results` under the experiment's name, as `gdrun train` does. A run that
    diverged is a result like any other. Raises ConfigError, and WriteError where results cannot be written.
    """
    loaded = _loaded(config, data)
    problem = _posed(loaded, data)
    if not save:
        return train_kept(problem, None)
    if loaded.name is None:
        raise failure("required where results are kept: `name: …` in the config, or save=False", key="name")
    return train_kept(problem, Folder(Path(results) / loaded.name), rerun)


def _loaded(config: str | Path | Mapping[str, Any] | Loaded, data: Any) -> Loaded:
    if isinstance(config, Loaded):
        return config if data is None else Loaded(build(tree := _on_arrays(config.tree)), config.file, tree)
    if not isinstance(config, str | Path | Mapping):
        raise failure(f"a config is a path, a dict or a loaded config, not a {type(config).__name__}")
    file, tree, problems = read_source(config)
    tree = tree if data is None else _on_arrays(tree)
    return Loaded(build(tree, problems), file, tree)


def _on_arrays(tree: Node) -> Node:
    """The config with data in memory in the place of its dataset, whose split, standardising and target stay."""
    if not tree.entries:
        return tree
    arrays = from_python({"kind": "arrays"})
    given = tree.entries.get("dataset", arrays)
    other = "kind" in given.entries and given.entries["kind"].value != Arrays.kind
    kept = {name: node for name, node in given.entries.items() if not other or name in settings_of(Arrays)}
    return replace(tree, value=tree.entries | {"dataset": replace(given, value=kept | arrays.entries)})


def _posed(loaded: Loaded, data: Any) -> Problem:
    block = loaded.config.dataset
    if data is None:
        return pose(loaded)
    if block is None:
        raise ConfigError(loaded.problem("model", "a surface takes no data").problems)
    return pose(loaded, dataset=Arrays(**block.settings(), data=data))
