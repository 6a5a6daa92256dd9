"""What a session pack says: page one's sentences, in the steps of a session, and how sure they are."""

from __future__ import annotations

import io
import zipfile

import pypdf
import pytest
from pptx import Presentation

from analysis.present import page_one, session
from analysis.present.shown import parts_of
from analysis.publish.builtin.brand import Brand
from analysis.publish.packs import pages, paper, slides
from analysis.publish.stage import DRAFT
from tests.unit.test_page_one import BESIDE, PAIRED, STUDY, SUBSCALES, many, page_of

FIRST, SECOND = SUBSCALES[:2]


@pytest.fixture(scope="module")
def page() -> object:
    """A school with a strength, a thing to look into and a change."""
    shown = many(BESIDE, (FIRST, 0.8, 0.0001), (SECOND, -0.7, 0.0001)) + many(
        PAIRED, (FIRST, 0.6, 0.0001)
    )
    return page_of(shown, name="Alder")


def said(made: list[session.Slide]) -> dict[str, str]:
    return {each.id: "".join(text.markdown() for text in each.texts) for each in made}


def test_slides_say_what_page_one_says(page) -> None:
    found = said(session.slides(page))
    for name, better in (("well", 1), ("better", -1)):
        told = page_one.ends(page, better)
        assert told is not None and told.markdown() in found[name]
        # And that is what page one says of it.
        for line in told.markdown().splitlines():
            assert line.removeprefix("- ") in page_one.stands_out(page).markdown()
    assert page_one.changed(page).markdown() == found["changed"]
    questions = session.questions(page).markdown()
    assert questions in found["next"] and len(questions.strip().splitlines()) == 3


def test_a_slide_without_content_is_not_made() -> None:
    nothing = session.slides(page_of([], name="Alder"))
    ids = [each.id for each in nothing]
    assert "well" not in ids and "better" not in ids and "rate" not in ids
    assert not any(each.figures for each in nothing)
    assert "our school's own results" not in "".join(said(nothing).values())
    assert all(each.texts or each.figures or each.rate for each in nothing)


def test_the_agenda_has_the_steps_that_there_are(page) -> None:
    made = session.slides(page)
    steps = list(dict.fromkeys(each.step for each in made if each.step))
    assert [line.partition(". ")[2] for line in made[0].texts[-1].markdown().splitlines()] == steps


def test_notes_say_how_sure_each_number_is(page) -> None:
    for slide in session.slides(page):
        notes = "".join(text.markdown() for text in slide.notes)
        noted = {(p.unit, p.id) for text in slide.notes for p in parts_of(list(text.pieces))}
        for text in slide.texts:
            for part in parts_of(list(text.pieces)):
                assert (part.unit, part.id) in noted, (slide.id, part)
        if slide.id == "well":
            assert "95% interval 3.60 to 4.00" in notes.replace("\\", "")


@pytest.fixture(scope="module")
def deck(page) -> bytes:
    made = session.slides(page)
    charts = {each.id: [paper.picture(page, Brand(), f.svg) for f in each.figures] for each in made}
    return slides.write(page, made, charts, Brand())


def test_every_slide_has_a_title_first_and_every_picture_words(deck: bytes, page) -> None:
    made = session.slides(page)
    found = Presentation(io.BytesIO(deck)).slides
    assert [each.shapes.title.text for each in found] == [each.title for each in made]
    for slide, each in zip(found, made, strict=True):
        assert slide.shapes[0].shape_id == slide.shapes.title.shape_id
        pictures = [shape for shape in slide.shapes if shape.shape_type == 13]
        assert [p._element.nvPicPr.cNvPr.get("descr") for p in pictures] == [
            f.alt for f in each.figures
        ]
        assert STUDY.notice_short in slide.shapes[-1].text_frame.text
        if each.notes:
            assert slide.has_notes_slide


def test_slides_have_the_same_bytes_and_no_time(deck: bytes, page) -> None:
    made = session.slides(page)
    charts = {each.id: [paper.picture(page, Brand(), f.svg) for f in each.figures] for each in made}
    assert slides.write(page, made, charts, Brand()) == deck
    with zipfile.ZipFile(io.BytesIO(deck)) as archive:
        assert {each.date_time for each in archive.infolist()} == {slides.MOMENT}
        core = archive.read("docProps/core.xml").decode()
        assert not any("thumbnail" in name for name in archive.namelist())
    assert STUDY.edition.date.isoformat() in core


def test_a_draft_says_so_on_every_slide_and_page_and_an_approved_one_does_not(page) -> None:
    made, short = session.slides(page), session.handout(page)
    for mark in (DRAFT, ""):
        shown = [
            " ".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)
            for slide in Presentation(
                io.BytesIO(slides.write(page, made, {}, Brand(), mark))
            ).slides
        ]
        printed = pypdf.PdfReader(io.BytesIO(paper.handout(page, short, Brand(), mark)))
        shown += [
            pages.slides(page, made, Brand(), mark),
            pages.handout(page, short, Brand(), mark),
            " ".join(printed.pages[0].extract_text().split()),
        ]
        assert [DRAFT in each for each in shown] == [bool(mark)] * len(shown)


def test_a_school_of_which_nothing_is_shown_is_not_asked_about_its_results(page) -> None:
    own = session.questions(page_of([], name="Alder")).markdown()
    assert not any(each in own for each in session.OF_A_SCHOOL[:2])


def test_colours_are_the_brands(page) -> None:
    made = session.slides(page)
    written = slides.write(page, made[:1], {}, Brand({"primary": "#123456"}))
    with zipfile.ZipFile(io.BytesIO(written)) as archive:
        assert b"123456" in archive.read("ppt/slides/slide1.xml")
    assert "#123456" in pages.slides(page, made, Brand({"primary": "#123456"}))


def test_names_are_text_and_no_markup() -> None:
    odd = page_of([], name="St <b>Mary's</b> & *Co* #1")
    made = session.slides(odd)
    assert "St &lt;b&gt;Mary&#x27;s&lt;/b&gt; &amp; *Co* #1" in pages.slides(odd, made, Brand())
    assert (
        Presentation(io.BytesIO(slides.write(odd, made, {}, Brand()))).slides[0].shapes.title.text
        == "St <b>Mary's</b> & *Co* #1"
    )
    assert paper.handout(odd, session.handout(odd), Brand())[:4] == b"%PDF"
