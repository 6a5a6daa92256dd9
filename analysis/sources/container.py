"""What kind of file an export is, by its first bytes and never by its name."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Literal

from analysis.errors import AnalystError
from analysis.places import plain_file

Container = Literal["csv", "xlsx", "sav", "dta"]
CONTAINER_NAMES: dict[Container, str] = {
    "csv": "a delimited text file",
    "xlsx": "an Excel workbook",
    "sav": "an SPSS file",
    "dta": "a Stata file",
}
EXPORT_AGAIN = "Export the responses as CSV (UTF-8), XLSX, SPSS .sav or Stata .dta."
#: Bytes looked at.
START = 4096
OLE = b"\xd0\xcf\x11\xe0"
#: In a compound file, the name of what an encrypted workbook holds.
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
SPSS_PORTABLE = b"ASCII SPSS PORT FILE"
#: The versions of Stata that write a number in the first byte: 5 to 12.
OLD_STATA = frozenset({105, 108, 110, 111, 112, 113, 114, 115})

#: Beginnings of files that are no export, what they are, and what to do.
OTHERS: tuple[tuple[bytes, str, str], ...] = (
    (b"PAR1", "a Parquet file", EXPORT_AGAIN),
    (b"%PDF", "a PDF", EXPORT_AGAIN),
    (b"{\\rtf", "a text document (RTF)", EXPORT_AGAIN),
    (b"\x1f\x8b", "a compressed file (gzip)", "Unpack it, and name the file inside."),
    (b"7z\xbc\xaf\x27\x1c", "a compressed archive (7z)", "Unpack it, and name the file inside."),
    (b"Rar!", "a compressed archive (RAR)", "Unpack it, and name the file inside."),
    (b"SQLite format 3\x00", "a database (SQLite)", EXPORT_AGAIN),
    (b"HEADER RECORD*******LIBRARY", "a SAS transport file", EXPORT_AGAIN),
    (b"\x89PNG", "a picture", EXPORT_AGAIN),
    (b"\xff\xd8\xff", "a picture", EXPORT_AGAIN),
    (
        b"\x00\x05\x16\x07",
        "what macOS keeps beside a file, and not the file itself",
        "Name the file without '._' before its name.",
    ),
    (
        b"version https://git-lfs",
        "a pointer of Git LFS, and not the file itself",
        "Fetch the file with 'git lfs pull', or copy it here again.",
    ),
)
SAS = b"\xc2\xea\x81\x60"
#: What a text that is no table starts with, in small letters.
TEXTS: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (
        re.compile(r"(<!--.*?-->\s*)?<(!doctype html|html|head|body|table)\b", re.DOTALL),
        "a web page, whatever it is called",
        "It may be the tool's log-in page, or a table that was saved as a page: log in, download "
        "the responses themselves, and look at the file before it goes here.",
    ),
    (
        re.compile(r"<\?xml.*limesurveydoctype", re.DOTALL),
        "LimeSurvey's description of a survey (.lss), and holds no responses",
        "Give it to 'drp map' with --lss, beside the responses.",
    ),
    (
        re.compile(r"<\?xml.*office:spreadsheet", re.DOTALL),
        "an Excel file in XML of 2003",
        "Open it in a spreadsheet, and save it as XLSX.",
    ),
    (
        re.compile(r"<\?xml.{0,400}<codebook", re.DOTALL),
        "a codebook of a coding tool (.qdc), and no export of a survey",
        "Name the coded text itself (.qdpx) under coded_text in study.yaml.",
    ),
    (re.compile(r"<\?xml"), "an XML file", EXPORT_AGAIN),
    (
        re.compile(r'\{\s*"surveyentry"'),
        "Qualtrics's description of a survey (.qsf), and holds no responses",
        "Give it to 'drp map' with --qsf, beside the responses.",
    ),
    (re.compile(r'(\{\s*"|\[\s*\{)'), "a JSON file", EXPORT_AGAIN),
)


def container_of(path: Path) -> Container:
    """Which kind of file this is.

    Raises
    ------
    AnalystError
        If the file is missing, empty or cannot be read, or is of a kind that is not read: said
        as what it is.
    """
    start = _start(path)
    if start.startswith(b"PK\x03\x04"):
        return _zipped(path)
    if start.startswith(OLE):
        if ENCRYPTED in path.read_bytes():
            raise locked(path)
        return "xlsx"
    if start.startswith((b"$FL2", b"$FL3")) or SPSS_PORTABLE in start[:400]:
        return "sav"
    if start.startswith(b"<stata_dta>") or _is_old_stata(start):
        return "dta"
    for magic, what, fix in OTHERS:
        if start.startswith(magic):
            raise _not_read(path, what, fix)
    if SAS in start[:32]:
        raise _not_read(path, "a SAS file", EXPORT_AGAIN)
    text = _as_text(start)
    for pattern, what, fix in TEXTS:
        if pattern.match(text):
            raise _not_read(path, what, fix)
    return "csv"


def locked(path: Path) -> AnalystError:
    """The error for a workbook with a password."""
    return AnalystError(
        f"{path.name} is a workbook with a password, which is not opened.",
        where=str(path),
        fix="Open it in a spreadsheet, take the password off (File, Info, Protect), and save it; "
        "or export the responses again.",
    )


def missing_file(path: Path) -> AnalystError:
    """The error for a file that the study names and the folder lacks."""
    return AnalystError(
        f"The file {path.name} is missing.",
        where=str(path),
        fix="Put it there, or correct its name in study.yaml; until there is one, take it out.",
    )


def empty_file(path: Path) -> AnalystError:
    """The error for a file without content."""
    return AnalystError(
        f"{path.name} is empty.",
        where=str(path),
        fix="Export the responses again; of a table of your own, fill it in, with its headings.",
    )


def _zipped(path: Path) -> Container:
    """A workbook, of whatever kind; other archives are refused as what they are."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError):
        return "xlsx"  # whose reader says that it is broken
    folders = {name.partition("/")[0] for name in names}
    if "xl" in folders or ("content.xml" in names and "word" not in folders):
        return "xlsx"
    if "word" in folders:
        raise _not_read(path, "a Word document", EXPORT_AGAIN)
    if "Index" in folders or any(name.endswith(".iwa") for name in names):
        raise _not_read(path, "an Apple Numbers file", "Export it from Numbers as XLSX or CSV.")
    if any(name.lower().endswith(".qde") for name in names):
        raise _not_read(
            path,
            "a project of a coding tool (REFI-QDA), and no export of a survey",
            "Name it under coded_text in study.yaml.",
        )
    held = ", ".join(f"'{name}'" for name in names[:3]) + (" …" if len(names) > 3 else "")
    raise _not_read(
        path,
        f"a zip archive (it holds {held or 'nothing'})",
        "Unpack it, and name the file inside.",
    )


def _is_old_stata(start: bytes) -> bool:
    # Release, byte order, file type 1, unused 0: no text begins so.
    return (
        len(start) > 4
        and start[0] in OLD_STATA
        and start[1] in (1, 2)
        and start[2] == 1
        and start[3] == 0
    )


def _as_text(start: bytes) -> str:
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = start[: len(start) // 2 * 2].decode("utf-16", errors="replace")
    else:
        text = start.decode("utf-8-sig", errors="replace")
    return text.lstrip().lower()


def _not_read(path: Path, what: str, fix: str) -> AnalystError:
    return AnalystError(f"{path.name} is {what}; it is not read.", where=str(path), fix=fix)


def _start(path: Path) -> bytes:
    try:
        with plain_file(path).open("rb") as file:
            start = file.read(START)
    except FileNotFoundError:
        raise missing_file(path) from None
    except OSError as error:
        raise AnalystError(
            f"{path.name} cannot be read: {error.strerror}.",
            where=str(path),
            fix="Name a file, and check that you may read it.",
        ) from None
    if not start.strip():
        raise empty_file(path)
    return start
