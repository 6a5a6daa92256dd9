"""Findings beside the surveys: interviews, delivery, plans, school records and stories."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analysis.language import (
    N_,
    gettext,
    listed,
    listed_pieces,
    ngettext,
    nsentence,
    sentence,
)
from analysis.present import codebook, count_words, delivery, plans, qualitative, verdict
from analysis.present import voices as voices_of
from analysis.present.count_words import number_word
from analysis.present.finding import Finding, Piece, trimmed
from analysis.present.page import Compared, Page, part
from analysis.present.records import ALL, SOURCE, label_of, same_terms, unit_of
from analysis.present.shown import Cell, Each, Table, Text, each, escaped, table, text
from analysis.present.tables import measures_of
from analysis.present.value_creation import cycles_of, most_heard, stories_of, supported
from analysis.qualitative.plans import FIRST
from analysis.results import COHORT, OTHERS, pair
from analysis.study import Group, Survey
from analysis.words import slug


def helped(page: Page) -> Finding | None:
    """What those interviewed named most often as a help and as a hindrance."""
    if not qualitative.interviewed(page) or qualitative.hidden(page):
        return None
    pieces: list[Piece] = []
    found = codebook.codes(page)
    for kinds, most in (
        (
            qualitative.ENABLING,
            N_("What helped was most often {codes}, raised by {people}. "),
        ),
        (
            qualitative.CONSTRAINING,
            N_("What stood in the way was most often {codes}, raised by {people}. "),
        ),
    ):
        codes = [str(code) for code in found.loc[found["kind"].isin(kinds), "id"]]
        first = most_heard(page, codes)
        if not first or len(first) > 2:
            continue
        named = listed([f"*{escaped(label)}*" for _, label in first])
        pieces += sentence(most, codes=named, people=count_words.people(page, first[0][0]))
    return Finding(trimmed(pieces), "limited") if pieces else None


def helped_said(page: Page) -> Text | None:
    """What helped and what stood in the way, as on page one."""
    found = helped(page)
    return Text(found.pieces) if found else None


def helped_most(page: Page) -> Table | None:
    """What most of those interviewed named as a help, and as a hindrance."""
    if not qualitative.interviewed(page) or qualitative.hidden(page):
        return None
    found, rows = codebook.codes(page), list[list[Cell]]()
    for kinds, what in (
        (qualitative.ENABLING, gettext("Helped")),
        (qualitative.CONSTRAINING, gettext("Stood in the way")),
    ):
        codes = [str(code) for code in found.loc[found["kind"].isin(kinds), "id"]]
        for code, label in most_heard(page, codes, 6):
            row = count_words.count_row(page, code, "people")
            if row is not None:
                rows.append([escaped(label), what, count_words.of(row)])
    return table(
        [gettext("What people named"), gettext("As"), gettext("People")],
        rows,
        widths=[54, 20, 14],
        caption=gettext("What was named most often, of those interviewed"),
        text_columns=2,
    )


def delivered(page: Page) -> Finding | None:
    """How much was held, and how many of those invited came."""
    at = (*delivery.SESSIONS, delivery.ALL, delivery.WAVE)
    count = page.values(delivery.PROGRAMME, *at, "count")
    if count is None or not count["value"]:
        return None
    some = page.values(delivery.PROGRAMME, *at, "schools")
    if some is None:
        pieces: list[Piece] = nsentence(
            "{count} session was held.",
            "{count} sessions were held.",
            count["value"],
            count=part(count, 0),
        )
    else:
        pieces = nsentence(
            "{count} session was held, in {schools} schools.",
            "{count} sessions were held, in {schools} schools.",
            count["value"],
            count=part(count, 0),
            schools=part(some, 0),
        )
    came = page.values(delivery.PROGRAMME, *delivery.ATTENDANCE, "percent")
    if came is not None:
        pieces += [
            " ",
            *sentence("Of the invitations, {percent}% were taken up.", percent=part(came, 0)),
        ]
    return Finding(pieces, "good")


def delivered_said(page: Page) -> Text | None:
    """What was held and who came, as on page one."""
    found = delivered(page)
    return Text(found.pieces) if found else None


def planned(page: Page) -> Finding | None:
    """How many schools planned, and how much of it is in place."""
    wave = plans.latest_review(page)
    schools = plans.row_of(page, "plans", "all", FIRST, "plans")
    aims = plans.row_of(page, "states", "any", wave, "aims") if wave else None
    if schools is None or aims is None:
        return None
    pieces: list[Piece] = sentence(
        "{schools} schools sent a plan, with {aims} aims in all.",
        schools=part(schools, 0),
        aims=part(aims, 0),
    )
    done = [
        (state, row)
        for state in ("in_place", "embedded")
        if (row := plans.row_of(page, "states", state, wave, "aims")) and row["value"]
    ]
    if done:
        states = listed_pieces(
            [
                nsentence(
                    "{count} was {state}",
                    "{count} were {state}",
                    row["value"],
                    count=part(row, 0),
                    state=gettext(plans.STATE_WORDS[state]),
                )
                for state, row in done
            ]
        )
        at = (
            N_("At the latest review {states}.")
            if wave == "latest"
            else N_("At the first review {states}.")
        )
        pieces += [" ", *sentence(at, states=states)]
    return Finding(pieces, "limited")


def recorded(page: Page) -> Finding | None:
    """The first of the school records, a year apart."""
    found = (recorded_of(page, measure) for measure in measures_of(page))
    return next((each for each in found if each), None)


def recorded_of(page: Page, measure: dict[str, Any]) -> Finding | None:
    """One of the school records, a year apart."""
    said = _record(page, measure)
    return Finding(said.pieces, "limited") if said is not None else None


#: What is said of a record by itself, and of one below the terms that it is of: by the sign of its
#: difference.
BY_ITSELF = {
    1: N_(
        "{measure}: higher in {later} than in {earlier} (difference {difference}{unit}, 95% interval "
        "{low} to {high})."
    ),
    -1: N_(
        "{measure}: lower in {later} than in {earlier} (difference {difference}{unit}, 95% interval "
        "{low} to {high})."
    ),
    0: N_(
        "{measure}: not clearly higher or lower in {later} than in {earlier} (difference "
        "{difference}{unit}, 95% interval {low} to {high})."
    ),
}


BELOW = {
    1: N_("{measure}: higher (difference {difference}{unit}, 95% interval {low} to {high})."),
    -1: N_("{measure}: lower (difference {difference}{unit}, 95% interval {low} to {high})."),
    0: N_("{measure}: not clear (difference {difference}{unit}, 95% interval {low} to {high})."),
}


@dataclass(frozen=True)
class Recorded:
    """A measure of the last term that has one, against the same term a year before."""

    pieces: list[Piece]
    clear: bool
    later: str
    earlier: str


def _record(
    page: Page, measure: dict[str, Any], said: Mapping[int, str] = BY_ITSELF
) -> Recorded | None:
    """What is said of one of the school records; nothing if it cannot be told."""
    asked = verdict.records(page).get(str(measure["id"]))
    judged = verdict.page_one(page).of(asked.who, *asked.parts) if asked else None
    if asked is None or judged is None:
        return None
    row, decimals = judged.row, int(measure.get("decimals", 1))
    later = next(t for t, year in page.year_before.items() if pair(year, t) == asked.parts[4])
    # As shown: an interval that begins at 0.0 leaves nought in for whoever reads it.
    low, high = (round(float(row[end]), decimals) for end in ("ci_low", "ci_high"))
    sign = judged.sign if low > 0 or high < 0 else 0
    terms = {
        "later": escaped(page.terms[later]),
        "earlier": escaped(page.terms[page.year_before[later]]),
    }
    unit = f" {escaped(unit_of(measure, difference=True))}".rstrip()
    pieces = sentence(
        said[sign],
        measure=f"*{escaped(measure['label'])}*",
        **(terms if said is BY_ITSELF else {}),
        difference=part(row, decimals),
        unit=unit,
        low=part(row, decimals, "ci_low"),
        high=part(row, decimals, "ci_high"),
    )
    if not _of_the_same_schools(page, measure, row, (later, page.year_before[later])):
        pieces += [
            " ",
            gettext(
                "The difference is over the {number} schools that have both terms, each term's rate "
                "over all that have it.",
                number=count_words.in_words(row, "n_schools"),
            ),
        ]
    return Recorded(pieces, bool(sign), **terms)


def _of_the_same_schools(
    page: Page, measure: dict[str, Any], difference: dict[str, Any], terms: tuple[str, str]
) -> bool:
    """Whether the rates of two terms are over the very schools that their difference is over."""
    rates = [page.values(ALL, *SOURCE, "rate", str(measure["id"]), t, "rate") for t in terms]
    return all(not rate or rate["n_schools"] == difference["n_schools"] for rate in rates)


def records_together(page: Page) -> list[Piece]:
    """Of how many of the school records the difference from a year before is clear."""
    said = [found for measure in measures_of(page) if (found := _record(page, measure))]
    if len(said) < 2:
        return []
    clear = sum(each.clear for each in said)
    if not clear:
        return [
            ngettext(
                "The {number} record is not clearly higher or lower than a year before.",
                "Of {number} records, none is clearly higher or lower than a year before.",
                len(said),
                number=number_word(len(said)),
            )
        ]
    return [
        ngettext(
            "Of {all} records, {number} is clearly higher or lower than a year before.",
            "Of {all} records, {number} are clearly higher or lower than a year before.",
            clear,
            all=number_word(len(said)),
            number=number_word(clear),
        )
    ]


def records_said(page: Page) -> Text | None:
    """Each of the school records, a year apart."""
    by_terms: dict[tuple[str, str], list[Recorded]] = {}
    for measure in measures_of(page):
        if found := _record(page, measure, BELOW):
            by_terms.setdefault((found.later, found.earlier), []).append(found)
    pieces: list[Piece] = []
    for (later, earlier), said in by_terms.items():
        pieces += [gettext("{later} against {earlier}:", later=later, earlier=earlier), "\n\n"]
        pieces += [piece for each in said for piece in ("- ", *each.pieces, "\n")]
        pieces.append("\n")
    return text(pieces)


def voices(page: Page) -> Text | None:
    """One quotation for each of the three themes that most people spoke of, of those that have one."""
    spoken: list[tuple[float, int, Text]] = []
    for place, theme in enumerate(qualitative.themes_of(page)):
        row = count_words.count_row(page, str(theme["id"]), "people")
        said = voices_of.first_quotation(page, theme)
        if row is not None and said is not None:
            spoken.append((-count_words.size(row), place, said))
    chosen = sorted(spoken, key=lambda each: each[:2])[:3]
    return text([piece for _, _, said in chosen for piece in said.pieces])


def stories_told(page: Page) -> Text | None:
    """Two stories step by step: the longest, and the first of those that stopped and say why.

    Only stories of no school by itself, and steps that rest on something released.
    """
    shared = [story for story in stories_of(page) if not story["school"]]
    labels = {cycle["id"]: cycle["label"] for cycle in cycles_of(page)}
    longest = max(shared, key=lambda story: len(story["steps"]), default=None)
    stopped = [story for story in shared if story["stopped"] and story is not longest]
    told = [longest, *(stopped or [s for s in shared if s is not longest])[:1]] if longest else []
    pieces: list[Piece] = []
    for story in told:
        steps = [step for step in story["steps"] if supported(page, step)]
        if not steps:
            continue
        mark = " " + gettext("(synthetic)") if story.get("synthetic") else ""
        pieces.append(f"**{escaped(story['title'])}**{mark}\n\n")
        pieces += [f"1. *{escaped(labels[s['cycle']])}*: {escaped(s['text'])}\n" for s in steps]
        if story["stopped"]:
            where = gettext("Where it stopped: {stopped}", stopped=escaped(story["stopped"]))
            pieces.append(f"\n{where}\n")
        pieces.append("\n")
    return text(pieces)


def gap_besides(page: Page) -> Each | None:
    """Beside what pupils answer: what school records and plans hold of the groups whose gap the study
    follows, survey by survey."""
    return each({s.id: text(_gap_besides(page, s)) for s in page.study.surveys})


def _gap_besides(page: Page, survey: Survey) -> list[Piece]:
    recorded_groups = page.documents.get("outcome_measures", {}).get("groups", [])
    in_records = {slug(str(each["id"])) for each in recorded_groups}
    labels = codebook.labels(page)
    pieces: list[Piece] = []
    for group in page.study.groups_of(survey.population):
        if not group.gap:
            continue
        said = _gap_in_records(page, group) if slug(group.id) in in_records else []
        with_aims = [
            [f"*{escaped(labels[code])}* (", *plans.held_by(row), ")"]
            for code in group.aims
            if (row := plans.row_of(page, "aims", slug(code), FIRST, "plans"))
        ]
        if with_aims:
            aims = gettext("Aims that may help them, of how many plans:")
            said += [f"- {aims} ", *listed_pieces(with_aims), ".\n"]
        if said:
            heading = gettext("{group}, beside the survey:", group=escaped(group.label))
            pieces += [f"**{heading}**\n\n", *said, "\n"]
    return pieces


def _gap_in_records(page: Page, group: Group) -> list[Piece]:
    """Each measure that is split by a group, at its latest term."""
    yes, others = (Compared("", COHORT, group.key(value)) for value in ("yes", OTHERS))
    both = Compared("", COHORT, pair(others.group, yes.group))
    pieces: list[Piece] = []
    for measure in measures_of(page):
        own, decimals = str(measure["id"]), int(measure.get("decimals", 1))
        for term in same_terms(page, own, "rate_gap", both)[:1]:
            rows = [
                page.values(who, *SOURCE, "rate_group", own, term, "rate") for who in (yes, others)
            ]
            if not all(rows):
                continue
            mine, theirs = (part(row, decimals) for row in rows if row)
            pieces += sentence(
                "- {measure}, {term}: {own}; all others {rest}.\n",
                measure=label_of(measure),
                term=escaped(page.terms[term]),
                own=mine,
                rest=theirs,
            )
    return pieces
