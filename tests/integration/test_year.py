"""Two terms: reports are signed, published and sent; the next edition says what is new."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import nbformat
import pandas as pd
import pypdf
import pytest
import yaml
from typer.testing import CliRunner, Result

from analysis import cli
from analysis.publish.stage import DRAFT
from tests.conftest import ROOT
from tests.studies import made
from tests.studies.pages import prose, tables, words

JOY = "learners.read.level.joy"


def drp(*words: str) -> Result:
    return CliRunner().invoke(cli.app, list(words))


def drafts(folder: Path) -> set[str]:
    """Which files of a folder say that they are drafts."""
    found = set()
    for path in (each for each in folder.rglob("*") if each.is_file()):
        if path.suffix in (".docx", ".pptx", ".xlsx"):
            with zipfile.ZipFile(path) as archive:
                parts = [archive.read(name) for name in archive.namelist()]
            says = any(DRAFT.encode() in content for content in parts)
        elif path.suffix == ".csv":
            says = ",draft," in path.read_text(encoding="utf-8")
        elif path.suffix == ".pdf":
            says = DRAFT in " ".join(pypdf.PdfReader(path).pages[0].extract_text().split())
        else:
            says = path.suffix == ".html" and DRAFT in path.read_text(encoding="utf-8")
        if says:
            found.add(path.relative_to(folder).as_posix())
    return found


#: What of a school's folder and of its pack says so.
MARKED = {"index.html", "page-one.docx", "workbook.xlsx", "data/numbers.csv"}
MARKED_PACK = {"slides.pptx", "slides.html", "handout.html", "handout.pdf"}


def own_notebook(folder: Path) -> None:
    """The notebook that docs/extending.md shows, as it stands there."""
    text = (ROOT / "docs/extending.md").read_text(encoding="utf-8")
    section = text.split("### A notebook of your own", 1)[1].split("\n## ", 1)[0]
    first, *rest = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    cells = [nbformat.v4.new_code_cell(first, metadata={"tags": ["parameters"]})]
    cells += [nbformat.v4.new_code_cell(each) for each in rest]
    folder.mkdir()
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "visitors.ipynb")


def test_two_terms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = made.baseline(tmp_path / "study")
    monkeypatch.chdir(tmp_path)
    at = ("--study", str(study))
    render = ("render", "--to", "html", "--renderer", "pandoc", "--jobs", "1", *at)
    site = tmp_path / "report/_site/reading"

    # The first term: drafts, one of them signed, all of them published, one sent.
    (study / "texts").mkdir()
    text = study / "texts" / "learners.md"
    text.write_text(f"Joy stood at {{result:{JOY}.w1.all.mean}}.\n")
    content = yaml.safe_load((study / "study.yaml").read_text())
    content["report"] = {**content.get("report", {}), "letter": True}
    made.write_yaml(study / "study.yaml", content)
    (study / "recipients.csv").write_text("school,name,email\nB1,Ada Head,head@oak.example\n")
    done = drp(*render)
    assert done.exit_code == 0, done.stderr
    first = site / "start/schools/B1/index.html"
    assert DRAFT in words(first)
    assert not prose(first, "sec-since")  # there is nothing to set it beside
    done = drp("pack", "--unit", "B1", *at)
    assert done.exit_code == 0, done.stderr
    pack = site / "start/packs/B1"
    assert drafts(first.parent) >= MARKED and drafts(pack) == MARKED_PACK
    # The letter says it by itself: it is what is taken out of the page.
    letter = " ".join(prose(first, "sec-letter"))
    assert DRAFT in letter and "Dear parents" in letter
    done = drp("package", *at)
    assert done.exit_code == 1 and "B1       left out: draft" in done.stderr
    done = drp(
        "sign", "--unit", "B1", "--checked-by", "Ann", "--approved-by", "Bo", "--jobs", "1", *at
    )
    assert done.exit_code == 0 and "approved by Bo" in done.stdout, done.stderr
    assert DRAFT not in words(first) and DRAFT in words(site / "start/schools/B2/index.html")
    assert not drafts(first.parent) and not drafts(pack)
    assert drp("check", *at).exit_code == 0
    signed = json.loads((first.parent / "manifest.json").read_text())
    done = drp("package", "--unit", "B1", *at)
    assert done.exit_code == 1 and "not on record" in done.stderr
    done = drp("publish", "--approved-by", "Head", "--date", "2031-07-01", "--jobs", "1", *at)
    assert done.exit_code == 0, done.stderr
    assert json.loads((first.parent / "manifest.json").read_text()) == signed
    assert DRAFT not in words(site / "start/programme/index.html")
    done = drp("package", *at)
    assert done.exit_code == 0 and "B1.zip  to: head@oak.example" in done.stdout, done.stderr
    numbers = pd.read_csv(tmp_path / "releases/reading/start/1/numbers.csv", dtype="str")
    # What a text prints is on record as what tables print.
    assert ((numbers["id"] == f"{JOY}.w1.all.mean") & (numbers["report"] == "cohort")).any()

    # A year later: the same people answer higher, and a school joins.
    made.second_term(study)
    text.write_text(f"Joy stands at {{result:{JOY}.w2.all.mean}}.\n\n{{show:tbl-mine}}\n")
    (study / "texts/schools").mkdir()
    (study / "texts/schools/B1.md").write_text("{show:tbl-mine}\n")
    own_notebook(tmp_path / "notebooks")
    done = drp(*render, "--unit", "cohort", "--unit", "B1", "--unit", "B5")
    assert done.exit_code == 0, done.stderr
    new = site / "second/schools/B1/index.html"
    assert DRAFT in words(new)
    programme, of_school = (
        " ".join(prose(page, "sec-since")) for page in (site / "second/programme/index.html", new)
    )
    for said in (programme, of_school):
        assert "Summer 2031" in said and "a rise in joy in the same people" in said
        assert "May 2032. " in said and "answered (not in that edition)" in said
    assert "w2.csv" in programme and "Schools. One new." in programme
    assert "w2.csv" not in of_school and "One new" not in of_school
    # The notebook of the project's own, for the programme and for a school, each its own number.
    found = {}
    for page in (site / "second/programme/chapters/survey-learners.html", new):
        (table,) = (t for t in tables(page) if t.caption == "Who answered")
        found[page] = table.rows
    assert [rows[0] for rows in found.values()] == [["All", "150"], ["This school", "30"]]
    assert "Joy stands at 3.97" in words(next(iter(found)))

    # What is on record: the one edition; another is refused.
    done = drp("diff", "start", "second", *at)
    assert done.exit_code == 1 and "On record: start" in done.stderr
    done = drp("diff", "start", "start/1", *at)
    assert done.exit_code == 0 and "nothing has changed" in done.stdout
    # The text was written on these results; other answers, and it is to be read again.
    done = drp("texts", *at)
    assert done.exit_code == 0 and "stale" not in done.stdout, done.stderr
    assert yaml.safe_load((tmp_path / "releases/reading/texts.yaml").read_text())["learners"]
    answers = (study / "w2.csv").read_text().splitlines()
    (study / "w2.csv").write_text("\n".join(answers[:-15]) + "\n")
    done = drp("texts", *at)
    assert done.exit_code == 0 and "stale         texts/learners.md" in done.stdout, done.stderr
    assert "3.97 when it was written" in done.stdout
    done = drp("texts", "--reviewed", "learners", *at)
    assert done.exit_code == 0 and "stale" not in done.stdout
    text.write_text(f"Joy stands at {{result:{JOY}.w3.all.mean}}.\n")
    done = drp("texts", *at)
    assert done.exit_code == 1 and "learners.md, line 1" in done.stderr and "Perhaps" in done.stderr
