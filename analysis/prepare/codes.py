"""What people and spreadsheets make of a respondent's code, told apart from the code itself.

Somebody who types "n/a" has no code. Excel turns MAR1 into a date and twelve figures into
1.23457E+11: what is certain to have been a code is restored, and what no longer says which code
it was stops the run, since two people would be made one.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from analysis.errors import AnalystError
from analysis.prepare.dates import month_of
from analysis.prepare.distinct import distinct, taken
from analysis.prepare.numbers import figures
from analysis.prepare.respondents import comparable
from analysis.prepare.rows import named
from analysis.sources.wording import MISSING_KINDS

#: What people write instead of a code, and spreadsheets before a row that sums up others;
#: :data:`NO_CODE` has it as compared.
WORDS_FOR_NONE = """
anon anonymous blank cant_remember declined dk empty forgot forgotten i_cant_remember idk
i_dont_remember i_forgot missing na nan nil no no_code no_id none nothing not_known
not_provided null pass private refused skip skipped tba tbc undefined unknown withheld
asdf as_before do_not_remember dont_have_one dont_remember false forgot_it id_rather_not
no_idea none_given not_given qwerty rather_not same same_as_before same_as_last_time see_above test
test_code testing true yes
kein keine kein_code keine_angabe unbekannt weiss_nicht aucun aucune inconnu rien sans_reponse
total subtotal grand_total sum average mean median gesamt summe mittelwert moyenne
desconocido nada ninguna ninguno nessuna nessuno geen onbekend ingen nenhum dim
"""
NO_CODE = frozenset(map(comparable, [*MISSING_KINDS, *WORDS_FOR_NONE.split()]))
#: In capitals, both of them and nothing else.
LETTERS_AND_FIGURES = "^([A-Z]+[0-9]|[0-9]+[A-Z])[A-Z0-9]*$"
#: Noughts only; one letter over and over; the negative figures that stand for no answer.
FILLER = re.compile(r"0+|X+|([A-Z])\1{2,}")
#: Three words or more, and no figure: among codes with figures something that is said, and no code.
WORD = r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?"
SENTENCE = re.compile(rf"\W*{WORD}(?:\W*\s\W*{WORD}){{2,}}\W*")
NEGATIVE = re.compile(r"-(1|(\d)\2*)")

#: The order of keys that fingers run along, for :func:`from_the_keys`.
IN_ORDER = ("01234567890", "09876543210", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")

ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
QUOTED = re.compile(r"=?\"(.*)\"|'(.*)")
POINT_NOUGHT = re.compile(r"(\d+)[.,]0+")
DECIMALS = re.compile(r"\d+[.,]\d*[1-9]\d*")

#: By what a code has become, how that looks. Excel writes a positive exponent with its sign.
SCIENTIFIC = re.compile(r"\d+[.,]\d+[eE][+-]?\d{1,3}|\d+[eE]\+\d{1,3}")
UP_TO_31 = r"(0?[1-9]|[12]\d|3[01])"
DATE = re.compile(
    rf"\d{{4}}[-/.](0?[1-9]|1[0-2])[-/.]{UP_TO_31}([ T].*)?"
    rf"|{UP_TO_31}[-/.]{UP_TO_31}[-/.](\d{{4}}|\d{{2}})( .*)?"
)
DAY_AND_MONTH = re.compile(r"\d{1,4}[-/. ]+([^\W\d_]{3,9})\.?([-/. ]+\d{2,4})?")
MONTH_AND_YEAR = re.compile(r"([^\W\d_]{3,9})\.?[-/. ]+\d{2,4}")
TIME = re.compile(r"(\d+ days?,? )?\d{1,2}:\d{2}:\d{2}(\.\d+)?")
CELL_ERROR = re.compile(r"#(REF|NAME|VALUE|DIV/0|NUM|SPILL|CALC)[!?]?|#{3,}", re.IGNORECASE)
#: Days since 1900 as Excel counts them, of the years 2000 to 2050.
SERIAL = range(36526, 54789)
#: Excel keeps this many figures of a number, and shows six of a long one.
KEPT, SHOWN, LONG = 15, 6, 10
#: A number is no code where there are so many with letters, and nearly all have them.
FEW, MOST = 3, 0.9
WORDS = {
    "scientific": "are numbers in scientific notation (like 1.23E+11)",
    "date": "are dates or times",
    "figures": "are long numbers that have lost their last figures",
    "error": "are errors of a spreadsheet's formula (like #NAME?)",
    "serial": "are numbers as a spreadsheet counts days, among codes with letters",
}


def from_the_keys(plain: str) -> bool:
    """Whether a code is what anybody types who makes up none: 1234, 1111, 999, ABC, abc123.

    One person may have such a code; of several in a school nobody can tell who is who.
    """
    letters = plain.rstrip("0123456789")
    number = plain[len(letters) :]
    if not letters:
        run = len(number) > 3 and (len(set(number)) == 1 or any(number in k for k in IN_ORDER[:2]))
        return run or bool(re.fullmatch("9{3,}", number))
    alphabet = IN_ORDER[2]
    edge = alphabet.startswith(letters) or alphabet.endswith(letters)
    return len(letters) > 2 and edge and "1234567890".startswith(number)


@dataclass(frozen=True)
class Codes:
    """``code`` as written, less what tools added; ``plain`` as compared, empty if it is none;
    ``damaged`` a key of :data:`WORDS`, or empty."""

    code: pd.Series
    plain: pd.Series
    damaged: pd.Series


def read(column: pd.Series, stated: MappingOf[str, str]) -> Codes:
    """The codes in a column of text.

    Parameters
    ----------
    column
        As written.
    stated
        What the mapping says some texts stand for: a code, or nothing.
    """
    places, texts = distinct(column)
    upper = pc.utf8_upper(pa.array(texts, pa.string()))
    codes, plains, damages = list(texts), upper.to_pylist(), [""] * len(texts)
    # Letters and figures together, and nothing else, are a code: that is nearly all there are.
    sound = np.asarray(pc.match_substring_regex(upper, LETTERS_AND_FIGURES))
    odd = np.flatnonzero(~sound).tolist()
    if stated:
        odd = sorted({*odd, *(number for number, text in enumerate(texts) if text in stated)})
    if not odd:
        return Codes(column, taken(plains, places, column.index), _nothing(column.index))
    # Where 3.0 stands beside 3.1, its nought belongs to the code.
    decimals = any(DECIMALS.fullmatch(texts[number]) for number in odd)
    for number in odd:
        text = texts[number]
        if text in stated:
            codes[number], plains[number] = stated[text], comparable(stated[text])
            continue
        code = restored(text, decimals)
        plain, damage = comparable(code), damage_of(code)
        if _is_none(code, plain):
            plain = damage = ""
        codes[number], plains[number], damages[number] = code if plain else "", plain, damage
    for number in _said(odd, texts, plains):
        if texts[number] not in stated:
            codes[number] = plains[number] = damages[number] = ""
    _excuse(codes, damages)
    return Codes(
        taken(codes, places, column.index),
        taken(plains, places, column.index),
        taken(damages, places, column.index) if any(damages) else _nothing(column.index),
    )


def _nothing(index: pd.Index) -> pd.Series:
    return pd.Series("", index=index, dtype="str")


def _said(odd: list[int], texts: list[str], plains: list[str]) -> list[int]:
    """Which texts are sentences, where nearly all others are codes with figures."""
    sentences = [number for number in odd if SENTENCE.fullmatch(texts[number])]
    if not sentences:
        return []
    others = [plain for number, plain in enumerate(plains) if plain and number not in sentences]
    figured = sum(any(map(str.isdigit, plain)) for plain in others)
    return sentences if figured >= max(FEW, MOST * len(others)) else []


def _is_none(code: str, plain: str) -> bool:
    """Whether this is written instead of a code."""
    if not plain.isascii():  # listed without accents
        bare = unicodedata.normalize("NFD", plain)
        plain = "".join(sign for sign in bare if not unicodedata.combining(sign))
    return bool(
        plain in NO_CODE or FILLER.fullmatch(plain.replace("-", "")) or NEGATIVE.fullmatch(code)
    )


def restored(text: str, decimals: bool = False) -> str:
    """A code without what tools put around it: escapes, invisible signs, a nought after a point."""
    code = text.strip()
    if code.isascii() and code.isalnum():
        return code
    code = ESCAPED.sub(lambda found: chr(int(found[1], 16)), code)
    if "&" in code:
        code = html.unescape(code)
    code = unicodedata.normalize("NFKC", code)
    code = "".join(sign for sign in code if unicodedata.category(sign) not in ("Cc", "Cf", "Cs"))
    code = figures(code).strip()
    if quoted := QUOTED.fullmatch(code):
        code = (quoted[1] or quoted[2] or "").strip()
    if not decimals and (whole := POINT_NOUGHT.fullmatch(code)):
        return whole[1]
    return code


def damage_of(code: str) -> str:
    """A key of :data:`WORDS`, if a spreadsheet may have made a text from another one."""
    if code.isalnum():
        if not code.isdigit():
            return ""
        if len(code) > KEPT and not code[KEPT:].strip("0"):
            return "figures"
        if len(code) >= LONG and len(code.rstrip("0")) <= SHOWN:
            return "figures"
        return "serial" if len(code) == 5 and int(code) in SERIAL else ""
    if SCIENTIFIC.fullmatch(code):
        return "scientific"
    if DATE.fullmatch(code) or TIME.fullmatch(code):
        return "date"
    for pattern in (DAY_AND_MONTH, MONTH_AND_YEAR):
        if (found := pattern.fullmatch(code)) and month_of(found[1]):
            return "date"
    return "error" if CELL_ERROR.fullmatch(code) else ""


def _excuse(codes: list[str], damages: list[str]) -> None:
    """Codes that only look damaged: others of the same form cannot be that."""
    if not any(damages):
        return
    sound = {_form(code) for code, damage in zip(codes, damages, strict=True) if not damage}
    written = [code for code in codes if code]
    lettered = sum(any(map(str.isalpha, code)) for code in written)
    others = len(written) - damages.count("serial")
    for place, damage in enumerate(damages):
        alike = damage != "error" and _form(codes[place]) in sound
        if alike or (damage == "serial" and lettered < max(FEW, MOST * others)):
            damages[place] = ""


def _form(code: str) -> str:
    """A code with A for every letter and 9 for every figure."""
    return "".join("A" if s.isalpha() else "9" if s.isdigit() else s for s in code)


def refuse_damaged(damaged: pd.Series, where: str, column: str) -> None:
    """Stop if codes of some rows no longer say which code they were.

    Raises
    ------
    AnalystError
        With the rows of each kind of damage; never a code.
    """
    places, kinds = distinct(damaged)
    found = [
        f"{int((places == number).sum())} {WORDS[kind]}: "
        f"{named(damaged.index[np.flatnonzero(places == number)])}"
        for number, kind in enumerate(kinds)
        if kind
    ]
    if found:
        raise AnalystError(
            "Codes of respondents have been changed by a spreadsheet:\n    " + "\n    ".join(found),
            where=f"{where}, column '{column}'",
            fix="Export the file again from the survey tool, and do not open and save it in a "
            "spreadsheet on the way. If these are the codes that people gave, say so under "
            "values.respondent in the mapping ('12-Jun': '12-Jun'; no code: '').",
        )
