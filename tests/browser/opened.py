"""A report that is open in a browser, and what a reader does with it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select

from tests.waiting import wait_until

DESKTOP, PHONE = (1200, 900), (390, 844)
VIEWS = """
const chart = arguments[0];
const view = [...Bokeh.index].find((each) => document.getElementById(chart + "-plot").contains(each.el));
const figures = view.model.children.filter((each) => each.renderers);
"""
"""Finds a chart's figures by the id of its section."""


@dataclass(frozen=True)
class Page:
    """A report in a browser."""

    browser: Chrome

    def run(self, script: str, *arguments: Any) -> Any:
        """What a script returns."""
        return self.browser.execute_script(script, *arguments)

    def of(self, chart: str, script: str, *arguments: Any) -> Any:
        """What a script returns that looks at the `figures` of a chart."""
        return self.run(VIEWS + script, chart, *arguments)

    def until(self, met: Callable[[], Any]) -> Any:
        """Wait for something to be true."""
        return wait_until(met)

    def all(self, selector: str) -> list[Any]:
        """The elements."""
        return list(self.browser.find_elements(By.CSS_SELECTOR, selector))

    def one(self, selector: str) -> Any:
        """The only element."""
        (found,) = self.all(selector)
        return found

    def texts(self, selector: str) -> list[str]:
        """What the elements that are seen say."""
        return [each.text for each in self.all(selector) if each.is_displayed()]

    def click(self, selector: str) -> None:
        """Click where it is."""
        found = self.one(selector)
        self.run("arguments[0].scrollIntoView({block: 'center'})", found)
        found.click()

    def choose(self, selector: str, value: str) -> None:
        """Take an entry of a list."""
        Select(self.one(selector)).select_by_value(value)

    def slide(self, selector: str, value: int) -> None:
        """Move a slider."""
        self.run(
            "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input', {bubbles: true}))",
            self.one(selector),
            value,
        )

    def point_at(self, chart: str, figure: str, x: float, y: float) -> None:
        """Move the pointer to a place in a figure, in the units of its axes."""
        self.run("document.getElementById(arguments[0]).scrollIntoView()", chart)
        place = self.of(
            chart,
            """const on = view.child_views.find((each) => each.model.name === arguments[1]);
            const box = on.el.getBoundingClientRect(), frame = on.frame;
            return [box.x + frame.x_scale.compute(arguments[2]), box.y + frame.y_scale.compute(arguments[3])]""",
            figure,
            x,
            y,
        )
        action = ActionChains(self.browser)
        action.w3c_actions.pointer_action.move_to_location(round(place[0]), round(place[1]))
        action.perform()

    def told_there(self) -> str:
        """What the boxes at the pointer say, wherever they stand."""
        script = """const found = [];
        const walk = (root) => { for (const each of root.querySelectorAll("*")) {
          if (each.classList.contains("bk-tooltip-content")) found.push(each.textContent);
          if (each.shadowRoot) walk(each.shadowRoot); } };
        walk(document); return found.join("\\n")"""
        return str(self.run(script))

    def painted(self, chart: str, figure: str, colour: tuple[int, int, int]) -> int:
        """How many pixels of a figure have about that colour."""
        script = """const on = view.child_views.find((each) => each.model.name === arguments[1]);
        const { canvas } = on.export("png"), { width, height } = canvas, [r, g, b] = arguments[2];
        const data = canvas.getContext("2d").getImageData(0, 0, width, height).data;
        let count = 0;
        for (let i = 0; i < data.length; i += 4) {
          count += Math.abs(data[i] - r) + Math.abs(data[i + 1] - g) + Math.abs(data[i + 2] - b) < 50;
        }
        return count"""
        return int(self.of(chart, script, figure, list(colour)))

    def colours(self, chart: str) -> dict[str, int]:
        """How many colours each visible figure shows."""
        script = """return Object.fromEntries(view.child_views.filter((each) => each.model.visible).map((each) => {
          const { canvas } = each.export("png"), { width, height } = canvas;
          const data = new Uint32Array(canvas.getContext("2d").getImageData(0, 0, width, height).data.buffer);
          return [each.model.name, new Set(data).size] }))"""
        found: dict[str, int] = self.of(chart, script)
        return found

    def complaints(self) -> list[str]:
        """Warnings and errors on the console."""
        return [str(each["message"]) for each in self.browser.get_log("browser") if each["level"] != "INFO"]

    def requests(self) -> list[str]:
        """What was asked for since the last time, the page's own data left out."""
        logged = [json.loads(each["message"])["message"] for each in self.browser.get_log("performance")]
        sent = [each["params"]["request"]["url"] for each in logged if each["method"] == "Network.requestWillBeSent"]
        return [url for url in sent if not url.startswith(("data:", "blob:"))]

    def printed(self) -> bytes:
        """The page as a PDF."""
        return base64.b64decode(self.browser.execute_cdp_cmd("Page.printToPDF", {})["data"])


DRAWN, LOADED = "return document.documentElement.dataset.ready", "return document.readyState === 'complete'"
"""Whether a page is there: with its charts, or one without any."""


def opened(
    browser: Chrome, file: Path, size: tuple[int, int] = DESKTOP, dark: bool = False, there: str = DRAWN
) -> Page:
    """A report opened from its file, once it is there."""
    page = Page(browser)
    width, height = size
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": size == PHONE},
    )
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
    page.complaints(), page.requests()
    browser.get(file.as_uri())
    page.until(lambda: page.run(there))
    return page
