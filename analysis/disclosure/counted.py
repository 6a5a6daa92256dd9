"""Who was counted in an edition: kept as keyed hashes, so that the next can be compared with it.

Of every response: a hash of who gave it, one of what was answered of each instrument, the school
and the groups by which results are broken down, and which scores and items it has; never a code, an
answer or a score. It is kept beside the key, outside git. Of somebody who withdraws, all hashes are erased, and
something random stands in their place; what stays says that somebody more was counted in a school
and its groups, which the printed numbers of people say as well.
"""

from __future__ import annotations

import hashlib
import math
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis import strands as registry
from analysis.places import inside
from analysis.prepare import Prepared
from analysis.prepare.respondents import keyed_hash
from analysis.study import Study, Survey

#: Columns of a survey's table beside groups and measures.
FIXED = ("person", "wave", "school", "answers")
#: Of everything that somebody answered, and begins the column of what they answered of an instrument.
ANSWERS = "answers"
#: Begins the name of a column that says who has a score or item.
HAS = "has "
#: Begins what stands in place of the hash of somebody who has withdrawn.
GONE = "-"
#: Folders of the tables.
SURVEYS, STRANDS = "surveys", "strands"


@dataclass(frozen=True)
class Counted:
    """Who was counted.

    ``surveys`` holds for each survey a row per response: :data:`FIXED`, a hash of the answers to each
    instrument (``answers <instrument>``: a survey may ask another one later), the columns of groups,
    and one of truth values for each score (``has <instrument>.<score>``) and item
    (``has <instrument>.<code>``). ``strands`` holds for each source of results about people
    ``person``, one row each. A ``person`` that begins with :data:`GONE` has withdrawn since.
    """

    surveys: Mapping[str, pd.DataFrame]
    strands: Mapping[str, pd.DataFrame]


def counted(prepared: Prepared, key: bytes) -> Counted:
    """Who is counted in what is computed from a prepared study."""
    return Counted(
        {each.id: _of_survey(prepared, each, key) for each in prepared.study.surveys},
        dict(_of_strands(prepared, key)),
    )


def person(key: bytes, respondent: str) -> str:
    """The hash under which somebody is kept as counted."""
    return keyed_hash(key, "counted", respondent)


def _of_survey(prepared: Prepared, survey: Survey, key: bytes) -> pd.DataFrame:
    frame = prepared.surveys[survey.id]
    groups = [
        group.column
        for group in prepared.study.breakdowns(survey)
        if group.column in frame and group.column not in FIXED
    ]
    items = [
        (f"{name}.{item.code.lower()}", item.code)
        for name in survey.instruments
        for item in prepared.instruments[name].items
        if item.code in frame
    ]
    scores = [
        (column, column)
        for name in survey.instruments
        for column in (f"{name}.{score}" for score in prepared.instruments[name].scores)
        if column in frame
    ]
    said = {
        f"{ANSWERS} {name}": _hashed(
            frame[[i.code for i in prepared.instruments[name].items if i.code in frame]], key
        )
        for name in survey.instruments
    }
    answers = [
        hashlib.blake2b("".join(row).encode(), digest_size=8, key=key).hexdigest()
        for row in zip(*(said[name] for name in sorted(said)), strict=True)
    ]
    # Somebody whose code is missing is not known again.
    known = frame["respondent"].where(
        frame["respondent"].notna() & (frame["respondent"] != ""),
        "row " + frame["source.file"].astype("str") + " " + frame["row"].astype("str"),
    )
    table = pd.DataFrame(
        {
            "person": [person(key, str(who)) for who in known],
            "wave": frame["wave"].astype("str").str.lower().to_numpy(),
            "school": frame["school"].astype("str").to_numpy(),
            ANSWERS: answers,
            **said,
        }
    )
    for column in groups:
        table[column] = frame[column].astype("object").fillna("").astype("str").to_numpy()
    has = {HAS + name: frame[column].notna().to_numpy() for name, column in [*scores, *items]}
    return pd.concat([table, pd.DataFrame(has)], axis=1)


def _hashed(answers: pd.DataFrame, key: bytes) -> list[str]:
    """What each row answered of an instrument; nothing for nothing.

    Only by what was answered, so that neither another item nor another type of column changes it.
    """
    answers = answers[sorted(map(str, answers))]
    said = [
        ";".join(
            f"{code}={point:g}" for code, point in zip(answers, row, strict=True) if point == point
        )
        for row in answers.to_numpy(dtype="float64", na_value=math.nan).tolist()
    ]
    return [
        hashlib.blake2b(each.encode(), digest_size=8, key=key).hexdigest() if each else ""
        for each in said
    ]


def _of_strands(prepared: Prepared, key: bytes) -> Iterator[tuple[str, pd.DataFrame]]:
    for strand in registry.STRANDS:
        people: set[str] = set()
        for table in strand.tables:
            frame = prepared.strands.get(table.name)
            if table.person and frame is not None and table.person in frame:
                people |= {person(key, f"{strand.id} {who}") for who in frame[table.person]}
        if people:
            yield strand.id, pd.DataFrame({"person": sorted(people)})


def write(folder: Path, found: Counted) -> None:
    """Write who was counted below a folder."""
    for kind, tables in ((SURVEYS, found.surveys), (STRANDS, found.strands)):
        place = inside(folder, kind)
        place.mkdir(parents=True, exist_ok=True)
        for name, table in tables.items():
            _keep(inside(place, f"{name}.parquet"), table)


def read(folder: Path) -> Counted:
    """Who was counted, as :func:`write` kept it."""
    return Counted(
        {path.stem: pd.read_parquet(path) for path in sorted((folder / SURVEYS).glob("*.parquet"))},
        {path.stem: pd.read_parquet(path) for path in sorted((folder / STRANDS).glob("*.parquet"))},
    )


def erase(folder: Path, gone: set[str]) -> int:
    """Erase people's hashes from what was kept; how many rows these were."""
    erased = 0
    for path in sorted(folder.rglob("*.parquet")):
        table = pd.read_parquet(path)
        if "person" not in table:
            continue
        rows = table["person"].isin(gone)
        if rows.any():
            erased += int(rows.sum())
            nobody = {who: GONE + secrets.token_hex(8) for who in table.loc[rows, "person"]}
            table.loc[rows, "person"] = table.loc[rows, "person"].map(nobody)
            if answers := answers_in(table):  # of interviews and the like none are kept
                table.loc[rows, answers] = GONE
            _keep(path, table)
    return erased


def answers_in(table: pd.DataFrame) -> list[str]:
    """Columns of a survey's table that stand for what people answered."""
    return [str(name) for name in table if str(name).split(" ")[0] == ANSWERS]


def _keep(path: Path, table: pd.DataFrame) -> None:
    """Write in one step, readable by the owner only."""
    temporary = path.with_suffix(".part")
    temporary.touch(mode=0o600)
    table.to_parquet(temporary, index=False)
    temporary.replace(path)


def withdrawn(before: Prepared, after: Prepared, key: bytes) -> set[str]:
    """The hashes of people who are counted before a withdrawal, and not after it."""
    return _people(counted(before, key)) - _people(counted(after, key))


def _people(found: Counted) -> set[str]:
    tables = [*found.surveys.values(), *found.strands.values()]
    return {str(who) for table in tables for who in table["person"]}


def groups(study: Study, survey: Survey, table: pd.DataFrame) -> pd.DataFrame:
    """Of which groups of a survey's breakdowns, by their names in ids, each row is; "" of none.

    A column for each group of schools (by the school at the row's wave), then of people.
    """
    from analysis.statistics.samples import compared_as

    found = {}
    for group in study.breakdowns(survey):
        if group.column in table:
            values = compared_as(table[group.column])
            known = {value: group.key(str(value)) for value in values.dropna().unique()}
            found[group.column] = values.map(known).fillna("")
    return pd.DataFrame(found, index=table.index, dtype="str")


def same(before: Counted, now: Counted) -> bool:
    """Whether just the same people with the same answers are counted."""
    keys = ["person", "wave", "answers"]
    return {name: set(table["person"]) for name, table in before.strands.items()} == {
        name: set(table["person"]) for name, table in now.strands.items()
    } and all(
        set(map(tuple, before.surveys[name][keys].to_numpy()))
        == set(map(tuple, now.surveys[name][keys].to_numpy()))
        if name in before.surveys and name in now.surveys
        else False
        for name in {*before.surveys, *now.surveys}
    )
