"""Bytes as text, by what they are and not by what they should be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from analysis.errors import AnalystError

NAMES = {
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16 without a mark",
    "utf-16-be": "UTF-16 without a mark",
    "utf-8-sig": "UTF-8",
    "cp1252": "Windows-1252",
}
#: Letters of UTF-8 read as Windows-1252: two or more bytes for each.
DOUBLE = re.compile("[\u00c3\u00c2][\u0080-\u00bf\u2018-\u203a\u0152-\u017e]|\u00e2\u20ac")

#: What text hardly has: where every tenth character is one, the bytes are something else.
CONTROL = re.compile("[\x01-\x08\x0e-\x1f]")


@dataclass(frozen=True)
class Text:
    """Text, and the name of the encoding it came in."""

    text: str
    encoding: str


CSV_AGAIN = "Export it again as CSV (UTF-8), or as XLSX."


def decoded(content: bytes, path: Path, name: str = "", fix: str = CSV_AGAIN) -> Text:
    """UTF-16 or UTF-8 by their mark, else UTF-8, else Windows-1252.

    Parameters
    ----------
    content, path
        The bytes and their file.
    name
        What to call them in messages, if they are only a part of that file.
    fix
        What to do if they cannot be read.

    Raises
    ------
    AnalystError
        If they are in none of these, or in UTF-8 with some bytes that are not.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif content[1:200:2].count(0) > len(content[1:200:2]) / 2:
        encodings = ["utf-16-le"]
    elif content[0:200:2].count(0) > len(content[0:200:2]) / 2:
        encodings = ["utf-16-be"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text or 10 * len(CONTROL.findall(text[:2000])) > len(text[:2000]):
            break
        if encoding == "cp1252":
            _refuse_mixed(content, path, name, fix)
        return Text(text, NAMES[encoding])
    raise AnalystError(
        f"{name or path.name} is not text in UTF-8, UTF-16 or Windows-1252.",
        where=str(path),
        fix=fix,
    )


def _refuse_mixed(content: bytes, path: Path, name: str, fix: str) -> None:
    """Stop at UTF-8 with stray bytes: read as Windows-1252, every accent in it would be wrong."""
    valid = content.decode("utf-8", errors="ignore")
    stray = len(content) - len(valid.encode("utf-8"))
    accents = sum(1 for character in valid if ord(character) > 127) if stray < 100 else 0
    if not accents or accents < stray:
        return
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise AnalystError(
            f"{name or path.name} is text in UTF-8, but {stray} of its bytes "
            f"{'is' if stray == 1 else 'are'} not: two encodings were mixed, or a letter was cut.",
            where=f"{path}, line {line}",
            fix=f"Do not put together texts of two encodings by hand. {fix}",
        ) from None
