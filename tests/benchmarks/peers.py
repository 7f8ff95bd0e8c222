"""The same training in PyTorch, run by run, and in JAX, all runs at once; each with or without evaluation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import process_time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdrun.experiment.problem import Problem
from tests.benchmarks.measuring import BATCH, HIDDEN, MOMENTUM, training_set, validation_set


def torch_run(posed: Problem, optimizer: str, rate: float, evaluated: bool) -> float:
    """Seconds of the usual eager loop over shuffled index batches; `evaluated`: both sets, at each epoch's end."""
    import torch

    torch.set_num_threads(1)
    X, y = map(torch.from_numpy, training_set(posed))
    both = [(X, y), tuple(map(torch.from_numpy, validation_set(posed)))]
    layers = torch.nn.Linear(X.shape[1], HIDDEN), torch.nn.ReLU(), torch.nn.Linear(HIDDEN, 10)
    model = torch.nn.Sequential(*layers).double()
    adam = optimizer == "adam"
    made = torch.optim.Adam(model.parameters(), rate) if adam else torch.optim.SGD(model.parameters(), rate, MOMENTUM)
    cross_entropy = torch.nn.functional.cross_entropy
    start = process_time()
    for _ in range(posed.config.epochs or 0):
        for chosen in torch.randperm(len(X)).split(BATCH):
            made.zero_grad()
            cross_entropy(model(X[chosen]), y[chosen]).backward()
            made.step()
        with torch.no_grad():
            for inputs, labels in both if evaluated else ():
                outputs = model(inputs)
                cross_entropy(outputs, labels).item()
                (outputs.argmax(1) == labels).double().mean().item()
    return process_time() - start


Parameters = list[tuple[Any, Any]]


def jax_runs(
    posed: Problem, optimizer: str, rates: Sequence[float], seeds: Sequence[int], evaluated: bool, nested: bool
) -> Callable[[], float]:
    """A function that trains every rate with every seed and gives the seconds; compiled here, before it is measured.

    `nested`: the rates are mapped within the seeds, so that the runs of a seed share their batches and XLA makes one
    product of theirs; else every run has its own.
    """
    import jax

    jax.config.update("jax_enable_x64", True)
    train = _jax_training(posed, optimizer, evaluated)
    starts = [_start(seed) for seed in seeds]
    stacked = jax.tree.map(lambda *leaves: np.stack(leaves), *starts)
    arguments = [stacked, np.array(rates), np.stack([_orders(posed, seed) for seed in seeds])]
    if nested:
        mapped = jax.vmap(jax.vmap(train, in_axes=(None, 0, None)), in_axes=(0, None, 0))
    else:
        mapped = jax.vmap(train)
        arguments = [jax.tree.map(lambda a: np.repeat(a, len(rates), axis=0), part) for part in arguments]
        arguments[1] = np.tile(rates, len(seeds))
    compiled = jax.jit(mapped)

    def run() -> float:
        start = process_time()
        jax.block_until_ready(compiled(*arguments))
        return process_time() - start

    run()
    return run


def _orders(posed: Problem, seed: int) -> NDArray[np.int64]:
    """Each epoch's order of the examples."""
    rng = np.random.default_rng(seed)
    return np.stack([rng.permutation(len(training_set(posed)[0])) for _ in range(posed.config.epochs or 0)])


def _start(seed: int) -> Parameters:
    rng = np.random.default_rng(seed)
    shapes = ((64, HIDDEN), (HIDDEN, 10))
    return [(rng.normal(0, np.sqrt(2 / n), (n, k)), np.zeros(k)) for n, k in shapes]


def _jax_training(posed: Problem, optimizer: str, evaluated: bool) -> Any:
    """The function of one run: from its parameters, rate and orders to its final parameters and losses."""
    import jax
    import jax.numpy as jnp

    (X, y), held_out = (tuple(map(jnp.asarray, part(posed))) for part in (training_set, validation_set))

    def loss(parameters: Any, inputs: Any, labels: Any) -> tuple[Any, Any]:
        (W1, b1), (W2, b2) = parameters
        outputs = jax.nn.relu(inputs @ W1 + b1) @ W2 + b2
        right = jnp.take_along_axis(outputs, labels[:, None], axis=1)[:, 0]
        return (jax.nn.logsumexp(outputs, axis=1) - right).mean(), (outputs.argmax(axis=1) == labels).mean()

    def step(state: Any, chosen: Any, rate: Any) -> Any:
        gradient, _ = jax.grad(loss, has_aux=True)(state[0], X[chosen], y[chosen])
        return (_jax_adam if optimizer == "adam" else _jax_momentum)(state, gradient, rate)

    def train(parameters: Any, rate: Any, orders: Any) -> Any:
        def epoch(state: Any, order: Any) -> Any:
            full = len(X) // BATCH * BATCH
            batches = order[:full].reshape(-1, BATCH)
            state, _ = jax.lax.scan(lambda s, chosen: (step(s, chosen, rate), None), state, batches)
            state = step(state, order[full:], rate)
            return state, [loss(state[0], *part) for part in ((X, y), held_out)] if evaluated else None

        zeros = jax.tree.map(jnp.zeros_like, parameters)
        state, losses = jax.lax.scan(epoch, (parameters, zeros, zeros, 0.0), orders)
        return state[0], losses

    return train


def _jax_momentum(state: Any, gradient: Any, rate: Any) -> Any:
    import jax

    parameters, velocity, unused, t = state
    velocity = jax.tree.map(lambda v, g: MOMENTUM * v + g, velocity, gradient)
    return jax.tree.map(lambda p, v: p - rate * v, parameters, velocity), velocity, unused, t


def _jax_adam(state: Any, gradient: Any, rate: Any) -> Any:
    """Kingma & Ba 2015, algorithm 1."""
    import jax
    import jax.numpy as jnp

    parameters, mean, squares, t = state
    t = t + 1.0
    mean = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, mean, gradient)
    squares = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, squares, gradient)

    def moved(p: Any, m: Any, v: Any) -> Any:
        return p - rate * (m / (1 - 0.9**t)) / (jnp.sqrt(v / (1 - 0.999**t)) + 1e-8)

    return jax.tree.map(moved, parameters, mean, squares), mean, squares, t
