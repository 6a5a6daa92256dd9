"""Quarto's pages in a browser, opened from a folder as a reader opens them: accessible, whole, at work.

The machinery is that of the built-in renderer's pages (test_report_pages).
"""

from __future__ import annotations

from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.browser.test_report_pages import AXE, LOOKS, address, browser
from tests.browser.test_report_pages import PAGES as REPORT_PAGES
from tests.conftest import Rendered

__all__ = ["browser"]

pytestmark = [pytest.mark.browser, pytest.mark.quarto]
#: Quarto makes reports, and no start page of them all.
PAGES = [page for page in REPORT_PAGES if page[0]]


@pytest.mark.parametrize(
    ("unit", "name", "width", "scheme"),
    [
        pytest.param(*page, *look, marks=[pytest.mark.verify] if "evidence" in page[1] else [])
        for page in PAGES
        for look in LOOKS
    ],
)
def test_a_page_is_accessible_and_fits(
    by_quarto: Rendered,
    browser: Browser,
    unit: str,
    name: str,
    width: int,
    scheme: Literal["light", "dark"],
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    asked: list[str] = []
    problems: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("requestfailed", lambda request: problems.append(request.url))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(address(by_quarto, unit, name))
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    # Without fetching style sheets again, which a browser refuses on pages from a folder.
    found = Axe().run(page, options={**AXE, "preload": False})
    assert found.violations_count == 0, found.generate_report()
    assert all(url.startswith(("file:", "data:", "blob:")) for url in asked)
    assert not problems
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    # A layer behind the text that nothing of axe's sees would hide it: words on the page's own ground.
    covered = page.evaluate(
        "[...document.querySelectorAll('body *')].filter(each => {"
        " const style = getComputedStyle(each), box = each.getBoundingClientRect();"
        " return style.position === 'fixed' && box.width >= innerWidth && box.height >= innerHeight"
        " && !/, 0\\)$|transparent/.test(style.backgroundColor) }).map(each => each.id)"
    )
    assert covered == []
    page.close()


def test_what_is_searched_and_pressed_works_from_a_folder(
    by_quarto: Rendered, browser: Browser
) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(address(by_quarto, "cohort", "index.html"))
    page.get_by_label("Search this report").fill("staff")
    page.locator(".report-search li a").first.click()
    page.wait_for_load_state()
    assert page.locator("main h1, main h2").count() > 0
    page.locator(".page-navigation a").last.click()
    page.wait_for_load_state()
    assert page.locator("#quarto-document-content").count() == 1
    page.close()


def test_the_menu_opens_on_a_phone(by_quarto: Rendered, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 900})
    page.goto(address(by_quarto, "cohort", "chapters/survey-staff.html"))
    entry = page.locator("#quarto-sidebar .sidebar-item-text").last
    assert not entry.is_visible()
    page.locator(".quarto-secondary-nav .quarto-btn-toggle").click()
    entry.wait_for(state="visible")
    page.close()


def test_charts_take_the_colours_of_the_night(by_quarto: Rendered, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme="dark")
    page.goto(address(by_quarto, "cohort", "chapters/survey-staff.html"))
    drawn = page.locator(".chart-drawing:visible > svg")
    assert drawn.count() >= 3
    grounds = drawn.evaluate_all(
        "all => all.map(each => getComputedStyle(each.querySelector('path')).fill)"
    )
    assert "rgb(255, 255, 255)" not in grounds
    page.close()
