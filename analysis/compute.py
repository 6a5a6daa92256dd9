"""Every statistic of every unit, into the results ledger: in pieces, on one process or on many.

A piece is what is computed for the programme by questions that look at the same part of the data
(:mod:`analysis.parts`: of a survey, at one of its instruments and the same waves), or for a block of
schools (of each by its own people alone). It is kept in a file named by the content of what it rests
on. So what rests on the same data is not computed again, what was computed before a stop is not
lost, and it makes no difference who computed it: results come from workers as files, in any order,
and are sorted.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from analysis import cluster, questions
from analysis.errors import AnalystError, Collected
from analysis.parts import Data, Part
from analysis.places import inside
from analysis.prepare import Prepared
from analysis.results import COHORT, Result, read, table, together
from analysis.study import Study, Survey

if TYPE_CHECKING:
    from distributed import Client

#: Schools of which a piece says what rests on each alone.
BLOCK = 25
#: Where pieces are kept, below the processed folder.
KEPT = "computed"
#: The workers to use for so many pieces; nothing where they are to be computed right here.
Workers = Callable[[int], "Client | None"]


@dataclass(frozen=True)
class Piece:
    """Questions asked together of one part of the data.

    ``units`` are whom they are asked about; nothing means everybody. ``data`` is a hash of what
    their answers rest on. ``long`` says that it takes long.
    """

    name: str
    part: Part
    functions: tuple[str, ...]
    units: frozenset[str] | None
    data: str = ""
    long: bool = False


@dataclass(frozen=True)
class Kept:
    """Where pieces are kept: below the processed ``folder``. ``code`` stands for what computes."""

    folder: Path
    code: str

    def path(self, piece: Piece) -> Path:
        """The file of a piece, by its name and the content of what it rests on."""
        rests = (self.code, *piece.functions, *sorted(piece.units or ()), piece.data)
        content = hashlib.sha256(repr(rests).encode()).hexdigest()[:20]
        return inside(self.folder, KEPT, f"{piece.name}.{content}.parquet")


@dataclass
class Work:
    """What a worker needs to compute pieces, sent to it once."""

    data: Data
    pieces: Mapping[str, Piece]
    kept: Kept

    @property
    def waiting(self) -> list[str]:
        """The names of the pieces that are not kept yet."""
        return [name for name, each in self.pieces.items() if not self.kept.path(each).exists()]

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
    edition = prepared.study.edition.id
    if kept is None:
        data = Data(prepared)
        return together((_computed(data, piece) for piece in _pieces(prepared)), edition)
    return read(computed(asked(prepared, kept, workers), workers, report), edition)


def asked(prepared: Prepared, kept: Kept, workers: Workers = lambda pieces: None) -> Work:
    """All that is to be computed of a study, by content.

    Where workers compute it, or it is there already, this holds nobody's answers: workers read
    them themselves, and who has the study can let them go.
    """
    data = Data(prepared)
    work = Work(data, {piece.name: piece for piece in _pieces(prepared)}, kept)
    if (waiting := len(work.waiting)) and workers(waiting) is None:
        return work
    return replace(work, data=data.travelling(kept.folder))


def computed(
    work: Work,
    workers: Workers = lambda pieces: None,
    report: Callable[[int, int], None] = lambda done, of: None,
) -> list[Path]:
    """:func:`compute`, but that the results are left in the files of their pieces, without edition."""
    pieces, kept, waiting = work.pieces, work.kept, work.waiting
    place = inside(kept.folder, KEPT)
    place.mkdir(parents=True, exist_ok=True)
    done = len(pieces) - len(waiting)
    report(done, len(pieces))
    if waiting:
        mistakes = Collected()
        # What takes long first, so that nobody waits for it at the end; what is of no survey is in
        # few pieces.
        waiting.sort(key=lambda name: bool(pieces[name].part.waves) and not pieces[name].long)
        for _, error in cluster.each(
            _do, waiting, workers(len(waiting)), place / "at_work", beside=work,
            again="drp run --jobs 1", ahead=1,
        ):  # fmt: skip
            if isinstance(error, AnalystError):
                mistakes.add(error)
            done += 1
            report(done, len(pieces))
        mistakes.raise_any()
    paths = [kept.path(piece) for piece in pieces.values()]
    for old in set(place.glob("*.*")) - set(paths):
        old.unlink(missing_ok=True)
    return paths


def _do(name: str, work: Work) -> None:
    work.do(name)


def _computed(data: Data, piece: Piece) -> pd.DataFrame:
    """The results of a piece, as rows of the ledger."""
    prepared = data.of(piece.part, piece.units)
    surveys = prepared.study.surveys if piece.part.waves else ()

    def results() -> Iterator[Result]:
        for name in piece.functions:
            for result in _function(name)(prepared, *surveys):
                if prepared.wants(result.unit):
                    yield result

    return table(results(), edition="")


def _function(name: str) -> Callable[..., Iterator[Result]]:
    module, function = name.split(":")
    found: Callable[..., Iterator[Result]] = getattr(import_module(f"analysis.{module}"), function)
    return found


#: A function, with what it is asked of and about whom (nothing means everybody).
Asked = tuple[Part, frozenset[str] | None, str]


def _pieces(prepared: Prepared) -> Iterator[Piece]:
    """All there is to compute."""
    asked = [each for survey in prepared.study.surveys for each in _of_survey(prepared, survey)]
    others: tuple[questions.Of, ...] = ("outcomes", "quality", "others")
    for of in others:
        if of != "outcomes" or of in prepared.strands:
            asked += [(Part(of), None, each) for each in questions.functions(of)]
    # Those that look at the same after each other, so that it is read once.
    places = {part: place for place, (part, _, _) in reversed([*enumerate(asked)])}
    pieces: dict[str, Piece] = {}
    for part, units, function in sorted(asked, key=lambda each: places[each[0]]):
        long = questions.takes_long(function) and not part.schools
        name = _name(part, units, function, long=long)
        before = pieces.get(name, Piece(name, part, (), units, long=long))
        pieces[name] = replace(before, functions=(*before.functions, function))
    prints = Data(prepared).prints({piece.part for piece in pieces.values()})
    return (replace(piece, data=prints[piece.part]) for piece in pieces.values())


def _of_survey(prepared: Prepared, survey: Survey) -> Iterator[Asked]:
    """What is asked of a survey, of the programme and of schools, at which waves."""
    study = prepared.study
    there = {"links", "wave_dates", *prepared.strands}
    there |= {"comparison"} if prepared.comparison is not None else set()
    for instrument in ("", *survey.instruments):
        for function in questions.functions("survey", pair=study.compares):
            if bool(instrument) == questions.of_whole(function):
                continue
            units = None if questions.over_schools(function) else frozenset({COHORT})
            items, beside = questions.of_items(function), questions.beside(function) & there
            for waves in _waves(study, function):
                yield Part(survey.id, waves, instrument, (), items, beside), units, function
    schools = [str(each) for each in prepared.schools["id"]]
    for start in range(0, len(schools), BLOCK):
        block = tuple(schools[start : start + BLOCK])
        for function in questions.functions("survey", pair=study.compares, schools=True):
            for waves in _waves(study, function):
                yield Part(survey.id, waves, schools=block), frozenset(block), function


def _waves(study: Study, function: str) -> list[tuple[str, ...]]:
    """The waves that a function is asked of, each time together."""
    looked_at, pair = questions.waves(function), study.pair_of_waves
    if "all" in looked_at:
        return [study.wave_ids]
    found = [pair] if "pair" in looked_at else []
    found += [(study.baseline,)] if "baseline" in looked_at else []
    found += [(study.followup,)] if "followup" in looked_at else []
    if "each" in looked_at:
        # Of the two that are compared together with what is asked of both.
        asked = pair if "pair" in looked_at else ()
        found += [(wave,) for wave in study.wave_ids if wave not in asked]
    return found


def _name(part: Part, units: frozenset[str] | None, function: str, *, long: bool) -> str:
    """The name of the piece in which a function is asked of a part."""
    if not part.waves or long:
        about = function.rpartition(".")[2].replace(":", "-") if long else ""
    elif part.schools:
        about = f"schools-{part.schools[0]}"
    else:
        kind = "schools" if units is None else "items" if part.items else "scores"
        about = "-".join((kind, *sorted(part.beside)))
    # All waves may be the two that are compared, until there is a third.
    waves = "all" if "all" in questions.waves(function) else "-".join(part.waves)
    return ".".join(
        filter(None, (part.source, part.instrument, waves if part.waves else "", about))
    )
