"""Which sections a unit's report has something to show in."""

from __future__ import annotations

from analysis.present import school_audit, value_creation
from analysis.present.page import Page


def shown(page: Page) -> dict[str, bool]:
    """By section, whether the unit has released results for it; a survey's begin with its id.

    A section without any is left out of the report, or says why it is empty.
    """
    sections: dict[str, bool] = {}
    for survey in page.study.surveys:
        instrument, score = survey.headline.split(".")
        own = page.compared[0]
        level = (survey.id, instrument, "level", score)
        sections[f"{survey.id}-level"] = any(
            page.shows(own, *level, wave, "mean") for wave in page.study.pair_of_waves
        )
        sections[f"{survey.id}-change"] = page.shows(
            None, survey.id, instrument, "paired", score, page.waves, "difference"
        )
        sections[f"{survey.id}-items"] = any(
            page.shows(own, survey.id, each, "items", item.code, page.study.followup, "favourable")
            for each in survey.instruments
            for item in page.instruments[each].items
        )
    if page.is_school:
        sections["plan"] = not page.texts_of("plan").empty
        sections["readiness"] = not page.texts_of("readiness").empty
        sections["audit"] = school_audit.own_audit(page) is not None
        sections["needs"] = school_audit.counts_needs(page)
        sections["value"] = value_creation.has_own(page)
        sections["stories"] = bool(value_creation.own_stories_of(page))
    return sections
