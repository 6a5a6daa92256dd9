"""Do one thing for many units (or pieces of computing), on Dask: on this machine, or on a cluster.

Dask decides which worker does which unit, moves the units of a worker that died to another, and
starts a new worker in its place. What is added here is what a unit needs to be held to account:
one that ends its worker twice, or takes too long, is given up, and the others go on.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
import time
import traceback
import warnings
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, NoReturn, TypeVar

from analysis.errors import AnalystError, of_the_machine
from analysis.places import inside

if TYPE_CHECKING:
    from distributed import Client, Future, WorkerPlugin

T = TypeVar("T")
#: Where a process can safely be forked from one that has imported everything, workers are.
FORKED = sys.platform == "linux"
#: What a worker needs, imported once in the process that workers are forked from.
NEEDED = ("analysis.orphans", "analysis.cli", "analysis.warm")
#: Seconds that one unit may take.
TIME_LIMIT = 900.0
#: The same of one that computes: what takes long to import.
COMPUTING = (
    "analysis.orphans", "distributed.nanny", "analysis.compute", "analysis.statistics.attrition",
    "analysis.statistics.over_time", "analysis.statistics.reliability",
)  # fmt: skip
#: A unit that has ended this many workers is not tried again.
ATTEMPTS = 2
TIMED_OUT = "timed out"
#: Seconds between looks at whether anybody works, and without anybody until it is given up.
LOOK, NOBODY = 0.2, 180.0
#: Into how many parts the calls are divided that workers have at once (:func:`many`).
LOTS = 4
#: How long to look for a scheduler.
PATIENCE = "20s"


#: The command that makes one unit's report by itself.
AGAIN = "drp render --unit {unit} --jobs 1"
#: Stands between a unit and the number of a part of its work.
OF = "+"
#: What workers may do of a unit's work before the rest: step by step, parts beside each other. Each
#: gets the unit, and what the steps before it returned.
Steps = Callable[[str], Sequence[Sequence[Callable[..., Any]]]]


def no_steps(unit: str) -> Sequence[Sequence[Callable[..., Any]]]:
    """A unit's work as one piece."""
    return ()


def ready(needed: Sequence[str] = NEEDED) -> None:
    """Start the process that workers are forked from, if there is none yet.

    It imports what is ``needed`` beside this process, so it is worth while to call this before
    anything else.
    """
    if not FORKED:
        return
    import multiprocessing
    from multiprocessing import forkserver

    multiprocessing.get_context("forkserver").set_forkserver_preload(list(needed))
    # It is to find this package, and not what is called the same in the present folder.
    before = os.environ.get("PYTHONSAFEPATH")
    os.environ["PYTHONSAFEPATH"] = "1"
    try:
        forkserver.ensure_running()
    finally:
        del os.environ["PYTHONSAFEPATH"]
        if before is not None:
            os.environ["PYTHONSAFEPATH"] = before


@contextmanager
def workers(
    jobs: int,
    address: str = "",
    code: Callable[[], str] | None = None,
    start: Callable[[], None] | None = None,
) -> Iterator[Client | None]:
    """The workers to use: a Dask client, or nothing where one unit at a time is done right here.

    Parameters
    ----------
    jobs
        Worker processes to start on this machine, each doing one unit at a time.
    address
        A running Dask scheduler's address, instead.
    code
        Finds the hash of the package's code, which workers elsewhere have to share.
    start
        What each worker does when it starts, such as to import once what units need.

    Raises
    ------
    AnalystError
        If no scheduler answers at the address, or its workers have other code.
    """
    if jobs == 1 and not address:
        yield None
        return
    import dask
    from distributed import Client, LocalCluster

    if not address:
        # From this thread, which lasts as long as the workers are wanted: they end with it.
        ready()
    # Workers say what they have to say in results; how they stop is of no interest.
    quiet = {
        "distributed.logging.distributed": "critical",
        "distributed.admin.system-monitor.gil.enabled": False,
        # A look at what each worker does every 10 ms, for a page that nobody opens, is a twentieth
        # of all their time.
        "distributed.worker.profile.enabled": False,
        "distributed.worker.multiprocessing-method": "forkserver" if FORKED else "spawn",
        # Dask's own limit on a unit's deaths is above ours, which knows which unit was at work.
        "distributed.scheduler.allowed-failures": 10,
    }
    with dask.config.set(quiet):
        if address:
            with _connected(address) as client:
                if code:
                    _refuse_other_code(client, address, code)
                if start:
                    client.register_plugin(_plugin(start))
                yield client
            return
        with (
            LocalCluster(
                n_workers=0,
                threads_per_worker=1,
                # Nothing listens to other machines.
                dashboard_address="127.0.0.1:0",
                worker_dashboard_address="127.0.0.1:0",
                silence_logs="CRITICAL",
            ) as cluster,
            Client(cluster) as client,
        ):
            if start:
                client.register_plugin(_plugin(start))
            cluster.scale(jobs)  # and goes on, while they start
            yield client


def each(
    task: Callable[..., T],
    units: Sequence[str],
    client: Client | None,
    notes: Path,
    limit: float = TIME_LIMIT,
    steps: Steps = no_steps,
    again: str = AGAIN,
    beside: Any = None,
    ahead: int = 0,
) -> Iterator[tuple[str, T | AnalystError]]:
    """``task(unit)`` for every unit; results in order of completion.

    An error is that unit's result; it stops no other unit.

    Parameters
    ----------
    steps
        Of a unit's work, what workers may do before the rest (:data:`Steps`): then
        ``task(unit, results)`` gets what each step's parts returned. Such units go first.
    notes
        A folder that all workers share, for notes on units at work.
    limit
        Seconds that one unit may take. In this process it is interrupted, where the system can;
        a worker is ended.
    again
        The command that tries a unit by itself, for messages.
    beside
        What ``task`` takes after the unit (and its steps), for all units the same: each worker
        gets it once.
    ahead
        How many units a worker is given before it has done with one: of those that take less time
        than to say that they are done.
    """
    if client is None:
        for unit in units:
            with _alarm(unit, limit, again):
                result = _tried(task, unit, *([] if beside is None else [beside]))
            yield unit, result
        return
    notes.mkdir(parents=True, exist_ok=True)
    for left in notes.glob("*.*"):  # of a run that was ended
        left.unlink()
    with _sent(beside, client, notes) as sent:
        going = [_Going(unit, task, deque(steps(unit))) for unit in units]
        # Units with steps take long: they go first.
        going.sort(key=lambda each: not each.left)
        coming = deque(chain.from_iterable(each.next() for each in going))
        at_work: dict[Future, _Job] = {}
        for room in _rooms(client, at_work):
            for future in [each for each in at_work if each.done()]:
                job = at_work.pop(future)
                try:
                    result = future.result()
                except Exception as error:
                    result = _explained(error, job.unit.name)
                # It need not be kept by the workers.
                future.release()
                if job.unit.ended:
                    continue  # another part of it failed
                if job.part is None or isinstance(result, AnalystError):
                    job.unit.ended = True
                    coming = deque(each for each in coming if not each.unit.ended)
                    yield job.unit.name, result
                else:
                    # What is next of it goes before what has not begun.
                    coming.extendleft(reversed(job.unit.after(job.part, result)))
            while coming and len(at_work) < room * (1 + ahead):
                job = coming.popleft()
                work = _packed(
                    partial(Watched(job.call, notes, limit, again), job.name, job.unit.done)
                )
                with _large():
                    future = client.submit(_done, work, sent, key=f"unit-{job.name}", pure=False)
                at_work[future] = job
            if not at_work and not coming:
                return


@dataclass
class _Going:
    """How far the work on a unit is: the steps that are ``left``, and what those ``done`` returned."""

    name: str
    task: Callable[..., Any]
    left: deque[Sequence[Callable[..., Any]]]
    done: list[list[Any]] = field(default_factory=list)
    ended: bool = False
    #: What the parts of the step at work returned.
    _found: dict[int, Any] = field(default_factory=dict)

    def next(self) -> list[_Job]:
        """The parts of the next step, to be done beside each other; after the last, the rest."""
        if not self.left:
            return [_Job(self, self.name, self.task, None)]
        before = sum(map(len, self.done))
        return [
            _Job(self, f"{self.name}{OF}{before + part}", call, part)
            for part, call in enumerate(self.left[0])
        ]

    def after(self, part: int, result: Any) -> list[_Job]:
        """What comes after a part of the step at work; nothing as long as others are at work."""
        self._found[part] = result
        if len(self._found) < len(self.left[0]):
            return []
        self.left.popleft()
        self.done = [*self.done, [self._found[each] for each in sorted(self._found)]]
        self._found = {}
        return self.next()


class _Job(NamedTuple):
    """What a worker is given at once of a unit's work: a part of a step, by its place, or the rest."""

    unit: _Going
    name: str
    call: Callable[..., Any]
    part: int | None


def _rooms(client: Client, at_work: Collection[Future]) -> Iterator[int]:
    """How many workers there are, each time that anything has ended, or for a look.

    Workers get no more than they can do, so that what goes first is done first, and nothing waits
    for one of them while another is free.

    Raises
    ------
    AnalystError
        If there has been no worker for a while: the process that they are forked from is gone, or
        none can be started.
    """
    from distributed import wait

    last = time.monotonic()
    while True:
        room = sum(client.nthreads().values())
        if room:
            last = time.monotonic()
        elif time.monotonic() - last > NOBODY:
            raise AnalystError(
                f"No process has been there to work for {NOBODY:.0f} seconds: those that were "
                "ended, and no other could be started.",
                where="--jobs",
                fix="Run the command again; if that does not help, with --jobs 1. What was "
                "published before is as it was.",
            )
        yield room
        if not at_work:
            time.sleep(LOOK)
            continue
        with suppress(TimeoutError):
            wait(list(at_work), timeout=LOOK, return_when="FIRST_COMPLETED")


@contextmanager
def _sent(beside: Any, client: Client, notes: Path) -> Iterator[Future | None]:
    """What each worker gets once: one reads it from a file, and others have it of that one.

    In a message it would be several times over in this process, where the scheduler is.
    """
    if beside is None:
        yield None
        return
    path = inside(notes, "beside.pickle")
    with path.open("wb") as file:
        pickle.dump(beside, file)
    try:
        yield client.submit(_read, path, pure=False)
    finally:
        path.unlink(missing_ok=True)


def _read(path: Path) -> Any:
    with path.open("rb") as file:
        return pickle.load(file)


def many(client: Client, at_once: int, calls: Iterable[Callable[[], T]]) -> Iterator[T]:
    """What each call returns, in their order, made by workers; an error is raised as it was there.

    As many as ``at_once`` are with the workers while the next are thought of, in :data:`LOTS`: what
    takes less time than to send it goes with others.
    """
    coming = iter(calls)
    lots = min(LOTS, at_once)
    lot = at_once // lots
    with_them: deque[Future] = deque()
    while True:
        while len(with_them) < lots and (some := list(islice(coming, lot))):
            with _large():
                with_them.append(client.submit(_called, _packed(some), pure=False))
        if not with_them:
            return
        yield from with_them.popleft().result()


def everywhere(client: Client, call: Callable[[], None]) -> None:
    """Have each worker do something before it does anything else; nobody waits for it.

    What it raises is of no interest: it is done again by whoever needs it.
    """
    from distributed import fire_and_forget

    for address in client.nthreads():
        fire_and_forget(client.submit(call, workers=[address], pure=False))


def _called(packed: bytes) -> list[Any]:
    return [call() for call in pickle.loads(packed)]


def _done(packed: bytes, beside: Any) -> Any:
    return pickle.loads(packed)(beside)


def _packed(work: Any) -> bytes:
    """Work for a worker as bytes: anything else the scheduler would unpack and pack again, in this
    process."""
    return pickle.dumps(work)


@contextmanager
def _large() -> Iterator[None]:
    """Send much at once: it goes to a worker once, and is sent again if that one is lost."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Sending large graph")
        yield


@dataclass(frozen=True)
class Watched(Generic[T]):
    """A task held to account: a unit's attempts are counted, and it ends when its time is up."""

    task: Callable[..., T]
    notes: Path
    limit: float
    again: str = AGAIN

    def __call__(
        self, name: str, before: Sequence[Sequence[Any]] = (), beside: Any = None
    ) -> T | AnalystError:
        """Do the task of a unit, or a part of it, unless the notes say that it was given up."""
        unit = name.partition(OF)[0]
        note = inside(self.notes, f"{name}.txt")
        tried = note.read_text(encoding="utf-8").splitlines() if note.exists() else []
        if TIMED_OUT in tried:
            return _too_long(unit, self.limit, self.again)
        if len(tried) >= ATTEMPTS:
            return AnalystError(
                f"The process working on {unit} ended {ATTEMPTS} times without saying why.",
                where=unit,
                fix=f"Try it alone: {self.again.format(unit=unit)}. If memory is short, use fewer "
                "--jobs.",
            )
        _note(note, "begun")
        alarm = threading.Timer(self.limit, _end, [note])
        alarm.daemon = True
        alarm.start()
        try:
            more = [each for each in (before, beside) if each]
            return _tried(self.task, unit, *more)
        finally:
            alarm.cancel()
            note.unlink(missing_ok=True)


def _too_long(unit: str, limit: float, again: str) -> AnalystError:
    return AnalystError(
        f"{unit} took longer than {limit:.0f} seconds and was ended.",
        where=unit,
        fix=f"Try it alone ({again.format(unit=unit)}), or give it longer with --time-limit.",
    )


@contextmanager
def _alarm(unit: str, limit: float, again: str) -> Iterator[None]:
    """Interrupt this process's work on a unit when its time is up."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals reach the main thread alone
        return

    def ring(*_: object) -> NoReturn:
        raise _too_long(unit, limit, again)

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, limit)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _note(path: Path, word: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{word}\n")


def _end(note: Path) -> None:
    """End this process: nothing gentler stops code that does not listen. Dask starts another."""
    _note(note, TIMED_OUT)
    os._exit(1)


def _tried(task: Callable[..., T], unit: str, *more: Any) -> T | AnalystError:
    try:
        return task(unit, *more)
    except (Exception, MemoryError) as error:
        return _explained(error, unit)


def _explained(error: Exception, unit: str) -> AnalystError:
    """Any error as one that can be read."""
    if isinstance(error, AnalystError):
        return error
    if found := of_the_machine(error):
        return found
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename}, line {frames[-1].lineno}" if frames else ""
    return AnalystError(
        f"{unit} failed unexpectedly: {type(error).__name__}: {error}",
        where=place,
        fix="This is a defect of the package: please report it with this message.",
    )


def _plugin(start: Callable[[], None]) -> WorkerPlugin:
    """Has every worker do something when it starts, also one that takes a dead one's place."""
    from distributed import WorkerPlugin

    class Started(WorkerPlugin):
        name = "drp-started"

        def setup(self, worker: Any) -> None:
            start()

    return Started()


@contextmanager
def _connected(address: str) -> Iterator[Client]:
    from distributed import Client

    try:
        client = Client(address, timeout=PATIENCE)
    except (OSError, ValueError) as error:
        raise AnalystError(
            f"No Dask scheduler answers at {address}: {error}",
            where=f"--cluster {address}",
            fix="Start one (dask scheduler) and give the address that it prints, or leave out "
            "--cluster.",
        ) from None
    with client:
        yield client


def _refuse_other_code(client: Client, address: str, code: Callable[[], str]) -> None:
    try:
        client.wait_for_workers(1, timeout=60)
        found: dict[str, Any] = client.run(code)
    except Exception as error:
        raise AnalystError(
            f"The cluster's workers cannot be used: {type(error).__name__}: {error}",
            where=f"--cluster {address}",
            fix="Start at least one worker in an environment in which this package is installed.",
        ) from None
    others = sorted(worker for worker, theirs in found.items() if theirs != code())
    if others:
        raise AnalystError(
            f"{len(others)} of {len(found)} workers have another version of the package: "
            f"{', '.join(others[:3])}.",
            where=f"--cluster {address}",
            fix="Install the same version there, and start them again.",
        )
