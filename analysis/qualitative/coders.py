"""Do coders agree? Interviews coded by two people, theme by theme."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import krippendorff
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from statsmodels.stats.inter_rater import cohens_kappa

from analysis.prepare import Prepared
from analysis.qualitative.interviewed import EVER, interviews
from analysis.qualitative.themes import theme_of
from analysis.results import COHORT, Result
from analysis.statistics.samples import ALL
from analysis.words import slug

Floats = NDArray[np.floating[Any]]
LEVEL = 0.95
DRAWS = 1_999
SEED = 1
#: With fewer interviews the interval is too narrow (``benchmarks/coverage.py``): it covers about
#: 81 to 85% with 4 interviews, 89% with 8, 90% with 12, and 92% with 20 or more.
FEW = 20
KAPPA = "Cohen's kappa on interview x code presence (statsmodels)"
ALPHA = "Krippendorff's alpha, nominal, character by character (krippendorff)"
NO_PLACES = "no alpha: the coded text does not say where its segments begin and end"
PERCENT = "share of interview x code pairs on which both coders agree"


def agreement(prepared: Prepared) -> Iterator[Result]:
    """Agreement of two coders on the interviews that both coded, per theme and over all.

    ``kappa``: each code of the theme in each interview is one decision, present or not, however
    often; ``agreement`` is the share of decisions alike. ``alpha``: each character of each
    interview is a unit, coded with the theme or not by each coder, so that where a segment
    begins and ends counts too; an interview's length is where the last of all its segments
    ends. Krippendorff's alpha takes chance agreement from both coders together, kappa from
    each apart. Where a coding tool exported no places of segments there is no alpha, and
    ``method`` says so.

    Intervals are percentile bootstrap over interviews (characters and codes of one interview
    are alike), missing where a theme does not vary. With fewer than twenty interviews in common
    they are too narrow, and the method says so. ``n`` is the number of interviews coded twice; ``decisions``
    how many kappa rests on.
    """
    segments = prepared.strands.get("segments")
    if segments is None or "codebook" not in prepared.documents:
        return
    themes = theme_of(prepared.documents["codebook"])
    segments = segments.assign(interview=interviews(segments))
    twice = _coded_twice(segments)
    if twice is None:
        return
    coders, both = twice
    read_twice = sorted(both["interview"].unique())
    both = both.assign(theme=both["code"].map(themes))
    lengths = segments.groupby("interview")["end"].max()
    codes_by_theme: dict[str, list[str]] = {}
    for code, theme in themes.items():
        codes_by_theme.setdefault(theme, []).append(code)
    samples = _samples(len(read_twice))
    portions: list[tuple[str, list[str]]] = [("all", list(themes)), *codes_by_theme.items()]
    for name, codes in portions:
        rows = both[both["code"].isin(codes)]
        if rows.empty:
            continue
        common: dict[str, Any] = {
            "unit": COHORT,
            "source": "interviews",
            "instrument": "coders",
            "analysis": "agreement",
            "measure": slug(name),
            "wave": EVER,
            "group": ALL,
            "n": float(len(read_twice)),
        }
        yield from _presence(common, rows, codes, coders, read_twice, samples)
        if name != "all":
            yield from _characters(common, rows, coders, read_twice, lengths, samples)


def kappa(table: Floats) -> float:
    """Cohen's kappa of a square table of two coders' decisions; missing where none varies."""
    if len(table) < 2 or table.sum() == 0:
        return math.nan
    row, column = table.sum(axis=1), table.sum(axis=0)
    if np.sum(row * column) >= table.sum() ** 2:
        return math.nan
    return float(cohens_kappa(table, return_results=False))


def alpha(counts: Floats) -> Floats:
    """Nominal alpha of two coders from how many units are (no no, one yes, yes yes), per row.

    The ratio of observed to expected disagreement as in Krippendorff (2019), ch. 12; equal to
    ``krippendorff.alpha`` on the units, and used for bootstrap draws, where tens of thousands
    of units recur.
    """
    neither, differ, agree = counts.T
    no, yes = 2 * neither + differ, 2 * agree + differ
    chance = np.where((no == 0) | (yes == 0), np.nan, no * yes)
    found: Floats = 1 - (no + yes - 1) * differ / chance
    return found


def _kappas(tables: Floats) -> Floats:
    """:func:`kappa` of many tables at once, for bootstrap draws."""
    total = tables.sum(axis=(1, 2))
    observed = np.trace(tables, axis1=1, axis2=2) / total
    chance = np.sum(tables.sum(axis=1) * tables.sum(axis=2), axis=1) / total**2
    found: Floats = (observed - chance) / np.where(chance < 1, 1 - chance, np.nan)
    return found


def _coded_twice(segments: pd.DataFrame) -> tuple[tuple[str, str], pd.DataFrame] | None:
    """The two coders who share most interviews, and their segments of these."""
    by_coder = segments.groupby("coder")["interview"].agg(set)
    best: tuple[int, str, str] = (0, "", "")
    names = sorted(str(coder) for coder in by_coder.index)
    for place, first in enumerate(names):
        for second in names[place + 1 :]:
            shared = len(by_coder[first] & by_coder[second])
            if shared > best[0]:
                best = (shared, first, second)
    shared, first, second = best
    if shared < 2:
        return None
    common = by_coder[first] & by_coder[second]
    rows = segments["interview"].isin(common) & segments["coder"].isin([first, second])
    return (first, second), segments[rows]


def _samples(interviews: int) -> NDArray[np.intp]:
    return np.random.default_rng(SEED).integers(0, interviews, size=(DRAWS, interviews))


def _presence(
    common: dict[str, Any],
    rows: pd.DataFrame,
    codes: list[str],
    coders: tuple[str, str],
    interviews: list[str],
    samples: NDArray[np.intp],
) -> Iterator[Result]:
    said = set(zip(rows["coder"], rows["interview"], rows["code"], strict=True))
    tables = np.zeros((len(interviews), 2, 2))
    for place, interview in enumerate(interviews):
        for code in codes:
            first, second = ((coder, interview, code) in said for coder in coders)
            tables[place, int(first), int(second)] += 1
    total = tables.sum(axis=0)
    value = kappa(total)
    low, high = _percentiles(_kappas(tables[samples].sum(axis=1)))
    decisions = float(total.sum())
    words = KAPPA if not math.isnan(value) else KAPPA + "; not defined where nobody's coding varies"
    yield Result(
        **common,
        statistic="kappa",
        value=value,
        ci_low=low,
        ci_high=high,
        level=LEVEL,
        denominator=decisions,
        method=words + _interval(len(interviews)),
    )
    yield Result(
        **common,
        statistic="agreement",
        value=100 * float(np.trace(total)) / decisions,
        numerator=float(np.trace(total)),
        denominator=decisions,
        method=PERCENT,
    )
    yield Result(**common, statistic="decisions", value=decisions, method="interviews x codes")


def _characters(
    common: dict[str, Any],
    rows: pd.DataFrame,
    coders: tuple[str, str],
    interviews: list[str],
    lengths: pd.Series,
    samples: NDArray[np.intp],
) -> Iterator[Result]:
    if rows[["start", "end"]].isna().any(axis=None) or lengths.reindex(interviews).isna().any():
        yield Result(**common, statistic="alpha", value=math.nan, method=NO_PLACES)
        return
    marked: list[NDArray[np.int8]] = []
    counts = np.zeros((len(interviews), 3))
    for place, interview in enumerate(interviews):
        marks = np.zeros((2, int(lengths[interview])), dtype=np.int8)
        for which, coder in enumerate(coders):
            own = rows[(rows["coder"] == coder) & (rows["interview"] == interview)]
            for start, end in zip(own["start"], own["end"], strict=True):
                marks[which, int(start) : int(end)] = 1
        marked.append(marks)
        counts[place] = np.bincount(marks.sum(axis=0), minlength=3)
    everything = np.concatenate(marked, axis=1)
    if len(np.unique(everything)) < 2:
        value = math.nan
    else:
        value = float(krippendorff.alpha(everything, level_of_measurement="nominal"))
    low, high = _percentiles(alpha(counts[samples].sum(axis=1)))
    yield Result(
        **common,
        statistic="alpha",
        value=value,
        ci_low=low,
        ci_high=high,
        level=LEVEL,
        denominator=float(everything.shape[1]),
        method=ALPHA + _interval(len(interviews)),
    )


def _percentiles(draws: Floats) -> tuple[float, float]:
    known = draws[np.isfinite(draws)]
    if len(known) < 0.9 * len(draws):
        return math.nan, math.nan
    tail = 100 * (1 - LEVEL) / 2
    low, high = np.percentile(known, [tail, 100 - tail])
    return float(low), float(high)


def _interval(interviews: int) -> str:
    narrow = (
        ", too narrow with so few (in simulations 4 interviews cover 81 to 85%, 8 cover 89%, 12 "
        "cover 90% instead of 95%)"
    )
    return (
        f"; percentile bootstrap over {interviews} interviews{narrow if interviews < FEW else ''} "
        f"({DRAWS} draws, seed {SEED})"
    )
