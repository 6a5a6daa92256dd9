"""Where a number comes from, for the analyst: down to the rows of the raw files.

The page says the same of a number as far as release allows (:mod:`analysis.present.origin`). Rows are
found again from the id: its source says which files, and every part of it that is a wave, a school, a
group, an item or a value of a column narrows them. A withheld number is not told here either: what is
printed on a screen is soon pasted into a message.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis import questions
from analysis.disclosure import RELEASED, store
from analysis.errors import AnalystError
from analysis.places import inside
from analysis.prepare import schools
from analysis.prepare import tables as prepared
from analysis.prepare.patterns import matching
from analysis.present import origin
from analysis.results import COHORT, OTHERS, PARTS
from analysis.sources import tables
from analysis.strands import Table
from analysis.study import SCHOOLS, Study, Survey
from analysis.words import slug

#: How many ids are named that are like one that there is not.
NEAR = 5
#: Questions about a pair of waves that are not about the same people at both.
OF_EVERYBODY = ("all_respondents", "attrition", "over_time", "imputed", "rate_change", "series",
                "around", "paired_weighted")  # fmt: skip
#: Parts of an id that may be a value of some column of a strand's table.
NARROWING = ("measure", "wave", "group")


@dataclass(frozen=True)
class Behind:
    """A file behind a number: which of its rows, and by what they were found.

    ``rows`` are as the file's own program numbers them, the headings' row counted; ``by`` names the
    columns that narrowed them, if any.
    """

    file: str
    sheet: str
    rows: tuple[int, ...]
    by: tuple[str, ...]


@dataclass(frozen=True)
class Trace:
    """One number of the ledger, and all that it comes from.

    ``number`` is the ledger's row; of one that is withheld the numbers in it are not to be told.
    """

    number: dict[str, object]
    question: questions.Question
    behind: tuple[Behind, ...]
    others: bool

    @property
    def is_released(self) -> bool:
        """Whether the number may be told."""
        return self.number["release"] == RELEASED


def trace(study: Study, identity: str, unit: str = COHORT) -> Trace:
    """Where a number comes from.

    Parameters
    ----------
    study
        The study, prepared and released.
    identity, unit
        The number's id, and the unit that it is of.

    Raises
    ------
    AnalystError
        If nothing is released yet; if the unit has no such number: with ids that are like it.
    """
    ledger = store.processed(study) / "ledger" / "results.parquet"
    if not ledger.exists():
        raise AnalystError(
            "There is no ledger yet.", where=str(ledger), fix="Run drp run (or drp render) first."
        )
    found = pd.read_parquet(ledger, filters=[("id", "==", identity.strip().lower())])
    mine = found[found["unit"] == unit]
    if mine.empty:
        raise _unknown(ledger, identity, unit, sorted(map(str, found["unit"])))
    row = {str(name): value for name, value in mine.iloc[0].items()}
    key = questions.Key(*(str(row[part]) for part in PARTS))
    question = origin.question(key.analysis, key.statistic)
    return Trace(row, question, tuple(_behind(study, key, unit)), question.others)


def _unknown(ledger: Path, identity: str, unit: str, elsewhere: Sequence[str]) -> AnalystError:
    """That there is no such number, and which there are that are like it."""
    if elsewhere:
        shown = ", ".join(elsewhere[:NEAR]) + (" …" if len(elsewhere) > NEAR else "")
        return AnalystError(
            f"'{unit}' has no number with this id; others have: {shown}.",
            where=f"{identity}",
            fix=f"Name one of them: drp trace {identity} --unit {elsewhere[0]}",
        )
    ids = pd.read_parquet(ledger, columns=["id"], filters=[("unit", "==", unit)])["id"]
    if ids.empty:
        return AnalystError(
            f"No number is of '{unit}'.",
            where=f"--unit {unit}",
            fix=f"Name a school of the study, or {COHORT} for the programme.",
        )
    near = difflib.get_close_matches(identity.lower(), [*map(str, ids)], NEAR, 0.5)
    said = "\n    ".join(near)
    return AnalystError(
        f"There is no number with the id '{identity}' ({len(ids)} of {unit} have one).",
        where=str(ledger),
        fix=f"Perhaps one of these:\n    {said}" if near else "An id has seven parts, joined by "
        "dots: source.instrument.analysis.measure.wave.group.statistic",
    )  # fmt: skip


def _behind(study: Study, key: questions.Key, unit: str) -> Iterator[Behind]:
    for survey in study.surveys:
        if survey.id == key.source:
            yield from _of_survey(study, survey, key, unit)
            return
    read = origin.tables(study, key)
    for table in read:
        for path in matching(study, str(study.file(table.name))):
            yield _of_table(study, table, path, key, unit)
    tables_of = {str(study.file(table.name)) for table in read}
    # What is authored, and what coding tools keep, has no rows.
    yield from (
        Behind(each, "", (), ()) for each in origin.files(study, key) if each not in tables_of
    )


# --- surveys -----------------------------------------------------------------------------------


def _of_survey(study: Study, survey: Survey, key: questions.Key, unit: str) -> Iterator[Behind]:
    school = "" if unit == COHORT else unit
    frame = prepared.read(store.processed(study), survey.id, school)
    by = ["school"] if school else []
    waves = {each.lower(): each for each in study.wave_ids}
    parts = [waves[part] for part in key.wave.split("-") if part in waves]
    if parts:
        frame = frame[frame["wave"].isin(parts)]
    group = _in_group(study, survey, frame, key.group)
    if group is not None:
        column, rows = group
        frame, by = frame[rows], [*by, column]
    measured = _column(frame, key)
    if measured:
        frame, by = frame[frame[measured].notna()], [*by, measured]
    if len(parts) > 1 and key.analysis not in OF_EVERYBODY:
        at = frame.groupby("respondent")["wave"].nunique()
        both = at.index[at == len(set(parts))]
        frame, by = frame[frame["respondent"].isin(both)], [*by, "answered at both waves"]
    for export in survey.exports:
        if parts and export.wave not in parts:
            continue
        rows = frame.loc[frame["source.file"] == export.file, "row"]
        sheet = _sheet(study, export.file)
        yield Behind(export.file, sheet, tuple(sorted(map(int, rows))), tuple(by))


def _column(frame: pd.DataFrame, key: questions.Key) -> str:
    """The column of the prepared table that a measure is: a score, an item or a question."""
    score = f"{key.instrument}.{key.measure}"
    lower = {str(name).lower(): str(name) for name in frame.columns}
    return next((lower[name] for name in (score, key.measure) if name in lower), "")


def _in_group(
    study: Study, survey: Survey, frame: pd.DataFrame, name: str
) -> tuple[str, pd.Series] | None:
    """The column and the rows of a group, or of a pair of groups; nothing for everybody."""
    if name == "all":
        return None
    for group in study.groups:
        if group.of not in (SCHOOLS, survey.population) or group.column not in frame:
            continue
        keys = frame[group.column].astype("str").map(group.key)
        names = {name, *(part for part in name.split("-"))}
        rest = f"{slug(group.column)}_{OTHERS}"
        rows = keys.isin(names)
        if rest in names:
            rows |= ~keys.isin({group.key("yes")})
        if rows.any():
            return group.column, rows
    return None


def _sheet(study: Study, file: str) -> str:
    """The sheet that a file was read from, as was noted when it was."""
    files = store.processed(study) / "quality" / "files.csv"
    noted = pd.read_csv(files, dtype="str", keep_default_na=False)
    mine = noted[noted["file"] == Path(file).name]
    return "" if mine.empty else str(mine.iloc[0]["sheet"])


# --- strands -----------------------------------------------------------------------------------


def _of_table(study: Study, table: Table, path: Path, key: questions.Key, unit: str) -> Behind:
    frame = tables.read(path, table.columns, optional=table.optional, key=table.unique)
    aside = pd.read_csv(
        inside(store.processed(study), "quality", "aside.csv"), dtype={"file": "str"}
    )
    gone = aside.loc[aside["file"] == path.name, "row"]
    frame = frame[~frame.index.isin(gone)]
    by = []
    if unit != COHORT and "school" in frame:
        frame, by = frame[frame["school"] == unit], ["school"]
    elif "school" in frame and (of_group := _schools_of(study, key.group)):
        column, members = of_group
        frame, by = frame[frame["school"].isin(members)], [f"{column} of the school"]
    for part in NARROWING:
        for column in (*table.columns, *table.optional):
            values = frame[column].astype("str").map(slug)
            rows = values == slug(getattr(key, part))
            if rows.any() and column not in by:
                frame, by = frame[rows], [*by, column]
                break
    return Behind(
        path.relative_to(study.folder.resolve()).as_posix()
        if path.is_relative_to(study.folder.resolve())
        else path.name,
        "",
        tuple(map(int, frame.index)),
        tuple(by),
    )


def _schools_of(study: Study, name: str) -> tuple[str, set[str]] | None:
    """The column and the schools of a group of schools, or of a pair of groups."""
    table = schools.read(study)
    for group in study.groups_of(SCHOOLS):
        if group.column in table:
            keys = table[group.column].astype("str").map(group.key)
            rows = keys.isin({name, *name.split("-")})
            if rows.any():
                return group.column, set(map(str, table.loc[rows, "id"]))
    return None


# --- words -------------------------------------------------------------------------------------


def lines(found: Trace) -> Iterator[str]:
    """A trace for the screen."""
    number = found.number
    yield f"{number['id']}"
    yield f"  unit        {number['unit']}"
    if found.is_released:
        value, low, high = (_told(number, name) for name in ("value", "ci_low", "ci_high"))
        yield f"  value       {value}" + (f" ({low} to {high})" if low else "")
        bases = ("n", "n_schools", "numerator", "denominator", "df")
        said = [f"{name} {number[name]:g}" for name in bases if number[name] == number[name]]
        yield f"  rests on    {', '.join(said)}"
        if number["decimals"] == number["decimals"]:
            yield f"  release     shown with at most {number['decimals']:g} decimals"
    else:
        yield f"  release     {number['release']}: {number['band'] or number['reason']}"
    yield f"  question    {found.question.asks}"
    if found.is_released:
        yield f"  method      {number['method']}"
    yield f"  worked out  analysis/{found.question.function.replace('.', '/').replace(':', '.py, ')}"
    for each in found.behind:
        place = f"{each.file}, sheet {each.sheet}" if each.sheet else each.file
        yield f"  from        {place}"
        if each.rows:
            by = f" (by {', '.join(each.by)})" if each.by else ""
            rows = f"{len(each.rows)} row{'' if len(each.rows) == 1 else 's'}"
            yield f"              {rows}{by}: {_ranges(each.rows)}"
        else:
            yield "              no rows of their own"
    if found.others:
        yield "              and the same of the other schools that it is set beside"


def _told(number: dict[str, object], name: str) -> str:
    """A released number, with no more decimals than release lets through; nothing if there is none."""
    value, decimals = float(str(number[name])), float(str(number["decimals"]))
    if value != value:
        return ""
    return f"{value:g}" if decimals != decimals else f"{value:.{decimals:.0f}f}"


def _ranges(rows: Sequence[int]) -> str:
    """Row numbers, runs of them as from–to."""
    found: list[list[int]] = []
    for row in sorted(rows):
        if found and row == found[-1][1] + 1:
            found[-1][1] = row
        else:
            found.append([row, row])
    return re.sub(r"\b(\d+)-\1\b", r"\1", ", ".join(f"{a}-{b}" for a, b in found))
