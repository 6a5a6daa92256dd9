"""Readers of exports: one module for each survey tool, one entry here.

A file is read into a grid of cells by what it is (delimited text, workbook, SPSS, Stata); which tool
made it is found by the signature of its first rows. The study file may state the format, which
then must fit.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from analysis.errors import AnalystError
from analysis.sources import (
    data_entry,
    delimited,
    google_forms,
    jisc,
    labelled,
    limesurvey,
    microsoft_forms,
    plain,
    qualtrics,
    qualtrics_legacy,
    redcap,
    surveymonkey,
    workbook,
    xlsform,
)
from analysis.sources.container import CONTAINER_NAMES, Container, container_of
from analysis.sources.export import RawExport, exported
from analysis.sources.grid import Grid, without_titles
from analysis.sources.layout import Layout
from analysis.study import ExportFormat

__all__ = ["FORMATS", "RawExport", "detect", "open_file", "read"]

#: Each format: the kinds of file it comes in, and how its layout is recognised.
FORMATS: dict[str, tuple[tuple[Container, ...], Callable[[Grid], Layout | None]]] = {
    "qualtrics_csv": (("csv", "xlsx"), qualtrics.layout),
    "qualtrics_legacy_csv": (("csv",), qualtrics_legacy.layout),
    "microsoft_forms_xlsx": (("xlsx", "csv"), microsoft_forms.layout),
    "google_forms_csv": (("csv", "xlsx"), google_forms.layout),
    "surveymonkey_csv": (("csv", "xlsx"), surveymonkey.layout),
    "jisc_csv": (("csv", "xlsx"), jisc.layout),
    "jisc_sav": (("sav",), jisc.layout),
    "limesurvey_csv": (("csv", "xlsx"), limesurvey.layout),
    "redcap_csv": (("csv", "xlsx"), redcap.layout),
    "xlsform_csv": (("csv", "xlsx"), xlsform.layout),
    "data_entry_xlsx": (("xlsx",), data_entry.layout),
    "spss_sav": (("sav",), plain.layout),
    "stata_dta": (("dta",), plain.layout),
    "plain_csv": (("csv",), plain.layout),
    "plain_xlsx": (("xlsx",), plain.layout),
}


def read(path: Path, kind: ExportFormat = "auto", sheet: str | None = None) -> RawExport:
    """Read a survey export.

    Parameters
    ----------
    path
        The file.
    kind
        The format, or ``auto`` to recognise it.
    sheet
        The sheet of a workbook; if none is named, the only one that it can be.

    Raises
    ------
    AnalystError
        If the file cannot be read, or is not of the format stated.
    """
    grid = open_file(path, sheet)
    found, layout = detect(grid) if kind == "auto" else (kind, _stated(grid, kind))
    return exported(grid, layout, found)


def open_file(path: Path, sheet: str | None = None) -> Grid:
    """A file's cells, by what the file is."""
    container = container_of(path)
    if container == "sav":
        return labelled.read_spss(path)
    if container == "dta":
        return labelled.read_stata(path)
    if container == "xlsx":
        return without_titles(workbook.read(path, sheet))
    return without_titles(delimited.read(path))


def detect(grid: Grid) -> tuple[str, Layout]:
    """The format of a file by its signature, and its layout; plain if it has none."""
    for kind, (containers, recognise) in FORMATS.items():
        if grid.container in containers:
            layout = recognise(grid)
            if layout is not None:
                return kind, layout
    raise AssertionError("the plain layouts fit any file")  # pragma: no cover


def _stated(grid: Grid, kind: ExportFormat) -> Layout:
    containers, recognise = FORMATS[kind]
    if grid.container not in containers:
        raise AnalystError(
            f"{grid.path.name} is {CONTAINER_NAMES[grid.container]}, but its format is stated "
            f"as {kind}.",
            where=grid.where,
            fix="Correct 'format' in study.yaml, or leave it out to have it recognised.",
        )
    layout = recognise(grid)
    if layout is None:
        found, _ = detect(grid)
        raise AnalystError(
            f"{grid.path.name} does not look like {kind}: its first rows are those of {found}.",
            where=grid.where,
            fix="Correct 'format' in study.yaml, or leave it out; a file that was edited by hand "
            "should be exported again.",
        )
    return layout
