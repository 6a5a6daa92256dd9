"""A language made for tests: every message of the package in marks, whatever is put into it outside.

What a reader sees outside marks is then no message: the study's own words, numbers and ids, or a word
that no catalogue knows of.
"""

from __future__ import annotations

import csv
import gettext
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

import openpyxl
import pytest
import yaml
from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from bs4 import BeautifulSoup
from bs4.element import Tag

from analysis import language
from analysis.study import Study

OPENS, CLOSES = (
    "\N{MATHEMATICAL LEFT WHITE SQUARE BRACKET}",
    "\N{MATHEMATICAL RIGHT WHITE SQUARE BRACKET}",
)
MARKED = re.compile(f"{OPENS}[^{OPENS}{CLOSES}]*{CLOSES}")
WORD = re.compile(r"[^\W\d_]{2,}")
#: Dates are English, as numbers are.
MONTHS = {
    name.casefold()
    for width in ("wide", "abbreviated")
    for name in Locale("en").months["format"][width].values()
}
#: A text of as many characters is prose, of which no part is a label.
LONG = 120
#: What stands between texts that are said one after the other, and numbers at their ends.
PARTED = re.compile(r"[;:,()\[\]·/|→†]|\.\s|\s[–-]\s|(?<!\w)[<\u2212]?\d[\d.,%]*(?!\w)")
#: Attributes that readers hear or see.
SAID = ("alt", "title", "aria-label", "aria-description", "placeholder", "data-label")


def marked(message: str) -> str:
    """A message in marks; its fields, and the space around it, stay outside."""
    if not any(name is not None for _, name, _, _ in Formatter().parse(message)):
        return _in_marks(message)  # used as it is: braces in it are braces
    made = ""
    for before, name, _, _ in Formatter().parse(message):
        made += _in_marks(before).replace("{", "{{").replace("}", "}}")
        made += "" if name is None else f"{{{name}}}"
    return made


def _in_marks(text: str) -> str:
    core = text.strip()
    return text.replace(core, f"{OPENS}{core}{CLOSES}", 1) if WORD.search(core) else text


@cache
def translations() -> gettext.GNUTranslations:
    """Every message of the catalogues in marks, compiled as any catalogue is."""
    made = Catalog(locale="en", charset="utf-8")
    for message in language.catalogue("cy"):
        if isinstance(message.id, tuple):
            made.add(message.id, tuple(map(marked, message.id)), context=message.context)
        elif message.id:
            made.add(message.id, marked(message.id), context=message.context)
    compiled = io.BytesIO()
    write_mo(compiled, made)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def speak(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have this process say everything in it; numbers and dates stay English."""
    monkeypatch.setattr(language, "_translations", lambda code: translations())


# --- what is read back ---------------------------------------------------------------------


@dataclass(frozen=True)
class Own:
    """What a study says itself: its texts, each whole, and all of them in a row."""

    whole: frozenset[str]
    row: str
    #: Ids of waves and groups, and labels of waves, which stand beside what is measured.
    ids: re.Pattern[str]

    def says(self, text: str, least: int = 4) -> bool:
        """Whether a text is made of the study's: each of its parts one of them, or most of it prose.

        A part may be a stretch of one of them, of so many words at least.
        """
        return self._prose(text) or all(self._part(part, least) for part in PARTED.split(text))

    def _part(self, part: str, least: int) -> bool:
        plain = _plain(part)
        if not WORD.search(part) or plain in self.whole:
            return True
        if len(plain.split()) >= least and f" {plain} " in self.row:
            return True
        alone = self.ids.split(plain)
        return len(alone) > 1 and all(
            not each.strip() or each.strip() in self.whole for each in alone
        )

    def _prose(self, text: str) -> bool:
        """Most stretches of four words are the study's: references stand in the others."""
        words = _plain(text).split()
        stretches = [" ".join(words[n : n + 4]) for n in range(len(words) - 3)]
        return len(stretches) > 3 and sum(f" {s} " in self.row for s in stretches) > 0.7 * len(
            stretches
        )


def own(study: Study) -> Own:
    """The texts of a study's files, the names of files, and the ids in them as words."""
    found: list[str] = []
    for path in sorted(study.folder.rglob("*")):
        found.append(path.stem)
        if path.suffix in (".yaml", ".yml"):
            found += _texts(yaml.safe_load(path.read_text(encoding="utf-8")))
        elif path.suffix == ".csv":
            with path.open(encoding="utf-8-sig", newline="") as file:
                found += (cell for row in csv.reader(file) for cell in row)
        elif path.suffix in (".md", ".bib"):
            found.append(path.read_text(encoding="utf-8"))
            found += found[-1].splitlines()
    found = list(dict.fromkeys(text.replace("_", " ") for text in found))
    plain = dict.fromkeys(map(_plain, found))
    cut = {_plain(part) for text in found if len(text) < LONG for part in PARTED.split(text)}
    # The rest of a sentence that begins with a reference, which the report writes.
    cut |= {_plain(rest) for text in found for rest in re.findall(r"@[\w-]+ ([^.@]*)\.", text)}
    ids = [*study.wave_ids, *(wave.label for wave in study.waves)]
    ids += [group.id for group in study.groups]
    ids += [value.id for group in study.groups for value in group.values]
    names = sorted({_plain(name.replace("_", " ")) for name in ids}, key=len, reverse=True)
    return Own(
        frozenset(plain) | cut | MONTHS,
        f" {' '.join(plain)} ",
        re.compile(rf"\b(?:{'|'.join(map(re.escape, names))})\b"),
    )


def _texts(content: Any) -> Iterator[str]:
    if isinstance(content, dict):
        for key, value in content.items():
            yield str(key)
            yield from _texts(value)
    elif isinstance(content, list):
        for value in content:
            yield from _texts(value)
    elif content is not None:
        yield str(content)


def _plain(text: str) -> str:
    """Words and numbers of a text alone: no marks of Markdown, no signs, no capitals."""
    return " ".join(re.findall(r"\w+", re.sub(r"\]\([^)]*\)|[\\'\u2019]", " ", text.casefold())))


def unmarked(text: str) -> list[str]:
    """The stretches of a text that stand outside marks and have words in them."""
    while MARKED.search(text):
        text = MARKED.sub("\n", text)
    return [part.strip() for part in text.split("\n") if WORD.search(part)]


def of_drawings(path: Path) -> Iterator[str]:
    """The labels of a page's drawings, line by line."""
    soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    for style in soup(["style"]):
        style.decompose()
    for drawing in soup(["svg"]):
        yield from _labels(drawing)


def of_page(path: Path) -> Iterator[str]:
    """What a page says beside its drawings: its texts block by block, its attributes, and what its
    scripts show."""
    soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    for data in soup.select("script#numbers"):
        told = json.loads(data.get_text())
        # Without its method, which is told in the words of those who wrote it, and without names.
        for origin in told["origins"]:
            yield from (
                told["strings"][place] for place in (*origin[:2], *origin[4:5], *origin[6:])
            )
    # References are written by the rules of a style, and not by the report.
    for part in [*soup(["script", "style", "svg"]), *soup.select(".references, #refs, .csl-entry")]:
        part.decompose()
    for name in SAID:
        yield from (str(tag[name]) for tag in soup.select(f"[{name}]"))
    for part in [
        *soup(["a", "em", "strong", "code", "sub", "sup"]),
        *soup.select("span, button.term"),
    ]:
        part.unwrap()
    soup.smooth()
    yield from (" ".join(text.split()) for text in soup.find_all(string=True))


def _labels(drawing: Tag) -> Iterator[str]:
    """The labels of a drawing; one whose message goes over several lines is one text."""
    said = ""
    for line in drawing.find_all(string=True):
        said = f"{said} {line}".strip()
        if said.count(OPENS) == said.count(CLOSES):
            yield said
            said = ""


def of_workbook(path: Path) -> Iterator[str]:
    """What a workbook says to who opens it: names of sheets, cells, and what rules and lists tell."""
    book = openpyxl.load_workbook(path)
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            continue
        yield sheet.title
        for row in sheet.iter_rows():
            if sheet.row_dimensions[row[0].row].hidden:
                continue
            for cell in row:
                unseen = sheet.column_dimensions[cell.column_letter].hidden
                if isinstance(cell.value, str) and not unseen:
                    yield cell.value
        for rule in sheet.data_validations.dataValidation:
            # Its title is the heading again, as much of it as there is room for.
            yield from filter(None, (rule.error, rule.prompt))
            if rule.type == "list":
                name, cells = rule.formula1.lstrip("=").replace("'", "").split("!")
                yield from (str(cell.value) for (cell,) in book[name][cells])
