"""Write dataloader.npz, by hand, with torch 2.13: `python -m tests.references.make_dataloader`.

PyTorch's usual training loop on the data of the textbook's row 18, three times: only the data loader's batch size
differs. It starts from gdrun's weights, and its sampler hands out the examples in gdrun's order.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from gdrun.descent.batches import Batches
from gdrun.descent.parts import Array
from gdrun.experiment.config import load
from gdrun.experiment.problem import Problem, pose
from tests.textbook.made import config

torch: Any = importlib.import_module("torch")  # by name, or mypy would read all of it
torch.set_default_dtype(torch.float64)

SEED, EPOCHS, RATE = 0, 8, 0.1
SIZES = (142, 16, 1)


class Order:
    """A sampler: the examples of epoch after epoch in gdrun's order."""

    def __init__(self, m: int, size: int) -> None:
        self.batches = Batches(m, None if size == m else size, False, np.array([SEED]))
        self.epoch = 0

    def __iter__(self) -> Iterator[int]:
        self.epoch += 1
        return iter(self.batches.order(self.epoch - 1)[0].tolist())

    def __len__(self) -> int:
        return self.batches.m


def model(problem: Problem) -> Any:
    """The network of the config with gdrun's first weights."""
    assert problem.network is not None
    named = problem.network.named(problem.network.initial("xavier", None, SEED))
    layers = [torch.nn.Linear(13, 8), torch.nn.Tanh(), torch.nn.Linear(8, 3)]
    for number, layer in ((1, layers[0]), (2, layers[2])):
        layer.weight.data = torch.tensor(named[f"weights_{number}"].T.copy())
        layer.bias.data = torch.tensor(named[f"biases_{number}"].copy())
    return torch.nn.Sequential(*layers)


def losses(problem: Problem, size: int) -> tuple[Array, Array]:
    """The loss on all examples before and after each epoch (EPOCHS + 1,), and on each step's batch (steps,)."""
    assert problem.data is not None
    part = problem.data.train
    X, y = torch.tensor(part.features), torch.tensor(part.targets).long()
    net, criterion = model(problem), torch.nn.CrossEntropyLoss()
    data = torch.utils.data.TensorDataset(X, y)
    loader = torch.utils.data.DataLoader(data, batch_size=size, sampler=Order(len(X), size))
    optimizer = torch.optim.SGD(net.parameters(), lr=RATE)
    whole, batches = [criterion(net(X), y).item()], []
    for _ in range(EPOCHS):
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(net(xb), yb)
            loss.backward()
            optimizer.step()
            batches.append(loss.item())
        whole.append(criterion(net(X), y).item())
    return np.array(whole), np.array(batches)


if __name__ == "__main__":
    assert torch.__version__.startswith("2.13."), torch.__version__
    posed = pose(load({key: value for key, value in config("18-dataloader").items() if key != "compare"}))
    found: dict[str, Array] = {}
    for size in SIZES:
        found[f"epochs_{size}"], found[f"steps_{size}"] = losses(posed, size)
    np.savez_compressed(Path(__file__).with_name("dataloader.npz"), **found)  # type: ignore[arg-type]
