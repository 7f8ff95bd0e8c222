"""Data that many runs share: read once, made into a network's examples once for each shape of its outputs."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdrun.analysis.trivial import constant_loss
from gdrun.data import Arrays, Data, DataError, Dataset, content_hash, prepare
from gdrun.data import Examples as Part
from gdrun.descent.examples import Examples
from gdrun.descent.losses import Loss
from gdrun.descent.network import Network
from gdrun.descent.parts import Array
from gdrun.experiment.config import Loaded, PartBlock
from gdrun.experiment.resources import granted_memory


@dataclass(frozen=True)
class Source:
    """One dataset with its split, and what stands for its files in a run's identity."""

    data: Data
    hashes: Mapping[str, str]
    files: Mapping[str, str] = field(default_factory=dict)
    """Where its files were found, by setting."""
    shaped: dict[tuple[int, str], Shaped] = field(default_factory=dict)
    fitted: dict[tuple[Hashable, ...], Fitted] = field(default_factory=dict)
    """By model, loss, descent and precision."""

    def examples(self, outputs: int, dtype: str) -> Shaped:
        """Its parts for a network with so many outputs."""
        if (outputs, dtype) not in self.shaped:
            parts = (self.data.train, self.data.validation, self.data.test)
            train, held_out, test = (_examples(part, self.data, outputs, dtype) for part in parts)
            self.shaped[outputs, dtype] = Shaped(train, held_out, test)
        return self.shaped[outputs, dtype]


@dataclass(frozen=True)
class Shaped:
    """A dataset's parts as a network takes them."""

    train: Examples | None
    held_out: Examples | None
    test: Examples | None
    baselines: dict[str, float] = field(default_factory=dict)

    def baseline(self, loss: Loss) -> float:
        """Training loss of the best constant prediction."""
        assert self.train is not None
        key = repr(loss)
        if key not in self.baselines:
            self.baselines[key] = constant_loss(loss, self.train)
        return self.baselines[key]


@dataclass(frozen=True)
class Fitted:
    """A model and loss that fit a dataset."""

    network: Network
    shaped: Shaped
    dataset: Mapping[str, Any]
    """The dataset's settings, with its files where they were found."""
    usual_loss: str
    """The model's own on this target."""
    baseline: float
    """Training loss of the best constant prediction."""


@dataclass(frozen=True)
class Sources:
    """The datasets of an experiment, each read when it is first asked for."""

    known: dict[PartBlock, Source] = field(default_factory=dict)
    data: Any = None
    """In memory, for configs that say so."""

    def of(self, loaded: Loaded) -> Source:
        """A config's dataset. Raises ConfigError."""
        block = loaded.config.dataset
        assert block is not None
        if block not in self.known:
            self.known[block] = source(loaded, self._dataset(loaded, block))
        return self.known[block]

    def _dataset(self, loaded: Loaded, block: PartBlock) -> Dataset:
        given = _beside(loaded, block)
        dataset = Arrays(**given, data=self.data) if block.part is Arrays else block.part(**given)
        assert isinstance(dataset, Dataset)
        return dataset


def _beside(loaded: Loaded, block: PartBlock) -> dict[str, Any]:
    """A dataset's settings; files that are not in the current directory are looked for beside the config."""
    given = block.settings()
    for name in getattr(block.part, "file_settings", ()):
        if loaded.file is not None and given[name] is not None and not Path(given[name]).exists():
            beside = loaded.file.parent / given[name]
            given[name] = str(beside) if beside.exists() else given[name]
    return given


def source(loaded: Loaded, dataset: Dataset) -> Source:
    """A dataset read and split. Raises ConfigError."""
    try:
        files = {name: getattr(dataset, name) for name in dataset.file_settings if getattr(dataset, name) is not None}
        return Source(prepare(dataset, granted_memory()), content_hash(dataset), files)
    except DataError as error:
        file = _file_blamed(dataset, str(error))
        key = ".".join(filter(None, ("dataset", error.setting or file)))
        raise loaded.problem(key, str(error), f"dataset.{file}" if file else None) from None


def _file_blamed(dataset: Dataset, message: str) -> str | None:
    """The setting that names the file which an error's message begins with."""
    names = (name for name in dataset.file_settings if message.startswith(f"{getattr(dataset, name)}: "))
    return next(names, None)


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
