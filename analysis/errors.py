"""The one kind of error an analyst is meant to read.

Everything the package refuses is raised as :class:`AnalystError`: what is wrong, where it
is (file, sheet, row, column), and what to do about it. The command line prints it without a
traceback; anything else that escapes is a defect of the package.
"""

from __future__ import annotations


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
        return _again, (self.what, self.where, self.fix)


def _again(what: str, where: str, fix: str) -> AnalystError:
    return AnalystError(what, where=where, fix=fix)
