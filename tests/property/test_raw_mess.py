"""Over random mess of codes, dates, copies, consent, status and columns: every row is accounted for.

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
NOBODY = ("", " ", "N/A", "none", "0", "xxx", "-99", "prefer not to say", "#N/A")
none = st.sampled_from(NOBODY)
destroyed = st.sampled_from(
    ["1.23457E+11", "01-Mar", "2018-03-01 00:00:00", "123456789012346000", "#NAME?", "43160"]
)
inside = st.sampled_from(["2023-02-01 10:00:00", "2024-02-01", "2023-03-31 23:59:59", "20240331"])
later = st.sampled_from(["2024-02-02 10:00:00", "2025-02-01 10:00:00", "2025-03-31"])
outside = st.sampled_from(
    ["2022-12-31", "2023-07-01 12:00", "2030-01-01", "", "1980-01-01 00:00:00"]
)
answer = st.sampled_from(["1", "2", "3", "4", "5", "", "3.0", "3,0", "Prefer not to say", "n/a"])
status = st.sampled_from([*["IP Address"] * 8, "Survey Preview", "Survey Test"])
finished = st.sampled_from(["True", "True", "1", "False", "0", ""])
listed = st.sampled_from(["yes", "yes", "yes", "no", ""])


@st.composite
def rows(draw: Any, odd: bool) -> Row:
    """One row; with ``odd``, it may hold what stops the run."""
    row = {
        "id": draw(st.sampled_from(["", "", "", "R_1234567890", "R_0987654321"])),
        "code": draw(st.one_of(sound, sound, none, *([destroyed] if odd else []))),
        "school": draw(st.sampled_from(["S1", "S2", "Ash School", "102", "test", ""])),
        "day": draw(st.one_of(inside, inside, outside)),
        "consent": draw(st.one_of(listed, *([st.sampled_from(["No thanks", "Y"])] if odd else []))),
        "sex": draw(st.sampled_from(["1", "1.0", "2", "", "prefer not to say"])),
        "again": draw(st.sampled_from(["", "", "4"])),
    }
    row["status"] = draw(status if not odd else st.one_of(status, st.sampled_from(["17", "Spam"])))
    row["finished"] = draw(finished)
    return row | {item: draw(answer) for item in ITEMS}


@st.composite
def again(draw: Any, found: list[Row]) -> Row:
    """A row that stands there already, as it is or as the same person sent it another time."""
    row = draw(st.sampled_from(found))
    change = draw(
        st.sampled_from(["copy", "emptier", "emptier", "later", "spelling", "wave", "school"])
    )
    if change == "emptier":
        return row | {"M3": "", "id": "", "day": "2023-03-01 09:00:00"}
    if change == "later":
        return row | {"id": "", "day": draw(inside)}
    if change == "spelling":
        return row | {"id": "", "code": f" {str(row['code']).lower()}"}
    if change == "wave":
        return row | {"id": "", "day": draw(later)}
    return row | ({"id": "", "school": "S2"} if change == "school" else {})


Parts = list[tuple[str, str, list[Row]]]


@st.composite
def files(draw: Any, odd: bool) -> Parts:
    """One to four files of three waves (wave, form, rows): rows of one stand in others as well.

    A file may hold all that the others hold, as a survey's that is kept open does.
    """
    kept = st.lists(rows(odd), min_size=1, max_size=6)
    forms = st.sampled_from(["csv", "csv", "xlsx"])
    found: Parts = draw(st.lists(st.tuples(of_wave, forms, kept), min_size=1, max_size=3))
    every = [row for _, _, part in found for row in part]
    for place, (wave, form, part) in enumerate(found):
        more = draw(st.lists(again(every), max_size=3))
        # Most rows of a file are its own wave's, or it would be another's.
        days = draw(
            st.lists(st.sampled_from(OWN_DAYS[wave]), min_size=len(part) // 2, max_size=len(part))
        )
        own = [row | {"day": day} for row, day in zip(part, days, strict=False)]
        found[place] = (wave, form, [*own, *part[len(own) :], *more])
    if len(found) > 1 and draw(st.booleans()):
        found.append((found[0][0], draw(forms), [row for _, _, part in found for row in part]))
    return [
        (wave, form, part if odd or form == "csv" else [_as_typed(row) for row in part])
        for wave, form, part in found
    ]


def _as_typed(row: Row) -> Row:
    """A row as a workbook can hold it: a formula without result, or an error, spoils a column."""
    return row | {"code": {'="0412"': "0412", "#N/A": "N/A"}.get(row["code"], row["code"])}


OWN_DAYS = {
    "T1": ["2023-02-01 10:00:00", "2023-03-31 23:59:59", "2023-01-01"],
    "T2": ["2024-02-01", "20240331", "2024-01-01 00:00:00"],
    "T3": ["2025-02-01 10:00:00", "2025-03-31"],
}
of_wave = st.sampled_from(["T1", "T1", "T2", "T3"])
THREE = (*WAVES, {"id": "T3", "label": "Later", "start": "2025-01-01", "end": "2025-03-31"})
rules = st.fixed_dictionaries(
    {
        "duplicates": st.sampled_from(["most_complete", "latest", "first"]),
        "linking": st.sampled_from(["exact", "normalised", "one_character"]),
        "unidentified": st.sampled_from(["set_aside", "keep"]),
        "before_start": st.sampled_from(["keep", "set_aside"]),
        "other_wave": st.sampled_from(["keep", "set_aside"]),
        "unfinished": st.sampled_from(["keep", "keep", "set_aside"]),
        "out_of_range": st.sampled_from(["refuse", "missing"]),
        "consent": st.sampled_from(["if_asked", "required"]),
        "must_agree": st.sampled_from([[], ["sex"]]),
    }
)
MAPPING = {
    "columns": {
        "respondent": "code", "school": "school", "submitted": "day", "consent": "consent",
        "sex": "sex", "response": "id", "status": "status", "finished": "finished",
    },
    "items": {"M1": ["M1", "again"], "M2": "M2", "M3": "M3"},
}  # fmt: skip


def outcome(parts: Parts, chosen: dict[str, Any]) -> prepare.Prepared | AnalystError:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        exports = [File(wave, part, form=form, mapping=MAPPING) for wave, form, part in parts]
        loaded = make(folder / "study", exports, chosen, waves=THREE)
        try:
            return prepare.prepare(loaded, folder / ".drp", folder=folder / "processed")
        except AnalystError as error:
            return error


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(parts=st.sampled_from([False, False, True]).flatmap(files), chosen=rules)
@example(
    parts=[("T1", "csv", [{"code": "AB12", "school": "S1", "day": DAY["T1"], "consent": "yes",
                    "sex": sex, "id": "", "again": "", "M1": "1", "M2": "2", "M3": "3", "status": "IP Address", "finished": "1"}
                   for sex in ("1", "2", "")])],
    chosen={"must_agree": ["sex"]},
)  # fmt: skip
def test_rows_read_are_rows_used_and_rows_set_aside(parts: Parts, chosen: dict[str, Any]) -> None:
    prepared = outcome(parts, chosen)
    if isinstance(prepared, AnalystError):
        every = prepared.errors if isinstance(prepared, Mistakes) else (prepared,)
        assert all(each.where for each in every)
        assert "defect" not in str(prepared)
        return
    counts, frame = prepared.quality["files"], prepared.surveys["staff"]
    aside = prepared.quality["aside"]
    assert counts["read"].tolist() == [len(part) for _, _, part in parts]
    assert (counts["read"] == counts["used"] + counts[list(REASONS)].sum(axis=1)).all()
    for file, (wave, _, part) in zip(counts["file"], parts, strict=True):
        mine = frame[frame["source.file"] == file]
        gone = set(aside.loc[aside["file"] == file, "row"])
        assert not set(mine["row"]) & gone
        assert set(mine["row"]) | gone == set(range(2, len(part) + 2))
        assert (mine["wave"] == wave).all()
        for number in mine["row"]:
            row = part[number - 2]
            assert row["consent"] in (
                ("yes",) if chosen.get("consent") == "required" else ("yes", "")
            )
            assert row["status"] == "IP Address"
            assert row["code"] not in NOBODY or chosen.get("unidentified") == "keep"
            if chosen.get("unfinished") == "set_aside":
                assert row["finished"] in ("True", "1")
            if chosen.get("other_wave") != "keep":
                assert not _of_another_wave(str(row["day"]), wave)
    assert not frame.duplicated(["respondent", "wave"]).any()
    # One response counts once, whatever files it stands in.
    ids = [
        part[number - 2]["id"]
        for file, (_, _, part) in zip(counts["file"], parts, strict=True)
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

    own = next(one for one in THREE if one["id"] == wave)
    return not within(own) and any(within(one) for one in THREE)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(part=st.lists(rows(False), min_size=2, max_size=8), chosen=rules, seed=st.randoms())
def test_the_order_of_rows_does_not_change_who_is_who(
    part: list[Row], chosen: dict[str, Any], seed: Any
) -> None:
    """Apart from which of two equally full rows of one moment is used."""
    whole = [row | {"day": f"2023-02-{n:02d} 10:00:00", "id": ""} for n, row in enumerate(part, 1)]
    mixed = list(whole)
    seed.shuffle(mixed)
    one, other = (outcome([("T1", "csv", rows)], chosen) for rows in (whole, mixed))
    if isinstance(one, AnalystError) or isinstance(other, AnalystError):
        assert type(one) is type(other)
        return
    days = [
        sorted(rows[n - 2]["day"] for n in found.surveys["staff"]["row"])
        for found, rows in ((one, whole), (other, mixed))
    ]
    assert days[0] == days[1]
    assert one.quality["linking"].equals(other.quality["linking"])
