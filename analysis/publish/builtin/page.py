"""The HTML page around a document: head, header, navigation, notices, footer."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from analysis.language import ENGLISH, gettext, now
from analysis.publish.builtin.brand import Brand
from analysis.publish.builtin.crossref import Page
from analysis.publish.builtin.front import FrontMatter
from analysis.publish.builtin.html import relative_address

HEAD_SCRIPT = 'document.documentElement.classList.replace("no-script","script")'
PLOT_SCRIPT = 'if(window.Plotly)document.documentElement.classList.add("plots")'


@dataclass(frozen=True)
class Site:
    """What all pages of a report share."""

    kind: str
    lang: str
    front: FrontMatter
    brand: Brand
    logo: str | None
    pdf: str | None
    pages: tuple[Page, ...]


def html_page(site: Site, page: Page, body: str, *, has_plot: bool, explores: bool) -> str:
    """One complete page."""
    book = site.kind == "book"
    is_home = page is site.pages[0]
    title = site.front.title if is_home else f"{_numbered(page)} – {site.front.title}"
    parts = [
        "<!DOCTYPE html>",
        f'<html lang="{escape(site.lang)}" class="no-script">',
        _head(site, page, title, has_plot=has_plot),
        f'<body class="{"book" if book else "document"}{" home" if is_home else ""}"'
        f"{_draft_word(site.front)}>",
        '<a class="skip-link" href="#content">' + gettext("Skip to main content") + "</a>",
        _header(site, page, is_home=is_home),
        '<div class="layout">',
        _chapter_navigation(site, page) if book else _document_navigation(page),
        '<main id="content" tabindex="-1">',
        _chapter_title(page, is_home=is_home) if book else "",
        f'<div class="prose">\n{body}\n</div>',
        _next_and_previous(site, page) if book else "",
        "</main>",
        _on_this_page(page) if book else "",
        "</div>",
        _footer(site, page),
        f'<script src="{_address(page, "assets/builtin.js")}"></script>',
        f'<script src="{_address(page, "assets/scrolling.js")}"></script>',
        _charts(page) if explores else "",
        "</body>",
        "</html>",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def _charts(page: Page) -> str:
    """The script of charts that can be explored, and plotly.js in a template: loaded when asked for."""
    return (
        f'<template id="plotly"><script src="{_address(page, "assets/plotly.min.js")}"></script>'
        f'</template>\n<script src="{_address(page, "assets/charts.js")}"></script>'
    )


def _address(page: Page, path: str) -> str:
    return escape(relative_address(page.path, path))


def _numbered(page: Page) -> str:
    if page.number is None:
        return page.title
    if page.document.chapter.appendix:
        return f"Appendix {page.number}: {page.title}"
    return f"{page.number} {page.title}"


def _head(site: Site, page: Page, title: str, *, has_plot: bool) -> str:
    front = site.front
    lines = [
        "<head>",
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title>",
    ]
    if front.authors:
        lines.append(f'<meta name="author" content="{escape(", ".join(front.authors))}">')
    if front.date is not None:
        lines.append(f'<meta name="dcterms.date" content="{front.date.isoformat()}">')
    lines += [
        '<meta name="referrer" content="no-referrer">',
        '<link rel="icon" href="data:,">',
        f'<link rel="stylesheet" href="{_address(page, "assets/styles/components.css")}">',
        f'<link rel="stylesheet" href="{_address(page, "assets/styles/builtin.css")}">',
        f'<link rel="stylesheet" href="{_address(page, "assets/styles/brand.css")}">',
        f"<script>{HEAD_SCRIPT}</script>",
    ]
    if has_plot:
        lines.append(f'<script src="{_address(page, "assets/plotly.min.js")}"></script>')
        lines.append(f"<script>{PLOT_SCRIPT}</script>")
    return "\n".join([*lines, "</head>"])


def _header(site: Site, page: Page, *, is_home: bool) -> str:
    front = site.front
    logo = ""
    if site.logo:
        logo = (
            f'<img class="site-logo" src="{_address(page, site.logo)}" '
            f'alt="{escape(site.brand.logo_alt)}">'
        )
    large = is_home
    draft = (
        f'<div class="draft-banner" role="note">{escape(front.draft)}</div>' if front.draft else ""
    )
    lines = [
        f'<header class="site-header{" large" if large else ""}">{draft}<div class="band">',
        logo,
    ]
    if large:
        lines.append(
            f'<h1 class="site-title">{escape(front.title)}</h1>'
            if site.kind != "book"
            else f'<p class="site-title">{escape(front.title)}</p>'
        )
        if front.subtitle:
            lines.append(f'<p class="site-subtitle">{escape(front.subtitle)}</p>')
        facts = [*front.authors, *front.edition_line]
        if facts:
            items = "".join(f"<li>{escape(fact)}</li>" for fact in facts)
            lines.append(f'<ul class="site-facts">{items}</ul>')
    else:
        lines.append(
            f'<p class="site-title"><a href="{_address(page, "index.html")}">'
            f"{escape(front.title)}</a></p>"
        )
        if front.edition_line:
            lines.append(f'<p class="site-edition">{escape(" · ".join(front.edition_line))}</p>')
    if site.pdf:
        lines.append(
            f'<p class="site-pdf"><a href="{_address(page, site.pdf)}">'
            + escape(gettext("Read as PDF"))
            + "</a></p>"
        )
    lines.append("</div>")
    if front.notice:
        lines.append(
            '<div class="notice-banner" role="note" aria-label="'
            + escape(gettext("About these data"))
            + '">'
            f"<p>{escape(front.notice)}</p></div>"
        )
    lines.append("</header>")
    return "\n".join(line for line in lines if line)


def _draft_word(front: FrontMatter) -> str:
    """What the style sheet writes across a draft, where it is not its own English word."""
    if not front.draft or now() == ENGLISH:
        return ""
    return f" style=\"--draft: '{escape(front.draft_short)}'\""


def _chapter_navigation(site: Site, page: Page) -> str:
    chapters = escape(gettext("Chapters"))
    lines = [
        f'<nav class="sidebar" aria-label="{chapters}">',
        f'<details class="menu" open><summary>{chapters}</summary>',
    ]
    part: str | None = None
    opened = False
    for other in site.pages:
        chapter = other.document.chapter
        group = gettext("Appendices") if chapter.appendix else chapter.part
        if group != part or not opened:
            if opened:
                lines.append("</ul>")
            if group:
                lines.append(f'<p class="menu-part">{escape(group)}</p>')
            lines.append("<ul>")
            part, opened = group, True
        current = ' aria-current="page"' if other is page else ""
        number = (
            f'<span class="section-number">{escape(other.number)}</span> ' if other.number else ""
        )
        lines.append(
            f'<li><a href="{_address(page, other.path)}"{current}>{number}'
            f"<span>{escape(other.title)}</span></a></li>"
        )
    lines.append("</ul></details></nav>")
    return "\n".join(lines)


def _document_navigation(page: Page) -> str:
    if len(page.entries) < 2:
        return ""
    contents = escape(gettext("Contents"))
    return (
        f'<nav class="sidebar" aria-label="{contents}">\n'
        f'<details class="menu" open><summary>{contents}</summary>\n'
        f'<p class="menu-part menu-title">{contents}</p>'
        f"{_entry_list(page, deepest=2)}\n</details></nav>"
    )


def _on_this_page(page: Page) -> str:
    if sum(entry.level == 2 for entry in page.entries) < 2:
        return ""
    return (
        '<nav class="on-this-page" aria-labelledby="on-this-page">'
        '<p class="menu-part" id="on-this-page">' + escape(gettext("On this page")) + "</p>\n"
        f"{_entry_list(page, deepest=3)}\n</nav>"
    )


def _entry_list(page: Page, *, deepest: int) -> str:
    lines: list[str] = []
    depth = 1
    for entry in page.entries:
        level = min(entry.level, max(depth + 1, 2))
        if entry.level > deepest:
            continue
        if level > depth:
            lines.append("<ul>" * (level - depth))
        elif level == depth:
            lines.append("</li>")
        else:
            lines.append("</li></ul>" * (depth - level) + "</li>")
        depth = level
        number = (
            f'<span class="section-number">{escape(entry.number)}</span> ' if entry.number else ""
        )
        lines.append(
            f'<li><a href="#{escape(entry.anchor)}">{number}<span>{escape(entry.title)}</span></a>'
        )
    lines.append("</li></ul>" * (depth - 1))
    return "".join(lines)


def _chapter_title(page: Page, *, is_home: bool) -> str:
    anchor = f' id="{escape(page.anchor)}"' if page.anchor else ""
    part = page.document.chapter.part
    kicker = gettext("Appendix") if page.document.chapter.appendix else part
    above = f'<p class="kicker">{escape(kicker)}</p>' if kicker else ""
    number = f'<span class="section-number">{escape(page.number)}</span> ' if page.number else ""
    return f'<div class="chapter-title">{above}<h1{anchor}>{number}{escape(page.title)}</h1></div>'


def _next_and_previous(site: Site, page: Page) -> str:
    index = next(i for i, other in enumerate(site.pages) if other is page)
    links = []
    previous, following = escape(gettext("Previous")), escape(gettext("Next"))
    both = escape(gettext("Next and previous chapter"))
    if index > 0:
        other = site.pages[index - 1]
        links.append(
            f'<a class="previous" rel="prev" href="{_address(page, other.path)}">'
            f"<span>{previous}</span> {escape(_numbered(other))}</a>"
        )
    if index + 1 < len(site.pages):
        other = site.pages[index + 1]
        links.append(
            f'<a class="next" rel="next" href="{_address(page, other.path)}">'
            f"<span>{following}</span> {escape(_numbered(other))}</a>"
        )
    if not links:
        return ""
    return f'<nav class="next-previous" aria-label="{both}">' + "".join(links) + "</nav>"


def _footer(site: Site, page: Page) -> str:
    front = site.front
    lines = ['<footer class="site-footer"><div class="band">']
    if front.notice_short:
        lines.append(f'<p class="notice-short">{escape(front.notice_short)}</p>')
    facts = [front.title, *front.authors, *front.edition_line]
    lines.append(f"<p>{escape(' · '.join(facts))}</p>")
    return "\n".join([*lines, "</div></footer>"])
