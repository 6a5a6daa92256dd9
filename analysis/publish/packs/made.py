"""A unit's pack in its folder, with a manifest; what its numbers are, for the attacker.

A pack shows what the unit's report shows, so it is a draft, and says so wherever results stand,
until that report is approved.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from analysis import forms, resources
from analysis.disclosure import store
from analysis.forms.asked import Material
from analysis.language import gettext
from analysis.places import inside, project_root
from analysis.present import open_page, school_audit, session
from analysis.present.page import Page, kept_open
from analysis.present.session import Slide
from analysis.present.shown import recorded
from analysis.publish import attacked, check, incremental, manifest, rendering, signing
from analysis.publish.builtin import brand as brands
from analysis.publish.builtin.dialect import Source
from analysis.publish.packs import pages, paper, slides
from analysis.publish.stage import DEFAULT_BRAND, DRAFT
from analysis.study import Study


def make(page: Page, site: Path, material: Material) -> list[Path]:
    """Make a unit's pack, check it, and put it in its place; its files.

    Raises
    ------
    AnalystError
        If it holds what may not leave; the pack before stays then.
    """
    place = rendering.pack(site, page.study, page.unit)
    draft = is_draft(page, site)
    rendering.put(place, lambda making: _write(page, making, material, draft))
    return sorted(path for path in place.iterdir() if path.name != manifest.FILE)


def _write(page: Page, folder: Path, material: Material, draft: bool) -> None:
    brand = _brand(page.study)
    made = _in_colours(session.slides(page), brand)
    said = gettext(DRAFT) if draft else ""
    charts = {each.id: [paper.picture(page, brand, f.svg) for f in each.figures] for each in made}
    (folder / "slides.pptx").write_bytes(slides.write(page, made, charts, brand, said))
    (folder / "slides.html").write_text(pages.slides(page, made, brand, said), encoding="utf-8")
    short = _in_colours(session.handout(page), brand)
    (folder / "handout.html").write_text(pages.handout(page, short, brand, said), encoding="utf-8")
    (folder / "handout.pdf").write_bytes(paper.handout(page, short, brand, said))
    # Blank forms show no results that anybody could approve.
    if areas := school_audit.areas(page):
        text = pages.assessment(page, areas, brand)
        (folder / "self-assessment.html").write_text(text, encoding="utf-8")
    if page.is_school and (blank := forms.self_assessment(material, page.unit)):
        (folder / "self-assessment.xlsx").write_bytes(blank)
    manifest.write(folder, page, _inputs(page), {"pack": "session"}, draft=draft)
    check.check(folder, page)


def _in_colours(made: Sequence[Slide], brand: brands.Brand) -> list[Slide]:
    """Slides with their charts in a brand's colours and typeface."""
    return [
        replace(
            slide,
            figures=tuple(replace(f, svg=brand.recoloured(f.svg)) for f in slide.figures),
        )
        for slide in made
    ]


def _inputs(page: Page) -> dict[str, str]:
    """What a pack is made from: the unit's released rows, and the code."""
    processed = store.processed(page.study)
    found = incremental.released_files(processed / "released", page.unit)
    return {"code": incremental.code_hash()} | {f"released {n}": h for n, h in found.items()}


def is_draft(page: Page, site: Path) -> bool:
    """Whether the report that shows what a pack shows now is not approved."""
    if signing.state(page.study, site, page.unit).state != signing.APPROVED:
        return True
    report = manifest.read(rendering.destination(site, page.study, page.unit))["inputs"]
    return not _inputs(page).items() <= report.items()


def stale(page: Page, site: Path) -> str:
    """Why a unit's pack is not as it would be made now; nothing if it is."""
    found = manifest.read(rendering.pack(site, page.study, page.unit))
    if found["inputs"] != _inputs(page):
        return "is made from another release than is there now"
    draft = is_draft(page, site)
    if found["draft"] != draft:
        said = "does not say that it is a draft" if draft else "still says that it is a draft"
        return f"{said}, and its report is {'not ' if draft else ''}approved"
    return ""


def record(page: Page) -> None:
    """Keep which numbers the pack shows, for the attack on everything that is shown."""
    parts = [
        part for each in (*session.slides(page), *session.handout(page)) for part in each.parts()
    ]
    path = attacked.pack_record(page.study, page.unit)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(recorded((part, None, None) for part in parts), encoding="utf-8")


def _brand(study: Study) -> brands.Brand:
    """The study's colours, or the package's own."""
    path = (
        study.path(study.brand)
        if study.brand
        else resources.find(project_root(study.folder), DEFAULT_BRAND)
    )
    source = Source(path.name, path.parent, path.read_text(encoding="utf-8"))
    return brands.read(source, lambda name: inside(path.parent, *Path(name).parts))


def of_units(
    study: Study,
    units: Sequence[str],
    report: Callable[[str, list[Path]], None] = lambda unit, files: None,
) -> None:
    """Make the session packs of units from what is released.

    ``report`` is called with each unit and its files.
    """
    material = Material.read(study, forms.period(study))
    site = rendering.site(project_root(study.folder))
    for unit in units:
        with kept_open():
            page = open_page(unit, str(study.folder.resolve()), study.edition.id, study.baseline,
                             study.followup)  # fmt: skip
            files = make(page, site, material)
            record(page)
            report(unit, files)
