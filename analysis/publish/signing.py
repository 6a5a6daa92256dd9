"""Who has looked through a report, and who has approved it: kept in the register, report by report.

A signature is given to what a report shows: one hash of everything that the renderers are handed
(:func:`analysis.publish.stage.content`), which the report's manifest repeats. Whatever changes in the
report, its hash is another, and it is a draft again; nothing needs to be taken back. Every page of a
draft says that it is one. Approving makes the pages again without that mark, from the notebooks that
are there: the renderers are handed all else as before, so no word of what was approved can move.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.disclosure import register
from analysis.errors import AnalystError
from analysis.publish import manifest, rendering
from analysis.results import pair
from analysis.study import Study

FILE = "signed.yaml"
DRAFT, CHECKED, APPROVED = "draft", "checked", "approved"
#: What is signed, in this order.
STEPS = (CHECKED, APPROVED)


@dataclass(frozen=True)
class Signature:
    """Whose, and of which day."""

    by: str
    on: dt.date


@dataclass(frozen=True)
class Signed:
    """What was signed of one report: the hash of what it shows, and by whom at each step."""

    content: str
    steps: Mapping[str, Signature]


@dataclass(frozen=True)
class State:
    """Where one report stands.

    ``state`` is :data:`DRAFT`, :data:`CHECKED` or :data:`APPROVED`, or nothing if it is not made.
    ``signature`` is the last that holds, ``lapsed`` whether one was given to an earlier state of
    the report, ``marked`` whether its pages say that it is a draft, and ``changed`` how its
    folder differs from its manifest.
    """

    unit: str
    state: str
    signature: Signature | None = None
    lapsed: bool = False
    marked: bool = True
    changed: tuple[str, ...] = ()

    def words(self) -> str:
        """The state for an analyst."""
        if not self.state:
            return "not made"
        said = self.state
        if self.signature:
            said += f" by {self.signature.by} on {self.signature.on.isoformat()}"
        if self.lapsed:
            said += ", changed since it was signed"
        if self.changed:
            said += f"; not as it was made: {self.changed[0]}"
        return said


def _waves(study: Study) -> str:
    return pair(study.baseline, study.followup)


def _whole(found: dict[str, Any]) -> None:
    for entries in found.values():
        for entry in entries.values():
            entry["content"]
            [_date(entry[step]["date"]) for step in STEPS if step in entry]


SIGNED = register.Noted(
    FILE,
    _whole,
    "Who signed which report cannot be read.",
    "Restore the file from your backup; without it every report is a draft again.",
)


def signed(study: Study) -> dict[str, Signed]:
    """What is signed of the study's edition and pair of waves, by unit.

    Raises
    ------
    AnalystError
        If the register's file cannot be read.
    """
    return {
        unit: Signed(
            str(entry["content"]),
            {
                step: Signature(str(entry[step]["by"]), _date(entry[step]["date"]))
                for step in STEPS
                if step in entry
            },
        )
        for unit, entry in SIGNED.read(study, study.edition.id).get(_waves(study), {}).items()
    }


def _date(value: object) -> dt.date:
    return value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value))


def approved_content(study: Study, unit: str) -> str:
    """The hash of what was approved of a unit's report; nothing if nothing was."""
    found = signed(study).get(unit)
    return found.content if found and APPROVED in found.steps else ""


def sign(
    study: Study,
    contents: Mapping[str, str],
    checked_by: str = "",
    approved_by: str = "",
    date: dt.date | None = None,
) -> None:
    """Put signatures on record.

    Parameters
    ----------
    contents
        By unit the hash of what its report shows.
    checked_by, approved_by
        Who has looked through them, and who approves. What is approved must have been checked.
    date
        The day; default: today.

    Raises
    ------
    AnalystError
        If reports are to be approved that nobody has checked; nothing is signed then.
    """
    day = date or dt.date.today()
    before = signed(study)
    now: dict[str, Signed] = {}
    for unit, content in contents.items():
        old = before.get(unit)
        steps = dict(old.steps) if old and old.content == content else {}
        if checked_by:
            steps[CHECKED] = Signature(checked_by, day)
        if approved_by:
            steps[APPROVED] = Signature(approved_by, day)
        now[unit] = Signed(content, steps)
    unchecked = [unit for unit, each in now.items() if CHECKED not in each.steps]
    if unchecked:
        raise AnalystError(
            f"Nobody has checked {len(unchecked)} of {len(now)} reports as they are now: "
            f"{', '.join(unchecked[:8])}.",
            where="--approved-by",
            fix="Look through them, and sign with --checked-by as well.",
        )
    kept = SIGNED.read(study, study.edition.id)
    entries = kept.setdefault(_waves(study), {})
    for unit, each in now.items():
        entries[unit] = {"content": each.content} | {
            step: {"by": by.by, "date": by.on.isoformat()} for step, by in each.steps.items()
        }
    SIGNED.write(study, kept, study.edition.id)


def state(study: Study, site: Path, unit: str) -> State:
    """Where a unit's report stands."""
    places = rendering.destinations(site, study, unit)
    if not all(place.is_dir() for place in places):
        return State(unit, "")
    found = [manifest.read(place) for place in places]
    changed = tuple(each for place in places for each in manifest.differences(place))
    contents = {str(each.get("content", "")) for each in found}
    marked = any(each.get("draft", True) for each in found)
    on_record = signed(study).get(unit)
    if on_record is None:
        return State(unit, DRAFT, marked=marked, changed=changed)
    if changed or contents != {on_record.content}:
        return State(unit, DRAFT, lapsed=True, marked=marked, changed=changed)
    step = [name for name in STEPS if name in on_record.steps][-1]
    return State(unit, step, on_record.steps[step], marked=marked)


def states(study: Study, site: Path, units: Iterable[str]) -> dict[str, State]:
    """Where each unit's report stands, by unit."""
    return {unit: state(study, site, unit) for unit in units}
