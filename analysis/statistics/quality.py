"""How good are the data? Rows used and set aside, answers missing."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.prepare import Prepared
from analysis.results import COHORT, Result
from analysis.statistics.samples import ALL

#: Reasons for setting a row aside that are about nobody: artefacts of the survey tool.
NOT_PEOPLE = ("empty", "preview", "test")
PEOPLE = ("consent", "no_school", "unidentified", "duplicate")


def rows(prepared: Prepared) -> Iterator[Result]:
    """Rows of each survey's files: read, used, and set aside, apart for people and artefacts.

    Counts about people carry themselves as ``n``, so that small ones are not released.
    """
    surveys = {survey.id for survey in prepared.study.surveys}
    files = prepared.quality["files"]
    for (source, wave), part in files[files["source"].isin(surveys)].groupby(["source", "wave"]):
        read, used = float(part["read"].sum()), float(part["used"].sum())
        people = float(part[list(PEOPLE)].sum().sum())
        artefacts = float(part[list(NOT_PEOPLE)].sum().sum())
        for measure, value, n in (
            ("rows_read", read, read),
            ("rows_used", used, used),
            ("rows_aside", read - used, read),
            ("aside_people", people, people),
            # Hidden together with aside_people: the difference would give that away.
            ("aside_artefacts", artefacts, people),
        ):
            yield Result(
                unit=COHORT,
                source=str(source),
                instrument="survey",
                analysis="quality",
                measure=measure,
                wave=str(wave),
                group=ALL,
                statistic="count",
                value=value,
                n=n,
                method="rows of the export",
            )


def missing(prepared: Prepared) -> Iterator[Result]:
    """Share of answers missing, by instrument and wave, and the lowest number answering an item."""
    counts = prepared.quality["missing"]
    for (survey, instrument, wave), part in counts.groupby(["survey", "instrument", "wave"]):
        answered = part[part["kind"] == "answered"].groupby("item")["answers"].sum()
        total = float(part["answers"].sum())
        lowest = float(answered.min())
        blank = total - float(answered.sum())
        for measure, statistic, value, numerator, denominator in (
            ("missing", "percent", 100 * blank / total, blank, total),
            ("lowest_item", "n", lowest, float("nan"), float("nan")),
        ):
            yield Result(
                unit=COHORT,
                source=str(survey),
                instrument=str(instrument),
                analysis="quality",
                measure=measure,
                wave=str(wave),
                group=ALL,
                statistic=statistic,
                value=value,
                n=lowest,
                numerator=numerator,
                denominator=denominator,
                method="answers missing of answers possible"
                if statistic == "percent"
                else "lowest number answering any one item",
            )
