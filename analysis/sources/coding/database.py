"""SQLite files of coding tools, opened for reading only."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from analysis.errors import AnalystError


class Database:
    """A tool's database: its tables, and their rows as dictionaries."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        self.tables = {str(name) for (name,) in names}

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Every row of a table, in order of its row number; nothing if there is no such table.

        Columns differ between versions of a tool, so all are read and callers use ``get``.
        """
        if table not in self.tables:
            return []
        found = self._connection.execute(f'SELECT * FROM "{table}" ORDER BY rowid')
        return [dict(row) for row in found]


def _text(content: bytes) -> str:
    """Text of a database: UTF-8 as SQLite has it, or what an old import left there."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


@contextmanager
def opened(path: Path, tool: str) -> Iterator[Database]:
    """The database at ``path``.

    Raises
    ------
    AnalystError
        If it is missing, or no SQLite file.
    """
    try:
        address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(address, uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            connection.text_factory = _text
            # A database is a file that somebody sent: nothing in its schema may run.
            connection.execute("PRAGMA trusted_schema = OFF")
            yield Database(path, connection)
    except sqlite3.Error:
        raise AnalystError(
            f"{path.name} cannot be read as a project of {tool}.",
            where=str(path),
            fix=f"Close {tool}, copy the project again, and name the copy in study.yaml.",
        ) from None
