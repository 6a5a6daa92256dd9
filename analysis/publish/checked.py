"""The reports of an edition checked together, with their session packs and forms."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from analysis import prepare as preparing
from analysis.disclosure import store
from analysis.errors import AnalystError, Collected
from analysis.places import project_root
from analysis.present import open_page
from analysis.present.page import Page
from analysis.publish import check as checking
from analysis.publish import rendering
from analysis.study import Study


def edition(study: Study, only: Sequence[str] = ()) -> list[str]:
    """Check the reports of the study's edition, all or those of some units; the units checked;
    and their packs and forms.

    Raises
    ------
    AnalystError
        If nothing of this edition is made, a report is missing, or one fails the check: all that
        is wrong, at once.
    """
    site = rendering.site(project_root(study.folder))
    every = store.units(preparing.schools.read(study))
    units = list(only) or every
    places = {unit: rendering.destinations(site, study, unit) for unit in units}
    checked = [unit for unit in units if any(place.is_dir() for place in places[unit])]
    if checked:
        mistakes = Collected()
        whole = checking.site(
            rendering.edition(site, study),
            units,
            {u: rendering.destinations(site, study, u) for u in every},
        )
        if whole:
            mistakes.add(
                AnalystError(
                    f"The edition {study.edition.id} is not whole:\n    " + "\n    ".join(whole),
                    where=str(rendering.edition(site, study)),
                    fix="Make all reports (drp render), and take away what does not belong there.",
                )
            )
        for unit in checked:
            page = open_page(unit, str(study.folder.resolve()))
            for place in filter(Path.is_dir, places[unit]):
                with mistakes.also():
                    checking.check(place, page)
            with mistakes.also():
                _check_session(study, site, page)
        mistakes.raise_any()
    else:
        raise AnalystError(
            f"No report of the edition {study.edition.id} is published yet.",
            where=str(rendering.edition(site, study)),
            fix="Run drp render first.",
        )
    return checked


def _check_session(study: Study, site: Path, page: Page) -> None:
    """Check a unit's session pack and a school's form, where they are made."""
    from analysis.forms import form
    from analysis.publish import packs

    place = rendering.pack(site, study, page.unit)
    if place.is_dir():
        checking.check(place, page)
        if why := packs.stale(page, site):
            raise AnalystError(
                f"The session pack of {page.unit} {why}.",
                where=str(place),
                fix="Make it again: drp pack. Or take the folder away.",
            )
    if page.is_school and (path := form(study, page.unit)).exists():
        checking.form(path, page)
