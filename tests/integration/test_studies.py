"""Whole studies of other shapes: rendered, and every page true of its data and of no other study."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from analysis import forms, pipeline, tracing
from analysis import study as studies
from analysis.disclosure import store
from analysis.places import processed
from analysis.prepare import schools
from analysis.present import open_page
from analysis.publish import packs
from analysis.study import Study
from tests.conftest import ROOT, copy_project
from tests.studies import files, long, made, pages

#: Words of the demonstration study that no other study's page may hold.
FOREIGN = (
    "durham", "resilien", "drp", "kidscreen", "pyramid of need", "steering group", "synthetic",
    "facilitator", "non-teach", "headteacher", "phase", "whole-school", "value creation", "audit",
    "drinking", "t-value", "quality of life", "free school meals", "coach",
)  # fmt: skip
#: What an empty cell, or a word for something that is not there, would look like.
HOLES = re.compile(
    r"They describe \.|No result of this kind|\bNone\b answered|\bnan\b|\(\)|\s\.\s[A-Z]"
)


@dataclass(frozen=True)
class Case:
    """A study: how its folder is made, and what its readers are to find."""

    make: Callable[[Path], object]
    words: tuple[str, ...]
    absent: tuple[str, ...] = ()


def _copied(name: str) -> Callable[[Path], object]:
    return lambda folder: shutil.copytree(ROOT / "tests" / "studies" / name, folder)


CASES = {
    "minimal": Case(_copied("minimal"), ("NSW5", "staff"), ("pupil", "Primary", "learner")),
    "council": Case(
        _copied("council"),
        ("NSW5", "Primary schools", "Secondary schools", "Teaching assistant", "Summer 2025",
         "phase"),
        ("pupil", "learner"),
    ),
    "county": Case(
        made.county,
        ("parents", "colleagues", "HSQ", "CCS", "TWC", "Special schools", "Tutors", "Caretakers",
         "Lunch together", "kind of school"),
        ("pupil", "teacher", "leader", "action plan", "learner"),
    ),
    "plain": Case(
        lambda folder: made.county(folder, phases=False),
        ("parents", "colleagues", "HSQ", "CCS", "TWC", "Tutors"),
        ("pupil", "teacher", "Special schools", "kind of school", "Primary"),
    ),
    "reading": Case(
        made.baseline,
        ("learners", "RJS", "Joy", "May 2031"),
        ("pupil", "staff", "change in", "both times", "follow-up", "matched"),
    ),
    "moods": Case(long.make, ("learners", "MD2", "Round 1", "Primary schools", "kind of school"),
                  ("pupil", "staff")),
}  # fmt: skip
#: Minutes; of studies without groups of schools, two smaller ones are always rendered.
LONG = ("moods", "plain")
#: So many schools of a study are rendered, spread over its table; `make verify` renders every one.
SCHOOLS = 3


@dataclass(frozen=True)
class Made:
    """A rendered study."""

    name: str
    study: Study
    case: Case
    edition: Path
    units: list[str]

    def documents(self) -> Iterator[Path]:
        yield from sorted(self.edition.rglob("*.html"))

    def programme(self) -> list[Path]:
        """The pages of the programme's documents."""
        return [page for page in self.documents() if "schools" not in page.parts]


def of(study: Study, schools_of: int | None) -> list[str]:
    """The programme and so many of the schools, from the first to the last; or all."""
    programme, *every = store.units(schools.read(study))
    if schools_of is None or len(every) <= schools_of:
        return [programme, *every]
    last = len(every) - 1
    return [programme, *(every[n * last // (schools_of - 1)] for n in range(schools_of))]


@pytest.fixture(
    scope="module",
    params=[
        *(pytest.param((name, SCHOOLS), id=name) for name in CASES if name not in LONG),
        *(
            pytest.param((name, None), id=f"all of {name}", marks=pytest.mark.verify)
            for name in CASES
        ),
    ],
)
def rendered_study(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Made:
    name, schools_of = request.param
    return rendered(tmp_path_factory.mktemp(name), name, schools_of)


def project(root: Path, name: str) -> Path:
    """A project with one of the studies."""
    copy_project(root, study=False)
    CASES[name].make(root / "data" / "raw")
    return root


def rendered(root: Path, name: str, schools_of: int | None) -> Made:
    project(root, name)
    study = studies.load(root / "data" / "raw")
    units = of(study, schools_of)
    outcome = pipeline.render(study, units, ("html", "pdf"), "pandoc", jobs=1)
    assert not outcome.failed, {unit: str(error) for unit, error in outcome.failed.items()}
    edition = root / "report" / "_site" / study.id / study.edition.id
    return Made(name, study, CASES[name], edition, units)


def test_every_unit_has_its_report(rendered_study: Made) -> None:
    for unit in rendered_study.units:
        place = "programme" if unit == "cohort" else f"schools/{unit}"
        for name in ("index.html", "report.pdf"):
            assert (rendered_study.edition / place / name).stat().st_size > 1000, (unit, name)


def test_made_again_elsewhere_everything_is_the_same_byte_for_byte(
    rendered_study: Made, tmp_path: Path
) -> None:
    """At another time, and with another key of the respondents' hash."""
    before, school = rendered_study.study.folder.parent.parent, rendered_study.units[-1]
    place = rendered_study.edition.relative_to(before) / "schools" / school
    # Clocks of files and PDFs count in seconds: within one, a clock that was read would not show.
    made_at = (before / place / "report.pdf").stat().st_mtime
    time.sleep(max(0.0, made_at + 1.1 - time.time()))
    root = project(tmp_path, rendered_study.name)
    study = studies.load(root / "data" / "raw")
    outcome = pipeline.render(study, [school], ("html", "pdf"), "pandoc", jobs=1)
    assert not outcome.failed
    assert files.determined(root) == files.determined(before)
    assert files.contents(root / place) == files.contents(before / place)


def test_no_table_and_no_section_is_empty(rendered_study: Made) -> None:
    for page in rendered_study.documents():
        assert pages.empty_sections(page) == [], page
        assert pages.begun_small(page) == [], page
        for table in pages.tables(page):
            told = {cell for row in table.rows for cell in row[1:]} - pages.MARKS
            assert told, f"{page}: {table.caption}"
            assert table.caption, page
        assert not HOLES.findall(pages.words(page)), page


def test_no_page_holds_a_word_of_another_study(rendered_study: Made) -> None:
    for page in rendered_study.documents():
        text = pages.words(page).lower()
        own = " ".join(rendered_study.case.words).lower()
        for word in FOREIGN:
            assert word in own or word not in text, f"{page} holds '{word}'"
        for word in rendered_study.case.absent:
            assert word.lower() not in text, f"{page} holds '{word}'"


def test_workbooks_and_traces_of_every_study(rendered_study: Made) -> None:
    books = sorted(rendered_study.edition.rglob("workbook.xlsx"))
    # One for each report that has a table at all.
    roots = {book.parent for book in books}
    for page in rendered_study.documents():
        root = page.parent.parent if page.parent.name == "chapters" else page.parent
        assert root in roots or not list(pages.tables(page)), page
    assert len(books) > 1
    for book in books:
        assert files.wrong_cells(book.parent) == [], book
        assert (book.parent / "data" / "numbers.csv").is_file()
    ledger = pd.read_parquet(processed(rendered_study.study.folder) / "ledger" / "results.parquet")
    for each in ledger.groupby(["source", "analysis"]).head(1).to_dict("records"):
        found = tracing.trace(rendered_study.study, each["id"], each["unit"])
        # Nobody is behind a number of a wave that did not ask.
        assert sum(len(b.rows) for b in found.behind) or each["n"] == 0, each["id"]


def test_a_session_pack_is_true_of_any_study(rendered_study: Made, tmp_path: Path) -> None:
    study = rendered_study.study
    material = forms.Material.read(study, forms.period(study))
    for unit in ("cohort", rendered_study.units[-1]):
        page = open_page(unit, str(study.folder))
        for path in packs.make(page, tmp_path, material):
            if path.suffix == ".html":
                text = pages.words(path).lower()
                own = " ".join(rendered_study.case.words).lower()
                assert not [word for word in FOREIGN if word not in own and word in text], path
                assert not [w for w in rendered_study.case.absent if w.lower() in text], path
                assert not HOLES.findall(pages.words(path)), path


def test_the_studys_own_words_stand_in_its_pages(rendered_study: Made) -> None:
    programme = " ".join(pages.words(page) for page in rendered_study.programme())
    for word in rendered_study.case.words:
        assert word in programme, word
    captions = [t.caption for page in rendered_study.documents() for t in pages.tables(page)]
    for survey in rendered_study.study.surveys:
        assert any(survey.label in caption for caption in captions)


def _prepared(study: Study, survey: str) -> pd.DataFrame:
    return pd.read_parquet(processed(study.folder) / "surveys" / f"{survey}.parquet")


def test_levels_on_the_page_are_those_of_the_data(rendered_study: Made) -> None:
    """Recomputed from the prepared answers, without the ledger."""
    study, compared = rendered_study.study, 0
    for survey in study.surveys:
        frame = _prepared(study, survey.id)
        for instrument in survey.instruments:
            table = _table(rendered_study, survey.label, instrument, "all respondents")
            if table is None:
                continue
            for score, label in _scores(study, instrument).items():
                for wave in study.pair_of_waves:
                    values = frame.loc[frame["wave"] == wave, f"{instrument}.{score}"].dropna()
                    n = table.column(f"n {wave}")[label]
                    mean = table.column(f"Mean {wave}")[label]
                    if n not in pages.MARKS:
                        assert pages.number(n) == len(values)
                    if mean not in pages.MARKS:
                        assert pages.is_printed(values.mean(), mean)
                        compared += 1
    assert compared or rendered_study.name == "minimal"


def test_changes_on_the_page_are_those_of_the_data(rendered_study: Made) -> None:
    study = rendered_study.study
    if not study.compares:
        return
    compared = 0
    for survey in study.surveys:
        frame = _prepared(study, survey.id).set_index("respondent")
        first, last = (frame[frame["wave"] == wave] for wave in study.pair_of_waves)
        for instrument in survey.instruments:
            table = _table(rendered_study, survey.label, instrument, "who answered both times")
            if table is None:
                continue
            for score, label in _scores(study, instrument).items():
                column = f"{instrument}.{score}"
                change = (last[column] - first[column]).dropna()
                shown = table.column("Change")[label]
                if shown not in pages.MARKS:
                    assert pages.number(table.column("n")[label]) == len(change)
                    assert pages.is_printed(change.mean(), shown)
                    compared += 1
    assert compared or rendered_study.name == "minimal"


def test_numbers_in_sentences_are_those_of_the_data(rendered_study: Made) -> None:
    """Who answered, as the design chapter and each school's report say it."""
    study, compared = rendered_study.study, 0
    for unit in rendered_study.units:
        place = "programme" if unit == "cohort" else f"schools/{unit}"
        text = " ".join(
            pages.words(page) for page in (rendered_study.edition / place).rglob("*.html")
        )
        for survey in study.surveys:
            frame = _prepared(study, survey.id)
            if unit != "cohort":
                frame = frame[frame["school"] == unit]
            for wave in study.pair_of_waves:
                label = study.wave(wave).label
                for found in re.findall(
                    rf"(?:At|In) (?i:{re.escape(label)}), ([\d,]+) {re.escape(survey.respondents)} answered\.",
                    text,
                ):
                    assert pages.number(found) == (frame["wave"] == wave).sum(), (unit, survey.id)
                    compared += 1
    assert compared


def test_a_schools_report_is_easy_to_read(rendered_study: Made) -> None:
    for unit in rendered_study.units:
        if unit != "cohort":
            pages.easy_to_read(rendered_study.edition / "schools" / unit / "index.html")


def test_a_report_has_no_link_out_of_its_folder(rendered_study: Made) -> None:
    assert pipeline.check(rendered_study.study, rendered_study.units) == rendered_study.units


def _scores(study: Study, instrument: str) -> dict[str, str]:
    from analysis import instruments

    found = instruments.load(study.path(f"instruments/{instrument}.yaml"))
    return {score: found.score_label(score) for score in found.scores}


def _table(made_study: Made, survey: str, instrument: str, words: str) -> pages.Table | None:
    from analysis import instruments

    short = instruments.load(made_study.study.path(f"instruments/{instrument}.yaml")).short
    found = [
        table
        for page in made_study.programme()
        for table in pages.tables(page)
        if table.caption.startswith(f"{survey}, {short}") and words in table.caption
        and "beside" not in table.caption
    ]  # fmt: skip
    return found[0] if found else None
