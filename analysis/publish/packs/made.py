"""A unit's pack in its folder, with a manifest; what its numbers are, for the attacker."""

from __future__ import annotations

from pathlib import Path

from analysis import forms, resources
from analysis.disclosure import store
from analysis.forms.asked import Material
from analysis.places import project_root
from analysis.present import school_audit, session
from analysis.present.page import Page
from analysis.present.shown import recorded
from analysis.publish import attacked, check, incremental, manifest, rendering
from analysis.publish.builtin import brand as brands
from analysis.publish.builtin.dialect import Source
from analysis.publish.packs import pages, paper, slides
from analysis.publish.stage import DEFAULT_BRAND
from analysis.study import Study


def make(page: Page, site: Path, material: Material) -> list[Path]:
    """Make a unit's pack, check it, and put it in its place; its files.

    Raises
    ------
    AnalystError
        If it holds what may not leave; the pack before stays then.
    """
    place = rendering.pack(site, page.study, page.unit)
    rendering.put(place, lambda making: _write(page, making, material))
    return sorted(path for path in place.iterdir() if path.name != manifest.FILE)


def _write(page: Page, folder: Path, material: Material) -> None:
    made, brand = session.slides(page), _brand(page.study)
    charts = {each.id: [paper.picture(f.svg) for f in each.figures] for each in made}
    (folder / "slides.pptx").write_bytes(slides.write(page, made, charts, brand))
    (folder / "slides.html").write_text(pages.slides(page, made, brand), encoding="utf-8")
    short = session.handout(page)
    (folder / "handout.html").write_text(pages.handout(page, short, brand), encoding="utf-8")
    (folder / "handout.pdf").write_bytes(paper.handout(page, short, brand))
    if areas := school_audit.areas(page):
        text = pages.assessment(page, areas, brand)
        (folder / "self-assessment.html").write_text(text, encoding="utf-8")
    if page.is_school and (blank := forms.self_assessment(material, page.unit)):
        (folder / "self-assessment.xlsx").write_bytes(blank)
    manifest.write(folder, page, _inputs(page), {"pack": "session"})
    check.check(folder, page)


def _inputs(page: Page) -> dict[str, str]:
    """What a pack is made from: the unit's released rows, and the code."""
    processed = store.processed(page.study)
    found = incremental.released_files(processed / "released", page.unit)
    return {"code": incremental.code_hash()} | {f"released {n}": h for n, h in found.items()}


def stale(page: Page, place: Path) -> bool:
    """Whether a pack is made from another release or code than is there now."""
    return bool(manifest.read(place)["inputs"] != _inputs(page))


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
    return brands.read(source, lambda name: path.parent / name)
