"""A pack's pages as HTML: slides that can be shown and printed, the handout, the sheet to rate on."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape

from analysis.language import gettext
from analysis.present.page import Page
from analysis.present.school_audit import RATING_WORDS
from analysis.present.session import Slide
from analysis.present.shown import Figure, Text
from analysis.publish.builtin.brand import Brand
from analysis.publish.packs.blocks import Block, blocks

STYLE = """
body{font:1rem/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);margin:0 auto;max-width:70rem;padding:1rem}
h1,h2{color:var(--primary);line-height:1.2}
section{border-top:.4rem solid var(--primary);margin:2rem 0;padding:1rem 0}
.slides section{font-size:1.25rem;min-height:60vh}
.step,.foot{color:var(--grey);font-size:.9rem}
.notice{border:2px solid var(--orange);padding:.5rem 1rem}
.draft{background:var(--plum);color:var(--paper);font-weight:600;text-align:center;padding:.5rem 1rem;print-color-adjust:exact}
body:has(.draft)::after{content:"Draft"/"";position:fixed;inset:0;display:grid;place-items:center;overflow:hidden;pointer-events:none;transform:rotate(-30deg);opacity:.09;color:var(--plum);font-size:min(30vw,20rem);font-weight:700}
img{background:#fff;max-width:100%;height:auto;max-height:75vh}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%}th,td{border:1px solid var(--grey);padding:.5rem;text-align:left}
thead th{background:var(--band);color:#fff}td{height:2rem}
details{font-size:1rem}
@media print{.slides section{break-before:page;border:0}details{display:none}body{max-width:none}}
"""


def slides(page: Page, made: Sequence[Slide], brand: Brand, draft: str = "") -> str:
    """All slides on one page, each a section; what the speaker knows is folded up.

    ``draft`` is said above all of it, if it is given.
    """
    sections = []
    speaker = escape(gettext("For the speaker"))
    for number, slide in enumerate(made, 1):
        parts = [f'<section aria-labelledby="slide-{number}">']
        if slide.step:
            parts.append(f'<p class="step">{escape(gettext(slide.step))}</p>')
        level = "h1" if number == 1 else "h2"
        parts.append(f'<{level} id="slide-{number}">{escape(slide.title)}</{level}>')
        parts.append(written(blocks(slide.texts)))
        parts += [_drawn(each, brand) for each in slide.figures]
        if slide.rate:
            parts.append(rating_table(slide.rate))
        if slide.notes:
            told = written(blocks(slide.notes))
            parts.append(f"<details><summary>{speaker}</summary>{told}</details>")
        sections.append("\n".join([*filter(None, parts), "</section>"]))
    return _page(page, brand, made[0].title, "\n".join(sections), "slides", draft)


def handout(page: Page, made: Sequence[Slide], brand: Brand, draft: str = "") -> str:
    """The handout; ``draft`` is said above it, if it is given."""
    title = title_of(page)
    parts = [f"<h1>{escape(title)}</h1>", f'<p class="step">{escape(subtitle(page))}</p>']
    for slide in made:
        parts += [f"<h2>{escape(slide.title)}</h2>", written(blocks(slide.texts))]
        parts += [_drawn(each, brand) for each in slide.figures]
    return _page(page, brand, title, "\n".join(parts), "handout", draft)


def assessment(page: Page, areas: Sequence[str], brand: Brand) -> str:
    """The blank self-assessment, for each group to mark."""
    title = gettext("{school}: where are we now?", school=title_of(page))
    body = [
        f"<h1>{escape(title)}</h1>",
        f'<p class="step">{escape(subtitle(page))}</p>',
        "<p>"
        + escape(
            gettext(
                "In a group of people with different roles: agree for each area on one of the "
                "three words, and mark it."
            )
        )
        + "</p>",
        rating_table(areas),
        "<p>" + escape(gettext("What would have to happen for one area to move on?")) + "</p>",
    ]
    return _page(page, brand, title, "\n".join(body), "assessment")


def title_of(page: Page) -> str:
    """Whose pack it is."""
    return str(page.school["name"]) if page.is_school else page.study.title


def subtitle(page: Page) -> str:
    """Of which programme and term."""
    study = page.study
    return f"{study.title}, {study.edition.term}" if page.is_school else study.edition.term


def rating_table(areas: Sequence[str]) -> str:
    """Areas by the three words, blank."""
    words = [gettext(each) for each in RATING_WORDS.values()]
    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in (gettext("Area"), *words))
    labels = [block.plain for block in blocks([Text([area]) for area in areas])]
    rows = "".join(
        f'<tr><th scope="row">{escape(label)}</th>{"<td></td>" * len(words)}</tr>'
        for label in labels
    )
    caption, region = escape(gettext("Areas of the school")), escape(gettext("Areas to rate"))
    table = f"<table><caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    # On a phone it is wider than the page: it moves by itself, by keyboard too.
    return f'<div class="wide" role="region" aria-label="{region}" tabindex="0">{table}</div>'


def written(told: Sequence[Block]) -> str:
    """Blocks as HTML: entries of one kind that follow each other are one list."""
    out, opened = [], ""
    for block in told:
        kind = "" if not block.mark else "ul" if block.mark == "•" else "ol"
        if kind != opened:
            out += [f"</{opened}>" if opened else "", f"<{kind}>" if kind else ""]
            opened = kind
        out.append(f"<li>{_runs(block)}</li>" if kind else f"<p>{_runs(block)}</p>")
    return "\n".join(filter(None, [*out, f"</{opened}>" if opened else ""]))


def _drawn(figure: Figure, brand: Brand) -> str:
    """A chart as a picture of its own, so that the ids in it meet no others."""
    # A picture has no typefaces of the page: where the reader's machine lacks it, one like it.
    svg = figure.svg.replace(f"'{brand.family}'", f"'{brand.family}', system-ui, sans-serif")
    data = base64.b64encode(svg.encode("utf-8")).decode("ascii")
    return f'<img src="data:image/svg+xml;base64,{data}" alt="{escape(figure.alt)}">'


def _runs(block: Block) -> str:
    out = []
    for run in block.runs:
        text = escape(run.text)
        text = f"<strong>{text}</strong>" if run.strong else text
        out.append(f"<em>{text}</em>" if run.emphasised else text)
    return "".join(out)


def _page(page: Page, brand: Brand, title: str, body: str, kind: str, draft: str = "") -> str:
    study = page.study
    mark = f'<p class="draft">{escape(draft)}</p>\n' if draft else ""
    notice = f'<p class="notice">{escape(study.notice)}</p>\n' if study.notice else ""
    top = f"<header>\n{mark}{notice}</header>\n" if mark or notice else ""
    return (
        '<!DOCTYPE html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{brand.css()}{STYLE}</style>\n"
        f'</head>\n<body class="{kind}">\n{top}<main>\n{body}\n</main>\n'
        f'<footer class="foot"><p>{escape(study.organisation)}, {escape(study.edition.date.isoformat())}</p></footer>\n'
        "</body>\n</html>\n"
    )
