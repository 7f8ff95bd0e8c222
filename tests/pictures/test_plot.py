"""`gdrun plot` on runs that were trained: the files, and what is said where there is nothing to draw."""

from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gdrun.experiment.runs import find_folder
from gdrun.pictures.kinds import KINDS
from gdrun.pictures.look import Look
from gdrun.pictures.scene import scene
from gdrun.pictures.wish import Wish
from tests.cli.driver import BOWL, CLASSES, Said, gdrun, process

SWEEP = """\
dataset: {kind: blobs, examples: 60, classes: 2, features: 2}
model: logistic
epochs: 3
compare:
  seeds: 2
  target: 0.6
  candidates:
    - descent: {batch_size: [8, 16]}
      optimizer: {kind: gd, lr: [0.01, 0.1]}
    - descent: {batch_size: [8, 16]}
      optimizer: {kind: adam, lr: [0.01, 0.1]}
      label: <Adam> $x$
"""
STILL = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    for name, text in (("bowl", BOWL), ("classes", CLASSES), ("sweep", SWEEP)):
        (folder / f"{name}.yaml").write_text(text)
        command = "compare" if "compare" in text else "train"
        gdrun(command, folder / f"{name}.yaml", "--results", folder / "results", "--quiet").ok()
    for rate in (0.02, 0.2):
        gdrun("train", folder / "bowl.yaml", f"optimizer.lr={rate}", "steps=50", "--results", folder / "results", "-q")
    return folder / "results"


def plot(results: Path, *arguments: str | Path) -> Said:
    return gdrun("plot", *arguments, "--results", results)


def drawn(results: Path, name: str, kind: str, **wishes: Any) -> Any:
    """The figure that the command would write."""
    look = Look()
    with look.applied():
        return KINDS[kind].draw(scene(find_folder(name, results)), look, Wish(**wishes))


def test_kinds_that_suit_are_drawn(results: Path) -> None:
    assert plot(results, "classes").ok().split() == [
        str(results / f"classes/{kind}.png") for kind in ("curves", "boundary")
    ]
    assert plot(results, "bowl").ok().split() == [
        str(results / f"bowl/{kind}.png") for kind in ("curves", "sensitivity", "surface")
    ]
    files = plot(results, "sweep").ok().split()
    assert files == [
        str(results / f"sweep/{kind}.png") for kind in ("curves", "sensitivity", "heatmap", "batch", "boundary")
    ]


@pytest.mark.parametrize("format_", STILL)
def test_formats_are_what_they_say_and_the_same_bytes_every_time(results: Path, tmp_path: Path, format_: str) -> None:
    first, second = tmp_path / f"one.{format_}", tmp_path / "two"
    plot(results, "sweep", "curves", "-o", first).ok()
    plot(results, "sweep", "curves", "-o", second, "--format", format_).ok()
    assert first.read_bytes().startswith(STILL[format_])
    assert first.read_bytes() == second.read_bytes()


def test_a_pdf_embeds_truetype_fonts(results: Path, tmp_path: Path) -> None:
    plot(results, "sweep", "curves", "-o", tmp_path / "a.pdf").ok()
    content = (tmp_path / "a.pdf").read_bytes()
    assert b"/Type0" in content or b"/FontFile2" in content
    assert b"/Type3" not in content


@pytest.mark.parametrize(("width", "pixels"), [("3.3in", 990), ("127mm", 800)])
def test_the_width(results: Path, tmp_path: Path, width: Any, pixels: int) -> None:
    plot(results, "classes", "curves", "-o", tmp_path / "a.png", "--width", width).ok()
    assert struct.unpack(">I", (tmp_path / "a.png").read_bytes()[16:20])[0] == pixels


@pytest.mark.parametrize("style", ["light", "dark", "slides"])
@pytest.mark.parametrize("kind", ["curves", "sensitivity", "heatmap", "batch"])
def test_every_kind_in_every_style(results: Path, tmp_path: Path, kind: str, style: str) -> None:
    plot(results, "sweep", kind, "--style", style, "-o", tmp_path / "a.png").ok()
    assert (tmp_path / "a.png").stat().st_size > 5000


def test_one_run_has_files_of_its_own(results: Path) -> None:
    (file,) = plot(results, "classes/last", "curves").ok().split()
    assert Path(file).name.endswith("-curves.png")
    assert Path(file).name.startswith("r")


def test_curves_draw_loss_and_metric_of_each_candidate(results: Path) -> None:
    picture = drawn(results, "sweep", "curves", x="examples")
    loss, accuracy = picture.axes
    assert (loss.get_ylabel(), accuracy.get_ylabel()) == ("loss", "accuracy")
    assert loss.get_xlabel() == "examples seen"
    assert len(loss.lines) == 2 * 4  # training and validation of two optimizers with two batch sizes
    assert len(loss.collections) == 4  # a band for each
    words = [text.get_text() for text in picture.legends[0].get_texts()]
    assert words[-2:] == ["validation", "training"]
    assert r"<Adam> \$x\$, batch_size 8, lr 0.1" in words
    assert picture.legends[0].get_title().get_text() == "median and range of 2 seeds"


def test_a_diverged_run_is_marked_and_the_scale_is_logarithmic(results: Path) -> None:
    (axes,) = drawn(results, "bowl", "curves").axes
    assert axes.get_yscale() == "log"
    assert axes.get_xlabel() == "step"
    assert axes.get_ylabel() == "training loss"
    marked = [line for line in axes.lines if line.get_marker() == "X"]
    assert len(marked) == 1


def test_a_candidate_has_one_colour_in_every_picture(results: Path) -> None:
    first, second = (colours(drawn(results, "sweep", kind).legends[0]) for kind in ("curves", "sensitivity"))
    common = set(first) & set(second)
    assert len(common) == 4
    assert len({first[name] for name in common}) == 4
    assert all(first[name] == second[name] for name in common)


def colours(legend: Any) -> dict[str, Any]:
    pairs = zip(legend.get_texts(), legend.get_lines(), strict=True)
    return {text.get_text().split(", lr")[0]: line.get_color() for text, line in pairs}


def test_what_diverged_is_marked_above_the_rates(results: Path) -> None:
    (axes,) = drawn(results, "bowl", "sensitivity").axes
    (crosses,) = [line for line in axes.lines if line.get_marker() == "X"]
    assert crosses.get_xdata() == [0.2]
    assert axes.get_xscale() == "log"


def test_the_known_minimum_of_a_surface_is_a_line(tmp_path: Path) -> None:
    (tmp_path / "well.yaml").write_text(
        "model: {kind: surface, function: double_well, start: [1.5]}\noptimizer: {kind: gd, lr: 0.01}\nsteps: 20\n"
    )
    gdrun("train", tmp_path / "well.yaml", "--results", tmp_path, "-q").ok()
    (axes,) = drawn(tmp_path, "well", "curves").axes
    level = axes.lines[-1].get_ydata()[0]
    assert level == pytest.approx(-0.3054, abs=1e-4)  # (x² - 1)² + 0.3 x at its left minimum, x = -1.0358


def test_one_point_only(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(BOWL.replace("steps: 10", "steps: 1") + "record: {every: 5}\n")
    gdrun("train", tmp_path / "a.yaml", "--results", tmp_path, "-q").ok()
    plot(tmp_path, "a").ok()


def test_what_was_drawn_before_is_replaced_and_nothing_else_is_written(results: Path) -> None:
    before = {path for path in results.rglob("*") if path.suffix != ".png"}
    plot(results, "classes").ok()
    plot(results, "classes").ok()
    assert {path for path in results.rglob("*") if path.suffix != ".png"} == before


BOXES = "warning: a name has characters that the picture's font lacks: they are drawn as boxes\n"


@pytest.mark.parametrize("kind", [("curves",), ("animation", "--seconds", "0.2", "--points", "9")])
@pytest.mark.parametrize(("fonts", "said"), [(("No Such Font",), BOXES), (("No Such Font", "STIXGeneral"), "")])
def test_letters_that_no_font_has_are_told_in_one_line(
    tmp_path: Path, kind: tuple[str, ...], fonts: tuple[str, ...], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gdrun.pictures.look.OTHER_SCRIPTS", fonts)
    both = "compare: {candidates: [{label: ᶁᶄ, optimizer: {lr: 0.1}}, {optimizer: {lr: 0.2}}]}\n"
    (tmp_path / "a.yaml").write_text(CLASSES + both, encoding="utf-8")
    gdrun("compare", tmp_path / "a.yaml", "--results", tmp_path, "-q").ok()
    plotted = gdrun("plot", "a", *kind, "--results", tmp_path)
    assert (plotted.code, plotted.err) == (0, said)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["classes", "curvs"], "no picture 'curvs'; did you mean curves?"),
        (["classes", "xyz"], "no picture 'xyz'; there are curves, sensitivity, heatmap, batch"),
        (["nothing"], "no experiment 'nothing' in"),
        (["classes/rffff"], "no run 'rffff' in classes"),
        (["classes", "sensitivity"], "sensitivity: classes has runs with one learning rate only: sweep optimizer.lr"),
        (["classes", "heatmap"], "heatmap: classes needs two swept settings, it has 0"),
        (["classes", "batch"], "batch: classes has one batch size only: sweep descent.batch_size"),
        (["sweep", "batch", "--target", "1e-9"], "batch: no run of sweep reached the target 1e-09"),
        (["sweep", "heatmap", "--settings", "seed,optimizer.lr"], "heatmap: seed was not swept; swept were: "),
        (["sweep", "curves", "--criterion", "final_loss"], "no run has a final_loss; did you mean"),
        (
            ["sweep", "-o", "a.png"],
            "-o takes one picture, not 5 (curves, sensitivity, heatmap, batch, boundary)",
        ),
        (["sweep", "curves", "-o", "a.jpg"], "curves: is written as png, svg or pdf, not jpg"),
        (["sweep", "curves", "-o", "a.png", "--format", "svg"], "-o a.png is not what --format svg says"),
        (["sweep", "--width", "wide"], "--width wide: write 3.3in, 8.4cm, 84mm or 240pt"),
    ],
)
def test_what_cannot_be_drawn_is_said_in_a_line(
    results: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    said = plot(results, *arguments)
    assert said.code == 2
    assert said.err.startswith(message)
    assert said.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written(results: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = plot(results, "classes", "curves", "-o", tmp_path / "file/a.png")
    assert said.code == 74
    assert said.err.count("\n") == 1


def test_matplotlib_is_loaded_by_plot_alone_and_its_settings_stay(results: Path, tmp_path: Path) -> None:
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    plot(results, "classes", "--style", "dark").ok()
    assert dict(mpl.rcParams) == before
    code = (
        "import sys, gdrun.cli.app; sys.exit(any(m in sys.modules for m in ('matplotlib', 'numpy', 'gdrun.pictures')))"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    assert process("plot", "--help", folder=tmp_path).code == 0
