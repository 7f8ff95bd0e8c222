"""gdrun from Python: results come back as objects and tables, nothing is printed, nothing calls exit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from gdrun.data import Arrays
from gdrun.descent.parts import settings_of
from gdrun.experiment.config import Loaded, Node, Read, build, failure, read_source, valid_name
from gdrun.experiment.config.mappings import from_python
from gdrun.experiment.problem import pose
from gdrun.experiment.results.experiments import RESULTS
from gdrun.experiment.results.folder import Folder
from gdrun.experiment.sources import Sources
from gdrun.experiment.trained import train_kept
from gdrun.notebook.run import Run, run_of

if TYPE_CHECKING:
    from gdrun.notebook.compared import Compared

UNNAMED = "unsaved"
"""What a comparison is called that has no name and is not kept."""

Config: TypeAlias = str | Path | Mapping[str, Any] | Loaded


def train(
    config: Config, data: Any = None, save: bool = True, results: str | Path = RESULTS, rerun: bool = False
) -> Run:
    """Train one config: a path, a dict, or a loaded config; `data` is (X, y), or a DataFrame with `dataset.target`.

    With `save` the results are kept below `results` under the experiment's name, as `gdrun train` does. A run that
    diverged is a result like any other. Raises ConfigError, and WriteError where results cannot be written.
    """
    file, tree, problems = _read(config, data)
    loaded = Loaded(build(tree, problems), file, tree)
    sources = Sources(data=data)
    problem = pose(loaded, sources)
    if not save:
        return run_of(train_kept(problem, None), sources)
    if loaded.name is None:
        raise failure("required where results are kept: `name: …` in the config, or save=False", key="name")
    return run_of(train_kept(problem, Folder(Path(results) / loaded.name), rerun), sources)


def compare(
    config: Config | Sequence[Config],
    data: Any = None,
    save: bool = True,
    results: str | Path = RESULTS,
    name: str | None = None,
    rows: str | Sequence[str] = (),
    criterion: str | None = None,
    report_on: Literal["test"] | None = None,
    confirm: int = 0,
    memory: float | None = None,
    stack: int | None = None,
    jobs: int | None = None,
    cluster: str | None = None,
    rerun: bool = False,
) -> Compared:
    """Train what is missing of a sweep and rank it; several configs without `compare:` are candidates of one sweep.

    `config`, `data` and `save` are as in `train`, the other settings those of `gdrun compare`, `memory` in GB. Runs
    that diverged or failed are results. Raises ConfigError, WriteError where results cannot be written, and
    ClusterError where workers are lost.
    """
    from gdrun.analysis.criteria import QuestionError
    from gdrun.experiment.comparing import plan
    from gdrun.experiment.conducting import conduct
    from gdrun.experiment.engine.errors import NoClusterError
    from gdrun.experiment.foresight.rates import suggested_by
    from gdrun.experiment.sweep import expand
    from gdrun.notebook.asking import Asked, engine_of, wanted_of
    from gdrun.notebook.compared import Compared

    asked = Asked(name, rows, criterion, report_on, confirm, memory, stack, jobs, cluster, rerun, save, results)
    wanted = wanted_of(asked)
    sources = Sources(data=data)
    unnamed = None if save else UNNAMED
    found = expand(_all_read(config, data), name=_valid(name), unnamed=unnamed, rates=suggested_by(sources))
    if len(found) > 1:
        raise failure("several configs with a compare block are experiments of their own: compare one after another")
    planned = plan(found[0], sources)
    folder = Folder(Path(results) / planned.sweep.name) if save else None
    try:
        with engine_of(asked) as engine:
            return Compared(planned.sweep.name, conduct(planned, folder, sources, wanted, engine=engine), sources)
    except QuestionError as error:
        raise failure(str(error), key=error.option) from None
    except NoClusterError as error:
        raise failure(str(error).removeprefix("--cluster "), key="cluster") from None


def _valid(name: str | None) -> str | None:
    try:
        return None if name is None else valid_name(name)
    except ValueError as error:
        raise failure(str(error), key="name") from None


def _all_read(config: Config | Sequence[Config], data: Any) -> list[Read]:
    configs = [config] if isinstance(config, str | Path | Mapping | Loaded) else config
    if not isinstance(configs, list | tuple):
        raise failure(
            f"a config is a path, a dict or a loaded config, or a list of them, not a {type(config).__name__}"
        )
    if not configs:
        raise failure("no config: give at least one")
    return [_read(one, data) for one in configs]


def _read(config: Config, data: Any) -> Read:
    if not isinstance(config, str | Path | Mapping | Loaded):
        raise failure(f"a config is a path, a dict or a loaded config, not a {type(config).__name__}")
    file, tree, problems = read_source(config)
    return Read(file, tree if data is None else _on_arrays(tree), problems)


def _on_arrays(tree: Node) -> Node:
    """The config with data in memory in the place of its dataset, whose split, standardising and target stay."""
    if not tree.entries:
        return tree
    arrays = from_python({"kind": "arrays"})
    given = tree.entries.get("dataset", arrays)
    other = "kind" in given.entries and given.entries["kind"].value != Arrays.kind
    kept = {name: node for name, node in given.entries.items() if not other or name in settings_of(Arrays)}
    return replace(tree, value=tree.entries | {"dataset": replace(given, value=kept | arrays.entries)})
