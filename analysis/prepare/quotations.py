"""Are the chosen quotations safe and true? Checked before anything is released.

Errors, because somebody would be wronged: a speaker who did not agree; words that the speaker
did not say; the same words given to two speakers. Findings, counted and listed by the ids of
the quotations: the same passage in two sections; one passage once with a role and once with a
school; a school withheld because the code is heard from one person, one role or one school only.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from analysis.errors import AnalystError

CHECK = ("kind", "quotations")
REPEATED, BOTH_WAYS, SCHOOL_WITHHELD = "repeated", "role_and_school", "school_withheld"
ATTRIBUTIONS = ("role", "school", "none")
#: Marks of words left out, inside a quotation.
LEFT_OUT = re.compile(r"\s*(?:\[\s*(?:\.\.\.|…)\s*\]|\.\.\.|…)\s*")


def check(
    quotations: pd.DataFrame, interviewees: pd.DataFrame, segments: pd.DataFrame | None, where: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The quotations, with ``shown_as`` (role, school or none), and what was found.

    Raises
    ------
    AnalystError
        If a quotation lacks consent, was not said, or is given to two speakers.
    """
    people = people_of(interviewees)
    passages: dict[Hashable, list[str]] | None = None
    if segments is not None:
        passages = dict(segments.groupby(["source_id", "code"])["text"].agg(list).items())
    for row, quotation in quotations.iterrows():
        _refuse(quotation, people, passages, f"{where}, row {row}")
    _refuse_two_speakers(quotations, where)
    shown, findings = _shown_as(quotations, segments)
    words = quotations["source_id"] + "\0" + quotations["text"].map(_bare)
    for _, same in quotations.groupby(words, sort=False):
        if len(same) > 1:
            ids = ", ".join(same["quotation_id"])
            findings.append({"kind": REPEATED, "quotations": ids})
            ways = set(shown[same.index]) - {"none"}
            if len(ways) > 1:
                # Role and school of the same words, side by side, would name the speaker.
                findings.append({"kind": BOTH_WAYS, "quotations": ids})
                shown[same.index] = "none"
    return quotations.assign(shown_as=shown), pd.DataFrame(findings, columns=list(CHECK))


def people_of(interviewees: pd.DataFrame) -> pd.DataFrame:
    """One row for each interviewee, by ``source_id``.

    Somebody interviewed more than once may be quoted only if every row says so.
    """
    # "no" stands before "yes": one refusal is enough.
    ordered = interviewees.sort_values("consent_to_quote", kind="stable")
    once = ordered.drop_duplicates("source_id").set_index("source_id")
    return once.reindex(interviewees["source_id"].drop_duplicates())


def _refuse(
    quotation: pd.Series,
    people: pd.DataFrame,
    passages: Mapping[Hashable, list[str]] | None,
    where: str,
) -> None:
    name = quotation["quotation_id"]
    if quotation["attribution"] not in ATTRIBUTIONS:
        raise AnalystError(
            f"Quotation {name}: '{quotation['attribution']}' is no attribution; "
            f"use {', '.join(ATTRIBUTIONS)}.",
            where=f"{where}, column attribution",
            fix="A quotation is shown with the role or with the school, never both.",
        )
    if people.loc[quotation["source_id"], "consent_to_quote"] != "yes":
        raise AnalystError(
            f"Quotation {name} is of somebody who did not agree to be quoted.",
            where=where,
            fix="Take the quotation out, or correct consent_to_quote in interviewees.csv.",
        )
    if passages is None:
        return
    own = passages.get((quotation["source_id"], quotation["code"]), [])
    if not any(_said(quotation["text"], text) for text in own):
        raise AnalystError(
            f"Quotation {name} is not in any passage of {quotation['source_id']} "
            f"under {quotation['code']}.",
            where=f"{where}, column text",
            fix="Quote the transcript's own words; mark words left out with [...].",
        )


def _refuse_two_speakers(quotations: pd.DataFrame, where: str) -> None:
    speakers = quotations.groupby(quotations["text"].map(_bare))["source_id"].nunique()
    if (speakers > 1).any():
        words = speakers[speakers > 1].index[0]
        ids = quotations.loc[quotations["text"].map(_bare) == words, "quotation_id"]
        raise AnalystError(
            f"Quotations {', '.join(ids)} have the same words but another speaker.",
            where=where,
            fix="Correct source_id: the same words cannot be two people's.",
        )


def _shown_as(
    quotations: pd.DataFrame, segments: pd.DataFrame | None
) -> tuple[pd.Series, list[dict[str, Any]]]:
    shown = quotations["attribution"].copy()
    if segments is None:
        return shown, []
    # Who has no school, or no role, is in none.
    said = segments.assign(
        **{name: segments[name].where(segments[name] != "") for name in ("school", "role")}
    )
    heard = said.groupby("code").agg(
        people=("source_id", "nunique"), schools=("school", "nunique"), roles=("role", "nunique")
    )
    # The counts say how many people and schools spoke of a code, and of which roles; where any
    # of these was one, a quotation with its school would say who.
    rare = quotations["code"].map((heard[["people", "schools", "roles"]] == 1).any(axis=1))
    hidden = (shown == "school") & rare.astype("bool")
    shown[hidden] = "none"
    ids = ", ".join(quotations.loc[hidden, "quotation_id"])
    return shown, [{"kind": SCHOOL_WITHHELD, "quotations": ids}] if ids else []


def _said(quotation: str, passage: str) -> bool:
    """Whether the quotation's parts occur in the passage, in order."""
    text, place = _bare(passage), 0
    for part in LEFT_OUT.split(quotation):
        words = _bare(part)
        found = text.find(words, place)
        if found < 0:
            return False
        place = found + len(words)
    return True


def _bare(text: str) -> str:
    """Words only: white space, case and typographic marks do not make another quotation."""
    return " ".join(re.findall(r"[^\W_]+", text.lower().replace("’", "'").replace("'", "")))
