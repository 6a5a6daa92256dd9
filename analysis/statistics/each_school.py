"""The level of each school at each wave, without its name, for the programme's report."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.prepare import Prepared
from analysis.results import COHORT, Result
from analysis.statistics import estimates
from analysis.statistics.samples import at_wave
from analysis.study import Survey


def each_school(prepared: Prepared, survey: Survey) -> Iterator[Result]:
    """Mean and 95% interval of each school at each wave, in the score that stands for the survey.

    The same numbers as in the schools' own results (:func:`analysis.statistics.level.scores`), by
    place in place of a name; release gives the places anew.
    """
    name, score = survey.headline.split(".")
    if name not in survey.instruments:  # it is asked of another instrument by itself
        return
    waves = prepared.study.wave_ids
    found = {}
    for wave in waves:
        people = at_wave(prepared, survey, wave).known(f"{name}.{score}")
        for school, own in people.by(people["school"]):
            found[school, wave] = own.numbers(f"{name}.{score}")
    for place, school in enumerate(sorted({school for school, _ in found}), start=1):
        for wave in waves:
            values = found.get((school, wave))
            if values is None:
                continue
            yield Result(
                unit=COHORT, source=survey.id, instrument=name, analysis="schools", measure=score,
                wave=wave, group=f"place_{place:03d}", statistic="mean", n=float(len(values)),
                **estimates.fields(estimates.mean(values, None)),
            )  # fmt: skip
