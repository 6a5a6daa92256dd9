"""A Word document that the quick import of Microsoft Forms takes for a form, in one language.

The import goes by numbers before questions and letters before answers. It keeps no codes: an export
has the questions' words as headings, so each question must have words of its own.
"""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from collections.abc import Iterator
from html import escape

from analysis.errors import AnalystError
from analysis.questionnaire.model import Question, Questionnaire
from analysis.sources.wording import normalised

#: The moment of every file in the package: the same bytes whenever it is made.
MADE = (2000, 1, 1, 0, 0, 0)
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
TYPES = f"""{XML}<Types xmlns="{PACKAGE}/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/word/document.xml" ContentType="{OFFICE}.document.main+xml"/>
<Override PartName="/word/styles.xml" ContentType="{OFFICE}.styles+xml"/>
<Override PartName="/docProps/core.xml"
 ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>
</Types>"""
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TOP = f"""{XML}<Relationships xmlns="{PACKAGE}/relationships">
<Relationship Id="r1" Type="{RELATIONS}/officeDocument" Target="word/document.xml"/>
<Relationship Id="r2" Type="{PACKAGE}/relationships/metadata/core-properties"
 Target="docProps/core.xml"/>
</Relationships>"""
BELOW = f"""{XML}<Relationships xmlns="{PACKAGE}/relationships">
<Relationship Id="r1" Type="{RELATIONS}/styles" Target="styles.xml"/>
</Relationships>"""
#: Style -> name, size in half points, bold, space before and left edge in twentieths of a point.
STYLES = {
    "Normal": ("Normal", 22, False, 60, 0),
    "Title": ("Title", 36, True, 0, 0),
    "Heading1": ("heading 1", 28, True, 300, 0),
    "Question": ("Question", 22, True, 240, 0),
    "Answer": ("Answer", 22, False, 40, 400),
}


def write(questionnaire: Questionnaire, language: str) -> bytes:
    """The document's bytes.

    Raises
    ------
    AnalystError
        If two questions have the same words.
    """
    _refuse_alike(questionnaire, language)
    body = "".join(_paragraph(style, text) for style, text in _lines(questionnaire, language))
    parts = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": TOP,
        "docProps/core.xml": _properties(questionnaire.title[language], language),
        "word/_rels/document.xml.rels": BELOW,
        "word/document.xml": f'{XML}<w:document xmlns:w="{W}"><w:body>{body}'
        '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1134" w:right="1134" '
        'w:bottom="1134" w:left="1134" w:header="600" w:footer="600" w:gutter="0"/></w:sectPr>'
        "</w:body></w:document>",
        "word/styles.xml": _styles(language),
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, MADE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(entry, content.encode("utf-8"))
    return buffer.getvalue()


def _lines(questionnaire: Questionnaire, language: str) -> Iterator[tuple[str, str]]:
    """Paragraphs, each with its style."""
    yield "Title", questionnaire.title[language]
    for text in (*questionnaire.information, *questionnaire.notices):
        yield "Normal", text[language]
    number = 1
    yield from _asked(number, questionnaire.consent, language)
    for section in questionnaire.sections:
        yield "Heading1", section.title[language]
        if introduction := section.introduction.get(language):
            yield "Normal", introduction
        for question in section.questions:
            number += 1
            yield from _asked(number, question, language)


def _asked(number: int, question: Question, language: str) -> Iterator[tuple[str, str]]:
    yield "Question", f"{number}. {question.full(language)}"
    for place, choice in enumerate(question.choices):
        yield "Answer", f"{_letters(place)}. {choice.texts[language]}"
    if not question.choices:
        yield "Answer", "_" * 30


def _letters(place: int) -> str:
    """A, B, …, Z, AA, AB …"""
    rest, letter = divmod(place, 26)
    return (_letters(rest - 1) if rest else "") + chr(ord("A") + letter)


def _refuse_alike(questionnaire: Questionnaire, language: str) -> None:
    texts = Counter(normalised(q.full(language)) for q in questionnaire.questions)
    twice = [q for q in questionnaire.questions if texts[normalised(q.full(language))] > 1]
    if twice:
        raise AnalystError(
            "Microsoft Forms heads columns with the questions' words, and these have the same: "
            + ", ".join(q.name for q in twice[:6])
            + ".",
            where=questionnaire.survey,
            fix="Choose another tool, or other words if the instrument's owners allow it.",
        )


def _paragraph(style: str, text: str) -> str:
    return (
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr><w:r><w:t xml:space="preserve">'
        f"{escape(text, quote=False)}</w:t></w:r></w:p>"
    )


def _properties(title: str, language: str) -> str:
    return (
        f'{XML}<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:title>{escape(title, quote=False)}</dc:title><dc:language>{language}</dc:language>"
        "</cp:coreProperties>"
    )


def _styles(language: str) -> str:
    listed = "".join(
        f'<w:style w:type="paragraph" w:styleId="{key}"'
        + (' w:default="1"' if key == "Normal" else "")
        + f'><w:name w:val="{name}"/>'
        + ("" if key == "Normal" else '<w:basedOn w:val="Normal"/>')
        + "<w:pPr>"
        + ("<w:keepNext/>" if key in ("Heading1", "Question") else "")
        + f'<w:keepLines/><w:spacing w:before="{before}" w:after="60"/>'
        + (f'<w:ind w:left="{left}"/>' if left else "")
        + ('<w:outlineLvl w:val="0"/>' if key == "Heading1" else "")
        + "</w:pPr><w:rPr>"
        + ("<w:b/>" if bold else "")
        + f'<w:sz w:val="{size}"/></w:rPr></w:style>'
        for key, (name, size, bold, before, left) in STYLES.items()
    )
    return (
        f'{XML}<w:styles xmlns:w="{W}"><w:docDefaults><w:rPrDefault><w:rPr>'
        '<w:rFonts w:ascii="Arial" w:hAnsi="Arial" w:cs="Arial"/>'
        f'<w:lang w:val="{language}"/></w:rPr></w:rPrDefault></w:docDefaults>{listed}</w:styles>'
    )
