"""Studies made from a seed: their files are written to a folder, and their data are random."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml

FIVE = {1: "Never", 2: "Seldom", 3: "Now and then", 4: "Often", 5: "Always"}
SEVEN = {n: f"Level {n}" for n in range(1, 8)}
WAVES = [
    {"id": "W1", "label": "May 2031", "start": "2031-05-01", "end": "2031-05-31"},
    {"id": "W2", "label": "May 2032", "start": "2032-05-01", "end": "2032-05-31"},
]
TREES = ("Alder", "Birch", "Cedar", "Damson", "Elm", "Fir", "Gorse", "Hazel", "Ivy")
#: Words that readers of the two larger studies find in their reports.
WORDS = {
    "parents": ("parents", "Home And School Questions"),
    "staff": ("colleagues", "Calm Corridors Scale", "Teamwork Checklist"),
}


def instrument(
    folder: Path, name: str, title: str, short: str, labels: dict[int, str], scales: Sequence[str]
) -> list[str]:
    """Write an instrument with three items a scale; its item codes."""
    items = [
        {"code": f"{name[:2].upper()}{s}{n}", "subscale": slug(scale), "label": f"{scale} {n}"}
        for s, scale in enumerate(scales, 1)
        for n in range(1, 4)
    ]
    low, high = min(labels), max(labels)
    write_yaml(
        folder / "instruments" / f"{name}.yaml",
        {
            "schema_version": 1,
            "id": name,
            "name": title,
            "short": short,
            "about": f"What people say of {scales[0].lower()}.",
            "source": "Written for a test.",
            "licence": "Public domain",
            "response_sets": {"default": {"labels": labels}},
            "subscales": [
                {"id": slug(scale), "label": scale, "range": [low, high]} for scale in scales
            ],
            "items": items,
        },
    )
    return [str(item["code"]) for item in items]


def slug(text: str) -> str:
    return text.lower().replace(" ", "_")


def write_yaml(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def answers(
    folder: Path,
    file: str,
    codes: Sequence[str],
    schools: Sequence[str],
    people: Callable[[str], int],
    values: Callable[[np.random.Generator], Sequence[str]],
    columns: Sequence[str],
    top: int,
    rng: np.random.Generator,
    shift: float = 0.0,
) -> None:
    """Write one wave of a survey: answers around the middle, a little alike within a school."""
    rows = []
    for school in schools:
        of_school = rng.normal(0, 0.3)
        for number in range(people(school)):
            level = (top + 1) / 2 + of_school + shift + rng.normal(0, 0.8, len(codes))
            given = np.clip(np.rint(level), 1, top).astype(int)
            rows.append([f"{school}-{number}", school, *values(rng), *given])
    write_csv(folder / file, ["code", "school", *columns, *codes], rows)


def mapping(
    folder: Path, name: str, attributes: dict[str, list[str]], codes: Sequence[str]
) -> None:
    write_yaml(
        folder / "mappings" / f"{name}.yaml",
        {
            "schema_version": 1,
            "answers": "codes",
            "columns": {"respondent": "code", "school": "school"} | {a: a for a in attributes},
            "values": {a: {v: v for v in values} for a, values in attributes.items()},
            "items": {code: code for code in codes},
        },
    )


def county(folder: Path, *, phases: bool = True) -> Path:
    """Parents and staff, two instruments for staff, three phases or none, interviews by one coder.

    Not synthetic; no plans, no framework, no records.
    """
    rng = np.random.default_rng(11)
    folder.mkdir(parents=True)
    kinds = (["primary"] * 3 + ["secondary"] * 3 + ["special"] * 3)[: 9 if phases else 5]
    ids = [f"N{n:02d}" for n in range(1, len(kinds) + 1)]
    write_csv(
        folder / "schools.csv",
        ["id", "name", "letter", "kind"],
        [
            [name, f"{TREES[n]} School", chr(65 + n), kind]
            for n, (name, kind) in enumerate(zip(ids, kinds, strict=True))
        ],
    )
    home = instrument(folder, "home", "Home And School Questions", "HSQ", FIVE, ["Welcome"])
    calm = instrument(
        folder, "calm", "Calm Corridors Scale", "CCS", SEVEN, ["Noise", "Order", "Trust"]
    )
    team = instrument(folder, "team", "Teamwork Checklist", "TWC", FIVE, ["Sharing", "Planning"])
    roles = ["caretaker", "tutor"]
    mapping(folder, "parents", {}, home)
    mapping(folder, "staff", {"role": roles}, [*calm, *team])
    sizes = {name: int(rng.integers(14, 26)) for name in ids}
    for wave, shift in (("w1", 0.0), ("w2", 0.25)):
        answers(folder, f"parents_{wave}.csv", home, ids, lambda s: sizes[s] + 4,
                lambda r: [], [], 5, rng, shift)  # fmt: skip
        answers(folder, f"staff_{wave}.csv", [*calm, *team], ids, lambda s: sizes[s],
                lambda r: [roles[int(r.random() < 0.7)]], ["role"], 5, rng, shift)  # fmt: skip
    people = [
        [f"P{n}", ids[n % len(ids)], ("tutor", "caretaker")[n % 2], "yes" if n % 3 else "no"]
        for n in range(8)
    ]
    write_csv(folder / "people.csv", ["source_id", "school", "role", "consent_to_quote"], people)
    passages = []
    for n, (source, *_) in enumerate(people):
        for code in ("BEL", "BEQ", "FOO") if n % 2 else ("BEL", "FOO"):
            text = f"Passage of {source} about {code.lower()} told in plain words."
            passages.append([source, "C1", code, 10 * n, 10 * n + 9, text])
    write_csv(
        folder / "passages.csv", ["source_id", "coder", "code", "start", "end", "text"], passages
    )
    write_yaml(
        folder / "codes.yaml",
        {
            "schema_version": 1,
            "themes": [
                {
                    "id": "BELLS",
                    "label": "Bells and breaks",
                    "description": "How the day is cut.",
                    "codes": [
                        {"id": "BEL", "label": "A softer bell", "definition": "The bell rings."},
                        {"id": "BEQ", "label": "No bell at all", "definition": "No bell rings."},
                    ],
                },
                {
                    "id": "FOOD",
                    "label": "Food",
                    "description": "What is eaten.",
                    "codes": [{"id": "FOO", "label": "Lunch together", "definition": "Lunch."}],
                },
            ],
        },
    )
    groups: list[dict[str, Any]] = [
        {
            "id": "role", "of": "staff", "label": "Post",
            "values": [{"id": "tutor", "label": "Tutors"}, {"id": "caretaker", "label": "Caretakers"}],
        },
        {
            "id": "speaker", "of": "interviewees", "column": "role", "label": "Post",
            "values": [
                {"id": "tutor", "label": "Tutors", "one": "Tutor"},
                {"id": "caretaker", "label": "Caretakers", "one": "Caretaker"},
            ],
        },
    ]  # fmt: skip
    if phases:
        groups.insert(
            0,
            {
                "id": "kind", "of": "schools", "label": "Kind of school", "compare": True,
                "values": [
                    {"id": "primary", "label": "Primary schools"},
                    {"id": "secondary", "label": "Secondary schools"},
                    {"id": "special", "label": "Special schools", "benchmark": False},
                ],
            },
        )  # fmt: skip
    write_yaml(
        folder / "study.yaml",
        {
            "schema_version": 2,
            "id": "county" if phases else "plain",
            "title": "Westmoor Quiet Schools",
            "programme": "the quiet programme",
            "short": "WQS",
            "organisation": "Westmoor County",
            "edition": {"id": "summer-2032", "date": "2032-07-01", "term": "Summer 2032"},
            "waves": WAVES,
            "populations": [
                {"id": "parents", "kind": "adults", "noun": "parents", "one": "parent"},
                {"id": "staff", "kind": "adults", "noun": "colleagues", "one": "colleague"},
            ],
            "groups": groups,
            "surveys": [
                {
                    "id": "parents", "label": "Parents' questionnaire", "population": "parents",
                    "instruments": ["home"], "headline": "home.welcome",
                    "exports": [
                        {"wave": w.upper(), "file": f"parents_{w}.csv", "mapping": "mappings/parents.yaml"}
                        for w in ("w1", "w2")
                    ],
                },
                {
                    "id": "staff", "label": "Colleagues' questionnaire", "population": "staff",
                    "instruments": ["calm", "team"], "headline": "calm.noise",
                    "exports": [
                        {"wave": w.upper(), "file": f"staff_{w}.csv", "mapping": "mappings/staff.yaml"}
                        for w in ("w1", "w2")
                    ],
                },
            ],
            "codebook": "codes.yaml",
            "strands": {"interviews": {"segments": "passages.csv", "interviewees": "people.csv"}},
        },
    )  # fmt: skip
    return folder


def baseline(folder: Path) -> Path:
    """Pupils only, one instrument, one wave so far; no groups of schools."""
    rng = np.random.default_rng(12)
    folder.mkdir(parents=True)
    ids = ["B1", "B2", "B3", "B4"]
    write_csv(
        folder / "schools.csv",
        ["id", "name"],
        [[name, f"{word} Academy"] for name, word in zip(ids, ("Oak", "Pine", "Quince", "Rowan"), strict=True)],
    )  # fmt: skip
    codes = instrument(folder, "read", "Reading For Joy Scale", "RJS", FIVE, ["Joy", "Choice"])
    mapping(folder, "learners", {}, codes)
    answers(folder, "w1.csv", codes, ids, lambda s: 30, lambda r: [], [], 5, rng)
    write_yaml(
        folder / "study.yaml",
        {
            "schema_version": 2,
            "id": "reading",
            "title": "Reading For Joy",
            "programme": "the reading year",
            "short": "RFJ",
            "organisation": "Eastvale Trust",
            "edition": {"id": "start", "date": "2031-06-15", "term": "Summer 2031"},
            "waves": WAVES[:1],
            "populations": [
                {"id": "learners", "kind": "children", "noun": "learners", "one": "learner"}
            ],
            "surveys": [
                {
                    "id": "learners", "label": "Learners' questionnaire", "population": "learners",
                    "instruments": ["read"], "headline": "read.joy",
                    "exports": [{"wave": "W1", "file": "w1.csv", "mapping": "mappings/learners.yaml"}],
                }
            ],
        },
    )  # fmt: skip
    return folder


def second_term(folder: Path) -> None:
    """The study of :func:`baseline` a year on: the same people answer higher, and a school joins."""
    rng = np.random.default_rng(13)
    content = yaml.safe_load((folder / "study.yaml").read_text(encoding="utf-8"))
    codes = [f"RE{scale}{n}" for scale in (1, 2) for n in (1, 2, 3)]
    answers(folder, "w2.csv", codes, ["B1", "B2", "B3", "B4", "B5"], lambda s: 30,
            lambda r: [], [], 5, rng, 0.9)  # fmt: skip
    content["waves"] = WAVES
    content["edition"] = {"id": "second", "date": "2032-06-15", "term": "Summer 2032"}
    content["surveys"][0]["exports"].append(
        {"wave": "W2", "file": "w2.csv", "mapping": "mappings/learners.yaml"}
    )
    write_yaml(folder / "study.yaml", content)
    with (folder / "schools.csv").open("a", encoding="utf-8") as file:
        file.write("B5,Sorrel Academy\n")


def both(english: str, welsh: str) -> dict[str, str]:
    """Words in the two languages of :func:`bilingual`."""
    return {"en": english, "cy": welsh}


def bilingual(folder: Path) -> Path:
    """Staff and pupils of six schools, two waves, reports in English and Welsh.

    All words of the study are in both languages but the label of one wave, and one text of two.
    """
    rng = np.random.default_rng(17)
    folder.mkdir(parents=True)
    ids = [f"Y{n}" for n in range(1, 7)]
    places = ("Bryn", "Coed", "Ddol", "Felin", "Glyn", "Nant")
    rows = [
        [one, f"Ysgol y {place}", "primary" if n < 3 else "secondary"]
        for n, (one, place) in enumerate(zip(ids, places, strict=True))
    ]
    write_csv(folder / "schools.csv", ["id", "name", "phase"], rows)
    scales = {
        "voice": both("A say in decisions", "Llais mewn penderfyniadau"),
        "calm": both("Calm classrooms", "Ystafelloedd dosbarth tawel"),
    }
    codes = {}
    for name, short in (("work", "WPS"), ("school_life", "SLS")):
        codes[name] = instrument(folder, name, f"{short} in full", short, FIVE, ["Voice", "Calm"])
        path = folder / "instruments" / f"{name}.yaml"
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        for scale in content["subscales"]:
            scale["label"] = scales[scale["id"]]
        for item in content["items"]:
            number = item["code"][-1]
            item["label"] = both(f"{item['subscale']} {number}", f"cwestiwn {item['code']}")
        write_yaml(path, content)
    surveys = []
    for survey, name, size, label, noun in (
        ("staff", "work", 16, both("Staff survey", "Arolwg staff"), both("staff", "staff")),
        ("pupils", "school_life", 40, both("Pupil survey", "Arolwg disgyblion"),
         both("pupils", "disgyblion")),
    ):  # fmt: skip
        mapping(folder, survey, {}, codes[name])
        for wave, shift in (("w1", 0.0), ("w2", 0.6)):
            answers(folder, f"{survey}_{wave}.csv", codes[name], ids, lambda s, n=size: n,
                    lambda r: [], [], 5, rng, shift)  # fmt: skip
        surveys.append(
            {
                "id": survey, "label": label, "population": survey, "respondents": noun,
                "instruments": [name], "headline": f"{name}.voice",
                "exports": [
                    {"wave": w.upper(), "file": f"{survey}_{w}.csv", "mapping": f"mappings/{survey}.yaml"}
                    for w in ("w1", "w2")
                ],
            }
        )  # fmt: skip
    write_yaml(
        folder / "study.yaml",
        {
            "schema_version": 2,
            "id": "dwyieithog",
            "title": both("Calm Schools", "Ysgolion Tawel"),
            "programme": both("the calm programme", "y rhaglen dawel"),
            "short": "CS",
            "organisation": both("Dyffryn County", "Sir y Dyffryn"),
            "edition": {"id": "summer-2032", "date": "2032-07-01", "term": both("Summer 2032", "Haf 2032")},
            "waves": [
                {**WAVES[0], "label": "May 2031"},
                {**WAVES[1], "label": both("May 2032", "Mai 2032")},
            ],
            "populations": [
                {"id": "staff", "kind": "adults", "noun": both("staff", "staff"),
                 "one": both("member of staff", "aelod o staff")},
                {"id": "pupils", "kind": "children", "noun": both("pupils", "disgyblion"),
                 "one": both("pupil", "disgybl")},
            ],
            "groups": [
                {"id": "phase", "of": "schools", "label": both("Phase", "Cyfnod"), "compare": True,
                 "values": [{"id": "primary", "label": both("Primary schools", "Ysgolion cynradd")},
                            {"id": "secondary", "label": both("Secondary schools", "Ysgolion uwchradd")}]},
            ],
            "surveys": surveys,
            "report": {
                "languages": ["en", "cy"],
                "letter": True,
                "themes": [{"id": "say", "label": both("A say", "Llais"),
                            "scores": {"staff": "work.voice", "pupils": "school_life.voice"}}],
            },
        },
    )  # fmt: skip
    (folder / "texts" / "schools").mkdir(parents=True)
    for name, text in {
        "schools-next.md": "- Talk about it at the next staff meeting.\n",
        "schools-next.cy.md": "- Siaradwch amdano yn y cyfarfod staff nesaf.\n",
        "schools/Y1.md": "The school asked for this survey.\n",
    }.items():
        (folder / "texts" / name).write_text(text, encoding="utf-8")
    return folder
