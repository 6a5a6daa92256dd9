"""The registry of questions: what is asked of the data, each said once.

A question is a named analysis: the function that answers it, what it needs, and the statistics that
it gives. Computing, releasing and showing go by what stands here. The ids of results are made by
:func:`key`, which knows the questions and their statistics, on the side that computes as on the side
that shows: a misspelt name fails there, it does not print a gap.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal, NamedTuple

#: What a question is asked of: each survey, the school records, what preparing counted, or
#: everything else there is.
Of = Literal["survey", "outcomes", "quality", "others"]


class Key(NamedTuple):
    """What one number is: the seven parts of its id in the ledger."""

    source: str
    instrument: str
    analysis: str
    measure: str
    wave: str
    group: str
    statistic: str

    @property
    def id(self) -> str:
        """The parts, joined by dots."""
        return ".".join(self).lower()


@dataclass(frozen=True)
class Question:
    """One analysis of the ledger.

    Parameters
    ----------
    name
        Its name in ids.
    asks
        The question, for readers and for documentation.
    function
        Module and name of the function that answers it, below ``analysis``.
    of
        What it is asked of.
    statistics
        The statistics that it gives; ``answer_*`` stands for all that begin so.
    pair
        Whether it needs two waves: with one wave so far it is not asked.
    shares
        Whether its percentages are shares of people, which add up to a whole: those of one
        item's answers, or of one attribute's values, are withheld together.
    others
        Whether what it says of a school rests on the answers of other schools, too.
    schools
        Whether it says something of each school by the answers of that school alone.
    whole
        Whether it is asked of a survey whole: of the people, or of all its instruments at once.
        Others are asked of each instrument by itself.
    """

    name: str
    asks: str
    function: str
    of: Of
    statistics: tuple[str, ...]
    pair: bool = False
    shares: bool = False
    others: bool = False
    schools: bool = False
    whole: bool = False

    def gives(self, statistic: str) -> bool:
        """Whether the question has a statistic of this name."""
        return statistic in self.statistics or any(
            each.endswith("*") and statistic.startswith(each[:-1]) for each in self.statistics
        )


def _survey(
    name: str,
    asks: str,
    function: str,
    statistics: str,
    *,
    pair: bool = False,
    shares: bool = False,
    others: bool = False,
    schools: bool = False,
    whole: bool = False,
) -> Question:
    where = f"statistics.{function}"
    given = tuple(statistics.split())
    return Question(name, asks, where, "survey", given, pair, shares, others, schools, whole)


def _other(name: str, asks: str, function: str, statistics: str, of: Of = "others") -> Question:
    return Question(name, asks, function, of, tuple(statistics.split()))


TESTED = "p p_plain f_plain"
SERIES = (
    "step trend bend p_step p_trend p_bend p_step_holm p_trend_holm p_bend_holm terms_before "
    "terms_after"
)
PAIRS = "difference difference_mixed p p_holm p_equivalence"

#: In the order in which they are computed.
QUESTIONS: tuple[Question, ...] = (
    _survey(
        "response", "Who was asked, and who answered?", "response:response",
        "count percent", schools=True, whole=True,
    ),
    _survey(
        "sample", "Who are the respondents?", "response:sample_description", "count percent",
        shares=True, whole=True,
    ),
    _survey(
        "attrition", "Do those who stayed differ from those who left?", "attrition:stayed",
        "chi2 cramers_v difference p smd t", pair=True, whole=True,
    ),
    _survey(
        "paired_weighted", "What is the change if those who stayed stand for all?",
        "attrition:weighted", "difference p", pair=True, whole=True,
    ),
    _survey(
        "level_weighted", "What is the level if schools count by their size?",
        "attrition:weighted", "mean", whole=True,
    ),
    _survey(
        "reference", "Are respondents like those they are to stand for?",
        "attrition:against_reference", "chi2 difference p population respondents smd", whole=True,
    ),
    _survey(
        "reliability", "Are the scales sound?", "reliability:scales",
        "alpha alpha_independent omega item_rest floor ceiling",
    ),
    _survey(
        "invariance", "Do items work alike over waves and between groups?", "invariance:items",
        "effect effect_uniform p p_holm",
    ),
    _survey(
        "answers", "Which answers do people give?", "distributions:answers",
        "answer_* skew_lowest skew_highest",
    ),
    _survey(
        "retest", "Do the same people score alike both times?", "distributions:retest", "r",
        pair=True,
    ),
    _survey(
        "level", "Where do scores stand?", "level:scores",
        "mean sd n deff difference_from_norm p_norm", schools=True,
    ),
    _survey(
        "this_year", "Where do this year's people stand, of whom the number is known?",
        "this_year:this_year", "mean", schools=True,
    ),
    _survey(
        "beside", "How does a school stand beside the others?", "beside:beside",
        "others difference p p_bh shrunken weight", others=True,
    ),
    _survey(
        "similar", "How does a school stand beside the others that are like it?",
        "beside:similar", "others difference p", others=True,
    ),
    _survey(
        "funnel", "Which schools lie further apart than chance puts them?", "beside:beside",
        "difference p_bh n spread", others=True,
    ),
    _survey("schools", "How did each school's level move?", "each_school:each_school", "mean"),
    _survey(
        "items", "What do people answer to each item?", "level:items",
        "mean favourable neutral unfavourable", shares=True, schools=True,
    ),
    _survey("rank", "Which scales stand highest?", "level:ranks", "rank"),
    _survey("rank_items", "Which items stand highest?", "level:ranks", "rank"),
    _survey(
        "paired", "What changed in the same people?", "change:paired",
        "n baseline_mean baseline_sd followup_mean followup_sd difference difference_schools "
        "difference_wild equivalence p p_clustered p_clustered_holm p_equivalence p_holm "
        "p_normality p_schools p_wilcoxon p_wild t df g d_av d_av_independent d_z "
        "d_z_independent", pair=True, schools=True,
    ),
    _survey(
        "items_change", "Which items changed in the same people?", "change:items",
        "difference p p_bh p_clustered p_clustered_bh t", pair=True,
    ),
    _survey(
        "reliable_change", "How many changed by more than measurement error?",
        "change:reliable", "improved unchanged worsened limit", pair=True, shares=True,
    ),
    _survey(
        "all_respondents", "How do all respondents of the two waves differ?",
        "change:all_respondents", "difference p", pair=True,
    ),
    _survey(
        "phases", "Do groups of schools differ in level?", "groups:phases",
        "difference p g",
    ),
    _survey(
        "phases_change", "Do groups of schools differ in change?", "groups:phases",
        "difference p g", pair=True,
    ),
    _survey(
        "gap", "How far does a group of people stand from all others?", "groups:gaps",
        "difference p p_holm g",
    ),
    _survey(
        "moderation_level", "Do groups differ in level?", "moderators:moderation", TESTED
    ),
    _survey(
        "moderation", "Do groups differ in change?", "moderators:moderation", TESTED, pair=True
    ),
    _survey(
        "ancova", "Do groups differ at follow-up, given the baseline?",
        "moderators:moderation", "p", pair=True,
    ),
    _survey(
        "moderation_pairs", "Which groups differ in change?", "moderators:moderation", PAIRS,
        pair=True,
    ),
    _survey(
        "ancova_pairs", "Which groups differ at follow-up, given the baseline?",
        "moderators:moderation", PAIRS, pair=True,
    ),
    _survey(
        "did", "Does change differ from that in schools that did not take part?",
        "comparison:difference", "difference p p_holm comparison", pair=True, whole=True,
    ),
    _survey(
        "dose", "Did people change more where more was delivered?", "dose:dose",
        "slope p p_holm", pair=True,
    ),
    _survey(
        "clustering", "How alike are people of one school?", "moderators:clustering", "icc deff"
    ),
    _survey(
        "over_time", "What changed by all answers of all waves?", "over_time:over_time",
        "difference p p_holm people school_variance person_variance residual_variance trend "
        "p_trend p_trend_holm", pair=True,
    ),
    _survey(
        "imputed", "What is the change with missing waves imputed?", "over_time:imputed",
        "difference missing people tipping", pair=True,
    ),
    _survey(
        "lowest", "What would the lowest schools have done had nothing happened?",
        "lowest:lowest", "lowest expected everybody schools", pair=True,
    ),
    _survey(
        "hidden", "How strong would another cause have to be?", "hidden:hidden",
        "e_value e_value_limit everybody half", pair=True,
    ),
    _survey(
        "detectable", "Which change would probably have been found?", "power:detectable",
        "points sd mdes mdes_holm", pair=True,
    ),
    _survey(
        "perceived", "What do respondents say has changed?", "perceived:perceived",
        "yes no dont_know", shares=True, whole=True,
    ),
    _survey(
        "same_code", "Does the change rest on how people were linked?", "quality:linking",
        "difference n_kept n_left_out", pair=True,
    ),
    _survey(
        "no_close_code", "Does the change rest on codes one character apart?",
        "quality:linking", "difference n_kept n_left_out", pair=True,
    ),
    _other(
        "rate", "What do school records show?", "statistics.outcomes:rates", "rate", "outcomes"
    ),
    _other(
        "rate_change", "How do records differ from those of a year before?",
        "statistics.outcomes:changes", "difference", "outcomes",
    ),
    _other(
        "rate_group", "What do records show of a group of children?", "statistics.outcomes:splits",
        "rate", "outcomes",
    ),
    _other(
        "rate_gap", "How far does a group of children stand from all others, by the records?",
        "statistics.outcomes:splits", "difference", "outcomes",
    ),
    _other(
        "rate_gap_change", "How does that gap differ from a year before?",
        "statistics.outcomes:splits", "difference", "outcomes",
    ),
    _other(
        "series", "What do records show before and after each school's start?",
        "statistics.series:series", SERIES, "outcomes",
    ),
    _other(
        "series_national", "And less the national series?", "statistics.series:series", SERIES,
        "outcomes",
    ),
    _other(
        "around_comparison", "And less what comparison schools did meanwhile?",
        "statistics.series:series", "difference", "outcomes",
    ),
    _other(
        "around", "And term by term from the start?", "statistics.series:series",
        "difference national", "outcomes",
    ),
    _other("quality", "How good are the data?", "statistics.quality:rows", "count percent n", "quality"),
    _other("quality", "How good are the tables?", "statistics.quality:tables", "count", "quality"),
    _other("quality", "How much is missing?", "statistics.quality:missing", "percent n", "quality"),
    _other("quality", "Which responses look careless?", "statistics.quality:flagged", "count", "quality"),
    _other("quality", "How were people found again?", "statistics.quality:links", "count percent", "quality"),
    _other(
        "count", "How many spoke of it, and in how many schools?", "qualitative.themes:themes",
        "people schools fewest",
    ),
    _other(
        "agreement", "Do coders agree?", "qualitative.coders:agreement",
        "agreement alpha kappa decisions",
    ),
    _other("answers", "What did facilitators answer?", "qualitative.facilitators:answers",
           "count percent"),
    _other("plans", "How many schools have a plan?", "qualitative.plans:plans", "plans"),
    _other("aims", "Which aims did schools choose?", "qualitative.plans:plans", "plans"),
    _other("areas", "Which areas do aims belong to?", "qualitative.plans:plans", "plans"),
    _other("leads", "Who leads the aims?", "qualitative.plans:plans", "aims"),
    _other("states", "How far have aims come?", "qualitative.plans:plans", "aims"),
    _other("moved", "Did aims move on?", "qualitative.plans:plans", "aims"),
    _other("together_themes", "Which themes come together?", "qualitative.occurrence:together",
           "people"),
    _other("together_codes", "Which codes come together?", "qualitative.occurrence:together",
           "people"),
    _other("together_passages", "Which codes are marked in the same passages?",
           "qualitative.occurrence:together", "people"),
    _other("saturation", "When was nothing new heard?", "qualitative.occurrence:saturation",
           "codes"),
    _other("check", "Does the codebook fit?", "qualitative.checks:checks", "count"),
    _other("discussion", "What did groups discuss?", "qualitative.discussions:focus_groups",
           "codes participants themes"),
    _other("codes", "What did people write?", "qualitative.discussions:open_answers",
           "count percent"),
    _other("readiness", "How do conditions and risks stand?", "qualitative.plans:readiness",
           "schools"),
    _other("audit", "How do schools rate themselves?", "statistics.school_audit:audit",
           "schools"),
    _other("needs", "Which needs were found?", "statistics.school_audit:needs", "count"),
    _other("sessions", "How much was delivered?", "statistics.delivery:sessions",
           "count minutes length schools none mean minutes_mean fewest most noted"),
    _other("attendance", "Whom did sessions reach?", "statistics.delivery:attendance",
           "invited attended missed percent minutes"),
    _other("leader", "Did leaders take part?", "statistics.delivery:leader", "count percent"),
    _other("feedback", "What did those who came say?", "statistics.delivery:feedback",
           "rated mean percent"),
    _other("adaptation", "Was it delivered as planned?", "statistics.delivery:adaptation",
           "planned full fewer planned_minutes as_long shorter"),
    _other("hours", "How many hours did it take?", "statistics.delivery:hours", "sum mean"),
    _other("cost", "What did it cost, for each school and child?", "statistics.delivery:costs",
           "sum mean lowest highest per_pupil own_per_pupil"),
    _other("flow", "How far do stories reach?", "qualitative.stories:stories",
           "reached ended"),
)  # fmt: skip

#: The analyses that say of a school what rests on other schools, too.
OVER_SCHOOLS = frozenset(each.name for each in QUESTIONS if each.others)
#: The analyses whose percentages are shares of people.
SHARES = tuple(dict.fromkeys(each.name for each in QUESTIONS if each.shares))


class UnknownQuestion(LookupError):
    """A number that no question gives: a misspelt name, a defect of whoever asks."""


@cache
def refuse_unknown(analysis: str, statistic: str) -> None:
    """Stop at an analysis or a statistic that is not registered."""
    named = [each for each in QUESTIONS if each.name == analysis.lower()]
    if not named:
        raise UnknownQuestion(f"there is no question '{analysis}' in analysis/questions.py")
    if not any(each.gives(statistic.lower()) for each in named):
        known = ", ".join(dict.fromkeys(s for each in named for s in each.statistics))
        raise UnknownQuestion(f"'{analysis}' gives no '{statistic}'; it gives {known}")


@cache
def gives(analysis: str, statistic: str) -> bool:
    """Whether a question of this name has such a statistic."""
    return any(each.name == analysis and each.gives(statistic) for each in QUESTIONS)


def key(
    source: str, instrument: str, analysis: str, measure: str, wave: str, group: str, statistic: str
) -> Key:
    """The key of one number.

    Raises
    ------
    UnknownQuestion
        If no question of this name gives such a statistic.
    """
    refuse_unknown(analysis, statistic)
    return Key(source, instrument, analysis, measure, wave, group, statistic)


def functions(of: Of, *, pair: bool, schools: bool = False) -> tuple[str, ...]:
    """The functions that answer what is asked of something, in order.

    ``pair`` says whether there are two waves to compare: without, functions that only answer
    questions about two waves are left out. ``schools``: only those that say something of each
    school by its own answers.
    """
    asked = [each for each in QUESTIONS if each.of == of and (pair or not each.pair)]
    return tuple(dict.fromkeys(each.function for each in asked if each.schools or not schools))


def of_whole(function: str) -> bool:
    """Whether a function is asked of a survey whole, not of each instrument by itself."""
    return any(each.whole for each in QUESTIONS if each.function == function)


def over_schools(function: str) -> bool:
    """Whether a function says of schools what rests on other schools, too."""
    return any(each.others for each in QUESTIONS if each.function == function)
