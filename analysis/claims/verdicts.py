"""What the data say of each claim: supported, contradicted, or that they cannot say."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.claims.document import FILE, Claim, Claims
from analysis.claims.evaluate import Lookup, Missing, Range, evaluate
from analysis.claims.grammar import Node, Reference
from analysis.disclosure import RELEASED, Released
from analysis.errors import AnalystError
from analysis.language import N_, gettext
from analysis.qualitative.nought import held_by
from analysis.results import COHORT
from analysis.study import Study

SUPPORTED = N_("supported")
CONTRADICTED = N_("contradicted")
UNTESTED = N_("cannot be tested")
#: The numbers that decide may not be shown, and so neither may the state.
WITHHELD = N_("withheld")


@dataclass(frozen=True)
class Deciding:
    """A number that decides a claim. ``hidden``: release rules withhold it."""

    id: str
    field: str
    value: float
    hidden: bool


@dataclass(frozen=True)
class Verdict:
    """What the data say of a claim, the numbers that decide it, and why if they cannot say."""

    claim: Claim
    state: str
    numbers: tuple[Deciding, ...] = ()
    reason: str = ""

    def line(self) -> str:
        """The verdict as a line for the analyst; hidden numbers are marked, not printed."""
        shown = [
            f"{n.id}{'' if n.field == 'value' else ':' + n.field} = "
            + ("hidden" if n.hidden else f"{n.value:.4g}")
            for n in self.numbers
        ]
        text = f"{self.claim.id} {self.state}: {self.claim.sentence}"
        if shown:
            text += f" [{'; '.join(shown)}]"
        return f"{text} {self.reason}" if self.reason else text


#: Results that conditions look up: a release, a decided ledger, or one unit's rows by id.
Results = Released | pd.DataFrame | Mapping[str, Mapping[str, Any]]


def verdicts(claims: Claims, results: Results, unit: str = COHORT) -> list[Verdict]:
    """The verdict on every claim.

    Parameters
    ----------
    claims
        The study's claims.
    results
        Released results, where a number that is withheld makes the verdict withheld too; or a
        decided ledger (with ``release``), which knows all numbers and marks the hidden ones.
    unit
        Whose results. Sentences of the text for a school are judged by that school's, where a
        decided ledger has them, and are left out where it has not.
    """
    rows = {unit: rows_of(results, unit)}
    found = []
    for claim in claims.claims:
        whose = unit if claim.unit == COHORT else claim.unit
        if whose not in rows:
            if not isinstance(results, pd.DataFrame):
                continue
            rows[whose] = rows_of(results, whose)
        found.append(_judged(claim, claims.parsed.get(claim.id), rows[whose]))
    return found


def verdict(claims: Claims, claim_id: str, results: Results) -> Verdict:
    """The verdict on one claim of the programme."""
    return _judged(claims.claim(claim_id), claims.parsed.get(claim_id), rows_of(results))


def rows_of(results: Results, unit: str = COHORT) -> Mapping[str, Mapping[str, Any]]:
    """A unit's rows by id. ``blind`` marks rows of a release, whose hidden numbers are gone."""
    if isinstance(results, Mapping):
        return results
    frame = results.frame if isinstance(results, Released) else results
    return _Rows(frame[frame["unit"] == unit], blind=isinstance(results, Released))


class _Rows(Mapping[str, Mapping[str, Any]]):
    """Rows of a ledger by id, made when they are asked for: claims ask for few of many."""

    def __init__(self, frame: pd.DataFrame, *, blind: bool) -> None:
        self._blind = blind
        self._places = {identity: place for place, identity in enumerate(frame["id"])}
        self._columns = {str(name): frame[name].array for name in frame}

    def __getitem__(self, identity: str) -> Mapping[str, Any]:
        place = self._places[identity]
        row = {name: values[place] for name, values in self._columns.items()}
        return row | {"blind": self._blind}

    def __contains__(self, identity: object) -> bool:
        return identity in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def lookup_of(rows: Mapping[str, Mapping[str, Any]]) -> Lookup:
    """Rows as a source of numbers. Of a release, what is suppressed, in words or coarse is withheld.

    What nobody was heard on, or no plan holds, has no row: it is nought where others were.
    """

    def look(reference: Reference) -> Range | Missing:
        row = rows.get(reference.id)
        if row is None:
            if reference.field == "value" and held_by(reference.id) in rows:
                return Range.of(0.0)
            return Missing("absent")
        if row["blind"] and (row["release"] != RELEASED or _is_coarse(row, reference.field)):
            return Missing("withheld")
        value = float(row[reference.field])
        return Missing("undefined") if math.isnan(value) else Range.of(value)

    return look


def _is_coarse(row: Mapping[str, Any], field: str) -> bool:
    """Whether a release shows less of a number than would decide anything on it."""
    most = row.get("decimals")
    return field in ("value", "ci_low", "ci_high") and most is not None and not math.isnan(most)


def check_findings(claims: Claims | None, decided: pd.DataFrame, study: Study) -> list[Verdict]:
    """Stop if a key finding, or a sentence of a text, is contradicted and nobody says why it stays.

    To be called in the release step, on all results before anything is hidden: a finding that
    is wrong must not be published because the number that shows it may not be shown.

    Parameters
    ----------
    claims
        The study's claims (nothing: nothing is checked).
    decided
        The ledger after :func:`analysis.disclosure.decide`.
    study
        The study, to name the file.

    Returns
    -------
    list of Verdict
        The verdicts on the findings and on the sentences of the study's own texts.

    Raises
    ------
    AnalystError
        With every finding that the data contradict, and the numbers that decide.
    """
    if claims is None:
        return []
    found = [each for each in verdicts(claims, decided) if each.claim.must_hold]
    wrong = [each for each in found if each.state == CONTRADICTED and not each.claim.stays]
    if wrong:
        many = len(wrong) > 1
        raise AnalystError(
            f"{len(wrong)} finding{'s are' if many else ' is'} contradicted by the data:\n    "
            + "\n    ".join(each.line() for each in wrong),
            where=str(study.path(FILE)),
            fix="Change the sentence or its condition, take away 'finding' (or the sentence from its "
            "text), or say under 'stays' why it is kept.",
        )
    return found


def _judged(claim: Claim, node: Node | None, rows: Mapping[str, Mapping[str, Any]]) -> Verdict:
    if node is None:
        return Verdict(claim, UNTESTED, reason=claim.cannot)
    outcome = evaluate(node, lookup_of(rows))
    numbers = tuple(
        Deciding(
            reference.id,
            reference.field,
            float(rows[reference.id][reference.field]),
            rows[reference.id]["release"] != RELEASED,
        )
        for reference in outcome.deciding
        if reference.id in rows
    )
    if outcome.truth is not None:
        return Verdict(claim, SUPPORTED if outcome.truth else CONTRADICTED, numbers)
    whys = {why for _, why in outcome.missing}
    if "withheld" in whys:
        return Verdict(claim, WITHHELD, numbers, gettext("It rests on numbers that are withheld."))
    missing = ", ".join(dict.fromkeys(reference.id for reference, _ in outcome.missing))
    return Verdict(
        claim, UNTESTED, numbers, gettext("There is no result {id}.", id=missing) if missing else ""
    )
