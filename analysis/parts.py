"""Parts of a prepared study: what some questions look at, and nothing else.

The data of a part are cut apart before anything is computed from them (:meth:`Data.of`), the study
file with them: of one survey and one of its instruments, of some waves, of some schools. So a number
cannot rest on what was not looked at for changes (:meth:`Data.prints`); and what is said of one wave
stays as it is whatever is answered at another, or when there is a new one.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyarrow.parquet import ParquetFile, read_schema

from analysis.places import inside
from analysis.prepare import Prepared, linking
from analysis.questions import Beside
from analysis.statistics.samples import attributes
from analysis.study import Edition, Study, Survey

#: Columns of a survey's table that no result rests on: a row more in a file moves those below.
PLACES = ("row", "source.file")
#: Which of somebody's codes a row has. Of what marks a response, only this is looked at.
LINKS = {linking.WRITTEN, linking.COMPARED}
#: Of an edition nothing is computed.
NO_EDITION = Edition.model_construct(id="", date=dt.date.min, term="")


@dataclass(frozen=True)
class Part:
    """What of a source is looked at.

    Of a survey: its ``waves``, an ``instrument`` (or, if there is none, all), these ``schools`` (or
    all), answers to ``items`` or only scores, and what is looked at ``beside`` it.
    """

    source: str
    waves: tuple[str, ...] = ()
    instrument: str = ""
    schools: tuple[str, ...] = ()
    items: bool = True
    beside: frozenset[Beside] = frozenset()


@dataclass
class Data:
    """What parts are cut from.

    Parameters
    ----------
    prepared
        The study. Without the surveys' tables, if ``folder`` is given.
    folder
        The processed folder, from which each reads what it needs.
    """

    prepared: Prepared
    folder: Path | None = None
    #: The part that was asked for last: its questions follow each other.
    _last: tuple[Any, Prepared | None] = field(default=(None, None), repr=False)

    def of(self, part: Part, units: frozenset[str] | None = None) -> Prepared:
        """The data of a part, and nothing else; ``units`` are whom results are wanted of."""
        if self._last[0] != (part, units):
            self._last = (None, None)  # before the next is read: there is room for one
            found = self._beside(part)
            apart, theirs = found.comparison, self.prepared.comparison
            if apart is not None and theirs is not None:
                found = replace(found, comparison=self._with_answers(apart, theirs, part))
            found = replace(self._with_answers(found, self.prepared, part), units=units)
            self._last = ((part, units), found)
        assert self._last[1] is not None
        return self._last[1]

    def travelling(self, folder: Path) -> Data:
        """The same for workers, who read the surveys' tables themselves."""
        apart = self.prepared.comparison
        if apart is not None:
            apart = replace(apart, surveys={})
        return Data(replace(self.prepared, surveys={}, comparison=apart), folder)

    def prints(self, parts: Collection[Part]) -> dict[Part, str]:
        """A hash of what each part holds."""
        prints = {part: _print(self._beside(part)) for part in parts}
        for survey in self.prepared.study.surveys:
            of_survey = {part: prints[part] for part in parts if part.source == survey.id}
            _add_answers(of_survey, self.prepared, survey)
            if self.prepared.comparison is not None:
                comparing = {p: each for p, each in of_survey.items() if "comparison" in p.beside}
                _add_answers(comparing, self.prepared.comparison, survey)
        return {part: each.hexdigest()[:20] for part, each in prints.items()}

    def _beside(self, part: Part) -> Prepared:
        """What a part holds but answers to surveys."""
        prepared, source = self.prepared, part.source
        study = _of_part(prepared.study, part)
        strands, documents, apart = prepared.strands, prepared.documents, prepared.comparison
        if apart is not None:
            apart = replace(apart, study=study, schools=_schools(apart, study, part), surveys={})
        nothing = replace(
            prepared, study=study, schools=_schools(prepared, study, part), surveys={}, strands={},
            quality={}, documents={}, comparison=None,
        )  # fmt: skip
        if source == "others":
            return replace(nothing, strands=strands, documents=documents)
        if source == "quality":
            return replace(nothing, quality=prepared.quality)
        if source == "outcomes":
            return replace(
                nothing,
                strands={k: strands[k] for k in ("outcomes", "outcome_national") if k in strands},
                documents={k: v for k, v in documents.items() if k == "outcome_measures"},
                comparison=apart,
            )
        found = replace(
            nothing,
            instruments={n: prepared.instruments[n] for n in study.surveys[0].instruments},
            strands={k: rows for k, rows in strands.items() if k in part.beside},
            wave_dates=prepared.wave_dates if "wave_dates" in part.beside else None,
        )
        if apart is not None and "comparison" in part.beside:
            found = replace(found, comparison=replace(apart, strands={}))
        return found

    def _with_answers(self, found: Prepared, of: Prepared, part: Part) -> Prepared:
        """What is found of a part, with the answers to its survey if it is of one."""
        if not part.waves:
            return found
        if self.folder is None:
            whole = of.surveys[part.source]
            frame = whole[_columns(of, part, list(whole.columns))]
            there = _rows(frame, part)
            if len(there) < len(frame):
                frame = frame.take(there).reset_index(drop=True)
        else:
            path = inside(self.folder, "surveys", f"{part.source}.parquet")
            frame = _read(path, of, part)
        found = replace(found, surveys={part.source: frame})
        # Nobody was asked at these waves, whoever was at another.
        unsaid = [c for c in attributes(found, found.study.surveys[0]) if frame[c].isna().all()]
        return (
            replace(found, surveys={part.source: frame.drop(columns=unsaid)}) if unsaid else found
        )


def _read(path: Path, of: Prepared, part: Part) -> pd.DataFrame:
    """A part's rows of a survey's file.

    Of everybody column by column: all at once, what they are made from would be there a second time.
    """
    columns = _columns(of, part, list(read_schema(path).names))
    wanted = {"school": part.schools or tuple(map(str, of.schools["id"])), "wave": part.waves}
    if part.schools:
        filters = [(name, "in", values) for name, values in wanted.items()]
        return pd.read_parquet(path, columns=columns, filters=filters)
    file = ParquetFile(path)

    def column(name: str) -> pd.Series:
        return file.read([name], use_threads=False).to_pandas()[name]

    there = np.flatnonzero(
        np.logical_and.reduce([column(name).isin(each) for name, each in wanted.items()])
    )
    found = {}
    for name in columns:
        found[name] = column(name)
        if len(there) < file.metadata.num_rows:
            found[name] = found[name].take(there).reset_index(drop=True)
    return pd.DataFrame(found, copy=False)


def _of_part(study: Study, part: Part) -> Study:
    """The study as if it had only what a part holds: one survey, some waves, no edition."""
    if part.source in ("others", "quality"):
        return study.model_copy(update={"edition": NO_EDITION})
    waves = tuple(wave for wave in study.waves if wave.id in part.waves)
    surveys = tuple(
        survey.model_copy(
            update={
                "instruments": (part.instrument,) if part.instrument else survey.instruments,
                "exports": (),
                "invited": {k: v for k, v in survey.invited.items() if k in part.waves},
            }
        )
        for survey in study.surveys
        if survey.id == part.source
    )
    groups = tuple(
        group.model_copy(
            update={"by_wave": {k: v for k, v in group.by_wave.items() if k in part.waves}}
        )
        for group in study.groups
    )
    first, last = (part.waves[0], part.waves[-1]) if part.waves else ("", "")
    return study.model_copy(
        update={
            "edition": NO_EDITION,
            "waves": waves,
            "baseline": study.baseline if study.baseline in part.waves else first,
            "followup": study.followup if study.followup in part.waves else last,
            "groups": groups,
            "surveys": surveys,
        }
    )


def _schools(of: Prepared, study: Study, part: Part) -> pd.DataFrame:
    """The schools of a part, without what is only known of other waves or surveys."""
    others = _of_waves(of.study) - _of_waves(study)
    schools = of.schools.drop(columns=others, errors="ignore")
    if part.schools:
        schools = schools[schools["id"].isin(part.schools)].reset_index(drop=True)
    return schools


def _of_waves(study: Study) -> set[str]:
    """Columns of the schools table that are about one wave."""
    named = [*(each.by_wave for each in study.groups), *(each.invited for each in study.surveys)]
    return {column for each in named for column in each.values()}


def _rows(frame: pd.DataFrame, part: Part) -> NDArray[np.intp]:
    """Places of a part's rows in a survey's table."""
    there = frame["wave"].isin(part.waves)
    if part.schools:
        there &= frame["school"].isin(part.schools)
    return np.flatnonzero(there.to_numpy())


def _columns(of: Prepared, part: Part, columns: list[str]) -> list[str]:
    """Those of a survey's columns that a part holds.

    That is no other instrument's answers or scores; and no answers, where only scores are asked
    for: of everybody's, they are most of what there is.
    """
    survey = of.study.survey(part.source)
    others = [name for name in survey.instruments if part.instrument not in ("", name)]
    left_out = others if part.items else survey.instruments
    unused = {item.code for name in left_out for item in of.instruments[name].items}
    unused |= {name for name in columns if name.startswith("flag.")} | {*PLACES}
    unused -= LINKS if "links" in part.beside else set()
    scores = tuple(f"{name}." for name in others)
    return [each for each in columns if each not in unused and not each.startswith(scores)]


def _print(found: Prepared) -> hashlib._Hash:
    """A hash of what a part holds but answers to surveys."""
    known = [found.study.model_dump_json()]
    for name, each in sorted(found.instruments.items()):
        # Of a score that is looked up, the table lies beside the instrument's file.
        known += [name, each.model_dump_json(), repr([each.score_limits(s) for s in each.scores])]
    tables = {"schools": found.schools, **found.strands, **found.quality}
    if found.wave_dates is not None:
        tables["wave_dates"] = found.wave_dates.reset_index()
    if found.comparison is not None:
        apart = {"schools": found.comparison.schools, **found.comparison.strands}
        tables |= {f"comparison {name}": each for name, each in apart.items()}
    content = hashlib.sha256(repr([*known, found.documents]).encode())
    for name, frame in sorted(tables.items()):
        content.update(repr((name, list(frame.columns))).encode())
        content.update(pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes())
    return content


def _add_answers(prints: Mapping[Part, hashlib._Hash], of: Prepared, survey: Survey) -> None:
    """Add what parts hold of a survey's table, column by column: no part is cut out for it."""
    frame = of.surveys[survey.id]
    keys = frame[["wave", "school"]].astype("category")
    looking = [
        (content, _rows(keys, part), {*_columns(of, part, list(frame.columns))})
        for part, content in prints.items()
    ]
    described = {*attributes(of, survey)}
    for name, column in frame.items():
        hashed = pd.util.hash_pandas_object(column, index=False).to_numpy()
        said = column.notna().to_numpy()
        for content, rows, columns in looking:
            if name in columns and (name not in described or said[rows].any()):
                content.update(repr((name, str(column.dtype))).encode())
                content.update(hashed[rows].tobytes())
