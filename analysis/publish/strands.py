"""What a study has beside its surveys, and which notebooks and chapters that is for.

A strand is a source of evidence: interviews, action plans, school records and so on. What needs a
strand that the study does not have is not run, and not in its report.
"""

from __future__ import annotations

from collections.abc import Callable

from analysis.study import Study


def _interviews(study: Study) -> bool:
    has_text = study.tables.segments or study.coded_text
    return study.codebook is not None and bool(has_text)


#: Strands, and whether a study has them.
STRANDS: dict[str, Callable[[Study], bool]] = {
    "interviews": _interviews,
    "perceived": lambda study: any(survey.perceived_change for survey in study.surveys),
    "open_answers": lambda study: study.tables.open_answers is not None,
    "facilitators": lambda study: study.tables.facilitator_survey is not None,
    "groups": lambda study: study.tables.focus_groups is not None,
    "plans": lambda study: study.tables.action_plans is not None,
    "readiness": lambda study: study.tables.readiness is not None,
    "audit": lambda study: study.tables.whole_school_audit is not None,
    "needs": lambda study: study.tables.needs is not None,
    "outcomes": lambda study: study.tables.outcomes is not None,
    "value": lambda study: study.value_creation is not None,
    "published": lambda study: (
        (study.folder / "published").is_dir() or (study.folder / "claims.yaml").exists()
    ),
}
AROUND_SCHOOLS = ("facilitators", "groups", "plans", "readiness", "audit", "needs", "open_answers")
#: Notebooks that are for a strand: they run where the study has one of these. Others always run.
NOTEBOOKS: dict[str, tuple[str, ...]] = {
    "voices": ("interviews", "perceived", "open_answers"),
    "system": AROUND_SCHOOLS,
    "outcomes": ("outcomes",),
    "value": ("value",),
    "reproduction": ("published",),
}


def has(study: Study, strand: str) -> bool:
    """Whether the study has a strand; ``KeyError`` if there is no such strand."""
    return STRANDS[strand](study)


def applies(notebook: str, study: Study) -> bool:
    """Whether a notebook asks about anything that the study has."""
    needed = NOTEBOOKS.get(notebook, ())
    return not needed or any(has(study, strand) for strand in needed)
