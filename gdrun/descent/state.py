"""What a descent is made of, and where it stands: a checkpoint saves the State and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from gdrun.descent.memory import Block
from gdrun.descent.objectives import Objective
from gdrun.descent.optimizers import Optimizer
from gdrun.descent.parts import Array, Numbers, Selectable
from gdrun.descent.schedules import Schedule
from gdrun.descent.stopping import Stop

if TYPE_CHECKING:
    from gdrun.descent.loop import Outcome


class Gauge(Protocol):
    """Something that is measured of the runs every so often; a run's value depends on that run alone."""

    @property
    def every(self) -> int:
        """Epochs between two looks."""

    def read(self, descent: Descent, state: State, gradient: Array) -> dict[str, Array]:
        """Each quantity's value (R,) where the runs stand, with the gradient (R, P) of the coming step's batch.

        It is scaled as the optimizer wants it, which undoes that. None of these may be changed.
        """


@dataclass(frozen=True)
class Recording:
    """Which steps are recorded, and what of them."""

    every: int = 1
    unit: str = "epochs"
    batch_loss: bool = False
    """Also every step's batch loss."""
    parameters: bool = False
    gauges: tuple[Gauge, ...] = ()
    """Measured at some records beside losses and metrics."""

    def steps(self, per_epoch: int) -> int:
        """Steps in what is counted, for records and gauges alike."""
        return per_epoch if self.unit == "epochs" else 1

    def due(self, step: int, per_epoch: int) -> bool:
        """Whether the parameters after so many steps are recorded."""
        of_losses = step % (self.every * self.steps(per_epoch)) == 0
        return of_losses or bool(self.gauged(step, per_epoch))

    def gauged(self, step: int, per_epoch: int) -> list[Gauge]:
        """The gauges that are looked at after so many steps."""
        return [gauge for gauge in self.gauges if step % (gauge.every * self.steps(per_epoch)) == 0]


@dataclass(frozen=True)
class Descent(Selectable):
    """The settings of R runs of one structure."""

    objective: Objective
    optimizer: Optimizer
    schedule: Schedule
    steps: int
    """Budget."""
    stop: Stop = field(default_factory=Stop)
    recording: Recording = field(default_factory=Recording)
    baseline: Array | None = None
    """Loss of the best constant prediction, (R,)."""
    bounds: Array | None = None
    """Largest size of a parameter, (R,), where the objective has an edge."""


@dataclass
class State(Selectable):
    """Where R runs are: arrays have the run as leading axis; the position is the same for all."""

    runs: NDArray[np.intp]
    """Their places in the stack as it began."""
    parameters: Array
    optimizer: dict[str, Array]
    schedule: dict[str, Array]
    rate: Numbers
    """Learning rate of the last step, (R, 1); NaN before the first."""
    best_loss: Array
    """Lowest loss so far, (R,): validation, or training where there is none; looked at once per epoch."""
    best_step: NDArray[np.intp]
    best_parameters: Array
    epoch_loss: Array
    """Training loss an epoch ago, (R,), for the tolerance."""
    trail: list[Array] = field(default_factory=list)
    """Recorded training losses, each (R,)."""
    step: int = 0
    seconds: float = 0.0
    """Each run's share of the time spent training, evaluation left out."""
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    """Of the runs that have ended, by their place."""

    def keep(self, runs: NDArray[np.intp]) -> None:
        """Go on with the chosen runs alone."""
        self.__dict__.update(self.select(runs).__dict__)


def begin(descent: Descent, parameters: Array) -> State:
    """The state before the first step, for initial parameters (R, P), which are not copied."""
    runs = len(parameters)
    unknown = np.full(runs, np.inf, parameters.dtype)
    return State(
        runs=np.arange(runs),
        parameters=parameters,
        optimizer=descent.optimizer.state(parameters),
        schedule=descent.schedule.state(runs, parameters.dtype),
        rate=np.full((runs, 1), np.nan, parameters.dtype),
        best_loss=unknown,
        best_step=np.zeros(runs, np.intp),
        best_parameters=parameters.copy(),
        epoch_loss=unknown.copy(),
    )


def settle(state: State) -> tuple[Array, Array]:
    """Move what every step goes through to one place in memory; beside it room for a gradient and more, (R, P)."""
    block = Block()
    state.parameters = block.copy(state.parameters)
    gradient, scratch = block.copy(state.parameters), block.copy(state.parameters)
    state.optimizer = {name: block.copy(array) for name, array in state.optimizer.items()}
    return gradient, scratch
