"""The proposal that `drp map` writes: right where it is sure, silent about nothing."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
import yaml
from typer.testing import CliRunner

from analysis import cli, instruments, prepare
from analysis.errors import AnalystError
from analysis.prepare.mapping_proposal import Proposal, propose
from analysis.sources import definitions
from analysis.sources.definitions import Definition
from analysis.sources.mapping import Mapping
from analysis.study import Study
from tests.unit.test_sources_formats import EXPORTS, INSTRUMENTS, ITEMS, KINDS, make_study

#: Exports whose headings say nothing of the questions.
CODES_ONLY = {"limesurvey_codes.csv", "redcap.csv", "qualtrics_values.csv"}
WITH_WORDS = sorted(set(KINDS) - CODES_ONLY)
DESCRIBED: dict[str, Callable[[], Definition]] = {
    "limesurvey_codes.csv": lambda: definitions.read_lss(EXPORTS / "limesurvey.lss"),
    "redcap.csv": lambda: definitions.read_dictionary(EXPORTS / "redcap_dictionary.csv"),
    "qualtrics_values.csv": lambda: definitions.read_qsf(EXPORTS / "qualtrics_values.qsf"),
}
PLACEHOLDER = re.compile(r'"[^"]*\?"')


def taken_in(text: str) -> str:
    """The file with every line that is commented out taken in, as its head says."""
    return re.sub(r"^(\s*)# ", r"\1", text, flags=re.MULTILINE)


def of(study: Study, definition: Definition | None = None) -> Proposal:
    return propose(study, study.path(study.surveys[0].exports[0].file), definition=definition)


def written(tmp_path: Path, text: str) -> Proposal:
    """The proposal for a CSV of KIDSCREEN-10."""
    study = make_study(tmp_path / "study", "plain.csv")
    path = tmp_path / "other.csv"
    path.write_text(text, encoding="utf-8")
    return propose(study, path)


# --- every tool ------------------------------------------------------------------------------


@pytest.mark.parametrize("export", KINDS)
def test_proposes_the_mapping_of_every_format(export: str, tmp_path: Path) -> None:
    study = make_study(tmp_path / "study", export)
    right = yaml.safe_load((EXPORTS / f"{export}.yaml").read_text(encoding="utf-8"))
    proposal = of(study, DESCRIBED[export]() if export in DESCRIBED else None)
    found = Mapping.model_validate(yaml.safe_load(proposal.text))
    assert found.items == right["items"]
    assert found.answers == right["answers"] or export == "jisc.sav"
    for attribute in ("respondent", "school", "consent", "sex"):
        assert found.columns[attribute] == right["columns"][attribute], attribute
    assert "erika@example.org" not in proposal.text


@pytest.mark.parametrize("export", sorted(CODES_ONLY))
def test_without_words_no_column_is_guessed(export: str, tmp_path: Path) -> None:
    proposal = of(make_study(tmp_path / "study", export))
    assert yaml.safe_load(proposal.text)["items"] == {}
    if export != "qualtrics_values.csv":  # whose second row has the questions, cut short
        assert "--qsf, --lss, --dictionary" in proposal.text


@pytest.mark.parametrize("export", KINDS)
def test_a_proposal_stays_valid_whatever_is_taken_in(export: str, tmp_path: Path) -> None:
    proposal = of(make_study(tmp_path / "study", export))
    assert isinstance(yaml.safe_load(proposal.text)["values"], dict)
    decided = taken_in(proposal.text).replace("yes or no?", "yes")
    decided = decided.replace("response, preview or test?", "response")
    columns = itertools.count()
    whole = yaml.safe_load(re.sub(r"which column\?", lambda _: f"C{next(columns)}", decided))
    assert len(whole["items"]) == 10
    Mapping.model_validate(whole)
    lines = proposal.text.splitlines()
    for number, line in enumerate(lines):  # and each line by itself, where it is one
        if re.match(r"\s*# [A-Za-z0-9_\"]+: [^{]", line) and not line.startswith("  #   "):
            yaml.safe_load("\n".join([*lines[:number], taken_in(line), *lines[number + 1 :]]))


@pytest.mark.parametrize("export", KINDS)
def test_a_proposal_can_be_kept_once_it_was_filled_in(export: str, tmp_path: Path) -> None:
    """As docs/data.md has it: propose, read, decide what is asked, prepare."""
    study = make_study(tmp_path / "study", export)
    path = tmp_path / "study" / "mapping.yaml"
    right = yaml.safe_load(path.read_text(encoding="utf-8"))
    proposal = of(study, DESCRIBED[export]() if export in DESCRIBED else None)
    with pytest.raises(AnalystError, match="exists already"):
        proposal.write(path)
    path.unlink()
    content = yaml.safe_load(taken_in(proposal.text))
    # What the analyst decides: what the study calls a value, and what is asked.
    for attribute, values in content["values"].items():
        for text, meaning in values.items():
            known = {str(key): value for key, value in right["values"].get(attribute, {}).items()}
            if meaning.endswith("?"):
                values[text] = known.get(text, "response" if attribute == "status" else "yes")
    content["values"]["sex"] = right["values"]["sex"]
    content.pop("missing", None)
    content |= {key: right[key] for key in ("missing",) if key in right}
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    prepared = prepare.prepare(study, tmp_path / ".drp")
    assert len(prepared.surveys["pupils"]) == 50
    assert set(prepared.surveys["pupils"]["sex"]) == {"female", "male", "prefer_not_to_say"}


# --- consent, status, finished ---------------------------------------------------------------

REFUSALS = ["I decline to participate", "I do not agree", "I don't agree", "Disagree", "Nein",
            "2", "No thank you", "Withdraw me"]  # fmt: skip


@pytest.mark.parametrize("refusal", REFUSALS)
def test_no_answer_to_consent_has_a_meaning_of_its_own(tmp_path: Path, refusal: str) -> None:
    rows = "".join(f"{refusal},C{n}Z,S01,1\n" for n in range(2))
    rows += "".join(f"1,D{n}Z,S01,2\n" for n in range(4))
    proposal = written(tmp_path, f"consent,code,school,KS01\n{rows}")
    content = yaml.safe_load(proposal.text)
    assert content["columns"]["consent"] == "consent"
    assert "consent" not in content["values"]
    # Every wording is listed with its count, and asked.
    asked = yaml.safe_load(taken_in(proposal.text))["values"]["consent"]
    assert asked == {refusal: "yes or no?", "1": "yes or no?"}
    assert f'"{refusal}": "yes or no?",  # 2 rows' in proposal.text
    assert '"1": "yes or no?",  # 4 rows' in proposal.text


def test_a_status_of_qualtrics_is_shown_for_what_it_is_and_not_decided(tmp_path: Path) -> None:
    study = make_study(tmp_path / "study", "qualtrics_values.csv")
    path = tmp_path / "study" / "export.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[3:6] = [line.replace(",0,100,1,", ",1,100,1,", 1) for line in lines[3:6]]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    proposal = of(study)
    assert not {"status", "finished", "consent"} & yaml.safe_load(proposal.text)["values"].keys()
    assert '"1": preview,  # 3 rows; so Qualtrics writes a preview' in proposal.text
    assert '"0": response,  # 47 rows; so Qualtrics writes a response' in proposal.text
    asked = yaml.safe_load(taken_in(proposal.text))["values"]
    assert asked["finished"] == {"1": "yes or no?"}


def test_labels_of_consent_are_shown_beside_codes(tmp_path: Path) -> None:
    proposal = of(make_study(tmp_path / "study", "spss.sav"))
    assert "labelled 'Yes, I agree'" in proposal.text
    assert "consent" not in yaml.safe_load(proposal.text)["values"]


def test_a_date_of_submission_needs_no_decision(tmp_path: Path) -> None:
    proposal = of(make_study(tmp_path / "study", "limesurvey_labels.csv"))
    assert "finished: a date is a yes, none a no" in proposal.text


def test_questions_on_two_consents_are_both_named(tmp_path: Path) -> None:
    proposal = written(
        tmp_path,
        "Do you agree to take part?,Do you consent to photos?,code,school,KS01\n"
        + "Yes,No,AB1,S01,1\n" * 3,
    )
    match = next(match for match in proposal.matches if match.name == "consent")
    assert [name for name, _ in match.others] == ["Do you consent to photos?"]


# --- never a sure line for a guess -----------------------------------------------------------


def test_what_is_unsure_is_commented_out(tmp_path: Path) -> None:
    proposal = written(
        tmp_path, "code,school,KS01,How full of energy,Sadness,Shoe size\nA1,S01,1,2,3,40\n"
    )
    found = yaml.safe_load(proposal.text)
    assert found["items"] == {"KS01": "KS01"}
    assert '# KS02: "How full of energy"' in proposal.text
    assert "the words are alike, not the same" in proposal.text
    assert re.search(
        r'# KS10: "which column\?"  # no column for .Able to pay attention', proposal.text
    )
    assert "Shoe size" not in str(found)


@pytest.mark.parametrize(
    ("heading", "answers", "why"),
    [
        ("Not lonely", "1 2 3", "alike, not the same"),  # the opposite, in nearly the same words
        ("Lonely?", "2018-03-04 2018-03-05 2018-03-06", "no answers of this scale"),
        ("KS04", "long texts that people wrote", "no answers of this scale"),
    ],
)
def test_a_column_like_an_item_is_not_yet_the_item(
    tmp_path: Path, heading: str, answers: str, why: str
) -> None:
    rows = "".join(f"A{n},S01,{answer}\n" for n, answer in enumerate(answers.split()))
    proposal = written(tmp_path, f"code,school,{heading}\n{rows}")
    assert "KS04" not in yaml.safe_load(proposal.text)["items"]
    match = next(match for match in proposal.matches if match.name == "KS04")
    assert not match.sure
    assert why in match.why


def test_an_item_that_two_columns_ask_is_left_to_the_analyst(tmp_path: Path) -> None:
    proposal = written(tmp_path, "code,school,First - Lonely,Second - Lonely\nA1,S01,1,2\n")
    assert yaml.safe_load(proposal.text)["items"] == {}
    match = next(match for match in proposal.matches if match.name == "KS04")
    assert match.why == "another column asks the same"
    assert '"First - Lonely"' in proposal.text
    assert 'or "Second - Lonely" (1.00)' in proposal.text


def test_an_items_code_that_heads_another_question(tmp_path: Path) -> None:
    study = make_study(tmp_path / "study", "qualtrics.csv")
    path = tmp_path / "study" / "export.csv"
    text = path.read_text(encoding="utf-8").replace("Q5_4,", "KS04,", 1).replace("Q5_10", "Q5_4", 1)
    text = text.replace("How often? - Lonely", "How often? - Bored by lessons", 1)
    path.write_text(text, encoding="utf-8")
    proposal = of(study)
    assert "KS04" not in yaml.safe_load(proposal.text)["items"]
    assert "its question has other words" in proposal.text


ESSAYS = "".join(
    f'S01,"Our code of conduct is clear to everybody, and number {n} says so at length",2\n'
    for n in range(9)
)


@pytest.mark.parametrize(
    ("heading", "rows", "why"),
    [
        ("Describe your school's code of conduct", ESSAYS, "longer texts than codes"),
        ("Dress code", "".join(f"S01,D{n},2\n" for n in range(9)), "do not ask for one"),
        ("Your code", "S01,yes,2\n" * 9, "no codes of persons"),
        ("Response code", "".join(f"S01,{n},2\n" for n in range(1, 10)), "numbers the rows"),
        ("Your code", "S01,,2\n" * 9, "holds nothing"),
    ],
)
def test_what_only_speaks_of_a_code_is_no_respondent(
    tmp_path: Path, heading: str, rows: str, why: str
) -> None:
    proposal = written(tmp_path, f"school,{heading},KS01\n{rows}")
    assert "respondent" not in yaml.safe_load(proposal.text)["columns"]
    assert f'# respondent: "{heading}"' in proposal.text
    assert why in proposal.text


def test_a_question_for_a_code_wins_over_one_that_speaks_of_codes(tmp_path: Path) -> None:
    rows = "".join(f"S01,D{n},AB{n},2\n" for n in range(9))
    proposal = written(tmp_path, f"school,Dress code,Please write your secret code,KS01\n{rows}")
    columns = yaml.safe_load(proposal.text)["columns"]
    assert columns["respondent"] == "Please write your secret code"


@pytest.mark.parametrize(
    ("heading", "cell", "attribute"),
    [
        ("date", "early in the week", "submitted"),
        ("duration", "quite long", "duration"),
        ("What do you like about your school?", "x" * 200, "school"),
        ("Do you agree with the rules?", "Very", "consent"),
    ],
)
def test_an_attribute_must_hold_what_its_words_promise(
    tmp_path: Path, heading: str, cell: str, attribute: str
) -> None:
    proposal = written(tmp_path, f"code,{heading},KS01\n" + f"A1,{cell},1\n" * 4)
    assert attribute not in yaml.safe_load(proposal.text)["columns"]


def test_answer_codes_of_limesurvey_are_not_decided(tmp_path: Path) -> None:
    study = make_study(tmp_path / "study", "limesurvey_codes.csv")
    path = tmp_path / "study" / "export.csv"
    text = path.read_text(encoding="utf-8-sig")
    for number, item in enumerate(prepare.load_instruments(study)["kidscreen10"].items, 1):
        text = text.replace(f"KS[SQ{number:03d}]", f"KS[SQ{number:03d}] {item.label}", 1)
        text = text.replace(f"KS[SQ{number:03d}] {item.label}", f"KS [{item.label}]", 1)
    path.write_text(text, encoding="utf-8")
    proposal = of(study)
    content = yaml.safe_load(proposal.text)
    assert len(content["items"]) == 10
    assert "wordings" not in content
    assert yaml.safe_load(taken_in(proposal.text))["wordings"]["intensity"]["A1"] == 1


def test_a_shift_and_codes_for_missing_are_pointed_out_but_not_decided(tmp_path: Path) -> None:
    proposal = of(make_study(tmp_path / "study", "plain_0_to_4.csv"))
    assert "# shift: 1" in proposal.text
    assert "# missing: {-9: not_answered" in proposal.text
    content = yaml.safe_load(proposal.text)
    assert "shift" not in content
    assert "missing" not in content


def test_what_few_people_wrote_is_not_shown_but_counted(tmp_path: Path) -> None:
    rows = "".join(f"A{n},S01,Girl,1\n" for n in range(5)) + "B1,Elsewhere,my own words,2\n"
    proposal = written(tmp_path, f"code,school,sex,KS01\n{rows}")
    assert "my own words" not in proposal.text
    assert "Elsewhere" not in proposal.text
    assert "1 value of fewer than 3 rows each is not shown" in proposal.text
    assert "1 more, of fewer than 3 rows each, are not shown" in proposal.text


def test_matches_are_counted(tmp_path: Path) -> None:
    proposal = written(tmp_path, "code,school,KS01,How full of energy\nA1,S01,1,2\n")
    assert proposal.summary == (
        "3 columns matched, 1 unsure and commented out, no column found for 8 of the names wanted"
    )


def test_headings_as_programs_write_them_are_known(tmp_path: Path) -> None:
    rows = "".join(f"A{n},2027-06-27 12:2{n}:00,Yes,S01,Year 5,2\n" for n in range(5))
    proposal = written(tmp_path, f"code,completed,agrees,school,year_group,KS01\n{rows}")
    for line in ('submitted: "completed"', 'year_group: "year_group"', 'consent: "agrees"'):
        assert f"\n  {line}  # by heading" in proposal.text


# --- descriptions of surveys -----------------------------------------------------------------


def test_a_description_says_what_codes_stand_for(tmp_path: Path) -> None:
    for export, points in (("limesurvey_codes.csv", "A1"), ("qualtrics_values.csv", "10")):
        proposal = of(make_study(tmp_path / export, export), DESCRIBED[export]())
        content = yaml.safe_load(proposal.text)
        assert content["wordings"]["frequency"][points] == 1
        assert sorted(content["missing"].values()) == [
            "dont_know", "not_applicable", "prefer_not_to_say",
        ]  # fmt: skip
        assert content["values"]["school"]["A1" if points == "A1" else "1"] == "S01"
        assert "consent" not in content["values"]


def test_blocks_in_random_order_are_said() -> None:
    notes = DESCRIBED["qualtrics_values.csv"]().notes
    assert "random order: Your week" in notes[0]
    assert "not asked" in notes[1]
    assert notes[2].endswith("recoded in Qualtrics: Q1, Q5")
    assert DESCRIBED["limesurvey_codes.csv"]().notes == (
        "LimeSurvey shows these groups in random order: Your week",
    )


def test_a_description_is_read_without_markup_and_deleted_questions() -> None:
    found = DESCRIBED["qualtrics_values.csv"]()
    assert found.questions["Q1"] == "Do you agree to take part?"
    assert found.questions["Q5_1"] == "In the last week ... - Fit and well"
    assert found.choices["Q1"] == {"4": "Yes, I agree", "5": "No"}
    german = DESCRIBED["limesurvey_codes.csv"]()
    assert german.questions["KS[SQ003]"] == "In the last week - Sad"


def test_columns_that_a_dictionary_marks_as_identifiers_are_left_behind(tmp_path: Path) -> None:
    path = tmp_path / "dictionary.csv"
    text = (EXPORTS / "redcap_dictionary.csv").read_text(encoding="utf-8")
    lines = text.splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("own_code,"))
    cells = lines[at].split(",")
    cells[10] = "y"
    lines[at] = ",".join(cells)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    study = make_study(tmp_path / "study", "redcap.csv")
    proposal = of(study, definitions.read_dictionary(path))
    assert "own_code" in proposal.left_behind
    assert "respondent" not in yaml.safe_load(proposal.text)["columns"]


def test_checkboxes_and_yes_no_of_redcap(tmp_path: Path) -> None:
    path = tmp_path / "dictionary.csv"
    path.write_text(
        "Variable / Field Name,Form Name,Field Type,Field Label,"
        '"Choices, Calculations, OR Slider Labels"\n'
        'agree,f,yesno,Agree?,\ntools,f,checkbox,Which?,"1, Pens | -1, None, or so"\n'
    )
    found = definitions.read_dictionary(path)
    assert found.choices["agree"] == {"1": "Yes", "0": "No"}
    assert found.questions["tools____1"] == "Which? - None, or so"


def test_a_description_of_another_survey_is_refused(tmp_path: Path) -> None:
    study = make_study(tmp_path / "study", "plain.csv")
    with pytest.raises(AnalystError, match="None of the columns"):
        of(study, definitions.read_qsf(EXPORTS / "qualtrics_values.qsf"))


@pytest.mark.parametrize(
    ("read", "content", "message"),
    [
        (definitions.read_qsf, "a,b\n1,2\n", "not Qualtrics's description"),
        (definitions.read_qsf, '{"SurveyElements": 3}', "not laid out as Qualtrics's"),
        (definitions.read_qsf, '{"SurveyElements": [{"Element": "SQ", "Payload": {"Choices": [1]}}]}',
         "not laid out as Qualtrics's"),
        (definitions.read_lss, "<?xml version='1.0'?><document/>", "not LimeSurvey's description"),
        (definitions.read_lss, "<document><LimeSurveyDocType", "not LimeSurvey's description"),
        (definitions.read_lss, "<document><LimeSurveyDocType>Survey</LimeSurveyDocType><questions>"
         "<rows><row><title>Q</title></row></rows></questions></document>", "not laid out as"),
        (definitions.read_dictionary, "code,school\nAB1,S01\n", "not REDCap's data dictionary"),
    ],
)  # fmt: skip
def test_what_is_no_description_is_refused(
    tmp_path: Path, read: Callable[[Path], Definition], content: str, message: str
) -> None:
    path = tmp_path / "survey.qsf"
    path.write_text(content)
    with pytest.raises(AnalystError, match=message) as refused:
        read(path)
    assert refused.value.where
    assert refused.value.fix


def test_matrices_and_multiple_answers_of_qualtrics(tmp_path: Path) -> None:
    path = tmp_path / "s.qsf"
    asked = {
        "QuestionID": "QID1", "DataExportTag": "Q1", "QuestionText": "Which?",
        "QuestionType": "MC", "Selector": "MAVR", "Choices": [{"Display": "A"}, {"Display": "B"}],
        "RecodeValues": {"0": "7"}, "ChoiceDataExportTags": {"1": "Q1_b"},
    }  # fmt: skip
    path.write_text(json.dumps({"SurveyElements": [{"Element": "SQ", "Payload": asked}]}))
    found = definitions.read_qsf(path)
    assert found.questions["Q1_0"] == "Which? - A"
    assert found.choices["Q1_0"]["7"] == "A"
    assert found.questions["Q1_b"] == "Which? - B"


# --- the command -----------------------------------------------------------------------------


def command(*arguments: object) -> tuple[int, str]:
    found = CliRunner().invoke(cli.app, ["map", *map(str, arguments)])
    return found.exit_code, found.output


def test_the_command_says_how_many_matched_and_reads_a_sheet(tmp_path: Path) -> None:
    study = make_study(tmp_path / "study", "plain.xlsx")
    path = tmp_path / "two.xlsx"
    book = openpyxl.load_workbook(study.path("export.xlsx"))
    book.copy_worksheet(book["Sheet"]).title = "Other"
    book.save(path)
    code, said = command(path, "--study", study.folder)
    assert code == 1
    assert "2 sheets that could hold the responses" in said
    code, said = command(path, "--study", study.folder, "--sheet", "Other")
    assert code == 0
    assert said.startswith("14 columns matched (plain_xlsx); look through")
    assert "sheet 'Other' is read, as stated" in study.path("mappings/two.yaml").read_text()


def test_the_command_takes_a_description_and_refuses_two(tmp_path: Path) -> None:
    study = make_study(tmp_path / "study", "limesurvey_codes.csv")
    lss = EXPORTS / "limesurvey.lss"
    export = study.path("export.csv")
    code, said = command(export, "--study", study.folder, "--lss", lss)
    assert code == 0
    assert "18 columns matched (limesurvey_csv)" in said
    code, said = command(export, "--study", study.folder, "--lss", lss, "--qsf", lss)
    assert code == 1
    code, said = command(export, "--study", study.folder, "--format", "excel")
    assert code == 1
    assert "'excel' is not possible here" in said


def test_a_study_of_several_surveys_must_say_which(tmp_path: Path) -> None:
    study = make_study(tmp_path / "study", "plain.csv")
    with pytest.raises(AnalystError, match="'staff' is none of them"):
        propose(study, EXPORTS / "plain.csv", "staff")


@pytest.mark.parametrize(
    "heading", ["Have you not {0}", "Never {0}", "{0} at all", "{0}, or the reverse", "Un{0}"]
)
def test_nothing_is_sure_of_a_statement_that_is_only_like_an_item(
    heading: str, tmp_path: Path
) -> None:
    study = make_study(tmp_path / "study", "plain.csv")
    label = prepare.load_instruments(study)["kidscreen10"].items[0].label
    proposal = written(tmp_path / "b", f'code,school,"{heading.format(label)}"\nAB1,S01,2\n')
    assert "KS01" not in (yaml.safe_load(proposal.text)["items"] or {})
    assert f'"{heading.format(label)}"' in proposal.text


def test_of_two_columns_of_schools_the_one_that_holds_them_is_named(tmp_path: Path) -> None:
    rows = "".join(f"{100 + n},S01,AB{n},2\n" for n in range(9))
    for heads in ("school id,Which school do you go to?", "urn,School name"):
        proposal = written(tmp_path / heads[:3], f"{heads},code,KS01\n{rows}")
        columns = yaml.safe_load(proposal.text)["columns"]
        assert columns["school"] == heads.split(",")[1]
        assert f'or "{heads.split(",")[0]}"' in proposal.text


def test_labels_that_repeat_their_codes_are_answers_of_the_scale(tmp_path: Path) -> None:
    study = make_study(tmp_path / "study", "plain.csv")
    instrument = prepare.load_instruments(study)["kidscreen10"]
    item = instrument.items[0]
    labels = instrument.responses(item).labels
    rows = "".join(
        f"S01,AB{n},{point} - {label}\n" for n, (point, label) in enumerate(labels.items())
    )
    proposal = written(tmp_path / "b", f"school,code,{item.label}\n{rows}")
    assert yaml.safe_load(proposal.text)["items"][item.code] == item.label


def test_the_studys_groups_are_looked_for_and_their_values_are_its_own_words(
    tmp_path: Path,
) -> None:
    study = make_study(tmp_path / "study", "plain.csv")
    whose = study.surveys[0].population
    groups = [
        {"id": "house", "of": whose, "label": "House team", "values": [
            {"id": "red", "label": "Red team"}, {"id": "blue", "label": "Blue team"}]},
        {"id": "tenure", "of": whose, "label": "Time here"},
    ]  # fmt: skip
    study = Study.model_validate(
        study.model_dump(exclude={"groups", "folder"}) | {"groups": groups, "folder": study.folder}
    )
    path = tmp_path / "other.csv"
    rows = [f"Q{n:02d},{'blue' if n % 2 else 'Dark red'},why not" for n in range(30)]
    path.write_text("code,Which house team are you in?,Anything else?\n" + "\n".join(rows))
    text = propose(study, path).text
    found = yaml.safe_load(text)
    assert found["columns"]["house"] == "Which house team are you in?"
    assert found["values"]["house"] == {"blue": "blue"}
    assert '# "Dark red": "which of red, blue?"' in text
    assert '# tenure: "which column?"' in text
    assert 'used: "Anything else?"' in text


LIKERT = ["1", "2", "3", "4", "5"]


def headed(tmp_path: Path, headings: list[str]) -> Proposal:
    """The proposal for columns of answers under these headings, of a code and a school besides."""
    rows = "".join(f"A{n},S01,{','.join(LIKERT[n % 5] for _ in headings)}\n" for n in range(9))
    quoted = ",".join(f'"{heading}"' for heading in headings)
    return written(tmp_path, f"code,school,{quoted}\n{rows}")


@pytest.mark.parametrize(
    "heading",
    ["Last year: {0}", "Last year - {0}", "Last year [{0}]", "Two years ago: {0}",
     "Before the programme - {0}", "Looking back: {0}", "My colleagues: {0}", "Not: {0}",
     "Not true of me - {0}", "For others [{0}]"],
)  # fmt: skip
def test_what_stands_before_an_items_words_may_make_it_another_question(
    heading: str, tmp_path: Path
) -> None:
    study = make_study(tmp_path / "study", "plain.csv")
    label = prepare.load_instruments(study)["kidscreen10"].items[3].label
    proposal = headed(tmp_path / "b", [heading.format(label)])
    assert "KS04" not in (yaml.safe_load(proposal.text)["items"] or {})
    match = next(match for match in proposal.matches if match.name == "KS04")
    assert match.column == heading.format(label)
    assert "before its words" in match.why


@pytest.mark.parametrize("heading", ["Last year: {0}", "A year ago [{0}]", "Previously - {0}"])
def test_a_whole_block_on_another_time_is_no_sure_block(heading: str, tmp_path: Path) -> None:
    study = make_study(tmp_path / "study", "plain.csv")
    items = prepare.load_instruments(study)["kidscreen10"].items
    proposal = headed(tmp_path / "b", [heading.format(item.label) for item in items])
    assert not yaml.safe_load(proposal.text)["items"]
    assert all("another time" in match.why for match in proposal.matches if match.name in
               {item.code for item in items})  # fmt: skip


@pytest.mark.parametrize(
    "heading",
    ["How often? - {0}", "In the last week: {0}", "Thinking of school [{0}]", "Q7: {0}", "{0}"],
)
def test_the_question_of_a_grid_stands_before_each_of_its_items(
    heading: str, tmp_path: Path
) -> None:
    study = make_study(tmp_path / "study", "plain.csv")
    items = prepare.load_instruments(study)["kidscreen10"].items
    proposal = headed(tmp_path / "b", [heading.format(item.label) for item in items])
    assert set(yaml.safe_load(proposal.text)["items"]) == {item.code for item in items}


def test_the_groups_before_a_name_of_kobotoolbox_are_no_part_of_it(tmp_path: Path) -> None:
    heads = ["start", "code", "about/school", *(f"mind/{i}" for i in ITEMS), "about/phone", "_uuid",
             "_submission_time"]  # fmt: skip
    cells = ["2018-03-05T09:00:00.000+01:00", "{}", "S01", *("3" for _ in ITEMS), "0191", "u{}",
             "2018-03-05T09:10:00"]  # fmt: skip
    rows = [",".join(cells).format(f"AB1{n}", n) for n in range(4)]
    proposal = written(tmp_path, "\n".join([",".join(heads), *rows]) + "\n")
    found = yaml.safe_load(proposal.text)
    assert found["items"] == {item: f"mind/{item}" for item in ITEMS}
    assert found["columns"] == {
        "respondent": "code", "school": "about/school", "started": "start",
        "submitted": "_submission_time",
    }  # fmt: skip
    assert proposal.left_behind == ("about/phone",)


def test_the_codes_before_limesurveys_words_are_no_part_of_them(tmp_path: Path) -> None:
    labels = [item.label for item in instruments.load(INSTRUMENTS / "kidscreen10.yaml").items]
    heads = ["id. Response ID", "submitdate. Date submitted", "lastpage. Last page",
             "startlanguage. Start language", "datestamp. Date last action", "Q1. Your school",
             "Q2. Your own code", "email. Email address",
             *(f"Q3[SQ{n:03d}]. In the last week [{words}]" for n, words in enumerate(labels))]  # fmt: skip
    rows = [[str(n), "2018-03-05 09:10:00", "2", "en", "2018-03-05 09:10:00", "S01", f"AB1{n}", "x",
             *("3" for _ in labels)] for n in range(4)]  # fmt: skip
    text = "\n".join(";".join(f'"{cell}"' for cell in row) for row in [heads, *rows])
    proposal = written(tmp_path, text + "\n")
    found = yaml.safe_load(proposal.text)
    assert list(found["items"].values()) == heads[8:]
    assert found["columns"]["finished"] == heads[1]
    assert found["columns"]["submitted"] == heads[4]
    assert proposal.left_behind == (heads[7],)
