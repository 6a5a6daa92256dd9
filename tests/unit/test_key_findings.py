"""Page one and the chapters' boxes: the same sentences, and one verdict for one result."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from analysis.present import evidence, groups, key_findings, sentences, survey_findings, verdict
from analysis.present.page import Page
from analysis.present.shown import markdown_of
from analysis.publish import chapters
from analysis.results import pair
from tests.conftest import ROOT
from tests.unit.test_evidence import INSTRUMENTS, STUDY, changed, page_of, result

STAFF = STUDY.survey("staff")
PUPILS = STUDY.survey("pupils")


def level(mean: float, low: float, high: float, p: float) -> list[Any]:
    """Wellbeing at follow-up, and how far it is from its norm."""
    at = {"source": "pupils", "instrument": "kidscreen10", "analysis": "level",
          "measure": "t_value", "wave": "t2"}  # fmt: skip
    return [
        result("mean", mean, **at),
        result("difference_from_norm", (low + high) / 2, ci_low=low, ci_high=high, **at),
        result("p_norm", p, **at),
    ]


def said(page: Page, name: str) -> str:
    found = key_findings.findings(page)
    assert found is not None
    return " ".join(found.entries[name].markdown().split())  # type: ignore[union-attr]


def test_what_is_clear_is_named_and_what_is_not_is_open() -> None:
    page = page_of(
        [*changed(0.1, 0.5, 0.001, 0.9), *changed(-0.5, -0.1, 0.002, 0.9, measure="leadership"),
         *changed(-0.3, 0.5, 0.6, 0.6, measure="workload")]
    )  # fmt: skip
    assert said(page, "change-staff") == (
        "Among staff who answered both times, scores rose for morale. They fell for supportive "
        "leadership. *Evidence: moderate.*"
    )
    quiet = page_of([*changed(-0.3, 0.5, 0.6, 0.6), *changed(0.0, 0.5, 0.05, 0.6, measure="total")])
    assert "none of the two scales of the SPSC shows a clear change" in said(quiet, "change-staff")
    assert said(quiet, "change-staff").endswith("*Evidence: open.*")
    small = page_of([*changed(-0.1, 0.1, 0.9, 0.001)])
    assert "any change in morale is smaller than would matter" in said(small, "change-staff")
    more = ("leadership", "workload", "total")
    every = [*changed(-0.1, 0.1, 0.9, 0.001),
             *(each for name in more for each in changed(-0.1, 0.1, 0.9, 0.001, measure=name))]  # fmt: skip
    assert "any change in each of the four scales of the SPSC" in said(
        page_of(every), "change-staff"
    )


def by_role(p: float, leaders: float, teachers: float) -> list[Any]:
    """Morale's own change in leaders and in teachers, and how that differs."""
    at = {"analysis": "moderation_pairs", "group": "leader-teacher"}
    gap = leaders - teachers
    return [
        *(result("mean", 3.0, analysis="level", wave="t2", group=g) for g in ("leader", "teacher")),
        result("difference", leaders, ci_low=leaders - 0.2, ci_high=leaders + 0.2, group="leader"),
        result(
            "difference", teachers, ci_low=teachers - 0.2, ci_high=teachers + 0.2, group="teacher"
        ),
        *changed(gap - 0.2, gap + 0.2, p, 0.9, **at),
    ]


def test_a_clear_change_in_some_people_alone_is_told_with_each_groups_own() -> None:
    """Scores rose: in leaders, not in teachers. Who reads page one has to know."""
    rose = changed(0.1, 0.5, 0.001, 0.9)
    page = page_of([*rose, *by_role(0.001, 0.62, 0.02)])
    assert said(page, "whom-staff").replace("\\", "") == (
        "By role, change differed in Morale (higher: Leaders (0.62) than Teachers (0.02)). "
        "*Evidence: moderate.*"
    )
    found = groups.whom(page, "staff", "spsc")
    assert found and "Leaders (0.62) than Teachers (0.02)" in found.markdown().replace("\\", "")
    for results in (
        [*rose, *by_role(0.2, 0.62, 0.02)],  # not clear between them
        [*changed(-0.3, 0.5, 0.6, 0.6), *by_role(0.001, 0.62, 0.02)],  # nor altogether
    ):
        findings = key_findings.findings(page_of(results))
        assert findings and "whom-staff" not in findings.entries


def test_a_change_that_only_its_interval_leaves_out_is_not_said_to_be_of_either_kind() -> None:
    """Beside an interval above nought, "a rise, a fall, or none" contradicts it."""
    others = [each for name in ("leadership", "workload", "total")
              for each in changed(-0.3, 0.5, 0.6, 0.6, measure=name)]  # fmt: skip
    told = sentences.change(page_of([*changed(0.02, 0.44, 0.03, 0.6), *others]), "staff", "spsc")
    assert told
    text = " ".join(told.markdown().split())
    assert (
        "For morale the interval alone leaves no change out, which does not stand after "
        "correction for 4 comparisons." in text
    )
    (open_,) = re.findall(r"For ([^.]*) the data are consistent with a rise, a fall, or none", text)
    assert "morale" not in open_


@pytest.mark.parametrize(
    ("low", "high", "p", "words"),
    [(1.0, 4.0, 0.001, "above the 50"), (-4.0, -1.0, 0.001, "below the 50"),
     (-1.0, 4.0, 0.3, "not clearly above or below the 50")],
)  # fmt: skip
def test_a_norm_is_beside_the_level(low: float, high: float, p: float, words: str) -> None:
    assert words in said(page_of(level(52, low, high, p)), "norm-pupils")


def scales_said(text: str) -> dict[str, int]:
    """Scales of which a text says that they rose or fell."""
    labels = {score: INSTRUMENTS["spsc"].score_label(score).lower()
              for score in INSTRUMENTS["spsc"].scores}  # fmt: skip
    found: dict[str, int] = {}
    for sentence in re.split(r"(?<=\.)\s|\n", text.lower()):
        for sign, pattern in ((1, r"\brose\b|consistent with a rise(?!,)"),
                              (-1, r"\bfell\b|consistent with a fall(?!,)")):  # fmt: skip
            if re.search(pattern, sentence):
                found |= {score: sign for score, label in labels.items() if label in sentence}
    return found


def cases() -> Iterator[list[tuple[str, float, float, float]]]:
    """P-values around what correction over few and over many comparisons lets stand."""
    scores = [s for s in INSTRUMENTS["spsc"].scores if s != "total"]
    for p in (0.0005, 0.002, 0.004, 0.006, 0.02, 0.04):
        yield [(scores[0], 0.1, 0.5, p), *((s, -0.2, 0.4, 0.5) for s in scores[1:])]
        yield [(s, -0.5, -0.1, p * (1 + place)) for place, s in enumerate(scores)]


@pytest.mark.parametrize("case", list(cases()))
def test_no_two_places_disagree_on_a_change(case: list[tuple[str, float, float, float]]) -> None:
    results = [r for score, low, high, p in case for r in changed(low, high, p, 0.9, measure=score)]
    # What page one could name beside it widens the correction everywhere.
    page = page_of([*results, *level(52, -1, 4, 0.3)])
    finding = survey_findings.change(page, STAFF)
    assert finding is not None
    chapter = sentences.change(page, "staff", "spsc")
    box = key_findings.in_short(page)
    listed = evidence.change_in_words(page, "staff", "spsc")
    assert chapter and box and listed
    texts = [
        markdown_of(list(finding.pieces)),
        chapter.markdown(),
        box.entries["survey-staff"].markdown(),  # type: ignore[union-attr]
        listed.entries["spsc"].markdown(),  # type: ignore[union-attr]
    ]
    verdicts = [scales_said(text) for text in texts]
    assert all(each == verdicts[0] for each in verdicts), texts
    assert (finding.strength == "open") == (not verdicts[0])


def test_a_clear_change_of_a_further_instrument_is_on_page_one() -> None:
    """It was left out, though page one said of the headline's that nothing had changed."""
    srs = [s for s in INSTRUMENTS["srs"].scores if s != "family_connection"]
    quiet = [
        each
        for score in srs
        for each in changed(-0.2, 0.3, 0.6, 0.6, source="pupils", instrument="srs", measure=score)
    ]
    rose = changed(0.1, 0.2, 0.0005, 0.6, source="pupils", instrument="srs",
                   measure="family_connection")  # fmt: skip
    text = said(page_of([*quiet, *rose]), "change-pupils-srs")
    assert "rose for family connection" in text and f"{len(srs) + 1} scales" in text
    chance = changed(0.0, 0.2, 0.02, 0.6, source="pupils", instrument="srs",
                     measure="family_connection")  # fmt: skip
    findings = key_findings.findings(page_of([*quiet, *chance, *level(52, 51, 53, 0.3)]))
    assert findings and "change-pupils-srs" not in findings.entries


@pytest.mark.parametrize(("p", "clear"), [(0.04, False), (0.01, True)])
def test_a_gap_is_clear_in_words_and_above_its_chart_or_in_neither(p: float, clear: bool) -> None:
    """The interval leaves nought out either way; of two gaps the words correct both."""
    at = {"source": "pupils", "instrument": "kidscreen10", "measure": "t_value", "wave": "t2"}
    results = []
    for group, low, high, tested in (("fsm", 0.1, 4.0, p), ("sen", -1.0, 2.0, 0.5)):
        both = {**at, "analysis": "gap", "group": pair(f"{group}_others", f"{group}_yes")}
        results += [
            result("difference", (low + high) / 2, ci_low=low, ci_high=high, level=0.95, **both),
            result("p", tested, **both),
            *(
                result("mean", 50.0, **at, analysis="level", group=f"{group}_{which}")
                for which in ("yes", "others")
            ),
        ]
    page = page_of(results)
    told = survey_findings.gap_said(page)
    assert told
    words = told.entries["pupils"].markdown()  # type: ignore[union-attr]
    title = survey_findings.gap_message(page, PUPILS)
    assert ("less these, is clear" in words) == clear
    assert ("by free school meals it is clear" in title) == clear


def test_the_mean_of_an_only_scale_is_told() -> None:
    """Of one wave and one scale page one said that nothing could be shown."""
    instrument = INSTRUMENTS["spsc"].model_copy(
        update={"subscales": INSTRUMENTS["spsc"].subscales[:1], "total": None}
    )
    row = result("mean", 3.95, analysis="level", measure="morale", wave="t2")
    page = replace(page_of([row]), instruments=INSTRUMENTS | {"spsc": instrument})
    finding = survey_findings.level(page, STAFF)
    assert finding is not None
    assert "had a mean of 3.95 for morale, on a scale from 1 to 5" in markdown_of(
        list(finding.pieces)
    ).replace("\\", "")
    # A mean that nothing is set beside is described, and nothing about it is open.
    told = key_findings.findings(page)
    assert told is not None
    assert "Evidence" not in told.entries["level-staff"].markdown()  # type: ignore[union-attr]
    words = key_findings.strengths(page)
    assert words is None or "not clear" not in words.markdown()
    wellbeing = page_of(level(52, -1, 4, 0.3))
    assert survey_findings.level(wellbeing, PUPILS) is None


def perceived(group: str, **shares: float) -> list[Any]:
    return [
        result("yes", share, source="staff", instrument="survey", analysis="perceived",
               measure=aspect, wave="t2", group=group, n=60.0, numerator=share * 0.6,
               denominator=60.0)
        for aspect, share in shares.items()
    ]  # fmt: skip


def test_what_people_say_has_changed_is_of_all_aspects_or_is_not_said() -> None:
    shares = {aspect: 40.0 + place for place, aspect in enumerate(STAFF.perceived_change)}
    some = dict(list(shares.items())[:-1])
    page = page_of([*perceived("all", **shares), *perceived("primary", **shares),
                    *perceived("secondary", **some)])  # fmt: skip
    text = said(page, "said-staff")
    high = 40 + len(shares) - 1
    assert f"40% to {high}% say that it has changed" in text
    assert "primary schools it is" in text and "secondary" not in text
    assert survey_findings.said_changed(page_of(perceived("all", **some)), STAFF) is None


def test_no_finding_where_nothing_can_be_shown() -> None:
    page = page_of([result("count", 5.0, analysis="response", instrument="survey",
                           measure="responded", wave="t1")])  # fmt: skip
    assert key_findings.findings(page) is None
    assert key_findings.strengths(page) is None
    assert key_findings.cannot_show(page) is not None


def test_page_one_names_the_strengths_that_it_uses() -> None:
    page = page_of(changed(0.1, 0.5, 0.001, 0.9))
    text = key_findings.strengths(page)
    assert text and "*moderate*" in text.markdown() and "*limited*" not in text.markdown()


def test_every_finding_leads_to_a_section_of_the_evaluation_report() -> None:
    written = "".join(
        (ROOT / "report" / f"{each.template}.qmd").read_text(encoding="utf-8")
        for each in chapters.CHAPTERS
        if each.document == chapters.PROGRAMME
    )
    made = written.replace("[[ survey.id ]]", "S").replace("[[ instrument.id ]]", "I")
    named = {each.id for each in STUDY.surveys}, set(INSTRUMENTS)
    for place in key_findings.places(STUDY).values():
        general = place
        for ids, general_id in zip(named, "SI", strict=True):
            general = re.sub(rf"-({'|'.join(ids)})(?=-|$)", f"-{general_id}", general)
        assert f"#{general}}}" in made, place


def test_school_records_are_of_the_family_of_page_one() -> None:
    """One measure's interval leaves nought out; among nine scales and it, that is chance."""
    at = {"source": "outcomes", "instrument": "school_data", "analysis": "rate_change",
          "measure": "absence", "wave": "spring_1-spring_2"}  # fmt: skip
    others = [
        each
        for scale in INSTRUMENTS["spsc"].subscales
        for each in changed(-0.3, 0.5, 0.6, 0.6, measure=scale.id)
    ]

    def way(found: list[Any], low: float, high: float) -> str:
        row = result("difference", (low + high) / 2, ci_low=low, ci_high=high, df=19.0,
                     n_schools=20.0, n=900.0, **at)  # fmt: skip
        page = replace(
            page_of([*found, row]),
            terms={"spring_1": "Spring 1", "spring_2": "Spring 2"},
            year_before={"spring_2": "spring_1"},
            documents={"outcome_measures": {"measures": [{"id": "absence", "label": "Absence"}]}},
        )
        return said(page, "records")

    assert ": higher in Spring 2 than in Spring 1" in way([], 0.2, 3.0)
    assert ": not clearly higher or lower in Spring 2" in way(others, 0.2, 3.0)
    assert ": lower in Spring 2" in way(others, -3.0, -2.0)


def test_beside_known_numbers_what_is_marked_is_corrected_over_the_table() -> None:
    row = {"value": 1.0, "ci_low": 0.05, "ci_high": 1.95, "df": 40.0}
    assert verdict.sides([(row, 0.0)]) == [1]
    assert verdict.sides([(row, 2.0)]) == [-1]
    assert verdict.sides([(row, 0.0), (None, 0.0), *[(row, 1.0)] * 5]) == [0, None, *[0] * 5]


def test_scales_that_are_printed_alike_are_highest_together_or_not_at_all() -> None:
    """To two decimals nobody sees which of two means is the higher one."""

    def found(**means: float) -> str:
        results = [
            result(
                "mean", mean, analysis="level", measure=score, wave="t2",
                ci_low=mean - 0.1, ci_high=mean + 0.1, level=0.95,
            )
            for score, mean in means.items()
        ]  # fmt: skip
        page = page_of(results)
        finding = survey_findings.level(page, page.study.survey("staff"))
        return "" if finding is None else markdown_of(finding.pieces)

    apart = found(morale=4.101, workload=3.2)
    assert "highest mean to morale" in apart
    assert not found(morale=3.411, workload=3.409)
    together = found(morale=3.411, leadership=3.409, workload=3.2)
    first, _, last = together.partition("lowest")
    assert "workload" in last.lower() and "workload" not in first.lower()
    assert " and " in first.split("highest mean to")[1]
