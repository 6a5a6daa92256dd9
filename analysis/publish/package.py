"""``drp package``: what is sent to each school, with whom it goes to, and how to see that it arrived whole.

Only reports that are approved, and on record as published just as they lie there: whatever leaves is
in the register, with which later editions are compared. Of each comes one zip, the same bytes whenever
it is made, and beside it a covering e-mail as text. Who else gets a report stands in neither.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import string
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from analysis.disclosure import register
from analysis.errors import AnalystError, Collected
from analysis.handwritten import read_text
from analysis.places import inside
from analysis.publish import manifest, rendering, signing
from analysis.publish.incremental import content_hash
from analysis.results import COHORT, pair
from analysis.study import Study

#: In the study folder, and optional: whom each report is sent to.
RECIPIENTS = "recipients.csv"
COLUMNS = ("school", "name", "email")
#: The study's own words for the covering e-mail, and optional.
EMAIL = "texts/email.md"
SUMS = "SHA256SUMS"
#: What would make an address of what stands before one.
NOT_IN_NAMES = frozenset('<>",;:@\\')
WORDS = """\
Subject: $title: report for $unit, $term

Dear $names,

attached is $file, the report for $unit of $term. Unpack it, and open index.html in any browser, or
report.pdf. It may be shared with $share_with.

To see that it arrived as it was sent, compare its SHA-256:
$sha256

$organisation
"""
ADDRESS = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\"]+")


@dataclass(frozen=True)
class Recipient:
    """Somebody who is sent a report."""

    name: str
    email: str


@dataclass(frozen=True)
class Packed:
    """A report as it is sent: its zip, its covering e-mail, and to whom."""

    unit: str
    file: Path
    email: Path
    recipients: tuple[Recipient, ...]


def recipients(study: Study, units: Sequence[str]) -> dict[str, list[Recipient]]:
    """Whom each unit's report is sent to, as the study's table says; nobody, if there is none.

    Raises
    ------
    AnalystError
        Naming every row that is wrong.
    """
    path = study.path(RECIPIENTS)
    found: dict[str, list[Recipient]] = {}
    if not path.exists():
        return found
    mistakes = Collected()
    rows = csv.DictReader(io.StringIO(read_text(path), newline=""))
    if missing := [name for name in COLUMNS if name not in (rows.fieldnames or ())]:
        raise AnalystError(
            f"{RECIPIENTS} lacks the column {missing[0]}.",
            where=f"{path}, line 1",
            fix=f"Its columns are {', '.join(COLUMNS)}.",
        )
    for row in rows:
        school, name, email = ((row[column] or "").strip() for column in COLUMNS)
        wrong = ""
        if school not in units:
            wrong = f"'{school}' is neither 'cohort' nor a school of this study"
        elif not ADDRESS.fullmatch(email):
            wrong = f"'{email}' is no e-mail address"
        elif not name:
            wrong = "nobody is named"
        elif not name.isprintable() or set(name) & NOT_IN_NAMES:
            wrong = f"{name!r} cannot stand as a name before an address"
        elif Recipient(name, email) in found.get(school, []):
            wrong = f"{email} stands there twice for {school}"
        if wrong:
            mistakes.add(
                AnalystError(
                    f"{wrong[:1].upper()}{wrong[1:]}.",
                    where=f"{path}, line {rows.line_num}",
                    fix="Put the row right, or take it out.",
                )
            )
        else:
            found.setdefault(school, []).append(Recipient(name, email))
    mistakes.raise_any()
    return found


def why_not(study: Study, site: Path, unit: str) -> str:
    """Why a unit's report may not be sent; nothing if it may."""
    state = signing.state(study, site, unit)
    if state.state != signing.APPROVED or state.marked:
        return state.words()
    on_record = _on_record(study)
    for which, place in enumerate(rendering.destinations(site, study, unit)):
        name = f"{unit} {place.name}" if which else unit
        if on_record.get(name) != content_hash(place / manifest.FILE):
            return "approved, but not on record as published as it is now"
    return ""


def _on_record(study: Study) -> dict[str, str]:
    """The manifests of the reports published last of the study's edition and pair of waves."""
    for path in reversed(register.publications(study, study.edition.id)):
        approval = yaml.safe_load((path / register.APPROVAL).read_text(encoding="utf-8"))
        if pair(*map(str, approval["waves"])) == pair(study.baseline, study.followup):
            return {name: str(entry["manifest"]) for name, entry in approval["reports"].items()}
    return {}


def package(
    study: Study,
    site: Path,
    target: Path,
    units: Mapping[str, str],
    to: Mapping[str, Sequence[Recipient]],
    left: Iterable[str] = (),
) -> list[Packed]:
    """Write the packages of units, in place of those before.

    The folder's list of recipients and its checksums are of all that lie there.

    Parameters
    ----------
    target
        The folder to write to.
    units
        What each is called for readers, by unit.
    to
        Whom each is sent to.
    left
        Units that may not be sent: an earlier package of theirs goes.
    """
    for unit in left:
        for ending in (".zip", ".email.txt"):
            inside(target, f"{unit}{ending}").unlink(missing_ok=True)
    if not units:
        return []
    target.mkdir(parents=True, exist_ok=True)
    made = []
    for unit, called in units.items():
        places = rendering.destinations(site, study, unit)
        file = inside(target, f"{unit}.zip")
        _zip(file, unit, places, study)
        known = tuple(to.get(unit, ()))
        email = inside(target, f"{unit}.email.txt")
        share_with = manifest.read(places[0])["share_with"]
        email.write_text(_email(study, called, file, known, share_with), encoding="utf-8")
        made.append(Packed(unit, file, email, known))
    there = sorted(target.glob("*.zip"))
    lines = [f"{content_hash(file)}  {file.name}\n" for file in there]
    inside(target, SUMS).write_text("".join(lines), encoding="utf-8")
    with inside(target, RECIPIENTS).open("w", encoding="utf-8", newline="") as listed:
        writer = csv.writer(listed, lineterminator="\n")
        writer.writerow([*COLUMNS, "file"])
        for file in there:
            whom = to.get(file.stem, ())
            writer.writerows([file.stem, r.name, r.email, file.name] for r in whom)
    return made


def _zip(file: Path, unit: str, places: Sequence[Path], study: Study) -> None:
    """A unit's folders as they are, and beside them the checksums of all their files."""
    day = study.edition.date
    stamp = (max(day.year, 1980), day.month, day.day, 0, 0, 0)
    held: dict[str, bytes] = {}
    for place in places:
        for path in sorted(p for p in place.rglob("*") if p.is_file()):
            held[f"{unit}/{path.relative_to(place).as_posix()}" if len(places) == 1 else
                 f"{unit}/{place.name}/{path.relative_to(place).as_posix()}"] = path.read_bytes()  # fmt: skip
    sums = [f"{_sha256(content)}  {name}\n" for name, content in held.items()]
    temporary = file.with_suffix(".part")
    with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {SUMS: "".join(sums).encode(), **held}.items():
            entry = zipfile.ZipInfo(name, stamp)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    temporary.replace(file)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _email(study: Study, called: str, file: Path, to: Sequence[Recipient], share_with: str) -> str:
    """The covering e-mail: to whom, and the study's own words or the usual ones.

    Raises
    ------
    AnalystError
        If the study's words name what is not known.
    """
    path = study.path(EMAIL)
    words = read_text(path) if path.exists() else WORDS
    values = {
        "unit": called, "names": ", ".join(each.name for each in to) or "colleagues",
        "title": study.title, "term": study.edition.term, "organisation": study.organisation,
        "file": file.name, "sha256": content_hash(file), "share_with": share_with,
    }  # fmt: skip
    try:
        body = string.Template(words).substitute(values)
    except (KeyError, ValueError) as error:
        raise AnalystError(
            f"The covering e-mail names what is not known: {error}.",
            where=str(path),
            fix=f"It may name {', '.join(f'${name}' for name in values)}; a dollar sign is $$.",
        ) from None
    addresses = ", ".join(f"{each.name} <{each.email}>" for each in to)
    return f"To: {addresses or f'(nobody: see {RECIPIENTS})'}\n{body}"


def called(study: Study, schools: Mapping[str, str], unit: str) -> str:
    """What a unit is called for readers."""
    return study.title if unit == COHORT else schools[unit]
