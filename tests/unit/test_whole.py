"""Nothing an analyst can do to a file ends in a traceback, and all mistakes come out at once."""

from __future__ import annotations

import ast
import os
import pickle
import shutil
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from analysis import pipeline, whole
from analysis import study as studies
from analysis.cli import app
from analysis.errors import AnalystError, Collected, Mistakes
from analysis.prepare import definitions
from tests.broken_study import BREAKS, Break, make
from tests.conftest import ROOT

COMMANDS = (["prepare"], ["run"], ["render", "--jobs", "1", "--to", "html"])
#: One for each file; all of them, by every command, are for `make verify`: two minutes.
FEW = tuple({each.file: each for each in BREAKS}.values())


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study with no mistake."""
    return make(tmp_path_factory.mktemp("sound") / "project")


@pytest.fixture
def project(sound: Path, tmp_path: Path) -> Path:
    return shutil.copytree(sound, tmp_path / "project")


def refused(project: Path, broken: Break, command: list[str]) -> str:
    """What a command says of a broken study, which it refuses as it should."""
    os.chdir(project)
    done = CliRunner().invoke(app, command)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert done.exit_code == 1
    assert Path(broken.file).name in done.output
    assert "where: " in done.output
    assert "to do: " in done.output
    assert "Traceback" not in done.output
    for word in broken.words:
        assert word in done.output
    assert not list(project.glob("data/processed/*/*.parquet"))
    assert not list(project.glob("report/_site/**/*.html"))
    return done.output


def named(breaks: tuple[Break, ...]) -> dict:
    return {"argvalues": breaks, "ids": [each.name for each in breaks]}


def test_without_a_mistake_the_study_is_prepared(project: Path) -> None:
    prepared = pipeline.prepare(whole.load(project / "data/raw"))
    assert set(prepared.surveys) == {"staff", "pupils"}
    assert len(prepared.strands["action_plans"]) == 1


@pytest.mark.parametrize("broken", **named(FEW))
def test_a_broken_file_is_named_with_what_to_do(project: Path, broken: Break) -> None:
    broken.change(project / "data/raw" / broken.file)
    refused(project, broken, COMMANDS[0])


@pytest.mark.parametrize("broken", **named(FEW[::3]))
def test_whichever_command_meets_it(project: Path, broken: Break) -> None:
    broken.change(project / "data/raw" / broken.file)
    for command in COMMANDS[1:]:
        refused(project, broken, command)


def test_there_are_enough_of_them() -> None:
    assert len({each.name for each in BREAKS}) == len(BREAKS) > 100
    assert len(FEW) > 25


@pytest.mark.verify
@pytest.mark.parametrize("broken", **named(BREAKS))
def test_every_command_refuses_every_broken_file(project: Path, broken: Break) -> None:
    broken.change(project / "data/raw" / broken.file)
    for command in COMMANDS:
        refused(project, broken, command)


def test_mistakes_of_many_files_come_out_at_once(project: Path) -> None:
    """One of each file, but for those without which others cannot be looked at."""
    raw = project / "data/raw"
    names = (
        "misspelt headline", "school of no phase", "dates of no wave", "unknown subscale",
        "quotation not said", "no such state", "outcomes not a number", "needs lacks a column",
        "question of no kind", "measure without unit", "text not UTF-8",
        "brand of no colour", "claim of another wording", "a notebook that is none",
    )  # fmt: skip
    broken = [each for each in BREAKS if each.name in names]
    assert len(broken) == len(names)
    for each in broken:
        if each.name != "unknown subscale":
            each.change(raw / each.file)
    with pytest.raises(Mistakes) as caught:
        pipeline.prepare(whole.load(raw))
    said = "\n".join(caught.value.lines())
    for each in broken:
        if each.name != "unknown subscale":
            assert Path(each.file).name in said, each.name
            assert all(word in said for word in each.words), each.name
    assert len(caught.value.errors) == len(broken) - 1
    assert all(error.where and error.fix for error in caught.value.errors)


def test_both_waves_of_a_survey_and_two_surveys_are_read(project: Path) -> None:
    raw = project / "data/raw"
    for name in ("staff_t1.csv", "staff_t2.csv", "pupils_t2.csv"):
        (raw / name).write_text((raw / name).read_text("utf-8").replace("Alder", "Avon"), "utf-8")
    with pytest.raises(Mistakes) as caught:
        pipeline.prepare(whole.load(raw))
    said = str(caught.value.lines())
    assert [name in said for name in ("staff_t1", "staff_t2", "pupils_t1", "pupils_t2")] == [
        True, True, False, True,
    ]  # fmt: skip


def test_mistakes_of_the_study_file_come_with_those_of_other_files(project: Path) -> None:
    raw = project / "data/raw"
    study = yaml.safe_load((raw / "study.yaml").read_text("utf-8"))
    study["colour"] = "red"
    study["surveys"][0]["population"] = "cooks"
    study["surveys"][1]["headline"] = "other.total"
    (raw / "study.yaml").write_text(yaml.safe_dump(study), "utf-8")
    (raw / "mappings/staff.yaml").write_text("a: {", "utf-8")
    (raw / "instruments/school_life.yaml").write_text("id: x\n", "utf-8")
    with pytest.raises(Mistakes) as caught:
        whole.load(raw)
    said = "\n".join(caught.value.lines())
    for word in ("colour", "'cooks' is not declared", "surveys.pupils.headline", "staff.yaml",
                 "school_life.yaml"):  # fmt: skip
        assert word in said


def test_a_study_that_cannot_be_prepared_leaves_no_tables_of_before(project: Path) -> None:
    raw = project / "data/raw"
    pipeline.prepare(studies.load(raw))
    tables = project / "data/processed/surveys"
    assert list(tables.glob("*.parquet"))
    (raw / "brand/_brand.yml").unlink()
    with pytest.raises(AnalystError):
        pipeline.prepare(studies.load(raw))
    assert not list(tables.glob("*.parquet"))


def test_a_key_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    path.write_text("id: a\nsurveys:\n  - id: staff\n    rules: {x: 1}\n  - {id: other}\n", "utf-8")
    assert studies.at(path, "surveys.staff.rules.x") == f"{path}, line 4, surveys.staff.rules.x"
    assert studies.at(path, "surveys.other.label") == f"{path}, line 5, surveys.other.label"
    assert studies.at(path, "groups") == f"{path}, groups"
    path.write_text("a: {", "utf-8")
    assert studies.at(path, "a") == f"{path}, a"


def test_styles_where_they_lay_before_are_not_passed_over_in_silence(project: Path) -> None:
    own = project / "report" / "styles" / "components.css"
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text("body { color: red }", encoding="utf-8")
    with pytest.raises(AnalystError, match=r"holds components\.css") as error:
        pipeline.prepare(studies.load(project / "data/raw"))
    assert "_extensions/report/styles" in error.value.fix


def test_an_entry_that_is_wrong_is_not_said_to_be_missing_as_well(project: Path) -> None:
    """Nor is a list that holds nothing called a tuple."""
    path = project / "data/raw/study.yaml"
    study = yaml.safe_load(path.read_text(encoding="utf-8"))
    study["surveys"] = [{"id": "staff"}]
    path.write_text(yaml.safe_dump(study), encoding="utf-8")
    with pytest.raises(AnalystError, match=r"surveys\.0") as error:
        studies.load(path.parent)
    assert "surveys: " not in str(error.value)
    study["surveys"] = []
    path.write_text(yaml.safe_dump(study), encoding="utf-8")
    with pytest.raises(AnalystError, match="surveys: it has to hold 1 entry or more"):
        studies.load(path.parent)


def test_every_error_for_analysts_says_where_and_what_to_do() -> None:
    for path in sorted((ROOT / "analysis").rglob("*.py")):
        if path.name == "bench.py":  # for whoever works on the package
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "AnalystError":
                said = {keyword.arg for keyword in node.keywords}
                assert said >= {"where", "fix"}, f"{path}, line {node.lineno}"


def test_several_mistakes_survive_being_sent_between_processes() -> None:
    errors = [AnalystError("a", where="b", fix="c"), AnalystError("d")]
    sent = pickle.loads(pickle.dumps(Mistakes(errors)))
    assert sent.lines() == Mistakes(errors).lines()
    assert isinstance(sent, AnalystError)


def test_one_mistake_is_raised_as_it_is_and_the_same_is_said_once() -> None:
    found, error = Collected(), AnalystError("a", where="b")
    found.raise_any()
    for _ in range(2):
        with found.also():
            raise AnalystError("a", where="b")
    with pytest.raises(AnalystError) as caught:
        found.raise_any()
    assert caught.value.lines() == error.lines()
    with found.also():
        raise Mistakes([error, AnalystError("other")])
    assert [each.what for each in found.errors] == ["a", "other"]
    with pytest.raises(ZeroDivisionError), found.also():
        raise ZeroDivisionError


def test_a_mapping_that_serves_two_surveys_may_name_the_items_of_both(project: Path) -> None:
    raw = project / "data/raw"
    text = (raw / "instruments/school_life.yaml").read_text("utf-8")
    (raw / "instruments/more.yaml").write_text(
        text.replace("id: school_life", "id: more").replace("code: SL", "code: MO"), "utf-8"
    )
    mapping = yaml.safe_load((raw / "mappings/staff.yaml").read_text("utf-8"))
    mapping["items"] |= {f"MO{n}": f"MO{n}" for n in range(1, 9)}
    (raw / "mappings/staff.yaml").write_text(yaml.safe_dump(mapping), "utf-8")
    found = whole.load(raw)
    mistakes = Collected()
    definitions.read(found, mistakes)
    assert "items.MO1 is no item" in "\n".join(mistakes.errors[0].lines())
    study = yaml.safe_load((raw / "study.yaml").read_text("utf-8"))
    study["surveys"][1]["instruments"].append("more")
    (raw / "study.yaml").write_text(yaml.safe_dump(study), "utf-8")
    mistakes = Collected()
    definitions.read(whole.load(raw), mistakes)
    assert [Path(error.where).name for error in mistakes.errors] == ["pupils.yaml"]


def test_a_folder_that_is_no_study_says_where_one_is(tmp_path: Path) -> None:
    (tmp_path / "data" / "raw").mkdir(parents=True)
    (tmp_path / "data" / "raw" / "study.yaml").write_text("{}", encoding="utf-8")
    (tmp_path / "pointer").symlink_to("/nowhere")  # nobody's business, of a folder that is none
    with pytest.raises(AnalystError) as caught:
        studies.load(tmp_path)
    assert str(tmp_path / "data" / "raw") in str(caught.value)
    assert "links" not in str(caught.value)


def test_without_a_study_anywhere_the_command_that_makes_one_is_named(tmp_path: Path) -> None:
    with pytest.raises(AnalystError, match="drp init"):
        studies.load(tmp_path / "none")
