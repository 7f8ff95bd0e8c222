"""What a stack descends on: a model's loss on examples, or a surface. Both give loss, gradient and an evaluation."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from gdrun.descent.batches import Batches, Indices
from gdrun.descent.examples import Examples, chunks
from gdrun.descent.losses import Loss, Targets
from gdrun.descent.memory import Block
from gdrun.descent.network import Network
from gdrun.descent.parts import Array, Numbers, Selectable
from gdrun.descent.passes import Pass, Weights
from gdrun.descent.sums import inner, total

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

    def loss_and_gradient(self, parameters: Array, step: int, gradient: Array) -> Numbers:
        """The loss (R, 1) on the batch of a step; writes its gradient (R, P)."""

    def training(self, parameters: Array) -> dict[str, Array]:
        """The outcome on the whole training set: `train_loss` and the metrics, each (R,)."""

    def validation(self, parameters: Array) -> dict[str, Array]:
        """The outcome on the validation set, each (R,); empty if there is none."""

    def select(self, runs: NDArray[np.intp]) -> Self:
        """The same for the chosen runs."""


@dataclass
class Room:
    """Arrays that are used again in every step, by the shape that they are for."""

    passes: dict[tuple[int, int], Pass] = field(default_factory=dict)
    batches: dict[tuple[int, ...], Array] = field(default_factory=dict)
    weights: dict[str, Weights] = field(default_factory=dict)
    block: Block = field(default_factory=Block)


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
    def penalised(self) -> bool:
        """Whether any weight is penalised."""
        return bool(np.any(self.l2))

    def loss_and_gradient(self, parameters: Array, step: int, gradient: Array) -> Numbers:
        """The loss (R, 1) on the batch of a step; writes its gradient (R, P)."""
        weights, slopes = self._weights("parameters", parameters), self._weights("gradient", gradient)
        chosen = self.batches.at(step)
        count = self.train.m if chosen is None else chosen.shape[1]
        share = self._share(count)
        if count <= self.chunk:
            loss = self._chunk(weights, slopes, chosen, slice(0, count), share)
        else:
            loss = self._in_chunks(weights, gradient, chosen, count, share)
        if self.penalised:
            loss += self._penalty(weights)
            for W, slope in zip(weights.W, slopes.W, strict=True):
                slope[:, :-1] += W[:, :-1] * self.l2[:, :, None]
        return loss

    def _in_chunks(
        self, weights: Weights, gradient: Array, chosen: Indices | None, count: int, share: float
    ) -> Numbers:
        loss: Numbers = np.zeros((len(gradient), 1), gradient.dtype)
        part = np.empty_like(gradient)
        slopes = Weights(self.network, part)
        gradient[:] = 0
        for rows in chunks(count, self.chunk):
            loss += self._chunk(weights, slopes, chosen, rows, share)
            gradient += part
        return loss

    def _chunk(self, weights: Weights, slopes: Weights, chosen: Indices | None, rows: slice, share: float) -> Numbers:
        """Share of the loss of some examples of the batch; writes their share of the gradient."""
        X, targets = self._gather(chosen, rows, len(weights.flat))
        room = self._pass(len(weights.flat), rows)
        outputs = room.forward(weights, X)
        loss = self.loss.total(outputs, targets, share)
        room.backward(weights, slopes, X, outputs)
        return loss

    def _gather(self, chosen: Indices | None, rows: slice, runs: int) -> tuple[Array, Targets]:
        """Inputs (S, B, F + 1), each for R/S neighbouring runs, and targets (R or 1, B, 1) of some of the batch."""
        if chosen is None:
            return self.train.X[None, rows], self.train.targets[None, rows]
        some = np.ascontiguousarray(chosen[:, rows])
        X = self.room.batches.get(some.shape)
        if X is None:
            shape = *some.shape, self.train.X.shape[1]
            X = self.room.batches[some.shape] = self.room.block.empty(shape, self.train.X.dtype)
        self.train.X.take(some, axis=0, out=X, mode="clip")
        targets = self.train.targets.take(some, axis=0)
        groups = len(some)
        return X, np.repeat(targets, runs // groups, axis=0) if 1 < groups < runs else targets

    def _weights(self, name: str, flat: Array) -> Weights:
        weights = self.room.weights.get(name)
        if weights is None or weights.flat is not flat:
            weights = self.room.weights[name] = Weights(self.network, flat)
        return weights

    def _pass(self, runs: int, rows: slice) -> Pass:
        shape = runs, rows.stop - rows.start
        room = self.room.passes.get(shape)
        if room is None:
            room = self.room.passes[shape] = Pass(self.network, *shape, self.train.X.dtype, self.room.block)
        return room

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
        score = np.zeros((len(parameters), 1), parameters.dtype)
        loss = self._loss(parameters, examples, score)
        score[~np.isfinite(loss)] = np.nan  # what is told by outputs that are no numbers counts for nothing
        metrics = self._metrics(score[:, 0], examples)
        losses = {f"{name}_loss": loss[:, 0]}
        return losses | {f"{name}_{metric}": value for metric, value in metrics.items()}

    def _share(self, count: int) -> float:
        """What an example's loss counts among so many."""
        return 1 / count if self.loss.averaged else 1.0

    def _loss(self, parameters: Array, examples: Examples, score: Numbers | None) -> Numbers:
        """The loss (R, 1) of the examples; adds the score, if there is one."""
        loss = np.zeros((len(parameters), 1), parameters.dtype)
        for runs in chunks(len(parameters), self._together(examples)):
            part = self.loss.select(np.arange(len(parameters))[runs])
            weights = Weights(self.network, parameters[runs])
            self._add_up(weights, part, examples, loss[runs], None if score is None else score[runs])
        return loss

    def _together(self, examples: Examples) -> int:
        """Runs that are evaluated at once: so many that a pass stays in the cache."""
        each = self.network.width * min(examples.m, self.chunk) * examples.X.itemsize
        return max(1, PASS_BYTES // each)

    def _add_up(self, weights: Weights, part: Loss, examples: Examples, loss: Numbers, score: Numbers | None) -> None:
        """Add the losses and scores of all examples to those of some runs, whose part of the loss is given."""
        for rows in chunks(examples.m, self.chunk):
            outputs = self._pass(len(weights.flat), rows).forward(weights, examples.X[None, rows])
            if score is not None:
                score += self._score(outputs, examples, rows)
            loss += part.total(outputs, examples.targets[None, rows], self._share(examples.m))

    def _score(self, outputs: Array, examples: Examples, rows: slice) -> Numbers:
        """Sum of squared errors, or how many examples are told right."""
        if examples.labels is None:
            errors = outputs - examples.Y[rows]
            return inner(errors, errors)
        threshold = 0.0 if self.network.layers[-1].activation == "identity" else 0.5
        told = outputs[:, :, 0] > threshold if outputs.shape[2] == 1 else outputs.argmax(axis=2)
        return total((told == examples.labels[rows]).astype(outputs.dtype))

    def _metrics(self, score: Array, examples: Examples) -> dict[str, Array]:
        if examples.labels is not None:
            return {"accuracy": score / examples.m}
        spread = float(np.sum((examples.Y - examples.Y.mean(axis=0)) ** 2))
        r2 = 1 - score / spread if spread > 0 else np.full_like(score, np.nan)
        return {"r2": r2, "rmse": np.sqrt(score / examples.m) * self.target_scale}
