"""Voices, plans and value of studies of other shapes: own roles, own times, one coder, or nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from analysis import study as studies
from analysis import upgrade
from analysis.disclosure import decide
from analysis.disclosure.release import released
from analysis.disclosure.texts import released_texts
from analysis.errors import AnalystError
from analysis.prepare import Prepared, schools, strands
from analysis.prepare.quality import Quality
from analysis.present import (
    coding,
    diagrams,
    evidence_context,
    plans,
    plausibility,
    qualitative,
    quality,
    reproduction,
    school_audit,
    value_creation,
    voices,
)
from analysis.present.page import Page
from analysis.present.shown import Each, Table, Text
from analysis.qualitative import (
    checks,
    coders,
    discussions,
    facilitators,
    occurrence,
    stories,
    themes,
)
from analysis.qualitative import plans as counted_plans
from analysis.results import COHORT, count, ledger
from analysis.statistics import school_audit as counted_audit
from tests.unit.test_no_study_in_the_engine import NAMES, WORDS, of_the_study

SCHOOLS = "id,name\n" + "".join(f"K{n},Kirk {n}\n" for n in range(1, 6))
CODEBOOK: dict[str, Any] = {
    "themes": [
        {"id": "GAIN", "label": "What was gained", "quotations": "mornings", "codes": [
            {"id": "G1", "label": "Calmer mornings", "kind": "impact", "level": ["household"]},
            {"id": "G2", "label": "New songs", "kind": "change", "sources": ["interviews"]},
            {"id": "G3", "label": "Longer evenings", "kind": "enabling", "sources": ["diaries"]},
        ]},
        {"id": "COST", "label": "What it cost", "codes": [
            {"id": "C1", "label": "Bus fares", "kind": "constraining", "level": ["household"]},
        ]},
    ],
    "levels": [{"id": "household", "label": "Households"}],
}  # fmt: skip
ROLES = [
    {"id": "kind_of_voice", "of": "interviewees", "column": "role", "one": "A voice",
     "values": [{"id": "governor", "label": "Governors", "one": "Governor"},
                {"id": "cook", "label": "Cooks", "one": "Cook"}]},
]  # fmt: skip


def of(each: Each | None, key: str) -> Any:
    """What is shown for one of several."""
    return each.entries.get(key) if each else None


#: Of each kind of thing there is to show, how it is made; the programme's and a school's.
MADE: dict[str, Callable[[Page], Any]] = {
    **{
        name: getattr(qualitative, name)
        for name in (
            "themes", "themes_by_role", "themes_by_time", "codes_by_role", "enabling", "constraints",
            "impact", "school_map",
        )
    },
    **{
        name: getattr(coding, name)
        for name in ("together", "together_codes", "saturation", "coders", "codebook_check")
    },
    **{name: getattr(voices, name) for name in ("groups", "open_answers")},
    "apart": lambda page: of(voices.apart(page), "governor"),
    "apart_said": lambda page: of(voices.apart_said(page), "governor"),
    "codes": lambda page: of(qualitative.codes(page), "gain"),
    "lead": lambda page: of(qualitative.leads(page), "gain"),
    "quotations": lambda page: of(voices.quotations(page), "gain"),
    "closed": lambda page: voices.facilitators(page, closed=True),
    "open": lambda page: voices.facilitators(page, closed=False),
    "group": lambda page: of(voices.group_summaries(page), "allotment"),
    **{
        f"plans_{name}": getattr(plans, name)
        for name in (
            "aims", "areas", "progress", "leads", "said", "own_plan", "readiness", "own_readiness",
            "own_state",
        )
    },
    **{
        f"audit_{name}": getattr(school_audit, name)
        for name in ("audit", "audit_changes", "own_audit", "needs", "own_needs")
    },
    **{
        f"value_{name}": getattr(value_creation, name)
        for name in (
            "matrix", "indicators", "conditions", "chain", "flows", "reach", "cycles", "learnt",
            "own_cycles", "own_stories",
        )
    },
    **{
        f"context_{name}": getattr(evidence_context, name)
        for name in ("beside_plans", "beside_value", "said", "reviews", "own", "own_said")
    },
    "value_voices": lambda page: value_creation.statement_voices(page, "risk"),
    **{
        f"drawn_{name}": getattr(diagrams, name)
        for name in ("value_cycles", "value_matrix", "story_flows", "school_map", "saturation")
    },
}  # fmt: skip


def page(
    folder: Path, files: dict[str, Any], *, unit: str = COHORT, **keys: Any
) -> tuple[Page, Prepared]:
    """A page of a small study of parents, with these files beside its schools."""
    folder.mkdir(exist_ok=True)
    study = {
        "schema_version": 2, "id": "kirk", "title": "Kirk", "programme": "the choir", "short": "K",
        "organisation": "Kirk Council",
        "edition": {"id": "e1", "date": "2025-07-01", "term": "Summer"},
        "waves": [{"id": "W1", "label": "May 2024", "start": "2024-05-01", "end": "2024-05-31"},
                  {"id": "W2", "label": "May 2025", "start": "2025-05-01", "end": "2025-05-31"}],
        "populations": [{"id": "parents", "noun": "parents", "one": "parent"}],
        "surveys": [{"id": "home", "label": "Home survey", "population": "parents",
                     "instruments": ["trust"], "headline": "trust.total", "exports": []}],
    } | keys  # fmt: skip
    written = {"schools.csv": SCHOOLS, "study.yaml": study, **files}
    for name, content in written.items():
        text = content if isinstance(content, str) else yaml.safe_dump(content, sort_keys=False)
        (folder / name).write_text(text, encoding="utf-8")
    loaded = studies.load(folder)
    table = schools.read(loaded)
    frames, documents = strands.read(loaded, table, Quality())
    prepared = Prepared(loaded, {}, table, {}, frames, {}, documents)
    found = [
        result
        for make in (
            themes.themes, occurrence.together, occurrence.saturation, checks.checks,
            coders.agreement, discussions.focus_groups, discussions.open_answers,
            facilitators.answers, counted_plans.plans, counted_plans.readiness,
            counted_audit.audit, counted_audit.needs, stories.stories,
        )
        for result in make(prepared)
    ]  # fmt: skip
    # A study has a survey, and so results, in any case.
    at = {"source": "home", "instrument": "survey", "measure": "responded", "group": "all"}
    found.append(count(50, n=50, unit=COHORT, analysis="response", wave="W1", **at))
    shown = released(decide(ledger(found, "e1"), loaded))
    texts = released_texts(prepared)
    of_unit = texts[texts["unit"] == unit]
    return Page(loaded, unit, shown.of(COHORT, unit), table, of_unit, {}, {}, documents), prepared


def people(*rows: str) -> str:
    return "source_id,school,role,wave,consent_to_quote\n" + "\n".join(rows) + "\n"


def passages(*rows: tuple[str, str, str]) -> str:
    """Passages of (person, wave, code), one below the other."""
    lines = [
        f"{who},{wave},A,{code},{place * 10},{place * 10 + 9},Words of {who} number {place},"
        for place, (who, wave, code) in enumerate(rows)
    ]
    return "source_id,wave,coder,code,start,end,text,memo\n" + "\n".join(lines) + "\n"


INTERVIEWS = {"interviews": {"segments": "segments.csv", "interviewees": "people.csv"}}


def heard(folder: Path, who: str, said: str, *, groups: Any = ROLES, **files: Any) -> Page:
    files = {"people.csv": who, "segments.csv": said, "codebook.yaml": CODEBOOK} | files
    return page(folder, files, strands=INTERVIEWS, codebook="codebook.yaml", groups=groups)[0]


def text_of(shown: Any) -> str:
    return "" if shown is None else re.sub(r"\\(.)", r"\1", shown.markdown())


GOVERNORS = [f"V{n},K{n},governor,,yes" for n in range(1, 5)]
COOKS = [f"V{n + 4},K{n},cook,,yes" for n in range(1, 5)]
SAID = passages(*((f"V{n}", "", "G1") for n in range(1, 7)), ("V1", "", "C1"), ("V8", "", "G2"))


# --- own roles, one coder ------------------------------------------------------------------


def test_the_studys_own_roles_and_words_are_shown_and_nobody_elses(tmp_path: Path) -> None:
    found = heard(tmp_path, people(*GOVERNORS, *COOKS), SAID)
    by_role = qualitative.themes_by_role(found)
    assert list(by_role.columns) == ["Theme", "Governors", "Cooks"]
    # Four people are too few for numbers of them: one in three of four is told by the fourth.
    assert "| What was gained | half or more | half or more |" in text_of(by_role)
    # Nor are eight: that six spoke is known to each of the other two.
    said = text_of(of(qualitative.leads(found), "gain"))
    assert "half or more of the interviewees in all four schools" in said
    # All the theme's codes that were heard are named: none of them is the most.
    assert "what was heard was" in said and "most widely" not in said
    assert "Households" in text_of(qualitative.impact(found))
    assert coding.coders(found) is None
    shown = "\n".join(text_of(make(found)) for name, make in MADE.items() if "drawn" not in name)
    patterns, own = of_the_study()
    words = re.compile(rf"(?i)(?<![\w-])(?:{'|'.join((*WORDS, *own))})(?![\w-])")
    for pattern in (*map(re.compile, (*NAMES, *patterns)), words):
        assert not pattern.search(shown), pattern


def test_a_role_of_which_nobody_has_been_heard_yet_is_said_and_stops_nothing(
    tmp_path: Path,
) -> None:
    """An analyst lists who is to be interviewed before anybody of them is."""
    said = passages(*((f"V{n}", "", "G1") for n in range(1, 5)))
    found = heard(tmp_path, people(*GOVERNORS), said)
    quality = Quality()
    strands.read(found.study, found.schools, quality)
    told = [each["finding"] for each in quality.findings]
    assert len(told) == 1 and "nobody interviewed is 'cook' yet" in told[0]
    # Nothing is shown of them, not even that there are none.
    shown = [text_of(make(found)) for name, make in MADE.items() if "drawn" not in name]
    assert "Cooks" not in "".join(shown)


def test_without_roles_and_schools_people_are_counted_all_the_same(tmp_path: Path) -> None:
    who = "source_id,consent_to_quote\n" + "".join(f"V{n},yes\n" for n in range(1, 9))
    found = heard(tmp_path, who, SAID, groups=())
    assert qualitative.themes_by_role(found) is None and qualitative.codes_by_role(found) is None
    table = qualitative.themes(found)
    assert list(table.columns) == ["Theme", "In words", "People"]
    assert "| What was gained | Half or more | half or more |" in text_of(table)
    assert "(half or more of the interviewees)" in text_of(of(qualitative.leads(found), "gain"))


@pytest.mark.parametrize(("cooks", "columns"), [(4, ["Governors", "Cooks"]), (2, None), (1, None)])
def test_groups_of_too_few_are_left_out_and_cannot_be_worked_out(
    tmp_path: Path, cooks: int, columns: list[str] | None
) -> None:
    found = heard(tmp_path, people(*GOVERNORS, *COOKS[:cooks]), passages(
        *((f"V{n}", "", "G1") for n in range(1, 5 + cooks)))
    )  # fmt: skip
    table = qualitative.themes_by_role(found)
    assert (list(table.columns)[1:] if table else None) == columns
    # All less the governors would be what the one or two cooks said.
    row = found.rows[COHORT, "interviews.themes.count.g1.all.governor.people"]
    assert (row["release"] == "banded") == (columns is not None)


def test_a_role_of_one_person_is_not_said_beside_words(tmp_path: Path) -> None:
    chosen = (
        "quotation_id,source_id,code,section,attribution,text\n"
        "Q1,V1,G1,mornings,role,Words of V1 number 0\nQ2,V5,G1,mornings,role,Words of V5 number 4\n"
    )
    with_quotations = {"interviews": {**INTERVIEWS["interviews"], "quotations": "quotations.csv"}}
    files = {
        "people.csv": people(*GOVERNORS, COOKS[0]), "codebook.yaml": CODEBOOK,
        "quotations.csv": chosen,
        "segments.csv": passages(*((f"V{n}", "", "G1") for n in range(1, 6))),
    }  # fmt: skip
    keys = {"strands": with_quotations, "codebook": "codebook.yaml", "groups": ROLES}
    found, _ = page(tmp_path / "real", files, **keys)
    text = text_of(of(voices.quotations(found), "gain"))
    assert "Governor\n" in text and "A voice\n" in text and "Cook" not in text
    assert "synthetic" not in text
    made_up, _ = page(tmp_path / "made", files | {"SYNTHETIC": "quotations.csv\n"}, **keys)
    marked = text_of(of(voices.quotations(made_up), "gain"))
    assert marked.count("(synthetic quotation)") == 2
    # The mark goes with the file, even if others are made up still.
    other, _ = page(tmp_path / "other", files | {"SYNTHETIC": "schools.csv\n"}, **keys)
    assert "synthetic" not in text_of(of(voices.quotations(other), "gain"))


# --- people asked twice --------------------------------------------------------------------

FACILITATORS = [{"id": "kind_of_voice", "of": "interviewees", "column": "role",
                 "values": [{"id": "facilitator", "label": "Facilitators"}]}]  # fmt: skip
TWICE = people(
    *(f"F{n},,facilitator,{wave},yes" for n in range(1, 5) for wave in ("W1", "W2")),
    "F5,,facilitator,W2,yes", "F6,,facilitator,W2,yes", "F7,,facilitator,W2,yes",
)  # fmt: skip
HEARD_TWICE = passages(
    *((f"F{n}", "W1", "G1") for n in range(1, 4)), *((f"F{n}", "W2", "G1") for n in range(3, 8)),
    ("F1", "W2", "C1"),
)  # fmt: skip


def test_people_interviewed_twice_are_counted_once_and_their_times_are_kept(tmp_path: Path) -> None:
    found = heard(tmp_path, TWICE, HEARD_TWICE, groups=FACILITATORS)
    rows = {name: row for (_, name), row in found.rows.items()}
    at = "interviews.themes.count.g1.{}.all.people"
    assert {rows[at.format(wave)]["band"] for wave in ("all", "w1", "w2")} == {"half or more"}
    table = qualitative.themes_by_time(found)
    assert list(table.columns) == ["Theme", "May 2024", "May 2025"]
    assert "| What was gained | half or more | half or more |" in text_of(table)
    assert "half or more of the interviewees" in text_of(of(qualitative.leads(found), "gain"))
    # Eleven interviews; of fewer than ten people all counts are in words, and the curve tells none.
    curve = [row for name, row in rows.items() if ".saturation." in name]
    assert len(curve) == 11 and {row["release"] for row in curve} == {"suppressed"}
    assert coding.saturation(found) is None


def test_a_time_that_would_tell_of_those_left_out_is_withheld(tmp_path: Path) -> None:
    who = people(
        *(f"F{n},,facilitator,{wave},yes" for n in range(1, 5) for wave in ("W1", "W2")),
        "F5,,facilitator,W2,yes",
    )  # fmt: skip
    said = passages(*((f"F{n}", "W1", "G1") for n in range(1, 5)), ("F5", "W2", "G1"))
    found = heard(tmp_path, who, said, groups=FACILITATORS)
    # All less the first time is what F5 said.
    row = found.rows[COHORT, "interviews.themes.count.g1.w1.all.people"]
    assert row["release"] != "released"
    assert "May 2024" not in text_of(qualitative.themes_by_time(found))


#: Six cooks of three schools, and the programme's own facilitators beside them.
APART = [{"id": "voice", "of": "interviewees", "column": "role", "values": [
    {"id": "cook", "label": "Cooks"},
    {"id": "facilitator", "label": "Guides", "one": "Guide", "apart": True}]}]  # fmt: skip
SIX_COOKS = "".join(f"C{n},K{1 + n % 3},cook,W1,yes\n" for n in range(1, 7))
BOTH_HEARD = passages(
    *((f"F{n}", "W1", "G1") for n in range(1, 5)), *((f"F{n}", "W2", "G1") for n in range(3, 8)),
    ("F1", "W2", "C1"), *((f"C{n}", "W1", "C1") for n in range(1, 4)),
)  # fmt: skip


def test_a_group_kept_apart_is_counted_by_itself_and_over_its_own_times(tmp_path: Path) -> None:
    found = heard(tmp_path, TWICE + SIX_COOKS, BOTH_HEARD, groups=APART)
    rows = {name: row for (_, name), row in found.rows.items()}

    def counted(code: str, time: str, group: str) -> str | None:
        row = rows.get(f"interviews.themes.count.{code}.{time}.{group}.people")
        return row and row["band"]

    # Nobody who is counted among all spoke of it, whoever else did.
    assert counted("g1", "all", "all") is None
    assert counted("c1", "all", "all") == "half or more"
    assert counted("g1", "all", "facilitator") == "half or more"
    assert counted("g1", "w1", "facilitator") == "half or more"
    assert counted("c1", "w2", "facilitator") == "fewer than half"
    # Six interviews of cooks; saturation is over those counted among all.
    assert len([name for name in rows if ".saturation." in name]) == 6
    table = of(voices.apart(found), "facilitator")
    assert list(table.columns) == ["Code", "People", "May 2024", "May 2025"]
    shown = text_of(table)
    assert "| half or more | half or more | half or more |" in shown
    # Nobody, and one of seven, are the same words.
    assert "| fewer than half | fewer than half | fewer than half |" in shown
    said = text_of(of(voices.apart_said(found), "facilitator"))
    assert "The guides who were interviewed are counted by themselves" in said
    # They are no column of the tables by role, and are named where a code is said by whom.
    assert [who.label for who in qualitative.roles(found)] == ["Cooks"]
    of_both = "half or more of the interviewees in all three schools; fewer than half of the guides"
    assert of_both in "".join(
        str(getattr(piece, "text", piece)) for piece in qualitative.who(found, "C1")
    )


@pytest.mark.parametrize(
    ("counts", "named"),
    [
        ([9, 7, 6, 5], 3), ([9, 7, 6, 6, 1], 2), ([9, 6, 6, 6, 1], 1), ([4, 4, 4, 4], 4),
        ([4, 4, 4, 4, 2], 4), ([3, 2], 2), ([], 0),
    ],
)  # fmt: skip
def test_none_that_is_named_as_most_heard_is_level_with_one_left_out(
    counts: list[int], named: int
) -> None:
    found = qualitative.most(list(range(len(counts))), counts)
    assert found == list(range(named))


def test_of_several_most_widely_heard_is_said_in_the_plural(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = heard(tmp_path, people(*GOVERNORS, *COOKS), SAID)
    listed = [(code, code) for code in ("g1", "g2", "g1", "g2", "g1")]
    monkeypatch.setattr(qualitative, "_most_first", lambda *_: listed)
    for named, verb in ((2, "were"), (1, "was")):
        monkeypatch.setattr(qualitative, "most", lambda heard, _, named=named: heard[:named])
        assert f"most widely heard {verb}" in text_of(of(qualitative.leads(found), "gain"))


def test_a_time_of_a_group_kept_apart_is_held_back_where_it_tells_of_few(tmp_path: Path) -> None:
    who = people(
        *(f"F{n},,facilitator,{wave},yes" for n in range(1, 5) for wave in ("W1", "W2")),
        "F5,,facilitator,W2,yes", *SIX_COOKS.splitlines(),
    )  # fmt: skip
    said = passages(
        *((f"F{n}", "W1", "G1") for n in range(1, 5)), ("F5", "W2", "G1"),
        *((f"C{n}", "W1", "C1") for n in range(1, 4)),
    )  # fmt: skip
    found = heard(tmp_path, who, said, groups=APART)
    # All of them less the first time is what F5 said.
    row = found.rows[COHORT, "interviews.themes.count.g1.w1.facilitator.people"]
    assert row["release"] != "released"
    assert "May 2024" not in text_of(of(voices.apart(found), "facilitator"))


def test_only_interviewees_are_kept_apart(tmp_path: Path) -> None:
    group = {"id": "years", "of": "parents", "values": [
        {"id": "a", "label": "A", "apart": True}, {"id": "b", "label": "B"}]}  # fmt: skip
    with pytest.raises(AnalystError, match="only groups of interviewees"):
        heard(tmp_path, TWICE, HEARD_TWICE, groups=[group])


@pytest.mark.parametrize(
    ("who", "said", "message"),
    [
        (TWICE, passages(("F1", "", "G1")), "does not say at which time: W1, W2"),
        (TWICE, passages(("F5", "W1", "G1")), "another wave"),
        (TWICE + "F5,K1,facilitator,W1,yes\n", HEARD_TWICE, "another school"),
        (TWICE + "F5,,facilitator,W2,yes\n", HEARD_TWICE, "twice"),
        (people("F1,K9,facilitator,W1,yes"), passages(("F1", "", "G1")), "'K9' is not in"),
        (people("F1,,baker,W1,yes"), passages(("F1", "", "G1")), "'baker' is not in groups"),
    ],
)
def test_mistakes_about_people_are_named(tmp_path: Path, who: str, said: str, message: str) -> None:
    with pytest.raises(AnalystError, match=re.escape(message)):
        heard(tmp_path, who, said, groups=FACILITATORS)


def test_interviews_of_one_person_are_coded_twice_each_by_itself() -> None:
    segments = pd.DataFrame(
        [(wave, coder, code) for wave, a, b in (("W1", "A", "A"), ("W2", "A", "B"))
         for coder, code in (("C1", a), ("C2", b))],
        columns=["wave", "coder", "code"],
    ).assign(source_id="p", start=0.0, end=9.0)  # fmt: skip
    codes = {"themes": [{"id": "T", "label": "T", "codes": [{"id": "A"}, {"id": "B"}]}]}
    made = Prepared(None, {}, pd.DataFrame(), {}, {"segments": segments}, {}, {"codebook": codes})  # type: ignore[arg-type]
    found = {(r.measure, r.statistic): r for r in coders.agreement(made)}
    # Two interviews, four decisions; of these they differ in both of the second interview.
    assert found["all", "decisions"].value == 4 and found["all", "agreement"].value == 50


# --- who was asked -------------------------------------------------------------------------

CYCLES = [
    {"id": name, "label": f"{name.capitalize()} value", "definition": "D.", "question": "Q?"}
    for name in ("immediate", "potential", "applied", "realised", "transformative", "strategic",
                 "enabling", "orienting")
]  # fmt: skip
FRAMEWORK = {
    "schema_version": 1, "framework": {"version": 2020}, "cycles": CYCLES,
    "conditions": [{"id": "heard", "label": "Mornings", "codes": ["G1"]},
                   {"id": "silent", "label": "Songs", "codes": ["G2"]},
                   {"id": "unasked", "label": "Evenings", "codes": ["G3"]}],
}  # fmt: skip


def with_value(folder: Path, framework: dict[str, Any], **keys: Any) -> Page:
    files = {
        "people.csv": people(*GOVERNORS, *COOKS), "codebook.yaml": CODEBOOK,
        "segments.csv": passages(*((f"V{n}", "", "G1") for n in range(1, 7))),
        "value.yaml": framework,
    }  # fmt: skip
    (folder / "instruments").mkdir(parents=True, exist_ok=True)
    named = {**INTERVIEWS, "value": {"framework": "value.yaml"}}
    keys = {"strands": named, "codebook": "codebook.yaml", "groups": ROLES, "surveys": [
        {"id": "home", "label": "Home survey", "population": "parents", "instruments": ["trust"],
         "headline": "trust.total", "exports": []}]} | keys  # fmt: skip
    (folder / "instruments" / "trust.yaml").write_text(yaml.safe_dump(TRUST))
    return page(folder, files, **keys)[0]


TRUST = {
    "schema_version": 1, "id": "trust", "name": "Trust", "short": "Trust", "population": "parents",
    "about": "", "source": "", "licence": "",
    "response_sets": {"default": {"labels": {1: "Never", 2: "Seldom", 3: "Often"}}},
    "subscales": [{"id": "total", "label": "Trust", "range": [1, 3]}],
    "items": [{"code": code, "subscale": "total", "label": code} for code in ("t1", "t2")],
}  # fmt: skip


def test_what_nobody_was_asked_about_is_not_what_nobody_said(tmp_path: Path) -> None:
    table = text_of(value_creation.conditions(with_value(tmp_path, FRAMEWORK)))
    assert "| Mornings | half or more of the interviewees in all four schools |" in table
    assert "| Songs | nobody |" in table
    assert "| Evenings | nobody was asked |" in table


def test_where_no_interview_was_held_nobody_was_asked(tmp_path: Path) -> None:
    table = text_of(value_creation.conditions(with_value(
        tmp_path, FRAMEWORK, strands={"value": {"framework": "value.yaml"}})))  # fmt: skip
    assert table.count("nobody was asked") == 3


def test_another_set_of_cycles_without_stories_and_loops(tmp_path: Path) -> None:
    told = "interviews.themes.count.{}.all.all.people"
    cycles = [dict(cycle) for cycle in CYCLES]
    cycles[0]["indicators"] = [
        {"id": told.format(code), "sentence": f"{code} is heard.", "expected": "present"}
        for code in ("g1", "g2", "g3")
    ]
    found = with_value(tmp_path, FRAMEWORK | {"cycles": cycles})
    assert len(value_creation.cycles_of(found)) == 8
    chain = text_of(value_creation.chain(found))
    assert "| Orienting |" in chain and "Loops" not in chain
    assert "Stories" not in value_creation.matrix(found).columns
    for nothing in (value_creation.flows, value_creation.reach, value_creation.own_stories,
                    value_creation.learnt, diagrams.story_flows):  # fmt: skip
        assert nothing(found) is None
    listed = text_of(value_creation.indicators(found))
    indicators = value_creation.cycles_of(found)[0]["indicators"]
    states = [value_creation.state(found, each) for each in indicators]
    assert states == ["holds", "absent", "missing"]
    assert value_creation.result(found, indicators[1]) == "nobody"
    # Words in place of every number make no table.
    assert listed == ""
    assert "synthetic" not in text_of(value_creation.cycles(found))
    for draw in (diagrams.value_cycles, diagrams.value_matrix):
        assert "Orienting" in draw(found).alt and "<svg" in draw(found).svg


def test_too_few_interviewed_are_not_nobody(tmp_path: Path) -> None:
    named = {**INTERVIEWS, "value": {"framework": "value.yaml"}}
    files = {
        "people.csv": people(*GOVERNORS[:2]), "codebook.yaml": CODEBOOK,
        "segments.csv": passages(("V1", "", "G1")), "value.yaml": FRAMEWORK,
    }  # fmt: skip
    (tmp_path / "instruments").mkdir()
    (tmp_path / "instruments" / "trust.yaml").write_text(yaml.safe_dump(TRUST))
    roles = [ROLES[0] | {"values": ROLES[0]["values"][:1]}]
    found, _ = page(tmp_path, files, strands=named, codebook="codebook.yaml", groups=roles)
    table = text_of(value_creation.conditions(found))
    # Neither who spoke, nor that nobody did.
    assert "| Mornings | [c] |" in table and "| Songs | [c] |" in table
    assert qualitative.themes(found) is None and of(qualitative.leads(found), "gain") is None


# --- nothing to show -----------------------------------------------------------------------


@pytest.mark.parametrize("unit", [COHORT, "K1"])
@pytest.mark.parametrize("name", MADE)
def test_a_study_of_nothing_but_a_survey_shows_nothing(
    tmp_path: Path, name: str, unit: str
) -> None:
    found, _ = page(tmp_path, {}, unit=unit)
    assert MADE[name](found) is None


def test_one_wave_so_far_asks_nothing_about_two(tmp_path: Path) -> None:
    wave = {"id": "W1", "label": "May 2024", "start": "2024-05-01", "end": "2024-05-31"}
    found, _ = page(tmp_path, {}, waves=[wave])
    for nothing in (quality.links, quality.linking, quality.linking_said):
        assert nothing(found) is None
    assert quality.links_by_school(found, "home") is None
    shown = reproduction.opened(found)
    for make in (reproduction.summary, reproduction.counts, reproduction.reasons,
                 reproduction.audit_counts, reproduction.claims, reproduction.own_claims):  # fmt: skip
        assert make(shown) is None
    assert plausibility.consistency(page(tmp_path, {}, waves=[wave], unit="K1")[0]) is None


def test_words_of_the_codebook_are_neutral_where_it_has_none(tmp_path: Path) -> None:
    audit = "school,area,review,rating\n" + "".join(
        f"K{n},warm_meals,baseline,doing_well\n" for n in range(1, 5)
    )
    counts = "school,need,level,count\n" + "".join(
        f"K{n},sleep,some_help,20\n" for n in range(1, 4)
    )
    aims = "plan_id,school,aim_code,aim,review,state\n" + "".join(
        f"P{n},K{n},more_song,Sing more,{n % 2},planned\n" for n in range(1, 5)
    )
    named = {"audit": {"ratings": "audit.csv"}, "needs": {"counts": "needs.csv"},
             "plans": {"aims": "aims.csv"}}  # fmt: skip
    files = {"audit.csv": audit, "needs.csv": counts, "aims.csv": aims}
    found, _ = page(tmp_path, files, strands=named)
    assert "| Warm meals | baseline | 4 | 0 | 0 | 4 |" in text_of(school_audit.audit(found))
    assert "re-audit" not in text_of(school_audit.audit(found))
    assert "audited again" not in text_of(school_audit.audit(found))
    assert "| Sleep | 60 |" in text_of(school_audit.needs(found))
    assert "Some help" in text_of(school_audit.needs(found))
    # Plans whose first review has another number are plans all the same.
    assert list(plans.aims(found).columns) == ["Aim", "Plans"]
    assert "| More song | 4 of 4 |" in text_of(plans.aims(found))
    assert "4 schools sent an action plan" in text_of(plans.said(found))
    own, _ = page(tmp_path, files, strands=named, unit="K1")
    assert "| Warm meals | doing well | not rated |" in text_of(school_audit.own_audit(own))
    assert "Area" not in plans.own_plan(own).columns


def test_names_that_the_codebook_lists_are_all_there_are(tmp_path: Path) -> None:
    book = CODEBOOK | {"audit": {"areas": [{"id": "meals", "label": "Meals"}]}}
    audit = "school,area,review,rating\nK1,meels,baseline,doing_well\n"
    with pytest.raises(AnalystError, match=r"'meels' is not in audit\.areas of codebook"):
        page(tmp_path, {"audit.csv": audit, "codebook.yaml": book},
             strands={"audit": {"ratings": "audit.csv"}}, codebook="codebook.yaml")  # fmt: skip


def test_a_codebook_of_version_1_goes_on_being_read() -> None:
    old = {"themes": [], "resilience_framework": [{"id": "a", "label": "A"}],
           "pyramid_of_need": {"levels": [], "needs": []}}  # fmt: skip
    new = upgrade.codebook(old)
    assert new["framework"]["areas"] == old["resilience_framework"]
    assert new["needs"]["levels"] == [] and "pyramid_of_need" not in new
    assert upgrade.codebook(new) == new


def test_what_is_shown_is_never_empty(tmp_path: Path) -> None:
    found = heard(tmp_path, people(*GOVERNORS, *COOKS), SAID)
    for name, make in MADE.items():
        shown = make(found)
        assert shown is None or not isinstance(shown, Table) or shown.rows, name
        assert shown is None or not isinstance(shown, Text) or shown.markdown().strip(), name
