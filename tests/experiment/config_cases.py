"""Configs that are right, and what is said of those that are not, shared by the config's tests."""

from __future__ import annotations

import io
import re

from gdrun.experiment.config import ConfigError, Loaded, load

GOOD = """\
dataset: digits
model: {kind: mlp, hidden: [32]}
optimizer: {kind: gd, lr: 0.1}
epochs: 3
"""
IRIS = """\
dataset: iris
model: softmax
optimizer: {kind: gd, lr: 0.1}
epochs: 3
"""
SURFACE = """\
model: {kind: surface, function: quadratic, condition: 20, start: [4, 1]}
optimizer: {kind: gd, lr: 0.05}
steps: 100
"""
FULL = """\
# yaml-language-server: $schema=./gdrun.schema.json
seed: 0
dataset:
  kind: digits
  seed: 0
  validation: 0.2
  test: 0.0
  standardize: true
model: {kind: mlp, hidden: [32], activation: relu}
loss: cross_entropy
descent: {variant: minibatch, batch_size: 32}
optimizer: {kind: momentum, lr: 0.05, momentum: 0.9}
schedule:  {kind: cosine, warmup: 3}
epochs: 30
stop: {patience: 10, tolerance: 1e-8}
"""


def read(text: str, *overrides: str) -> Loaded:
    """The config of a text; errors call it c.yaml."""
    return load("-", overrides, io.StringIO(text))


def errors(text: str, *overrides: str) -> list[str]:
    """The lines of its error; none if it loads."""
    try:
        read(text, *overrides)
    except ConfigError as error:
        return str(error).replace("<stdin>", "c.yaml").splitlines()
    return []


def with_line(text: str, **lines: str) -> str:
    """A config with some of its top-level lines replaced, or added at the end."""
    kept = [line for line in text.splitlines() if line.partition(":")[0] not in lines]
    return "\n".join([*kept, *(f"{key}: {value}" for key, value in lines.items())])


def on_iris(lines: str) -> str:
    """A small config with these top-level lines."""
    return with_line(IRIS, **dict(line.split(": ", 1) for line in lines.splitlines()))


def check(text: str, expected: str) -> None:
    """The errors of a config are just these; `…` stands for the rest of a line: lists change with every new part."""
    found = errors(text)
    lines = expected.splitlines()
    assert len(found) == len(lines), found
    for line, pattern in zip(found, lines, strict=True):
        assert re.fullmatch(re.escape(f"c.yaml:{pattern}").replace("…", ".*"), line), line
