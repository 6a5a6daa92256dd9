"""Wordings as compared: what people, spreadsheets and survey tools do to the same words."""

from __future__ import annotations

import re
import unicodedata

#: Characters that nobody sees and that say nothing: where a word may be broken or not, and which
#: way it is written.
UNSEEN = dict.fromkeys(
    [0x00AD, 0x061C, 0x180E, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2060, 0x2070)]
)
#: Joiners, which mean something in Arabic and the scripts of India, beside a letter of neither.
JOINER = re.compile("(?<=[ -~])[\u200c\u200d]|[\u200c\u200d](?=[ -~])")
#: Characters that tools put in place of plain ones.
PLAIN = str.maketrans(
    {
        "\u00a0": " ", "\u202f": " ", "\ufeff": " ",
        "\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"',
        "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2212": "-",
    }
) | UNSEEN  # fmt: skip

#: The answers that are no answer, each of its own kind, never a scale point.
MISSING_KINDS = {
    "prefer not to say": "prefer_not_to_say",
    "prefer not to answer": "prefer_not_to_say",
    "rather not say": "prefer_not_to_say",
    "i would rather not say": "prefer_not_to_say",
    "i'd rather not say": "prefer_not_to_say",
    "i prefer not to say": "prefer_not_to_say",
    "prefer not to disclose": "prefer_not_to_say",
    "don't know": "dont_know",
    "dont know": "dont_know",
    "do not know": "dont_know",
    "i don't know": "dont_know",
    "not sure": "dont_know",
    "i'm not sure": "dont_know",
    "unsure": "dont_know",
    "undecided": "dont_know",
    "not applicable": "not_applicable",
    "does not apply": "not_applicable",
    "not applicable to me": "not_applicable",
    "n/a": "not_applicable",
    "no answer": "not_answered",
    "not answered": "not_answered",
    "no response": "not_answered",
    "#null!": "not_answered",
}


def normalised(text: str) -> str:
    """Text as compared: without the differences that typing and export tools make."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", JOINER.sub("", text.translate(UNSEEN)))
    return " ".join(text.translate(PLAIN).split()).casefold()


def as_said(text: str) -> str:
    """An answer as compared: names of choices in KoboToolbox and ODK have no spaces (quite_often)."""
    return normalised(text.replace("_", " ")) or normalised(text)
