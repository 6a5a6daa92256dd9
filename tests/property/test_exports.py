"""Whatever arrives: no row is lost or invented, no foreign error, no personal column."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis import prepare, sources, study
from analysis.errors import AnalystError
from analysis.prepare.quality import REASONS
from analysis.sources import delimited, google_forms, limesurvey, qualtrics, surveymonkey
from analysis.sources.personal import is_personal

INSTRUMENT = {
    "schema_version": 1, "id": "two", "name": "Two", "short": "Two", "population": "pupils",
    "about": "", "source": "", "licence": "",
    "response_sets": {"default": {"labels": {1: "No", 2: "A bit", 3: "Yes"}}},
    "subscales": [{"id": "all", "label": "All", "range": [1, 3]}],
    "items": [
        {"code": "A1", "subscale": "all", "label": "First"},
        {"code": "A2", "subscale": "all", "label": "Second", "reverse": True},
    ],
}  # fmt: skip
STUDY = {
    "schema_version": 1, "id": "s", "title": "S", "programme": "it", "short": "S",
    "organisation": "N", "edition": {"id": "e", "date": "2020-01-01", "term": "t"},
    "waves": [
        {"id": "T1", "label": "B", "start": "2018-01-01", "end": "2018-12-31"},
        {"id": "T2", "label": "F", "start": "2019-01-01", "end": "2019-12-31"},
    ],
    "baseline": "T1", "followup": "T2", "tables": {"schools": "schools.csv"},
}  # fmt: skip
MAPPING = {
    "schema_version": 1, "answers": "labels",
    "columns": {
        "respondent": "Code", "school": "School", "consent": "Consent", "submitted": "When",
        "status": "Status",
    },
    "values": {"consent": {"y": "yes", "n": "no"}},
    "missing": {"Don't know": "dont_know"},
    "items": {"A1": "A1", "A2": "A2"},
}  # fmt: skip
HEAD = ["Code", "School", "Consent", "When", "Status", "A1", "A2", "Comment"]
SCHOOLS = (
    "id,name,urn,letter,phase,reporting_phase\n"
    "S1,One,1,A,primary,primary\nS2,Two,2,B,primary,primary\n"
)

text = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
cell = st.one_of(
    st.sampled_from(["", " ", "\u00a0", "no", "A bit", "YES ", "Don\u2019t know"]), text
)
#: Mostly well-formed rows, now and then anything at all.
good = st.tuples(
    st.sampled_from(["AB12", "ab 12", "OO01", "0001", "AB13", "AC12", "", "?"]),
    st.sampled_from(["One", "two", "S1", "test", ""]),
    st.sampled_from(["y", "n", ""]),
    st.sampled_from(["2018-03-04", "2018-03-04 10:00:00", "25/3/2018", "", "2017-01-01"]),
    st.sampled_from(["", "preview", "IP Address"]),
    st.sampled_from(["No", "a bit", "Yes", "", "Prefer not to say", "n/a"]),
    st.sampled_from(["No", "A  bit", "yes", "", "Don't know"]),
    text,
).map(list)
wild = st.lists(cell, min_size=len(HEAD), max_size=len(HEAD))
blank = st.just([""] * len(HEAD))
rules = st.fixed_dictionaries(
    {
        "duplicates": st.sampled_from(["latest", "first", "most_complete"]),
        "linking": st.sampled_from(["exact", "normalised", "one_character"]),
        "unidentified": st.sampled_from(["set_aside", "keep"]),
        "unfinished": st.sampled_from(["keep", "set_aside"]),
        "before_start": st.sampled_from(["keep", "set_aside"]),
        "consent": st.sampled_from(["if_asked", "required"]),
        "minimum_answers": st.integers(0, 2),
    }
)
encodings = st.sampled_from(["utf-8", "utf-8-sig", "utf-16"])


def made(
    folder: Path, waves: list[list[list[str]]], encoding: str, chosen: dict[str, object]
) -> study.Study:
    (folder / "instruments").mkdir()
    (folder / "instruments" / "two.yaml").write_text(yaml.safe_dump(INSTRUMENT), encoding="utf-8")
    (folder / "mapping.yaml").write_text(yaml.safe_dump(MAPPING), encoding="utf-8")
    (folder / "schools.csv").write_text(SCHOOLS, encoding="utf-8")
    exports = []
    for number, rows in enumerate(waves, 1):
        # Each wave is answered in its own year.
        rows = [[cell.replace("2018", str(2017 + number)) for cell in cells] for cells in rows]
        stream = io.StringIO(newline="")
        csv.writer(stream).writerows([HEAD, *rows])
        (folder / f"t{number}.csv").write_bytes(stream.getvalue().encode(encoding))
        exports.append({"wave": f"T{number}", "file": f"t{number}.csv", "mapping": "mapping.yaml"})
    survey = {
        "id": "pupils", "label": "P", "population": "pupils", "respondents": "pupils",
        "instruments": ["two"], "headline": "two.all", "exports": exports, "rules": chosen,
    }  # fmt: skip
    (folder / "study.yaml").write_text(
        yaml.safe_dump({**STUDY, "surveys": [survey]}), encoding="utf-8"
    )
    return study.load(folder)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    waves=st.lists(
        # No more rows than one person may send.
        st.lists(st.one_of(good, good, good, blank), min_size=1, max_size=5),
        min_size=1,
        max_size=2,
    ),
    encoding=encodings,
    chosen=rules,
)
def test_every_row_is_used_or_set_aside_once(
    waves: list[list[list[str]]], encoding: str, chosen: dict[str, object]
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepared = prepare.prepare(made(folder, waves, encoding, chosen), folder / ".drp")
    files = prepared.quality["files"]
    assert files["read"].tolist() == [len(rows) for rows in waves]
    assert (files["read"] == files["used"] + files[list(REASONS)].sum(axis=1)).all()
    frame, aside = prepared.surveys["pupils"], prepared.quality["aside"]
    assert list(aside.columns) == ["file", "sheet", "row", "reason"]
    for number, rows in enumerate(waves, 1):
        used = set(frame.loc[frame["wave"] == f"T{number}", "row"])
        gone = set(aside.loc[aside["file"] == f"t{number}.csv", "row"])
        assert not used & gone
        assert used | gone == set(range(2, len(rows) + 2))
    assert not frame.duplicated(["respondent", "wave"]).any()
    assert "Comment" not in frame.columns
    assert frame["two.all"].dropna().between(1, 3).all()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    waves=st.lists(st.lists(st.one_of(good, wild), min_size=1, max_size=6), min_size=1, max_size=2),
    encoding=encodings,
    chosen=rules,
)
def test_only_errors_that_an_analyst_can_read(
    waves: list[list[list[str]]], encoding: str, chosen: dict[str, object]
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        loaded = made(folder, waves, encoding, chosen)
        try:
            prepare.prepare(loaded, folder / ".drp")
        except AnalystError as error:
            # What somebody typed in a comment never comes back in a message; what stands as
            # consent or status does, since somebody has to say what it means.
            shown = {row[column].strip() for rows in waves for row in rows for column in (2, 4)}
            for rows in waves:
                for row in rows:
                    comment = row[-1].strip()
                    assert len(comment) < 8 or comment in shown or comment not in str(error)


@settings(max_examples=80, deadline=None)
@given(
    content=st.one_of(
        st.binary(max_size=300),
        text.map(str.encode),
        st.binary(max_size=80).map(lambda b: b"PK\x03\x04" + b),
        st.binary(max_size=80).map(lambda b: b"$FL2" + b),
    )
)
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "export"
        path.write_bytes(content)
        try:
            sources.read(path)
        except AnalystError as error:
            assert error.where


@settings(max_examples=80, deadline=None)
@given(
    rows=st.lists(st.lists(text, min_size=3, max_size=3), min_size=1, max_size=8),
    delimiter=st.sampled_from([",", ";", "\t"]),
    ending=st.sampled_from(["\n", "\r\n"]),
    encoding=encodings,
)
def test_cells_come_back_as_they_were_written(
    rows: list[list[str]], delimiter: str, ending: str, encoding: str
) -> None:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=delimiter, lineterminator=ending, quoting=csv.QUOTE_ALL)
    writer.writerows([["a", "b", "c"], *rows])
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "cells.csv"
        path.write_bytes(stream.getvalue().encode(encoding))
        grid = delimited.read(path)
    assert grid.cells.iloc[1:].to_numpy().tolist() == rows


@settings(max_examples=40, deadline=None)
@given(
    names=st.lists(
        st.sampled_from(
            sorted(
                qualtrics.PERSONAL
                | google_forms.PERSONAL
                | limesurvey.PERSONAL
                | surveymonkey.PERSONAL
                | {
                    "What is your name?",
                    "Your e-mail address",
                    "3. Please enter your email",
                    "Full name",
                    "Surname",
                    "Date of birth",
                    "Home address",
                    "Postcode",
                    "Mobile number",
                    "IP Address",
                    "Latitude",
                    "Name (optional)",
                    "Pupil name",
                }
            )
        ),
        min_size=1,
        max_size=5,
        unique_by=str.casefold,
    ),
    upper=st.booleans(),
)
def test_no_personal_column_gets_through(names: list[str], upper: bool) -> None:
    if upper:
        names = [name.upper() for name in names]
    secret = "somebody@example.org"
    own = [name for name in names if is_personal(name)]
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows(
        [["Timestamp", *names, "A1"], ["2018-01-01", *[secret] * len(names), "Yes"]]
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.csv"
        path.write_text(stream.getvalue(), encoding="utf-8")
        raw = sources.read(path)
    assert set(own) <= set(raw.left_behind)
    for name in set(names) - set(own):
        # Only what a tool calls its own and no other tool would: known where that tool is.
        assert name.casefold() in qualtrics.PERSONAL | limesurvey.PERSONAL | surveymonkey.PERSONAL
    assert secret not in raw.frame.drop(columns=[n for n in names if n not in own]).to_csv()
