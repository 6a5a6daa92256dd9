"""What a file is, and what looks wrong in it, without a study: for ``drp doctor``.

Nothing that anybody answered is shown: headings, numbers of rows, and counts.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from analysis import sources
from analysis.errors import AnalystError, a_few
from analysis.prepare.distinct import distinct
from analysis.prepare.mapping_proposal import (
    DATE,
    Export,
    Match,
    match_attributes,
)
from analysis.prepare.own_columns import QUALTRICS_STATUS
from analysis.questionnaire.recognise import ANY_VERSION
from analysis.sources import coding
from analysis.sources.coding.spreadsheets import columns_of
from analysis.sources.coding.taguette import looks_like_highlights
from analysis.sources.container import CONTAINER_NAMES
from analysis.sources.encodings import DOUBLE
from analysis.sources.export import RawExport, exported
from analysis.sources.grid import Grid, rows_in_words
from analysis.sources.wording import normalised

UNKNOWN = "no survey tool that is known"
#: What each format's exports are called.
TOOLS = {
    "qualtrics": "Qualtrics",
    "qualtrics_legacy": "Qualtrics, of before about 2018",
    "microsoft_forms": "Microsoft Forms",
    "google_forms": "Google Forms",
    "surveymonkey": "SurveyMonkey",
    "jisc": "Jisc Online Surveys",
    "limesurvey": "LimeSurvey",
    "redcap": "REDCap",
    "xlsform": "KoboToolbox or ODK",
    "data_entry": "a printed questionnaire's data-entry workbook",
    "spss": UNKNOWN,
    "stata": UNKNOWN,
    "plain": UNKNOWN,
}
#: Endings of files of coding tools.
CODED = frozenset({".qdpx", ".qde", ".qda", ".sqlite3", ".sqlite", ".db"})
#: What is written by hand for a study.
WRITTEN = {
    ".yaml": "YAML", ".yml": "YAML", ".md": "Markdown", ".qmd": "Markdown", ".json": "JSON",
    ".ipynb": "a notebook", ".py": "Python",
}  # fmt: skip
SQLITE = b"SQLite format 3\x00"
PREVIEW = {**QUALTRICS_STATUS, "preview": "preview", "test": "test"}
UNFINISHED = frozenset({"", "no", "false", "0", "incomplete"})
MONTH = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
FIGURES = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4}|\d{2})\b.*")
#: Where programmes cut texts and tables off.
CUT_TEXTS = (255, 256, 32_767)
CUT_ROWS = (65_535, 65_536, 1_048_575, 1_048_576)


def _misread(text: str) -> bool:
    return bool(DOUBLE.search(text)) or "\ufffd" in text


POINT = "whole numbers that a spreadsheet wrote with a point (such as 412.0)"
DECIMALS = re.compile(r"\d+[.,]\d*[1-9]")
#: What looks wrong in a cell, in words, and how it is found.
CHECKS: tuple[tuple[str, Callable[[str], object]], ...] = (
    ("letters that were decoded wrongly (such as Ã©)", _misread),
    (
        "numbers that a spreadsheet wrote with an exponent (such as 1.2E+05): what they were is lost",
        re.compile(r"\d([.,]\d+)?E\+\d+").fullmatch,
    ),
    (
        "dates that a spreadsheet may have made of something else (such as 3-Mar)",
        re.compile(rf"\d{{1,2}}-({MONTH})|({MONTH})-\d{{2}}", re.IGNORECASE).fullmatch,
    ),
    (POINT, re.compile(r"\d{2,}[.,]0").fullmatch),
    ("e-mail addresses that people wrote", re.compile(r"[\w.+-]@[\w-]+\.[\w.]").search),
    ("texts cut off at a programme's limit", lambda text: len(text) in CUT_TEXTS),
)


@dataclass
class Diagnosis:
    """A file: what it is, what to know of it, what looks wrong, and what would be set aside.

    ``readable`` is false where it cannot be read; ``wrong`` then says why.
    """

    file: str
    what: str = ""
    size: str = ""
    know: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    aside: list[str] = field(default_factory=list)
    readable: bool = True

    def lines(self) -> list[str]:
        """The diagnosis as the lines that are printed."""
        lines = [self.file]
        if self.what:
            lines.append(f"  what it is: {self.what}")
        if self.size:
            lines.append(f"  it holds: {self.size}")
        for title, found in (
            ("to know", self.know),
            ("looks wrong" if self.readable else "cannot be read", self.wrong),
            ("would be set aside", self.aside),
        ):
            lines += [f"  {title}:", *(f"    - {words}" for words in found)] if found else []
        if self.readable and not self.wrong:
            lines.append("  nothing looks wrong")
        return lines


def examine(path: Path, sheet: str | None = None) -> Diagnosis:
    """What can be said of a file without a study: an export of a survey, or coded text."""
    found = Diagnosis(path.name)
    try:
        if _is_coded(path):
            _coded(path, found)
            return found
        _refuse_no_table(path)
        grid = sources.open_file(path, sheet)
        kind, layout = sources.detect(grid)
        raw = exported(grid, layout, kind)
        if _looks_coded(list(raw.frame.columns)):
            _coded(path, found)
            return found
    except AnalystError as error:
        found.readable = False
        found.wrong = [error.what, *([f"to do: {error.fix}"] if error.fix else [])]
        if error.where and error.where != str(path):
            found.wrong.insert(1, f"where: {error.where}")
        return found
    _export(grid, raw, found)
    return found


# --- coded text ----------------------------------------------------------------------------


def _is_coded(path: Path) -> bool:
    if path.is_dir():
        return (path / "data.qda").exists()
    if path.suffix.lower() in CODED:
        return path.exists()
    try:
        with path.open("rb") as file:
            return file.read(len(SQLITE)) == SQLITE
    except OSError:
        return False  # which reading it says, too


def _refuse_no_table(path: Path) -> None:
    """Stop at a folder, and at what somebody wrote for this project and no tool exports."""
    if path.is_dir():
        raise AnalystError(
            f"{path.name} is a folder, and no project of QualCoder (it has no data.qda).",
            where=str(path),
            fix="Name the files in it.",
        )
    if path.suffix.lower() in WRITTEN and path.exists():
        raise AnalystError(
            f"{path.name} is text that somebody wrote ({WRITTEN[path.suffix.lower()]}), and no "
            "export.",
            where=str(path),
            fix="drp prepare reads it as a part of its study, and says what is wrong there.",
        )


def _looks_coded(headings: list[str]) -> bool:
    found = set(columns_of(headings).values())
    named = {"source_id", "text"} <= found and bool({"code", "codes"} & found)
    return named or looks_like_highlights(headings)


def _coded(path: Path, found: Diagnosis) -> None:
    try:
        text = coding.read(path)
    except sqlite3.Error:  # pragma: no cover - the reader says it first
        raise AnalystError(
            f"{path.name} is a broken database.", where=str(path), fix="Export the project again."
        ) from None
    segments = text.segments
    found.what = f"coded text ({text.tool})"
    coders = sorted(set(segments["coder"]) - {""})
    found.size = (
        f"{_several(len(segments), 'coding')} of {_several(segments['source_id'].nunique(), 'source')}"
        f" under {_several(segments['code'].nunique(), 'code')}, by "
        + (_several(len(coders), "coder") if coders else "coders that are not named")
    )
    found.know = [
        f"{_several(int(count), 'coding')} without a {column}"
        for column in ("school", "role")
        if (count := int((segments[column] == "").sum())) and count < len(segments)
    ]
    found.wrong = list(text.findings)
    repeated = int(segments.duplicated().sum())
    if repeated:
        found.aside.append(
            f"of codings of the same words under the same code: {repeated} after the first"
        )


# --- exports -------------------------------------------------------------------------------


def _export(grid: Grid, raw: RawExport, found: Diagnosis) -> None:
    frame = raw.frame
    tool = TOOLS[raw.kind.rpartition("_")[0]]
    written = f"{CONTAINER_NAMES['csv']}, {raw.about}" if grid.container == "csv" else raw.about
    found.what = f"{written}; from {tool} (format: {raw.kind})"
    first, last = frame.index[0], frame.index[-1]
    rows = f"row {first}" if first == last else f"rows {first} to {last}"
    # Whether a row is a response, only a survey tool's form says.
    each = "row" if tool == UNKNOWN else "response"
    found.size = f"{_several(len(frame), each)} ({rows}), {_several(frame.shape[1], 'column')}"
    found.know = list(raw.notes)
    if raw.left_behind:
        found.know.append(f"left behind as personal: {', '.join(raw.left_behind)}")
    empty = [name for name in frame.columns if not frame[name].str.strip().any()]
    if empty:
        found.know.append(f"{_several(len(empty), 'column')} without any answer: {_named(empty)}")
    found.wrong = [f"column '{name}': {why}" for name, why in raw.unusable.items()]
    found.wrong += _whole(raw)
    for name in frame.columns:
        found.wrong += _column(raw, name)
    _set_aside(raw, found)


def _whole(raw: RawExport) -> Iterator[str]:
    """What looks wrong with the table as a whole."""
    frame = raw.frame
    if frame.shape[1] + len(raw.unusable) + len(raw.left_behind) == 1:
        yield "it has one column only: text that is no table, or cells parted by a mark that is " \
              "not known"  # fmt: skip
    if len(frame) in CUT_ROWS or int(frame.index[-1]) in CUT_ROWS:
        yield "it ends where a spreadsheet's last row is: rows may be missing"
    if raw.response_number in frame:
        numbers = frame[raw.response_number].str.strip()
        twice = frame.index[numbers.duplicated() & (numbers != "")]
        if len(twice):
            yield f"the number of a response stands twice ({rows_in_words(twice)})"
    own = frame.drop(columns=raw.response_number, errors="ignore")
    filled = own.apply(lambda column: column.str.strip()).ne("").any(axis=1)
    twice = frame.index[own.duplicated() & filled]
    if len(twice):
        yield f"{_several(len(twice), 'row')} the same as one before in every cell " \
              f"({rows_in_words(twice)})"  # fmt: skip
    headings = [name for name in frame.columns if DOUBLE.search(name) or "\ufffd" in name]
    if headings:
        yield f"headings with letters that were decoded wrongly: {_named(headings)}"


def _column(raw: RawExport, name: str) -> Iterator[str]:
    """What looks wrong with a column's texts."""
    places, texts = distinct(raw.frame[name])

    def rows(found: list[bool]) -> str:
        at = raw.frame.index[np.array(found, dtype=bool)[places]]
        return f"column '{name}', {rows_in_words(at)}"

    for words, looks in CHECKS:
        found = [bool(looks(text.strip())) for text in texts]
        if words is POINT and any(DECIMALS.fullmatch(text.strip()) for text in texts):
            continue  # 3.0 beside 3.5 is a number like the others
        if any(found):
            yield f"{words}: {rows(found)}"
    if raw.dates is None:
        yield from _dates(name, texts)


def _dates(name: str, texts: list[str]) -> Iterator[str]:
    found = [match for text in texts if (match := FIGURES.fullmatch(text.strip()))]
    if not found or 2 * len(found) < sum(bool(text.strip()) for text in texts):
        return
    first = any(int(match[1]) > 12 for match in found)
    second = any(int(match[2]) > 12 for match in found)
    if first and second:
        yield f"column '{name}' has dates with the day first and others with the month first"
    elif any(match[1] != match[2] and int(match[1]) <= 12 >= int(match[2]) for match in found):
        # As prepare reads them: that other rows show the order is no proof.
        yield f"column '{name}' has dates that may be read day first or month first: say which " \
              "with 'dates' in the mapping"  # fmt: skip


def _set_aside(raw: RawExport, found: Diagnosis) -> None:
    """Rows that any study sets aside, and what a study decides."""
    frame = raw.frame
    filled = frame.apply(lambda column: column.str.strip()).ne("").any(axis=1)
    if not filled.all():
        rows = frame.index[~filled]
        found.aside.append(f"{_several(len(rows), 'empty row')} ({rows_in_words(rows)})")
    export = Export(raw, list(frame.columns))
    for match in match_attributes(export, export.columns, {}, []):
        if match.sure and match.name in ("status", "finished", "consent"):
            _decided(frame, match, found)


def _decided(frame: pd.DataFrame, match: Match, found: Diagnosis) -> None:
    texts = frame[match.column].str.strip().map(normalised)
    if match.name == "status":
        for meaning in ("preview", "test"):
            rows = frame.index[texts.map(PREVIEW.get) == meaning]
            if len(rows):
                found.aside.append(
                    f"{_several(len(rows), 'row')} of status {meaning}, by '{match.column}' "
                    f"({rows_in_words(rows)})"
                )
    elif match.name == "finished":
        dates = all(DATE.fullmatch(text) for text in texts.unique() if text)
        rows = frame.index[texts == "" if dates else texts.isin(UNFINISHED)]
        if len(rows):
            found.know.append(
                f"{_several(len(rows), 'unfinished response')}, by '{match.column}': kept, unless "
                "the rules of the survey say otherwise"
            )
    else:
        if ANY_VERSION.search(match.column):
            found.know.append("made with a questionnaire of drp questionnaire: it needs no mapping")
            return
        count = int(texts[texts != ""].nunique())
        found.know.append(
            f"'{match.column}' looks like the question for consent, with "
            f"{_several(count, 'wording')}: what each means is for you to say in the mapping"
        )


def _several(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _named(names: list[str]) -> str:
    return a_few([f"'{name}'" for name in names], 6)
