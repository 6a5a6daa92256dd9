"""A document, or its first page, for Word: for those who edit what they have been sent.

Pandoc writes it from the tree that the built-in renderer reads, with headings, captions, rows of
headings and alternative texts; the looks come from a reference document made here from Pandoc's own
and the study's brand. Drawings go in as pictures of the same drawing. The file's date is the
edition's, so that the same report is the same file.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

import pypandoc

from analysis.places import inside
from analysis.publish.builtin import Read, tree
from analysis.publish.builtin.crossref import Page
from analysis.publish.builtin.dialect import CALLOUTS
from analysis.publish.builtin.pandoc import warm_pandoc
from analysis.publish.builtin.tree import Node, Nodes, attribute, para, plain, string, text_of, walk
from analysis.publish.exhibits import WORDS
from analysis.resources import FONTS

PAGE_ONE, REPORT = "page-one.docx", "report.docx"
#: Dots per inch of pictures made from drawings, and the most they measure, in centimetres.
SHARP, WIDTH, HEIGHT = 160, 16.5, 20.0
CENTIMETRES = {"pt": 2.54 / 72, "px": 2.54 / 96, "": 2.54 / 96}
#: Fonts that a reader's Word has: the report's own cannot be brought along.
FONT = "Arial"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
A = "http://schemas.openxmlformats.org/drawingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
BOX, BOX_TITLE = "Box", "Box Title"


def document(read: Read, *, page_one: bool) -> bytes:
    """A document as DOCX: all its pages, or its first.

    The first page of a document without chapters is what stands before its second section. A draft
    says that it is one above its text and at the foot of every page.
    """
    pages = [read.report.pages[0]] if page_one else read.report.pages
    draft = read.front.draft
    blocks: Nodes = [_styled(BOX_TITLE, [para([string(draft)])])] if draft else []
    with tempfile.TemporaryDirectory(prefix="word-") as folder:
        build = Path(folder)
        kept = [(page, _first(page.blocks, read) if page_one else page.blocks) for page in pages]
        tree = _Tree(read, kept, build)
        for page, found in kept:
            blocks += tree.page(page, found)
        looks = build / "reference.docx"
        said = " · ".join(
            filter(None, [read.front.draft, read.front.notice_short or read.front.title])
        )
        looks.write_bytes(reference(read.brand.primary, read.brand.accent, read.project.lang, said))
        made = build / "made.docx"
        warm_pandoc().write_file(blocks, _metadata(read), "docx", made, looks, tree.media)
        return steady(made.read_bytes(), read.front.date)


def _metadata(read: Read) -> dict[str, Any]:
    front = read.front
    inlines = {"title": front.title, "subtitle": front.subtitle,
               "date": " · ".join(front.edition_line)}  # fmt: skip
    said = {
        name: {"t": "MetaInlines", "c": [string(text)]} for name, text in inlines.items() if text
    }
    authors = [{"t": "MetaInlines", "c": [string(name)]} for name in front.authors]
    return said | {
        "author": {"t": "MetaList", "c": authors},
        "lang": {"t": "MetaInlines", "c": [string(read.project.lang)]},
    }


def _first(blocks: Nodes, read: Read) -> Nodes:
    """The part of a page up to its second section, of a document without chapters."""
    if read.project.kind == "book":
        return blocks
    sections = [n for n, node in enumerate(blocks) if node["t"] == "Header" and node["level"] == 2]
    return blocks[: sections[1]] if len(sections) > 1 else blocks


class _Tree:
    """Turns trees of pages into nodes of Pandoc's own."""

    def __init__(self, read: Read, pages: Sequence[tuple[Page, Nodes]], build: Path) -> None:
        self.read, self.build = read, build
        self.book = read.project.kind == "book"
        #: Places that links may lead to: what is not in the document is named without a link.
        self.anchors = {anchor for page, blocks in pages for anchor in _anchors(page, blocks)}
        #: Pictures by their name in the document.
        self.media: dict[str, Path] = {}
        drawn = [node for _, blocks in pages for node in _plots(blocks)]
        self.pictures = dict(zip(map(id, drawn), _pictures(drawn, read, build), strict=True))

    def page(self, page: Page, blocks: Nodes) -> Nodes:
        made: Nodes = []
        if self.book:
            title = f"{page.number} {page.title}" if page.number else page.title
            made.append(_header(1, page.anchor, [string(title)]))
        elif notice := self.read.front.notice:
            made.append(_styled(BOX, [para([string(notice)])]))
        if self.book and page is self.read.report.pages[0] and self.read.front.notice:
            made.append(_styled(BOX, [para([string(self.read.front.notice)])]))
        return made + self._blocks(blocks)

    def _blocks(self, blocks: Nodes) -> Nodes:
        lowered: Nodes = walk(blocks, self._node)
        return lowered

    def _node(self, node: Node) -> Node | Nodes | None:
        handler = getattr(self, f"_{node['t'].lower()}", None)
        return handler(node) if handler is not None else None

    def _header(self, node: Node) -> Node:
        inlines = self._blocks(node["inlines"])
        if node["number"]:
            inlines = [string(f"{node['number']} "), *inlines]
        return _header(node["level"] if self.book else node["level"] - 1, node["id"], inlines)

    def _rawblock(self, node: Node) -> Nodes:
        return []

    def _rawinline(self, node: Node) -> Nodes:
        return []

    def _pagebreak(self, node: Node) -> Nodes:
        return []

    def _link(self, node: Node) -> Node | Nodes:
        _, inlines, (target, title) = node["c"]
        shown = self._blocks(inlines)
        path, _, anchor = target.removeprefix("ref:").partition("#")
        if target.startswith("ref:"):
            anchor = anchor or next(
                (p.anchor for p in self.read.report.pages if p.path == path), ""
            )
            return _link(shown, f"#{anchor}", title) if anchor in self.anchors else shown
        outside = re.match(r"https?://|mailto:", target)
        return _link(shown, target, title) if outside else shown

    def _image(self, node: Node) -> Node:
        attributes, inlines, (name, _) = node["c"]
        alt = attribute(attributes, "fig-alt") or attribute(attributes, "alt") or text_of(inlines)
        return self._picture(alt, inside(self.read.project.root, *Path(name).parts))

    def _plot(self, node: Node) -> Node:
        return plain([self._picture(node["alt"], self.pictures[id(node)], _width(node["svg"]))])

    def _picture(self, alt: str, path: Path, width: float = 0) -> Node:
        name = f"picture-{len(self.media) + 1}{path.suffix.lower()}"
        self.media[name] = path
        size = [["width", f"{width:.2f}cm"]] if width else []
        return {"t": "Image", "c": [["", [], size], [string(" ".join(alt.split()))], [name, ""]]}

    def _float(self, node: Node) -> Nodes:
        label = f"{WORDS[node['kind']]} {node['number']}: " if node["number"] else ""
        caption = [string(label), *self._blocks(node["caption"])]
        made: Nodes = []
        for block in node["blocks"]:
            if block["t"] == "Table":
                own, _, *rest = self._table(block)["c"]
                made.append({"t": "Table", "c": [own, [None, [plain(caption)]], *rest]})
                caption = []
            else:
                made += self._blocks([block])
        if caption:
            figure = [["", [], []], [None, [plain(caption)]], made]
            made = [{"t": "Figure", "c": figure}]
        return [{"t": "Div", "c": [[node["id"], [], []], made]}]

    def _table(self, node: Node) -> Node:
        return {"t": "Table", "c": tree.inside(node, self._node)["c"]}

    def _callout(self, node: Node) -> Node:
        title = self._blocks(node["title"]) or [string(CALLOUTS[node["kind"]])]
        return _styled(BOX, [_styled(BOX_TITLE, [para(title)]), *self._blocks(node["blocks"])])

    def _tabset(self, node: Node) -> Nodes:
        made: Nodes = []
        for tab in node["tabs"]:
            level = tab["level"] if self.book else tab["level"] - 1
            made += [_header(level, tab["id"], self._blocks(tab["title"]))]
            made += self._blocks(tab["blocks"])
        return made

    def _quotation(self, node: Node) -> Nodes:
        return [
            {"t": "BlockQuote", "c": [*self._blocks(node["quote"]),
                                      *self._blocks(node["attribution"])]}
        ]  # fmt: skip

    def _keyfigures(self, node: Node) -> Nodes:
        made: Nodes = []
        for card in node["cards"]:
            number = {"t": "Strong", "c": self._blocks(card["number"])}
            made.append(para([number, string(" "), *self._blocks(card["label"])]))
            made += self._blocks(card["rest"])
        return made

    def _div(self, node: Node) -> Node:
        (identifier, classes, _), blocks = node["c"]
        boxed = {"finding", "notice", "summary", "how-to-read"} & set(classes)
        style = [["custom-style", BOX]] if boxed else []
        return {"t": "Div", "c": [[identifier, [], style], self._blocks(blocks)]}

    def _span(self, node: Node) -> Nodes:
        return self._blocks(node["c"][1])


def _header(level: int, identifier: str, inlines: Nodes) -> Node:
    return {"t": "Header", "c": [min(max(level, 1), 6), [identifier, [], []], inlines]}


def _link(inlines: Nodes, target: str, title: str) -> Node:
    return {"t": "Link", "c": [["", [], []], inlines, [target, title]]}


def _styled(style: str, blocks: Nodes) -> Node:
    return {"t": "Div", "c": [["", [], [["custom-style", style]]], blocks]}


def _anchors(page: Page, blocks: Nodes) -> Iterator[str]:
    """Anchors that the document will have."""
    yield page.anchor
    waiting: list[Any] = [blocks]
    while waiting:
        each = waiting.pop()
        if isinstance(each, list):
            waiting += each
        elif isinstance(each, dict):
            if each.get("t") in ("Header", "Float"):
                yield str(each["id"])
            waiting += [part for part in each.values() if isinstance(part, list | dict)]


def _plots(value: Any) -> Iterator[Node]:
    """Drawings of a tree."""
    if isinstance(value, list):
        for each in value:
            yield from _plots(each)
    elif isinstance(value, dict):
        if value.get("t") == "Plot":
            yield value
        elif "t" in value or "blocks" in value:
            for each in value.values():
                if isinstance(each, list | dict):
                    yield from _plots(each)


def _pictures(plots: Sequence[Node], read: Read, build: Path) -> list[Path]:
    """Drawings as pictures, by Typst, which sets the PDF's: one for each."""
    import typst

    if not plots:
        return []
    lines = ["#set page(width: auto, height: auto, margin: 0pt)"]
    for number, plot in enumerate(plots):
        inside(build, f"{number}.svg").write_text(plot["svg"], encoding="utf-8")
        width = _width(plot["svg"])
        lines.append(f'#page(image("{number}.svg", width: {width:.2f}cm))')
    (build / "pictures.typ").write_text("\n".join(lines), encoding="utf-8")
    made: Any = typst.compile(
        str(build / "pictures.typ"),
        root=str(build),
        font_paths=[str(read.project.root / FONTS)],
        ignore_system_fonts=True,
        format="png",
        ppi=SHARP,
    )
    paths = []
    for number, content in enumerate(made if isinstance(made, list) else [made]):
        path = inside(build, f"{number}.png")
        path.write_bytes(content)
        paths.append(path)
    return paths


def _width(svg: str) -> float:
    """How wide a drawing is shown, in centimetres: as it is, or so that it fits on a page."""
    drawn = dict.fromkeys(("width", "height"), 0.0)
    head = svg[svg.find("<svg") :].partition(">")[0]
    for name, length, unit in re.findall(r'\s(width|height)="([\d.]+)(pt|px|)"', head):
        drawn[name] = float(length) * CENTIMETRES[unit]
    if not all(drawn.values()):
        return WIDTH
    return drawn["width"] * min(1, WIDTH / drawn["width"], HEIGHT / drawn["height"])


# --- looks -----------------------------------------------------------------------------------


@lru_cache(maxsize=4)
def reference(primary: str, accent: str, lang: str, said: str) -> bytes:
    """A reference document in a brand: Pandoc's own, with other colours, fonts and tables.

    ``said`` stands at the foot of every page, with the page's number.
    """
    made = subprocess.run(
        [pypandoc.get_pandoc_path(), "--print-default-data-file", "reference.docx"],
        capture_output=True,
        check=True,
    ).stdout
    return _rewritten(
        made,
        {
            "word/styles.xml": lambda content: _styles(content, primary, accent, lang),
            "word/theme/theme1.xml": lambda content: _colours(content, primary, accent),
            "word/document.xml": _page,
            "[Content_Types].xml": lambda content: content.replace(
                b"</Types>", FOOTER_TYPE + b"</Types>"
            ),
            "word/_rels/document.xml.rels": lambda content: content.replace(
                b"</Relationships>", FOOTER_RELATION + b"</Relationships>"
            ),
        },
        {FOOTER_PART: _footer(said)},
    )


FOOTER_PART = "word/footer1.xml"
FOOTER_TYPE = (
    b'<Override PartName="/word/footer1.xml" ContentType="application/vnd.openxmlformats-'
    b'officedocument.wordprocessingml.footer+xml"/>'
)
FOOTER_RELATION = (
    b'<Relationship Id="rIdFooter" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    b'relationships/footer" Target="footer1.xml"/>'
)


def _page(content: bytes) -> bytes:
    """A4 with margins of two centimetres, and the footer."""
    from lxml import etree

    root = etree.fromstring(content)
    for section in root.iter(f"{{{W}}}sectPr"):
        for old in list(section):
            section.remove(old)
        foot = etree.SubElement(section, f"{{{W}}}footerReference")
        foot.set(f"{{{W}}}type", "default")
        foot.set(f"{{{R}}}id", "rIdFooter")
        size = etree.SubElement(section, f"{{{W}}}pgSz")
        size.set(f"{{{W}}}w", "11906")
        size.set(f"{{{W}}}h", "16838")
        margins = etree.SubElement(section, f"{{{W}}}pgMar")
        for side in ("top", "right", "bottom", "left"):
            margins.set(f"{{{W}}}{side}", "1134")
        for side in ("header", "footer"):
            margins.set(f"{{{W}}}{side}", "567")
        margins.set(f"{{{W}}}gutter", "0")
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


def _footer(said: str) -> bytes:
    return f"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<w:ftr xmlns:w="{W}"><w:p><w:pPr><w:tabs><w:tab w:val="right" w:pos="9638"/></w:tabs></w:pPr>
<w:r><w:rPr><w:sz w:val="16"/></w:rPr><w:t xml:space="preserve">{escape(said)}</w:t><w:tab/></w:r>
<w:fldSimple w:instr="PAGE"><w:r><w:rPr><w:sz w:val="16"/></w:rPr><w:t>1</w:t></w:r></w:fldSimple>
</w:p></w:ftr>""".encode()


def _styles(content: bytes, primary: str, accent: str, lang: str) -> bytes:
    from lxml import etree

    root = etree.fromstring(content)
    colour, bright = primary.removeprefix("#"), accent.removeprefix("#")
    for each in root.iter(f"{{{W}}}lang"):
        each.set(f"{{{W}}}val", lang)
    for size in root.iter(f"{{{W}}}docDefaults"):
        for each in size.iter(f"{{{W}}}sz", f"{{{W}}}szCs"):
            each.set(f"{{{W}}}val", "22")
    for style in root.iter(f"{{{W}}}style"):
        name = style.get(f"{{{W}}}styleId", "")
        if re.fullmatch(r"(Title|Subtitle|Heading\d)(Char)?", name):
            properties = style.find(f"{{{W}}}rPr")
            if properties is not None:
                for old in properties.findall(f"{{{W}}}color"):
                    properties.remove(old)
                etree.SubElement(properties, f"{{{W}}}color").set(f"{{{W}}}val", colour)
        elif name == "Table":
            style.getparent().remove(style)
    table = f"""
    <w:style xmlns:w="{W}" w:type="table" w:default="1" w:styleId="Table">
      <w:name w:val="Table"/><w:qFormat/>
      <w:pPr><w:spacing w:before="20" w:after="20"/></w:pPr>
      <w:rPr><w:sz w:val="18"/><w:szCs w:val="18"/></w:rPr>
      <w:tblPr><w:tblInd w:w="0" w:type="dxa"/>
        <w:tblBorders><w:top w:val="single" w:sz="12" w:color="{colour}"/>
          <w:bottom w:val="single" w:sz="8" w:color="{colour}"/>
          <w:insideH w:val="single" w:sz="4" w:color="C9D0D6"/></w:tblBorders>
        <w:tblCellMar><w:top w:w="30" w:type="dxa"/><w:left w:w="80" w:type="dxa"/>
          <w:bottom w:w="30" w:type="dxa"/><w:right w:w="80" w:type="dxa"/></w:tblCellMar></w:tblPr>
      <w:trPr><w:cantSplit/></w:trPr>
      <w:tblStylePr w:type="firstRow"><w:rPr><w:b/><w:color w:val="{colour}"/></w:rPr>
        <w:tcPr><w:tcBorders><w:bottom w:val="single" w:sz="8" w:color="{colour}"/></w:tcBorders>
          <w:shd w:val="clear" w:color="auto" w:fill="F3F6F8"/><w:vAlign w:val="bottom"/></w:tcPr>
      </w:tblStylePr>
    </w:style>"""
    box = f"""
    <w:style xmlns:w="{W}" w:type="paragraph" w:customStyle="1" w:styleId="Box">
      <w:name w:val="{BOX}"/><w:basedOn w:val="BodyText"/><w:qFormat/>
      <w:pPr><w:pBdr><w:left w:val="single" w:sz="36" w:space="8" w:color="{bright}"/></w:pBdr>
        <w:shd w:val="clear" w:color="auto" w:fill="F3F6F8"/><w:ind w:left="240"/></w:pPr>
    </w:style>"""
    title = f"""
    <w:style xmlns:w="{W}" w:type="paragraph" w:customStyle="1" w:styleId="BoxTitle">
      <w:name w:val="{BOX_TITLE}"/><w:basedOn w:val="Box"/><w:next w:val="Box"/><w:qFormat/>
      <w:pPr><w:keepNext/></w:pPr><w:rPr><w:b/><w:color w:val="{colour}"/></w:rPr>
    </w:style>"""
    for added in (table, box, title):
        root.append(etree.fromstring(added))
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


def _colours(content: bytes, primary: str, accent: str) -> bytes:
    from lxml import etree

    root = etree.fromstring(content)
    for name, colour in (("accent1", primary), ("accent2", accent), ("hlink", primary)):
        for each in root.iter(f"{{{A}}}{name}"):
            for old in list(each):
                each.remove(old)
            etree.SubElement(each, f"{{{A}}}srgbClr").set("val", colour.removeprefix("#"))
    for name in ("majorFont", "minorFont"):
        for fonts in root.iter(f"{{{A}}}{name}"):
            for latin in fonts.findall(f"{{{A}}}latin"):
                latin.set("typeface", FONT)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


def steady(content: bytes, date: dt.date | None) -> bytes:
    """A Word document with the edition's date in place of the clock's, in every part of it."""
    moment = f"{(date or dt.date(2000, 1, 1)).isoformat()}T00:00:00Z"

    def core(part: bytes) -> bytes:
        return re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", moment.encode(), part)

    return _rewritten(content, {"docProps/core.xml": core})


def _rewritten(
    content: bytes, parts: Mapping[str, Any], added: Mapping[str, bytes] | None = None
) -> bytes:
    """A zip file with some parts changed or added, and without the clock in its directory."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as before,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        every = {name: before.read(name) for name in before.namelist()} | dict(added or {})
        for name, part in every.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            after.writestr(entry, parts[name](part) if name in parts else part)
    return made.getvalue()
