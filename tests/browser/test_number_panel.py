"""Numbers that say where they come from, and the search: by keyboard, on a phone, without scripts."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("playwright")
pytest.importorskip("axe_playwright_python")

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from analysis.publish import glossary, start_page
from tests.browser.test_accessibility_builtin import ARGUMENTS, RULES
from tests.conftest import ROOT, Rendered

CHROMIUM = shutil.which("chromium")
pytestmark = [pytest.mark.browser]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


def opened(
    browser: Browser, path: Path, width: int = 1280, *, scripts: bool = True
) -> tuple[Page, list[str]]:
    """A page, and the addresses that it asked for."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, java_script_enabled=scripts
    )
    page = context.new_page()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(path.as_uri())
    return page, requests


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.textContent.trim()"))


def test_a_number_is_asked_by_keyboard(browser: Browser, rendered: Rendered) -> None:
    page, requests = opened(browser, rendered.place("S01") / "index.html")
    # The tables behind a school's report are folded away until somebody wants them.
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    table = page.locator("#tbl-change-staff-spsc")
    # One stop for the whole table, at its first number; arrows lead on, and Home and End.
    assert table.locator('.number-asked[tabindex="0"]').count() == 1
    table.locator(".number-asked").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    asked = focused(page)
    page.keyboard.press("Enter")
    panel = page.locator('.number-panel[role="dialog"]')
    assert panel.count() == 1
    assert page.evaluate("document.activeElement.classList.contains('number-panel')")
    said = panel.inner_text()
    assert asked in said
    assert "staff.spsc.paired.total.t1-t2.all.difference" in said
    assert "What changed in the same people?" in said and "staff_survey_t1" in said
    page.keyboard.press("Escape")
    assert panel.count() == 0
    assert focused(page) == asked
    page.keyboard.press("End")
    assert table.locator(".number-asked").last.evaluate("e => e === document.activeElement")
    page.keyboard.press("Space")
    assert panel.count() == 1
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.classList.contains('number-close')")
    page.keyboard.press("Enter")
    assert panel.count() == 0
    assert all(url.startswith(("file:", "data:")) for url in requests)
    page.context.close()


@pytest.mark.parametrize("width", [1280, 320])
def test_an_open_panel_has_no_violations_and_fits(
    browser: Browser, rendered: Rendered, width: int
) -> None:
    page, _ = opened(browser, rendered.place("S01") / "index.html", width)
    page.locator(".number[data-of] .number-asked").first.click()
    violations = Axe().run(page, options=RULES).response["violations"]
    assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in violations] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    box = page.locator(".number-panel").bounding_box()
    assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= width
    page.context.close()


def test_what_is_withheld_says_the_rule_and_no_number(browser: Browser, rendered: Rendered) -> None:
    page, _ = opened(browser, rendered.place("S01") / "index.html")
    page.locator("td .number-asked", has_text="[c]").first.click()
    said = page.locator(".number-panel").inner_text()
    assert "Withheld:" in said or "Said in words:" in said
    assert "95% interval" not in said and "Method" not in said
    page.context.close()


def test_without_scripts_the_page_is_whole_and_nothing_looks_like_a_button(
    browser: Browser, rendered: Rendered
) -> None:
    with_scripts, _ = opened(browser, rendered.place("S01") / "index.html")
    page, _ = opened(browser, rendered.place("S01") / "index.html", scripts=False)
    assert page.locator("main button").count() == 0
    text = "main .prose p, main .prose li, main .prose caption, main .prose td, main .prose th"
    said = [each.locator(text).all_inner_texts() for each in (page, with_scripts)]
    assert said[0] == said[1] and len(said[0]) > 500
    page.context.close()
    with_scripts.context.close()


@pytest.mark.parametrize("width", [1280, 320])
def test_a_word_is_found_from_a_folder_without_a_server(
    browser: Browser, rendered: Rendered, width: int
) -> None:
    folder = rendered.place("cohort")
    page, requests = opened(browser, folder / "chapters" / "survey-staff.html", width)
    field = page.get_by_role("searchbox", name="Search this report")
    field.fill("recommendations")
    assert "found" in page.locator(".report-search [role=status]").inner_text()
    links = page.locator(".report-search li a")
    assert links.count() > 0
    violations = Axe().run(page, options=RULES).response["violations"]
    assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in violations] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    links.first.click()
    page.wait_for_load_state()
    assert "recommend" in page.locator("main").inner_text().lower()
    field = page.get_by_role("searchbox", name="Search this report")
    field.fill("xyzzyq")
    assert page.locator(".report-search [role=status]").inner_text() == "Nothing found."
    assert all(url.startswith(("file:", "data:")) for url in requests)
    page.context.close()


def test_a_term_is_explained_where_it_stands_without_a_script(
    browser: Browser, tmp_path: Path
) -> None:
    terms = {"interval": ("Interval", "A range of values."), "theme": ("Code and theme", "A name.")}
    page = glossary.explained(
        '<!doctype html><html lang="en"><head><title>Page</title>'
        '<link rel="stylesheet" href="beside.css"></head><body><main><h1>Page</h1>'
        "<p>An interval and a theme.</p></main></body></html>",
        terms,
    )
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    shutil.copyfile(ROOT / "_extensions/report/styles/beside.css", tmp_path / "beside.css")
    shown, _ = opened(browser, tmp_path / "page.html", 390, scripts=False)
    assert not shown.get_by_text("A range of values.").is_visible()
    shown.keyboard.press("Tab")
    shown.keyboard.press("Enter")
    assert shown.get_by_text("A range of values.").is_visible()
    shown.keyboard.press("Escape")
    assert not shown.get_by_text("A range of values.").is_visible()
    shown.get_by_role("button", name="theme").click()
    assert shown.get_by_text("A name.").is_visible()
    shown.emulate_media(media="print")
    assert not shown.get_by_text("A name.").is_visible()
    with_scripts, _ = opened(browser, tmp_path / "page.html")
    with_scripts.get_by_role("button", name="interval").click()
    assert not Axe().run(with_scripts, options=RULES).response["violations"]


def test_a_long_list_of_reports_is_searched_without_a_server(
    browser: Browser, tmp_path: Path
) -> None:
    for number in range(start_page.LONG + 1):
        place = tmp_path / f"site/a/2018/schools/S{number:03}/index.html"
        place.parent.mkdir(parents=True)
        name = "Ysgol Môr" if number == 7 else f"School {number}"
        place.write_text(f"<title>{name}</title>", encoding="utf-8")
    start_page.write(tmp_path / "site", ROOT)
    page, requests = opened(browser, tmp_path / "site" / "index.html", 320)
    page.get_by_label("Find a report").fill("ysgol mor")
    assert page.locator("main li:visible").all_inner_texts() == ["Ysgol Môr"]
    assert page.get_by_role("status").inner_text().startswith("1 of 101")
    assert not Axe().run(page, options=RULES).response["violations"]
    assert all(address.startswith("file:") for address in requests)
    page, _ = opened(browser, tmp_path / "site" / "index.html", scripts=False)
    assert page.locator("main li:visible").count() == start_page.LONG + 1


def test_a_number_stays_on_the_line_of_its_bracket_and_sign(
    browser: Browser, rendered: Rendered
) -> None:
    page, _ = opened(browser, rendered.place("cohort") / "index.html", 320)
    torn = """() => {
      const middle = (place) => { const at = place.getBoundingClientRect(); return (at.top + at.bottom) / 2; };
      const of = (text, from) => {
        const range = document.createRange();
        range.setStart(text, from);
        range.setEnd(text, from + 1);
        return range;
      };
      return Array.from(document.querySelectorAll('main .number > .number-asked')).filter((button) => {
        const { previousSibling: before, nextSibling: after } = button.parentNode;
        const opens = before && before.nodeType === 3 && before.data.endsWith('(');
        const closes = after && after.nodeType === 3 && /^[%)]/.test(after.data);
        return (opens && middle(of(before, before.data.length - 1)) < middle(button) - 9)
          || (closes && middle(of(after, 0)) > middle(button) + 9);
      }).length;
    }"""
    assert page.locator("main .number > .number-asked").count() > 5
    # Whatever the width, so that some line ends just there.
    for width in range(320, 420, 10):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(torn) == 0, width
