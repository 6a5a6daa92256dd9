"""Reports are signed, attacked and put on record as published."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import pipeline, releasing, texts, whole
from analysis import prepare as preparing
from analysis.disclosure import counted, register, store
from analysis.errors import AnalystError
from analysis.places import project_root
from analysis.prepare.respondents import read_or_make_key
from analysis.present.page import kept_open
from analysis.publish import attacked, authored, publishing, rendering, signing
from analysis.publish.signing import APPROVED, CHECKED
from analysis.publish.unit import UnitTask
from analysis.study import Study, key_folder


def sign(
    study: Study,
    units: Sequence[str],
    checked_by: str,
    approved_by: str,
    date: dt.date,
    jobs: int = 2,
) -> dict[str, signing.State]:
    """Sign reports as checked, approved or both (:mod:`analysis.publish.signing`); where each stands.

    The pages of those that are approved, and their packs, are made again without the mark of a draft.

    Raises
    ------
    AnalystError
        If one of them may not leave, is not up to date, or is to be approved and nobody has checked
        it. Nothing is signed then.
    """
    pipeline.check(study, units)
    _signed(study, _ready(study, units), checked_by, approved_by, date, jobs)
    return states(study, units)


def states(study: Study, units: Sequence[str] = ()) -> dict[str, signing.State]:
    """Where reports stand, by unit; of all units, if none are named."""
    site = rendering.site(project_root(study.folder))
    return signing.states(study, site, units or store.units(preparing.schools.read(study)))


def _signed(
    study: Study,
    made: publishing.Ready,
    checked_by: str,
    approved_by: str,
    date: dt.date,
    jobs: int,
) -> None:
    contents = {unit: str(places[0][1]["content"]) for unit, places in made.items()}
    signing.sign(study, contents, checked_by, approved_by, date)
    # Each again as it was made before.
    how: dict[tuple[Any, ...], list[str]] = {}
    for unit, places in made.items():
        if any(found["draft"] for _, found in places) and approved_by:
            was = places[0][1]["parameters"]
            key = (tuple(was["formats"]), was["renderer"], was["engine"])
            how.setdefault(key, []).append(unit)
    for (formats, renderer, engine), units in how.items():
        for error in pipeline.render(
            study, units, formats, renderer, jobs, engine=engine
        ).failed.values():
            raise error
    site = rendering.site(project_root(study.folder))
    packed = [unit for unit in made if rendering.pack(site, study, unit).is_dir()]
    if packed and approved_by:
        from analysis.publish import packs

        packs.of_units(study, packed)


def _ready(study: Study, units: Sequence[str]) -> publishing.Ready:
    """Reports that are whole, unchanged and up to date: see :func:`publishing.ready`."""
    if not releasing.is_released(study):
        raise AnalystError(
            "The exports, the study or the code have changed since the reports were made.",
            where=str(study.folder),
            fix="Make them again: drp render.",
        )
    root = project_root(study.folder)

    def up_to_date(unit: str, made: dict[str, Any]) -> bool:
        how = made["parameters"]
        task = UnitTask(study, root, tuple(how["formats"]), how["renderer"], how["engine"])
        with kept_open():
            return not task.reasons(task.open(unit))

    return publishing.ready(study, rendering.site(root), units, up_to_date)


def attack(study: Study) -> tuple[pd.DataFrame, Path]:
    """Attack the reports made last, all together, and with what was published earlier: see
    :func:`attacked.attack`."""
    editions, now = releasing.editions(study, preparing.prepare(study, key_folder(study)))
    return attacked.attack(study, store.units(whole.schools(study)), editions, now)


def publish(study: Study, approved_by: str, date: dt.date, jobs: int = 2) -> publishing.Approved:
    """Check and attack the reports of the study's edition, and put them on record as published.

    Reports that nobody has approved yet are approved by who approves the edition.

    Raises
    ------
    AnalystError
        If they may not leave: see :func:`check`, :func:`publishing.ready` and
        :func:`attacked.attack`.
    """
    pipeline.check(study)
    units = store.units(preparing.schools.read(study))
    made = _ready(study, units)
    prepared = preparing.prepare(study, key_folder(study))
    key = read_or_make_key(key_folder(study))
    editions, now = register.published(study, key), counted.counted(prepared, key)
    audit, _ = attacked.attack(study, units, editions, now)
    stands = {unit: each.state for unit, each in states(study, units).items()}
    if rest := {unit: made[unit] for unit in units if stands[unit] != APPROVED}:
        unchecked = {unit: each for unit, each in rest.items() if stands[unit] != CHECKED}
        _signed(study, unchecked, approved_by, "", date, jobs)
        _signed(study, rest, "", approved_by, date, jobs)
        made = _ready(study, units)
    done = publishing.publish(study, made, approved_by, date, audit, editions, now, key)
    # What is on record now changes nothing of the release that was just put there.
    releasing.record(study).made((store.processed(study) / "released").iterdir())
    shown = texts.looked_at(study)
    authored.note(study, shown, [text.name for text in shown if text.state != authored.MISSING])
    return done
