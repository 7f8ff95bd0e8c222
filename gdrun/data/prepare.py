"""From a dataset to what training needs: read, split, fill, standardise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gdrun.data.dataset import Dataset
from gdrun.data.memory import UNLIMITED
from gdrun.data.preprocessing import Preprocessing, fitted
from gdrun.data.split import split
from gdrun.data.table import Column, DataError, Examples, Table, Task

LARGE_TARGET = 100


@dataclass(frozen=True)
class Data:
    """The parts of a dataset, ready for training, and how they came about."""

    train: Examples
    validation: Examples | None
    test: Examples | None
    preprocessing: Preprocessing
    columns: tuple[Column, ...]
    notes: tuple[str, ...] = ()

    @property
    def m(self) -> int:
        """The number of training examples."""
        return self.train.m

    @property
    def classes(self) -> tuple[str, ...] | None:
        """The classes' names in the order of their indices; None for regression."""
        return self.preprocessing.classes

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The features' names, F of them."""
        return self.preprocessing.feature_names

    @property
    def task(self) -> Task:
        """What is learned."""
        return "regression" if self.classes is None else "classification"


def prepare(dataset: Dataset, memory: float = UNLIMITED) -> Data:
    """A dataset read, split by its seed, and filled and standardised by its training part. Raises DataError.

    Data that declare themselves larger than so many bytes of `memory` are refused before they are read.
    """
    table = dataset.read(memory)
    if dataset.standardize_target and table.classes is not None:
        raise DataError(
            f"target {table.target_name!r} is classes: there is nothing to standardise", "standardize_target"
        )
    train, validation, test = _parts(table, dataset)
    preprocessing = fitted(
        train.features,
        table.encoding,
        train.targets,
        standardize=dataset.standardize,
        standardize_target=dataset.standardize_target,
        target_name=table.target_name,
        classes=table.classes,
    )

    def ready(part: Examples) -> Examples:
        targets = (part.targets - preprocessing.target_mean) / preprocessing.target_scale
        return Examples(preprocessing.standardized(part.features), targets)

    return Data(
        train=ready(train),
        validation=ready(validation) if validation else None,
        test=ready(test) if test else None,
        preprocessing=preprocessing,
        columns=table.columns,
        notes=table.notes,
    )


def _parts(table: Table, dataset: Dataset) -> tuple[Examples, Examples | None, Examples | None]:
    """Copies of the table's rows by part; a part that the dataset brings itself is not split off."""
    if table.test and dataset.test > 0:
        raise DataError(
            f"test {dataset.test:g}: the dataset has a test set of its own ({table.test.m} examples)", "test"
        )
    labels = np.zeros(len(table.targets)) if table.classes is None else table.targets
    share = 0.0 if table.validation else dataset.validation
    train, validation, test = (
        Examples(table.features[rows], table.targets[rows]) if len(rows) else None
        for rows in split(labels, share, dataset.test, dataset.seed)
    )
    assert train is not None  # the split keeps an example of every class
    return train, table.validation or validation, table.test or test


def large_target(data: Data) -> bool:
    """Whether a regression's targets are so large that standardising them is worth suggesting."""
    if data.classes is not None:
        return False
    targets = data.train.targets
    return bool(max(targets.std(), abs(targets.mean())) > LARGE_TARGET)
