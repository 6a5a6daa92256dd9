"""The whole flow on one screen: raw exports in, reports out.

    sources → prepare → compute → release → notebooks → render → check
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal

import pandas as pd

from analysis import prepare as preparing
from analysis.compute import compute
from analysis.disclosure import decide, store
from analysis.errors import AnalystError
from analysis.prepare import Prepared
from analysis.present import open_page
from analysis.publish import check, notebooks, parallel, rendering, stage
from analysis.study import Study, key_folder, project_root

Format = Literal["html", "pdf"]


def prepare(study: Study) -> Prepared:
    """Read, check, link and score the study's exports; write the processed data."""
    prepared = preparing.prepare(study, key_folder(study))
    preparing.write(prepared, store.processed(study))
    return prepared


def release(study: Study) -> pd.DataFrame:
    """Prepare, compute everything, decide what may leave, and write the release of every unit."""
    prepared = prepare(study)
    decided = decide(compute(prepared), study)
    store.write(prepared, decided)
    return decided


@dataclass
class Outcome:
    """What became of the units: where each report is, or why it is not."""

    renderer: str
    made: dict[str, list[Path]] = field(default_factory=dict)
    failed: dict[str, AnalystError] = field(default_factory=dict)


def render(
    study: Study,
    units: Sequence[str],
    formats: Sequence[Format] = ("html", "pdf"),
    renderer: rendering.Renderer = "auto",
    jobs: int = 2,
    report: Callable[[str], None] = lambda unit: None,
) -> Outcome:
    """Run the notebooks of each unit, render its report, check it, and publish it.

    A unit that fails does not stop the others. ``report`` is called with each unit done.
    """
    root = project_root(study.folder)
    outcome = Outcome(rendering.chosen(renderer))
    task = UnitTask(study, root, tuple(formats), outcome.renderer)
    for unit, result in parallel.each(task, units, jobs):
        if isinstance(result, AnalystError):
            outcome.failed[unit] = result
        else:
            outcome.made[unit] = result
        report(unit)
    return outcome


@dataclass(frozen=True)
class UnitTask:
    """Everything that is done for one unit, as one piece of work that can run anywhere."""

    study: Study
    root: Path
    formats: tuple[Format, ...]
    renderer: str

    def __call__(self, unit: str) -> list[Path]:
        """Make one unit's report; its files."""
        processed = store.processed(self.study)
        for run in notebooks.runs(self.root / "notebooks", processed, unit):
            notebooks.execute(run, self.study)
        page = open_page(unit, str(self.study.folder.resolve()), self.study.edition.id,
                         self.study.baseline, self.study.followup)  # fmt: skip
        project = stage.stage(
            page, self.root, processed / "notebooks" / unit, processed / "projects" / unit
        )
        place = rendering.destination(self.root / "report" / "_site", self.study, unit)
        made = rendering.render(
            project, place, self.study, self.formats, self.renderer, partial(check.check, page=page)
        )
        shutil.rmtree(project)
        return made


def check_published(study: Study) -> list[str]:
    """Check every published report of the study's edition; the units checked.

    Raises
    ------
    AnalystError
        If nothing of this edition is published, or a report fails the check.
    """
    site = project_root(study.folder) / "report" / "_site"
    checked = []
    for unit in store.units(preparing.schools.read(study)):
        place = rendering.destination(site, study, unit)
        if place.exists():
            check.check(place, open_page(unit, str(study.folder.resolve())))
            checked.append(unit)
    if not checked:
        raise AnalystError(
            f"No report of the edition {study.edition.id} is published yet.",
            where=str(site / study.edition.id),
            fix="Run drp render first.",
        )
    return checked
