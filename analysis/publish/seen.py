"""What a reader sees: the numbers that made files show, by the keys of the places where they stand.

A page is parsed: tables cell by cell, sentences word by word, of figures the words of the drawing,
its alternative text and the data that a script draws. Which key a place has is what a reader takes
from headings and words around it; here it is taken from the notebooks, which record it of each cell
and sentence. The number itself is always the file's.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from analysis.present.shown import MINUS, PANDOC, WITHHELD, Part, read_recorded, unmarked
from analysis.publish.notebooks import LABEL

#: A number as pages print it, or a word.
TOKEN = re.compile(rf"{MINUS}?\d[\d,]*(?:\.\d+)?|[^\W\d_]+")
#: Where the data stand that a chart's script draws.
DRAWN = './/script[@type="application/json" and contains(@class, "chart-data")]'
#: How many words to either side tell a number of a sentence from others, most first.
AROUND = (14, 9, 6, 4, 2)
#: From so many on, the words make sure that it is that number, whatever it is.
SURE = 9
#: Keys of a chart's data that hold values.
VALUES = {"x", "y", "text", "customdata", "hovertext"}
#: Decimals to which the ends of an interval are drawn, as distances.
DISTANCES = ("array", "arrayminus")
NUMBER = "#"
PLAIN = re.compile(rf"<?{MINUS}?\d[\d,]*(?:\.\d+)?%?")
#: Fields of a part that are numbers of its row, rather than how many it rests on.
VALUES_OF = ("value", "ci_low", "ci_high")
#: Elements and classes whose words hold none of the data's numbers, and what links that do not lead to.
NUMBERING = ("script", "style", "nav")
NUMBERED = ("explained", "downloads", "report-downloads", "caption-label", "section-number",
            "header-section-number")  # fmt: skip
REFERENCES = ("#sec-", "#tbl-", "#fig-")


@dataclass(frozen=True)
class Place:
    """What a notebook's cell shows, with the keys of its numbers."""

    label: str
    kind: str
    numbers: Sequence[tuple[Part, int | None, int | None]]
    markdown: str = ""


@dataclass
class Seen:
    """Numbers read in files.

    ``parts`` with their keys; ``loose`` are numbers with decimals of which no key is known, by
    file; ``changed`` those that are not what the notebooks record; ``absent`` how many that the
    notebooks record stand in no page.
    """

    parts: list[Part] = field(default_factory=list)
    loose: list[tuple[str, str]] = field(default_factory=list)
    changed: list[tuple[str, Part, str]] = field(default_factory=list)
    absent: int = 0
    #: Numbers in cells of which a mark is recorded, with what is recorded.
    instead: list[tuple[str, Part, str]] = field(default_factory=list)
    #: Numbers with decimals that no record accounts for, with all recorded of their row or chart.
    beside: list[tuple[str, tuple[Part, ...], str]] = field(default_factory=list)


def is_plain(text: str) -> bool:
    """Whether what is shown is a number and nothing else."""
    return bool(PLAIN.fullmatch(text.strip()))


def is_number(text: str) -> bool:
    """Whether what is shown is a number, rather than words or a mark."""
    return len(_numbers(text)) == 1


def digits(text: str) -> str:
    """The number in what is shown, without a sign of what is below it and words round it."""
    return _numbers(text)[0]


def decimals_of(text: str) -> int:
    """How many decimals a number is printed with."""
    return len(text.partition(".")[2])


def places(notebooks: Path) -> list[Place]:
    """Every table, figure and sentence that a unit's executed notebooks hold."""
    found = []
    for path in sorted(notebooks.rglob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            label = LABEL.search("".join(cell["source"]))
            for output in cell.get("outputs", []):
                record = output.get("metadata", {}).get("drp", {})
                if "kind" not in record:
                    continue
                data = output.get("data", {})
                text = data.get(PANDOC) or data.get("text/markdown") or ""
                found.append(
                    Place(
                        label.group(1) if label else "",
                        record["kind"],
                        read_recorded(record.get("numbers", "")),
                        "".join(text),
                    )
                )
    return found


def read(
    folders: Sequence[Path], notebooks: Path, translated: Mapping[str, Path] | None = None
) -> Seen:
    """Every number that the pages of a unit show.

    Parameters
    ----------
    folders
        Where its documents are: a school's, or all of the programme's.
    notebooks
        Its executed notebooks, for the keys.
    translated
        Those in other languages, whose pages lie in a folder of that name.
    """
    seen = Seen()
    known = places(notebooks)
    others = {language: places(path) for language, path in (translated or {}).items()}
    shown: set[int] = set()
    texts: list[tuple[str, _Words]] = []
    also: dict[str, list[tuple[str, _Words]]] = {language: [] for language in others}
    for folder in folders:
        for path in sorted(folder.rglob("*.html")):
            language = path.relative_to(folder).parts[0]
            if language in others:
                _page(path, folder, others[language], seen, also[language])
            else:
                shown |= _page(path, folder, known, seen, texts)
    shown |= _sentences(texts, known, seen)
    for language, pages in also.items():
        _sentences(pages, others[language], seen)
    seen.absent = sum(len(each.numbers) for n, each in enumerate(known) if n not in shown)
    return seen


def _page(
    path: Path,
    folder: Path,
    known: Sequence[Place],
    seen: Seen,
    texts: list[tuple[str, _Words]],
) -> set[int]:
    """Read a page's tables and figures; which of the places are on it. Its words go to ``texts``."""
    # Only here: no other step of a report reads pages back.
    from lxml import html

    page = html.document_fromstring(path.read_text(encoding="utf-8"))
    name = path.relative_to(folder.parent).as_posix()
    # Gone through once: a document has hundreds of places, and a page thousands of elements.
    holders: dict[str, list[Any]] = {}
    for each in page.xpath("//*[@id]"):
        holders.setdefault(each.get("id"), []).append(each)
    shown = set()
    for number, place in enumerate(known):
        if not place.label or place.kind == "text":
            continue
        found = (h for h in holders.get(place.label, ()) if page in h.iterancestors())
        holder = next(found, None)
        if holder is None:
            continue
        shown.add(number)
        if place.kind == "table":
            _table(holder, place, name, seen)
        else:
            _figure(holder, place, path, name, seen)
        holder.drop_tree()
    # Numbers of chapters, tables and figures are none of the data's.
    for each in [element for element in page.iter() if _is_numbering(element)]:
        each.drop_tree()
    texts.append((name, _Words(_text_of(page))))
    return shown


def _is_numbering(element: Any) -> bool:
    if element.tag == "a":
        return any(place in element.get("href", "") for place in REFERENCES)
    classes = element.get("class")
    return element.tag in NUMBERING or bool(classes and not {*classes.split()}.isdisjoint(NUMBERED))


def _text_of(element: Any) -> str:
    """An element's words, those of its parts kept apart; without comments."""
    return " ".join(element.xpath("descendant-or-self::text()"))


def _table(holder: Any, place: Place, name: str, seen: Seen) -> None:
    body = next(holder.iter("tbody"), None)
    cells: dict[tuple[int, int], list[Part]] = {}
    marked: dict[tuple[int, int], Part] = {}
    of_row: dict[int, list[Part]] = {}
    for part, row, column in place.numbers:
        if row is not None and column is not None:
            of_row.setdefault(row, []).append(part)
            if is_number(part.text):
                cells.setdefault((row, column), []).append(part)
            elif part.text.strip() == WITHHELD:
                marked[row, column] = part
    for r, row in enumerate(body.iter("tr") if body is not None else ()):
        for c, cell in enumerate(row.iter("td", "th")):
            texts = _numbers(_text_of(cell))
            parts = cells.get((r, c), [])
            if (r, c) in marked and c > 0 and len(texts) > len(parts):
                seen.instead.append((name, marked[r, c], " ".join(texts)))
            left = _claim(parts, texts, name, seen, loose=c > 0)
            seen.beside += [
                (name, tuple(of_row[r]), text) for text in left if "." in text and r in of_row
            ]


def _claim(
    parts: Sequence[Part], texts: Sequence[str], name: str, seen: Seen, *, loose: bool = True
) -> list[str]:
    """Numbers of one cell, in order, to the keys recorded for it, in order; those that are left."""
    left = list(texts)
    if len(parts) == len(texts):
        for part, text in zip(parts, texts, strict=True):
            _take(part, text, name, seen)
        return []
    for part in parts:
        wanted = digits(part.text)
        if wanted in left:
            at = left.index(wanted)
            _take(part, left.pop(at), name, seen)
        else:
            seen.changed.append((name, part, " ".join(texts)))
    if loose:
        seen.loose += [(name, text) for text in left if "." in text]
    return left


def _take(part: Part, text: str, name: str, seen: Seen) -> None:
    if text != digits(part.text):
        seen.changed.append((name, part, text))
        part = replace(part, text=text, decimals=decimals_of(text))
    seen.parts.append(part)


def _value(text: str) -> float:
    return float(text.replace(MINUS, "-").replace(",", ""))


def _numbers(text: str) -> list[str]:
    return [each for each in TOKEN.findall(text) if each[-1].isdigit()]


def _figure(holder: Any, place: Place, path: Path, name: str, seen: Seen) -> None:
    """A figure's numbers: in its alternative text and drawing, and as a script draws them."""
    words = [_text_of(caption) for caption in holder.iter("figcaption", "title", "desc")]
    for image in holder.iter("img", "object"):
        words.append(image.get("alt") or "")
        drawing = path.parent / (image.get("src") or image.get("data") or "")
        if drawing.suffix == ".svg" and drawing.is_file():
            # Letters are drawn as outlines; what they spell stands in comments beside them.
            text = drawing.read_text(encoding="utf-8")
            words += re.findall(r"<!--(.*?)-->", text, re.DOTALL)
            words += re.findall(r"<text[^>]*>([^<]*)", text)
    words += [each.get("aria-label") for each in holder.xpath(".//*[@aria-label]")]
    drawn, arms = _drawn(holder)
    words += [each for each in drawn if isinstance(each, str)]
    printed = [text for each in words for text in _numbers(each)]
    there = set(printed)
    parts = [part for part, _, _ in place.numbers if is_number(part.text)]
    values = [each for each in drawn if isinstance(each, float)]
    known = {digits(part.text) for part in parts}
    printed_values = {_value(text) for text in known}
    for part in parts:
        exact = _value(digits(part.text))
        half = 0.5 * 10.0**-part.decimals + 1e-9
        finer = [
            v for v in values
            if abs(v - exact) <= half and _digits(v) > part.decimals and v not in printed_values
        ]  # fmt: skip
        drawn_so = any(abs(v - exact) < 1e-9 for v in values)
        if digits(part.text) in there or drawn_so:
            seen.parts.append(part)
        if finer and not drawn_so:
            # A chart that holds more than the page: the attack takes what it holds.
            close = min(finer, key=lambda v: abs(v - exact))
            text = f"{close:.{_digits(close)}f}".replace("-", MINUS)
            _take(part, text, name, seen)
    # On axes stand numbers beside those of the data.
    alternatives = " ".join(image.get("alt") or "" for image in holder.iter("img"))
    seen.loose += [(name, t) for t in _numbers(alternatives) if "." in t and t not in known]
    shown = [(_value(digits(part.text)), part.decimals) for part in parts]
    seen.beside += [
        (name, tuple(part for part, _, _ in place.numbers), f"{value:.9g}")
        for value in sorted(set(values))
        if _digits(value) and not any(abs(value - v) <= 0.5 * 10.0**-d + 1e-9 for v, d in shown)
    ]
    apart = {round(abs(a - b), 6) for a in printed_values for b in printed_values}
    seen.loose += [
        (name, f"{value:g}") for value in values
        if _digits(value) and not any(abs(value - each) < 0.5 for each in printed_values)
    ]  # fmt: skip
    seen.loose += [(name, f"{arm:g}") for arm in arms if round(abs(arm), 6) not in apart]


def _digits(value: float) -> int:
    return decimals_of(repr(round(value, 9))) if value != round(value) else 0


def _drawn(holder: Any) -> tuple[list[str | float], list[float]]:
    """What a chart's script draws: values and texts, and the lengths of intervals' arms."""
    found: list[str | float] = []
    distances: list[float] = []
    for script in holder.xpath(DRAWN):
        chart = json.loads(script.text)
        layout = chart["layout"]
        # Where the marks of an axis are named, its values are places of rows.
        rows = {axis[0] for axis in ("xaxis", "yaxis") if "tickvals" in layout.get(axis, {})}
        for trace in chart["data"]:
            if trace.get("hoverinfo") == "skip":
                # Limits that are computed from a printed number, drawn as lines.
                continue
            for key in sorted(VALUES - rows):
                found += _flat(trace.get(key))
            for key in ("error_x", "error_y"):
                if key[-1] in rows:
                    continue
                arms = trace.get(key) or {}
                for name in DISTANCES:
                    distances += [v for v in _flat(arms.get(name)) if isinstance(v, float)]
    return found, distances


def _flat(value: Any) -> Iterator[str | float]:
    if isinstance(value, list):
        for each in value:
            yield from _flat(each)
    elif isinstance(value, str):
        yield value
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield float(value)


class _Words:
    """A page's words in order, with a sign in place of each number."""

    def __init__(self, text: str) -> None:
        self.tokens = TOKEN.findall(text)
        self.starts = [1]
        pieces = []
        for token in self.tokens:
            word = NUMBER if token[-1].isdigit() else token.casefold()
            pieces.append(word)
            self.starts.append(self.starts[-1] + len(word) + 1)
        self.line = f" {' '.join(pieces)} "
        self.words = pieces

    def find(self, words: Sequence[str]) -> list[int]:
        """The places of the first of some words that stand together."""
        wanted, found = f" {' '.join(words)} ", []
        at = self.line.find(wanted)
        while at >= 0:
            found.append(bisect_right(self.starts, at + 1) - 1)
            at = self.line.find(wanted, at + 1)
        return found


def plain(markdown: str) -> str:
    """The words of a notebook's Markdown, without what is markup."""
    lines = [line for line in unmarked(markdown).splitlines() if not line.startswith(":::")]
    text = re.sub(
        r"\[[^\]]*\]\(#[^)]*\)|\]\([^)]*\)|(?<!\\)\{[^}]*\}|@[a-z]+-[\w-]+", " ", "\n".join(lines)
    )
    return re.sub(r"\\(.)", r"\1", text)


def _sentences(pages: Sequence[tuple[str, _Words]], known: Sequence[Place], seen: Seen) -> set[int]:
    """Numbers in sentences, by their words; which of the places are on any page.

    Sentences of one pattern differ in little but their numbers. So each is looked for as it is
    recorded, on every page; only what stands so on none is taken for a number in its words that
    nothing else accounts for.
    """
    taken: list[set[int]] = [set() for _ in pages]
    shown = set()
    left = []
    for number, place in enumerate(known):
        if place.kind != "text":
            continue
        own = _Words(plain(place.markdown))
        at = -1
        for part, _, _ in place.numbers:
            if not is_number(part.text):
                continue
            wanted = digits(part.text)
            at = next((i for i in range(at + 1, len(own.tokens)) if own.tokens[i] == wanted), -1)
            if at < 0:
                break
            found = False
            for (name, page), of_page in zip(pages, taken, strict=True):
                there = _like(page, own, at, of_page, same=True)
                if there is not None:
                    of_page.add(there)
                    _take(part, page.tokens[there], name, seen)
                    found = True
            if found:
                shown.add(number)
            else:
                left.append((number, part, own, at))
    for number, part, own, at in left:
        for (name, page), of_page in zip(pages, taken, strict=True):
            there = _like(page, own, at, of_page, same=False)
            if there is not None:
                of_page.add(there)
                shown.add(number)
                _take(part, page.tokens[there], name, seen)
    for (name, page), of_page in zip(pages, taken, strict=True):
        seen.loose += [
            (name, token) for i, token in enumerate(page.tokens)
            if token[-1].isdigit() and "." in token and i not in of_page
        ]  # fmt: skip
    return shown


def _like(page: _Words, own: _Words, at: int, taken: set[int], *, same: bool) -> int | None:
    """Where a page has a number in the words that stand round it in its notebook.

    ``same``: that very number, by as many words as there are; else any, in words that make it sure.
    """
    for size in AROUND:
        if not same and size < SURE:
            break
        first = max(0, at - size)
        for start in page.find(own.words[first : at + size + 1]):
            there = start + at - first
            alike = page.tokens[there] == own.tokens[at]
            if there not in taken and alike == same:
                return there
    return None
