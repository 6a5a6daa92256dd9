"""Page one of a school's report: what it names, and that nothing else of the report denies it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import study as studies
from analysis.disclosure import RELEASED, Released
from analysis.disclosure.release import NUMBERS
from analysis.places import project_root
from analysis.prepare import load_instruments
from analysis.present import asked as asking
from analysis.present import (
    beside,
    children,
    figures,
    letter,
    page_one,
    plans,
    reasons,
    scales,
    sentences,
    tables,
)
from analysis.present.page import Page
from analysis.results import COHORT, Result, ledger

STUDY = studies.load(project_root() / "data" / "raw")
INSTRUMENTS = load_instruments(STUDY)
UNIT = "S01"
SUBSCALES = [each.id for each in INSTRUMENTS["spsc"].subscales]
BESIDE, PAIRED, LEVEL = "beside", "paired", "level"
SHOWN = {"release": RELEASED, "reason": "", "band": "", "decimals": float("nan")}


def page_of(results: list[Result], study: studies.Study = STUDY, **schools: str) -> Page:
    """A school's page on which these results may be shown."""
    frame = ledger(results, "e").assign(**SHOWN)
    table = pd.DataFrame({"id": [UNIT], "reporting_phase": ["primary"], **schools})
    return Page(study, UNIT, Released(frame), table, pd.DataFrame(), INSTRUMENTS)


def result(analysis: str, measure: str, statistic: str, value: float, **more: Any) -> Result:
    given = {"source": "staff", "instrument": "spsc", "unit": UNIT, "group": "all", "n": 20.0}
    wave = more.pop("wave", "t1-t2" if analysis == PAIRED else "t2")
    return Result(**{**given, **more}, analysis=analysis, measure=measure, wave=wave,
                  statistic=statistic, value=value)  # fmt: skip


def difference(analysis: str, measure: str, value: float, p: float, **more: Any) -> list[Result]:
    """A scale's difference, and the levels that are shown beside it."""
    found = [
        result(analysis, measure, "difference", value, ci_low=value - 0.3, ci_high=value + 0.3,
               level=0.95, **more),
        result(analysis, measure, "p", p, **more),
    ]  # fmt: skip
    if analysis == BESIDE:
        found += [result(LEVEL, measure, "mean", 3.0 + value, ci_low=2.8 + value,
                         ci_high=3.2 + value, level=0.95, **more),
                  result(BESIDE, measure, "others", 3.0, **more)]  # fmt: skip
    return found


def many(analysis: str, *values: tuple[str, float, float]) -> list[Result]:
    return [row for each in values for row in difference(analysis, *each)]


def test_only_what_is_left_after_correction_stands_out_the_clearest_first() -> None:
    names = SUBSCALES[:7]
    rows = many(
        BESIDE, (names[0], 0.5, 0.001), (names[1], 0.9, 0.0001), (names[2], 0.7, 0.0002),
        (names[3], 0.6, 0.0003), (names[4], -0.8, 0.0004), (names[5], 0.4, 0.04),
        (names[6], 0.4, 0.03),
    )  # fmt: skip
    page = page_of(rows)
    found = page_one.standing(page)
    assert [each.score for each in page_one.named(found, 1)] == [names[1], names[2], names[3]]
    assert [each.score for each in page_one.named(found, -1)] == [names[4]]
    said = page_one.stands_out(page).markdown()
    assert "Of seven scales" in said and "five are clearly apart" in said
    assert "One more is further back" in said
    everyday = [asking.everyday(INSTRUMENTS["spsc"], name) for name in names]
    assert not any(asking.first(everyday[place]) in said for place in (0, 5))
    assert said.index(asking.first(everyday[1])) < said.index(asking.first(everyday[2]))
    # Both means beside each other, and no more numbers than these.
    assert r"3\.90" in said and said.count(r"3\.00") == 4


def test_more_of_what_is_bad_is_to_look_into() -> None:
    spsc = INSTRUMENTS["spsc"]
    turned = spsc.subscales[0].model_copy(update={"higher_is_better": False, "plain": "strain"})
    own = spsc.model_copy(update={"subscales": (turned, *spsc.subscales[1:]), "total": None})
    page = replace(
        page_of(difference(BESIDE, turned.id, 0.8, 0.0001)),
        instruments={**INSTRUMENTS, "spsc": own},
    )
    said = page_one.stands_out(page).markdown()
    assert "To look into" in said and "higher" in said and "Strength" not in said
    assert "higher" in page_one.questions(page).markdown()


def test_a_letter_says_which_way_the_school_stands_apart() -> None:
    spsc = INSTRUMENTS["spsc"]
    turned = spsc.subscales[0].model_copy(update={"higher_is_better": False, "plain": "strain"})
    own = spsc.model_copy(update={"subscales": (turned, *spsc.subscales[1:]), "total": None})
    report = STUDY.report.model_copy(update={"letter": True})
    page = replace(
        page_of(
            many(BESIDE, (turned.id, 0.8, 0.0001), (SUBSCALES[1], -0.8, 0.0001),
                 (SUBSCALES[2], 0.8, 0.0001)),
            STUDY.model_copy(update={"report": report}), name="Hill School",
        ),
        instruments={**INSTRUMENTS, "spsc": own},
    )  # fmt: skip
    said = letter.letter(page).markdown()
    low, high = (asking.everyday(own, SUBSCALES[place]) for place in (1, 2))
    assert f"strong here: {high} (staff), clearly higher than in the" in said
    # More strain is no better, and the letter says that it is more.
    assert "look into: strain (staff), clearly higher than in the" in said
    assert f"; {low} (staff), clearly lower than in the" in said
    assert "see our school" not in said  # what was asked about is the study's


def test_no_clear_standout_says_among_how_many() -> None:
    page = page_of(many(BESIDE, (SUBSCALES[0], 0.2, 0.3), (SUBSCALES[1], -0.2, 0.04)))
    said = page_one.stands_out(page).markdown()
    assert said.startswith("**No clear standout.** Of two scales")
    assert page_one.questions(page) is None
    one = page_of(difference(BESIDE, SUBSCALES[0], 0.2, 0.3))
    assert "The one scale" in page_one.stands_out(one).markdown()
    # Named by itself it would stand, and its family is no larger than what could be named.
    alone = page_of(difference(BESIDE, SUBSCALES[1], -0.2, 0.04))
    assert "To look into" in page_one.stands_out(alone).markdown()


def test_a_group_that_is_no_benchmark_is_set_beside_nobody_and_told_why() -> None:
    phase = STUDY.phases
    values = tuple(v.model_copy(update={"benchmark": v.id != "primary"}) for v in phase.values)
    groups = tuple(
        each.model_copy(update={"values": values}) if each.id == phase.id else each
        for each in STUDY.groups
    )
    study = STUDY.model_copy(update={"groups": groups})
    page = page_of(difference(BESIDE, SUBSCALES[0], 0.8, 0.0001), study)
    said = page_one.stands_out(page).markdown()
    assert said.startswith("Primary schools are too unlike others")
    assert page_one.standing(page) == [] and page_one.questions(page) is None
    drawn = scales.scales(page)
    assert drawn is not None and "ther primary" not in drawn.alt + drawn.svg


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("too few schools", "too few such schools"), ("would give others away", "give away"),
        ("too few answered", "Too few people answered"),
    ],
)  # fmt: skip
def test_why_nothing_is_set_beside_the_others_is_the_true_reason(reason: str, words: str) -> None:
    rows = difference(BESIDE, SUBSCALES[0], 0.8, 0.0001)
    frame = ledger(rows, "e").assign(**SHOWN)
    hidden = frame["statistic"].isin(["difference", "p", "others"])
    frame.loc[hidden, ["release", "reason"]] = ["suppressed", reason]
    frame.loc[hidden, list(NUMBERS)] = float("nan")
    page = replace(page_of(rows), released=Released(frame))
    assert words in page_one.stands_out(page).markdown()


def test_changes_are_up_down_the_same_or_not_clear_and_name_their_instrument() -> None:
    a, b, c, d = SUBSCALES[:4]
    rows = many(PAIRED, (a, 0.6, 0.0001), (b, -0.6, 0.0001), (c, 0.0, 0.9), (d, 0.1, 0.7))
    rows += [result(PAIRED, c, "p_equivalence", 0.0001), result(LEVEL, a, "mean", 3.0)]
    said = page_one.changed(page_of(rows)).markdown()
    spsc = INSTRUMENTS["spsc"]
    words = {name: asking.everyday(spsc, name) for name in (a, b, c, d)}
    assert f"Clearly up: {words[a]}." in said and f"Clearly down: {words[b]}." in said
    assert f"About the same: {words[c]}." in said and f"Not clear: {words[d]}." in said
    assert "SPSC" in said
    asked = page_one.questions(page_of(rows)).markdown()
    assert words[b].lower() in asked.lower() and words[d] not in asked


@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(0, 0.1)), min_size=9, max_size=9))
def test_no_two_places_of_a_school_report_disagree(values: list[tuple[float, float]]) -> None:
    """Page one, the section's sentences and the chart, over all scales that could be named."""
    rows = [
        row
        for name, (value, p) in zip(SUBSCALES, values, strict=True)
        for row in (*difference(BESIDE, name, value, p), *difference(PAIRED, name, -value, p))
    ]
    page = page_of(rows)
    stand, moved = page_one.standing(page), page_one.changed_scales(page)
    assert len(stand) == len(moved) == 9
    further_back = beside.said(page, "staff", "spsc").markdown()
    changed = sentences.change(page, "staff", "spsc").markdown()
    for each in stand:
        label = asking.scale_words(INSTRUMENTS["spsc"].score_label(each.score)) + " (difference"
        label = label.replace("\\", "")
        assert (label in further_back.replace("\\", "")) == bool(each.judged.sign)
    assert ("mean rose" in changed) == any(each.judged.sign > 0 for each in moved)
    assert ("t fell" in changed or "mean fell" in changed) == any(
        each.judged.sign < 0 for each in moved
    )
    # A question never speaks of a scale that page one does not name.
    questions = page_one.questions(page)
    open_ = {each.name for each in stand if not each.better} & {
        each.name for each in moved if not each.better
    }
    for name in open_ if questions else ():
        assert f"**{name}**" not in questions.markdown().lower()


def test_a_plan_is_one_sentence_and_its_question_follows_it() -> None:
    def with_states(**states: int) -> Page:
        rows = [
            result("states", state, "aims", float(count), source="action_plans",
                   instrument="plans", wave="latest")
            for state, count in {**states, "any": sum(states.values())}.items()
        ]  # fmt: skip
        return page_of(rows)

    both = with_states(in_place=3, embedded=3)
    assert plans.own_state(both).markdown() == "Six aims: three in place and three embedded.\n"
    assert "All aims" in page_one.questions(both).markdown()
    begun = with_states(started=1, embedded=2)
    assert "One aim of our plan is not yet in place" in page_one.questions(begun).markdown()
    assert plans.own_state(with_states(started=4)).markdown() == "Four aims, all started.\n"
    # An aim that was dropped is not in place: nothing is said of all.
    assert page_one.questions(with_states(embedded=2, dropped=1)) is None


def test_who_answered_stands_beside_the_phase_with_a_caution_where_few_did() -> None:
    def answered(count: float, of: float, **more: Any) -> list[Result]:
        at = {"instrument": "survey", "denominator": of, "numerator": count, **more}
        return [
            result("response", "responded", "count", count, **at),
            result("response", "responded", "percent", 100 * count / of, **at),
        ]

    def said(count: float, of: float) -> str:
        group = answered(100, 200, unit=COHORT, group="primary")
        return page_one.answered(page_of([*answered(count, of), *group])).markdown()

    few = said(12, 40)
    assert "12 of 40 staff" in few and "30%" in few and "50%" in few and "Fewer than half" in few
    most = said(30, 40)
    assert "75%" in most and "Fewer" not in most and "so few" not in most
    # No percentage of fewer than ten, and small numbers in words.
    small = said(8, 9)
    assert "Eight of nine staff" in small and "%" not in small and "so few" in small


def test_the_chart_says_its_message_first_and_its_intervals() -> None:
    page = page_of(many(BESIDE, (SUBSCALES[0], -0.8, 0.0001), (SUBSCALES[1], 0.1, 0.6)))
    drawn = scales.scales(page)
    name = asking.everyday(INSTRUMENTS["spsc"], SUBSCALES[0])
    assert drawn.alt.startswith(f"To look into: {name}")
    assert "2.20 (2.00 to 2.40), others 3.00" in drawn.alt
    assert {part.text for part in drawn.parts} >= {"2.20", "2.00", "2.40", "3.00"}
    width = float(drawn.svg.split('width="', 1)[1].split("pt", 1)[0])
    assert width < 3.7 * 72, "it is read on a phone at its own size"
    assert drawn.svg == scales.scales(page).svg


def test_a_colour_and_a_shape_belong_to_a_role_wherever_it_stands() -> None:
    page = page_of(difference(BESIDE, SUBSCALES[0], 0.1, 0.6))
    roles = [
        figures.role(page, label, place)
        for label in ("This school", "Other primary schools", "Programme", "Baseline", "Follow-up")
        for place in (0, 1, 2)
    ]
    assert len(set(roles)) == 5
    assert len({role.colour for role in roles}) == len({role.marker for role in roles}) == 5
    assert figures.role(page, "Primary schools") == figures.OTHERS
    programme = replace(page, unit=COHORT)
    groups = {
        figures.role(programme, "Primary schools"),
        figures.role(programme, "Secondary schools"),
    }
    assert len(groups) == 2 and not groups & set(roles)


def pupils(*scores: tuple[str, float], instrument: str = "srs") -> list[Result]:
    more = {"source": "pupils", "instrument": instrument}
    return [result(LEVEL, name, "mean", value, **more) for name, value in scores]


def test_the_childrens_page_tells_what_is_highest_and_lowest_among_how_many() -> None:
    page = page_of(pupils(("empathy", 4.4), ("self_esteem", 3.1), ("peer_support", 3.9)))
    said = children.said(page, "pupils").markdown()
    srs = INSTRUMENTS["srs"]
    assert f"Of three scores, the highest is for {asking.everyday(srs, 'empathy')}" in said
    assert f"the lowest is for {asking.everyday(srs, 'self_esteem')}" in said
    assert r"4\.4 out of 5" in said
    drawn = children.pictures(page, "pupils")
    assert "4.4 out of 5" in drawn.alt


def test_the_childrens_page_is_for_children_whose_scores_may_be_shown() -> None:
    assert children.surveys(page_of(difference(BESIDE, SUBSCALES[0], 0.1, 0.6))) == []
    page = page_of(pupils(("empathy", 4.4)))
    assert [each.id for each in children.surveys(page)] == ["pupils"]
    assert children.said(page, "staff") is None and children.pictures(page, "staff") is None
    assert children.surveys(replace(page, unit=COHORT)) == []
    one = children.said(page, "pupils").markdown()
    assert "highest" not in one and r" is 4\.4 out of 5." in one


def test_a_childs_bar_goes_from_one_end_of_the_scale_to_the_other() -> None:
    """4.0 on a scale from 1 to 5 is three quarters of the way; 1.0, which is the lowest, is empty."""
    for score, tenths in ((4.0, 7.5), (1.0, 0.0), (5.0, 10.0)):
        page = page_of(pupils(("empathy", score)))
        (found,) = children.results(page, page.study.survey("pupils"))
        assert found.filled == pytest.approx(tenths)
        assert found.ends == ("1", "5")
    drawn = children.pictures(page, "pupils").svg
    assert ">1<" in drawn and ">5<" in drawn


def test_a_survey_of_which_nothing_is_shown_is_one_sentence() -> None:
    page = page_of(difference(BESIDE, SUBSCALES[0], 0.1, 0.6))
    said = reasons.hidden(page, "pupils").markdown()
    assert "too few pupils answered" in said
    for instrument in STUDY.survey("pupils").instruments:
        assert sentences.level(page, "pupils", instrument) is None
        assert sentences.change(page, "pupils", instrument) is None
        assert sentences.norm(page, "pupils", instrument) is None
    assert sentences.response(page, "pupils") is None and tables.response(page, "pupils") is None
    assert reasons.hidden(page, "staff") is None
