"""Finding an experiment and a run among the results: EXPERIMENT/RUN, RUN an id's beginning, `last` or `best`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from gdrun.experiment.results.columns import MADE
from gdrun.experiment.results.experiments import experiments
from gdrun.experiment.results.folder import Folder


class NotFoundError(Exception):
    """No such experiment or run, said in one line."""


def find_folder(name: str, results: Path) -> Folder:
    """An experiment's folder. Raises NotFoundError."""
    known = {folder.name: folder for folder in experiments(results)}
    if name in known:
        return known[name]
    from difflib import get_close_matches

    near = get_close_matches(name, known, n=1)
    hint = f"; did you mean {near[0]}?" if near else "; gdrun show lists what there is" if known else ""
    raise NotFoundError(f"no experiment {name!r} in {results}{hint}")


def find_run(wanted: str, results: Path) -> tuple[Folder, dict[str, str]]:
    """The folder and the line in runs.csv of `EXPERIMENT/RUN`; without a run, of the only one. Raises NotFoundError."""
    name, _, run = wanted.partition("/")
    folder = find_folder(name, results)
    rows = folder.rows()
    found = list(rows) if not run else _matching(run, rows)
    if len(found) == 1:
        return folder, rows[found[0]]
    if not found:
        raise NotFoundError(f"no run {run!r} in {name}: {_some(rows)}")
    raise NotFoundError(
        f"{len(found)} runs in {name}{f' begin with {run!r}' if run else ''}: {_some(found)}, last or best"
    )


def _matching(run: str, rows: Mapping[str, Mapping[str, str]]) -> list[str]:
    if not rows:
        return []
    if run == "last":
        return [list(rows)[-1]]
    if run == "best":
        return [min(rows, key=lambda id_: _loss(rows[id_]))]
    return [id_ for id_ in rows if id_.startswith(run)]


def _loss(row: Mapping[str, str]) -> float:
    """The final validation loss, training loss where there is none; what diverged or failed comes last."""
    text = row.get("final_validation_loss") or row.get("final_train_loss") or "nan"
    loss = float(text)
    return math.inf if math.isnan(loss) or row["status"] in ("diverged", "failed") else loss


def setting_columns(columns: Sequence[str]) -> list[str]:
    """The columns of runs.csv that are settings: they stand before the outcome, if there is one."""
    ends = [name for name in ("end_epoch", MADE[0]) if name in columns]
    end = columns.index(ends[0]) if ends else len(columns)
    return list(columns[columns.index("cause") + 1 : end]) if "cause" in columns else []


def _some(ids: Mapping[str, object] | list[str]) -> str:
    names = list(ids)
    return ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
