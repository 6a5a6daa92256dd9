"""The whole flow on one screen: raw exports in, reports out.

sources → prepare → compute → release → notebooks → render → check

What stands around it: questionnaires before (:mod:`analysis.asking`); signing, publishing and sending
after (:mod:`analysis.approval`, :mod:`analysis.sending`).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from contextlib import nullcontext

import pandas as pd

from analysis import cluster, releasing, texts, whole
from analysis.disclosure import changes, store
from analysis.errors import AnalystError
from analysis.places import inside, project_root
from analysis.prepare import Prepared
from analysis.publish import authored, checked, incremental, notebooks, rendering, start_page
from analysis.publish.outcome import Outcome
from analysis.publish.unit import Format, UnitTask, get_ready
from analysis.releasing import Workers
from analysis.results import COHORT
from analysis.study import Study, key_folder


def prepare(study: Study) -> Prepared:
    """Read, check, link and score the study's exports; write the processed data.

    Everything else that would stop a report is checked as well (:mod:`analysis.whole`).
    """
    return whole.prepared(study, key_folder(study), store.processed(study))


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
        See :func:`cluster.workers`. Where no more than :data:`releasing.FEW` pieces are to be computed, or
        the exports are no larger than :data:`releasing.SMALL`, that is done here.
    workers
        Those to use, if there are any already.
    report
        Called with how many of how many pieces are computed.
    """
    # Only here: statistics take seconds to import, and what is released already needs none.
    from analysis import claims, reproduction

    record = releasing.record(study)
    record.forget()
    settings = record.settings()
    if not address and releasing.size(study) <= releasing.SMALL:
        jobs = 1
    if workers is None and not address and jobs > 1 and not releasing.kept_in(study).exists():
        cluster.ready(cluster.COMPUTING)  # while the study is prepared
    with releasing.workers(jobs, address) if workers is None else nullcontext(workers) as opened:
        prepared, decided = releasing.decided(
            study, lambda: prepare(study), settings, opened, report
        )
    sentences = claims.load(study)
    if sentences is not None:
        claims.check_findings(sentences, decided, study)
    store.write(prepared, decided, changes.last(study))
    # Session packs show an earlier release now: drp check says so.
    shutil.rmtree(inside(store.processed(study), "packs"), ignore_errors=True)
    reproduction.write(study, decided)
    record.made((store.processed(study) / "released").iterdir())
    return decided


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
    root = project_root(study.folder)
    with outcome.summarised(units), rendering.healing(rendering.site(root), study, units):
        task = UnitTask(study, root, tuple(formats), outcome.renderer, engine)
        kept = releasing.is_released(study)
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
        parted = COHORT in waiting and releasing.size(study) > releasing.SMALL
        wanted = jobs if not kept or parted else min(jobs, len(waiting))
        with cluster.workers(wanted, address, incremental.code_hash, _import_once) as client:

            def counted(done: int, of: int) -> None:
                computed(done, of)
                if done == of and client is not None:
                    # What is released is decided here, and they have little to do.
                    cluster.everywhere(client, get_ready)

            if not kept:
                outcome.released = release(study, workers=lambda pieces: client, report=counted)
            released(outcome.released)
            for unit, result in cluster.each(task, waiting, client, notes, time_limit, task.steps):
                if isinstance(result, AnalystError):
                    outcome.failed[unit] = result
                else:
                    outcome.made[unit] = result
                report(unit)
        start_page.write(rendering.site(root), root)
        if not outcome.failed and authored.unnoted(study):
            texts.looked_at(study)
    return outcome


def _import_once() -> None:
    """What a worker does when it starts: import what every unit needs."""
    from analysis.publish.shell import warm_up

    warm_up()


def check(study: Study, only: Sequence[str] = ()) -> list[str]:
    """Check the reports of the study's edition, all or some: :func:`analysis.publish.checked.edition`."""
    return checked.edition(study, only)
