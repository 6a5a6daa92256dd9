"""The warm engine: Papermill's notebooks in this process, with everything imported once.

Papermill's stock engine starts a Python process for each notebook, which takes seconds where
the notebook takes hundredths. This engine runs the cells in an IPython shell of the present
process instead (:mod:`analysis.publish.shell`), with the same outputs.

It is registered as ``warm``: ``papermill --engine warm in.ipynb out.ipynb`` uses it as well.
"""

from __future__ import annotations

from functools import cache
from typing import Any


class WarmEngine:
    """Papermill's engine ``warm``.

    Papermill loads this while it is being imported itself, so it takes what it needs of
    Papermill when a notebook is run.
    """

    @classmethod
    def execute_notebook(cls, nb: Any, kernel_name: str, **kwargs: Any) -> Any:
        """Run a notebook; see Papermill's ``Engine``."""
        return _managed().execute_notebook(nb, kernel_name, **kwargs)

    @classmethod
    def nb_kernel_name(cls, nb: Any, name: str | None = None) -> str:
        """The notebook's kernel; see Papermill's ``Engine``."""
        return str(_managed().nb_kernel_name(nb, name))

    @classmethod
    def nb_language(cls, nb: Any, language: str | None = None) -> str:
        """The notebook's language; see Papermill's ``Engine``."""
        return str(_managed().nb_language(nb, language))


def register() -> None:
    """Tell Papermill of the engine, also where the package's entry points are not installed."""
    from papermill.engines import papermill_engines

    papermill_engines.register("warm", WarmEngine)


@cache
def _managed() -> Any:
    from papermill.engines import Engine

    from analysis.publish.shell import WarmClient, quiet, warm_up

    class Managed(Engine):  # type: ignore[misc]
        """The part that Papermill's own base class leaves to an engine."""

        @classmethod
        def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **kwargs: Any) -> Any:
            """Run the cells of a notebook that Papermill keeps the books of."""
            warm_up()
            return WarmClient(nb_man, kernel_name=kernel_name, log=quiet).execute()

    return Managed
