"""The audit of the published figures: ``published/audit.csv``, whose cells may point to a figure.

The table has the columns of :mod:`analysis.audit.table`. A cell that begins with ``@`` is the
printed value of the figure with that id, so that no printed number is written down twice.
"""

from __future__ import annotations

import csv

import pandas as pd

from analysis.audit import audit
from analysis.audit.table import rows
from analysis.errors import AnalystError
from analysis.places import plain_file
from analysis.reproduction.published import Published

FILE = "audit.csv"
REFERENCE = "@"


def checked(published: Published) -> pd.DataFrame:
    """The verdicts of the audit, as :func:`analysis.audit.audit` gives them.

    An empty table if the study has no ``audit.csv``.

    Raises
    ------
    AnalystError
        If a cell points to a figure that is not printed, or the table is not as it should be.
    """
    path = published.folder / FILE
    if not path.exists():
        return audit([])
    with plain_file(path).open(encoding="utf-8-sig", newline="") as file:
        records = list(csv.DictReader(file))
    values = {figure.id: figure.value for figure in published.figures}
    found = []
    for place, record in enumerate(records, start=2):
        filled = {}
        for column, text in record.items():
            cell = (text or "").strip()
            if cell.startswith(REFERENCE):
                if cell[1:] not in values:
                    raise AnalystError(
                        f"'{cell[1:]}' is not in figures.csv.",
                        where=f"{path}, row {place}, column {column}",
                        fix="Correct the id after @.",
                    )
                cell = values[cell[1:]]
            filled[column] = cell
        found.append(filled)
    return audit(rows(found, str(path)))
