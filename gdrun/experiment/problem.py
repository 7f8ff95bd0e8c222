"""From a config and its data to what is descended on, for one run; what does not fit is an error about its key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gdrun.data import Data, large_target
from gdrun.descent.examples import Examples
from gdrun.descent.losses import Loss
from gdrun.descent.models import Model
from gdrun.descent.network import Network
from gdrun.descent.parts import settings_of, stacked
from gdrun.descent.surfaces import Surface
from gdrun.experiment.config import Loaded, RunConfig, canonical, run_id, settings
from gdrun.experiment.sources import Fitted, Source, Sources
from gdrun.experiment.suitability import (
    check_outcomes,
    check_precision,
    check_sizes,
    check_target,
    losses_for,
    number_of_classes,
)


@dataclass(frozen=True)
class Problem:
    """What one run learns: data and network, or neither on a surface; and which run it is."""

    config: RunConfig
    id: str
    canonical: str
    settings: dict[str, Any]
    """Every setting, defaults filled in."""
    data: Data | None
    network: Network | None
    train: Examples | None
    held_out: Examples | None
    test: Examples | None
    baseline: float
    """Training loss of the best constant prediction; infinite on a surface, which has none."""

    @property
    def variables(self) -> int:
        """Number of parameters."""
        return self.network.size if self.network else len(self.start)

    @property
    def start(self) -> tuple[float, ...]:
        """Where a descent on a surface begins."""
        return surface_of(self.config).start_of(self.config.model.settings())

    @property
    def bounds(self) -> float:
        """How far from 0 a path on a surface may go."""
        return surface_of(self.config).bounds_of(self.config.model.settings())

    @property
    def large_target(self) -> bool:
        """Whether a network is to learn a target that had better be standardised."""
        return self.settings["model"]["kind"] == "mlp" and self.data is not None and large_target(self.data)

    @property
    def target_scale(self) -> float:
        """The standardised target's unit in the target's own."""
        return self.data.preprocessing.target_scale if self.data else 1.0


def pose(loaded: Loaded, sources: Sources | None = None) -> Problem:
    """The problem that a config poses, on data that were read before where it can be. Raises ConfigError."""
    config = loaded.config
    if config.dataset is None:
        return _surface_problem(loaded)
    found = (sources or Sources()).of(loaded)
    fitted = _fitted(loaded, found)
    check_precision(loaded)
    check_outcomes(loaded, found.data)
    text = canonical(config, found.hashes, default_loss=fitted.usual_loss)
    return Problem(
        config=config,
        id=run_id(text),
        canonical=text,
        settings={**settings(config, fitted.usual_loss), "dataset": fitted.dataset},
        data=found.data,
        network=fitted.network,
        train=fitted.shaped.train,
        held_out=fitted.shaped.held_out,
        test=fitted.shaped.test,
        baseline=fitted.baseline,
    )


def _fitted(loaded: Loaded, found: Source) -> Fitted:
    """What the runs of one model, loss and batch size have in common on a dataset. Raises ConfigError."""
    config, data = loaded.config, found.data
    key = config.model, config.loss, config.descent, config.dtype
    if key not in found.fitted:
        check_target(loaded, data)
        model: Model = stacked(config.model.part, [config.model.settings()], np.dtype(config.dtype))
        outputs = model.outputs(number_of_classes(data))
        network = model.network(len(data.feature_names), outputs)
        check_sizes(loaded, data, network)
        shaped, usual = found.examples(outputs, config.dtype), losses_for(config, data)[0]
        filled = settings(config, usual)
        loss = loss_of([filled], np.dtype(config.dtype))
        dataset = {**filled["dataset"], **found.files} if found.files else filled["dataset"]
        found.fitted[key] = Fitted(network, shaped, dataset, usual, shaped.baseline(loss))
    return found.fitted[key]


def loss_of(runs: Sequence[Mapping[str, Any]], dtype: np.dtype[Any]) -> Loss:
    """The loss of runs with these settings."""
    part = Loss.kinds[runs[0]["loss"]["kind"]]
    loss: Loss = stacked(part, [{name: run["loss"][name] for name in settings_of(part)} for run in runs], dtype)
    return loss


def _surface_problem(loaded: Loaded) -> Problem:
    check_precision(loaded)
    config, text = loaded.config, canonical(loaded.config)
    return Problem(config, run_id(text), text, settings(config), None, None, None, None, None, float("inf"))


def surface_of(config: RunConfig) -> type[Surface]:
    """The surface that a config chose."""
    part = config.model.part
    assert issubclass(part, Surface)
    return part
