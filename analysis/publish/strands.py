"""What a study has beside its surveys, and which notebooks and chapters that is for.

A strand is a source of evidence: interviews, action plans, school records and so on. What needs a
strand that the study does not have is not run, and not in its report.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from analysis import strands as registry
from analysis.study import Study


def _has_files(strand: str, study: Study) -> bool:
    return bool(study.strands.get(strand))


def _interviews(study: Study) -> bool:
    return study.codebook is not None and bool(study.file("segments") or study.coded_text)


#: What a study may have beside its surveys, and whether it has: the strands, their tables that are
#: shown by themselves, and what comes from a survey or from another report.
STRANDS: dict[str, Callable[[Study], bool]] = {
    **{name: partial(_has_files, name) for name in registry.BY_ID},
    "interviews": _interviews,
    "readiness": lambda study: study.file("readiness") is not None,
    "perceived": lambda study: any(survey.perceived_change for survey in study.surveys),
    "published": lambda study: (
        (study.folder / "published").is_dir() or (study.folder / "claims.yaml").exists()
    ),
}
AROUND_SCHOOLS = (
    "facilitators",
    "focus_groups",
    "plans",
    "readiness",
    "audit",
    "needs",
    "open_answers",
    "context",
)
#: Notebooks that are for a strand: they run where the study has one of these. Others always run.
NOTEBOOKS: dict[str, tuple[str, ...]] = {
    "delivery": ("delivery",),
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
