"""A school is called what schools.csv calls it, whatever marks are in its name."""

from __future__ import annotations

import csv
import sys
from html import escape, unescape
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from pypdf import PdfReader

sys.path.insert(0, str(Path(__file__).parent))

import test_builtin_fixture as project_maker

from analysis import prepare
from analysis.disclosure import store
from analysis.errors import AnalystError
from analysis.prepare import schools
from analysis.publish import stage, start_page
from analysis.publish.builtin import render
from analysis.study import Study, load
from tests.conftest import ROOT
from tests.unit.raw_studies import File, make, person


@pytest.mark.parametrize(
    "name",
    [
        "St *Mary's* & All",
        "`q` ~~s~~ ^u^ ~v~ _e_ __f__",
        "A -- B --- C ... \"D\" 'E'",
        "[Oak](https://example.org) <b>Ash</b> @elm",
        "{{< meta unit >}} $x$ #panic() a\\b | c",
        "# 1 of Oak",
        "1. Oak: *the* first",
        "@tbl-change and @fig-1 [@smith2020]",
        "{{< include /etc/passwd >}} {python} `r 1+1`",
        "&amp; &lt;b&gt; <script>alert(1)</script> <!-- x -->",
        "\\*Oak\\* C:\\new\\table \\newpage",
        "$$x^2$$ \\(y\\) 5 $ a head, 6 $ in all",
        "::: {.column} ::: ![x](y.png) [^1] ==m== <https://example.org>",
        "St. Zoë\u2019s \u2013 \u00c9cole Ysgol y D\u0175r, Szko\u0142a \u0141",
    ],
)
def test_a_name_is_shown_as_typed(tmp_path: Path, name: str) -> None:
    page: Any = SimpleNamespace(
        study=load(ROOT / "data/raw"), unit="S01", is_school=True,
        school={"name": name},
    )  # fmt: skip
    project = project_maker.document_project(tmp_path / "project")
    metadata = stage.unit_metadata(page)
    (project / "_unit.yml").write_text(yaml.safe_dump(metadata), encoding="utf-8")
    (project / "report/school.qmd").write_text("---\ntoc: true\n---\n\n## Staff\n\nText.\n")
    render(project, tmp_path / "out", ["html", "pdf"])
    html = unescape((tmp_path / "out/index.html").read_text(encoding="utf-8"))
    for tag in ("title>", 'h1 class="site-title">'):
        assert f"<{tag}{name}<" in html
    printed = PdfReader(tmp_path / "out/report.pdf")
    assert printed.metadata is not None
    assert printed.metadata.title == name
    typed = "".join(name.split())
    assert typed in "".join("".join(part.extract_text() for part in printed.pages).split())


# --- files beside the pages ------------------------------------------------------------------

NAME = 'St *Mary\'s* & All, "<b>" [x](y) @tbl-x {{< include >}} C:\\new'


def with_name(tmp_path: Path, name: str, second: str = "Beech School") -> Study:
    """A study whose schools have these names."""
    study = make(tmp_path / "study", [File("T1", [person("AB12", school=name)])])
    path = tmp_path / "study" / "schools.csv"
    rows = list(csv.DictReader(path.open(encoding="utf-8")))
    rows[0]["name"] = name
    rows[1]["name"] = second
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return study


@pytest.mark.parametrize("name", [NAME, "=1+2", "#1", "Zoë\u2019s", "A  B", "1.5", "007", "NA"])
def test_an_export_may_name_the_school_as_typed_and_tables_hold_it(
    name: str, tmp_path: Path
) -> None:
    study = with_name(tmp_path, name)
    prepared = prepare.prepare(study, tmp_path / ".drp")
    assert prepared.surveys["staff"]["school"].tolist() == ["S1"]
    assert prepared.schools.loc["S1", "name"] == name
    store.public(prepared).to_csv(tmp_path / "schools.csv", index=False)
    rows = list(csv.DictReader((tmp_path / "schools.csv").open(encoding="utf-8")))
    assert [row["name"] for row in rows] == [name, "Beech School"]


@pytest.mark.parametrize(
    ("name", "second"),
    [
        ("Beech School", "Beech School"),
        ("beech  school", "Beech School"),
        ("Oak", "OAK"),
        ("Oak", "S1"),
        ("Oak", "101"),
        ("102", "Beech School"),
        ("Oak\u00a0School", "Oak School"),
        ("Oak\u200b", "Oak"),
        ("Zo\u00eb", "Zoe\u0308"),
    ],
)
def test_what_would_name_two_schools_is_refused(name: str, second: str, tmp_path: Path) -> None:
    with pytest.raises(AnalystError) as error:
        schools.read(with_name(tmp_path, name, second))
    assert "schools.csv" in str(error.value)
    assert "row 3" in str(error.value)


@pytest.mark.parametrize("mark", ["\u202e", "\u202a", "\u2066", "\u2069"])
def test_marks_that_turn_the_text_around_are_refused_by_name(mark: str, tmp_path: Path) -> None:
    with pytest.raises(AnalystError, match="turns the direction") as error:
        schools.read(with_name(tmp_path, f"Ash{mark}School"))
    assert f"\\u{ord(mark):04x}" in str(error.value)
    assert "row 2, column name" in str(error.value)


def test_writing_from_right_to_left_and_joined_letters_are_names_like_others(
    tmp_path: Path,
) -> None:
    name = "\u05d1\u05d9\u05ea \u05e1\u05e4\u05e8 \u0645\u06cc\u200c\u062e"
    assert schools.read(with_name(tmp_path, name)).loc["S1", "name"] == name


@pytest.mark.parametrize("name", [NAME, "<script>alert(1)</script>", "&amp; &lt;"])
def test_the_sites_start_page_shows_the_name_as_typed(name: str, tmp_path: Path) -> None:
    """It takes the name from the school's own page, and the address from the id."""
    page = tmp_path / "study" / "2024" / "schools" / "S1"
    page.mkdir(parents=True)
    (page / "index.html").write_text(f"<html><title>{escape(name)}</title></html>")
    (page / "report.pdf").write_bytes(b"%PDF")
    start_page.write(tmp_path, ROOT)
    text = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert f'<a href="study/2024/schools/S1/index.html">{escape(name)}</a>' in text
    assert f">{escape(name)} as PDF</a>" in text
    assert "<script>" not in text
    assert "<b>" not in text


@pytest.mark.parametrize("name", ["../../etc", "a/b", "a\\b", "CON", "x" * 300, ". .", "~"])
def test_no_file_is_called_after_a_name(name: str, tmp_path: Path) -> None:
    """Only ids name files, and they are plain."""
    study = with_name(tmp_path, name)
    prepared = prepare.prepare(study, tmp_path / ".drp", folder=tmp_path / "processed")
    assert prepared.schools.loc["S1", "name"] == name
    files = {path.name for path in (tmp_path / "processed").rglob("*")}
    assert not any(name in file for file in files if len(name) > 1)
