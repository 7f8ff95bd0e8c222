"""Write schedules.npz, by hand, with torch 2.13: `python -m tests.references.make_schedules`."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np

from gdrun.descent.parts import Array
from tests.cases import BUDGET, LOSSES, RATE, SCHEDULES, ScheduleCase

torch: Any = importlib.import_module("torch")  # by name, or mypy would read all of it

# These set the optimizer's initial rate when they are made, which spoils SequentialLR: warm-up by its formula.
OWN_RATE = ("CyclicLR", "OneCycleLR")


def rates(case: ScheduleCase) -> Array:
    """The learning rates of the times that are compared."""
    if case.torch is None:
        return formula(case)
    name, keywords = case.torch
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=RATE)
    warmup = round(case.settings.get("warmup", 0))
    if not warmup or name in OWN_RATE:
        rising = [RATE * (t + 1) / (warmup + 1) for t in range(warmup)]
        return np.array(rising + run(optimizer, scheduler(optimizer, name, keywords), case.times - warmup))
    first = torch.optim.lr_scheduler.LinearLR(optimizer, start_factor=1 / (warmup + 1), total_iters=warmup)
    main = scheduler(optimizer, name, keywords)
    both = torch.optim.lr_scheduler.SequentialLR(optimizer, [first, main], milestones=[warmup])
    return np.array(run(optimizer, both, case.times))


def scheduler(optimizer: Any, name: str, keywords: dict[str, Any]) -> Any:
    if name == "LambdaLR":
        keywords = {"lr_lambda": lambda t, decay=keywords["decay"]: 1 / (1 + decay * t)}
    if name == "ReduceLROnPlateau":
        keywords = keywords | {"eps": 0}  # PyTorch would ignore small drops of small rates
    return getattr(torch.optim.lr_scheduler, name)(optimizer, **keywords)


def run(optimizer: Any, scheduler: Any, times: int) -> list[float]:
    found = []
    for t in range(times):
        found.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        if t == times - 1:
            break  # OneCycleLR refuses one more
        if isinstance(scheduler, torch.optim.lr_scheduler.ReduceLROnPlateau):
            scheduler.step(LOSSES[t])
        else:
            scheduler.step()
    return found


def formula(case: ScheduleCase) -> Array:
    assert case.name == "polynomial-end"
    end, power = case.settings["end"], case.settings["power"]
    return np.array([RATE * (end + (1 - end) * (1 - t / BUDGET) ** power) for t in range(case.times)])


if __name__ == "__main__":
    found: dict[str, Any] = {case.name: rates(case) for case in SCHEDULES}
    np.savez_compressed(Path(__file__).with_name("schedules.npz"), **found)
