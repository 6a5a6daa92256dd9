"""What is written by hand in a study folder, for a study to begin with: neutral words of our own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import yaml

from analysis import strands as registry
from analysis.scaffold import answers, keys
from analysis.scaffold.plan import Asked, Plan
from analysis.words import tidy

INSTRUMENT = "school_life"
CODEBOOK = "codebook.yaml"
ITEMS = (
    ("belonging", "Feeling welcome in this school"),
    ("belonging", "People here are kind to one another"),
    ("belonging", "Somebody here to turn to"),
    ("belonging", "Proud of this school"),
    ("voice", "Asked for an opinion"),
    ("voice", "Opinions make a difference"),
    ("voice", "Knowing why things are decided"),
    ("voice", "Room for ideas of one's own"),
)


def study(plan: Plan) -> str:
    """``study.yaml``."""
    values: dict[str, Any] = {
        "schema_version": 2,
        "id": plan.id,
        "title": plan.title,
        "programme": plan.programme,
        "short": plan.short,
        "organisation": plan.organisation,
        "edition": {
            "id": f"{plan.year + 1}-summer",
            "date": dt.date(plan.year + 1, 7, 31),
            "term": f"Summer term {plan.year + 1}",
        },
        "waves": [{**wave} for wave in answers.waves(plan)],
        "populations": [
            {"id": a.id, "kind": a.kind, "noun": a.noun, "one": a.one, "minimum": a.minimum}
            for a in plan.populations
        ],
        "groups": list(_groups(plan)),
        "surveys": [_survey(plan, asked) for asked in plan.populations],
        "schools": "schools.csv",
        "brand": "brand/_brand.yml",
    }
    if not values["groups"]:
        del values["groups"]
    # Their tables hold headings and nothing else so far: there is nothing to be read yet.
    waiting: dict[str, Any] = {}
    if plan.strands:
        waiting["strands"] = {
            name: {key: file for key, file, _ in files(name)} for name in plan.strands
        }
    if needs_codebook(plan):
        waiting["codebook"] = CODEBOOK
    head = (
        "# The study: what is evaluated, from which files, under which rules. Every key stands "
        "here,\n# those that are not used as comments: take the # away in front of it to use one"
        + (
            ", such as the\n# strands, whose tables lie here with their headings"
            if plan.strands
            else ""
        )
        + ".\n"
    )
    return head + keys.commented(values, waiting)


def _groups(plan: Plan) -> Iterator[dict[str, Any]]:
    if plan.phases:
        values = [{"id": each, "label": f"{tidy(each)} schools"} for each in plan.phases]
        yield {
            "id": "phase", "of": "schools", "column": "phase", "label": "Phase",
            "values": values, "compare": True,
        }  # fmt: skip
    for asked in plan.populations:
        if asked.id in answers.ATTRIBUTES:
            column, listed = answers.ATTRIBUTES[asked.id]
            group = {"id": column, "of": asked.id, "column": column, "label": tidy(column)}
            values = [{"id": v, "label": label} for label, v in listed.items()]
            yield {**group, "values": values}


def _survey(plan: Plan, asked: Asked) -> dict[str, Any]:
    waves = [str(wave["id"]) for wave in answers.waves(plan)]
    named = "Staff survey" if asked.id == "staff" else f"Survey of {asked.noun}"
    return {
        "id": asked.id,
        "label": f"{tidy(asked.one)} survey" if asked.one == asked.id[:-1] else named,
        "population": asked.id,
        "instruments": [INSTRUMENT],
        "exports": [
            {
                "wave": wave,
                "file": answers.file(asked, wave),
                "mapping": f"mappings/{asked.id}.yaml",
            }
            for wave in waves
        ],
        "invited": {wave: answers.invited(asked, wave) for wave in waves},
        "headline": f"{INSTRUMENT}.total",
    }


def instrument() -> str:
    """The questionnaire to begin with."""
    items = "".join(
        f"  - {{code: {code}, subscale: {subscale}, label: {_quoted(label)}}}\n"
        for code, (subscale, label) in zip(answers.ITEMS, ITEMS, strict=True)
    )
    return f"""\
# A questionnaire: one file for each, named like its id. This one is made up to begin with; put
# yours beside it, name it under 'instruments' in study.yaml, and take this one away.
schema_version: 1
id: {INSTRUMENT}
name: School Life Questions
short: SLQ
# For whom: a population's id, adults or children; empty for anybody.
population: ""
about: Belonging to the school, and having a say in it.
source: Written for this example; not tested with anybody.
licence: Free to use.
confirm: These questions are an example. Nothing is known of how well they measure anything.

# The answers, as scale points with their labels. Other wordings met in exports: synonyms.
response_sets:
  default:
    labels: {{1: Strongly disagree, 2: Disagree, 3: Neither, 4: Agree, 5: Strongly agree}}

# A score is the mean of its items, from half of them answered on (minimum_answered: 0.5).
subscales:
  - id: belonging
    label: Belonging
    definition: Being welcome, and having people to turn to.
    range: [1, 5]
  - id: voice
    label: Having a say
    definition: Being asked, and making a difference.
    range: [1, 5]

# A score over the whole: of all subscales, each weighing by its number of items, for whoever has
# a score on every one. Leave it out where there is none.
total: {{id: total, label: School life}}

# code: as in the mapping. reverse: true for an item that says the opposite.
items:
{items}"""


def mapping(asked: Asked) -> str:
    """Which column of a survey's exports is what."""
    column, listed = answers.ATTRIBUTES.get(asked.id, ("", {}))
    columns = {
        "respondent": "code", "school": "school", "submitted": "completed", "consent": "agrees",
    }  # fmt: skip
    values: dict[str, dict[str, str]] = {"consent": {"Yes": "yes", "No": "no"}}
    if column:
        columns[column] = column
        values[column] = listed
    content = {
        "schema_version": 1,
        "answers": "codes",
        "columns": columns,
        "values": values,
        "items": {code: code for code in answers.ITEMS},
    }
    head = (
        "# Which column of the export is what (docs/data.md). drp map FILE proposes one for a file "
        "of yours.\n# answers: codes (scale points), or labels.\n"
    )
    return head + yaml.safe_dump(content, sort_keys=False, allow_unicode=True)


def needs_codebook(plan: Plan) -> bool:
    """Whether a strand has codes."""
    return any(t.code for name in plan.strands for t in registry.strand(name).tables)


def codebook() -> str:
    """A codebook to begin with."""
    return """\
# Codes of interviews, discussions, open answers and plans. One theme holds codes that belong
# together; ids are what the tables and coding tools name. Put yours in place of these.
schema_version: 1
themes:
  - id: EXP
    label: Experience
    description: What taking part was like.
    codes:
      - {id: EXP.01, label: Something was gained, definition: "People say what they took away.", sources: [interviews]}
      - {id: EXP.02, label: Something was hard, definition: "People say what stood in the way.", sources: [interviews]}
  - id: AIM
    label: Aims of action plans
    description: What schools set out to do.
    # A list that plans are coded to, and no theme of interviews.
    auxiliary: true
    codes:
      - {id: AIM.01, label: Everybody is welcome, definition: "Aims about belonging.", sources: [action plans]}
      - {id: AIM.02, label: Everybody is heard, definition: "Aims about having a say.", sources: [action plans]}
"""


def files(strand: str) -> list[tuple[str, str, str]]:
    """The files of a strand: key in ``study.yaml``, name, and what to begin with."""
    found = registry.strand(strand)
    made = [
        (table.key, f"{table.name}.csv", ",".join(_named(table)) + "\n") for table in found.tables
    ]
    for key, name in found.documents.items():
        if name in DOCUMENTS:
            made.append((key, f"{name}.yaml", DOCUMENTS[name]))
    return made


def _named(table: registry.Table) -> list[str]:
    """Columns that can be named before there is a study: without those for each of several."""
    return [*table.columns, *(name for name in table.optional if "*" not in name)]


def texts() -> dict[str, str]:
    """The analyst's texts, by file: true of any study, and to be written anew."""
    return {
        # Whatever becomes of the study's title, surveys and waves, this stays true.
        "introduction.md": "This report shows what people were asked and what they answered, and "
        "how sure it is.\n",
        "README.md": """\
# Texts of the report

Markdown, one file for each chapter, named like it: `introduction.md`, `design.md`, `conclusions.md`,
`glossary.md` and so on (`docs/study.md` lists them). A text that is not there leaves no hole in the
report. `schools/<id>.md` stands in that school's report and in no other. Numbers are not typed: the
report prints those that the data give.
""",
    }


BRAND = """\
# Colours and logo of the reports. Text has to stand out from its background by 4.5 : 1; colours
# that do not are darkened. No fonts from the internet: a report opens without it.
meta:
  name: {organisation}
color:
  palette:
    ink: "#1f2933"
    paper: "#ffffff"
    main: "#1d4f76"
    second: "#0b6e63"
  foreground: ink
  background: paper
  primary: main
  success: second
# logo: logo.svg    beside this file
"""

_CYCLES = (
    ("immediate", "What people gain as they take part.", "What was it like?"),
    ("potential", "What people could use later.", "What do people now know or have?"),
    ("applied", "What people do differently.", "What has been put into practice?"),
    ("realised", "What has become better by it.", "What has it brought?"),
    ("transformative", "What is seen differently.", "What has changed in how people think?"),
    ("strategic", "Who beyond the schools takes part.", "Who has been won over?"),
    ("enabling", "What makes the work possible.", "What does the work need?"),
)

DOCUMENTS = {
    "delivery_plan": """\
# What was planned for each school. Leave out start, end and costs where there are none.
schema_version: 1
# Before amounts of costs.
currency: "£"
# Kinds of sessions, as the table of sessions names them: how many, and how long.
kinds:
  - {id: training, label: Staff training, sessions: 3, minutes: 60}
  - {id: meeting, label: Meeting with leaders, sessions: 2, minutes: 45}
# Questions of a feedback form: the table then has the columns rated_<id>, rating_<id>.
ratings: []
costs:
  - {id: materials, label: Materials}
  - {id: travel, label: Travel}
""",
    "facilitator_questions": """\
# Questions to facilitators, and the answers that may be chosen. The table has a column for each
# question, named by its id, with the ids of the answers (several: with ; between them).
schema_version: 1
questions:
  - id: q1
    label: Confidence
    text: Do you feel able to do this work?
    type: single
    options:
      - {id: "yes", label: "Yes"}
      - {id: partly, label: In part}
      - {id: "no", label: "No"}
""",
    "outcome_measures": """\
# Measures of school records: numerator and denominator for each school and term.
schema_version: 1
measures:
  - id: attendance
    label: Pupil attendance
    definition: Half-day sessions attended, out of those that pupils on roll could have attended.
    numerator_label: sessions attended
    denominator_label: possible sessions
    unit: percent
    higher_is_better: true
    decimals: 1
    series_note: Compare a term with the same term of the year before.
""",
    "value_creation": "# The Value Creation Framework: its cycles, and where the evidence of each "
    "is.\nschema_version: 1\nframework: {version: 2017}\ncycles:\n"
    + "".join(
        f"  - id: {name}\n    label: {tidy(name)} value\n    definition: {what}\n"
        f"    question: {question}\n    codes: []\n"
        for name, what, question in _CYCLES
    ),
    "evidence_context": """\
# What others found, set beside plans and audits. Write down only what you have read.
schema_version: 1
# What you read: - {id: report, label: A report, reference: "Who, what, when", cite: key of
# texts/references.bib}
sources: []
# What each names: - {id: features, label: What helps, source: report, entries: [{id: one, label:
# A name, text: What it says in your words, areas: [], aims: [], codes: [], conditions: [],
# cycles: []}]}
lists: []
""",
    "value_stories": """\
# Stories of value: each a thread through the cycles, every step resting on codes or results.
stories: []
""",
}


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '\\"') + '"'


def brand(plan: Plan) -> str:
    """``_brand.yml``."""
    return BRAND.format(organisation=yaml.safe_dump(plan.organisation).split("\n")[0])
