"""The analyst's own texts beside the results that they speak of."""

from __future__ import annotations

from collections.abc import Sequence

from analysis import releasing, whole
from analysis.disclosure import store
from analysis.places import project_root
from analysis.present import open_page
from analysis.present.page import Page, kept_open, page_of
from analysis.publish import authored
from analysis.study import Study, key_folder


def looked_at(study: Study, reviewed: Sequence[str] = ()) -> list[authored.Text]:
    """The analyst's texts, each with its state (:mod:`analysis.publish.authored`).

    ``reviewed`` are those that were read again and fit the results as they are now.
    """
    if releasing.is_released(study):
        found = judged(study)
    else:
        root, units = project_root(study.folder), store.units(whole.schools(study))
        # Not as a release, which is refused while a text is contradicted.
        settings = releasing.record(study).settings()
        prepared, decided = releasing.decided(
            study,
            lambda: whole.prepared(study, key_folder(study), store.processed(study)),
            settings,
        )

        def opened(unit: str) -> Page:
            return page_of(study, unit, store.provisional(prepared, decided, unit))

        found = authored.looked_at(study, root, units, opened)
    authored.note(study, found, reviewed or None)
    if reviewed:
        return looked_at(study)
    return found


def judged(study: Study) -> list[authored.Text]:
    """The texts with their states by what is released; nothing is noted."""
    units = store.units(whole.schools(study))
    with kept_open():
        return authored.looked_at(
            study, project_root(study.folder), units, lambda unit: _page(study, unit)
        )


def _page(study: Study, unit: str) -> Page:
    return open_page(
        unit, str(study.folder.resolve()), study.edition.id, study.baseline, study.followup
    )
