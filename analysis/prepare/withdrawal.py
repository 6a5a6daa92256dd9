"""One person's withdrawal: out of everything processed, now and at every later run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from analysis.errors import AnalystError
from analysis.prepare import Prepared, prepare, tables, withdrawn
from analysis.prepare.respondents import comparable, read_or_make_key
from analysis.study import Study


def withdraw(
    study: Study,
    code: str,
    key_folder: Path,
    processed: Path,
    *,
    survey: str = "",
    school: str = "",
    seen: Callable[[Prepared, Prepared, bytes], None] | None = None,
) -> pd.DataFrame:
    """Withdraw a respondent (by code) or an interviewee (by source id).

    The code is kept as a keyed hash in ``key_folder/withdrawn``, outside git, and nowhere
    else. Tables that earlier runs wrote below ``processed`` are removed, so that the next run
    makes them without this person.

    Parameters
    ----------
    study
        The study.
    code
        The code as the person knows it; case, spaces, punctuation and O or 0 do not matter.
    key_folder, processed
        Where the key is, and where prepared tables are.
    survey, school
        Only in this survey (or strand), or school, where several people may share a code.
    seen
        Called with what is prepared with the person and without, and the key, once it is sure
        who is meant, and before the withdrawal is on record.

    Returns
    -------
    pandas.DataFrame
        ``file`` and ``rows``: where responses of this person are now set aside. The code is not
        in it.

    Raises
    ------
    AnalystError
        If the code is empty, no response has it, responses of different schools at one wave
        have it and no school is given, or several people of one school do. Nothing is changed
        then.
    """
    if not comparable(code):
        raise AnalystError(
            "The code is empty.",
            where="drp withdraw CODE",
            fix="Give the code that the person made up.",
        )
    before = prepare(study, key_folder)
    key = read_or_make_key(key_folder)
    hashed = withdrawn.entry(code, key, survey or withdrawn.ANY, school or withdrawn.ANY)
    listed = withdrawn.read(key_folder, key)
    after = prepare(study, key_folder, withdrawn_now=listed | {hashed})
    rows = after.quality["files"]["withdrawn"] - before.quality["files"]["withdrawn"]
    found = pd.DataFrame({"file": after.quality["files"]["file"], "rows": rows})
    found = found[found["rows"] > 0].reset_index(drop=True)
    if found.empty:
        raise AnalystError(
            "No response that is used has this code.",
            where=str(study.folder),
            fix="Check the code, and the survey and school if given; "
            "somebody already withdrawn, or set aside for another reason, needs nothing.",
        )
    _refuse_several_people(before.surveys, after.surveys, school)
    if seen is not None:
        seen(before, after, key)
    withdrawn.add(key_folder, hashed, key)
    tables.remove(processed)
    return found


def _refuse_several_people(
    before: dict[str, pd.DataFrame], after: dict[str, pd.DataFrame], school: str
) -> None:
    for name, frame in before.items():
        kept = after[name][["source.file", "row"]].assign(kept=True)
        found = frame.merge(kept, on=["source.file", "row"], how="left")
        gone = found[found["kept"].isna()].groupby("wave")
        if not school and (gone["school"].nunique() > 1).any():
            raise AnalystError(
                "People of several schools have this code at one wave.",
                where=f"survey {name}",
                fix="Say which school the person who withdraws belongs to (--school).",
            )
        if (gone["respondent"].nunique() > 1).any():
            raise AnalystError(
                "Several people of one school have this code at one wave.",
                where=f"survey {name}",
                fix="The code does not say who withdraws: delete that person's rows in the survey "
                "tool, and export again.",
            )
