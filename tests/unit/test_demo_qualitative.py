"""The demonstration study's words give back the published numbers of people, schools and answers.

Counting is done here with pandas alone, from the CSV files, so that it does not lean on the
package's own counting. The published ids are those of the study's list of published figures.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import yaml

from analysis.demo import qualitative

RAW = Path(__file__).parents[2] / "data" / "raw"

SCHOOLS, PEOPLE, FEWEST = "schools", "people", "fewest people in a school"

# published id -> (code, detail in the memo, what is counted, published value)
INTERVIEWS = {
    "interviews.climate.shared_values.n_schools": ("CTX.01", "", SCHOOLS, 5),
    "interviews.climate.shared_values.n_staff": ("CTX.01", "", PEOPLE, 8),
    "interviews.climate.shared_values.min_staff_per_school": ("CTX.01", "", FEWEST, 1),
    "interviews.climate.deprivation.n_schools": ("CTX.02", "", SCHOOLS, 5),
    "interviews.climate.deprivation_shapes_values.n_staff": ("CTX.02", "", PEOPLE, 11),
    "interviews.climate.staff_agency.n_schools": ("CTX.03", "", SCHOOLS, 4),
    "interviews.climate.staff_agency.min_staff_per_school": ("CTX.03", "", FEWEST, 1),
    "interviews.climate.peer_support_buffer.n_schools": ("CTX.05", "", SCHOOLS, 5),
    "interviews.climate.challenging_environment.n_schools": ("CTX.12", "", SCHOOLS, 5),
    "interviews.climate.challenging_environment.min_staff_per_school": ("CTX.12", "", FEWEST, 1),
    "interviews.constraint.time.n_schools": ("CON.01", "", SCHOOLS, 3),
    "interviews.constraint.time.n_staff": ("CON.01", "", PEOPLE, 4),
    "interviews.constraint.time_allayed.n_schools": ("ENB.18", "", SCHOOLS, 4),
    "interviews.constraint.values_vs_outcomes.n_schools": ("CON.03", "", SCHOOLS, 5),
    "interviews.constraint.values_vs_outcomes.min_staff_per_school": ("CON.03", "", FEWEST, 1),
    "interviews.constraint.inconsistent_staffing.n_schools": ("CON.05", "", SCHOOLS, 2),
    "interviews.constraint.lack_structure.n_schools": ("CON.08", "", SCHOOLS, 1),
    "interviews.constraint.lack_structure.n_staff": ("CON.08", "", PEOPLE, 2),
    "interviews.constraint.lack_specialist_support.n_schools": ("CON.09", "", SCHOOLS, 1),
    "interviews.enabler.collaborative_aims.n_staff": ("ENB.22", "", PEOPLE, 4),
    "interviews.enabler.congruence.n_schools": ("ENB.01", "", SCHOOLS, 5),
    "interviews.enabler.insider_outsider.n_schools": ("ENB.14", "", SCHOOLS, 5),
    "interviews.enabler.insider_outsider.min_staff_per_school": ("ENB.14", "", FEWEST, 1),
    "interviews.impact.ecological_shift.n_schools": ("UND.01", "", SCHOOLS, 3),
    "interviews.impact.staff_relevance_shift.n_schools": ("UND.02", "", SCHOOLS, 5),
    "interviews.enabler.audit_most_useful.n_schools": ("ENB.20", "", SCHOOLS, 4),
    "interviews.impact.better_understanding_climate.n_schools": ("UND.07", "", SCHOOLS, 5),
    "interviews.enabler.in_sdp.n_schools": ("ENB.06", "", SCHOOLS, 3),
    "interviews.leaders.no_extra_support.n_schools": ("ENB.19", "no_extra_support", SCHOOLS, 2),
    "interviews.leaders.supported_to_justify.n_schools": ("ETH.03", "", SCHOOLS, 2),
    "interviews.leaders.testimonials_reengaged.n_schools": ("ENB.26", "", SCHOOLS, 1),
    "interviews.communication.improved.n_schools": ("COM.01", "", SCHOOLS, 5),
    "interviews.communication.explicit_focus.n_schools": ("COM.02", "", SCHOOLS, 3),
    "interviews.communication.info_sharing_systems.n_schools": ("COM.05", "", SCHOOLS, 2),
    "interviews.communication.via_audit_only.n_schools": ("COM.03", "", SCHOOLS, 2),
    "interviews.communication.pupil_voice_changed.n_schools": ("VOI.01", "", SCHOOLS, 3),
    "interviews.communication.parents_target.n_schools": ("COM.10", "", SCHOOLS, 3),
    "interviews.communication.stay_and_play_eyks1.n_schools": (
        "PAR.01",
        "early_years_key_stage_1",
        SCHOOLS,
        1,
    ),
    "interviews.communication.stay_and_play_whole.n_schools": (
        "PAR.01",
        "whole_school",
        SCHOOLS,
        1,
    ),
    "interviews.communication.reading_breakfasts.n_schools": ("PAR.02", "", SCHOOLS, 1),
    "interviews.communication.visual_digital_formats.n_schools": ("COM.12", "", SCHOOLS, 1),
    "interviews.communication.informal_parent_meetings.n_schools": ("COM.11", "", SCHOOLS, 3),
    "interviews.communication.panel_cop.n_schools": ("NET.02", "", SCHOOLS, 1),
    "interviews.staff_adversity.addressed.n_schools": ("SWB.01", "", SCHOOLS, 5),
    "interviews.staff_adversity.wellbeing_policy.n_schools": ("SWB.02", "", SCHOOLS, 2),
    "interviews.staff_adversity.training_support.n_schools": ("SWB.03", "", SCHOOLS, 2),
    "interviews.staff_adversity.events_embraced.n_schools": ("ENB.28", "", SCHOOLS, 4),
    "interviews.leadership.changed.n_schools": ("VOI.03", "", SCHOOLS, 4),
    "interviews.leadership.participation_increased.n_schools": ("VOI.04", "", SCHOOLS, 4),
    "interviews.leadership.participation_increased.min_staff_per_school": (
        "VOI.04",
        "",
        FEWEST,
        1,
    ),
    "interviews.leadership.process_participative.n_schools": ("VOI.04", "process", SCHOOLS, 3),
    "interviews.environment.any_change.n_schools": ("ENV.01", "", SCHOOLS, 5),
    "interviews.environment.safe_spaces.n_schools": ("ENV.03", "", SCHOOLS, 3),
    "interviews.environment.outdoor_play.n_schools": ("ENV.05", "", SCHOOLS, 2),
    "interviews.environment.outdoor_play_parents.n_schools": ("ENV.07", "", SCHOOLS, 1),
    "interviews.policy.any_change.n_schools": ("POL.01", "", SCHOOLS, 3),
    "interviews.policy.behaviour.n_schools": ("POL.02", "", SCHOOLS, 3),
    "interviews.policy.wellbeing.n_schools": ("POL.03", "", SCHOOLS, 2),
    "interviews.policy.outdoor_play.n_schools": ("POL.04", "", SCHOOLS, 2),
    "interviews.policy.teaching_assessment.n_schools": ("POL.05", "", SCHOOLS, 3),
    "interviews.policy.extracurricular.n_schools": ("POL.06", "", SCHOOLS, 2),
    "interviews.pupils.positive_impact.n_schools": ("PUP.01", "", SCHOOLS, 5),
    "interviews.pupils.positive_impact.min_staff_per_school": ("PUP.01", "", FEWEST, 1),
    "interviews.pupils.via_staff_morale.n_schools": ("PUP.10", "", SCHOOLS, 2),
    "interviews.parents.stay_and_play_confidence.n_schools": ("PAR.03", "", SCHOOLS, 2),
    "interviews.parents.increased_knowledge.n_schools": ("PAR.04", "", SCHOOLS, 2),
}

# published id -> (question, option, published value)
FACILITATORS = {
    "facilitator.q1.yes.n": ("q1", "yes", 4),
    "facilitator.q1.already_good.n": ("q1", "already_good", 2),
    "facilitator.q3.yes.n": ("q3", "yes", 6),
    "facilitator.q4.yes.n": ("q4", "yes", 6),
    "facilitator.q5.shared.n": ("q5", "shared_with_schools", 6),
    "facilitator.q5.identified_specific.n": ("q5", "identified_specific", 4),
    "facilitator.q5.unsure_followed_up.n": ("q5", "unsure_followed_up", 2),
    "facilitator.q5.resilient_classroom.n": ("q5", "resilient_classroom", 4),
    "facilitator.q5.resilience_framework.n": ("q5", "resilience_framework", 2),
    "facilitator.q5.audit_proforma.n": ("q5", "audit_proforma", 2),
    "facilitator.q5.plan_do_review.n": ("q5", "plan_do_review", 1),
    "facilitator.q7.carry_on.n": ("q7", "carry_on", 6),
    "facilitator.q7.resilience_ideas.n": ("q7", "resilience_ideas", 4),
    "facilitator.q8.sustainable.n": ("q8", "sustainable", 6),
    "facilitator.q9.built_on_links.n": ("q9", "built_on_links", 6),
    "facilitator.q9.improved_relationships.n": ("q9", "improved_relationships", 4),
    "facilitator.q10.positive.n": ("q10", "positive", 6),
    "facilitator.q10.diverse_application.n": ("q10", "diverse_application", 2),
    "facilitator.q10.limited_capacity.n": ("q10", "limited_capacity", 3),
    "facilitator.q10.hard_to_prioritise.n": ("q10", "hard_to_prioritise", 2),
}

# published id -> (question, beginning of the option, published number of different options)
FACILITATOR_LISTS = {
    "facilitator.q2.principles.n": ("q2", "prn_", 9),
    "facilitator.q6.strengths.n": ("q6", "strength_", 6),
    "facilitator.q6.challenges.n": ("q6", "challenge_", 6),
    "facilitator.q8.sustainability_enablers.n": ("q8", "enabler_", 6),
    "facilitator.q8.considerations.n": ("q8", "consider_", 4),
}


@pytest.fixture(scope="module", params=[2018, 7])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tables written with a seed; the published counts must not depend on it."""
    made = tmp_path_factory.mktemp(f"seed{request.param}")
    qualitative.write(made, request.param)
    return made


@pytest.fixture(scope="module")
def segments(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "interview_segments.csv")


def counted(segments: pd.DataFrame, code: str, detail: str, what: str) -> int:
    """Different schools, or people, on a code; never mentions."""
    found = segments[segments["code"] == code]
    if detail:
        found = found[found["memo"] == f"synthetic; detail: {detail}"]
    if what == SCHOOLS:
        return int(found["school"].nunique())
    if what == PEOPLE:
        return int(found["source_id"].nunique())
    # The published minimum is "at least one": shown by every school that is counted.
    fewest = int(found.groupby("school")["source_id"].nunique().min())
    return min(fewest, 1)


@pytest.mark.parametrize("published", INTERVIEWS)
def test_interview_counts_are_the_published_ones(segments: pd.DataFrame, published: str) -> None:
    code, detail, what, value = INTERVIEWS[published]
    assert counted(segments[segments["coder"] == "C1"], code, detail, what) == value
    # Whose coding is counted makes no difference.
    assert counted(segments, code, detail, what) == value


def test_sample_and_statements_without_a_count(segments: pd.DataFrame) -> None:
    people = segments.groupby(["school", "role"])["source_id"].nunique()
    assert len(people) == 15 and (people == 1).all()  # sample.staff_interviews.n
    assert counted(segments, "ENB.01", "", PEOPLE) > 7.5  # "the majority"
    secondary = segments.loc[segments["code"] == "CON.05", "school"].unique()
    assert set(secondary) == {"S14", "S17"}  # both secondary schools
    # Leaders: two schools without help, two helped to justify, one won back; each school once.
    how = segments[segments["code"] == "ENB.19"].groupby("school")["memo"].unique()
    assert sorted(len(each) for each in how) == [1] * 5
    texts = segments[segments["coder"] == "C1"].groupby("code")["text"].agg(set)
    assert texts["POL.03"] == texts["SWB.02"]  # one event under two codes


def test_offsets_fit_the_words(segments: pd.DataFrame) -> None:
    assert (segments["end"] - segments["start"] == segments["text"].str.len()).all()
    ours = segments[(segments["coder"] == "C1") & (segments["code"] != "POL.03")]
    for _, interview in ours.groupby(["source_id", "wave"]):
        assert (interview["start"].to_numpy()[1:] > interview["end"].to_numpy()[:-1]).all()
    assert 560 <= (ours["role"] != "facilitator").sum() <= 640
    assert ours["text"].nunique() > 0.98 * len(ours)


def test_second_coder_mostly_agrees(segments: pd.DataFrame) -> None:
    second = segments[segments["coder"] == "C2"]
    assert second["source_id"].nunique() == 5
    first = segments[(segments["coder"] == "C1") & segments["source_id"].isin(second["source_id"])]
    pairs = second.merge(first, on=["source_id", "code"], suffixes=("", "_first"))
    overlap = (pairs["start"] < pairs["end_first"]) & (pairs["start_first"] < pairs["end"])
    agreed = pairs[overlap].drop_duplicates(["source_id", "code", "start"])
    assert 0.75 < len(agreed) / len(second) < 0.97
    moved = (agreed["start"] != agreed["start_first"]) | (agreed["end"] != agreed["end_first"])
    assert moved.any() and not moved.all()


def test_quotations_are_whole_passages_of_people_who_consent(
    folder: Path, segments: pd.DataFrame
) -> None:
    quotations = pd.read_csv(folder / "quotations.csv")
    keys = ["source_id", "code", "start", "end", "text"]
    found = quotations.merge(segments[segments["coder"] == "C1"], on=keys, how="left")
    assert (found["consent_to_quote"] == "yes").all()
    assert len(found) == len(quotations)
    assert quotations["text"].is_unique and quotations["quotation_id"].is_unique
    assert set(quotations["attribution"]) == {"role", "school"}


@pytest.mark.parametrize("published", FACILITATORS)
def test_facilitator_counts_are_the_published_ones(folder: Path, published: str) -> None:
    answers = pd.read_csv(folder / "facilitator_survey.csv")
    assert len(answers) == 6
    question, option, value = FACILITATORS[published]
    assert answers[question].str.split(";").map(lambda chosen: option in chosen).sum() == value


@pytest.mark.parametrize("published", FACILITATOR_LISTS)
def test_facilitator_lists_have_the_published_length(folder: Path, published: str) -> None:
    answers = pd.read_csv(folder / "facilitator_survey.csv")
    question, beginning, value = FACILITATOR_LISTS[published]
    chosen = answers[question].str.split(";").explode()
    assert chosen[chosen.str.startswith(beginning)].nunique() == value


def test_facilitators_choose_only_what_the_questions_offer(folder: Path) -> None:
    answers = pd.read_csv(folder / "facilitator_survey.csv")
    questions = yaml.safe_load((RAW / "facilitator_questions.yaml").read_text("utf-8"))["questions"]
    assert [each["id"] for each in questions] == [f"q{n}" for n in range(1, 11)]
    for question in questions:
        offered = {option["id"] for option in question["options"]}
        assert set(answers[question["id"]].str.split(";").explode()) <= offered
        if question["type"] == "single":
            assert not answers[question["id"]].str.contains(";").any()


def test_action_plans(folder: Path) -> None:
    plans = pd.read_csv(folder / "action_plans.csv")
    assert plans["plan_id"].nunique() == plans["school"].nunique() == 18  # action_plans.reviewed.n
    assert plans["aim_code"].nunique() == 21  # action_plans.common_aims.n
    first, second = (plans[plans["review"] == number] for number in (1, 2))
    assert second["school"].nunique() == 2  # action_plans.reaudited.n
    assert first.groupby("school").size().between(4, 6).all()
    states = ["dropped", "planned", "started", "in_place", "embedded"]
    both = first.merge(second, on=["school", "aim_code"], suffixes=("", "_later"))
    assert len(both) == len(second)
    step = both["state_later"].map(states.index) - both["state"].map(states.index)
    assert (step >= 0).all()
    assert (step.groupby(both["school"]).max() > 0).all()  # both show momentum
    assert (both["review_date"] < both["review_date_later"]).all()


def test_outcomes_are_possible(folder: Path) -> None:
    outcomes = pd.read_csv(folder / "outcomes.csv")
    measures = yaml.safe_load((RAW / "outcome_measures.yaml").read_text("utf-8"))["measures"]
    assert set(outcomes["measure"]) == {measure["id"] for measure in measures}
    assert (outcomes.groupby(["measure", "term"])["school"].nunique() == 20).all()
    # Six terms before any school began, and six from then on.
    starts = outcomes.groupby("term")["term_start"].min()
    joined = pd.read_csv(RAW / "schools.csv")["joined"]
    assert (starts < joined.min()).sum() == 7 and len(starts) == 12
    assert (outcomes.groupby("term")["term_end"].min() < joined.min()).sum() == 6
    assert outcomes["numerator"].between(0, outcomes["denominator"]).all()
    outcomes = outcomes[outcomes["group"].isna()]
    share = outcomes["numerator"] / outcomes["denominator"]
    assert share[outcomes["measure"] == "attendance"].between(0.86, 0.99).all()


def test_every_code_is_in_the_codebook(folder: Path, segments: pd.DataFrame) -> None:
    themes = yaml.safe_load((RAW / "codebook.yaml").read_text("utf-8"))["themes"]
    codes = {code["id"] for theme in themes for code in theme["codes"]}
    main = [theme for theme in themes if not theme.get("auxiliary")]
    assert (len(main), sum(len(theme["codes"]) for theme in main)) == (15, 197)
    groups = pd.read_csv(folder / "focus_groups.csv")
    plans = pd.read_csv(folder / "action_plans.csv")
    assert set(segments["code"]) | set(groups["code"]) | set(plans["aim_code"]) <= codes
    # Every code said to come from interviews is heard in at least one.
    heard = {
        code["id"] for theme in main for code in theme["codes"] if "interviews" in code["sources"]
    }
    assert heard == set(segments["code"])


def test_every_row_says_that_it_is_invented(folder: Path) -> None:
    for path in folder.glob("*.csv"):
        assert pd.read_csv(path)["memo"].str.startswith("synthetic").all(), path.name


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    names = qualitative.write(first, 11)
    assert names == qualitative.write(second, 11)
    for name in names:
        content = (first / name).read_bytes()
        assert content == (second / name).read_bytes()
        assert b"\r" not in content


def test_a_line_of_the_corpus_that_cannot_be_read_is_refused() -> None:
    assert qualitative.parse("Ts@I11#process :: Words.") == qualitative.Utterance(
        "Words.", "T", "s", "I11", "process"
    )
    with pytest.raises(ValueError, match="not an utterance"):
        qualitative.parse("Q :: Words.")


def test_value_creation_names_only_codes_and_quotations_that_exist(folder: Path) -> None:
    framework = yaml.safe_load((RAW / "value_creation.yaml").read_text("utf-8"))
    themes = yaml.safe_load((RAW / "codebook.yaml").read_text("utf-8"))["themes"]
    codes = {code["id"] for theme in themes for code in theme["codes"]}
    quotations = set(pd.read_csv(folder / "quotations.csv")["quotation_id"])
    cycles = framework["cycles"]
    assert len(cycles) == 7  # vcf.cycles.n
    lists = {"aspirations": 6, "conditions": 12, "risks": 8}
    entries = [*cycles, *(entry for name in lists for entry in framework[name])]
    assert {name: len(framework[name]) for name in lists} == lists
    assert {code for entry in entries for code in entry["codes"]} <= codes
    assert {each for cycle in cycles for each in cycle["quotations"]} <= quotations
    for cycle in cycles:
        text = (RAW / "texts" / "value" / f"{cycle['id']}.md").read_text("utf-8")
        assert {"## Case example", "## What is missing"} <= set(text.splitlines()), cycle["id"]
        assert {indicator["expected"] for indicator in cycle["indicators"]} <= {
            "increase",
            "decrease",
            "present",
        }
    names = {cycle["id"] for cycle in cycles}
    for story in framework["stories"]:
        for step in story["steps"]:
            assert step["cycle"] in names
            assert all(len(each.split(".")) == 7 or each in quotations for each in step["evidence"])
