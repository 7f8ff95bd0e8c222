"""What a stack descends on: a model's loss on examples, or a surface. Both give loss, gradient and an evaluation."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from gdrun.descent.batches import Batches
from gdrun.descent.examples import Examples, chunks
from gdrun.descent.loader import Loader
from gdrun.descent.losses import Loss, located
from gdrun.descent.metrics import metrics, score
from gdrun.descent.network import Network
from gdrun.descent.parts import Array, Numbers, Selectable
from gdrun.descent.passes import Pass, Weights
from gdrun.descent.room import Room
from gdrun.descent.sums import inner

CHUNK_BYTES = 1 << 18
"""Examples go through a network in chunks of about so much room for each run."""
PASS_BYTES = 1 << 21
"""Runs are evaluated in groups of about so much room, so that a pass stays in the cache."""


class Objective(Protocol):
    """A function of the parameters (R, P) of all runs."""

    @property
    def per_epoch(self) -> int:
        """Steps in an epoch."""

    def examples(self, step: int) -> int:
        """Examples used in the first `step` steps."""

    def loss_and_gradient(self, parameters: Array, step: int, gradient: Array, scale: Numbers | None = None) -> Numbers:
        """The loss (R, 1) on the batch of a step; writes its gradient (R, P), times the scale (R, 1) where given."""

    def training(self, parameters: Array) -> dict[str, Array]:
        """The outcome on the whole training set: `train_loss` and the metrics, each (R,)."""

    def validation(self, parameters: Array) -> dict[str, Array]:
        """The outcome on the validation set, each (R,); empty if there is none."""

    def select(self, runs: NDArray[np.intp]) -> Self:
        """The same for the chosen runs."""


@dataclass(frozen=True)
class DataObjective(Selectable):
    """A network's loss on training examples, the L2 penalty (R, 1) of the weights included."""

    network: Network
    loss: Loss
    l2: Numbers
    train: Examples
    held_out: Examples | None
    batches: Batches
    target_scale: float = 1.0
    """RMSE is given in the target's own unit, the loss in that of the standardised one."""
    room: Room = field(default_factory=Room, compare=False, repr=False)

    def select(self, runs: NDArray[np.intp]) -> Self:
        """The same for the chosen runs."""
        return replace(super().select(runs), room=Room())

    @property
    def per_epoch(self) -> int:
        """Steps in an epoch."""
        return self.batches.per_epoch

    def examples(self, step: int) -> int:
        """Examples used in the first `step` steps."""
        return self.batches.examples(step)

    @cached_property
    def chunk(self) -> int:
        """Examples in a chunk; depends on the shapes alone, or a run's bits would depend on its neighbours."""
        return max(32, CHUNK_BYTES // (self.network.width * self.train.X.itemsize))

    @cached_property
    def loader(self) -> Loader:
        """What gathers the examples of the steps."""
        return Loader(self.train, self.batches, self.room.block)

    @cached_property
    def penalised(self) -> bool:
        """Whether any weight is penalised."""
        return bool(np.any(self.l2))

    def loss_and_gradient(self, parameters: Array, step: int, gradient: Array, scale: Numbers | None = None) -> Numbers:
        """The loss (R, 1) on the batch of a step; writes its gradient (R, P), times the scale (R, 1) where given.

        The slopes at the outputs are scaled, which are far fewer than the parameters.
        """
        count = self.batches.size(step)
        if count <= self.chunk:
            loss = self._chunk(parameters, step, slice(0, count), gradient, scale)
        else:
            loss = self._in_chunks(parameters, step, count, gradient, scale)
        if self.penalised:
            weights, slopes = self._weights("parameters", parameters), self._weights("gradient", gradient)
            loss += self._penalty(weights)
            pull = self.l2 if scale is None else self.l2 * scale
            for W, slope in zip(weights.W, slopes.W, strict=True):
                slope[:, :-1] += W[:, :-1] * pull[:, :, None]
        return loss

    def _in_chunks(self, parameters: Array, step: int, count: int, gradient: Array, scale: Numbers | None) -> Numbers:
        loss: Numbers = np.zeros((len(gradient), 1), gradient.dtype)
        part = self.room.part(gradient)
        gradient[:] = 0
        for rows in chunks(count, self.chunk):
            loss += self._chunk(parameters, step, rows, part, scale)
            gradient += part
        return loss

    def _chunk(self, parameters: Array, step: int, rows: slice, gradient: Array, scale: Numbers | None) -> Numbers:
        """Share of the loss of some examples of the batch; writes their share of the gradient."""
        size, share = rows.stop - rows.start, self._share(self.batches.size(step))
        training = self.room.training(self.network, size, self.loader.groups, parameters, gradient)
        X, targets = self.loader.part(step, rows, training.buffers.outputs)
        loss = self.loss.total(training.forward(X), targets, self.room.scale(scale, share, size, gradient.dtype))
        training.backward(X)
        return loss * share

    def _weights(self, name: str, flat: Array) -> Weights:
        return self.room.weights(self.network, name, flat)

    def _penalty(self, weights: Weights) -> Numbers:
        inputs = (np.ascontiguousarray(W[:, :-1]) for W in weights.W)
        return np.asarray(sum(inner(W, W) for W in inputs) * self.l2 * 0.5)

    def training(self, parameters: Array) -> dict[str, Array]:
        """The objective and the metrics on the whole training set."""
        outcome = self._evaluate(parameters, self.train, "train")
        if self.penalised:
            outcome["train_loss"] = outcome["train_loss"] + self._penalty(self._weights("parameters", parameters))[:, 0]
        return outcome

    def training_loss(self, parameters: Array) -> Array:
        """The objective (R,) on the whole training set, the metrics left out."""
        loss = self._loss(parameters, self.train, None)[:, 0]
        return loss + self._penalty(self._weights("parameters", parameters))[:, 0] if self.penalised else loss

    def validation(self, parameters: Array) -> dict[str, Array]:
        """The data term and the metrics on the validation set; empty if there is none."""
        return {} if self.held_out is None else self._evaluate(parameters, self.held_out, "validation")

    def _evaluate(self, parameters: Array, examples: Examples, name: str) -> dict[str, Array]:
        scores = np.zeros((len(parameters), 1), parameters.dtype)
        loss = self._loss(parameters, examples, scores)
        scores[~np.isfinite(loss)] = np.nan  # what is told by outputs that are no numbers counts for nothing
        found = metrics(scores[:, 0], examples, self.target_scale)
        return {f"{name}_loss": loss[:, 0]} | {f"{name}_{metric}": value for metric, value in found.items()}

    def _share(self, count: int) -> float:
        """What an example's loss counts among so many."""
        return 1 / count if self.loss.averaged else 1.0

    def _loss(self, parameters: Array, examples: Examples, scores: Numbers | None) -> Numbers:
        """The loss (R, 1) of the examples; adds their scores, if there is room for them."""
        loss = np.zeros((len(parameters), 1), parameters.dtype)
        for runs in chunks(len(parameters), self._together(examples)):
            part = self.loss.select(np.arange(len(parameters))[runs])
            weights = Weights(self.network, parameters[runs])
            self._add_up(weights, part, examples, loss[runs], None if scores is None else scores[runs])
        return loss

    def _together(self, examples: Examples) -> int:
        """Runs that are evaluated at once: so many that a pass stays in the cache."""
        each = self.network.width * min(examples.m, self.chunk) * examples.X.itemsize
        return max(1, PASS_BYTES // each)

    def _add_up(self, weights: Weights, part: Loss, examples: Examples, loss: Numbers, scores: Numbers | None) -> None:
        """Add the losses and scores of all examples to those of some runs, whose part of the loss is given."""
        passes: dict[int, Pass] = {}
        share = self._share(examples.m)
        for rows in chunks(examples.m, self.chunk):
            size = rows.stop - rows.start
            if size not in passes:
                buffers = self.room.buffer(self.network, len(weights.flat), size, weights.flat.dtype)
                passes[size] = Pass(buffers, weights)
            outputs = passes[size].forward(examples.X[None, None, rows])
            if scores is not None:
                scores += score(outputs, examples, rows, self.network.threshold)
            targets = located(examples.targets[None, rows], outputs)
            loss += part.total(outputs, targets, self.room.scale(None, 1.0, size, outputs.dtype)) * share
