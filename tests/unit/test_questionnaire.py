"""The round trip: a questionnaire, answers as each tool exports them, the same prepared table."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
import yaml
from pypdf import PdfReader
from typer.testing import CliRunner

from analysis import asking, prepare, questionnaire, study
from analysis.cli import app
from analysis.errors import AnalystError
from analysis.questionnaire import Questionnaire
from analysis.sources import definitions
from tests import questionnaires as trip
from tests.conftest import ROOT

SHAPES = [trip.plain, trip.other]
Shape = Callable[[Path], Path]


def edited(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")


def prepared(folder: Path, file: Path, wave: str = "W1") -> prepare.Prepared:
    """The study prepared with one export, which names no mapping."""
    export = {"wave": wave, "file": file.name}
    edited(folder / "study.yaml", lambda c: c["surveys"][0].update(exports=[export]))
    return prepare.prepare(study.load(folder), folder.parent / ".drp")


def refused(folder: Path, file: Path, wave: str = "W1") -> str:
    with pytest.raises(AnalystError) as caught:
        prepared(folder, file, wave)
    return "\n".join(caught.value.lines())


def written(asked: Questionnaire, form: str, language: str = "") -> bytes:
    from analysis.publish.builtin.pdf import typeset

    return questionnaire.write(
        asked,
        form,
        language or asked.main,
        lambda source: typeset(source, ROOT / "_extensions/report/fonts"),
    )


@pytest.fixture(scope="module", params=SHAPES, ids=lambda shape: shape.__name__)
def shape(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = request.param(tmp_path_factory.mktemp("shape") / "study")
    return folder


@pytest.fixture(scope="module")
def tables(shape: Path) -> dict[str, pd.DataFrame]:
    """The prepared table of every tool's export of the same answers."""
    asked = trip.made(shape)
    found = {}
    for name, export in trip.EXPORTS.items():
        (frame,) = prepared(shape, export(asked, trip.people(asked), shape)).surveys.values()
        # Where a row stands in its file differs by tool, and by nothing else.
        found[name] = frame.drop(columns=["row", "source.file"]).sort_values("respondent")
    return found


@pytest.mark.parametrize("export", trip.EXPORTS)
def test_every_tool_gives_the_same_table(
    shape: Path, tables: dict[str, pd.DataFrame], export: str
) -> None:
    asked = trip.made(shape)
    found = tables[export].reset_index(drop=True)
    pd.testing.assert_frame_equal(found, tables["redcap"].reset_index(drop=True))
    agreed = [person for person in trip.people(asked) if person["consent"] == "yes"]
    attributes = [name for name in asked.attributes if name not in ("consent", "respondent")]

    def said(row: Any) -> tuple[object, ...]:
        items = (float(row[item]) if row[item] != "" else None for item in asked.items)
        return (*(row[name] for name in attributes), *items)

    rows = found.astype(object).where(found.notna(), "").to_dict("records")
    assert sorted(map(repr, map(said, rows))) == sorted(map(repr, map(said, agreed)))


def test_people_are_found_again_in_another_tool(tmp_path: Path) -> None:
    folder = trip.plain(tmp_path / "study")
    asked = trip.made(folder)
    filled = trip.people(asked)
    first = trip.redcap(asked, filled, folder)
    second = trip.kobo(asked, filled, folder)
    second.write_text(second.read_text(encoding="utf-8-sig").replace("2031-05", "2032-05"))
    exports = [{"wave": "W1", "file": first.name}, {"wave": "W2", "file": second.name}]
    edited(folder / "study.yaml", lambda c: c["surveys"][0].update(exports=exports))
    found = prepare.prepare(study.load(folder), tmp_path / ".drp").surveys["staff"]
    assert found["respondent"].nunique() == 23
    assert len(found) == 46


def test_unfinished_answers_and_previews_are_known(tmp_path: Path) -> None:
    folder = trip.plain(tmp_path / "study")
    asked = trip.made(folder)
    filled = trip.people(asked)
    path = trip.limesurvey_codes(asked, filled, folder)
    rows = list(csv.reader(path.open(encoding="utf-8-sig"), delimiter=";"))
    rows[1][1] = ""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows)
    assert prepared(folder, path).surveys["staff"]["flag.unfinished"].sum() == 1
    path = trip.redcap(asked, filled, folder)
    rows = list(csv.reader(path.open(encoding="utf-8-sig")))
    rows[1][2], rows[1][-1] = "[not completed]", "0"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    assert prepared(folder, path).surveys["staff"]["flag.unfinished"].sum() == 1
    aside = prepared(folder, trip.qualtrics(asked, filled, folder)).quality["aside"]
    assert sorted(aside["reason"]) == ["consent", "preview"]


# ---- what is refused ----------------------------------------------------------------------


def test_an_answer_that_is_not_offered_is_refused(tmp_path: Path) -> None:
    folder = trip.plain(tmp_path / "study")
    asked = trip.made(folder)
    path = trip.redcap(asked, trip.people(asked), folder)
    good = path.read_text(encoding="utf-8-sig")
    rows = list(csv.reader(io.StringIO(good)))
    place = rows[0].index(asked.items["CA_2"].code)
    rows[3][place] = "6"
    rows[5][rows[0].index(asked.attributes["consent"].code)] = "perhaps"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    message = refused(folder, path)
    assert f"'{asked.items['CA_2'].code}', row 4" in message and "'6'" in message
    assert "consent" in message and "row 6" in message
    path.write_text(good.replace(asked.items["CA_3"].code, "mine"))
    assert "CA_3" in refused(folder, path)


@pytest.mark.parametrize("what", ["wording", "labels", "values", "item"])
def test_an_export_of_an_older_version_is_refused(tmp_path: Path, what: str) -> None:
    folder = trip.plain(tmp_path / "study")
    asked = trip.made(folder)
    path = trip.microsoft_forms(asked, trip.people(asked), folder)
    prepared(folder, path)

    def change(content: dict[str, Any]) -> None:
        if what == "wording":
            content["items"][0]["wording"] = "Corridors are quiet."
        elif what == "labels":
            content["response_sets"]["default"]["labels"][3] = "Sometimes"
        elif what == "item":
            del content["items"][1]
        else:
            content["groups"][0]["values"].append({"id": "cook", "label": "Cooks"})

    edited(folder / ("study.yaml" if what == "values" else "instruments/calm.yaml"), change)
    message = refused(folder, path)
    assert asked.version in message and trip.made(folder).version in message


def test_a_new_school_leaves_the_version_as_it_is(tmp_path: Path) -> None:
    folder = trip.plain(tmp_path / "study")
    asked = trip.made(folder)
    path = trip.limesurvey_codes(asked, trip.people(asked), folder)
    with (folder / "schools.csv").open("a") as file:
        file.write("N-00,Damson School,20,20\n")
    assert len(prepared(folder, path).surveys["staff"]) == 23


def test_an_export_of_another_survey_is_named_as_that(tmp_path: Path) -> None:
    folder = trip.plain(tmp_path / "study")
    asked = trip.made(folder)
    path = trip.kobo(asked, trip.people(asked), folder)

    def second(content: dict[str, Any]) -> None:
        (first,) = content["surveys"]
        content["surveys"].insert(0, first | {"id": "guests", "label": "Guest survey"})
        content["surveys"][1]["exports"] = [{"wave": "W1", "file": path.name}]

    edited(folder / "study.yaml", second)
    message = refused(folder, path)
    assert "questionnaire of the Staff survey" in message and "Guest survey" in message


def test_labels_with_groups_before_them_are_read(tmp_path: Path) -> None:
    folder = trip.plain(tmp_path / "study")
    asked = trip.made(folder)
    path = trip.kobo(asked, trip.people(asked), folder)
    text = path.read_text(encoding="utf-8-sig")
    head, rest = text.split("\n", 1)
    for section in asked.sections:
        for question in section.questions:
            words = question.texts["en"].replace(".", "")
            head = head.replace(
                f"part{section.id}/{question.code}", f"{section.title['en']}/{words}"
            )
    edited(
        folder / "instruments/calm.yaml",
        lambda c: [i.update(wording=i["wording"].replace(".", "")) for i in c["items"]],
    )
    head = head.replace(asked.version, trip.made(folder).version)
    path.write_text(f"{head}\n{rest}", encoding="utf-8")
    assert len(prepared(folder, path).surveys["staff"]) == 23


def test_headings_in_words_without_a_version_are_refused(tmp_path: Path) -> None:
    folder = trip.plain(tmp_path / "study")
    asked = trip.made(folder)
    path = trip.redcap(asked, trip.people(asked), folder)
    text = path.read_text(encoding="utf-8-sig")
    for question in asked.questions:
        text = text.replace(question.code, f'"{asked.plain(question, "en")}"', 1)
    path.write_text(text, encoding="utf-8")
    assert "which version" in refused(folder, path)


def test_an_attribute_called_like_an_item_is_refused(tmp_path: Path) -> None:
    folder = trip.plain(tmp_path / "study")
    edited(folder / "study.yaml", lambda c: c["groups"][0].update(column="CA_1"))
    asked = trip.made(folder)
    assert "CA_1" in refused(folder, trip.redcap(asked, trip.people(asked), folder))


def test_no_two_questions_have_one_code(tmp_path: Path) -> None:
    folder = trip.plain(tmp_path / "study")

    def alike(content: dict[str, Any]) -> None:
        codes = ["CA_1", "CA1", "A" * 30 + "1", "A" * 30 + "2"]
        for item, code in zip(content["items"], codes, strict=True):
            item["code"] = code

    edited(folder / "instruments/calm.yaml", alike)
    asked = trip.made(folder)
    codes = [question.code for question in asked.questions]
    assert len(set(codes)) == len(codes) and all(len(code) <= 20 for code in codes)
    path = trip.limesurvey_codes(asked, trip.people(asked), folder)
    assert len(prepared(folder, path).surveys["staff"]) == 23


def test_a_file_that_is_not_ours_needs_a_mapping(tmp_path: Path) -> None:
    folder = trip.plain(tmp_path / "study")
    path = folder / "own.csv"
    path.write_text("code,school,q1\nA1,N-01,3\n")
    assert "mapping" in refused(folder, path)


def test_what_is_asked_for_is_refused_with_one_message(tmp_path: Path) -> None:
    folder = trip.plain(tmp_path / "study")
    shutil.copy(folder / "study.yaml", tmp_path / "kept.yaml")

    def command(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["questionnaire", *arguments, "--study", str(folder)])
        assert not isinstance(done.exception, AssertionError)
        return done.exit_code, done.output

    out = tmp_path / "staff.lss"
    good = ["--to", "limesurvey", "--output", str(out)]
    assert command("nobody", *good)[0] == 1
    assert command("staff", "--to", "paper", "--output", str(out))[0] == 1
    assert command("staff", "--to", "xlsform", "--output", str(out))[0] == 1
    assert command("staff", *good, "--language", "fr")[0] == 1
    assert command("staff", *good, "--wave", "W9")[0] == 1
    assert not out.exists()
    assert command("staff", *good)[0] == 0
    kept = out.read_bytes()
    code, said = command("staff", *good)
    assert code == 1 and "exists" in said and out.read_bytes() == kept
    out.unlink()

    edited(folder / "instruments/calm.yaml", lambda c: c["items"][2].pop("wording"))
    code, said = command("staff", *good)
    assert code == 1 and "CA_3" in said and "calm.yaml" in said
    (folder / "schools.csv").write_text("id,name,asked_1,asked_2\n")
    assert command("staff", *good)[0] == 1
    edited(folder / "study.yaml", lambda c: c["surveys"][0].update(instruments=[]))
    assert command("staff", *good)[0] == 1
    assert not out.exists()


def test_a_short_label_is_refused_with_the_line_to_write_and_wording_mends_it(
    tmp_path: Path,
) -> None:
    """The demonstration's instruments have labels only, as their owners' wording is not ours."""
    folder = tmp_path / "elsewhere"
    shutil.copytree(ROOT / "data/raw", folder)
    mine = study.load(folder)
    with pytest.raises(AnalystError) as caught:
        asking.questionnaire(mine, "pupils", "xlsform")
    instruments = mine.surveys[1].instruments
    path = folder / f"instruments/{instruments[0]}.yaml"
    assert caught.value.where.startswith(str(path))
    # The line that it shows is the file's own first item, with wording.
    shown = yaml.safe_load(caught.value.fix.partition(": ")[2].partition("}")[0] + "}")
    first = yaml.safe_load(path.read_text(encoding="utf-8"))["items"][0]
    assert shown[0].pop("wording") and shown == [
        {k: first[k] for k in ("code", "subscale", "label") if k in first}
    ]

    def worded(content: dict[str, Any]) -> None:
        for item in content["items"]:
            item["wording"] = f"In the last week, {item['label'].lower()}?"

    for name in instruments:
        edited(folder / f"instruments/{name}.yaml", worded)
    # Then it asks, one by one, for the answers to what groups are made of.
    own: dict[str, Any] = {"schema_version": 1, "choices": {}}
    path = folder / "questionnaires/pupils.yaml"
    path.parent.mkdir()
    for _ in mine.groups:
        try:
            asking.questionnaire(study.load(folder), "pupils", "xlsform")
        except AnalystError as error:
            assert error.where == str(path)
            line = error.fix.split("such as ")[1].partition("}}")[0] + "}}"
            own["choices"] |= yaml.safe_load(line)["choices"]
            path.write_text(yaml.safe_dump(own), encoding="utf-8")
    written, made = asking.questionnaire(study.load(folder), "pupils", "xlsform")
    assert written and [each.id for each in made.instruments] == list(instruments)


def test_a_group_without_values_asks_for_them(tmp_path: Path) -> None:
    folder = trip.plain(tmp_path / "study")
    edited(folder / "study.yaml", lambda c: c["groups"].append({"id": "years", "of": "staff"}))
    with pytest.raises(AnalystError, match="years"):
        trip.made(folder)


def test_a_question_for_a_name_is_refused_before_it_is_asked(tmp_path: Path) -> None:
    folder = trip.plain(tmp_path / "study")
    edited(
        folder / "instruments/calm.yaml",
        lambda c: c["items"][0].update(wording="What is your full name?"),
    )
    with pytest.raises(AnalystError, match="full name"):
        trip.made(folder)


def test_answers_that_look_alike_are_refused(tmp_path: Path) -> None:
    folder = trip.plain(tmp_path / "study")

    def shifted(content: dict[str, Any]) -> None:
        content["response_sets"]["default"]["labels"] = {n: str(n - 1) for n in range(1, 6)}

    edited(folder / "instruments/calm.yaml", shifted)
    with pytest.raises(AnalystError, match="told apart"):
        trip.made(folder)


# ---- what is asked ------------------------------------------------------------------------


def test_a_language_is_left_out_where_an_instrument_lacks_it(tmp_path: Path) -> None:
    folder = trip.other(tmp_path / "study")
    assert trip.made(folder).languages == ("en", "de")
    edited(folder / "instruments/door.yaml", lambda c: c["items"][0]["wording"].pop("de"))
    asked = trip.made(folder)
    assert asked.languages == ("en",)
    assert "DO_1" in asked.notes[0] and "door.yaml" in asked.notes[0]


def test_permission_is_said_on_the_first_page(tmp_path: Path) -> None:
    folder = trip.plain(tmp_path / "study")
    assert "Permission is needed" in trip.made(folder).notices[0]["en"]
    edited(folder / "instruments/calm.yaml", lambda c: c.update(permission="free"))
    assert "Permission is needed" not in trip.made(folder).notices[0]["en"]
    assert "Ask us." in trip.made(folder).notices[0]["en"]


def test_the_code_is_asked_for_as_linking_needs_it(tmp_path: Path) -> None:
    folder = trip.plain(tmp_path / "study")
    assert trip.made(folder).attributes["respondent"].required
    same = trip.made(folder).attributes["respondent"].help["en"]
    rules = {"linking": "exact", "unidentified": "keep"}
    edited(folder / "study.yaml", lambda c: c["surveys"][0].update(rules=rules))
    exact = trip.made(folder).attributes["respondent"]
    assert not exact.required and exact.help["en"] != same


def test_a_further_wave_leaves_the_version_as_it_is(tmp_path: Path) -> None:
    folder = trip.other(tmp_path / "study")
    before = trip.made(folder).version
    wave = {"id": "W2", "label": "Later", "start": "2032-05-01", "end": "2032-05-31"}
    edited(folder / "study.yaml", lambda c: c["waves"].append(wave))
    assert trip.made(folder).version == before


def test_change_is_asked_after_the_first_wave_only(tmp_path: Path) -> None:
    folder = trip.plain(tmp_path / "study")
    edited(folder / "study.yaml", lambda c: c["surveys"][0].update(perceived_change=["calmer_now"]))
    words = {"schema_version": 1, "questions": {"calmer_now": "Has it become calmer?"}}
    (folder / "questionnaires").mkdir()
    (folder / "questionnaires/staff.yaml").write_text(yaml.safe_dump(words))
    loaded = study.load(folder)
    _, first = asking.questionnaire(loaded, "staff", "qualtrics", wave="W1")
    _, last = asking.questionnaire(loaded, "staff", "qualtrics")
    assert "calmer_now" not in first.attributes
    said = [choice.value for choice in last.attributes["calmer_now"].choices]
    assert said == ["yes", "no", "dont_know"]
    filled = trip.people(last)
    first_file = trip.redcap(first, filled, folder)
    second_file = trip.kobo(last, filled, folder)
    second_file.write_text(
        second_file.read_text(encoding="utf-8-sig").replace("2031-05", "2032-05")
    )
    exports = [{"wave": "W1", "file": first_file.name}, {"wave": "W2", "file": second_file.name}]
    edited(folder / "study.yaml", lambda c: c["surveys"][0].update(exports=exports))
    found = prepare.prepare(study.load(folder), tmp_path / ".drp").surveys["staff"]
    assert found.groupby("wave")["calmer_now"].count().to_dict() == {"W1": 0, "W2": 23}


def test_an_export_may_ask_some_of_the_instruments(tmp_path: Path) -> None:
    folder = trip.other(tmp_path / "study")
    loaded = study.load(folder)
    _, asked = asking.questionnaire(loaded, "parents", "redcap", asks=["door"])
    assert list(asked.items) == ["DO_1", "DO_2"]
    path = trip.redcap(asked, trip.people(asked), folder)
    assert asked.version in refused(folder, path)
    whole = trip.made(folder)
    first = trip.kobo(whole, trip.people(whole), folder)
    path.write_text(path.read_text(encoding="utf-8-sig").replace("2031-05", "2032-05"))

    def later(content: dict[str, Any]) -> None:
        wave = {"id": "W2", "label": "Later", "start": "2032-05-01", "end": "2032-05-31"}
        content["waves"].append(wave)
        content["surveys"][0]["exports"] = [
            {"wave": "W1", "file": first.name},
            {"wave": "W2", "file": path.name, "instruments": ["door"]},
        ]

    edited(folder / "study.yaml", later)
    found = prepare.prepare(study.load(folder), tmp_path / ".drp").surveys["parents"]
    assert found["wave"].value_counts().to_dict() == {"W1": 23, "W2": 23}
    assert found.loc[found["wave"] == "W2", "TR_1"].isna().all()
    _, again = asking.questionnaire(study.load(folder), "parents", "redcap")
    assert again.version == asked.version
    with pytest.raises(AnalystError, match="window"):
        asking.questionnaire(loaded, "parents", "redcap", asks=["window"])


# ---- what is written ----------------------------------------------------------------------


@pytest.mark.parametrize("form", questionnaire.FORMATS)
def test_the_same_study_gives_the_same_bytes(shape: Path, form: str) -> None:
    assert written(trip.made(shape), form) == written(trip.made(shape), form)


def test_limesurvey_has_every_question_and_answer(shape: Path, tmp_path: Path) -> None:
    asked = trip.made(shape)
    path = tmp_path / "survey.lss"
    path.write_bytes(written(asked, "limesurvey"))
    found = definitions.read_lss(path)
    for question in asked.questions:
        assert found.questions[question.code] == question.texts[asked.main]
        if question.choices:
            labels = {c.code: c.texts[asked.main] for c in question.choices}
            assert found.choices[question.code] == labels
            # LimeSurvey cuts off longer codes.
            assert all(len(code) <= 5 and code.isalnum() for code in labels)
        assert len(question.code) <= 20 and question.code.isalnum()


def test_pyxform_accepts_the_xlsform(shape: Path) -> None:
    from pyxform.xls2xform import convert

    asked = trip.made(shape)
    done = convert(io.BytesIO(written(asked, "xlsform")), file_type=".xlsx", validate=False)
    assert not done.warnings
    for question in asked.questions:
        assert f'/{question.code}"' in done.xform
    assert asked.version in done.xform
    if len(asked.languages) > 1:
        assert 'lang="Deutsch (de)"' in done.xform


def test_redcap_reads_its_dictionary_back(shape: Path, tmp_path: Path) -> None:
    asked = trip.made(shape)
    path = tmp_path / "dictionary.csv"
    path.write_bytes(written(asked, "redcap"))
    rows = list(csv.DictReader(path.open(encoding="utf-8")))
    assert len(rows[0]) == 18
    assert rows[0]["Variable / Field Name"] == "record_id"
    found = definitions.read_dictionary(path)
    for question in asked.questions:
        assert question.code in found.questions
        if question.choices:
            said = {choice.value: choice.texts[asked.main] for choice in question.choices}
            assert found.choices[question.code] == said


def test_qualtrics_has_an_id_and_choices_for_every_question(shape: Path) -> None:
    asked = trip.made(shape)
    text = written(asked, "qualtrics").decode()
    assert text.startswith("[[AdvancedFormat]]\n")
    parts = {part.split("]]", 1)[0]: part for part in text.split("[[ID:")[1:]}
    for question in asked.questions:
        lines = parts[question.code].splitlines()
        assert lines[1] == question.full(asked.main)
        if question.choices:
            given = lines[lines.index("[[Choices]]") + 1 :][: len(question.choices)]
            assert given == [choice.texts[asked.main] for choice in question.choices]


def test_the_word_document_numbers_questions_and_letters_answers(shape: Path) -> None:
    import zipfile
    from xml.etree import ElementTree

    asked = trip.made(shape)
    with zipfile.ZipFile(io.BytesIO(written(asked, "forms"))) as package:
        for name in package.namelist():
            ElementTree.fromstring(package.read(name))
            assert b"{" not in package.read(name)
        root = ElementTree.fromstring(package.read("word/document.xml"))
    lines = ["".join(p.itertext()) for p in root.iter() if p.tag.endswith("}p")]
    for number, question in enumerate(asked.questions, 1):
        at = lines.index(f"{number}. {question.full(asked.main)}")
        for place, choice in enumerate(question.choices):
            assert lines[at + 1 + place] == f"{chr(65 + place)}. {choice.texts[asked.main]}"


def test_brackets_of_the_study_are_no_code_of_a_tool(tmp_path: Path) -> None:
    folder = trip.plain(tmp_path / "study")
    wording = "{calm} ${calm} [[calm]] <b>calm</b> & calm"
    edited(folder / "instruments/calm.yaml", lambda c: c["items"][0].update(wording=wording))
    asked = trip.made(folder)
    assert b"{calm}" not in written(asked, "limesurvey")
    assert b"<b>" not in written(asked, "limesurvey")
    text = written(asked, "qualtrics").decode()
    assert "[[calm" not in text and "${calm" not in text
    assert f"[{asked.version}]" not in written(asked, "redcap").decode()
    from pyxform.xls2xform import convert

    convert(io.BytesIO(written(asked, "xlsform")), file_type=".xlsx", validate=False)
    text = " ".join(PdfReader(io.BytesIO(written(asked, "pdf"))).pages[0].extract_text().split())
    assert wording in text


def test_letters_that_the_typeface_lacks_are_refused(tmp_path: Path) -> None:
    folder = trip.plain(tmp_path / "study")
    edited(folder / "instruments/calm.yaml", lambda c: c["items"][0].update(wording="廊下は静か"))
    with pytest.raises(AnalystError, match="廊"):
        asking.questionnaire(study.load(folder), "staff", "pdf")
    asking.questionnaire(study.load(folder), "staff", "forms")


def test_questions_with_the_same_words_cannot_go_to_microsoft_forms(tmp_path: Path) -> None:
    folder = trip.plain(tmp_path / "study")
    edited(
        folder / "instruments/calm.yaml",
        lambda c: [item.update(wording="It is calm.") for item in c["items"][:2]],
    )
    with pytest.raises(AnalystError, match="CA_1, CA_2"):
        written(trip.made(folder), "forms")


def test_the_printed_form_is_accessible(shape: Path) -> None:
    asked = trip.made(shape)
    for language in asked.languages:
        accessible(asked, language)


def accessible(asked: Questionnaire, language: str) -> None:
    reader = PdfReader(io.BytesIO(written(asked, "pdf", language)))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] and root["/Lang"] == language
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata is not None and reader.metadata.title == asked.title[language]
    assert b"pdfuaid" in root["/Metadata"].get_data()
    tags = list(_tags(root["/StructTreeRoot"]))
    assert tags.count("/H1") == 1 and tags.count("/H2") == len(asked.sections)
    text = " ".join("\n".join(page.extract_text() for page in reader.pages).split())
    # In reading order: information, licence, consent, then every question with its answers.
    place = 0
    wanted = [texts[language] for texts in (*asked.information, *asked.notices)]
    for question in asked.questions:
        wanted.append(asked.plain(question, language))
        wanted += [choice.texts[language] for choice in question.choices]
    for words in wanted:
        place = text.find(words, place)
        assert place >= 0, words
        place += len(words)
    assert asked.version in reader.pages[-1].extract_text()


def _tags(node: Any) -> Any:
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        for each in node:
            yield from _tags(each)
    elif isinstance(node, dict):
        if "/S" in node:
            yield node["/S"]
        if "/K" in node:
            yield from _tags(node["/K"])


def test_the_workbook_locks_its_headings_and_lists_the_answers(shape: Path) -> None:
    asked = trip.made(shape)
    book = openpyxl.load_workbook(io.BytesIO(written(asked, "workbook")))
    sheet, lists = book["papers"], book["lists"]
    assert sheet.protection.sheet and lists.protection.sheet
    assert lists.sheet_state == "hidden" and sheet.freeze_panes == "B3"
    listed = {
        str(rule.sqref).split(":")[0]: rule.formula1
        for rule in sheet.data_validations.dataValidation
        if rule.type == "list"
    }
    dimensions = list(sheet.column_dimensions.values())
    for place in range(2, sheet.max_column + 1):
        (column,) = [each for each in dimensions if each.min <= place <= each.max]
        assert not column.protection.locked
        assert sheet.cell(1, place).protection.locked and sheet.cell(2, place).protection.locked
        question = next((q for q in asked.questions if q.code == sheet.cell(1, place).value), None)
        if question is None or not question.choices:
            continue
        _, cells = listed[sheet.cell(3, place).coordinate].split("!")
        shown = [row[0].value for row in lists[cells.replace("$", "")]]
        assert shown == [choice.texts[asked.main] for choice in question.choices]


def test_a_wave_is_added_without_a_mapping_for_our_export(tmp_path: Path) -> None:
    import datetime as dt

    from analysis.term import edit

    folder = trip.plain(tmp_path / "study")
    asked = trip.made(folder)
    path = trip.redcap(asked, trip.people(asked), folder)
    may = {"label": "May", "start": dt.date(2033, 5, 1), "end": dt.date(2033, 5, 31)}
    done = edit.add_wave(folder, "W3", **may, exports={"staff": path.name})
    assert done.study.survey("staff").exports[-1].mapping is None
    assert "drp map" not in "\n".join(done.follows)
