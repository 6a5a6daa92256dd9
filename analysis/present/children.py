"""A page of a school's report for the children who answered: three results as pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Circle, Rectangle

from analysis.language import N_, gettext, sentence
from analysis.present import asked, figures
from analysis.present.count_words import Piece, number_word
from analysis.present.page import Page, part
from analysis.present.shown import Figure, Part, Text, escaped
from analysis.study import Survey

CHILDREN = "children"
#: Inches: the drawing, and one of its pictures with its words.
WIDTH, PICTURE = 4.4, 0.95
#: Of so many, how many answered is drawn.
OF = 10


@dataclass(frozen=True)
class Result:
    """One result: its words, its picture (so many of so many, or none), and its numbers.

    ``ends`` are the lowest and the highest score that there can be, where it is a score.
    """

    words: list[Piece]
    filled: float
    of: int
    numbers: list[Part]
    people: bool = False
    ends: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Its words without markup."""
        words = (p.text if isinstance(p, Part) else p for p in self.words)
        return "".join(words).replace("\\", "")


def surveys(page: Page) -> list[Survey]:
    """The surveys of children of which a school's page shows a score."""
    if not page.is_school:
        return []
    return [
        survey
        for survey in page.study.surveys
        if page.study.asked(survey).kind == CHILDREN and _scores(page, survey)
    ]


def results(page: Page, survey: Survey) -> list[Result]:
    """How many answered, and the highest and the lowest score of those that can be shown."""
    wave, found = page.study.followup, []
    rate = page.values(
        page.compared[0], survey.id, "survey", "response", "responded", wave, "percent"
    )
    if rate is not None:
        share = part(rate, 0)
        tenths = round(figures.plotted(share) / OF)
        if not tenths:
            answered = gettext("About fewer than one in ten of us answered.")
        elif tenths < OF:
            answered = gettext("About {number} in ten of us answered.", number=number_word(tenths))
        else:
            answered = gettext("Nearly all of us answered.")
        found.append(Result([answered], tenths, OF, [share], people=True))
    scores = _scores(page, survey)
    ends = (
        [("highest", scores[0]), ("lowest", scores[-1])] if len(scores) > 1 else [("", scores[0])]
    )
    for end, (name, row, decimals, (low, high)) in ends:
        score = part(row, min(decimals, 1))
        words = sentence(
            _end(end, len(scores)),
            scores=_how_many(len(scores)),
            scale=escaped(name),
            score=score,
            highest=f"{high:g}",
        )
        # From one end of the scale to the other: the lowest score is an empty bar.
        filled = (figures.plotted(score) - low) / (high - low) * OF
        found.append(Result(words, filled, OF, [score], ends=(f"{low:g}", f"{high:g}")))
    return found


def _end(end: str, scores: int) -> str:
    """What is said of the score at one end of so many: of two, one is the higher."""
    if not end:
        return N_("Our score for {scale} is {score} out of {highest}.")
    if scores == 2:
        return (
            N_("Of {scores}, the higher is for {scale}: {score} out of {highest}.")
            if end == "highest"
            else N_("Of {scores}, the lower is for {scale}: {score} out of {highest}.")
        )
    return (
        N_("Of {scores}, the highest is for {scale}: {score} out of {highest}.")
        if end == "highest"
        else N_("Of {scores}, the lowest is for {scale}: {score} out of {highest}.")
    )


def _how_many(scores: int) -> str:
    """How many scores, without a figure: two in a sentence are enough."""
    words = {10: N_("ten"), 11: N_("eleven"), 12: N_("twelve")}
    if scores < OF or scores in words:
        number = gettext(words[scores]) if scores in words else number_word(scores)
        return gettext("{number} scores", number=number)
    return gettext("all scores shown here")


def _scores(page: Page, survey: Survey) -> list[tuple[str, dict[str, Any], int, Any]]:
    """Scores on the range that most are on, from the highest: name, row, decimals and range.

    Only scores of which more is better, so that the highest is good news.
    """
    by_range: dict[tuple[float, float], list[tuple[str, dict[str, Any], int, Any]]] = {}
    for instrument, score in asked.scores_of(page, survey.instruments):
        found = page.instruments[instrument]
        at = (survey.id, instrument, "level", score, page.study.followup, "mean")
        row = page.values(None, *at)
        total = found.total and score == found.total.id
        if row is not None and found.higher_is_better(score) and not total:
            whole = found.score_range(score)
            entry = (asked.everyday(found, score), row, found.decimals(score), whole)
            by_range.setdefault(whole, []).append(entry)
    most = max(by_range.values(), key=len, default=[])
    return sorted(most, key=lambda entry: -entry[1]["value"])


def said(page: Page, survey: str) -> Text | None:
    """The results in words."""
    found = next((each for each in surveys(page) if each.id == survey), None)
    if found is None:
        return None
    pieces: list[Piece] = [
        gettext("This page is for you. It tells what you and others said."),
        "\n\n",
    ]
    for result in results(page, found):
        pieces.append("- ")
        pieces += [*result.words, "\n"]
    return Text(pieces)


def pictures(page: Page, survey: str) -> Figure | None:
    """The results as rows of ten: people for who answered, a bar for a score."""
    found = next((each for each in surveys(page) if each.id == survey), None)
    if found is None:
        return None
    shown = results(page, found)
    with figures.chart_style():
        canvas = Canvas(figsize=(WIDTH, PICTURE * len(shown)))
        axes = canvas.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, WIDTH), ylim=(0, PICTURE * len(shown)), aspect="equal")
        axes.set_axis_off()
        for place, result in enumerate(reversed(shown)):
            _picture(axes, place * PICTURE, result)
        svg = figures.as_svg(page, canvas, f"children-{survey}")
    told = " ".join(result.text for result in shown)
    return Figure(
        svg,
        f"{told} "
        + gettext(
            "A row of ten people, and bars from the lowest score that there can be to the highest, "
            "filled as far as the score goes."
        ),
        gettext("What {people} said", people=escaped(found.respondents)),
        parts=[number for result in shown for number in result.numbers],
    )


def _picture(axes: Any, y: float, result: Result) -> None:
    """One result: its words, and its picture below them."""
    axes.text(0.04, y + 0.46, figures.short_label(result.text, width=54), fontsize=11,
              va="bottom", color=figures.INK, linespacing=1.1)  # fmt: skip
    blue, pale = figures.SCHOOL.colour, figures.RULE
    if result.people:
        for place in range(result.of):
            colour = blue if place < result.filled else pale
            x = 0.2 + place * 0.42
            axes.add_patch(Circle((x, y + 0.34), 0.075, color=colour, linewidth=0))
            axes.add_patch(Rectangle((x - 0.1, y + 0.08), 0.2, 0.17, color=colour, linewidth=0))
        return
    whole = 0.42 * result.of
    axes.add_patch(Rectangle((0.04, y + 0.12), whole, 0.26, color=pale, linewidth=0))
    filled = whole * result.filled / result.of
    axes.add_patch(Rectangle((0.04, y + 0.12), filled, 0.26, color=blue, linewidth=0))
    for end, x, side in zip(result.ends, (0.04, 0.04 + whole), ("left", "right"), strict=False):
        axes.text(x, y + 0.1, end, fontsize=figures.SMALLEST, va="top", ha=side,
                  color=figures.INK)  # fmt: skip
