"""What an export says about respondents, in the study's names."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping as MappingOf
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.errors import AnalystError, a_few
from analysis.prepare.distinct import Places, distinct, taken
from analysis.prepare.doubts import doubt
from analysis.prepare.numbers import canonical, numbers
from analysis.prepare.rows import at_once, named
from analysis.sources.export import RawExport
from analysis.sources.mapping import DECIDING, Mapping
from analysis.sources.wording import MISSING_KINDS, normalised

#: Attributes that decide whether a row is used and whose it is; they are not kept.
GATES = (
    "consent", "status", "finished", "submitted", "started", "duration", "respondent", "response",
)  # fmt: skip
#: Attributes whose values need not be listed in the mapping.
OPEN = frozenset({"submitted", "started", "duration", "respondent", "response", "school"})
#: In place of a value that the mapping does not list.
UNLISTED = "\0unlisted"
#: In place of a value that the mapping lists as what it does not read like.
DOUBTED = "\0doubted"
#: What these attributes say without being listed: the study's own words and those of tools.
#: Nothing else is ever taken for a yes.
KNOWN: MappingOf[str, MappingOf[str, str]] = {
    "consent": {"yes": "yes", "no": "no"},
    "finished": dict.fromkeys(("yes", "true", "1", "finished", "complete", "completed"), "yes")
    | dict.fromkeys(("no", "false", "0", "unfinished", "incomplete", "partial"), "no"),
    "status": dict.fromkeys(("response", "ip address"), "response")
    | dict.fromkeys(("preview", "survey preview", "survey test"), "preview")
    | {"test": "test"},
}
#: A moment at which a response was sent says that it is finished (LimeSurvey's submitdate).
MOMENT = re.compile(r"(?=.*\d{4})\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\b.*")
#: A tool's number of a response is everybody's from this length on.
EVERYWHERE = 9
#: So many different wordings are shown; a column with more is one in which people typed.
SHOWN = 12
LONGEST = 80


def refuse_missing_columns(raw: RawExport, mapping: Mapping, where: str, file: str) -> None:
    """Stop if the mapping names a column that the export does not have, or may not give.

    Raises
    ------
    AnalystError
        With the nearest heading; or saying that the column is personal, or is the tool's
        number of the response.
    """
    of_items = (column for item in mapping.items for column in mapping.columns_of(item))
    for column in (*mapping.columns.values(), *of_items):
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


def response_ids(raw: RawExport, mapping: Mapping) -> pd.Series:
    """Each row's id that no other response of any file has; empty where there is none.

    That is the column that the mapping names as ``response``, or a tool's own that numbers all
    responses it ever had (Qualtrics, SurveyMonkey). Other tools begin at 1 in every form.
    """
    column = mapping.columns.get("response", raw.response_number)
    if column not in raw.frame:
        return pd.Series("", index=raw.frame.index, dtype="str")
    ids = raw.frame[column].str.strip()
    return ids if "response" in mapping.columns else ids.where(ids.str.len() >= EVERYWHERE, "")


def attributes(raw: RawExport, mapping: Mapping, where: str) -> pd.DataFrame:
    """The mapped attributes of every row, as text in the study's names.

    Values are matched without case and spacing, numbers by what they are (``1.0`` is ``1``); a
    code is also matched by its value label, and stands for it where nothing need be listed. A kind
    of missing that is written out is taken as what it is, except by what decides over a row:
    consent, status and finished say what the mapping lists, and what :data:`KNOWN` has. A value that the mapping does not list becomes
    :data:`UNLISTED`, and one of these three that it lists as what it does not read like becomes
    :data:`DOUBTED`, for :func:`refuse_undecided` and, once it is known which rows are used,
    :func:`refuse_unlisted` to see.

    Raises
    ------
    AnalystError
        If a column of numbers could be read with a decimal point or a decimal comma, or the file
        labels a code as what the mapping lists for another.
    """
    found = {}
    for attribute, column in mapping.columns.items():
        listed = {
            normalised(wording): v for wording, v in mapping.values.get(attribute, {}).items()
        }
        labels = raw.value_labels.get(column, {})
        # Schools are compared by code and by label (:meth:`analysis.prepare.gates.Gates.of_school`).
        labelled = bool(labels) and attribute != "school"
        if attribute == "respondent" or (attribute in OPEN and not listed):
            said = raw.frame[column].str.strip()
            found[attribute] = said.replace(dict(labels)) if labelled else said
            continue
        places, texts = distinct(raw.frame[column])
        if attribute in DECIDING:
            values = [
                DOUBTED
                if _doubt(text.strip(), raw, mapping, attribute)
                else _decided(text.strip(), labels, listed, attribute, _known(attribute, raw))
                for text in texts
            ]
        else:
            read = _numbers(texts, places, mapping, raw.frame[column], where)
            by_number = {number: v for word, v in listed.items() if (number := _number(word))}
            if attribute not in OPEN:
                _refuse_relabelled(texts, places, raw.frame[column], labels, listed, attribute,
                                   where)  # fmt: skip
            values = [
                _value(text, number, labels, listed, by_number, attribute)
                for text, number in zip(texts, read, strict=True)
            ]
        found[attribute] = taken(values, places, raw.frame.index)
    return pd.DataFrame(found, index=raw.frame.index)


def _known(attribute: str, raw: RawExport) -> MappingOf[str, str]:
    """What wordings mean where nothing is listed; REDCap's codes (1: unverified) are its own."""
    known = KNOWN[attribute]
    own = raw.kind == "redcap_csv"
    return {word: said for word, said in known.items() if not (own and word.isdigit())}


def _decided(
    cell: str,
    labels: MappingOf[str, str],
    listed: MappingOf[str, str],
    attribute: str,
    known: MappingOf[str, str],
) -> str:
    """What a cell of consent, status or finished says; :data:`UNLISTED` if that is not sure."""
    words, label = normalised(cell), normalised(labels.get(cell, ""))
    found = listed.get(words) or listed.get(label)
    if found is not None:
        return normalised(found)
    if not words:
        return ""
    own = known.get(label) or known.get(words)
    # Where wordings are listed, a bare "yes" is not one of them, and a "no" is one all the same.
    if own is not None and (not listed or own != "yes"):
        return own
    if attribute == "finished" and not listed and MOMENT.fullmatch(cell):
        return "yes"
    return UNLISTED


def _doubt(cell: str, raw: RawExport, mapping: Mapping, attribute: str) -> str:
    """Why what the mapping says of a cell of consent, status or finished may be a slip."""
    column = mapping.columns[attribute]
    label = raw.value_labels.get(column, {}).get(cell, "")
    listed = {normalised(wording): v for wording, v in mapping.values.get(attribute, {}).items()}
    confirmed = set(map(normalised, mapping.confirmed.get(attribute, ())))
    for said in (normalised(cell), normalised(label)):
        if said and said in listed:
            if said in confirmed:
                return ""
            own = "" if said == normalised(label) else label  # a label that is listed was read
            meaning = normalised(listed[said])
            of_cell = cell if said == normalised(cell) else said
            return doubt(attribute, of_cell, own, meaning, raw.kind, listed, KNOWN[attribute])
    return ""


def _numbers(
    texts: list[str], places: Places, mapping: Mapping, column: pd.Series, where: str
) -> list[str]:
    """Each text's number in one form, or empty text where it is none."""
    read = numbers(texts, mapping.decimals)
    if read.unclear:
        rows = column.index[np.isin(places, read.unclear)]
        raise AnalystError(
            f"{len(rows)} number{'s' if len(rows) > 1 else ''} could be read with a decimal point "
            "or with a decimal comma (like 1.234).",
            where=f"{where}, column '{column.name}', {named(rows)}",
            fix="Say 'decimals: point' or 'decimals: comma' in the mapping.",
        )
    return ["" if value is None else canonical(value) for value in read.values]


def _number(word: str) -> str:
    (value,) = numbers([word], "point").values
    return "" if value is None else canonical(value)


def _value(
    text: str,
    number: str,
    labels: MappingOf[str, str],
    listed: MappingOf[str, str],
    by_number: MappingOf[str, str],
    attribute: str,
) -> str:
    cell = text.strip()
    words = normalised(cell)
    label = normalised(labels.get(cell) or labels.get(number, ""))
    found = listed.get(words) or listed.get(label) or by_number.get(number)
    said = words if words in MISSING_KINDS else label
    if found is None and said in MISSING_KINDS:
        kind = MISSING_KINDS[said]
        found = "" if kind == "not_answered" else kind
    if found is not None:
        return found
    if not words or attribute in OPEN:
        return cell
    # A number that the file labels as something else is a code, which another file may have anew.
    own = _number(label) if label else number
    named_there = number in re.findall(r"\d+", label)
    return UNLISTED if listed or not number or not (own or named_there) else own or number


def _refuse_relabelled(
    texts: list[str],
    places: Places,
    column: pd.Series,
    labels: MappingOf[str, str],
    listed: MappingOf[str, str],
    attribute: str,
    where: str,
) -> None:
    """Stop if the file labels a code with the word that the mapping lists for another."""
    meant = {normalised(value): value for value in listed.values()}
    wrong = {
        number: (text.strip(), listed[normalised(text)], labels[text.strip()])
        for number, text in enumerate(texts)
        if text.strip() in labels
        and normalised(text) in listed
        and normalised(labels[text.strip()])
        in meant.keys() - {normalised(listed[normalised(text)])}
    }
    if wrong:
        rows = column.index[np.isin(places, list(wrong))]
        raise AnalystError(
            f"The mapping says of {attribute} what the file's own labels contradict:\n    "
            + "\n    ".join(
                f"'{code}' stands for '{meaning}', and is labelled '{label}'"
                for code, meaning, label in wrong.values()
            ),
            where=f"{where}, column '{column.name}', {named(rows)}",
            fix=f"Correct values.{attribute}, where labels may stand in place of codes; give a file "
            "with other codes a mapping of its own.",
        )


def refuse_undecided(
    raw: RawExport, said: pd.DataFrame, rows: pd.Index, mapping: Mapping, where: str, path: Path
) -> None:
    """Stop if consent, status or finished says something in some rows that is not listed, or is
    listed as what it does not read like and not confirmed.

    Raises
    ------
    AnalystError
        With every such wording of all three columns and how often it was given, since somebody
        has to say what each means. A column with many different ones is one in which people
        typed: only its rows are named.
    """
    errors = [
        error
        for error in (
            _unlisted(raw, said, rows, mapping, where, path),
            _doubted(raw, said, rows, mapping, where, path),
        )
        if error
    ]
    if errors:
        raise at_once(errors, where)


def _unlisted(
    raw: RawExport, said: pd.DataFrame, rows: pd.Index, mapping: Mapping, where: str, path: Path
) -> AnalystError | None:
    found: list[str] = []
    places: list[str] = []
    asked: list[str] = []
    for attribute in DECIDING:
        counts, these = _wordings(raw, said, rows, mapping, attribute, UNLISTED)
        if not counts:
            continue
        places.append(f"column '{mapping.columns[attribute]}', {named(these)}")
        asked.append(attribute)
        if len(counts) > SHOWN or max(map(len, counts)) > LONGEST:
            found.append(f"{attribute}: {len(these)} rows, {len(counts)} different wordings")
            continue
        found.extend(
            _counted(attribute, text, count, raw, mapping) for text, count in counts.items()
        )
    if not found:
        return None
    return AnalystError(
        "The mapping does not say what these stand for, and nobody is used on a guess:\n    "
        + "\n    ".join(found),
        where=f"{where}, {'; '.join(places)}",
        fix=f"List them in {path.name}: "
        + "; ".join(
            f"under values.{attribute} as " + " or ".join(f"'{one}'" for one in allowed)
            for attribute, allowed in DECIDING.items()
            if attribute in asked
        )
        + ".",
    )


def _doubted(
    raw: RawExport, said: pd.DataFrame, rows: pd.Index, mapping: Mapping, where: str, path: Path
) -> AnalystError | None:
    found: list[str] = []
    places: list[str] = []
    confirm: list[str] = []
    for attribute in DECIDING:
        counts, these = _wordings(raw, said, rows, mapping, attribute, DOUBTED)
        if not counts:
            continue
        places.append(f"column '{mapping.columns[attribute]}', {named(these)}")
        confirm.append(f"{attribute}: [" + ", ".join(f'"{text}"' for text in counts) + "]")
        listed = {normalised(w): (w, v) for w, v in mapping.values[attribute].items()}
        labels = raw.value_labels.get(mapping.columns[attribute], {})
        for text, count in counts.items():
            wording, meaning = (
                listed.get(normalised(text)) or listed[normalised(labels.get(text, ""))]
            )
            line = mapping.line("values", attribute, wording)
            found.append(
                f"{_counted(attribute, text, count, raw, mapping)}, stated as '{meaning}'"
                + (f" in line {line} of {path.name}" if line else "")
                + f": {_doubt(text, raw, mapping, attribute)}"
            )
    if not found:
        return None
    return AnalystError(
        "The mapping states what these do not read like, and nobody is used on a slip:\n    "
        + "\n    ".join(found),
        where=f"{where}, {'; '.join(places)}",
        fix=f"Look at the form, and correct them under 'values' in {path.name}; or, if they are "
        f"right, add there   confirmed: {{{', '.join(confirm)}}}",
    )


def _wordings(
    raw: RawExport, said: pd.DataFrame, rows: pd.Index, mapping: Mapping, attribute: str, mark: str
) -> tuple[dict[str, int], pd.Index]:
    """The different wordings that are marked so, how often each was given, and in which rows."""
    if attribute not in said:
        return {}, rows[:0]
    these = rows[said.loc[rows, attribute] == mark]
    texts = raw.frame.loc[these, mapping.columns[attribute]].str.strip()
    return {str(t): int(n) for t, n in texts.value_counts(sort=False).items()}, these


def _counted(attribute: str, text: str, count: int, raw: RawExport, mapping: Mapping) -> str:
    labels = raw.value_labels.get(mapping.columns[attribute], {})
    label = f" (labelled '{labels[text]}')" if text in labels else ""
    return f"{attribute}: '{text}'{label} in {count} row{'s' if count > 1 else ''}"


def refuse_unlisted(
    used: pd.DataFrame, mapping: Mapping, where: str, labels: MappingOf[str, MappingOf[str, str]]
) -> None:
    """Stop if a used row has a value that the mapping does not list.

    Rows are named, values never, since the column may be one in which people typed; the file's own
    ``labels`` of values, by column, are the form's.

    Raises
    ------
    AnalystError
        Saying of each such attribute what is listed; or that one without listed values holds
        more than numbers.
    """
    errors = []
    for attribute in used.columns:
        rows = used.index[used[attribute] == UNLISTED]
        if not len(rows):
            continue
        place = f"{where}, column '{mapping.columns[attribute]}', {named(rows)}"
        if attribute not in mapping.values:
            what = f"The mapping does not list the values of {attribute}, and not all are numbers."
            fix = (
                f"List under values.{attribute} what each value stands for; a column in "
                "which people typed freely cannot be an attribute."
            )
        else:
            allowed = ", ".join(f"'{value}'" for value in mapping.values[attribute])
            what = (
                f"{len(rows)} value{'s' if len(rows) > 1 else ''} of {attribute} "
                f"{'are' if len(rows) > 1 else 'is'} not listed in the mapping; "
                f"listed are {allowed}."
            )
            fix = f"Say under values.{attribute} what they stand for."
        own = [f"{v} = '{t}'" for v, t in labels.get(mapping.columns[attribute], {}).items()]
        if own:
            what += f" The file labels its values: {a_few(own, SHOWN)}."
        errors.append(AnalystError(what, where=place, fix=fix))
    if errors:
        raise at_once(errors, where)
