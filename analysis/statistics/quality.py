"""How good are the data? Rows set aside, answers missing, scores at their limits, links."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from analysis.prepare import Prepared
from analysis.prepare.answers import KINDS
from analysis.results import COHORT, Result, pair, slug
from analysis.statistics.samples import ALL
from analysis.study import Survey

#: Reasons for setting a row aside that are about nobody: artefacts of the survey tool.
NOT_PEOPLE = ("empty", "preview", "test")
PEOPLE = (
    "consent", "no_school", "withdrawn", "unidentified", "before_start", "unfinished",
    "unanswered", "duplicate",
)  # fmt: skip
#: How respondents of one wave were found again at another.
LOOSER = ("normalised", "one_character")


def rows(prepared: Prepared) -> Iterator[Result]:
    """Rows of each survey's files: read, used, and set aside, apart for people and artefacts.

    Counts about people carry themselves as ``n``, so that small ones are not released; those
    that would give another away by a difference carry the smaller of the two.
    """
    surveys = {survey.id for survey in prepared.study.surveys}
    files = prepared.quality["files"]
    for (source, wave), part in files[files["source"].isin(surveys)].groupby(["source", "wave"]):
        read, used = float(part["read"].sum()), float(part["used"].sum())
        people = float(part[list(PEOPLE)].sum().sum())
        artefacts = float(part[list(NOT_PEOPLE)].sum().sum())
        withdrawn = float(part["withdrawn"].sum())
        for measure, value, n in (
            ("rows_read", read, read),
            ("rows_used", used, used),
            ("rows_aside", read - used, read),
            ("aside_people", people, people),
            # Hidden together with aside_people: the difference would give that away.
            ("aside_artefacts", artefacts, people),
            ("withdrawn", withdrawn, _tied(withdrawn, people - withdrawn)),
        ):
            yield _count(str(source), measure, str(wave), value, n, "rows of the export")


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
            "analysis": "quality",
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


def limits(prepared: Prepared, survey: Survey) -> Iterator[Result]:
    """Share of respondents whose score is the lowest or the highest possible (floor, ceiling).

    A lookup score's limits are those of its table's ends: nobody can score beyond them.
    """
    frame = prepared.surveys[survey.id]
    for wave, part in frame.groupby("wave", sort=True):
        for name in survey.instruments:
            instrument = prepared.instruments[name]
            for score in instrument.scores:
                values = part[f"{name}.{score}"].dropna()
                total = float(len(values))
                if not total:
                    continue
                low, high = instrument.score_limits(score)
                for statistic, limit in (("floor", low), ("ceiling", high)):
                    count = float(((values - limit).abs() < 1e-9).sum())
                    yield Result(
                        unit=COHORT,
                        source=survey.id,
                        instrument=name,
                        analysis="quality",
                        measure=score,
                        wave=str(wave),
                        group=ALL,
                        statistic=statistic,
                        value=100 * count / total,
                        # A few people at the limit are a few people.
                        n=_tied(count, total - count),
                        numerator=count,
                        denominator=total,
                        method=f"share of scores that are {limit:g}, the "
                        + ("lowest" if statistic == "floor" else "highest")
                        + " possible",
                    )


def flagged(prepared: Prepared) -> Iterator[Result]:
    """Responses kept though they look careless, of those that could be judged."""
    for row in prepared.quality["flags"].to_dict("records"):
        if row["of"]:
            count = float(row["responses"])
            yield _count(
                str(row["survey"]),
                f"flagged_{row['flag']}",
                str(row["wave"]),
                count,
                _tied(count, float(row["of"]) - count),
                "responses flagged, and kept",
            )


def links(prepared: Prepared) -> Iterator[Result]:
    """How respondents of one wave were found again at another: the programme and each school.

    ``exact``, ``looser`` (after tidying, or one character apart) and ``unlinked`` add up to
    the respondents of the first wave, so they carry the smallest of them as ``n``: they are
    released together or not at all. People who changed school or phase are among the linked.
    """
    table = prepared.quality["links"]
    units = [(COHORT, table)]
    units += [(str(school), part) for school, part in table.groupby("school", sort=True)]
    for unit, part in units:
        for (survey, first, second), rows_of in part.groupby(["survey", "first", "second"]):
            sums = rows_of.select_dtypes("number").sum()
            parts = {
                "link_exact": float(sums["exact"]),
                "link_looser": float(sums[list(LOOSER)].sum()),
                "link_none": float(sums["unlinked"]),
            }
            linked = parts["link_exact"] + parts["link_looser"]
            tied = min(parts.values())
            counts = [(measure, value, tied) for measure, value in parts.items()]
            for measure in ("changed_school", "changed_phase"):
                moved = float(sums[measure])
                counts.append((measure, moved, _tied(moved, linked - moved)))
            for measure, value, n in counts:
                yield _count(
                    str(survey), measure, pair(str(first), str(second)), value, n,
                    "respondents of the first wave", unit=unit,
                    denominator=float(sums["respondents"]),
                )  # fmt: skip


def audit(prepared: Prepared) -> Iterator[Result]:
    """The whole-school audit: schools giving each rating, by framework area and review.

    A school's own rating is its own: it is entered for the school as 1.
    """
    frame = prepared.strands.get("whole_school_audit")
    if frame is None:
        return
    for (area, review, rating), part in frame.groupby(["area", "review", "rating"], sort=True):
        rated = frame[(frame["area"] == area) & (frame["review"] == review)]
        for unit, schools, base in [
            (COHORT, len(part), len(rated)),
            *((str(school), 1, 1) for school in part["school"]),
        ]:
            yield Result(
                unit=unit,
                source="action_plans",
                instrument="framework_audit",
                analysis="audit",
                measure=slug(str(area)),
                wave=str(review),
                group=str(rating),
                statistic="schools",
                value=float(schools),
                n=float(schools),
                n_schools=float(schools),
                denominator=float(base),
                method="schools giving the rating, of those that rated the area",
            )


def needs(prepared: Prepared) -> Iterator[Result]:
    """Identified needs by level of the Pyramid of Need, summed over schools; never by school."""
    frame = prepared.strands.get("needs")
    if frame is None:
        return
    for (need, level), part in frame.dropna(subset=["count"]).groupby(["need", "level"], sort=True):
        count = float(part["count"].sum())
        yield Result(
            unit=COHORT,
            source="outcomes",
            instrument="pyramid_of_need",
            analysis="needs",
            measure=slug(str(need)),
            wave=slug(str(level)),
            group=ALL,
            statistic="count",
            value=count,
            n=count,
            n_schools=float((part["count"] > 0).sum()),
            method="sum of the counts that schools gave",
        )


def _tied(count: float, rest: float) -> float:
    """The ``n`` of a count whose complement is known: the smaller, unless there is none."""
    return min(count, rest) if rest else count


def _count(
    source: str,
    measure: str,
    wave: str,
    value: float,
    n: float,
    method: str,
    *,
    unit: str = COHORT,
    denominator: float = float("nan"),
) -> Result:
    return Result(
        unit=unit,
        source=source,
        instrument="survey",
        analysis="quality",
        measure=measure,
        wave=wave,
        group=ALL,
        statistic="count",
        value=value,
        n=n,
        numerator=value,
        denominator=denominator,
        method=method,
    )
