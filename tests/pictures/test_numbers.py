"""The numbers that are drawn, from results whose numbers are known."""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from gdrun.pictures.batch import SIZE, valleys
from gdrun.pictures.batch import suits as batch_suits
from gdrun.pictures.candidates import COLOURS
from gdrun.pictures.curves import metric_limits
from gdrun.pictures.errors import PictureError
from gdrun.pictures.grids import axes_of, grids
from gdrun.pictures.look import inches
from gdrun.pictures.rates import along
from gdrun.pictures.rates import suits as sensitivity_suits
from gdrun.pictures.scene import Scene
from gdrun.pictures.series import Axis, Curve, Lost, ceiling, curves, cut, logarithmic, metric, spans_decades
from gdrun.pictures.ticks import plain_ticks, power
from tests.pictures.made import run, scene_of


def validation(scene: Scene, quantity: str = "loss", axis: Axis = "epoch") -> list[Curve]:
    (panel,) = scene.panels()
    return [curve for curve in curves(scene, panel, quantity, axis) if curve.part == "validation"]


def test_a_line_is_the_median_of_the_seeds_and_the_band_their_range() -> None:
    scene = scene_of(run("a", [8, 4]), run("b", [6, 1], seed=1), run("c", [7, 3], seed=2))
    (curve,) = validation(scene)
    assert curve.middle.tolist() == [7, 3]
    assert (curve.low.tolist(), curve.high.tolist()) == ([6, 1], [8, 4])
    assert (curve.seeds, curve.lost) == (3, ())


@pytest.mark.parametrize(
    ("axis", "expected"), [("epoch", [0, 1]), ("step", [0, 2]), ("examples", [0, 8]), ("seconds", [0, 0.5])]
)
def test_the_axis(axis: Any, expected: Any) -> None:
    (curve,) = validation(scene_of(run("a", [8, 4])), axis=axis)
    assert curve.x.tolist() == expected


def test_a_run_that_stopped_stays_where_it_stopped() -> None:
    (curve,) = validation(scene_of(run("a", [8, 2]), run("b", [8, 4, 0], seed=1)))
    assert curve.x.tolist() == [0, 1, 2]
    assert curve.middle.tolist() == [8, 3, 1]


def test_runs_that_diverged_are_no_part_of_the_median_and_end_at_their_last_finite_loss() -> None:
    scene = scene_of(run("a", [8, 4]), run("b", [8, 50, inf], status="diverged", seed=1))
    (curve,) = validation(scene)
    assert curve.middle.tolist() == [8, 4]
    (lost,) = curve.lost
    assert (lost.x.tolist(), lost.y.tolist()) == ([0, 1], [8, 50])


def test_each_setting_trained_alone_has_a_line_and_a_colour_of_its_own() -> None:
    scene = scene_of(run("a", [8, 4]), run("b", [8, 2], optimizer__lr=0.2), run("c", [8, 3], seed=1))
    found = validation(scene)
    assert [(curve.candidate.label, curve.seeds, curve.candidate.colour) for curve in found] == [
        ("lr 0.1", 2, 0),
        ("lr 0.2", 1, 1),
    ]


def test_the_best_of_too_many_have_colours() -> None:
    scene = scene_of(*(run(f"{i}", [8, i], optimizer__lr=float(i)) for i in range(20, 0, -1)))
    coloured = {c.label: c.colour for c in scene.panels()[0].candidates if c.colour is not None}
    assert coloured == {f"lr {i + 1}": i for i in range(COLOURS - 1)}


def test_different_datasets_have_panels_of_their_own() -> None:
    scene = scene_of(run("a", [8, 4]), run("b", [8, 2], dataset__kind="wine"))
    assert [panel.title for panel in scene.panels()] == ["dataset digits", "dataset wine"]


def test_the_metric() -> None:
    assert metric(scene_of(run("a", [8, 4]))) == "accuracy"
    assert [curve.middle.tolist() for curve in validation(scene_of(run("a", [8, 4])), "accuracy")] == [[0.92, 0.96]]


@pytest.mark.parametrize(
    ("values", "log"), [([1, 9], False), ([1, 11], True), ([0, 1, 11], True), ([-1, 1, 100], False), ([5], False)]
)
def test_a_scale_that_spans_decades_is_logarithmic(values: list[float], log: bool) -> None:
    assert logarithmic(np.array(values, float)) is log


def test_diverged_runs_are_drawn_so_far_above_the_rest() -> None:
    (curve,) = validation(scene_of(run("a", [8, 4]), run("b", [8, 1e6], status="diverged", seed=1)))
    assert ceiling([curve], log=True) == 8000
    assert ceiling([curve], log=False) == 24
    (whole,) = validation(scene_of(run("a", [8, 4]), run("b", [8, 50], status="diverged", seed=1)))
    assert ceiling([whole], log=True) == 50
    assert ceiling(validation(scene_of(run("a", [8, 4]))), log=True) == inf


def test_a_metric_is_shown_where_runs_lasted_or_as_they_set_out() -> None:
    lasting, lost = run("a", [8, 4]), run("b", [9, 1e6], status="diverged", seed=1)
    assert metric_limits(validation(scene_of(lasting, lost), "accuracy")) == (0.91, 0.96)
    assert metric_limits(validation(scene_of(lost), "accuracy")) == (0, 0.91)
    (curve,) = validation(scene_of(run("c", [300, 1e6], status="diverged")), "accuracy")  # R² of -2
    assert metric_limits([curve]) == (-29, -2)


def test_numbers_of_short_logarithmic_axes_are_written_out() -> None:
    axes = Figure().subplots(1, 2)
    for each, high in zip(axes, (7, 7e5), strict=True):
        each.set_yscale("log")
        each.set_ylim(0.5, high)
        plain_ticks(each.yaxis)
        each.figure.draw_without_rendering()
    texts = [[text.get_text() for text in each.get_yticklabels(which="both")] for each in axes]
    assert {"1", "2", "0.6"} <= set(texts[0])
    assert not {"1", "10"} & set(texts[1])


def test_long_logarithmic_axes_have_powers_and_small_ticks_in_sight_alone() -> None:
    figure = Figure()
    axes = figure.subplots()
    axes.set_yscale("log")
    axes.set_ylim(3e-7, 4)
    plain_ticks(axes.yaxis)
    figure.draw_without_rendering()
    assert {"10⁻⁶", "10⁻⁵", "10⁰"} <= {text.get_text() for text in axes.get_yticklabels()}
    small = axes.yaxis.get_minorticklocs()
    np.testing.assert_allclose(small, [5e-7, *(x * 10.0**power for power in range(-6, 0) for x in (2, 5)), 2])
    assert not any(tick.label1.get_visible() for tick in axes.yaxis.get_minor_ticks())
    assert [power(x) for x in (1e-12, 2e-7, 1000.0, 1.0)] == ["10⁻¹²", "2×10⁻⁷", "10³", "10⁰"]


def test_what_diverged_counts_for_the_scale() -> None:
    assert spans_decades(validation(scene_of(run("a", [8, 1e300], status="diverged"))))
    assert not spans_decades(validation(scene_of(run("a", [8, 9], status="diverged"))))


def test_a_diverged_run_is_cut_where_it_leaves() -> None:
    x, y = cut(Lost("r", np.array([0.0, 1, 2]), np.array([1.0, 100, 1e6])), top=1e4)
    np.testing.assert_allclose(x, [0, 1, 1.5])  # half way on a logarithmic scale
    assert y.tolist() == [1, 100, 1e4]
    x, y = cut(Lost("r", np.array([0.0, 1]), np.array([1.0, 100])), top=1e4)
    assert (x.tolist(), y.tolist()) == ([0, 1], [1, 100])


def test_sensitivity_has_a_point_for_each_rate() -> None:
    runs = [
        run("a", [8, 4], optimizer__lr=0.1),
        run("b", [8, 6], optimizer__lr=0.1, seed=1),
        run("c", [8, 2], optimizer__lr=0.5),
        run("d", [8, 99], optimizer__lr=0.5, seed=1, status="diverged"),
        run("e", [8, 99], optimizer__lr=1.0, status="diverged"),
    ]
    (panel,) = scene_of(*runs).panels(apart=["optimizer.lr"])
    (candidate,) = panel.candidates
    points = along(candidate, "optimizer.lr", panel.criterion).points
    assert [(at.x, at.values, at.lost) for at in points] == [(0.1, (4, 6), 0), (0.5, (2,), 1), (1.0, (), 1)]
    assert [at.whole for at in points] == [True, False, False]


def test_sensitivity_suits_where_a_candidate_has_several_rates() -> None:
    one = [run("a", [8, 4]), run("b", [8, 6], optimizer__lr=0.2, optimizer__kind="adam")]
    assert not sensitivity_suits(scene_of(*one))
    assert sensitivity_suits(scene_of(*one, run("c", [8, 5], optimizer__lr=0.3)))


def test_a_point_is_the_best_of_the_other_settings() -> None:
    runs = [run(f"{size}", [8, loss], optimizer__lr=0.1, model__hidden=size) for size, loss in ((4, 5), (8, 3), (9, 7))]
    runs.append(run("other", [8, 1], optimizer__lr=0.2, model__hidden=4))
    (candidate,) = scene_of(*runs).panels(apart=["optimizer.lr", "model.hidden"])[0].candidates
    assert [at.values for at in along(candidate, "optimizer.lr", "final_validation_loss").points] == [(3,), (1,)]


def test_a_heatmap_has_the_mean_of_the_seeds_nothing_where_nothing_ran_and_what_was_lost() -> None:
    runs = [
        run("a", [8, 4], optimizer__lr=0.1, model__l2=0.0),
        run("b", [8, 6], optimizer__lr=0.1, model__l2=0.0, seed=1),
        run("c", [8, 3], optimizer__lr=0.2, model__l2=0.0),
        run("d", [8, 9], optimizer__lr=0.2, model__l2=1.0, status="diverged"),
    ]
    scene = scene_of(*runs)
    assert axes_of(scene, ()) == ("optimizer.lr", "model.l2")
    (grid,) = grids(scene, ("optimizer.lr", "model.l2"))
    assert (grid.across, grid.up) == ((0.1, 0.2), (0.0, 1.0))
    np.testing.assert_array_equal(grid.values, [[5, 3], [np.nan, np.nan]])
    assert grid.lost.tolist() == [[False, False], [False, True]]


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (("model.l2",), "heatmap: model.l2 was not swept; swept were: optimizer.lr"),
        (("optimizer.lr",), "heatmap: --settings takes two settings, such as optimizer.lr,descent.batch_size"),
        ((), "heatmap: made-up needs two swept settings, it has 1"),
    ],
)
def test_a_heatmap_needs_two_swept_settings(wanted: tuple[str, ...], message: str) -> None:
    scene = scene_of(run("a", [8, 4]), run("b", [8, 4], optimizer__lr=0.3))
    with pytest.raises(PictureError) as error:
        axes_of(scene, wanted)
    assert str(error.value) == message


def test_steps_and_examples_to_the_target_by_batch_size() -> None:
    small = [run("a", [8, 4, 1], descent__batch_size=8), run("b", [8, 1], descent__batch_size=8, seed=1)]
    large = [run("c", [8, 7, 7], descent__batch_size=32, every=3), run("d", [8, 7, 2], descent__batch_size=16, every=5)]
    scene = scene_of(*small, *large, target=3)
    assert batch_suits(scene)
    (panel,) = scene.panels(apart=[SIZE])
    (steps,), (examples,) = (valleys(panel, f"{way}_to_target") for way in ("steps", "examples"))
    assert [(at.x, at.values) for at in steps.points] == [(8, (4, 2)), (16, (10,)), (32, ())]
    assert [(at.x, at.values) for at in examples.points] == [(8, (16, 8)), (16, (40,)), (32, ())]
    assert not batch_suits(scene_of(*small, *large))


@pytest.mark.parametrize(
    ("text", "width"), [("3.3in", 3.3), ("8.4cm", 8.4 / 2.54), ("84mm", 8.4 / 2.54), ("240pt", 10 / 3)]
)
def test_widths(text: str, width: Any) -> None:
    assert inches(text) == pytest.approx(width)


@pytest.mark.parametrize("text", ["3.3", "wide", "-3in", "0in", "1e9in", "nanin"])
def test_widths_that_are_none(text: str) -> None:
    with pytest.raises(PictureError, match="--width"):
        inches(text)
