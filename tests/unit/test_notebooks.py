"""Notebooks as they are kept: thin, parameterised, labelled, without outputs."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pypandoc
import pytest
import yaml

from analysis import study as studies
from analysis.errors import AnalystError
from analysis.present.shown import PANDOC, escaped
from analysis.publish import notebooks
from analysis.publish.notebooks import ABOUT, PARAMETERS
from tests.conftest import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.name)
def test_a_notebook_is_kept_without_outputs_and_valid(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        assert not cell.get("outputs")
        assert not cell.get("execution_count")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.name)
def test_the_first_code_cell_holds_the_parameters(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")
    assert "parameters" in first.metadata.tags
    names = re.findall(r"^(\w+) = ", first.source, re.MULTILINE)
    asked = names[len(PARAMETERS) :]
    assert names == [*PARAMETERS, *ABOUT[: len(asked)]]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.name)
def test_captions_come_from_what_is_shown_and_not_from_the_cell(path: Path) -> None:
    for cell in nbformat.read(path, as_version=4).cells:
        assert not re.search(r"^#\| (tbl-cap|fig-cap|fig-alt):", cell.source, re.MULTILINE)


@pytest.mark.parametrize(
    "path", [*NOTEBOOKS, *(ROOT / "report").glob("*.qmd")], ids=lambda p: p.name
)
def test_no_notebook_and_no_template_names_what_one_study_has(path: Path) -> None:
    study = studies.load(ROOT / "data/raw")
    codebook = studies.read_yaml(study.path(str(study.codebook)))
    words = {survey.id for survey in study.surveys}
    words |= {name for survey in study.surveys for name in survey.instruments}
    words |= {str(theme["id"]) for theme in codebook["themes"]}
    words |= {"primary", "secondary", "leader", "teacher", "female", "fsm", "sen"}
    quoted = set(re.findall(r"""["']([\w-]+)["']""", path.read_text(encoding="utf-8")))
    assert not quoted & words
    labels = re.findall(r"""(?:label: |show\("|ref\(")([\w-]+)""", path.read_text(encoding="utf-8"))
    assert not {part for label in labels for part in label.split("-")} & words


def test_no_label_stands_in_two_notebooks() -> None:
    labels = [
        label
        for path in NOTEBOOKS
        for label in re.findall(r"#\| label: ([\w-]+)", path.read_text(encoding="utf-8"))
    ]
    assert labels and len(labels) == len(set(labels))


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ((), [()]),
        (("survey",), [("staff",), ("pupils",)]),
        (("survey", "instrument"),
         [("staff", "spsc"), ("pupils", "kidscreen10"), ("pupils", "srs")]),
    ],
)  # fmt: skip
def test_what_the_parameters_name_says_how_often_a_notebook_runs(
    tmp_path: Path, names: tuple[str, ...], expected: list[tuple[str, ...]]
) -> None:
    study = studies.load(ROOT / "data/raw")
    write_notebook(tmp_path / "notebooks/mine.ipynb", names)
    every = notebooks.runs(tmp_path, tmp_path / "processed", "S01", study)
    runs = [run for run in every if run.notebook.stem == "mine"]
    assert [run.about for run in runs] == expected
    folder = tmp_path / "processed/notebooks/S01"
    assert [run.target for run in runs] == [folder.joinpath(*e, "mine.ipynb") for e in expected]
    given = notebooks.parameters(runs[-1], study)
    assert tuple(given[name] for name in names) == expected[-1]


def test_a_notebook_that_asks_of_an_instrument_asks_of_a_survey(tmp_path: Path) -> None:
    write_notebook(tmp_path / "notebooks/mine.ipynb", ("instrument",))
    study = studies.load(ROOT / "data/raw")
    with pytest.raises(AnalystError, match="an instrument and no survey"):
        notebooks.runs(tmp_path, tmp_path, "S01", study)


def test_a_notebook_for_what_the_study_does_not_have_is_not_run() -> None:
    study = studies.load(ROOT / "data/raw")
    without = study.model_copy(
        update={"strands": {k: v for k, v in study.strands.items() if k != "value"}}
    )
    runs = [
        {run.notebook.stem for run in notebooks.runs(ROOT, Path(), "cohort", each)}
        for each in (study, without)
    ]
    assert runs[0] - runs[1] == {"value"}


def write_notebook(path: Path, names: tuple[str, ...], *cells: str) -> None:
    """A notebook with these parameters besides the usual ones, and these cells."""
    source = "\n".join(f'{name} = ""' for name in (*PARAMETERS, *names))
    first = nbformat.v4.new_code_cell(source, metadata={"tags": ["parameters"]})
    others = [nbformat.v4.new_code_cell(cell) for cell in cells or ("#| label: one\n1",)]
    path.parent.mkdir(exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=[first, *others]), path)


def shown_by(*outputs: dict[str, object], source: str = "#| label: tbl-x\nf()") -> list[str]:
    """Sources of the cells that a cell with these outputs becomes."""
    cell = nbformat.v4.new_code_cell(source)
    cell.outputs = [
        nbformat.v4.new_output("display_data", {"text/markdown": "x"}, metadata={"drp": each})
        for each in outputs
    ]
    made = notebooks.finished(nbformat.v4.new_notebook(cells=[cell]), ("staff", "spsc"))
    return [each.source for each in made.cells]


def test_a_kept_notebook_holds_the_renderers_markdown() -> None:
    cell = nbformat.v4.new_code_cell("#| label: tbl-x\nf()")
    data = {"text/markdown": "for Jupyter", PANDOC: "::: {.x}\nfor renderers\n:::\n"}
    cell.outputs = [nbformat.v4.new_output("display_data", data)]
    (kept,) = notebooks.finished(nbformat.v4.new_notebook(cells=[cell])).cells
    assert kept.outputs[0].data == {"text/markdown": "::: {.x}\nfor renderers\n:::\n"}


def test_labels_end_in_what_was_asked_about_and_captions_come_from_the_output() -> None:
    record = {"kind": "table", "caption": 'A "b": c', "key": ""}
    assert shown_by(record) == ['#| label: tbl-x-staff-spsc\n#| tbl-cap: "A \\"b\\": c"\nf()']
    assert shown_by() == ["#| label: tbl-x-staff-spsc\nf()"]
    figure = {"kind": "figure", "caption": "C", "alt": "Said", "key": ""}
    (source,) = shown_by(figure, source='#| label: fig-y\n#| fig-alt: "old"\nf()')
    assert source == '#| label: fig-y-staff-spsc\n#| fig-cap: "C"\n#| fig-alt: "Said"\nf()'
    # A caption that the analyst wrote in the cell stays where the output brings none.
    own = '#| label: tbl-z\n#| tbl-cap: "Mine"\nf()'
    assert shown_by({"kind": "text"}, source=own) == [
        '#| label: tbl-z-staff-spsc\n#| tbl-cap: "Mine"\nf()'
    ]


def test_an_apostrophe_in_a_caption_does_not_end_it_for_quarto() -> None:
    caption = escaped("Pupils' and parents' answers [all]")
    (source,) = shown_by({"kind": "table", "caption": caption, "key": ""})
    # Quarto writes the caption between apostrophes, and a backslash before each that is in it.
    written = yaml.safe_load(source.splitlines()[1].removeprefix("#| "))["tbl-cap"]
    told = "cap='" + written.replace("'", r"\'") + "'"
    made = pypandoc.convert_text(f"::: {{#x a='1' {told}}}\nb\n:::\n", "json", "markdown")
    (block,) = json.loads(made)["blocks"]
    assert block["c"][0][2] == [["a", "1"], ["cap", "Pupils’ and parents’ answers [all]"]]


def test_a_cell_that_showed_several_becomes_a_cell_for_each() -> None:
    found = shown_by(*({"kind": "table", "caption": k.upper(), "key": k} for k in ("a", "b")))
    assert [source.splitlines()[:2] for source in found] == [
        [f"#| label: tbl-x-staff-spsc-{k}", f'#| tbl-cap: "{k.upper()}"'] for k in ("a", "b")
    ]


@pytest.mark.parametrize("number", [1, 2, 4, 40])
def test_every_notebook_is_in_one_share(number: int) -> None:
    study = studies.load(ROOT / "data/raw")
    runs = notebooks.runs(ROOT, Path("processed"), "cohort", study)
    shares = notebooks.shares(runs, number)
    assert len(shares) == min(number, len(runs))
    assert all(shares)
    assert sorted(run.target for share in shares for run in share) == sorted(
        run.target for run in runs
    )


@pytest.mark.parametrize(
    ("metadata", "first", "message"),
    [
        (
            {"kernelspec": {"name": "ir", "display_name": "R", "language": "R"}},
            'unit = "cohort"',
            "written in R",
        ),
        ({"language_info": {"name": "julia"}}, 'unit = "cohort"', "written in julia"),
        ({}, "x = 1", "names 'unit'"),
        ({}, 'unit = "cohort"', "names 'study'"),
    ],
)
def test_a_notebook_that_cannot_be_run_for_every_unit_is_refused(
    metadata: dict[str, Any], first: str, message: str, tmp_path: Path
) -> None:
    cell = nbformat.v4.new_code_cell(first, metadata={"tags": ["parameters"]})
    path = tmp_path / "own.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata=metadata), path)
    with pytest.raises(AnalystError, match=message) as refused:
        notebooks.check(path)
    assert "own.ipynb" in str(refused.value)


def test_a_notebook_need_not_say_its_language(tmp_path: Path) -> None:
    cell = nbformat.v4.new_code_cell(
        'unit = "cohort"\nstudy = ""', metadata={"tags": ["parameters"]}
    )
    path = tmp_path / "own.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    notebooks.check(path)
    run = notebooks.Run(path, "B1", path)
    assert notebooks.asked(run).metadata["kernelspec"]["language"] == "python"


def test_a_notebook_is_executed_as_papermill_executes_it(tmp_path: Path) -> None:
    """Its own way writes and reads notebooks more often, and comes to the same."""
    new_cell = nbformat.v4.new_code_cell
    failed = "papermill-error-cell-tag"
    cells = [
        nbformat.v4.new_markdown_cell("It failed before.", metadata={"tags": [failed]}),
        new_cell('unit = "cohort"\nstudy = ""\nbaseline = ""', metadata={"tags": ["parameters"]}),
        new_cell("#| label: tbl-a\nimport os\nunit, baseline, os.path.basename(os.getcwd())"),
        new_cell("1 / 0", metadata={"tags": [notebooks.SCHOOL]}),
        nbformat.v4.new_markdown_cell("Said."),
    ]
    path = tmp_path / "book" / "own.ipynb"
    path.parent.mkdir()
    metadata = {"papermill": {"parameters": {"unit": "before"}, "exception": True}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), path)
    study = studies.load(ROOT / "data/raw")
    run = notebooks.Run(path, "cohort", tmp_path / "made.ipynb")
    made = nbformat.read(notebooks.execute(run, study), as_version=4)
    theirs = papermill.execute_notebook(
        notebooks.asked(run), None, parameters=notebooks.parameters(run, study),
        engine_name="warm", kernel_name="python3", progress_bar=False, cwd=str(path.parent),
    )  # fmt: skip
    assert made == notebooks.finished(theirs)
    (output,) = next(each for each in made.cells if each.source.startswith("#| label")).outputs
    assert output.data["text/plain"] == "('cohort', 'T1', 'book')"
    assert all(failed not in cell.metadata.get("tags", []) for cell in made.cells)
    # What is kept of a notebook's content is not what one run made of it.
    assert notebooks.asked(run).cells[1].source.startswith('unit = "cohort"')
    assert not any(cell.get("outputs") for cell in notebooks.asked(run).cells)
