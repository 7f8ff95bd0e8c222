"""Animations, curves in characters, and results that show themselves in Python."""

from __future__ import annotations

import io
import shutil
import stat
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import gdrun as api
from gdrun.experiment.runs import find_folder
from gdrun.pictures.animation import draw, until
from gdrun.pictures.film import as_gif, even
from gdrun.pictures.look import Look
from gdrun.pictures.scene import scene
from gdrun.pictures.terminal import round_places, text, ticks
from gdrun.pictures.wish import Wish
from tests.cli.driver import BOWL, DIVERGES, gdrun
from tests.pictures.made import run, scene_of

SHORT = ["--seconds", "0.4", "--fps", "10", "--points", "9"]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("moving")
    (folder / "bowl.yaml").write_text(BOWL)
    gdrun("train", folder / "bowl.yaml", "--results", folder, "-q").ok()
    gdrun("train", folder / "bowl.yaml", "optimizer.lr=0.02", "--results", folder, "-q").ok()
    return folder


def test_a_run_is_between_two_records_where_the_clock_is() -> None:
    steps, way = np.array([0, 10, 20]), np.array([[0.0, 8], [4, 4], [4, 0]])
    assert until(steps, way, 0).tolist() == [[0, 8], [0, 8]]
    assert until(steps, way, 15).tolist() == [[0, 8], [4, 4], [4, 2]]
    assert until(steps, way, 20).tolist() == way.tolist()
    assert until(steps, way, 99).tolist() == way.tolist()


def test_frames_begin_at_the_start_and_end_at_the_end(results: Path) -> None:
    look = Look()
    with look.applied():
        found = draw(scene(find_folder("bowl", results)), look, Wish(points=9, seconds=0.3, fps=10))
    assert found.steps.tolist() == [0, 5, 10]
    frames = list(found.frames())
    assert len({frame.tobytes() for frame in frames}) == 3
    assert frames[0].shape == (found.picture.bbox.height.__round__(), 640, 3)
    for racer in found.racers:
        np.testing.assert_allclose(np.asarray(racer.lines[1].get_xydata()), racer.path[-1:])


def test_a_curve_is_whole_in_an_animation(tmp_path: Path) -> None:
    (tmp_path / "well.yaml").write_text(
        "model: {kind: surface, function: double_well, start: [1.5]}\noptimizer: {kind: gd, lr: 0.01}\nsteps: 20\n"
    )
    gdrun("train", tmp_path / "well.yaml", "--results", tmp_path, "-q").ok()
    look = Look()
    with look.applied():
        found = draw(scene(find_folder("well", tmp_path)), look, Wish(points=9, seconds=0.3, fps=10))
        list(found.frames())
    axes: Any
    left, right = found.picture.axes
    for axes in (left, right):
        (low, bottom), (high, top) = axes.viewLim.get_points()
        x, y = axes.lines[0].get_xydata().T
        assert low <= x.min() <= x.max() <= high
        assert bottom <= y.min() <= y.max() <= top
    assert right.get_xlim() == pytest.approx((-0.6, 20.6))  # room for the marks


def test_a_gif_has_its_frames_and_their_time(results: Path, tmp_path: Path) -> None:
    for file in ("a.gif", "b.gif"):
        gdrun("plot", "bowl", "animation", "--results", results, "-o", tmp_path / file, *SHORT).ok()
    assert (tmp_path / "a.gif").read_bytes() == (tmp_path / "b.gif").read_bytes()
    with Image.open(tmp_path / "a.gif") as image:
        assert image.n_frames == 4
        assert (image.info["duration"], image.info["loop"]) == (100, 0)
        image.seek(3)
        assert image.info["duration"] == 1500


@pytest.mark.parametrize("fps", [1, 7, 15, 24, 30, 50])
def test_a_gif_lasts_as_long_as_it_says(fps: int) -> None:
    """Its times are hundredths of a second: at 15 a second six seconds are 90 frames of 6 or 7."""
    moving = 255 * np.eye(2 * fps + 1, dtype=np.uint8)
    frames = [row[None, :, None].repeat(3, axis=2) for row in moving]
    with Image.open(io.BytesIO(as_gif(frames, fps))) as film:
        times = []
        for place in range(film.n_frames):
            film.seek(place)
            times.append(film.info["duration"])
    assert sum(times[:-1]) == 2000
    assert max(times[:-1]) - min(times[:-1]) <= 10
    assert times[-1] == 1500


def test_colours_of_a_gif_are_those_of_the_frames() -> None:
    frames = [np.full((4, 6, 3), shade, np.uint8) for shade in (10, 200)]
    frames[1][0] = 10
    with Image.open(io.BytesIO(as_gif(frames, 10))) as image:
        assert np.asarray(image.convert("RGB")).max() <= 14


def test_colours_that_are_kept_are_those_of_the_candidates() -> None:
    shades = np.random.default_rng(0).integers(0, 255, (40, 60, 3)).astype(np.uint8)
    shades[:3], shades[3:6], shades[9:] = (0x00, 0x72, 0xB2), 255, 253
    with Image.open(io.BytesIO(as_gif([shades, shades], 10, ["#0072B2", "#FFFFFF"]))) as image:
        pixels = np.asarray(image.convert("RGB"))
    assert (pixels[:3] == (0x00, 0x72, 0xB2)).all()
    assert (pixels[3:6] == 255).all()


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not on the PATH")
def test_ffmpeg_makes_a_film_of_it(results: Path, tmp_path: Path) -> None:
    gdrun("plot", "bowl", "animation", "--results", results, "-o", tmp_path / "a.mp4", *SHORT).ok()
    assert (tmp_path / "a.mp4").read_bytes()[4:8] == b"ftyp"


def test_mp4_goes_through_ffmpeg(results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in = tmp_path / "ffmpeg"  # writes how many bytes of frames it was given, and how large they were said to be
    stand_in.write_text(
        f"#!{sys.executable}\nimport sys\ndata = sys.stdin.buffer.read()\n"
        "open(sys.argv[-1], 'w').write(f\"{len(data)} {sys.argv[sys.argv.index('-s') + 1]}\")\n"
    )
    stand_in.chmod(stand_in.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path))
    gdrun("plot", "bowl", "animation", "--results", results, "-o", tmp_path / "a.mp4", *SHORT).ok()
    count, size = (tmp_path / "a.mp4").read_text().split()
    width, height = map(int, size.split("x"))
    assert (width % 2, height % 2) == (0, 0)
    assert int(count) == (4 + 15) * width * height * 3
    stand_in.write_text(f"#!{sys.executable}\nimport sys\nsys.exit('no such codec')\n")
    failed = gdrun("plot", "bowl", "animation", "--results", results, "-o", tmp_path / "b.mp4", *SHORT)
    stand_in.unlink()
    missing = gdrun("plot", "bowl", "animation", "--results", results, "-o", tmp_path / "b.mp4", *SHORT)
    assert (failed.code, failed.err) == (2, "mp4: ffmpeg failed: no such codec\n")
    assert (missing.code, missing.err[:15]) == (2, "mp4: needs ffmp")
    assert not (tmp_path / "b.mp4").exists()


def test_frames_of_an_mp4_have_even_sides() -> None:
    assert even(np.zeros((5, 7, 3), np.uint8)).shape == (4, 6, 3)


def test_an_animation_is_no_still(results: Path) -> None:
    said = gdrun("plot", "bowl", "animation", "--format", "png", "--results", results)
    assert (said.code, said.err) == (2, "animation: is written as gif or mp4, not png\n")
    assert gdrun("plot", "bowl", "curves", "--format", "gif", "--results", results).code == 2


def test_curves_in_characters() -> None:
    drawn = text(scene_of(run("a", [8, 4, 2]), run("b", [8, 6, 5], optimizer__lr=0.2)), None, 60, coloured=False)
    lines = drawn.splitlines()
    assert lines[0].strip() == "validation loss"
    assert lines[-2:] == ["a lr 0.1", "b lr 0.2"]
    assert lines[-3].strip() == "epoch"
    heights = {letter: [i for i, row in enumerate(lines[1:-4]) if letter in row] for letter in "ab"}
    assert max(heights["a"]) > max(heights["b"])  # the lower loss is further down
    assert all(len(row) <= 60 for row in lines)
    assert "\x1b" not in drawn
    assert "\x1b" in text(scene_of(run("a", [8, 4, 2])), None, 60, coloured=True)


def test_a_diverged_run_in_characters() -> None:
    drawn = text(scene_of(run("a", [8, 4]), run("b", [8, 1e300], status="diverged", seed=1)), "step", 60, False)
    assert "gd, lr 0.1 (1 diverged)" in drawn
    assert "e+300" not in drawn


def test_heights_in_characters_are_round() -> None:
    assert ticks(np.array([0.05, 3, 200]), log=True) == [0.1, 1, 10, 100]
    assert ticks(np.array([1.0, 3]), log=False) == [1, 1.5, 2, 2.5, 3]
    assert len(ticks(np.array([2.0, 9]), log=True)) == 5


AXES_IN_CHARACTERS = [
    ((0, 10, True), [0, 2, 4, 6, 8, 10]),
    ((0, 1, True), [0, 1]),
    ((0, 199, True), [0, 40, 80, 120, 160]),
    ((0.001, 0.062, False), [0.015, 0.03, 0.045, 0.06]),
]


@pytest.mark.parametrize(("axis", "places"), AXES_IN_CHARACTERS)
def test_terminal_places_are_round(axis: tuple[float, float, bool], places: list[float]) -> None:
    begin, end, whole = axis
    assert round_places(begin, end, whole) == pytest.approx(places)


def test_terminal_writes_no_file_and_takes_curves_only(results: Path) -> None:
    before = list(results.rglob("*"))
    assert "training loss" in gdrun("plot", "bowl", "--terminal", "--results", results).ok()
    said = gdrun("plot", "bowl", "surface", "--terminal", "--results", results)
    assert (said.code, said.err) == (2, "--terminal draws curves only\n")
    assert list(results.rglob("*")) == before


def test_a_run_shows_itself() -> None:
    X = np.random.default_rng(0).normal(size=(50, 1))
    config = {"model": "linear", "optimizer": {"kind": "gd", "lr": 0.1}, "epochs": 5}
    result = api.train(config, data=(X, 3 * X[:, 0]), save=False)
    surface = result.plot("surface", width=3.3, points=9)
    pictures = [result.plot(width="3.3in"), surface, result.plot("fit", width="3.3in")]
    for picture in pictures:
        assert picture.get_figwidth() == 3.3
        assert picture.axes
    page = result._repr_html_()
    assert page.count("<table") == page.count("<img") == 1
    png = result._repr_png_()
    assert png is not None
    assert png.startswith(b"\x89PNG")


def test_a_comparison_shows_itself(tmp_path: Path) -> None:
    config = {
        "name": "answer",
        "model": {"kind": "surface", "function": "quadratic"},
        "optimizer": {"kind": "gd", "lr": [0.05, 0.1]},
        "steps": 5,
        "compare": {"candidates": [{"label": "<script>alert(1)</script>"}]},
    }
    result = api.compare(config, results=tmp_path)
    (axes,) = result.plot("curves", x="epoch").axes
    assert axes.get_xlabel() == "epoch"
    page = result._repr_html_()
    assert "<img" in page
    assert "<script>" not in page


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kind": "boundary"}, "plot: boundary: bowl descends on a surface, which has no data"),
        ({"kind": "curvs"}, "plot: no picture 'curvs'; did you mean curves?"),
        ({"wide": 3}, "wide: no such option; there are x, settings"),
        ({"style": "blue"}, "style: must be light, dark or slides"),
        ({"width": "wide"}, "plot: --width wide: write"),
    ],
)
def test_wrong_options_in_python(tmp_path: Path, options: dict[str, str], message: str) -> None:
    (tmp_path / "bowl.yaml").write_text(DIVERGES)
    result = api.train(tmp_path / "bowl.yaml", results=tmp_path)
    with pytest.raises(api.ConfigError) as error:
        result.plot(**options)  # type: ignore[arg-type]
    assert message in str(error.value)
