"""The audit of a release: every protected quantity, and how narrowly the printed numbers leave it."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from analysis.disclosure.counts import counts
from analysis.disclosure.printed import Protected, scores
from analysis.prepare import load_instruments, schools
from analysis.study import Study

COLUMNS = (
    "survey", "instrument", "measure", "kind", "unit", "part", "wave", "people", "low", "high",
    "half_width", "needed", "held",
)  # fmt: skip
#: A mean known to a half-width below this share of its range is as good as printed.
EXACT = 0.0125
#: What is attacked.
KINDS = ("score", "item", "count")


def audit(decided: pd.DataFrame, study: Study, kinds: tuple[str, ...] = KINDS) -> pd.DataFrame:
    """Every protected quantity with the interval that is left open: columns :data:`COLUMNS`.

    Parameters
    ----------
    decided
        The ledger with its decisions. Withheld rows say who there is, and are no part of what
        the attacker is given.
    kinds
        Which of scores' means, items' means and numbers of people are attacked.

    Returns
    -------
    pandas.DataFrame
        ``low`` and ``high`` of means on the points of the score, of counts in people;
        ``half_width`` and ``needed`` likewise; ``held`` whether enough stays open.
    """
    rows = list(_attacked(decided, study, kinds))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _attacked(
    decided: pd.DataFrame, study: Study, kinds: tuple[str, ...]
) -> Iterator[tuple[object, ...]]:
    table = schools.read(study)
    share = study.disclosure.protection.mean
    if {"score", "item"} & set(kinds):
        for score in scores(decided, study, table, load_instruments(study)):
            kind = "item" if score.is_item else "score"
            if kind in kinds:
                at = (score.survey.id, score.instrument.id, score.measure, kind)
                for each in score.protected(share):
                    found = score.system.interval(each.terms)
                    yield *at, *_row(each, found.low, found.high)
    if "count" in kinds:
        for each_count in counts(decided, study, table):
            at = (each_count.survey.id, each_count.instrument, each_count.measure, "count")
            for each in each_count.protected:
                found = each_count.system.interval(each.terms)
                yield *at, *_row(each, found.low, found.high)


def _row(each: Protected, low: float, high: float) -> tuple[object, ...]:
    half = each.scale * (high - low) / 2
    needed = each.scale * each.needed
    return (
        each.unit, each.part, each.wave, each.people, each.scale * low, each.scale * high, half,
        needed, half >= needed - 1e-5,
    )  # fmt: skip


def summary(found: pd.DataFrame) -> pd.DataFrame:
    """By kind and part: how many are protected, the narrowest, how many too narrow, and known."""
    frame = found.assign(
        share=found["half_width"] / found["needed"],
        broken=~found["held"].astype(bool),
        what=found["part"].where(found["unit"] != "cohort", "programme: " + found["part"]),
    )
    frame["known"] = frame["share"] < EXACT * 4
    named = frame["what"].str.replace(r"^programme: .*(matched|only_first|only_last)$",
                                      r"programme: a group, \1", regex=True)  # fmt: skip
    return (
        frame.assign(what=named)
        .groupby(["survey", "kind", "what"], sort=True)
        .agg(
            protected=("share", "size"),
            narrowest=("share", "min"),
            too_narrow=("broken", "sum"),
            known=("known", "sum"),
        )
        .reset_index()
    )
