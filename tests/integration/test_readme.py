"""The README's first screen and its table are true."""

from __future__ import annotations

import re

from analysis.disclosure import store
from analysis.present import open_page, plans, tables
from analysis.present.page import Page
from tests.conftest import ROOT, Rendered

SECTIONS = {
    "staff: levels": "staff-level",
    "staff: change in the same people": "staff-change",
    "pupils: levels": "pupil-level",
    "pupils: change in the same people": "pupil-change",
    "an action plan": "plan",
}


def shown(page: Page) -> dict[str, bool]:
    """Which sections a school's report has something to show in."""
    found = {"plan": plans.own_plan(page) is not None}
    for survey in page.study.surveys:
        name = "staff" if survey.population == "staff" else "pupil"
        instrument, score = survey.headline.split(".")
        at = (survey.id, instrument, "level", score)
        waves = (page.study.baseline, page.study.followup)
        own = page.compared[0]
        found[f"{name}-level"] = any(page.shows(own, *at, wave, "mean") for wave in waves)
        found[f"{name}-change"] = tables.change(page, survey.id, instrument) is not None
    return found


def test_how_many_schools_show_each_section(rendered: Rendered) -> None:
    saved = store.read(rendered.study, "cohort")
    assert saved is not None
    counts = dict.fromkeys(SECTIONS.values(), 0)
    for school in saved.schools["id"]:
        flags = shown(open_page(school, str(rendered.study.folder)))
        for section in counts:
            counts[section] += flags[section]
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    stated = {
        section: int(match.group(1))
        for words, section in SECTIONS.items()
        if (match := re.search(rf"^\| {re.escape(words)} \| (\d+) of 20 \|$", text, re.MULTILINE))
    }
    assert stated == counts
    # Different on purpose: enough schools with change, some with levels only, one with neither.
    assert counts["staff-change"] >= 8
    assert counts["pupil-change"] >= 6
    assert counts["staff-level"] - counts["staff-change"] >= 3


def test_the_two_commands_are_on_the_first_screen() -> None:
    first = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()[:12]
    assert any(line.startswith("make report") for line in first)
    assert any(line.startswith("make test") for line in first)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"^report:", makefile, re.MULTILINE)
    assert re.search(r"^test:", makefile, re.MULTILINE)
    assert "make test" in (ROOT / ".ci/run").read_text(encoding="utf-8")
