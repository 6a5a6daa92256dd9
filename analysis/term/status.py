"""Where a study stands: files, schools, release, reports, editions, and what to do next.

Nothing is made or changed, and whatever is wrong is a line of the answer, not an error.
"""

from __future__ import annotations

import csv
import datetime as dt
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from analysis import releasing, texts, whole
from analysis.disclosure import register, retiring, store
from analysis.errors import AnalystError, a_few
from analysis.places import inside, project_root
from analysis.prepare import fit, tables
from analysis.prepare import schools as school_table
from analysis.publish import authored, incremental, rendering, signing
from analysis.publish.unit import UnitTask
from analysis.study import Export, Study
from analysis.term import edit, newest

#: Files that hold data: one that the study does not name was perhaps forgotten.
DATA = {
    ".csv", ".tsv", ".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".sav", ".zsav", ".por", ".dta",
    ".qdpx", ".qda", ".qdc",
}  # fmt: skip
#: More than so many names of a kind are counted.
FEW = 8
#: The study that a command is about unless another is named, and the file that describes it.
STUDY, STUDY_FILE = Path("data/raw"), "study.yaml"


@dataclass(frozen=True)
class Part:
    """One question about a study, with the answers worth a line each."""

    title: str
    lines: list[str]


@dataclass
class Status:
    """What was found, and the command to go on with."""

    parts: list[Part] = field(default_factory=list)
    next: str = ""

    def add(self, title: str, lines: list[str]) -> None:
        """A part; one of which there is nothing to say is left out."""
        if lines:
            self.parts.append(Part(title, lines))

    def lines(self) -> Iterator[str]:
        """The whole as lines of text."""
        for part in self.parts:
            yield part.title
            yield from (f"  {line}" for line in part.lines)
        if self.next:
            yield f"Next: {self.next}"


def status(folder: Path) -> Status:
    """Where the study in a folder stands."""
    found = Status()
    drp = partial(_command, folder)
    try:
        study = whole.load(folder)
    except AnalystError as error:
        found.add("The study file cannot be used", error.lines())
        here = not (folder / "study.yaml").exists()
        found.next = f"{error.fix}" if here else "correct it, then drp status again."
        return found
    waves = " to ".join(study.pair_of_waves)
    about = [line for line in (newest(study), _synthetic(study)) if line]
    head = f"{study.title}, edition {study.edition.id} of {study.edition.date} ({waves})"
    found.parts.append(Part(f"{head}, in {study.folder}", about))
    missing, changed = _files(study, found)
    unfit, to_map = _exports(study, found)
    try:
        frame = school_table.read(study)
    except (AnalystError, OSError) as error:
        lines = error.lines() if isinstance(error, AnalystError) else [str(error)]
        found.add("Schools", lines)
        found.next = "correct the table of schools, then drp status again."
        return found
    past = _retention(study, found)
    _waves(study, list(frame["id"]), found)
    current = _release(study, changed, found)
    to_make, failed = _reports(study, store.units(frame), current, found)
    on_record = _editions(study, current and not to_make, found)
    contradicted = _texts(study, current, found)
    if missing := [name for name in missing if name not in to_map]:
        found.next = f"put {a_few(missing, FEW)} there, or take the lines out of study.yaml."
    elif to_map:
        found.next = next(iter(to_map.values()))
    elif unfit:
        found.next = f"put right what is wrong with {a_few(unfit, FEW)}, then {drp('prepare')}."
    elif past:
        found.next = f"{drp('retire')}, for {a_few(past, FEW)}"
    elif current and failed:
        found.next = f"put right what stopped {a_few(failed, FEW)}, then {drp('render')}"
    elif not current or to_make:
        found.next = drp("render")
    elif contradicted:
        found.next = (
            f"correct {a_few(contradicted, FEW)}: {drp('texts')} says what is contradicted."
        )
    elif not on_record:
        found.next = (
            f"{drp('check --attack')}, read the reports, then {drp('publish --approved-by NAME')}"
        )
    elif register.to_send_again(study):
        found.next = f"{drp('publish --approved-by NAME')}: reports on record wait to be replaced"
    else:
        found.next = "nothing: everything is made from what is there, and on record."
    return found


def _command(folder: Path, words: str) -> str:
    """A command on the study in a folder, as it is typed where we are."""
    usual = folder.resolve() == STUDY.resolve()
    return f"drp {words}" + ("" if usual else f" --study {shlex.quote(str(folder))}")


def _synthetic(study: Study) -> str:
    files = sorted(study.synthetic_files)
    return f"still synthetic, as SYNTHETIC lists: {a_few(files, FEW)}" if files else ""


def _expected(study: Study) -> Iterator[tuple[str, str]]:
    """Each file or pattern that the study file names, and what it is for."""
    yield study.schools, "the schools"
    for survey in study.surveys:
        for instrument in survey.instruments:
            yield f"instruments/{instrument}.yaml", f"instrument of the {survey.label}"
        for export in survey.exports:
            yield export.file, f"{survey.label}, {export.wave}"
            if export.mapping:
                yield export.mapping, f"mapping of {export.file}"
    for name, what in (
        (study.wave_dates, "dates of waves"),
        (study.reference_population, "the reference population"),
        (study.codebook, "the codebook"),
        (study.brand, "the brand"),
    ):
        if name:
            yield name, what
    for text in study.coded_text:
        yield text.file, "coded text"
    for strand, files in study.strands.items():
        for key, name in files.items():
            yield name, strand if key == strand else f"{strand}, {key.replace('_', ' ')}"


def _files(study: Study, found: Status) -> tuple[list[str], list[str]]:
    """Say which files are missing, new or changed; those missing, and what changed since the
    release."""
    folder = study.folder.resolve()
    release = releasing.record(study)
    before: dict[str, str] = incremental.read(release.record).get("inputs", {})
    now = release.inputs
    lines, missing, same = [], [], 0
    gone = retiring.retired(study)
    expected = list(dict(_expected(study)).items())
    for name, what in expected:
        try:
            paths = sorted(folder.glob(name))
        except ValueError:
            paths = []
        if not paths:
            missing.append(name)
            since = f", retired on {gone[name]['retired_on']}" if name in gone else ""
            lines.append(f"{name} is MISSING ({what}{since})")
        for path in paths:
            own = path.relative_to(folder).as_posix()
            if not before:
                continue
            if own not in before:
                lines.append(f"{own} is new ({what})")
            elif before[own] != now.get(own):
                lines.append(f"{own} has changed since the last release ({what})")
            else:
                same += 1
    # The release record names everything it was made from; what it does not depend on is no news.
    ours = set(incremental.common(project_root(study.folder))) | {"waves", "published"}
    others = [
        name
        for name in sorted({*before, *now})
        if before and before.get(name) != now.get(name) and name not in ours
    ]
    told = " ".join(lines)
    lines += [
        f"{name} {'is gone' if name not in now else 'is new' if name not in before else 'has changed'}"
        for name in others
        if name not in told
    ]
    if same:
        lines.append(f"{same} file{'s' * (same > 1)} as at the last release")
    idle = [
        name
        for name in sorted(study.unused_files)
        if Path(name).suffix.lower() in DATA or Path(name).parent != Path()
        if not _waits(folder / name)
    ]
    if idle:
        lines.append(f"not named in study.yaml, and not used: {a_few(idle, FEW)}")
    found.add("Files", lines)
    reasons = [name for name in sorted({*before, *now}) if before.get(name) != now.get(name)]
    return missing, reasons if before else []


def _waits(path: Path) -> bool:
    """Whether a table has no more than its headings so far."""
    if path.suffix != ".csv":
        return False
    with path.open("rb") as file:
        file.readline()
        return not file.readline().strip()


def _exports(study: Study, found: Status) -> tuple[list[str], dict[str, str]]:
    """Say which exports cannot be read, or not with their mapping; those, and by the mapping that
    is wanted the command that proposes it.

    Exports that were read for the last release, as they are and with the mapping that they have,
    are not read again.
    """
    before = incremental.read(releasing.record(study).record).get("inputs", {})
    now = releasing.record(study).inputs
    lines: list[str] = []
    unfit: list[str] = []
    to_map: dict[str, str] = {}
    for survey in study.surveys:
        for export in survey.exports:
            path, files = study.path(export.file), [export.file, export.mapping or export.file]
            if not path.is_file() or all(before.get(f) == now.get(f) for f in (*files, STUDY_FILE)):
                continue
            command = _command(study.folder, f"map {shlex.quote(str(path))} --survey {survey.id}")
            if export.mapping and not study.path(export.mapping).is_file():
                named = export.mapping == edit.proposed(export.file)
                to_map[export.mapping] = f"{command}{_looked_through(export, named)}"
                continue
            try:
                fit.refuse_unfit(study, survey, export)
            except fit.Unmapped as error:
                lines.append(f"{export.file}: {error.what}")
                to_map[edit.proposed(export.file)] = f"{command}{_looked_through(export, False)}"
            except AnalystError as error:
                unfit.append(export.file)
                name = "" if export.file in error.what else f"{export.file}: "
                lines.append(f"{name}{error.what} {error.fix}")
    found.add("Exports that cannot be read as they are", lines)
    return unfit, to_map


def _looked_through(export: Export, named: bool) -> str:
    """What is to be done with the mapping that is proposed."""
    own = edit.proposed(export.file)
    name = "" if named else f", and name it as the mapping of {export.file} in study.yaml"
    return f"   (then look through {own}{name})"


def _retention(study: Study, found: Status) -> list[str]:
    """Say which files are past the last day on which they are kept."""
    today = dt.date.today()
    past = {n: d for n, d in study.retention.items() if today > d and study.path(n).is_file()}
    found.add("Past their term", [f"{n} was to be kept until {d}" for n, d in past.items()])
    return list(past)


def _texts(study: Study, current: bool, found: Status) -> list[str]:
    """Say which of the analyst's texts fit the results no longer; those that are contradicted.

    Results are there to judge them by once they are computed from what is there.
    """
    if not current:
        return []
    try:
        judged = texts.judged(study)
    except AnalystError as error:
        found.add("Texts", [" ".join(line.strip() for line in error.lines())])
        return []
    bad = (authored.CONTRADICTED, authored.STALE, authored.UNUSED)
    by_state = {state: [t.name for t in judged if t.state == state] for state in bad}
    found.add(
        "Texts",
        [
            f"{state}: {a_few([f'texts/{name}.md' for name in names], FEW)}"
            for state, names in by_state.items()
            if names
        ],
    )
    return [f"texts/{name}.md" for name in by_state[authored.CONTRADICTED]]


def _waves(study: Study, units: list[str], found: Status) -> None:
    """Say which schools have no answers at a wave, as the data were prepared last."""
    lines = []
    for survey in study.surveys:
        asked = list(dict.fromkeys(export.wave for export in survey.exports))
        path = inside(store.processed(study), "surveys", f"{survey.id}.parquet")
        if not path.exists():
            continue
        rows = tables.read(store.processed(study), survey.id, columns=["school", "wave"])
        for wave in asked:
            there = set(rows.loc[rows["wave"] == wave, "school"])
            without = [unit for unit in units if unit not in there]
            if without and there:
                lines.append(
                    f"{survey.label}, {wave}: {len(without)} without: {a_few(without, FEW)}"
                )
            elif not there:
                came = any(
                    export.wave == wave and study.path(export.file).is_file()
                    for export in survey.exports
                )
                what = "its file has not been prepared yet" if came else "its file is not there"
                lines.append(f"{survey.label}, {wave}: {what}")
        for wave in study.wave_ids:
            if wave not in asked:
                lines.append(f"{survey.label}, {wave}: no export is named")
    found.add("Schools without answers, as prepared last", lines)


def _release(study: Study, changed: list[str], found: Status) -> bool:
    """Say whether the release is made from what is there now."""
    release = releasing.record(study)
    if release.is_there():
        found.add("Results", ["computed and released from what is there now"])
        return True
    if not release.record.exists():
        kept = releasing.kept_in(study).exists()
        words = (
            "the last run stopped before its end; run again, it says why"
            if kept
            else "not computed yet"
        )
    elif changed:
        known = {"code": "the package", "lock": "its lock", "published": "what is on record"}
        why = [known.get(name, name) for name in changed]
        words = f"to be computed again, for what has changed: {a_few(why, FEW)}"
    else:
        words = "to be computed again: a file of the release is missing or was changed"
    found.add("Results", [words])
    return False


def _reports(
    study: Study, units: list[str], current: bool, found: Status
) -> tuple[list[str], list[str]]:
    """Say which reports a render would make, and why; their units, and those that failed."""
    processed, root = store.processed(study), project_root(study.folder)
    why: dict[str, list[str]] = {}
    for unit in units:
        report = incremental.Report(incremental.report_record(processed, unit))
        reason = _reason(study, root, unit, report) if current or not report.before else ""
        if reason:
            why.setdefault(reason, []).append(unit)
    made = [unit for found in why.values() for unit in found]
    lines = [
        f"{len(whose)} of {len(units)} to be made, {reason}: {a_few(whose, FEW)}"
        for reason, whose in why.items()
    ]
    if current and not made:
        lines.append(f"all {len(units)} are made from this release")
    elif not current and len(made) < len(units):
        lines.append(
            f"{len(units) - len(made)} made from an earlier release; which of them change is known "
            "once it is computed"
        )
    failed = _failed(study, made)
    lines += [f"{unit} failed at the last render: {why}" for unit, why in failed.items()]
    for unit in units:
        for place in rendering.destinations(rendering.site(root), study, unit):
            if any(each.is_dir() for each in rendering.beside(place)):
                lines.append(f"{unit}: a render was ended while it was made; the next one mends it")
                break
    found.add("Reports", [*lines, *_signed(study, units)])
    return made, list(failed)


def _failed(study: Study, to_make: list[str]) -> dict[str, str]:
    """Which of the reports to be made failed when it was tried last, and why."""
    path = store.processed(study) / incremental.STATE / "summary.csv"
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {
            row["unit"]: f"{row['why']} ({row['where']})" if row["where"] else row["why"]
            for row in csv.DictReader(file)
            if row["state"] == "failed" and row["unit"] in to_make
        }


def _signed(study: Study, units: list[str]) -> Iterator[str]:
    """Say of those that are made which are drafts, checked and approved: a line for each."""
    site = rendering.site(project_root(study.folder))
    by_state: dict[str, list[str]] = {}
    for unit, each in signing.states(study, site, units).items():
        by_state.setdefault(each.state, []).append(unit)
    for state in (signing.DRAFT, *signing.STEPS):
        if whose := by_state.get(state):
            yield f"{state}: {len(whose)}, {', '.join(whose)}"


def _reason(study: Study, root: Path, unit: str, report: incremental.Report) -> str:
    """Why a unit's report would be made; empty if it is as it would be."""
    if not report.before:
        places = rendering.destinations(rendering.site(root), study, unit)
        there = any(place.exists() for place in places)
        return "not as it would be made now" if there else "not made yet"
    if not incremental.still_there(report.before["made"], store.processed(study)):
        return "a file of it is missing or was changed"
    formats, _, renderer = str(report.before["causes"].get("format", "")).partition(" by ")
    task = UnitTask(study, root, tuple(formats.split(",")), renderer, "warm")  # type: ignore[arg-type]
    if task.untouched(unit):
        return ""
    return next(iter(task.reasons(task.open(unit))), "")


def _editions(study: Study, made: bool, found: Status) -> bool:
    """Say what is on record; whether the edition of today is."""
    lines = []
    own = False
    for path in register.publications(study):
        about = _approval(path)
        edition = path.parent.name
        lines.append(
            f"{edition}, publication {path.name}: {len(about.get('reports', {}))} reports with "
            f"{about.get('numbers', '?')} numbers, approved by {about.get('approved_by', '?')} on "
            f"{about.get('approved_on', '?')}"
        )
        own = edition == study.edition.id
    if own and not made:
        lines.append("since then something has changed: a render, and publishing it, replaces it")
    if not own:
        lines.append(f"{study.edition.id} is not on record: its reports are drafts")
    for publication, reports in register.to_send_again(study).items():
        lines.append(f"still to be replaced, of {publication}: {a_few(reports, FEW)}")
    if dt.date.today() < study.edition.date:
        lines.append(f"the edition's date, {study.edition.date}, is still to come")
    found.add("Editions on record", lines)
    return own and made


def _approval(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load((path / register.APPROVAL).read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError):
        return {}
    return content if isinstance(content, dict) else {}
