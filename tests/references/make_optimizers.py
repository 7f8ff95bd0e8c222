"""Write optimizers.npz, by hand, with torch 2.13: `python -m tests.references.make_optimizers`."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np

from gdrun.descent.parts import Array
from tests.cases import OPTIMIZERS, START, STEPS, OptimizerCase, gradient

torch: Any = importlib.import_module("torch")  # by name, or mypy would read all of it
torch.set_default_dtype(torch.float64)  # else NAdam keeps its momentum product in float32


def trajectory(case: OptimizerCase) -> Array:
    """The parameters before the first and after each step, (STEPS + 1, P)."""
    parameters = torch.nn.Parameter(torch.tensor(START))
    path, clipped = [START], []
    if case.torch is not None:
        name, keywords = case.torch
        # One tensor at a time: the plainest of PyTorch's implementations.
        optimizer = getattr(torch.optim, name)([parameters], **keywords, foreach=False)
    else:
        optimizer = Lion(parameters, case.settings)
    for step in range(STEPS):
        raw = gradient(parameters.detach().numpy(), step)
        parameters.grad = torch.tensor(raw)
        clip(parameters, case.settings)
        clipped.append(bool(np.any(parameters.grad.numpy() != raw)))
        optimizer.step()
        path.append(parameters.detach().numpy().copy())
    if "clip_norm" in case.settings or "clip_value" in case.settings:
        assert 10 <= sum(clipped) <= 90, f"{case.name} clips in {sum(clipped)} steps"
    return np.array(path)


def clip(parameters: Any, settings: dict[str, Any]) -> None:
    if "clip_value" in settings:
        torch.nn.utils.clip_grad_value_([parameters], settings["clip_value"])
    if "clip_norm" in settings:
        torch.nn.utils.clip_grad_norm_([parameters], settings["clip_norm"])


class Lion:
    """Chen et al. 2023, algorithm 2, one number at a time."""

    def __init__(self, parameters: Any, settings: dict[str, Any]) -> None:
        self.parameters = parameters
        self.eta = settings.get("lr", 1e-4)
        self.beta1, self.beta2 = settings.get("beta1", 0.9), settings.get("beta2", 0.99)
        self.decay = settings.get("weight_decay", 0.0)
        self.m = [0.0] * len(START)

    def step(self) -> None:
        theta, grad = self.parameters.data, self.parameters.grad.tolist()
        for i, g in enumerate(grad):
            c = self.beta1 * self.m[i] + (1 - self.beta1) * g
            sign = (c > 0) - (c < 0)
            theta[i] = float(theta[i]) - self.eta * (sign + self.decay * float(theta[i]))
            self.m[i] = self.beta2 * self.m[i] + (1 - self.beta2) * g


if __name__ == "__main__":
    found: dict[str, Any] = {case.name: trajectory(case) for case in OPTIMIZERS}
    np.savez_compressed(Path(__file__).with_name("optimizers.npz"), **found)
