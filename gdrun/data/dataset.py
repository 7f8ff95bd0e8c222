"""The family of datasets: what all of them are told, and where their random numbers come from."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from gdrun.data.files import open_file
from gdrun.data.memory import UNLIMITED
from gdrun.data.table import Table
from gdrun.descent.parts import Part, setting

GENERATION, SPLIT = 10, 11
"""One stream of random numbers per purpose; 0 to 9 belong to gdrun.descent."""


def generator(seed: int, stream: int) -> np.random.Generator:
    """The random numbers of one purpose, the same for the same seed."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, stream])))


class Dataset(Part):
    """A dataset: where the examples come from, how they are split and whether they are standardised."""

    file_settings: ClassVar[tuple[str, ...]] = ()
    """The settings that name a file."""

    seed: int = setting(0, help="generation and split", at_least=0)
    validation: float = setting(0.2, help="share of the examples for choosing and stopping", at_least=0, below=1)
    test: float = setting(0.0, help="share of the examples never used for choosing or stopping", at_least=0, below=1)
    standardize: bool = setting(True, help="features of mean 0 and standard deviation 1, fitted on the training part")
    standardize_target: bool = setting(False, help="the same for the target (regression only)")

    def read(self, memory: float = UNLIMITED) -> Table:
        """The whole table, before the split, if so many bytes of `memory` can hold it. Raises DataError."""
        raise NotImplementedError

    def content_hash(self) -> dict[str, str]:
        """`sha256:...` of each file, by the setting that names it: in a run's identity it stands for the path."""
        import hashlib

        hashes = {}
        for name in self.file_settings:
            path = getattr(self, name)
            if path is not None:
                with open_file(path, name) as file:
                    hashes[name] = f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
        return hashes


def content_hash(dataset: Dataset) -> dict[str, str]:
    """What stands for a dataset's files or arrays in a run's identity: setting name to `sha256:...`; {} without any.

    Raises DataError where a file cannot be read.
    """
    return dataset.content_hash()
