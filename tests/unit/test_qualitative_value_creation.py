"""The Value Creation Framework: files checked, strength of evidence, texts, stories."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis import study as studies
from analysis.claims import Claim, Verdict
from analysis.claims.document import VALUE_TEXTS
from analysis.disclosure.release import RELEASED, SUPPRESSED, Released
from analysis.errors import AnalystError
from analysis.prepare import framework
from analysis.present import diagrams, own_texts, value_creation
from analysis.present.page import Page
from analysis.present.shown import markdown_of, read_recorded
from analysis.results import COLUMNS, NUMBERS, PARTS

ROOT = Path(__file__).parents[2]
RAW = ROOT / "data" / "raw"
CHANGE = "staff.spsc.paired.workload.t1-t2.all.difference"
SAID = "interviews.themes.count.und_02.all.all.people"


def released(rows: dict[str, dict[str, Any]]) -> Released:
    frame = pd.DataFrame(
        [
            {
                **dict.fromkeys(NUMBERS, float("nan")),
                **dict(zip(PARTS, name.split("."), strict=True)),
                "edition": "e", "unit": "cohort", "id": name, "method": "", "reason": "",
                "release": RELEASED, **row,
            }
            for name, row in rows.items()
        ],
        columns=[*COLUMNS, "release", "reason"],
    )  # fmt: skip
    return Released(frame)


def page(rows: dict[str, dict[str, Any]], cycle: dict[str, Any], **more: Any) -> Page:
    full = {
        "id": "realised", "label": "Realised value", "definition": "D.", "question": "Q?",
        "codes": [], "quotations": [], "indicators": [], "documents": [], "written_for": None, "summary": "Text.",
        "case_example": "A scene.", "gap": "A gap.",
    } | cycle  # fmt: skip
    document = {"cycles": [full], "stories": [], "loops": [], "learnt": "", **more}
    codebook = {
        "themes": [{"id": "UND", "label": "U", "codes": [{"id": "UND.02", "label": "Adults too"}]}]
    }
    texts = pd.DataFrame(columns=["unit", "kind", "key", "section", "text", "attribution"])
    return Page(
        studies.load(RAW), "cohort", released(rows), pd.DataFrame(), texts, {}, {},
        {"value_creation": document, "codebook": codebook},
    )  # fmt: skip


def measured(low: float, high: float) -> dict[str, Any]:
    return {"value": (low + high) / 2, "ci_low": low, "ci_high": high, "n": 100.0}


MEASURE = {"id": CHANGE.replace("t1-t2", "{pair}"), "sentence": "It rises.", "expected": "increase"}
TOLD = {"id": SAID, "sentence": "They say so.", "expected": "present", "at_least": 1}
PEOPLE = {"value": 9.0, "numerator": 9.0, "denominator": 15.0, "n": 15.0}


@pytest.mark.parametrize(
    ("rows", "strength"),
    [
        ({}, "none"),
        ({SAID: PEOPLE}, "one source"),
        ({CHANGE: measured(0.1, 0.3)}, "one source"),
        ({SAID: PEOPLE, CHANGE: measured(0.1, 0.3)}, "agree"),
        ({SAID: PEOPLE, CHANGE: measured(-0.3, -0.1)}, "conflict"),
        ({SAID: PEOPLE, CHANGE: measured(-0.1, 0.3)}, "one source"),
        ({SAID: {"release": SUPPRESSED}, CHANGE: measured(0.1, 0.3)}, "one source"),
    ],
)
def test_strength(rows: dict[str, dict[str, Any]], strength: str) -> None:
    found = page(rows, {"indicators": [MEASURE, TOLD]})
    assert value_creation.strength(found, value_creation.cycles_of(found)[0]) == strength


def test_a_fall_that_was_expected_holds() -> None:
    fall = MEASURE | {"expected": "decrease"}
    found = page({CHANGE: measured(-0.3, -0.1)}, {"indicators": [fall]})
    assert value_creation.state(found, fall) == "holds"


def test_stories_count_as_told_only_where_they_rest_on_something_released() -> None:
    step = {"cycle": "realised", "text": "T.", "evidence": [SAID], "codes": []}
    story = {"id": "s", "title": "A story", "steps": [step], "school": "", "stopped": ""}
    with_row = page({SAID: PEOPLE}, {}, stories=[story])
    without = page({SAID: {"release": SUPPRESSED}}, {}, stories=[story])
    assert value_creation.strength(with_row, value_creation.cycles_of(with_row)[0]) == "one source"
    assert value_creation.strength(without, value_creation.cycles_of(without)[0]) == "none"


def test_a_cycle_without_evidence_says_so_and_is_not_filled() -> None:
    text = value_creation.cycle(page({}, {"indicators": [MEASURE, TOLD]}), "realised").markdown()
    assert "No evidence of this cycle is released" in text
    assert "Text" not in text and "scene" not in text
    assert "A gap" in text


def test_conflict_is_shown_with_both_sides() -> None:
    rows = {SAID: PEOPLE, CHANGE: measured(-0.3, -0.1)}
    found = page(rows, {"indicators": [MEASURE, TOLD]})
    text = value_creation.cycle(found, "realised").markdown()
    assert "Strength of the evidence: conflict" in text
    assert "the other way" in text and "as expected" in text
    assert "**conflict**" in value_creation.matrix(found).markdown()


def test_a_text_written_for_other_evidence_is_marked() -> None:
    cycle = {"indicators": [TOLD], "written_for": "agree"}
    text = value_creation.cycle(page({SAID: PEOPLE}, cycle), "realised").markdown()
    assert "now rated “one source”" in text
    same = value_creation.cycle(
        page({SAID: PEOPLE}, cycle | {"written_for": "one source"}), "realised"
    )
    assert "written when" not in same.markdown()


def test_what_the_data_contradict_is_said_beside_a_text_and_nothing_else_is() -> None:
    text = f"{VALUE_TEXTS}/realised.md"
    verdicts = [
        Verdict(Claim(id=f"TX.0{n}", sentence="A sentence of the text.", section="S", kind="count",
                      condition="1 > 0", text=text, stays=stays), state)
        for n, (state, stays) in enumerate(
            [("supported", ""), ("withheld", ""),
             ("contradicted", "It is kept to show the conflict.")]
        )
    ]  # fmt: skip
    said = markdown_of(own_texts.contradicted(verdicts, "realised")).replace("\\", "")
    assert said.count("The data contradict") == 1
    assert "The data contradict “A sentence of the text.”** It is kept to show" in said
    assert own_texts.contradicted(verdicts, "applied") == []


def test_numbers_in_a_text_come_from_the_ledger() -> None:
    cycle = {"indicators": [TOLD], "summary": f"So said [[{SAID}]] of [[{SAID}|denominator]]."}
    found = value_creation.cycle(page({SAID: PEOPLE}, cycle), "realised")
    assert "So said 9 of 15" in found.markdown()
    _, meta = found._repr_mimebundle_()
    assert {number.id for number, *_ in read_recorded(meta["drp"]["numbers"])} == {SAID}


@pytest.mark.parametrize("text", ["Scores rose by 0.3.", "11 said so.", "Two schools agree."])
def test_a_number_typed_by_hand_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "realised.md"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(AnalystError, match="number typed by hand"):
        framework.authored(path)


def test_years_and_references_are_no_numbers_typed_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "realised.md"
    path.write_text(
        f"---\nwritten_for: agree\n---\nIn 2018 [[{SAID}]] did.\n\n## Case example\n\nIn 3 ways."
    )
    assert framework.authored(path) == {
        "written_for": "agree",
        "summary": f"In 2018 [[{SAID}]] did.",
        "case_example": "In 3 ways.",
    }


@pytest.fixture
def study_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "study"
    (folder / "texts" / "value").mkdir(parents=True)
    for name in ("study.yaml", "value_creation.yaml", "schools.csv", "SYNTHETIC"):
        shutil.copyfile(RAW / name, folder / name)
    shutil.copytree(RAW / "value_stories", folder / "value_stories")
    for name in ("SYNTHETIC", "quotations.csv"):
        shutil.copyfile(RAW / name, folder / name)
    return folder


def edited(folder: Path, old: str, new: str) -> dict[str, Any]:
    path = folder / "value_creation.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return framework.read(studies.load(folder))


def test_the_version_says_which_cycles_there_are(study_folder: Path) -> None:
    with pytest.raises(AnalystError, match=r"version 2020 has .*orienting"):
        edited(study_folder, "version: 2017", "version: 2020")
    eighth = (
        "  - {id: orienting, label: Orienting value, definition: D, question: Q}\n\n# Loops: value"
    )
    found = edited(study_folder, "# Loops: value", eighth)
    assert [cycle["id"] for cycle in found["cycles"]] == list(framework.VERSIONS[2020])


def test_unknown_keys_and_cycles_are_refused(study_folder: Path) -> None:
    with pytest.raises(AnalystError, match="is not a cycle"):
        edited(study_folder, "{cycle: applied, text: Materials", "{cycle: aplied, text: Materials")


def test_a_step_rests_on_something(study_folder: Path) -> None:
    (study_folder / "value_stories" / "more.yaml").write_text(
        "stories:\n  - {id: x, title: X, steps: [{cycle: applied, text: T}]}\n"
    )
    with pytest.raises(AnalystError, match="rests on a result"):
        framework.read(studies.load(study_folder))


def test_unknown_codes_quotations_and_schools_are_refused(study_folder: Path) -> None:
    loaded = studies.load(study_folder)
    found = framework.read(loaded)
    codes = {c for cycle in found["cycles"] for c in cycle["codes"]} - {"UND.02"}
    sources = {name: frozenset[str]() for name in ("staff", "pupils", "interviews", "action_plans")}
    known = framework.Known(
        codes=frozenset(codes), quotations=frozenset(), schools=frozenset({"S09"}),
        sources=sources, measures={("staff", "spsc", "paired"): frozenset({"morale"})},
    )  # fmt: skip
    with pytest.raises(AnalystError) as refused:
        framework.read(loaded, known)
    said = str(refused.value)
    # All at once, each with its place.
    for each in (
        "cycles.immediate: 'Q24' is no quotation of quotations.csv",
        "cycles.immediate: 'UND.02' is no code of the codebook",
        "stories.school_2: 'S20' is no school of schools.csv",
        "there is no source 'facilitators'",
        "there is no 'workload' in staff.spsc",
    ):
        assert each in said
    assert "no 'morale'" not in said


def test_all_mistakes_are_named_at_once(study_folder: Path) -> None:
    path = study_folder / "value_creation.yaml"
    text = path.read_text(encoding="utf-8")
    for old, new in (
        ("version: 2017", "version: 2020"),
        ("{cycle: applied, text: Materials", "{cycle: aplied, text: Materials"),
        ("expected: increase}", "expected: growth}"),
        ("id: story_2", "id: story_1"),
        ("start: applied, end: potential", "start: applied, end: strategic"),
        ("    question: What do people do differently?", "    questoin: What?"),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")
    (study_folder / "texts" / "value" / "applied.md").write_text(
        "Two schools did, and 7 people.\n\n## Gaps\n\nNone."
    )
    with pytest.raises(AnalystError) as refused:
        framework.read(studies.load(study_folder))
    said = str(refused.value)
    for each in (
        "version 2020 has", "'aplied' is not a cycle", "growth", "'story_1' is told twice",
        "'strategic' is not a cycle of the chain", "questoin", "questio", "texts/value/applied.md",
        "'Two schools'", "'7'", "heading 'Gaps'",
    ):  # fmt: skip
        assert each in said, each


@pytest.mark.parametrize(
    "text", ["cycles: [one]", "cycles: yes", "cycles: [{id: 1}]\nstories: no", "framework: 2017"]
)
def test_what_is_no_framework_at_all_is_refused(study_folder: Path, text: str) -> None:
    (study_folder / "value_creation.yaml").write_text(f"schema_version: 1\n{text}\n")
    with pytest.raises(AnalystError, match="mistake"):
        framework.read(studies.load(study_folder))


def test_another_studys_stories_do_not_pass_for_ones_own(study_folder: Path) -> None:
    (study_folder / "SYNTHETIC").unlink()
    path = study_folder / "study.yaml"
    text = path.read_text(encoding="utf-8")
    start, end = text.index("# Shown on every page"), text.index("# What the project set out")
    path.write_text((text[:start] + text[end:]).replace("a synthetic reconstruction", "2018"))
    with pytest.raises(AnalystError, match="made up, but the study uses no file"):
        framework.read(studies.load(study_folder))


def test_diagrams_draw_the_same_bytes_and_have_words() -> None:
    rows = {SAID: PEOPLE, CHANGE: measured(0.1, 0.3)}
    cycle = {"indicators": [MEASURE, TOLD], "codes": ["UND.02"]}
    around = {"id": "enabling", "label": "Enabling value"}
    made = page(rows, cycle)
    made.documents["value_creation"]["cycles"].append(
        made.documents["value_creation"]["cycles"][0] | around
    )
    step = {"cycle": "realised", "text": "T.", "evidence": [SAID], "codes": []}
    made.documents["value_creation"]["stories"].append(
        {"id": "s", "title": "A story", "steps": [step], "school": "", "stopped": "No time."}
    )
    for draw in (diagrams.value_cycles, diagrams.value_matrix, diagrams.story_flows):
        first, second = draw(made), draw(made)
        assert first.svg == second.svg and first.narrow == second.narrow != ""
        assert len(first.alt) > 60
    assert "stopped there" in diagrams.story_flows(made).alt
    assert {p.id for p in diagrams.value_cycles(made).parts} == {SAID}
