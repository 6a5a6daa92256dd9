"""Slides as PPTX: titles, reading order, pictures with their words, notes; the same bytes each time."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Sequence
from typing import Any

from analysis.language import gettext
from analysis.present.page import Page
from analysis.present.school_audit import RATING_WORDS
from analysis.present.session import Slide
from analysis.publish.builtin.brand import Brand
from analysis.publish.packs.blocks import Block, blocks

#: A slide, its margin, the height of its title, and of its foot; in inches.
WIDE, HIGH, MARGIN, HEAD, FOOT = 13.333, 7.5, 0.6, 1.15, 0.45
#: Sizes of type, in points: of the title, and of text by how many characters there are at most.
TITLE = 30
SIZES = ((350, 30), (650, 26), (1000, 22), (1500, 19))
SMALLEST = 16
#: Height of the text above charts, in inches.
ABOVE = 0.95
INK = "1F2933"
#: What a part of a PPTX carries as its time.
MOMENT = (1980, 1, 1, 0, 0, 0)
LANGUAGE = "en-GB"


def write(
    page: Page,
    slides: Sequence[Slide],
    charts: dict[str, list[bytes]],
    brand: Brand,
    draft: str = "",
) -> bytes:
    """The slides; ``charts`` are their pictures as PNG, by the slide's id.

    ``draft`` is said at the head of each, if it is given.
    """
    from pptx import Presentation
    from pptx.util import Inches

    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(WIDE), Inches(HIGH)
    _describe(deck, page, draft)
    for slide in slides:
        _Slide(deck, page, slide, brand, draft).write(charts.get(slide.id, []))
    content = io.BytesIO()
    deck.save(content)
    return _timeless(content.getvalue())


def _describe(deck: Any, page: Page, draft: str) -> None:
    """What the file says of itself; no picture of a slide that is none of its own."""
    study, core = page.study, deck.core_properties
    noon = dt.datetime.combine(study.edition.date, dt.time(12))
    title = str(page.school["name"]) if page.is_school else study.title
    core.title, core.author, core.last_modified_by = title, study.organisation, study.organisation
    core.subject = f"{study.title}, {study.edition.term}"
    core.comments = ". ".join(filter(None, [draft, study.notice_short]))
    core.keywords, core.language, core.revision = "", LANGUAGE, 1
    core.created = core.modified = noon
    package = deck.part.package
    for key, each in list(package._rels.items()):
        if each.reltype.endswith("/thumbnail"):
            package._rels.pop(key)


class _Slide:
    """One slide while it is written."""

    def __init__(self, deck: Any, page: Page, slide: Slide, brand: Brand, draft: str) -> None:
        from pptx.dml.color import RGBColor
        from pptx.util import Inches, Pt

        self.page, self.slide, self.draft = page, slide, draft
        self.inches, self.points = Inches, Pt
        self.primary = RGBColor.from_string(brand.primary.lstrip("#"))
        self.ink, self.white = RGBColor.from_string(INK), RGBColor(255, 255, 255)
        self.plum = RGBColor.from_string(brand.light["plum"].lstrip("#"))
        self.mist = RGBColor(238, 242, 245)
        # Title and content, or a title alone.
        with_body = bool(slide.texts)
        self.made = deck.slides.add_slide(deck.slide_layouts[1 if with_body else 5])

    def write(self, charts: Sequence[bytes]) -> None:
        self._title()
        if self.slide.texts:
            body = self.made.placeholders[1]
            high = ABOVE if charts else HIGH - HEAD - FOOT - 0.5
            self._place(body, MARGIN, HEAD + 0.25, WIDE - 2 * MARGIN, high)
            told = blocks(self.slide.texts)
            self._text(body.text_frame, told, 20 if charts else _size(told))
        for number, chart in enumerate(charts):
            self._chart(number, len(charts), chart)
        if self.slide.rate:
            self._rating_table()
        if self.draft:
            self._mark_as_draft()
        self._foot()
        self._notes()

    def _title(self) -> None:
        title = self.made.shapes.title
        self._place(title, 0, 0, WIDE, HEAD)
        title.fill.solid()
        title.fill.fore_color.rgb = self.primary
        frame = title.text_frame
        frame.word_wrap = True
        frame.margin_left = frame.margin_right = self.inches(MARGIN)
        frame.text = self.slide.title
        paragraph = frame.paragraphs[0]
        paragraph.alignment = 1
        size = TITLE if len(self.slide.title) <= 60 else 24
        self._style(paragraph.runs[0], size, self.white, strong=True)

    def _text(self, frame: Any, told: Sequence[Block], size: int) -> None:
        frame.word_wrap = True
        for number, block in enumerate(told):
            paragraph = frame.paragraphs[0] if not number else frame.add_paragraph()
            paragraph.space_after = self.points(8)
            self._mark(paragraph, block, size)
            for run in block.runs:
                if run.text:
                    added = paragraph.add_run()
                    added.text = run.text
                    self._style(added, size, self.ink, run.strong, run.emphasised)

    def _mark(self, paragraph: Any, block: Block, size: int) -> None:
        """Whether a paragraph is an entry, in a way that programs and screen readers know."""
        from pptx.oxml.ns import qn
        from pptx.oxml.xmlchemy import OxmlElement

        properties = paragraph._p.get_or_add_pPr()
        for child in list(properties):
            if child.tag in (qn("a:buNone"), qn("a:buChar"), qn("a:buAutoNum")):
                properties.remove(child)
        indent = int(self.points(size * (1 if block.mark == "•" else 1.5))) if block.mark else 0
        properties.set("marL", str(indent))
        properties.set("indent", str(-indent))
        kind = "a:buNone" if not block.mark else "a:buChar" if block.mark == "•" else "a:buAutoNum"
        mark = OxmlElement(kind)
        if kind == "a:buChar":
            mark.set("char", block.mark)
        elif kind == "a:buAutoNum":
            mark.set("type", "arabicPeriod")
        properties.append(mark)

    def _chart(self, number: int, of: int, chart: bytes) -> None:
        """A picture as large as there is room, with its words for those who do not see it."""
        wide = (WIDE - 2 * MARGIN) / of
        left = MARGIN + number * wide
        top = HEAD + 0.25 + (ABOVE if self.slide.texts else 0)
        wide, high = wide - 0.2, HIGH - FOOT - 0.1 - top
        picture = self.made.shapes.add_picture(io.BytesIO(chart), 0, 0)
        scale = min(self.inches(wide) / picture.width, self.inches(high) / picture.height)
        picture.width, picture.height = int(picture.width * scale), int(picture.height * scale)
        picture.left = self.inches(left) + (self.inches(wide) - picture.width) // 2
        picture.top = self.inches(top)
        properties = picture._element.nvPicPr.cNvPr
        properties.set("descr", self.slide.figures[number].alt)
        properties.set("name", gettext("Chart {number}", number=number + 1))

    def _rating_table(self) -> None:
        """The areas and the three words, to be marked by groups."""
        words = [gettext(each) for each in RATING_WORDS.values()]
        rows = len(self.slide.rate) + 1
        high = min(HIGH - HEAD - FOOT - 0.6, 0.55 * rows)
        frame = self.made.shapes.add_table(
            rows, 1 + len(words), self.inches(MARGIN), self.inches(HEAD + 0.3),
            self.inches(WIDE - 2 * MARGIN), self.inches(high),
        )  # fmt: skip
        frame._element.nvGraphicFramePr.cNvPr.set(
            "descr", gettext("Areas to rate, each in three words")
        )
        table = frame.table
        table.columns[0].width = self.inches(WIDE - 2 * MARGIN - 2.3 * len(words))
        for number in range(len(words)):
            table.columns[number + 1].width = self.inches(2.3)
        size = 16 if rows <= 10 else 12
        labels = [block.plain for block in blocks(_as_texts(self.slide.rate))]
        for row, cells in enumerate(
            [[gettext("Area"), *words], *([each, "", "", ""] for each in labels)]
        ):
            for column, text in enumerate(cells[: len(words) + 1]):
                cell = table.cell(row, column)
                cell.fill.solid()
                shade = self.mist if row % 2 else self.white
                cell.fill.fore_color.rgb = shade if row else self.primary
                paragraph = cell.text_frame.paragraphs[0]
                added = paragraph.add_run()
                added.text = text
                self._style(added, size, self.white if not row else self.ink, strong=not row)

    def _mark_as_draft(self) -> None:
        """What a draft says of itself, in the corner above the title."""
        wide, high = 3.4, 0.3
        box = self.made.shapes.add_textbox(
            self.inches(WIDE - wide), 0, self.inches(wide), self.inches(high)
        )
        box.fill.solid()
        box.fill.fore_color.rgb = self.plum
        frame = box.text_frame
        frame.margin_top = frame.margin_bottom = 0
        added = frame.paragraphs[0].add_run()
        added.text = self.draft
        self._style(added, 12, self.white, strong=True)

    def _foot(self) -> None:
        """The step, the edition, and that data are synthetic where they are; read last."""
        study = self.page.study
        steps = gettext(self.slide.step) if self.slide.step else ""
        words = [steps, f"{study.short}, {study.edition.term}", study.notice_short]
        box = self.made.shapes.add_textbox(
            self.inches(MARGIN), self.inches(HIGH - FOOT), self.inches(WIDE - 2 * MARGIN),
            self.inches(FOOT),
        )  # fmt: skip
        paragraph = box.text_frame.paragraphs[0]
        paragraph.alignment = 1
        box.text_frame.word_wrap = True
        added = paragraph.add_run()
        added.text = " · ".join(filter(None, words))
        self._style(added, 12, self.ink)

    def _notes(self) -> None:
        told = blocks(self.slide.notes)
        said = filter(None, [self.draft, self.page.study.notice_short])
        lines = [f"{each.mark} {each.plain}".strip() for each in told]
        if text := "\n".join([*lines, *said]):
            self.made.notes_slide.notes_text_frame.text = text

    def _place(self, shape: Any, left: float, top: float, wide: float, high: float) -> None:
        shape.left, shape.top = self.inches(left), self.inches(top)
        shape.width, shape.height = self.inches(wide), self.inches(high)

    def _style(
        self, run: Any, size: int, colour: Any, strong: bool = False, emphasised: bool = False
    ) -> None:
        run.font.size, run.font.bold, run.font.italic = self.points(size), strong, emphasised
        run.font.color.rgb = colour
        run._r.get_or_add_rPr().set("lang", LANGUAGE)


def _as_texts(labels: Sequence[str]) -> list[Any]:
    from analysis.present.shown import Text

    return [Text([label]) for label in labels]


def _size(told: Sequence[Block]) -> int:
    """How large text may be that has to find room on a slide."""
    length = sum(len(block.plain) + 40 for block in told)
    return next((size for most, size in SIZES if length <= most), SMALLEST)


def _timeless(content: bytes) -> bytes:
    """The same archive, without the time at which it was made."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as before,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for part in before.infolist():
            entry = zipfile.ZipInfo(part.filename, MOMENT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            after.writestr(entry, before.read(part.filename))
    return out.getvalue()
