"""A notebook's shell in this process: what the engine ``warm`` runs notebooks in.

It is the stock engine's own client (``nbclient``) with a kernel's own shell (``ipykernel``), and
only the sockets between the two are left out: what a cell puts out is made and collected by the
code that the stock engine uses, so it is the same.

Each notebook gets a shell and a namespace of its own. Whatever else it changes of the process
is put back: see :func:`unchanged`. What cannot be put back (a thread left running, a patched
library) is a reason to run that notebook with the stock engine.
"""

from __future__ import annotations

import atexit
import builtins
import decimal
import gc
import io
import locale
import logging
import os
import pkgutil
import random
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn, TextIO

from ipykernel.compiler import XCachingCompiler
from ipykernel.ipkernel import IPythonKernel
from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShell
from jupyter_client.session import Session, utcnow
from nbclient.util import run_sync
from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient
from traitlets.config import Config

from analysis import memory
from analysis.publish.incremental import PACKAGE

#: The client's own messages, kept out of the logging that a notebook sets up for itself.
quiet = logging.getLogger(__name__)
quiet.addHandler(logging.NullHandler())
quiet.propagate = False

INLINE = "module://matplotlib_inline.backend_inline"


class WarmClient(PapermillNotebookClient):  # type: ignore[misc]
    """The stock engine's client, with a shell of this process in place of a kernel's."""

    def execute(self, **kwargs: Any) -> Any:
        """Run every cell, up to the first that fails."""
        self.reset_execution_trackers()
        self.shell: Any
        with unchanged(), _shell(self._receive) as self.shell:
            self.papermill_execute_cells()
        self.nb.metadata["language_info"] = dict(IPythonKernel.language_info)
        self.set_widgets_metadata()
        return self.nb

    def execute_cell(self, cell: NotebookNode, cell_index: int, **kwargs: Any) -> NotebookNode:
        """Run one cell in the shell, and keep what it puts out as the stock client does."""
        skipped = self.skip_cells_with_tag in cell.metadata.get("tags", [])
        if cell.cell_type != "code" or not cell.source.strip() or skipped:
            return cell
        cell.outputs = []
        self.clear_before_next_output = False
        self._place = (cell, cell_index)
        cell.execution_count = self.shell.execution_count
        started = utcnow().isoformat()
        result = self.shell.run_cell(cell.source, store_history=True)
        sys.stdout.flush()
        sys.stderr.flush()
        ended = utcnow().isoformat()
        cell.metadata["execution"] = {
            "iopub.status.busy": started,
            "iopub.execute_input": started,
            "shell.execute_reply": ended,
            "iopub.status.idle": ended,
        }
        error = result.error_before_exec or result.error_in_exec
        if isinstance(error, KeyboardInterrupt):
            raise error
        if error is not None:
            content = {
                "status": "error",
                "ename": type(error).__name__,
                "evalue": str(error),
                "traceback": self.shell._last_traceback or [],
            }
            run_sync(self._check_raise_for_error)(cell, cell_index, {"content": content})
        return cell

    def _receive(self, message: dict[str, Any]) -> None:
        """Take a message of the shell: an output of the cell that is running."""
        cell, cell_index = self._place
        self.process_message(message, cell, cell_index)


@cache
def warm_up() -> None:
    """Import once what notebooks import, and let the memory manager pass over it from then on."""
    import matplotlib.pyplot  # noqa: F401  (what it keeps is put back after each notebook)

    import analysis.present

    for module in pkgutil.iter_modules(analysis.present.__path__):
        import_module(f"analysis.present.{module.name}")

    gc.collect()
    gc.freeze()
    memory.look_seldom()


class _Shell(ZMQInteractiveShell):
    """A kernel's shell without a kernel."""

    def enable_gui(self, gui: Any = None) -> None:
        """There is no event loop to join."""


class _Messages(Session):
    """A kernel's session whose messages go to a function instead of a socket."""

    receive: Callable[[dict[str, Any]], None]

    def send(  # type: ignore[override]
        self,
        stream: object,
        msg_or_type: Any,
        content: Any = None,
        parent: Any = None,
        ident: object = None,
        **kwargs: Any,
    ) -> None:
        """Hand over a message as it would arrive: packed as JSON and unpacked again."""
        message = (
            msg_or_type
            if isinstance(msg_or_type, dict)
            else self.msg(msg_or_type, content=content, parent=parent)
        )
        self.receive({**message, "content": self.unpack(self.pack(message["content"]))})


class _Stream(io.TextIOBase):
    """``sys.stdout`` or ``sys.stderr`` of a notebook: a kernel's, but for the clock.

    A kernel sends what was printed when something is displayed, when the cell ends, and five
    times a second, which cuts long outputs where the clock has it. Here the clock has no part.
    """

    encoding = "utf-8"

    def __init__(self, name: str, session: _Messages) -> None:
        self.name, self._session, self._held = name, session, ""

    def writable(self) -> bool:
        """Always."""
        return True

    def write(self, text: str) -> int:
        """Take text; it is sent with the next :meth:`flush`."""
        self._held += text
        return len(text)

    def flush(self) -> None:
        """Send what was printed since the last time."""
        text, self._held = self._held, ""
        if text:
            self._session.send(None, "stream", {"name": self.name, "text": text})


@contextmanager
def _shell(receive: Callable[[dict[str, Any]], None]) -> Iterator[_Shell]:
    """A new shell with the standard streams, as a kernel has them when it starts.

    To be used within :func:`unchanged`, which puts the rest back.
    """
    from IPython.core.pylabtools import activate_matplotlib
    from matplotlib import pyplot
    from matplotlib_inline.backend_inline import configure_inline_support
    from matplotlib_inline.config import InlineBackend

    config = Config()
    config.HistoryManager.enabled = False
    config.HistoryManager.hist_file = ":memory:"
    kind: Any = InteractiveShell
    before = kind._instance
    shell: Any = _Shell(
        config=config, compiler_class=XCachingCompiler, kernel=SimpleNamespace(eventloop=None)
    )
    # What the shell asks to be done when the process ends would keep every shell until then.
    atexit.unregister(shell.atexit_operations)
    session = _Messages(key=b"")
    session.receive = receive
    shell.displayhook.session = shell.display_pub.session = session
    # ``get_ipython()`` of IPython and of libraries is the one of this notebook.
    kind._instance = shell
    sys.stdout, sys.stderr = _Stream("stdout", session), _Stream("stderr", session)
    sys.path.insert(0, "")
    vars(builtins)["input"] = _no_input
    os.environ["MPLBACKEND"] = INLINE
    activate_matplotlib(INLINE)
    # Figures are shown as they are in a new kernel, not as the notebook before had it.
    vars(configure_inline_support)["current_backend"] = "unset"
    configure_inline_support(shell, INLINE)
    try:
        yield shell
    finally:
        # pyplot remembers that it is tied to a shell, and this one ends here.
        pyplot.uninstall_repl_displayhook()
        shell.user_ns.clear()
        InlineBackend.clear_instance()
        kind._instance = before


def _no_input(prompt: str = "") -> NoReturn:
    raise StdinNotImplementedError(
        "raw_input was called, but this frontend does not support input requests."
    )


@contextmanager
def unchanged() -> Iterator[None]:
    """Put back what a notebook changes of the process it runs in.

    That is: the environment, the working folder, the module path, modules imported from the
    notebook's folder, the standard streams, built-in names, warnings, logging, locale, decimal
    and random state; numpy's, pandas', matplotlib's (with it seaborn's) and plotly's settings.
    """
    with ExitStack() as after:
        for settings in (_python, _warnings, _numbers, _pandas, _matplotlib, _plotly):
            after.enter_context(contextmanager(settings)())
        yield


def _python() -> Iterator[None]:
    folder, environment = Path.cwd(), dict(os.environ)
    path, modules = list(sys.path), set(sys.modules)
    names = ("argv", "stdin", "stdout", "stderr", "displayhook", "excepthook", "ps1", "ps2", "ps3")
    system = {name: getattr(sys, name) for name in names if hasattr(sys, name)}
    main, own = sys.modules["__main__"], dict(vars(builtins))
    limit, language = sys.getrecursionlimit(), locale.setlocale(locale.LC_ALL)
    root = logging.getLogger()
    handlers, level, disabled = list(root.handlers), root.level, root.manager.disable
    # A new process has none.
    root.handlers[:] = []
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        logging.disable(disabled)
        locale.setlocale(locale.LC_ALL, language)
        sys.setrecursionlimit(limit)
        sys.modules["__main__"] = main
        for name in set(vars(builtins)) - set(own):
            delattr(builtins, name)
        vars(builtins).update(own)
        for name in names:
            if name in system:
                setattr(sys, name, system[name])
            elif hasattr(sys, name):
                delattr(sys, name)
        for name in set(sys.modules) - modules:
            file = getattr(sys.modules[name], "__file__", None)
            if not file or not Path(file).is_relative_to(folder):
                continue
            # This package and its environment may lie in the project's folder themselves.
            if not any(Path(file).is_relative_to(place) for place in (PACKAGE, sys.prefix)):
                del sys.modules[name]
        sys.path[:] = path
        os.chdir(folder)
        if dict(os.environ) != environment:
            os.environ.clear()
            os.environ.update(environment)


def _warnings() -> Iterator[None]:
    # Entering also forgets which warnings were shown already.
    with warnings.catch_warnings():
        warnings.showwarning = _show_warning
        yield


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Python's own way of showing a warning, whatever this process does with its warnings."""
    text = warnings.formatwarning(message, category, filename, lineno, line)
    print(text, end="", file=file or sys.stderr)


def _numbers() -> Iterator[None]:
    import numpy as np

    state, legacy = random.getstate(), np.random.get_state()
    # Unseeded, as in a new process.
    random.seed()
    np.random.seed()
    with np.errstate(), np.printoptions(), decimal.localcontext():
        yield
    random.setstate(state)
    np.random.set_state(legacy)


def _pandas() -> Iterator[None]:
    import pandas as pd

    try:
        yield
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pd.reset_option("all")


def _matplotlib() -> Iterator[None]:
    import matplotlib as mpl
    from matplotlib import colors, pyplot, units

    backend, interactive = mpl.get_backend(auto_select=False) or "agg", mpl.is_interactive()
    letters, known = dict(colors.colorConverter.colors), dict(units.registry)
    try:
        with mpl.rc_context():
            yield
    finally:
        pyplot.close("all")
        mpl.rcParams["backend"] = backend
        mpl.interactive(interactive)
        # seaborn's palettes redefine "b", "g", "r" and so on.
        colors.colorConverter.colors.clear()
        colors.colorConverter.colors.update(letters)
        colors.colorConverter.cache.clear()
        units.registry.clear()
        units.registry.update(known)


def _plotly() -> Iterator[None]:
    import plotly.graph_objects as go
    import plotly.io as pio

    # By the public names, every template would be loaded to be looked at, and copied.
    templates: dict[str, Any] = pio.templates._templates
    before = dict(templates)
    loaded = {k: t.to_plotly_json() for k, t in before.items() if isinstance(t, go.layout.Template)}
    default, renderer = pio.templates.default, pio.renderers.default
    try:
        yield
    finally:
        templates.clear()
        templates.update(before)
        for name, content in loaded.items():
            if templates[name]._props != content:
                templates[name] = go.layout.Template(content)
        if pio.templates.default != default:
            pio.templates.default = default
        if pio.renderers.default != renderer:
            pio.renderers.default = renderer
