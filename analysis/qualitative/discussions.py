"""What was said in groups, and what people wrote: counts of codes, never of mentions."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.prepare import Prepared
from analysis.qualitative.interviewed import EVER
from analysis.results import COHORT, Result
from analysis.statistics.samples import ALL
from analysis.words import slug


def focus_groups(prepared: Prepared) -> Iterator[Result]:
    """Participants, themes and codes of each group discussion.

    A group speaks as one: there is no count of how many in it said a thing.
    """
    frame = prepared.strands.get("focus_groups")
    if frame is None:
        return
    for name, rows in frame.groupby("group", sort=True):
        participants = float(rows["participants"].max())
        counts = {
            "participants": participants,
            "themes": float(rows["theme"].nunique()),
            "codes": float(rows["code"].nunique()),
        }
        for statistic, value in counts.items():
            yield Result(
                unit=COHORT,
                source="interviews",
                instrument="groups",
                analysis="discussion",
                measure=slug(str(name)),
                wave=EVER,
                group=ALL,
                statistic=statistic,
                value=value,
                n=participants,
                method=f"number of {statistic} of a group discussion",
            )


def open_answers(prepared: Prepared) -> Iterator[Result]:
    """People by code, for each aspect that the perceived-change questions ask about.

    ``n`` and ``denominator`` are those who wrote anything on that aspect. Over the programme
    only: with few writing, a split would give away what it withholds. A code counts once for a
    person. The study's threshold for free text applies.
    """
    frame = prepared.strands.get("open_answers")
    if frame is None:
        return
    for aspect, written in frame.groupby("aspect", sort=True):
        n = written["respondent"].nunique()
        schools = written["school"].nunique()
        for code, coded in written.groupby("code", sort=True):
            count = coded["respondent"].nunique()
            for statistic, value in (("count", float(count)), ("percent", 100 * count / n)):
                yield Result(
                    unit=COHORT,
                    source="open_answers",
                    instrument="perceived_change",
                    analysis="codes",
                    measure=f"{slug(str(aspect))}-{slug(str(code))}",
                    wave=prepared.study.followup,
                    group=ALL,
                    statistic=statistic,
                    value=value,
                    n=float(n),
                    n_schools=float(schools),
                    numerator=float(count),
                    denominator=float(n),
                    method="people whose answer holds the code, of those who wrote on it",
                )
