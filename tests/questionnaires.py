"""Studies whose questionnaires are written by the engine, and filled as each tool would export."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl

from analysis import questionnaire, study
from analysis.prepare import load_instruments
from analysis.questionnaire import Questionnaire
from analysis.questionnaire.model import Question
from tests.studies.made import write_csv, write_yaml

#: One person's answers: by the study's name of each question, in the study's words.
Person = Mapping[str, str]


def plain(folder: Path, **changes: Any) -> Path:
    """Staff of three schools, one instrument of five points, two waves, a role."""
    return _written(
        folder,
        {
            "schema_version": 2,
            "id": "plain",
            "title": "Steady Schools",
            "programme": "the programme",
            "short": "SS",
            "organisation": "The team",
            "edition": {"id": "one", "date": "2032-07-01", "term": "Summer 2032"},
            "waves": [
                {"id": "W1", "label": "First", "start": "2031-05-01", "end": "2031-05-31"},
                {"id": "W2", "label": "Second", "start": "2032-05-01", "end": "2032-05-31"},
            ],
            "populations": [{"id": "staff", "noun": "staff", "one": "member of staff"}],
            "groups": [
                {
                    "id": "role",
                    "of": "staff",
                    "label": "Your role",
                    "values": [
                        {"id": "tutor", "label": "Tutors", "one": "Tutor"},
                        {"id": "caretaker", "label": "Caretakers", "one": "Caretaker"},
                    ],
                }
            ],
            "surveys": [
                {
                    "id": "staff",
                    "label": "Staff survey",
                    "population": "staff",
                    "instruments": ["calm"],
                    "headline": "calm.order",
                    "invited": {"W1": "asked_1", "W2": "asked_2"},
                    "exports": [],
                }
            ],
        }
        | changes,
        [
            _instrument(
                "calm",
                {"labels": {1: "Never", 2: "Seldom", 3: "Now and then", 4: "Often", 5: "Always"}},
                [f"Corridors are calm, part {n}." for n in range(1, 5)],
            )
        ],
    )


def other(folder: Path) -> Path:
    """Parents, in two languages: two instruments (-3 to 3, 0 to 4) that call their scale alike."""
    return _written(
        folder,
        {
            "schema_version": 2,
            "id": "other",
            "title": "Open Doors",
            "programme": "the scheme",
            "short": "OD",
            "organisation": "The council",
            "languages": ["en", "de"],
            "edition": {"id": "one", "date": "2032-07-01", "term": "Summer 2032"},
            "waves": [{"id": "W1", "label": "Now", "start": "2031-05-01", "end": "2031-05-31"}],
            "populations": [{"id": "parents", "noun": "parents", "one": "parent", "minimum": 6}],
            "groups": [
                {"id": "home_language", "of": "parents", "label": "Language at home"},
                {"id": "meals", "of": "parents", "label": "Free meals", "gap": True},
            ],
            "surveys": [
                {
                    "id": "parents",
                    "label": "Parent survey",
                    "population": "parents",
                    "instruments": ["door", "trust_at_the_school_gate"],
                    "headline": "door.order",
                    "rules": {"must_agree": ["kin"]},
                    "exports": [],
                }
            ],
        },
        [
            _instrument(
                "door",
                {
                    "labels": {n: f"Step {n + 4} of seven" for n in range(-3, 4)},
                    "translations": {"de": {n: f"Stufe {n + 4} von sieben" for n in range(-3, 4)}},
                },
                [{"en": f"The door is open ({n})", "de": f"Die Tür ist offen ({n})"} for n in (1, 2)],
            ),
            _instrument(
                "trust_at_the_school_gate",
                {
                    "labels": {0: "Never", 1: "Seldom", 2: "Often", 3: "Nearly always", 4: "Always"},
                    "translations": {
                        "de": {0: "Nie", 1: "Selten", 2: "Oft", 3: "Fast immer", 4: "Immer"}
                    },
                },
                [{"en": "I am heard", "de": "Man hört mir zu"},
                 {"en": "I am told", "de": "Man sagt mir Bescheid"}],
            ),
        ],
        {
            "title": {"en": "Parents and the school", "de": "Eltern und die Schule"},
            "questions": {
                "home_language": {"en": "Which language do you speak at home?",
                                  "de": "Welche Sprache sprechen Sie zu Hause?"},
                "meals": {"en": "Does your child have free meals?",
                          "de": "Isst Ihr Kind kostenlos?"},
                "kin": {"en": "Who are you to the child?", "de": "Wer sind Sie für das Kind?"},
            },
            "choices": {
                "home_language": {"en": {"en": "English", "de": "Englisch"},
                                  "other_one": {"en": "Another", "de": "Eine andere"}},
                "kin": {"parent": {"en": "Mother or father", "de": "Mutter oder Vater"},
                        "grandparent": {"en": "Grandparent", "de": "Großeltern"}},
            },
            "code_parts": [{"en": "your house number", "de": "Ihre Hausnummer"},
                           {"en": "your month of birth", "de": "Ihr Geburtsmonat"}],
            "words": {key: {"de": f"{german}"} for key, german in GERMAN.items()},
        },
    )  # fmt: skip


GERMAN = {
    "organisation": "Die Umfrage gehört zu {title}. Verantwortlich: {organisation}.",
    "voluntary": "Die Teilnahme ist freiwillig.",
    "shown": "Ergebnisse werden ab {minimum} Personen gezeigt.",
    "consent": "Nehmen Sie teil?",
    "agree": "Ja, ich nehme teil",
    "decline": "Nein",
    "about": "Über Sie",
    "code": "Ihr eigener Code",
    "code_why": "Schreiben Sie nacheinander:",
    "code_same": "Immer auf gleiche Weise.",
    "school": "Welche Schule ist es?",
    "yes": "Ja",
    "no": "Nein, das nicht",
    "prefer_not_to_say": "Keine Angabe",
    "questions": "Fragen",
    "permission": "Noch nicht erlaubt.",
    "thanks": "Vielen Dank.",
    "tick": "Bitte ankreuzen.",
    "write": "Name:",
    "date": "Heutiges Datum",
    "page": "Seite",
    "form": "Bogen",
}


def _instrument(name: str, scale: dict[str, Any], wordings: Sequence[Any]) -> dict[str, Any]:
    points = list(scale["labels"])
    return {
        "schema_version": 1,
        "id": name,
        "name": f"The {name} list",
        "short": name.upper()[:5],
        "about": "What people say.",
        "source": "Written for a test.",
        "licence": "Ask us.",
        "response_sets": {"default": scale},
        "subscales": [{"id": "order", "label": "Order", "range": [points[0], points[-1]]}],
        "items": [
            {"code": f"{name[:2].upper()}_{n}", "subscale": "order", "label": f"Short {n}",
             "wording": wording}
            for n, wording in enumerate(wordings, 1)
        ],
    }  # fmt: skip


def _written(
    folder: Path,
    content: dict[str, Any],
    instruments: Sequence[dict[str, Any]],
    asked: dict[str, Any] | None = None,
) -> Path:
    folder.mkdir(parents=True)
    names = ["Alder School", "Birch & Beech School", "Céad Míle School"]
    write_csv(
        folder / "schools.csv",
        ["id", "name", "asked_1", "asked_2"],
        [[f"N-0{n}", name, 20, 20] for n, name in enumerate(names, 1)],
    )
    write_yaml(folder / "study.yaml", content)
    for each in instruments:
        write_yaml(folder / f"instruments/{each['id']}.yaml", each)
    if asked:
        survey = content["surveys"][0]["id"]
        write_yaml(folder / f"questionnaires/{survey}.yaml", {"schema_version": 1} | asked)
    return folder


def made(folder: Path, *, change: bool = False) -> Questionnaire:
    """The questionnaire of a study's first survey."""
    found = study.load(folder)
    (survey, *_) = found.surveys
    return questionnaire.build(
        found, survey, load_instruments(found), questionnaire.schools(found), change=change
    )


def people(asked: Questionnaire, number: int = 24, seed: int = 3) -> list[Person]:
    """Invented answers of so many people; a few leave a question out, and one does not agree."""
    dice = random.Random(seed)
    found = []
    for n in range(number):
        person = {
            question.name: dice.choice(question.choices).value
            for question in asked.questions
            if question.choices
        }
        person |= {"consent": "no" if n == 5 else "yes", "respondent": f"{n:02d}QX{n % 7}"}
        if n == 5:
            # Nothing more is asked of whoever does not agree.
            person |= {name: "" for name in person if name != "consent"}
        if n % 6 == 1:
            left_out = dice.choice(list(asked.items))
            person[left_out] = ""
        found.append(person)
    return found


def moment(number: int) -> str:
    """When somebody sent the answers: each on a day of May 2031."""
    return f"2031-05-{number % 28 + 1:02d}"


def _label(question: Question, value: str, language: str) -> str:
    return next((c.texts[language] for c in question.choices if c.value == value), value)


def _code(question: Question, value: str) -> str:
    return next((c.code for c in question.choices if c.value == value), value)


def _asked(asked: Questionnaire) -> list[Question]:
    return list(asked.questions)


def _csv(path: Path, head: Sequence[Sequence[str]], rows: list[list[str]], mark: str = ",") -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=mark)
        writer.writerows([*head, *rows])
    return path


def limesurvey_codes(asked: Questionnaire, filled: list[Person], folder: Path) -> Path:
    """LimeSurvey's CSV with headings as codes and answers as codes."""
    head = ["id", "submitdate", "lastpage", "startlanguage", "seed", "startdate", "datestamp"]
    rows = [
        [str(n), f"{moment(n)} 10:10:00", "3", "en", "1", f"{moment(n)} 10:00:00",
         f"{moment(n)} 10:10:00", *(_code(q, p[q.name]) for q in _asked(asked)), "600.1"]
        for n, p in enumerate(filled, 1)
    ]  # fmt: skip
    columns = [*head, *(q.code for q in _asked(asked)), "interviewtime"]
    return _csv(folder / "limesurvey.csv", [columns], rows, ";")


def limesurvey_words(asked: Questionnaire, filled: list[Person], folder: Path) -> Path:
    """The same with "code & text" headings and full answers, in each person's language."""
    head = ["id. Response ID", "submitdate. Date submitted", "lastpage. Last page",
            "startlanguage. Start language"]  # fmt: skip
    rows = []
    for n, p in enumerate(filled, 1):
        language = asked.languages[n % len(asked.languages)]
        rows.append([str(n), f"{moment(n)} 10:10:00", "3", language,
                     *(_label(q, p[q.name], language) for q in _asked(asked))])  # fmt: skip
    texts = [f"{q.code}. {q.texts[asked.main]}" for q in _asked(asked)]
    return _csv(folder / "limesurvey_words.csv", [[*head, *texts]], rows)


def kobo(asked: Questionnaire, filled: list[Person], folder: Path) -> Path:
    """KoboToolbox's CSV with groups before names, XML values."""
    groups = {q.code: f"part{s.id}/{q.code}" for s in asked.sections for q in s.questions}
    head = ["start", "end", *(groups.get(q.code, q.code) for q in _asked(asked))]
    tail = ["__version__", "_id", "_uuid", "_submission_time", "_validation_status", "_notes",
            "_status", "_submitted_by", "_tags", "_index"]  # fmt: skip
    rows = [
        [f"{moment(n)}T10:00:00.000+01:00", f"{moment(n)}T10:10:00.000+01:00",
         *(p[q.name] for q in _asked(asked)), asked.version, str(n),
         f"0d9c7a52-0000-4000-8000-{n:012d}", f"{moment(n)}T09:10:05", "", "", "submitted_via_web",
         "erika", "", str(n)]
        for n, p in enumerate(filled, 1)
    ]  # fmt: skip
    return _csv(folder / "kobo.csv", [[*head, *tail]], rows, ";")


def odk(asked: Questionnaire, filled: list[Person], folder: Path) -> Path:
    """ODK Central's CSV, with groups before names."""
    groups = {q.code: f"part{s.id}-{q.code}" for s in asked.sections for q in s.questions}
    head = ["SubmissionDate", "start", "end", *(groups.get(q.code, q.code) for q in _asked(asked))]
    tail = ["meta-instanceID", "KEY", "SubmitterID", "SubmitterName", "AttachmentsPresent",
            "AttachmentsExpected", "Status", "ReviewState", "DeviceID", "Edits", "FormVersion"]  # fmt: skip
    rows = [
        [f"{moment(n)}T09:10:05.123Z", f"{moment(n)}T10:00:00.000+01:00",
         f"{moment(n)}T10:10:00.000+01:00", *(p[q.name] for q in _asked(asked)),
         *[f"uuid:0d9c7a52-0000-4000-8000-{n:012d}"] * 2, "7", "Erika", "0", "0", "", "", "d", "0",
         asked.version]
        for n, p in enumerate(filled, 1)
    ]  # fmt: skip
    return _csv(folder / "odk.csv", [[*head, *tail]], rows)


def redcap(asked: Questionnaire, filled: list[Person], folder: Path) -> Path:
    """REDCap's CSV, raw, from a survey."""
    form = asked.survey
    head = ["record_id", "redcap_survey_identifier", f"{form}_timestamp",
            *(q.code for q in _asked(asked)), f"{form}_complete"]  # fmt: skip
    rows = [
        [str(n), "", f"{moment(n)} 10:10:00", *(p[q.name] for q in _asked(asked)), "2"]
        for n, p in enumerate(filled, 1)
    ]
    return _csv(folder / "redcap.csv", [head], rows)


def qualtrics(asked: Questionnaire, filled: list[Person], folder: Path) -> Path:
    """Qualtrics's CSV with three heading rows and answers in words."""
    own = {
        "StartDate": "startDate", "EndDate": "endDate", "Status": "status",
        "IPAddress": "ipAddress", "Progress": "progress", "Duration (in seconds)": "duration",
        "Finished": "finished", "RecordedDate": "recordedDate", "ResponseId": "_recordId",
        "RecipientLastName": "recipientLastName", "RecipientFirstName": "recipientFirstName",
        "RecipientEmail": "recipientEmail", "ExternalReference": "externalDataReference",
        "LocationLatitude": "locationLatitude", "LocationLongitude": "locationLongitude",
        "DistributionChannel": "distributionChannel", "UserLanguage": "userLanguage",
    }  # fmt: skip
    heads = [
        [*own, *(q.code for q in _asked(asked))],
        [*own, *(q.full(asked.main) for q in _asked(asked))],
        [json.dumps({"ImportId": one}, separators=(",", ":"))
         for one in (*own.values(), *(f"QID{n}" for n, _ in enumerate(_asked(asked))))],
    ]  # fmt: skip
    rows = [
        [f"{moment(n)} 10:00:00", f"{moment(n)} 10:10:00", "IP Address", "192.0.2.1", "100", "600",
         "True", f"{moment(n)} 10:10:00", f"R_{n:015d}", "", "", "", "", "", "", "anonymous", "EN",
         *(_label(q, p[q.name], asked.main) for q in _asked(asked))]
        for n, p in enumerate(filled, 1)
    ]  # fmt: skip
    preview = list(rows[0])
    preview[2], preview[8] = "Survey Preview", "R_preview00000000"
    return _csv(folder / "qualtrics.csv", heads, [*rows, preview])


def microsoft_forms(asked: Questionnaire, filled: list[Person], folder: Path) -> Path:
    """The workbook of Microsoft Forms: the questions' words as headings, answers in words."""
    import datetime as dt

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["ID", "Start time", "Completion time", "Email", "Name",
                  *(q.full(asked.main) for q in _asked(asked))])  # fmt: skip
    for n, p in enumerate(filled, 1):
        day = dt.datetime.fromisoformat(moment(n))
        sheet.append(
            [n, day.replace(hour=10), day.replace(hour=10, minute=10), "anonymous", None]
            + [_label(q, p[q.name], asked.main) or None for q in _asked(asked)]
        )
    path = folder / "forms.xlsx"
    book.save(path)
    return path


def data_entry(asked: Questionnaire, filled: list[Person], folder: Path) -> Path:
    """Our own workbook, with papers typed into it."""
    import datetime as dt

    path = folder / "papers.xlsx"
    path.write_bytes(questionnaire.write(asked, "workbook", asked.main, lambda source: b""))
    book = openpyxl.load_workbook(path)
    sheet = book["papers"]
    head = {sheet.cell(1, place).value: place for place in range(1, sheet.max_column + 1)}
    for n, p in enumerate(filled, 1):
        sheet.cell(n + 2, 1, n)
        sheet.cell(n + 2, head["date"], dt.date.fromisoformat(moment(n)))
        for q in _asked(asked):
            sheet.cell(n + 2, head[q.code], _label(q, p[q.name], asked.main) or None)
    book.save(path)
    return path


EXPORTS: dict[str, Callable[[Questionnaire, list[Person], Path], Path]] = {
    each.__name__: each
    for each in (limesurvey_codes, limesurvey_words, kobo, odk, redcap, qualtrics, microsoft_forms,
                 data_entry)
}  # fmt: skip
