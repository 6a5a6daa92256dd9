"""Processes that help this one, on this machine.

They are forked from a process that has imported what they need and has done nothing else: to
fork this one, with its threads, is not safe. Where that cannot be had, there are none.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from analysis.errors import AnalystError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

T = TypeVar("T")
#: Where a process can safely be forked from one that has imported everything, workers are.
FORKED = sys.platform == "linux"
#: What processes import that prepare, release, or make reports.
PREPARING = ("analysis.prepare.schemas",)
RELEASING = (*PREPARING, "analysis.compute")
RENDERING = ("analysis.warm",)


class Beside(Protocol):
    """Has a function called beside what this process does: ``beside(function, *arguments)``.

    What is returned is called for the result, or for the error.
    """

    def __call__(self, function: Callable[..., T], *arguments: Any) -> Callable[[], T]:
        """Begin."""


def here(function: Callable[..., T], *arguments: Any) -> Callable[[], T]:
    """No process beside this one: the function is called when its result is asked for."""
    return partial(function, *arguments)


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
    """A second process at a time, where there may be several ``jobs``; it ends with the block.

    Functions and their arguments and results are sent from one process to the other, so they
    have to stand pickling.
    """
    if jobs == 1 or not FORKED:
        yield here
        return
    import multiprocessing

    ready(*modules)
    context = multiprocessing.get_context("forkserver")
    begun = []

    def beside(function: Callable[..., T], *arguments: Any) -> Callable[[], T]:
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=_send, args=(theirs, function, arguments), daemon=True)
        with theirs, suppress(BrokenPipeError):  # if it ends before it has been told what to do
            process.start()
            begun.append(process)
        return partial(_received, ours, function, arguments)

    try:
        yield beside
    finally:
        for process in begun:
            process.terminate()
            process.join()


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


def _received(connection: Connection, function: Callable[..., T], arguments: tuple[Any, ...]) -> T:
    """What was sent. Where nothing was, that process failed or was ended: this one tries."""
    with connection:
        try:
            found = connection.recv()
        except EOFError:
            return function(*arguments)
    if isinstance(found, AnalystError):
        raise found
    return found
