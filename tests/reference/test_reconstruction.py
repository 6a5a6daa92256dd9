"""The committed exports give the printed figures, worked out here with plain pandas.

Nothing of the package is used: files are read, rows set aside, answers scored and statistics
computed by code of this test's own, so that a defect of the pipeline cannot hide itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyreadstat
import pytest
from scipy import stats

RAW = Path(__file__).resolve().parents[2] / "data" / "raw"
AGREE = {
    "Strongly disagree": 1,
    "Disagree": 2,
    "Neither agree nor disagree": 3,
    "Agree": 4,
    "Strongly agree": 5,
}
#: Subscales in the order of the questionnaire, with their numbers of items.
SUBSCALES = {
    "morale": 5,
    "workload": 4,
    "participative_decision_making": 4,
    "professional_interaction": 7,
    "leadership": 5,
    "community": 6,
    "appraisal_recognition": 6,
    "goal_congruence": 5,
    "work_connection": 4,
}
ROLES = {
    "Leader (in the leadership team)": "leader",
    "Teacher": "teacher",
    "Non-teaching member of staff": "non_teacher",
}
HOME_ITEMS = ["FAM1", "FAM2", "FAM3"]


def rounds_to(value: float, printed: str) -> bool:
    """Whether a value, rounded half away from zero to the printed decimals, is as printed.

    A value within 1e-9 of a tie fails: which way it rounds would be a matter of floating point.
    """
    step = Decimal(1).scaleb(-len(printed.partition(".")[2]))
    exact = Decimal(repr(float(value)))
    down, up = (
        (exact + shift).quantize(step, ROUND_HALF_UP)
        for shift in (Decimal("-1e-9"), Decimal("1e-9"))
    )
    return down == up == Decimal(printed)


@pytest.fixture(scope="module")
def published() -> pd.DataFrame:
    frame = pd.read_csv(RAW / "published" / "figures.csv", dtype="str", keep_default_na=False)
    return frame.set_index("id")


@pytest.fixture(scope="module")
def phase_of() -> dict[str, str]:
    """Reporting phase by school name, without endings and case, as typed names lack them."""
    schools = pd.read_csv(RAW / "schools.csv")
    names = schools["name"].map(short)
    return dict(zip(names, schools["reporting_phase"], strict=True))


def short(name: str) -> str:
    for ending in (" primary school", " high school", " academy", " school", " primary", " high"):
        name = name.strip().lower().removesuffix(ending)
    return name


def last_of_each(frame: pd.DataFrame, code: str, moment: str) -> pd.DataFrame:
    """The latest row of each code; the code tidied."""
    frame = frame.assign(code=frame[code].str.strip().str.upper())
    return frame.sort_values(moment, kind="stable").drop_duplicates("code", keep="last")


@pytest.fixture(scope="module")
def staff(phase_of: dict[str, str]) -> dict[str, pd.DataFrame]:
    """Scores of staff at each wave, indexed by code."""
    raw = pd.read_csv(
        RAW / "staff_survey_t1_qualtrics.csv",
        dtype="str",
        keep_default_na=False,
        encoding="utf-8-sig",
    ).iloc[2:]
    raw = raw[
        (raw["Status"] == "IP Address")
        & raw["Q1"].str.startswith("Yes")
        & (raw["Q3"] != "Test School")
    ]
    first = last_of_each(raw, "Q2", "RecordedDate")
    items = [c for c in first.columns if "_" in c and c.startswith("Q")]
    t1 = scores(first[items], first["code"])
    t1["phase"] = first["Q3"].map(lambda name: phase_of[short(name)]).to_numpy()
    t1["role"] = first["Q4"].map(ROLES).to_numpy()
    t1["finished"] = (first["Finished"] == "True").to_numpy()
    t1["lowest"] = (first[items] != "").sum().min()

    sheet = openpyxl.load_workbook(RAW / "staff_survey_t2_forms.xlsx")["Form1"]
    header, *rows = sheet.iter_rows(values_only=True)
    raw = pd.DataFrame(rows, columns=header)
    code = next(c for c in raw.columns if c.startswith("Your code"))
    raw = raw[
        (raw["I agree to take part in this survey"] == "Yes")
        & (raw["Which school do you work in?"] != "Test School")
    ]
    last = last_of_each(raw, code, "Completion time")
    items = list(last.columns[10:56])
    t2 = scores(last[items].fillna(""), last["code"])
    names = last["Which school do you work in?"]
    t2["phase"] = names.map(lambda name: phase_of[short(name)]).to_numpy()
    t2["lowest"] = last[items].notna().sum().min()
    return {"t1": t1, "t2": t2}


def scores(labels: pd.DataFrame, code: pd.Series) -> pd.DataFrame:
    """Subscale means (half the items needed) and the mean of all items answered."""
    points = labels.apply(lambda column: column.map(AGREE))
    assert points.shape[1] == sum(SUBSCALES.values())
    assert (points.isna() == (labels == "")).all(axis=None)
    found = {"total": points.mean(axis=1).where(points.notna().sum(axis=1) >= 23)}
    start = 0
    for name, size in SUBSCALES.items():
        part = points.iloc[:, start : start + size]
        found[name] = part.mean(axis=1).where(part.notna().sum(axis=1) >= size / 2)
        start += size
    return pd.DataFrame(found).set_index(code.to_numpy())


def staff_values(
    staff: dict[str, pd.DataFrame], published: pd.DataFrame
) -> Iterator[tuple[str, str, float]]:
    """Id, printed text and value of the 140 figures: 90 means, 50 of the paired table."""
    for id_, printed in published["value"].items():
        parts = str(id_).split(".")
        if parts[:2] != ["staff", "spsc"]:
            continue
        if len(parts) == 6 and parts[2] in staff and parts[3] == "mean":
            frame = staff[parts[2]]
            column = "phase" if parts[5] in ("primary", "secondary") else "role"
            rows = frame if parts[5] == "all" else frame[frame[column] == parts[5]]
            yield str(id_), printed, float(rows[parts[4]].mean())
        elif parts[2] == "paired" and parts[3] != "text" and parts[-1] != "p":
            x, y = matched(staff, parts[3])
            value = {
                "t1.mean": x.mean(),
                "t1.sd": x.std(ddof=1),
                "t2.mean": y.mean(),
                "t2.sd": y.std(ddof=1),
                "t": stats.ttest_rel(x, y).statistic,
            }[".".join(parts[4:])]
            yield str(id_), printed, float(value)


def answered_twice(first: pd.DataFrame, last: pd.DataFrame) -> pd.DataFrame:
    """Rows of both waves side by side, those of the second with ``_2`` in their names."""
    return first.merge(last, left_index=True, right_index=True, suffixes=("", "_2"))


def matched(staff: dict[str, pd.DataFrame], score: str) -> tuple[pd.Series, pd.Series]:
    both = answered_twice(staff["t1"][[score]], staff["t2"][[score]]).dropna()
    return both[score], both[f"{score}_2"]


def test_every_printed_staff_figure(
    staff: dict[str, pd.DataFrame], published: pd.DataFrame
) -> None:
    found = list(staff_values(staff, published))
    missed = [
        f"{id_}: printed {printed}, found {value:.5f}"
        for id_, printed, value in found
        if not rounds_to(value, printed)
    ]
    print(f"{len(found) - len(missed)} of {len(found)} staff figures as printed")
    assert len(found) == 140
    assert not missed, "\n".join(missed)


def test_p_classes_of_the_paired_table(
    staff: dict[str, pd.DataFrame], published: pd.DataFrame
) -> None:
    for score in ("total", *SUBSCALES):
        x, y = matched(staff, score)
        p = stats.ttest_rel(x, y).pvalue
        printed = published.loc[f"staff.spsc.paired.{score}.p", "value"]
        assert len(x) == 109, score
        assert printed == ("<.01" if p < 0.01 else "<.05" if p < 0.05 else "ns"), score


def test_both_printed_numbers_of_respondents(staff: dict[str, pd.DataFrame]) -> None:
    t1, t2 = staff["t1"], staff["t2"]
    assert len(t1) == 266 and t1["finished"].sum() == 228 and t1["lowest"].iloc[0] == 211
    assert len(t2) == 146 and t2["work_connection"].notna().sum() == 145
    assert t2["lowest"].iloc[0] == 137
    assert len(t1.index.intersection(t2.index)) == 109


@pytest.fixture(scope="module")
def pupils(phase_of: dict[str, str]) -> dict[str, pd.DataFrame]:
    """Answers, T-values and attributes of pupils at each wave, indexed by code."""
    raw, meta = pyreadstat.read_sav(RAW / "pupil_survey_t1.sav", user_missing=False)
    names = meta.variable_value_labels["school"]
    raw = raw[(raw["consent"] == 1) & (raw["school"] != 99)]
    t1 = last_of_each(raw, "code", "date").set_index("code")
    kidscreen = [f"K{n}" for n in range(1, 11)]
    srs = [column for column in t2_columns() if column[:3] in SRS_STEMS]
    t1 = t1.rename(columns={f"k{n}": f"K{n}" for n in range(1, 11)})
    t1 = t1.rename(columns={f"s{n}": name for n, name in enumerate(srs, 1)})
    t1["phase"] = t1["school"].map(lambda code: phase_of[short(names[code])])

    raw = pd.read_csv(RAW / "pupil_survey_t2.csv", dtype={"pupil_code": "str"})
    raw = raw[(raw["consent"] == 1) & (raw["school"] != "Test School")]
    t2 = last_of_each(raw, "pupil_code", "completed_at").set_index("code")
    t2 = t2.rename(columns={f"KS{n:02d}": f"K{n}" for n in range(1, 11)})
    t2["phase"] = t2["school"].map(lambda name: phase_of[short(name)])

    table = pd.read_csv(RAW / "instruments" / "kidscreen10_tvalues.csv")
    t_values = table.set_index("raw_sum")["t_value"]
    for frame in (t1, t2):
        frame["K3"], frame["K4"] = 6 - frame["K3"], 6 - frame["K4"]
        frame["t"] = frame[kidscreen].sum(axis=1, min_count=10).map(t_values)
    return {"t1": t1, "t2": t2}


SRS_STEMS = ("FAM", "SCH", "CTY", "PHS", "PCO", "EST", "EMP", "PRB", "GLS", "PEE")


def t2_columns() -> list[str]:
    return list(pd.read_csv(RAW / "pupil_survey_t2.csv", nrows=0).columns)


def test_pupil_numbers_and_sample_table(
    pupils: dict[str, pd.DataFrame], published: pd.DataFrame
) -> None:
    t1, t2 = pupils["t1"], pupils["t2"]
    assert t1["phase"].value_counts().to_dict() == {"primary": 334, "secondary": 278}
    assert t2["phase"].value_counts().to_dict() == {"primary": 128, "secondary": 205}
    both = answered_twice(t1, t2)
    assert len(both) == 204
    stayed = both[both["phase"] == both["phase_2"]]
    moved = both.drop(stayed.index)
    assert moved[["phase", "phase_2"]].to_numpy().tolist() == [["primary", "secondary"]] * 2
    for phase, rows in stayed.groupby("phase"):
        found = {
            "female": (rows["sex"] == 1).sum(),
            "fsm": (rows["fsm"] == 1).sum(),
            "sen": (rows["sen"] == 1).sum(),
            "looked_after": (rows["lac"] == 1).sum(),
            "white": (rows["white"] == 1).sum(),
            "english_l1": (rows["engfirst"] == 1).sum(),
        } | {f"year{year}": (rows["year"] == year).sum() for year in (3, 4, 5, 8)}
        for name, count in found.items():
            id_ = f"pupil.sample.matched.{name}.{phase}.n"
            if id_ in published.index:
                assert str(count) == published.loc[id_, "value"], id_


def test_kidscreen_means_and_what_is_said_of_change(pupils: dict[str, pd.DataFrame]) -> None:
    t1, t2 = pupils["t1"], pupils["t2"]
    assert rounds_to(t1["t"].mean(), "51.16") and rounds_to(t2["t"].mean(), "53.01")
    assert all(9.4 < frame["t"].std() < 10.4 for frame in (t1, t2))
    both = answered_twice(t1[["t", "phase"]], t2[["t", "phase"]]).dropna()
    p = {
        phase: stats.ttest_rel(rows["t"], rows["t_2"]).pvalue
        for phase, rows in both[both["phase"] == both["phase_2"]].groupby("phase")
    }
    rise = both["t_2"] - both["t"]
    assert rise.groupby(both["phase"]).mean().gt(0).all()
    assert p["primary"] < 0.05 < p["secondary"]
    assert stats.ttest_rel(both["t"], both["t_2"]).pvalue > 0.05


def test_exactly_three_items_rise_significantly(pupils: dict[str, pd.DataFrame]) -> None:
    items = [column for column in t2_columns() if column[:3] in SRS_STEMS]
    both = answered_twice(pupils["t1"][items], pupils["t2"][items])
    assert len(items) == 41
    significant = []
    for item in items:
        pairs = both[[item, f"{item}_2"]].dropna()
        test = stats.ttest_rel(pairs[f"{item}_2"], pairs[item])
        assert test.statistic > 0, item
        if test.pvalue < 0.05:
            significant.append(item)
    assert significant == HOME_ITEMS


def test_answers_look_like_survey_answers(staff: dict[str, pd.DataFrame]) -> None:
    """Printed figures could also be met by nonsense: these are the signs that they are not."""
    for wave, frame in staff.items():
        between = frame[list(SUBSCALES)].corr().to_numpy()[np.triu_indices(9, 1)]
        assert between.min() > 0.25 and between.max() < 0.75, wave
        alike = frame[list(SUBSCALES)].dropna().nunique(axis=1) == 1
        assert alike.mean() < 0.01, wave
    for score in SUBSCALES:
        x, y = matched(staff, score)
        assert 0.4 < x.corr(y) < 0.85, score
