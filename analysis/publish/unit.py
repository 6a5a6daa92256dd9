"""One unit's report: its notebooks run, its chapters laid out, rendered, checked, put in place.

All of it is one piece of work that can run anywhere; nothing of it is done again while nothing has
changed that it is made from.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

from analysis.disclosure import store
from analysis.language import now, spoken
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
from analysis.publish.builtin.pandoc import warm_pandoc
from analysis.publish.chapters import documents
from analysis.publish.executing import Executing, Used, noted
from analysis.results import COHORT, pair
from analysis.study import Study

Format = Literal["html", "pdf"]
#: Shares of the programme's notebooks, which together take as long as several schools' reports.
SHARES = 4


@dataclass(frozen=True)
class Made:
    """One unit's report: its files, and why it was made; no reason if it was left as it is."""

    files: list[Path]
    reasons: list[str]


@dataclass(frozen=True)
class Laid:
    """A unit's report laid out, for its documents to be rendered; why, and from what.

    ``content`` is the hash of all that renderers are handed.
    """

    staged: list[stage.Staged]
    reasons: list[str]
    causes: incremental.Hashes
    released: incremental.Hashes
    content: str
    used: Used

    @property
    def draft(self) -> bool:
        """Whether nobody approved just this."""
        return self.causes["approval"] != self.content

    @property
    def longest_first(self) -> list[int]:
        """Its documents by their numbers, that which shows most first."""
        shown = [len(each.book.embedded) for each in self.staged]
        return sorted(range(len(shown)), key=lambda number: -shown[number])


@dataclass(frozen=True)
class Document:
    """One document of a report, rendered and checked beside its place: where its files will be."""

    files: list[Path]
    used: Used


@dataclass(frozen=True)
class UnitTask:
    """Everything that is done for one unit, as one piece of work that can run anywhere.

    Its notebooks run, its documents are laid out, each of them is rendered, and then all are put in
    place. The parts of one step can be done beside each other by workers (:meth:`steps`).
    """

    study: Study
    root: Path
    formats: tuple[Format, ...]
    renderer: Literal["quarto", "pandoc"]
    engine: notebooks.Engine

    def __call__(self, unit: str, before: Sequence[Sequence[Any]] = ()) -> Made:
        """Make one unit's report, or as much of it as has changed.

        ``before`` is what the steps returned that are done already (:meth:`steps`).
        """
        with self.at_work(unit):
            laid = before[1][0] if before else self.lay_out(unit)
            if laid is None:
                return Made(incremental.Report(self._record(unit)).documents, [])
            numbers = range(len(laid.staged))
            if before:
                by_number = dict(zip(laid.longest_first, before[2], strict=True))
                made = [by_number[number] for number in numbers]
            else:
                made = [self.document(unit, laid, number) for number in numbers]
            return self._put(unit, laid, made)

    @contextmanager
    def at_work(self, unit: str) -> Iterator[None]:
        """As long as a unit's report is worked on: its pages stay open, its language is spoken."""
        with kept_open(), spoken(self.languages(unit)[0]):
            yield

    def _places(self, unit: str) -> list[Path]:
        """Where each document of a unit will be."""
        return rendering.destinations(rendering.site(self.root), self.study, unit)

    def languages(self, unit: str) -> tuple[str, ...]:
        """In which a unit's report is written, the main one first: the programme's in that alone."""
        found = self.study.report.languages
        return found[:1] if unit == COHORT else found

    def steps(self, unit: str) -> list[list[Part]]:
        """What can be done of a unit's report beside each other, step by step, before the rest: of
        the programme's, whose notebooks and documents take as long as several schools' reports."""
        if unit != COHORT or self.engine == "stock":
            return []
        shares = notebooks.shares(self._runs(unit), SHARES)
        return [
            [Part(self, partial(_share, runs=tuple(runs))) for runs in shares],
            [Part(self, _lay_out)],
            [
                Part(self, partial(_document, place=place))
                for place in range(len(documents(self.study)))
            ],
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

    def share(self, unit: str, runs: Sequence[notebooks.Run]) -> None:
        """Execute some of a unit's notebooks, if its report is to be made."""
        page, causes = self.open(unit), self._causes(unit)
        if incremental.Report(self._record(unit)).reasons(causes, page.rows):
            Executing(page, causes, self.engine).execute(runs)

    def lay_out(self, unit: str) -> Laid | None:
        """Lay out a unit's documents; nothing, if its report is as it would be made."""
        page = self.open(unit)
        causes = self._causes(unit)
        report = incremental.Report(self._record(unit))
        reasons = report.reasons(causes, page.rows)
        files = incremental.released_files(self._released, unit)
        if not reasons:
            report.seen(files)
            return None
        report.forget()
        found, used = {}, Used()
        for language in self.languages(unit):
            with spoken(language):
                page, runs = self.open(unit), self._runs(unit)
                executing = Executing(page, causes, self.engine)
                executing.execute(runs)
                used |= executing.used(runs)
                with noted({language: page}) as more:
                    found[language] = self._staged(page)
                    notebooks.write_named(self._executed(unit), found[language][0].book.numbers)
                used |= more
        staged, *others = found.values()
        if others:
            below = {each.language: each for (each,) in others}
            staged = [replace(staged[0], others=below)]
        laid = Laid(staged, reasons, causes, files, stage.content(staged), used)
        for document in staged if laid.draft else ():
            stage.mark_as_draft(document)
        return laid

    def document(self, unit: str, laid: Laid, number: int) -> Document:
        """Render one document of a report, and check it, beside its place."""
        pages: dict[str, Page] = {}
        for language in self.languages(unit):
            with spoken(language):
                pages[language] = self.open(unit)
        with noted(pages) as used:
            made = rendering.render(
                laid.staged[number], self._places(unit)[number], self.study, self.formats,
                self.renderer, partial(self._accept, pages[now()], laid),
                lambda each, read, output: beside.write(
                    pages[each.language], self.root, each, read, output
                ),
            )  # fmt: skip
        return Document(made, used)

    def _put(self, unit: str, laid: Laid, documents: Sequence[Document]) -> Made:
        """Put the documents of a report in place, all of them, and note what it was made from."""
        places = self._places(unit)
        rendering.put_all(places)
        if unit == COHORT:
            rendering.tidy(rendering.site(self.root), self.study)
        for staged in laid.staged:
            for other in staged.others.values():
                shutil.rmtree(other.folder)
        shutil.rmtree(inside(store.processed(self.study), "projects", unit))
        used, made = laid.used, [path for each in documents for path in each.files]
        for each in documents:
            used |= each.used
        incremental.Report(self._record(unit)).made(
            laid.causes, self.open(unit).rows, used.rows, laid.released, made, places, used.lacked
        )
        return Made(made, laid.reasons)

    def _accept(self, page: Page, laid: Laid, made: Path) -> None:
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
        inputs = {
            **{name: found for name, found in laid.causes.items() if name not in parameters_of},
            **{f"released {name}": found for name, found in laid.released.items()},
        }
        waves = (study.baseline, study.followup)
        folder = study.folder.resolve()
        data = incremental.data_inputs(folder, self.root, waves, study.unused_files)
        if page.is_school:
            # Exports may be named after other schools.
            inputs["exports and study"] = incremental.together(data)
        else:
            inputs |= {f"study file {name}": found for name, found in data.items()}
        manifest.write(made, page, inputs, parameters, laid.content, laid.draft)
        check.check(made, page, deep="html" not in self.formats)


def get_ready() -> None:
    """Import what only documents need, and start Pandoc: what the first report of a process would do."""
    for module in ("lxml.html", "pyarrow.dataset", "pypdf", "tinycss2", "xlsxwriter"):
        import_module(module)
    warm_pandoc()


@dataclass(frozen=True)
class Part:
    """A part of a step of a unit's work, for any worker."""

    task: UnitTask
    work: Callable[[UnitTask, str, Sequence[Sequence[Any]]], Any]

    def __call__(self, unit: str, before: Sequence[Sequence[Any]] = ()) -> Any:
        """What it returns; ``before`` is what the steps before it returned."""
        with self.task.at_work(unit):
            return self.work(self.task, unit, before)


def _share(
    task: UnitTask, unit: str, _: Sequence[Sequence[Any]], runs: Sequence[notebooks.Run]
) -> None:
    task.share(unit, runs)


def _lay_out(task: UnitTask, unit: str, _: Sequence[Sequence[Any]]) -> Laid | None:
    return task.lay_out(unit)


def _document(
    task: UnitTask, unit: str, before: Sequence[Sequence[Any]], place: int
) -> Document | None:
    """The document at this place of those that are laid out, the longest first."""
    (laid,) = before[1]
    return None if laid is None else task.document(unit, laid, laid.longest_first[place])
