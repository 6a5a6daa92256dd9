"""Google Forms CSV: one header row that starts with ``Timestamp``, answers as labels."""

from __future__ import annotations

from analysis.sources.grid import Grid
from analysis.sources.layout import Layout
from analysis.sources.wording import normalised

#: The first heading in the languages that Forms is used in most.
TIMESTAMP = frozenset(
    {
        "timestamp", "carimbo de data/hora", "zeitstempel", "horodateur", "marca temporal",
        "informazioni cronologiche", "tijdstempel", "tidsstempel", "tidstämpel", "stamp amser",
        "sygnatura czasowa",
    }
)  # fmt: skip
PERSONAL = frozenset({"email address", "username", "e-mail address"})


def layout(grid: Grid) -> Layout | None:
    """The layout, if the first heading is Google's time stamp.

    Dates follow the form's locale, which the file does not tell.
    """
    head = grid.head(1)
    if not head or normalised(head[0][0]) not in TIMESTAMP:
        return None
    return Layout(names=head[0], questions=head[0], header_rows=1, personal=PERSONAL)
