"""What is known of a loss beside what was measured: the lowest one, where it is, and from where on rates diverge."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gdrun.experiment.results.folder import Finished
from gdrun.experiment.runs import find_folder
from gdrun.pictures import heights as module
from gdrun.pictures.edges import edges, in_sight, told
from gdrun.pictures.heights import drawn_heights, heights
from gdrun.pictures.kinds import KINDS
from gdrun.pictures.look import Look
from gdrun.pictures.optimum import known_optimum
from gdrun.pictures.relief import relief
from gdrun.pictures.scene import Scene, scene
from gdrun.pictures.tracks import ground
from gdrun.pictures.wish import Wish
from tests.cli.driver import gdrun
from tests.pictures.made import run, scene_of

LINE = """\
dataset: {kind: diabetes}
model: linear
descent: batch
epochs: 30
compare:
  candidates:
    - optimizer: {kind: gd, lr: [0.1, 0.6]}
    - optimizer: {kind: momentum, lr: [0.1, 0.6], momentum: 0.5}
    - optimizer: {kind: adam, lr: [0.1, 0.6]}
"""


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    folder = tmp_path_factory.mktemp("known")
    (folder / "line.yaml").write_text(LINE)
    gdrun("compare", folder / "line.yaml", "--results", folder, "-q").ok()
    return scene(find_folder("line", folder))


def design(found: Scene) -> tuple[Any, Any]:
    """The training examples with a column of ones, and the targets."""
    train = ground(found).problem.train
    assert train is not None
    return train.X, train.Y[:, 0]


def drawn(found: Scene, kind: str) -> Any:
    look = Look()
    with look.applied():
        return KINDS[kind].draw(found, look, Wish(points=5))


def test_the_lowest_loss_is_that_of_least_squares(line: Scene) -> None:
    X, y = design(line)
    residual = y - X @ np.linalg.lstsq(X, y, rcond=None)[0]
    lowest = known_optimum(line, line.panels()[0])
    assert lowest == pytest.approx(residual @ residual / (2 * len(y)), rel=1e-9)
    picture = drawn(line, "curves")
    (level,) = [each for each in picture.axes[0].lines if each.get_linestyle() == ":"]
    assert level.get_ydata()[0] == lowest
    words = [text.get_text() for text in picture.legends[0].get_texts()]
    assert words[-1] == "lowest training loss there is"


def above(made: Finished, floor: float | None) -> Finished:
    """A run whose history says how far above a lowest loss it is."""
    excess = [None if floor is None else row["train_loss"] - floor for row in made.history]
    return replace(made, history=[{**row, "excess_loss": e} for row, e in zip(made.history, excess, strict=True)])


def test_a_lowest_loss_is_known_only_where_all_runs_have_the_same() -> None:

    def lowest(*floors: float | None) -> float | None:
        made = [run(f"{i}", [8, 4], optimizer__lr=0.1 * (i + 1)) for i in range(len(floors))]
        found = scene_of(*(above(each, floor) for each, floor in zip(made, floors, strict=True)))
        return known_optimum(found, found.panels()[0])

    assert lowest(1.0, 1.0) == 1.0
    assert lowest(1.0, 1.5) is None
    assert lowest(1.0, None) is None
    assert lowest(None) is None


def test_predicted_edges_are_those_of_the_curvature(line: Scene) -> None:
    X, y = design(line)
    L = np.linalg.eigvalsh(X.T @ X / len(y)).max()
    (panel,) = line.panels(apart=["optimizer.lr"])
    found = {edge.candidate.label: edge.rate for edge in edges(line, panel)}
    # gradient descent: 2/L; the heavy ball: 2 (1 + momentum)/L; Adam adapts its rates
    assert found == {"gd": pytest.approx(2 / L), "momentum": pytest.approx(3 / L)}
    picture = drawn(line, "sensitivity")
    dotted = [each for each in picture.axes[0].lines if each.get_linestyle() == ":"]
    assert sorted(each.get_xdata()[0] for each in dotted) == [pytest.approx(2 / L), pytest.approx(3 / L)]
    colours = {edge.candidate.label: Look().colour(edge.candidate.colour) for edge in edges(line, panel)}
    assert [each.get_color() for each in dotted] == [colours["gd"], colours["momentum"]]
    note = picture.legends[0].get_title().get_text()
    assert (
        f"dotted: predicted to be stable up to {2 / L:.3g} (gd), {3 / L:.3g} (momentum); 2/L for plain descent" in note
    )


def test_edges_far_from_the_rates_are_left_out(line: Scene) -> None:
    (panel,) = line.panels(apart=["optimizer.lr"])
    found = edges(line, panel)
    assert len(in_sight(found, [0.1, 0.6])) == 2
    assert in_sight(found, [1e-3, 1e-2]) == []
    assert told([]) == ""


def test_the_minimum_of_a_convex_loss_is_marked_where_it_is_seen_from_the_plane(line: Scene) -> None:
    X, y = design(line)
    found = relief(ground(line), Wish(points=5))
    expected = found.plane.coordinates(np.linalg.lstsq(X, y, rcond=None)[0][None])
    np.testing.assert_allclose(found.minima, expected, rtol=1e-6)
    assert found.projected
    words = [text.get_text() for text in drawn(line, "surface").legends[0].get_texts()]
    assert "minimum, projected" in words


def test_heights_are_drawn_in_half_the_digits_unless_that_is_seen(line: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = ground(line).problem
    wide = np.random.default_rng(0).normal(size=(40, problem.variables)) * 100
    exact = heights(problem, wide)
    coarse = drawn_heights(problem, wide)
    assert 0 < np.abs(coarse - exact).max() < 1e-4 * np.ptp(exact)
    lowest = np.linalg.lstsq(*design(line), rcond=None)[0]
    near = lowest + 1e-4 * wide / 100  # the loss is 1371 all over, and differs in its last digits
    np.testing.assert_array_equal(drawn_heights(problem, near), heights(problem, near))
    monkeypatch.setattr(module, "SEEN", 0.0)
    np.testing.assert_array_equal(drawn_heights(problem, wide), exact)


def test_fresh_seeds_are_drawn_in_place_of_those_that_chose(tmp_path: Path) -> None:
    (tmp_path / "line.yaml").write_text(LINE.replace("compare:", "compare:\n  seeds: 2"))
    gdrun("compare", tmp_path / "line.yaml", "--results", tmp_path, "-q", "--confirm", "3").ok()
    found = scene(find_folder("line", tmp_path))
    runs = [[(each.seed, each.status) for each in candidate.runs] for candidate in found.panels()[0].candidates]
    assert runs == [[(seed, "finished") for seed in (2, 3, 4)]] * 3
    assert drawn(found, "curves").legends[0].get_title().get_text() == "median and range of 3 fresh seeds"
