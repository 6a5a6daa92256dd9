"""What a tool's own columns say of a response, where the mapping does not name them.

A preview is a preview, and a date a date, whether or not somebody wrote it into the mapping. What
is listed under ``unused`` there is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingOf

from analysis.sources.export import RawExport
from analysis.sources.mapping import Mapping
from analysis.sources.wording import normalised

#: What Qualtrics documents of its status, in codes and in English.
QUALTRICS_STATUS = {
    "0": "response", "1": "preview", "2": "test", "4": "response", "9": "preview",
    "12": "preview", "16": "response", "17": "preview", "ip address": "response",
    "survey preview": "preview", "survey test": "test", "imported": "response",
    "offline survey": "response", "offline survey preview": "preview",
}  # fmt: skip
QUALTRICS = {"status": "status", "finished": "finished", "submitted": "recordeddate|enddate"}
#: By format of the export, the headings in which an attribute stands: the first that is there.
HEADINGS: MappingOf[str, MappingOf[str, str]] = {
    "qualtrics_csv": QUALTRICS,
    "qualtrics_legacy_csv": QUALTRICS,
    "limesurvey_csv": {
        "finished": "submitdate|date submitted",
        "submitted": "datestamp|date last action|submitdate|date submitted",
    },
    "microsoft_forms_xlsx": {"submitted": "completion time"},
    "google_forms_csv": {"submitted": "timestamp"},
    "surveymonkey_csv": {"submitted": "end date"},
    "jisc_csv": {"submitted": "completion date"},
    "xlsform_csv": {"submitted": "_submission_time|submissiondate|end"},
    "redcap_csv": {"submitted": "survey timestamp"},
}
VALUES: MappingOf[str, MappingOf[str, MappingOf[str, str]]] = {
    "qualtrics_csv": {"status": QUALTRICS_STATUS},
    "qualtrics_legacy_csv": {"status": QUALTRICS_STATUS},
}
#: How a question asks for consent, and how an answer declines it.
CONSENT = re.compile(r".*\b(consent|(agree|happy|willing|like) to (take part|participate))\b.*")
DECLINED = re.compile(r"(no|i do not|i don't|do not|don't|i decline|decline[ds]?|refused?)\b.*")
#: Who declines chooses from few answers.
FEW = 12


def added(raw: RawExport, mapping: Mapping) -> tuple[Mapping, list[str]]:
    """A mapping with the tool's own columns that it leaves out, and what to say of that."""
    headings: dict[str, str] = {}
    for name in reversed(raw.frame.columns):
        # LimeSurvey's "code & text": "submitdate. Date submitted".
        headings[normalised(name).partition(". ")[0]] = headings[normalised(name)] = name
    items = {column for item in mapping.items for column in mapping.columns_of(item)}
    columns: dict[str, str] = {}
    for attribute, names in HEADINGS.get(raw.kind, {}).items():
        there = [headings[name] for name in names.split("|") if name in headings]
        free = [name for name in there if name not in items and name not in mapping.unused]
        if attribute not in mapping.columns and there and there == free:
            columns[attribute] = free[0]
    if not columns:
        return mapping, []
    values = {
        attribute: dict(listed)
        for attribute, listed in VALUES.get(raw.kind, {}).items()
        if attribute in columns
    }
    more = mapping.model_copy(
        update={"columns": {**columns, **mapping.columns}, "values": {**values, **mapping.values}}
    )
    named = ", ".join(f"'{column}' as {attribute}" for attribute, column in columns.items())
    return more, [f"the tool's own columns are used, which the mapping does not name: {named}"]


def declined(raw: RawExport, mapping: Mapping) -> list[str]:
    """What is to be said of a column that asks for consent, holds a no, and is not mapped."""
    if "consent" in mapping.columns:
        return []
    named = {*mapping.columns.values(), *mapping.unused}
    named |= {column for item in mapping.items for column in mapping.columns_of(item)}
    found = []
    for name in raw.frame.columns:
        asked = (normalised(name), normalised(raw.questions.get(name, "")))
        if name in named or not any(map(CONSENT.fullmatch, asked)):
            continue
        cells = raw.frame[name].str.strip()
        labels = raw.value_labels.get(name, {})
        texts = cells[cells != ""].unique().tolist()
        noes = [text for text in texts if DECLINED.fullmatch(normalised(labels.get(text, text)))]
        if noes and len(texts) <= FEW:
            number = int(cells.isin(noes).sum())
            found.append(
                f"column '{name}' asks for consent and is not mapped: who said no in "
                f"{number} row{'' if number == 1 else 's'} is used (name it as 'consent' under columns, "
                "or list it under unused)"
            )
    return found
