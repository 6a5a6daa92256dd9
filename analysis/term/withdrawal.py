"""Somebody withdraws: from everything processed, and from who was counted in what was published."""

from __future__ import annotations

import shutil

import pandas as pd

from analysis.disclosure import counted, register, store
from analysis.places import inside
from analysis.prepare import Prepared, withdrawal
from analysis.publish import incremental
from analysis.study import Study, key_folder


def withdraw(
    study: Study, code: str, survey: str = "", school: str = ""
) -> tuple[pd.DataFrame, dict[str, list[str]]]:
    """Remove one person from everything processed: see :func:`withdrawal.withdraw`.

    Results and executed notebooks still count that person, so they go altogether. From who was
    counted in what was published the person is erased; returned beside the files are, by
    publication, the reports that are to be replaced (:func:`analysis.disclosure.register.withdraw`).
    """
    processed = store.processed(study)
    again: dict[str, list[str]] = {}

    def erase(before: Prepared, after: Prepared, key: bytes) -> None:
        again.update(register.withdraw(study, counted.withdrawn(before, after, key)))

    found = withdrawal.withdraw(
        study, code, key_folder(study), processed, survey=survey, school=school, seen=erase
    )
    for name in (
        "computed",
        "ledger",
        "released",
        "notebooks",
        "languages",
        "packs",
        "projects",
        incremental.STATE,
    ):
        shutil.rmtree(inside(processed, name), ignore_errors=True)
    return found, again
