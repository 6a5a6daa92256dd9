"""Tables of the whole-school audit and of the needs that schools identified.

Areas, needs and levels are named by the study's codebook: :mod:`.codebook`. Where schools rated
nothing, or counted no needs, there is nothing to show (``None``).
"""

from __future__ import annotations

from analysis.present import codebook as names
from analysis.present.page import Compared, Page, part
from analysis.present.shown import Cell, Table, Text, escaped, table
from analysis.results import COHORT, pair
from analysis.strands import RATINGS, REVIEWS

AT = ("action_plans", "framework_audit", "audit")
NEEDS = ("outcomes", "needs", "needs")
RATING_WORDS = dict(
    zip(RATINGS, ("Doing well", "Could be improved", "Needs improving"), strict=True)
)
REVIEW_WORDS = dict(zip(REVIEWS, ("baseline", "re-audit"), strict=True))
CHANGES = {"better": "Better", "same": "The same", "worse": "Worse"}


def audit(page: Page) -> Table | None:
    """Schools by their rating of each framework area, at baseline and re-audit."""
    rows: list[list[Cell]] = []
    for area, label in _areas(page):
        for review in REVIEWS:
            first = page.row(Compared("", COHORT, RATINGS[0]), *AT, area, review, "schools")
            if first is None:
                continue
            row: list[Cell] = [escaped(label), REVIEW_WORDS[review]]
            row += [
                page.number(Compared("", COHORT, rating), *AT, area, review, "schools", decimals=0)
                for rating in RATINGS
            ]
            rows.append([*row, part(first, 0, "denominator")])
    reviewed = {str(row[1]) for row in rows}
    return table(
        ["Area", "Review", *RATING_WORDS.values(), "Schools"],
        rows,
        widths=[36, 12, 13, 17, 17, 11],
        caption="Whole-school audit: schools by their own rating of each area",
        text_columns=2,
        note="Schools rated themselves."
        + (" Not every school has been audited again." if len(reviewed) > 1 else ""),
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
        ["Area", *CHANGES.values(), "Schools"],
        rows,
        widths=[40, 12, 12, 12, 12],
        caption="Whole-school audit: schools whose rating changed",
        note="Of the schools that rated the area both times. Ratings are ranks, so schools are "
        "counted and no mean is taken.",
    )


def own_audit(page: Page) -> Table | None:
    """A school's own ratings, at baseline and re-audit."""
    rows: list[list[Cell]] = []
    for area, label in _areas(page) if page.is_school else ():
        given = [_own_rating(page, area, review) for review in REVIEWS]
        if any(given):
            rows.append([escaped(label), *(words or "not rated" for words in given)])
    return table(
        ["Area", *(words.capitalize() for words in REVIEW_WORDS.values())],
        rows,
        widths=[40, 22, 22],
        caption="This school's own audit ratings",
        text_columns=3,
    )


def own_latest(page: Page) -> dict[str, list[str]]:
    """Labels of the areas that a school rated, by its latest rating; as Markdown."""
    found: dict[str, list[str]] = {rating: [] for rating in RATINGS}
    words = {text.lower(): rating for rating, text in RATING_WORDS.items()}
    for area, label in _areas(page) if page.is_school else ():
        given = [rated for review in REVIEWS if (rated := _own_rating(page, area, review))]
        if given:
            found[words[given[-1]]].append(escaped(label))
    return found


def areas(page: Page) -> list[str]:
    """Labels of the areas that the study's schools rate; as Markdown."""
    return [escaped(label) for _, label in _areas(page)]


def own_state(page: Page) -> Text | None:
    """That no ratings of a school were sent, where others' were."""
    if not page.is_school or page.study.file("whole_school_audit") is None or own_audit(page):
        return None
    return Text(
        ["No ratings of this school from a whole-school audit were sent to the evaluation."]
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
        ["Need", *(escaped(label) for _, label in levels)],
        rows,
        widths=[36] + [16] * len(levels),
        caption=f"Needs that schools identified: {levels_label(page)}",
        note="Sums of the counts that schools gave; one of the "
        f"{escaped(page.study.children.noun)} may have several needs.",
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
    return escaped(names.label(page, "needs", "levels of support"))


def own_needs(page: Page) -> Text | None:
    """What a school's report says of needs: that they are counted for the programme only."""
    if not page.is_school or not counts_needs(page):
        return None
    return Text(
        [f"How many {escaped(page.study.children.noun)} have which needs is counted over all schools only. In one school the "
         "numbers would be small enough to point at somebody."]
    )  # fmt: skip


def _own_rating(page: Page, area: str, review: str) -> str:
    for rating, words in RATING_WORDS.items():
        if page.shows(Compared("", page.unit, rating), *AT, area, review, "schools"):
            return words.lower()
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
