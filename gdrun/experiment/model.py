"""A trained model: predictions for new rows, with the preprocessing that its training data had."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdrun.data import Preprocessing
from gdrun.descent.network import Layer, Network
from gdrun.descent.parts import Array
from gdrun.descent.passes import Buffers, Pass, Weights
from gdrun.experiment.results.arrays import prefixed, under

ROWS = 4096
"""Rows that go through the network at a time."""


@dataclass(frozen=True)
class TrainedModel:
    """A network with its parameters (P,) and what stands before and behind it."""

    network: Network
    parameters: Array
    preprocessing: Preprocessing
    loss: str

    def predict(self, X: Any) -> NDArray[Any]:
        """Labels, or numbers in the target's unit, (m,), for raw features (m, F) or a DataFrame. Raises DataError."""
        return self.told(self.outputs(self.preprocessing.features_from(X)))

    def probabilities(self, X: Any) -> Array | None:
        """Each class's probability, (m, classes); None where the loss gives none. Raises DataError."""
        return self.shares(self.outputs(self.preprocessing.features_from(X)))

    def outputs(self, features: Array) -> Array:
        """The network's outputs (m, K) for standardised features (m, F)."""
        parameters = self.parameters[None]
        weights = Weights(self.network, parameters)
        X = np.column_stack([features, np.ones(len(features))]).astype(parameters.dtype)
        parts = [X[start : start + ROWS] for start in range(0, len(X), ROWS)]
        with np.errstate(all="ignore"):
            done = [Pass(self._room(part), weights).forward(part[None, None])[0].copy() for part in parts]
        return np.concatenate(done) if done else np.empty((0, self.network.layers[-1].k), X.dtype)

    def _room(self, part: Array) -> Buffers:
        return Buffers(self.network, 1, len(part), part.dtype)

    def told(self, outputs: Array) -> NDArray[Any]:
        """What the outputs (m, K) say: labels or numbers, (m,)."""
        classes = self.preprocessing.classes
        if classes is None:
            return np.asarray(outputs[:, 0] * self.preprocessing.target_scale + self.preprocessing.target_mean)
        return np.asarray(labels(classes)[self.classed(outputs)])

    def classed(self, outputs: Array) -> NDArray[np.intp]:
        """The class by its number, (m,), that the outputs (m, K) say."""
        single = outputs[:, 0] > self.network.threshold
        return single.astype(np.intp) if outputs.shape[1] == 1 else outputs.argmax(axis=1)

    def shares(self, outputs: Array) -> Array | None:
        """Each class's probability (m, classes) by the logits (m, K)."""
        if self.preprocessing.classes is None or self.loss != "cross_entropy":
            return None
        if outputs.shape[1] == 1:
            outputs = np.concatenate([np.zeros_like(outputs), outputs], axis=1)
        exponentials = np.exp(outputs - outputs.max(axis=1, keepdims=True))
        return np.asarray(exponentials / exponentials.sum(axis=1, keepdims=True))


def labels(classes: Sequence[str]) -> NDArray[Any]:
    """The classes' names as what they were: true and false, whole numbers, or text."""
    if set(classes) <= {"False", "True"}:
        return np.array([name == "True" for name in classes])
    try:
        numbers = [int(name) for name in classes]
    except ValueError:
        return np.array(classes)
    return np.array(numbers) if [str(number) for number in numbers] == list(classes) else np.array(classes)


def description(network: Network, loss: str, preprocessing: Preprocessing) -> dict[str, NDArray[Any]]:
    """What a stored model needs besides its parameters, as arrays."""
    words = json.dumps({"layers": [asdict(layer) for layer in network.layers], "loss": loss})
    return {"model": np.frombuffer(words.encode(), np.uint8), **prefixed("preprocessing", preprocessing.to_arrays())}


def stored_model(arrays: Mapping[str, NDArray[Any]], which: str) -> TrainedModel:
    """The model with its `final` or `best` parameters. Raises ValueError on a surface, which has none."""
    if "model" not in arrays:
        raise ValueError("a surface has no model to predict with")
    words = json.loads(arrays["model"].tobytes())
    network = Network(tuple(Layer(**layer) for layer in words["layers"]))
    named = under(which, arrays)
    return TrainedModel(
        network, network.unnamed(named), Preprocessing.from_arrays(under("preprocessing", arrays)), words["loss"]
    )
