"""SPSS .sav: numbers with value labels, and values declared as missing."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyreadstat

from analysis.errors import AnalystError
from analysis.sources.export import RawExport, exported, missing_file

PERSONAL = frozenset({"IPAddress", "Email", "Name", "RecipientEmail"})


def read(path: Path, sheet: str | None = None) -> RawExport:
    """Read a .sav file. Values that the file declares as missing come as empty cells."""
    if not path.exists():
        raise missing_file(path)
    try:
        frame, _ = pyreadstat.read_sav(path, user_missing=False)
    except (pyreadstat.ReadstatError, OSError, ValueError) as error:
        raise AnalystError(
            f"{path.name} is not an SPSS file that can be read ({error}).",
            where=str(path),
            fix="Save it again from SPSS or the survey tool as .sav.",
        ) from None
    columns = [[_text(value) for value in frame[name]] for name in frame.columns]
    records = [list(cells) for cells in zip(*columns, strict=True)]
    # A .sav has no header rows: case 1 is row 1, as SPSS's data view shows it.
    return exported(path, "", list(frame.columns), enumerate(records, start=1), PERSONAL)


def _text(value: object) -> str:
    if value is None or value is pd.NaT or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
