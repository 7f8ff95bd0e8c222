"""What trained models see: boundaries and fits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.contour import ContourSet

from gdrun.experiment.runs import find_folder
from gdrun.pictures.boundary import draw_regions, leads, regions
from gdrun.pictures.errors import PictureError
from gdrun.pictures.fit import line, spread
from gdrun.pictures.kinds import KINDS
from gdrun.pictures.look import Look
from gdrun.pictures.picture import Picture
from gdrun.pictures.scene import Scene, scene
from gdrun.pictures.trained import learned, raw
from gdrun.pictures.wish import Wish
from tests.cli.driver import BOWL, CLASSES, gdrun
from tests.pictures.made import run, scene_of

MOONS = """\
dataset: {kind: moons, examples: 80}
model: {kind: mlp, hidden: [4]}
optimizer: {kind: adam, lr: 0.05}
epochs: 5
"""
BLOBS = """\
dataset: {kind: blobs, examples: 80, classes: 3, features: 2}
model: softmax
epochs: 20
optimizer: {kind: gd, lr: 0.5}
compare: {seeds: 2}
"""
LINE = """\
dataset: {kind: linear, examples: 60, features: 1, standardize_target: true}
model: linear
descent: batch
optimizer: {kind: gd, lr: 0.3}
epochs: 200
"""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    for name, text in (("moons", MOONS), ("blobs", BLOBS), ("line", LINE), ("bowl", BOWL), ("wide", CLASSES)):
        wide = text.replace("classes: 3}", "classes: 3, features: 5}") if name == "wide" else text
        (folder / f"{name}.yaml").write_text(wide)
        command = "compare" if "compare" in text else "train"
        gdrun(command, folder / f"{name}.yaml", "--results", folder, "-q").ok()
    return folder


def seen(results: Path, name: str) -> Scene:
    return scene(find_folder(name, results))


@pytest.mark.parametrize("name", ["moons", "blobs"])
def test_regions_are_what_the_model_predicts_in_the_data_s_own_units(results: Path, name: str) -> None:
    (found,) = learned(seen(results, name), "boundary")
    drawn = regions(found, points=9)
    places = np.array([[x, y] for y in drawn.y for x in drawn.x])
    assert drawn.classes.ravel().tolist() == found.model.predict(places).astype(int).tolist()
    data = raw(found.data, found.data.train)
    assert (drawn.x[0] < data[:, 0].min()) & (data[:, 0].max() < drawn.x[-1])
    assert len(set(drawn.classes.ravel().tolist())) > 1


def test_the_border_runs_where_two_classes_are_equally_likely(results: Path) -> None:
    look = Look()
    with look.applied():
        axes = KINDS["boundary"].draw(seen(results, "blobs"), look, Wish()).axes[0]
    (found,) = learned(seen(results, "blobs"), "boundary")
    lines = [each for each in axes.collections if isinstance(each, ContourSet)]
    points = np.concatenate([path.vertices for each in lines for path in each.get_paths()])
    likely = found.model.probabilities(points)
    assert likely is not None
    assert len(lines) == 3
    shares = np.sort(likely, axis=1)
    np.testing.assert_allclose(shares[:, -1], shares[:, -2], rtol=1e-2)  # where three meet, the grid is coarse


FIVE = "compare: {rows: [optimizer.lr], seeds: 5, candidates: [{optimizer: {lr: [0.01, 0.02, 0.05, 0.1, 0.2]}}]}\n"
HUNDREDS = "compare: {rows: [optimizer.lr], candidates: [{optimizer: {lr: {log: [0.001, 0.2, 200]}}}]}\n"
# the rate, the epochs, the comparison; how many models are drawn, what the first is called, and what is said of all
CASES: dict[str, tuple[str, int, str, int, str, str]] = {
    "one run": ("0.1", 20, "", 1, "gd, lr 0.1", ""),
    "five candidates": ("0.1", 20, FIVE, 5, "lr 0.01", "the first of 5 seeds; weights were not kept: replayed"),
    "hundreds": ("0.1", 2, HUNDREDS, 7, "", "193 others are not shown; weights were not kept: replayed"),
    "all diverged": ("1e9", 20, "", 1, "gd, lr 1e+09, diverged", ""),
    "one point": ("1e200", 1, "", 1, "gd, lr 1e+200, diverged", ""),
}


@pytest.mark.parametrize("kind", ["boundary", "fit"])
@pytest.mark.parametrize("case", CASES)
def test_what_is_drawn_of_models(tmp_path: Path, case: str, kind: str) -> None:
    rate, epochs, compare, count, name, note = CASES[case]
    plain = (LINE if kind == "fit" else BLOBS.partition("compare")[0]).partition("descent")[0].partition("epochs")[0]
    config = f"{plain}descent: batch\nepochs: {epochs}\noptimizer: {{kind: gd, lr: {rate}}}\n{compare}"
    (tmp_path / "a.yaml").write_text(config)
    gdrun("compare" if compare else "train", tmp_path / "a.yaml", "--results", tmp_path, "-q")
    look = Look()
    with look.applied():
        picture = KINDS[kind].draw(seen(tmp_path, "a"), look, Wish())
    words = [each.get_text() for each in picture.legends[0].get_texts()]
    drawn = [axes for axes in picture.axes if axes.collections]
    if kind == "fit":
        assert [len(axes.lines) for axes in drawn] == [count]
        named = words[:count]
    else:
        assert len(drawn) == count
        named = [axes.get_title(loc="left") for axes in drawn]
    assert len(set(named)) == count
    if kind == "fit" or "run" not in case:  # a single picture has no title unless there is something to say
        assert name in (named[0], "")
    assert picture.legends[0].get_title().get_text() == note


@pytest.mark.parametrize("lost", [np.nan, np.inf])
@pytest.mark.parametrize("name", ["blobs", "moons"])
def test_a_model_without_numbers_has_no_borders(results: Path, name: str, lost: float) -> None:
    (found,) = learned(seen(results, name), "boundary")
    with np.errstate(invalid="ignore"):
        gone = replace(found, model=replace(found.model, parameters=found.model.parameters * lost))
    look = Look()
    with look.applied():
        axes = Picture(look).subplots()
        draw_regions(axes, gone, look)
    assert not [each for each in axes.collections if isinstance(each, ContourSet)]


def test_a_class_is_ahead_of_the_best_other() -> None:
    found = np.array(leads(np.array([[3.0, 1, 2], [np.inf, np.inf, 0]])))
    np.testing.assert_array_equal(found, [[1, np.nan], [-2, np.nan], [-1, -np.inf]])


def test_weights_that_were_not_kept_are_replayed_and_that_is_said(results: Path) -> None:
    (kept,), (replayed,) = learned(seen(results, "moons"), "boundary"), learned(seen(results, "blobs"), "boundary")
    assert (kept.replayed, replayed.replayed) == (False, True)
    look = Look()
    with look.applied():
        pictures = [KINDS["boundary"].draw(seen(results, name), look, Wish()) for name in ("moons", "blobs")]
    said = [picture.legends[0].get_title().get_text() for picture in pictures]
    assert said == ["", "the first of 2 seeds; weights were not kept: replayed"]
    words = [text.get_text() for text in pictures[1].legends[0].get_texts()]
    assert words == ["class 0", "class 1", "class 2", "validation"]


def test_a_fit_is_the_least_squares_line_in_the_target_s_own_unit(results: Path) -> None:
    (found,) = learned(seen(results, "line"), "fit")
    part, unit = found.data.train, found.data.preprocessing
    slope, height = np.polyfit(raw(found.data, part)[:, 0], part.targets * unit.target_scale + unit.target_mean, 1)
    x = spread(found.data)
    np.testing.assert_allclose(line(found, x), slope * x + height, rtol=1e-6)


def test_kinds_that_suit(results: Path) -> None:
    for name, kind in (("moons", "boundary"), ("blobs", "boundary"), ("line", "fit")):
        files = gdrun("plot", name, "--results", results).ok().split()
        assert str(results / name / f"{kind}.png") in files
        assert (results / name / f"{kind}.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("bowl", "boundary", "boundary: bowl descends on a surface, which has no data"),
        ("bowl", "fit", "fit: bowl descends on a surface, which has no data"),
        ("line", "boundary", "boundary: line predicts numbers; fit draws those of one feature"),
        ("wide", "boundary", "boundary: wide has 5 features, not two"),
        ("moons", "fit", "fit: moons tells classes; boundary draws those of two features"),
    ],
)
def test_what_has_no_such_picture(results: Path, name: str, kind: str, message: str) -> None:
    said = gdrun("plot", name, kind, "--results", results)
    assert (said.code, said.err) == (2, f"{message}\n")


def test_a_line_that_leaves_the_data_does_not_hide_them(tmp_path: Path) -> None:
    (tmp_path / "far.yaml").write_text(LINE.replace("lr: 0.3", "lr: 5"))
    gdrun("train", tmp_path / "far.yaml", "--results", tmp_path, "-q")
    look = Look()
    with look.applied():
        axes = KINDS["fit"].draw(seen(tmp_path, "far"), look, Wish()).axes[0]
    targets = np.concatenate([points.get_offsets()[:, 1] for points in axes.collections])
    half = np.ptp(targets) / 2
    assert axes.get_ylim() == pytest.approx((targets.min() - half, targets.max() + half))


@pytest.mark.parametrize("kind", ["boundary", "fit"])
def test_of_runs_that_failed_there_is_no_model(kind: str) -> None:
    with pytest.raises(PictureError, match=f"{kind}: no run of made-up has ended"):
        learned(scene_of(run("x", [8.0], status="failed")), kind)
