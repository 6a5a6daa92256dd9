"""Processes that help this one, on this machine.

They are forked from a process that has imported what they need and has done nothing else: to
fork this one, with its threads, is not safe. Where that cannot be had, there are none.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from analysis.errors import AnalystError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
#: Where a process can safely be forked from one that has imported everything, workers are.
FORKED = sys.platform == "linux"
#: What processes import that prepare, release, or make reports.
PREPARING = ("analysis.prepare.schemas",)
RELEASING = (*PREPARING, "analysis.compute")
RENDERING = ("analysis.warm",)


class Errand(Protocol[T_co]):
    """What was begun; called for the result, or for the error."""

    def __call__(self) -> T_co:
        """Wait for the result."""

    def end(self) -> None:
        """Give it up: when this returns, nobody is working on it."""


class Beside(Protocol):
    """Has a function called beside what this process does: ``beside(function, *arguments)``."""

    def __call__(self, function: Callable[..., T], *arguments: Any) -> Errand[T]:
        """Begin."""


class Here(Generic[T]):
    """No process beside this one: the function is called when its result is asked for."""

    def __init__(self, function: Callable[..., T], *arguments: Any) -> None:
        self._function = partial(function, *arguments)

    def __call__(self) -> T:
        """Call the function."""
        return self._function()

    def end(self) -> None:
        """Nothing has begun."""


def ready(*modules: str) -> None:
    """Start the process that others are forked from, if there is none yet; it imports ``modules``.

    It does so beside this process, so it is worth while to call this before anything else.
    """
    if FORKED:
        import multiprocessing
        from multiprocessing import forkserver

        multiprocessing.get_context("forkserver").set_forkserver_preload(list(modules))
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
def second(jobs: int, *modules: str) -> Iterator[Beside]:
    """A process for each errand, where there may be several ``jobs``; they end with the block.

    Functions and their arguments and results are sent from one process to the other, so they
    have to stand pickling.
    """
    if jobs == 1 or not FORKED:
        yield Here
        return
    ready(*modules)
    errands: list[_Elsewhere] = []

    def beside(function: Callable[..., T], *arguments: Any) -> _Elsewhere:
        errands.append(_Elsewhere(function, arguments))
        return errands[-1]

    try:
        yield beside
    finally:
        for errand in errands:
            errand.end()


class _Elsewhere:
    """What another process does: begun by a thread, since the process may not be ready yet."""

    def __init__(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        import multiprocessing

        context = multiprocessing.get_context("forkserver")
        self._done_here = partial(function, *arguments)
        self._ours, self._theirs = context.Pipe(duplex=False)
        self._process = context.Process(
            target=_send, args=(self._theirs, function, arguments), daemon=True
        )
        self._beginning = threading.Thread(target=self._begin, daemon=True)
        self._beginning.start()

    def _begin(self) -> None:
        with self._theirs, suppress(BrokenPipeError):  # if it ends before it has heard all
            self._process.start()

    def __call__(self) -> Any:
        """What is sent. Where nothing is, that process failed or was ended: this one tries."""
        with self._ours:
            try:
                self._beginning.join()
                found = self._ours.recv()
            except EOFError:
                return self._done_here()
        if isinstance(found, AnalystError):
            raise found
        return found

    def end(self) -> None:
        """End the process, if it is still at work."""
        self._ours.close()
        self._beginning.join()
        if self._process.pid is not None:
            self._process.terminate()
            self._process.join()


def _send(connection: Connection, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    """Send a function's result, or an error meant for analysts; nothing at any other."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # What was imported before stays: to look through it for garbage would be to copy it.
    gc.freeze()
    try:
        found = function(*arguments)
    except AnalystError as error:
        found = error
    except Exception:
        return
    connection.send(found)
