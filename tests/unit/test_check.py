"""What may not be in a folder that leaves: each thing planted once, and found."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

from analysis.errors import AnalystError
from analysis.present.shown import Figure, Part, Table
from analysis.publish import check, manifest
from analysis.publish.check import Forbidden, problems
from tests.conftest import Rendered

RULES = Forbidden(
    own=("Oak Lane Primary School", "Calm Schools"),
    others=(("S02", "Elm Row School"), ("north-01", "Fir Hill"), ("7", "Gorse")),
    people=frozenset({"0123456789abcdef", "INT-07-KH", "q7"}),
    withheld=frozenset({"3.46153846"}),
    keyed={
        "staff.spsc.level.morale.t1.all.mean": {"S01": (3.15, 2.9, 3.4)},
        "staff.spsc.level.morale.t2.all.mean": {"S01": (3.15,), "": ()},
    },
    folders=("/srv/project/study",),
)
PAGE: Any = SimpleNamespace(
    unit="S01",
    is_school=True,
    school={"name": "Oak Lane Primary School"},
    study=SimpleNamespace(id="calm", edition=SimpleNamespace(id="e1")),
)
CLEAN = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Oak Lane</title>
<link rel="stylesheet" href="assets/a.css"><style>p{background:url(data:,x)}</style></head>
<body id="top"><h1>Oak Lane Primary School</h1><p>3.46 of 7, 20% (S2 is no id; home/school too).
Elms in a row; the school on Fir hill. An email address was not asked for. At 7/tmp no path.</p>
<a href="https://example.org/read">Read more</a> <a href="#top">Top</a> <img src="assets/a.svg" alt="">
<script>const shown = [3.46, 12.5]; Plotly.newPlot("a", [{"y": shown}])</script>
<script type="application/json">{"y": [3.46], "text": ["Leaders"]}</script></body></html>
"""


def report(place: Path, html: str = CLEAN, **files: str | bytes) -> Path:
    (place / "assets").mkdir(parents=True)
    (place / "index.html").write_text(html, encoding="utf-8")
    (place / "assets" / "a.css").write_text("p { color: red; background: url('a.svg') }")
    (place / "assets" / "a.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    for name, content in files.items():
        path = place / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    manifest.write(place, PAGE, {"study.yaml": "0"}, {"formats": ["html"]})
    return place


def inside(body: str) -> str:
    return CLEAN.replace("</body>", f"{body}</body>")


def head(markup: str) -> str:
    return CLEAN.replace("</head>", f"{markup}</head>")


#: What is planted in a page, and a word of what is said of it.
PLANTED = {
    "a picture from elsewhere": (inside("<img src=//cdn.example.org/x.png>"), "fetches"),
    "unquoted, with a scheme": (inside("<img src=https://e.org/x.png>"), "fetches"),
    "capital letters": (inside("<IMG SRC='HTTPS://e.org/x.png'>"), "fetches"),
    "srcset": (inside('<img srcset="a.png 1x, https://e.org/b.png 2x">'), "fetches"),
    "poster": (inside('<video poster="http://e.org/p.jpg"></video>'), "fetches"),
    "object": (inside('<object data="http://e.org/o"></object>'), "fetches"),
    "embed": (inside('<embed src="http://e.org/o">'), "fetches"),
    "iframe": (inside('<iframe src="http://e.org"></iframe>'), "fetches"),
    "a page in a page": (inside("<iframe srcdoc='<img src=http://e.org/x>'></iframe>"), "fetches"),
    "a form": (inside('<form action="http://e.org"></form>'), "fetches"),
    "a button's own address": (inside('<button formaction="http://e.org">'), "fetches"),
    "a ping": (inside('<a href="#top" ping="http://e.org/p">x</a>'), "fetches"),
    "an image in svg": (inside('<svg><image xlink:href="http://e.org/x"/></svg>'), "fetches"),
    "use in svg": (inside('<svg><use href="http://e.org/x#y"/></svg>'), "fetches"),
    "a style sheet": (head('<link rel=stylesheet href="http://e.org/s.css">'), "fetches"),
    "prefetching": (head('<link rel="dns-prefetch" href="//e.org">'), "fetches"),
    "a base": (head('<base href="http://e.org/">'), "fetches"),
    "meta refresh": (head('<meta http-equiv="Refresh" content="0; url=http://e.org">'), "fetches"),
    "a style's url": (head("<style>p{background:url(http://e.org/x)}</style>"), "fetches"),
    "a style's import": (head("<style>@import 'http://e.org/x.css';</style>"), "fetches"),
    "image-set": (head('<style>p{background:image-set("//e.org/x" 1x)}</style>'), "fetches"),
    "an attribute's style": (inside("<p style='background:url(//e.org/x)'>x</p>"), "fetches"),
    "out of the folder": (inside('<img src="../S02x/a.svg">'), "out of the report's folder"),
    "out by an encoded path": (inside('<img src="%2e%2e/%2e%2e/a.svg">'), "out of the report's"),
    "from the root": (inside('<img src="/a.svg">'), "out of the report's folder"),
    "a script that fetches": (inside("<script>fetch('x')</script>"), "ask the network"),
    "an old request": (inside("<script>new XMLHttpRequest()</script>"), "ask the network"),
    "a socket": (inside("<script>new WebSocket(u)</script>"), "ask the network"),
    "a beacon": (inside("<script>navigator.sendBeacon(u)</script>"), "ask the network"),
    "an import": (inside("<script type=module>import('x')</script>"), "ask the network"),
    "a handler": (inside("<p onclick=\"fetch('x')\">x</p>"), "ask the network"),
    "a home folder": (inside("<p>/home/kim/study/x.csv</p>"), "a path of somebody's machine"),
    "a home on a Mac": (inside("<p title='/Users/kim/x'>x</p>"), "a path of somebody's machine"),
    "a home on Windows": (inside(r"<p>C:\Users\kim\x.csv</p>"), "a path of somebody's machine"),
    "a shared drive": (inside(r"<p>\\server01\share\x.csv</p>"), "a path of somebody's machine"),
    "a file address": (inside("<a href='file:///etc/passwd'>x</a>"), "a path of somebody's machine"),
    "a path in a remark": (inside("<!-- /root/made.here -->"), "a path of somebody's machine"),
    "this machine": (inside("<p>srv/project/study</p>x /srv/project/study"), "of this machine"),
    "a keyed hash": (inside("<p>id 0123456789abcdef</p>"), "somebody's code"),
    "a hash in a script": (inside("<script>x='0123456789abcdef'</script>"), "somebody's code"),
    "an interviewee's code": (inside("<p>said INT-07-KH.</p>"), "somebody's code"),
    "a code in an attribute": (inside("<p data-who='INT-07-KH'>x</p>"), "somebody's code"),
    "a short code in data": (
        inside('<script type="application/json">{"who": "q7"}</script>'), "somebody's code"),
    "a column of people": (
        inside('<script type="application/json">[{"respondent": 1}]</script>'), "one person"),
    "another school's name": (inside("<p>Like Elm\n Row School</p>"), "names another school"),
    "another's name in a title": (inside("<p title='Elm Row School'>x</p>"), "names another school"),
    "another's name in data": (
        inside('<script type="application/json">["Fir Hill"]</script>'), "names another school"),
    "another's name in a remark": (inside("<!-- Elm Row School -->"), "names another school"),
    "another's long id": (inside("<p>see north-01</p>"), "another school's id"),
    "another's short id in data": (
        inside('<script type="application/json">{"S02": 1}</script>'), "another school's id"),
    "another's short id in an attribute": (inside("<p id='row-S02'>x</p>"), "another school's id"),
    "a withheld number in data": (
        inside('<script type="application/json">{"y": [3.4615384615]}</script>'), "a withheld number"),
    "a withheld number in a script": (
        inside("<script>draw([3.4615384615384617, 2.5])</script>"), "a withheld number"),
    "a withheld number in an attribute": (
        inside("<p data-y='[3.4615384615384617]'>x</p>"), "a withheld number"),
}  # fmt: skip


def test_a_clean_report_is_clean(tmp_path: Path) -> None:
    assert list(problems(report(tmp_path / "S01"), RULES)) == []


@pytest.mark.parametrize("what", PLANTED)
def test_what_is_planted_in_a_page_is_found(tmp_path: Path, what: str) -> None:
    page, said = PLANTED[what]
    found = list(problems(report(tmp_path / "S01", page), RULES))
    assert any(name == "index.html" and said in words for name, words in found), found


KEY = "staff.spsc.level.morale.t1.all.mean"


def workbook(path: Path, *values: object) -> bytes:
    book = openpyxl.Workbook()
    book.active.append(list(values))  # type: ignore[union-attr]
    book.save(path)
    return path.read_bytes()


#: Other files: name, content (from a folder for what has to be made), and what is said.
FILES: dict[str, tuple[str, Callable[[Path], bytes], str]] = {
    "css": ("x.css", lambda _: b"/* x */ @import url(//e.org/x.css);", "fetches"),
    "a remark in css": ("x.css", lambda _: b"/* /home/kim/x */", "somebody's machine"),
    "svg": ("x.svg", lambda _: b'<svg><image href="http://e.org/x"/></svg>', "fetches"),
    "a withheld key's number in csv": (
        "x.csv", lambda _: f"id,value\n{KEY},3.15\n".encode(), "beside its key"),
    "a withheld key's number, rounded": (
        "x.csv", lambda _: f"id,value\n{KEY},3.1\n".encode(), "beside its key"),
    "a withheld key's interval": (
        "x.csv", lambda _: f"id,value,low\n{KEY},[c],2.90\n".encode(), "beside its key"),
    "a withheld key's number in json": (
        "x.json", lambda _: f'[{{"id": "{KEY}", "value": 3.15}}]'.encode(), "beside its key"),
    "a withheld key's number, shown of others": (
        "x.csv", lambda _: f"unit,id,value\nS01,{KEY.replace('t1', 't2')},3.15\n".encode(), "beside"),
    "a withheld key's number by its key": (
        "x.json", lambda _: f'{{"{KEY}": 3.15}}'.encode(), "beside its key"),
    "a withheld key's number in a workbook": (
        "x.xlsx", lambda at: workbook(at / "b", KEY, 3.15), "beside its key"),
    "svg that is none": ("x.svg", lambda _: b"<svg><g></svg>", "cannot be read"),
    "svg's words": ("x.svg", lambda _: b"<svg><text>Fir Hill</text></svg>", "another school"),
    "json": ("x.json", lambda _: b'{"a": {"b": ["Fir Hill"]}}', "another school"),
    "json that is none": ("x.json", lambda _: b"{", "cannot be read"),
    "notebook": ("x.ipynb", lambda _: b'{"cells": [{"s": "0123456789abcdef"}]}', "somebody's code"),
    "csv": ("x.csv", lambda _: b"Respondent,a\n1,2\n", "one person"),
    "a formula in csv": ("x.csv", lambda _: b'a\n"=cmd()"\n', "a formula"),
    "workbook": ("x.xlsx", lambda at: workbook(at / "b", "Elm Row School"), "another school"),
    "a formula": ("x.xlsx", lambda at: workbook(at / "b", "=1+1"), "a formula"),
    "a workbook that is none": ("x.xlsx", lambda _: b"PK", "cannot be read"),
    "script": ("x.js", lambda _: b"fetch('http://e.org')", "ask the network"),
    "a kind that nobody knows": ("x.exe", lambda _: b"MZ", "no report has"),
    "a hidden file": (".x.json", lambda _: b"{}", "is hidden"),
    "another school's file": ("S02.json", lambda _: b"{}", "named after another school"),
    "a pdf that is none": ("x.pdf", lambda _: b"%PDF-1.7", "cannot be read"),
}  # fmt: skip


@pytest.mark.parametrize("what", FILES)
def test_what_is_planted_in_another_file_is_found(tmp_path: Path, what: str) -> None:
    name, content, said = FILES[what]
    found = list(problems(report(tmp_path / "S01", **{name: content(tmp_path)}), RULES))
    assert any(each == name and said in words for each, words in found), found


@pytest.mark.parametrize(
    ("name", "text"),
    [("x.csv", f"unit,id,value\ncohort,{KEY.replace('t1', 't2')},3.15\n"),
     ("x.csv", f"id,value,n\n{KEY},[c],[c]\nstaff.spsc.level.workload.t1.all.mean,3.15,12\n"),
     ("x.json", f'[{{"id": "{KEY}", "value": null, "wave": 1}}, {{"value": 3.15}}]')],
)  # fmt: skip
def test_a_withheld_key_without_its_number_may_stand(tmp_path: Path, name: str, text: str) -> None:
    assert list(problems(report(tmp_path / "S01", **{name: text}), RULES)) == []


def test_a_number_in_a_cell_that_is_marked_as_withheld_is_found(tmp_path: Path) -> None:
    """Whatever the number is: of the cell it is known that it is withheld."""
    withheld = Part("[c]", "S01", KEY, "value", 2)
    shown = Part("3.15", "S01", "staff.spsc.level.workload.t1.all.mean", "value", 2)
    table = Table(["", "Mean"], [["Morale", withheld], ["Workload", shown]], [9, 9], "Staff")
    data, metadata = table._repr_mimebundle_()
    output = {"output_type": "display_data", "data": data, "metadata": metadata}
    cell = {"cell_type": "code", "source": "#| label: tbl-a\n", "outputs": [output]}
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "a.ipynb").write_text(json.dumps({"cells": [cell]}))
    rules = replace(RULES, notebooks=tmp_path / "notebooks")

    def page(morale: str) -> str:
        rows = f"<tr><th>Morale</th><td>{morale}</td></tr><tr><th>Workload</th><td>3.15</td></tr>"
        return inside(f"<table id='tbl-a'><tbody>{rows}</tbody></table>")

    assert list(problems(report(tmp_path / "S01", page("[c]")), rules)) == []
    for number, said in (("3.15", "in a cell"), ("4.0", "in a cell"), ("[c] 2", "in a cell")):
        found = list(problems(report(tmp_path / number / "S01", page(number)), rules))
        assert any(said in words for _, words in found), (number, found)
    # What is shown, of a key that is withheld.
    other = replace(rules, keyed={shown.id: {"S01": (3.15,)}})
    found = list(problems(report(tmp_path / "other" / "S01", page("[c]")), other))
    assert any("shows a withheld number" in words for _, words in found)


OTHER = "staff.spsc.level.morale.t1.all.sd"
DATA = '<script type="application/json" class="chart-data">{"data": [%s], "layout": {}}</script>'
LEAKS = {
    "a chart's data": ("fig-a", "<figure id='fig-a'>" + DATA % '{"y": [0.8, 3.15]}' + "</figure>"),
    "a chart's data, rounded": (
        "fig-a", "<figure id='fig-a'>" + DATA % '{"y": [0.8, 3.1]}' + "</figure>"),
    "a cell without a key": (
        "tbl-a", "<table id='tbl-a'><tbody><tr><th>Morale</th><td>0.80</td><td>3.15</td></tr></tbody></table>"),
}  # fmt: skip


@pytest.mark.parametrize("what", LEAKS)
@pytest.mark.parametrize("shown", [OTHER, OTHER.replace("morale", "workload")])
def test_a_withheld_number_of_two_decimals_is_found_among_those_of_its_measure(
    tmp_path: Path, what: str, shown: str
) -> None:
    """By its figures alone it may be anything; in a chart or row of that measure it is not."""
    label, markup = LEAKS[what]
    part = Part("0.80", "S01", shown, "value", 2)
    held: Any = Table(["", "SD", "Mean"], [["Morale", part, ""]], [9, 9, 9], "Staff")
    if label == "fig-a":
        held = Figure("<svg/>", "A chart", "Staff", parts=[part])
    data, metadata = held._repr_mimebundle_()
    output = {"output_type": "display_data", "data": data, "metadata": metadata}
    cell = {"cell_type": "code", "source": f"#| label: {label}\n", "outputs": [output]}
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "a.ipynb").write_text(json.dumps({"cells": [cell]}))
    rules = replace(RULES, notebooks=tmp_path / "notebooks")
    found = list(problems(report(tmp_path / "S01", inside(markup)), rules))
    assert any("among numbers of morale" in said for _, said in found) == (shown == OTHER), found


@pytest.mark.parametrize(
    ("value", "known"),
    # A place in a drawing has four decimals, and was taken for a withheld change of 0.265.
    [(3.4615384615, True), (3.15, False), (0.265, False), (3.1875, False), (3.18754, True),
     (1 / 3, False), (3.25, False), (0.6727, False), (0.672712345, True)],
)  # fmt: skip
def test_which_withheld_numbers_are_known_by_their_figures(
    tmp_path: Path, value: float, known: bool
) -> None:
    row = {
        "unit": "S01",
        "id": "a",
        "value": value,
        "release": "suppressed",
    }
    frame = pd.DataFrame([{**row, "ci_low": np.nan, "ci_high": np.nan}])
    frame.to_parquet(tmp_path / "results.parquet")
    figures, keyed = check._withheld(tmp_path / "results.parquet", "S01")
    assert bool(figures) == known and keyed == {"a": {"S01": (value,)}}


def test_pdf_metadata_links_and_words(tmp_path: Path) -> None:
    import pypdf
    from pypdf.annotations import Link

    made = pypdf.PdfWriter()
    made.add_blank_page(100, 100)
    made.add_metadata({"/Author": "Kim at Elm Row School", "/Source": "/home/kim/x"})
    made.add_attachment("rows.csv", b"INT-07-KH,4")
    made.add_annotation(0, Link(rect=(0, 0, 1, 1), url="file:///home/kim/x"))
    made.write(tmp_path / "x.pdf")
    place = report(tmp_path / "S01", **{"x.pdf": (tmp_path / "x.pdf").read_bytes()})
    said = " ".join(words for _, words in problems(place, RULES))
    for what in ("another school", "somebody's machine", "somebody's code"):
        assert what in said


def test_the_manifest_accounts_for_every_file(tmp_path: Path) -> None:
    place = report(tmp_path / "S01")
    assert manifest.verify(place)["share_with"].startswith("Oak Lane Primary School")
    page = place / "index.html"
    page.write_text(CLEAN.replace("3.46 of 7", "3.47 of 7"), encoding="utf-8")
    assert manifest.differences(place) == ["index.html was changed"]
    with pytest.raises(AnalystError, match=r"index\.html was changed"):
        manifest.verify(place)
    page.unlink()
    (place / "more.txt").write_text("x")
    assert manifest.differences(place) == [
        "index.html is missing",
        "more.txt is not in the manifest",
    ]
    (place / "manifest.json").write_text("{")
    with pytest.raises(AnalystError, match="cannot be read"):
        manifest.verify(place)
    (place / "manifest.json").unlink()
    with pytest.raises(AnalystError, match="no manifest"):
        manifest.verify(place)


def test_the_same_report_has_the_same_manifest(tmp_path: Path) -> None:
    one, other = report(tmp_path / "a"), report(tmp_path / "b")
    text = (one / "manifest.json").read_text()
    assert text == (other / "manifest.json").read_text() and str(tmp_path) not in text
    assert json.loads(text)["outputs"].keys() == {"index.html", "assets/a.css", "assets/a.svg"}


def test_an_edition_with_a_report_missing_or_left_over_is_not_whole(tmp_path: Path) -> None:
    places = {"cohort": [tmp_path / "programme", tmp_path / "technical"]}
    places |= {name: [tmp_path / "schools" / name] for name in ("S01", "S02")}
    for place in (place for each in places.values() for place in each):
        place.mkdir(parents=True)
    assert check.site(tmp_path, list(places), places) == []
    (tmp_path / "T1-T3" / "programme").mkdir(parents=True)
    assert check.site(tmp_path, list(places), places) == []
    places["S02"][0].rename(tmp_path / "schools" / ".S02.old")
    found = check.site(tmp_path, list(places), places)
    (tmp_path / "technical").rmdir()
    assert "the report of cohort is missing" in check.site(tmp_path, list(places), places)
    assert len(found) == 2 and "S02 is missing" in found[0] and ".S02.old" in found[1]


def test_a_rendered_report_that_names_another_school_fails(rendered: Rendered) -> None:
    """Of the demonstration's own pages: as they are, clean; with one name more, not."""
    from analysis.present import open_page

    page = open_page("S01", str(rendered.study.folder))
    rules = check.forbidden(page)
    assert len(rules.others) == 19 and len(rules.people) > 1000 and len(rules.withheld) > 500
    place = rendered.place("S01")
    assert list(problems(place, rules, deep=False)) == []
    other = rules.others[3][1]
    held = check.opened(place / "index.html")
    held.words.append(f"as in {other}, they say")
    assert any(other in said for said in check._schools_in(held, held.texts(), rules))


RELATIONSHIP = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"


@pytest.mark.parametrize(("kind", "fetched"), [("hyperlink", False), ("image", True)])
def test_a_link_in_a_document_is_followed_by_readers_and_nothing_else(
    tmp_path: Path, kind: str, fetched: bool
) -> None:
    """A word processor fetches a picture or a template by itself; a link waits to be clicked."""
    address = "https://doi.org/10.1000/1"
    path = tmp_path / "report.docx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "word/_rels/document.xml.rels",
            f'<Relationships><Relationship Id="a" Type="{RELATIONSHIP}{kind}" Target="{address}" '
            'TargetMode="External"/></Relationships>',
        )
        archive.writestr("word/document.xml", "<w><t>Words</t></w>")
    held = check.opened(path)
    assert (address in held.fetched) == fetched
    assert (address in held.names) != fetched
