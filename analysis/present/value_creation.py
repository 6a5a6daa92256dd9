"""The Value Creation Framework: cycles, their evidence, and how strong it is.

Cycles, their names and their number are those of the study's framework file; sources are named by the
study's surveys and by the registry of strands. Without a framework, without stories, loops or
statements, there is nothing of the kind to show (``None``).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.disclosure import RELEASED
from analysis.disclosure.shares import FEW, HALF_OR_MORE, NEARLY_ALL, ONE_OR_TWO
from analysis.disclosure.sums import SINGLED_OUT
from analysis.language import N_, gettext, sentence
from analysis.prepare.framework import REFERENCE, STRENGTHS
from analysis.present import codebook as names
from analysis.present import count_words, qualitative, verdict
from analysis.present.count_words import Piece, in_words
from analysis.present.page import Page, part
from analysis.present.shown import NOT_AVAILABLE, Cell, Part, Table, Text, escaped, table, text
from analysis.present.voices import quoted
from analysis.qualitative.nought import held_by
from analysis.results import COHORT, result_id
from analysis.strands import STRANDS
from analysis.words import inside, slug

if TYPE_CHECKING:
    from analysis.claims import Verdict

#: How strong the evidence of a cycle is: this project's own rubric, stated beside the matrix.
RUBRIC = {
    "none": N_("no released evidence"),
    "one source": N_("one source only"),
    "several of one kind": N_("several sources, all of one kind: all told, or all measured"),
    "agree": N_("measured change and what is told point the same way"),
    "conflict": N_("measured change and what is told point different ways"),
}
assert tuple(RUBRIC) == STRENGTHS
#: The same strengths as readers see them.
RATINGS = {
    "none": N_("none"),
    "one source": N_("one source"),
    "several of one kind": N_("several of one kind"),
    "agree": N_("agree"),
    "conflict": N_("conflict"),
}
#: Of the strands, those that measure people or events, as surveys do; the others tell.
RECORDS = ("outcomes",)
DIRECTIONS = {
    "holds": N_("as expected"),
    "opposes": N_("the other way"),
    "unclear": N_("no clear change"),
    "absent": N_("not found"),
    "withheld": N_("withheld"),
    "missing": N_("not available"),
}


#: What a count is of, by its statistic: by itself, and of how many.
COUNTED = {
    "people": (N_("{number} interviewees"), N_("{number} of {all} interviewees")),
    "count": (N_("{number} people"), N_("{number} of {all} people")),
    "schools": (N_("{number} schools"), N_("{number} of {all} schools")),
    "plans": (N_("{number} plans"), N_("{number} of {all} plans")),
    "aims": (N_("{number} aims"), N_("{number} of {all} aims")),
    "facilitators": (N_("{number} facilitators"), N_("{number} of {all} facilitators")),
}


# --- evidence ------------------------------------------------------------------------------


def sources(page: Page) -> dict[str, str]:
    """Sources by the first part of their ids, and what readers know them as: surveys first."""
    found = {survey.id: inside(escaped(survey.label)) for survey in page.study.surveys}
    for strand in STRANDS:
        found.setdefault(strand.source, inside(gettext(strand.label)))
    return found


def measured(page: Page) -> frozenset[str]:
    """The sources that measure people or events; the others tell."""
    return frozenset((*(survey.id for survey in page.study.surveys), *RECORDS))


def _framework(page: Page) -> dict[str, Any]:
    """The study's framework; empty if it has none."""
    return page.documents.get("value_creation") or {}


def indicator_id(page: Page, indicator: dict[str, Any]) -> str:
    """An indicator's ledger id, with the waves compared put in."""
    return resolved(page, indicator["id"])


def resolved(page: Page, identity: str) -> str:
    """A ledger id as written in the study's files, with the page's waves put in."""
    baseline, followup = page.study.baseline, page.study.followup
    for mark, value in (
        ("{pair}", page.waves),
        ("{baseline}", baseline),
        ("{followup}", followup),
    ):
        identity = identity.replace(mark, value)
    return identity.strip().lower()


def state(page: Page, indicator: dict[str, Any], unit: str = COHORT) -> str:
    """How an indicator came out: a key of :data:`DIRECTIONS`."""
    identity = indicator_id(page, indicator)
    row = page.rows.get((unit, identity))
    if row is None:
        # A count of something that nobody said has no row, where others of its kind have one.
        held = page.rows.get((COHORT, held_by(identity) or ""))
        if held is None or indicator["expected"] != "present" or not _asked(page, identity):
            return "missing"
        told = held["source"] == "interviews"
        hidden = held["release"] != RELEASED or (told and qualitative.hidden(page))
        return "withheld" if hidden else "absent"
    if indicator["expected"] == "present" and _told_by(row) >= indicator["at_least"]:
        return "holds"
    if row.get("band") == ONE_OR_TWO and indicator["expected"] == "present":
        return "absent" if indicator["at_least"] > SINGLED_OUT else "withheld"
    if row["release"] != RELEASED or pd.isna(row["value"]):
        return "withheld"
    if indicator["expected"] == "present":
        return "holds" if row["value"] >= indicator["at_least"] else "absent"
    if pd.isna(row["ci_low"]):
        return "unclear"
    found = verdict.by_id(unit, identity)
    own = verdict.page_one(page) if page.is_school and unit == page.unit else None
    # What page one speaks of comes out here as it does there.
    family = own if own and own.covers(found.who, *found.parts) else _indicators(page, unit)
    said = family.of(found.who, *found.parts)
    sign = (said.sign if said else 0) * (1 if indicator["expected"] == "increase" else -1)
    return "holds" if sign > 0 else "opposes" if sign < 0 else "unclear"


def _indicators(page: Page, unit: str) -> verdict.Family:
    """All differences that the framework looks at: which of them hold is said of all together."""
    ids = {
        indicator_id(page, each)
        for cycle in _framework(page).get("cycles", [])
        for each in cycle["indicators"]
        if each["expected"] != "present"
    }
    known = [identity for identity in sorted(ids) if (unit, identity) in page.rows]
    return verdict.Family(page, [verdict.by_id(unit, identity) for identity in known])


def _told_by(row: dict[str, Any]) -> int:
    """The fewest people that words in place of a number tell of; nought without words.

    Three are the fewest of whom anything is said, and ten of whom nearly all is. Of interviews there
    is a row only where somebody was heard.
    """
    band = row.get("band") or ""
    heard = int(row["source"] == "interviews" and band != "")
    return {HALF_OR_MORE: 2, NEARLY_ALL: FEW - SINGLED_OUT}.get(band, heard)


def _asked(page: Page, identity: str) -> bool:
    """Whether anybody was asked who could have spoken of the code that a count is of."""
    parts = identity.split(".")
    if parts[0] != "interviews":
        return True
    codes = {slug(code): code for code in names.labels(page)}
    # A theme, or a detail of a code, is asked about wherever interviews were held.
    code = codes.get(parts[3].split("--")[0])
    return code is None or names.asked(page, [code])


def source(page: Page, indicator: dict[str, Any]) -> str:
    """What readers know the indicator's source as."""
    name = indicator["id"].split(".")[0]
    return sources(page).get(name, escaped(name))


def strength(page: Page, cycle: dict[str, Any]) -> str:
    """The cycle's strength, a key of :data:`RUBRIC`; readers see :func:`rating`.

    Measured change is never averaged with what is told: where they point different ways, that
    is what is said. A story counts as told only if something that it rests on in this cycle is
    released.
    """
    found: dict[str, set[str]] = {"holds": set(), "opposes": set()}
    told: set[str] = set()
    measuring = measured(page)
    for indicator in cycle["indicators"]:
        came_out, name = state(page, indicator), indicator["id"].split(".")[0]
        if name in measuring and came_out in found:
            found[came_out].add(name)
        elif came_out == "holds":
            told.add(name)
    if stories_in(page, cycle["id"]):
        told.add("stories")
    if found["opposes"] and (told or found["holds"]):
        return "conflict"
    if found["holds"] and told:
        return "agree"
    behind = found["holds"] | found["opposes"] | told
    if not behind:
        return "none"
    return "one source" if len(behind) == 1 else "several of one kind"


def rating(page: Page, cycle: dict[str, Any]) -> str:
    """The cycle's strength in words."""
    return gettext(RATINGS[strength(page, cycle)])


def stories_in(page: Page, cycle: str) -> list[dict[str, Any]]:
    """Stories with a step in the cycle that rests on something released."""
    return [
        story
        for story in stories_of(page)
        if any(s["cycle"] == cycle and supported(page, s) for s in story["steps"])
    ]


def supported(page: Page, step: dict[str, Any]) -> bool:
    """Whether anything that a step rests on is released: a result, a quotation, a code heard."""
    quotations = set(page.texts_of("quotation")["key"])
    for each in step["evidence"]:
        if len(each.split(".")) != 7:
            # Quotations stand in the programme report; a school's report knows that they do.
            if each in quotations or page.is_school:
                return True
            continue
        row = page.rows.get((COHORT, resolved(page, each)))
        if row is not None and (row["release"] == RELEASED or _told_by(row)):
            return True
    return any(count_words.count_row(page, code, "people") for code in step["codes"])


def cycles_of(page: Page) -> list[dict[str, Any]]:
    """The cycles, in the version's order; none without a framework."""
    return list(_framework(page).get("cycles") or ())


def stories_of(page: Page) -> list[dict[str, Any]]:
    """The stories told, of all schools and of none."""
    return list(_framework(page).get("stories") or ())


def bare_label(cycle: dict[str, Any]) -> str:
    """A cycle's name without the word that all have, for tables and drawings."""
    return str(cycle["label"]).removesuffix(" value")


def most_heard(page: Page, codes: list[str], limit: int = 1) -> list[tuple[str, str]]:
    """The codes of these that most people spoke of, by :func:`.qualitative.most`: id and label."""
    labels = names.labels(page)
    heard = []
    for place, code in enumerate(codes):
        row = count_words.count_row(page, code, "people")
        if row is not None:
            heard.append((-count_words.size(row), place, code))
    heard.sort()
    first = qualitative.most(heard, [-count for count, *_ in heard], limit)
    return [(code, labels.get(code, code)) for *_, code in first]


# --- tables --------------------------------------------------------------------------------


def matrix(page: Page) -> Table | None:
    """Each cycle with its evidence: indicators, sources, stories, strength and gap."""
    found = cycles_of(page)
    if not found:
        return None
    told, gaps = bool(stories_of(page)), any(cycle["gap"] for cycle in found)
    rows: list[list[Cell]] = []
    for cycle in found:
        came_out = [(state(page, i), source(page, i)) for i in cycle["indicators"]]
        held = sum(found == "holds" for found, _ in came_out)
        behind = list(dict.fromkeys(name for found, name in came_out if found == "holds"))
        grade = strength(page, cycle)
        rows.append(
            [
                escaped(bare_label(cycle)),
                gettext(
                    "{number} of {all}",
                    number=count_words.number_word(held),
                    all=count_words.number_word(len(came_out)),
                ),
                ", ".join(behind) or gettext("none"),
                *([_reached(page, cycle["id"])] if told else []),
                f"**{gettext(RATINGS[grade])}**"
                if grade == "conflict"
                else gettext(RATINGS[grade]),
                *([escaped(cycle["gap"]) or "–"] if gaps else []),
            ]
        )
    return table(
        [
            gettext("Cycle"),
            gettext("Indicators as expected"),
            gettext("From"),
            *([gettext("Stories")] if told else []),
            gettext("Strength"),
            *([gettext("What is missing")] if gaps else []),
        ],
        rows,
        widths=[18, 12, 18, *([9] if told else []), 14, *([36] if gaps else [])],
        caption=gettext("Value cycles and their evidence"),
        look=gettext("Read the strength of each cycle beside what is missing.")
        if gaps
        else gettext("Read the strength of each cycle beside where its evidence is from."),
        text_columns=4 + told + gaps,
        note=gettext(
            "Strength is this report's own rubric: {strengths}. Conflict is always shown, never "
            "averaged away.",
            strengths="; ".join(
                f"*{gettext(RATINGS[name])}*, {gettext(words)}" for name, words in RUBRIC.items()
            ),
        ),
    )


def indicators(page: Page) -> Table | None:
    """Every indicator: its source, how many it rests on, what it shows, in which direction."""
    rows: list[list[Cell]] = []
    for cycle in cycles_of(page):
        for indicator in cycle["indicators"]:
            row = page.rows.get((COHORT, indicator_id(page, indicator)))
            rows.append(
                [
                    escaped(bare_label(cycle)),
                    escaped(indicator["sentence"].rstrip(".")),
                    source(page, indicator),
                    gettext(DIRECTIONS[state(page, indicator)]),
                    result(page, indicator),
                    part(row, 0, "n") if row is not None else r"\[x\]",
                ]
            )
    return table(
        [
            gettext("Cycle"),
            gettext("What it would show"),
            gettext("Source"),
            gettext("Direction"),
            gettext("Result"),
            "n",
        ],
        rows,
        widths=[16, 34, 13, 13, 24, 6],
        caption=gettext("Every indicator of the value cycles"),
        look=gettext(
            "Look at the direction: it says whether a result is what the framework expects."
        ),
        text_columns=5,
        note=gettext(
            "n: people who answered or were interviewed, facilitators, or plans. A "
            "change is as expected where its whole 95% interval lies on that side of "
            "zero."
        ),
    )


def conditions(page: Page) -> Table | None:
    """Aspirations, conditions and risks, each with who speaks of it, or why nobody does."""
    document = _framework(page)
    rows: list[list[Cell]] = []
    for kind, key in (
        (gettext("Aspiration"), "aspirations"),
        (gettext("Condition"), "conditions"),
        (gettext("Risk"), "risks"),
    ):
        for entry in document.get(key, []):
            best = most_heard(page, entry["codes"])
            heard = (
                count_words.said(page, best[0][0])
                if best
                else qualitative.who_of(page, entry["codes"])
            )
            rows.append([kind, escaped(entry["label"]), heard])
    return table(
        [gettext("Kind"), gettext("What it is"), gettext("Who spoke of it")],
        rows,
        widths=[12, 50, 38],
        caption=gettext("Aspirations, conditions and risks"),
        look=gettext("The last column says how widely each was heard."),
        text_columns=3,
    )


def chain(page: Page) -> Table | None:
    """The diagram as a table: each cycle, what it is about, and what is heard most in it."""
    found = cycles_of(page)
    if not found:
        return None
    rows: list[list[Cell]] = []
    for cycle in found:
        cell: list[Piece] = []
        for place, (code, label) in enumerate(most_heard(page, cycle["codes"], 3)):
            cell += [
                "; " if place else "",
                escaped(label),
                " (",
                *count_words.people(page, code),
                ")",
            ]
        rows.append(
            [
                escaped(bare_label(cycle)),
                escaped(cycle["question"]),
                cell or gettext("not from interviews"),
                rating(page, cycle),
            ]
        )
    labels = {cycle["id"]: inside(cycle["label"]) for cycle in found}
    named = [
        gettext(
            "from {start} back to {end}: {loop}",
            start=escaped(labels[loop["start"]]),
            end=escaped(labels[loop["end"]]),
            loop=escaped(loop["label"]),
        )
        for loop in loops_of(page)
    ]
    return table(
        [
            gettext("Cycle"),
            gettext("What it asks"),
            gettext("Most widely heard"),
            gettext("Strength"),
        ],
        rows,
        widths=[18, 29, 41, 14],
        caption=gettext("The value cycles: what each asks, and what is heard most"),
        look=gettext(
            "Read down the last column: where the evidence of a cycle is strong, and "
            "where it is thin."
        ),
        text_columns=4,
        note=gettext("Loops: {loops}.", loops="; ".join(named)) if named else "",
    )


def loops_of(page: Page) -> list[dict[str, Any]]:
    """The loops: value that flows back to an earlier cycle."""
    return list(_framework(page).get("loops") or ())


def flows(page: Page) -> Table | None:
    """Each story's way through the cycles, where it ends, and why."""
    labels = {cycle["id"]: bare_label(cycle) for cycle in cycles_of(page)}
    told = stories_of(page)
    if not told:
        return None
    made_up = [bool(story.get("synthetic")) for story in told]
    # Where all are made up the heading says so; where some are, each of these does.
    mixed = any(made_up) and not all(made_up)
    rows: list[list[Cell]] = []
    for story in told:
        steps = [inside(labels[step["cycle"]]) for step in story["steps"]]
        rows.append(
            [
                escaped(story["title"])
                + (" " + gettext("(synthetic)") if mixed and story.get("synthetic") else ""),
                escaped(" → ".join(dict.fromkeys(steps))),
                escaped(steps[-1]),
                escaped(story["stopped"]) or "–",
            ]
        )
    return table(
        [
            gettext("Story (synthetic)") if all(made_up) else gettext("Story"),
            gettext("Way through the cycles"),
            gettext("Ends at"),
            gettext("Why it went no further"),
        ],
        rows,
        widths=[26, 34, 12, 28],
        caption=gettext("Stories: their way, where they end, and why"),
        look=gettext("The last column says what stood in the way of the next step."),
        text_columns=4,
    )


def reach(page: Page) -> Table | None:
    """How many stories reach each cycle, and how many end in it."""
    if not stories_of(page):
        return None
    rows: list[list[Cell]] = []
    for cycle in cycles_of(page):
        row: list[Cell] = [escaped(bare_label(cycle))]
        for statistic in ("reached", "ended"):
            found = flow_row(page, cycle["id"], statistic)
            row.append(
                sentence(
                    "{number} of {all}", number=part(found, 0), all=part(found, 0, "denominator")
                )
                if found
                else r"\[c\]"
            )
        rows.append(row)
    return table(
        [gettext("Cycle"), gettext("Stories that reach it"), gettext("Stories that end in it")],
        rows,
        widths=[30, 22, 22],
        caption=gettext("Stories that reach each cycle, and that end in it"),
        look=gettext("A story that ends early says what was missing."),
    )


# --- text ----------------------------------------------------------------------------------


def cycle(page: Page, name: str) -> Text | None:
    """One cycle: what it asks, what was found, the live numbers, the voices, a case example.

    Nothing where the version of the framework has no such cycle.
    """
    found = next((c for c in cycles_of(page) if c["id"] == name), None)
    return Text(_cycle(page, found, _own_claims(page))) if found else None


def cycles(page: Page) -> Text | None:
    """Every cycle, one after the other, each under its heading."""
    found = cycles_of(page)
    if not found:
        return None
    pieces: list[Piece] = []
    judged = _own_claims(page)
    for each in found:
        pieces.append(f"### {escaped(each['label'])} {{#sec-value-{slug(each['id'])}}}\n\n")
        pieces += _cycle(page, each, judged)
    return text(pieces)


def _own_claims(page: Page) -> list[Verdict]:
    """What the results say of the sentences of the analyst's texts, which schools are not shown."""
    if page.is_school:
        return []
    from analysis.present import own_texts  # a school's report need not wait for its imports

    return own_texts.judged(page)


def _contradicted(judged: list[Verdict], name: str) -> list[Piece]:
    if not judged:
        return []
    from analysis.present import own_texts

    return own_texts.contradicted(judged, name)


def _cycle(page: Page, each: dict[str, Any], judged: list[Verdict]) -> list[Piece]:
    grade = strength(page, each)
    pieces: list[Piece] = [f"{escaped(each['definition'])} *{escaped(each['question'])}*\n\n"]
    if grade == "none":
        pieces += [
            gettext("**No evidence of this cycle is released in this edition.**"),
            "\n\n",
        ]
    else:
        if each["summary"]:
            pieces += [*authored(page, each["summary"]), "\n\n", *_contradicted(judged, each["id"])]
        written = each["written_for"]
        if written and written != grade:
            pieces += [
                gettext(
                    "*The paragraph above was written when the evidence was rated “{written}”; it "
                    "is now rated “{grade}”.*",
                    written=gettext(RATINGS[written]),
                    grade=gettext(RATINGS[grade]),
                ),
                "\n\n",
            ]
    words = gettext(RUBRIC[grade])
    pieces.append(
        gettext(
            "**Strength of the evidence: {strength}.** {why}.",
            strength=gettext(RATINGS[grade]),
            why=words[:1].upper() + words[1:],
        )
    )
    came_outs = {state(page, i) for i in each["indicators"]}
    if grade == "conflict":
        pieces.append(
            " " + gettext("Both sides are listed below; neither is set off against the other.")
        )
    elif "unclear" in came_outs and grade != "agree":
        pieces.append(" " + gettext("What was measured shows no clear change."))
    pieces.append("\n\n")
    for indicator in each["indicators"]:
        came_out = gettext(DIRECTIONS[state(page, indicator)])
        pieces += [
            "- ", escaped(indicator["sentence"].rstrip(".")), ": ",
            *_list(result(page, indicator)), f" ({came_out}; {source(page, indicator)})\n",
        ]  # fmt: skip
    heard = most_heard(page, each["codes"], 3)
    if heard:
        said: list[Piece] = []
        for place, (code, label) in enumerate(heard):
            said += [
                "; " if place else "",
                f"*{escaped(label)}*, ",
                *count_words.said(page, code),
            ]
        pieces += ["- ", *sentence("Most widely heard: {codes}", codes=said), "\n"]
    told = stories_in(page, each["id"])
    if told:
        titles = "; ".join(f"*{escaped(story['title'])}*" for story in told)
        pieces += [
            "- ",
            gettext("Stories that come through here: {stories}", stories=titles),
            "\n",
        ]
    if each["documents"]:
        documents = escaped(", ".join(each["documents"]))
        pieces += ["- ", gettext("Looked for in: {documents}", documents=documents), "\n"]
    pieces.append("\n")
    if each["case_example"] and grade != "none":
        mark = " " + gettext("(synthetic)") if each.get("synthetic_example") else ""
        title = gettext("Case example") + mark
        pieces += [
            f'::: {{.callout-note title="{title}" icon=false}}\n',
            *authored(page, each["case_example"]), "\n:::\n\n",
        ]  # fmt: skip
    pieces += voices(page, each["quotations"])
    if each["gap"]:
        pieces += [
            gettext("**What is missing.**"),
            " ",
            *authored(page, each["gap"]),
            "\n\n",
        ]
    return pieces


def voices(page: Page, names: list[str]) -> list[Piece]:
    """The chosen quotations that are released for the page's unit."""
    texts = page.texts_of("quotation").set_index("key")
    pieces: list[Piece] = []
    for name in names:
        if name in texts.index:
            quotation = texts.loc[name]
            pieces += quoted(page, quotation["text"], quotation["attribution"])
    return pieces


def statement_voices(page: Page, key: str) -> Text | None:
    """The quotations chosen for aspirations or risks; they stand in the programme's report only."""
    return text(voices(page, _framework(page).get(f"{key}_quotations", [])))


def learnt(page: Page) -> Text | None:
    """What was learnt, in the analyst's words."""
    words = _framework(page).get("learnt", "")
    if not words:
        return None
    return text([*authored(page, words), "\n\n", *_contradicted(_own_claims(page), "learnt")])


def authored(page: Page, text: str) -> list[Piece]:
    """An analyst's paragraphs, with ``[[id]]`` replaced by the number of that id."""
    pieces: list[Piece] = []
    for place, paragraph in enumerate(re.split(r"\n\s*\n", text.strip())):
        if place:
            pieces.append("\n\n")
        end = 0
        for found in REFERENCE.finditer(paragraph):
            pieces.append(_spaced(paragraph[end : found.start()]))
            pieces.append(_referred(page, found.group(1), found.group(2) or "value"))
            end = found.end()
        pieces.append(_spaced(paragraph[end:]))
    return pieces


def _spaced(text: str) -> str:
    """Escaped, keeping the space at either end that escaping would lose."""
    before = " " if text[:1].isspace() else ""
    after = " " if text[-1:].isspace() and text.strip() else ""
    return f"{before}{escaped(text)}{after}"


def _referred(page: Page, identity: str, name: str) -> Piece:
    row = page.rows.get((COHORT, resolved(page, identity)))
    if row is None or name not in row:
        return NOT_AVAILABLE.replace("[", r"\[").replace("]", r"\]")
    whole = pd.notna(row[name]) and float(row[name]).is_integer()
    return part(row, 0 if whole else 2, name)


def result(page: Page, indicator: dict[str, Any], unit: str = COHORT) -> Cell:
    """An indicator's number as shown: a count with its base, or a change with its interval."""
    row = page.rows.get((unit, indicator_id(page, indicator)))
    if row is None:
        return (
            gettext("nobody")
            if state(page, indicator, unit) == "absent"
            else gettext("not available")
        )
    if row["release"] != RELEASED:
        return part(row, 0)
    if indicator["expected"] == "present":
        return _counted(row)
    if pd.isna(row["ci_low"]):
        return part(row, 2)
    return sentence(
        "{change} (95% interval {low} to {high})",
        change=part(row, 2),
        low=part(row, 2, "ci_low"),
        high=part(row, 2, "ci_high"),
    )


def _counted(row: dict[str, Any]) -> list[Piece]:
    """A count with its base and whom it counts."""
    statistic = "facilitators" if row["source"] == "facilitators" else str(row["statistic"])
    nouns = COUNTED.get(statistic)
    number = part(row, 0)
    if nouns is None:
        unknown = f" {statistic.replace('_', ' ')}"
        if pd.isna(row["denominator"]):
            return [number, unknown]
        whole = sentence("{number} of {all}", number=number, all=part(row, 0, "denominator"))
        return [*whole, unknown]
    alone, of = nouns
    if pd.isna(row["denominator"]):
        return sentence(alone, number=number)
    return sentence(of, number=number, all=part(row, 0, "denominator"))


# --- a school's own ------------------------------------------------------------------------


def own_cycles(page: Page) -> Table | None:
    """A school's own evidence, cycle by cycle: what was expected, and whether it is clear here.

    Cycles of which nothing of the school's own can be shown are left out. Nothing in the
    programme's report.
    """
    rows: list[list[Cell]] = []
    measured_here = False
    for each in cycles_of(page) if page.is_school else ():
        own = _own_indicators(page, each)
        measured_here = measured_here or bool(own)
        pieces = [*own, *_own_aims(page, each)]
        if pieces:
            rows.append([escaped(each["label"]), pieces])
    if not measured_here:
        return None  # the plan says how many aims there are
    note = gettext(
        "Interviews are not split by school, because few were held in each; what they showed stands "
        "in the programme report."
    )
    return table(
        [gettext("Kind of value"), gettext("What was expected, and whether it shows here")],
        rows,
        widths=[20, 80],
        caption=gettext("Value created: this school's own evidence"),
        text_columns=2,
        note=note if qualitative.interviewed(page) else "",
    )


def _own_indicators(page: Page, cycle: dict[str, Any]) -> list[Piece]:
    """What the framework expected of a cycle, by how it came out in the page's school."""
    measuring = measured(page)
    found: dict[str, list[str]] = {}
    for indicator in cycle["indicators"]:
        name = indicator["id"].split(".")[0]
        row = page.rows.get((page.unit, indicator_id(page, indicator)))
        if name not in measuring or row is None or row["release"] != RELEASED:
            continue
        came_out = state(page, indicator, page.unit)
        found.setdefault(came_out, []).append(escaped(indicator["sentence"].rstrip(".")))
    return [
        f"**{gettext(words)}:** {'; '.join(found[key])}. "
        for key, words in OWN_WORDS.items()
        if key in found
    ]


def _own_aims(page: Page, cycle: dict[str, Any]) -> list[Piece]:
    """What the page's school's plan says of a cycle."""
    pieces: list[Piece] = []
    for aims, words in PLAN_EVIDENCE.get(cycle["id"], ()):
        at = ("action_plans", "plans", "states", aims, "latest", "all", "aims")
        row = page.rows.get((page.unit, result_id(*at)))
        if row is not None and row["release"] == RELEASED and row["value"] > 0:
            pieces.append(f"{gettext(words)}: {in_words(row)}. ")
    return pieces


#: How what was expected came out in a school, in the order in which it is said.
OWN_WORDS = {
    "holds": N_("Clearly so"),
    "opposes": N_("Clearly the other way"),
    "unclear": N_("Not clear"),
    "absent": N_("Not found"),
}
#: States of a plan's aims that speak of a cycle.
PLAN_EVIDENCE = {
    "potential": (("any", N_("Aims in the plan")),),
    "applied": (("in_place", N_("Aims in place")),),
    "transformative": (("embedded", N_("Aims embedded")),),
}


def own_stories_of(page: Page) -> list[dict[str, Any]]:
    """The stories that are the school's own."""
    if not page.is_school:
        return []
    return [story for story in stories_of(page) if story["school"] == page.unit]


def own_stories(page: Page) -> Text | None:
    """A school's own stories, step by step.

    Without what the programme's report, which tells them without the school, has of them: title,
    cycles, and why they ended. By these anybody with both would know whose each is.
    """
    told = own_stories_of(page)
    pieces: list[Piece] = []
    for number, story in enumerate(told, 1):
        mark = " " + gettext("(synthetic)") if story.get("synthetic") else ""
        named = (
            gettext("Story {number}", number=number)
            if len(told) > 1
            else gettext("A story of this school")
        )
        pieces.append(f"**{named}**{mark}\n\n")
        pieces += [f"1. {escaped(step['text'])}\n" for step in story["steps"]]
        pieces.append("\n")
    return text(pieces)


def flow_row(page: Page, cycle_id: str, statistic: str) -> dict[str, Any] | None:
    """The released number of stories that reach, or end in, a cycle."""
    identity = result_id("stories", "value_creation", "flow", cycle_id, "all", "all", statistic)
    row = page.rows.get((COHORT, identity))
    return row if row is not None and row["release"] == RELEASED else None


def _reached(page: Page, cycle_id: str) -> list[Piece]:
    row = flow_row(page, cycle_id, "reached")
    if row is None:
        return [gettext("none")]
    return sentence("{number} of {all}", number=part(row, 0), all=part(row, 0, "denominator"))


def _list(cell: Cell) -> list[Piece]:
    return [cell] if isinstance(cell, str | Part) else list(cell)
