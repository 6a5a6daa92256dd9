"""Chapters: expanded from templates, cut to what there is to show, and true to their origins."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import jinja2
import pandas as pd
import pytest

from analysis import resources
from analysis import study as studies
from analysis.disclosure.release import Released
from analysis.errors import AnalystError
from analysis.prepare import load_instruments
from analysis.present.page import Page
from analysis.publish import chapters
from analysis.publish.builtin import DialectError
from analysis.publish.stage import Staged, copy_beside
from analysis.results import COHORT, COLUMNS

RAW = Path(__file__).parents[2] / "data" / "raw"
#: Labels of the notebook's cells, and what those of the executed notebooks end in.
LABELS = ("said", "tbl-a", "tbl-b", "fig-c", "tbl-each", "tbl-each-other")
Make = Callable[..., chapters.Book]


@pytest.fixture
def page(tmp_path: Path) -> Page:
    study = studies.load(RAW).model_copy(update={"folder": tmp_path / "study"})
    (tmp_path / "study/texts").mkdir(parents=True)
    frame = pd.DataFrame(columns=[*COLUMNS, "release", "reason"])
    documents = {"codebook": {"themes": [{"id": "T 1", "label": "First", "codes": []}]}}
    instruments = load_instruments(studies.load(RAW))
    return Page(
        study, COHORT, Released(frame), pd.DataFrame({"id": ["S01"], "name": ["Oak"]}),
        pd.DataFrame(), instruments, documents=documents,
    )  # fmt: skip


def notebook(path: Path, *cells: tuple[str, bool]) -> None:
    """A notebook of labelled cells, each with or without an output."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = [
        {
            "cell_type": "code",
            "source": f"#| label: {label}\nx",
            "metadata": {},
            "execution_count": None,
            "outputs": [{"output_type": "display_data", "data": {}, "metadata": {}}] * shown,
        }
        for label, shown in cells
    ]
    content = {"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    path.write_text(json.dumps(content), encoding="utf-8")


@pytest.fixture
def make(tmp_path: Path, page: Page, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Expands a template, given what the executed notebooks show and what they do not."""

    def made(template: str, shown: tuple[str, ...] = (), empty: tuple[str, ...] = (), *,
             name: str = "mine", summary: str = "Said.", of: Page = page) -> chapters.Book:  # fmt: skip
        (tmp_path / "report").mkdir(exist_ok=True)
        (tmp_path / f"report/{name}.qmd").write_text(template, encoding="utf-8")
        (tmp_path / "report/summary.qmd").write_text(summary, encoding="utf-8")
        notebook(tmp_path / "notebooks/q.ipynb", *((label, False) for label in LABELS))
        cells = [*((label, True) for label in shown), *((label, False) for label in empty)]
        notebook(tmp_path / "executed/staff/q.ipynb", *cells)
        monkeypatch.setattr(chapters, "chosen", lambda study: [(chapters.Template(name), "")])
        (book,) = chapters.expand(of, tmp_path, tmp_path / "executed", "data/nb")
        return book

    return made


def text(book: chapters.Book) -> str:
    """The one chapter that is listed, without empty lines."""
    (path,) = book.listed
    lines = next(each for each in book.chapters if each.path == path).text.splitlines()
    return "\n".join(line for line in lines if line)


# --- expanding -----------------------------------------------------------------------------


def test_a_label_alone_finds_its_notebook_for_each_survey_and_instrument(make: Make) -> None:
    template = (
        "# One\n\n[% for survey in surveys %][% for i in survey.instruments %]\n\n"
        '[[ show("tbl-a", survey, i) ]]\n\nSee [[ ref("tbl-a", survey, i) ]].\n\n'
        "[% endfor %][% endfor %]\n"
    )
    found = text(make(template, ("tbl-a-staff-spsc", "tbl-a-pupils-srs")))
    assert found == (
        "# One\n{{< embed ../data/nb/staff/q.ipynb#tbl-a-staff-spsc >}}\nSee @tbl-a-staff-spsc.\n"
        "{{< embed ../data/nb/staff/q.ipynb#tbl-a-pupils-srs >}}\nSee @tbl-a-pupils-srs."
    )


def test_notebooks_are_looked_through_once_for_a_report(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = []
    labels = chapters.labels
    monkeypatch.setattr(chapters, "labels", lambda root: looked.append(root) or labels(root))
    make('# One\n\n[[ show("tbl-a", "x") ]]\n\n' + '[[ ref("tbl-a", "x") ]] ' * 50, ("tbl-a-x",))
    assert len(looked) == 1


def test_a_template_is_compiled_once_however_many_reports_it_is_expanded_for(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    template = "# Compiled once\n\n[[ unit ]] has [[ surveys | length ]] surveys.\n"
    first, compiled = text(make(template)), []
    compiling = jinja2.Environment._compile
    monkeypatch.setattr(
        jinja2.Environment, "_compile", lambda *given: compiled.append(given) or compiling(*given)
    )
    assert text(make(template)) == first and not compiled
    # By its content, not by its name: another template of this name is another.
    assert text(make(template.replace("has", "asked"))) == first.replace("has", "asked")
    assert len(compiled) == 1


def test_all_of_several_are_those_of_just_this_cell(make: Make) -> None:
    shown = ("tbl-each-x", "tbl-each-y", "tbl-each-other", "tbl-each-other-z")
    found = text(make('# One\n\n[[ show("tbl-each", "*") ]]\n', shown))
    assert found.count("embed") == 2 and "tbl-each-x" in found and "tbl-each-y" in found
    assert text(make('# One\n\n[[ show("tbl-each", "y") ]]\n', shown)).count("embed") == 1


def test_words_of_the_data_are_text_and_ids_are_ids(make: Make, page: Page) -> None:
    survey = page.study.surveys[0].model_copy(update={"label": "*A* {{< meta x >}}"})
    study = page.study.model_copy(update={"surveys": (survey,)})
    template = "# One\n\n[[ surveys[0].label ]] {#sec-[[ surveys[0].id ]]-[[ themes[0].id ]]}\n"
    found = text(make(template, of=replace(page, study=study)))
    assert r"\*A\* \{\{\< meta x \>\}\}" in found
    assert "{#sec-staff-t_1}" in found


@pytest.mark.parametrize(
    ("template", "line", "words"),
    [
        ("# One\n\n[[ nothing ]]\n", 3, "nothing"),
        ("# One\n\n[[ surveys[0].colour ]]\n", 3, "colour"),
        ("# One\n[% for s in surveys %]\n[[ s.label ]]\n", 3, "for"),
        ('# One\n\n\n[[ show("tbl-aa") ]]\n', 4, "tbl-aa"),
        ('# One\n\n\n[[ ref("tbl-aa") ]]\n', 4, "tbl-aa"),
        ('# One\n\n[[ text("../study") ]]\n', 3, "outside"),
        ("# One\n\n[[ surveys[7].label ]]\n", 3, "element 7"),
        ('# One\n\n[[ show() ]]\n', 3, "label"),
        ("# One\n\n{{< include ../../etc/passwd >}}\n", 3, "not one of the study's texts"),
        ("# One\n\n{{< include ../data/raw/texts/none.md >}}\n", 3, "missing"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_template_is_one_message_with_its_line(
    make: Make, template: str, line: int, words: str
) -> None:
    with pytest.raises(AnalystError) as caught:
        make(template)
    assert caught.value.where.endswith(f"report/mine.qmd, line {line}")
    assert words in caught.value.what
    assert caught.value.fix


def test_a_missing_template_says_which(make: Make, tmp_path: Path) -> None:
    make("# One\n\nText.\n")
    (tmp_path / "report/mine.qmd").unlink()
    with pytest.raises(AnalystError, match=r"mine\.qmd is missing"):
        chapters.expand(page_again(tmp_path), tmp_path, tmp_path / "executed", "x")


def page_again(tmp_path: Path) -> Page:
    study = studies.load(RAW).model_copy(update={"folder": tmp_path / "study"})
    frame = pd.DataFrame(columns=[*COLUMNS, "release", "reason"])
    instruments = load_instruments(studies.load(RAW))
    return Page(study, COHORT, Released(frame), pd.DataFrame(), pd.DataFrame(), instruments)


def test_the_studys_list_of_chapters_counts_and_needs_what_it_names(page: Page) -> None:
    usual = [each.name for each, _ in chapters.chosen(page.study)]
    assert usual[:5] == ["introduction", "design", "delivery", "survey", "survey"]
    report = studies.Report(chapters=("survey", "value", "own"))
    study = page.study.model_copy(update={"report": report})
    found = [(each.name, about, each.document.id) for each, about in chapters.chosen(study)]
    # Each subject brings its chapter of the evaluation report, and of the technical one.
    assert [each[:2] for each in found if each[2] == "programme"] == [
        ("survey", "staff"),
        ("survey", "pupils"),
        ("value", ""),
        ("own", ""),
    ]
    assert [each[:2] for each in found if each[2] == "technical"] == [
        ("survey", "staff"),
        ("survey", "pupils"),
        ("value", ""),
    ]
    assert [each.id for each in chapters.documents(study)] == ["programme", "technical"]
    without = study.model_copy(update={"strands": {}})
    with pytest.raises(AnalystError, match="'value' is asked for") as caught:
        chapters.chosen(without)
    assert "study.yaml" in caught.value.where
    unasked = page.study.model_copy(update={"strands": {}})
    assert "value" not in [each.name for each, _ in chapters.chosen(unasked)]


def test_two_cells_of_one_label_are_refused(make: Make, tmp_path: Path) -> None:
    notebook(tmp_path / "executed/z.ipynb", ("tbl-a", True))
    with pytest.raises(AnalystError, match="labelled 'tbl-a'"):
        make("# One\n\nText.\n", ("tbl-a",))


# --- cutting -------------------------------------------------------------------------------


def test_what_has_no_data_leaves_with_its_heading_and_its_words(make: Make) -> None:
    template = (
        '# One\n\n[[ show("tbl-a") ]]\n\n## Gone\n\nWords on it.\n\n[[ show("tbl-b") ]]\n\n'
        '## Stays\n\n[[ show("fig-c") ]]\n\n### Shown\n\nWords.\n\n### Below\n\n[[ show("said") ]]\n\n'
        "## Words only\n\nStay.\n"
    )
    found = text(make(template, ("tbl-a",), ("tbl-b", "fig-c", "said")))
    assert found == (
        "# One\n{{< embed ../data/nb/staff/q.ipynb#tbl-a >}}\n## Stays\n### Shown\nWords.\n"
        "## Words only\nStay."
    )


def test_a_chapter_that_shows_nothing_is_left_out_of_the_book(make: Make) -> None:
    template = '# One\n\nWords.\n\n## A\n\n[[ show("tbl-a") ]]\n\n## B\n\nWords.\n'
    assert make(template, (), ("tbl-a",)).listed == []
    assert make(template, ("tbl-a",)).listed == ["chapters/mine.qmd"]
    # Nor is one that holds but a text which the study does not have.
    assert make('# One\n\n[[ text("one") ]]\n').listed == []


def test_a_box_goes_with_what_it_was_for(make: Make) -> None:
    template = (
        '# One\n\n::: {.callout-note title="T"}\nBefore.\n\n[[ show("tbl-a") ]]\n:::\n\n'
        '::: {.how-to-read}\nWords.\n:::\n\n[[ show("tbl-b") ]]\n'
    )
    found = text(make(template, ("tbl-b",), ("tbl-a",)))
    assert "callout" not in found and "Before" not in found
    assert ":::\n" in found and "Words." in found


def test_nothing_refers_to_what_is_not_there(make: Make) -> None:
    template = (
        '# One {#sec-one}\n\n[[ ref("tbl-a") ]] shows one.\n\n[[ ref("tbl-b") ]] another.\n\n'
        "- On @tbl-b-x-y.\n- On @sec-gone, too.\n- On nothing.\n\n"
        '[[ show("tbl-a") ]]\n\n[[ show("tbl-b") ]]\n\n## Gone {#sec-gone}\n\n[[ show("fig-c") ]]\n\n'
        "## All of it {#sec-all}\n\nAs @sec-gone says.\n\n## After\n\nSee @sec-all, or @sec-one.\n\n"
        "Mail a@tbl-b.org, or @tbl-unknown.\n"
    )
    found = text(make(template, ("tbl-a",), ("tbl-b", "fig-c")))
    assert "@tbl-a shows one." in found and "another" not in found
    assert "- On @tbl-b-x-y." in found and "sec-gone" not in found and "- On nothing." in found
    # A section of which only a reference was left goes, and with it what refers to it.
    assert "sec-all" not in found and "## After" in found
    # What is only unknown is the renderer's to refuse.
    assert "@tbl-unknown" in found


def test_code_is_not_taken_for_headings(make: Make) -> None:
    found = text(make("# One\n\n```\n# not a heading\n::: {.no}\n```\n\nText.\n"))
    assert found == "# One\n```\n# not a heading\n::: {.no}\n```\nText."


def test_an_embed_of_a_cell_that_nobody_knows_is_left_for_the_renderer_to_refuse(
    make: Make,
) -> None:
    assert "#typo" in text(make("# One\n\n{{< embed ../data/nb/q.ipynb#typo >}}\n"))


# --- texts and origins ---------------------------------------------------------------------


def test_every_line_knows_the_analysts_own_file(make: Make, page: Page) -> None:
    folder = page.study.folder / "texts"
    (folder / "one.md").write_text("First.\n\nSecond.\n", encoding="utf-8")
    book = make(
        '# One\n\n[% for s in surveys %]\n[[ s.label ]]\n\n[% endfor %]\n[[ text("one") ]]\n\nLast.\n'
    )
    lines = book.chapters[-1].text.splitlines()
    origins = {
        line: book.origin("chapters/mine.qmd", number) for number, line in enumerate(lines, 1)
    }
    template = folder.parents[1] / "report/mine.qmd"
    assert origins["# One"] == (template, 1)
    assert origins["Staff survey"] == origins["Pupil survey"] == (template, 4)
    assert origins["First."] == (folder / "one.md", 1)
    assert origins["Second."] == (folder / "one.md", 3)
    assert origins["Last."] == (template, 9)
    staged = Staged(Path("staged"), folder.parents[1], book)
    assert staged.origin("chapters/mine.qmd", 1) == f"{template}, line 1"
    own = folder.parents[1] / "_quarto.yml"
    assert staged.origin("_quarto.yml", 7) == str(resources.shipped() / "_quarto.yml")
    own.touch()
    assert staged.origin("_quarto.yml", 7) == str(own)


def test_an_include_brings_a_text_with_its_lines_and_no_circle(make: Make, page: Page) -> None:
    folder = page.study.folder / "texts"
    (folder / "a.md").write_text("A.\n\n{{< include b.md >}}\n", encoding="utf-8")
    (folder / "b.md").write_text("B.\n", encoding="utf-8")
    book = make('# One\n\n[[ text("a") ]]\n')
    lines = book.chapters[-1].text.splitlines()
    assert book.origin("chapters/mine.qmd", lines.index("B.") + 1) == (folder / "b.md", 1)
    (folder / "b.md").write_text("{{< include a.md >}}\n", encoding="utf-8")
    with pytest.raises(AnalystError, match="includes itself"):
        make("# One\n\n{{< include ../data/raw/texts/a.md >}}\n")


@pytest.mark.parametrize(
    ("content", "words"), [(b"ab\n\xff", "not UTF-8"), (b"---\na: b\n---\n", "metadata")]
)
def test_a_text_that_cannot_be_used_says_where(
    make: Make, page: Page, content: bytes, words: str
) -> None:
    (page.study.folder / "texts/one.md").write_bytes(content)
    with pytest.raises(AnalystError, match=words) as caught:
        make('# One\n\n[[ text("one") ]]\n')
    assert "one.md, line " in caught.value.where


def test_what_stands_beside_a_text_is_staged_but_another_schools(
    page: Page, tmp_path: Path
) -> None:
    texts = page.study.folder / "texts"
    for name in ("plan.png", "refs.bib", "notes.txt", "schools/S01.png", "schools/S02/a.png"):
        (texts / name).parent.mkdir(parents=True, exist_ok=True)
        (texts / name).write_text("x")
    found = {}
    for unit in (COHORT, "S01", "S02"):
        copy_beside(replace(page, unit=unit), tmp_path, tmp_path / unit)
        folder = tmp_path / unit / chapters.FOLDER
        found[unit] = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert found[COHORT] == {"plan.png", "refs.bib"}
    assert found["S01"] == {"plan.png", "refs.bib", "schools/S01.png"}
    assert found["S02"] == {"plan.png", "refs.bib", "schools/S02/a.png"}


def test_a_dialect_error_names_the_file_that_the_analyst_wrote(
    make: Make, page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from analysis.publish import rendering

    (page.study.folder / "texts/one.md").write_text("Fine.\n\n$$x^2$$\n", encoding="utf-8")
    book = make('# One\n\n[[ text("one") ]]\n')
    line = book.chapters[-1].text.splitlines().index("$$x^2$$") + 1

    def refuse(*_: object) -> None:
        raise DialectError("chapters/mine.qmd", line, "$$x^2$$", "leave out mathematics")

    monkeypatch.setattr(rendering.builtin, "read", refuse)
    staged = Staged(tmp_path / "project", tmp_path, book)
    with pytest.raises(AnalystError) as caught:
        rendering.render(
            staged, tmp_path / "site", page.study, ("html",), "pandoc", lambda made: None
        )
    assert caught.value.where == f"{page.study.folder / 'texts/one.md'}, line 3"
    assert "$$x^2$$" in caught.value.what and caught.value.fix == "leave out mathematics."


def test_a_waves_label_is_escaped_once(make: Make, page: Page) -> None:
    waves = tuple(
        wave.model_copy(update={"label": f"Follow-*up* {place}"})
        for place, wave in enumerate(page.study.waves)
    )
    study = page.study.model_copy(update={"waves": waves})
    found = text(
        make("# One\n\nAt [[ baseline ]], not [[ followup ]].\n", of=replace(page, study=study))
    )
    # As typed, a reader sees "follow-*up* 0": each mark is literal, and no backslash is.
    assert r"At follow\-\*up\* 0, not follow\-\*up\* 1." in found


def test_the_first_entries_of_a_text_are_shown(make: Make, page: Page, tmp_path: Path) -> None:
    (page.study.folder / "texts/done.md").write_text(
        "Before.\n\n- One,\n  still one.\n- Two.\n- Three.\n\nAfter.\n", encoding="utf-8"
    )
    found = text(make('# One\n\n[[ first_items("done", 2) ]]\n'))
    assert found == "# One\n- One,\n  still one.\n- Two."
    assert text(make('# One\n\nWords.\n\n[[ first_items("none", 2) ]]\n')) == "# One\nWords."
