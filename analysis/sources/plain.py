"""Plain tables: one header row, in delimited text or a workbook."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from analysis.sources.export import RawExport, exported
from analysis.sources.grid import Grid
from analysis.sources.layout import Layout


def layout(grid: Grid) -> Layout:
    """The layout of any file with one header row (none in SPSS or Stata, whose variables have names)."""
    head = grid.head(2)
    if grid.has_variables:
        return Layout(names=head[0], questions=head[1], header_rows=0)
    return Layout(names=head[0], questions=head[0], header_rows=1)


def read_table(
    path: Path, personal: frozenset[str] = frozenset(), *, waiting: bool = False
) -> RawExport:
    """Read a table that is no survey export; only columns named in ``personal`` are left behind.

    One that is ``waiting`` may hold headings and nothing else.
    """
    from analysis.sources import open_file  # it imports every reader, this one too

    grid = open_file(path)
    found = layout(grid)
    kept = [place for place, name in enumerate(found.names) if name not in personal]
    grid = replace(
        grid,
        cells=grid.cells.iloc[:, kept],
        faults=tuple(
            replace(fault, place=kept.index(fault.place))
            for fault in grid.faults
            if fault.place in kept
        ),
    )
    names = [found.names[place] for place in kept]
    found = replace(found, names=names, questions=names)
    return exported(grid, found, "table", personal=False, waiting=waiting)
