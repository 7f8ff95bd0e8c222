"""The landscape below the paths: its plane, its heights, and what is said about both."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gdrun.descent.network import Layer, Network
from gdrun.experiment.runs import find_folder
from gdrun.pictures.kinds import KINDS
from gdrun.pictures.look import Look
from gdrun.pictures.plane import Plane, main_directions, plane, random_directions
from gdrun.pictures.relief import in_sight, known_minima, levels, relief
from gdrun.pictures.scene import Scene, scene
from gdrun.pictures.tracks import ground
from gdrun.pictures.wish import Wish
from tests.cli.driver import BOWL, CLASSES, gdrun, listing

LINE_OF_TWO = """\
dataset: {kind: linear, examples: 40, features: 1}
model: linear
optimizer: {kind: gd, lr: 0.1}
epochs: 5
"""
POINT = Wish(points=7)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("surfaces")
    deep = CLASSES.replace("softmax", "{kind: mlp, hidden: [5]}")
    for name, text in (("bowl", BOWL), ("classes", CLASSES), ("deep", deep), ("line", LINE_OF_TWO)):
        (folder / f"{name}.yaml").write_text(text)
        gdrun("train", folder / f"{name}.yaml", "--results", folder, "-q").ok()
    gdrun("train", folder / "bowl.yaml", "optimizer.lr=0.2", "--results", folder, "-q")
    gdrun("train", folder / "bowl.yaml", "model.condition=5", "--results", folder, "-q").ok()
    return folder


def seen(results: Path, name: str) -> Scene:
    folder = find_folder(name, results)
    first = next(iter(folder.rows()))
    return scene(folder, None if name == "bowl" else first)


def test_heights_are_those_of_the_function(results: Path) -> None:
    found = relief(ground(seen(results, "bowl")), POINT)
    x, y = np.meshgrid(found.x, found.y)
    np.testing.assert_allclose(found.heights, 0.5 * (x**2 + 20 * y**2))
    assert found.plane.names == ("x₁", "x₂")
    assert found.plane.share is None


def test_heights_of_a_model_are_its_training_loss(results: Path) -> None:
    found = relief(ground(seen(results, "line")), POINT)
    train = found.ground.problem.train
    assert train is not None
    at = [found.heights[i, j] for i, j in np.ndindex(7, 7)]
    expected = [np.mean((train.X @ [x, y] - train.Y[:, 0]) ** 2) / 2 for y in found.y for x in found.x]
    np.testing.assert_allclose(at, expected, rtol=1e-5)  # seven digits are more than can be seen
    assert found.plane.names == ("weight", "bias")


def test_a_path_is_the_one_that_was_recorded(results: Path) -> None:
    tracks = ground(seen(results, "bowl")).tracks
    (first,) = [track for track in tracks if track.candidate.best.values["optimizer.lr"] == 0.05]
    assert not first.replayed
    assert first.points[0].tolist() == [4, 1]
    # plain descent shrinks x by 1 - lr and y by 1 - 20 lr at each step: y is gone after one
    np.testing.assert_allclose(first.points[2], [4 * 0.95**2, 0], atol=1e-12)


def test_a_diverging_path_ends_before_it_hides_the_others(results: Path) -> None:
    tracks = ground(seen(results, "bowl")).tracks
    (lost,) = [track for track in tracks if track.diverged]
    assert lost.points.tolist() == [[4, 1], [pytest.approx(3.2), pytest.approx(-3)]]


def test_runs_on_other_functions_are_left_out_and_counted(results: Path) -> None:
    found = ground(seen(results, "bowl"))
    assert (len(found.tracks), found.left_out) == (2, 1)


def test_a_path_that_was_not_recorded_is_replayed_to_the_same_end(results: Path) -> None:
    before = listing(results)
    folder = find_folder("deep", results)
    (track,) = ground(seen(results, "deep")).tracks
    assert track.replayed
    assert listing(results) == before
    row = folder.row(track.run)
    assert row is not None
    assert track.losses[-1] == pytest.approx(row["final_train_loss"], rel=1e-12)
    assert track.steps.tolist() == folder.history()["step"].tolist()


def test_parameters_that_do_not_move_are_left_out(tmp_path: Path) -> None:
    dataset = "{kind: linear, features: 2, validation: 0, standardize_target: true}"
    (tmp_path / "still.yaml").write_text(
        f"dataset: {dataset}\nmodel: {{kind: linear, initial: [3, 1, 0]}}\ndescent: batch\n"
        "optimizer: {kind: gd, lr: 0.1}\nepochs: 5\n"
    )
    gdrun("train", tmp_path / "still.yaml", "--results", tmp_path, "-q").ok()
    found = relief(ground(scene(find_folder("still", tmp_path))), POINT)
    assert found.plane.names == ("weight 1", "weight 2")
    assert found.plane.share is None
    (track,) = found.ground.tracks
    np.testing.assert_allclose(found.plane.coordinates(track.points), track.points[:, :2])
    np.testing.assert_allclose(found.plane.points(np.array([[5.0, 7]])), [[5, 7, 0]], atol=1e-12)
    assert plane(found.ground, "random").told.startswith("two filter-normalised")


def test_main_directions_are_found() -> None:
    rng = np.random.default_rng(0)
    basis = np.linalg.qr(rng.normal(size=(9, 2)))[0].T
    away = rng.normal(size=(30, 2)) * [5, 1] @ basis
    found = main_directions(away)
    np.testing.assert_allclose(found @ found.T, np.eye(2), atol=1e-12)
    np.testing.assert_allclose(away @ found.T @ found, away, atol=1e-12)
    assert np.abs(found[0] @ basis[0]) > 0.95
    assert (found[[0, 1], np.abs(found).argmax(axis=1)] > 0).all()


@pytest.mark.parametrize("away", [np.zeros((1, 4)), np.outer([0, 1, 2], [1, 0, 0, 0])])
def test_main_directions_of_a_path_that_has_less_than_two(away: np.ndarray) -> None:
    found = main_directions(away.astype(float))
    np.testing.assert_allclose(found @ found.T, np.eye(2), atol=1e-12)


def test_the_share_of_the_way_in_the_plane(results: Path) -> None:
    found = ground(seen(results, "deep"))
    away = found.tracks[0].points - found.tracks[0].points[-1]
    strengths = np.linalg.svd(away, compute_uv=False) ** 2
    assert plane(found, "path").share == pytest.approx(strengths[:2].sum() / strengths.sum())
    random = plane(found, "random")
    assert random.share is not None
    assert random.share < 0.6


def test_random_directions_have_the_norms_of_the_units_and_leave_biases() -> None:
    network = Network((Layer(3, 2), Layer(2, 1)))
    origin = np.arange(1.0, network.size + 1)
    own = network.weights(origin[None])
    for direction in random_directions(network, origin):
        for W, mine in zip(network.weights(direction[None]), own, strict=True):
            np.testing.assert_allclose(np.linalg.norm(W[0, :-1], axis=0), np.linalg.norm(mine[0, :-1], axis=0))
            assert not W[0, -1].any()


def test_places_in_a_plane_and_back() -> None:
    found = Plane(np.array([1.0, 2, 3]), np.array([[1.0, 0, 0], [1, 1, 0]]), ("a", "b"))
    places = np.array([[2.0, -1], [0.5, 4]])
    np.testing.assert_allclose(found.coordinates(found.points(places)), places)
    np.testing.assert_allclose(found.coordinates(np.array([[1.0, 2, 99]])), [[0, 0]], atol=1e-12)


def test_known_minima(results: Path) -> None:
    found = relief(ground(seen(results, "bowl")), POINT)
    assert found.minima.tolist() == [[0, 0]]
    assert not found.projected
    assert len(known_minima(ground(seen(results, "line")))) == 1
    assert len(known_minima(ground(seen(results, "deep")))) == 0


def test_levels_lie_closer_where_walls_are_steep() -> None:
    even, steep = levels(np.linspace(1, 2, 50)), levels(np.linspace(0, 10, 200) ** 6)
    np.testing.assert_allclose(np.diff(even), np.diff(even)[0])
    assert np.diff(steep)[-1] > 100 * np.diff(steep)[1]
    assert (np.diff(levels(np.ones(4))) > 0).all()
    assert (np.diff(levels(np.array([1.0, np.inf, 5]))) > 0).all()


@pytest.mark.parametrize("name", ["bowl", "classes", "deep", "line"])
@pytest.mark.parametrize("wish", [POINT, Wish(points=7, directions="random"), Wish(points=7, three_d=True)])
def test_every_surface_is_drawn(results: Path, name: str, wish: Wish) -> None:
    look = Look()
    with look.applied():
        picture = KINDS["surface"].draw(seen(results, name), look, wish)
    assert picture.drawn("png")
    assert wish.three_d or picture.axes[0].get_aspect() == 1  # or right angles would not look it
    words = [text.get_text() for text in picture.legends[0].get_texts()]
    note = picture.legends[0].get_title().get_text()
    assert {"start", "end"} <= set(words)
    assert ("not recorded: replayed" in note) == (name == "deep")
    assert ("% of the way" in note or "all of the way" in note) == (name in ("classes", "deep"))
    assert ("1 runs on other functions" in note) == (name == "bowl")
    assert ("diverged" in words) == (name == "bowl")


def test_one_parameter_is_a_curve(tmp_path: Path) -> None:
    (tmp_path / "well.yaml").write_text(
        "model: {kind: surface, function: double_well, start: [1.5]}\noptimizer: {kind: gd, lr: 0.01}\nsteps: 20\n"
    )
    gdrun("train", tmp_path / "well.yaml", "--results", tmp_path, "-q").ok()
    look = Look()
    with look.applied():
        (axes,) = KINDS["surface"].draw(scene(find_folder("well", tmp_path)), look, Wish()).axes
    x, y = axes.lines[0].get_data()
    np.testing.assert_allclose(y, (x**2 - 1) ** 2 + 0.3 * x)
    assert axes.get_xlabel() == "x"


def test_a_leap_on_a_curve_does_not_hide_what_the_others_do(tmp_path: Path) -> None:
    (tmp_path / "well.yaml").write_text(
        "model: {kind: surface, function: double_well, start: [1.5]}\nsteps: 20\n"
        "compare: {candidates: [{optimizer: {kind: gd, lr: 0.01}}, {optimizer: {kind: gd, lr: 0.9}, label: leap}]}\n"
    )
    gdrun("compare", tmp_path / "well.yaml", "--results", tmp_path, "-q")
    look = Look()
    with look.applied():
        (axes,) = KINDS["surface"].draw(scene(find_folder("well", tmp_path)), look, Wish()).axes
    bottom, start = -0.3054, (1.5**2 - 1) ** 2 + 0.3 * 1.5  # (x² - 1)² + 0.3 x at its lowest and at 1.5
    assert axes.get_ylim()[1] == pytest.approx(bottom + 3 * (start - bottom), rel=1e-3)
    assert -2.1 < axes.get_xlim()[0] < -1.9
    (cross,) = [line for line in axes.lines if line.get_marker() == "X"]
    assert axes.viewLim.contains(*cross.get_xydata()[0])


def test_data_that_are_not_there_any_more(tmp_path: Path) -> None:
    data = tmp_path / "data.csv"
    data.write_text("x,y\n" + "".join(f"{i},{2 * i + i % 3}\n" for i in range(60)))
    (tmp_path / "a.yaml").write_text(
        f"dataset: {{kind: csv, path: {data}, target: y}}\nmodel: linear\noptimizer: {{kind: gd, lr: 0.1}}\nepochs: 2\n"
    )
    gdrun("train", tmp_path / "a.yaml", "--results", tmp_path, "-q").ok()
    gdrun("plot", "a", "surface", "--points", "5", "--results", tmp_path).ok()
    data.write_text(data.read_text() + "60,121\n")
    changed = gdrun("plot", "a", "surface", "--results", tmp_path)
    data.unlink()
    gone = gdrun("plot", "a", "surface", "--results", tmp_path)
    for said, reason in ((changed, "its data or this gdrun are others now"), (gone, "no such file")):
        assert said.code == 2
        assert reason in said.err
        assert said.err.count("\n") == 1


SEVERAL = "model: {kind: surface, function: himmelblau, start: [0, 0]}\nsteps: 30\n"
FIVE = """\
compare:
  candidates:
    - optimizer: {kind: gd, lr: 0.01}
    - optimizer: {kind: momentum, lr: 0.005}
    - optimizer: {kind: nesterov, lr: 0.005}
    - optimizer: {kind: rmsprop, lr: 0.05}
    - optimizer: {kind: adam, lr: 0.1}
"""
ALONE = "optimizer: {kind: gd, lr: 0.01}\n"
# the config, its paths, points of the first, and the marks of its end
CASES: dict[str, tuple[str, int, int, str]] = {
    "one run": (SEVERAL + ALONE, 1, 31, "s"),
    "five candidates": (SEVERAL + FIVE, 5, 31, "s"),
    "hundreds": (SEVERAL + "compare: {}\noptimizer: {kind: gd, lr: {log: [1e-4, 0.01, 200]}}\n", 7, 31, "s"),
    "all diverged": (SEVERAL + ALONE.replace("0.01", "0.2"), 1, 2, "X"),
    "one point": (SEVERAL.replace("30", "1") + ALONE.replace("0.01", "1e200"), 1, 1, "X"),
}


@pytest.mark.parametrize("three_d", [False, True])
@pytest.mark.parametrize("case", CASES)
def test_what_is_drawn_of_runs_on_a_surface(tmp_path: Path, case: str, three_d: bool) -> None:
    text, paths, count, mark = CASES[case]
    (tmp_path / "a.yaml").write_text(text)
    gdrun("compare" if "compare" in text else "train", tmp_path / "a.yaml", "--results", tmp_path, "-q")
    look = Look()
    with look.applied():
        picture: Any = KINDS["surface"].draw(scene(find_folder("a", tmp_path)), look, Wish(points=15, three_d=three_d))
        picture.draw_without_rendering()
    axes = picture.axes[0]
    ends = [line for line in axes.lines if line.get_marker() in ("s", "X")]
    starts = [line for line in axes.lines if line.get_marker() == "o"]
    assert (len(starts), len(ends)) == (paths, paths)
    assert {line.get_marker() for line in ends} == {mark}
    assert max(len(line.get_xydata()) for line in axes.lines) == count
    ways = [line for line in axes.lines if line.get_zorder() == (3 if three_d else 4)]
    crowd = paths > 6  # whose paths are thin, and their steps not marked
    assert {line.get_marker() for line in ways} == {"None" if crowd else "."}
    assert [line.get_linewidth() for line in ways] == pytest.approx([0.9 if crowd else 1.5] * paths)
    words = [text.get_text() for text in picture.legends[0].get_texts()]
    assert len(words) == paths + 3
    assert words[paths:] == ["start", "diverged" if mark == "X" else "end", "minimum"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("x₁", "x₂")
    if not three_d:
        bar = picture.axes[1]
        assert bar.get_ylabel() == "training loss"
        assert bar.get_position().height == pytest.approx(axes.get_position().height, rel=0.01)
        assert all(axes.viewLim.contains(*place) for line in axes.lines for place in line.get_xydata())
        numbers = [text.get_text() for text in bar.get_yticklabels()]
        assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize(("rate", "said"), [("0.01", False), ("0.2", True)])
def test_it_is_said_that_paths_go_on_beyond_what_is_shown(tmp_path: Path, rate: str, said: bool) -> None:
    (tmp_path / "a.yaml").write_text(SEVERAL + ALONE.replace("0.01", rate))
    gdrun("train", tmp_path / "a.yaml", "--results", tmp_path, "-q")
    look = Look()
    with look.applied():
        picture: Any = KINDS["surface"].draw(scene(find_folder("a", tmp_path)), look, POINT)
    assert ("go on beyond what is shown" in picture.legends[0].get_title().get_text()) is said


@pytest.mark.parametrize("case", CASES)
def test_what_is_drawn_of_runs_that_race(tmp_path: Path, case: str) -> None:
    text, paths, count, mark = CASES[case]
    (tmp_path / "a.yaml").write_text(text)
    gdrun("compare" if "compare" in text else "train", tmp_path / "a.yaml", "--results", tmp_path, "-q")
    look = Look()
    with look.applied():
        found: Any = KINDS["animation"].draw(scene(find_folder("a", tmp_path)), look, Wish(points=15, seconds=0.2))
    left, right, bar = found.picture.axes
    heads = [racer.lines[1] for racer in found.racers]
    assert len(heads) == paths
    assert {line.get_marker() for line in heads} == {mark}
    assert [line.get_markersize() for line in heads] == pytest.approx([4.8 if paths > 6 else 8] * paths)
    assert max(len(racer.path) for racer in found.racers) == count
    assert (right.get_xlabel(), right.get_ylabel(), bar.get_ylabel()) == ("step", "training loss", "")
    assert right.get_xlim()[0] < 0 <= count - 1 <= right.get_xlim()[1]
    assert all(float(tick).is_integer() for tick in right.get_xticks())
    assert all(left.viewLim.contains(*place) for racer in found.racers for place in racer.path)


def test_of_several_minima_those_off_the_plane_are_left_out_and_a_single_one_is_projected() -> None:
    flat = Plane(np.zeros(3), np.eye(3)[:2], ("a", "b"))
    low, high = np.array([-2.0, -2]), np.array([2.0, 2])
    minima = np.array([[1.0, 1, 0], [1, -1, 5], [9, 1, 0]])
    shown, projected = in_sight(flat, minima, low, high)
    assert (shown.tolist(), projected) == ([[1, 1]], False)
    shown, projected = in_sight(flat, minima[1:2], low, high)
    assert (shown.tolist(), projected) == ([[1, -1]], True)
