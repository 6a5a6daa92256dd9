"""What real exports hold besides clean answers: typing, refusals, test runs, second attempts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.demo import exports, sizes
from analysis.sources.mapping import Mapping

Random = np.random.Generator

#: Columns of survey tools that hold moments, besides the one that says when it was sent.
TIMES = ("StartDate", "EndDate", "Start time")


def typed_codes(codes: pd.Series, rng: Random) -> pd.Series:
    """Codes as typed: one in fifteen in lower case or with a space at the end."""
    typed = codes.copy()
    chosen = rng.choice(len(codes), size=len(codes) // 15, replace=False)
    lower, spaced = np.array_split(chosen, 2)
    typed.iloc[lower] = typed.iloc[lower].str.lower()
    typed.iloc[spaced] = typed.iloc[spaced] + " "
    return typed


def typed_schools(rows: pd.DataFrame, mapping: Mapping, rng: Random) -> pd.Series:
    """Display names, a few as people type them instead."""
    names = rows["school"].map(sizes.schools()["name"])
    for school, typed in exports.variants(mapping, "school").items():
        mine = np.flatnonzero(rows["school"] == school)
        if len(mine):
            names.iloc[rng.choice(mine)] = typed[0]
    return names


def with_rows_to_set_aside(
    rows: pd.DataFrame, table: pd.DataFrame, survey: str, wave: str, mapping: Mapping, rng: Random
) -> pd.DataFrame:
    """The export's rows with those added that have to be set aside, in order of time.

    ``table`` has the export's columns, in the order of ``rows``; it is extended by earlier
    attempts of people who answered twice, refusals, test runs, previews and empty rows.
    """
    counts = sizes.set_aside(survey, wave)
    columns = mapping.columns
    items = [mapping.columns_of(item)[0] for item in mapping.items]
    items = [column for column in items if column in table.columns]
    wordings = {attribute: exports.words(mapping, attribute) for attribute in mapping.values}
    finished = columns.get("finished")
    times = [c for c in (*TIMES, columns["submitted"]) if c in table.columns]
    times = list(dict.fromkeys(times))
    extra = []
    chosen = iter(rng.permutation(len(rows)))
    for reason, number in counts.items():
        for _ in range(number):
            row = table.iloc[next(chosen)].copy()
            if reason == "duplicate":
                # An unfinished attempt with the same code, the day before.
                for moment in times:
                    row[moment] -= pd.Timedelta(days=1)
                row[items[len(items) // 3 :]] = ""
                if finished:
                    row[finished], row["Progress"] = "False", "41"
            elif reason == "consent":
                blank = [
                    c for a, c in columns.items() if a not in ("status", "finished", "submitted")
                ]
                row[[*items, *blank]] = ""
                row[columns["consent"]] = wordings["consent"]["no"]
            elif reason == "test":
                row[columns["school"]] = wordings["school"]["test"]
                row[columns["respondent"]] = "TEST01"
            elif reason == "preview":
                row[columns["status"]] = wordings["status"]["preview"]
                row["IPAddress"], row["DistributionChannel"] = "", "preview"
                row[columns["respondent"]] = "XX00"
            elif reason == "empty":
                row[:] = ""
                row[columns["submitted"]] = pd.NaT
            extra.append(row)
    # A new row goes where its time says; an empty one, which has none, in the middle.
    grown = pd.concat([table, pd.DataFrame(extra)], ignore_index=True)
    when = pd.to_datetime(grown[columns["submitted"]])
    order = when.fillna(when.median()).sort_values(kind="stable").index
    return grown.loc[order].reset_index(drop=True)
