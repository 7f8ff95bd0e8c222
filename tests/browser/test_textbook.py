"""The textbook's page in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from selenium.webdriver import Chrome

from tests.browser.opened import DESKTOP, LOADED, PHONE, opened
from tests.cli.driver import gdrun


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("book")
    gdrun("textbook", "2", "--report", "--quiet", "--results", folder).ok()
    return folder / "textbook.html"


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_it_opens_with_all_pictures_and_fits_the_screen(
    browser: Chrome, book: Path, size: tuple[int, int], dark: bool
) -> None:
    page = opened(browser, book, size, dark, LOADED)
    assert page.run("return document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    widths = page.run("return [...document.images].map((each) => [each.naturalWidth, each.clientWidth])")
    assert len(widths) == 3
    assert all(natural > 500 and 300 < shown < size[0] for natural, shown in widths)
    assert page.complaints() == []
    assert page.requests() == [book.as_uri()]
    # every expectation is a line of a table, and met
    assert set(page.texts("tbody td:first-child")) == {"✓"}
    assert "lowest step angle" in page.texts("td")


def test_its_list_leads_to_the_chapters(browser: Chrome, book: Path) -> None:
    page = opened(browser, book, there=LOADED)
    page.click("nav a")
    assert page.run("return document.getElementById('c2').getBoundingClientRect().top") < 100
    page.click("#\\30 2-zig-zag summary")
    assert "gdrun train 02-zig-zag.yaml" in page.texts("#\\30 2-zig-zag pre")[0]
