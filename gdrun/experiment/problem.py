"""From a config and its data to what is descended on, for one run; what does not fit is an error about its key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdrun.analysis.trivial import constant_loss
from gdrun.data import Data, DataError, Dataset, content_hash, prepare
from gdrun.data import Examples as Part
from gdrun.descent.losses import Loss
from gdrun.descent.models import Model
from gdrun.descent.network import Network
from gdrun.descent.objectives import Examples
from gdrun.descent.parts import Array, settings_of, stacked
from gdrun.descent.surfaces import Surface
from gdrun.experiment.config import ConfigError, Loaded, PartBlock, RunConfig, canonical, run_id, settings


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
        return self.network.size if self.network else len(start_of(self.config))

    @property
    def target_scale(self) -> float:
        """The standardised target's unit in the target's own."""
        return self.data.preprocessing.target_scale if self.data else 1.0


def pose(loaded: Loaded, data: Data | None = None, dataset: Dataset | None = None) -> Problem:
    """The problem that a config poses; reads its data if they are not given. Raises ConfigError."""
    config = loaded.config
    if config.dataset is None:
        return _surface_problem(loaded)
    dataset = dataset or _dataset(config.dataset)
    try:
        hashes = content_hash(dataset)
        data = data or prepare(dataset)
    except DataError as error:
        raise loaded.problem(f"dataset.{error.setting}" if error.setting else "dataset", str(error)) from None
    loss = _loss(loaded, data)
    model = _model(config)
    outputs = model.outputs(len(data.classes) if data.classes else None)
    network = model.network(len(data.feature_names), outputs)
    _check_sizes(loaded, data, network)
    train, held_out, test = (
        _examples(part, data, outputs, config.dtype) for part in (data.train, data.validation, data.test)
    )
    assert train is not None
    part = stacked(Loss.kinds[loss], [_loss_settings(config, loss)], np.dtype(config.dtype))
    text = canonical(config, hashes, default_loss=_default_loss(config, data))
    return Problem(
        config=config,
        id=run_id(text),
        canonical=text,
        settings=settings(config, _default_loss(config, data)),
        data=data,
        network=network,
        train=train,
        held_out=held_out,
        test=test,
        baseline=constant_loss(part, train),
    )


def _dataset(block: PartBlock) -> Dataset:
    dataset: Dataset = block.part(**block.settings())  # type: ignore[assignment]
    return dataset


def _model(config: RunConfig) -> Model:
    model: Model = stacked(config.model.part, [config.model.settings()], np.dtype(config.dtype))
    return model


def _losses(config: RunConfig, data: Data) -> tuple[str, ...]:
    part: type[Model] = config.model.part  # type: ignore[assignment]
    return part.losses(len(data.classes) if data.classes else None)


def _default_loss(config: RunConfig, data: Data) -> str:
    return _losses(config, data)[0]


def _loss(loaded: Loaded, data: Data) -> str:
    """The kind of loss; an error if the model can't learn such a target, or not with that loss."""
    config = loaded.config
    losses = _losses(config, data)
    target = f"{len(data.classes)} classes" if data.classes else "numbers"
    name = data.preprocessing.target_name
    if not losses:
        raise loaded.problem(
            "model", f"{config.model.chosen} cannot learn {name}, which is {target}: {_suited(data)} can"
        )
    kind = config.loss.chosen if config.loss else losses[0]
    if kind not in losses:
        raise loaded.problem("loss", f"{kind} is not for {name}, which is {target}: {', '.join(losses)}")
    return kind


def _suited(data: Data) -> str:
    classes = len(data.classes) if data.classes else None
    return ", ".join(kind for kind, model in Model.kinds.items() if model.losses(classes))


def _loss_settings(config: RunConfig, kind: str) -> dict[str, Any]:
    if config.loss:
        return config.loss.settings()
    return {name: field.default for name, field in settings_of(Loss.kinds[kind]).items()}


def _check_sizes(loaded: Loaded, data: Data, network: Network) -> None:
    config = loaded.config
    size = getattr(config.descent, "batch_size", 1)
    if size > data.m:
        raise loaded.problem("descent.batch_size", f"{size} is more than the {data.m} training examples")
    initial = config.model.settings()["initial"]
    if isinstance(initial, tuple) and len(initial) != network.size:
        raise loaded.problem("model.initial", f"{len(initial)} values for a model of {network.size} parameters")


def _examples(part: Part | None, data: Data, outputs: int, dtype: str) -> Examples | None:
    """Features with their column of ones, targets as the losses take them."""
    if part is None:
        return None
    X = np.column_stack([part.features, np.ones(part.m)]).astype(dtype)
    if data.classes is None:
        return Examples(X, part.targets[:, None].astype(dtype), None)
    labels: NDArray[np.intp] = part.targets.astype(np.intp)
    Y: Array = labels[:, None].astype(dtype) if outputs == 1 else np.eye(outputs, dtype=dtype)[labels]
    return Examples(X, Y, labels)


def _surface_problem(loaded: Loaded) -> Problem:
    config = loaded.config
    part: type[Surface] = config.model.part  # type: ignore[assignment]
    start, bounds = start_of(config), bounds_of(config)
    if part.variables is not None and len(start) != part.variables:
        raise loaded.problem("model.start", f"{part.kind} has {part.variables} variables, not {len(start)}")
    if any(abs(x) > bounds for x in start):
        raise loaded.problem("model.start", f"lies outside the bounds {bounds:g}")
    _check_surface(loaded, len(start))
    text = canonical(config)
    return Problem(config, run_id(text), text, settings(config), None, None, None, None, None, float("inf"))


def _check_surface(loaded: Loaded, n: int) -> None:
    problem: ConfigError | None = None
    given = loaded.config.model.settings()
    matrix = given.get("matrix")
    if matrix is not None and given.get("condition") is not None:
        problem = loaded.problem("model.condition", "a matrix has a condition number of its own: give one of them")
    elif matrix is not None and [len(row) for row in matrix] != [n] * n:
        problem = loaded.problem("model.matrix", f"must be {n} × {n}, as start has {n} variables")
    elif matrix is not None and not np.array_equal(np.array(matrix), np.array(matrix).T):
        problem = loaded.problem("model.matrix", "must be symmetric")
    elif loaded.config.model.part.kind == "rosenbrock" and n < 2:
        problem = loaded.problem("model.start", "rosenbrock has two or more variables")
    if problem:
        raise problem


def start_of(config: RunConfig) -> tuple[float, ...]:
    """Where a descent on a surface begins."""
    part: type[Surface] = config.model.part  # type: ignore[assignment]
    start: tuple[float, ...] | None = config.model.settings()["start"]
    return part.usual_start if start is None else start


def bounds_of(config: RunConfig) -> float:
    """How far from 0 a path may go: as set, or ten times the region worth looking at or the start."""
    part: type[Surface] = config.model.part  # type: ignore[assignment]
    bounds: float | None = config.model.settings()["bounds"]
    return 10 * max(part.extent, *map(abs, start_of(config))) if bounds is None else bounds
