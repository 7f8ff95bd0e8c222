"""A path that diverges among others does not say what a surface shows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from gdrun.experiment.runs import find_folder
from gdrun.pictures.bowl import side
from gdrun.pictures.kinds import KINDS
from gdrun.pictures.look import Look
from gdrun.pictures.plane import plane
from gdrun.pictures.scene import scene
from gdrun.pictures.surface import up_to_edge
from gdrun.pictures.tracks import ground, lasting
from gdrun.pictures.wish import Wish
from tests.cli.driver import gdrun

BOWL = """\
model: {kind: surface, function: quadratic, condition: 4, start: [1, 1]}
optimizer: {kind: gd, lr: 0.1}
steps: 5
compare: {candidates: [{label: near}, {label: far, optimizer: {lr: 100}}]}
"""
LINE = """\
dataset: {kind: linear, examples: 50, features: 3}
model: linear
epochs: 5
compare: {candidates: [{optimizer: {kind: gd, lr: 0.05}}, {optimizer: {kind: gd, lr: 30}}]}
"""


def compared(text: str, folder: Path) -> Any:
    (folder / "a.yaml").write_text(text)
    gdrun("compare", folder / "a.yaml", "--results", folder, "-q").ok()
    return scene(find_folder("a", folder))


def drawn(text: str, folder: Path, wish: Wish) -> Any:
    look = Look()
    with look.applied():
        picture = KINDS["surface"].draw(compared(text, folder), look, wish)
        picture.draw_without_rendering()
    return picture


def test_it_is_followed_as_far_beyond_the_others_as_they_are_wide(tmp_path: Path) -> None:
    picture = drawn(BOWL, tmp_path, Wish(points=9))
    axes = picture.axes[0]
    # the other one goes from (1, 1) towards (0, 0), the first step of this one to (-99, -399); a fifth is margin
    assert axes.get_xlim() == pytest.approx((-1.4, 1.4))
    assert axes.get_ylim() == pytest.approx((-1.4, 1.4))
    (cross,) = (line for line in axes.lines if line.get_marker() == "X")
    down = 1 + 1.4 * 0.96  # as far as a mark is seen whole
    assert cross.get_xydata() == pytest.approx(np.array([[1 - down / 4, 1 - down]]))
    assert "paths that diverge go on beyond" in picture.legends[0].get_title().get_text()


def test_the_plane_is_that_of_the_others(tmp_path: Path) -> None:
    found = ground(compared(LINE, tmp_path))
    assert [track.diverged for track in found.tracks] == [False, True]
    near = plane(replace(found, tracks=found.tracks[:1]), "main")
    both = plane(found, "main")
    assert both.basis.tolist() == near.basis.tolist()
    assert both.share == near.share
    assert lasting(found.tracks[1:]) == found.tracks[1:]  # where all diverge they are what there is
    said = drawn(LINE, tmp_path, Wish(points=5)).legends[0].get_title().get_text()
    assert "of the way, diverged paths apart" in said


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ([[0, 0], [1, 1]], [[0, 0], [1, 1]]),
        ([[0, 0], [4, 2], [9, 9]], [[0, 0], [2, 1]]),
        ([[0, 0], [-1, 0], [-1, -8]], [[0, 0], [-1, 0], [-1, -2]]),
        ([[5, 0], [0, 0]], [[5, 0]]),
    ],
)
def test_a_path_up_to_the_edge(path: list[list[float]], shown: list[list[float]]) -> None:
    ends = up_to_edge(np.array(path, float), np.array([-2.0, -2.0]), np.array([2.0, 2.0]))
    assert ends.tolist() == shown


@pytest.mark.parametrize(
    ("east", "north", "azimuth"), [(1, 1, 212), (-1, -1, 32), (1, -1, 122), (-1, 1, -58), (0, 0, -58)]
)
def test_a_bowl_is_looked_at_from_where_its_walls_are_lowest(east: int, north: int, azimuth: int) -> None:
    x, y = np.linspace(3, 5, 7), np.linspace(-1, 1, 5)
    raised = east * (x[None] - 4) + north * y[:, None] + (x[None] - 4) ** 2
    raised[2, 3] = np.inf
    found: Any = SimpleNamespace(x=x, y=y)
    assert side(found, raised) == azimuth
    assert side(found, np.zeros_like(raised)) == -58  # where all is equal
