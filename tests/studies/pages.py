"""What is read back from rendered pages: text, sections, and tables with their captions.

A page is read once for as long as its file stays as it is: parsing takes most of the time of tests
that look at many pages. What comes back is shared, and not to be changed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, wraps
from pathlib import Path
from typing import TypeVar

import pypdf
import textstat
from bs4 import BeautifulSoup
from bs4.element import Tag

Found = TypeVar("Found")
#: What stands in a cell for a number.
MARKS = {"[c]", "[x]", "[z]", "–", ""}


@dataclass(frozen=True)
class Table:
    """One table of a page."""

    page: Path
    caption: str
    columns: list[str]
    rows: list[list[str]]

    def column(self, name: str) -> dict[str, str]:
        """A column's cells by what stands in the row's first."""
        place = self.columns.index(name)
        return {row[0]: row[place] for row in self.rows}


def once(reading: Callable[[Path], Found]) -> Callable[[Path], Found]:
    """The same, for each file once."""

    @lru_cache(maxsize=128)
    def kept(path: Path, changed: int, size: int) -> Found:
        return reading(path)

    @wraps(reading)
    def found(path: Path) -> Found:
        state = path.stat()
        return kept(path.resolve(), state.st_mtime_ns, state.st_size)

    return found


@once
def whole(page: Path) -> BeautifulSoup:
    """A page with all that is on it."""
    return BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")


@once
def pdf(path: Path) -> list[str]:
    """The text of each page of a PDF."""
    return [page.extract_text() for page in pypdf.PdfReader(path).pages]


@once
def read(page: Path) -> BeautifulSoup:
    """The part of a page that is the report's own."""
    soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    main = soup.find("main")
    assert isinstance(main, Tag), page
    # Nor is what the report offers to take away anything that it says.
    for part in [*main(["script", "style"]), *main.select(".downloads, .report-downloads")]:
        part.decompose()
    return main  # type: ignore[return-value]


@once
def words(page: Path) -> str:
    """All text of a page, with alternative texts and titles."""
    soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    for part in soup(["script", "style"]):
        part.decompose()
    more = [
        str(tag[name])
        for name in ("alt", "title", "aria-label")
        for tag in soup.select(f"[{name}]")
    ]
    # Within a sentence a link, an emphasis or a number that can be asked is no word by itself: the
    # full stop stays at its end.
    for part in [*soup(["a", "em", "strong"]), *soup.select("span.number")]:
        part.unwrap()
    soup.smooth()
    return re.sub(r"\s+", " ", " ".join([soup.get_text(" "), *more]))


@once
def tables(page: Path) -> list[Table]:
    """The tables of a page."""
    found = []
    for tag in read(page).find_all("table"):
        head, *rows = [
            [cell.get_text(" ", strip=True) for cell in row.find_all(["th", "td"])]
            for row in tag.find_all("tr")
        ]
        caption = tag.find("caption")
        # A caption's apostrophes are typographic, for Quarto's sake.
        said = caption.get_text(" ", strip=True).replace("’", "'") if caption else ""
        found.append(Table(page, re.sub(r"^Table\s[\d.]+:\s", "", said), head, rows))
    return found


def prose(page: Path, section: str) -> list[str]:
    """Sentences and list items between a heading of the second level and the next, by its id."""
    heading = read(page).find(re.compile(r"^h2$"), id=re.compile(f"^{section}"))
    if not isinstance(heading, Tag):
        return []
    found = []
    for element in heading.find_all_next(["h2", "p", "li"]):
        if element.name == "h2":
            break
        inner = element.find_parent(["figure", "table"]) or (
            element.name == "p" and element.find_parent("li")
        )
        text = element.get_text(" ", strip=True)
        if text and not inner:
            found.append(text if text[-1] in ".?!" else f"{text}.")
    return found


#: Words for those who know statistics: they stand in what only pages show, closed.
JARGON = re.compile(r"\bp\b|Wilcoxon|Holm|d_z|d~z~|correction|hypothes|signific", re.IGNORECASE)
#: The reading grade that page one and the children's page may have, and what else readers read.
GRADES = {"sec-glance": 7.0, "sec-children": 5.0, "sec-letter": 7.0}
GRADE = 8.0
#: What is no number of its own: an interval, a scale's name, a year or a round, the comma of thousands.
NO_NUMBER = re.compile(
    r"95% interval( [\d.−]+ to [\d.−]+)?|\w+-\d+|[A-Za-z]+ \d{4}|\bround \d+|(?<=\d),(?=\d)"
)


def easy_to_read(page: Path) -> None:
    """Assert that every section of a school's report reads as its readers need it."""
    sections = [str(heading["id"]) for heading in read(page).find_all("h2")]
    assert "sec-glance" in sections
    for section in sections:
        said = " ".join(prose(page, f"{section}$"))
        if not said or section == "sec-behind":
            continue
        most = next((g for start, g in GRADES.items() if section.startswith(start)), GRADE)
        assert grade(said) <= most, (page, section, grade(said))
        assert not JARGON.findall(said), (page, section)
        for sentence in re.split(r"(?<=[.?!])\s+", said):
            told = NO_NUMBER.sub("", sentence)
            assert len(re.findall(r"(?<!\w)\d[\d.]*", told)) <= 2, (page, sentence)


def spoken(page: Path) -> str:
    """All sentences and list items of a page outside tables and figures."""
    found = []
    for element in read(page).find_all(["p", "li"]):
        if element.find_parent(["table", "figure"]) or element.find_parent(class_="table-figure"):
            continue
        if element.name == "p" and element.find_parent("li"):
            continue
        text = re.sub(r"\s+", " ", element.get_text(" ", strip=True))
        if text:
            found.append(text if text[-1] in ".?!" else f"{text}.")
    return " ".join(found)


def grade(text: str) -> float:
    """How many years of school a text asks for, by Flesch and Kincaid.

    A decimal point is no end of a sentence.
    """
    return float(textstat.flesch_kincaid_grade(re.sub(r"(?<=\d)\.(?=\d)", "", text)))


#: Begins with a small letter as it should: a symbol of statistics, an address, a name such as n.d.
SMALL = re.compile(r"(?:[ptn]|d_\w+|https?\S*|n\.d)\b")


def begun_small(page: Path) -> list[str]:
    """Sentences that begin with a small letter, but for those below a number in large."""
    found = []
    for element in read(page).find_all(["p", "li", "figcaption", "caption"]):
        table = element.find_parent("table") is not None and element.name != "caption"
        if table or element.find(["p", "ul", "ol"]) or element.find_parent(class_="key-figure"):
            continue
        text = re.sub(r"\s+", " ", element.get_text(" ", strip=True))
        begun = re.finditer(r"(?:^|(?<=[a-z)\]][.?!] ))[a-z][^.]*", text)
        found += [m.group() for m in begun if not SMALL.match(m.group())]
    return found


def empty_sections(page: Path) -> list[str]:
    """Headings with nothing below them."""
    found = []
    headings = read(page).find_all(re.compile(r"^h[1-6]$"))
    for heading, following in zip(headings, [*headings[1:], None], strict=True):
        text = ""
        for element in heading.next_elements:
            if element is following:
                break
            if isinstance(element, Tag) and element.name in ("img", "svg", "table"):
                text = "something"
            elif not isinstance(element, Tag) and heading not in element.parents:
                text += str(element).strip()
        deeper = following is not None and following.name > heading.name
        if not text and not deeper:
            found.append(heading.get_text(" ", strip=True))
    return found


def number(text: str) -> float:
    """A number as printed."""
    return float(text.replace(",", "").replace("\u2212", "-"))


def is_printed(value: float, text: str) -> bool:
    """Whether a number is printed so, to as many decimals as it has there."""
    return abs(number(text) - value) <= 0.51 * 10.0 ** -len(text.partition(".")[2])
