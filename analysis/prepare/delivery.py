"""What was delivered: checks of the tables of sessions, hours and costs, and the plan of delivery.

The plan (``delivery.yaml``, all of it optional) says which kinds of session there are, how many
of each a school was to have and how long, what was asked on feedback forms, and what costs are in::

    currency: £
    kinds:
      - {id: coaching, label: Coaching, sessions: 2, minutes: 60}
    ratings:
      - {id: useful, label: Useful for my work}
    costs:
      - {id: supply_cover, label: Supply cover}

People invited and attending are counted by role in columns such as ``invited_leader``: roles are
the groups that the study lists for its adults.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from pydantic import Field, model_validator

from analysis import strands as registry
from analysis.errors import AnalystError
from analysis.strands import ATTENDANCE
from analysis.study import Group, Identifier, Model, Study, read_yaml, validated
from analysis.words import slug

#: Names in ids of the ledger: everything together, and costs that no one school caused.
ALL, SHARED = "all", "shared"
#: Feedback on one question: its mean, how many gave it, and how many of them gave 4 or 5.
RATING, RATED, HIGH = "rating_", "rated_", "high_"
LOWEST, HIGHEST, GOOD = 1, 5, 4
#: How far the mean that somebody wrote down, to one decimal, may be from the true one.
ROUNDED = 0.05 + 1e-9
#: Sessions may have been held so long before the first wave, unless the plan says otherwise.
BEFORE = dt.timedelta(days=366)


class Kind(Model):
    """A kind of session, and how it was planned for each school."""

    id: Identifier
    label: str
    sessions: int | None = Field(default=None, ge=1, description="planned for each school")
    minutes: int | None = Field(default=None, ge=1, description="planned length")


class Named(Model):
    """A question of the feedback form, or an item of costs."""

    id: Identifier
    label: str


class Plan(Model):
    """The plan of delivery."""

    schema_version: Literal[1] = 1
    currency: str = Field(default="", description="before amounts, e.g. '£'")
    start: dt.date | None = Field(default=None, description="no session before this day")
    end: dt.date | None = Field(default=None, description="nor after this")
    kinds: tuple[Kind, ...] = ()
    ratings: tuple[Named, ...] = ()
    costs: tuple[Named, ...] = ()

    @model_validator(mode="after")
    def _fits(self) -> Plan:
        for key, taken in (("kinds", {ALL}), ("ratings", set()), ("costs", {ALL, SHARED})):
            for each in getattr(self, key):
                if each.id in taken:
                    raise ValueError(f"{key}: the id '{each.id}' is taken")
                taken.add(each.id)
        if self.start and self.end and self.end < self.start:
            raise ValueError("end is before start")
        return self


def read_plan(study: Study) -> dict[str, Any]:
    """The plan of delivery that the study names, checked; as a document.

    Raises
    ------
    AnalystError
        If the file is missing or not well-formed.
    """
    path = study.path(str(study.file("delivery_plan")))
    return validated(Plan, read_yaml(path), path).model_dump(mode="json")


def sessions(
    study: Study, frame: pd.DataFrame, documents: dict[str, Any], path: Path
) -> pd.DataFrame:
    """The table of sessions, checked; numbers in all are filled in where roles give them.

    Raises
    ------
    AnalystError
        Naming file, row and column of what cannot be: no date or kind, no length, a day outside
        the study, more who came than were invited, numbers by role that do not fit those in all,
        a role or kind that the study does not list, a rating that is none.
    """
    plan = _plan(documents)
    split = _roles(study, frame, path)
    questions = _questions(frame, plan, path)
    _refuse_further(frame, _expected(split, questions), "sessions", path)
    for column in ("date", "kind", "minutes"):
        empty = (frame[column] == "") | frame[column].isna()
        _refuse(empty, frame, column, path, f"A session has no {column}.", "Fill in the cell.")
    none = frame["minutes"] == 0
    _refuse(none, frame, "minutes", path, "A session of 0 minutes was not held.",
            "Write how long it took, or remove the row.")  # fmt: skip
    _refuse_nameless(frame, "kind", plan.kinds, path)
    _check_days(study, frame, plan, path)
    named = frame["facilitator"].str.contains(r"[\s@]")
    _refuse(named, frame, "facilitator", path, "The facilitator is named by more than a code.",
            "Give each facilitator a code such as F1; codes are never shown.")  # fmt: skip
    for role in ("", *split):
        _refuse_more(frame, f"attended{role}", f"invited{role}", path)
    frame = _totals(frame, split, path)
    for question in questions:
        _check_rating(frame, question, path)
    return frame


def hours(study: Study, frame: pd.DataFrame, documents: dict[str, Any], path: Path) -> pd.DataFrame:
    """The table of hours, checked: each row has hours of somebody."""
    columns = registry.table("delivery_hours").decimals
    _refuse_further(frame, (), "delivery_hours", path)
    none = frame[list(columns)].isna().all(axis=1)
    _refuse(none, frame, columns[0], path, "This row has no hours at all.",
            f"Fill in {' or '.join(columns)}, or remove the row.")  # fmt: skip
    return frame


def costs(study: Study, frame: pd.DataFrame, documents: dict[str, Any], path: Path) -> pd.DataFrame:
    """The table of costs, checked: listed items, amounts, and a currency to say them in."""
    plan = _plan(documents)
    _refuse_further(frame, (), "delivery_costs", path)
    if not plan.currency:
        raise AnalystError(
            "There are costs, but nothing says in which currency.",
            where=str(path),
            fix="Name a file under strands.delivery.plan in study.yaml, with a line such as "
            "'currency: £'.",
        )
    empty = frame["amount"].isna()
    _refuse(empty, frame, "amount", path, "A cost has no amount.", "Fill in the cell.")
    empty = frame["item"].map(slug).isin(["", ALL, SHARED])
    _refuse(empty, frame, "item", path, "A cost has no item, or one that stands for all.",
            "Say in a word what was paid for.")  # fmt: skip
    _refuse_nameless(frame, "item", plan.costs, path)
    return frame


def roles(study: Study, columns: Collection[str]) -> Group | None:
    """The group of adults whose members the table of sessions counts apart; nothing if none."""
    for group in _groups(study):
        if any(f"invited_{value}" in columns for value in group.ids):
            return group
    return None


def _groups(study: Study) -> list[Group]:
    adults = [each.id for each in study.populations if each.kind == "adults"]
    return [group for name in adults for group in study.groups_of(name) if group.values]


def _plan(documents: dict[str, Any]) -> Plan:
    return Plan.model_validate(documents.get("delivery_plan", {}))


def _roles(study: Study, frame: pd.DataFrame, path: Path) -> list[str]:
    """Endings of the columns by role (``_leader``), of one group of adults only."""
    found = {
        kind: [name.removeprefix(kind) for name in frame.columns if name.startswith(f"{kind}_")]
        for kind in ATTENDANCE
    }
    group = roles(study, frame.columns)
    known = [f"_{value}" for value in group.ids] if group else []
    every = [f"_{value}" for each in _groups(study) for value in each.ids]
    for kind, other in (ATTENDANCE, ATTENDANCE[::-1]):
        for role in found[kind]:
            if role not in known and role in every and group is not None:
                message = f"'{kind}{role}' counts by another group than {group.id}."
                fix = "Count people by one group: they stand in one column of a row only."
            elif role not in (known or every):
                message = f"'{kind}{role}' counts a role that the study does not list."
                listed = ", ".join(role.removeprefix("_") for role in every)
                fix = (
                    f"Roles are {listed}."
                    if listed
                    else "List the roles of adults under 'groups' in study.yaml, with 'of' and "
                    "'values'."
                )
            elif f"{other}{role}" not in frame:
                message = f"There is a column '{kind}{role}' and none '{other}{role}'."
                fix = "Give both, so that it can be said how many came of those invited."
            else:
                continue
            raise AnalystError(message, where=f"{path}, row 1, column {kind}{role}", fix=fix)
    return found["invited"]


def _questions(frame: pd.DataFrame, plan: Plan, path: Path) -> list[str]:
    """What was asked on feedback forms; each with the number of those who answered."""
    asked = [str(name).removeprefix(RATING) for name in frame if str(name).startswith(RATING)]
    listed = [each.id for each in plan.ratings]
    for question in asked:
        column = RATING + question
        if listed and question not in listed:
            raise AnalystError(
                f"'{column}' is no question of the feedback form; the plan of delivery lists "
                f"{', '.join(listed)}.",
                where=f"{path}, row 1, column {column}",
                fix="Correct the heading, or list it under 'ratings' there.",
            )
        if RATED + question not in frame:
            raise AnalystError(
                f"Nothing says how many people gave '{column}'.",
                where=f"{path}, row 1",
                fix=f"Add a column {RATED}{question} with the number of feedback forms.",
            )
    return asked


def _expected(split: list[str], questions: list[str]) -> list[str]:
    by_role = [f"{kind}{role}" for kind in ATTENDANCE for role in split]
    return by_role + [each + question for question in questions for each in (RATING, RATED, HIGH)]


def _refuse_further(frame: pd.DataFrame, expected: Collection[str], name: str, path: Path) -> None:
    """Stop at a column that nobody would read: a misspelt heading, or notes about people."""
    table = registry.table(name)
    known = [*table.columns, *table.optional, *expected, "memo"]
    for column in frame.columns:
        if column not in known:
            raise AnalystError(
                f"'{column}' is no column of this table; columns are {', '.join(known)}.",
                where=f"{path}, row 1, column {column}",
                fix="Correct the heading, or take the column out.",
            )


def _refuse(
    bad: pd.Series, frame: pd.DataFrame, column: str, path: Path, message: str, fix: str
) -> None:
    if bad.any():
        row = frame.index[bad][0]
        raise AnalystError(message, where=f"{path}, row {row}, column {column}", fix=fix)


def _refuse_nameless(
    frame: pd.DataFrame, column: str, listed: tuple[Kind, ...] | tuple[Named, ...], path: Path
) -> None:
    """Stop at a word that no id can be made of, where the plan lists none (else it is looked up)."""
    none = frame[column].map(slug).isin(["", ALL]) & (not listed)
    for row in frame.index[none][:1]:
        raise AnalystError(
            f"'{frame.loc[row, column]}' cannot stand for one {column}.",
            where=f"{path}, row {row}, column {column}",
            fix="Use another word.",
        )


def _check_days(study: Study, frame: pd.DataFrame, plan: Plan, path: Path) -> None:
    days = pd.to_datetime(frame["date"], format="%Y-%m-%d")
    first = plan.start or min(wave.start for wave in study.waves) - BEFORE
    last = plan.end or study.edition.date
    outside = (days < pd.Timestamp(first)) | (days > pd.Timestamp(last))
    _refuse(
        outside, frame, "date", path,
        f"A session was held outside the study, which is taken to run from {first} to {last}.",
        "Correct the date, or write 'start' and 'end' into the plan of delivery.",
    )  # fmt: skip


def _refuse_more(frame: pd.DataFrame, column: str, than: str, path: Path) -> None:
    """Stop at a part that is larger than its whole."""
    for row in frame.index[frame[column] > frame[than]][:1]:
        raise AnalystError(
            f"{column} is {frame.loc[row, column]:.0f}, but {than} is only "
            f"{frame.loc[row, than]:.0f}.",
            where=f"{path}, row {row}, column {column}",
            fix="Correct one of the two numbers.",
        )


def _totals(frame: pd.DataFrame, split: list[str], path: Path) -> pd.DataFrame:
    """Numbers in all, as given or as the sum over roles; where both stand they must agree."""
    if not split:
        return frame
    cells = frame[[f"{kind}{role}" for kind in ATTENDANCE for role in split]].notna()
    partly = cells.any(axis=1) & ~cells.all(axis=1)
    for row in frame.index[partly][:1]:
        raise AnalystError(
            "Some roles of this session are counted and others are not.",
            where=f"{path}, row {row}, column {cells.columns[~cells.loc[row]][0]}",
            fix="Write 0 where nobody of a role was invited or came, or leave the cells of all "
            "roles empty.",
        )
    frame = frame.copy()
    for kind in ATTENDANCE:
        whole = frame[[f"{kind}{role}" for role in split]].sum(axis=1, min_count=len(split))
        for row in frame.index[frame[kind].notna() & whole.notna() & (frame[kind] != whole)][:1]:
            raise AnalystError(
                f"{kind} is {frame.loc[row, kind]:.0f}, but roles add up to {whole[row]:.0f}.",
                where=f"{path}, row {row}, column {kind}",
                fix=f"Correct the numbers, or leave {kind} empty: the sum is taken then.",
            )
        frame[kind] = frame[kind].astype("float64").fillna(whole)
    return frame


def _check_rating(frame: pd.DataFrame, question: str, path: Path) -> None:
    rating, rated = RATING + question, RATED + question
    value, number = frame[rating], frame[rated].fillna(0)
    _refuse(
        value.notna() & ~value.between(LOWEST, HIGHEST), frame, rating, path,
        f"A rating is a mean of {LOWEST} to {HIGHEST}.", "Correct the number.",
    )  # fmt: skip
    _refuse(
        value.notna() != (number > 0), frame, rating, path,
        f"{rating} and {rated} do not fit: one says that somebody gave a rating, the other does "
        "not.", "Fill in both, or leave both empty.",
    )  # fmt: skip
    _refuse_more(frame, rated, "attended", path)
    high = HIGH + question
    if high not in frame:
        return
    _refuse_more(frame.assign(**{rated: number}), high, rated, path)
    share = frame[high] / number.where(number > 0)
    least = GOOD * share + LOWEST * (1 - share)
    most = HIGHEST * share + (GOOD - 1) * (1 - share)
    beyond = (value < least - ROUNDED) | (value > most + ROUNDED)
    _refuse(
        beyond, frame, high, path,
        f"With so many who gave {GOOD} or {HIGHEST}, the mean cannot be as {rating} says.",
        "Count the feedback forms again.",
    )  # fmt: skip
