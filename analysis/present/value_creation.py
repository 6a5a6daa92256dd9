"""The Value Creation Framework: cycles, their evidence, and how strong it is."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.disclosure import RELEASED
from analysis.present.page import Page, part
from analysis.present.shown import Cell, Part, Table, Text, escaped
from analysis.qualitative.themes import codes_of
from analysis.results import COHORT, slug

#: How strong the evidence of a cycle is: this project's own rubric, from none to agreement.
RUBRIC = {
    "none": "no released evidence",
    "one source": "one source only",
    "several of one kind": "several sources of one kind (all counts, or all measured change)",
    "agree": "measured change and what people say point the same way",
    "conflict": "measured change and what people say point different ways",
}


def matrix(page: Page) -> Table:
    """Each cycle with its evidence: indicators that hold, people who speak of it, strength, gap."""
    rows: list[list[Cell]] = []
    for cycle in page.documents["value_creation"]["cycles"]:
        states = [_state(page, indicator) for indicator in cycle["indicators"]]
        held = sum(state == "holds" for state in states)
        rows.append(
            [
                escaped(cycle["label"]),
                f"{_word(held)} of {_word(len(states))}",
                _most_said(page, cycle["codes"]),
                escaped(strength(page, cycle)),
                escaped(cycle.get("gap", "")),
            ]
        )
    return Table(
        ["Cycle", "Indicators that hold", "Most widely said", "Strength", "What is missing"],
        rows,
        widths=[18, 14, 34, 18, 44],
        text_columns=5,
        note="Strength: " + "; ".join(f"*{name}*, {words}" for name, words in RUBRIC.items()) + ".",
    )


def cycles(page: Page) -> Text:
    """Every cycle: what it asks, what was found, the live numbers, a case example and voices."""
    pieces: list[str | Part] = []
    texts = page.texts[page.texts["kind"] == "quotation"].set_index("key")
    for cycle in page.documents["value_creation"]["cycles"]:
        pieces.append(f"### {escaped(cycle['label'])} {{#sec-value-{slug(cycle['id'])}}}\n\n")
        pieces.append(f"{escaped(cycle['definition'])} *{escaped(cycle['question'])}*\n\n")
        pieces.append(f"{escaped(cycle['summary'])}\n\n")
        for indicator in cycle["indicators"]:
            pieces += ["- ", escaped(indicator["sentence"].rstrip(".")), ": ",
                       *_shown(page, indicator), "\n"]  # fmt: skip
        pieces.append(
            "\n::: {.callout-note title=\"Case example (synthetic)\" icon=false}\n"
            f"{escaped(cycle['case_example'])}\n:::\n\n"
        )
        for key in cycle.get("quotations", []):
            if key in texts.index:
                pieces.append(
                    f"::: {{.quotation}}\n{escaped(texts.loc[key, 'text'])}\n\n"
                    f"{escaped(texts.loc[key, 'attribution'])} (synthetic quotation)\n:::\n\n"
                )
        pieces.append(f"**What is missing.** {escaped(cycle['gap'])}\n\n")
    return Text(pieces)


def conditions(page: Page) -> Table:
    """Aspirations, conditions and risks, each with how many people speak of it."""
    document = page.documents["value_creation"]
    rows: list[list[Cell]] = []
    for kind, key in (("Aspiration", "aspirations"), ("Condition", "conditions"), ("Risk", "risks")):
        for entry in document.get(key, []):
            rows.append([kind, escaped(entry["label"]), _most_said(page, entry["codes"])])
    return Table(["Kind", "What it is", "Most widely said"], rows, [12, 54, 40], text_columns=3)


def learnt(page: Page) -> Text:
    """What was learnt, in the analyst's words."""
    return Text([escaped(page.documents["value_creation"]["learnt"])])


def strength(page: Page, cycle: dict[str, Any]) -> str:
    """The cycle's strength, a key of :data:`RUBRIC`."""
    measured = [i for i in cycle["indicators"] if i["expected"] in ("increase", "decrease")]
    said = [i for i in cycle["indicators"] if i["expected"] == "present"]
    states = [_state(page, indicator) for indicator in measured]
    heard = [i for i in said if _state(page, i) == "holds"]
    if heard and "opposes" in states:
        return "conflict"
    if heard and "holds" in states:
        return "agree"
    sources = len(heard) + states.count("holds")
    return "none" if sources == 0 else "one source" if sources == 1 else "several of one kind"


def _state(page: Page, indicator: dict[str, Any]) -> str:
    """``holds``, ``opposes``, ``unclear``, or ``not shown``."""
    row = page.rows.get((COHORT, indicator["id"].lower()))
    if row is None or row["release"] != RELEASED:
        return "not shown"
    if indicator["expected"] == "present":
        return "holds" if row["value"] > 0 else "unclear"
    sign = 1 if indicator["expected"] == "increase" else -1
    low, high = sorted((sign * row["ci_low"], sign * row["ci_high"]))
    return "holds" if low > 0 else "opposes" if high < 0 else "unclear"


def _shown(page: Page, indicator: dict[str, Any]) -> list[str | Part]:
    row = page.rows.get((COHORT, indicator["id"].lower()))
    if row is None:
        return ["not available"]
    if row["release"] != RELEASED:
        return ["withheld"]
    if indicator["expected"] == "present":
        words = row["statistic"] if row["statistic"] != "count" else "facilitators"
        if pd.isna(row["denominator"]):
            return [part(row, 0), f" {words}"]
        return [part(row, 0), " of ", part(row, 0, "denominator"), f" {words}"]
    verdict = {
        "holds": "the interval supports it",
        "opposes": "the interval speaks against it",
        "unclear": "the interval includes no change",
        "not shown": "withheld",
    }[_state(page, indicator)]
    return ["change of ", part(row, 2), " (95% interval ", part(row, 2, "ci_low"), " to ",
            part(row, 2, "ci_high"), f"); {verdict}"]  # fmt: skip


def _most_said(page: Page, codes: list[str]) -> Cell:
    """The code of these that most people speak of, with its count."""
    labels = codes_of(page.documents["codebook"]).set_index("id")["label"]
    best: tuple[float, str, dict[str, Any]] | None = None
    for code in codes:
        identity = f"interviews.themes.count.{slug(code)}.during.all.people"
        row = page.rows.get((COHORT, identity))
        if row is not None and row["release"] == RELEASED and (best is None or row["value"] > best[0]):
            best = (row["value"], code, row)
    if best is None:
        return "not from interviews"
    _, code, row = best
    return [f"{escaped(labels[code])}: ", part(row, 0), " of ", part(row, 0, "denominator"), " people"]


def _word(number: int) -> str:
    words = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    return words[number] if number < len(words) else f"{number}"
