"""What a session pack says: slides, a handout and notes, of one unit's released results.

A session has five steps: why we are here, what was found, what we do well, what could be improved,
what next. Every sentence on results is that of page one (:mod:`.page_one`, :mod:`.key_findings`), so
that the pack and the report say the same; a slide without anything to say is not made.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from analysis.language import N_, gettext, sentence
from analysis.present import asked, key_findings, page_one, scales, school_audit
from analysis.present.count_words import Piece
from analysis.present.page import Page, part
from analysis.present.school_audit import RATING_WORDS
from analysis.present.shown import Figure, Part, Text, escaped, parts_of, text
from analysis.strands import RATINGS

WHY, FOUND, WELL, BETTER, NEXT = (
    N_("Why"),
    N_("What was found"),
    N_("What we do well"),
    N_("What could be improved"),
    N_("What next"),
)
#: As many questions are talked over.
QUESTIONS = 3
#: Asked where the results themselves raise fewer.
OF_A_SCHOOL = (
    N_("What here did you expect, and what surprises you?"),
    N_("Whose voice is missing from these results?"),
    N_("What is one thing that we do next, and who begins?"),
)
#: The same of a school of which no result is shown: of what all schools gave, and of being heard.
UNSHOWN = (
    N_("What was found in all schools: what of it do we see here, too?"),
    N_("Who has not been heard, and what would help them to answer next time?"),
    N_("What is one thing that we do next, and who begins?"),
)
OF_A_PROGRAMME = (
    N_("Which of these findings should change what is done next term?"),
    N_("What stands in the way, and who can move it?"),
    N_("What would have to be known to be surer?"),
)
#: Findings of the programme by what they are about: how their names begin.
MEASURED, TOLD, DONE = ("change", "norm", "groups", "level", "records"), ("said", "helped"), (
    "delivery", "plans"
)  # fmt: skip


@dataclass(frozen=True)
class Slide:
    """One slide: its step, its title in plain text, what it says, its charts, and what to rate.

    ``notes`` are for the speaker: how sure each number is.
    """

    id: str
    step: str
    title: str
    texts: tuple[Text, ...] = ()
    figures: tuple[Figure, ...] = ()
    rate: tuple[str, ...] = ()
    notes: tuple[Text, ...] = ()

    def parts(self) -> list[Part]:
        """Every number that it shows, its notes' included."""
        said = [each for told in (*self.texts, *self.notes) for each in parts_of(list(told.pieces))]
        return [*said, *(each for figure in self.figures for each in figure.parts)]


def slides(page: Page) -> list[Slide]:
    """The slides of a school's session, or of the steering group's: eight where there is so much."""
    made = _of_school(page) if page.is_school else _of_programme(page)
    title, *further = [each for each in made if each.texts or each.figures or each.rate]
    steps = dict.fromkeys(each.step for each in further)
    agenda = Text([f"{number}. {gettext(step)}\n" for number, step in enumerate(steps, 1)])
    return [replace(title, texts=(*title.texts, agenda)), *further]


def handout(page: Page) -> list[Slide]:
    """What stands on the handout: the same sentences, on one page."""
    found: tuple[tuple[str, Text | None], ...]
    if page.is_school:
        found = (
            (gettext("What stands out"), page_one.stands_out(page)),
            (gettext("What changed in the same people"), page_one.changed(page)),
            (gettext("What the programme found in all its schools"), page_one.programme(page)),
            (gettext("Our plan"), page_one.plan(page)),
            (gettext("Questions to talk over"), questions(page)),
            (gettext("How sure we are"), page_one.sure(page)),
        )
    else:
        every = key_findings.findings(page)
        told = [each for each in every.entries.values() if isinstance(each, Text)] if every else []
        found = (
            (gettext("What was found"), _list(told)),
            (gettext("How far this carries"), _after(
                key_findings.strengths(page), key_findings.cannot_show(page)
            )),
            (gettext("Questions to talk over"), questions(page)),
        )  # fmt: skip
    drawn = scales.scales(page)
    return [
        Slide(title, "", title, (said,), (drawn,) if drawn and not place else ())
        for place, (title, said) in enumerate(found) if said is not None
    ]  # fmt: skip


def questions(page: Page) -> Text | None:
    """Three questions: those that page one raises, and then some that fit any results."""
    raised = page_one.questions(page)
    lines = "".join(p for p in raised.pieces if isinstance(p, str)) if raised else ""
    own = [each.partition(". ")[2] for each in lines.splitlines() if each]
    further = OF_A_PROGRAMME
    if page.is_school:
        further = OF_A_SCHOOL if asked.shows_scores(page) else UNSHOWN
    chosen = [*own, *map(gettext, further)][:QUESTIONS]
    return text([f"{number}. {each}\n" for number, each in enumerate(chosen, 1)])


def _of_school(page: Page) -> Iterator[Slide]:
    study, name = page.study, str(page.school["name"])
    yield Slide(
        "title", "", name, (Text([f"{escaped(study.title)}: {escaped(study.edition.term)}"]),)
    )
    today = (
        gettext(
            "Today we look at what was found, say what we recognise, and choose what "
            "to do next. These are our school's own results."
        )
        if asked.shows_scores(page)
        else gettext(
            "No result of our own school can be shown. Today we look at what was "
            "found in all schools, say what we see here, too, and choose what to do "
            "next."
        )
    )
    yield _slide(
        page, "why", WHY, gettext("Why we are here: who answered"),
        Text([today]),
        page_one.answered(page),
    )  # fmt: skip
    standing = page_one.standing(page)
    apart = any(each.better for each in standing)
    charts = scales.by_survey(page)
    message = (
        Text([escaped(page_one.message(page, standing))]) if apart else page_one.stands_out(page)
    )
    yield _slide(
        page, "found", FOUND, gettext("What was found in our school"), message, figures=charts
    )
    changed = page_one.changed(page) if study.compares else None
    yield _slide(page, "changed", FOUND, gettext("What changed in the same people"), changed)
    yield _slide(page, "programme", FOUND, gettext("What the programme found in all its schools"),
                 page_one.programme(page))  # fmt: skip
    rated = school_audit.own_latest(page)
    best, *rest = RATINGS
    yield _slide(
        page,
        "well",
        WELL,
        gettext("What we do well"),
        page_one.ends(page, 1),
        _rated(rated, [best]),
    )
    yield _slide(page, "better", BETTER, gettext("What could be improved"), page_one.ends(page, -1),
                 _rated(rated, rest))  # fmt: skip
    yield _slide(
        page,
        "next",
        NEXT,
        gettext("What next: three questions"),
        page_one.plan(page),
        questions(page),
    )
    areas = school_audit.areas(page)
    if areas and study.file("whole_school_audit"):
        yield Slide(
            "rate",
            NEXT,
            gettext("Where are we now? Rate each area together"),
            rate=tuple(areas),
            notes=(
                Text(
                    [
                        gettext(
                            "In groups of people with different roles. Each group says for each area "
                            "which of the three words fits; then agree on one. The pack holds a "
                            "workbook for what was agreed: sent back, it is read as a re-audit."
                        )
                    ]
                ),
            ),
        )


def _of_programme(page: Page) -> Iterator[Slide]:
    study = page.study
    yield Slide(
        "title",
        "",
        study.title,
        (
            Text(
                [
                    gettext(
                        "For those who steer {programme}: {term}",
                        programme=escaped(study.programme),
                        term=escaped(study.edition.term),
                    )
                ]
            ),
        ),
    )
    yield _slide(
        page,
        "why",
        WHY,
        gettext("Why: what {programme} set out to do", programme=study.programme),
        _list([Text([escaped(each)]) for each in study.objectives]),
    )
    boxes = key_findings.in_short(page)
    answered = boxes.entries.get("design") if boxes else None
    yield _slide(
        page,
        "answered",
        WHY,
        gettext("Who answered"),
        answered if isinstance(answered, Text) else None,
    )
    every = key_findings.findings(page)
    found = {n: e for n, e in (every.entries if every else {}).items() if isinstance(e, Text)}
    for name, step, title, kinds in (
        ("measured", FOUND, gettext("What was measured"), MEASURED),
        ("told", FOUND, gettext("What people said"), TOLD),
        ("done", FOUND, gettext("What was done"), DONE),
    ):
        said = [each for key, each in found.items() if key.partition("-")[0] in kinds]
        yield _slide(page, name, step, title, _list(said), notes=[key_findings.strengths(page)])
    yield _slide(
        page,
        "carries",
        FOUND,
        gettext("How far this carries"),
        key_findings.strengths(page),
        key_findings.cannot_show(page),
    )
    yield _slide(page, "next", NEXT, gettext("What next: three questions"), questions(page))


def _slide(
    page: Page,
    name: str,
    step: str,
    title: str,
    *said: Text | None,
    figures: Sequence[Figure] = (),
    notes: Sequence[Text | None] = (),
) -> Slide:
    """A slide with its notes: how sure its numbers are, one by one."""
    texts = tuple(each for each in said if each is not None)
    further = [each for each in notes if each is not None]
    further += [Text([escaped(each.alt)]) for each in figures]
    if name in ("found", "changed") and (sure := page_one.sure(page, drawn=bool(figures))):
        further.append(sure)
    told = tuple(further) if texts or figures else ()
    return Slide(
        name, step, title, texts, tuple(figures), notes=(*_how_sure(page, texts), *told)
    )  # fmt: skip


def _how_sure(page: Page, texts: Sequence[Text]) -> Iterator[Text]:
    """Of the numbers said: the interval of each, and which are given without one."""
    seen: set[tuple[str, str]] = set()
    sure: list[Text] = []
    counted, bare = gettext("Counted"), gettext("Given without an interval")
    without: dict[str, list[Piece]] = {counted: [], bare: []}
    for number in (each for told in texts for each in parts_of(list(told.pieces))):
        if (number.unit, number.id) in seen or number.field != "value":
            continue
        seen.add((number.unit, number.id))
        row = page.rows[number.unit, number.id]
        unit = "%" if row["statistic"] == "percent" else ""
        if not pd.isna(row["ci_low"]):
            limits = [part(row, number.decimals, name) for name in ("ci_low", "ci_high")]
            said = sentence(
                "{number}: 95% interval {low} to {high}.",
                number=[number, unit],
                low=[limits[0], unit],
                high=[limits[1], unit],
            )
            sure.append(Text(["- ", *said, "\n"]))
            continue
        kind = counted if row["statistic"] == "count" else bare
        without[kind] += [", " if without[kind] else "", number, unit]
    yield from sure
    for kind, numbers in without.items():
        if numbers:
            yield Text([f"- {kind}: ", *numbers, ".\n"])


def _rated(rated: dict[str, list[str]], ratings: Sequence[str]) -> Text | None:
    """Areas that the school itself rated so, at its latest audit."""
    return text(
        [
            "- "
            + gettext(
                "**Our own rating, “{rating}”:** {areas}.",
                rating=gettext(RATING_WORDS[rating]).lower(),
                areas="; ".join(rated[rating]),
            )
            + "\n"
            for rating in ratings
            if rated[rating]
        ]
    )


def _list(said: Sequence[Text]) -> Text | None:
    """Texts as the entries of a list."""
    return text([piece for each in said for piece in ("- ", *each.pieces, "\n")])


def _after(*said: Text | None) -> Text | None:
    """Texts as paragraphs, one after the other."""
    return text([piece for each in said if each for piece in (*each.pieces, "\n\n")])
