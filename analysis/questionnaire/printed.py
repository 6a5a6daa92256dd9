"""The questionnaire on paper: Typst source for an accessible PDF (PDF/UA-1), in one language."""

from __future__ import annotations

import json
import textwrap

from analysis.questionnaire.model import Question, Questionnaire

#: Answers stand beside each other if there are no more, and none needs more lines in its column.
BESIDE, LINES = 7, 3
#: Letters in a line of the page, and as many as a box is wide.
LETTERS, BOX = 80, 4
#: Page, type and boxes. Words arrive as strings, so nothing in them is taken for Typst's own.
TEMPLATE = """\
#let ink = rgb("#1A1F24")
#let rule = rgb("#8A949C")
#let box-tick = box(width: 13pt, height: 13pt, stroke: 1pt + ink, radius: 2pt, baseline: 2.5pt)
#let answer(label) = grid(columns: (20pt, 1fr), box-tick, align(left, label))
#let beside(labels) = grid(
  columns: (1fr,) * labels.len(), column-gutter: 6pt, row-gutter: 8pt,
  ..labels.map(answer),
)
#let below(labels, across: 1) = grid(
  columns: (1fr,) * across, column-gutter: 10pt,
  // Down the first column before the second.
  ..labels.chunks(calc.ceil(labels.len() / across)).map(some => grid(
    columns: 1fr, row-gutter: 9pt, ..some.map(answer),
  )),
)
#let line-to-write = box(width: 100%, height: 24pt, stroke: (bottom: 1pt + ink))
#let squares(count) = stack(
  dir: ltr, spacing: 4pt,
  ..range(count).map(_ => box(width: 22pt, height: 26pt, stroke: 1pt + ink)),
)
#let asked(number, question, help, body) = block(
  breakable: false, width: 100%, above: 16pt, below: 16pt,
  {
    block(below: 8pt, text(weight: 600, number + ". " + question))
    if help != "" { block(below: 8pt, text(help)) }
    block(inset: (left: 14pt), body)
  },
)
"""


def source(questionnaire: Questionnaire, language: str) -> str:
    """The document in Typst: title, language and headings, and every question in reading order."""
    q = questionnaire
    word = {key: texts[language] for key, texts in q.words.items()}
    code, _, region = language.partition("-")
    title = _string(q.title[language])
    foot = _string(f"{word['form']} {q.survey} {q.version}")
    lines = [
        TEMPLATE,
        f"#set document(title: {title}, author: ())",
        f'#set text(font: "Inter", size: 12pt, fill: ink, lang: {_string(code)}, '
        f"region: {_string(region) if region else 'none'}, hyphenate: false)",
        "#set par(leading: 0.65em, spacing: 1em, justify: false)",
        "#show heading.where(level: 1): set text(size: 22pt)",
        "#show heading.where(level: 2): set text(size: 16pt)",
        "#show heading: set block(above: 1.4em, below: 0.9em, sticky: true)",
        f'#set page(paper: "a4", margin: (x: 2cm, top: 2.3cm, bottom: 2.2cm), '
        f"header: context if counter(page).get().first() > 1 {{ text(size: 9pt, {title}) }}, "
        f"footer: context {{ set text(size: 9pt); {foot}; h(1fr); {_string(word['page'] + ' ')}; "
        'counter(page).display("1 / 1", both: true) })',
        f"#heading(level: 1, {title})",
    ]
    lines += [f"#par({_string(text[language])})" for text in q.information]
    # Above the licences' notices, which respondents need not read, and those who print must.
    lines += [
        "#block(width: 100%, inset: 10pt, stroke: 1pt + rule, "
        f"text(size: 10pt, {_string(text[language])}))"
        for text in q.notices
    ]
    lines.append(f"#par({_string(word['tick'])})")
    # The version stands at the foot of each page, so not behind the question.
    number = 1
    lines.append(_asked(number, q.consent, q.plain(q.consent, language), language, word))
    number += 1
    date = Question("date", "date", q.words["date"])
    for place, section in enumerate(q.sections):
        lines.append(f"#heading(level: 2, {_string(section.title[language])})")
        if introduction := section.introduction.get(language):
            lines.append(f"#par({_string(introduction)})")
        for question in (date, *section.questions) if place == 0 else section.questions:
            lines.append(_asked(number, question, question.texts[language], language, word))
            number += 1
    lines.append(f"#par({_string(q.thanks[language])})")
    return "\n".join(lines) + "\n"


def _asked(number: int, question: Question, text: str, language: str, word: dict[str, str]) -> str:
    labels = [choice.texts[language] for choice in question.choices]
    listed = "(" + "".join(f"{_string(label)}, " for label in labels) + ")"
    if question.long:
        body = f"{{ {_string(word['write'])}; line-to-write }}"
    elif not labels:
        body = "squares(8)" if question.help or question.name == "date" else "line-to-write"
    elif _fit_beside(labels):
        body = f"beside({listed})"
    else:
        body = f"below({listed}, across: {2 if len(labels) > 5 else 1})"
    return (
        f"#asked({_string(str(number))}, {_string(text)}, "
        f"{_string(question.help.get(language, ''))}, {body})"
    )


def _fit_beside(labels: list[str]) -> bool:
    """Whether answers fit into columns beside each other, without a word being torn apart."""
    if len(labels) > BESIDE:
        return False
    room = LETTERS // len(labels) - BOX
    lines = [textwrap.wrap(label, room, break_long_words=False) for label in labels]
    return all(len(each) <= LINES and max(map(len, each)) <= room for each in lines)


def _string(text: str) -> str:
    """A Typst string; JSON escapes the same two characters."""
    return json.dumps("".join(c for c in text if c.isprintable()), ensure_ascii=False)
