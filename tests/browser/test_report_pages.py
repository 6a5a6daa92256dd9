"""The demonstration reports in a browser: accessible, complete by themselves, fit for a phone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright

from analysis.publish.rendering import site
from tests.conftest import Rendered

pytestmark = pytest.mark.browser
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
#: Of what passes, axe need not tell element by element: on a long page that takes most of its time.
AXE = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}
PAGES = [
    ("cohort", "index.html"),
    ("cohort", "chapters/survey-staff.html"),
    ("cohort", "chapters/interviews.html"),
    ("cohort", "chapters/value.html"),
    ("cohort", "chapters/reading.html"),
    ("cohort", "../technical/index.html"),
    ("cohort", "../technical/chapters/evidence.html"),
    ("cohort", "../reproduction/index.html"),
    ("S01", "index.html"),
    ("S12", "index.html"),
    # The start page of all that is published.
    ("", "index.html"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=ARGUMENTS
        )
        yield started
        started.close()


def address(rendered: Rendered, unit: str, name: str) -> str:
    folder = rendered.place(unit) if unit else site(rendered.root)
    return (folder / name).as_uri()


#: Light and wide, dark and narrow; the longest chapter, which takes a minute, in `make verify`.
LOOKS = [(1280, "light"), (320, "dark")]


@pytest.mark.parametrize(
    ("unit", "name", "width", "scheme"),
    [
        pytest.param(
            *page, *look,
            marks=[pytest.mark.verify] if "evidence" in page[1] else [],
        )
        for page in PAGES
        for look in LOOKS
    ],
)  # fmt: skip
def test_a_page_is_accessible_and_fits(
    rendered: Rendered,
    browser: Browser,
    unit: str,
    name: str,
    width: int,
    scheme: Literal["light", "dark"],
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(address(rendered, unit, name))
    found = Axe().run(page, options=AXE)
    assert found.violations_count == 0, found.generate_report()
    if unit not in ("cohort", ""):
        # Closed boxes hold every table behind a school's report.
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
        opened = Axe().run(page, options=AXE)
        assert opened.violations_count == 0, opened.generate_report()
    assert all(url.startswith(("file:", "data:", "blob:")) for url in asked)
    assert not problems
    overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert overflow <= 0
    page.close()


def test_a_chart_is_explored_when_it_is_asked_for(rendered: Rendered, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme="dark")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address(rendered, "cohort", "chapters/survey-staff.html"))
    assert page.locator(".chart-drawing:visible").count() >= 3
    assert not any("plotly" in url for url in asked)
    chart = page.locator(".chart:has(.chart-data)").first
    chart.get_by_role("button").press("Enter")
    chart.locator(".main-svg").first.wait_for(state="visible")
    assert any("plotly" in url for url in asked)
    chart.locator(".chart-plot").press("ArrowRight")
    assert "95% interval" in (chart.locator(".chart-said").text_content() or "")
    found = Axe().run(page, options=AXE)
    assert found.violations_count == 0, found.generate_report()
    chart.get_by_role("button").click()
    assert chart.locator(".chart-drawing").first.is_visible()
    page.close()


def test_a_phone_has_a_drawing_of_its_own(rendered: Rendered, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 320, "height": 900})
    page.goto(address(rendered, "cohort", "chapters/survey-staff.html"))
    shown = page.locator(".with-narrow > .chart-drawing:visible > svg")
    assert shown.count() >= 3
    for place in range(shown.count()):
        box = shown.nth(place).bounding_box()
        assert box is not None and 200 < box["width"] <= 320
    page.close()


def test_a_table_is_a_tab_stop_only_where_it_scrolls(rendered: Rendered, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(address(rendered, "cohort", "../technical/chapters/evidence.html"))
    wrong = page.eval_on_selector_all(
        ".table-scroll", "all => all.filter(t => t.hasAttribute('tabindex') !== "
        "(t.scrollWidth > t.clientWidth)).length"
    )  # fmt: skip
    assert wrong == 0
    page.close()


def test_a_school_report_links_to_no_other(rendered: Rendered, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(address(rendered, "S01", "index.html"))
    here = str(rendered.place("S01"))
    links = page.eval_on_selector_all("a[href]", "all => all.map(a => a.href)")
    assert links
    assert all(link.startswith(("https:", "mailto:")) or here in link for link in links)
    page.close()
