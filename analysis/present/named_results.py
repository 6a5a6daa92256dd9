"""Results that the analyst's own texts name by id: ``{result:ID}``, filled with what is released.

``{result:ID}`` is the number of the report's own unit; ``{result:cohort:ID}`` in a school's report the
programme's. After the id may follow a field (:data:`FIELDS`, ``interval`` for both ends) and a number of
decimals: ``{result:ID:n}``, ``{result:ID:value:1}``. What is released in words stands in words. What is
withheld is refused, since the sentence round it could not be read; in a text that all schools share,
``a number that is withheld`` takes its place in the reports where it is.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis import questions
from analysis.disclosure import BANDED, RELEASED
from analysis.errors import AnalystError
from analysis.language import N_, gettext
from analysis.present.page import Page, part
from analysis.present.shown import Part, escaped, p_text
from analysis.results import COHORT

NAMED = re.compile(r"\{result:([^{}\n]*)\}")
INTERVAL = "interval"
FIELDS = ("value", "ci_low", "ci_high", INTERVAL, "n", "n_schools", "numerator", "denominator")
#: Fields that count.
COUNTS = ("n", "n_schools", "numerator", "denominator")
IN_WORDS = N_("a number that is withheld")
#: Folder of texts of which each is for one school.
SCHOOLS = "schools"


@dataclass(frozen=True)
class Name:
    """One result as a text names it; ``unit`` is empty for the report's own."""

    id: str
    field: str = "value"
    decimals: int | None = None
    unit: str = ""


def names(text: str, path: Path) -> list[Name]:
    """Every result that a text names, each once.

    Raises
    ------
    AnalystError
        If one is not written as it should be: with its line.
    """
    found = (
        _read(match[1], f"{path}, line {number}")
        for number, line in enumerate(text.splitlines(), 1)
        for match in NAMED.finditer(line)
    )
    return list(dict.fromkeys(found))


def _read(written: str, where: str) -> Name:
    parts = [each.strip() for each in written.split(":")]
    unit = COHORT if parts[0] == COHORT else ""
    identity, *rest = parts[1:] if unit else parts
    field = rest[0] if rest else "value"
    decimals = rest[1] if len(rest) > 1 else ""
    if (
        len(rest) > 2
        or field not in FIELDS
        or not (decimals == "" or (decimals.isdecimal() and int(decimals) < 10))
        or (not decimals and len(rest) > 1)
    ):
        raise AnalystError(
            f"{{result:{written}}} does not name a result.",
            where=where,
            fix="Write {result:ID}, {result:ID:FIELD} or {result:ID:FIELD:DECIMALS}, with "
            f"{', '.join(FIELDS)} as the field.",
        )
    return Name(identity.lower(), field, int(decimals) if decimals else None, unit)


def filled(page: Page, name: str, text: str, path: Path) -> tuple[str, list[Part]]:
    """A text with its results in place, and these as they are shown.

    Parameters
    ----------
    name
        Of the text: ``methods``, ``schools/S01``.
    path
        Its file.

    Raises
    ------
    AnalystError
        If the study has no such result, or it is withheld or missing: with file and line, and ids
        that are like it.
    """
    shared = page.is_school and not name.startswith(f"{SCHOOLS}/")
    parts: list[Part] = []
    lines = []
    for number, line in enumerate(text.split("\n"), 1):
        where = f"{path}, line {number}"

        def shown(match: re.Match[str], where: str = where) -> str:
            pieces = list(_shown(page, _read(match[1], where), shared, where))
            parts.extend(each for each in pieces if isinstance(each, Part))
            return "".join(
                escaped(each.text) if isinstance(each, Part) else each for each in pieces
            )

        lines.append(NAMED.sub(shown, line))
    return "\n".join(lines), parts


def _shown(page: Page, name: Name, shared: bool, where: str) -> Iterator[str | Part]:
    unit = name.unit or page.unit
    row = page.rows.get((unit, name.id))
    fields = ("ci_low", "ci_high") if name.field == INTERVAL else (name.field,)
    if row is None:
        if not _could_be(page, unit, name.id):
            raise _unknown(page, unit, name, where)
        # Of a school, whether nobody answered or a few is withheld, too.
        yield from _hidden(page, name, shared, where, "too few answered, or nobody")
        return
    if row["release"] == BANDED and name.field == "value" and row.get("band"):
        yield part(row, 0)
        return
    if row["release"] != RELEASED:
        yield from _hidden(
            page, name, shared, where, str(row.get("reason") or "it is not released")
        )
        return
    if any(row[field] != row[field] for field in fields):
        raise AnalystError(
            f"The result {name.id} has no {name.field}.",
            where=where,
            fix="Name another field of it, or take it out of the sentence.",
        )
    for place, field in enumerate(fields):
        if place:
            yield " to "
        decimals = _decimals(page, row, field) if name.decimals is None else name.decimals
        is_p = str(row["statistic"]).startswith("p_") or row["statistic"] == "p"
        if is_p and field == "value" and name.decimals is None:
            yield Part(p_text(float(row[field])), str(row["unit"]), name.id, field, 3)
        else:
            yield part(row, decimals, field)


def _hidden(page: Page, name: Name, shared: bool, where: str, why: str) -> Iterator[str]:
    if not shared:
        raise AnalystError(
            f"The result {name.id} is withheld from the report of {page.unit}: {why}.",
            where=where,
            fix="Take it out of the sentence: no text may show what the tables withhold.",
        )
    yield gettext(IN_WORDS)


def _could_be(page: Page, unit: str, identity: str) -> bool:
    """Whether a school could have a result of this id: the programme has one, or it is asked."""
    if unit == COHORT:
        return False
    if (COHORT, identity) in page.rows:
        return True
    parts = identity.split(".")
    try:
        source, instrument, analysis, measure, wave, group, statistic = parts
        questions.refuse_unknown(analysis, statistic)
    except (ValueError, questions.UnknownQuestion):
        return False
    known = {survey.id: survey.instruments for survey in page.study.surveys}
    waves = {page.waves, *(each.lower() for each in page.study.wave_ids)}
    return (
        instrument in known.get(source, ())
        and measure in page.instruments[instrument].scores
        and wave in waves
        and group == "all"
    )


def _unknown(page: Page, unit: str, name: Name, where: str) -> AnalystError:
    known = sorted(identity for of, identity in page.rows if of == unit)
    near = difflib.get_close_matches(name.id, known, 3, cutoff=0.75)
    return AnalystError(
        f"There is no result {name.id} of {unit}.",
        where=where,
        fix=f"Perhaps {' or '.join(near)}."
        if near
        else "Look it up in data/processed/ledger, or in the numbers of an edition on record.",
    )


def _decimals(page: Page, row: dict[str, Any], field: str) -> int:
    """As many decimals as tables show it with."""
    if field in COUNTS or row["statistic"] in ("count", "percent"):
        return 0
    instrument = page.instruments.get(str(row["instrument"]))
    if instrument and row["measure"] in instrument.scores:
        return instrument.decimals(str(row["measure"]))
    return 2
