"""Checkpoints: where a tile stands, in one file that is checked when it is read."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdrun.descent.loop import Outcome, Rows
from gdrun.descent.parts import Array
from gdrun.descent.state import State
from gdrun.experiment.results.arrays import ReadError, prefixed, under
from gdrun.experiment.results.writing import write

MAGIC = b"gdrun checkpoint 3 "
Arrays = dict[str, NDArray[Any]]
PLAIN = ("runs", "parameters", "rate", "best_loss", "best_step", "best_parameters", "epoch_loss")
"""Arrays of a State that are written as they are."""


@dataclass(frozen=True)
class Checkpoint:
    """Where a tile stands between two steps: all that it takes to go on to the same bits."""

    runs: tuple[str, ...]
    """Ids of the tile's runs by their place in the stack, those that have ended included."""
    state: State
    records: tuple[Rows, ...]
    made: Mapping[str, Any]
    """Where and when it was begun, as in runs.csv."""


def write_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint, whole or not at all. Raises WriteError."""
    state = checkpoint.state
    ended = dict(sorted(state.outcomes.items()))
    words = {
        "runs": checkpoint.runs,
        "made": dict(checkpoint.made),
        "step": state.step,
        "seconds": state.seconds,
        "ended": [[place, outcome.status, outcome.cause] for place, outcome in ended.items()],
    }
    arrays = {
        **{name: getattr(state, name) for name in PLAIN},
        "trail": np.array(state.trail),
        **prefixed("optimizer", state.optimizer),
        **prefixed("schedule", state.schedule),
        **prefixed("outcomes", _outcome_arrays(list(ended.values()))),
        **prefixed("records", _record_arrays(checkpoint.records)),
    }
    content = _packed(words, arrays)
    write(path, lambda file: file.write(MAGIC + hashlib.sha256(content).hexdigest().encode() + b"\n" + content))


def read_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint back. Raises ReadError where it is torn or not a checkpoint that this gdrun wrote."""
    try:
        head, _, content = path.read_bytes().partition(b"\n")
        if head != MAGIC + hashlib.sha256(content).hexdigest().encode():
            raise ReadError(f"{path}: not a whole checkpoint of this gdrun")
        words, arrays = _unpacked(content)
        state = State(
            **{name: arrays[name] for name in PLAIN},
            optimizer=under("optimizer", arrays),
            schedule=under("schedule", arrays),
            trail=list(arrays["trail"]),
            step=words["step"],
            seconds=words["seconds"],
            outcomes=_outcomes(words["ended"], under("outcomes", arrays)),
        )
        return Checkpoint(tuple(words["runs"]), state, _records(under("records", arrays)), words["made"])
    except OSError as error:
        raise ReadError(f"{path}: {error.strerror or error}") from None
    except (KeyError, TypeError, ValueError, zipfile.BadZipFile):
        raise ReadError(f"{path}: not a checkpoint that this gdrun wrote") from None


def _packed(words: Mapping[str, Any], arrays: Arrays) -> bytes:
    buffer = io.BytesIO()
    text = np.frombuffer(json.dumps(words).encode(), np.uint8)
    np.savez(buffer, allow_pickle=False, words=text, **arrays)
    return buffer.getvalue()


def _unpacked(content: bytes) -> tuple[dict[str, Any], Arrays]:
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        arrays: Arrays = dict(file)
    return json.loads(arrays.pop("words").tobytes()), arrays


OUTCOME = ("step", "seconds", "parameters", "best_loss", "best_step", "best_parameters")


def _outcome_arrays(outcomes: Sequence[Outcome]) -> Arrays:
    return {name: np.array([getattr(outcome, name) for outcome in outcomes]) for name in OUTCOME}


def _outcomes(ended: Sequence[Sequence[Any]], columns: Arrays) -> dict[int, Outcome]:
    found = {}
    for at, (place, status, cause) in enumerate(ended):
        found[int(place)] = Outcome(
            status=status,
            cause=cause,
            step=int(columns["step"][at]),
            seconds=float(columns["seconds"][at]),
            parameters=columns["parameters"][at],
            best_loss=float(columns["best_loss"][at]),
            best_step=int(columns["best_step"][at]),
            best_parameters=columns["best_parameters"][at],
        )
    return found


def _record_arrays(records: Sequence[Rows]) -> Arrays:
    """One array for each thing that is recorded: a file of some thousand arrays would take seconds."""
    names = dict.fromkeys(name for record in records for name in record.values)
    arrays: Arrays = {
        "count": np.array([len(record.runs) for record in records], np.intp),
        "step": np.array([record.step for record in records], np.int64),
        "examples": np.array([record.examples for record in records], np.int64),
        "seconds": np.array([record.seconds for record in records], np.float64),
        "runs": _joined([record.runs for record in records]),
        "parameters": _joined([record.parameters for record in records if record.parameters is not None]),
    }
    for name in names:
        having = [name in record.values for record in records]
        arrays[f"having/{name}"] = np.array(having)
        arrays[f"values/{name}"] = _joined([record.values[name] for record in records if name in record.values])
    return arrays


def _joined(arrays: Sequence[Array | NDArray[np.intp]]) -> NDArray[Any]:
    return np.concatenate(arrays) if arrays else np.empty(0)


def _records(arrays: Arrays) -> tuple[Rows, ...]:
    counts = arrays["count"]
    runs = _split(arrays["runs"], counts)
    everywhere = np.full(len(counts), len(arrays["parameters"]) > 0)
    parameters = _spread(arrays["parameters"], counts, everywhere)
    columns = {
        name: _spread(joined, counts, arrays[f"having/{name}"]) for name, joined in under("values", arrays).items()
    }
    return tuple(
        Rows(
            runs=runs[at],
            step=int(arrays["step"][at]),
            examples=int(arrays["examples"][at]),
            seconds=float(arrays["seconds"][at]),
            values={name: column for name, found in columns.items() if (column := found[at]) is not None},
            parameters=parameters[at],
        )
        for at in range(len(counts))
    )


def _split(joined: NDArray[Any], counts: NDArray[np.intp]) -> list[NDArray[Any]]:
    return np.split(joined, np.cumsum(counts)[:-1]) if len(counts) else []


def _spread(joined: NDArray[Any], counts: NDArray[np.intp], having: NDArray[np.bool_]) -> list[NDArray[Any] | None]:
    """By record what is recorded there, None where it is not."""
    pieces = iter(_split(joined, counts[having]))
    return [next(pieces) if there else None for there in having]
