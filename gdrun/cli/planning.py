"""The plan of an experiment in words: what its runs share and where they differ, what is done, what the rest takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gdrun.analysis.numerals import amount, count, duration, number, size
from gdrun.experiment.comparing import Cell, Plan, settings_of, varying
from gdrun.experiment.config.expect import Expectations
from gdrun.experiment.naming import candidate_names
from gdrun.experiment.problem import Problem
from gdrun.experiment.resources import default_memory, granted_memory
from gdrun.experiment.results.folder import Folder
from gdrun.experiment.stack import stack
from gdrun.experiment.tiles import held, structures, tiles
from gdrun.experiment.training_time import forecast

SHORTEST = 0.1
"""Seconds; what is less is not worth telling apart."""
FEW = 4
"""Values that are all named."""


def shared(settings: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The settings that all runs have with the same value, block by block."""
    first, *others = settings
    found: dict[str, Any] = {}
    for key, value in first.items():
        # equal blocks of many runs are one object
        there = {id(other.get(key)): other.get(key) for other in others}
        blocks = [block for block in there.values() if isinstance(block, Mapping)]
        if isinstance(value, Mapping) and len(blocks) == len(there):
            inner = shared([value, *blocks])
            found |= {key: inner} if inner else {}
        elif all(key in other and other[key] == value for other in others):
            found[key] = value
    return found


def candidate_lines(found: Plan) -> list[str]:
    """A line per candidate: its runs, and the settings that are not the same in all."""
    by_candidate: dict[int, list[Cell]] = {}
    for cell in found.cells:
        by_candidate.setdefault(cell.entry.candidate, []).append(cell)
    between = varying([cells[0] for cells in by_candidate.values()])
    lines, names = [], candidate_names(found)
    for candidate, cells in by_candidate.items():
        values: dict[str, dict[str, None]] = {
            name: {_shown(value): None} for name, value in settings_of(cells[0], between).items()
        }
        for name in cells[0].entry.varied:
            values[name] = dict.fromkeys(_shown(cell.entry.varied[name]) for cell in cells)
        settings = " · ".join(f"{name} {_listed(list(shown))}" for name, shown in values.items())
        if any(each.expect != cells[0].problem.config.expect for each in found.sweep.candidates):
            settings += _expected(cells[0].problem.config.expect)
        lines.append(f"{names[candidate]}, {count(len(cells), 'run')}: {settings}")
    return lines


def _expected(expect: Expectations) -> str:
    words = [" or ".join(expect.statuses)] if expect.statuses else []
    for name, bound in expect.outcomes.items():
        sides = (f"{side.replace('_', ' ')} {number(value)}" for side, value in bound.written().items())
        words.append(f"{name} {' and '.join(sides)}")
    return f" · expects {', '.join(words)}" if words else ""


def _listed(values: Sequence[str]) -> str:
    return ", ".join(values) if len(values) <= FEW else f"{values[0]} … {values[-1]} ({len(values)} values)"


def _shown(value: Any) -> str:
    return number(value) if isinstance(value, float) else str(list(value) if isinstance(value, tuple) else value)


def plan_lines(found: Plan, folder: Folder, memory: int | None) -> list[str]:
    """What training would do of the plan, how long it takes and what it holds."""
    everything = {cell.problem.id: cell.problem for cell in found.cells}
    done = folder.done()
    missing = [problem for run, problem in everything.items() if run not in done]
    if len(everything) == 1:
        (problem,) = everything.values()
        granted = granted_memory() if memory is None else memory
        return [*_of_a_run(problem, bool(missing), folder), *_cost(missing, [missing] if missing else [], granted)]
    granted = default_memory() if memory is None else memory
    cut = tiles(missing, granted)
    stacks = len(set(structures([tile[0] for tile in cut])))
    todo = f"{len(missing)} to train in {count(stacks, 'stack')}, {count(len(cut), 'tile')}"
    start = f"plan: {len(everything)} runs, {len(everything) - len(missing)} done already"
    return [
        f"{start}; {todo}; to {folder.path}" if missing else f"{start}; in {folder.path}",
        *_cost(missing, cut, granted),
    ]


def _of_a_run(problem: Problem, missing: bool, folder: Folder) -> list[str]:
    descent, parameters = stack([problem])
    state = "not trained yet" if missing else "trained already"
    epochs = f" ({amount(descent.steps / descent.objective.per_epoch)} epochs)" if problem.train else ""
    work = f"{parameters.shape[1]} parameters, {descent.steps} steps{epochs}"
    return [f"plan: run {problem.id}, {state}; {work}; to {folder.path}"]


def _cost(missing: Sequence[Problem], cut: Sequence[Sequence[Problem]], granted: int) -> Iterable[str]:
    """Time and memory, or a hint where there is too little of it."""
    if not missing:
        return
    run = max(held(tile[0]) for tile in cut)
    if run > granted:
        yield f"hint: a run holds about {size(run)}, more than the {size(granted)} granted (--memory)"
        return
    seconds = forecast(cut)
    length = f"about {duration(seconds)}" if seconds > SHORTEST else f"less than {SHORTEST} s"
    most, data = max(held(tile[0]) * len(tile) for tile in cut), _data(missing)
    beside = f" beside {size(data)} of data" if data else ""
    holds = "a tile holds" if len(missing) > 1 else "it holds"
    yield f"cost: {length} in one process; {holds} about {size(most)}{beside}, of {size(granted)} granted"


def _data(problems: Sequence[Problem]) -> int:
    """Bytes of the examples that the runs see."""
    parts = [part for problem in problems for part in (problem.train, problem.held_out, problem.test) if part]
    arrays = {id(array): array.nbytes for part in parts for array in (part.X, part.Y)}
    return sum(arrays.values())
