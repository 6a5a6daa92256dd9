"""The report's tree as HTML: our nodes become markup around which Pandoc writes the text."""

from __future__ import annotations

import os.path
import re
from html import escape
from pathlib import Path, PurePosixPath
from typing import Any

from analysis.language import gettext
from analysis.publish.builtin.brand import Brand
from analysis.publish.builtin.crossref import Page
from analysis.publish.builtin.dialect import CALLOUTS
from analysis.publish.builtin.tables import TableCell, read_table
from analysis.publish.builtin.tree import (
    Node,
    Nodes,
    attribute,
    div,
    plain,
    raw_block,
    raw_inline,
    span,
    string,
    text_of,
    walk,
)

PERCENTAGE = re.compile(r"^\d{1,3}(\.\d+)?%$")


class Files:
    """Files that pages need, by their path in the output folder."""

    def __init__(self) -> None:
        self.written: dict[str, bytes] = {}
        self.copied: dict[str, Path] = {}

    def write(self, path: str, content: str) -> str:
        self.written[path] = content.encode("utf-8")
        return path

    def copy(self, path: str, origin: Path) -> str:
        self.copied[path] = origin
        return path


class _Html:
    """Markup and blocks in turn, with as few nodes as will do: Pandoc reads every one."""

    def __init__(self, markup: str) -> None:
        self._done: Nodes = []
        self._markup = [markup]

    @property
    def blocks(self) -> Nodes:
        """What was added, as nodes."""
        return [*self._done, raw_block("html", "".join(self._markup))]

    def add(self, markup: str, blocks: Nodes | None = None, after: str = "") -> None:
        """Add markup; or blocks between markup."""
        self._markup.append(markup)
        if blocks is not None:
            self._done += [raw_block("html", "".join(self._markup)), *blocks]
            self._markup = [after]


class HtmlTree:
    """Turns one page's tree into Pandoc's own nodes and HTML."""

    def __init__(self, page: Page, root: Path, files: Files, brand: Brand) -> None:
        self.page, self.root, self.files, self.brand = page, root, files, brand
        #: Whether an analyst's own chart needs plotly.js at once, and whether any can be explored.
        self.has_plot = self.explores = False
        self._captions = 0

    def body(self) -> Nodes:
        return self._blocks(self.page.blocks)

    def _blocks(self, blocks: Nodes) -> Nodes:
        lowered: Nodes = walk(blocks, self._node)
        return lowered

    def _node(self, node: Node) -> Node | Nodes | None:
        kind = node["t"]
        handler = getattr(self, f"_{kind.lower()}", None)
        return handler(node) if handler is not None else None

    # -- text ------------------------------------------------------------------------------

    def _quoted(self, node: Node) -> Nodes:
        left, right = ("‘", "’") if node["c"][0]["t"] == "SingleQuote" else ("“", "”")
        return [string(left), *self._blocks(node["c"][1]), string(right)]

    def _link(self, node: Node) -> Node:
        (_, classes, _), inlines, (target, title) = node["c"]
        if target.startswith("ref:"):
            path, _, anchor = target[4:].partition("#")
            address = "" if path == self.page.path else self.relative(path)
            target = f"{address}#{anchor}" if anchor else address or "#"
        elif target.startswith("file:"):
            name = target[5:].partition("#")[0]
            self.files.copy(name, self.root / name)
            target = self.relative(target[5:])
        return {
            "t": "Link",
            "c": [["", classes, []], self._blocks(inlines), [target, title]],
        }

    def _image(self, node: Node) -> Node:
        attributes, inlines, (name, _) = node["c"]
        alt = attribute(attributes, "fig-alt") or attribute(attributes, "alt") or text_of(inlines)
        self.files.copy(name, self.root / name)
        width = attribute(attributes, "width")
        style = f' style="width:{width}"' if width and PERCENTAGE.match(width) else ""
        shown = escape(" ".join(alt.split()))
        return raw_inline("html", f'<img src="{escape(self.relative(name))}" alt="{shown}"{style}>')

    def _rawblock(self, node: Node) -> Nodes | None:
        return [] if node["c"][0] != "html" else None

    def _codeblock(self, node: Node) -> Node:
        # Reachable by keyboard, since a long line scrolls.
        return raw_block(
            "html",
            '<pre tabindex="0" role="group" aria-label="' + escape(gettext("Code")) + '"><code>'
            f"{escape(node['c'][1])}</code></pre>",
        )

    def _header(self, node: Node) -> Node:
        inlines = self._blocks(node["inlines"])
        if node["number"]:
            inlines = [span(["section-number"], [string(node["number"])]), string(" "), *inlines]
        return {"t": "Header", "c": [node["level"], [node["id"], [], []], inlines]}

    def _pagebreak(self, node: Node) -> Node:
        return raw_block("html", '<div class="page-break"></div>')

    # -- tables and figures ----------------------------------------------------------------

    def _float(self, node: Node) -> Nodes:
        kind, identifier = node["kind"], node["id"]
        self._captions += 1
        caption_id = f"caption-{self._captions}"
        label: Nodes = []
        if node["number"]:
            word = gettext("Table") if kind == "tbl" else gettext("Figure")
            name = f"{word}\u00a0{node['number']}:"
            label = [span(["caption-label"], [string(name)]), string(" ")]
        caption = [*label, *self._blocks(node["caption"])]
        anchor = f' id="{escape(identifier)}"' if identifier else ""
        blocks: Nodes = list(node["blocks"])
        if kind == "fig":
            return [
                raw_block(
                    "html",
                    f'<figure class="figure"{anchor} aria-labelledby="{caption_id}">'
                    f'<figcaption id="{caption_id}">',
                ),
                plain(caption),
                raw_block("html", "</figcaption>"),
                *self._blocks(blocks),
                raw_block("html", "</figure>"),
            ]
        result: Nodes = [raw_block("html", f'<div class="table-figure"{anchor}>')]
        table = next((block for block in blocks if block["t"] == "Table"), None)
        if table is None:
            result += [raw_block("html", f'<p class="caption" id="{caption_id}">'), plain(caption)]
            result.append(raw_block("html", "</p>"))
        for block in blocks:
            if block is table:
                result += self._captioned_table(block, caption, caption_id)
            else:
                result += self._blocks([block])
        result.append(raw_block("html", "</div>"))
        return result

    def _table(self, node: Node) -> Nodes:
        return self._captioned_table(node, None, None)

    def _captioned_table(self, node: Node, caption: Nodes | None, caption_id: str | None) -> Nodes:
        table = read_table(node)
        named = (
            f'role="region" aria-labelledby="{caption_id}"'
            if caption_id
            else 'role="group" aria-label="' + gettext("Table") + '"'
        )
        size = " wide" if table.wide else " narrow" if table.narrow else ""
        html = _Html(f'<div class="table-scroll{size}" tabindex="0" {named}><table>')
        if caption is not None:
            html.add(f'<caption id="{caption_id}">', [plain(caption)], "</caption>")
        if table.header:
            html.add("<thead>")
            for row in table.header:
                self._row(html, row, table.alignments, header=True, row_header=False)
            html.add("</thead>")
        html.add("<tbody>")
        for row in table.rows:
            self._row(html, row, table.alignments, header=False, row_header=bool(table.header))
        html.add("</tbody></table></div>")
        return html.blocks

    def _row(
        self,
        html: _Html,
        cells: list[TableCell],
        alignments: list[Any],
        *,
        header: bool,
        row_header: bool,
    ) -> None:
        html.add("<tr>")
        for index, cell in enumerate(cells):
            aligned = alignments[index]
            style = "" if aligned == "left" else f' class="{aligned}"'
            if header and cell.text:
                tag, scope = "th", ' scope="col"'
            elif row_header and index == 0 and cell.text and len(cells) > 1:
                tag, scope = "th", ' scope="row"'
            else:
                tag, scope = "td", ""
            start, end = f"<{tag}{scope}{style}>", f"</{tag}>"
            if cell.bare:
                html.add(f"{start}{escape(cell.text)}{end}")
            else:
                html.add(start, self._blocks(cell.blocks), end)
        html.add("</tr>")

    def _plot(self, node: Node) -> Node:
        """A chart of the pipeline's, drawn in the page's colours; or an analyst's own interactive
        one, with its drawing for print and for pages without scripts."""
        if node["html"] is not None and node["html"].startswith('<div class="chart'):
            self.explores = self.explores or 'class="chart-data"' in node["html"]
            return raw_block("html", self.brand.variables(node["html"]))
        alt = escape(node["alt"])
        path = self.files.write(f"assets/figures/{node['name']}.svg", node["svg"])
        image = f'<img class="chart-drawing" src="{escape(self.relative(path))}" alt="{alt}">'
        if node["html"] is None:
            return raw_block("html", f'<div class="chart">{image}</div>')
        self.has_plot = True
        return raw_block(
            "html",
            f'<div class="chart has-plot"><div class="chart-plot" role="img" aria-label="{alt}">'
            f"{node['html']}</div>{image}</div>",
        )

    # -- components ------------------------------------------------------------------------

    def _callout(self, node: Node) -> Nodes:
        kind = node["kind"]
        word = gettext(CALLOUTS[kind])
        title = self._blocks(node["title"])
        if text_of(node["title"]).strip() != word:
            title = [span(["visually-hidden"], [string(f"{word}: ")]), *title]
        icon = "" if node["icon"] else " no-icon"
        anchor = f' id="{escape(node["id"])}"' if node["id"] else ""
        classes = f"callout callout-{kind}{icon}"
        if node["collapse"]:
            opened = " open" if node["open"] else ""
            start, middle, end = (
                f'<details class="{classes}"{anchor}{opened}><summary class="callout-title">',
                '</summary><div class="callout-body">',
                "</div></details>",
            )
        else:
            start, middle, end = (
                f'<div class="{classes}"{anchor} role="note"><p class="callout-title">',
                '</p><div class="callout-body">',
                "</div></div>",
            )
        return [
            raw_block("html", start),
            plain(title),
            raw_block("html", middle),
            *self._blocks(node["blocks"]),
            raw_block("html", end),
        ]

    def _tabset(self, node: Node) -> Nodes:
        """Sections one after the other; a script makes tabs of them where scripts run."""
        result: Nodes = [raw_block("html", '<div class="tabset">')]
        for tab in node["tabs"]:
            level, anchor = tab["level"], escape(tab["id"])
            result += [
                raw_block(
                    "html",
                    f'<section class="tab-panel" id="{anchor}-panel">'
                    f'<h{level} class="tab-title" id="{anchor}">',
                ),
                plain(self._blocks(tab["title"])),
                raw_block("html", f"</h{level}>"),
                *self._blocks(tab["blocks"]),
                raw_block("html", "</section>"),
            ]
        result.append(raw_block("html", "</div>"))
        return result

    def _quotation(self, node: Node) -> Nodes:
        result: Nodes = [
            raw_block("html", '<figure class="quotation"><blockquote>'),
            *self._blocks(node["quote"]),
            raw_block("html", "</blockquote>"),
        ]
        if node["attribution"]:
            result += [
                raw_block("html", "<figcaption>"),
                *self._blocks(node["attribution"]),
                raw_block("html", "</figcaption>"),
            ]
        result.append(raw_block("html", "</figure>"))
        return result

    def _keyfigures(self, node: Node) -> Node:
        cards = []
        for card in node["cards"]:
            number = {"t": "Para", "c": self._blocks(card["number"])}
            label = {"t": "Para", "c": self._blocks(card["label"])}
            cards.append(div(["key-figure"], [number, label, *self._blocks(card["rest"])]))
        return div(["key-figures"], cards)

    def _div(self, node: Node) -> Node:
        (identifier, classes, pairs), blocks = node["c"]
        kept = [pair for pair in pairs if pair[0] == "lang"]
        return {"t": "Div", "c": [[identifier, classes, kept], self._blocks(blocks)]}

    def _span(self, node: Node) -> Node:
        (identifier, classes, pairs), inlines = node["c"]
        kept = [pair for pair in pairs if pair[0] in ("of", "lang")]
        return {"t": "Span", "c": [[identifier, classes, kept], self._blocks(inlines)]}

    # -- addresses -------------------------------------------------------------------------

    def relative(self, path: str) -> str:
        """A path in the output folder as seen from this page."""
        return relative_address(self.page.path, path)


def relative_address(page: str, path: str) -> str:
    """The address of ``path`` from ``page``, both given from the output folder."""
    return os.path.relpath(path, str(PurePosixPath(page).parent))
