"""Respondents' codes: compared after tidying, kept only as a keyed hash."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import unicodedata
from pathlib import Path

import pandas as pd

from analysis.errors import AnalystError
from analysis.places import plain_file

BETWEEN_FIGURES = re.compile(r"(?<=\d)[\W_]+(?=\d)")
NEITHER_LETTER_NOR_FIGURE = re.compile(r"[^\w-]+|_+|(?<!\d)-+|-+(?!\d)")


def comparable(code: str) -> str:
    """A code as compared: without case, spaces and punctuation.

    Only between figures is there a difference, written as a hyphen: pupil 23 of class 1 (1-23)
    is not pupil 3 of class 12 (12-3).
    """
    if not code.isascii():
        code = unicodedata.normalize("NFKC", code)
    upper = code.upper()
    if upper.isalnum():
        return upper
    return NEITHER_LETTER_NOR_FIGURE.sub("", BETWEEN_FIGURES.sub("-", upper))


def without_o(code: str) -> str:
    """A comparable code in which the letter O and the figure 0 are the same."""
    return code.replace("O", "0")


def loose(code: str) -> str:
    """A comparable code in which O is 0 and nothing stands between figures."""
    return without_o(code).replace("-", "")


def keyed_hash(key: bytes, *parts: str) -> str:
    """A keyed hash (BLAKE2b) of some texts: 16 hexadecimal digits."""
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=8, key=key).hexdigest()


def pseudonyms(
    codes: pd.Series, schools: pd.Series, apart: pd.Series, survey: str, key: bytes
) -> list[str]:
    """Keyed hashes of who people are: a code within a school and survey.

    Codes that people make up from initials and birthdays can be guessed, so they are not kept.
    The key stays outside git and outside everything published. ``apart`` is empty text except
    where several people of a school use one code: then it tells them apart.
    """
    texts = survey + "\0" + schools + "\0" + codes + "\0" + apart
    # As keyed_hash, but that the key is taken in once.
    keyed = hashlib.blake2b(digest_size=8, key=key)
    found = []
    for text in texts.to_numpy(dtype=object):
        one = keyed.copy()
        one.update(text.encode())
        found.append(one.hexdigest())
    return found


def read_or_make_key(folder: Path) -> bytes:
    """The key in ``folder/key``; made at first use, readable by its owner only.

    Raises
    ------
    AnalystError
        If the file is there but holds no key, or cannot be read or made; or if it is gone, but
        withdrawals are on record: under another key nobody on that record would be known again.
    """
    path, record = folder / "key", folder / "withdrawn"
    if not path.exists() and record.exists() and record.stat().st_size:
        raise AnalystError(
            "The key of respondents' codes is gone, but withdrawals are on record: with a new "
            "key, everybody who has withdrawn would return to the reports.",
            where=str(path),
            fix="Restore the file from your backup. If it is lost for good, look up every code "
            f"that was withdrawn, remove {record}, give each code again with drp withdraw, and "
            "only then make reports.",
        )
    try:
        if path.exists():
            key = bytes.fromhex(plain_file(path).read_text(encoding="ascii").strip())
            if not 16 <= len(key) <= 64:
                raise ValueError
            return key
        folder.mkdir(parents=True, exist_ok=True)
        key = secrets.token_bytes(32)
        # Never readable by others, not even for a moment.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(key.hex() + "\n")
        return key
    except (OSError, ValueError, UnicodeDecodeError):
        raise AnalystError(
            "The key of respondents' codes cannot be read or made.",
            where=str(path),
            fix="Restore it from your backup. If it is lost for good, look up every code that was "
            f"withdrawn, remove it and {record}, and give each code again with drp withdraw.",
        ) from None
