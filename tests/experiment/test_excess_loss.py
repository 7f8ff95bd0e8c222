"""How far above the lowest training loss each record is, where that is known and cheap."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gdrun.cli.summary import summary
from gdrun.experiment import excess_loss
from gdrun.experiment.config import load
from gdrun.experiment.problem import Problem, pose
from gdrun.experiment.results.folder import Finished, Folder
from gdrun.experiment.sources import Sources
from gdrun.experiment.trained import train_kept
from gdrun.experiment.training import train, train_tile

LINE: dict[str, Any] = {
    "dataset": {"kind": "linear", "noise": 0.5},
    "model": "linear",
    "descent": "batch",
    "epochs": 20,
    "optimizer": {"kind": "gd", "lr": 0.3},
}
CLASSES = {**LINE, "dataset": {"kind": "blobs", "classes": 3, "noise": 0.1}, "model": "softmax"}


def posed(sources: Sources | None = None, **changes: Any) -> Problem:
    return pose(load({**LINE, **changes}), sources)


def column(run: Finished) -> list[Any]:
    return [row.get("excess_loss") for row in run.history]


def test_of_least_squares_from_the_normal_equations() -> None:
    problem = posed()
    assert problem.train is not None
    X, y = problem.train.X, problem.train.Y[:, 0]
    residual = y - X @ np.linalg.lstsq(X, y)[0]
    lowest = residual @ residual / (2 * len(y))
    run = train(problem)
    losses = np.array([row["train_loss"] for row in run.history])
    assert column(run) == pytest.approx(losses - lowest, rel=1e-9, abs=1e-12)
    assert min(column(run)) >= 0
    assert run.row["final_excess_loss"] == column(run)[-1]


def test_with_the_penalty() -> None:
    problem = posed(model={"kind": "linear", "l2": 0.7}, epochs=2000)
    assert column(train(problem))[-1] == pytest.approx(0, abs=1e-12)


def test_of_a_surface() -> None:
    bowl = {"model": {"kind": "surface", "function": "quadratic", "start": [4.0, 1.0]}, "steps": 5}
    run = train(pose(load({**bowl, "optimizer": {"kind": "gd", "lr": 0.01}})))
    assert column(run) == [row["train_loss"] for row in run.history]


def test_the_same_bits_alone_or_together_and_nothing_else_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    sources = Sources()
    problems = [
        posed(sources, seed=seed, model={"kind": "linear", "l2": l2}, optimizer={"kind": "gd", "lr": lr})
        for seed, l2, lr in [(0, 0.0, 0.1), (1, 0.5, 0.2), (2, 0.0, 0.3), (0, 0.5, 50.0)]
    ]
    together = train_tile(problems)
    monkeypatch.setattr(excess_loss, "_known", {})
    alone = [train(problem) for problem in reversed(problems)][::-1]
    assert [repr(column(run)) for run in together] == [repr(column(run)) for run in alone]
    assert all(value is not None for run in together for value in column(run))
    monkeypatch.setattr(excess_loss, "lowest", lambda problem, passes: (None, ""))
    for run, without in zip(alone, [train(problem) for problem in problems], strict=True):
        names = set(without.history[0]) - {"seconds"}
        assert set(run.history[0]) - names == {"excess_loss", "seconds"}
        kept = [{name: row[name] for name in names} for row in run.history]
        assert repr(kept) == repr([{name: row[name] for name in names} for row in without.history])


def test_computed_once_for_all_runs_of_a_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[Problem] = []
    compute = excess_loss._found

    def counted(problem: Problem) -> tuple[float | None, str]:
        found.append(problem)
        return compute(problem)

    monkeypatch.setattr(excess_loss, "_known", {})
    monkeypatch.setattr(excess_loss, "_found", counted)
    sources = Sources()
    train_tile([posed(sources, seed=seed, optimizer={"kind": "gd", "lr": 0.1}) for seed in range(5)])
    assert len(found) == 1
    train_tile([posed(sources, model={"kind": "linear", "l2": l2}) for l2 in (0.0, 0.1)])
    assert len(found) == 2
    train(posed(dataset={"kind": "linear", "seed": 3}))
    assert len(found) == 3


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"model": {"kind": "mlp", "hidden": [3]}}, None),
        (CLASSES, "no excess loss: the classes can be separated"),
        ({"loss": "mae", "model": {"kind": "linear", "l2": 0.1}}, "no excess loss: there is no solver here"),
    ],
)
def test_a_word_where_there_is_none(changes: dict[str, Any], word: str | None, tmp_path: Path) -> None:
    problem, folder = pose(load({**LINE, **changes})), Folder(tmp_path / "it")
    trained = train_kept(problem, folder)
    assert "excess_loss" not in folder.history_file.read_text()
    said = [line for line in summary(trained, folder) if "excess" in line]
    assert [line.startswith(word or "") for line in said] == ([True] if word else [])


def test_skipped_where_it_would_take_longer_than_the_training(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(excess_loss, "CHEAP", 0.0)
    monkeypatch.setattr(excess_loss, "_known", {})
    problem, folder = posed(epochs=2), Folder(tmp_path / "it")
    trained = train_kept(problem, folder)
    assert column(trained.finished) == [None] * 3
    assert f"no excess loss: {excess_loss.NOT_WORTH_IT}" in summary(trained, folder)
    sources = Sources()
    long, short = (train(posed(sources, epochs=epochs)) for epochs in (100, 2))
    assert None not in column(long)
    assert column(short) == [None] * 3  # whatever was found for a neighbour


def test_rounding_leaves_nothing_below_the_bottom() -> None:
    history: list[dict[str, Any]] = [{"train_loss": 1.0}, {"train_loss": None}, {"train_loss": 1 - 1e-16}]
    outcome: dict[str, Any] = {"final_train_loss": 1 - 1e-16}
    excess_loss.note(history, outcome, 1.0)
    assert [row.get("excess_loss") for row in history] == [0.0, None, 0.0]
    assert outcome["final_excess_loss"] == 0.0


def test_an_optimum_that_fails_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*arguments: object) -> None:
        raise MemoryError("too much")

    monkeypatch.setattr(excess_loss, "_known", {})
    monkeypatch.setattr("gdrun.analysis.optimum.optimum", fails)
    assert excess_loss.lowest(posed(), 1000) == (None, "the lowest training loss was not found: too much")


def test_few_losses_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excess_loss, "_known", {})
    monkeypatch.setattr(excess_loss, "KEPT", 2)
    found = [excess_loss.lowest(posed(model={"kind": "linear", "l2": l2}), 1000)[0] for l2 in (0.1, 0.2, 0.3)]
    assert len(set(found)) == 3
    assert len(excess_loss._known) <= 2


def test_nothing_is_said_of_a_run_that_was_there(tmp_path: Path) -> None:
    problem, folder = pose(load(CLASSES)), Folder(tmp_path / "it")
    first, again = (summary(train_kept(problem, folder), folder) for _ in range(2))
    assert sum("no excess loss" in line for line in first) == 1
    assert not any("no excess loss" in line for line in again)


def test_each_loss_on_the_same_data_has_its_own() -> None:
    sources = Sources()
    half, whole = (excess_loss.lowest(posed(sources, loss=loss), 1000)[0] for loss in ("half_mse", "mse"))
    assert half is not None
    assert whole == pytest.approx(2 * half)
