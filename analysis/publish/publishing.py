"""``drp publish``: the reports of an edition go out, and what was printed in them on record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.disclosure import BANDED, RELEASED, register, store
from analysis.disclosure.counted import Counted
from analysis.disclosure.editions import Published
from analysis.errors import AnalystError
from analysis.publish import attacked, manifest, rendering
from analysis.publish.incremental import content_hash
from analysis.study import Study

#: What a publication is.
FIRST, REPLACEMENT, CORRECTION = "first", "replacement", "correction"


@dataclass(frozen=True)
class Approved:
    """A publication on record: where, what it is, and what it replaces."""

    folder: Path
    kind: str
    replaces: int | None
    numbers: int
    reports: int


def publish(
    study: Study,
    site: Path,
    units: Sequence[str],
    approved_by: str,
    date: dt.date,
    editions: Sequence[Published],
    now: Counted,
    key: bytes,
    up_to_date: Callable[[str, dict[str, Any]], bool],
) -> Approved:
    """Put the study's edition on record as published.

    Parameters
    ----------
    site
        Where reports are.
    units
        Every unit of the study.
    approved_by
        Who approves.
    editions, now, key
        What was published earlier, who is counted now, and the key.
    up_to_date
        Whether a unit's report, with its manifest, is what would be made now.

    Raises
    ------
    AnalystError
        If a report is missing, was changed, or is not made from the present release; or if
        something can be worked out from all of them, or from them and an earlier edition.
    """
    reports = {}
    stale = []
    for unit in units:
        for place in rendering.destinations(site, study, unit):
            if not place.is_dir():
                raise AnalystError(
                    f"The report of {unit} is not there.",
                    where=str(place),
                    fix="Make all reports first: drp render.",
                )
            found = manifest.read(place)
            if changed := manifest.differences(place):
                raise AnalystError(
                    f"The report of {unit} was changed since it was made: {changed[0]}.",
                    where=str(place),
                    fix="Make it again: drp render.",
                )
            if unit not in stale and not up_to_date(unit, found):
                stale.append(unit)
            # The programme's documents lie beside each other; its report goes by the unit's name.
            first = unit not in reports
            reports[unit if first else f"{unit} {place.name}"] = {
                "manifest": content_hash(place / manifest.FILE),
                "share_with": found["share_with"],
            }
    if stale:
        raise AnalystError(
            f"{len(stale)} of {len(units)} reports are not made from the present data, texts and "
            f"code: {', '.join(stale[:8])}.",
            where=str(rendering.edition(site, study)),
            fix="Make them again: drp render.",
        )
    audit, _ = attacked.attack(study, units, editions, now)
    numbers, printed = _printed(study, units)
    before = [each for each in editions if each.edition == study.edition.id]
    same = bool(before) and _same(before[-1].counted, now)
    kind = CORRECTION if same else REPLACEMENT if before else FIRST
    replaces = before[-1].number if before else None
    approval = {
        "schema_version": 1,
        "study": study.id,
        "edition": study.edition.id,
        "waves": [study.baseline, study.followup],
        "approved_by": approved_by,
        "approved_on": date.isoformat(),
        "kind": kind,
        **({"replaces": replaces} if replaces is not None else {}),
        "attacked": {"protected": len(audit), "held": int(audit["held"].sum())},
        "numbers": len(numbers),
        "reports": reports,
    }
    folder = register.write(study, printed, numbers, now, approval, key)
    return Approved(folder, kind, replaces, len(numbers), len(reports))


def _printed(study: Study, units: Sequence[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Every number in the reports as it stands there, and the ledger's rows as printed."""
    processed = store.processed(study)
    by_unit = {unit: list(attacked.shown(study, unit)) for unit in units}
    numbers = pd.DataFrame(
        [
            (unit, part.unit, part.id, part.field, part.text, part.decimals)
            for unit, parts in by_unit.items()
            for part in parts
        ],
        columns=list(register.COLUMNS),
    ).drop_duplicates(ignore_index=True)
    parts = [part for found in by_unit.values() for part in found]
    ledger = pd.read_parquet(processed / "ledger" / "results.parquet")
    printed = attacked.as_printed(ledger, parts)
    words = attacked.words_printed(parts)
    said = [words.get(key, "") for key in zip(printed["unit"], printed["id"], strict=True)]
    printed["band"] = said
    banded = (printed["release"] != RELEASED) & (printed["band"] != "")
    printed.loc[banded, "release"] = BANDED
    return numbers, printed[printed["release"].isin([RELEASED, BANDED])]


def _same(before: Counted, now: Counted) -> bool:
    """Whether just the same people with the same answers are counted."""
    keys = ["person", "wave", "answers"]
    return {name: set(table["person"]) for name, table in before.strands.items()} == {
        name: set(table["person"]) for name, table in now.strands.items()
    } and all(
        set(map(tuple, before.surveys[name][keys].to_numpy()))
        == set(map(tuple, now.surveys[name][keys].to_numpy()))
        if name in before.surveys and name in now.surveys
        else False
        for name in {*before.surveys, *now.surveys}
    )
