"""What two editions on record say differently: files, schools, answers, findings.

A record holds only what a publication printed: numbers of people as they stand in its reports, and the
findings that its sentences were made from, each as the rule of the sentences judged it
(:mod:`analysis.present.since` judges). So a comparison tells nothing that a reader of both does not
have.
"""

from __future__ import annotations

import datetime as dt
import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from analysis.disclosure import register
from analysis.errors import AnalystError
from analysis.places import inside
from analysis.results import COHORT
from analysis.study import Study

#: How many answered, in ids: of which survey, at which wave.
ANSWERED = re.compile(r"^([^.]+)\.survey\.response\.responded\.([^.]+)\.all\.count$")
NEW, GONE, STRONGER, WEAKER = "new", "gone", "stronger", "weaker"
STATES = (NEW, STRONGER, WEAKER, GONE)


@dataclass(frozen=True)
class Finding:
    """A difference that a report could name, as it was judged, with its numbers as printed.

    ``key`` is its id without the wave, so that it is the same in editions of other waves; ``words``
    say it; ``sign`` is 0 where it is not clear, and ``small`` whether it is too small to matter.
    """

    unit: str
    key: str
    words: str
    sign: int
    small: bool
    value: float
    low: float
    high: float

    @property
    def plain(self) -> str:
        """The words without marks of Markdown."""
        return re.sub(r"\\(.)", r"\1", self.words)


@dataclass(frozen=True)
class Record:
    """What is on record of one edition, or stands in the one that is being made.

    ``answered`` holds by unit, survey and wave how many answered, as printed; ``files`` the hash of
    each data file, and ``findings`` what could be named: nothing where these were not kept.
    """

    edition: str
    number: int
    term: str
    waves: tuple[str, ...]
    schools: tuple[str, ...]
    answered: Mapping[tuple[str, str, str], str]
    files: Mapping[str, str] | None = None
    findings: tuple[Finding, ...] | None = None

    @property
    def name(self) -> str:
        """For analysts."""
        return f"{self.edition}, publication {self.number}" if self.number else self.edition

    def of(self, unit: str) -> Record:
        """What of it concerns one unit; file names are the programme's, who may name schools."""
        return Record(
            self.edition,
            self.number,
            self.term,
            self.waves,
            self.schools,
            {key: text for key, text in self.answered.items() if key[0] == unit},
            self.files if unit == COHORT else None,
            None if self.findings is None else tuple(f for f in self.findings if f.unit == unit),
        )


@dataclass(frozen=True)
class Changed:
    """One finding of two editions: what became of it, and as which it stands (or stood)."""

    state: str
    finding: Finding


@dataclass(frozen=True)
class Changes:
    """What an edition says differently from an earlier one, of one unit.

    ``files`` and ``schools`` are by what became of them; ``answered`` holds survey, wave, how many
    answered then (nothing, if none was printed) and now.
    """

    before: Record
    files: Mapping[str, list[str]] = field(default_factory=dict)
    schools: Mapping[str, list[str]] = field(default_factory=dict)
    answered: tuple[tuple[str, str, str, str], ...] = ()
    findings: tuple[Changed, ...] | None = None

    @property
    def nothing(self) -> bool:
        """Whether nothing has changed, as far as it was kept."""
        return not (self.files or self.schools or self.answered or self.findings)


def between(before: Record, now: Record, unit: str) -> Changes:
    """What has changed in a unit's report from one edition to a later one."""
    old, new = before.of(unit), now.of(unit)
    files: dict[str, list[str]] = {}
    if old.files is not None and new.files is not None:
        files = {
            NEW: sorted(set(new.files) - set(old.files)),
            "changed": sorted(n for n in set(new.files) & set(old.files) if new.files[n] != old.files[n]),
            GONE: sorted(set(old.files) - set(new.files)),
        }  # fmt: skip
    schools = {
        NEW: sorted(set(new.schools) - set(old.schools)),
        GONE: sorted(set(old.schools) - set(new.schools)),
    }
    answered = tuple(
        (survey, wave, old.answered.get((unit, survey, wave), ""), text)
        for (_, survey, wave), text in new.answered.items()
        if old.answered.get((unit, survey, wave), "") != text
    )
    return Changes(
        before,
        {what: names for what, names in files.items() if names},
        {what: names for what, names in schools.items() if names},
        answered,
        None
        if old.findings is None or new.findings is None
        else tuple(_findings(old.findings, new.findings)),
    )


def _findings(before: Iterable[Finding], now: Iterable[Finding]) -> Iterator[Changed]:
    """In the order of :data:`STATES`. One that turned round is gone, and there is a new one."""
    old, new = ({each.key: each for each in found} for found in (before, now))
    found = []
    for key in dict.fromkeys([*new, *old]):
        was, is_now = old.get(key), new.get(key)
        stood, stands = (each.sign if each else 0 for each in (was, is_now))
        if was and stood and stood != stands:
            found.append(Changed(GONE, was))
        if is_now and stands and stood != stands:
            found.append(Changed(NEW, is_now))
        if was and is_now and stands and stood == stands:
            state = _strength(was, is_now)
            found += [Changed(state, is_now)] if state else []
    yield from sorted(found, key=lambda each: STATES.index(each.state))


def _strength(was: Finding, now: Finding) -> str:
    """Whether a finding that stood is stronger or weaker: each estimate lies outside the other's
    interval, or it has come to matter, or no longer does."""
    apart = not (now.low <= was.value <= now.high or was.low <= now.value <= was.high)
    if apart:
        return STRONGER if abs(now.value) > abs(was.value) else WEAKER
    if was.small != now.small:
        return STRONGER if was.small else WEAKER
    return ""


def last(study: Study) -> Record | None:
    """The latest edition on record that is dated before the study's; nothing if there is none."""
    dated = []
    for path in register.publications(study):
        if path.parent.name != study.edition.id:
            approval = _approval(path)
            day = _day(approval.get("edition_date", approval.get("approved_on")))
            if day is not None and day < study.edition.date:
                dated.append((day, path.parent.name, int(path.name), path))
    return read(max(dated)[-1]) if dated else None


def named(study: Study, name: str) -> Record:
    """The record of an edition by its id, or ``id/number`` for one of its publications.

    Raises
    ------
    AnalystError
        If there is none: with what is on record.
    """
    edition, _, number = name.partition("/")
    found = register.publications(study)
    for path in reversed(found):
        if path.parent.name == edition and number in ("", path.name):
            return read(path)
    known = list(dict.fromkeys(path.parent.name for path in found))
    if edition in known:
        numbers = [path.name for path in found if path.parent.name == edition]
        fix = f"Publications of {edition} on record: {', '.join(numbers)}."
    elif near := difflib.get_close_matches(edition, known, 2):
        fix = f"Perhaps {' or '.join(near)}."
    else:
        fix = f"On record: {', '.join(known)}." if known else "Put one on record: drp publish."
    raise AnalystError(
        f"No edition '{name}' is on record.", where=str(register.folder(study)), fix=fix
    )


def read(path: Path) -> Record:
    """The record of the publication in a folder of the register.

    Raises
    ------
    AnalystError
        If it cannot be read.
    """
    approval = _approval(path)
    try:
        numbers = pd.read_csv(path / register.NUMBERS, dtype="str", keep_default_na=False)
        findings = _read_findings(path / register.FINDINGS)
        reports = [str(name) for name in approval["reports"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _unreadable(path, error) from None
    own = numbers[(numbers["report"] == numbers["unit"]) & (numbers["field"] == "value")]
    answered = {
        (str(unit), match[1], match[2]): str(text)
        for unit, identity, text in zip(own["unit"], own["id"], own["text"], strict=True)
        if text[:1].isdecimal() and (match := ANSWERED.match(identity))
    }
    return Record(
        str(approval["edition"]),
        int(path.name),
        str(approval.get("term", approval["edition"])),
        tuple(map(str, approval.get("waves", ()))),
        tuple(sorted(name for name in reports if name.split()[0] != COHORT)),
        answered,
        approval.get("files"),
        findings,
    )


def _read_findings(path: Path) -> tuple[Finding, ...] | None:
    if not path.exists():
        return None
    frame = pd.read_csv(
        path, dtype={"unit": "str", "key": "str", "words": "str"}, keep_default_na=False
    )
    return tuple(
        Finding(r["unit"], r["key"], r["words"], int(r["sign"]), bool(r["small"]),
                float(r["value"]), float(r["low"]), float(r["high"]))
        for r in frame.to_dict("records")
    )  # fmt: skip


def _approval(path: Path) -> dict[str, Any]:
    try:
        found = yaml.safe_load((path / register.APPROVAL).read_text(encoding="utf-8"))
        found["edition"]
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError) as error:
        raise _unreadable(path, error) from None
    return dict(found)


def _unreadable(path: Path, error: Exception) -> AnalystError:
    return AnalystError(
        f"What was published in {path.parent.name}, publication {path.name}, cannot be read: "
        f"{type(error).__name__}.",
        where=str(path),
        fix="Restore the folder from your backup.",
    )


def _day(written: Any) -> dt.date | None:
    try:
        return written if isinstance(written, dt.date) else dt.date.fromisoformat(str(written))
    except ValueError:
        return None


# --- kept beside a release, for the pages ----------------------------------------------------


def keep(record: Record, files: Mapping[str, str], unit: str, folder: Path) -> None:
    """Write what of a record a unit's report may say, beside its release; and what files are now."""
    own = record.of(unit)
    kept = asdict(own) | {"answered": [[*key, text] for key, text in own.answered.items()]}
    content = {"record": kept, "files": files if unit == COHORT else None}
    text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True)
    _kept(folder, unit).write_text(text + "\n", encoding="utf-8")


def kept(folder: Path, unit: str) -> tuple[Record | None, dict[str, str] | None]:
    """What :func:`keep` wrote; nothing if no earlier edition was on record."""
    path = _kept(folder, unit)
    if not path.exists():
        return None, None
    content = json.loads(path.read_text(encoding="utf-8"))
    found = content["record"]
    findings = found["findings"]
    record = Record(**found | {
        "waves": tuple(found["waves"]),
        "schools": tuple(found["schools"]),
        "answered": {(unit, survey, wave): text for unit, survey, wave, text in found["answered"]},
        "findings": None if findings is None else tuple(Finding(**each) for each in findings),
    })  # fmt: skip
    return record, content["files"]


def _kept(folder: Path, unit: str) -> Path:
    return inside(folder, f"{unit}.earlier.json")


def differences(study: Study, before: str, now: str) -> dict[str, Changes]:
    """What two editions on record say differently, by unit: :func:`between`.

    Editions by their ids, or ``id/number`` for one of several publications.
    """
    old, new = named(study, before), named(study, now)
    return {unit: between(old, new, unit) for unit in (COHORT, *new.schools)}
