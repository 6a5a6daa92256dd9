"""Which sections a unit's report has something to show in."""

from __future__ import annotations

from analysis.present import delivery, school_audit, value_creation
from analysis.present.page import Page


def shown(page: Page) -> dict[str, bool]:
    """By section, whether the unit has released results for it.

    A section without any is left out of the report, or says why it is empty.
    """
    sections: dict[str, bool] = {}
    for survey in page.study.surveys:
        name = "staff" if survey.population == "staff" else "pupil"
        instrument, score = survey.headline.split(".")
        own = page.compared[0]
        level = (survey.id, instrument, "level", score)
        sections[f"{name}-level"] = any(
            page.shows(own, *level, wave, "mean")
            for wave in (page.study.baseline, page.study.followup)
        )
        sections[f"{name}-change"] = page.shows(
            None, survey.id, instrument, "paired", score, page.waves, "difference"
        )
        sections[f"{name}-items"] = any(
            page.shows(own, survey.id, each, "items", item.code, page.study.followup, "favourable")
            for each in survey.instruments
            for item in page.instruments[each].items
        )
    if page.is_school:
        sections["delivery"] = delivery.delivered(page) is not None
        sections["plan"] = not page.texts_of("plan").empty
        sections["readiness"] = not page.texts_of("readiness").empty
        sections["audit"] = bool(school_audit.own_audit(page).rows)
        sections["needs"] = school_audit.counts_needs(page)
        sections["value"] = value_creation.has_own(page)
        sections["stories"] = bool(value_creation.own_stories_of(page))
    return sections
