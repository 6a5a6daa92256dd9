"""Raw exports into prepared data: every row used, or set aside with a reason and counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import instruments
from analysis.errors import AnalystError, Collected
from analysis.instruments import Instrument
from analysis.prepare import (
    definitions,
    guard,
    outcomes,
    schools,
    strands,
    survey,
    tables,
    wave_dates,
    withdrawn,
)
from analysis.prepare.quality import REASONS, Quality
from analysis.prepare.respondents import read_or_make_key
from analysis.study import Study, Survey, at, load

__all__ = ["REASONS", "Prepared", "Quality", "load_instruments", "prepare"]


@dataclass(frozen=True)
class Prepared:
    """Everything that statistics are computed from.

    ``surveys`` maps a survey's id to its frame (see :func:`analysis.prepare.survey.prepare`);
    ``strands`` maps the name of every other source to its frame; ``quality`` holds the frames
    ``files``, ``aside``, ``missing``, ``flags``, ``links`` and ``findings`` (see
    :class:`analysis.prepare.quality.Quality`). ``units`` are the units that results are wanted
    of; if nothing is given, all. ``wave_dates`` are start and end of every wave in every school
    (:mod:`analysis.prepare.wave_dates`); if nothing is given, those of the study file.
    ``comparison`` holds the surveys and records of schools that did not take part, which are in
    nothing else.
    """

    study: Study
    instruments: dict[str, Instrument]
    schools: pd.DataFrame
    surveys: dict[str, pd.DataFrame]
    strands: dict[str, pd.DataFrame]
    quality: dict[str, pd.DataFrame]
    documents: dict[str, Any] = field(default_factory=dict)
    units: frozenset[str] | None = None
    wave_dates: pd.DataFrame | None = None
    comparison: Prepared | None = None
    #: What several questions make of the same data, made once (:mod:`analysis.statistics.samples`);
    #: nothing in it is written to.
    made: dict[tuple[str, ...], Any] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def without_answers(self) -> Prepared:
        """The same with nothing of a response but its school and wave."""
        surveys = {name: frame[["school", "wave"]] for name, frame in self.surveys.items()}
        apart = self.comparison
        return replace(
            self, surveys=surveys, comparison=None if apart is None else apart.without_answers()
        )

    def wants(self, unit: str) -> bool:
        """Whether results of a unit are wanted."""
        return self.units is None or unit in self.units


def prepare(
    study: Study,
    key_folder: Path,
    *,
    folder: Path | None = None,
    withdrawn_now: frozenset[str] | None = None,
) -> Prepared:
    """Read, check, link and score everything the study file names.

    Parameters
    ----------
    study
        The study.
    key_folder
        Where the key of the respondents' hash is kept (made at first use).
    folder
        Where to write the tables, once they are checked against their schemas; nowhere if not
        given. Surveys go to ``surveys/<id>.parquet``, sorted by school, other sources to
        ``strands/<name>.parquet``, what was counted to ``quality/<name>.csv``. Whatever these
        folders held before is removed first: somebody who has withdrawn stays in none of them.
    withdrawn_now
        Withdrawals to go by in place of the list kept in ``key_folder``.

    Raises
    ------
    AnalystError
        Naming all that is wrong, each with file, row and column
        (:class:`analysis.errors.Mistakes`, if it is more than one thing). No tables are left then.
    """
    if folder:
        tables.remove(folder)
    mistakes = Collected()
    with mistakes.also():
        guard.refuse_unlisted_tracked_files(study)
    with mistakes.also():
        _refuse_early_edition(study)
    loaded, sound = definitions.read(study, mistakes)
    try:
        rows = schools.table(study)
    except AnalystError as error:
        # Nothing else can be read against it, but what is written by hand can be looked at.
        mistakes.add(error)
        with mistakes.also():
            strands.read_documents(study)
        mistakes.raise_any()
        raise
    with mistakes.also():
        schools.check(study, rows)
    table = schools.by_id(rows)
    dates = wave_dates.of_study(study, table)
    with mistakes.also():
        dates = wave_dates.read(study, table)
    key = read_or_make_key(key_folder)
    context = survey.Context(
        study=study,
        instruments=loaded,
        schools=table,
        known_schools=schools.resolver(table),
        wave_dates=dates,
        key=key,
        withdrawals=withdrawn.Withdrawals(
            withdrawn.read(key_folder, key) if withdrawn_now is None else withdrawn_now, key
        ),
    )
    quality = Quality()
    try:
        surveys: dict[str, pd.DataFrame] = {}
        sources: dict[str, pd.DataFrame] = {}
        documents: dict[str, Any] = {}
        for item in study.surveys:
            if item.id in sound:
                with mistakes.also():
                    surveys[item.id] = survey.prepare(context, item, quality)
        with mistakes.also():
            sources, documents = _strands(context, quality)
        mistakes.raise_any()
        counted = quality.frames()
        if folder:
            _write("surveys", surveys, context, folder)
            _write("strands", sources, context, folder)
            _write("quality", counted, context, folder)
    except BaseException:
        if folder:
            tables.remove(folder)
        raise
    whole = Prepared(
        study=study,
        instruments=loaded,
        schools=table,
        surveys=surveys,
        strands=sources,
        quality=counted,
        documents=documents,
        wave_dates=dates,
    )
    return _divided(whole)


def _refuse_early_edition(study: Study) -> None:
    """Stop at an edition of a day before anybody answered at the last wave that it is about.

    A pair of waves that was chosen for one run is no business of the edition's.
    """
    last = study.wave(study.pair_of_waves[-1])
    answered = any(
        export.wave == last.id and study.path(export.file).is_file()
        for survey in study.surveys
        for export in survey.exports
    )
    if study.edition.date >= last.start or not answered:
        return
    if load(study.folder).pair_of_waves[-1] != last.id:
        return
    raise AnalystError(
        f"The edition '{study.edition.id}' is of {study.edition.date}, and its latest wave, "
        f"{last.id}, began on {last.start}.",
        where=at(study.path("study.yaml"), "edition.date"),
        fix="Correct one of the two dates; or begin the next edition (drp edition new), or name an "
        "earlier wave as 'followup'.",
    )


def _divided(whole: Prepared) -> Prepared:
    """The study of the schools that take part, with the others' surveys and records beside it."""
    taking, others = schools.divided(whole.study, whole.schools)
    if others.empty:
        return whole

    def of(table: pd.DataFrame, frames: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
        """Rows about some schools, and those about none."""
        known = {*table["id"]} | ({""} if table is taking else set())
        return {
            name: frame[frame["school"].isin(known)].reset_index(drop=True)
            if "school" in frame
            else frame
            for name, frame in frames.items()
        }

    records = {k: v for k, v in whole.strands.items() if k == "outcomes"}
    apart = replace(
        whole, schools=others, surveys=of(others, whole.surveys), strands=of(others, records),
        quality={},
    )  # fmt: skip
    return replace(
        whole,
        schools=taking,
        surveys=of(taking, whole.surveys),
        strands=of(taking, whole.strands),
        quality=of(taking, whole.quality),
        comparison=apart,
    )


def _strands(
    context: survey.Context, quality: Quality
) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """The tables of all other sources, and the documents."""
    frames, documents = strands.read(context.study, context.schools, quality, context.withdrawals)
    if "outcomes" in frames:
        frames["outcomes"], frames["outcome_breaks"] = outcomes.defined(
            frames["outcomes"],
            documents.get("outcome_measures"),
            str(context.study.path(str(context.study.file("outcomes")))),
        )
    return frames, documents


def _write(
    kind: str, frames: Mapping[str, pd.DataFrame], context: survey.Context, folder: Path
) -> None:
    """Check tables of one kind against their schemas, and write them."""
    from analysis.prepare import schemas  # pandera takes a second to import

    schemas.check(kind, frames, context)
    tables.write(kind, frames, folder)


def load_instruments(
    study: Study, surveys: Sequence[Survey] | None = None
) -> dict[str, Instrument]:
    """Every instrument that a survey (of some, or any) names, from ``instruments/<id>.yaml``."""
    asked = study.surveys if surveys is None else surveys
    names = [name for item in asked for name in item.instruments]
    return {name: instruments.load(study.path(f"instruments/{name}.yaml")) for name in names}
