"""Tables of the whole-school audit and of the needs that schools identified.

Areas, needs and levels are named by the study's codebook: :mod:`.codebook`. Where schools rated
nothing, or counted no needs, there is nothing to show (``None``).
"""

from __future__ import annotations

from analysis.language import N_, gettext
from analysis.present import codebook as names
from analysis.present.count_words import Piece
from analysis.present.page import Compared, Page, part
from analysis.present.shown import Cell, Table, Text, escaped, table, text
from analysis.results import COHORT, pair
from analysis.strands import RATINGS, REVIEWS

AT = ("action_plans", "framework_audit", "audit")
NEEDS = ("outcomes", "needs", "needs")
RATING_WORDS = dict(
    zip(
        RATINGS,
        (N_("Doing well"), N_("Could be improved"), N_("Needs improving")),
        strict=True,
    )
)
REVIEW_WORDS = dict(zip(REVIEWS, (N_("baseline"), N_("re-audit")), strict=True))
CHANGES = {"better": N_("Better"), "same": N_("The same"), "worse": N_("Worse")}


def audit(page: Page) -> Table | None:
    """Schools by their rating of each framework area, at baseline and re-audit."""
    rows: list[list[Cell]] = []
    for area, label in _areas(page):
        for review in REVIEWS:
            first = page.row(Compared("", COHORT, RATINGS[0]), *AT, area, review, "schools")
            if first is None:
                continue
            row: list[Cell] = [escaped(label), gettext(REVIEW_WORDS[review])]
            row += [
                page.number(Compared("", COHORT, rating), *AT, area, review, "schools", decimals=0)
                for rating in RATINGS
            ]
            rows.append([*row, part(first, 0, "denominator")])
    reviewed = {str(row[1]) for row in rows}
    return table(
        [
            gettext("Area"),
            gettext("Review"),
            *map(gettext, RATING_WORDS.values()),
            gettext("Schools"),
        ],
        rows,
        widths=[36, 12, 13, 17, 17, 11],
        caption=gettext("Whole-school audit: schools by their own rating of each area"),
        text_columns=2,
        note=gettext("Schools rated themselves. Not every school has been audited again.")
        if len(reviewed) > 1
        else gettext("Schools rated themselves."),
    )


def audit_changes(page: Page) -> Table | None:
    """Schools whose rating of an area is better, the same or worse at re-audit."""
    rows: list[list[Cell]] = []
    for area, label in _areas(page):
        at = (*AT, area, pair(*REVIEWS), "schools")
        base = page.row(Compared("", COHORT, "better"), *at)
        if base is None:
            continue
        row: list[Cell] = [escaped(label)]
        row += [page.number(Compared("", COHORT, name), *at, decimals=0) for name in CHANGES]
        rows.append([*row, part(base, 0, "denominator")])
    return table(
        [gettext("Area"), *map(gettext, CHANGES.values()), gettext("Schools")],
        rows,
        widths=[40, 12, 12, 12, 12],
        caption=gettext("Whole-school audit: schools whose rating changed"),
        note=gettext(
            "Of the schools that rated the area both times. Ratings are ranks, so schools are "
            "counted and no mean is taken."
        ),
    )


def own_audit(page: Page) -> Table | None:
    """A school's own ratings, at baseline and re-audit."""
    rows: list[list[Cell]] = []
    for area, label in _areas(page) if page.is_school else ():
        given = [_own_rating(page, area, review) for review in REVIEWS]
        if any(given):
            rows.append(
                [
                    escaped(label),
                    *(
                        gettext(RATING_WORDS[rating]).lower() if rating else gettext("not rated")
                        for rating in given
                    ),
                ]
            )
    return table(
        [gettext("Area"), *(gettext(words).capitalize() for words in REVIEW_WORDS.values())],
        rows,
        widths=[40, 22, 22],
        caption=gettext("This school's own audit ratings"),
        text_columns=3,
    )


def own_said(page: Page) -> Text | None:
    """A school's own ratings in a few lines: the latest, and what came out better or worse."""
    moved: dict[str, list[str]] = {"better": [], "worse": []}
    order = list(RATING_WORDS)
    for area, label in _areas(page) if page.is_school else ():
        given = [rated for review in REVIEWS if (rated := _own_rating(page, area, review))]
        if not given:
            continue
        way = order.index(given[0]) - order.index(given[-1])
        if way:
            moved["better" if way > 0 else "worse"].append(escaped(label))
    pieces: list[Piece] = [
        f"- **{gettext(RATING_WORDS[rating])}:** {'; '.join(labels)}.\n"
        for rating, labels in own_latest(page).items()
        if labels
    ]
    ways = {
        "better": gettext("Rated better than the first time"),
        "worse": gettext("Rated worse than the first time"),
    }
    pieces += [f"- **{ways[way]}:** {'; '.join(areas)}.\n" for way, areas in moved.items() if areas]
    return text(pieces)


def own_latest(page: Page) -> dict[str, list[str]]:
    """Labels of the areas that a school rated, by its latest rating; as Markdown."""
    found: dict[str, list[str]] = {rating: [] for rating in RATINGS}
    names_of = labels(page)
    for area, rating in own_ratings(page).items():
        found[rating].append(escaped(names_of[area]))
    return found


def own_ratings(page: Page) -> dict[str, str]:
    """A school's latest rating of each area that it rated, by the area's id."""
    found: dict[str, str] = {}
    for area, _ in _areas(page) if page.is_school else ():
        given = [rated for review in REVIEWS if (rated := _own_rating(page, area, review))]
        if given:
            found[area] = given[-1]
    return found


def labels(page: Page) -> dict[str, str]:
    """Labels of the areas that schools rate, by their ids."""
    return dict(_areas(page))


def areas(page: Page) -> list[str]:
    """Labels of the areas that the study's schools rate; as Markdown."""
    return [escaped(label) for _, label in _areas(page)]


def own_state(page: Page) -> Text | None:
    """That no ratings of a school were sent, where others' were."""
    if not page.is_school or page.study.file("whole_school_audit") is None or own_audit(page):
        return None
    return Text(
        [
            gettext(
                "No ratings of this school from a whole-school audit were sent to the evaluation."
            )
        ]
    )


def needs(page: Page) -> Table | None:
    """Identified needs by level of support, over all schools that counted them."""
    if not counts_needs(page):
        return None
    levels = _levels(page)
    rows: list[list[Cell]] = []
    for need, label in _needs(page):
        row: list[Cell] = [escaped(label)]
        for level, _ in levels:
            at = (*NEEDS, need, level, "count")
            row.append(page.number(Compared("All", COHORT, "all"), *at, decimals=0))
        rows.append(row)
    return table(
        [gettext("Need"), *(escaped(label) for _, label in levels)],
        rows,
        widths=[36] + [16] * len(levels),
        caption=gettext("Needs that schools identified: {levels}", levels=levels_label(page)),
        note=gettext(
            "Sums of the counts that schools gave; one of the {children} may have several needs.",
            children=escaped(page.study.children.noun),
        ),
    )


def counts_needs(page: Page) -> bool:
    """Whether the study counts needs at all."""
    return any(
        page.row(Compared("All", COHORT, "all"), *NEEDS, need, level, "count") is not None
        for need, _ in _needs(page)
        for level, _ in _levels(page)
    )


def levels_label(page: Page) -> str:
    """What the levels of need are called in the study, for captions; "levels of support" if not."""
    return escaped(names.label(page, "needs", gettext("levels of support")))


def own_needs(page: Page) -> Text | None:
    """What a school's report says of needs: that they are counted for the programme only."""
    if not page.is_school or not counts_needs(page):
        return None
    return Text(
        [
            gettext(
                "How many {children} have which needs is counted over all schools only. In one "
                "school the numbers would be small enough to point at somebody.",
                children=escaped(page.study.children.noun),
            )
        ]
    )


def _own_rating(page: Page, area: str, review: str) -> str:
    """The school's rating of an area; nothing if it is not shown."""
    for rating in RATINGS:
        if page.shows(Compared("", page.unit, rating), *AT, area, review, "schools"):
            return rating
    return ""


def _listed(
    page: Page, key: str, kind: str, at: tuple[str, str, str], place: int
) -> list[tuple[str, str]]:
    """Ids and labels from the codebook; where it lists none, those that have results.

    ``place`` is their place among the parts of ids. What the codebook lists is all there is:
    anything else is refused when the tables are read.
    """
    listed = names.listed(page, key, kind)
    if not listed:
        ids = [
            identity.split(".") for _, identity in page.rows if identity.startswith(".".join(at))
        ]
        listed = names.listed(page, key, kind, found=[parts[place] for parts in ids])
    return list(listed.items())


def _areas(page: Page) -> list[tuple[str, str]]:
    return _listed(page, "audit", "areas", AT, 3)


def _needs(page: Page) -> list[tuple[str, str]]:
    return _listed(page, "needs", "needs", NEEDS, 3)


def _levels(page: Page) -> list[tuple[str, str]]:
    return _listed(page, "needs", "levels", NEEDS, 4)
