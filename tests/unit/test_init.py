"""``drp init``: a project of one's own, that works at once and fills with real files one by one."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from analysis import pipeline, resources, scaffold
from analysis import strands as registry
from analysis import study as studies
from analysis.cli import app
from analysis.errors import AnalystError
from analysis.places import project_root
from analysis.scaffold import keys, written
from analysis.study import Study
from tests.conftest import ROOT

EVERY = list(registry.BY_ID)


def plan(**changed: object) -> scaffold.Plan:
    answers: dict = {
        "title": "Calm Schools",
        "organisation": "A council",
        "programme": "the programme",
        "populations": ["staff", "pupils"],
        "phases": ["primary", "secondary"],
        "strands": [],
        "schools": 6,
        "year": 2026,
    }
    return scaffold.planned(**(answers | changed))


def drp(*arguments: str, answers: str = "") -> tuple[int, str]:
    done = CliRunner().invoke(app, list(arguments), input=answers)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output


def uncommented(text: str, keys: tuple[str, ...]) -> str:
    """A study file with what waits under some keys taken into use."""
    lines, using = [], False
    for line in text.splitlines():
        if any(line.startswith(f"# {key}:") for key in keys):
            using = True
        elif not line.startswith("#"):
            using = False
        lines.append(line.removeprefix("# ") if using else line)
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"populations": ["pupils"], "phases": [], "schools": 3},
        {"populations": ["carers:adults", "staff", "youth_workers:adults", "infants:children"]},
        {"phases": ["primary", "secondary", "special"], "schools": 40, "strands": EVERY},
        {"title": 'Ça "va": #1 für alle', "organisation": "O: & <b>", "programme": "it's"},
        {"title": "学校"},
    ],
    ids=["usual", "pupils", "own populations", "everything", "signs", "other letters"],
)
def test_what_is_made_is_a_study_that_can_be_prepared(tmp_path: Path, changed: dict) -> None:
    project, wanted = tmp_path / "mine", plan(**changed)
    names = scaffold.make(project, wanted)
    found = studies.load(project / "data/raw")
    assert [p.id for p in found.populations] == [asked.id for asked in wanted.populations]
    assert (found.title, found.organisation) == (wanted.title, wanted.organisation)
    assert project_root(found.folder) == project
    prepared = pipeline.prepare(found)
    assert set(prepared.surveys) == {asked.id for asked in wanted.populations}
    assert all(frame["wave"].nunique() == 2 for frame in prepared.surveys.values())
    assert len(prepared.schools) == wanted.schools
    # All of it is invented, and says so.
    assert found.synthetic_files == set(found.used_files())
    assert "synthetic" in found.notice_short.lower()
    assert names == sorted(
        path.relative_to(project).as_posix()
        for path in project.rglob("*")
        if path.is_file() and "processed" not in path.parts and ".drp" not in path.parts
    )
    settings = studies.read_yaml(project / "_quarto.yml")
    assert settings["book"]["title"] == wanted.title
    assert (project / settings["brand"]).is_file()
    assert not (project / "analysis").exists()


def test_the_same_answers_give_the_same_bytes_and_nothing_of_another_study(tmp_path: Path) -> None:
    made = []
    for name in ("one", "two"):
        files = scaffold.make(tmp_path / name, plan(strands=EVERY))
        made.append({file: (tmp_path / name / file).read_bytes() for file in files})
    assert made[0] == made[1]
    own = {file: text for file, text in made[0].items() if file.startswith("data/")}
    for word in (b"durham", b"resilien", b"spsc", b"kidscreen"):
        assert not [
            file for file, text in own.items() if word in text.lower().replace(b"'spsc", b"")
        ]


def test_every_key_of_the_study_file_is_explained(tmp_path: Path) -> None:
    scaffold.make(tmp_path / "mine", plan())
    text = (tmp_path / "mine/data/raw/study.yaml").read_text(encoding="utf-8")
    for name, field in Study.model_fields.items():
        if name != "folder":
            assert f"\n{name}:" in text or f"\n# {name}:" in text, name
            assert field.description, name
    assert all(says for _, _, says in keys.table())


def test_what_is_commented_can_be_taken_into_use(tmp_path: Path) -> None:
    scaffold.make(tmp_path / "mine", plan(strands=EVERY))
    path = tmp_path / "mine/data/raw/study.yaml"
    every = tuple(name for name in Study.model_fields if name != "folder")
    text = uncommented(path.read_text(encoding="utf-8"), every)
    content = yaml.safe_load(text)
    assert set(content) == set(every)
    for name in ("coded_text", "wave_dates", "reference_population", "smallest_effects"):
        content.pop(name)
    found = Study.model_validate(content)
    assert set(found.strands) == set(EVERY)
    assert found.codebook == "codebook.yaml"


def test_each_strand_has_its_tables_with_their_headings(tmp_path: Path) -> None:
    scaffold.make(tmp_path / "mine", plan(strands=EVERY))
    raw = tmp_path / "mine/data/raw"
    for _, table in registry.tables():
        text = (raw / f"{table.name}.csv").read_text(encoding="utf-8")
        named = text.removesuffix("\n").split(",")
        assert tuple(named[: len(table.columns)]) == table.columns
        assert set(named) <= {*table.columns, *table.optional}
    for strand in registry.STRANDS:
        for name in strand.documents.values():
            assert (raw / f"{name}.yaml").is_file(), name


def test_a_strand_taken_into_use_too_early_is_named_and_a_filled_one_is_read(
    tmp_path: Path,
) -> None:
    scaffold.make(tmp_path / "mine", plan(strands=["plans", "outcomes", "value"]))
    raw = tmp_path / "mine/data/raw"
    path = raw / "study.yaml"
    path.write_text(uncommented(path.read_text("utf-8"), ("strands", "codebook")), "utf-8")
    with pytest.raises(AnalystError) as caught:
        pipeline.prepare(studies.load(raw))
    for name in ("action_plans.csv", "readiness.csv", "outcomes.csv"):
        assert f"{name} holds headings but no rows" in str(caught.value)
    with (raw / "action_plans.csv").open("a", encoding="utf-8") as file:
        file.write("P1,S01,AIM.01,A garden,1,planned,,,\n")
    with (raw / "outcomes.csv").open("a", encoding="utf-8") as file:
        file.write("S01,2026-27 autumn,2026-09-02,attendance,900,1000,,,\n")
    text = path.read_text("utf-8").replace("    readiness: readiness.csv\n", "")
    text = text.replace("    national: outcome_national.csv\n", "")
    path.write_text(text, "utf-8")
    prepared = pipeline.prepare(studies.load(raw))
    assert len(prepared.strands["action_plans"]) == len(prepared.strands["outcomes"]) == 1


def test_real_files_replace_synthetic_ones_and_the_mark_goes_with_the_last(tmp_path: Path) -> None:
    scaffold.make(tmp_path / "mine", plan())
    raw = tmp_path / "mine/data/raw"
    listed = raw / "SYNTHETIC"
    left = sorted(studies.load(raw).synthetic_files)
    assert left == ["pupils_t1.csv", "pupils_t2.csv", "schools.csv", "staff_t1.csv", "staff_t2.csv"]
    while left:
        code, said = drp("prepare", "--study", str(raw))
        assert code == 0
        assert said.rstrip().endswith(f"still synthetic, as SYNTHETIC lists: {', '.join(left)}")
        assert "synthetic" in studies.load(raw).notice
        # A real file comes under the same name, and its name is taken out of the list.
        text = listed.read_text("utf-8")
        listed.write_text(text.replace(f"{left.pop(0)}\n", ""), "utf-8")
    code, said = drp("prepare", "--study", str(raw))
    assert code == 0
    assert "synthetic" not in said
    found = studies.load(raw)
    assert not found.is_synthetic
    assert "synthetic" not in (found.notice + found.notice_short).lower()


def test_git_admits_no_data_of_the_project(tmp_path: Path) -> None:
    project = tmp_path / "mine"
    scaffold.make(project, plan(strands=EVERY))
    pipeline.prepare(studies.load(project / "data/raw"))
    subprocess.run(["git", "init", "-q", str(project)], check=True)
    git = ["git", "-C", str(project), "ls-files", "-o", "--exclude-standard"]
    admitted = subprocess.run(git, capture_output=True, text=True, check=True).stdout.split()
    assert "data/raw/study.yaml" in admitted
    assert not [name for name in admitted if name.endswith(".csv") or "processed" in name]
    assert not [name for name in admitted if ".drp" in name]


def test_a_folder_that_holds_anything_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/notes.txt").write_text("mine", encoding="utf-8")
    code, said = drp("init", str(tmp_path / "mine"), "--yes")
    assert code == 1
    assert "not empty" in said
    assert [path.name for path in tmp_path.rglob("*")] == ["mine", "notes.txt"]
    (tmp_path / "file").touch()
    code, said = drp("init", str(tmp_path / "file"), "--yes")
    assert code == 1
    assert "is a file" in said


def test_an_empty_folder_and_the_present_one_are_filled(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    os.chdir(tmp_path / "here")
    code, _ = drp("init", ".", "--yes")
    assert code == 0
    assert studies.load("data/raw").title == "Here"
    assert [path.name for path in tmp_path.iterdir()] == ["here"]


def test_a_place_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    code, said = drp("init", str(tmp_path / "file/below"), "--yes")
    assert code == 1
    assert "cannot be written" in said
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (["--title", "two\nlines"], "--title"),
        (["--title", "  "], "--title"),
        (["--population", "carers"], "carers:adults"),
        (["--population", "pupils:adults"], "pupils"),
        (["--population", "../x:adults"], "'../x' cannot be a population"),
        (["--population", "schools:adults"], "schools"),
        (["--population", "staff", "--population", "staff"], "twice"),
        (["--phase", "primary"], "nothing to be compared with"),
        (["--phase", "Primary School", "--phase", "b"], "Primary School"),
        (["--phase", "a", "--phase", "a"], "twice"),
        (["--phase", "staff", "--phase", "b"], "'staff' cannot be a phase"),
        (["--strand", "interview"], "Strands are delivery, interviews"),
        (["--strand", "plans", "--strand", "plans"], "twice"),
        (["--schools", "2"], "from 6"),
        (["--schools", "-1"], "-1 schools"),
        (["--schools", "41"], "to 40"),
        (["--year", "26"], "26 is no year"),
    ],
)
def test_an_answer_that_cannot_be_used_is_refused_and_nothing_is_made(
    tmp_path: Path, options: list[str], word: str
) -> None:
    code, said = drp("init", str(tmp_path / "mine"), "--yes", *options)
    assert code == 1
    assert word in said
    assert "where: drp init --" in said
    assert "to do: " in said
    assert list(tmp_path.iterdir()) == []


def test_it_asks_for_what_is_not_given(tmp_path: Path) -> None:
    said = "Calm Schools\nA council\n\nparents, staff\nnone\nplans\n4\n2025\n"
    code, output = drp("init", str(tmp_path / "mine"), answers=said)
    assert code == 0, output
    found = studies.load(tmp_path / "mine/data/raw")
    assert (found.title, found.programme) == ("Calm Schools", "the programme")
    assert [p.id for p in found.populations] == ["parents", "staff"]
    assert found.phases is None
    assert found.edition.id == "2026-summer"
    assert (tmp_path / "mine/data/raw/action_plans.csv").is_file()
    # Nothing is made where the answers end too early.
    code, _ = drp("init", str(tmp_path / "other"), answers="Calm Schools\n")
    assert code == 1
    assert not (tmp_path / "other").exists()


def test_copy_lists_and_takes_a_file_of_the_package(tmp_path: Path) -> None:
    scaffold.make(tmp_path / "mine", plan())
    os.chdir(tmp_path / "mine")
    code, listed = drp("copy")
    assert code == 0
    name = f"notebooks/{resources.notebooks(ROOT)[0].name}"
    assert name in listed
    assert drp("copy", name)[0] == 0
    assert Path(name).read_bytes() == (ROOT / name).read_bytes()
    assert f"{name}    (the project has its own)" in drp("copy")[1]
    for wrong in (name, "notebooks/none.ipynb", "../x"):
        code, said = drp("copy", wrong)
        assert code == 1
        assert "to do: " in said


def test_the_introduction_says_nothing_that_the_study_may_change() -> None:
    said = written.texts()["introduction.md"].lower()
    assert not any(
        word in said for word in ("school", "term", "year", "pupil", "parent", "changed")
    )
