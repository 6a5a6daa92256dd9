"""Pages of the built-in renderer in a browser: axe, phones, keyboard, no scripts, no network."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

pytest.importorskip("playwright")
pytest.importorskip("axe_playwright_python")

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "unit"))

import test_builtin_fixture as project_maker

from analysis.present import session
from analysis.publish.builtin import render
from analysis.publish.builtin.brand import Brand
from analysis.publish.packs import pages as pack_pages
from analysis.publish.stage import DRAFT
from tests.unit.test_page_one import BESIDE, PAIRED, SUBSCALES, many, page_of

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Without `preload`, which fetches style sheets again in a way that a browser refuses on file:.
# Of what passes, axe need not tell element by element.
RULES = {
    "preload": False,
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],
}
PAGES = [
    "book/index.html",
    "book/report/staff.html",
    "book/report/pupils.html",
    "book/report/methods.html",
    "school/index.html",
]
WIDTHS = [1280, 375]


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reports")
    render(project_maker.book_project(folder / "a"), folder / "out/book", ["html", "pdf"])
    render(project_maker.document_project(folder / "b"), folder / "out/school", ["html", "pdf"])
    return folder / "out"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


def opened(
    browser: Browser, reports: Path, name: str, width: int, *, scripts: bool = True
) -> tuple[Page, list[str], list[str]]:
    """A page, the addresses it asked for, and the errors it met."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, java_script_enabled=scripts
    )
    page = context.new_page()
    requests: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("requestfailed", lambda request: errors.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto((reports / name).as_uri())
    return page, requests, errors


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", PAGES)
def test_no_violations_no_network_no_overflow(
    browser: Browser, reports: Path, name: str, width: int
) -> None:
    page, requests, errors = opened(browser, reports, name, width)
    for menu in page.locator("details:not([open]) > summary").all():
        if menu.is_visible():
            menu.click()
    violations = Axe().run(page, options=RULES).response["violations"]
    found = [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in violations]
    assert found == []
    assert [url for url in requests if not url.startswith(("file:", "data:"))] == []
    assert errors == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_charts_draw_and_fit(browser: Browser, reports: Path, width: int) -> None:
    page, _, _ = opened(browser, reports, "book/report/staff.html", width)
    chart = page.locator("#plot-levels .main-svg").first
    chart.wait_for(state="visible")
    assert page.locator("#plot-levels .bars path").count() == 3
    box, frame = chart.bounding_box(), page.locator("figure.figure").first.bounding_box()
    assert box is not None and frame is not None
    assert box["width"] <= frame["width"] + 1
    assert not page.locator(".chart-drawing").first.is_visible()
    page.context.close()


def test_charts_follow_the_width(browser: Browser, reports: Path) -> None:
    page, _, _ = opened(browser, reports, "book/report/staff.html", 1280)
    page.locator("#plot-levels .main-svg").first.wait_for(state="visible")
    page.set_viewport_size({"width": 375, "height": 800})
    page.wait_for_function(
        "document.querySelector('#plot-levels .main-svg').getBoundingClientRect().width < 376"
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    page.context.close()


def test_tabs_by_keyboard(browser: Browser, reports: Path) -> None:
    page, _, _ = opened(browser, reports, "book/report/staff.html", 1280)
    tabs = page.get_by_role("tab")
    tabs.first.focus()
    assert page.get_by_text("Primary schools start higher.").is_visible()
    page.keyboard.press("ArrowRight")
    assert tabs.nth(1).get_attribute("aria-selected") == "true"
    assert page.get_by_text("Secondary schools gain less.").is_visible()
    assert not page.get_by_text("Primary schools start higher.").is_visible()
    page.keyboard.press("Home")
    assert tabs.first.get_attribute("aria-selected") == "true"
    page.context.close()


def test_a_link_into_a_hidden_tab_shows_it(browser: Browser, reports: Path) -> None:
    page, _, _ = opened(browser, reports, "book/report/staff.html", 1280)
    page.get_by_role("tab").nth(1).click()
    page.evaluate("location.hash = '#tbl-primary'")
    page.get_by_text("Primary schools start higher.").wait_for(state="visible")
    page.context.close()


def test_the_first_stop_leads_to_the_content(browser: Browser, reports: Path) -> None:
    page, _, _ = opened(browser, reports, "school/index.html", 375)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to main content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.context.close()


def test_everything_shows_without_scripts(browser: Browser, reports: Path) -> None:
    page, requests, _ = opened(browser, reports, "book/report/staff.html", 375, scripts=False)
    assert page.get_by_text("Primary schools start higher.").is_visible()
    assert page.get_by_text("Secondary schools gain less.").is_visible()
    assert page.locator(".chart-drawing").first.is_visible()
    assert page.get_by_role("link", name="Pupil survey").first.is_visible()
    assert all(url.startswith(("file:", "data:")) for url in requests)
    page.context.close()


def test_print_shows_drawings_and_all_tabs(browser: Browser, reports: Path) -> None:
    page, _, _ = opened(browser, reports, "book/report/staff.html", 1280)
    page.emulate_media(media="print")
    assert page.locator(".chart-drawing").first.is_visible()
    assert page.get_by_text("Secondary schools gain less.").is_visible()
    assert not page.locator(".sidebar").is_visible()
    page.context.close()


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages of a school's session pack, as a draft."""
    folder = tmp_path_factory.mktemp("pack")
    shown = many(BESIDE, (SUBSCALES[0], 0.8, 0.0001)) + many(PAIRED, (SUBSCALES[0], 0.6, 0.0001))
    page, brand = page_of(shown, name="Alder"), Brand()
    areas = ("Understanding of resilience", "Families and community")
    made = [*session.slides(page), session.Slide("rate", "What next", "Where are we?", rate=areas)]
    for name, text in {
        "slides": pack_pages.slides(page, made, brand, DRAFT),
        "handout": pack_pages.handout(page, session.handout(page), brand, DRAFT),
        "self-assessment": pack_pages.assessment(page, areas, brand),
    }.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_session_pack_has_no_violations(
    browser: Browser, pack: Path, scheme: Literal["light", "dark"], width: int
) -> None:
    viewport: ViewportSize = {"width": width, "height": 900}
    context = browser.new_context(viewport=viewport, color_scheme=scheme)
    page = context.new_page()
    for path in sorted(pack.glob("*.html")):
        page.goto(path.as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        found = Axe().run(page, options={**RULES, "runOnly": [*RULES["runOnly"], "best-practice"]})
        assert [
            (rule["id"], rule["nodes"][0]["html"]) for rule in found.response["violations"]
        ] == [], path.name
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path.name
        # A page by night is dark: it would have no violations if it stayed light, either.
        shade = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (shade == "rgb(255, 255, 255)") == (scheme == "light"), path.name
    context.close()
