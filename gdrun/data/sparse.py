"""Sparse features, generated: most of them 0 in most examples, as words are in texts."""

from __future__ import annotations

import numpy as np

from gdrun.data.dataset import GENERATION, Dataset, generator
from gdrun.data.matrix import matrix_table
from gdrun.data.memory import UNLIMITED, check_table
from gdrun.data.table import Floats, Table
from gdrun.descent.parts import setting


class Sparse(Dataset, kind="sparse"):
    """Features of 0 and 1, a few common and many rare, as words in texts; a linear target plus noise (regression).

    The k-th feature is 1 in just `common` / k^`rarity` of all the generated examples, at least in one (Zipf 1935).
    Standardising would make the rare ones as large as the common: set `standardize: false` where that matters.
    """

    examples: int = setting(1000, help="number of examples", at_least=2)
    features: int = setting(50, help="number of features", at_least=1)
    common: float = setting(0.5, help="share of the examples in which the commonest feature is 1", above=0, at_most=1)
    rarity: float = setting(1.0, help="how fast features become rarer: 0 makes all equally common", at_least=0)
    noise: float = setting(0.1, help="standard deviation of the noise in the target", at_least=0)

    @property
    def counts(self) -> list[int]:
        """In how many examples each feature is 1."""
        ranks = np.arange(1, self.features + 1)
        return [max(1, round(count)) for count in (self.examples * self.common / ranks**self.rarity).tolist()]

    def true_parameters(self) -> tuple[Floats, float]:
        """The weights (F,) and the bias that made the target."""
        parameters = generator(self.seed, GENERATION).standard_normal(self.features + 1)
        return parameters[:-1], float(parameters[-1])

    def read(self, memory: float = UNLIMITED) -> Table:
        """Features (examples, features). Raises DataError."""
        check_table(self.examples, self.features, memory, self.kind, "examples")
        weights, bias = self.true_parameters()
        random = generator(self.seed, GENERATION)
        random.standard_normal(self.features + 1)  # the parameters
        features = np.zeros((self.examples, self.features))
        for feature, count in enumerate(self.counts):
            features[random.permutation(self.examples)[:count], feature] = 1
        targets = features @ weights + bias + self.noise * random.standard_normal(self.examples)
        return matrix_table(features, targets, "sparse", task="regression")
