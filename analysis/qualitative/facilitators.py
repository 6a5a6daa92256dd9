"""What did the facilitators answer? Counts per option of the closed questions."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.prepare import Prepared
from analysis.qualitative.interviewed import EVER
from analysis.results import COHORT, Result
from analysis.statistics.samples import ALL


def answers(prepared: Prepared) -> Iterator[Result]:
    """How many facilitators chose each option: a count out of all who answered the survey."""
    frame = prepared.strands.get("facilitator_survey")
    questions = prepared.documents.get("facilitator_questions")
    if frame is None or questions is None:
        return
    n = len(frame)
    for question in questions["questions"]:
        if question["type"] == "open" or question["id"] not in frame:
            continue
        chosen = frame[question["id"]].map(
            lambda text: {part.strip() for part in text.split(";") if part.strip()}
        )
        for option in question["options"]:
            count = int(chosen.map(lambda parts, name=option["id"]: name in parts).sum())
            for statistic, value in (("count", float(count)), ("percent", 100 * count / n)):
                yield Result(
                    unit=COHORT,
                    source="facilitators",
                    instrument="survey",
                    analysis="answers",
                    measure=f"{question['id']}-{option['id']}",
                    wave=EVER,
                    group=ALL,
                    statistic=statistic,
                    value=value,
                    n=float(n),
                    numerator=float(count),
                    denominator=float(n),
                    method="facilitators choosing the option, of all who answered the survey",
                )
