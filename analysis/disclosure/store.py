"""A release on disk: what notebooks, charts and reports are made from, and nothing else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow.parquet import ParquetWriter

from analysis import places
from analysis.disclosure import changes
from analysis.disclosure.changes import Record
from analysis.disclosure.ladder import Attacked
from analysis.disclosure.release import SAID, Released, released
from analysis.disclosure.texts import CORRECTION, released_texts
from analysis.errors import AnalystError, a_few
from analysis.instruments import Instrument
from analysis.language import now
from analysis.places import inside
from analysis.prepare import Prepared, load_instruments, similar, wave_dates
from analysis.prepare.dates import moments
from analysis.prepare.outcomes import year_before
from analysis.prepare.schools import absent
from analysis.prepare.strands import read_documents
from analysis.results import COHORT, WORDS, as_words
from analysis.study import SCHOOLS, Study, load, read_text
from analysis.words import slug


@dataclass(frozen=True)
class Saved:
    """A unit's release: numbers, texts, and what is authored about the study."""

    released: Released
    schools: pd.DataFrame
    texts: pd.DataFrame
    instruments: dict[str, Instrument]
    terms: dict[str, str]
    year_before: dict[str, str]
    term_days: dict[str, str]
    documents: dict[str, Any]
    earlier: Record | None = None
    files: dict[str, str] | None = None


#: Rows of the ledger that are written at once.
ROWS = 2**16
#: A term goes on for so long at least: one that begins in late August is of the year that follows.
WITHIN = pd.Timedelta(weeks=4)


def public(prepared: Prepared) -> pd.DataFrame:
    """What may be said of a school by its name.

    Its id, name, letter and groups; and, in columns named by :func:`asked_column`, why nobody of
    the school answered, where that says nothing about a person
    (:func:`analysis.prepare.schools.absent`); in those named by :func:`day_column`, the middle of
    each wave there; in those of :func:`analysis.prepare.similar.band_column`, the school's bands.
    """
    study, schools = prepared.study, prepared.schools
    groups = [group.column for group in study.groups_of(SCHOOLS)]
    asked: dict[str, pd.Series] = {}
    for survey in study.surveys:
        rows = prepared.surveys[survey.id]
        for wave in study.wave_ids:
            there = set(rows.loc[rows["wave"] == wave, "school"])
            asked[asked_column(survey.id, wave)] = absent(study, schools, survey, wave, there)
    dates = prepared.wave_dates
    if dates is None:
        dates = wave_dates.of_study(study, schools)
    middle = (dates["start"] + (dates["end"] - dates["start"]) / 2).dt.strftime("%Y-%m-%d")
    days = {
        day_column(wave): middle.xs(wave, level="wave").reindex(schools["id"]).to_numpy()
        for wave in study.wave_ids
    }
    like = {similar.band_column(e.column): similar.bands(e, schools) for e in study.similar}
    return schools[["id", "name", "letter", *groups]].assign(**asked, **days, **like)


def asked_column(survey: str, wave: str) -> str:
    """The column that says why nobody of a school answered."""
    return f"asked.{survey}.{wave}"


def day_column(wave: str) -> str:
    """The column with the day in the middle of a wave, in each school's own dates."""
    return f"middle.{wave}"


def processed(study: Study) -> Path:
    """Where a study's processed data live: see :func:`analysis.places.processed`."""
    return places.processed(study.folder)


def write(prepared: Prepared, decided: pd.DataFrame, earlier: Record | None = None) -> None:
    """Write the ledger, and the release of each unit, below the processed folder.

    ``earlier`` is the edition that this one is set beside.
    """
    study = prepared.study
    folder = processed(study)
    path = folder / "ledger" / "results.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    _write_ledger(path, decided)
    target = folder / "released"
    target.mkdir(parents=True, exist_ok=True)
    for old in target.glob("*"):
        old.unlink()
    texts = released_texts(prepared, decided.attrs.get("corrects"))
    said = texts.groupby("unit", sort=False).indices
    files = files_of(study) if earlier else {}
    for unit, found in _by_unit(decided, units(prepared.schools)):
        found.to_parquet(inside(target, f"{unit}.parquet"), index=False)
        path = inside(target, f"{unit}.texts.parquet")
        texts.iloc[said.get(unit, [])].to_parquet(path, index=False)
        if earlier is not None:
            changes.keep(earlier, files, unit, target)
    public(prepared).to_csv(target / "schools.csv", index=False, lineterminator="\n")
    _terms(prepared).to_csv(target / "terms.csv", index=False, lineterminator="\n")
    # Last, so that a release cut short is no release.
    (target / "release.json").write_text(
        json.dumps(_stamp(study), indent=1, sort_keys=True) + "\n", encoding="utf-8"
    )


def _by_unit(decided: pd.DataFrame, units: Sequence[str]) -> Iterator[tuple[str, pd.DataFrame]]:
    """What may be shown of each unit: made for some of them at once, as many as have :data:`ROWS`."""
    places = decided.groupby("unit", sort=False).indices
    own = [places.get(unit, np.array([], dtype="int64")) for unit in units]
    # The batch that a unit belongs to: by the rows that come before it.
    batch = np.cumsum([0, *map(len, own[:-1])]) // ROWS
    for number in np.unique(batch):
        at = np.flatnonzero(batch == number).tolist()
        frame = released(decided.iloc[np.concatenate([own[each] for each in at])]).frame
        start = 0
        for each in at:
            yield units[each], frame.iloc[start : start + len(own[each])]
            start += len(own[each])


def _write_ledger(path: Path, decided: pd.DataFrame) -> None:
    """Write the ledger with its words as words, some rows at a time: together they take much room."""
    starts = range(0, max(len(decided), 1), ROWS)
    parts = (as_words(decided.iloc[start : start + ROWS]) for start in starts)
    tables = (pa.Table.from_pandas(part, preserve_index=False) for part in parts)
    first = next(tables)
    with ParquetWriter(path, first.schema) as file:
        for table in chain([first], tables):
            file.write_table(table)


def attacked(study: Study, settings: str) -> Attacked:
    """What attacks on scores found when the study was released last (:class:`ladder.Attacked`)."""
    try:
        before = json.loads(_attacked(study).read_bytes())
    except (OSError, ValueError):
        before = {}
    return Attacked(settings, before if isinstance(before, dict) else {})


def keep(study: Study, found: Attacked) -> None:
    """Keep what the attacks of this release found."""
    path = _attacked(study)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".part")
    temporary.write_text(json.dumps(found.now), encoding="utf-8")
    temporary.replace(path)


def _attacked(study: Study) -> Path:
    return processed(study) / "ledger" / "attacked.json"


def read(study: Study, unit: str) -> Saved | None:
    """A unit's release with the programme's; nothing if the study has not been released.

    Raises
    ------
    AnalystError
        If the study has no such unit.
    """
    target = processed(study) / "released"
    stamp = target / "release.json"
    if not stamp.exists() or json.loads(stamp.read_text(encoding="utf-8")) != _stamp(study):
        return None
    common = _common(study, target)
    refuse_unknown_unit(unit, common.schools)
    earlier, files = changes.kept(target, unit)
    path = target / f"{COHORT}.parquet"
    stamped = path.stat()
    found = _programme(path, stamped.st_mtime_ns, stamped.st_ino)
    if unit != COHORT:
        found = Released(_rows(inside(target, f"{unit}.parquet")), programme=found)
    return Saved(
        released=found,
        schools=common.schools.copy(deep=False),
        texts=pd.read_parquet(inside(target, f"{unit}.texts.parquet")),
        instruments=common.instruments,
        terms=common.terms,
        year_before=common.year_before,
        term_days=common.term_days,
        documents=common.documents,
        earlier=earlier,
        files=files,
    )


@dataclass(frozen=True)
class _Common:
    """What of a release is the same for every unit: nobody writes into it."""

    schools: pd.DataFrame
    instruments: dict[str, Instrument]
    terms: dict[str, str]
    year_before: dict[str, str]
    term_days: dict[str, str]
    documents: dict[str, Any]


def _common(study: Study, target: Path) -> _Common:
    """What is common to all units, read once by a process as long as no file of it is another."""
    files = (target / "schools.csv", target / "terms.csv", *sorted(study.folder.rglob("*.y*ml")))
    state = tuple((path, (found := path.stat()).st_mtime_ns, found.st_size) for path in files)
    return _read_common(study.folder, (study.baseline, study.followup), target, now(), state)


@lru_cache(maxsize=2)
def _read_common(
    folder: Path,
    waves: tuple[str, str],
    target: Path,
    language: str,
    state: tuple[tuple[Path, int, int], ...],
) -> _Common:
    study = load(folder).with_waves(*waves)
    schools = _as_written(target / "schools.csv").set_index("id", drop=False)
    named = _named(_as_written(target / "terms.csv"))
    return _Common(
        schools, load_instruments(study), named["terms"], named["year_before"],
        named["term_days"], read_documents(study),
    )  # fmt: skip


def corrects(study: Study) -> int | None:
    """The publication that the present release says it corrects, if any."""
    texts = pd.read_parquet(inside(processed(study), "released", f"{COHORT}.texts.parquet"))
    found = texts.loc[texts["kind"] == CORRECTION, "key"]
    return int(found.iloc[0]) if len(found) else None


def files_of(study: Study) -> dict[str, str]:
    """The hash of each data file that the study uses, by its name in the study folder."""
    return {name: _hash(study.path(name)) for name in sorted(set(study.used_files()))}


def _as_written(path: Path) -> pd.DataFrame:
    """A table of text, in which "NA" is a word like any other."""
    return pd.read_csv(path, dtype="str", keep_default_na=False)


@lru_cache(maxsize=1)
def _programme(path: Path, changed: int, inode: int) -> Released:
    """The programme's results: every school's report shows some, so a process reads them once."""
    return Released(_rows(path))


def _rows(path: Path) -> pd.DataFrame:
    """A unit's released rows, with words as categories: each is there once, however many say it."""
    words = [name for name in (*WORDS, *SAID) if name not in ("id", "decimals")]
    return pd.read_parquet(path, read_dictionary=words)


def provisional(prepared: Prepared, decided: pd.DataFrame, unit: str) -> Saved:
    """The same from memory, marked provisional."""
    refuse_unknown_unit(unit, prepared.schools)
    texts = released_texts(prepared, decided.attrs.get("corrects"))
    named = _named(_terms(prepared))
    return Saved(
        released=released(decided, provisional=True).of(COHORT, unit),
        schools=public(prepared),
        texts=texts[texts["unit"] == unit],
        instruments=prepared.instruments,
        terms=named["terms"],
        year_before=named["year_before"],
        term_days=named["term_days"],
        documents=prepared.documents,
    )


def units(schools: pd.DataFrame) -> list[str]:
    """Every unit: the cohort, then each school."""
    return [COHORT, *map(str, schools["id"])]


def chosen(asked: Sequence[str], schools: pd.DataFrame) -> list[str]:
    """The units that are meant, each once, in the order asked for.

    ``asked`` are ids, ``all``, patterns of ids (``S1*``), and names of files that hold any of
    these, one a line (``@late.txt``); nothing means all.

    Raises
    ------
    AnalystError
        If one is no unit, a pattern fits none, or a file cannot be read.
    """
    every = units(schools)
    found: list[str] = []
    for name in asked or ("all",):
        if name.startswith("@"):
            lines = [line.split("#")[0].strip() for line in read_text(Path(name[1:])).splitlines()]
            found += chosen([line for line in lines if line] or [f"(nothing in {name})"], schools)
        elif name == "all":
            found += every
        elif any(mark in name for mark in "*?["):
            fitting = [unit for unit in every if fnmatchcase(unit, name)]
            if not fitting:
                refuse_unknown_unit(name, schools)
            found += fitting
        else:
            refuse_unknown_unit(name, schools)
            found.append(name)
    return list(dict.fromkeys(found))


def refuse_unknown_unit(unit: str, schools: pd.DataFrame) -> None:
    """Stop at a unit the study does not have."""
    if unit not in units(schools):
        raise AnalystError(
            f"'{unit}' is neither 'cohort' nor a school of this study; schools are "
            f"{a_few([str(each) for each in schools['id']], 20)}.",
            where=f"--unit {unit}",
            fix="Use one of these ids (see schools.csv).",
        )


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _terms(prepared: Prepared) -> pd.DataFrame:
    """School terms in order of time: ``id``, ``label``, ``before``, the term a year before, and
    ``day``, its last one; one well within it where records do not say when it ended."""
    outcomes = prepared.strands.get("outcomes")
    if outcomes is None:
        return pd.DataFrame({"id": [], "label": [], "before": [], "day": []}, dtype="str")
    ordered = outcomes.sort_values("term_start", kind="stable")["term"].drop_duplicates()
    last = moments(outcomes["term_start"], None, "the outcomes") + WITHIN
    if "term_end" in outcomes:
        last = moments(outcomes["term_end"], None, "the outcomes").fillna(last)
    days = last.groupby(outcomes["term"]).max().dt.strftime("%Y-%m-%d")
    before = {term: slug(earlier) for term, earlier in year_before(outcomes).items()}
    return pd.DataFrame(
        {
            "id": ordered.map(slug),
            "label": ordered,
            "before": ordered.map(before).fillna(""),
            "day": ordered.map(days).fillna(""),
        }
    ).astype("str")


def _named(terms: pd.DataFrame) -> dict[str, dict[str, str]]:
    """Terms by their id: their labels, the term a year before where there is one, and their days."""
    before = terms[terms["before"] != ""]
    # A release of before has no days.
    dated = terms[terms["day"] != ""] if "day" in terms else terms.iloc[:0].assign(day="")
    return {
        "terms": dict(zip(terms["id"], terms["label"], strict=True)),
        "year_before": dict(zip(before["id"], before["before"], strict=True)),
        "term_days": dict(zip(dated["id"], dated["day"], strict=True)),
    }


def _stamp(study: Study) -> dict[str, str]:
    """What a release belongs to: another edition or pair of waves is another release."""
    return {
        "edition": study.edition.id,
        "baseline": study.baseline,
        "followup": study.followup,
        "study": hashlib.sha256((study.folder / "study.yaml").read_bytes()).hexdigest(),
    }
