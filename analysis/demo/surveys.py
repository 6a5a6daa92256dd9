"""The survey side of the demonstration study: schools, people, answers, exports."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis import study
from analysis.demo import exports, mess, people, pupils, questionnaires, sizes, staff
from analysis.demo.questionnaires import Answered
from analysis.instruments import Instrument
from analysis.sources import mapping as mappings
from analysis.sources.mapping import Mapping

Random = np.random.Generator

ASPECTS = ("environment", "pedagogical_practice", "ethos", "leadership", "feedback_communication")
#: One in so many of the staff answers faster than anybody can read.
HURRIED = 30
CHANGED = {
    "primary": {"yes": 0.62, "no": 0.14, "dont_know": 0.24},
    "secondary": {"yes": 0.24, "no": 0.18, "dont_know": 0.58},
}


def write(folder: Path, source: Path, seed: int) -> list[str]:
    """Write the schools table and the four survey exports into ``folder``.

    Parameters
    ----------
    folder
        Where the files go.
    source
        Study folder with the study file, instruments and mappings.
    seed
        Every draw follows from it.

    Returns
    -------
    list of str
        Names of the files written.
    """
    plan = study.load(source)
    schools = sizes.schools()
    schools[list(sizes.SCHOOL_COLUMNS)].to_csv(
        folder / "schools.csv", index=False, lineterminator="\n"
    )
    staff_rng, pupil_rng, mess_rng = (np.random.default_rng([seed, stream]) for stream in (1, 2, 3))
    made = {"staff": staff.make(plan, staff_rng), "pupils": pupils.make(plan, pupil_rng)}
    written = ["schools.csv"]
    for survey_id, answered in made.items():
        survey = plan.survey(survey_id)
        for name, solution in answered.solutions.items():
            if solution.missed:
                warnings.warn(
                    f"{name}: {len(solution.missed)} published figures are not met with this "
                    f"seed: {'; '.join(solution.missed)}",
                    stacklevel=2,
                )
        for export in survey.exports:
            rows = _rows(survey_id, export.wave, answered, mess_rng)
            mapping = mappings.load(plan.path(str(export.mapping)))
            named = [questionnaires.load(plan, name) for name in survey.instruments]
            WRITERS[(survey_id, export.wave)](folder / export.file, rows, mapping, named, mess_rng)
            written.append(export.file)
    return written


def _rows(survey: str, wave: str, answered: Answered, rng: Random) -> pd.DataFrame:
    """Respondents of one wave with their answers, in the order of answering.

    Columns ``school``, ``submitted``, ``code`` and the attributes, then item codes.
    """
    rows = pd.concat([answered.people, answered.answers[wave]], axis=1)
    rows["school"] = answered.people[f"school_{wave.lower()}"]
    rows = rows[rows["school"] != ""].copy()
    starts = sizes.schools()[f"{survey}_{wave.lower()}_start"]
    moments = pd.Series(pd.NaT, index=rows.index, dtype="datetime64[s]")
    for school in sorted(rows["school"].unique()):
        here = rows.index[rows["school"] == school]
        moments.loc[here] = people.spread(rng, str(starts.loc[school]), len(here), range(19))
    rows["submitted"] = moments
    return rows.sort_values(["submitted", "code"], ignore_index=True)


def _labelled(
    rows: pd.DataFrame, mapping: Mapping, named: list[Instrument]
) -> dict[str, pd.Series]:
    """Item columns as labels, or as codes where the mapping says so; empty text if missing."""
    columns = {}
    for instrument in named:
        for item in instrument.items:
            if mapping.answers == "labels":
                labels = instrument.responses(item).labels
                text = rows[item.code].map(
                    lambda v, labels=labels: labels[int(v)] if v == v else ""
                )
            else:
                text = rows[item.code].map(lambda v: str(int(v)) if v == v else "")
            columns[mapping.columns_of(item.code)[0]] = text
    return columns


def _write_staff_t1(
    path: Path, rows: pd.DataFrame, mapping: Mapping, named: list[Instrument], rng: Random
) -> None:
    (spsc,) = named
    columns = mapping.columns
    answered = rows[[item.code for item in spsc.items]].notna()
    minutes = rng.integers(5, 25, size=len(rows))
    seconds = rng.integers(0, 60, size=len(rows))
    minutes = _hurried(minutes, rng)
    last = answered.to_numpy()[:, ::-1].argmax(axis=1)
    progress = np.where(rows["breaks_off"], 100 - np.rint(100 * last / 48).astype(int), 100)
    table = pd.DataFrame(
        {
            "StartDate": rows["submitted"] - pd.to_timedelta(minutes * 60 + seconds, unit="s"),
            "EndDate": rows["submitted"],
            columns["status"]: exports.words(mapping, "status")["response"],
            "IPAddress": [f"192.0.2.{n}" for n in rng.integers(1, 255, size=len(rows))],
            "Progress": progress.astype(str),
            "Duration (in seconds)": (minutes * 60 + seconds).astype(str),
            columns["finished"]: np.where(rows["breaks_off"], "False", "True"),
            columns["submitted"]: rows["submitted"],
            "ResponseId": _response_ids(rng, len(rows)),
            "DistributionChannel": "anonymous",
            "UserLanguage": "EN-GB",
            columns["consent"]: exports.words(mapping, "consent")["yes"],
            columns["respondent"]: mess.typed_codes(rows["code"], rng),
            columns["school"]: mess.typed_schools(rows, mapping, rng),
            columns["role"]: rows["role"].map(exports.words(mapping, "role")),
            columns["years_in_school"]: rows["years_in_school"].map(
                exports.words(mapping, "years_in_school")
            ),
            **_labelled(rows, mapping, named),
        }
    )
    table = mess.with_rows_to_set_aside(rows, table, "staff", "T1", mapping, rng)
    made_again = table["ResponseId"].duplicated() & (table["ResponseId"] != "")
    table.loc[made_again, "ResponseId"] = _response_ids(rng, int(made_again.sum()))
    for column in ("StartDate", "EndDate", columns["submitted"]):
        moments = pd.to_datetime(table[column].replace("", pd.NaT))
        table[column] = moments.dt.strftime("%Y-%m-%d %H:%M:%S").fillna("")
    questions = {
        columns["consent"]: "Do you agree to take part in this survey?",
        columns["respondent"]: "Your code: first letters of your two names and day of birth",
        columns["school"]: "Which school do you work in?",
        columns["role"]: "What is your role?",
        columns["years_in_school"]: "How long have you worked in this school?",
    } | exports.item_questions(mapping, spsc, "How far do you agree?")
    exports.write_qualtrics(path, table, questions)


def _write_staff_t2(
    path: Path, rows: pd.DataFrame, mapping: Mapping, named: list[Instrument], rng: Random
) -> None:
    columns = mapping.columns
    minutes = _hurried(rng.integers(6, 30, size=len(rows)), rng)
    changed = {}
    for aspect in ASPECTS:
        attribute = f"changed_{aspect}"
        words = exports.words(mapping, attribute)
        chosen = np.empty(len(rows), dtype=object)
        for phase, shares in CHANGED.items():
            mine = (rows["phase"] == phase).to_numpy()
            chosen[mine] = rng.choice(list(shares), size=mine.sum(), p=list(shares.values()))
        changed[columns[attribute]] = pd.Series(chosen, index=rows.index).map(words)
    table = pd.DataFrame(
        {
            "ID": 0,
            "Start time": rows["submitted"] - pd.to_timedelta(minutes, unit="m"),
            columns["submitted"]: rows["submitted"],
            "Email": "anonymous",
            "Name": "",
            columns["consent"]: exports.words(mapping, "consent")["yes"],
            columns["school"]: mess.typed_schools(rows, mapping, rng),
            columns["role"]: rows["role"].map(exports.words(mapping, "role")),
            columns["years_in_school"]: rows["years_in_school"].map(
                exports.words(mapping, "years_in_school")
            ),
            columns["respondent"]: mess.typed_codes(rows["code"], rng),
            **_labelled(rows, mapping, named),
            **changed,
        }
    )
    table = mess.with_rows_to_set_aside(rows, table, "staff", "T2", mapping, rng)
    table["ID"] = np.where(table["Email"] == "anonymous", np.arange(1, len(table) + 1), "")
    table["ID"] = [int(value) if value else "" for value in table["ID"]]
    exports.write_forms(path, table, "Form1")


def _write_pupils_t1(
    path: Path, rows: pd.DataFrame, mapping: Mapping, named: list[Instrument], rng: Random
) -> None:
    columns = mapping.columns
    value_labels: dict[str, dict[int, str]] = {}
    data: dict[str, object] = {
        columns["respondent"]: mess.typed_codes(rows["code"], rng),
        columns["submitted"]: rows["submitted"].dt.normalize(),
    }
    number = {value: code for code, value in mapping.values["school"].items()}
    data[columns["school"]] = rows["school"].map(number)
    names = sizes.schools()["name"].to_dict() | {"test": "Test School"}
    value_labels[columns["school"]] = {int(n): names[s] for s, n in number.items()}
    data[columns["consent"]] = 1
    year = rows["year_t1"].map(lambda y: f"year_{y}")
    for attribute, values in [("year_group", year)] + [(a, rows[a]) for a in PUPIL_ATTRIBUTES]:
        codes = {value: code for code, value in mapping.values[attribute].items()}
        data[columns[attribute]] = values.map(codes)
        value_labels[columns[attribute]] = {
            int(code): value.replace("_", " ").capitalize() for value, code in codes.items()
        }
    value_labels[columns["consent"]] = {1: "Yes", 2: "No"}
    labels = {columns[a]: text for a, text in PUPIL_LABELS.items()}
    missing = {}
    for instrument in named:
        for item in instrument.items:
            column = mapping.columns_of(item.code)[0]
            data[column] = rows[item.code]
            labels[column] = item.label
            value_labels[column] = {-9: "No answer"} | dict(instrument.responses(item).labels)
            missing[column] = [-9]
    table = pd.DataFrame(data).astype(dict.fromkeys(data, object))
    table = mess.with_rows_to_set_aside(rows, table, "pupils", "T1", mapping, rng)
    # In the SPSS file no answer is a code of its own; only an empty row has system-missing.
    items = [mapping.columns_of(item)[0] for item in mapping.items]
    answered = table[columns["consent"]].astype(str).ne("")
    for column in items:
        numbers = pd.to_numeric(table[column].replace("", np.nan))
        table[column] = numbers.mask(numbers.isna() & answered, -9)
    for attribute, column in columns.items():
        if attribute == "submitted":
            table[column] = pd.to_datetime(table[column])
        elif attribute != "respondent":
            table[column] = pd.to_numeric(table[column].replace("", np.nan))
    formats = {columns["submitted"]: "DATE11"}
    exports.write_sav(path, table, labels, value_labels, missing, formats)


def _write_pupils_t2(
    path: Path, rows: pd.DataFrame, mapping: Mapping, named: list[Instrument], rng: Random
) -> None:
    columns = mapping.columns
    year = (rows["year_t1"] + 1).map(lambda y: f"year_{y}")
    attributes = [("year_group", year)] + [(a, rows[a]) for a in PUPIL_ATTRIBUTES]
    table = pd.DataFrame(
        {
            columns["respondent"]: mess.typed_codes(rows["code"], rng),
            columns["submitted"]: rows["submitted"].dt.floor("min"),
            columns["consent"]: exports.words(mapping, "consent")["yes"],
            columns["school"]: mess.typed_schools(rows, mapping, rng),
            **{columns[a]: values.map(exports.words(mapping, a)) for a, values in attributes},
            **_labelled(rows, mapping, named),
        }
    )
    table = mess.with_rows_to_set_aside(rows, table, "pupils", "T2", mapping, rng)
    moments = pd.to_datetime(table[columns["submitted"]])
    table[columns["submitted"]] = moments.dt.strftime("%Y-%m-%d %H:%M").fillna("")
    exports.write_csv(path, table)


def _hurried(minutes: NDArray[np.int_], rng: Random) -> NDArray[np.int_]:
    """The minutes that people took, with one in :data:`HURRIED` who took no more than three.

    Drawn from a stream of its own, so that nothing else depends on who hurries.
    """
    (own,) = rng.spawn(1)
    hurried = own.random(len(minutes)) < 1 / HURRIED
    return np.where(hurried, own.integers(1, 4, size=len(minutes)), minutes)


def _response_ids(rng: Random, number: int) -> list[str]:
    letters = np.array(list("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"))
    return ["R_" + "".join(row) for row in rng.choice(letters, size=(number, 15))]


PUPIL_ATTRIBUTES = ("sex", "fsm", "sen", "looked_after", "white", "english_first")
PUPIL_LABELS = {
    "respondent": "Code made up by the pupil",
    "submitted": "Date of answering",
    "school": "School",
    "consent": "Agrees to take part",
    "year_group": "School year",
    "sex": "Sex",
    "fsm": "Free school meals",
    "sen": "Special educational needs",
    "looked_after": "Looked after",
    "white": "White",
    "english_first": "English is first language",
}
WRITERS = {
    ("staff", "T1"): _write_staff_t1,
    ("staff", "T2"): _write_staff_t2,
    ("pupils", "T1"): _write_pupils_t1,
    ("pupils", "T2"): _write_pupils_t2,
}
