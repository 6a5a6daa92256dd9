"""Over random mess of codes, dates, copies, consent and columns: every row is accounted for.

Either the run stops with words an analyst can read, or rows read are rows used and rows set
aside, nobody who did not say yes is used, and no row counts at a wave it was not sent in.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from analysis import prepare
from analysis.errors import AnalystError, Mistakes
from analysis.prepare.quality import REASONS
from tests.unit.raw_studies import DAY, ITEMS, WAVES, File, Row, make

sound = st.sampled_from(
    ["AB12", "ab 12", "AB-12", "AO01", "A001", "1-23", "12-3", "123", "0412", "412", "412.0",
     "\uff21B12", "E\u0301A12", "\u00c9A12", "AB12_x000D_", "=\"0412\""]
)  # fmt: skip
none = st.sampled_from(["", " ", "N/A", "none", "0", "xxx", "-99", "prefer not to say", "#N/A"])
destroyed = st.sampled_from(
    ["1.23457E+11", "01-Mar", "2018-03-01 00:00:00", "123456789012346000", "#NAME?", "43160"]
)
inside = st.sampled_from(["2023-02-01 10:00:00", "2024-02-01", "2023-03-31 23:59:59", "20240331"])
outside = st.sampled_from(
    ["2022-12-31", "2023-07-01 12:00", "2030-01-01", "", "1980-01-01 00:00:00"]
)
answer = st.sampled_from(["1", "2", "3", "4", "5", "", "3.0", "3,0", "Prefer not to say", "n/a"])
listed = st.sampled_from(["yes", "yes", "yes", "no", ""])


@st.composite
def rows(draw: Any, odd: bool) -> Row:
    """One row; with ``odd``, it may hold what stops the run."""
    row = {
        "id": draw(st.sampled_from(["", "R_1234567890", "R_0987654321", "1", "2"])),
        "code": draw(st.one_of(sound, sound, none, *([destroyed] if odd else []))),
        "school": draw(st.sampled_from(["S1", "S2", "Ash School", "102", "test", ""])),
        "day": draw(st.one_of(inside, inside, outside)),
        "consent": draw(st.one_of(listed, *([st.sampled_from(["No thanks", "Y"])] if odd else []))),
        "sex": draw(st.sampled_from(["1", "1.0", "2", "", "prefer not to say"])),
        "again": draw(st.sampled_from(["", "", "4"])),
    }
    return row | {item: draw(answer) for item in ITEMS}


def files(odd: bool) -> st.SearchStrategy[list[tuple[str, list[Row]]]]:
    """Two to four files of two waves, some rows of one standing in another as well."""
    kept = st.lists(rows(odd), min_size=1, max_size=6)
    one = st.tuples(st.sampled_from(["T1", "T2"]), kept)
    return st.lists(one, min_size=1, max_size=3).flatmap(
        lambda found: st.lists(
            st.sampled_from([r for _, part in found for r in part]), max_size=3
        ).map(lambda more: [(found[0][0], [*found[0][1], *more]), *found[1:]])
    )


rules = st.fixed_dictionaries(
    {
        "duplicates": st.sampled_from(["most_complete", "latest", "first"]),
        "linking": st.sampled_from(["exact", "normalised", "one_character"]),
        "unidentified": st.sampled_from(["set_aside", "keep"]),
        "before_start": st.sampled_from(["keep", "set_aside"]),
        "other_wave": st.sampled_from(["keep", "set_aside"]),
        "consent": st.sampled_from(["if_asked", "required"]),
        "must_agree": st.sampled_from([[], ["sex"]]),
    }
)
MAPPING = {
    "columns": {
        "respondent": "code", "school": "school", "submitted": "day", "consent": "consent",
        "sex": "sex", "response": "id",
    },
    "items": {"M1": ["M1", "again"], "M2": "M2", "M3": "M3"},
}  # fmt: skip


def outcome(
    parts: list[tuple[str, list[Row]]], chosen: dict[str, Any], form: str
) -> prepare.Prepared | AnalystError:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        exports = [File(wave, part, form=form, mapping=MAPPING) for wave, part in parts]
        loaded = make(folder / "study", exports, chosen)
        try:
            return prepare.prepare(loaded, folder / ".drp", folder=folder / "processed")
        except AnalystError as error:
            return error


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(parts=st.booleans().flatmap(files), chosen=rules, form=st.sampled_from(["csv", "xlsx"]))
@example(
    parts=[("T1", [{"code": "AB12", "school": "S1", "day": DAY["T1"], "consent": "yes",
                    "sex": sex, "id": "", "again": "", "M1": "1", "M2": "2", "M3": "3"}
                   for sex in ("1", "2", "")])],
    chosen={"must_agree": ["sex"]}, form="csv",
)  # fmt: skip
def test_rows_read_are_rows_used_and_rows_set_aside(
    parts: list[tuple[str, list[Row]]], chosen: dict[str, Any], form: str
) -> None:
    prepared = outcome(parts, chosen, form)
    if isinstance(prepared, AnalystError):
        every = prepared.errors if isinstance(prepared, Mistakes) else (prepared,)
        assert all(each.where for each in every)
        assert "defect" not in str(prepared)
        return
    counts, frame = prepared.quality["files"], prepared.surveys["staff"]
    aside = prepared.quality["aside"]
    assert counts["read"].tolist() == [len(part) for _, part in parts]
    assert (counts["read"] == counts["used"] + counts[list(REASONS)].sum(axis=1)).all()
    for file, (wave, part) in zip(counts["file"], parts, strict=True):
        mine = frame[frame["source.file"] == file]
        gone = set(aside.loc[aside["file"] == file, "row"])
        assert not set(mine["row"]) & gone
        assert set(mine["row"]) | gone == set(range(2, len(part) + 2))
        assert (mine["wave"] == wave).all()
        for number in mine["row"]:
            row = part[number - 2]
            assert row["consent"] in ("yes", "") if chosen.get("consent") != "required" else "yes"
            if chosen.get("other_wave") != "keep":
                assert not _of_another_wave(str(row["day"]), wave)
    assert not frame.duplicated(["respondent", "wave"]).any()
    # One response counts once, whatever files it stands in.
    ids = [
        part[number - 2]["id"]
        for file, (_, part) in zip(counts["file"], parts, strict=True)
        for number in frame.loc[frame["source.file"] == file, "row"]
    ]
    ids = [one for one in ids if one]
    assert len(ids) == len(set(ids))


def _of_another_wave(day: str, wave: str) -> bool:
    if not day or day.startswith("1980"):
        return False
    moment = pd.Timestamp(day)

    def within(one: dict[str, str]) -> bool:
        return (
            pd.Timestamp(one["start"]) <= moment < pd.Timestamp(one["end"]) + pd.Timedelta(days=1)
        )

    own = next(one for one in WAVES if one["id"] == wave)
    return not within(own) and any(within(one) for one in WAVES)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(part=st.lists(rows(False), min_size=2, max_size=8), chosen=rules, seed=st.randoms())
def test_the_order_of_rows_does_not_change_who_is_who(
    part: list[Row], chosen: dict[str, Any], seed: Any
) -> None:
    """Apart from which of two equally full rows of one moment is used."""
    whole = [row | {"day": f"2023-02-{n:02d} 10:00:00", "id": ""} for n, row in enumerate(part, 1)]
    mixed = list(whole)
    seed.shuffle(mixed)
    one, other = (outcome([("T1", rows)], chosen, "csv") for rows in (whole, mixed))
    if isinstance(one, AnalystError) or isinstance(other, AnalystError):
        assert type(one) is type(other)
        return
    days = [
        sorted(rows[n - 2]["day"] for n in found.surveys["staff"]["row"])
        for found, rows in ((one, whole), (other, mixed))
    ]
    assert days[0] == days[1]
    assert one.quality["linking"].equals(other.quality["linking"])
