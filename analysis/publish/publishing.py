"""``drp publish``: the reports of an edition go out, and what was printed in them on record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.disclosure import BANDED, RELEASED, register, store
from analysis.disclosure.changes import Finding
from analysis.disclosure.counted import Counted
from analysis.disclosure.editions import Published
from analysis.errors import AnalystError
from analysis.present import open_page, since
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


#: Of a unit's report, its folders with the manifest of each.
Ready = dict[str, list[tuple[Path, dict[str, Any]]]]


def ready(
    study: Study,
    site: Path,
    units: Sequence[str],
    up_to_date: Callable[[str, dict[str, Any]], bool],
) -> Ready:
    """Reports that are whole, as they were made, and made from what is there now.

    Parameters
    ----------
    site
        Where reports are.
    units
        Whose.
    up_to_date
        Whether a unit's report, with its manifest, is what would be made now.

    Raises
    ------
    AnalystError
        If a report is missing, was changed, or is not made from the present release.
    """
    reports: Ready = {}
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
            reports.setdefault(unit, []).append((place, found))
    if stale:
        raise AnalystError(
            f"{len(stale)} of {len(units)} reports are not made from the present data, texts and "
            f"code: {', '.join(stale[:8])}.",
            where=str(rendering.edition(site, study)),
            fix="Make them again: drp render.",
        )
    return reports


def publish(
    study: Study,
    made: Ready,
    approved_by: str,
    date: dt.date,
    audit: pd.DataFrame,
    editions: Sequence[Published],
    now: Counted,
    key: bytes,
) -> Approved:
    """Put the study's edition on record as published.

    Parameters
    ----------
    made
        Every report of the edition: see :func:`ready`.
    approved_by
        Who approves the edition.
    audit
        The attack on the reports (:func:`attacked.attack`).
    editions, now, key
        What was published earlier, who is counted now, and the key.
    """
    units = list(made)
    # The programme's documents lie beside each other; its report goes by the unit's name.
    reports = {
        f"{unit} {place.name}" if which else unit: {
            "manifest": content_hash(place / manifest.FILE),
            "share_with": found["share_with"],
        }
        for unit, places in made.items()
        for which, (place, found) in enumerate(places)
    }
    numbers, printed = _printed(study, units)
    findings = _findings(study, units, numbers)
    before = [each for each in editions if each.edition == study.edition.id]
    same = bool(before) and _same(before[-1].counted, now)
    kind = CORRECTION if same else REPLACEMENT if before else FIRST
    replaces = before[-1].number if before else None
    approval = {
        "schema_version": 1,
        "study": study.id,
        "edition": study.edition.id,
        "edition_date": study.edition.date.isoformat(),
        "term": study.edition.term,
        "waves": [study.baseline, study.followup],
        "approved_by": approved_by,
        "approved_on": date.isoformat(),
        "kind": kind,
        **({"replaces": replaces} if replaces is not None else {}),
        "attacked": {"protected": len(audit), "held": int(audit["held"].sum())},
        "numbers": len(numbers),
        "reports": reports,
        "files": store.files_of(study),
    }
    folder = register.write(study, printed, numbers, findings, now, approval, key)
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


def _findings(study: Study, units: Sequence[str], numbers: pd.DataFrame) -> pd.DataFrame:
    """What each report could name, as it was judged, if its number is printed in it."""
    printed = {
        (report, unit, _without_wave(identity))
        for report, unit, identity in zip(
            numbers["report"], numbers["unit"], numbers["id"], strict=True
        )
    }
    found = []
    for unit in units:
        page = open_page(
            unit, str(study.folder.resolve()), study.edition.id, study.baseline, study.followup
        )
        found += [each for each in since.findings(page) if (unit, unit, each.key) in printed]
    return pd.DataFrame(map(asdict, found), columns=[each.name for each in fields(Finding)])


def _without_wave(identity: str) -> str:
    parts = identity.split(".")
    return ".".join([*parts[:4], *parts[5:]])


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
