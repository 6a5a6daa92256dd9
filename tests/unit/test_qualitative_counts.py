"""People and schools in words, saturation, pairs of codes, unknown codes, plans."""

from __future__ import annotations

import math
from itertools import permutations
from pathlib import Path

import pandas as pd
import pytest
import yaml

from analysis import study as studies
from analysis.prepare import Prepared, coded_text, schools, strands
from analysis.prepare.quality import Quality
from analysis.present import count_words
from analysis.qualitative import checks, coders, discussions, occurrence, plans, themes
from analysis.results import ledger
from analysis.statistics import school_audit
from analysis.strands import RATINGS

RAW = Path(__file__).parents[2] / "data" / "raw"


@pytest.fixture(scope="module")
def prepared() -> Prepared:
    study = studies.load(RAW)
    table = schools.read(study)
    frames, documents = strands.read(study, table, Quality())
    return Prepared(study, {}, table, {}, frames, {}, documents)


def in_release(count: int, of: int, band: str = "") -> dict[str, object]:
    """A count as a release has it: words have no number beside them."""
    numbers = (
        {"value": math.nan, "denominator": math.nan}
        if band
        else {"value": count, "denominator": of}
    )
    return {"release": "banded" if band else "released", "band": band, **numbers}


@pytest.mark.parametrize(
    ("count", "of", "band", "word"),
    [
        (2, 15, "one or two", "a few"), (3, 15, "", "a minority"), (7, 15, "", "a minority"),
        (8, 15, "", "the majority"), (12, 15, "", "the majority"),
        (14, 15, "nearly all", "nearly all"), (6, 12, "", "half"),
        (3, 9, "fewer than half", "a minority"), (9, 9, "half or more", "half or more"),
    ],
)  # fmt: skip
def test_the_words_follow_the_counts(count: int, of: int, band: str, word: str) -> None:
    assert count_words.share_word(in_release(count, of, band)) == word


def test_more_people_never_get_a_weaker_word() -> None:
    order = ["a few", "a minority", "half", "the majority", "nearly all"]
    rows = [in_release(0, 0, "one or two"), *(in_release(k, 20) for k in range(3, 18))]
    rows.append(in_release(0, 0, "nearly all"))
    words = [order.index(count_words.share_word(row)) for row in rows]
    assert words == sorted(words) and set(words) == set(range(5))
    sizes = [count_words.size(row) for row in rows]
    assert sizes == sorted(sizes) and len(set(sizes)) == len(sizes)


def test_numbers_up_to_nine_are_words() -> None:
    assert [count_words.number_word(n) for n in (0, 1, 5, 9, 10)] == [
        "no", "one", "five", "nine", "10",
    ]  # fmt: skip


def test_the_five_published_details_are_in_the_ledger(prepared: Prepared) -> None:
    found = ledger(themes.themes(prepared), "e").set_index("id")["value"]
    at = "interviews.themes.count.{}.all.all.schools"
    expected = {
        "voi_04--process": 3,
        "enb_19--no_extra_support": 2,
        "par_01--early_years_key_stage_1": 1,
        "par_01--whole_school": 1,
    }
    assert {name: found[at.format(name)] for name in expected} == expected
    # "At least one member of staff" in each school that is counted.
    assert found["interviews.themes.count.ctx_01.all.all.fewest"] >= 1


def test_saturation_is_the_mean_over_all_orders() -> None:
    heard = {"A": {"p"}, "B": {"p", "q"}, "C": {"q", "r"}, "D": {"r"}}
    people = ["p", "q", "r"]
    segments = pd.DataFrame(
        [(who, code) for code, whom in heard.items() for who in whom],
        columns=["source_id", "code"],
    ).assign(memo="")
    codebook = {"themes": [{"id": "T", "label": "T", "codes": [{"id": c} for c in heard]}]}
    interviewees = pd.DataFrame({"source_id": people, "school": people, "role": "teacher"})
    made = Prepared(
        studies.load(RAW), {}, pd.DataFrame(), {},
        {"segments": segments, "interviewees": interviewees}, {}, {"codebook": codebook},
    )  # fmt: skip
    found = [result.value for result in occurrence.saturation(made)]
    for k in (1, 2, 3):
        sizes = [
            len({code for code, whom in heard.items() if whom & set(order[:k])})
            for order in permutations(people)
        ]
        assert found[k - 1] == pytest.approx(sum(sizes) / len(sizes))


def test_pairs_count_people_and_leave_out_one_event_under_two_codes(prepared: Prepared) -> None:
    found = list(occurrence.together(prepared))
    assert {r.analysis for r in found} == {
        "together_themes"
    }  # the only shared passage is one event
    both = {r.measure: r.value for r in found}
    assert both["ctx--enb"] == 15
    assert all(value <= 15 for value in both.values())


def test_passages_shared_by_two_codes_are_a_pair() -> None:
    segments = pd.DataFrame(
        {
            "source_id": ["p", "p", "q", "q"],
            "coder": ["C1", "C1", "C1", "C2"],
            "code": ["A", "B", "A", "B"],
            "start": [0.0, 5.0, 0.0, 0.0],
            "end": [10.0, 12.0, 9.0, 9.0],
        }
    )
    # Two coders who read one passage differently do not make a pair.
    assert occurrence._overlaps(segments) == {("A", "B"): {"p"}}


def test_codes_are_known_by_id_name_or_label() -> None:
    codebook = yaml.safe_load((RAW / "codebook.yaml").read_text(encoding="utf-8"))
    names = [
        "CTX.01",
        "ctx.02 Local deprivation",
        "Themes\\CTX.03",
        "Peer support as buffer",
        "XYZ",
    ]
    segments = pd.DataFrame(
        {"source_id": "I01", "code": names, "start": 0.0, "end": 1.0, "text": "t"}
    )
    frame, check = coded_text.coded_by(segments, codebook)
    assert frame["code"].tolist() == ["CTX.01", "CTX.02", "CTX.03", "CTX.05"]
    unknown = check[check["kind"] == "unknown"]
    assert unknown[["code", "passages"]].to_numpy().tolist() == [["XYZ", 1]]
    assert (check["kind"] == "unused").sum() == 123 - 4


def test_what_was_checked_is_counted(prepared: Prepared) -> None:
    found = {r.measure: r.value for r in checks.checks(prepared)}
    assert found["codebook-codes"] == 197
    assert found["codebook-heard"] == 123
    assert found["codebook-same_event"] == 1
    assert found["codebook-unknown"] == found["codebook-unused"] == 0
    assert found["quotations-chosen"] == 42


def test_plans_rest_on_those_reviewed_again(prepared: Prepared) -> None:
    found = ledger(plans.plans(prepared), "e").set_index(["unit", "id"])
    latest = found.loc["cohort", "action_plans.plans.states.embedded.latest.all.aims"]
    assert latest["n"] == 2  # two plans were reviewed twice; three are the least
    own = found.loc["S09", "action_plans.plans.states.any.latest.all.aims"]
    assert own["value"] == 6
    areas = found.loc["cohort"].filter(like=".areas.", axis=0)
    assert len(areas) == 5 and areas["value"].between(1, 18).all()


def test_audit_counts_schools_at_each_review_and_by_change(prepared: Prepared) -> None:
    found = ledger(school_audit.audit(prepared), "e").set_index(["unit", "id"])["value"]
    frame = prepared.strands["whole_school_audit"]
    area = frame[frame["area"] == "pupil_voice"]
    at = "action_plans.framework_audit.audit.pupil_voice.{}.{}.schools"
    for review, rows in area.groupby("review"):
        counts = {r: found["cohort", at.format(review, r)] for r in RATINGS}
        assert sum(counts.values()) == len(rows)
        assert counts["doing_well"] == (rows["rating"] == "doing_well").sum()
    wide = area.pivot(index="school", columns="review", values="rating").dropna()
    rank = wide.map(RATINGS.index)
    better = (rank["reaudit"] < rank["baseline"]).sum()
    assert found["cohort", at.format("baseline-reaudit", "better")] == better > 0
    assert found["S01", at.format("baseline", area.iloc[0]["rating"])] == 1


def test_open_answers_count_people_over_the_programme_only(prepared: Prepared) -> None:
    found = list(discussions.open_answers(prepared))
    assert {(r.unit, r.group) for r in found} == {("cohort", "all")}
    frame = prepared.strands["open_answers"]
    ethos = frame[frame["aspect"] == "ethos"]
    one = next(r for r in found if r.measure == "ethos-eth_04" and r.statistic == "count")
    assert one.value == ethos[ethos["code"] == "ETH.04"]["respondent"].nunique()
    assert one.n == ethos["respondent"].nunique()


def coded_by_two(**places: list[float]) -> Prepared:
    segments = pd.DataFrame(
        {
            "source_id": ["p", "p", "q", "q", "r", "r"],
            "coder": ["C1", "C2"] * 3,
            "code": ["A", "A", "A", "B", "B", "B"],
            "text": "t",
            **places,
        }
    )
    codebook = {"themes": [{"id": "T", "label": "T", "codes": [{"id": "A"}, {"id": "B"}]}]}
    return Prepared(
        studies.load(RAW), {}, pd.DataFrame(), {}, {"segments": segments}, {},
        {"codebook": codebook},
    )  # fmt: skip


def test_coders_are_compared_without_places_too_and_the_gap_is_stated() -> None:
    placed = coded_by_two(start=[0.0] * 6, end=[9.0, 8.0, 9.0, 9.0, 9.0, 9.0])
    nowhere = coded_by_two(start=[math.nan] * 6, end=[math.nan] * 6)
    for prepared, known in ((placed, True), (nowhere, False)):
        found = {(r.measure, r.statistic): r for r in coders.agreement(prepared)}
        assert found["all", "kappa"].value == pytest.approx(1 / 3)
        assert math.isfinite(found["t", "alpha"].value) == known
        assert ("no alpha" in found["t", "alpha"].method) == (not known)
