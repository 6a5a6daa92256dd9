"""The schools of the study."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.errors import AnalystError, Collected
from analysis.names import fault, folded, shown
from analysis.prepare import alike, similar
from analysis.prepare.answers import normalised
from analysis.prepare.dates import days
from analysis.sources import tables
from analysis.study import SCHOOLS, Group, Study, Survey

#: Columns the table must have; the study's groups and numbers invited ask for further ones.
COLUMNS = ("id", "name")
#: Classes of marks that embed or override a direction of writing: text after them is turned, too.
TURNING = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
#: Columns that other ways of naming a school may stand in; each school another.
NAMES = ("urn", "letter")
#: Why nobody of a school answered a survey at a wave: nobody was invited, the school joined later,
#: or nobody is known to have been invited.
NOT_INVITED, NOT_YET, NO_ANSWERS = "no", "later", "none"


def read(study: Study) -> pd.DataFrame:
    """The table of the schools that take part, indexed by school id, in the order of the file.

    Columns ``urn`` and ``letter`` are empty where the file has none.

    Raises
    ------
    AnalystError
        If the file or a column is missing, an id cannot name files (:mod:`analysis.names`), an id,
        name, URN or letter is used twice, or a group is not one of the study's: all at once.
    """
    frame = table(study)
    check(study, frame)
    return divided(study, by_id(frame))[0]


def table(study: Study) -> pd.DataFrame:
    """The schools table by row number, its groups and numbers invited not looked at yet.

    Raises
    ------
    AnalystError
        If the file or a column is missing, an id cannot name files, or an id, name, URN or letter
        is used twice.
    """
    path = study.path(study.schools)
    frame = tables.read(path, COLUMNS)
    _refuse_unsafe(frame["id"], path)
    tables.refuse_repeated(frame, ("name",), path)
    for column in NAMES:
        if column in frame:
            tables.refuse_repeated(frame[frame[column] != ""], (column,), path)
        else:
            frame[column] = ""
    if frame.empty:
        raise AnalystError(
            f"{path.name} names no school.", where=str(path), fix="Give each school a row."
        )
    blank = frame[(frame[list(COLUMNS)] == "").any(axis=1)]
    if len(blank):
        raise AnalystError(
            "A school has no id or no name.",
            where=f"{path}, row {blank.index[0]}",
            fix="Fill in both, or take the row out.",
        )
    _refuse_names(frame, path)
    return frame


def by_id(frame: pd.DataFrame) -> pd.DataFrame:
    """The schools table indexed by school id."""
    return frame.set_index("id", drop=False)


def check(study: Study, frame: pd.DataFrame) -> None:
    """Check groups and numbers invited; the latter become numbers, in place.

    Raises
    ------
    AnalystError
        If a group is not one of the study's, a listed group has no school, or a column is missing
        or holds no numbers: all at once.
    """
    path = study.path(study.schools)
    mistakes = Collected()
    for group in study.groups_of(SCHOOLS):
        with mistakes.also():
            _check_group(frame, group, path)
    with mistakes.also():
        similar.check(study, frame, path)
    for survey in study.surveys:
        for wave, column in survey.invited.items():
            with mistakes.also():
                if column not in frame.columns:
                    raise AnalystError(
                        f"{path.name} has no column '{column}', which study.yaml names as the "
                        f"number invited to the {survey.label} at {wave}.",
                        where=f"{path}, row 1",
                        fix=f"Add the column, or correct surveys.{survey.id}.invited.{wave}.",
                    )
                frame[column] = tables.whole_numbers(frame, column, path)
    if study.comparison:
        with mistakes.also():
            _check_comparison(study, frame, path)
    if study.started:
        with mistakes.also():
            _check_started(study, frame, path)
    mistakes.raise_any()


def _check_comparison(study: Study, frame: pd.DataFrame, path: Path) -> None:
    """Stop where it is not said by yes or no which schools did not take part."""
    column = study.comparison
    if column not in frame.columns:
        raise AnalystError(
            f"{path.name} has no column '{column}', which study.yaml names as that of the "
            "comparison schools.",
            where=f"{path}, row 1",
            fix="Add the column (yes for a school that did not take part), or correct "
            "'comparison'.",
        )
    bad = frame[~frame[column].isin(["yes", "no", ""])]
    if len(bad):
        raise AnalystError(
            f"'{bad[column].iloc[0]}' does not say whether a school is there for comparison.",
            where=f"{path}, row {bad.index[0]}, column {column}",
            fix="Write yes for a school that did not take part, and no (or nothing) for one that "
            "did.",
        )
    if (frame[column] == "yes").all():
        raise AnalystError(
            "Every school is there for comparison, and none takes part.",
            where=f"{path}, column {column}",
            fix="Write no (or nothing) for the schools that take part.",
        )


def divided(study: Study, table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The schools that take part, and those that are only compared with (none, as a rule)."""
    if not study.comparison or study.comparison not in table:
        return table, table.iloc[:0]
    apart = table[study.comparison] == "yes"
    return table[~apart], table[apart]


def _check_started(study: Study, frame: pd.DataFrame, path: Path) -> None:
    """Stop where the column of the schools' first days is missing, or holds anything but days."""
    column = study.started
    if column not in frame.columns:
        raise AnalystError(
            f"{path.name} has no column '{column}', which study.yaml names as the day on which each "
            "school began.",
            where=f"{path}, row 1",
            fix="Add the column (year-month-day, empty where a school never began), or correct "
            "'started'.",
        )
    days(frame[column], str(path))


def started(study: Study, table: pd.DataFrame) -> pd.Series:
    """The day on which each school began, by its id; missing where that is not said."""
    if not study.started or study.started not in table:
        return pd.Series(pd.NaT, index=table.index, dtype="datetime64[s]")
    return days(table[study.started], study.schools)


def absent(
    study: Study, table: pd.DataFrame, survey: Survey, wave: str, there: Collection[str]
) -> pd.Series:
    """Why nobody of each school answered a survey at a wave; empty where somebody did, or could.

    ``there`` are the schools with answers. Where the table says that people were invited, whether
    none of them answered or too few is nobody's to know: of that nothing is said.
    """
    nobody = ~table["id"].isin(there)
    later = started(study, table) > pd.Timestamp(study.wave(wave).end)
    column = survey.invited.get(wave)
    invited = table[column] if column else pd.Series(float("nan"), index=table.index)
    found = pd.Series("", index=table.index, dtype="str")
    found = found.mask(nobody & invited.isna(), NO_ANSWERS)
    found = found.mask(nobody & (invited == 0), NOT_INVITED)
    return found.mask(nobody & later, NOT_YET)


def _check_group(frame: pd.DataFrame, group: Group, path: Path) -> None:
    """Stop at a school in a group that the study does not list, or a listed group without any."""
    columns = [group.column, *group.by_wave.values()]
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        for column in missing:
            frame[column] = ""  # so that everything else can be read, and its mistakes named
        raise AnalystError(
            f"{path.name} has no column '{missing[0]}', which study.yaml names under groups as "
            f"that of {group.id}.",
            where=f"{path}, row 1",
            fix=f"Add the column, or correct groups.{group.id}.column.",
        )
    if not group.values:
        alike.refuse(frame, columns, str(path))
        return
    for column in columns:
        bad = frame[~frame[column].isin([*group.ids, ""])]
        if len(bad):
            row = bad.index[0]
            raise AnalystError(
                f"'{frame.loc[row, column]}' is no {group.label.lower()} of the study; study.yaml "
                f"lists {', '.join(group.ids)}.",
                where=f"{path}, row {row}, column {column}",
                fix=f"Correct the value, or list it under groups.{group.id}.values.",
            )
    unused = [each for each in group.ids if not frame[columns].isin([each]).any(axis=None)]
    if unused:
        raise AnalystError(
            f"No school is '{unused[0]}', which study.yaml lists as a {group.label.lower()}.",
            where=f"{path}, column {group.column}",
            fix=f"Correct the table, or take it out of groups.{group.id}.values.",
        )


def refuse_unsafe_ids(study: Study) -> None:
    """Stop a command that does not need the schools, but would go on with ids that are not safe.

    A study without its schools table yet has none.

    Raises
    ------
    AnalystError
        As :func:`read`, if there is a table.
    """
    path = study.path(study.schools)
    if path.exists():
        _refuse_unsafe(tables.read(path, ("id",))["id"], path)


def _refuse_unsafe(ids: pd.Series, path: Path) -> None:
    """Stop at ids that cannot name a school's files, or cannot be told apart; all at once."""
    found: list[str] = []
    rows: dict[str, Any] = {}
    for row, name in ids.items():
        before = rows.setdefault(folded(name), row)
        why = fault(name)
        if not why and before != row:
            why = f"is used in row {before} already, or differs from the id there only in case"
        if why:
            found.append(f"row {row}, column id: {shown(name)} {why}")
    if found:
        raise AnalystError(
            f"{path.name} has {len(found)} school {'id' if len(found) == 1 else 'ids'} that cannot "
            "be used:\n    " + "\n    ".join(found),
            where=f"{path}, column id",
            fix="A school's id names its files: give each school its own, of up to 32 letters A to "
            "Z, figures, _ and -, such as S01; and the same in every other table.",
        )


def _refuse_names(frame: pd.DataFrame, path: Path) -> None:
    """Stop at names that turn the text after them around, and that stand for two schools.

    An export may name a school by id, URN or name, so that all of them are compared, as exports
    are: without case and spaces.
    """
    found: list[str] = []
    rows: dict[str, Any] = {}
    for column in ("id", "urn", "name"):
        for row, text in frame[column].items():
            if any(unicodedata.bidirectional(sign) in TURNING for sign in text):
                found.append(f"row {row}, column {column}: {shown(text)} holds a mark that turns "
                             "the direction of writing around")  # fmt: skip
            before = rows.setdefault(normalised(text), row) if text else row
            if before != row:
                found.append(
                    f"row {row}, column {column}: {shown(text)} is what row {before} is called, too"
                )
    if found:
        raise AnalystError(
            f"{path.name} has {len(found)} name{'s' if len(found) > 1 else ''} of schools that "
            "cannot be used:\n    " + "\n    ".join(found),
            where=str(path),
            fix="Exports may name a school by its id, URN or name: give each school its own, that "
            "differ in more than case and spaces, and type them anew where marks cannot be seen.",
        )


def resolver(schools: pd.DataFrame) -> dict[str, str]:
    """School id by every way an export may name it: id, URN or name, as compared."""
    known: dict[str, str] = {}
    for school in schools.itertuples():
        for name in (school.id, school.urn, school.name):
            if name:
                known[normalised(str(name))] = str(school.id)
    return known
