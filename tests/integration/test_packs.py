"""Packs and forms of the demonstration study: made, checked, and shown to the attacker."""

from __future__ import annotations

from pathlib import Path

import pypdf
import pytest

from analysis import forms
from analysis.errors import AnalystError
from analysis.present import open_page, session
from analysis.present.page import Page
from analysis.publish import attacked, check, manifest, packs, rendering
from tests.conftest import Rendered


def page_of(rendered: Rendered, unit: str) -> Page:
    return open_page(unit, str(rendered.study.folder))


@pytest.mark.parametrize("unit", ["cohort", "S01", "S12"])
def test_a_pack_is_whole_and_shows_what_the_report_shows(
    rendered: Rendered, tmp_path: Path, unit: str
) -> None:
    page, study = page_of(rendered, unit), rendered.study
    material = forms.Material.read(study, forms.period(study))
    made = packs.make(page, tmp_path, material)
    names = {path.name for path in made}
    assert {
        "slides.pptx",
        "slides.html",
        "handout.pdf",
        "handout.html",
        "self-assessment.html",
    } <= names
    assert ("self-assessment.xlsx" in names) == page.is_school
    place = rendering.pack(tmp_path, study, unit)
    assert not manifest.differences(place) and not packs.stale(page, tmp_path)
    # Nobody has approved a report here: a pack that says otherwise is named.
    path = place / manifest.FILE
    written = path.read_text(encoding="utf-8")
    path.write_text(written.replace('"draft": true', '"draft": false'), encoding="utf-8")
    assert "does not say that it is a draft" in packs.stale(page, tmp_path)
    path.write_text(written, encoding="utf-8")
    handout = pypdf.PdfReader(place / "handout.pdf")
    assert len(handout.pages) == 1
    assert study.notice.split(":")[0] in " ".join(handout.pages[0].extract_text().split())
    # No number that the unit's notebooks do not show.
    processed = study.folder.parent / "processed" / "notebooks" / unit
    report = {(part.unit, part.id) for part in attacked.recorded(processed)}
    shown = {
        (p.unit, p.id)
        for each in (*session.slides(page), *session.handout(page))
        for p in each.parts()
    }
    assert shown <= report
    again = {path.name: path.read_bytes() for path in made}
    packs.make(page, tmp_path, material)
    assert {path.name: path.read_bytes() for path in made} == again


def test_a_pack_that_names_another_school_is_refused(
    rendered: Rendered, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, study = page_of(rendered, "S01"), rendered.study
    other = str(page.schools.loc[page.schools["id"] != "S01", "name"].iloc[0])
    monkeypatch.setattr(session, "OF_A_SCHOOL", (f"How does {other} do it?",) * 3)
    with pytest.raises(AnalystError, match="names another school"):
        packs.make(page, tmp_path, forms.Material.read(study, forms.period(study)))
    assert not rendering.pack(tmp_path, study, "S01").exists()


def test_forms_are_checked_and_a_strange_entry_is_found(rendered: Rendered, tmp_path: Path) -> None:
    study = rendered.study
    material = forms.Material.read(study, forms.period(study))
    page = page_of(rendered, "S01")
    for school, fits in (("S01", True), ("S14", False)):
        path = tmp_path / "S01.xlsx"
        path.write_bytes(forms.self_assessment(material, school) or b"")
        if fits:
            check.form(path, page)
        else:
            with pytest.raises(AnalystError, match="another school"):
                check.form(path, page)


def test_the_attack_takes_a_packs_numbers_too(rendered: Rendered) -> None:
    study = rendered.study
    before = list(attacked.shown(study, "S01"))
    packs.record(page_of(rendered, "S01"))
    path = attacked.pack_record(study, "S01")
    try:
        added = list(attacked.shown(study, "S01"))[len(before) :]
    finally:
        path.unlink()
    # As they stand in the report, with the same decimals: nothing that was not attacked before.
    assert added and set(added) <= set(before)


def test_only_packs_of_units_may_lie_beside_the_reports(tmp_path: Path) -> None:
    places = {"cohort": [tmp_path / "programme"], "S01": [tmp_path / "schools" / "S01"]}
    for place in ("programme", "schools/S01", "packs/S01", "packs/programme"):
        (tmp_path / place).mkdir(parents=True)
    assert check.site(tmp_path, list(places), places) == []
    (tmp_path / "packs/S99").mkdir()
    assert check.site(tmp_path, list(places), places) == ["packs/S99 is no report of a unit"]
