"""Tidy CSV of a document's tables and figures: one row for each number of the ledger in a cell.

The form is that of the Department for Education's open data standards (Explore education
statistics): time, place, filters and indicators as columns, ``c`` for what is withheld, ``low`` for
what is not nought but rounds to it, ``z`` for what a row has not; and beside the data a file
``….meta.csv`` that says what each column is. Where a study is none of the department's series, the
form says so: a programme is no geographic level of the department's, and a school has the
identifier that the study gives it.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator, Sequence

from analysis.language import N_, gettext
from analysis.present import origin
from analysis.present.page import Page
from analysis.present.shown import MINUS, WITHHELD, Part
from analysis.publish.exhibits import Exhibit
from analysis.results import COHORT, PARTS

#: Columns that every file of the form has, whatever it is about.
ALWAYS = ("time_period", "time_identifier", "geographic_level", "school_id", "school_name")
FILTERS = {
    "exhibit": N_("Table or figure of the report"),
    "row": N_("Row of the table"),
    "column": N_("Column of the table"),
    "id": N_("Id in the results ledger"),
    "source": N_("Where the number comes from"),
    "instrument": N_("Instrument, or part of the source"),
    "analysis": N_("Question asked"),
    "measure": N_("Scale, item or other thing measured"),
    "wave": N_("Wave, or pair of waves"),
    "group": N_("Group of people or schools"),
    "statistic": N_("Statistic"),
    "shown_as": N_("The number as the report shows it"),
    "status": N_(
        "Whether the report that shows the number is approved, or a draft: not to be shared"
    ),
}
#: What stands under ``status``.
DRAFT, APPROVED = "draft", "approved"
#: Name, label, and the field of a result that the page shows.
INDICATORS = {
    "estimate": (N_("Estimate"), "value"),
    "lower_limit": (N_("Lower limit of the 95% interval"), "ci_low"),
    "upper_limit": (N_("Upper limit of the 95% interval"), "ci_high"),
    "people": (N_("Number that the result rests on, where the report shows it"), "n"),
}
COLUMNS = (*ALWAYS, *FILTERS, *INDICATORS)
META = ("col_name", "col_type", "label", "indicator_grouping", "indicator_unit", "indicator_dp",
        "filter_hint", "filter_grouping_column")  # fmt: skip
#: The signs of the form: withheld, rounds to nought, does not apply.
HIDDEN, LOW, NONE = "c", "low", "z"
#: What a spreadsheet takes for the beginning of something to run or to follow.
RUNS = ("=", "+", "-", "@", "\t", "\r")
FOLLOWED = ("http:", "https:", "ftp:", "mailto:", "internal:", "external:", "file:")


def harmless(text: str) -> str:
    """Text that no spreadsheet runs or follows: an apostrophe stands before what it would."""
    if text[:1] == "{" and text[1:2] == "=":
        return f"'{text}"
    if text.startswith(RUNS) and number(text) is None and len(text) > 1:
        return f"'{text}"
    return f"'{text}" if text.lower().startswith(FOLLOWED) else text


def number(text: str) -> float | None:
    """A number as the report shows it; nothing if the text is none."""
    plain = text.strip().replace(MINUS, "-").replace(",", "")
    try:
        return float(plain) if plain[-1:].isdigit() else None
    except ValueError:
        return None


def lines(page: Page, exhibit: Exhibit, *, draft: bool) -> str:
    """The numbers of a table or figure, in order, as lines of CSV for :func:`data`."""
    return _written(_rows(page, exhibit, DRAFT if draft else APPROVED))


def data(parts: Iterable[str]) -> str:
    """CSV of the :func:`lines` of tables and figures."""
    return "".join((_written([COLUMNS]), *parts))


def metadata() -> str:
    """What the columns of :func:`data` are, as CSV."""
    filters = (
        [name, "Filter", gettext(label), "", "", "", "", ""] for name, label in FILTERS.items()
    )
    indicators = (
        [name, "Indicator", gettext(label), "", "", "", "", ""]
        for name, (label, _) in INDICATORS.items()
    )
    return _written((META, *filters, *indicators))


def academic_year(day: dt.date) -> str:
    """The academic year of a day, as the form writes it: 201718."""
    first = day.year if day.month >= 9 else day.year - 1
    return f"{first}{(first + 1) % 100:02d}"


def _last_days(page: Page) -> dict[str, dt.date]:
    """The last day of each wave and school term, by its name in ids."""
    days = {each.id.lower(): each.end for each in page.study.waves}
    return days | {term: dt.date.fromisoformat(day) for term, day in page.term_days.items()}


def _last_day(page: Page, days: dict[str, dt.date], wave: str) -> dt.date:
    """When the part of an id that says when had ended: a change with the later of its two.

    What is of no wave or term (interviews, stories, before and after a start) is of the edition's
    date.
    """
    parts = wave.split("-")
    if all(part in days for part in parts):
        return max(days[part] for part in parts)
    return page.study.edition.date


def _rows(page: Page, exhibit: Exhibit, status: str) -> Iterator[list[str]]:
    days = _last_days(page)
    for (unit, identity), place, parts in _results(exhibit):
        school = str(page.school["name"]) if page.is_school and unit == page.unit else ""
        row = page.rows.get((unit, identity))
        key = _key(page, unit, identity)
        when = key["wave"]
        told = when if when == NONE else origin.waves(page, when) or when
        fields = {part.field: part for part in parts}
        shown = fields.get("value", parts[0])
        yield [
            academic_year(_last_day(page, days, when)),
            "Academic year",
            "School" if school else "Programme",
            unit if school else "",
            school,
            exhibit.name,
            exhibit.rows[place[0]][0] if place else "",
            exhibit.columns[place[1]] if place else "",
            identity,
            *(told if part == "wave" else key[part] for part in PARTS),
            shown.text,
            status,
            *(_indicator(fields.get(name), row) for _, name in INDICATORS.values()),
        ]


def _key(page: Page, unit: str, identity: str) -> dict[str, str]:
    """The parts of an id.

    What another report printed, and counts of a comparison with it, are none of the ledger's.
    """
    parts = identity.split(".")
    if unit not in (COHORT, page.unit) or len(parts) != len(PARTS):
        return dict.fromkeys(PARTS, NONE) | {"source": unit}
    return dict(zip(PARTS, parts, strict=True))


def _results(
    exhibit: Exhibit,
) -> Iterator[tuple[tuple[str, str], tuple[int, int] | None, list[Part]]]:
    """Each result in each cell, with its parts (value, limits …) that the cell shows."""
    found: dict[tuple[tuple[str, str], tuple[int, int] | None], list[Part]] = {}
    for part, place in exhibit.numbers:
        found.setdefault(((part.unit, part.id), place), []).append(part)
    for (which, place), parts in found.items():
        yield which, place, parts


def _indicator(part: Part | None, row: dict[str, object] | None) -> str:
    if part is None:
        return NONE
    value = number(part.text)
    if value is not None:
        return part.text.strip().replace(MINUS, "-").replace(",", "")
    if part.text.startswith("<"):
        return LOW
    hidden = row is None or part.text == WITHHELD or row["release"] != "released"
    return HIDDEN if hidden else NONE


def _written(rows: Iterable[Sequence[str]]) -> str:
    found = io.StringIO(newline="")
    writer = csv.writer(found, lineterminator="\n")
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return found.getvalue()
