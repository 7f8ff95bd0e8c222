"""What is drawn of one run, of five candidates with five seeds, of hundreds, of what diverged, and of one point."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes

from gdrun.experiment.results.folder import Finished
from gdrun.pictures.errors import PictureError
from gdrun.pictures.kinds import KINDS
from gdrun.pictures.look import Look, Style
from gdrun.pictures.wish import Wish
from tests.pictures.made import run, scene_of

OPTIMIZERS = ("gd", "momentum", "nesterov", "rmsprop", "adam")
RATES = (0.01, 0.1, 1.0)


def one() -> list[Finished]:
    return [run("one", [8, 4, 2])]


def five(rates: tuple[float, ...] = (0.1,)) -> list[Finished]:
    """Five optimizers with five seeds; of the first one a seed diverges at the rate of 1."""
    made = []
    for i, kind in enumerate(OPTIMIZERS):
        for rate in rates:
            for seed in range(5):
                lost = (i, rate, seed) == (0, 1.0, 0)
                losses = [8, 9e9 if lost else (rate + 0.001 / rate) * (1 + i / 10 + seed / 100)]
                settings: dict[str, Any] = {"optimizer__kind": kind, "optimizer__lr": rate, "seed": seed}
                status = "diverged" if lost else "finished"
                made.append(run(f"{kind} {rate} {seed}", losses, status=status, **settings))
    return made


def swept() -> list[Finished]:
    return five(RATES)


def many() -> list[Finished]:
    return [run(f"{i}", [8, 1 + i / 100, 0.5 + i / 100], optimizer__lr=1e-3 * 1.02**i) for i in range(500)]


def lost() -> list[Finished]:
    rates = (1.0, 2.0)
    return [run(f"{rate}", [8, 80 * rate, 7000], status="diverged", optimizer__lr=rate) for rate in rates]


def point() -> list[Finished]:
    return [run("point", [8])]


def drawn(kind: str, made: list[Finished], style: Style = "light", width: float | None = None, **wishes: Any) -> Any:
    look = Look(style, width)
    asked = {name: wishes.pop(name) for name in ("target", "criterion") if name in wishes}
    with look.applied():
        picture = KINDS[kind].draw(scene_of(*made, **asked), look, Wish(**wishes))
        picture.draw_without_rendering()
    return picture


def lines(axes: Axes) -> list[Any]:
    """The lines and marks that have places."""
    return [line for line in axes.lines if np.isfinite(line.get_xydata()).all(axis=1).any()]


def crosses(axes: Axes) -> list[Any]:
    return [line for line in lines(axes) if line.get_marker() == "X"]


def words(picture: Any) -> list[str]:
    return [text.get_text() for text in picture.legends[0].get_texts()]


# lines without marks of divergence, bands and bundles of faint lines, marks; the scale, where the axis along begins
# and ends, at least, and how many entries the legend has
CURVES: dict[str, tuple[Callable[[], list[Finished]], int, int, int, str, tuple[float, float], int]] = {
    "one run": (one, 2, 0, 0, "linear", (0, 2), 3),
    "five candidates, five seeds": (five, 2 * 5, 5, 0, "log", (0, 1), 5 + 2),
    "hundreds": (many, 2 * 7, 1, 0, "log", (0, 2), 7 + 1 + 2),
    "all diverged": (lost, 2 * 2, 0, 2 * 2, "log", (0, 2), 2 + 2 + 1),
    "one point": (point, 2, 0, 0, "linear", (0, 0), 3),
}


@pytest.mark.parametrize("axis", ["epoch", "step", "examples", "seconds"])
@pytest.mark.parametrize("case", CURVES)
def test_curves(case: str, axis: Any) -> None:
    make, count, bands, marks, scale, (begin, end), entries = CURVES[case]
    unit = {"epoch": 1, "step": 2, "examples": 8, "seconds": 0.5}[axis]
    picture = drawn("curves", make(), x=axis)
    loss, accuracy = picture.axes
    assert (len(lines(loss)) - len(crosses(loss)), len(loss.collections), len(crosses(loss))) == (count, bands, marks)
    assert (loss.get_yscale(), accuracy.get_yscale()) == (scale, "linear")
    assert (loss.get_ylabel(), accuracy.get_ylabel()) == ("loss", "accuracy")
    low, high = loss.get_xlim()
    assert low <= begin * unit <= end * unit <= high
    assert high - low <= 1.2 * max(end * unit, 0.1)
    assert len(words(picture)) == entries
    assert (bool(crosses(loss))) == ("diverged" in words(picture))
    numbers = [text.get_text() for text in loss.get_xticklabels()]
    assert len(set(numbers)) == len(numbers)
    assert numbers == ["0"] if case == "one point" else len(numbers) > 2


def test_it_is_said_that_curves_go_on_above_what_is_shown() -> None:
    far, near = [8, 1e9], [8, 9]
    for losses, said in ((far, True), (near, False)):
        picture = drawn("curves", [run("lost", losses, status="diverged"), run("fine", [8, 4])])
        assert ("go on above what is shown" in picture.legends[0].get_title().get_text()) is said


def test_lines_are_seen_through_all_bands() -> None:
    """Where five lie above each other, they hide no more than half of what is below."""
    for kind in ("curves", "sensitivity"):
        bands = drawn(kind, five() if kind == "curves" else swept()).axes[0].collections
        assert len(bands) == 5
        assert np.prod([1 - band.get_alpha() for band in bands]) > 0.5
    (alone,) = drawn("sensitivity", many()).axes[0].collections
    assert alone.get_alpha() == 0.18


PARTLY = "median of what did not diverge"
# lines with places but for marks, bands, marks above, both scales, entries of the legend
VALLEYS: dict[str, tuple[Callable[[], list[Finished]], int, int, int, tuple[str, str], list[str]]] = {
    "five candidates, five seeds": (swept, 5 + 1, 5, 1, ("log", "log"), [*OPTIMIZERS, PARTLY, "diverged"]),
    "hundreds": (many, 1, 1, 0, ("log", "log"), ["gd"]),
    "all diverged": (lost, 0, 1, 1, ("log", "linear"), ["gd", "diverged"]),
}  # fmt: skip


@pytest.mark.parametrize("case", VALLEYS)
def test_sensitivity(case: str) -> None:
    make, count, bands, marks, scales, entries = VALLEYS[case]
    picture = drawn("sensitivity", made := make())
    (axes,) = picture.axes
    assert (len(lines(axes)) - len(crosses(axes)), len(axes.collections), len(crosses(axes))) == (count, bands, marks)
    assert (axes.get_xscale(), axes.get_yscale()) == scales
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("learning rate", "final validation loss")
    rates = [each.row["optimizer.lr"] for each in made]
    assert axes.get_xlim()[0] < min(rates) < max(rates) < axes.get_xlim()[1]
    assert sorted(words(picture)) == sorted(entries)
    assert [text.get_text() for text in axes.texts] == ["every run diverged"] * (case == "all diverged")
    marked = [line for line in lines(axes) if line.get_marker() == "o" and line.get_linestyle() != "None"]
    assert len(marked) == (5 if case.startswith("five") else 0)  # hundreds of points are a line


def grid_of(size: int) -> list[Finished]:
    """Losses of 1, 2, … along the rate, ten times as high with each l2; the last cell diverged."""
    made = []
    for i in range(size):
        for j in range(size):
            status = "diverged" if i == j == size - 1 else "finished"
            settings: dict[str, Any] = {"optimizer__lr": 0.1 * (j + 1), "model__l2": 1.0 * i}
            made.append(run(f"{i} {j}", [99, 10**i * (j + 1)], status=status, **settings))
    return made


@pytest.mark.parametrize(("size", "numbers"), [(3, 8), (22, 0)])  # numbers in each cell that came through
def test_a_heatmap(size: int, numbers: int) -> None:
    axes, bar = drawn("heatmap", grid_of(size)).axes
    (mesh,) = axes.collections
    values = mesh.get_array()
    assert (values.shape, int(values.mask.sum())) == ((size, size), 1)
    assert len(axes.texts) == numbers
    assert len(crosses(axes)) == 1
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("learning rate", "model.l2")
    assert (bar.get_yscale(), bar.get_ylabel()) == ("log", "final validation loss")
    assert mesh.norm.vmin == 1
    shown = [text.get_text() for text in axes.get_xticklabels()]
    assert shown[:2] == (["0.1", "0.2"] if size == 3 else ["0.1", "0.4"])
    assert len(shown) <= 8


def test_a_heatmap_of_what_all_diverged() -> None:
    made, other = (
        [
            run(f"{rate} {l2} {seed}", [8, 99], status="diverged", optimizer__lr=rate, model__l2=l2, seed=seed)
            for rate in (1.0, 2.0)
            for l2 in (0.0, 1.0)
        ]
        for seed in (0, 1)
    )
    picture = drawn("heatmap", made)
    (axes,) = picture.axes  # no bar of colours that stand for nothing
    assert len(crosses(axes)) == 4
    assert words(picture) == ["diverged"]
    assert words(drawn("heatmap", made + other)) == ["a seed diverged"]
    assert words(drawn("heatmap", made, target=1.0, criterion="steps_to_target")) == ["target not reached"]


def test_batch_sizes() -> None:
    made = []
    for kind in OPTIMIZERS:
        for size in (8, 16, 32):
            for seed in range(5):
                settings: dict[str, Any] = {"optimizer__kind": kind, "descent__batch_size": size, "seed": seed}
                made.append(run(f"{kind} {size} {seed}", [8, 8, 1], every=32 // size, **settings))
    picture = drawn("batch", made, target=3)
    assert [axes.get_ylabel() for axes in picture.axes] == [f"{x} until the loss is 3" for x in ("steps", "examples")]
    for axes in picture.axes:
        assert [text.get_text() for text in axes.get_xticklabels()] == ["8", "16", "32"]
        assert (axes.get_xscale(), axes.get_xlabel()) == ("log", "batch size")
        assert (len(lines(axes)), len(axes.collections)) == (5, 5)
    assert lines(picture.axes[0])[0].get_ydata().tolist() == [8, 4, 2]
    assert sorted(words(picture)) == sorted(OPTIMIZERS)


def variants(rate: float) -> list[Finished]:
    """Steps of 1, 4 and all 20 examples."""
    ways = {"stochastic": 1, "minibatch": 4, "batch": 20}
    return [
        run(f"{rate} {way}", [8, 2], each=size, optimizer__lr=rate, descent__variant=way,
            descent__batch_size=size if way == "minibatch" else None)
        for way, size in ways.items()
    ]  # fmt: skip


def test_one_example_and_all_are_batch_sizes_too() -> None:
    picture = drawn("batch", variants(0.1), target=3)
    assert [text.get_text() for text in picture.axes[0].get_xticklabels()] == ["1", "4", "20"]
    assert len(lines(picture.axes[0])) == 1
    made = [*variants(0.1), *variants(0.2)]
    axes = drawn("heatmap", made).axes[0]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["1", "4", "20"]


def test_a_setting_that_only_tells_kinds_apart_is_no_axis_of_a_heatmap() -> None:
    kinds: list[dict[str, Any]] = [
        {"optimizer__kind": "momentum", "optimizer__momentum": 0.9},
        {"optimizer__kind": "rmsprop", "optimizer__momentum": 0.0},
    ]
    made = [run(f"{kind} {rate}", [8, rate], optimizer__lr=rate, **kind) for kind in kinds for rate in RATES]
    with pytest.raises(PictureError, match="needs two swept settings, it has 1"):
        drawn("heatmap", made)


def test_an_accuracy_is_shown_whole_where_all_diverged() -> None:
    axes = drawn("curves", lost()).axes[1]
    shown = [float(y) for line in lines(axes) for y in line.get_ydata()]
    assert axes.get_ylim()[0] <= min(shown) <= max(shown) <= axes.get_ylim()[1]


@pytest.mark.parametrize(
    ("style", "width"), [("light", 3.3), ("light", None), ("dark", None), ("slides", None), ("slides", 3.3)]
)
@pytest.mark.parametrize("kind", ["curves", "sensitivity", "heatmap"])
def test_nothing_is_cut_or_covered(kind: str, style: Style, width: float | None) -> None:
    """Long labels, whole where they tell candidates apart: all text is within the picture, no number on another."""
    made = [
        run(f"{i} {rate}", [8, 1 + i], optimizer__lr=rate, model__l2=float(i), optimizer__kind=f"{'long ' * 18}{i}")
        for i in range(8)
        for rate in RATES
    ]
    picture = drawn(kind, made if kind != "heatmap" else grid_of(4), style, width)
    renderer, whole = picture.canvas.get_renderer(), picture.bbox
    texts = [text for axes in picture.axes for text in (axes.title, axes.xaxis.label, axes.yaxis.label)]
    texts += [text for legend in picture.legends for text in legend.get_texts()]
    for text in texts:
        box = text.get_window_extent(renderer)
        assert box.width == 0 or (whole.containsx(box.x0) and whole.containsx(box.x1))
        assert box.width == 0 or (whole.containsy(box.y0) and whole.containsy(box.y1))
    for axes in picture.axes:
        boxes = [text.get_window_extent(renderer) for text in axes.get_xticklabels() if text.get_text()]
        assert all(a.x1 <= b.x0 for a, b in pairwise(boxes))
    if picture.legends:
        assert len(set(words(picture))) == len(words(picture))
