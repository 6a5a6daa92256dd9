"""Counts in words: the one rule by which a number of people or schools is put into words.

============================  =====================================================
of the people asked           words
============================  =====================================================
all, or all but one or two    nearly all
more than half                the majority
exactly half                  half
fewer than half, but over two a minority
one or two                    a few
none                          nobody
============================  =====================================================

Of fewer than ten people there is only *half or more* and *a minority*. People are those
interviewed, each counted once. Schools are named by number: "all five schools", "three of five
schools", "one or two schools". Numbers up to nine are words there and figures in tables. How many
people it was stands beside the word where release gives the number, so that no reader has to trust
the rule.
"""

from __future__ import annotations

import math
from typing import Any

from analysis.disclosure import BANDED, RELEASED
from analysis.disclosure.shares import HALF_OR_MORE, LESS_THAN_HALF, NEARLY_ALL, ONE_OR_TWO
from analysis.language import N_, gettext, sentence
from analysis.present.page import Page, part
from analysis.present.shown import WITHHELD, Part, number_text
from analysis.qualitative.interviewed import EVER
from analysis.results import COHORT, result_id
from analysis.strands import strand
from analysis.words import slug

#: The rule, for readers, beside every table that uses it.
RULE = N_(
    "In words: *nearly all*, all or all but one or two; *the majority*, more than half; *half*, "
    "exactly half; *a minority*, fewer than half; *a few*, one or two. How many these were is said "
    "of no one or two people, nor of no one or two schools."
)
#: Those interviewed, whatever their roles.
INTERVIEWEES = strand("interviews").counted
#: Of fewer than so many, a share in per cent says less than the number.
TOO_FEW_FOR_PERCENT = 10
WORDS = (
    N_("no"), N_("one"), N_("two"), N_("three"), N_("four"), N_("five"), N_("six"), N_("seven"),
    N_("eight"), N_("nine"),
)  # fmt: skip
#: What the words of a release are in sentences.
IN_SENTENCES = {ONE_OR_TWO: N_("a few"), LESS_THAN_HALF: N_("a minority")}
#: The order of words among numbers, the largest last: by no number.
AMONG = {ONE_OR_TWO: 0.0, LESS_THAN_HALF: 0.0, HALF_OR_MORE: 1.0, NEARLY_ALL: math.inf}
Piece = str | Part


def share_word(row: dict[str, Any]) -> str:
    """The word for so many of so many people."""
    if row["release"] == BANDED:
        return gettext(IN_SENTENCES.get(row["band"], str(row["band"])))
    count, of = float(row["value"]), float(row["denominator"])
    if 2 * count == of:
        return gettext("half")
    return gettext("the majority") if 2 * count > of else gettext("a minority")


def size(row: dict[str, Any]) -> float:
    """By which counts are ordered: the number, and of words how they stand among numbers."""
    return AMONG.get(row["band"], 0.0) if row["release"] == BANDED else float(row["value"])


def number_word(value: float) -> str:
    """A number of things: a word up to nine, figures above."""
    return gettext(WORDS[int(value)]) if 0 <= value < len(WORDS) else number_text(value, 0)


def count_row(
    page: Page, name: str, statistic: str, group: str = "all", wave: str = EVER
) -> dict[str, Any] | None:
    """The count of a code, detail or theme among the interviewed (or a group of them, or at a time)
    as a number or in words; nothing if withheld."""
    measure = name if "--" in name else slug(name)
    identity = result_id("interviews", "themes", "count", measure, wave, group, statistic)
    row = page.rows.get((COHORT, identity))
    return row if row is not None and row["release"] in (RELEASED, BANDED) else None


def of(row: dict[str, Any]) -> list[Piece]:
    """``11 of 15``, as in tables; the words for it where the release has words."""
    if row["release"] == BANDED:
        return [part(row, 0)]
    return sentence("{count} of {all}", count=part(row, 0), all=part(row, 0, "denominator"))


def people(page: Page, name: str) -> list[Piece]:
    """``11 of 15 interviewees``, ``nearly all of the interviewees``; ``nobody`` where no one was
    heard on it."""
    row = count_row(page, name, "people")
    if row is None:
        return [gettext("nobody")]
    if row["release"] == BANDED:
        return sentence("{share} of the interviewees", share=part(row, 0))
    return sentence("{number} interviewees", number=of(row))


def schools(page: Page, name: str) -> list[Piece]:
    """``in all five schools``, ``in three of five schools``, with the word before them.

    Nothing where schools were not counted, since nobody interviewed belongs to one.
    """
    row = count_row(page, name, "schools")
    return [] if row is None else sentence(" in {schools}", schools=schools_of(row))


def schools_of(row: dict[str, Any]) -> list[Piece]:
    """A number of schools in words, of those it is out of."""
    if row["release"] == BANDED:
        return sentence("{number} schools", number=part(row, 0))
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
    word = share_word(row)
    where = schools(page, name)
    return [f"{word[0].upper()}{word[1:]}", *([",", *where] if where else [])]


def in_words(row: dict[str, Any], name: str = "value") -> str:
    """A released whole number as a word; figures above nine.

    A word is text, and carries no id: it is made here from the released row, and nowhere else.
    """
    if row["release"] != RELEASED or row[name] != row[name]:
        return WITHHELD.replace("[", r"\[").replace("]", r"\]")
    return number_word(float(row[name]))
