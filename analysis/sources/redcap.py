"""REDCap CSV: one heading row, as variables' names ("raw") or as words ("labels").

A project may hold several events (waves) and repeated instruments in one file; each form adds
``<form>_timestamp`` and ``<form>_complete``.
"""

from __future__ import annotations

import re

import pandas as pd

from analysis.errors import AnalystError
from analysis.sources.grid import Grid
from analysis.sources.layout import Layout
from analysis.sources.wording import normalised

#: Columns that REDCap adds, as variables and in words.
OWN = frozenset(
    {
        "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance",
        "redcap_data_access_group", "redcap_survey_identifier", "event name",
        "repeat instrument", "repeat instance", "data access group", "survey identifier",
    }
)  # fmt: skip
EVENT = frozenset({"redcap_event_name", "event name"})
#: Who was invited: an e-mail address, as a rule.
PERSONAL = frozenset({"redcap_survey_identifier", "survey identifier"})
COMPLETE = re.compile(r"[a-z0-9_]+_complete")
#: In an event's name ("baseline_arm_1") or label ("Baseline (Arm 1: Pupils)"), its arm.
ARM = re.compile(r"_arm_(\w+)$|\(arm (\w+)", re.IGNORECASE)
DICTIONARY = "variable / field name"


def occasions(names: pd.Series) -> dict[str, list[str]]:
    """The events among some rows, by the arm of the project (a group of people) that they are of."""
    found: dict[str, list[str]] = {}
    for name in sorted(set(names) - {""}):
        arm = ARM.search(name)
        found.setdefault((arm[1] or arm[2]) if arm else "", []).append(name)
    return found


def layout(grid: Grid) -> Layout | None:
    """The layout, if a column is one of REDCap's own.

    These are ``redcap_…``; or, where the first column is ``record_id`` (in words: Record ID), a
    form's ``…_complete`` (in words: Complete?).

    Raises
    ------
    AnalystError
        If the file is a data dictionary, which holds no responses.
    """
    head = grid.head(1)
    if not head:
        return None
    found = [normalised(cell) for cell in head[0]]
    if found[0].strip('"') == DICTIONARY:
        raise AnalystError(
            f"{grid.path.name} is REDCap's data dictionary, and holds no responses.",
            where=grid.where,
            fix="Give it to 'drp map' with --dictionary, beside the responses.",
        )
    own = OWN & set(found)
    complete = any(COMPLETE.fullmatch(name) or name == "complete?" for name in found[1:])
    if not own and not (complete and found[0] in ("record_id", "record id")):
        return None
    notes = []
    for place, name in enumerate(found):
        if name in EVENT:
            events = [text for text in grid.cells.iloc[1:, place].unique() if text.strip()]
            if len(events) > 1:
                notes.append(
                    f"it holds {len(events)} events ({', '.join(sorted(events)[:6])}): if they "
                    "are waves, export each event by itself"
                )
    return Layout(
        names=head[0],
        questions=head[0],
        header_rows=1,
        personal=PERSONAL,
        notes=tuple(notes),
    )
