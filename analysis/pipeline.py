"""The whole flow on one screen: raw exports in, reports out.

sources → prepare → compute → release → notebooks → render → check → publish
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from analysis import cluster, resources, tracing, upgrade, whole
from analysis import prepare as preparing
from analysis import questionnaire as questionnaires
from analysis import study as studies
from analysis.disclosure import changes, counted, decide, register, retiring, store
from analysis.disclosure.editions import Published
from analysis.errors import AnalystError, Collected
from analysis.places import inside, project_root
from analysis.prepare import Prepared, running, withdrawal
from analysis.prepare.respondents import read_or_make_key
from analysis.present import open_page
from analysis.present.page import Page, kept_open, page_of
from analysis.publish import (
    attacked,
    authored,
    incremental,
    manifest,
    notebooks,
    publishing,
    rendering,
    serving,
    signing,
    start_page,
    translating,
)
from analysis.publish import check as checking
from analysis.publish import package as packaging
from analysis.publish.signing import APPROVED, CHECKED
from analysis.publish.unit import Format, Made, UnitTask
from analysis.questionnaire import Questionnaire
from analysis.results import COHORT
from analysis.study import Study, Survey, key_folder

if TYPE_CHECKING:
    from distributed import Client

#: Gives the workers to use for so many pieces of computing.
Workers = Callable[[int], "Client | None"]
#: So few pieces are computed in this process, and all of a study whose exports are this small (in
#: bytes): workers would take longer to start.
FEW, SMALL = 12, 100_000
#: Scores that workers attack beside each other.
ATTACKED_AT_ONCE = 16


def prepare(study: Study) -> Prepared:
    """Read, check, link and score the study's exports; write the processed data.

    Everything else that would stop a report is checked as well (:mod:`analysis.whole`).
    """
    return whole.prepared(study, key_folder(study), store.processed(study))


def schools(study: Study) -> pd.DataFrame:
    """The schools of the study.

    Raises
    ------
    AnalystError
        If their table is wrong: with every other mistake of the study.
    """
    try:
        return preparing.schools.read(study)
    except AnalystError:
        prepare(study)
        raise


def questionnaire(
    study: Study,
    survey: str,
    form: str,
    *,
    language: str = "",
    wave: str = "",
    asks: Sequence[str] = (),
) -> tuple[bytes, Questionnaire]:
    """A survey's questionnaire as a file's bytes, in one of :data:`questionnaires.FORMATS`.

    Parameters
    ----------
    language
        Of a format that holds one; of others, the one that they open in. Default: the main one.
    wave
        For which wave it is. What has changed is asked after the first. Default: the last.
    asks
        Which of the survey's instruments; default: those of the wave's exports, or all.

    Raises
    ------
    AnalystError
        If the survey or the wave is not the study's, the questionnaire cannot be made
        (:func:`analysis.questionnaire.build.build`), or it does not hold the language.
    """
    asked = _named(study, survey)
    waves = study.wave_ids
    if wave and wave not in waves:
        raise AnalystError(
            f"'{wave}' is no wave of this study.",
            where="--wave",
            fix=f"Use {' or '.join(waves)}.",
        )
    for name in asks:
        if name not in asked.instruments:
            raise AnalystError(
                f"The {asked.label} has no instrument '{name}'.",
                where="--instrument",
                fix=f"Use {' or '.join(asked.instruments)}.",
            )
    of_wave = [each for each in asked.exports if each.wave == (wave or waves[-1])]
    made = questionnaires.build(
        study,
        asked,
        preparing.load_instruments(study, (asked,)),
        questionnaires.schools(study),
        change=bool(asked.perceived_change) and (wave or waves[-1]) != waves[0],
        asks=asks or [name for each in of_wave for name in asked.asks(each)],
    )
    if language and language not in made.languages:
        raise AnalystError(
            f"The questionnaire is not to be had in '{language}'.",
            where="--language",
            fix=f"Use {' or '.join(made.languages)}"
            + (f"; {'; '.join(made.notes)}." if made.notes else "; or add it to 'languages'."),
        )
    fonts = resources.fonts(project_root(study.folder))[0].parent

    def typeset(source: str) -> bytes:
        from analysis.publish.builtin import pdf

        if lacking := pdf.without_letters(source, fonts):
            raise AnalystError(
                f"The report's typeface has no letters for {' '.join(lacking[:12])}.",
                where=f"questionnaire of the {asked.label}, {language or made.main}",
                fix="Print it from another format, such as forms (Word).",
            )
        return pdf.typeset(source, fonts)

    return questionnaires.write(made, form, language or made.main, typeset), made


def response(study: Study, survey: str = "", wave: str = "") -> dict[str, pd.DataFrame]:
    """How far each survey (or one) is at a wave: survey and wave -> its schools.

    Reads the exports that are there; of a survey without any, nothing is said unless it is named
    (:func:`analysis.prepare.running.response`).
    """
    asked = [_named(study, survey)] if survey else list(study.surveys)
    found: dict[str, pd.DataFrame] = {}
    for number, each in enumerate(asked):
        try:
            running_wave = running.wave_running(study, each, wave)
        except AnalystError:
            if survey or (number == len(asked) - 1 and not found):
                raise
            continue
        counts = running.response(study, each, running_wave, key_folder(study))
        counts.insert(0, "survey", each.id)
        counts.insert(1, "wave", running_wave)
        found[each.id] = counts
    return found


def _named(study: Study, survey: str) -> Survey:
    """The survey of this id."""
    for each in study.surveys:
        if each.id == survey:
            return each
    raise AnalystError(
        f"'{survey}' is no survey of this study.",
        where=str(study.path("study.yaml")),
        fix=f"Use {' or '.join(each.id for each in study.surveys)}.",
    )


def withdraw(
    study: Study, code: str, survey: str = "", school: str = ""
) -> tuple[pd.DataFrame, dict[str, list[str]]]:
    """Remove one person from everything processed: see :func:`withdrawal.withdraw`.

    Results and executed notebooks still count that person, so they go altogether. From who was
    counted in what was published the person is erased; returned beside the files are, by
    publication, the reports that are to be replaced (:func:`analysis.disclosure.register.withdraw`).
    """
    processed = store.processed(study)
    again: dict[str, list[str]] = {}

    def erase(before: Prepared, after: Prepared, key: bytes) -> None:
        again.update(register.withdraw(study, counted.withdrawn(before, after, key)))

    found = withdrawal.withdraw(
        study, code, key_folder(study), processed, survey=survey, school=school, seen=erase
    )
    for name in (
        "computed",
        "ledger",
        "released",
        "notebooks",
        "languages",
        "packs",
        "projects",
        incremental.STATE,
    ):
        shutil.rmtree(inside(processed, name), ignore_errors=True)
    return found, again


def languages(study: Study) -> list[str]:
    """Where the reports' other languages stand (:func:`analysis.publish.translating.stands`)."""
    return translating.stands(study)


def upgraded(folder: Path) -> Path | None:
    """Write version 2 of a study file of version 1; where the old one is kept.

    Nothing is written, and nothing returned, if the file is of version 2 already.

    Raises
    ------
    AnalystError
        If the file is wrong, or an older file is kept already. Nothing is written then.
    """
    path, kept = folder / "study.yaml", folder / "study.v1.yaml"
    before = studies.load(folder)
    old = studies.read_yaml(path)
    new = upgrade.current(old, folder, studies.read_yaml)
    if new is old:
        return None
    if kept.exists():
        raise AnalystError(
            f"{kept.name} is there already, and is not written over.",
            where=str(kept),
            fix="Move it away, if study.yaml is to be upgraded again.",
        )
    text = path.read_text(encoding="utf-8-sig")
    temporary = folder / "study.yaml.part"
    temporary.write_text(upgrade.rewritten(text, new), encoding="utf-8")
    # The old file first: whenever this ends, there is one of the two under its name.
    shutil.copyfile(path, kept)
    temporary.replace(path)
    if studies.load(folder) != before:  # pragma: no cover - a defect of ours
        kept.replace(path)
        raise AssertionError("the upgraded study file says something else")
    return kept


def release(
    study: Study,
    jobs: int = 1,
    address: str = "",
    workers: Workers | None = None,
    report: Callable[[int, int], None] = lambda done, of: None,
) -> pd.DataFrame:
    """Prepare, compute everything, decide what may leave, and write the release of every unit.

    Nothing is released while a sentence marked as a finding is contradicted by the data.

    Parameters
    ----------
    jobs, address
        See :func:`cluster.workers`. Where no more than :data:`FEW` pieces are to be computed, or
        the exports are no larger than :data:`SMALL`, that is done here.
    workers
        Those to use, if there are any already.
    report
        Called with how many of how many pieces are computed.
    """
    # Only here: statistics take seconds to import, and what is released already needs none.
    from analysis import claims, reproduction

    record = _released(study)
    record.forget()
    settings = record.settings()
    if not address and _size(study) <= SMALL:
        jobs = 1
    if workers is None and not address and jobs > 1 and not _computed(study).exists():
        cluster.ready(cluster.COMPUTING)  # while the study is prepared
    prepared = prepare(study)
    with _workers(jobs, address) if workers is None else nullcontext(workers) as opened:
        decided = _decided(study, prepared, settings, opened, report)
    sentences = claims.load(study)
    if sentences is not None:
        claims.check_findings(sentences, decided, study)
    store.write(prepared, decided, changes.last(study))
    # Session packs show an earlier release now: drp check says so.
    shutil.rmtree(inside(store.processed(study), "packs"), ignore_errors=True)
    reproduction.write(study, decided)
    record.made((store.processed(study) / "released").iterdir())
    return decided


def _size(study: Study) -> int:
    """Bytes of the surveys' exports."""
    files = (study.path(each.file) for survey in study.surveys for each in survey.exports)
    return sum(path.stat().st_size for path in files if path.exists())


def _computed(study: Study) -> Path:
    """Where pieces of computing are kept."""
    return inside(store.processed(study), "computed")


def _decided(
    study: Study,
    prepared: Prepared,
    settings: str,
    workers: Workers = lambda pieces: None,
    report: Callable[[int, int], None] = lambda done, of: None,
) -> pd.DataFrame:
    """Every result, with what may be said of it; what was computed and attacked before is kept.

    ``settings`` stands for everything but data: it is looked at before data are read.
    """
    from analysis.compute import Kept, compute

    ledger = compute(prepared, Kept(store.processed(study), settings), workers, report)
    attacks = store.attacked(study, settings)
    if client := workers(0):
        attacks.attack = partial(cluster.many, client)
        attacks.at_once = ATTACKED_AT_ONCE
    decided = decide(ledger, study, prepared.schools, *_editions(study, prepared), attacks)
    store.keep(study, attacks)
    return decided


@contextmanager
def _workers(jobs: int, address: str) -> Iterator[Workers]:
    """Workers that are started once there is enough to do for them, and stay."""
    with ExitStack() as stack:
        opened: list[Client | None] = []

        def workers(pieces: int) -> Client | None:
            if not opened and (address or pieces > FEW):
                opened.append(
                    stack.enter_context(cluster.workers(jobs, address, incremental.code_hash))
                )
            return opened[0] if opened else None

        yield workers


def _editions(study: Study, prepared: Prepared) -> tuple[list[Published], counted.Counted | None]:
    """What was published earlier, and who is counted now (if there is anything to compare)."""
    key = read_or_make_key(key_folder(study))
    editions = register.published(study, key)
    return editions, counted.counted(prepared, key) if editions else None


def is_released(study: Study) -> bool:
    """Whether there is a release already of just these exports, code and lock."""
    return _released(study).is_there()


def _released(study: Study) -> incremental.Release:
    waves = (study.baseline, study.followup)
    root = project_root(study.folder)
    return incremental.Release(study.folder.resolve(), root, store.processed(study), waves)


@dataclass
class Outcome:
    """What became of the units: where each report is, or why it is not.

    ``summary`` is the file that says so (:meth:`summarised`).
    """

    renderer: Literal["quarto", "pandoc"]
    summary: Path
    released: pd.DataFrame | None = None
    made: dict[str, Made] = field(default_factory=dict)
    failed: dict[str, AnalystError] = field(default_factory=dict)

    @contextmanager
    def summarised(self, units: Sequence[str]) -> Iterator[None]:
        """When all is done, or stopped, write what became of each unit, and a list of the failed.

        ``summary.csv`` has columns ``unit``, ``state`` (made, as it was, failed, not reached),
        ``why`` and ``where`` (the first page, or the place of the error); ``failed.txt``, for
        ``--unit @failed.txt``, is there only if a unit failed.
        """
        try:
            yield
        finally:
            self._summarise(units)

    def _summarise(self, units: Sequence[str]) -> None:
        rows: list[tuple[str, str, str, str]] = []
        for unit in units:
            if unit in self.failed:
                error = self.failed[unit]
                rows.append((unit, "failed", error.what, error.where))
            elif unit in self.made:
                made = self.made[unit]
                state = "made" if made.reasons else "as it was"
                where = str(made.files[0]) if made.files else ""
                rows.append((unit, state, "; ".join(made.reasons), where))
            else:
                rows.append((unit, "not reached", "", ""))
        self.summary.parent.mkdir(parents=True, exist_ok=True)
        columns = ["unit", "state", "why", "where"]
        found = pd.DataFrame(rows, columns=columns)
        found.to_csv(self.summary, index=False, lineterminator="\n")
        failed = self.summary.with_name("failed.txt")
        failed.unlink(missing_ok=True)
        if self.failed:
            failed.write_text("\n".join(self.failed) + "\n", encoding="utf-8")


def render(
    study: Study,
    units: Sequence[str],
    formats: Sequence[Format] = ("html", "pdf"),
    renderer: rendering.Renderer = "auto",
    jobs: int = 2,
    report: Callable[[str], None] = lambda unit: None,
    *,
    released: Callable[[pd.DataFrame | None], None] = lambda decided: None,
    engine: notebooks.Engine = "warm",
    address: str = "",
    time_limit: float = cluster.TIME_LIMIT,
    computed: Callable[[int, int], None] = lambda done, of: None,
) -> Outcome:
    """Release what is to be released, then make the report of each unit, where anything changed.

    A unit that fails does not stop the others. ``computed`` is called with how many of how many
    pieces are computed; ``released`` with the new results, or with nothing where the release is
    kept; ``report`` with each unit done. For ``jobs``, ``address`` and ``time_limit`` see
    :mod:`analysis.cluster`. A summary is written, also of a run that is stopped.
    """
    state = store.processed(study) / incremental.STATE
    outcome = Outcome(rendering.chosen(renderer), state / "summary.csv")
    with outcome.summarised(units):
        root = project_root(study.folder)
        task = UnitTask(study, root, tuple(formats), outcome.renderer, engine)
        for unit in units:
            for place in rendering.destinations(rendering.site(root), study, unit):
                rendering.healed(place)
        kept = is_released(study)
        untouched = {unit: task.untouched(unit) if kept else None for unit in units}
        outcome.made = {unit: made for unit, made in untouched.items() if made}
        for unit in outcome.made:
            report(unit)
        waiting = [unit for unit in units if unit not in outcome.made]
        if not waiting:
            released(None)
            start_page.write(rendering.site(root), root)
            return outcome
        notes = store.processed(study) / incremental.STATE / "at_work"
        # The workers start while the study is prepared, and the same ones compute and make reports.
        wanted = jobs if not kept else min(jobs, len(waiting))
        with cluster.workers(wanted, address, incremental.code_hash, _import_once) as client:
            if not kept:
                outcome.released = release(study, workers=lambda pieces: client, report=computed)
            released(outcome.released)
            for unit, result in cluster.each(task, waiting, client, notes, time_limit, task.shares):
                if isinstance(result, AnalystError):
                    outcome.failed[unit] = result
                else:
                    outcome.made[unit] = result
                report(unit)
        start_page.write(rendering.site(root), root)
        if not outcome.failed and authored.unnoted(study):
            texts(study)
    return outcome


def _import_once() -> None:
    """What a worker does when it starts: import what every unit needs."""
    from analysis.publish.shell import warm_up

    warm_up()


def pack(
    study: Study,
    units: Sequence[str],
    report: Callable[[str, list[Path]], None] = lambda unit, files: None,
) -> None:
    """Make the session packs of units from what is released; releases first where anything changed.

    ``report`` is called with each unit and its files.
    """
    from analysis import forms
    from analysis.publish import packs

    if not is_released(study):
        release(study)
    material = forms.Material.read(study, forms.period(study))
    site = rendering.site(project_root(study.folder))
    for unit in units:
        with kept_open():
            page = open_page(unit, str(study.folder.resolve()), study.edition.id, study.baseline,
                             study.followup)  # fmt: skip
            made = packs.make(page, site, material)
            packs.record(page)
            report(unit, made)


def attack(study: Study) -> tuple[pd.DataFrame, Path]:
    """Attack the reports made last, all together, and with what was published earlier: see
    :func:`attacked.attack`."""
    editions, now = _editions(study, preparing.prepare(study, key_folder(study)))
    return attacked.attack(study, store.units(schools(study)), editions, now)


def sign(
    study: Study,
    units: Sequence[str],
    checked_by: str,
    approved_by: str,
    date: dt.date,
    jobs: int = 2,
) -> dict[str, signing.State]:
    """Sign reports as checked, approved or both (:mod:`analysis.publish.signing`); where each stands.

    The pages of those that are approved, and their packs, are made again without the mark of a draft.

    Raises
    ------
    AnalystError
        If one of them may not leave, is not up to date, or is to be approved and nobody has checked
        it. Nothing is signed then.
    """
    check(study, units)
    _signed(study, _ready(study, units), checked_by, approved_by, date, jobs)
    return states(study, units)


def states(study: Study, units: Sequence[str] = ()) -> dict[str, signing.State]:
    """Where reports stand, by unit; of all units, if none are named."""
    site = rendering.site(project_root(study.folder))
    return signing.states(study, site, units or store.units(preparing.schools.read(study)))


def _signed(
    study: Study,
    made: publishing.Ready,
    checked_by: str,
    approved_by: str,
    date: dt.date,
    jobs: int,
) -> None:
    contents = {unit: str(places[0][1]["content"]) for unit, places in made.items()}
    signing.sign(study, contents, checked_by, approved_by, date)
    # Each again as it was made before.
    how: dict[tuple[Any, ...], list[str]] = {}
    for unit, places in made.items():
        if any(found["draft"] for _, found in places) and approved_by:
            was = places[0][1]["parameters"]
            key = (tuple(was["formats"]), was["renderer"], was["engine"])
            how.setdefault(key, []).append(unit)
    for (formats, renderer, engine), units in how.items():
        for error in render(study, units, formats, renderer, jobs, engine=engine).failed.values():
            raise error
    site = rendering.site(project_root(study.folder))
    packed = [unit for unit in made if rendering.pack(site, study, unit).is_dir()]
    if packed and approved_by:
        pack(study, packed)


def _ready(study: Study, units: Sequence[str]) -> publishing.Ready:
    """Reports that are whole, unchanged and up to date: see :func:`publishing.ready`."""
    if not is_released(study):
        raise AnalystError(
            "The exports, the study or the code have changed since the reports were made.",
            where=str(study.folder),
            fix="Make them again: drp render.",
        )
    root = project_root(study.folder)

    def up_to_date(unit: str, made: dict[str, Any]) -> bool:
        how = made["parameters"]
        task = UnitTask(study, root, tuple(how["formats"]), how["renderer"], how["engine"])
        with kept_open():
            return not task.reasons(task.open(unit))

    return publishing.ready(study, rendering.site(root), units, up_to_date)


def publish(study: Study, approved_by: str, date: dt.date, jobs: int = 2) -> publishing.Approved:
    """Check and attack the reports of the study's edition, and put them on record as published.

    Reports that nobody has approved yet are approved by who approves the edition.

    Raises
    ------
    AnalystError
        If they may not leave: see :func:`check`, :func:`publishing.ready` and
        :func:`attacked.attack`.
    """
    check(study)
    units = store.units(preparing.schools.read(study))
    made = _ready(study, units)
    prepared = preparing.prepare(study, key_folder(study))
    key = read_or_make_key(key_folder(study))
    editions, now = register.published(study, key), counted.counted(prepared, key)
    audit, _ = attacked.attack(study, units, editions, now)
    stands = {unit: each.state for unit, each in states(study, units).items()}
    if rest := {unit: made[unit] for unit in units if stands[unit] != APPROVED}:
        unchecked = {unit: each for unit, each in rest.items() if stands[unit] != CHECKED}
        _signed(study, unchecked, approved_by, "", date, jobs)
        _signed(study, rest, "", approved_by, date, jobs)
        made = _ready(study, units)
    done = publishing.publish(study, made, approved_by, date, audit, editions, now, key)
    # What is on record now changes nothing of the release that was just put there.
    _released(study).made((store.processed(study) / "released").iterdir())
    shown = texts(study)
    authored.note(study, shown, [text.name for text in shown if text.state != authored.MISSING])
    return done


def package(
    study: Study, units: Sequence[str] = (), target: Path | None = None
) -> tuple[list[packaging.Packed], dict[str, str]]:
    """Package reports to be sent (:mod:`analysis.publish.package`); and why others are not.

    Of all schools, if no units are named.
    """
    root = project_root(study.folder)
    site, table = rendering.site(root), schools(study)
    every = store.units(table)
    names = dict(zip(map(str, table["id"]), map(str, table["name"]), strict=True))
    to = packaging.recipients(study, every)
    wanted = list(units) or every[1:]
    left = {unit: why for unit in wanted if (why := packaging.why_not(study, site, unit))}
    chosen = {u: packaging.called(study, names, u) for u in wanted if u not in left}
    place = target or inside(root, "report", "_packages", study.id, study.edition.id)
    return packaging.package(study, site, place, chosen, to, left), left


def served(study: Study, port: int) -> ThreadingHTTPServer:
    """The reports on this machine (:mod:`analysis.publish.serving`)."""
    site = rendering.site(project_root(study.folder))

    def rows() -> tuple[str, str, list[serving.Row]]:
        last = changes.last(study)
        names = dict(schools(study)[["id", "name"]].itertuples(index=False, name=None))
        found = []
        for unit, stands in states(study).items():
            place = rendering.destination(site, study, unit)
            below = place.parts[-1:] if unit == COHORT else place.parts[-2:]
            before = inside(site, study.id, last.edition, *below, "index.html") if last else None

            def there(path: Path | None) -> str:
                return path.relative_to(site).as_posix() if path and path.exists() else ""

            found.append(
                serving.Row(
                    "programme" if unit == COHORT else f"{unit}, {names[unit]}",
                    stands,
                    there(place / "index.html"),
                    there(place / "report.pdf"),
                    there(before),
                    bool(stands.state) and packaging.why_not(study, site, unit) == "",
                )
            )
        title = f"{study.title}: {study.edition.term}"
        return title, last.term if last else "", found

    return serving.server(site, port, rows)


def due(study: Study, today: dt.date) -> list[retiring.Removal]:
    """What is past its term of retention: see :mod:`analysis.disclosure.retiring`."""
    return retiring.due(study, today)


def retire(study: Study, removals: list[retiring.Removal], today: dt.date) -> retiring.Retired:
    """Remove it, and prove that: see :func:`retiring.retire`."""
    return retiring.retire(study, removals, today)


def texts(study: Study, reviewed: Sequence[str] = ()) -> list[authored.Text]:
    """The analyst's texts, each with its state (:mod:`analysis.publish.authored`).

    ``reviewed`` are those that were read again and fit the results as they are now.
    """
    root = project_root(study.folder)
    units = store.units(schools(study))
    if is_released(study):
        with kept_open():
            found = authored.looked_at(study, root, units, lambda unit: _page(study, unit))
    else:
        # Not as a release, which is refused while a text is contradicted.
        settings = _released(study).settings()
        prepared = prepare(study)
        decided = _decided(study, prepared, settings)

        def opened(unit: str) -> Page:
            return page_of(study, unit, store.provisional(prepared, decided, unit))

        found = authored.looked_at(study, root, units, opened)
    authored.note(study, found, reviewed or None)
    if reviewed:
        return texts(study)
    return found


def _page(study: Study, unit: str) -> Page:
    return open_page(
        unit, str(study.folder.resolve()), study.edition.id, study.baseline, study.followup
    )


def differences(study: Study, before: str, now: str) -> dict[str, changes.Changes]:
    """What two editions on record say differently, by unit: see :mod:`analysis.disclosure.changes`.

    Editions by their ids, or ``id/number`` for one of several publications.
    """
    old, new = changes.named(study, before), changes.named(study, now)
    return {unit: changes.between(old, new, unit) for unit in (COHORT, *new.schools)}


def to_send_again(study: Study) -> dict[str, list[str]]:
    """Reports that wait to be replaced since somebody withdrew, by publication."""
    return register.to_send_again(study)


def trace(study: Study, identity: str, unit: str) -> list[str]:
    """Where a number of the ledger comes from, in lines: see :func:`tracing.trace`."""
    return list(tracing.lines(tracing.trace(study, identity, unit)))


def verify(folder: Path) -> dict[str, Any]:
    """Prove that a report's folder is as it was made; its manifest.

    Raises
    ------
    AnalystError
        If it is not, naming how it differs.
    """
    found = manifest.read(folder)
    if differences := manifest.differences(folder):
        raise AnalystError(
            "The folder differs from its manifest:\n    " + "\n    ".join(differences[:20]),
            where=str(folder),
            fix="Do not use it: get it again from whoever made it.",
        )
    return found


def _check_session(study: Study, site: Path, page: Page) -> None:
    """Check a unit's session pack and a school's form, where they are made."""
    from analysis.forms import form
    from analysis.publish import packs

    place = rendering.pack(site, study, page.unit)
    if place.is_dir():
        checking.check(place, page)
        if why := packs.stale(page, site):
            raise AnalystError(
                f"The session pack of {page.unit} {why}.",
                where=str(place),
                fix="Make it again: drp pack. Or take the folder away.",
            )
    if page.is_school and (path := form(study, page.unit)).exists():
        checking.form(path, page)


def check(study: Study, only: Sequence[str] = ()) -> list[str]:
    """Check the reports of the study's edition, all or those of some units; the units checked;
    and their packs and forms.

    Raises
    ------
    AnalystError
        If nothing of this edition is made, a report is missing, or one fails the check: all that
        is wrong, at once.
    """
    site = rendering.site(project_root(study.folder))
    every = store.units(preparing.schools.read(study))
    units = list(only) or every
    places = {unit: rendering.destinations(site, study, unit) for unit in units}
    checked = [unit for unit in units if any(place.is_dir() for place in places[unit])]
    if checked:
        mistakes = Collected()
        whole = checking.site(
            rendering.edition(site, study),
            units,
            {u: rendering.destinations(site, study, u) for u in every},
        )
        if whole:
            mistakes.add(
                AnalystError(
                    f"The edition {study.edition.id} is not whole:\n    " + "\n    ".join(whole),
                    where=str(rendering.edition(site, study)),
                    fix="Make all reports (drp render), and take away what does not belong there.",
                )
            )
        for unit in checked:
            page = open_page(unit, str(study.folder.resolve()))
            for place in filter(Path.is_dir, places[unit]):
                with mistakes.also():
                    checking.check(place, page)
            with mistakes.also():
                _check_session(study, site, page)
        mistakes.raise_any()
    else:
        raise AnalystError(
            f"No report of the edition {study.edition.id} is published yet.",
            where=str(rendering.edition(site, study)),
            fix="Run drp render first.",
        )
    return checked
