"""Which texts may leave: quotations with consent, summaries of groups, and a school's own plan.

The programme report gets quotations, each with a role or a school's letter and never both; the
evaluators' own summaries of group discussions of enough people; and what was found about codes
and quotations. A school's report gets its own plan with every review, and its own checklist of
conditions and risks; never a quotation, since few were interviewed in a school and colleagues
would know each other's words.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from analysis.prepare import Prepared
from analysis.prepare.quotations import people_of
from analysis.results import COHORT
from analysis.study import INTERVIEWEES, Group, Study
from analysis.words import slug, tidy

COLUMNS = ("unit", "kind", "key", "section", "text", "attribution")
#: The kind of the row that says which publication an edition corrects.
CORRECTION = "correction"
#: Somebody interviewed whose role is not said, where the study has no word for it.
NO_ROLE = "Interviewee"
#: Who leads an aim, in a school so small that a title is a person.
NO_LEAD = "somebody at the school"


def role_word(study: Study, role: str) -> str:
    """What one interviewee is called; without a role, one of whom none is said.

    The role is a value of the study's first group of interviewees, in its own words.
    """
    group = _role_group(study)
    if not role:
        return (group.one if group else "") or NO_ROLE
    for value in group.values if group else ():
        if value.id == role:
            return value.one or value.label
    return tidy(role)


def _role_group(study: Study) -> Group | None:
    """The group of interviewees by which quotations are attributed; nothing if there is none."""
    return next(iter(study.groups_of(INTERVIEWEES)), None)


def _roles(study: Study, people: pd.DataFrame) -> pd.Series:
    """Each interviewee's role as it may be said; empty where too few were interviewed in it.

    What one of two people in a role said would be known to the other, and a role that one
    person has is a name.
    """
    group = _role_group(study)
    column = group.column if group else "role"
    if column not in people:
        return pd.Series("", index=people.index, dtype="str")
    roles = people[column].astype("str")
    enough = roles.map(roles.value_counts()) >= study.disclosure.interviewees.minimum
    return roles.where(enough, "")


def released_texts(prepared: Prepared, corrects: int | None = None) -> pd.DataFrame:
    """Texts that may be shown, by unit: columns :data:`COLUMNS`.

    Kinds: ``quotation`` (section as chosen); ``group`` (key: group, theme and code; section:
    the group); ``codebook_check`` and ``quotation_check``; ``plan`` (an aim at its latest
    review; section: its state; attribution: who leads); ``plan_review`` (key: aim and review;
    section: state; text: evidence; attribution: date) and ``readiness`` (key: condition;
    section: state; text: evidence; attribution: date). ``outcome_break``, the same for all
    units: where the definition of an outcome changes (key: measure; section: the first term under
    the new definition; text: that definition). ``review``, the programme's: what another evaluation
    found, as the study's table has it (key: study and year; section: outcome; text: finding;
    attribution: source). ``correction``, of every unit: which publication of
    the edition this one corrects (key: its number), if ``corrects`` gives one.
    """
    rows = [
        *_quotations(prepared),
        *_groups(prepared),
        *_checks(prepared),
        *_plans(prepared),
        *_readiness(prepared),
        *_breaks(prepared),
        *_reviews(prepared),
        *_correction(prepared, corrects),
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype("str")


def _quotations(prepared: Prepared) -> Iterator[dict[str, str]]:
    strands = prepared.strands
    if "quotations" not in strands or "interviewees" not in strands:
        return
    people = people_of(strands["interviewees"])
    roles = _roles(prepared.study, people)
    nobody = role_word(prepared.study, "")
    for quotation in strands["quotations"].itertuples():
        speaker = people.loc[str(quotation.source_id)]
        if speaker["consent_to_quote"] != "yes":
            continue
        # Made when the quotations were checked: none where a school would point at somebody.
        shown_as = getattr(quotation, "shown_as", "none")
        if shown_as == "role":
            shown = role_word(prepared.study, roles[str(quotation.source_id)])
        elif shown_as == "school" and speaker.get("school", ""):
            letter = prepared.schools.loc[speaker["school"], "letter"]
            shown = f"{nobody}, School {letter}" if letter else nobody
        else:
            shown = nobody
        yield _row(
            COHORT,
            "quotation",
            str(quotation.quotation_id),
            str(quotation.section),
            str(quotation.text),
            shown,
        )


def _groups(prepared: Prepared) -> Iterator[dict[str, str]]:
    frame = prepared.strands.get("focus_groups")
    if frame is None:
        return
    fewest = prepared.study.disclosure.interviewees.minimum
    for entry in frame[frame["participants"] >= fewest].itertuples():
        key = f"{entry.group}|{entry.theme}|{entry.code}"
        yield _row(COHORT, "group", key, str(entry.group), str(entry.summary), str(entry.theme))


def _checks(prepared: Prepared) -> Iterator[dict[str, str]]:
    codes = prepared.strands.get("codebook_check")
    for found in () if codes is None else codes.itertuples():
        yield _row(COHORT, "codebook_check", str(found.kind), str(found.code), str(found.label), "")
    quotations = prepared.strands.get("quotation_check")
    for found in () if quotations is None else quotations.itertuples():
        yield _row(COHORT, "quotation_check", str(found.kind), "", str(found.quotations), "")


def _plans(prepared: Prepared) -> Iterator[dict[str, str]]:
    frame = prepared.strands.get("action_plans")
    if frame is None:
        return
    ordered = frame.sort_values(["plan_id", "aim_code", "review"], kind="stable")
    small = _small_schools(prepared)
    for plan in ordered.drop_duplicates(["plan_id", "aim_code"], keep="last").itertuples():
        # In a very small school one title is one person.
        lead = getattr(plan, "responsible_role", "")
        lead = NO_LEAD if lead and plan.school in small else lead
        aim = str(plan.aim_code)
        yield _row(str(plan.school), "plan", aim, str(plan.state), str(plan.aim), str(lead))
    for plan in ordered.itertuples():
        yield _row(
            str(plan.school),
            "plan_review",
            f"{plan.aim_code}|{plan.review:.0f}",
            str(plan.state),
            str(getattr(plan, "evidence", "")),
            str(getattr(plan, "review_date", "")),
        )


def _readiness(prepared: Prepared) -> Iterator[dict[str, str]]:
    frame = prepared.strands.get("readiness")
    if frame is None:
        return
    ordered = frame.sort_values(["school", "condition", "review"], kind="stable")
    for entry in ordered.drop_duplicates(["school", "condition"], keep="last").itertuples():
        yield _row(
            str(entry.school),
            "readiness",
            str(entry.condition),
            str(entry.state),
            str(entry.evidence),
            str(getattr(entry, "review_date", "")),
        )


def _breaks(prepared: Prepared) -> Iterator[dict[str, str]]:
    frame = prepared.strands.get("outcome_breaks")
    if frame is None:
        return
    for unit in (COHORT, *prepared.schools["id"]):
        for found in frame.itertuples():
            yield _row(
                str(unit), "outcome_break", str(found.measure), slug(str(found.term)),
                str(found.text), "",
            )  # fmt: skip


def _reviews(prepared: Prepared) -> Iterator[dict[str, str]]:
    """A table that the study owns, about other studies: about nobody who answered here."""
    frame = prepared.strands.get("reviews")
    for found in () if frame is None else frame.itertuples():
        year = str(getattr(found, "year", ""))
        name = f"{found.study} ({year})" if year else str(found.study)
        yield _row(
            COHORT, "review", name, str(found.outcome), str(found.finding), str(found.source)
        )


def _correction(prepared: Prepared, corrects: int | None) -> Iterator[dict[str, str]]:
    for unit in (COHORT, *prepared.schools["id"]) if corrects is not None else ():
        yield _row(str(unit), CORRECTION, str(corrects), "", "", "")


def _small_schools(prepared: Prepared) -> set[str]:
    """Schools with fewer staff than free text needs."""
    if "staff_on_roll" not in prepared.schools:
        return set(map(str, prepared.schools["id"]))
    staff = pd.to_numeric(prepared.schools["staff_on_roll"], errors="coerce")
    few = ~(staff >= prepared.study.disclosure.free_text.minimum)
    return set(prepared.schools.loc[few, "id"].map(str))


def _row(
    unit: str, kind: str, key: str, section: str, text: str, attribution: str
) -> dict[str, str]:
    return dict(zip(COLUMNS, (unit, kind, key, section, text, attribution), strict=True))
