"""What a school is asked on its return form: sheets, lines, columns and choices.

Columns and their kinds come from the registry of strands, choices from it and from the study's own
documents. A line is one thing to fill in for this term: an aim, a condition, an area, a measure; what
the school said of it last term stands beside it. Lines without content are for what is new.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import pandas as pd

from analysis import strands as registry
from analysis.errors import AnalystError
from analysis.language import N_, gettext, long_date
from analysis.prepare import delivery, schools
from analysis.prepare.patterns import found
from analysis.prepare.strands import read_documents
from analysis.present.plans import READY_WORDS, STATE_WORDS
from analysis.present.school_audit import RATING_WORDS, REVIEW_WORDS
from analysis.sources import tables
from analysis.strands import REVIEWS, YES_NO, Table
from analysis.study import Study
from analysis.words import tidy

Kind = Literal["choice", "number", "decimal", "date", "text"]
#: A form asks about so many months before its edition's date, unless it is said from which day.
MONTHS = 4
#: So many lines are there for what is new.
NEW_AIMS, NEW_SESSIONS = 4, 20
#: How readers know the values of closed lists, by column of a table.
WORDS: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("action_plans", "state"): STATE_WORDS,
    ("readiness", "state"): READY_WORDS,
    ("whole_school_audit", "rating"): RATING_WORDS,
    ("sessions", "leader_present"): {answer: answer for answer in YES_NO},
}
#: Columns that programs and their readers call by another word than a school would.
HEADINGS = {
    "date": N_("Date"),
    "kind": N_("Kind"),
    "invited": N_("Invited"),
    "attended": N_("Attended"),
    "leader_present": N_("Was a leader there?"),
    "aim": N_("Aim"),
    "aim_code": N_("What the aim is about"),
    "responsible_role": N_("Who leads it (a role, no name)"),
    "state": N_("How it stands now"),
    "evidence": N_("Evidence"),
    "rating": N_("Rating now"),
    "session": N_("Number, if two of one kind on one day"),
    "minutes": N_("Minutes"),
    "count": N_("Count now"),
    "numerator": N_("Counted"),
    "denominator": N_("Out of"),
    "children": N_("How many it is about"),
}


@dataclass(frozen=True)
class Period:
    """What a form is about: the edition and its term, from the first day to the last."""

    edition: str
    term: str
    start: dt.date
    end: dt.date

    @property
    def latest(self) -> dt.date:
        """The last day on which an answer about it may have been given."""
        return self.end + dt.timedelta(days=31 * MONTHS)

    def holds(self, day: str) -> bool:
        """Whether a day as text lies in it."""
        return bool(day) and self.start.isoformat() <= day[:10] <= self.end.isoformat()

    def among(self, days: pd.Series) -> pd.Series:
        """Which of some days as text lie in it."""
        return days.map(self.holds).astype(bool)


def period(study: Study, start: dt.date | None = None) -> Period:
    """The term of the study's edition: to its date, from a day, or from four months before.

    Raises
    ------
    AnalystError
        If it would end before it begins.
    """
    end = study.edition.date
    if start is None:
        before = pd.Timestamp(end) - pd.DateOffset(months=MONTHS) + pd.DateOffset(days=1)
        start = before.date()
    if start > end:
        raise AnalystError(
            f"The term would begin on {start} and end on {end}, the edition's date.",
            where="--start",
            fix="Give its first day, or correct edition.date in study.yaml.",
        )
    return Period(study.edition.id, study.edition.term, start, end)


@dataclass(frozen=True)
class Column:
    """A column that is filled in: its name in the table, and what may stand there."""

    name: str
    heading: str
    kind: Kind
    choices: Mapping[str, str] = field(default_factory=dict)
    needed: bool = False


@dataclass(frozen=True)
class Line:
    """One line: columns that are fixed, what is shown beside them, and what is filled in so far."""

    fixed: Mapping[str, str]
    shown: tuple[str, ...] = ()
    filled: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Sheet:
    """One sheet of a form: a table of the study, as far as a school fills it in.

    ``shown`` are the headings of what is locked; ``blank`` how many lines there are for what is new,
    whose fixed columns are ``new``.
    """

    table: str
    title: str
    note: str
    shown: tuple[str, ...]
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    blank: int = 0
    new: Mapping[str, str] = field(default_factory=dict)

    @property
    def every_line(self) -> list[Line]:
        """The lines, and those for what is new."""
        empty = Line(self.new, tuple("" for _ in self.shown))
        return [*self.lines, *[empty] * self.blank]


@dataclass(frozen=True)
class Material:
    """What forms are made from: the study's tables as they are, its documents and schools."""

    study: Study
    period: Period
    frames: Mapping[str, pd.DataFrame]
    documents: Mapping[str, Any]
    schools: pd.DataFrame

    @staticmethod
    def read(study: Study, period: Period) -> Material:
        """Read it.

        Raises
        ------
        AnalystError
            If a table, a document or the table of schools is wrong.
        """
        frames = {
            table.name: rows_of(study, table)
            for _, table in registry.tables()
            if table.asked and study.file(table.name)
        }
        return Material(study, period, frames, read_documents(study), schools.read(study))

    def of(self, table: str, school: str) -> pd.DataFrame:
        """A school's rows of a table."""
        frame = self.frames[table]
        return frame[frame["school"] == school]

    def listed(self, *keys: str) -> dict[str, str]:
        """Labels by id of a list in one of the documents, the first key naming the document."""
        part: Any = self.documents
        for key in keys:
            part = part.get(key) if isinstance(part, Mapping) else None
        return {str(e["id"]): str(e.get("label") or tidy(str(e["id"]))) for e in part or ()}

    @cached_property
    def aims(self) -> dict[str, str]:
        """What an aim may be about: codes that can be heard in plans, and those in the plans."""
        codes = [
            code
            for theme in self.documents.get("codebook", {"themes": []})["themes"]
            for code in theme["codes"]
        ]
        of_plans = [code for code in codes if "action_plans" in (code.get("sources") or ())]
        used = dict.fromkeys(self.frames["action_plans"]["aim_code"])
        known = {str(code["id"]): str(code["label"]) for code in codes}
        chosen = [str(code["id"]) for code in of_plans or codes]
        return {code: known.get(code, code) for code in dict.fromkeys([*chosen, *used])}

    @cached_property
    def record_term(self) -> tuple[str, str, str]:
        """Name, first and last day of the term of records: as a record has it, or the edition's."""
        frame = self.frames["outcomes"]
        now = frame[self.period.among(frame["term_start"])]
        if len(now):
            last = now.sort_values("term_start", kind="stable").iloc[-1]
            return str(last["term"]), str(last["term_start"]), str(last["term_end"])
        start, end = self.period.start.isoformat(), self.period.end.isoformat()
        return self.period.term, start, end


def rows_of(study: Study, table: Table) -> pd.DataFrame:
    """A table of a strand as it stands in its files, all cells as text; empty where none is yet.

    The column ``file`` says in which.

    Raises
    ------
    AnalystError
        If a file lacks a column or names one thing twice.
    """
    parts = [
        tables.read(
            path, table.columns, optional=_plain(table.optional), key=table.unique, waiting=True
        ).assign(file=path.name)
        for path in found(study, str(study.file(table.name)))
    ]
    if not parts:
        columns = [*table.columns, *_plain(table.optional), "file"]
        return pd.DataFrame(columns=columns, dtype="str")
    return pd.concat(parts, ignore_index=True).fillna("")


def _plain(columns: Sequence[str]) -> tuple[str, ...]:
    return tuple(column for column in columns if not column.endswith("*"))


def sheets(material: Material, school: str) -> list[Sheet]:
    """Every sheet of a school's form: of the tables that the study reads and a school fills in."""
    made = [make(material, school) for name, make in MAKERS.items() if name in material.frames]
    return [sheet for sheet in made if sheet.lines or sheet.blank]


def columns_of(
    material: Material,
    table: Table,
    names: Sequence[str],
    choices: Mapping[str, Mapping[str, str]],
    needed: Sequence[str] = (),
) -> tuple[Column, ...]:
    """Columns as they are asked: their kinds and closed lists are the registry's."""
    made = []
    for name in names:
        words = WORDS.get((table.name, name), {})
        listed = choices.get(name) or {
            v: gettext(words[v]) if v in words else tidy(v) for v in table.allowed.get(name, ())
        }
        kind: Kind = (
            "choice" if listed else
            "date" if name in table.dates else
            "number" if registry.named([name], table.numbers) else
            "decimal" if registry.named([name], table.decimals) else
            "text"
        )  # fmt: skip
        must = name in needed or (name in table.columns and kind != "text")
        heading = _heading(material, name) + (" *" if must else "")
        made.append(Column(name, heading, kind, _told_apart(listed), must))
    return tuple(made)


def _heading(material: Material, name: str) -> str:
    """What a column is called on a form: its own word, or the kind and the group that it counts."""
    if name in HEADINGS:
        return gettext(HEADINGS[name])
    kind, _, rest = name.partition("_")
    labels = {
        value.id: value.label for group in material.study.groups for value in group.values
    } | material.listed("delivery_plan", "ratings")
    starts = {
        "invited": gettext("Invited"),
        "attended": gettext("Attended"),
        "rating": gettext("Feedback, mean of 1 to 5"),
        "rated": gettext("Feedback, forms given back"),
        "high": gettext("Feedback, forms with 4 or 5"),
    }
    return f"{starts[kind]}: {labels[rest]}" if kind in starts and rest in labels else tidy(name)


def _told_apart(choices: Mapping[str, str]) -> dict[str, str]:
    """Choices of which no two read alike."""
    words = [text.casefold() for text in choices.values()]
    return {
        value: f"{text} ({value})" if words.count(text.casefold()) > 1 else text
        for value, text in choices.items()
    }


# --- the sheets ----------------------------------------------------------------------------


def _now_and_before(
    material: Material, rows: pd.DataFrame
) -> tuple[int, pd.DataFrame, pd.DataFrame]:
    """The number of this term's review, its rows so far, and those of the reviews before it."""
    number = pd.to_numeric(rows["review"], errors="coerce").fillna(0)
    now = material.period.among(rows["review_date"])
    this = int(number[now].max()) if now.any() else int(number.max()) + 1 if len(rows) else 1
    return this, rows[number == this], rows[number < this]


def _last(rows: pd.DataFrame, by: str) -> dict[str, Any]:
    """The row of the latest review of each thing."""
    number = pd.to_numeric(rows["review"], errors="coerce").fillna(0)
    ordered = rows.assign(_n=number).sort_values("_n", kind="stable")
    return {str(row[by]): row for row in ordered.to_dict("records")}


def _word(words: Mapping[str, str], value: object) -> str:
    """The word for a value of a closed list; nothing for none that is known."""
    return gettext(words[str(value)]) if str(value) in words else ""


def _said(word: str, day: str) -> str:
    return f"{word} ({day})" if word and day else word


def _plan(material: Material, school: str) -> Sheet:
    table = registry.table("action_plans")
    rows = material.of(table.name, school)
    review, now, before = _now_and_before(material, rows)
    last, current = _last(before, "aim_code"), _last(now, "aim_code")
    plan_id = str(rows["plan_id"].iloc[-1]) if len(rows) else school
    fixed = {"plan_id": plan_id, "school": school, "review": str(review)}
    names = [*table.asked]
    lines = []
    for code in dict.fromkeys([*last, *current]):
        row, this = last.get(code, {}), current.get(code, {})
        about = {"aim_code": code, "aim": str((this or row)["aim"])}
        word = _word(STATE_WORDS, row.get("state", ""))
        shown = (_said(word, str(row.get("review_date", ""))), str(row.get("evidence", "")))
        filled = {name: str(this.get(name, "")) for name in names if name not in about}
        if not this:
            filled["responsible_role"] = str(row.get("responsible_role", ""))
        lines.append(Line({**fixed, **about}, shown, filled))
    return Sheet(
        table.name,
        gettext("Plan"),
        gettext("Say of each aim how it stands now. New aims go into the empty lines at the end."),
        (gettext("State last time"), gettext("Evidence last time")),
        columns_of(material, table, names, {"aim_code": material.aims}, ("aim",)),
        tuple(lines),
        NEW_AIMS,
        fixed,
    )


def _readiness(material: Material, school: str) -> Sheet:
    table = registry.table("readiness")
    review, now, before = _now_and_before(material, material.of(table.name, school))
    last, current = _last(before, "condition"), _last(now, "condition")
    entries = material.listed("value_creation", "conditions")
    entries |= material.listed("value_creation", "risks")
    if not entries:
        entries = {name: tidy(name) for name in material.frames[table.name]["condition"].unique()}
    lines = []
    for name, label in entries.items():
        row, this = last.get(name, {}), current.get(name, {})
        word = _word(READY_WORDS, row.get("state", ""))
        shown = (label, _said(word, str(row.get("review_date", ""))), str(row.get("evidence", "")))
        fixed = {"school": school, "condition": name, "review": str(review)}
        lines.append(Line(fixed, shown, {n: str(this.get(n, "")) for n in table.asked}))
    return Sheet(
        table.name,
        gettext("Conditions and risks"),
        gettext("A risk is in place where the school is guarded against it. This is no score."),
        (gettext("Condition or risk"), gettext("State last time"), gettext("Evidence last time")),
        columns_of(material, table, table.asked, {}),
        tuple(lines),
    )


def audit(material: Material, school: str, review: str = "") -> Sheet:
    """The sheet of the whole-school audit; ``review`` says which, if not the one that is next."""
    table = registry.table("whole_school_audit")
    rows = material.of(table.name, school)
    first, again = REVIEWS
    at = {name: rows[rows["review"] == name].set_index("area") for name in REVIEWS}
    open_first = at[first].empty or material.period.among(at[first]["review_date"]).any()
    asked = review or (first if open_first else again)
    areas = material.listed("codebook", "audit", "areas") or {
        name: tidy(name) for name in material.frames[table.name]["area"].unique()
    }
    lines = []
    for area, label in areas.items():
        now, shown = "", [label]
        for name in REVIEWS:
            row = (
                at[name].loc[area] if area in at[name].index else {"rating": "", "review_date": ""}
            )
            this = name == asked and material.period.holds(str(row["review_date"]))
            now = str(row["rating"]) if this else now
            shown.append("" if this else _word(RATING_WORDS, row["rating"]))
        lines.append(
            Line({"school": school, "area": area, "review": asked}, tuple(shown), {"rating": now})
        )
    return Sheet(
        table.name,
        gettext("Audit"),
        gettext("Rate each area together, as the {review}.", review=gettext(REVIEW_WORDS[asked])),
        (
            gettext("Area"),
            *(
                gettext("Rating at {review}", review=gettext(REVIEW_WORDS[name]))
                for name in REVIEWS
            ),
        ),
        columns_of(material, table, table.asked, {}),
        tuple(lines),
    )


def _sessions(material: Material, school: str) -> Sheet:
    table = registry.table("sessions")
    whole = material.frames[table.name]
    rows = whole[(whole["school"] == school) & material.period.among(whole["date"])]
    kinds = material.listed("delivery_plan", "kinds")
    for kind in dict.fromkeys(whole["kind"]):
        kinds.setdefault(kind, tidy(kind))
    names = _session_columns(material, table, whole)
    fixed = {"school": school}
    lines = [
        # What names the session is fixed: another day is another session.
        Line({**fixed, **{n: str(row[n]) for n in ("date", "kind", "session")}}, (),
             {n: str(row[n]) for n in names if n not in ("date", "kind", "session")})
        for row in rows.sort_values("date", kind="stable").to_dict("records")
    ]  # fmt: skip
    return Sheet(
        table.name,
        gettext("Sessions"),
        gettext(
            "Sessions from {start} to {end}; numbers of people only, no names.",
            start=long_date(material.period.start),
            end=long_date(material.period.end),
        ),
        (),
        columns_of(material, table, names, {"kind": kinds}),
        tuple(lines),
        NEW_SESSIONS,
        fixed,
    )


def _session_columns(material: Material, table: Table, whole: pd.DataFrame) -> list[str]:
    """Columns of sessions: by group where the table counts so, or will."""
    held = registry.named(whole.columns, (*table.numbers, *table.decimals))
    ratings = material.listed("delivery_plan", "ratings")
    start, wildcards = [], [name for name in table.asked if name.endswith("*")]
    by_group = delivery.roles(material.study, held)
    for name in table.asked:
        if name in wildcards:
            if name[:-1] in (delivery.RATING, delivery.RATED, delivery.HIGH):
                asked = dict.fromkeys([f"{name[:-1]}{each}" for each in ratings])
                start += [*asked, *(c for c in registry.named(held, (name,)) if c not in asked)]
            else:
                start += registry.named(held, (name,))
        elif name not in registry.ATTENDANCE or by_group is None:
            start.append(name)
    return start


def _needs(material: Material, school: str) -> Sheet:
    table = registry.table("needs")
    rows = material.of(table.name, school).set_index(["need", "level"])["count"].to_dict()
    whole = material.frames[table.name]
    needs, levels = (
        material.listed("codebook", "needs", key) or {n: tidy(n) for n in whole[column].unique()}
        for key, column in (("needs", "need"), ("levels", "level"))
    )
    lines = tuple(
        Line({"school": school, "need": need, "level": level},
             (label, level_label, str(rows.get((need, level), ""))))
        for need, label in needs.items() for level, level_label in levels.items()
    )  # fmt: skip
    return Sheet(
        table.name,
        gettext("Needs"),
        gettext(
            "How many {people} have which need now: numbers only, no names.",
            people=material.study.children.noun,
        ),
        (gettext("Need"), gettext("Level"), gettext("Count last time")),
        columns_of(material, table, table.asked, {}),
        lines,
    )


def _outcomes(material: Material, school: str) -> Sheet:
    table = registry.table("outcomes")
    rows = material.of(table.name, school)
    term, start, end = material.record_term
    measures = {
        str(m["id"]): m for m in material.documents.get("outcome_measures", {}).get("measures", [])
    }
    whole = material.frames[table.name]
    for name in whole["measure"].unique():
        measures.setdefault(str(name), {"id": name, "label": tidy(str(name))})
    groups = {"": gettext("all"), **material.listed("outcome_measures", "groups")}
    split = {*zip(whole["measure"], whole["group"], strict=True)}
    lines = []
    for name, measure in measures.items():
        of = rows[rows["measure"] == name]
        for group, label in groups.items():
            if group and (name, group) not in split:
                continue
            own = of[of["group"] == group].sort_values("term_start", kind="stable")
            now, before = own[own["term"] == term], own[own["term_start"] < start]
            last = before.iloc[-1] if len(before) else None
            shown = (
                str(measure["label"]),
                label,
                _out_of(measure),
                ""
                if last is None
                else gettext(
                    "{number} of {all} ({term})",
                    number=last["numerator"],
                    all=last["denominator"],
                    term=last["term"],
                ),
            )
            fixed = {"school": school, "term": term, "term_start": start, "term_end": end,
                     "measure": name, "group": group}  # fmt: skip
            filled = {n: str(now.iloc[0][n]) if len(now) else "" for n in table.asked}
            lines.append(Line(fixed, shown, filled))
    return Sheet(
        table.name,
        gettext("Records"),
        gettext("From the school's own records: {term}.", term=term),
        (gettext("Measure"), gettext("Of whom"), gettext("What is counted"), gettext("Last term")),
        columns_of(material, table, table.asked, {}),
        tuple(lines),
    )


def _out_of(measure: Mapping[str, Any]) -> str:
    """What a measure counts, and out of what; whichever the study names."""
    counted, whole = (str(measure.get(f"{k}_label", "")) for k in ("numerator", "denominator"))
    if counted and whole:
        return gettext("{counted} out of {all}", counted=counted, all=whole)
    return counted or whole


#: Makes the sheet of each table that a school fills in, in the order of the form.
MAKERS: dict[str, Callable[[Material, str], Sheet]] = {
    "action_plans": _plan,
    "readiness": _readiness,
    "whole_school_audit": audit,
    "sessions": _sessions,
    "needs": _needs,
    "outcomes": _outcomes,
}
