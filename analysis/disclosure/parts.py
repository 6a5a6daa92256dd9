"""What is delivered to schools and people: no part is found by taking others from the whole.

A whole (all schools; the schools of a group; all costs) is divided into parts (groups of schools,
roles; schools; items of costs), which add up to it; what belongs to no part is a part of its own.
If parts are withheld, the whole less those shown tells of them together. Where that would be one
part alone, too few people or schools, or a share that singles somebody out, the smallest part that
is shown is withheld as well, until it tells of nobody.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from analysis import strands as registry
from analysis.disclosure.draft import GIVES_AWAY, Draft
from analysis.disclosure.sums import SINGLED_OUT
from analysis.results import COHORT, as_words
from analysis.study import Group, Study

#: What is said of one part.
PART = ["source", "instrument", "analysis", "measure", "wave", "unit", "group"]
#: What is divided into items that add up.
BY_ITEM = "cost"


def withhold(draft: Draft) -> None:
    """Withhold what would be found by subtraction."""
    study = draft.study
    of_strand = [s for strand in registry.STRANDS if strand.people for s in strand.sources]
    for source in of_strand:
        places = draft.of("source", source.id).places
        if not len(places):
            continue
        rows = as_words(draft.ledger.iloc[places])
        hidden = pd.Series(draft.reason.codes[places] != 0, index=rows.index)
        number = rows.groupby(PART, sort=True).ngroup()
        parts = rows.groupby(number)[[*PART, "n", "n_schools"]].max()
        # A school's own are all its to see.
        apart = source.own & (parts["unit"] != COHORT)
        parts["hidden"] = hidden.groupby(number).any() & ~apart
        for family in _families(parts, study, draft.schools, people=not source.own):
            _protect(parts, family, rows, number, study.minimum(source.threshold), study)
        draft.withhold_at(places[number.map(parts["hidden"]).to_numpy(dtype=bool)], GIVES_AWAY)


def _families(
    parts: pd.DataFrame, study: Study, schools: pd.DataFrame, *, people: bool
) -> Iterator[pd.Index]:
    """Parts that add up to a whole, by their number."""
    programme = parts[parts["unit"] == COHORT]
    divided = [study.phases] if study.phases else []
    if people:
        divided += [group for of in study.populations for group in study.groups_of(of.id)]
    for group in divided:
        in_group = programme[programme["group"].isin(_names(group))]
        for _, family in in_group.groupby(PART[:5], sort=True):
            yield family.index
    if not people:
        of_all = programme["measure"].isin(["all", "shared"])
        items = programme[(programme["analysis"] == BY_ITEM) & ~of_all]
        for _, family in items.groupby(["instrument", "wave", "group"], sort=True):
            yield family.index
        return
    own = parts[parts["unit"] != COHORT]
    of_group = pd.Series("", index=own.index)
    if study.phases is not None:
        of_group = own["unit"].map(schools[study.phases.column])
    for _, family in own.groupby([*(own[name] for name in PART[:5]), of_group], sort=True):
        yield family.index


def _names(group: Group) -> set[str]:
    """A group's parts in ids: those the study lists, and those of whom none is said."""
    return {*(group.key(value).lower() for value in group.ids), group.not_said.lower()}


def _protect(
    parts: pd.DataFrame,
    family: pd.Index,
    rows: pd.DataFrame,
    number: pd.Series,
    minimum: int,
    study: Study,
) -> None:
    found = parts.loc[family]
    if not found["hidden"].any():
        return
    withheld = list(found.index[found["hidden"]])
    shown = list(found[~found["hidden"]].sort_values(["n", "unit", "group"]).index[::-1])
    while shown and not _safe(parts.loc[withheld], rows[number.isin(withheld)], minimum, study):
        withheld.append(shown.pop())
    parts.loc[withheld, "hidden"] = True


def _safe(parts: pd.DataFrame, rows: pd.DataFrame, minimum: int, study: Study) -> bool:
    """Whether what these parts come to together may be known."""
    if len(parts) < 2 or parts["n"].sum() < minimum:
        return False
    few = study.disclosure.schools.minimum
    if (parts["unit"] == COHORT).all() and parts["n_schools"].sum() < few:
        return False
    of_people = rows[~rows["source"].isin([each.id for each in registry.sources() if each.own])]
    sums = of_people.groupby("statistic")[["numerator", "denominator"]].sum()
    rest = sums["denominator"] - sums["numerator"]
    single = sums["numerator"].between(1, SINGLED_OUT) | rest.between(1, SINGLED_OUT)
    return not bool(single.any())
