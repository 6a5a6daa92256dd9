"""The term's cycle: where a study stands, and what a new wave or edition needs."""

from __future__ import annotations

from analysis.study import Study


def newest(study: Study) -> str:
    """That the reports do not compare with the newest wave; empty if they do.

    Of a study with one wave so far there is nothing to compare.
    """
    last = study.waves[-1].id
    if not study.compares or study.followup == last:
        return ""
    return (
        f"The reports compare {study.baseline} with {study.followup}. {last} is newer: "
        f"drp render --followup {last} compares with it once, 'followup: {last}' in study.yaml "
        "always."
    )
