"""Respondents' codes: compared after tidying, kept only as a keyed hash."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from pathlib import Path


def comparable(code: str) -> str:
    """A code as compared between waves: without case, spaces and punctuation."""
    return "".join(character for character in code.upper() if character.isalnum())


def pseudonym(code: str, survey: str, key: bytes) -> str:
    """A keyed hash of a respondent's code: 16 hexadecimal digits.

    Codes that people make up from initials and birthdays can be guessed, so they are not kept.
    The key stays outside git and outside everything published.
    """
    message = f"{survey}\0{comparable(code)}".encode()
    return hmac.new(key, message, hashlib.sha256).hexdigest()[:16]


def read_or_make_key(folder: Path) -> bytes:
    """The key in ``folder/key``; made at first use, readable by its owner only."""
    path = folder / "key"
    if path.exists():
        return bytes.fromhex(path.read_text(encoding="ascii").strip())
    folder.mkdir(parents=True, exist_ok=True)
    key = secrets.token_bytes(32)
    path.touch(mode=0o600)
    path.write_text(key.hex() + "\n", encoding="ascii")
    return key
