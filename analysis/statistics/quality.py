"""How good are the data? Rows set aside, answers missing, scores at their limits, links."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from analysis import strands as registry
from analysis.prepare import Prepared
from analysis.prepare import linking as linkage
from analysis.prepare.answers import KINDS
from analysis.prepare.quality import REASONS
from analysis.results import COHORT, Result, pair
from analysis.statistics import estimates
from analysis.statistics.people import BASELINE, FOLLOWUP
from analysis.statistics.samples import ALL, clusters, matched
from analysis.study import Study, Survey

ANALYSIS = "quality"
#: Reasons for setting a row aside that are about nobody: artefacts of the survey tool.
NOT_PEOPLE = ("empty", "preview", "test")
#: Reasons that only coded passages can have: about the coding, and about nobody.
OF_CODING = ("repeated", "unknown_code")
PEOPLE = tuple(reason for reason in REASONS if reason not in (*NOT_PEOPLE, *OF_CODING))
#: The tables beside the surveys -> whose release threshold their counts of rows are under.
TABLES = {table.name: strand.source for strand, table in registry.tables()}
#: What is counted among the people found again: measure -> column of the table of links.
OF_LINKED = {
    "link_tidied": "normalised",
    "link_close": "one_character",
    "changed_school": "changed_school",
    "changed_phase": "changed_phase",
}
#: Analysis -> kinds of link left out of it. The first is always made; where links of codes one
#: character apart are allowed, the second leaves out only those.
LEFT_OUT = {
    "same_code": (linkage.NORMALISED, linkage.ONE_CHARACTER),
    "no_close_code": (linkage.ONE_CHARACTER,),
}


def rows(prepared: Prepared) -> Iterator[Result]:
    """Rows of each survey's files: read, used, and set aside, apart for people and artefacts.

    Counts about people carry themselves as ``n``, so that small ones are not released; those
    that would give another away by a difference carry the smaller of the two. So do the single
    reasons (``aside_<reason>``): those of people are released together or not at all.
    """
    surveys = {survey.id for survey in prepared.study.surveys}
    files = prepared.quality["files"]
    for (source, wave), part in files[files["source"].isin(surveys)].groupby(["source", "wave"]):
        read, used = float(part["read"].sum()), float(part["used"].sum())
        by_reason = part[list(REASONS)].sum().astype("float64")
        people = float(by_reason[list(PEOPLE)].sum())
        artefacts = float(by_reason[list(NOT_PEOPLE)].sum())
        smallest = min((n for n in by_reason[list(PEOPLE)] if n), default=read)
        counts = [
            ("rows_read", read, read),
            ("rows_used", used, used),
            ("rows_aside", read - used, read),
            ("aside_people", people, people or read),
            # Hidden together with aside_people: the difference would give that away.
            ("aside_artefacts", artefacts, people or read),
        ]
        counts += [(f"aside_{reason}", by_reason[reason], smallest) for reason in PEOPLE]
        counts += [(f"aside_{reason}", by_reason[reason], people or read) for reason in NOT_PEOPLE]
        for measure, value, n in counts:
            yield _count(str(source), measure, str(wave), value, n, "rows of the export")


def tables(prepared: Prepared) -> Iterator[Result]:
    """Rows of the tables beside the surveys: read, used and set aside, by what they hold.

    Rows are passages, plans, terms: no people are counted. But where somebody has withdrawn,
    rows read and set aside would say so, and rest on one person.
    """
    files = prepared.quality["files"]
    for source, part in files[files["source"].isin(list(TABLES))].groupby("source"):
        read, used = float(part["read"].sum()), float(part["used"].sum())
        by_reason = part[list(REASONS)].sum().astype("float64")
        n = 1.0 if by_reason["withdrawn"] else read
        counts = [("rows_read", read, n), ("rows_used", used, read), ("rows_aside", read - used, n)]
        if source == "segments":
            counts.append(("aside_repeated", by_reason["repeated"], read))
        for measure, value, base in counts:
            yield _count(
                TABLES[str(source)], measure, "all", value, base, "rows of the table",
                instrument=str(source),
            )  # fmt: skip


def missing(prepared: Prepared) -> Iterator[Result]:
    """Share of answers missing, in all and by kind, and the lowest number answering an item."""
    counts = prepared.quality["missing"]
    for (survey, instrument, wave), part in counts.groupby(["survey", "instrument", "wave"]):
        answered = part[part["kind"] == "answered"].groupby("item")["answers"].sum()
        total = float(part["answers"].sum())
        lowest = float(answered.min())
        by_kind = part.groupby("kind")["answers"].sum()
        shares = {"missing": total - float(answered.sum())} | {
            f"missing_{kind}" if kind != "out_of_range" else kind: float(by_kind.get(kind, 0))
            for kind in KINDS[1:]
        }
        common: dict[str, Any] = {
            "unit": COHORT,
            "source": str(survey),
            "instrument": str(instrument),
            "analysis": ANALYSIS,
            "wave": str(wave),
            "group": ALL,
            "n": lowest,
        }
        for measure, answers in shares.items():
            yield Result(
                **common,
                measure=measure,
                statistic="percent",
                value=100 * answers / total if total else float("nan"),
                numerator=answers,
                denominator=total,
                method="answers missing of answers possible",
            )
        yield Result(
            **common,
            measure="lowest_item",
            statistic="n",
            value=lowest,
            method="lowest number answering any one item",
        )


def flagged(prepared: Prepared) -> Iterator[Result]:
    """Responses kept though they look careless, of those that could be judged."""
    for row in prepared.quality["flags"].to_dict("records"):
        if row["of"]:
            count, of = float(row["responses"]), float(row["of"])
            yield _count(
                str(row["survey"]),
                f"flagged_{row['flag']}",
                str(row["wave"]),
                count,
                _tied(count, of - count),
                "responses flagged, and kept",
                denominator=of,
            )


def links(prepared: Prepared) -> Iterator[Result]:
    """How respondents of one wave were found again at another: the programme and each school.

    For the programme, ``link_found`` counts whoever was found again anywhere, and of these
    ``link_tidied`` (only after tidying the code), ``link_close`` (codes one character apart),
    ``changed_school`` and ``changed_phase``. For a school, ``link_found`` counts who was found
    again there: that is its matched sample, and who moved away stays with the programme.
    Whether it was nobody or too few of a school is withheld, too.

    In the programme's unit the schools of enough people stand in the order of the share found
    again, as groups ``place_01`` and so on: numbers beside a school's letter would say which
    school it is.
    """
    table = prepared.quality["links"]
    for (survey, first, second), part in table.groupby(["survey", "first", "second"], sort=True):
        waves = pair(str(first), str(second))
        sums = part.select_dtypes("number").sum().astype("float64")
        of = float(sums["respondents"])
        found = of - float(sums["unlinked"])
        yield from _found(str(survey), waves, found, of)
        for measure, column in OF_LINKED.items():
            count = float(sums[column])
            yield _count(
                str(survey), measure, waves, count, _tied(count, found - count),
                "of those found again", denominator=found,
            )  # fmt: skip
        stayed = part["respondents"] - part["unlinked"] - part["changed_school"]
        schools = part.assign(found=stayed, share=stayed / part["respondents"])
        for school, here, of_school in schools[["school", "found", "respondents"]].to_numpy():
            yield from _found(
                str(survey), waves, float(here), float(of_school),
                unit=str(school), n=float(min(here, of_school - here)),
            )  # fmt: skip
        yield from _places(prepared.study, str(survey), waves, schools)


def _places(study: Study, survey: str, waves: str, schools: pd.DataFrame) -> Iterator[Result]:
    """The schools that may be shown, in the order of the share found.

    What is left of the programme's numbers when the schools shown are taken away must be two
    schools or more: a school left out alone, or the few who moved, would be what is left. A
    school left out has no place in the order, which would say between which others it stands.
    """
    ordered = schools.sort_values(["share", "respondents"], ascending=False, kind="stable")
    counts = ordered[["found", "respondents"]].to_numpy(dtype="float64").tolist()
    base = [min(found, of - found) for found, of in counts]
    minimum = study.asked(study.survey(survey)).minimum
    few = sum(n < minimum for n in base)
    moved = float(schools["changed_school"].sum())
    if few == 1 or (few == 0 and 0 < moved < minimum):
        for place in sorted(range(len(base)), key=lambda place: base[place])[:2]:
            base[place] = 0.0
    shown = [counts[place] for place, n in enumerate(base) if n >= minimum]
    for place, (found, of) in enumerate(shown, 1):
        yield from _found(survey, waves, found, of, group=f"place_{place:02d}")


def _found(
    survey: str, waves: str, found: float, of: float, *, unit: str = COHORT, group: str = ALL,
    n: float | None = None,
) -> Iterator[Result]:  # fmt: skip
    tied = _tied(found, of - found) if n is None else n
    for statistic, value in (("count", found), ("percent", 100 * found / of)):
        yield _count(
            survey, "link_found", waves, value, tied, "respondents of the first wave found again",
            unit=unit, group=group, statistic=statistic, numerator=found, denominator=of,
        )  # fmt: skip


def linking(prepared: Prepared, survey: Survey) -> Iterator[Result]:
    """Change of every score without people who were linked by other than the very same code
    at the two waves.

    ``difference`` is within the matched sample less those people, with an interval that allows
    for schools; ``n_left_out`` says how many they are. Both rest on the smaller of those kept
    and those left out: the two differences together would otherwise say how the latter changed.
    Nothing is given where nobody is left out.
    """
    study = prepared.study
    both = matched(prepared, survey)
    codes = (linkage.WRITTEN, linkage.COMPARED)
    how = linkage.link(*((both[each + BASELINE], both[each + FOLLOWUP]) for each in codes))
    for measure, loose in LEFT_OUT.items():
        out = np.isin(how, loose)
        if not out.any():
            continue
        kept = both.where(~out)
        for name in survey.instruments:
            for score in prepared.instruments[name].scores:
                change = kept.change(f"{name}.{score}")
                answered = ~np.isnan(change)
                if not answered.any():
                    continue
                schools = clusters(kept)[answered]
                common: dict[str, Any] = {
                    "unit": COHORT,
                    "source": survey.id,
                    "instrument": name,
                    "analysis": measure,
                    "measure": score,
                    "wave": pair(study.baseline, study.followup),
                    "group": ALL,
                    "n": float(min(answered.sum(), out.sum())),
                    "n_schools": estimates.number_of_schools(schools),
                }
                estimate = estimates.mean(change[answered], schools)
                yield Result(**common, statistic="difference", **estimates.fields(estimate))
                yield Result(
                    **common,
                    statistic="n_kept",
                    value=float(answered.sum()),
                    method="people with the score at both waves",
                )
                yield Result(
                    **common,
                    statistic="n_left_out",
                    value=float(out.sum()),
                    method="people left out of the matched sample",
                )


def _tied(count: float, rest: float) -> float:
    """The ``n`` of a count whose complement is known: the smaller of the two that are any."""
    return min((number for number in (count, rest) if number), default=0.0)


def _count(
    source: str,
    measure: str,
    wave: str,
    value: float,
    n: float,
    method: str,
    *,
    unit: str = COHORT,
    instrument: str = "survey",
    group: str = ALL,
    statistic: str = "count",
    numerator: float | None = None,
    denominator: float = float("nan"),
) -> Result:
    return Result(
        unit=unit,
        source=source,
        instrument=instrument,
        analysis=ANALYSIS,
        measure=measure,
        wave=wave,
        group=group,
        statistic=statistic,
        value=value,
        n=n,
        numerator=value if numerator is None else numerator,
        denominator=denominator,
        method=method,
    )
