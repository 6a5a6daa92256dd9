"""The language that a report is written in: its words, numbers and dates.

Whatever a reader sees is a message: a whole sentence or label in English, with named fields, which is
looked up in the catalogue of the report's language (``analysis/locale/<code>/LC_MESSAGES/report.po``).
A sentence is never put together from pieces that another language would order otherwise, and what
depends on a number is asked for by it (:func:`ngettext`), since Welsh tells apart one, two, three, six
and the rest. What a catalogue lacks stays English, and is counted (:func:`state`).

Catalogues are read as translators keep them (``.po``, no compiled file beside it). An entry marked
``fuzzy`` is used: it is one that nobody has reviewed.
"""

from __future__ import annotations

import datetime as dt
import gettext as catalogues
import hashlib
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any, TypeAlias

from babel import Locale
from babel.dates import format_date
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

#: In which messages are written; it needs no catalogue.
ENGLISH = "en"
DOMAIN = "report"
FOLDER = Path(__file__).parent / "locale"
#: Letters before which some languages join two names with another word.
VOWELS = "aeiouwyâêîôûŵŷàèìòùáéíóúäëïöüẅÿ"
#: A text, or a number with its id (:class:`analysis.present.shown.Part`), which a later room has.
Piece: TypeAlias = Any


class _Now:
    """The language that is spoken now. One process makes one report at a time."""

    language = ENGLISH


def speak(language: str) -> None:
    """Have everything that is said from now on said in a language; empty means as before."""
    _Now.language = language or _Now.language


@contextmanager
def spoken(language: str) -> Iterator[None]:
    """Within, everything is said in a language."""
    before = _Now.language
    speak(language)
    try:
        yield
    finally:
        _Now.language = before


def now() -> str:
    """The code of the language that is spoken."""
    return _Now.language


@cache
def known() -> tuple[str, ...]:
    """Codes of the languages that reports can be written in."""
    found = sorted(path.parts[-3] for path in FOLDER.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))
    return (ENGLISH, *found)


def own_name(language: str) -> str:
    """A language in its own words: Cymraeg."""
    said = str(Locale.parse(language, sep="-").get_language_name() or language)
    return said[:1].upper() + said[1:]


# --- messages ------------------------------------------------------------------------------


def N_(message: str) -> str:
    """Mark a message that is looked up where it is used."""
    return message


def gettext(message: str, /, **fields: object) -> str:
    """A message in the language that is spoken, with its fields filled in."""
    return _filled(_translations(now()).gettext(message), fields)


def pgettext(context: str, message: str, /, **fields: object) -> str:
    """The same, of a message that means different things in different places."""
    return _filled(_translations(now()).pgettext(context, message), fields)


def ngettext(one: str, several: str, count: float, /, **fields: object) -> str:
    """The same, of a message that depends on a number of things."""
    return _filled(_translations(now()).ngettext(one, several, _whole(count)), fields)


def sentence(message: str, /, **fields: Piece | Sequence[Piece]) -> list[Piece]:
    """A message as pieces, with pieces for its fields: a text, a number with its id, or several."""
    return _pieces(_translations(now()).gettext(message), fields)


def nsentence(
    one: str, several: str, count: float, /, **fields: Piece | Sequence[Piece]
) -> list[Piece]:
    """The same, of a message that depends on a number of things."""
    return _pieces(_translations(now()).ngettext(one, several, _whole(count)), fields)


def listed(names: Sequence[str]) -> str:
    """Names in a sentence: a, b and c."""
    if len(names) < 2:
        return "".join(names)
    most, last = ", ".join(names[:-1]), names[-1]
    if _begins_with_vowel(last):
        return pgettext("before a vowel", "{most} and {last}", most=most, last=last)
    return gettext("{most} and {last}", most=most, last=last)


def _begins_with_vowel(text: object) -> bool:
    start = text.lstrip("*“\\ ")[:1].lower() if isinstance(text, str) else ""
    return bool(start) and start in VOWELS


def listed_pieces(entries: Sequence[Sequence[Piece]]) -> list[Piece]:
    """The same of entries that are pieces each."""
    if len(entries) < 2:
        return [piece for entry in entries for piece in entry]
    most: list[Piece] = []
    for place, entry in enumerate(entries[:-1]):
        most += [*([", "] if place else []), *entry]
    last = list(entries[-1])
    if last and _begins_with_vowel(last[0]):
        message = _translations(now()).pgettext("before a vowel", "{most} and {last}")
        return _pieces(message, {"most": most, "last": last})
    return sentence("{most} and {last}", most=most, last=last)


def _whole(count: float) -> int:
    """A number by which a form is chosen; no form is of a fraction."""
    return int(count) if count == int(count) else 0


def _filled(message: str, fields: dict[str, object]) -> str:
    return message.format_map(fields) if fields else message


def _pieces(message: str, fields: dict[str, Any]) -> list[Any]:
    pieces: list[Any] = []
    for before, field, _, _ in Formatter().parse(message):
        if before:
            pieces.append(before)
        if field:
            found = fields[field]
            pieces += found if isinstance(found, list | tuple) else [found]
    return pieces


# --- words of a study ----------------------------------------------------------------------

#: What holds all languages by itself: questionnaires, and what instruments ask in them.
KEPT = frozenset(["wording", "introduction", "translations"])


def in_language(content: Any) -> None:
    """Put one text in place of each that a file gives by language, wherever it stands in it.

    The one of the language that is spoken; else the English one, else the first.
    """
    entries = content.items() if isinstance(content, dict) else enumerate(content)
    for key, value in list(entries):
        if key in KEPT:
            continue
        if by_language(value):
            content[key] = value.get(now()) or value.get(ENGLISH) or next(iter(value.values()))
        elif isinstance(value, dict | list):
            in_language(value)


def by_language(value: object) -> bool:
    """Whether something is a text in several languages, by their codes."""
    return (
        isinstance(value, dict)
        and bool(value)
        and all(isinstance(text, str) for text in value.values())
        and value.keys() <= set(known())
    )


# --- numbers and dates ---------------------------------------------------------------------


def localised(number: str) -> str:
    """A number as English writes it (``1,234.5``) as the language spoken does."""
    if now() == ENGLISH:
        return number
    point, group = _symbols(now())
    return number.translate({ord("."): point, ord(","): group})


def number_of(text: str) -> float:
    """The number that a reader sees: what :func:`localised` gave, with whichever minus."""
    if now() != ENGLISH:
        point, group = _symbols(now())
        text = text.replace(group, "").replace(point, ".")
    return float(text.replace("\N{MINUS SIGN}", "-").replace(",", ""))


def long_date(day: dt.date) -> str:
    """A date as readers write it: 31 July 2018."""
    return format_date(day, "d MMMM y", locale=_locale(now()))


def month_and_year(day: dt.date) -> str:
    """A month as readers write it: July 2018."""
    return format_date(day, "MMMM y", locale=_locale(now()))


def month(day: dt.date) -> str:
    """A month by itself as readers write it: July."""
    return format_date(day, "LLLL", locale=_locale(now()))


def short_month(day: dt.date) -> str:
    """A month in the three letters or so that an axis has room for: Jul."""
    # Of English as it is written anywhere: British data have a "Sept" that is longer than all others.
    locale = ENGLISH if now() == ENGLISH else _locale(now())
    return format_date(day, "LLL", locale=locale)


@cache
def month_names(language: str) -> frozenset[str]:
    """Months in small letters, in full and as they are shortened."""
    forms = _locale(language).months["format"]
    return frozenset(
        name.lower().rstrip(".")
        for form in ("wide", "abbreviated")
        for name in forms[form].values()
    )


@cache
def proper_names(language: str) -> frozenset[str]:
    """Months and days, which keep their capital inside a sentence where the language gives one."""
    locale = _locale(language)
    months = locale.months["format"]["wide"].values()
    days = locale.days["format"]["wide"].values()
    return frozenset(word for word in (*months, *days) if word[:1].isupper())


@cache
def _symbols(language: str) -> tuple[str, str]:
    symbols = _locale(language).number_symbols["latn"]
    return str(symbols["decimal"]), str(symbols["group"])


def _locale(language: str) -> Locale:
    return Locale.parse(
        "en_GB" if language == ENGLISH else language, sep="-" if "-" in language else "_"
    )


# --- catalogues ----------------------------------------------------------------------------


@dataclass(frozen=True)
class State:
    """How far a catalogue is: its entries, those nobody has reviewed, those that are missing.

    ``content`` is a hash of what the catalogue says, which a signature is of.
    """

    language: str
    entries: int
    unreviewed: int
    missing: int
    content: str


def state(language: str) -> State:
    """The state of a language's catalogue."""
    found = catalogue(language)
    messages = [message for message in found if message.id]
    missing = [each for each in messages if not _whole_entry(each.string)]
    said = "\n".join(f"{each.id!r}={each.string!r}" for each in messages)
    return State(
        language,
        len(messages),
        sum(each.fuzzy for each in messages if each not in missing),
        len(missing),
        hashlib.sha256(said.encode()).hexdigest(),
    )


def _whole_entry(said: str | Sequence[str] | None) -> bool:
    return bool(said) and (isinstance(said, str) or all(said or ()))


def catalogue(language: str) -> Catalog:
    """A language's catalogue, as translators keep it."""
    path = FOLDER / language.replace("-", "_") / "LC_MESSAGES" / f"{DOMAIN}.po"
    with path.open("rb") as file:
        return read_po(file, locale=language.replace("-", "_"), domain=DOMAIN)


@cache
def _translations(language: str) -> catalogues.NullTranslations:
    if language == ENGLISH:
        return catalogues.NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, catalogue(language), use_fuzzy=True)
    compiled.seek(0)
    found = catalogues.GNUTranslations(compiled)
    found.add_fallback(_Lacking(language))
    return found


class _Lacking(catalogues.NullTranslations):
    """What a catalogue has no words for stays English, and is noted."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self.language = language

    def gettext(self, message: str) -> str:
        lacked(self.language).add(message)
        return message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        lacked(self.language).add(msgid1)
        return super().ngettext(msgid1, msgid2, n)

    def pgettext(self, context: str, message: str) -> str:
        lacked(self.language).add(message)
        return message


@cache
def lacked(language: str) -> set[str]:
    """Messages that this process looked for in a catalogue and did not find, since it was cleared."""
    return set()
