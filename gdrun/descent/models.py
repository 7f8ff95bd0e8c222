"""Models: which layers they have, which losses go with them, where their weights begin.

A new model is one class that says its layers; forward and backward passes are those of `network.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, ClassVar, Literal

from gdrun.descent.activations import ACTIVATIONS
from gdrun.descent.network import Layer, Network
from gdrun.descent.parts import Numbers, Part, setting

ActivationName = Literal["identity", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "gelu", "softplus"]
InitialName = Literal["zeros", "normal", "xavier", "he"]

SQUARED = ("half_mse", "mse", "sum_squares")
REGRESSION = (*SQUARED, "mae", "huber")
CLASSIFICATION = ("cross_entropy", "hinge")


class Model(Part):
    """Family of models; the first loss named for a task is its default."""

    regression: ClassVar[tuple[str, ...]] = ()
    classification: ClassVar[tuple[str, ...]] = ()
    most_classes: ClassVar[int | None] = None

    l2: Numbers = setting(0.0, at_least=0, switch=True, help="penalty l2/2 · Σw² in the loss, biases left out")
    initial: InitialName | tuple[float, ...] | None = setting(
        None,
        help="initial weights, or all parameters as a list, layer by layer, in each input by input, the biases last; "
        "left out: he for relu and its kin, else xavier",
    )
    initial_scale: Numbers | None = setting(None, above=0, help="standard deviation, for `initial: normal` (0.01)")

    @classmethod
    def conflicts(cls, settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        if settings["initial_scale"] is not None and settings["initial"] != "normal":
            yield "initial_scale", "is for initial: normal"

    def network(self, features: int, outputs: int) -> Network:
        """The layers from so many features to so many outputs."""
        raise NotImplementedError

    @classmethod
    def implied(cls, settings: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"initial": "xavier"}

    @classmethod
    def losses(cls, classes: int | None) -> tuple[str, ...]:
        """Losses that go with the model on a target with so many classes, or with numbers; none if there are none."""
        if classes is None:
            return cls.regression
        return cls.classification if cls.most_classes is None or classes <= cls.most_classes else ()

    @classmethod
    def outputs(cls, classes: int | None) -> int:
        """One for numbers and for two classes, else one per class."""
        return classes if classes is not None and classes > 2 else 1


class Linear(Model, kind="linear"):
    """ŷ = X w + b: a line, plane or hyperplane through numbers."""

    regression: ClassVar[tuple[str, ...]] = REGRESSION

    def network(self, features: int, outputs: int) -> Network:
        return Network((Layer(features, outputs),))


class Logistic(Linear, kind="logistic"):
    """Two classes told apart by the sigmoid of X w + b."""

    regression: ClassVar[tuple[str, ...]] = ()
    classification = CLASSIFICATION
    most_classes: ClassVar[int | None] = 2


class Softmax(Logistic, kind="softmax"):
    """A linear score per class, made into probabilities."""

    most_classes = None

    @classmethod
    def outputs(cls, classes: int | None) -> int:
        return classes or 1


class Neuron(Model, kind="neuron"):
    """One unit, ŷ = f(X w + b), squared error: the textbook's neuron; two classes are its targets 0 and 1."""

    regression = SQUARED
    classification = SQUARED
    most_classes = 2

    activation: ActivationName = setting("sigmoid", help="the unit's f")

    def network(self, features: int, outputs: int) -> Network:
        return Network((Layer(features, outputs, self.activation),))


class MLP(Model, kind="mlp"):
    """Layers of hidden units with an activation, then a linear layer: a multi-layer perceptron."""

    regression = REGRESSION
    classification = CLASSIFICATION

    hidden: tuple[int, ...] = setting(at_least=1, whole=True, help="units of each hidden layer, such as [64, 32]")
    activation: ActivationName = setting("relu", help="the hidden units' activation")

    @classmethod
    def conflicts(cls, settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        yield from super().conflicts(settings)
        if not settings["hidden"]:
            yield "hidden", "at least one layer: without any it is linear, logistic or softmax"

    @classmethod
    def implied(cls, settings: Mapping[str, Any]) -> Mapping[str, Any]:
        given = settings.get("activation", "relu")
        activation = ACTIVATIONS.get(given) if isinstance(given, str) else None
        return {"initial": activation.initial} if activation else {}

    def network(self, features: int, outputs: int) -> Network:
        widths: Sequence[int] = (features, *self.hidden)
        hidden = tuple(Layer(a, b, self.activation) for a, b in pairwise(widths))
        return Network((*hidden, Layer(widths[-1], outputs)))
