"""One unit's report: its notebooks run, its chapters laid out, rendered, checked, put in place.

All of it is one piece of work that can run anywhere; nothing of it is done again while nothing has
changed that it is made from.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal

from analysis.disclosure import store
from analysis.language import ENGLISH, lacked, now, spoken
from analysis.places import inside
from analysis.present import open_page
from analysis.present.page import Page, kept_open
from analysis.publish import (
    beside,
    check,
    incremental,
    manifest,
    notebooks,
    rendering,
    signing,
    stage,
    translating,
)
from analysis.results import COHORT, pair
from analysis.study import Study

Format = Literal["html", "pdf"]
#: Shares of the programme's notebooks, which together take as long as several schools' reports.
SHARES = 4
#: Rows of a release, by unit and id.
Rows = set[tuple[str, str]]


@dataclass(frozen=True)
class Made:
    """One unit's report: its files, and why it was made; no reason if it was left as it is."""

    files: list[Path]
    reasons: list[str]


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
        with kept_open(), spoken(self.languages(unit)[0]):
            return self._make(unit, asked_for)

    def languages(self, unit: str) -> tuple[str, ...]:
        """In which a unit's report is written, the main one first: the programme's in that alone."""
        found = self.study.report.languages
        return found[:1] if unit == COHORT else found

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
            study.folder.resolve(), self.root, self._released, unit, unit != COHORT, study.brand,
            study.unused_files,
        )  # fmt: skip
        causes["format"] = f"{','.join(self.formats)} by {self.renderer}"
        causes["pair of waves"] = pair(study.baseline, study.followup)
        causes["approval"] = signing.approved_content(study, unit)
        if translating.others(study):
            causes["translation"] = translating.record(study)
        return causes

    def _runs(self, unit: str) -> list[notebooks.Run]:
        processed = store.processed(self.study)
        return notebooks.runs(self.root, processed, unit, self.study)

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
        """Whether the notebooks executed last will do, in the language that is spoken."""
        there = all(run.target.exists() for run in self._runs(unit))
        return incremental.only_pages(reasons) and there

    def _translated(
        self, unit: str, reasons: list[str]
    ) -> tuple[dict[str, stage.Staged], dict[str, Page]]:
        """The report in its other languages, laid out, with their pages: by language.

        From notebooks of their own, and the same release.
        """
        found, pages = {}, {}
        for language in self.languages(unit)[1:]:
            with spoken(language):
                page = pages[language] = self.open(unit)
                if not self.keeps_notebooks(unit, reasons):
                    for run in self._runs(unit):
                        notebooks.execute(run, self.study, self.engine)
                notebooks.tidy(store.processed(self.study), unit, self.study, self._runs(unit))
                (made,) = self._staged(page)
                notebooks.write_named(self._executed(unit), made.book.numbers)
                found[language] = made
        return found, pages

    def _executed(self, unit: str) -> Path:
        return notebooks.executed(store.processed(self.study), unit, self.study)

    def _staged(self, page: Page) -> list[stage.Staged]:
        """A unit's report laid out in the language that is spoken."""
        processed = store.processed(self.study)
        folder = inside(processed, "projects", page.unit)
        if now() != self.languages(page.unit)[0]:
            folder = inside(processed, "languages", now(), "projects", page.unit)
        return stage.stage(
            page,
            self.root,
            self._executed(page.unit),
            folder,
            self.formats,
            self.renderer,
        )

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
        for language in self.languages(unit):
            lacked(language).clear()
        if kept := self.keeps_notebooks(unit, reasons):
            asked_for |= report.asked_for
        elif not asked_before or not all(asked_before):
            # No shares, or one that kept its notebooks before an attempt at the rest ended here.
            page.rows.read.clear()
            for run in self._runs(unit):
                notebooks.execute(run, study, self.engine)
            # What a process of its own asked for is not known here.
            asked_for = {incremental.EVERY_ROW} if self.engine == "stock" else set(page.rows.read)
        notebooks.tidy(processed, unit, study, self._runs(unit))
        staged = self._staged(page)
        others, pages = self._translated(unit, reasons)
        pages[now()] = page
        notebooks.write_named(self._executed(unit), staged[0].book.numbers)
        if others:
            staged = [replace(staged[0], others=others)]
        content = stage.content(staged)
        draft = causes["approval"] != content
        for each in staged if draft else ():
            stage.mark_as_draft(each)
        site = rendering.site(self.root)
        places = [
            (each, rendering.destination(site, study, unit, each.book.document)) for each in staged
        ]
        made = rendering.render(
            places, study, self.formats, self.renderer,
            partial(self._accept, page, causes, content, draft),
            lambda each, read, output: beside.write(
                pages[each.language], self.root, each, read, output
            ),
        )  # fmt: skip
        if unit == COHORT:
            rendering.tidy(site, study)
        shutil.rmtree(inside(processed, "projects", unit))
        for other in others.values():
            shutil.rmtree(other.folder)
            asked_for |= pages[other.language].rows.read
        report.made(
            causes, page.rows, asked_for | page.rows.read, files, made,
            [place for _, place in places],
            {
                code: lacked(code) | report.untranslated(code, kept)
                for code in self.languages(unit)
                if code != ENGLISH
            },
        )  # fmt: skip
        return Made(made, reasons)

    def _accept(
        self, page: Page, causes: incremental.Hashes, content: str, draft: bool, made: Path
    ) -> None:
        """Write the manifest of what was rendered, and look through it."""
        study = self.study
        parameters = {
            "formats": list(self.formats),
            "renderer": self.renderer,
            "engine": self.engine,
            "baseline": study.baseline,
            "followup": study.followup,
        }
        parameters_of = ("format", "pair of waves", "approval", "translation")
        released = incremental.released_files(self._released, page.unit)
        inputs = {
            **{name: found for name, found in causes.items() if name not in parameters_of},
            **{f"released {name}": found for name, found in released.items()},
        }
        waves = (study.baseline, study.followup)
        folder = study.folder.resolve()
        data = incremental.data_inputs(folder, self.root, waves, study.unused_files)
        if page.is_school:
            # Exports may be named after other schools.
            inputs["exports and study"] = incremental.together(data)
        else:
            inputs |= {f"study file {name}": found for name, found in data.items()}
        manifest.write(made, page, inputs, parameters, content, draft)
        check.check(made, page, deep="html" not in self.formats)


@dataclass(frozen=True)
class Share:
    """Some of a unit's notebooks, run on any worker before the rest of its report is made."""

    task: UnitTask
    unit: str
    runs: tuple[notebooks.Run, ...]

    def __call__(self, unit: str) -> Rows:
        """Run them if the report is to be made from new ones; the rows that they asked for."""
        task = self.task
        with kept_open(), spoken(task.languages(unit)[0]):
            page = task.open(unit)
            reasons = task.reasons(page)
            if not reasons or task.keeps_notebooks(unit, reasons):
                return set()
            page.rows.read.clear()
            for run in self.runs:
                notebooks.execute(run, task.study, task.engine)
            return set(page.rows.read)
