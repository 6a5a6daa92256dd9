"""How far a wave is while it runs: who has answered in each school, and what a school still needs.

Counts only, for those who run the survey; nothing of it is released.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from analysis import instruments
from analysis.errors import AnalystError, Collected
from analysis.prepare import definitions, linking, schools, survey, wave_dates, withdrawn
from analysis.prepare.respondents import read_or_make_key
from analysis.study import Study, Survey, at

COLUMNS = (
    "school", "name", "invited", "answered", "complete", "last_wave_invited", "last_wave_answered",
    "last_day", "still_needed", "matched", "still_needed_for_change",
)  # fmt: skip


def wave_running(study: Study, asked: Survey, wave: str = "") -> str:
    """The wave to look at: the one named, or the last that has a file.

    Raises
    ------
    AnalystError
        If it is not the study's, or no file of it (of any wave) is there yet.
    """
    if wave and wave not in study.wave_ids:
        raise AnalystError(
            f"'{wave}' is no wave of this study.",
            where="--wave",
            fix=f"Use {' or '.join(study.wave_ids)}.",
        )
    there = {each.wave for each in asked.exports if study.path(each.file).is_file()}
    running = [each for each in study.wave_ids if each in there and wave in ("", each)]
    if not running:
        named = [each.file for each in asked.exports if wave in ("", each.wave)]
        if named:
            raise AnalystError(
                f"Of the {asked.label} no file is there yet that study.yaml names"
                f"{f' for {wave}' if wave else ''}: {', '.join(named)}.",
                where=str(study.folder),
                fix="Export what has been answered so far, and put it there under that name.",
            )
        raise AnalystError(
            f"The {asked.label} has no export{f' of {wave}' if wave else ''} yet.",
            where=at(study.path("study.yaml"), f"surveys.{asked.id}.exports"),
            fix="Export what has been answered so far, put the file into the study folder, and name "
            "it there.",
        )
    return running[-1]


def response(study: Study, asked: Survey, wave: str, key_folder: Path) -> pd.DataFrame:
    """How many have answered in each school, against the wave before, and how many are needed.

    Parameters
    ----------
    study, asked
        The study and one of its surveys.
    wave
        As :func:`wave_running` gives it.
    key_folder
        Where the key of withdrawals is kept.

    Returns
    -------
    pandas.DataFrame
        One row per school, with :data:`COLUMNS`, all counts of people. ``answered`` are those
        whose response is used, ``complete`` those of them with a score of the survey's headline
        (of another instrument, where a wave does not ask that one), ``matched`` those complete at
        both waves; ``last_day`` is when the last of them answered. What is still needed is what
        is missing to the population's minimum; release may withhold results of more. Missing
        where there is nothing to say.

    Raises
    ------
    AnalystError
        If a file is wrong: as :func:`analysis.prepare.prepare` does.
    """
    context = _context(study, asked, key_folder)
    before = next(
        (each for each in reversed(study.wave_ids[: study.wave_ids.index(wave)])
         if any(e.wave == each and study.path(e.file).is_file() for e in asked.exports)),
        "",
    )  # fmt: skip
    exports = [
        each
        for each in asked.exports
        if each.wave in (before, wave) and study.path(each.file).is_file()
    ]
    frame = survey.used(context, asked, exports)
    frame["complete"] = False
    for each in (before, wave):
        rows = frame["wave"] == each
        frame.loc[rows, "complete"] = _complete(context, asked, each, frame[rows])
    now = frame[frame["wave"] == wave]
    found = pd.DataFrame(index=context.schools.index)
    found["school"] = context.schools["id"]
    found["name"] = context.schools["name"]
    found["invited"] = _invited(context, asked, wave)
    found["answered"] = now.groupby("school").size()
    found["complete"] = now.groupby("school")["complete"].sum()
    found["last_wave_invited"] = _invited(context, asked, before)
    found["last_wave_answered"] = (
        frame[frame["wave"] == before].groupby("school").size() if before else None
    )
    found["last_day"] = now.groupby("school")["submitted"].max().dt.date
    counts = ["answered", "complete", *(["last_wave_answered"] if before else [])]
    found[counts] = found[counts].fillna(0).astype("int64")
    minimum = study.asked(asked).minimum
    found["still_needed"] = (minimum - found["complete"]).clip(lower=0)
    found["matched"] = _matched(frame, asked, before, wave) if before else None
    if before:
        found["matched"] = found["matched"].fillna(0).astype("int64")
        found["still_needed_for_change"] = (minimum - found["matched"]).clip(lower=0)
    # Whom nobody asks needs nothing.
    asked_nobody = (found["invited"] == 0) & (found["answered"] == 0)
    for column in found.columns.intersection(["still_needed", "still_needed_for_change"]):
        found[column] = found[column].mask(asked_nobody)
    return found.reindex(columns=COLUMNS).reset_index(drop=True)


def _context(study: Study, asked: Survey, key_folder: Path) -> survey.Context:
    """What the survey's files are read against, checked as before any other reading."""
    mistakes = Collected()
    loaded, sound = definitions.read(study, mistakes)
    if asked.id not in sound:
        # What is wrong with other surveys does not matter yet.
        mistakes.raise_any()
    rows = schools.table(study)
    schools.check(study, rows)
    table = schools.by_id(rows)
    key = read_or_make_key(key_folder)
    return survey.Context(
        study=study,
        instruments=loaded,
        schools=table,
        known_schools=schools.resolver(table),
        wave_dates=wave_dates.read(study, table),
        key=key,
        withdrawals=withdrawn.Withdrawals(withdrawn.read(key_folder, key), key),
    )


def _complete(context: survey.Context, asked: Survey, wave: str, frame: pd.DataFrame) -> pd.Series:
    """Whether each response has the score that counts as complete at a wave."""
    there = {name for each in asked.exports if each.wave == wave for name in asked.asks(each)}
    name, score = asked.headline.split(".")
    if there and name not in there:
        name = next(each for each in asked.instruments if each in there)
        score = context.instruments[name].scores[0]
    return instruments.score(context.instruments[name], frame)[f"{name}.{score}"].notna()


def _invited(context: survey.Context, asked: Survey, wave: str) -> pd.Series | None:
    column = asked.invited.get(wave)
    return context.schools[column] if column else None


def _matched(frame: pd.DataFrame, asked: Survey, before: str, wave: str) -> pd.Series:
    """By school at ``wave``, how many of those complete then were complete ``before`` as well."""
    rows = frame[["school", "code", "plain", *asked.rules.must_agree]].assign(
        wave=(frame["wave"] == wave).astype("int64")
    )
    person = linking.persons(rows, asked.rules)["person"].to_numpy()
    complete = frame.assign(person=person)[frame["complete"].to_numpy()]
    earlier = complete.loc[complete["wave"] == before, "person"]
    both = complete[(complete["wave"] == wave) & complete["person"].isin(earlier)]
    return both.groupby("school").size()
