"""Columns that say who somebody is or where they are: left behind while reading.

Each tool's own names stand with its reader; here are the patterns that hold for any tool and
for questions that ask a person for such things.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from analysis.sources.wording import MISSING_KINDS, normalised

_WHO = (
    r"(your|my|participant'?s?|respondent'?s?|recipient'?s?|pupil'?s?|student'?s?|child'?s?|"
    r"parent'?s?|carer'?s?|staff|teacher'?s?|contact|user|guardian'?s?)"
)
_NAME = (
    r"((full|first|last|middle|family|given|christian|maiden|preferred|known|sur|fore|nick|user)"
    r"[ _-]?)?names?"
)
_ASK = r"(what('s| is| are)|please (enter|give|type|write|provide|state)|enter|type|write)( in)?"

#: The whole heading, less a question's number before it and a digit after it.
WHOLE = re.compile(
    rf"({_ASK} )?({_WHO} )?"
    rf"({_NAME}|name \(?(first|last|optional)\)?|first and last names?|initials and surname|"
    r"((e-?mail|web|ip|home|postal|street|post|mac)[ _-]?)?address(es)?( line)?|"
    r"e-?mails?|ip|ipaddr|"
    r"(e-?mail|ip)[ _-]?(address|addr)( or .*)?|"
    r"(location[ _-]?)?(lat|latitude|long|lng|lon|longitude|accuracy|coordinates|geolocation|gps)|"
    r"post ?code|zip( code)?|"
    r"((tele)?phone|mobile|tel|telephone|cell)( ?phone)?([ _-]?(number|no\.?))?|"
    r"date of birth|dob|birth ?date|birthday|date ?of ?birth|"
    r"nhs number|upn|unique pupil number|national insurance number|twitter handle|"
    r"external(data)?reference|ref ?url|custom data( \d+)?)"
    r"( ?\(optional\)| please)?[ _]?\d*[?:.*]*"
)
#: Anywhere in a heading, where the words leave no doubt what is asked for.
ANYWHERE = re.compile(
    rf"\b{_WHO} (own )?(full |first |last |sur|fore)?"
    r"(name|e-?mail|(e-?mail|home|postal|ip) address|"
    r"(tele)?phone number|mobile number|post ?code|date of birth)\b(?! of)"
    r"|\be-?mail[ _]?addr|\bip[ _]?addr|ipaddress|emailaddress"
    r"|(recipient|respondent|participant|contact)[ _-]?(first|last)?[ _-]?(name|e-?mail)"
    r"|location(latitude|longitude|accuracy)|\b(latitude|longitude)\b"
)
#: A part of something personal, as the questions ask that make up a code: "first letter of your
#: first name and surname", "day of birth", "your mother's first name (first two letters)".
_PARTS = (
    r"(letters?|initials?|digits?|characters?|numbers?|figures?|vowels?|consonants?|syllables?)"
)
_OF_WHAT = (
    rf"((the|{_WHO}|your|own|full|first|last|sur|fore|family|middle|mother'?s?|father'?s?|"
    r"grandmother'?s?|grandfather'?s?|pet'?s?)[ -]?)*"
    r"(names?|date of birth|birth ?date|post ?code|(tele)?phone number|mobile number)"
)
CODE_PARTS = re.compile(
    rf"{_PARTS} (of|in|from|are in|are there in) {_OF_WHAT}((,| and| or| &|, and) (of )?{_OF_WHAT})*"
    rf"|{_OF_WHAT}\W*\((only )?(the )?[^()]{{0,20}}{_PARTS}[^()]{{0,20}}\)"
)
#: What somebody does with another's name: a statement to agree with, which asks for none.
STATEMENT = re.compile(
    r"\b(knows?|known|remembers?|uses?|used|learns?|learnt|pronounces?|calls?|recognises?|says?|"
    r"share|shared|sees?|forgets?|respects?)\b.{0,40}\b(names?|e-?mail|address|post ?code)\b"
)
#: What asks somebody to write it down, whatever else the words say.
REQUEST = re.compile(r"\?|\b(please|enter|type|write|give us|provide|tell us)\b")
#: A question's number as tools put it before its words: "7. ", "Q7: ", "7.1.a. ".
NUMBER = re.compile(r"^(q?\d+([._]\d+)*([._]?[a-z])?\s*[.:)\-]\s+)")


#: What is chosen on a scale: points, degrees of agreement, of frequency and of amount, yes and no.
ANSWER = re.compile(
    r"\d{1,2}|(\d{1,2}\W+)?"
    r"((strongly |somewhat |slightly |mostly |completely |totally |definitely |partly |tend to )?"
    r"(dis)?agree( (strongly|somewhat|slightly|a lot|a little))?|neither( agree)?( n?or disagree)?|"
    r"neutral|never|hardly ever|almost never|rarely|seldom|sometimes|occasionally|often|"
    r"(quite|very|fairly) often|usually|frequently|almost always|always|(all|most|some|none) of the "
    r"time|not at all( true)?|not very( much)?|slightly|a (little|bit|lot)|somewhat|moderately|quite "
    r"a (bit|lot)|very( much| true)?|extremely|completely|yes|no|maybe|(mostly |partly |somewhat "
    r"|certainly |not )?true|false)(\W+\d{1,2})?\W*"
)


def is_answered(cells: Iterable[str]) -> bool:
    """Whether a column holds answers of a scale and nothing else: then it asks for nobody's name."""
    filled = {normalised(cell) for cell in cells} - {""}
    return bool(filled - MISSING_KINDS.keys()) and all(
        text in MISSING_KINDS or ANSWER.fullmatch(text) for text in filled
    )


def is_named(heading: str, question: str = "", own: frozenset[str] = frozenset()) -> bool:
    """Whether a column is personal whatever it holds: the whole heading says so, or the tool."""
    for text in (heading, question):
        words = normalised(text)
        bare = NUMBER.sub("", words)
        if words and (words in own or bare in own or WHOLE.fullmatch(bare)):
            return True
    return False


def is_personal(heading: str, question: str = "", own: frozenset[str] = frozenset()) -> bool:
    """Whether a column is personal, by its heading, its question's words, or the tool's names.

    Parameters
    ----------
    heading, question
        As the file has them; the question may be empty.
    own
        Headings that the tool adds and that are personal, as compared (:func:`normalised`).
    """
    if is_named(heading, question, own):
        return True
    for text in (heading, question):
        rest = CODE_PARTS.sub(" ", NUMBER.sub("", normalised(text)))
        if ANYWHERE.search(rest) and not (STATEMENT.search(rest) and not REQUEST.search(rest)):
            return True
    return False
