"""A tool's own columns are used though the mapping does not name them, and said."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from pathlib import Path
from typing import Any

from tests.unit.raw_studies import ITEMS, File, person, reasons, refused, run, used

MAP: dict[str, Any] = {
    "schema_version": 1, "answers": "codes",
    "columns": {"respondent": "code", "school": "school"},
    "items": {item: item for item in ITEMS},
}  # fmt: skip


def qualtrics(wave: str, day: str, **more: Any) -> File:
    """Five responses: one a preview, one unfinished."""
    names = ["Status", "Finished", "RecordedDate", "code", "school", *ITEMS]
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(names)
    writer.writerow(names)
    writer.writerow([json.dumps({"ImportId": f"x{name}"}) for name in names])
    for n in range(5):
        status = "Survey Preview" if n == 1 else "IP Address"
        writer.writerow([status, str(n != 2), day, f"AB{n}2", "S1", 1, 2, 4])
    return File(
        wave, name=f"{wave}.csv", text=stream.getvalue(), mapping_text=json.dumps(MAP | more)
    )


def test_qualtrics_previews_and_unfinished_responses_are_known_unmapped(tmp_path: Path) -> None:
    prepared = run(tmp_path, qualtrics("T1", "2023-02-01 10:00:00"))
    assert reasons(prepared) == {"preview": 1}
    assert used(prepared) == [4, 6, 7, 8]
    assert prepared.surveys["staff"]["flag.unfinished"].tolist() == [False, True, False, False]
    (said,) = prepared.quality["findings"]["finding"]
    assert "'Status' as status, 'Finished' as finished, 'RecordedDate' as submitted" in said


def test_a_file_of_another_wave_is_found_by_the_tools_own_date(tmp_path: Path) -> None:
    error = refused(tmp_path / "a", qualtrics("T1", "2024-02-01 10:00:00"))
    assert "T1.csv is given to T1, but 4 of 4 rows were sent during T2 (4)" in str(error)
    prepared = run(tmp_path / "b", qualtrics("T1", "2024-02-01 10:00:00", unused=["RecordedDate"]))
    assert len(used(prepared)) == 4


def test_forms_and_limesurvey_say_when_and_whether_responses_were_sent(tmp_path: Path) -> None:
    names = ("ID", "Start time", "Completion time", "Email", "Name")
    rows = [dict.fromkeys(names, "") | {"ID": n, "Completion time": dt.datetime(2024, 2, 1)}
            | {k: v for k, v in person(f"AB{n}2").items() if k != "day"} for n in range(3)]  # fmt: skip
    columns = {"columns": MAP["columns"]}
    error = refused(tmp_path / "a", File("T1", rows, form="xlsx", mapping=columns))
    assert "3 of 3 rows were sent during T2" in str(error)
    own = {"lastpage": "3", "startlanguage": "en"}
    rows = [{"id": str(n), "submitdate": "" if n == 1 else "2023-02-01 10:00:00", **own}
            | {k: v for k, v in person(f"AB{n}2").items() if k != "day"} for n in range(3)]  # fmt: skip
    prepared = run(tmp_path / "b", File("T1", rows, mapping=columns))
    assert prepared.surveys["staff"]["flag.unfinished"].tolist() == [False, True, False]


def test_a_no_to_consent_that_is_not_mapped_is_said(tmp_path: Path) -> None:
    asks = "Do you consent to take part?"
    rows = [person(f"AB{n}2", **{asks: "No" if n == 1 else "Yes"}) for n in range(3)]
    columns = {"columns": {**MAP["columns"], "submitted": "day"}}
    prepared = run(tmp_path / "a", File("T1", rows, mapping=columns))
    (said,) = prepared.quality["findings"]["finding"]
    assert f"column '{asks}' asks for consent and is not mapped: who said no in 1 row " in said
    prepared = run(tmp_path / "b", File("T1", rows, mapping=columns | {"unused": [asks]}))
    assert prepared.quality["findings"].empty
