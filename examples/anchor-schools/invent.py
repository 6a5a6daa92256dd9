"""Invents the answers of the Anchor study, as exports of LimeSurvey, Microsoft Forms and KoboToolbox.

Nobody is asked: every answer is drawn from a seeded generator. ``python invent.py FOLDER``.
"""

from __future__ import annotations

import csv
import datetime as dt
import random
import sys
from pathlib import Path
from typing import Any

import openpyxl

#: id -> (name, staff asked, students asked, how much better than others it is to begin with)
SCHOOLS = {
    "LEE": ("Scoil na Laoi", 18, 46, 0.2),
    "BAN": ("Bandon Road National School", 16, 40, 0.0),
    "OIL": ("Oileán Beag National School", 5, 9, 0.3),
    "GLE": ("Gleann Community College", 30, 70, -0.4),
    "CUA": ("Coláiste an Chuain", 26, 64, 0.0),
    "MAR": ("Saint Mary's Secondary School", 24, 60, 0.1),
}
AGREE = ("Not at all", "A little", "Partly", "Mostly", "Completely")
OFTEN = ("Never", "Now and then", "Most days", "Every day")
STAFF = {
    "HLP1": 0.5,
    "HLP2": -0.3,
    "HLP3": 0.2,
    "HLP4": -0.6,
    "TIM1": -0.2,
    "TIM2": -0.5,
    "TIM3": 0.6,
}
STUDENTS = {
    "BEL1": 0.0,
    "BEL2": 0.9,
    "BEL3": 0.4,
    "BEL4": -0.9,
    "VOI1": -0.5,
    "VOI2": -0.7,
    "VOI3": 0.3,
}
TURNED = {"HLP4", "TIM3", "BEL4"}
ROLES = ("Principal or deputy principal", "Teacher", "Special needs assistant")
LANGUAGES = ("English", "Irish", "Another language", "Prefer not to say")

Person = dict[str, Any]


def cohort(items: dict[str, float], points: int, asked: int, dice: random.Random) -> list[Person]:
    """Everybody whom the survey concerns, with what does not change of them."""
    people, taken = [], set()
    for school, one in SCHOOLS.items():
        for place in range(one[asked]):
            code = ""
            while not code or code in taken:
                code = (
                    "".join(dice.choices("ABCDEFGHJKLMNPRSTUVW", k=2))
                    + f"{dice.randint(1, 28):02d}"
                    + dice.choice("ABDEHLNRSTY")
                )
            taken.add(code)
            people.append(
                {"school": school, "code": code, "place": place, "self": dice.gauss(0, 0.8)}
            )
    return people


def answers(
    person: Person, items: dict[str, float], points: int, shift: float, dice: random.Random
) -> dict[str, int | None]:
    """A scale point for each item; now and then one is left out."""
    level = person["self"] + SCHOOLS[person["school"]][3] + shift
    middle, spread = (points + 1) / 2, (points - 1) / 4
    found: dict[str, int | None] = {}
    for item, easy in items.items():
        warm = -level if item in TURNED else level
        point = round(middle + spread * (warm + easy + dice.gauss(0, 0.7)))
        found[item] = None if dice.random() < 0.02 else min(max(point, 1), points)
    return found


def answering(people: list[Person], share: float, dice: random.Random) -> list[Person]:
    return [each for each in people if dice.random() < share]


def limesurvey(
    path: Path, version: str, rows: list[tuple[Person, dict[str, int | None], dt.datetime]]
) -> None:
    """Headings as codes, answers in full. The last one answers no to consent, one breaks off."""
    head = ["id", "submitdate", "lastpage", "startlanguage", "seed", "startdate", "datestamp",
            f"consent{version}", "youcode", "youschool", "yourole",
            *(f"staffroom{item.lower()}" for item in STAFF), "interviewtime"]  # fmt: skip
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";", quoting=csv.QUOTE_ALL)
        writer.writerow(head)
        for number, (person, given, when) in enumerate(rows, 1):
            end = when + dt.timedelta(seconds=200 + 13 * (number % 17))
            role = 0 if person["place"] == 0 else 2 if person["place"] % 5 == 4 else 1
            known = [person["code"], SCHOOLS[person["school"]][0], ROLES[role]]
            said = [AGREE[point - 1] if point else "" for point in given.values()]
            sent, consent = str(end), "Yes, I agree to take part"
            if number == 7:
                sent, said = "", [*said[:4], "", "", ""]
            if number == len(rows):
                consent, known, said = "No, I do not agree", ["", "", ""], [""] * len(said)
            writer.writerow([number, sent, 3, "en", 1, when, end, consent, *known, *said,
                             (end - when).seconds])  # fmt: skip


def forms(
    path: Path,
    version: str,
    words: list[str],
    rows: list[tuple[Person, dict[str, int | None], dt.datetime]],
) -> None:
    """The workbook of Microsoft Forms."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["ID", "Start time", "Completion time", "Email", "Name", *words])
    for number, (person, given, when) in enumerate(rows, 1):
        end = when + dt.timedelta(seconds=150 + 11 * (number % 19))
        sheet.append([number, when, end, "anonymous", None, "Yes, I agree to take part",
                      person["code"], SCHOOLS[person["school"]][0], person["language"],
                      *(OFTEN[point - 1] if point else None for point in given.values())])  # fmt: skip
    book.properties.creator = "invented"
    book.save(path)


def kobo(
    path: Path, version: str, rows: list[tuple[Person, dict[str, int | None], dt.datetime]]
) -> None:
    """KoboToolbox's CSV, XML values and headers, groups before names."""
    values = dict(zip(LANGUAGES, ("english", "irish", "other", "prefer_not_to_say"), strict=True))
    head = ["start", "end", f"consent{version}", "partabout/youcode", "partabout/youschool",
            "partabout/youlanguage", *(f"partbelonging/belonging{item.lower()}" for item in STUDENTS),
            "__version__", "_id", "_uuid", "_submission_time", "_status", "_submitted_by", "_index"]  # fmt: skip
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(head)
        for number, (person, given, when) in enumerate(rows, 1):
            end = when + dt.timedelta(seconds=150 + 11 * (number % 19))
            writer.writerow([f"{when.isoformat()}.000+01:00", f"{end.isoformat()}.000+01:00", "yes",
                             person["code"].lower(), person["school"], values[person["language"]],
                             *(point or "" for point in given.values()), version, 4000 + number,
                             f"0d9c7a52-0000-4000-8000-{number:012d}", end.isoformat(),
                             "submitted_via_web", "", number])  # fmt: skip


def timed(people: list[Person], first: dt.datetime, items: dict[str, float], points: int,
          shift: dict[str, float], dice: random.Random) -> list[tuple[Person, dict[str, int | None], dt.datetime]]:  # fmt: skip
    found = []
    for number, each in enumerate(people):
        when = first + dt.timedelta(days=number % 23, minutes=dice.randint(0, 300))
        found.append(
            (each, answers(each, items, points, shift.get(each["school"], 0.1), dice), when)
        )
    return sorted(found, key=lambda row: row[2])


def main(folder: Path) -> None:
    """Both waves of both surveys. Versions are those that ``drp questionnaire`` prints."""
    dice = random.Random(1916)
    staff, students = cohort(STAFF, 5, 1, dice), cohort(STUDENTS, 4, 2, dice)
    for each in students:
        each["language"] = dice.choices(LANGUAGES, (70, 8, 18, 4))[0]
    words = STUDENT_WORDS
    for year, share, shift in ((2024, 0.8, dict.fromkeys(SCHOOLS, 0.0)),
                               (2025, 0.75, {"GLE": 0.6, "LEE": 0.3, "MAR": -0.2})):  # fmt: skip
        first = dt.datetime(year, 10, 3, 9) if year == 2024 else dt.datetime(2025, 5, 6, 9)
        rows = timed(answering(staff, share, dice), first, STAFF, 5, shift, dice)
        limesurvey(folder / f"teachers_{year}.csv", "d660230a", rows)
        rows = timed(answering(students, share, dice), first, STUDENTS, 4, shift, dice)
        if year == 2024:
            forms(folder / f"students_{year}.xlsx", "666a626f", words, rows)
        else:
            kobo(folder / f"students_{year}.csv", "666a626f", rows)


STUDENT_WORDS = [
    "Do you agree to take part? [666a626f]",
    "Your own code: We do not ask who you are. If we ask you again later, this code lets us put your "
    "answers together. Write these one after the other, without spaces: 1) the first two letters of your "
    "mother's first name; 2) the day of the month on which you were born; 3) the last letter of your "
    "surname. Make it the same way each time. Capital or small letters make no difference.",
    "Which is your school?",
    "Which language do you speak most at home?",
    "I am glad when I arrive at school.",
    "I have somebody to sit with at break.",
    "I can be myself in my class.",
    "I feel left out.",
    "Adults here ask what I think.",
    "Something is done with our ideas.",
    "I know an adult here whom I can tell if something is wrong.",
]

if __name__ == "__main__":
    main(Path(sys.argv[1]))
