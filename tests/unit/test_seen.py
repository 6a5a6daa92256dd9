"""Numbers are read back from made pages: in cells, sentences and charts, by the files alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import chain, combinations
from pathlib import Path

import numpy as np
import pytest

from analysis.disclosure import decide
from analysis.disclosure.audit import audit
from analysis.present.shown import Figure, Part, Table, Text, number_text
from analysis.publish.attacked import as_printed
from analysis.publish.seen import Seen, read
from analysis.results import ledger
from tests.unit.test_release_attacked import CASES, STUDY, results

MEAN = Part("3.46", "S01", "staff.spsc.level.morale.t1.all.mean", "value", 2)
LOW = Part("\u22120.12", "S01", "staff.spsc.paired.morale.t1-t2.all.difference", "ci_low", 2)
HIGH = Part("1,234.5", "cohort", "delivery.sessions.cost.all.all.all.total", "ci_high", 1)
BELOW = Part("<0.001", "cohort", "staff.spsc.paired.morale.t1-t2.all.p", "value", 3)
WITHHELD = Part("[c]", "S01", "staff.spsc.level.workload.t1.all.mean", "value", 2)
TABLE = Table(
    ["Scale", "Mean", "Change"],
    [["Morale 2", MEAN, [LOW, " to ", HIGH]], ["Workload", WITHHELD, BELOW]],
    [10, 10, 10], "Staff",
)  # fmt: skip
TEXT = Text(
    ["Of 20 scales the mean of **morale** was ", MEAN, " at baseline (", LOW, " to ", HIGH, "), p ",
     BELOW, ". See [the table](#tbl-level) and @tbl-level."],
)  # fmt: skip
FIGURE = Figure("<svg/>", "Dot chart. Morale: This school 3.46.", "Staff", parts=[MEAN])
CHART = """<script type="application/json" class="chart-data">
{"data": [{"x": [3.46], "y": [0.78], "text": ["Morale: 3.46"],
"error_x": {"array": [0.0], "arrayminus": [0.0]}}, {"hoverinfo": "skip", "x": [9.317], "y": [1.4]}],
"layout": {"yaxis": {"tickvals": [0.78]}, "title": {"text": "a"}}}</script>"""
PAGE = """<html><body><h1>Report 2.5</h1><nav>1.2 Staff</nav>
<p>Of 20 scales the mean of <strong>morale</strong> was 3.46 at baseline (\u22120.12 to\u00a01,234.5), p
&lt;0.001. See <a href="#tbl-level">the table</a> and <a href="#tbl-level">Table 4.2</a>.</p>
<div id="tbl-level"><table><caption><span class="caption-label">Table 4.2</span> Staff</caption>
<thead><tr><th>Scale</th><th>Mean</th><th>Change</th></tr></thead><tbody>
<tr><th>Morale 2</th><td>3.46</td><td>\u22120.12 to 1,234.5</td></tr>
<tr><th>Workload</th><td>[c]</td><td>&lt;0.001</td></tr></tbody></table></div>
<div id="fig-level"><img src="a.svg" alt="Dot chart. Morale: This school 3.46.">CHART</div>
</body></html>"""


def unit(place: Path, page: str) -> Seen:
    """What is read of a page that shows a table, a sentence and a chart."""
    cells = []
    for label, shown in (("tbl-level", TABLE), ("level-said", TEXT), ("fig-level", FIGURE)):
        data, metadata = shown._repr_mimebundle_()
        output = {"output_type": "display_data", "data": data, "metadata": metadata}
        cells.append({"cell_type": "code", "source": f"#| label: {label}\n", "outputs": [output]})
    (place / "notebooks").mkdir()
    (place / "notebooks" / "a.ipynb").write_text(json.dumps({"cells": cells}))
    (place / "S01").mkdir()
    (place / "S01" / "index.html").write_text(page.replace("CHART", CHART), encoding="utf-8")
    (place / "S01" / "a.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    return read([place / "S01"], place / "notebooks")


def test_each_number_is_read_where_it_stands(tmp_path: Path) -> None:
    seen = unit(tmp_path, PAGE)
    # A table's and a sentence's four each, and the chart's one; the heading's own is nobody's.
    assert sorted(part.text for part in seen.parts) == sorted(
        [*(2 * [p.text for p in (MEAN, LOW, HIGH, BELOW)]), MEAN.text]
    )
    assert {part.id for part in seen.parts} == {p.id for p in (MEAN, LOW, HIGH, BELOW)}
    assert not seen.changed and not seen.absent
    assert seen.loose == [("S01/index.html", "2.5")]


#: Where a page is given another number, and what is then read.
OTHER: dict[str, Callable[[str], str]] = {
    "a cell": lambda page: page.replace("<td>3.46</td>", "<td>3.4615</td>"),
    "a sentence": lambda page: page.replace("was 3.46 at", "was 3.4615 at"),
    "a chart's data": lambda page: page.replace("CHART", CHART.replace("[3.46]", "[3.4615]")),
}


@pytest.mark.parametrize("where", OTHER)
def test_the_number_is_the_files_not_the_notebooks(tmp_path: Path, where: str) -> None:
    seen = unit(tmp_path, OTHER[where](PAGE))
    finer = [part for part in seen.parts if part.id == MEAN.id and part.decimals == 4]
    assert [part.text for part in finer] == ["3.4615"]
    assert [(part, text) for _, part, text in seen.changed] == [(MEAN, "3.4615")]


#: Numbers that nobody's key accounts for.
LOOSE: dict[str, Callable[[str], str]] = {
    "a cell more": lambda page: page.replace("[c]</td>", "2.71</td>"),
    "in a sentence": lambda page: page.replace("</body>", "<p>It was 2.71.</p></body>"),
    "in a picture's words": lambda page: page.replace("school 3.46", "school 3.46, others 2.71"),
    "in a chart's data": lambda page: page.replace(
        "CHART", CHART.replace("[3.46]", "[3.46, 2.71]")
    ),
    "in a chart's arms": lambda page: page.replace(
        "CHART", CHART.replace('"array": [0.0]', '"array": [2.71]')
    ),
}


@pytest.mark.parametrize("where", LOOSE)
def test_a_number_without_a_key_is_named(tmp_path: Path, where: str) -> None:
    assert ("S01/index.html", "2.71") in unit(tmp_path, LOOSE[where](PAGE)).loose


def test_sentences_of_one_pattern_keep_their_own_numbers(tmp_path: Path) -> None:
    """On two pages, each with its own: what is read first is not taken for the other's."""
    words = "At baseline most of those who answered here were content, with a mean of "
    after = " of five over all the people of these schools who said how it was."
    cells = []
    for name, number in (("first", "3.46"), ("second", "2.17")):
        part = Part(number, "cohort", f"staff.spsc.level.{name}.t1.all.mean", "value", 2)
        data, metadata = Text([words, part, after])._repr_mimebundle_()
        output = {"output_type": "display_data", "data": data, "metadata": metadata}
        cells.append({"cell_type": "code", "source": f"#| label: {name}\n", "outputs": [output]})
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "a.ipynb").write_text(json.dumps({"cells": cells}))
    (tmp_path / "pages").mkdir()
    for name, number in (("a", "2.17"), ("b", "3.46")):
        page = f"<html><body><p>{words}{number}{after}</p></body></html>"
        (tmp_path / "pages" / f"{name}.html").write_text(page)
    seen = read([tmp_path / "pages"], tmp_path / "notebooks")
    assert not seen.changed and not seen.loose and not seen.absent
    assert {(part.id.split(".")[3], part.text) for part in seen.parts} == {
        ("first", "3.46"), ("second", "2.17")}  # fmt: skip


def test_what_is_on_no_page_is_not_seen(tmp_path: Path) -> None:
    seen = unit(tmp_path, "<html><body><p>Nothing.</p></body></html>")
    assert not seen.parts and seen.absent == 10


@pytest.mark.parametrize("case", ["a few new in each school", "three schools"])
def test_all_reports_together_tell_what_any_one_or_two_tell(case: str) -> None:
    """So the attack on all is the attack on each alone and on each pair: none is narrower."""
    decided = decide(ledger(results(CASES[case]()), "e1"), STUDY)
    shown = decided[decided["release"] == "released"]
    of_unit = {
        name: [
            Part(number_text(row.released_value, _decimals(row)), row.unit, row.id, "value",
                 _decimals(row))
            for row in rows.itertuples()
        ]
        for name, rows in shown.groupby("unit")
    }  # fmt: skip
    together = audit(as_printed(decided, list(chain(*of_unit.values()))), STUDY)
    keys = ["survey", "measure", "kind", "unit", "part", "wave"]
    whole = together.set_index(keys)
    # Of the many, those with the programme's report, which has most numbers, and some others.
    wanted = [(name,) for name in of_unit] + [*combinations(of_unit, 2)][:6]
    for units in wanted:
        parts = [part for name in units for part in of_unit[name]]
        some = audit(as_printed(decided, parts), STUDY).set_index(keys)
        both = some.join(whole.add_suffix("_all"), how="inner")
        assert len(both) > 0.5 * len(some)
        assert (both["low"] <= both["low_all"] + 1e-5).all()
        assert (both["high"] >= both["high_all"] - 1e-5).all()


def _decimals(row: object) -> int:
    few = getattr(row, "decimals", np.nan)
    if getattr(row, "statistic", "") in ("n", "count"):
        return 0
    return 2 if few != few else int(few)
