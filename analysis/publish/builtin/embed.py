"""Outputs of executed notebook cells, as an ``embed`` shortcode shows them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from analysis.publish.builtin.dialect import DialectError, Source
from analysis.study import SAFE_LOADER

LABEL = re.compile(r"^#\|\s*label:\s*(\S+)\s*$", re.MULTILINE)
OPTION = re.compile(r"^#\|(.*)$")
EXTERNAL = re.compile(r"<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)\s*=", re.IGNORECASE)


@dataclass(frozen=True)
class MarkdownOutput:
    """Text for Pandoc: data, in which nothing but plain Markdown is markup."""

    text: str
    #: What the cell recorded of it: see :mod:`analysis.present.shown`.
    record: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class FigureOutput:
    """One figure as an interactive page fragment and as a drawing; either may be missing."""

    html: str | None
    svg: str | None
    record: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Cell:
    """A labelled cell: its options and what it put out."""

    label: str
    options: dict[str, Any]
    outputs: tuple[MarkdownOutput | FigureOutput, ...]

    def text_option(self, key: str) -> str | None:
        value = self.options.get(key)
        return None if value is None else str(value)


class Notebooks:
    """The project's executed notebooks, each read once."""

    def __init__(self) -> None:
        self._cells: dict[Path, dict[str, dict[str, Any]]] = {}

    def cell(self, path: Path, label: str, source: Source, shortcode: str) -> Cell:
        """The cell named by a shortcode; errors point at the shortcode."""
        if path not in self._cells:
            self._cells[path] = _labelled_cells(path, source, shortcode)
        raw = self._cells[path].get(label)
        if raw is None:
            raise source.error(shortcode, f"{path.name} has no cell labelled `{label}`")
        options = _options(_joined(raw.get("source")), path.name, label, source, shortcode)
        outputs = tuple(
            _output(output, path.name, label, source, shortcode)
            for output in raw.get("outputs") or []
        )
        if not outputs:
            raise source.error(
                shortcode, f"the cell `{label}` in {path.name} has no output; run the notebook"
            )
        return Cell(label, options, outputs)


def _labelled_cells(path: Path, source: Source, shortcode: str) -> dict[str, dict[str, Any]]:
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise source.error(
            shortcode, f"the executed notebook {path.name} is missing; run the notebooks first"
        ) from None
    except ValueError:
        raise source.error(shortcode, f"{path.name} is not a notebook") from None
    cells: dict[str, dict[str, Any]] = {}
    for cell in notebook.get("cells") or []:
        if cell.get("cell_type") != "code":
            continue
        match = LABEL.search(_joined(cell.get("source")))
        if match is None:
            continue
        label = match.group(1).strip("\"'")
        if label in cells:
            raise source.error(shortcode, f"{path.name} has two cells labelled `{label}`")
        cells[label] = cell
    return cells


def _options(
    code: str, notebook: str, label: str, source: Source, shortcode: str
) -> dict[str, Any]:
    lines: list[str] = []
    for line in code.splitlines():
        match = OPTION.match(line)
        if match is None:
            if line.strip():
                break
            continue
        lines.append(match.group(1).removeprefix(" "))
    try:
        options = yaml.load("\n".join(lines), Loader=SAFE_LOADER)
    except yaml.YAMLError:
        raise source.error(
            shortcode, f"the `#|` options of the cell `{label}` in {notebook} are not valid YAML"
        ) from None
    return options if isinstance(options, dict) else {}


def _output(
    output: dict[str, Any], notebook: str, label: str, source: Source, shortcode: str
) -> MarkdownOutput | FigureOutput:
    def refuse(advice: str) -> DialectError:
        return source.error(shortcode, f"the cell `{label}` in {notebook} {advice}")

    kind = output.get("output_type")
    if kind == "error":
        # The error's own message may quote data, so only its type is passed on.
        raise refuse(f"ended with an error ({output.get('ename')}); run the notebook again")
    if kind == "stream":
        raise refuse("prints text; show it as Markdown, or do not print")
    data = output.get("data") or {}
    record = (output.get("metadata") or {}).get("drp") or {}
    if "text/markdown" in data:
        return MarkdownOutput(_joined(data["text/markdown"]), record)
    html = _joined(data["text/html"]) if "text/html" in data else None
    svg = _joined(data["image/svg+xml"]) if "image/svg+xml" in data else None
    if svg is None:
        raise refuse(
            "has neither `text/markdown` nor `image/svg+xml` among its outputs, "
            "one of which the PDF needs"
        )
    if html is not None and EXTERNAL.search(html):
        raise refuse("loads something from outside; leave plotly.js out of `text/html`")
    return FigureOutput(html, svg, record)


def _joined(value: Any) -> str:
    return "".join(value) if isinstance(value, list) else str(value or "")
