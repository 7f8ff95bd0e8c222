"""The textbook's experiments as tests train them: a config of the gallery with some settings changed, in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

import gdrun
from gdrun.descent.parts import Array
from gdrun.experiment.config import load, read_source
from gdrun.experiment.problem import pose
from gdrun.experiment.results.memory import Memory
from gdrun.notebook.compared import Compared
from gdrun.notebook.run import Run

TEXTBOOK = Path(__file__).parents[2] / "configs" / "textbook"


def config(name: str, **changes: Any) -> dict[str, Any]:
    """A config of the textbook; each change replaces the value of a key, a dict only the settings that it names."""
    found: dict[str, Any] = read_source(TEXTBOOK / f"{name}.yaml").tree.plain()
    return merged(found, {"name": name, **changes})


def merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Settings with changes; None takes a key away."""
    nested = {
        key: merged(base[key], value) if isinstance(value, dict) and isinstance(base.get(key), dict) else value
        for key, value in changes.items()
    }
    return {key: value for key, value in {**base, **nested}.items() if value is not None}


def untimed(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is expected of seconds, which no test asserts."""
    expected = [relation for relation in settings["compare"]["expect"] if relation["outcome"] != "seconds"]
    assert 0 < len(expected) < len(settings["compare"]["expect"])
    return merged(settings, {"compare": {"expect": expected}})


def trained(settings: Mapping[str, Any], data: Any = None) -> Run:
    """The run of a config."""
    return gdrun.train({key: value for key, value in settings.items() if key != "compare"}, data=data, save=False)


def compared(settings: Mapping[str, Any]) -> Compared:
    """The runs of a comparison."""
    return gdrun.compare(settings, save=False)


def path(run: Run) -> Array:
    """The parameters (n, P) at each record of a run."""
    return np.asarray(run.finished.path["parameters"])


def paths(found: Compared, label: str) -> list[Array]:
    """The parameters (n, P) at each record of every run of a candidate."""
    kept = found.answer.kept
    assert isinstance(kept, Memory)
    return [np.asarray(kept.ended[run].path["parameters"]) for run in ids(found, label)]


def ids(found: Compared, label: str) -> list[str]:
    """The runs of a candidate, in the order of the sweep."""
    return [run["id"] for run in found.answer.comparison.runs if run["label"] == label]


def lines(found: Compared, label: str) -> pd.DataFrame:
    """The lines of runs.csv of a candidate's runs."""
    return found.runs.set_index("id").loc[ids(found, label)]


def records(found: Compared, label: str, column: str) -> Array:
    """A column of the history of a candidate's runs, (runs, records)."""
    history = found.history
    return np.array([history.loc[history["run"] == run, column].to_numpy(float) for run in ids(found, label)])


def examples(settings: Mapping[str, Any]) -> tuple[Array, Array]:
    """What a config trains on: features with a column of ones (m, F + 1), and targets (m,)."""
    train = pose(load({key: value for key, value in settings.items() if key != "compare"})).train
    assert train is not None
    return train.X, train.Y[:, 0]


def interval(values: Sequence[float] | Array, confidence: float = 0.999) -> tuple[float, float]:
    """The t-interval of the mean of independent values."""
    values = np.asarray(values, float)
    half = stats.t.ppf((1 + confidence) / 2, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
    return float(values.mean() - half), float(values.mean() + half)
