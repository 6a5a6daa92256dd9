"""Outside the dialect: one error that names the file, the line and what to do."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import test_builtin_fixture as project_maker

from analysis.publish.builtin import DialectError, read, render

NOTEBOOK = "../data/processed/notebooks/oak/change.ipynb"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return project_maker.document_project(tmp_path / "project")


def refused(project: Path, text: str) -> DialectError:
    """The error for a document whose fifth line on is ``text``."""
    (project / "report/school.qmd").write_text(f"---\ntitle: Oak\n---\n\n{text}\n", "utf-8")
    with pytest.raises(DialectError) as caught:
        render(project, project.parent / "out", ["html", "pdf"])
    assert str(project) not in str(caught.value)
    with pytest.raises(DialectError) as checked:
        read(project, ["html", "pdf"])
    assert str(checked.value) == str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("Text.\n\n```{python}\n1 + 1\n```", 7, "move it into a notebook"),
        ("Text\n\n{{< video film.mp4 >}}", 7, "video"),
        ("Text with {{< pagebreak >}} in it", 5, "paragraph of its own"),
        ("{{< meta unit.nothing >}}", 5, "unit.nothing"),
        ("{{< meta unit >}}", 5, "not a single value"),
        ("{{< meta >}}", 5, "exactly one"),
        ("{{< include >}}", 5, "exactly one"),
        ("Text\n\nthen {{< meta a", 7, "no end"),
        ("One\n\nTwo @tbl-nowhere.", 7, "no.*label|label"),
        ("As @smith2020 says", 5, "citations"),
        ("$$\nx = 1\n$$ {#eq-one}", 7, "no numbers"),
        ("[text](#nowhere)", 5, "address"),
        ("[text](other.qmd)", 5, "missing"),
        ("[text](javascript:alert)", 5, "http"),
        ("[text]({{< meta unit.name >}})", 5, "address"),
        ("[raw](../data/processed/notebooks/oak/change.ipynb)", 5, "linked"),
        ("![](images/none.png)", 5, "alternative text"),
        ("![Alt](images/none.png)", 5, "missing"),
        ("![Alt](https://example.org/x.png)", 5, "file in the project"),
        ("Text <b>bold</b>", 5, "raw markup"),
        ("\\newpage", 5, "raw markup"),
        ("```{=latex}\n\\vspace{1cm}\n```", 6, "raw markup"),
        ("`<b>`{=html}", 5, "raw markup"),
        ("::: {.callout-danger}\nText\n:::", 5, "unknown callout"),
        ("::: {.column-margin}\nText\n:::", 5, "outside"),
        ("::: {layout-ncol=2}\nText\n:::", 5, "side by side"),
        ("Text\n\n```{mermaid}\ngraph LR; A --> B\n```", 7, "diagram as a picture"),
        ("::: {#fig-two}\nText\n:::", 5, "notebook cell"),
        ("[text]{style='color:red'}", 5, "outside"),
        ("One\n\n::: {.panel-tabset}\nText\n:::", 7, "first tab"),
        ("::: {.key-figures}\nText\n:::", 5, "key-figure"),
        ("{{< embed change.ipynb >}}", 5, "PATH.ipynb#label"),
        ("{{< embed missing.ipynb#tbl-x >}}", 5, "missing"),
        (f"{{{{< embed {NOTEBOOK}#tbl-none >}}}}", 5, "tbl-none"),
        (f"Text\n\n{{{{< embed {NOTEBOOK}#tbl-change echo=true >}}}}", 7, "exactly one"),
        (
            f"{{{{< embed {NOTEBOOK}#tbl-change >}}}}\n\nText\n\n"
            f"{{{{< embed {NOTEBOOK}#tbl-change >}}}}",
            9,
            "embedded already",
        ),
        ("{{< include ../../../../../etc/passwd >}}", 5, "leaves the project"),
        ("{{< include none.qmd >}}", 5, "missing"),
        ("{{< include school.qmd >}}", None, "front matter"),
    ],
)
def test_outside_the_dialect(project: Path, text: str, line: int | None, part: str) -> None:
    error = refused(project, text)
    assert error.path == "report/school.qmd"
    if line is not None:
        assert error.line == line
        assert str(error).startswith(f"report/school.qmd:{line}:")
    assert any(word in str(error) for word in part.split("|"))


def test_an_error_in_an_included_file_names_that_file(project: Path) -> None:
    (project / "report/_more.qmd").write_text("Fine.\n\nNot {{< fine >}}.\n")
    error = refused(project, "{{< include _more.qmd >}}")
    assert (error.path, error.line) == ("report/_more.qmd", 3)


def test_a_file_that_includes_itself(project: Path) -> None:
    (project / "report/_more.qmd").write_text("{{< include _more.qmd >}}\n")
    assert "includes itself" in str(refused(project, "{{< include _more.qmd >}}"))


def with_cell(project: Path, options: str, *outputs: dict[str, Any]) -> DialectError:
    path = project / "data/processed/notebooks/oak/one.ipynb"
    project_maker.notebook(path, project_maker.cell(options, *outputs))
    label = options.split("\n")[0].split()[1]
    return refused(
        project, f"Text\n\n{{{{< embed ../data/processed/notebooks/oak/one.ipynb#{label} >}}}}"
    )


def test_cells_that_cannot_be_shown(project: Path) -> None:
    markdown, figure = project_maker.markdown, project_maker.figure
    failed = {"output_type": "error", "ename": "KeyError", "evalue": "secret", "traceback": []}
    printed = {"output_type": "stream", "name": "stdout", "text": "printed"}
    bare = {"output_type": "display_data", "data": {"text/plain": "x"}, "metadata": {}}
    loading = figure("x")
    loading["data"]["text/html"] += '<script src="https://cdn.plot.ly/plotly.js"></script>'
    for options, outputs, part in [
        ("label: empty", [], "no output"),
        ("label: failed", [failed], "KeyError"),
        ("label: printed", [printed], "prints"),
        ("label: bare", [bare], "image/svg+xml"),
        ("label: fig-x\nfig-cap: A", [figure("x")], "fig-alt"),
        ("label: fig-x\nfig-alt: A", [figure("x")], "fig-cap"),
        ("label: fig-x\nfig-cap: A\nfig-alt: A", [loading], "outside"),
        ("label: tbl-x", [markdown("| a |\n|---|\n| 1 |")], "tbl-cap"),
        ("label: tbl-x\ntbl-cap: 'A", [markdown("text")], "YAML"),
    ]:
        error = with_cell(project, options, *outputs)
        assert error.line == 7
        assert part in str(error)
        assert "secret" not in str(error)


def test_two_cells_with_one_label(project: Path) -> None:
    cell = project_maker.cell("label: twice", project_maker.markdown("x"))
    project_maker.notebook(project / "data/processed/notebooks/oak/one.ipynb", cell, cell)
    text = "{{< embed ../data/processed/notebooks/oak/one.ipynb#twice >}}"
    assert "two cells" in str(refused(project, text))


def test_not_a_notebook(project: Path) -> None:
    (project / "report/x.ipynb").write_text("no")
    assert "not a notebook" in str(refused(project, "{{< embed x.ipynb#a >}}"))


def test_the_same_label_on_two_things(tmp_path: Path) -> None:
    project = project_maker.book_project(tmp_path / "project")
    (project / "report/methods.qmd").write_text("# Methods {#sec-staff}\n\nText.\n")
    with pytest.raises(DialectError, match="used twice") as caught:
        render(project, tmp_path / "out", ["pdf"])
    assert caught.value.path == "report/methods.qmd"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("Text without a heading.\n", "level-one heading"),
        ("# One\n\nText.\n\n# Two\n", "one level-one heading"),
    ],
)
def test_chapters_have_one_title(tmp_path: Path, text: str, part: str) -> None:
    project = project_maker.book_project(tmp_path / "project")
    (project / "report/methods.qmd").write_text(text)
    with pytest.raises(DialectError, match=part):
        render(project, tmp_path / "out", ["html"])


@pytest.mark.parametrize(
    ("config", "line", "part"),
    [
        ("project: {type: website}\n", None, "book"),
        ("project:\n  type: book\n", None, "chapters"),
        ("project:\n  type: book\nbook:\n  chapters: [index.qmd, gone.qmd]\n", 4, "missing"),
        ("project:\n  type: book\nbook:\n  chapters: [data.ipynb]\n", 4, ".qmd"),
        ("project:\n  type: default\n bad\n", 3, "YAML"),
        ("metadata-files: [../other.yml]\n", 1, "inside"),
        ("date: today\n", 1, "clock"),
    ],
)
def test_the_projects_own_file(project: Path, config: str, line: int | None, part: str) -> None:
    (project / "_quarto.yml").write_text(config)
    (project / "index.qmd").write_text("# Index\n")
    (project / "report/school.qmd").write_text("---\ntitle: Oak\n---\n\nText.\n")
    with pytest.raises(DialectError) as caught:
        render(project, project.parent / "out", ["html"])
    assert part in str(caught.value)
    if line is not None and part != "clock":
        assert (caught.value.path, caught.value.line) == ("_quarto.yml", line)


def test_front_matter_that_is_not_yaml_names_its_line(project: Path) -> None:
    (project / "report/school.qmd").write_text("---\ntitle: Oak\nkey: [a\n---\n\nText.\n")
    with pytest.raises(DialectError) as caught:
        render(project, project.parent / "out", ["html"])
    assert caught.value.path == "report/school.qmd"
    assert caught.value.line in (3, 4)


def test_hidden_content_needs_no_notebook(project: Path) -> None:
    hidden = '::: {.content-visible when-meta="unit.interviews"}\n{{< embed no.ipynb#x >}}\n:::'
    (project / "report/school.qmd").write_text(f"---\ntitle: Oak\n---\n\nText.\n\n{hidden}\n")
    render(project, project.parent / "out", ["html", "pdf"])


def test_a_notebook_without_alternative_text_in_a_plain_cell(project: Path) -> None:
    error = with_cell(project, "label: drawing", project_maker.figure("x"))
    assert "fig-alt" in str(error)


def test_notebooks_are_left_as_they_were(project: Path) -> None:
    folder = project / "data/processed/notebooks/oak"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    render(project, project.parent / "out", ["html", "pdf"])
    assert before == {path.name: path.read_bytes() for path in folder.iterdir()}
    assert all(json.loads(content) for content in before.values())
