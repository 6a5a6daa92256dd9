"""Every statistic of every unit, into the results ledger: in pieces, on one process or on many.

A piece is what is computed of one source by one question for the programme (of a survey, for one of
its instruments), or by all questions of a survey for a block of schools (of each by its own people
alone). It rests on data that are cut
apart before anything is computed from them (:meth:`Data.of`), so that a number cannot rest on what
was not looked at for changes; and it is kept in a file named by the content of these. So what rests
on the same data is not computed again, what was computed before a stop is not lost, and it makes no
difference who computed it: results come from workers as files, in any order, and are sorted.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pyarrow.parquet import ParquetFile, read_schema

from analysis import cluster, questions
from analysis.errors import AnalystError, Collected
from analysis.places import inside
from analysis.prepare import Prepared
from analysis.results import COHORT, COLUMNS, Result, table, together
from analysis.study import Study

if TYPE_CHECKING:
    from distributed import Client

#: Columns of a survey's table that no result rests on: a row more in a file moves those below.
PLACES = ["row", "source.file"]
#: Other tables that results of surveys rest on.
BESIDE_SURVEYS = ("reference_population", "sessions")
#: Schools of which a piece says what rests on each alone.
BLOCK = 25
#: Where pieces are kept, below the processed folder.
KEPT = "computed"
#: The workers to use for so many pieces; nothing where they are to be computed right here.
Workers = Callable[[int], "Client | None"]


@dataclass(frozen=True)
class Piece:
    """Questions asked together of one source.

    ``units`` are whom they are asked about; nothing means everybody. ``data`` is a hash of what
    their answers rest on. ``instrument`` is the one that they are asked about; nothing means all.
    ``items`` says whether they look at answers to items.
    """

    name: str
    source: str
    functions: tuple[str, ...]
    units: frozenset[str] | None
    data: str
    instrument: str = ""
    items: bool = True

    @property
    def of_schools(self) -> bool:
        """Whether it says only what rests on each school alone."""
        return self.units is not None and COHORT not in self.units


@dataclass
class Data:
    """What pieces are computed from.

    Parameters
    ----------
    prepared
        The study. Without the surveys' tables, if ``folder`` is given.
    folder
        The processed folder, from which each reads the schools it needs.
    """

    prepared: Prepared
    folder: Path | None = None
    #: The source that was asked for last: its questions follow each other.
    _last: tuple[Any, Prepared | None] = field(default=(None, None), repr=False)

    def of(self, piece: Piece) -> Prepared:
        """The data of a piece, and nothing else."""
        whom = piece.units if piece.of_schools else piece.units is None
        wanted = (piece.source, piece.instrument, piece.items, whom)
        if self._last[0] != wanted:
            self._last = (None, None)  # before the next is read: there is room for one
            found = replace(self._of_source(piece), units=piece.units)
            self._last = (wanted, found)
        assert self._last[1] is not None
        return self._last[1]

    def travelling(self, folder: Path) -> Data:
        """The same for workers, who read the surveys' tables themselves."""
        apart = self.prepared.comparison
        if apart is not None:
            apart = replace(apart, surveys={})
        return Data(replace(self.prepared, surveys={}, comparison=apart), folder)

    def _of_source(self, piece: Piece) -> Prepared:
        prepared, source = self.prepared, piece.source
        nothing = replace(
            prepared, surveys={}, strands={}, quality={}, documents={}, comparison=None
        )
        strands, documents, apart = prepared.strands, prepared.documents, prepared.comparison
        if source == "others":
            return replace(nothing, strands=strands, documents=documents)
        if source == "quality":
            return replace(nothing, quality=prepared.quality)
        if source == "outcomes":
            return replace(
                nothing,
                strands={k: strands[k] for k in ("outcomes", "outcome_national") if k in strands},
                documents={k: v for k, v in documents.items() if k == "outcome_measures"},
                comparison=None if apart is None else replace(apart, surveys={}),
            )
        found = replace(
            nothing,
            study=_with_one(prepared.study, source, piece.instrument),
            surveys={source: self._table(prepared, piece)},
            strands={k: rows for k, rows in strands.items() if k in BESIDE_SURVEYS},
        )
        if apart is not None and not piece.of_schools:
            theirs = {source: self._table(apart, piece)}
            apart = replace(apart, study=found.study, surveys=theirs, strands={})
            found = replace(found, comparison=apart)
        return found

    def _table(self, of: Prepared, piece: Piece) -> pd.DataFrame:
        """A survey's rows: of a block of schools, or of all there are."""
        schools = sorted(piece.units or ()) if piece.of_schools else sorted(of.schools["id"])
        if self.folder is None:
            frame = of.surveys[piece.source]
            frame = frame[self._columns(piece, list(frame.columns))]
            if not piece.of_schools:
                return frame
            return frame[frame["school"].isin(schools)].reset_index(drop=True)
        path = inside(self.folder, "surveys", f"{piece.source}.parquet")
        if piece.of_schools:
            columns = self._columns(piece, list(read_schema(path).names))
            return pd.read_parquet(path, columns=columns, filters=[("school", "in", schools)])
        return self._everybody(path, piece, schools)

    def _everybody(self, path: Path, piece: Piece, schools: list[str]) -> pd.DataFrame:
        """A survey's rows of all these schools.

        Column by column: all at once, what they are made from would be there a second time.
        """
        file = ParquetFile(path)

        def column(name: str) -> pd.Series:
            return file.read([name], use_threads=False).to_pandas()[name]

        kept = np.flatnonzero(column("school").isin(schools).to_numpy())
        whole = len(kept) == file.metadata.num_rows
        found = {}
        for name in self._columns(piece, file.schema_arrow.names):
            found[name] = column(name)
            if not whole:
                found[name] = found[name].take(kept).reset_index(drop=True)
        return pd.DataFrame(found, copy=False)

    def _columns(self, piece: Piece, columns: list[str]) -> list[str]:
        """Those of a survey's columns that a piece is about.

        That is no other instrument's answers or scores; and no answers, where only scores are asked
        for: of everybody's, they are most of what there is.
        """
        (survey,) = (each for each in self.prepared.study.surveys if each.id == piece.source)
        asked = [piece.instrument] if piece.instrument else survey.instruments
        others = [name for name in survey.instruments if name not in asked]
        left_out = others if piece.items else survey.instruments
        items = {item.code for name in left_out for item in self.prepared.instruments[name].items}
        scores = tuple(f"{name}." for name in others)
        return [each for each in columns if each not in items and not each.startswith(scores)]


def _with_one(study: Study, survey: str, instrument: str) -> Study:
    """The study as if a survey had asked one instrument only."""
    if not instrument:
        return study
    surveys = tuple(
        each.model_copy(update={"instruments": (instrument,)}) if each.id == survey else each
        for each in study.surveys
    )
    return study.model_copy(update={"surveys": surveys})


@dataclass(frozen=True)
class Kept:
    """Where pieces are kept: below the processed ``folder``.

    ``settings`` stands for everything but data that they rest on.
    """

    folder: Path
    settings: str

    def path(self, piece: Piece) -> Path:
        """The file of a piece, by its name and the content of what it rests on."""
        rests = (
            self.settings,
            piece.instrument,
            *piece.functions,
            *sorted(piece.units or ()),
            piece.data,
        )
        content = hashlib.sha256(repr(rests).encode()).hexdigest()[:20]
        return inside(self.folder, KEPT, f"{piece.name}.{content}.parquet")


@dataclass
class Work:
    """What a worker needs to compute pieces, sent to it once."""

    data: Data
    pieces: Mapping[str, Piece]
    kept: Kept

    def do(self, name: str) -> None:
        """Compute a piece, and keep it."""
        piece = self.pieces[name]
        path = self.kept.path(piece)
        temporary = path.with_suffix(f".{os.getpid()}.part")
        _computed(self.data, piece).to_parquet(temporary, index=False)
        temporary.replace(path)


def compute(
    prepared: Prepared,
    kept: Kept | None = None,
    workers: Workers = lambda pieces: None,
    report: Callable[[int, int], None] = lambda done, of: None,
) -> pd.DataFrame:
    """The results ledger of a prepared study: see :mod:`analysis.results` for its columns.

    Parameters
    ----------
    prepared
        The study; with its tables in ``kept.folder``, if that is given.
    kept
        Where pieces are kept, and found again. Without, all are computed here and now.
    workers
        Gives the workers to use (:func:`analysis.cluster.workers`). The result is the same.
    report
        Called with how many of how many pieces are there.

    Raises
    ------
    AnalystError
        Whatever is wrong with any piece, at once; the others are kept.
    """
    data = Data(prepared)
    pieces = {piece.name: piece for piece in _pieces(prepared)}
    if kept is None:
        return together(_computed(data, piece) for piece in pieces.values())
    place = inside(kept.folder, KEPT)
    place.mkdir(parents=True, exist_ok=True)
    waiting = [name for name, piece in pieces.items() if not kept.path(piece).exists()]
    done = len(pieces) - len(waiting)
    report(done, len(pieces))
    if waiting:
        mistakes = Collected()
        client = workers(len(waiting))
        work = Work(data if client is None else data.travelling(kept.folder), pieces, kept)
        for _, error in cluster.each(
            _do, waiting, client, place / "at_work", beside=work, again="drp run --jobs 1"
        ):
            if isinstance(error, AnalystError):
                mistakes.add(error)
            done += 1
            report(done, len(pieces))
        mistakes.raise_any()
    paths = [kept.path(piece) for piece in pieces.values()]
    for old in set(place.glob("*.*")) - set(paths):
        old.unlink(missing_ok=True)
    return together(pd.read_parquet(path, columns=list(COLUMNS)) for path in paths)


def _do(name: str, work: Work) -> None:
    work.do(name)


def _computed(data: Data, piece: Piece) -> pd.DataFrame:
    """The results of a piece, as rows of the ledger."""
    prepared = data.of(piece)
    surveys = [survey for survey in prepared.study.surveys if survey.id == piece.source]

    def results() -> Iterator[Result]:
        for name in piece.functions:
            for result in _function(name)(prepared, *surveys):
                if prepared.wants(result.unit):
                    yield result

    return table(results(), prepared.study.edition.id)


def _function(name: str) -> Callable[..., Iterator[Result]]:
    module, function = name.split(":")
    found: Callable[..., Iterator[Result]] = getattr(import_module(f"analysis.{module}"), function)
    return found


def _pieces(prepared: Prepared) -> Iterator[Piece]:
    """All there is to compute."""
    study = prepared.study
    by_survey: dict[str, questions.Of] = {survey.id: "survey" for survey in study.surveys}
    others: dict[str, questions.Of] = {
        "outcomes": "outcomes", "quality": "quality", "others": "others"
    }  # fmt: skip
    if "outcomes" not in prepared.strands:
        del others["outcomes"]
    data = Data(prepared)
    instruments = {survey.id: survey.instruments for survey in study.surveys}
    for source, of in (by_survey | others).items():
        # Instrument by instrument: what is asked of one follows each other.
        for instrument in ("", *instruments.get(source, ())):
            prints = _prints(data.of(Piece("", source, (), None, "", instrument)), source)
            asked = questions.functions(of, pair=study.compares)
            # Those that look at the same columns after each other, so that they are read once.
            for function in sorted(asked, key=questions.of_items):
                if bool(instrument) == (of != "survey" or questions.of_whole(function)):
                    continue
                programme = of == "survey" and not questions.over_schools(function)
                name = function.rpartition(".")[2].replace(":", "-")
                yield Piece(
                    name=".".join(filter(None, (source, instrument, name))),
                    source=source,
                    functions=(function,),
                    units=frozenset({COHORT}) if programme else None,
                    data=prints[COHORT],
                    instrument=instrument,
                    items=of != "survey" or questions.of_items(function),
                )
            if not instrument:
                by_school = prints
        if of != "survey":
            continue
        own = questions.functions(of, pair=study.compares, schools=True)
        schools = list(map(str, prepared.schools["id"]))
        for number, start in enumerate(range(0, len(schools), BLOCK)):
            block = schools[start : start + BLOCK]
            yield Piece(
                name=f"{source}.schools-{number:04}",
                source=source,
                functions=own,
                units=frozenset(block),
                data=" ".join(by_school[school] for school in block),
            )


def _prints(prepared: Prepared, source: str) -> dict[str, str]:
    """A hash of the data that each unit's results rest on; the programme's rest on all."""
    frame = prepared.surveys.get(source)
    kinds = [] if frame is None else [(str(k), str(v)) for k, v in frame.dtypes.items()]
    common = hashlib.sha256(repr(kinds).encode())
    common.update(repr(prepared.documents).encode())
    schools = prepared.schools
    described = pd.util.hash_pandas_object(schools, index=False).to_numpy()
    rows = _hashed(pd.DataFrame({"school": []}) if frame is None else frame)
    by_school = {}
    if frame is not None:
        by_school = {str(k): found for k, found in rows.groupby(frame["school"].to_numpy())}
    found = {}
    for school, about in zip(schools["id"], described, strict=True):
        own = common.copy()
        own.update(about.tobytes())
        if school in by_school:
            own.update(by_school[school].to_numpy().tobytes())
        found[str(school)] = own.hexdigest()[:20]
    whole = common.copy()
    whole.update(rows.to_numpy().tobytes() + described.tobytes())
    if prepared.wave_dates is not None:
        dates = pd.util.hash_pandas_object(prepared.wave_dates)
        whole.update(dates.to_numpy().tobytes())
    if prepared.comparison is not None:
        apart = prepared.comparison
        for theirs in (*apart.surveys.values(), *apart.strands.values()):
            whole.update(_hashed(theirs).to_numpy().tobytes())
    for name, beside in (*sorted(prepared.strands.items()), *sorted(prepared.quality.items())):
        whole.update(name.encode() + repr(list(beside.columns)).encode())
        whole.update(_hashed(beside).to_numpy().tobytes())
    return {COHORT: whole.hexdigest()[:20], **found}


def _hashed(frame: pd.DataFrame) -> pd.Series:
    """A number for each row, by its content."""
    plain = frame.drop(columns=PLACES, errors="ignore")
    return pd.Series(pd.util.hash_pandas_object(plain, index=False).to_numpy())
