"""A small study with every kind of file, and ways to break it: what each message has to name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import yaml

from analysis import scaffold
from analysis import strands as registry

#: Rows to begin with, so that every strand is in use.
ROWS = {
    "sessions": "S01,2026-10-05,training,60,,12,9,yes,F1\n",
    "delivery_hours": "S01,2026-27 autumn,6,9.5\n",
    "delivery_costs": "materials,120,S01,2026-27 autumn\n",
    "segments": "I1,C1,EXP.01,0,20,It was good for us.\nI2,C1,EXP.02,0,20,There was no time.\n",
    "interviewees": "I1,yes,S01,leader,\nI2,yes,S02,teacher,\n",
    "quotations": "Q1,I1,EXP.01,staff,role,It was good for us.\n",
    "focus_groups": "staff,6,Doing,EXP.01,They spoke of what was gained.\n",
    "facilitator_survey": "F1,yes\nF2,no\n",
    "open_answers": "A1,S01,environment,EXP.01\n",
    "action_plans": "P1,S01,AIM.01,A garden,1,planned\n",
    "readiness": "S01,lead,1,partly,a lead is named\n",
    "whole_school_audit": "S01,ethos,baseline,doing_well\n",
    "outcomes": "S01,2026-27 autumn,2026-09-02,attendance,900,1000\n",
    "outcome_national": "2026-27 autumn,attendance,94.2,A yearbook\n",
    "needs": "S01,worry,universal,12\n",
    "reviews": "Halls,Calm,better than before,p. 4,2011\n",
}
STUDY = "study.yaml"


def make(project: Path) -> Path:
    """The project, with its study in ``data/raw``."""
    plan = scaffold.planned(
        "Calm Schools", "A council", "the programme", ["staff", "pupils"],
        ["primary", "secondary"], list(registry.BY_ID), 6, 2026,
    )  # fmt: skip
    scaffold.make(project, plan)
    raw = project / "data/raw"
    for table in registry.BY_TABLE.values():
        path = raw / f"{table.name}.csv"
        if table.name == "facilitator_survey":
            path.write_text("respondent,q1\n", encoding="utf-8")
        if path.exists():
            head = path.read_text("utf-8")
            last = head.count(",")
            rows = [row + "," * (last - row.count(",")) for row in ROWS[table.name].splitlines()]
            path.write_text(head + "\n".join([*rows, ""]), encoding="utf-8")
    text = (raw / "value_creation.yaml").read_text("utf-8")
    text += "conditions: [{id: lead, label: A lead is there, codes: [EXP.01]}]\nrisks: []\n"
    (raw / "value_creation.yaml").write_text(text, "utf-8")
    (raw / "value_stories.yaml").write_text(
        "schema_version: 1\nstories:\n  - id: one\n    title: A garden\n    steps:\n"
        "      - {cycle: immediate, text: It was dug., codes: [EXP.01]}\n",
        "utf-8",
    )
    (raw / "texts/value").mkdir()
    (raw / "texts/value/immediate.md").write_text("People were glad.\n", "utf-8")
    (raw / "claims.yaml").write_text(
        "schema_version: 1\ngrammar: conditions-1\nclaims:\n"
        "  - {id: TX.01, sentence: People were glad., section: value, kind: level,\n"
        "     cannot: Nobody was asked., text: texts/value/immediate.md}\n",
        "utf-8",
    )
    (raw / "dates.csv").write_text("school,wave,start,end\nS01,T1,2026-10-05,2026-11-01\n", "utf-8")
    reference = "survey,attribute,value,count,source\nstaff,role,leader,20,a list\n"
    (raw / "reference.csv").write_text(reference, "utf-8")
    study = yaml.safe_load((raw / STUDY).read_text("utf-8"))
    study["strands"] = {
        strand.id: {table.key: f"{table.name}.csv" for table in strand.tables}
        | {key: f"{name}.yaml" for key, name in strand.documents.items()}
        for strand in registry.STRANDS
    }
    study["codebook"] = "codebook.yaml"
    study["wave_dates"] = "dates.csv"
    study["reference_population"] = "reference.csv"
    study["smallest_effects"] = {"school_life": {"points": 0.2}}
    study["labels"] = {"role": "Role"}
    study["report"] = {"chapters": ["interviews"]}
    study["groups"].append(
        {
            "id": "interviewed", "of": "interviewees", "column": "role",
            "values": [{"id": "leader", "label": "Leaders"}, {"id": "teacher", "label": "Teachers"}],
        }
    )  # fmt: skip
    (raw / STUDY).write_text(yaml.safe_dump(study, sort_keys=False), "utf-8")
    return project


@dataclass(frozen=True)
class Break:
    """One way to break a study: a file, what is done to it, and words of the message."""

    name: str
    file: str
    change: Callable[[Path], None]
    words: tuple[str, ...] = ()


def _replaced(old: str, new: str) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        text = path.read_text("utf-8")
        assert old in text, f"{old!r} is not in {path.name}"
        path.write_text(text.replace(old, new, 1), "utf-8")

    return change


def _written(content: str | bytes) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)

    return change


def _gone(path: Path) -> None:
    path.unlink()


def _study(change: Callable[[dict], object]) -> Callable[[Path], None]:
    def apply(path: Path) -> None:
        content = yaml.safe_load(path.read_text("utf-8"))
        change(content)
        path.write_text(yaml.safe_dump(content, sort_keys=False), "utf-8")

    return apply


def _of_study(name: str, change: Callable[[dict], object], *words: str) -> Break:
    return Break(name, STUDY, _study(change), words)


def _survey(key: str, value: object) -> Callable[[dict], object]:
    return lambda study: study["surveys"][0].update({key: value})


BINARY = b"\xff\xfe\x00\x9f\x00\x81"
INSTRUMENT, MAPPING, EXPORT = "instruments/school_life.yaml", "mappings/staff.yaml", "staff_t1.csv"

BREAKS: tuple[Break, ...] = (
    # the study file
    Break("study gone", STUDY, _gone, ("no study",)),
    Break("study not YAML", STUDY, _written("id: [a\nb: c"), ("not valid YAML", "line")),
    Break("study a list", STUDY, _written("- a\n- b\n"), ("keys and values",)),
    Break("study empty", STUDY, _written(""), ("keys and values",)),
    Break("study not text", STUDY, _written(BINARY), ("UTF-8", "line 1")),
    Break("no such day", STUDY, _replaced("2027-07-31", "2027-02-30"), ("day",)),
    _of_study("unknown key", lambda s: s.update(colour="red"), "colour"),
    _of_study("unknown key below", lambda s: s["edition"].update(season="x"), "edition.season"),
    _of_study("no surveys", lambda s: s.update(surveys=[]), "surveys"),
    _of_study("surveys a word", lambda s: s.update(surveys="staff"), "surveys"),
    _of_study("no exports", _survey("exports", []), "names no export"),
    _of_study("unknown population", _survey("population", "cooks"), "'cooks' is not declared"),
    _of_study("misspelt headline", _survey("headline", "school_life.totl"), "no score", "total", "line "),
    _of_study("strange headline", _survey("headline", "other.total"), "surveys.staff.headline"),
    _of_study("unknown wave", lambda s: s["surveys"][0]["exports"][0].update(wave="T9"), "T9"),
    _of_study("unknown instrument", _survey("instruments", ["school_life", "x"]), "x.yaml"),
    _of_study("no invited column", _survey("invited", {"T1": "asked"}), "'asked'"),
    _of_study("invited at no wave", _survey("invited", {"T7": "invited_staff_t1"}), "T7"),
    _of_study("unmapped question", _survey("perceived_change", ["ethos"]), "'ethos'"),
    _of_study("unmapped agreement", _survey("rules", {"must_agree": ["sex"]}), "'sex'"),
    _of_study("group without column", lambda s: s["groups"][1].update(column="job"), "'job'"),
    _of_study("schools' group column", lambda s: s["groups"][0].update(column="kind"), "'kind'"),
    _of_study(
        "school group of nobody",
        lambda s: s["groups"][0]["values"].append({"id": "special", "label": "Special"}),
        "No school is 'special'",
    ),
    _of_study(
        "people's group of nobody",
        lambda s: s["groups"][1]["values"].append({"id": "cook", "label": "Cooks"}),
        "No answer is 'cook'",
    ),
    _of_study("one group", lambda s: s["groups"][0].update(values=s["groups"][0]["values"][:1]),
              "nothing to be compared with"),
    _of_study("one group of people",
              lambda s: s["groups"][1].update(values=s["groups"][1]["values"][:1]),
              "groups.1", "nothing to be compared with"),
    _of_study("group of nobody asked", lambda s: s["groups"][1].update(of="cooks"), "'cooks'"),
    _of_study("effect of no instrument",
              lambda s: s.update(smallest_effects={"spsc": {"points": 1}}), "'spsc'"),
    _of_study("chapter of a missing strand",
              lambda s: (s["strands"].pop("interviews"), s["groups"].pop(3)), "'interviews'"),
    _of_study("no such chapter", lambda s: s.update(report={"chapters": ["weather"]}), "'weather'"),
    _of_study("no such strand", lambda s: s["strands"].update(weather={}), "weather"),
    _of_study("no such table", lambda s: s["strands"]["plans"].update(aim="x.csv"), "plans.aim"),
    _of_study("a label of nothing", lambda s: s.update(labels={"rôle": "Role"}), "rôle"),
    _of_study("low threshold", lambda s: s["populations"][1].update(minimum=4), "minimum"),
    _of_study("a pattern of nothing", lambda s: s["strands"]["needs"].update(counts="count*.csv"),
              "No file matches 'count*.csv'"),
    # instruments and mappings
    Break("instrument gone", INSTRUMENT, _gone, ("there is no",)),
    Break("instrument not YAML", INSTRUMENT, _written("a: {"), ("not valid YAML",)),
    Break("instrument's items a word", INSTRUMENT, _replaced("items:\n", "items: none\nothers:\n"),
          ("items",)),
    Break("unknown subscale", INSTRUMENT, _replaced("subscale: voice", "subscale: vioce"), ("vioce",)),
    Break("another population", INSTRUMENT, _replaced('population: ""', "population: children"),
          ("is for children",)),
    Break("another id", INSTRUMENT, _replaced("id: school_life", "id: life"), ("'life'",)),
    Break("scale with a gap", INSTRUMENT, _replaced("2: Disagree, ", ""), ("gaps",)),
    Break("mapping gone", MAPPING, _gone, ("missing",)),
    Break("mapping a list", MAPPING, _written("[]"), ("keys and values",)),
    Break("item not mapped", MAPPING, _replaced("  SL3: SL3\n", ""), ("SL3",)),
    Break("item of nothing", MAPPING, _replaced("  SL3: SL3\n", "  SL3: SL3\n  SL9: SL8\n"),
          ("SL9",)),
    Break("no such column", MAPPING, _replaced("SL3: SL3", "SL3: SL33"), ("'SL33'",)),
    Break("values of nothing", MAPPING, _replaced("  role:\n", "  roll:\n"), ("roll",)),
    Break("attribute that is taken", MAPPING, _replaced("  role: role\n", "  role: role\n  wave: agrees\n"),
          ("'wave'",)),
    Break("value of no group", MAPPING, _replaced("Leader: leader", "Leader: boss"), ("'boss'",)),
    Break("columns a word", MAPPING, _replaced("columns:\n", "columns: none\nothers:\n"), ("columns",)),
    # exports, schools, dates
    Break("export gone", EXPORT, _gone, ("missing",)),
    Break("export empty", EXPORT, _written(""), ("empty",)),
    Break("export not text", EXPORT, _written(b"PK\x03\x04 no workbook"), ()),
    Break("unknown school", EXPORT, _replaced("Alder Primary School", "Nowhere"), ("school", "row")),
    Break("answer off the scale", EXPORT, _replaced(",4\n", ",9\n"), ("row",)),
    Break("value not listed", EXPORT, _replaced(",Teacher,", ",Cook,"), ("role", "row")),
    Break("schools gone", "schools.csv", _gone, ("missing",)),
    Break("school twice", "schools.csv", _replaced("S02,", "S01,"), ("'S01'", "row 3", "row 2")),
    Break("school of no phase", "schools.csv", _replaced(",primary,", ",infant,"), ("'infant'", "row 2")),
    Break("school without a name", "schools.csv", _replaced("Ash Secondary School", ""), ("name", "row 3")),
    Break("invited a word", "schools.csv", _replaced(",18,", ",many,"), ("'many'", "row 2")),
    Break("no schools", "schools.csv", _written("id,name,phase\n"), ("rows",)),
    Break("dates of no school", "dates.csv", _replaced("S01", "S99"), ("'S99'", "row 2")),
    Break("dates of no wave", "dates.csv", _replaced("T1", "T9"), ("'T9'", "row 2")),
    Break("date that is none", "dates.csv", _replaced("2026-10-05", "soon"), ("row 2",)),
    Break("count that is none", "reference.csv", _replaced(",20,", ",a few,"), ("'a few'", "row 2")),
    Break("SYNTHETIC not text", "SYNTHETIC", _written(BINARY), ("cannot be read",)),
    # strands and documents
    *(
        Break(f"{name} lacks a column", f"{name}.csv",
              _replaced(registry.BY_TABLE[name].columns[:2][-1], "other"),
              (registry.BY_TABLE[name].columns[:2][-1],))
        for name in ROWS if name not in ("segments", "facilitator_survey")
    ),
    *(
        Break(f"{name} of no school", f"{name}.csv", _replaced("S01", "S99"), ("'S99'", "row 2"))
        for name in ROWS if "school" in registry.BY_TABLE[name].columns
    ),
    *(
        Break(f"{name} not a number", f"{name}.csv", _replaced(old, "x"), ("'x'", "row 2"))
        for name, old in (("action_plans", "1,planned"), ("outcomes", "900"), ("needs", "12"))
        if name != "action_plans"
    ),
    Break("no such state", "action_plans.csv", _replaced("planned", "dreamt"), ("'dreamt'", "row 2")),
    Break("no such aim", "action_plans.csv", _replaced("AIM.01", "AIM.77"), ("'AIM.77'",)),
    Break("no such measure", "outcomes.csv", _replaced("attendance", "attendence"),
          ("'attendence'", "'attendance'", "row 2")),
    Break("more than all", "outcomes.csv", _replaced("900,1000", "1900,1000"), ("1900 out of 1000", "row 2")),
    Break("answer that is no option", "facilitator_survey.csv", _replaced("F2,no", "F2,never"),
          ("'never'", "row 3")),
    Break("passage of nobody", "segments.csv", _replaced("I2", "I9"), ("'I9'",)),
    Break("segments empty", "segments.csv", _written(""), ("empty",)),
    Break("quotation not said", "quotations.csv", _replaced("It was good for us.", "It was bad."),
          ("Q1", "row 2")),
    Break("needs of people", "needs.csv", _replaced("count\nS01,worry,universal,12", "count,pupil\nS01,worry,universal,12,x"), ("pupil",)),
    Break("codebook gone", "codebook.yaml", _gone, ("missing",)),
    Break("codebook without themes", "codebook.yaml", _written("schema_version: 1\n"), ("'EXP.01'", "quotations.csv")),
    Break("codebook of words", "codebook.yaml", _written("themes: [a, b]\n"), ("themes.0",)),
    Break("code without label", "codebook.yaml", _replaced("label: Something was hard, ", ""), ("label",)),
    Break("code twice", "codebook.yaml", _replaced("EXP.02", "EXP.01"), ("'EXP.01' is there twice",)),
    Break("questions of words", "facilitator_questions.yaml", _written("questions: none\n"), ("questions",)),
    Break("question of no kind", "facilitator_questions.yaml", _replaced("type: single", "type: dual"),
          ("questions.0.type",)),
    Break("measures of words", "outcome_measures.yaml", _written("measures: [1]\n"), ("measures.0",)),
    Break("measure without unit", "outcome_measures.yaml", _replaced("    unit: percent\n", ""), ("unit",)),
    Break("definition that ends first", "outcome_measures.yaml",
          _replaced("    decimals: 1\n", "    decimals: 1\n    definitions: [{text: a, from: soon}]\n"),
          ("definitions.0.from",)),
    Break("source that is none", "evidence_context.yaml",
          _replaced("lists: []", "lists: [{id: a, label: A, source: b, entries: [{id: c, label: C, text: T}]}]"),
          ("lists.0.source", "'b'")),
    Break("cycles of words", "value_creation.yaml", _written("schema_version: 1\ncycles: none\n"), ("cycles",)),
    Break("cycle missing", "value_creation.yaml", _replaced("id: strategic", "id: tactical"), ("tactical",)),
    Break("cycle with no code", "value_creation.yaml", _replaced("codes: []", "codes: [EXP.77]"),
          ("'EXP.77'",)),
    Break("stories of words", "value_stories.yaml", _written("stories: 3\n"), ("stories",)),
    Break("story that is a word", "value_stories.yaml", _written("stories: [one]\n"), ("'one'",)),
    Break("story of no cycle", "value_stories.yaml", _replaced("cycle: immediate", "cycle: soon"), ("soon",)),
    Break("stories under another name", "value_stories.yaml", _replaced("stories:", "story:"), ("story:",)),
    # texts, claims, brand, printed figures
    Break("text not UTF-8", "texts/introduction.md", _written(b"caf\xe9"), ("is not UTF-8", "line 1")),
    Break("text with a typed number", "texts/value/immediate.md", _written("There were 17 of them.\n"),
          ("17",)),
    Break("text with strange head", "texts/value/immediate.md", _written("---\n: [\n---\nGlad.\n"), ("no YAML",)),
    Break("text with a strange heading", "texts/value/immediate.md", _written("Glad.\n\n## More\n"), ("More",)),
    Break("claim of another wording", "claims.yaml", _replaced("People were glad.", "People were sad."),
          ("TX.01",)),
    Break("claims of words", "claims.yaml", _written("claims: yes\n"), ("claims",)),
    Break("claim that is no condition", "claims.yaml",
          _replaced("cannot: Nobody was asked.", "condition: a is nice"), ("TX.01",)),
    Break("brand gone", "brand/_brand.yml", _gone, ("missing",)),
    Break("brand of no colour", "brand/_brand.yml", _replaced("primary: main", "primary: nice"), ("nice", "line")),
    Break("brand of words", "brand/_brand.yml", _written("color: blue\n"), ("color",)),
    Break("brand without its logo", "brand/_brand.yml", _written("logo: logo.svg\n"), ("logo.svg",)),
    Break(
        "figures with a column missing",
        "published/figures.csv",
        _written("id,value,group,wave\na,1,all,T1\n"),
        ("statistic",),
    ),
    # the project's own files
    Break("settings not YAML", "../../_quarto.yml", _written("a: {"), ("not valid YAML",)),
    Break("settings without formats", "../../_quarto.yml", _written("project: {type: book}\n"), ("book",)),
    Break("a notebook that is none", "../../notebooks/response.ipynb", _written("print(1)"), ("no notebook",)),
    Break("a template not UTF-8", "../../report/school.qmd", _written(b"caf\xe9"), ("not UTF-8",)),
    Break("a template without its end", "../../report/survey.qmd",
          _written("# One\n\n[% if unit %]\n"), ("endif", "line 3")),
    Break("a template of one's own with a slip", "../../report/more.qmd",
          _written("# More\n\n[[ unit | shouted ]]\n"), ("shouted", "line 3")),
)  # fmt: skip
