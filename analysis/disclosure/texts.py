"""Which texts may leave: quotations with consent, and a school's own plan."""

from __future__ import annotations

import pandas as pd

from analysis.prepare import Prepared
from analysis.results import COHORT

COLUMNS = ("unit", "kind", "key", "section", "text", "attribution")
ROLE_WORDS = {"leader": "Leader", "teacher": "Teacher", "non_teacher": "Non-teaching member of staff"}


def released_texts(prepared: Prepared) -> pd.DataFrame:
    """Texts that may be shown, by unit: columns :data:`COLUMNS`.

    A quotation leaves only if its speaker agreed to be quoted, carries the speaker's role or
    the school's letter but not both, and goes into the programme report only. A school's
    action plan goes into that school's report only.
    """
    rows: list[dict[str, str]] = []
    strands = prepared.strands
    if "quotations" in strands and "interviewees" in strands:
        people = strands["interviewees"].set_index("source_id")
        for quotation in strands["quotations"].itertuples():
            speaker = people.loc[quotation.source_id]
            if speaker["consent_to_quote"] != "yes":
                continue
            if quotation.attribution == "role":
                shown = ROLE_WORDS[speaker["role"]]
            else:
                shown = f"Member of staff, School {prepared.schools.loc[speaker['school'], 'letter']}"
            rows.append(
                {
                    "unit": COHORT,
                    "kind": "quotation",
                    "key": str(quotation.quotation_id),
                    "section": str(quotation.section),
                    "text": str(quotation.text),
                    "attribution": shown,
                }
            )
    for plan in _latest_reviews(strands.get("action_plans")).itertuples():
        rows.append(
            {
                "unit": str(plan.school),
                "kind": "plan",
                "key": str(plan.aim_code),
                "section": str(plan.state),
                "text": str(plan.aim),
                "attribution": str(getattr(plan, "responsible_role", "")),
            }
        )
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype("str")


def _latest_reviews(plans: pd.DataFrame | None) -> pd.DataFrame:
    if plans is None:
        return pd.DataFrame()
    return plans.sort_values(["plan_id", "aim_code", "review"], kind="stable").drop_duplicates(
        ["plan_id", "aim_code"], keep="last"
    )
