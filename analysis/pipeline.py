"""The whole flow on one screen: raw exports in, reports out.

sources → prepare → compute → release → notebooks → render → check
"""

from __future__ import annotations

import gc
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal

import pandas as pd

from analysis import prepare as preparing
from analysis.disclosure import decide, store
from analysis.errors import AnalystError
from analysis.places import inside, project_root
from analysis.prepare import Prepared, withdrawal
from analysis.present import open_page
from analysis.present.page import Page, kept_open
from analysis.publish import attacked, check, cluster, incremental, notebooks, rendering, stage
from analysis.results import COHORT, pair
from analysis.study import Study, key_folder

Format = Literal["html", "pdf"]
#: Shares of the programme's notebooks, which together take as long as several schools' reports.
SHARES = 4
#: Objects left over from units done before, from which on they are looked for: two schools' or so.
MUCH = 250_000
#: Rows of a release, by unit and id.
Rows = set[tuple[str, str]]


def prepare(study: Study) -> Prepared:
    """Read, check, link and score the study's exports; write the processed data."""
    return preparing.prepare(study, key_folder(study), folder=store.processed(study))


def withdraw(study: Study, code: str, survey: str = "", school: str = "") -> pd.DataFrame:
    """Remove one person from everything processed: see :func:`withdrawal.withdraw`.

    Results and executed notebooks still count that person, so they go altogether.
    """
    processed = store.processed(study)
    found = withdrawal.withdraw(
        study, code, key_folder(study), processed, survey=survey, school=school
    )
    for name in ("ledger", "released", "notebooks", "projects", incremental.STATE):
        shutil.rmtree(inside(processed, name), ignore_errors=True)
    return found


def release(study: Study) -> pd.DataFrame:
    """Prepare, compute everything, decide what may leave, and write the release of every unit.

    Nothing is released while a sentence marked as a finding is contradicted by the data.
    """
    # Only here: statistics take seconds to import, and what is released already needs none.
    from analysis import claims, reproduction
    from analysis.compute import compute, prints

    record, inputs = _release_record(study)
    record.unlink(missing_ok=True)
    settings = incremental.together(_settings(study))
    before = store.before(study, settings)
    prepared = prepare(study)
    decided = decide(compute(prepared, before), study)
    sentences = claims.load(study)
    if sentences is not None:
        claims.check_findings(sentences, decided, study)
    store.write(prepared, decided, settings, prints(prepared))
    reproduction.write(study, decided)
    made = incremental.sizes((store.processed(study) / "released").iterdir())
    incremental.write(record, {"inputs": inputs, "made": made})
    return decided


def _settings(study: Study) -> incremental.Hashes:
    """Everything but data that results are computed from."""
    root, folder = project_root(study.folder), study.folder
    files = [folder / "study.yaml", *(folder / "instruments").glob("*.yaml")]
    return {
        **incremental.common(root),
        **incremental.hashes(folder, files),
        "waves": pair(study.baseline, study.followup),
    }


def is_released(study: Study) -> bool:
    """Whether there is a release already of just these exports, code and lock."""
    record, inputs = _release_record(study)
    before = incremental.read(record)
    return before.get("inputs") == inputs and incremental.still_there(before["made"])


def _release_record(study: Study) -> tuple[Path, incremental.Hashes]:
    """Where it is noted what the release was made from, and what it would be made from now."""
    waves = (study.baseline, study.followup)
    inputs = incremental.data_inputs(study.folder.resolve(), project_root(study.folder), waves)
    return store.processed(study) / incremental.STATE / "release.json", inputs


@dataclass(frozen=True)
class Made:
    """One unit's report: its files, and why it was made; no reason if it was left as it is."""

    files: list[Path]
    reasons: list[str]


@dataclass
class Outcome:
    """What became of the units: where each report is, or why it is not."""

    renderer: Literal["quarto", "pandoc"]
    released: pd.DataFrame | None = None
    made: dict[str, Made] = field(default_factory=dict)
    failed: dict[str, AnalystError] = field(default_factory=dict)


def render(
    study: Study,
    units: Sequence[str],
    formats: Sequence[Format] = ("html", "pdf"),
    renderer: rendering.Renderer = "auto",
    jobs: int = 2,
    report: Callable[[str], None] = lambda unit: None,
    *,
    released: Callable[[pd.DataFrame | None], None] = lambda decided: None,
    engine: notebooks.Engine = "warm",
    address: str = "",
    time_limit: float = cluster.TIME_LIMIT,
) -> Outcome:
    """Release what is to be released, then make the report of each unit, where anything changed.

    A unit that fails does not stop the others. ``released`` is called with the new results, or
    with nothing where the release is kept; ``report`` with each unit done. For ``jobs``,
    ``address`` and ``time_limit`` see :mod:`analysis.publish.cluster`.
    """
    root = project_root(study.folder)
    outcome = Outcome(rendering.chosen(renderer))
    task = UnitTask(study, root, tuple(formats), outcome.renderer, engine)
    notes = store.processed(study) / incremental.STATE / "at_work"
    kept = is_released(study)
    waiting = []
    for unit in units:
        if kept and (made := task.untouched(unit)):
            outcome.made[unit] = made
            report(unit)
        else:
            waiting.append(unit)
    if not waiting:
        released(None)
        return outcome
    # The workers start while the release is made.
    code = incremental.code_hash()
    with cluster.workers(min(jobs, len(waiting)), address, code, _import_once) as client:
        outcome.released = None if kept else release(study)
        released(outcome.released)
        for unit, result in cluster.each(task, waiting, client, notes, time_limit, task.shares):
            if isinstance(result, AnalystError):
                outcome.failed[unit] = result
            else:
                outcome.made[unit] = result
            report(unit)
    return outcome


def _import_once() -> None:
    """What a worker does when it starts: import what every unit needs."""
    from analysis.publish.shell import warm_up

    warm_up()


@dataclass(frozen=True)
class UnitTask:
    """Everything that is done for one unit, as one piece of work that can run anywhere."""

    study: Study
    root: Path
    formats: tuple[Format, ...]
    renderer: Literal["quarto", "pandoc"]
    engine: notebooks.Engine

    def __call__(self, unit: str, asked_for: Sequence[Rows] = ()) -> Made:
        """Make one unit's report, or as much of it as has changed.

        ``asked_for`` are the rows that its notebooks asked for, if shares of them have run.
        """
        with _undisturbed():
            return self._make(unit, asked_for)

    def shares(self, unit: str) -> list[Share]:
        """Parts of a unit's notebooks that can run beside each other: the programme's alone."""
        if unit != COHORT or self.engine == "stock":
            return []
        return [
            Share(self, unit, tuple(runs)) for runs in notebooks.shares(self._runs(unit), SHARES)
        ]

    def untouched(self, unit: str) -> Made | None:
        """The unit's report as it is, if nothing at all has changed (and if so, at once)."""
        report = incremental.Report(self._record(unit))
        if report.untouched(self._causes(unit), incremental.released_files(self._released, unit)):
            return Made(report.documents, [])
        return None

    @property
    def _released(self) -> Path:
        return store.processed(self.study) / "released"

    def _record(self, unit: str) -> Path:
        return incremental.report_record(store.processed(self.study), unit)

    def _causes(self, unit: str) -> incremental.Hashes:
        """Everything but released rows that the unit's report is made from."""
        study = self.study
        causes = incremental.report_causes(
            study.folder.resolve(), self.root, self._released, unit, unit != COHORT, study.brand
        )
        causes["format"] = f"{','.join(self.formats)} by {self.renderer}"
        causes["pair of waves"] = pair(study.baseline, study.followup)
        return causes

    def _runs(self, unit: str) -> list[notebooks.Run]:
        processed = store.processed(self.study)
        return notebooks.runs(self.root / "notebooks", processed, unit)

    def open(self, unit: str) -> Page:
        """The unit's page, for as long as its report is being made."""
        study = self.study
        return open_page(
            unit, str(study.folder.resolve()), study.edition.id, study.baseline, study.followup
        )

    def reasons(self, page: Page) -> list[str]:
        """Why a unit's report has to be made again."""
        report = incremental.Report(self._record(page.unit))
        return report.reasons(self._causes(page.unit), page.rows)

    def keeps_notebooks(self, unit: str, reasons: list[str]) -> bool:
        """Whether the notebooks executed last will do."""
        there = all(run.target.exists() for run in self._runs(unit))
        return incremental.only_pages(reasons) and there

    def _make(self, unit: str, asked_before: Sequence[Rows]) -> Made:
        study, processed = self.study, store.processed(self.study)
        page = self.open(unit)
        causes = self._causes(unit)
        report = incremental.Report(self._record(unit))
        reasons = report.reasons(causes, page.rows)
        files = incremental.released_files(self._released, unit)
        if not reasons:
            report.seen(files)
            return Made(report.documents, [])
        report.forget()
        asked_for: Rows = set().union(*asked_before)
        if self.keeps_notebooks(unit, reasons):
            asked_for |= report.asked_for
        elif not asked_before or not all(asked_before):
            # No shares, or one that kept its notebooks before an attempt at the rest ended here.
            page.rows.read.clear()
            for run in self._runs(unit):
                notebooks.execute(run, study, self.engine)
            # What a process of its own asked for is not known here.
            asked_for = {incremental.EVERY_ROW} if self.engine == "stock" else set(page.rows.read)
        project = stage.stage(
            page,
            self.root,
            inside(processed, "notebooks", unit),
            inside(processed, "projects", unit),
            self.formats,
            self.renderer,
        )
        place = rendering.destination(self.root / "report" / "_site", study, unit)
        made = rendering.render(
            project, place, study, self.formats, self.renderer, partial(check.check, page=page)
        )
        shutil.rmtree(project)
        report.made(causes, page.rows, asked_for | page.rows.read, files, made, place)
        return Made(made, reasons)


@dataclass(frozen=True)
class Share:
    """Some of a unit's notebooks, run on any worker before the rest of its report is made."""

    task: UnitTask
    unit: str
    runs: tuple[notebooks.Run, ...]

    def __call__(self, unit: str) -> Rows:
        """Run them if the report is to be made from new ones; the rows that they asked for."""
        task = self.task
        with _undisturbed():
            page = task.open(unit)
            reasons = task.reasons(page)
            if not reasons or task.keeps_notebooks(unit, reasons):
                return set()
            page.rows.read.clear()
            for run in self.runs:
                notebooks.execute(run, task.study, task.engine)
            return set(page.rows.read)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Work on one unit: its pages stay open, and no time goes on looking for garbage.

    A report is a tree of millions of objects that all live until it is written: to look through
    them for garbage again and again takes a third of the time. What is left of the units before
    goes first, once there is much of it, so that memory does not grow and nobody waits at the end.
    """
    if gc.get_count()[0] > MUCH:
        gc.collect()
    gc.disable()
    try:
        with kept_open():
            yield
    finally:
        gc.enable()


def attack(study: Study) -> tuple[pd.DataFrame, Path]:
    """Attack the reports made last, all together: see :func:`attacked.attack`."""
    return attacked.attack(study, store.units(preparing.schools.read(study)))


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
