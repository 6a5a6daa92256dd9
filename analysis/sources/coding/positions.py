"""Where a passage stands in a text, whatever units its tool counts in.

Tools count characters, or units of UTF-16 (an emoji is two of them), and a line break as one or
as two (CR LF). Which it is, no file says; it is found by comparing the words that the tool kept
of its passages with the text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from analysis.sources.coding.neutral import squeezed

#: From here on a character is two units in UTF-16.
WIDE = 0x10000


@dataclass(frozen=True)
class Positions:
    """A text, its line breaks as the tool counts them, and the tool's units.

    ``checked`` is false where units matter and no words were there to tell which they are.
    """

    text: str
    utf16: bool = False
    checked: bool = True

    def place(self, start: int, end: int) -> tuple[int, int]:
        """A tool's positions, in characters of ``text``."""
        if not self.utf16:
            return max(0, start), max(0, end)
        units = self.text.encode("utf-16-le", errors="surrogatepass")
        before, through = (
            len(units[: 2 * max(0, edge)].decode("utf-16-le", errors="ignore"))
            for edge in (start, end)
        )
        return before, through

    def words(self, start: int, end: int) -> str:
        """The words between a tool's positions."""
        first, last = self.place(start, end)
        return self.text[first:last]


def fitted(text: str, passages: Iterable[tuple[int, int, str]]) -> Positions:
    """The reading of a text under which most passages have the words that the tool kept.

    Parameters
    ----------
    text
        As the project holds it.
    passages
        Start and end as the tool counts, and the words kept: whole, cut short, or none.
    """
    plain = text.replace("\r\n", "\n")
    breaks = list(dict.fromkeys((text, plain, plain.replace("\n", "\r\n"))))
    wide = any(ord(character) >= WIDE for character in text)
    # The first of equals: as the file has it, in characters, if nothing speaks against it.
    readings = [Positions(each, utf16) for utf16 in ((False, True) if wide else (False,))
                for each in breaks]  # fmt: skip
    if len(readings) == 1:
        return readings[0]
    known = [passage for passage in passages if beginning(passage[2])]
    best = max(readings, key=lambda reading: _fit(reading, known))
    return Positions(best.text, best.utf16, checked=bool(known) or not wide)


def beginning(words: str) -> str:
    """Words as compared: tools cut those of a long passage short, with or without dots."""
    return squeezed(words).rstrip(".… ")


def _fit(reading: Positions, known: Sequence[tuple[int, int, str]]) -> tuple[int, int, int]:
    """How many passages begin with the words that were kept, are just these, begin just there.

    At the beginning of a line a place too early holds the line break and the same words, less
    the last letter, which neither words cut short nor a full stop would tell.
    """
    found = [(reading.words(start, end), words) for start, end, words in known]
    compared = [(beginning(text), beginning(words)) for text, words in found]
    return (
        sum(text.startswith(words) for text, words in compared),
        sum(text == words for text, words in compared),
        sum(text[:1].isspace() == words[:1].isspace() for text, words in found),
    )
