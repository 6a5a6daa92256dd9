"""The register of what was published: numbers and approvals, and beside the key who was counted.

Each publication has a folder in ``data/releases/<study>/<edition>/<number>/``: ``numbers.csv`` (every
number printed, and in which report), ``findings.csv`` (what its sentences could name, as judged) and
``approval.yaml`` (who approved it, when, of which files). Who was counted, as keyed hashes, and how many each number rests on are kept in
``.drp/published/<study>/<edition>/<number>/``, outside git.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from analysis import places
from analysis import strands as registry
from analysis.disclosure import counted as counting
from analysis.disclosure.editions import Published
from analysis.errors import AnalystError
from analysis.places import inside
from analysis.prepare.withdrawn import mark
from analysis.study import Study, key_folder

NUMBERS, APPROVAL, AGAIN = "numbers.csv", "approval.yaml", "send_again.csv"
FINDINGS = "findings.csv"
ABOUT, PRINTED = "about.json", "printed.parquet"
#: Columns of ``numbers.csv``.
COLUMNS = ("report", "unit", "id", "field", "text", "decimals")
#: Columns of what is kept of the numbers that were printed.
KEPT = (
    "unit", "id", "source", "instrument", "analysis", "measure", "wave", "group", "statistic",
    "value", "ci_low", "ci_high", "n", "release", "band", "decimals",
)  # fmt: skip


def folder(study: Study) -> Path:
    """Where the study's publications are on record."""
    return inside(places.releases(study.folder), study.id)


@dataclass(frozen=True)
class Noted:
    """A small record beside the publications: YAML, read whole and replaced whole.

    Parameters
    ----------
    file
        Its name, beside the publications or, where it is of one edition, in that edition's folder.
    check
        Reads all that is used of it; what it raises means that it is not as it was written.
    what, fix
        What is said of a file that cannot be read.
    """

    file: str
    check: Callable[[dict[str, Any]], object]
    what: str
    fix: str

    def read(self, study: Study, edition: str = "") -> dict[str, Any]:
        """What stands in it; nothing if there is none.

        Raises
        ------
        AnalystError
            If it cannot be read.
        """
        path = self._path(study, edition)
        if not path.exists():
            return {}
        try:
            found = dict(yaml.safe_load(path.read_text(encoding="utf-8")) or {})
            self.check(found)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError):
            raise AnalystError(self.what, where=str(path), fix=self.fix) from None
        return found

    def write(self, study: Study, content: Mapping[str, Any], edition: str = "") -> None:
        """Put this in its place."""
        path = self._path(study, edition)
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".part")
        text = yaml.safe_dump(dict(content), sort_keys=True, allow_unicode=True)
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)

    def _path(self, study: Study, edition: str) -> Path:
        return inside(folder(study), *filter(None, [edition]), self.file)


def _private(study: Study) -> Path:
    return inside(key_folder(study), "published", study.id)


def publications(study: Study, edition: str = "") -> list[Path]:
    """The folders of the publications on record, of one edition or of all, oldest first."""
    return list(_numbered(folder(study), edition))


def _numbered(base: Path, edition: str = "") -> Iterator[Path]:
    editions = [inside(base, edition)] if edition else sorted(base.glob("*"))
    for each in editions:
        numbers = [path for path in each.glob("*") if path.is_dir() and path.name.isdecimal()]
        yield from sorted(numbers, key=lambda path: int(path.name))


def write(
    study: Study,
    printed: pd.DataFrame,
    numbers: pd.DataFrame,
    findings: pd.DataFrame,
    counted: counting.Counted,
    approval: Mapping[str, Any],
    key: bytes,
    corrects: int | None = None,
) -> Path:
    """Put a publication on record; its folder.

    Parameters
    ----------
    printed
        The ledger's rows that were printed, as they were: columns :data:`KEPT`.
    numbers
        Every number as it stands in a report: columns :data:`COLUMNS`.
    findings
        What reports could name: see :class:`analysis.disclosure.changes.Finding`.
    counted
        Who is counted in them.
    approval
        What is to be kept of who approved what.
    corrects
        The publication that its reports say they correct, if any.
    """
    edition = study.edition.id
    taken = [*_numbered(folder(study), edition), *_numbered(_private(study), edition)]
    number = str(1 + max((int(path.name) for path in taken), default=0))
    private = inside(_private(study), edition, number)
    about = {
        "edition": edition, "number": int(number), "key": mark(key),
        "baseline": study.baseline, "followup": study.followup, "corrects": corrects,
    }  # fmt: skip
    with _whole(private) as making:
        making.chmod(0o700)
        counting.write(making, counted)
        printed[list(KEPT)].to_parquet(making / PRINTED, index=False)
        (making / ABOUT).write_text(json.dumps(about, sort_keys=True), encoding="utf-8")
    place = inside(folder(study), edition, number)
    with _whole(place) as making:
        numbers[list(COLUMNS)].to_csv(making / NUMBERS, index=False, lineterminator="\n")
        findings.to_csv(making / FINDINGS, index=False, lineterminator="\n")
        text = yaml.safe_dump(dict(approval), sort_keys=False, allow_unicode=True)
        (making / APPROVAL).write_text(text, encoding="utf-8")
    return place


class _whole:
    """A folder that is there whole or not at all."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.making = inside(place.parent, f".{place.name}.part")

    def __enter__(self) -> Path:
        shutil.rmtree(self.making, ignore_errors=True)
        self.making.mkdir(parents=True)
        return self.making

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self.making.rename(self.place)
        else:
            shutil.rmtree(self.making, ignore_errors=True)


def published(study: Study, key: bytes) -> list[Published]:
    """What readers have: every publication of the study, whichever edition.

    Raises
    ------
    AnalystError
        If who was counted in one is not known here, or was kept under another key: nothing could
        be compared with it. Not of a study whose data are all synthetic.
    """
    private = _private(study)
    known = {(path.parent.name, path.name) for path in _numbered(private)}
    for path in _numbered(folder(study)):
        if (path.parent.name, path.name) not in known and not _synthetic(study):
            raise AnalystError(
                f"Who was counted in {path.parent.name}, publication {path.name}, is not known "
                "here: what a few people changed since could be worked out from both.",
                where=str(inside(private, path.parent.name, path.name)),
                fix="Restore the folder .drp from your backup, or work where that edition was "
                f"published. If it was never sent to anybody, remove {path}.",
            )
    return [_read(path, study, key) for path in _numbered(private)]


def _synthetic(study: Study) -> bool:
    return set(study.used_files()) <= study.synthetic_files


def _read(path: Path, study: Study, key: bytes) -> Published:
    try:
        about = json.loads((path / ABOUT).read_text(encoding="utf-8"))
        found = Published(
            str(about["edition"]), int(about["number"]), str(about["baseline"]),
            str(about["followup"]), counting.read(path), pd.read_parquet(path / PRINTED),
            about.get("corrects"),
        )  # fmt: skip
        under = about["key"]
    except (OSError, ValueError, KeyError) as error:
        raise AnalystError(
            f"Who was counted in {path.parent.name}, publication {path.name}, cannot be read: "
            f"{type(error).__name__}.",
            where=str(path),
            fix="Restore the folder from your backup.",
        ) from None
    if under != mark(key):
        raise AnalystError(
            f"Who was counted in {found.name}, was kept under another key than the one that is "
            "there: everybody would seem to be new.",
            where=f"{key_folder(study) / 'key'} and {path}",
            fix="Restore both from one backup.",
        )
    return found


def withdraw(study: Study, gone: Collection[str]) -> dict[str, list[str]]:
    """Erase people who withdraw from who was counted; which reports are to be sent again.

    The reports of each publication that counts any of them are listed in its ``send_again.csv``.

    Returns
    -------
    dict
        By publication (edition and number) its reports, by their units.
    """
    found: dict[str, list[str]] = {}
    for path in _numbered(_private(study)):
        before = counting.read(path)
        about = {name: table[table["person"].isin(gone)] for name, table in before.surveys.items()}
        strands = [
            name for name, table in before.strands.items() if table["person"].isin(gone).any()
        ]
        if not strands and all(rows.empty for rows in about.values()):
            continue
        place = inside(folder(study), path.parent.name, path.name)
        reports = _reports(place / NUMBERS, about, strands)
        if place.is_dir():
            pd.DataFrame({"report": reports}).to_csv(
                place / AGAIN, index=False, lineterminator="\n"
            )
        found[f"{path.parent.name}, publication {path.name}"] = reports
        counting.erase(path, set(gone))
    return found


def _reports(
    numbers: Path, about: Mapping[str, pd.DataFrame], strands: Collection[str]
) -> list[str]:
    """Reports with a number in which any of these responses is counted."""
    if not numbers.exists():
        return []
    table = pd.read_csv(numbers, dtype="str", keep_default_na=False)
    sources = {s.id for strand in registry.STRANDS if strand.id in strands for s in strand.sources}
    source = table["id"].str.split(".").str[0]
    rows = source.isin(sources)
    for survey, responses in about.items():
        units = {*responses["school"], "cohort"} if len(responses) else set()
        rows |= (source == survey) & table["unit"].isin(units)
    return sorted(table.loc[rows, "report"].unique(), key=lambda name: (name != "cohort", name))


def to_send_again(study: Study) -> dict[str, list[str]]:
    """By publication that nothing has replaced yet since somebody withdrew: its reports."""
    found = {}
    for path in publications(study):
        later = [p for p in publications(study, path.parent.name) if int(p.name) > int(path.name)]
        if (path / AGAIN).exists() and not later:
            table = pd.read_csv(path / AGAIN, dtype="str", keep_default_na=False)
            found[f"{path.parent.name}, publication {path.name}"] = table["report"].tolist()
    return found
