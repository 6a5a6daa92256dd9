"""Run notebooks: one function, by Papermill, once for each unit and whatever is asked about.

The ``parameters`` cell of a notebook says what it is asked about. One that names ``survey`` runs for
each survey of the study, one that names ``instrument`` as well for each instrument of each survey,
and one that names neither once for a unit.
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import chdir
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import nbformat

from analysis import resources
from analysis.errors import AnalystError
from analysis.language import ENGLISH, now
from analysis.places import inside
from analysis.present.shown import CHART, PANDOC, Part, recorded
from analysis.publish import strands
from analysis.results import COHORT
from analysis.study import Study

Engine = Literal["warm", "stock"]

#: Tags of cells that only the programme's report shows, or only a school's.
PROGRAMME, SCHOOL = "programme", "school"
#: The tag of cells that Papermill's client leaves out.
SKIPPED = "skip-execution"

#: In which notebooks are written.
LANGUAGE = "python"
#: Begins the label of the cell that has the sentence before a table.
LEAD = "lead-"

#: A figure takes as long as this many tables, about.
FIGURE = 20

#: What is asked of every notebook; the ``parameters`` cell names the same first.
PARAMETERS = ("unit", "study", "edition", "baseline", "followup", "language")
#: What a notebook may be asked about besides, in this order.
ABOUT = ("survey", "instrument")
LABEL = re.compile(r"^#\|\s*label:\s*(\S+)\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Run:
    """One notebook for one unit, and for one survey and instrument where it asks about them."""

    notebook: Path
    unit: str
    target: Path
    survey: str = ""
    instrument: str = ""

    @property
    def about(self) -> tuple[str, ...]:
        """Ids of what is asked about: they end the labels of the executed notebook's cells."""
        return tuple(filter(None, (self.survey, self.instrument)))


def executed(processed: Path, unit: str, study: Study) -> Path:
    """The folder of a unit's executed notebooks in the language that is spoken."""
    return translated(processed, unit, study).get(now(), inside(processed, "notebooks", unit))


def translated(processed: Path, unit: str, study: Study) -> dict[str, Path]:
    """Where a school's executed notebooks are in other languages than the main one, by language."""
    return {
        code: inside(processed, "languages", code, "notebooks", unit)
        for code in study.report.languages[1:]
        if unit != COHORT
    }


def runs(root: Path, processed: Path, unit: str, study: Study) -> list[Run]:
    """The runs of a unit: each notebook that has anything to show for it, in order of name.

    The notebooks are those of the project ``root``: its own, and the package's for the rest.
    What a notebook makes is written to ``<unit>/<survey>/<instrument>/<notebook>`` below the
    folder ``notebooks`` of the processed data, without the levels that it does not ask about.

    Raises
    ------
    AnalystError
        If a notebook asks about an instrument and no survey.
    """
    found = resources.notebooks(root)
    folder, programme = executed(processed, unit, study), unit == COHORT
    return [
        Run(path, unit, inside(folder, *about, path.name), *about)
        for path in found
        if strands.applies(path.stem, study) and _shows(path, programme, path.stat().st_mtime_ns)
        for about in _asked_about(path, study)
    ]


def _asked_about(path: Path, study: Study) -> Iterator[tuple[str, ...]]:
    """Ids of what a notebook is asked about, one run after the other."""
    names = _parameter_names(path, path.stat().st_mtime_ns)
    asks = tuple(name for name in ABOUT if name in names)
    if asks == ():
        yield ()
    elif asks == ABOUT[:1]:
        yield from ((survey.id,) for survey in study.surveys)
    elif asks == ABOUT:
        for survey in study.surveys:
            yield from ((survey.id, instrument) for instrument in survey.instruments)
    else:
        raise AnalystError(
            "The parameters of this notebook name an instrument and no survey.",
            where=str(path),
            fix='Add survey = "" before it: an instrument is one of a survey.',
        )


@lru_cache(maxsize=256)
def _parameter_names(path: Path, changed: int) -> tuple[str, ...]:
    return _parameters_of(_notebook(path))


def _parameters_of(notebook: nbformat.NotebookNode) -> tuple[str, ...]:
    for cell in notebook.cells:
        if "parameters" in cell.metadata.get("tags", []):
            return tuple(re.findall(r"^(\w+)\s*=", cell.source, re.MULTILINE))
    return ()


def check(path: Path) -> None:
    """Check that a notebook can be run for every unit.

    Raises
    ------
    AnalystError
        If it is no notebook, of another language, or has no cell of parameters that names the unit:
        it would say the same in every report.
    """
    try:
        found = nbformat.read(path, as_version=4)
        metadata = found.metadata
        language = metadata.get("language_info", {}).get("name", LANGUAGE)
        language = metadata.get("kernelspec", {}).get("language", language)
        names = _parameters_of(found)
    except (OSError, ValueError, AttributeError, nbformat.ValidationError):
        raise AnalystError(
            f"{path.name} is no notebook.",
            where=str(path),
            fix="Take it away (the package's own is used then), or save it in Jupyter.",
        ) from None
    if str(language).lower() not in (LANGUAGE, "ipython"):
        raise AnalystError(
            f"{path.name} is written in {language}.",
            where=str(path),
            fix="Notebooks are run with Python: write it in that.",
        )
    if missing := [name for name in ("unit", "study") if name not in names]:
        raise AnalystError(
            f"{path.name} has no cell of parameters that names '{missing[0]}'.",
            where=str(path),
            fix='Tag a cell "parameters", and write in it unit = "cohort" and study = "data/raw", '
            "each on its line (docs/extending.md, A notebook of your own).",
        )


@lru_cache(maxsize=256)
def _labels(path: Path, changed: int) -> tuple[str, ...]:
    found = (LABEL.search(cell.source) for cell in _notebook(path).cells)
    return tuple(match.group(1) for match in found if match)


def labels(root: Path) -> set[str]:
    """Every label of the notebooks that a project runs, as their sources have it."""
    paths = resources.notebooks(root)
    return {label for path in paths for label in _labels(path, path.stat().st_mtime_ns)}


def tidy(processed: Path, unit: str, study: Study, made: Sequence[Run]) -> None:
    """Remove executed notebooks of a unit that none of its runs made."""
    targets = {run.target for run in made}
    for path in executed(processed, unit, study).rglob("*.ipynb"):
        if path not in targets:
            path.unlink()


def shares(executed: Sequence[Run], number: int) -> list[list[Run]]:
    """Runs in so many shares of about as much to show; none is empty."""
    found: list[tuple[int, list[Run]]] = [(0, []) for _ in range(number)]
    work = {run: _work(asked(run)) for run in executed}
    for run in sorted(executed, key=lambda run: -work[run]):
        place = min(range(number), key=lambda share: found[share][0])
        found[place] = (found[place][0] + work[run], [*found[place][1], run])
    return [share for _, share in found if share]


def _work(notebook: nbformat.NotebookNode) -> int:
    """How much a notebook has to show, counted in tables."""
    sources = [cell.source for cell in notebook.cells]
    return sum(("#| label:" in text) + FIGURE * ("#| label: fig-" in text) for text in sources)


def execute(run: Run, study: Study, engine: Engine = "warm") -> Path:
    """Run one notebook by Papermill, and write it without clock or machine in it.

    ``warm`` runs it in this process (:mod:`analysis.publish.engine`), ``stock`` in a new one
    by Papermill's own engine: the same outputs, a hundred times slower.

    Raises
    ------
    AnalystError
        If a cell fails: with the notebook, the cell and the error. Nothing is left at the
        target then.
    """
    from papermill.exceptions import PapermillExecutionError

    logging.getLogger("papermill").setLevel(logging.ERROR)
    run.target.parent.mkdir(parents=True, exist_ok=True)
    try:
        found = _executed(run, parameters(run, study), engine)
    except PapermillExecutionError as error:
        raise AnalystError(
            f"The notebook {run.notebook.name} failed for {' '.join((run.unit, *run.about))}: "
            f"{error.ename}: {error.evalue}",
            where=f"{run.notebook}, cell {error.cell_index + 1}: {_first_line(error.source)}",
            fix="Open the notebook in Jupyter, set "
            + ", ".join(f"{name} = '{value}'" for name, value in _set(run).items())
            + ", and Run All.",
        ) from None
    write(finished(found, run.about), run.target)
    return run.target


def _executed(run: Run, given: dict[str, str], engine: Engine) -> nbformat.NotebookNode:
    """What ``papermill.execute_notebook`` does, by its own parts: it would write the notebook out and
    read it again before, and write it out after, for nobody, which takes a thirtieth of the time of
    a school's report."""
    from papermill.engines import papermill_engines
    from papermill.execute import raise_for_execution_errors, remove_error_markers
    from papermill.parameterize import parameterize_notebook

    from analysis.publish.engine import register

    register()
    name, kernel = None if engine == "stock" else engine, "python3"
    notebook = remove_error_markers(asked(run))
    # Where Papermill keeps its books. None of it is kept (:func:`finished`).
    notebook.metadata["papermill"] = nbformat.NotebookNode()
    for cell in notebook.cells:
        cell.metadata.setdefault("tags", [])
        cell.metadata["papermill"] = nbformat.NotebookNode()
    notebook = parameterize_notebook(notebook, given, kernel_name=kernel, engine_name=name)
    with chdir(run.notebook.parent):
        found = papermill_engines.execute_notebook_with_engine(
            name,
            notebook,
            kernel_name=kernel,
            progress_bar=False,
            log_output=False,
            # A new kernel warns that others on this machine could listen; it is not news here.
            extra_arguments=["--IPKernelApp.log_level=ERROR"],
        )
    raise_for_execution_errors(found, None)
    return found


def asked(run: Run) -> nbformat.NotebookNode:
    """The notebook as it is run for a unit: without the cells tagged for the other kind."""
    notebook = _notebook(run.notebook)
    # Not every program that writes notebooks says in which language; whole.py refuses all but one.
    notebook.metadata.setdefault(
        "kernelspec", {"name": "python3", "display_name": "Python 3", "language": LANGUAGE}
    )
    others = SCHOOL if run.unit == COHORT else PROGRAMME
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        if others in tags:
            cell.metadata["tags"] = [*tags, SKIPPED]
    return notebook


def _notebook(path: Path) -> nbformat.NotebookNode:
    """A notebook as its file holds it, for whoever asks; each state of a file is read once."""
    return nbformat.from_dict(json.loads(_read(path, path.stat().st_mtime_ns)))


@lru_cache(maxsize=256)
def _read(path: Path, changed: int) -> str:
    return json.dumps(nbformat.read(path, as_version=4))


@lru_cache(maxsize=256)
def _shows(path: Path, programme: bool, changed: int) -> bool:
    """Whether a notebook shows anything to the programme, or to schools."""
    notebook = asked(Run(path, COHORT if programme else "", path))
    return any(
        LABEL.search(cell.source) and SKIPPED not in cell.metadata.get("tags", [])
        for cell in notebook.cells
    )


def parameters(run: Run, study: Study) -> dict[str, str]:
    """The parameters of a run. The study's folder is absolute, so that it holds in any folder."""
    return {
        "unit": run.unit,
        "study": str(study.folder.resolve()),
        "edition": study.edition.id,
        "baseline": study.baseline,
        "followup": study.followup,
        # A notebook of an analyst's own that does not name it speaks the language all the same.
        **({"language": now()} if now() != ENGLISH else {}),
        **{name: value for name, value in _set(run).items() if name in ABOUT},
    }


def _set(run: Run) -> dict[str, str]:
    """What of the parameters makes this run."""
    asked_about = dict(zip(ABOUT, run.about, strict=False))
    return {"unit": run.unit, **asked_about}


def finished(notebook: nbformat.NotebookNode, about: Sequence[str] = ()) -> nbformat.NotebookNode:
    """An executed notebook as it is kept: the same bytes whenever and wherever it ran.

    Times, durations, random cell ids and the machine's paths go. A caption, and a figure's
    alternative text, made from the numbers drawn, move from the output's metadata into the cell's
    options, where Quarto and the built-in renderer read them, and Markdown for them takes the place
    of Jupyter's. Labels end in what the notebook was
    asked ``about``, so that they stand once in a report, and a cell that showed one thing for each
    of several becomes one cell for each. An escaped apostrophe in a caption becomes a typographic
    one: Quarto writes captions between apostrophes, and puts a backslash before one, which then ends
    at the backslash that was there.
    """
    notebook = nbformat.from_dict(json.loads(json.dumps(notebook)))
    notebook.metadata = nbformat.from_dict(
        {
            key: notebook.metadata[key]
            for key in ("kernelspec", "language_info")
            if key in notebook.metadata
        }
    )
    cells = []
    for cell in notebook.cells:
        if "injected-parameters" in cell.metadata.get("tags", []):
            # The machine's path to the study is in it; the parameters are in the metadata.
            continue
        tags = [tag for tag in cell.metadata.get("tags", []) if tag != SKIPPED]
        cell.metadata = nbformat.from_dict({"tags": tags})
        if cell.cell_type == "code":
            cell.execution_count = None
            for output in cell.outputs:
                if output.output_type == "execute_result":
                    output.execution_count = None
                for kept, readers in ((PANDOC, "text/markdown"), (CHART, "text/html")):
                    if kept in output.get("data", {}):
                        output.data[readers] = output.data.pop(kept)
            cells += _labelled(cell, about)
        else:
            cells.append(cell)
    for place, cell in enumerate(cells):
        cell.id = f"cell-{place:02d}"
    notebook.cells = cells
    return notebook


def write(notebook: nbformat.NotebookNode, path: Path) -> None:
    """Write a notebook in one step, so that a reader never finds half of it."""
    temporary = path.with_suffix(f".{os.getpid()}.part")
    # Indented, as nbformat writes it, takes several times as long, and programs read it.
    content = json.dumps(notebook, ensure_ascii=False, sort_keys=True)
    temporary.write_text(content + "\n", encoding="utf-8")
    temporary.replace(path)


def write_named(folder: Path, numbers: Sequence[Part]) -> None:
    """Record beside the executed notebooks which numbers the study's texts show, as cells do.

    So they are attacked, and put on record, with all that the report shows.
    """
    path = inside(folder, "texts.ipynb")
    if not numbers:
        path.unlink(missing_ok=True)
        return
    record = {"kind": "text", "numbers": recorded((each, None, None) for each in numbers)}
    output = nbformat.v4.new_output("display_data", {"text/plain": ""}, metadata={"drp": record})
    cell = nbformat.v4.new_code_cell(outputs=[output])
    folder.mkdir(parents=True, exist_ok=True)
    write(finished(nbformat.v4.new_notebook(cells=[cell])), path)


def alias(unit: str) -> str:
    """The folder a report's chapters embed from: every school's report embeds from ``school``."""
    return COHORT if unit == COHORT else "school"


def _labelled(cell: Any, about: Sequence[str]) -> list[Any]:
    """A cell with its own label, or one for each thing that it showed."""
    label = LABEL.search(cell.source)
    if label is None:
        return [cell]
    by_key: dict[str, list[Any]] = {}
    for output in cell.outputs:
        by_key.setdefault(str(_record(output).get("key", "")), []).append(output)
    cells = []
    alone = len(by_key) < 2
    for key, outputs in (by_key or {"": []}).items():
        one = cell if alone else nbformat.NotebookNode(**cell)
        one.outputs = outputs
        options = {"label": "-".join((label.group(1), *about, *([key] if key else [])))}
        for record in map(_record, outputs):
            kind = {"table": "tbl", "figure": "fig"}.get(record.get("kind", ""), "")
            if kind and "caption" in record:
                options[f"{kind}-cap"] = record["caption"].replace(r"\'", "’")
            if "alt" in record:
                options["fig-alt"] = record["alt"]
        one.source = _with_options(one.source, options)
        cells += [*_leads(one, options["label"]), one]
    return cells


def _leads(cell: Any, label: str) -> Iterator[Any]:
    """A cell for the sentence before a table, which goes from the table's record."""
    for output in cell.outputs:
        lead = _record(output).pop("lead", None)
        if lead:
            record = {"kind": "text", "key": "", "numbers": lead["numbers"]}
            shown = nbformat.v4.new_output(
                "display_data", {"text/markdown": lead["markdown"]}, metadata={"drp": record}
            )
            source = f"#| label: {LEAD}{label}"
            made = nbformat.v4.new_code_cell(source, outputs=[shown])
            yield made


def _record(output: Any) -> dict[str, Any]:
    record: dict[str, Any] = output.get("metadata", {}).get("drp", {})
    return record


def _with_options(source: str, options: dict[str, str]) -> str:
    """A cell's source with these options in place of its own of the same name."""
    lines = [
        line
        for line in source.splitlines()
        if not any(line.startswith(f"#| {name}:") for name in options)
    ]
    given = [
        f"#| {name}: {value if name == 'label' else json.dumps(value, ensure_ascii=False)}"
        for name, value in options.items()
    ]
    return "\n".join([*given, *lines])


def _first_line(source: str) -> str:
    lines = [line for line in source.splitlines() if line.strip()]
    return lines[0] if lines else ""
