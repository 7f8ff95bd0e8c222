"""The textbook: its list, a claim run from end to end, and that its pages fit the configs."""

from __future__ import annotations

import base64
import re
from io import BytesIO
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from gdrun.experiment.gallery import configs, gallery
from gdrun.experiment.textbook import Axis, Claim, Demonstration, claims
from gdrun.pictures.kinds import KINDS
from tests.cli.driver import gdrun

RACE = """\
# Two rates on a bowl.
model: {kind: surface, function: quadratic, condition: 20, start: [4, 1]}
steps: 10
compare:
  expect: [{outcome: train_loss, of: fast, over: slow, at_most: 0.5}]
  candidates:
    - {optimizer: {kind: gd, lr: 0.01}, label: slow}
    - {optimizer: {kind: gd, lr: 0.05}, label: fast}
"""
BOUNCE = """\
# Above the edge it diverges.
model: {kind: surface, function: quadratic, condition: 20, start: [4, 1]}
optimizer: {kind: gd, lr: 0.2}
steps: 100
expect: {status: diverged}
"""


@pytest.fixture
def book(here: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (here / "race.yaml").write_text(RACE)
    (here / "bounce.yaml").write_text(BOUNCE)
    shown = tuple(Demonstration(here / f"{name}.yaml", "surface") for name in ("race", "bounce"))
    pages = {7: Claim(7, "A larger rate is faster.", "Up to the edge at 2/L.", shown)}
    monkeypatch.setattr("gdrun.cli.textbook.claims", lambda: pages)
    return here


def test_the_list_says_what_is_said(book: Path) -> None:
    assert gdrun("textbook").ok() == " 7  A larger rate is faster.\n"


def test_a_claim_is_run_measured_and_drawn(book: Path) -> None:
    said = gdrun("textbook", "7", "--quiet").ok()
    # in ten steps both errors shrink: by 0.95 and 0 with lr 0.05, by 0.99 and 0.8 with lr 0.01
    ratio = (4 * 0.95**10) ** 2 / ((4 * 0.99**10) ** 2 + 20 * (0.8**10) ** 2)
    measured = f"race - final train loss of fast over that of slow is {ratio:.6g}, expected at most 0.5"
    told = " ".join(said.split())
    for words in (
        "7. A larger rate is faster.",
        "race: Two rates on a bowl.",
        "What is said: A larger rate is faster.",
        f"What was measured: {measured} bounce - status is diverged, expected diverged",
        "In which sense it is true: Up to the edge at 2/L.",
        "Pictures: results/race/surface.png, results/bounce/surface.png",
    ):
        assert words in told
    assert (book / "results/race/surface.png").stat().st_size > 1000
    assert gdrun("textbook", "--all", "--quiet").ok() == said


def test_all_claims_make_one_page(book: Path) -> None:
    (book / "race.yaml").write_text(RACE.replace("# Two", "# <b>Two</b>"))
    said = gdrun("textbook", "--all", "--report", "--quiet").ok()
    assert said.endswith("Report: results/textbook.html\n")
    page = Path("results/textbook.html").read_text()
    for words in (
        "<h2>7. “A larger rate is faster.”</h2>",
        "&lt;b&gt;Two&lt;/b&gt; rates on a bowl.",
        "<td>final train loss of fast over that of slow</td>",
        "<td>at most 0.5</td>",
        "<td>status</td>\n<td>diverged</td>\n<td>diverged</td>",
        "Up to the edge at 2/L.",
        "gdrun init race\ngdrun compare race.yaml\ngdrun plot race surface",
        "gdrun train bounce.yaml",
    ):
        assert words in page
    drawn = re.findall(r'data:image/webp;base64,([^"]+)"', page)
    for picture, name in zip(drawn, ("race", "bounce"), strict=True):
        with Image.open(BytesIO(base64.b64decode(picture))) as there, Image.open(f"results/{name}/surface.png") as made:
            assert there.convert("RGB").tobytes() == made.convert("RGB").tobytes()
    assert "<b>Two" not in page
    assert "http" not in page.replace("http-equiv", "")


def test_a_picture_for_each_axis_and_where_seconds_count_every_run_by_itself(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    race = RACE.replace("compare:", "compare:\n  seeds: 3").replace("{kind: gd, lr: 0.01}", "{kind: adam, lr: 0.01}")
    (book / "race.yaml").write_text(race)
    wanted: list[tuple[tuple[Axis, ...], bool]] = [(("step", "seconds"), True), (("step",), False)]
    for axes, apart in wanted:
        shown = Demonstration(book / "race.yaml", "curves", axes)
        monkeypatch.setattr("gdrun.cli.textbook.claims", lambda shown=shown: {7: Claim(7, "A", "B", (shown,))})
        said = gdrun("textbook", "7", "--quiet", "--results", f"of-{len(axes)}").ok()
        for axis in axes:
            assert f"of-{len(axes)}/race/curves-{axis}.png" in " ".join(said.split())
            assert (book / f"of-{len(axes)}/race/curves-{axis}.png").stat().st_size > 1000
        drawn = {(book / f"of-{len(axes)}/race/curves-{axis}.png").read_bytes() for axis in axes}
        assert len(drawn) == len(axes)
        runs = pd.read_csv(book / f"of-{len(axes)}/race/runs.csv")
        # the share of a stack's time is the same for its runs
        assert (runs.groupby("optimizer.kind")["seconds"].nunique() == (3 if apart else 1)).all()


def test_a_claim_that_does_not_hold_ends_with_4(book: Path) -> None:
    (book / "race.yaml").write_text(RACE.replace("0.5}", "0.1}"))
    said = gdrun("textbook", "7", "--quiet")
    assert said.code == 4
    assert "✗ final train loss of fast over that of slow is 0.43" in said.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["8"], "no claim 8: they go from 7 to 7"),
        (["7", "--all"], "a claim's number or --all: one of the two"),
        (["--report"], "--report is of what was run: name a claim's number, or --all"),
    ],
)
def test_what_cannot_be_asked_for(book: Path, arguments: list[str], message: str) -> None:
    said = gdrun("textbook", *arguments)
    assert (said.code, said.out, said.err) == (2, "", f"{message}\n")
    assert not Path("results").exists()


def test_the_pages_fit_the_configs() -> None:
    shown = [each for claim in claims().values() for each in claim.demonstrations]
    assert [
        number for number, claim in claims().items() if not (claim.said and claim.sense and claim.demonstrations)
    ] == []
    assert sorted(each.config for each in shown) == sorted(configs().glob("textbook/[0-9]*.yaml"))
    assert {each.name for each in shown} <= gallery().keys()
    assert {each.picture for each in shown} <= KINDS.keys()
