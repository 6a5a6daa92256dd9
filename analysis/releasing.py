"""A study's release: whether there is one, what decides it, and the workers that compute it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from analysis import cluster, memory
from analysis.disclosure import counted, decide, register, store
from analysis.disclosure.editions import Published
from analysis.places import inside, project_root
from analysis.prepare import Prepared
from analysis.prepare.respondents import read_or_make_key
from analysis.publish import incremental
from analysis.results import read
from analysis.study import Study, key_folder

if TYPE_CHECKING:
    from distributed import Client

#: Gives the workers to use for so many pieces of computing.
Workers = Callable[[int], "Client | None"]
#: So few pieces are computed in this process, and all of a study whose exports are this small (in
#: bytes): workers would take longer to start.
FEW, SMALL = 12, 100_000
#: Scores that workers attack beside each other.
ATTACKED_AT_ONCE = 16


def is_released(study: Study) -> bool:
    """Whether there is a release already of just these exports, code and lock."""
    return record(study).is_there()


def record(study: Study) -> incremental.Release:
    waves = (study.baseline, study.followup)
    root = project_root(study.folder)
    folder, processed = study.folder.resolve(), store.processed(study)
    return incremental.Release(folder, root, processed, waves, study.unused_files)


def decided(
    study: Study,
    prepare: Callable[[], Prepared],
    settings: str,
    workers: Workers = lambda pieces: None,
    report: Callable[[int, int], None] = lambda done, of: None,
) -> tuple[Prepared, pd.DataFrame]:
    """Every result, with what may be said of it; what was computed and attacked before is kept.

    With it the study as ``prepare`` gives it, but without anybody's answers: these are let go once it
    is known what is to be computed, so that they are in memory neither beside workers who read them
    again nor beside the ledger. ``settings`` stands for everything but data: it is looked at before
    data are read.
    """
    from analysis.compute import Kept, asked, computed

    code = incremental.together(incremental.common(project_root(study.folder)))
    prepared = prepare()
    work = asked(prepared, Kept(store.processed(study), code), workers)
    published = editions(study, prepared)
    prepared = prepared.without_answers()
    memory.give_back()
    pieces = computed(work, workers, report)
    del work  # where they were computed here, it still has the answers
    memory.give_back()
    attacks = store.attacked(study, settings)
    if client := workers(0):
        attacks.attack = partial(cluster.many, client, ATTACKED_AT_ONCE)
    ledger = read(pieces, study.edition.id)
    memory.give_back()
    decided = decide(ledger, study, prepared.schools, *published, attacks)
    store.keep(study, attacks)
    memory.give_back()
    return prepared, decided


def editions(study: Study, prepared: Prepared) -> tuple[list[Published], counted.Counted | None]:
    """What was published earlier, and who is counted now (if there is anything to compare)."""
    key = read_or_make_key(key_folder(study))
    editions = register.published(study, key)
    return editions, counted.counted(prepared, key) if editions else None


@contextmanager
def workers(jobs: int, address: str) -> Iterator[Workers]:
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


def size(study: Study) -> int:
    """Bytes of the surveys' exports."""
    files = (study.path(each.file) for survey in study.surveys for each in survey.exports)
    return sum(path.stat().st_size for path in files if path.exists())


def kept_in(study: Study) -> Path:
    """Where pieces of computing are kept."""
    return inside(store.processed(study), "computed")
