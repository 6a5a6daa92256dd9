"""What an export says about respondents, in the study's names."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping as MappingOf

import pandas as pd

from analysis.errors import AnalystError
from analysis.prepare.distinct import distinct, taken
from analysis.prepare.rows import named
from analysis.sources.export import RawExport
from analysis.sources.mapping import Mapping
from analysis.sources.wording import MISSING_KINDS, normalised

#: Attributes that decide whether a row is used and whose it is; they are not kept.
GATES = ("consent", "status", "finished", "submitted", "started", "duration", "respondent")
#: Attributes whose values need not be listed in the mapping.
OPEN = frozenset({*GATES, "school"})
#: In place of a value that the mapping does not list.
UNLISTED = "\0unlisted"
NUMBER = re.compile(r"-?\d+(\.\d+)?")


def refuse_missing_columns(raw: RawExport, mapping: Mapping, where: str, file: str) -> None:
    """Stop if the mapping names a column that the export does not have, or may not give.

    Raises
    ------
    AnalystError
        With the nearest heading; or saying that the column is personal, or is the tool's
        number of the response.
    """
    for column in (*mapping.columns.values(), *mapping.items.values()):
        if column in raw.left_behind:
            raise AnalystError(
                f"The mapping {file} names the column '{column}', which says who or where a person "
                "is: such columns are left behind while reading.",
                where=where,
                fix="Use a code that people make up, not their name, address or e-mail.",
            )
        if column in raw.unusable:
            raise AnalystError(
                f"The mapping {file} names the column '{column}', which cannot be used: "
                f"{raw.unusable[column]}.",
                where=where,
                fix="Name another column in the mapping; or put the cells right where they come "
                "from, and export again.",
            )
        if column not in raw.frame.columns:
            near = difflib.get_close_matches(column, list(raw.frame.columns), n=1)
            hint = f" The nearest heading is '{near[0]}'." if near else ""
            raise AnalystError(
                f"The export has no column '{column}', which the mapping {file} names.{hint}",
                where=where,
                fix="Correct the mapping, or export the file again with that question.",
            )
    for attribute in ("respondent", "school"):
        if raw.response_number and mapping.columns.get(attribute) == raw.response_number:
            raise AnalystError(
                f"The mapping names '{raw.response_number}' as the {attribute}, but that column "
                "numbers responses: it is neither a school's URN nor the code of a person, who "
                "has another number at each wave.",
                where=f"{file}, columns.{attribute}",
                fix=f"Name the column in which people gave their {attribute}"
                + (
                    "."
                    if attribute == "school"
                    else ", or leave it out and set 'unidentified: keep' in the survey's rules."
                ),
            )
    if "school" not in mapping.columns:
        raise AnalystError(
            "The mapping names no column for 'school'.", where=file, fix="Add it under 'columns'."
        )


def attributes(raw: RawExport, mapping: Mapping) -> pd.DataFrame:
    """The mapped attributes of every row, as text in the study's names.

    Values are matched without case and spacing; a code is also matched by its value label. A
    kind of missing that is written out is taken as what it is. A value that the mapping does
    not list becomes :data:`UNLISTED`, for :func:`refuse_unlisted` to see once it is known
    which rows are used.
    """
    found = {}
    for attribute, column in mapping.columns.items():
        if attribute in OPEN and attribute not in mapping.values:
            found[attribute] = raw.frame[column].str.strip()
            continue
        listed = {normalised(str(k)): v for k, v in mapping.values.get(attribute, {}).items()}
        labels = raw.value_labels.get(column, {})
        places, texts = distinct(raw.frame[column])
        values = [_value(text, labels, listed, attribute) for text in texts]
        found[attribute] = taken(values, places, raw.frame.index)
    return pd.DataFrame(found, index=raw.frame.index)


def _value(
    text: str, labels: MappingOf[str, str], listed: MappingOf[str, str], attribute: str
) -> str:
    cell = text.strip()
    words = normalised(cell)
    found = listed.get(words) or listed.get(normalised(labels.get(cell, "")))
    if found is None and words in MISSING_KINDS:
        found = MISSING_KINDS[words]
    if found is not None:
        return found
    if not words or attribute in OPEN or (not listed and NUMBER.fullmatch(words)):
        return cell
    return UNLISTED


def refuse_unlisted(used: pd.DataFrame, mapping: Mapping, where: str) -> None:
    """Stop if a used row has a value that the mapping does not list.

    Rows are named, values never, since the column may be one in which people typed.

    Raises
    ------
    AnalystError
        Saying what is listed; or that an attribute without listed values holds more than
        numbers.
    """
    for attribute in used.columns:
        rows = used.index[used[attribute] == UNLISTED]
        if not len(rows):
            continue
        place = f"{where}, column '{mapping.columns[attribute]}', {named(rows)}"
        if attribute not in mapping.values:
            raise AnalystError(
                f"The mapping does not list the values of {attribute}, and not all are numbers.",
                where=place,
                fix=f"List under values.{attribute} what each value stands for; a column in "
                "which people typed freely cannot be an attribute.",
            )
        allowed = ", ".join(f"'{value}'" for value in mapping.values[attribute])
        raise AnalystError(
            f"{len(rows)} value{'s' if len(rows) > 1 else ''} of {attribute} "
            f"{'are' if len(rows) > 1 else 'is'} not listed in the mapping; listed are {allowed}.",
            where=place,
            fix=f"Say under values.{attribute} what they stand for.",
        )
