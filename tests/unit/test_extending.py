"""What ``docs/extending.md`` says of adding things, each done here once, outside the engine."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest
import yaml

from analysis import prepare, questions, sources, study
from analysis import strands as registry
from analysis.disclosure import decide, released
from analysis.errors import AnalystError
from analysis.prepare import withdrawn
from analysis.prepare.respondents import read_or_make_key
from analysis.present.page import Compared, Page
from analysis.present.shown import Table, table
from analysis.publish import chapters, stage
from analysis.results import COHORT, Result, ledger
from analysis.sources.grid import Grid
from analysis.sources.layout import Layout
from analysis.statistics import level
from tests.conftest import ROOT
from tests.unit.test_prepare_rules import INSTRUMENT, make, row

DOC = (ROOT / "docs/extending.md").read_text(encoding="utf-8")


def test_a_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def layout(grid: Grid) -> Layout | None:
        head = grid.head(2)
        if head[0][0] != "Enquirer code":
            return None
        return Layout(names=head[1], questions=head[1], header_rows=2,
                      personal=frozenset({"telephone"}))  # fmt: skip

    # Before the plain layouts, which fit any file.
    formats = {"enquirer_csv": (("csv",), layout), **sources.FORMATS}
    monkeypatch.setattr(sources, "FORMATS", formats)
    path = tmp_path / "export.csv"
    path.write_text(
        "Enquirer code,Enquirer contact,Enquirer question\ncode,telephone,Q1\nAB12,0123,4\n"
    )
    found = sources.read(path)
    assert found.kind == "enquirer_csv"
    assert found.frame.to_dict("records") == [{"code": "AB12", "Q1": "4"}]
    assert found.left_behind == ("telephone",)


def test_an_instrument(tmp_path: Path) -> None:
    loaded = make(tmp_path / "study", {"T1": [row()]})
    own = INSTRUMENT | {
        "id": "hope", "name": "Hope", "short": "Hope",
        "subscales": [{"id": "future", "label": "Future", "range": [1, 5]},
                      {"id": "past", "label": "Past", "range": [1, 5]}],
        "items": [{"code": f"I{n}", "subscale": "future" if n < 5 else "past", "label": f"I {n}"}
                  for n in range(1, 13)],
    }  # fmt: skip
    (loaded.folder / "instruments" / "hope.yaml").write_text(yaml.safe_dump(own))
    path = loaded.folder / "study.yaml"
    content = yaml.safe_load(path.read_text())
    content["surveys"][0] |= {"instruments": ["hope"], "headline": "hope.past"}
    path.write_text(yaml.safe_dump(content))
    found = prepare.prepare(study.load(loaded.folder), tmp_path / ".drp")
    scores = found.surveys["pupils"][["hope.future", "hope.past"]]
    # Items are answered by 1 to 5 in turn: 1 to 4, and 5, 1, 2, 3, 4, 5, 1, 2.
    assert scores.iloc[0].tolist() == pytest.approx([10 / 4, 23 / 8])


def governors(folder: Path, answers: list[tuple[str, str, str]], minimum: int) -> prepare.Prepared:
    """A study of governors, of whom the engine has never heard."""
    rows = [row(code, school, sex=sex) for code, school, sex in answers]
    loaded = make(folder / "study", {"T1": rows})
    path = loaded.folder / "study.yaml"
    content = yaml.safe_load(path.read_text())
    del content["tables"]
    content |= {
        "schema_version": 2,
        "populations": [{"id": "governors", "noun": "governors", "minimum": minimum}],
        "groups": [
            {"id": "phase", "of": "schools", "column": "reporting_phase", "compare": True,
             "values": [{"id": "primary", "label": "Primary"},
                        {"id": "secondary", "label": "Secondary"}]},
            {"id": "sex", "of": "governors"},
        ],
    }  # fmt: skip
    content["surveys"][0] |= {"id": "board", "population": "governors"}
    content["surveys"][0].pop("respondents")
    path.write_text(yaml.safe_dump(content))
    of_anybody = yaml.safe_dump(INSTRUMENT | {"population": ""})
    (loaded.folder / f"instruments/{INSTRUMENT['id']}.yaml").write_text(of_anybody)
    return prepare.prepare(study.load(loaded.folder), folder / ".drp")


def test_a_population(tmp_path: Path) -> None:
    answers = [(f"C{n}", "Three", "f") for n in range(6)] + [
        (f"D{n}", "Two", "f") for n in range(5)
    ]
    answers += [(f"E{n}", "One", "m") for n in range(9)]
    found = governors(tmp_path, answers, minimum=6)
    (survey,) = found.study.surveys
    assert survey.respondents == "governors"
    decided = decide(ledger(level.scores(found, survey), "e"), found.study)
    means = decided[decided["id"] == "board.scale.level.all.t1.all.mean"].set_index("unit")
    assert means["release"].to_dict() == {
        COHORT: "released", "S1": "released", "S2": "suppressed", "S3": "suppressed",
    }  # fmt: skip
    # All less the others would be the five of S2: the next smallest school goes as well.
    assert means["reason"].loc[["S2", "S3"]].tolist() == [
        "too few answered",
        "would give others away",
    ]
    with pytest.raises(AnalystError, match="below 5"):
        governors(tmp_path / "fewer", answers, minimum=4)


@pytest.fixture
def visits(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A strand of visits between schools, with one question, as two entries would add them."""
    strand = registry.Strand(
        id="visits", label="Visits", source="visits", threshold="schools", counted="schools",
        own=True,
        tables=(
            registry.Table(
                name="visits", key="visits", label="Visits to other schools",
                columns=("school", "date", "visitors", "purpose", "who"),
                optional=("who",), unique=("school", "date"), numbers=("visitors",),
                dates=("date",), allowed={"purpose": ("to_learn", "to_show")}, person="who",
            ),
        ),
    )  # fmt: skip
    (of_visits,) = strand.tables
    monkeypatch.setattr(registry, "STRANDS", (*registry.STRANDS, strand))
    monkeypatch.setitem(registry.BY_ID, strand.id, strand)
    monkeypatch.setitem(registry.BY_TABLE, of_visits.name, of_visits)
    monkeypatch.setitem(registry.PLACES, of_visits.name, "visits.visits")
    monkeypatch.setitem(withdrawn.PERSON, of_visits.name, of_visits.person)
    question = questions.Question("visited", "How many visits were there?",
                                  "statistics.visits:visited", "others", ("count",))  # fmt: skip
    monkeypatch.setattr(questions, "QUESTIONS", (*questions.QUESTIONS, question))
    module = ModuleType("analysis.statistics.visits")
    module.visited = visited  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    questions.refuse_unknown.cache_clear()
    yield
    questions.refuse_unknown.cache_clear()


def visited(found: prepare.Prepared) -> Iterator[Result]:
    """Visits: the programme's, and each school's own."""
    frame = found.strands.get("visits")
    if frame is None:
        return
    at = {"source": "visits", "instrument": "visits", "analysis": "visited", "measure": "all",
          "wave": "all", "group": "all", "statistic": "count"}  # fmt: skip
    for unit, rows in ((COHORT, frame), *frame.groupby("school")):
        schools = float(rows["school"].nunique())
        yield Result(unit=str(unit), **at, value=float(len(rows)), n=schools, n_schools=schools)


def shown(page: Page) -> Table | None:
    """What both reports show."""
    at = ("visits", "visits", "visited", "all", "all", "count")
    who = [Compared("Here", page.unit, "all"), Compared("Programme", COHORT, "all")]
    rows = [[each.label, page.number(each, *at, decimals=0)] for each in who]
    return table(["Who", "Visits"], rows, [20, 10], caption="Visits")


VISITS = (
    "school,date,visitors,purpose,who\n"
    "S1,2018-03-01,3,to_learn,\nS1,2018-04-01,2,to_show,A7\nS2,2018-05-01,4,to_learn,\n"
    "S3,2018-05-02,1,to_learn,\n"
)


def with_visits(folder: Path, text: str) -> study.Study:
    answers = [(f"C{n}", "One", "f") for n in range(6)]
    loaded = governors(folder, answers, minimum=5).study
    path = loaded.folder / "study.yaml"
    content = yaml.safe_load(path.read_text()) | {"strands": {"visits": {"visits": "visits.csv"}}}
    path.write_text(yaml.safe_dump(content))
    (loaded.folder / "visits.csv").write_text(text)
    return study.load(loaded.folder)


@pytest.mark.usefixtures("visits")
def test_a_strand_and_a_question_shown_in_both_reports(tmp_path: Path) -> None:
    loaded = with_visits(tmp_path, VISITS)
    found = prepare.prepare(loaded, tmp_path / ".drp", folder=tmp_path / "processed")
    assert found.strands["visits"]["visitors"].sum() == 10
    assert found.quality["files"].set_index("file").loc["visits.csv", "used"] == 4
    asked = [
        name.rpartition(":")[2] for name in questions.functions("others", pair=loaded.compares)
    ]
    assert "visited" in asked
    rows = ledger(visited(found), "e")
    decided = decide(rows, loaded, found.schools)
    pages = [
        Page(study=loaded, unit=unit, released=released(decided).of(COHORT, unit),
             schools=found.schools, texts=pd.DataFrame({"kind": []}), instruments={})
        for unit in (COHORT, "S1")
    ]  # fmt: skip
    texts = [made.markdown() for page in pages if (made := shown(page)) is not None]
    assert [text.count("| 4 |") for text in texts] == [2, 1]
    assert "| Here | 2 |" in texts[1]


@pytest.mark.usefixtures("visits")
@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (VISITS.replace("to_show", "to_sell"), "'to_sell' is not in the list to_learn, to_show"),
        (VISITS.replace("S3", "S8"), "'S8' is not in schools.csv"),
        (VISITS.replace("2018-05-02", "2 May"), "cannot be read as a date"),
        (VISITS.replace(",3,", ",three,"), "not a whole number"),
        (VISITS.replace("visitors", "guests"), "lacks the column visitors"),
        (VISITS + "S3,2018-05-02,1,to_learn,\n", "twice"),
    ],
)
def test_mistakes_in_a_new_strand_are_refused_by_its_entry(
    wrong: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(AnalystError, match=message) as refused:
        prepare.prepare(with_visits(tmp_path, wrong), tmp_path / ".drp")
    assert "visits.csv" in str(refused.value)


@pytest.mark.usefixtures("visits")
def test_somebody_in_a_new_strand_can_withdraw(tmp_path: Path) -> None:
    loaded = with_visits(tmp_path, VISITS)
    gone = withdrawn.entry("A7", read_or_make_key(tmp_path / ".drp"))
    found = prepare.prepare(loaded, tmp_path / ".drp", withdrawn_now=frozenset({gone}))
    assert len(found.strands["visits"]) == 3


def test_a_question_that_nobody_registered_cannot_be_asked() -> None:
    with pytest.raises(questions.UnknownQuestion):
        questions.key("visits", "visits", "visited", "all", "all", "all", "count")


def test_a_chapter(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "report/visits.qmd").write_text("# Visits {#sec-visits}\n\nThey went to see.\n")
    templates = (*chapters.CHAPTERS, chapters.Template("visits"))
    monkeypatch.setattr(chapters, "CHAPTERS", templates)
    loaded = study.load(project / "data/raw")
    one = [Result(COHORT, "staff", "spsc", "level", "total", "t1", "all", "mean", 3.0, 20.0)]
    page = Page(study=loaded, unit=COHORT, released=released(decide(ledger(one, "e"), loaded)),
                schools=pd.DataFrame(), texts=pd.DataFrame({"kind": []}),
                instruments=prepare.load_instruments(loaded))  # fmt: skip
    laid_out, *_ = stage.stage(
        page, project, project / "executed", project / "out", ("html",), "pandoc"
    )
    folder = laid_out.folder
    assert "They went" in (folder / "chapters/visits.qmd").read_text()
    assert "chapters/visits.qmd" in (folder / "_quarto.yml").read_text()


@pytest.mark.parametrize("path", ["analysis/strands.py", "analysis/questions.py",
                                  "analysis/prepare/strands.py", "analysis/sources/__init__.py",
                                  "analysis/disclosure/release.py", "analysis/study.py"])  # fmt: skip
def test_files_that_the_page_names_are_there(path: str) -> None:
    assert path in DOC
    assert (ROOT / path).is_file()


def test_groups_are_known_by_their_ids_whatever_their_column_is_called() -> None:
    group = study.Group.model_validate({"id": "year", "of": "pupils", "column": "Year group"})
    names = [group.key("4"), "year_group_5", "all", "yearly"]
    assert group.among(names) == ["year_group_4", "year_group_5"]


def test_a_questionnaire_for_another_tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from analysis import questionnaire
    from tests import questionnaires as trip

    def write(asked: questionnaire.Questionnaire, language: str) -> bytes:
        return "\n".join(f"{q.code}: {q.texts[language]}" for q in asked.questions).encode()

    module = ModuleType("analysis.questionnaire.enquirer")
    monkeypatch.setattr(module, "write", write, raising=False)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setitem(questionnaire.FORMATS, "enquirer", questionnaire.Form("enquirer", ".txt"))
    asked = trip.made(trip.plain(tmp_path / "study"))
    content = questionnaire.write(asked, "enquirer", "en", lambda source: b"").decode()
    assert content.count("\n") == 7
    assert asked.version in content
