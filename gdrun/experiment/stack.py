"""From problems of one structure to the stack that trains them together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gdrun.descent.batches import Batches
from gdrun.descent.landscape import SurfaceObjective
from gdrun.descent.objectives import DataObjective, Objective
from gdrun.descent.parts import Array, stacked
from gdrun.descent.state import Descent, Recording
from gdrun.descent.stopping import Stop
from gdrun.experiment.gauges import gauges
from gdrun.experiment.problem import Problem, loss_of

FEW_PARAMETERS = 20
"""Models of so many parameters have their path recorded without being asked."""


def stack(problems: Sequence[Problem]) -> tuple[Descent, Array]:
    """The descent of R runs and their initial parameters (R, P)."""
    first = problems[0].config
    dtype = np.dtype(first.dtype)
    objective = data_objective(problems) if problems[0].network else surface_objective(problems)
    schedules = [{**p.config.schedule.settings(), "unit": _unit(p)} for p in problems]
    descent = Descent(
        objective=objective,
        optimizer=stacked(first.optimizer.part, [p.config.optimizer.settings() for p in problems], dtype),
        schedule=stacked(first.schedule.part, schedules, dtype),
        steps=budget(problems[0], objective),
        stop=Stop(**first.stop.model_dump()),
        recording=recording(problems[0]),
        baseline=np.array([p.baseline for p in problems]),
        bounds=np.array([p.bounds for p in problems]) if first.on_surface else None,
    )
    return descent, initials(problems, dtype)


def _unit(problem: Problem) -> str:
    """What the schedule's times are counted in."""
    return problem.config.schedule.settings()["unit"] or ("steps" if problem.config.budget == "steps" else "epochs")


def data_objective(problems: Sequence[Problem]) -> DataObjective:
    """The loss of the problems' model on their common data."""
    first = problems[0]
    assert first.network is not None
    assert first.train is not None
    dtype = np.dtype(first.config.dtype)
    return DataObjective(
        network=first.network,
        loss=loss_of([p.settings for p in problems], dtype),
        l2=np.array([[p.settings["model"]["l2"]] for p in problems], dtype),
        train=first.train,
        held_out=first.held_out,
        batches=batches(problems),
        target_scale=first.target_scale,
    )


def batches(problems: Sequence[Problem]) -> Batches:
    """Which examples each step of each run sees."""
    first = problems[0]
    assert first.train is not None
    how = first.settings["descent"]
    size = {"batch": None, "stochastic": 1}.get(how["variant"], how.get("batch_size"))
    seeds = np.array([p.config.seed for p in problems], np.uint64)
    return Batches(first.train.m, size, how.get("replacement", False), seeds)


def surface_objective(problems: Sequence[Problem]) -> SurfaceObjective:
    """The surface of the problems."""
    first = problems[0].config
    # start and bounds may differ within a stack: the function itself has no use for them
    runs = [{**p.config.model.settings(), "start": None, "bounds": None} for p in problems]
    surface = stacked(first.model.part, runs, np.dtype(first.dtype))
    return SurfaceObjective(surface, np.array([p.config.seed for p in problems], np.uint64))


def budget(problem: Problem, objective: Objective) -> int:
    """The budget in steps."""
    config = problem.config
    if config.steps is not None:
        return config.steps
    if config.epochs is not None:
        return config.epochs * objective.per_epoch
    assert config.examples is not None
    return batches([problem]).steps_for(config.examples)


def recording(problem: Problem) -> Recording:
    """What is recorded, and when."""
    record = problem.settings["record"]
    paths = problem.variables <= FEW_PARAMETERS if record["paths"] is None else record["paths"]
    return Recording(record["every"], record["unit"], record["batch_loss"], paths, gauges(record))


def initials(problems: Sequence[Problem], dtype: np.dtype[Any]) -> Array:
    """Where the runs' parameters (R, P) begin: runs of one model and seed begin alike."""
    alike = [(problem.config.model, problem.config.seed) for problem in problems]
    drawn = {key: initial(problem) for key, problem in dict(zip(alike, problems, strict=True)).items()}
    return np.array([drawn[key] for key in alike], dtype)


def initial(problem: Problem) -> Array:
    """Where one run's parameters (P,) begin."""
    config = problem.config
    if problem.network is None:
        return np.array(problem.start)
    model = config.model.settings()
    if isinstance(model["initial"], tuple):
        return problem.network.listed(model["initial"])
    kind = model["initial"] or config.model.part.implied(model)["initial"]
    return problem.network.initial(kind, model["initial_scale"], config.seed)
