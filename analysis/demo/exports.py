"""Survey exports as they really arrive, with the same bytes every time.

Columns and wordings are taken from the study's mapping files, so that they are said once.
Workbooks and SPSS files carry the time of their making; here it is fixed.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import zipfile
from collections.abc import Mapping as MappingOf
from collections.abc import Sequence
from pathlib import Path

import openpyxl  # type: ignore[import-untyped,unused-ignore]
import pandas as pd
import pyreadstat

from analysis.instruments import Instrument
from analysis.sources.mapping import Mapping

#: The moment that files say they were made.
MADE = dt.datetime(2018, 7, 2, 9, 0, 0)
SAV_MADE = b"02 Jul 1809:00:00"

QUALTRICS_COLUMNS = {
    "StartDate": ("Start Date", '{"ImportId":"startDate","timeZone":"Europe/London"}'),
    "EndDate": ("End Date", '{"ImportId":"endDate","timeZone":"Europe/London"}'),
    "Status": ("Response Type", '{"ImportId":"status"}'),
    "IPAddress": ("IP Address", '{"ImportId":"ipAddress"}'),
    "Progress": ("Progress", '{"ImportId":"progress"}'),
    "Duration (in seconds)": ("Duration (in seconds)", '{"ImportId":"duration"}'),
    "Finished": ("Finished", '{"ImportId":"finished"}'),
    "RecordedDate": ("Recorded Date", '{"ImportId":"recordedDate","timeZone":"Europe/London"}'),
    "ResponseId": ("Response ID", '{"ImportId":"_recordId"}'),
    "RecipientLastName": ("Recipient Last Name", '{"ImportId":"recipientLastName"}'),
    "RecipientFirstName": ("Recipient First Name", '{"ImportId":"recipientFirstName"}'),
    "RecipientEmail": ("Recipient Email", '{"ImportId":"recipientEmail"}'),
    "ExternalReference": ("External Data Reference", '{"ImportId":"externalDataReference"}'),
    "LocationLatitude": ("Location Latitude", '{"ImportId":"locationLatitude"}'),
    "LocationLongitude": ("Location Longitude", '{"ImportId":"locationLongitude"}'),
    "DistributionChannel": ("Distribution Channel", '{"ImportId":"distributionChannel"}'),
    "UserLanguage": ("User Language", '{"ImportId":"userLanguage"}'),
}


def words(mapping: Mapping, attribute: str) -> dict[str, str]:
    """How an export writes each value of an attribute: the first wording of the mapping."""
    found: dict[str, str] = {}
    for written, value in mapping.values.get(attribute, {}).items():
        found.setdefault(value, str(written))
    return found


def variants(mapping: Mapping, attribute: str) -> dict[str, list[str]]:
    """All wordings of each value of an attribute in the mapping."""
    found: dict[str, list[str]] = {}
    for written, value in mapping.values.get(attribute, {}).items():
        found.setdefault(value, []).append(str(written))
    return found


def write_qualtrics(path: Path, rows: pd.DataFrame, questions: MappingOf[str, str]) -> None:
    """A Qualtrics CSV: byte-order mark, names, texts, ``ImportId`` cells, then the rows.

    ``questions`` gives each question column its text; ``rows`` may lack columns of Qualtrics'
    own, which are then empty.
    """
    names = [*QUALTRICS_COLUMNS, *questions]
    texts = [text for text, _ in QUALTRICS_COLUMNS.values()] + list(questions.values())
    ids = [code for _, code in QUALTRICS_COLUMNS.values()]
    ids += [
        json.dumps({"ImportId": "QID" + name.removeprefix("Q")}, separators=(",", ":"))
        for name in questions
    ]
    cells = rows.reindex(columns=names, fill_value="").astype(object).fillna("").astype(str)
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerows([names, texts, ids])
    writer.writerows(cells.itertuples(index=False, name=None))
    path.write_bytes(b"\xef\xbb\xbf" + stream.getvalue().encode("utf-8"))


def write_forms(path: Path, rows: pd.DataFrame, sheet: str) -> None:
    """A Microsoft Forms workbook: one header row, dates as Excel dates, labels."""
    workbook = openpyxl.Workbook()
    worksheet = workbook.active
    assert worksheet is not None
    worksheet.title = sheet
    worksheet.append(list(rows.columns))
    for row in rows.itertuples(index=False, name=None):
        worksheet.append([_cell(value) for value in row])
    workbook.properties.creator = "Forms"
    workbook.properties.created = MADE
    stream = io.BytesIO()
    workbook.save(stream)
    path.write_bytes(_fixed_zip(stream.getvalue()))


def write_sav(
    path: Path,
    rows: pd.DataFrame,
    labels: MappingOf[str, str],
    value_labels: MappingOf[str, MappingOf[int, str]],
    missing: MappingOf[str, Sequence[int]],
    formats: MappingOf[str, str],
) -> None:
    """An SPSS file with variable labels, value labels and user-missing codes."""
    moments = list(rows.select_dtypes("datetime").columns)
    pyreadstat.write_sav(
        # pyreadstat takes moments as nanoseconds, whatever their unit: of seconds it makes 1970.
        rows.astype(dict.fromkeys(moments, "datetime64[ns]")),
        str(path),
        file_label="Pupil survey",
        column_labels=dict(labels),
        variable_value_labels={
            name: {float(code): label for code, label in values.items()}
            for name, values in value_labels.items()
        },
        missing_ranges={name: list(values) for name, values in missing.items()},
        variable_format=dict(formats),
        row_compress=True,
    )
    content = bytearray(path.read_bytes())
    # File header of a system file: the date of making stands at byte 92, the time after it.
    if content[:4] != b"$FL2" or content[103:104] != b":" or content[106:107] != b":":
        raise ValueError("unexpected header of the SPSS file")
    content[92:109] = SAV_MADE
    path.write_bytes(bytes(content))


def write_csv(path: Path, rows: pd.DataFrame) -> None:
    """A plain CSV with one header row."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(list(rows.columns))
    writer.writerows(rows.astype(object).fillna("").astype(str).itertuples(index=False, name=None))
    path.write_bytes(stream.getvalue().encode("utf-8"))


def item_questions(mapping: Mapping, instrument: Instrument, stem: str) -> dict[str, str]:
    """The text above each item column: a stem and the item's short label."""
    return {mapping.columns_of(item.code)[0]: f"{stem} - {item.label}" for item in instrument.items}


def _cell(value: object) -> object:
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    return None if value is None or value is pd.NaT or value == "" else value


def _fixed_zip(content: bytes) -> bytes:
    """The workbook packed again, with fixed dates of its members and in its properties."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "docProps/core.xml":
                data = _fixed_properties(data)
            member = zipfile.ZipInfo(name, MADE.timetuple()[:6])
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o600 << 16
            new.writestr(member, data, compresslevel=6)
    return stream.getvalue()


def _fixed_properties(data: bytes) -> bytes:
    """``docProps/core.xml`` with its time of modification set to the time of making."""
    head, tag, rest = data.partition(b'<dcterms:modified xsi:type="dcterms:W3CDTF">')
    _, end, tail = rest.partition(b"</dcterms:modified>")
    if not tag or not end:
        raise ValueError("the workbook's properties have no time of modification")
    return head + tag + MADE.strftime("%Y-%m-%dT%H:%M:%SZ").encode("ascii") + end + tail
