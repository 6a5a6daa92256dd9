"""The demonstration reports in a browser: accessible, complete by themselves, fit for a phone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

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
STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
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


@pytest.mark.parametrize(("unit", "name"), PAGES)
@pytest.mark.parametrize("width", [1280, 375])
def test_a_page_is_accessible_and_fits(
    rendered: Rendered, browser: Browser, unit: str, name: str, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(address(rendered, unit, name))
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": STANDARD}})
    assert found.violations_count == 0, found.generate_report()
    if unit not in ("cohort", ""):
        # Closed boxes hold every table behind a school's report.
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
        opened = Axe().run(page, options={"runOnly": {"type": "tag", "values": STANDARD}})
        assert opened.violations_count == 0, opened.generate_report()
    assert all(url.startswith(("file:", "data:", "blob:")) for url in asked)
    assert not problems
    overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert overflow <= 0
    page.close()


def test_charts_are_drawn(rendered: Rendered, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(address(rendered, "cohort", "chapters/survey-staff.html"))
    page.wait_for_selector(".js-plotly-plot .main-svg")
    assert page.locator(".js-plotly-plot").count() >= 3
    page.close()


def test_a_school_report_links_to_no_other(rendered: Rendered, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(address(rendered, "S01", "index.html"))
    here = str(rendered.place("S01"))
    links = page.eval_on_selector_all("a[href]", "all => all.map(a => a.href)")
    assert links
    assert all(link.startswith(("https:", "mailto:")) or here in link for link in links)
    page.close()
