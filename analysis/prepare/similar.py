"""Schools that are like each other, by numbers of the schools table: size, free school meals.

Schools are similar that are in the same group of those compared and in the same band of every column
that ``similar`` of the study file names. Bands are the study's own, or thirds of its schools.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.errors import AnalystError, Collected
from analysis.sources import tables
from analysis.study import Likeness, Study

#: Fewer schools than this in a third, and thirds are refused.
LEAST = 3


def band_column(column: str) -> str:
    """The column of what may be said of a school by name that holds its band (:func:`bands`)."""
    return f"band.{column}"


def bands(each: Likeness, schools: pd.DataFrame) -> pd.Series:
    """The band of each school, as ``from:to`` with an open end left empty; nothing without a number.

    Parameters
    ----------
    schools
        The schools that take part, as :func:`analysis.prepare.schools.read` has them.
    """
    numbers = pd.to_numeric(schools[each.column], errors="coerce").to_numpy(dtype="float64")
    starts = each.bands or _thirds(numbers)
    ends = ["", *(f"{start:g}" for start in starts[1:]), ""]
    names = [f"{low}:{high}" for low, high in pairwise(ends)]
    places = np.clip(np.searchsorted(starts, numbers, side="right") - 1, 0, len(names) - 1)
    found = ["" if np.isnan(n) else names[at] for n, at in zip(numbers, places, strict=True)]
    return pd.Series(found, index=schools.index, dtype="str")


def alike(study: Study, schools: pd.DataFrame, wave: str) -> dict[str, str]:
    """By school a name for all that are like it at a wave; nothing where it is like none.

    That is where it has no number in one of the columns, where its group is no benchmark, or where
    the study names no columns.
    """
    if not study.similar:
        return {}
    group = study.phases
    benchmarks = {value.id for value in group.values if value.benchmark} if group else set()
    of = [bands(each, schools) for each in study.similar]
    if group is not None:
        phases = schools[group.by_wave.get(wave, group.column)]
        of.append(phases.where(phases.isin(benchmarks), ""))
    return {
        str(school): "|".join(parts) if all(parts) else ""
        for school, *parts in zip(schools["id"], *of, strict=True)
    }


def _thirds(numbers: np.ndarray) -> tuple[float, ...]:
    """Where each third of some numbers begins; equal numbers are in one third."""
    known = np.sort(numbers[~np.isnan(numbers)])
    cuts = [float(known[round(len(known) * part / 3)]) for part in (1, 2)] if len(known) > 2 else []
    return (float("-inf"), *cuts)


def check(study: Study, frame: pd.DataFrame, path: Path) -> None:
    """Stop at columns by which no bands can be made; ``frame`` is the table by row number.

    Raises
    ------
    AnalystError
        If a column is missing or holds anything but numbers, a number lies below the first band, or
        thirds would have too few schools: all at once.
    """
    mistakes = Collected()
    for place, each in enumerate(study.similar, start=1):
        with mistakes.also():
            if each.column not in frame.columns:
                raise AnalystError(
                    f"{path.name} has no column '{each.column}', by which study.yaml says that "
                    "schools are similar.",
                    where=f"{path}, row 1",
                    fix=f"Add the column, or correct 'column' of entry {place} of 'similar'.",
                )
            numbers = tables.decimal_numbers(frame, each.column, path)
            if each.bands:
                _refuse_below(each, numbers, path)
            else:
                if study.comparison in frame:
                    numbers = numbers[frame[study.comparison] != "yes"]
                _refuse_few(each, numbers.dropna(), path)
    mistakes.raise_any()


def _refuse_below(each: Likeness, numbers: pd.Series, path: Path) -> None:
    below = numbers[numbers < each.bands[0]]
    if len(below):
        raise AnalystError(
            f"{below.iloc[0]:g} lies below the first band of {each.label}, which begins at "
            f"{each.bands[0]:g}.",
            where=f"{path}, row {below.index[0]}, column {each.column}",
            fix="Correct the number, or begin the first band of 'similar' in study.yaml lower.",
        )


def _refuse_few(each: Likeness, numbers: pd.Series, path: Path) -> None:
    known = numbers.to_numpy(dtype="float64")
    starts = _thirds(known)
    counts = np.bincount(np.searchsorted(starts, known, side="right") - 1, minlength=len(starts))
    if len(starts) < LEAST or counts.min() < LEAST:
        raise AnalystError(
            f"Thirds by {each.label} would have {', '.join(map(str, counts))} schools; each needs "
            f"{LEAST} or more.",
            where=f"{path}, column {each.column}",
            fix="Say under 'bands' of 'similar' in study.yaml where each band begins, as "
            "[0, 200, 400], or take the column out of 'similar'.",
        )
