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

from analysis.language import N_

#: What a question is asked of: each survey, the school records, what preparing counted, or
#: everything else there is.
Of = Literal["survey", "outcomes", "quality", "others"]
#: Which waves a question of a survey looks at: each by itself, the baseline or the follow-up alone,
#: the two that are compared, or all of them at once.
Waves = Literal["each", "baseline", "followup", "pair", "all"]
#: What it may look at beside the answers of these waves, what is known of schools, and who answered.
Beside = Literal["comparison", "links", "reference_population", "sessions", "wave_dates"]


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
    items
        Whether it looks at answers to items, and not only at scores and at who answered.
    waves
        Which waves it looks at. Of others it sees nothing, so that an answer there moves nothing of
        it, nor does a new wave.
    beside
        What it looks at beside the survey's answers: the same holds.
    long
        Whether it takes long: then it is computed by itself, and before the others.
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
    items: bool = False
    waves: tuple[Waves, ...] = ("all",)
    beside: tuple[Beside, ...] = ()
    long: bool = False

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
    items: bool = False,
    waves: tuple[Waves, ...] = (),
    beside: tuple[Beside, ...] = (),
    long: bool = False,
) -> Question:
    where = f"statistics.{function}"
    given = tuple(statistics.split())
    looks_at = waves or (("pair",) if pair else ("each",))
    return Question(
        name, asks, where, "survey", given, pair, shares, others, schools, whole, items, looks_at,
        beside, long,
    )  # fmt: skip


def _other(
    name: str, asks: str, function: str, statistics: str, of: Of = "others", *, long: bool = False
) -> Question:
    return Question(name, asks, function, of, tuple(statistics.split()), long=long)


TESTED = "p p_plain f_plain"
SERIES = (
    "step trend bend p_step p_trend p_bend p_step_holm p_trend_holm p_bend_holm terms_before "
    "terms_after"
)
PAIRS = "difference difference_mixed p p_holm p_equivalence"

#: In the order in which they are computed.
QUESTIONS: tuple[Question, ...] = (
    _survey(
        "response", N_("Who was asked, and who answered?"), "response:response",
        "count percent", schools=True, whole=True, waves=("each", "pair"),
    ),
    _survey(
        "sample", N_("Who are the respondents?"), "response:sample_description", "count percent",
        shares=True, whole=True, waves=("all",),
    ),
    _survey(
        "attrition", N_("Do those who stayed differ from those who left?"), "attrition:stayed",
        "chi2 cramers_v difference p smd t", pair=True, whole=True,
    ),
    _survey(
        "paired_weighted", N_("What is the change if those who stayed stand for all?"),
        "attrition:weighted", "difference p", pair=True, whole=True,
    ),
    _survey(
        "level_weighted", N_("What is the level if schools count by their size?"),
        "attrition:weighted", "mean", whole=True,
    ),
    _survey(
        "reference", N_("Are respondents like those they are to stand for?"),
        "attrition:against_reference", "chi2 difference p population respondents smd", whole=True,
        waves=("baseline",), beside=("reference_population",),
    ),
    _survey(
        "reliability", N_("Are the scales sound?"), "reliability:scales",
        "alpha alpha_independent omega item_rest floor ceiling", items=True, long=True,
    ),
    _survey(
        "invariance", N_("Do items work alike over waves and between groups?"), "invariance:items",
        "effect effect_uniform p p_holm", items=True, waves=("pair",), long=True,
    ),
    _survey(
        "answers", N_("Which answers do people give?"), "distributions:answers",
        "answer_* skew_lowest skew_highest", items=True,
    ),
    _survey(
        "retest", N_("Do the same people score alike both times?"), "distributions:retest", "r",
        pair=True,
    ),
    _survey(
        "level", N_("Where do scores stand?"), "level:scores",
        "mean sd n deff difference_from_norm p_norm", schools=True,
    ),
    _survey(
        "this_year", N_("Where do this year's people stand, of whom the number is known?"),
        "this_year:this_year", "mean", schools=True,
    ),
    _survey(
        "beside", N_("How does a school stand beside the others?"), "beside:beside",
        "others difference p p_bh shrunken weight", others=True, waves=("followup",),
    ),
    _survey(
        "similar", N_("How does a school stand beside the others that are like it?"),
        "beside:similar", "others difference p", others=True, waves=("followup",),
    ),
    _survey(
        "funnel", N_("Which schools lie further apart than chance puts them?"), "beside:beside",
        "difference p_bh n spread", others=True, waves=("followup",),
    ),
    _survey(
        "schools", N_("How did each school's level move?"), "each_school:each_school", "mean",
        waves=("all",),
    ),
    _survey(
        "items", N_("What do people answer to each item?"), "level:items",
        "mean favourable neutral unfavourable", shares=True, schools=True, items=True,
    ),
    _survey("rank", N_("Which scales stand highest?"), "level:ranks", "rank", items=True),
    _survey("rank_items", N_("Which items stand highest?"), "level:ranks", "rank", items=True),
    _survey(
        "paired", N_("What changed in the same people?"), "change:paired",
        "n baseline_mean baseline_sd followup_mean followup_sd difference difference_schools "
        "difference_wild equivalence p p_clustered p_clustered_holm p_equivalence p_holm "
        "p_normality p_schools p_wilcoxon p_wild t df g d_av d_av_independent d_z "
        "d_z_independent", pair=True, schools=True, long=True,
    ),
    _survey(
        "items_change", N_("Which items changed in the same people?"), "change:items",
        "difference p p_bh p_clustered p_clustered_bh t", pair=True, items=True,
    ),
    _survey(
        "reliable_change", N_("How many changed by more than measurement error?"),
        "change:reliable", "improved unchanged worsened limit", pair=True, shares=True, items=True,
    ),
    _survey(
        "all_respondents", N_("How do all respondents of the two waves differ?"),
        "change:all_respondents", "difference p", pair=True,
    ),
    _survey(
        "phases", N_("Do groups of schools differ in level?"), "groups:phases",
        "difference p g",
    ),
    _survey(
        "phases_change", N_("Do groups of schools differ in change?"), "groups:phases",
        "difference p g", pair=True,
    ),
    _survey(
        "gap", N_("How far does a group of people stand from all others?"), "groups:gaps",
        "difference p p_holm g",
    ),
    _survey(
        "moderation_level", N_("Do groups differ in level?"), "moderators:moderation", TESTED,
        items=True, long=True,
    ),
    _survey(
        "moderation", N_("Do groups differ in change?"), "moderators:moderation", TESTED, pair=True, items=True
    ),
    _survey(
        "ancova", N_("Do groups differ at follow-up, given the baseline?"),
        "moderators:moderation", "p", pair=True, items=True,
    ),
    _survey(
        "moderation_pairs", N_("Which groups differ in change?"), "moderators:moderation", PAIRS,
        pair=True, items=True,
    ),
    _survey(
        "ancova_pairs", N_("Which groups differ at follow-up, given the baseline?"),
        "moderators:moderation", PAIRS, pair=True, items=True,
    ),
    _survey(
        "did", N_("Does change differ from that in schools that did not take part?"),
        "comparison:difference", "difference p p_holm comparison", pair=True, whole=True,
        beside=("comparison",),
    ),
    _survey(
        "dose", N_("Did people change more where more was delivered?"), "dose:dose",
        "slope p p_holm", pair=True, beside=("sessions",),
    ),
    _survey(
        "clustering", N_("How alike are people of one school?"), "moderators:clustering", "icc deff",
        waves=("each", "pair"),
    ),
    _survey(
        "over_time", N_("What changed by all answers of all waves?"), "over_time:over_time",
        "difference p p_holm people school_variance person_variance residual_variance trend "
        "p_trend p_trend_holm", pair=True, waves=("all",), beside=("wave_dates",), long=True,
    ),
    _survey(
        "imputed", N_("What is the change with missing waves imputed?"), "over_time:imputed",
        "difference missing people tipping", pair=True, long=True,
    ),
    _survey(
        "lowest", N_("What would the lowest schools have done had nothing happened?"),
        "lowest:lowest", "lowest expected everybody schools", pair=True,
    ),
    _survey(
        "hidden", N_("How strong would another cause have to be?"), "hidden:hidden",
        "e_value e_value_limit everybody half", pair=True,
    ),
    _survey(
        "detectable", N_("Which change would probably have been found?"), "power:detectable",
        "points sd mdes mdes_holm", pair=True,
    ),
    _survey(
        "perceived", N_("What do respondents say has changed?"), "perceived:perceived",
        "yes no dont_know", shares=True, whole=True,
    ),
    _survey(
        "same_code", N_("Does the change rest on how people were linked?"), "quality:linking",
        "difference n_kept n_left_out", pair=True, beside=("links",),
    ),
    _survey(
        "no_close_code", N_("Does the change rest on codes one character apart?"),
        "quality:linking", "difference n_kept n_left_out", pair=True, beside=("links",),
    ),
    _other(
        "rate", N_("What do school records show?"), "statistics.outcomes:rates", "rate", "outcomes"
    ),
    _other(
        "rate_change", N_("How do records differ from those of a year before?"),
        "statistics.outcomes:changes", "difference", "outcomes", long=True,
    ),
    _other(
        "rate_group", N_("What do records show of a group of children?"), "statistics.outcomes:splits",
        "rate", "outcomes",
    ),
    _other(
        "rate_gap", N_("How far does a group of children stand from all others, by the records?"),
        "statistics.outcomes:splits", "difference", "outcomes",
    ),
    _other(
        "rate_gap_change", N_("How does that gap differ from a year before?"),
        "statistics.outcomes:splits", "difference", "outcomes",
    ),
    _other(
        "series", N_("What do records show before and after each school's start?"),
        "statistics.series:series", SERIES, "outcomes", long=True,
    ),
    _other(
        "series_national", N_("And less the national series?"), "statistics.series:series", SERIES,
        "outcomes",
    ),
    _other(
        "around_comparison", N_("And less what comparison schools did meanwhile?"),
        "statistics.series:series", "difference", "outcomes",
    ),
    _other(
        "around", N_("And term by term from the start?"), "statistics.series:series",
        "difference national", "outcomes",
    ),
    _other("quality", N_("How good are the data?"), "statistics.quality:rows", "count percent n", "quality"),
    _other("quality", N_("How good are the tables?"), "statistics.quality:tables", "count", "quality"),
    _other("quality", N_("How much is missing?"), "statistics.quality:missing", "percent n", "quality"),
    _other("quality", N_("Which responses look careless?"), "statistics.quality:flagged", "count", "quality"),
    _other("quality", N_("How were people found again?"), "statistics.quality:links", "count percent", "quality"),
    _other(
        "count", N_("How many spoke of it, and in how many schools?"), "qualitative.themes:themes",
        "people schools fewest", long=True,
    ),
    _other(
        "agreement", N_("Do coders agree?"), "qualitative.coders:agreement",
        "agreement alpha kappa decisions",
    ),
    _other("answers", N_("What did facilitators answer?"), "qualitative.facilitators:answers",
           "count percent"),
    _other("plans", N_("How many schools have a plan?"), "qualitative.plans:plans", "plans"),
    _other("aims", N_("Which aims did schools choose?"), "qualitative.plans:plans", "plans"),
    _other("areas", N_("Which areas do aims belong to?"), "qualitative.plans:plans", "plans"),
    _other("leads", N_("Who leads the aims?"), "qualitative.plans:plans", "aims"),
    _other("states", N_("How far have aims come?"), "qualitative.plans:plans", "aims"),
    _other("moved", N_("Did aims move on?"), "qualitative.plans:plans", "aims"),
    _other("together_themes", N_("Which themes come together?"), "qualitative.occurrence:together",
           "people"),
    _other("together_codes", N_("Which codes come together?"), "qualitative.occurrence:together",
           "people"),
    _other("together_passages", N_("Which codes are marked in the same passages?"),
           "qualitative.occurrence:together", "people"),
    _other("saturation", N_("When was nothing new heard?"), "qualitative.occurrence:saturation",
           "codes"),
    _other("check", N_("Does the codebook fit?"), "qualitative.checks:checks", "count"),
    _other("discussion", N_("What did groups discuss?"), "qualitative.discussions:focus_groups",
           "codes participants themes"),
    _other("codes", N_("What did people write?"), "qualitative.discussions:open_answers",
           "count percent"),
    _other("readiness", N_("How do conditions and risks stand?"), "qualitative.plans:readiness",
           "schools"),
    _other("audit", N_("How do schools rate themselves?"), "statistics.school_audit:audit",
           "schools"),
    _other("needs", N_("Which needs were found?"), "statistics.school_audit:needs", "count"),
    _other("sessions", N_("How much was delivered?"), "statistics.delivery:sessions",
           "count minutes length schools none mean minutes_mean fewest most noted"),
    _other("attendance", N_("Whom did sessions reach?"), "statistics.delivery:attendance",
           "invited attended missed percent minutes"),
    _other("leader", N_("Did leaders take part?"), "statistics.delivery:leader", "count percent"),
    _other("feedback", N_("What did those who came say?"), "statistics.delivery:feedback",
           "rated mean percent"),
    _other("adaptation", N_("Was it delivered as planned?"), "statistics.delivery:adaptation",
           "planned full fewer planned_minutes as_long shorter"),
    _other("hours", N_("How many hours did it take?"), "statistics.delivery:hours", "sum mean"),
    _other("cost", N_("What did it cost, for each school and child?"), "statistics.delivery:costs",
           "sum mean lowest highest per_pupil own_per_pupil"),
    _other("flow", N_("How far do stories reach?"), "qualitative.stories:stories",
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


def functions(of: Of, *, pair: bool = True, schools: bool = False) -> tuple[str, ...]:
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


def of_items(function: str) -> bool:
    """Whether a function looks at answers to items, and not only at scores and at who answered."""
    return any(each.items for each in QUESTIONS if each.function == function)


def waves(function: str) -> frozenset[Waves]:
    """Which waves a function looks at, for one of its questions or another."""
    return frozenset(w for each in QUESTIONS if each.function == function for w in each.waves)


def beside(function: str) -> frozenset[Beside]:
    """What a function looks at beside the answers to its survey."""
    return frozenset(b for each in QUESTIONS if each.function == function for b in each.beside)


def takes_long(function: str) -> bool:
    """Whether a function is computed by itself, and before the others."""
    return any(each.long for each in QUESTIONS if each.function == function)
