"""Counts in words: the one rule by which a number of people or schools is put into words.

============================  =====================================================
of the people asked           words
============================  =====================================================
every one                     all
more than half                the majority
exactly half                  half
fewer than half, but over two a minority
one or two                    a few
none                          nobody
============================  =====================================================

People are those interviewed, each counted once. Schools are named by number: "all five schools", "two of five schools", "one of five schools".
Numbers up to nine are words there and figures in tables. How many people it was stands beside
the word, so that no reader has to trust the rule.
"""

from __future__ import annotations

from typing import Any

from analysis.disclosure import BANDED, RELEASED
from analysis.language import N_, gettext, sentence
from analysis.present.page import Page, part
from analysis.present.shown import WITHHELD, Part, number_text
from analysis.qualitative.interviewed import EVER
from analysis.results import COHORT, result_id
from analysis.strands import strand
from analysis.words import slug

#: The rule, for readers, beside every table that uses it.
RULE = N_(
    "In words: *all*, every one; *the majority*, more than half; *half*, exactly half; "
    "*a minority*, fewer than half; *a few*, one or two."
)
#: Those interviewed, whatever their roles.
INTERVIEWEES = strand("interviews").counted
#: Of fewer than so many, a share in per cent says less than the number.
TOO_FEW_FOR_PERCENT = 10
WORDS = (
    N_("no"), N_("one"), N_("two"), N_("three"), N_("four"), N_("five"), N_("six"), N_("seven"),
    N_("eight"), N_("nine"),
)  # fmt: skip
Piece = str | Part


def share_word(count: float, of: float) -> str:
    """The word for so many of so many people."""
    if count <= 0:
        return gettext("nobody")
    if count >= of:
        return gettext("all")
    if 2 * count == of:
        return gettext("half")
    if 2 * count > of:
        return gettext("the majority")
    return gettext("a few") if count <= 2 else gettext("a minority")


def number_word(value: float) -> str:
    """A number of things: a word up to nine, figures above."""
    return gettext(WORDS[int(value)]) if 0 <= value < len(WORDS) else number_text(value, 0)


def count_row(
    page: Page, name: str, statistic: str, group: str = "all", wave: str = EVER
) -> dict[str, Any] | None:
    """The released count of a code, detail or theme among the interviewed; nothing if withheld."""
    measure = name if "--" in name else slug(name)
    identity = result_id("interviews", "themes", "count", measure, wave, group, statistic)
    row = page.rows.get((COHORT, identity))
    return row if row is not None and row["release"] == RELEASED else None


def said_row(page: Page, name: str, group: str = "all", wave: str = EVER) -> dict[str, Any] | None:
    """The count of people of a group, or at a time, as a number or in words; nothing if withheld."""
    measure = name if "--" in name else slug(name)
    identity = result_id("interviews", "themes", "count", measure, wave, group, "people")
    row = page.rows.get((COHORT, identity))
    return row if row is not None and row["release"] in (RELEASED, BANDED) else None


def of(row: dict[str, Any]) -> list[Piece]:
    """``11 of 15``, as in tables; the words for it where the release has words."""
    if row["release"] == BANDED:
        return [part(row, 0)]
    return sentence("{count} of {all}", count=part(row, 0), all=part(row, 0, "denominator"))


def people(page: Page, name: str) -> list[Piece]:
    """``11 of 15 interviewees``; ``nobody`` where no one was heard on it."""
    row = count_row(page, name, "people")
    if row is None:
        return [gettext("nobody")]
    if row["value"] == row["denominator"]:
        return sentence("all {number} interviewees", number=part(row, 0))
    return sentence("{number} interviewees", number=of(row))


def schools(page: Page, name: str) -> list[Piece]:
    """``in all five schools``, ``in two of five schools``, with the word before them.

    Nothing where schools were not counted, since nobody interviewed belongs to one.
    """
    row = count_row(page, name, "schools")
    return [] if row is None else sentence(" in {schools}", schools=schools_of(row))


def schools_of(row: dict[str, Any]) -> list[Piece]:
    """A number of schools in words, of those it is out of."""
    all_of = in_words(row, "denominator")
    if row["value"] == 0:
        return [gettext("no school")]
    if row["value"] == row["denominator"]:
        return [gettext("all {number} schools", number=all_of)]
    return [gettext("{number} of {all} schools", number=in_words(row), all=all_of)]


def said(page: Page, name: str) -> list[Piece]:
    """``11 of 15 interviewees in all five schools``."""
    if count_row(page, name, "people") is None:
        return [gettext("nobody")]
    return [*people(page, name), *schools(page, name)]


def share(page: Page, name: str) -> list[Piece]:
    """``The majority, in all five schools``: the words that the counts beside them call for."""
    row = count_row(page, name, "people")
    if row is None:
        return [gettext("Nobody")]
    word = share_word(row["value"], row["denominator"])
    where = schools(page, name)
    return [f"{word[0].upper()}{word[1:]}", *([",", *where] if where else [])]


def in_words(row: dict[str, Any], name: str = "value") -> str:
    """A released whole number as a word; figures above nine.

    A word is text, and carries no id: it is made here from the released row, and nowhere else.
    """
    if row["release"] != RELEASED or row[name] != row[name]:
        return WITHHELD.replace("[", r"\[").replace("]", r"\]")
    return number_word(float(row[name]))
