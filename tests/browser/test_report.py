"""A report in a real browser: what it shows, and that its controls do what they say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome

from tests.browser.opened import DESKTOP, PHONE, Page, opened
from tests.cli.driver import gdrun

HOSTILE = "<script>alert(1)</script>"
SWEEP = f"""\
name: '{{name}}'
dataset: {{{{kind: linear, examples: 60, features: 1}}}}
model: linear
epochs: 8
compare:
  seeds: 2
  candidates:
    - optimizer: {{{{kind: gd, lr: [0.01, 0.1, 10]}}}}
    - optimizer: {{{{kind: adam, lr: [0.01, 0.1]}}}}
      label: {HOSTILE}
"""
RACE = """\
model: {kind: surface, function: quadratic, condition: 20, start: [4, 1]}
steps: 20
compare:
  candidates:
    - optimizer: {kind: gd, lr: [0.05, 0.02]}
    - optimizer: {kind: gd, lr: 0.2}
      label: too fast
"""
PALE = (0x56, 0xB4, 0xE9)
"""The first colour in the dark."""
BLUE, ORANGE = (0x00, 0x72, 0xB2), (0xD5, 0x5E, 0x00)
RACERS = "e0-chart2"
HEADS = """return Object.fromEntries(figures[0].renderers.filter((each) => each.tags[0]?.moves === "head")
  .map((each) => [each.name, [[...each.data_source.data.x], [...each.data_source.data.y]]]))"""
"""Where the slider has moved the runs of each line."""
CURVES, VALLEYS, SURFACE = "e0-chart0", "e0-chart1", "e0-chart2"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("reports")
    for name, text in (("sweep", SWEEP.format(name="sweep")), ("race", RACE)):
        (folder / f"{name}.yaml").write_text(text)
        gdrun("compare", folder / f"{name}.yaml", "--results", folder, "--quiet", "--report").ok()
    return {name: folder / name / "report.html" for name in ("sweep", "race")}


@pytest.fixture(params=[DESKTOP, PHONE], ids=["desktop", "phone"])
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    width, height = request.param
    return width, height


@pytest.fixture
def sweep(browser: Chrome, pages: dict[str, Path], size: tuple[int, int]) -> Iterator[Page]:
    page = opened(browser, pages["sweep"], size)
    yield page
    assert (page.complaints(), page.requests()) == ([], [pages["sweep"].as_uri()])


@pytest.fixture
def race(browser: Chrome, pages: dict[str, Path], size: tuple[int, int]) -> Iterator[Page]:
    page = opened(browser, pages["race"], size)
    yield page
    assert (page.complaints(), page.requests()) == ([], [pages["race"].as_uri()])


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", ["sweep", "race"])
def test_it_opens_with_all_charts_and_asks_nothing_of_a_network(
    browser: Chrome, pages: dict[str, Path], name: str, size: tuple[int, int], dark: bool
) -> None:
    page = opened(browser, pages[name], size, dark)
    assert page.requests() == [pages[name].as_uri()]
    assert page.complaints() == []
    charts = [each.get_attribute("id") for each in page.all("section.chart")]
    kinds = {"sweep": ["curves", "sensitivity", "surface"], "race": ["curves", "sensitivity", "surface"]}
    assert [each.get_attribute("data-kind") for each in page.all("section.chart")] == kinds[name]
    for chart in charts:
        for figure, colours in page.colours(chart).items():
            assert colours > 20, (chart, figure)
    # as wide as the screen: what is wider, a table, scrolls by itself
    assert page.run("return document.documentElement.scrollWidth") <= size[0]
    plots = page.run("return [...document.querySelectorAll('.plot')].map((each) => each.getBoundingClientRect().right)")
    assert max(plots) <= size[0]
    background = page.run("return getComputedStyle(document.body).backgroundColor")
    assert background == ("rgb(22, 25, 31)" if dark else "rgb(255, 255, 255)")
    paper = page.of(charts[0], "return figures[0].border_fill_color")
    assert paper == {"value": "#16191F" if dark else "#FFFFFF"} or paper == ("#16191F" if dark else "#FFFFFF")


def test_names_and_labels_are_text(sweep: Page) -> None:
    assert HOSTILE in sweep.one(".ranking").text
    assert any(HOSTILE in text for text in sweep.texts(f"#{CURVES} .keys label"))
    assert sweep.run("return [...document.scripts].filter((each) => each.textContent.includes('alert(1)')).length") > 0
    assert sweep.run("return [...document.scripts].filter((each) => each.textContent === 'alert(1)').length") == 0


@pytest.mark.parametrize(("axis", "end", "words"), [("step", 16, "step"), ("examples", 384, "examples seen")])
def test_the_axis_is_switched(sweep: Page, axis: str, end: int, words: str) -> None:
    drawn = """const seen = [...view.child_views[2].renderer_views.values()];
      const furthest = Math.max(...seen.filter((each) => each.glyph?.x).flatMap((each) => [...each.glyph.x]));
      return [figures[0].x_range.end, figures[0].below[0].axis_label, furthest]"""
    assert sweep.of(CURVES, drawn) == [8, "epoch", 8]
    sweep.choose(f"#{CURVES} select[name=axis]", axis)
    sweep.until(lambda: sweep.of(CURVES, drawn) == [end, words, end])
    labels = sweep.of(CURVES, "return figures.map((each) => each.below[0].axis_label)")
    assert labels == [words] * 3
    sweep.choose(f"#{CURVES} select[name=axis]", "seconds")
    assert sweep.until(lambda: sweep.of(CURVES, drawn)[0] < 8)


def test_the_scale_is_switched(sweep: Page) -> None:
    shown = "return figures.filter((each) => each.visible).map((each) => each.name)"
    scale = f"#{CURVES} select[name=scale]"
    first = sweep.one(scale).get_attribute("value")
    assert sweep.of(CURVES, shown) == [f"loss-{first}", "r2"]
    for each in ("linear", "log"):
        sweep.choose(scale, each)
        sweep.until(lambda each=each: sweep.of(CURVES, shown) == [f"loss-{each}", "r2"])  # type: ignore[misc]
        assert sweep.until(lambda each=each: sweep.colours(CURVES)[f"loss-{each}"] > 20)  # type: ignore[misc]


def test_candidates_are_hidden_and_shown(sweep: Page) -> None:
    scale = sweep.one(f"#{CURVES} select[name=scale]").get_attribute("value")
    for chart, figure in ((CURVES, f"loss-{scale}"), (VALLEYS, "sensitivity"), (SURFACE, "surface")):
        assert sweep.painted(chart, figure, BLUE) > 10
        assert sweep.painted(chart, figure, ORANGE) > 10
        box = f"#{chart} .keys label:nth-child(1) input"
        sweep.click(box)
        sweep.until(lambda chart=chart, figure=figure: sweep.painted(chart, figure, BLUE) == 0)  # type: ignore[misc]
        assert sweep.painted(chart, figure, ORANGE) > 10
        sweep.click(box)
        sweep.until(lambda chart=chart, figure=figure: sweep.painted(chart, figure, BLUE) > 10)  # type: ignore[misc]


def test_parts_of_the_data_are_hidden_and_shown(sweep: Page) -> None:
    shown = "return [...new Set(figures[2].renderers.filter((each) => each.visible).map((each) => each.tags[0].part))]"
    assert sorted(sweep.of(CURVES, shown)) == ["train", "validation"]
    sweep.click(f"#{CURVES} input[value=train]")
    assert sweep.of(CURVES, shown) == ["validation"]


def test_the_pointer_shows_values(race: Page) -> None:
    # plain descent shrinks x by 0.95 a step and y is gone after one: the loss is 8 · 0.95^(2·10) after ten
    race.point_at("e0-chart0", "loss-log", 10, 8 * 0.95**20)
    told = race.until(race.told_there)
    assert "candidate 1" in told
    assert "step: 10" in told
    assert f"training loss: {8 * 0.95**20:.5g}" in told


def test_what_the_pointer_shows_is_text(sweep: Page) -> None:
    middle = sweep.of(
        VALLEYS,
        f"""const line = figures[0].renderers.find((each) => each.name === "{HOSTILE}"
      && each.glyph.type === "Scatter"); return [line.data_source.data.x[0], line.data_source.data.middle[0]]""",
    )
    sweep.point_at(VALLEYS, "sensitivity", *middle)
    assert HOSTILE in sweep.until(sweep.told_there)


def test_the_slider_goes_through_the_steps(race: Page) -> None:
    for step in (20, 7, 0):
        race.slide(f"#{RACERS} input[name=step]", step)
        x, y = race.of(RACERS, HEADS)["candidate 1, lr 0.05"]
        assert x == pytest.approx([4 * 0.95**step], rel=1e-6)
        assert y == pytest.approx([0 if step else 1], abs=1e-6)
        loss = (x[0] ** 2 + 20 * y[0] ** 2) / 2
        assert float(race.one(f"#{RACERS} output[data-key=c0]").text) == pytest.approx(loss, rel=1e-3)
        assert race.one(f"#{RACERS} output[name=at]").text == str(step)
    ways = """return figures[0].renderers.filter((each) => each.tags[0]?.moves === "way")
      .flatMap((each) => each.data_source.data.xs.map((way) => way.length))"""
    assert race.of(RACERS, ways) == [1] * 5  # one behind, two in front with what sets them off


def test_the_other_settings_of_a_candidate_go_behind_the_best(race: Page) -> None:
    # with lr 0.02 a step leaves 0.98 of x and 0.6 of y; a path behind is as exact as can be seen
    for step in (0, 3, 7, 20):
        race.slide(f"#{RACERS} input[name=step]", step)
        x, y = race.of(RACERS, HEADS)["candidate 1"]
        assert x == pytest.approx([4 * 0.98**step], abs=0.02)
        assert y == pytest.approx([0.6**step], abs=0.02)
    names = "return figures[0].renderers.filter((each) => each.tags[0]?.moves === 'head').map((each) => each.name)"
    assert race.of(RACERS, names)[0] == "candidate 1"  # drawn first, below the others
    seen = "return figures[0].renderers.filter((each) => each.tags[0]?.key === 'c0').map((each) => each.visible)"
    race.click(f"#{RACERS} .keys label:nth-child(1) input")
    assert set(race.of(RACERS, seen)) == {False}


def test_a_path_behind_tells_its_run(race: Page) -> None:
    x, y = race.of(RACERS, HEADS)["candidate 1"]
    race.point_at(RACERS, "surface", x[0], y[0])
    told = race.until(race.told_there)
    assert "lr 0.02" in told
    assert any(run in told for run in rows(race, 1))


def rows(page: Page, column: int) -> list[str]:
    return page.texts(f".runs tbody td:nth-child({column})")


def test_runs_are_sorted(sweep: Page) -> None:
    headings = sweep.texts(".runs th")
    column = headings.index("final train loss") + 1
    heading = f".runs th:nth-child({column}) button"
    sweep.click(heading)
    up = [float(text) for text in rows(sweep, column)]
    sweep.click(heading)
    down = [float(text) for text in rows(sweep, column)]
    assert len(up) == 10
    assert up == sorted(up)
    assert down == up[::-1]
    assert [each.get_attribute("aria-sort") for each in sweep.all(".runs th")].count("descending") == 1
    sweep.click(".runs th:nth-child(1) button")
    assert rows(sweep, 1) == sorted(rows(sweep, 1))


def test_runs_are_filtered(sweep: Page) -> None:
    field = sweep.one(".runs input")
    statuses = rows(sweep, 2)
    lost = statuses.count("diverged")
    assert 0 < lost < len(statuses) == 10
    field.send_keys("GD Diverged")
    assert rows(sweep, 2) == ["diverged"] * lost
    assert sweep.one(".runs output").text == f"{lost} of 10"
    field.clear()
    field.send_keys("nothing like it")
    assert rows(sweep, 2) == []
    field.clear()
    field.send_keys(" ")
    assert rows(sweep, 2) == statuses


def test_a_run_in_the_table_leads_to_what_happened_in_it(sweep: Page) -> None:
    run = rows(sweep, 1)[-1]
    there = f"#e0-{run}"
    assert not sweep.one(there).get_attribute("open")
    sweep.click(f".runs tbody a[href='{there}']")
    sweep.until(lambda: sweep.one(there).get_attribute("open"))
    sweep.until(lambda: sweep.one(f"{there} li:first-child").is_displayed())
    assert "diverged" in sweep.one(f"{there} li:first-child").text


def test_it_is_printed_in_light_colours_with_pictures_and_all_details(browser: Chrome, pages: dict[str, Path]) -> None:
    page = opened(browser, pages["sweep"], PHONE, dark=True)
    page.run(
        """const painted = async (image) => {
      await image.decode();
      const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight), on = canvas.getContext("2d");
      on.drawImage(image, 0, 0);
      const data = on.getImageData(0, 0, canvas.width, canvas.height).data, counts = [0, 0];
      for (let i = 0; i < data.length; i += 4) {
        for (const [place, [r, g, b]] of arguments[0].entries()) {
          counts[place] += Math.abs(data[i] - r) + Math.abs(data[i + 1] - g) + Math.abs(data[i + 2] - b) < 50;
        }
      }
      return counts;
    };
    const count = (what) => document.querySelectorAll(what).length;
      addEventListener("beforeprint", async () => {
      window.pictures = await Promise.all([...document.querySelectorAll(".plot img")].map(painted)); });
    addEventListener("beforeprint", () => { window.seen = [count(".plot img"), count("details:not([open])")] })""",
        [BLUE, PALE],
    )
    assert page.printed().startswith(b"%PDF")
    assert page.run("return window.seen") == [4, 0]
    pictures = page.until(lambda: page.run("return window.pictures"))
    assert len(pictures) == 4
    assert all(blue > 10 * pale for blue, pale in pictures)
    assert page.all(".plot img") == []
    assert page.all("details:not([open])") != []
    dark = page.of(CURVES, "return figures[0].below[0].axis_label_text_color")
    assert "#E8E8E8" in (dark, dark.get("value") if isinstance(dark, dict) else None)
