"""Coded interviews of a study: read from the tools, tied to the people and to the codebook.

What a tool does not know (which school, which role, whether the speaker may be quoted) comes
from ``interviewees.csv``, by which people are counted: what a tool says of
them has to stand there, too. Codes are found in the codebook by their id, by an id that begins
their name, or by their label; passages under any other code, and passages that stand twice, are
set aside and counted, never dropped in silence.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

import pandas as pd

from analysis.errors import AnalystError, a_few
from analysis.prepare.distinct import mapped
from analysis.prepare.patterns import matching
from analysis.prepare.rows import NAMED, named
from analysis.sources import coding
from analysis.study import Study

#: What interviewees.csv says of every passage of a person.
OF_PERSON = ("school", "role")
CHECK = ("kind", "code", "label", "passages", "people")
#: Between a code and the codes above it, as tools write it.
ABOVE = re.compile(r"(\\|/|>)")
#: Kinds of finding about the codebook, in the order in which they are shown.
UNKNOWN, UNUSED, SAME_EVENT, UNSEEN = "unknown", "unused", "same_event", "unseen_person"


def read(study: Study) -> list[tuple[str, coding.Coded]]:
    """The coded text of the study: each file's name and what it holds.

    Raises
    ------
    AnalystError
        If a file cannot be read, or holds no coded passage.
    """
    parts: list[tuple[str, coding.Coded]] = []
    listed = study.file("segments")
    if listed:
        for path in matching(study, listed):
            parts.append((path.name, coding.read(path, "spreadsheet")))
    for export in study.coded_text:
        path = study.path(export.file)
        found = coding.read(path, export.form, coder=export.coder, project=export.project)
        if found.segments.empty:
            raise AnalystError(
                f"{path.name} holds no coded passage that can be used"
                + (f": {'; '.join(found.findings)}." if found.findings else "."),
                where=str(path),
                fix="Code transcripts, whose words can be counted, and export again."
                if found.findings
                else "Check that the right project was exported, with its codings.",
            )
        parts.append((path.name, found))
    return parts


def places(study: Study, people: Collection[str]) -> str:
    """In which rows of the study's tables of passages some people are named; empty if in none."""
    listed = study.file("segments")
    found = [
        f"{path}, {named(rows)}"
        for path in (matching(study, listed) if listed else ())
        if (rows := coding.rows_of(path, people))
    ]
    return "; ".join(found)


def strangers(segments: pd.DataFrame, interviewees: pd.DataFrame) -> list[str]:
    """Who is named in passages and is not an interviewee."""
    return sorted(set(segments["source_id"]) - set(interviewees["source_id"]))


def attributed(segments: pd.DataFrame, interviewees: pd.DataFrame, where: str) -> pd.DataFrame:
    """The passages with what is known of who spoke.

    Raises
    ------
    AnalystError
        If a passage's source is not an interviewee, the tool says another school or role, or it
        cannot be said at which of a person's interviews a passage was heard.
    """
    people = interviewees.drop_duplicates("source_id").set_index("source_id")
    unknown = strangers(segments, interviewees)
    if unknown:
        many = len(unknown) > 1
        names = a_few([f"'{name}'" for name in unknown], NAMED)
        raise AnalystError(
            f"{names} {'have' if many else 'has'} coded passages but "
            f"{'are' if many else 'is'} not in interviewees.csv.",
            where=where,
            fix=f"Add {'them' if many else 'the person'} to interviewees.csv, or rename the "
            f"document{'s' if many else ''} in the coding tool.",
        )
    frame = segments.copy()
    for column in OF_PERSON:
        if column not in people:
            continue
        truth = frame["source_id"].map(people[column]).astype("str")
        differs = (frame[column] != "") & (frame[column].str.lower() != truth.str.lower())
        if differs.any():
            source, said = frame.loc[differs, ["source_id", column]].iloc[0]
            listed = truth[differs].iloc[0]
            raise AnalystError(
                f"The coding tool gives {source} the {column} '{said}', and interviewees.csv "
                + (f"'{listed}'." if listed else "gives none."),
                where=where,
                fix="Correct whichever is wrong."
                if listed
                else f"Write it into the column {column} of interviewees.csv, by which people "
                "are counted, or take it out of the coding tool.",
            )
        frame[column] = truth
    return _at_its_time(frame, interviewees, where)


def _at_its_time(frame: pd.DataFrame, interviewees: pd.DataFrame, where: str) -> pd.DataFrame:
    """The passages with the time of their interview, and whether it may be quoted from.

    Of somebody interviewed once that is known; of others the passage has to say it.
    """
    if "wave" not in interviewees:
        return frame
    times = interviewees.groupby("source_id")["wave"].agg(list).to_dict()
    asked = frame["source_id"].map(times)
    once = asked.map(len) == 1
    said = frame["wave"].fillna("").str.strip()
    known = {(source, wave.lower()): wave for source, waves in times.items() for wave in waves}
    found = pd.Series(
        [
            waves[0] if only else known.get((source, wave.lower()))
            for source, wave, waves, only in zip(frame["source_id"], said, asked, once, strict=True)
        ],
        index=frame.index,
        dtype="object",
    )
    differs = once & (said != "") & (said.str.lower() != found.astype("str").str.lower())
    if differs.any():
        source = frame.loc[differs, "source_id"].iloc[0]
        raise AnalystError(
            f"The coded passages of {source} and interviewees.csv give another wave.",
            where=where,
            fix="Correct whichever is wrong; somebody interviewed twice has a row for each time.",
        )
    if found.isna().any():
        source = frame.loc[found.isna(), "source_id"].iloc[0]
        raise AnalystError(
            f"{source} was interviewed more than once, and a coded passage does not say at which "
            f"time: {', '.join(times[source])}.",
            where=where,
            fix="Write the time into the column (or attribute) wave of the passages.",
        )
    frame["wave"] = found.astype("str")
    if "consent_to_quote" in interviewees:
        agreed = interviewees.set_index(["source_id", "wave"])["consent_to_quote"].to_dict()
        places = zip(frame["source_id"], frame["wave"], strict=True)
        frame["consent_to_quote"] = pd.Series(
            [agreed[place] for place in places], index=frame.index, dtype="str"
        )
    return frame


def coded_by(segments: pd.DataFrame, codebook: dict[str, Any]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The passages under codes of the codebook, and what was found about the codes.

    The second frame has :data:`CHECK`: codes that the codebook does not have (their passages
    are set aside), codes said to come from interviews that nobody was heard on, and events
    that stand under two codes.
    """
    codes = [
        {**code, "theme": theme["id"]} for theme in codebook["themes"] for code in theme["codes"]
    ]
    found = known(segments["code"], codebook)
    rows: list[dict[str, Any]] = []
    aside = segments[found == ""]
    for name, passages in aside.groupby("code", sort=True):
        rows.append(_finding(UNKNOWN, str(name), "", passages))
    frame = segments.assign(code=found, parent_code=found.str.split(".").str[0])[found != ""]
    heard = set(frame["code"])
    for code in codes:
        if "interviews" in code.get("sources", ()) and code["id"] not in heard:
            rows.append(_finding(UNUSED, code["id"], code["label"], frame.iloc[:0]))
        other = code.get("same_event_as")
        if other and code["id"] < other:
            both = [
                frame.loc[frame["code"] == each, ["source_id", "start", "end", "text"]]
                for each in (code["id"], other)
            ]
            same = both[0].merge(both[1])
            label = f"{code['label']} / {next(c['label'] for c in codes if c['id'] == other)}"
            rows.append(_finding(SAME_EVENT, f"{code['id']} = {other}", label, same))
    check = pd.DataFrame(rows, columns=list(CHECK))
    return frame.reset_index(drop=True), check


def known(names: pd.Series, codebook: dict[str, Any]) -> pd.Series:
    """The codebook's id of each code as a tool names it; empty where the codebook has none."""
    codes = [code for theme in codebook["themes"] for code in theme["codes"]]
    ids = {str(code["id"]).lower(): str(code["id"]) for code in codes}
    labels: dict[str, set[str]] = {}
    for code in codes:
        labels.setdefault(str(code["label"]).lower(), set()).add(str(code["id"]))
    return mapped(names, lambda name: _known(name, ids, labels))


def unknown_in_words(names: pd.Series) -> str:
    """The codes that the codebook does not have, with how many passages stand under each."""
    counts = names.value_counts().sort_index().sort_values(ascending=False, kind="stable")
    return "codes that the codebook does not have: " + a_few(
        [f"{name} ({count})" for name, count in counts.items()], NAMED
    )


def _known(name: str, ids: dict[str, str], labels: dict[str, set[str]]) -> str:
    """The codebook's id for a code as a tool names it, or empty text.

    A label may itself hold what tools write between a code and those above it, so it is looked
    for in the whole name first, then without one code above after the other.
    """
    parts = ABOVE.split(name)
    leaf = parts[-1].strip()
    for candidate in (leaf, leaf.split(" ")[0].rstrip(":")):
        if candidate.lower() in ids:
            return ids[candidate.lower()]
    for first in range(0, len(parts), 2):
        of_label = labels.get("".join(parts[first:]).strip().lower(), set())
        if of_label:
            return next(iter(of_label)) if len(of_label) == 1 else ""
    return ""


def _finding(kind: str, code: str, label: str, passages: pd.DataFrame) -> dict[str, Any]:
    return {
        "kind": kind,
        "code": code,
        "label": label,
        "passages": len(passages),
        "people": int(passages["source_id"].nunique()) if len(passages) else 0,
    }
