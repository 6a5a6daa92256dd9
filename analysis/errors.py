"""The one kind of error an analyst is meant to read.

Everything the package refuses is raised as :class:`AnalystError`: what is wrong, where it
is (file, sheet, row, column), and what to do about it. The command line prints it without a
traceback; anything else that escapes is a defect of the package.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator, Sequence
from contextlib import contextmanager


class AnalystError(Exception):
    """Something an analyst can put right.

    Parameters
    ----------
    what
        One sentence: what is wrong, with the value and what was expected.
    where
        The file, and where known the sheet, row, column or key.
    fix
        One sentence: what to do.
    """

    def __init__(self, what: str, *, where: str = "", fix: str = "") -> None:
        self.what = what
        self.where = where
        self.fix = fix
        super().__init__("\n".join(self.lines()))

    def lines(self) -> list[str]:
        """The message as the lines that are printed."""
        lines = [self.what]
        if self.where:
            lines.append(f"  where: {self.where}")
        if self.fix:
            lines.append(f"  to do: {self.fix}")
        return lines

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword arguments do not survive pickling, and workers send their errors back.
        return _again, (type(self), self.what, self.where, self.fix)


def _again(kind: type[AnalystError], what: str, where: str, fix: str) -> AnalystError:
    return kind(what, where=where, fix=fix)


#: What the system says where the machine is at fault, and what to do about it.
OF_THE_MACHINE = {
    errno.ENOSPC: ("The disk is full.", "Make room, and run the command again."),
    errno.EDQUOT: ("Your share of the disk is full.", "Make room, and run the command again."),
    errno.EROFS: ("The disk is read-only.", "Work in a folder that may be written to."),
    errno.EACCES: ("A file or folder may not be read or written.", "Ask for the right to it."),
    errno.EPERM: ("A file or folder may not be changed.", "Ask for the right to it."),
    errno.EMFILE: ("Too many files are open.", "Use fewer --jobs, and run the command again."),
    errno.ENOMEM: ("There is too little memory.", "Use fewer --jobs (or --jobs 1)."),
    errno.EIO: ("The disk fails.", "Look after the disk; use your backup."),
    errno.ENAMETOOLONG: ("A path is too long.", "Work in a folder nearer to the top."),
}


def of_the_machine(error: BaseException) -> AnalystError | None:
    """What an analyst is to read of an error that is the machine's; nothing of any other.

    Nothing is published by a command that ends so; what was published before stays.
    """
    if isinstance(error, MemoryError):
        what, fix = OF_THE_MACHINE[errno.ENOMEM]
        return AnalystError(what, where="the memory of this machine", fix=fix)
    if isinstance(error, OSError) and error.errno in OF_THE_MACHINE:
        what, fix = OF_THE_MACHINE[error.errno]
        return AnalystError(what, where=str(error.filename or ""), fix=fix)
    return None


class Mistakes(AnalystError):
    """Several mistakes at once, each with its own place and remedy."""

    def __init__(self, errors: Sequence[AnalystError]) -> None:
        self.errors = tuple(errors)
        super().__init__(f"{len(self.errors)} mistakes were found.")

    def lines(self) -> list[str]:
        """The message as the lines that are printed."""
        found = [f"{len(self.errors)} mistakes were found."]
        for number, error in enumerate(self.errors, 1):
            first, *rest = error.lines()
            found += ["", f"{number}. {first}", *rest]
        return found

    def __reduce__(self) -> tuple[object, ...]:
        return Mistakes, (self.errors,)


class Collected:
    """Mistakes on their way: what can be checked beside each other is, and all come out at once."""

    def __init__(self) -> None:
        self.errors: list[AnalystError] = []

    @contextmanager
    def also(self) -> Iterator[None]:
        """Keep an :class:`AnalystError` raised inside for later."""
        try:
            yield
        except AnalystError as error:
            self.add(error)

    def add(self, error: AnalystError) -> None:
        """Keep an error, unless the same is there; of several at once, each."""
        for each in error.errors if isinstance(error, Mistakes) else (error,):
            if each.lines() not in [known.lines() for known in self.errors]:
                self.errors.append(each)

    def raise_any(self) -> None:
        """Raise what was kept: one error as it is, several as :class:`Mistakes`."""
        if len(self.errors) == 1:
            raise self.errors[0]
        if self.errors:
            raise Mistakes(self.errors)


def a_few(names: Sequence[str], most: int) -> str:
    """The first names of some, and how many more there are: ``a, b and 12 more``."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")
