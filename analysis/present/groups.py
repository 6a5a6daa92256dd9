"""For whom did it differ: groups of people and of schools set beside each other.

Each function takes a page, a survey and its instruments; the characteristics that people are
compared by, with their groups, come from :func:`analysis.present.asked.groupings`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from analysis.language import N_, gettext, listed, listed_pieces, ngettext, sentence
from analysis.present import survey_findings, verdict
from analysis.present.asked import (
    Grouping,
    at_wave,
    caption,
    characteristic,
    group_label,
    groupings,
    scores_of,
)
from analysis.present.finding import Finding, Piece, trimmed
from analysis.present.invariance import between as between_groups_of
from analysis.present.invariance import cautions
from analysis.present.page import Compared, Page, in_order, part
from analysis.present.shown import Cell, Each, Table, Text, each, escaped, table, text
from analysis.present.tables import MOST_GROUPS, normed
from analysis.results import COHORT, OTHERS, pair
from analysis.study import Group, Survey
from analysis.words import inside, slug


def moderators(page: Page, survey: str, *instruments: str, level: bool = False) -> Table | None:
    """Whether change (or the level at follow-up) differs between groups, for each characteristic.

    Characteristics that reviewers ask for and that cannot be tested are named below the table.
    """
    analysis = "moderation_level" if level else "moderation"
    wave = page.study.followup if level else page.waves
    names = _moderators(page, survey, instruments, analysis, wave)
    rows: list[list[Cell]] = []
    for instrument, score in scores_of(page, instruments) if names else ():
        row: list[Cell] = [escaped(page.instruments[instrument].score_label(score))]
        for name in names:
            at = (survey, instrument, analysis, score, wave, "p")
            row.append(page.p_value(Compared("", COHORT, name), *at))
        rows.append(row)
    note = gettext(
        N_(
            "p of a level that differs between the groups, by wild cluster bootstrap over schools, "
            "not corrected for the number of tests. A large p is not evidence that groups are "
            "alike."
        )
        if level
        else N_(
            "p of a change that differs between the groups, by wild cluster bootstrap over "
            "schools, not corrected for the number of tests. A large p is not evidence that "
            "groups are alike."
        )
    )
    lacking = [
        characteristic(page, name) for name in _characteristics(page, survey) if name not in names
    ]
    if lacking:
        note += " " + gettext(
            "Not tested, or not shown: {characteristics}, which the survey did not ask, to which "
            "too few gave a second answer, or which would give away what few people said.",
            characteristics=listed(lacking).lower(),
        )
    return table(
        [gettext("Scale"), *(characteristic(page, name) for name in names)],
        rows,
        widths=[28, *[12] * len(names)],
        caption=caption(
            page,
            survey,
            what=gettext("tests of whether levels at follow-up differ between groups")
            if level
            else gettext("tests of whether change differs between groups"),
        ),
        note=note,
    )


def compared(
    page: Page,
    survey: str,
    *instruments: str,
    level: bool = False,
    by: Sequence[Grouping] | None = None,
) -> Each | None:
    """Each group's own change (or level at follow-up), and whether they differ, by characteristic.

    The simple effects beside the test of the interaction and, for change, what the intervals and
    the equivalence tests of the groups' differences allow to be said. Groups of schools come first.
    """
    if by is None:
        by = groupings(page, survey)
    return each({g.id: _compared(page, survey, instruments, g, level=level) for g in by})


def _compared(
    page: Page, survey: str, instruments: Sequence[str], grouping: Grouping, *, level: bool
) -> Table | None:
    column, values = grouping.id, grouping.groups
    followup = page.study.followup
    wave = followup if level else page.waves
    analysis, statistic = ("level", "mean") if level else ("paired", "difference")
    groups = [Compared(label, COHORT, name) for name, label in values.items()]
    answered = (survey, "survey", "response", "responded" if level else "matched", wave, "count")
    rest = [""] if level else ["", ""]
    people: list[Cell] = [
        gettext("People"),
        *(page.number(who, *answered, decimals=0) for who in groups),
    ]
    rows: list[list[Cell]] = [[*people, *rest]]
    test = "moderation_level" if level else "moderation"
    family = _family(page, survey, instruments, [values])
    for instrument, score in scores_of(page, instruments):
        found = page.instruments[instrument]
        row: list[Cell] = [escaped(found.score_label(score))]
        for who in groups:
            at = (survey, instrument, analysis, score, wave, statistic)
            row.append(page.with_interval(who, *at, decimals=found.decimals(score)))
        tested = (survey, instrument, test, score, wave, "p")
        row.append(page.p_value(Compared("", COHORT, column), *tested))
        if not level:
            row.append(_settled(page, survey, instrument, score, values, family).cell())
        rows.append(row)
    alike = gettext(
        "A large p is not evidence that groups are alike: that is said only where each difference "
        "between two of them is shown to be smaller than would matter. What can be said is "
        "corrected over all pairs and scales."
    )
    if level:
        note = gettext(
            "Mean {when} of all who answered, with its 95% interval. p: whether the groups "
            "differ at all, by wild cluster bootstrap over schools, not corrected for the number "
            "of scales. A large p is not evidence that groups are alike.",
            when=at_wave(page, followup),
        )
    else:
        note = " ".join(
            [
                gettext(
                    "Change in those who answered both times, with its 95% interval. p: whether "
                    "the groups differ at all, by wild cluster bootstrap over schools, not "
                    "corrected for the number of scales."
                ),
                alike,
            ]
        )
    return table(
        [
            gettext("Scale"),
            *map(escaped, values.values()),
            "p",
            *([] if level else [gettext("What can be said")]),
        ],
        rows,
        widths=[24, *[22] * len(values), 8, *([] if level else [15])],
        caption=caption(
            page,
            survey,
            what=gettext(
                N_("level at follow-up by {grouping}") if level else N_("change by {grouping}"),
                grouping=escaped(inside(grouping.label)),
            ),
        ),
        note=note,
    )


def between_groups(
    page: Page, survey: str, *instruments: str, by: Sequence[Grouping] | None = None
) -> Each | None:
    """Differences in change between every two groups, by characteristic; none is left out.

    Of a characteristic with more than :data:`MOST_GROUPS` groups the pairs are too many to read:
    whether its groups differ at all, and each one's own change, stand in :func:`compared`.
    """
    if not page.study.compares:
        return None
    by = groupings(page, survey) if by is None else by
    few = [grouping for grouping in by if len(grouping.groups) <= MOST_GROUPS]
    return each({g.id: _between_groups(page, survey, instruments, g) for g in few})


def _between_groups(
    page: Page, survey: str, instruments: Sequence[str], grouping: Grouping
) -> Table | None:
    pairs = [
        _pair_of(page, survey, instruments, grouping.groups, one, other)
        for one, other in itertools.combinations(sorted(grouping.groups), 2)
    ]
    several = len(pairs) > 1
    rows: list[list[Cell]] = []
    for instrument, score in scores_of(page, instruments):
        found = page.instruments[instrument]
        decimals = found.decimals(score)
        for pair_of in pairs:
            at = (survey, instrument, "moderation_pairs", score, page.waves)
            given = (survey, instrument, "ancova_pairs", score, page.waves, "difference")
            if page.row(pair_of, *at, "difference") is None:
                continue
            row: list[Cell] = [
                escaped(found.score_label(score)),
                escaped(pair_of.label),
                page.with_interval(pair_of, *at, "difference", decimals=decimals),
                page.p_value(pair_of, *at, "p"),
            ]
            if several:
                row.append(page.p_value(pair_of, *at, "p_holm"))
            row += [
                page.p_value(pair_of, *at, "p_equivalence"),
                page.with_interval(pair_of, *given, decimals=decimals),
                page.with_interval(pair_of, *at, "difference_mixed", decimals=decimals),
            ]
            rows.append(row)
    holm = " " + gettext("p (Holm) is corrected over the pairs of a scale.") if several else ""
    return table(
        [
            gettext("Scale"),
            gettext("Groups"),
            gettext("Difference in change"),
            "p",
            *(["p (Holm)"] if several else []),
            gettext("p (equivalence)"),
            gettext("Given baseline"),
            gettext("Mixed model"),
        ],
        rows,
        widths=[20, 24, 20, 8, *([9] if several else []), 12, 20, 20],
        caption=caption(
            page,
            survey,
            what=gettext(
                "differences in change between groups by {grouping}",
                grouping=escaped(inside(grouping.label)),
            ),
        ),
        text_columns=2,
        note=gettext(
            "First less second group, with 95% intervals that allow for schools; p "
            "is not corrected for the number of scales.{holm} Beside it the "
            "difference among people with the same baseline, whose error of "
            "measurement is allowed for as far as alpha tells it, and that of a "
            "mixed model with schools as random effects.",
            holm=holm,
        ),
    )


def _pair_of(
    page: Page,
    survey: str,
    instruments: Sequence[str],
    values: Mapping[str, str],
    one: str,
    other: str,
) -> Compared:
    """Two groups as their difference is named in ids, which goes by what was answered."""
    for instrument, score in scores_of(page, instruments):
        at = (survey, instrument, "moderation_pairs", score, page.waves, "difference")
        for first, second in ((one, other), (other, one)):
            who = Compared(
                gettext("{first} less {second}", first=values[first], second=values[second]),
                COHORT,
                pair(first, second),
            )
            if page.row(who, *at) is not None:
                return who
    return Compared(
        gettext("{first} less {second}", first=values[one], second=values[other]),
        COHORT,
        pair(one, other),
    )


@dataclass(frozen=True)
class _Settled:
    """What the data say of the differences in change between groups, two by two.

    ``apart`` holds pairs that differ, the one with the higher change first in ``higher``, each
    with its own change where that is shown; ``alike`` pairs whose difference is smaller than would matter; ``open_`` the number of pairs
    of which neither can be said, and ``missing`` of those that are not to be had.
    """

    apart: tuple[Compared, ...]
    higher: tuple[list[Piece], ...]
    alike: tuple[Compared, ...]
    open_: int
    missing: int

    def cell(self) -> str:
        """In a few words."""
        if self.apart:
            return gettext("Differ")
        if self.all_alike:
            return gettext("Alike")
        if self.open_ or not self.alike:
            return gettext("Cannot be said")
        return gettext("Cannot be said of all")

    @property
    def all_alike(self) -> bool:
        """Whether each difference is smaller than would matter."""
        return bool(self.alike) and not (self.apart or self.open_ or self.missing)


def _family(
    page: Page, survey: str, instruments: Sequence[str], groups: Iterable[Mapping[str, str]]
) -> verdict.Family:
    """All pairs of groups of some characteristics, on all scales."""
    return verdict.Family(
        page,
        [
            verdict.Asked(who, (*at, "difference"))
            for values in groups
            for instrument, score in scores_of(page, instruments)
            for who, at, _ in _pairs(page, survey, instrument, score, values)
        ],
    )


def _pairs(
    page: Page, survey: str, instrument: str, score: str, values: Mapping[str, str]
) -> Iterator[tuple[Compared, tuple[str, ...], tuple[str, str]]]:
    """Each pair of groups, the parts of the id of its difference in change, and both groups."""
    at = (survey, instrument, "moderation_pairs", score, page.waves)
    for one, other in itertools.combinations(sorted(values), 2):
        who = _pair_of(page, survey, (instrument,), values, one, other)
        first, second = who.group.split("-")
        yield who, at, (first, second)


def _settled(
    page: Page,
    survey: str,
    instrument: str,
    score: str,
    values: Mapping[str, str],
    *families: verdict.Family,
) -> _Settled:
    """See :class:`_Settled`. ``values`` are groups by their names in ids, with their labels.

    A pair differs where it does after correction over each of the families.
    """
    apart, alike, open_, missing = [], [], 0, 0
    higher: list[list[Piece]] = []
    for who, at, (first, second) in _pairs(page, survey, instrument, score, values):
        said = [family.of(who, *at, "difference") for family in families]
        judged = said[0]
        if judged is None:
            missing += 1
            continue
        if all(each and each.sign for each in said):
            more, less = (first, second) if judged.sign > 0 else (second, first)
            apart.append(who)
            higher.append(
                sentence(
                    N_("higher: {more} than {less}, by less than would matter")
                    if judged.small
                    else N_("higher: {more} than {less}"),
                    more=_with_change(page, survey, instrument, score, more, values[more]),
                    less=_with_change(page, survey, instrument, score, less, values[less]),
                )
            )
        elif judged.small:
            alike.append(who)
        else:
            open_ += 1
    return _Settled(tuple(apart), tuple(higher), tuple(alike), open_, missing)


def _with_change(
    page: Page, survey: str, instrument: str, score: str, group: str, label: str
) -> list[Piece]:
    """A group, with its own change where that can be shown."""
    at = (survey, instrument, "paired", score, page.waves, "difference")
    row = page.values(Compared(label, COHORT, group), *at)
    if row is None:
        return [escaped(label)]
    decimals = page.instruments[instrument].decimals(score)
    return sentence("{name} ({number})", name=escaped(label), number=part(row, decimals))


def gaps(page: Page, survey: str, *instruments: str) -> Each | None:
    """Of each group marked ``gap``: both levels and the gap at every wave, and how it changed."""
    found = page.study.groups_of(page.study.survey(survey).population)
    return each({slug(g.column): _gap(page, survey, instruments, g) for g in found if g.gap})


def _gap(page: Page, survey: str, instruments: Sequence[str], group: Group) -> Table | None:
    yes, others = (Compared("", COHORT, group.key(value)) for value in ("yes", OTHERS))
    both = Compared("", COHORT, pair(others.group, yes.group))
    rows: list[list[Cell]] = []
    for instrument, score in scores_of(page, instruments):
        found = page.instruments[instrument]
        decimals, label = found.decimals(score), escaped(found.score_label(score))
        alone = found.total is not None and score == found.total.id
        for wave in page.study.wave_ids:
            at = (survey, instrument, "gap", score, wave)
            if page.row(both, *at, "difference") is None:
                continue
            level = (survey, instrument, "level", score, wave, "mean")
            several = page.row(both, *at, "p_holm") is not None
            row: list[Cell] = [label, escaped(page.study.wave(wave).label)]
            for who in (yes, others):
                row.append(page.number(who, *level, decimals=0, name="n"))
                row.append(page.number(who, *level, decimals=decimals))
            row += [
                page.with_interval(both, *at, "difference", decimals=decimals),
                page.p_value(both, *at, "p"),
                page.p_value(both, *at, "p_holm") if several and not alone else r"\[z\]",
            ]
            rows.append(row)
        at = (survey, instrument, "moderation_pairs", score, page.waves)
        if page.study.compares and page.row(both, *at, "difference") is not None:
            row = [label, gettext("Change in the same people")]
            for who in (yes, others):
                own = (survey, instrument, "paired", score, page.waves, "difference")
                row.append(page.number(who, *own, decimals=0, name="n"))
                row.append(page.number(who, *own, decimals=decimals))
            row.append(page.with_interval(both, *at, "difference", decimals=decimals))
            rows.append([*row, page.p_value(both, *at, "p"), r"\[z\]"])
    label = escaped(inside(group.label))
    return table(
        [
            gettext("Scale"),
            gettext("Wave"),
            gettext("n, {label}", label=label),
            gettext("Mean, {label}", label=label),
            gettext("n, all others"),
            gettext("Mean, all others"),
            gettext("Gap"),
            "p",
            "p (Holm)",
        ],
        rows,
        widths=[22, 16, 9, 10, 9, 10, 22, 8, 9],
        caption=caption(
            page, survey, what=gettext("the gap between {label} and all others", label=label)
        ),
        text_columns=2,
        note=gettext(
            "Gap: all others less {label}, with its 95% interval; interval and p "
            "allow for schools. All others are those who said no and those who did "
            "not say. The levels are of all who answered at a wave, the change of "
            "the gap is in those who answered both times: where others answered, it "
            "is not the difference of the gaps above. p (Holm) is corrected over the "
            "subscales of a wave; \\[z\\]: not one of them.",
            label=label,
        ),
    )


def dose(page: Page, survey: str, *instruments: str) -> Table | None:
    """Change against the hours of sessions that a school had, for every scale; as description."""
    rows: list[list[Cell]] = []
    for instrument, score in scores_of(page, instruments):
        found, who = page.instruments[instrument], Compared("", COHORT, "all")
        at = (survey, instrument, "dose", score, page.waves)
        if page.row(who, *at, "slope") is None:
            continue
        several = page.row(who, *at, "p_holm") is not None
        rows.append(
            [
                escaped(found.score_label(score)),
                page.number(who, *at, "slope", decimals=0, name="n"),
                page.number(who, *at, "slope", decimals=0, name="n_schools"),
                page.with_interval(who, *at, "slope", decimals=found.decimals(score)),
                page.p_value(who, *at, "p"),
                page.p_value(who, *at, "p_holm") if several else r"\[z\]",
            ]
        )
    return table(
        [
            gettext("Scale"),
            "n",
            gettext("Schools"),
            gettext("Change for ten hours more"),
            "p",
            "p (Holm)",
        ],
        rows,
        widths=[30, 8, 9, 24, 8, 10],
        caption=caption(
            page, survey, what=gettext("change and the hours of sessions that schools had")
        ),
        note=gettext(
            "Points by which people's change was higher for ten hours of sessions "
            "more in their school, with a 95% interval that allows for schools; "
            "people who changed school are left out. A description: schools with "
            "more hours differ in other ways, too, and may have had more because of "
            "how they stood. p (Holm) is corrected over the subscales; \\[z\\]: not "
            "one of several."
        ),
    )


def against_norm(page: Page, survey: str, *instruments: str) -> Each | None:
    """Scores that have a norm: their level in every group that may be shown, at each wave."""
    return each(
        {
            f"{instrument}-{score}": _against_norm(page, survey, instrument, score)
            for instrument in instruments
            for score in normed(page.instruments[instrument])
        }
    )


def _against_norm(page: Page, survey: str, instrument: str, score: str) -> Table | None:
    found = page.instruments[instrument]
    decimals = found.decimals(score)
    groups = {parts[5] for parts in page.ids_of(survey, instrument, "level") if parts[3] == score}
    rows: list[list[Cell]] = []
    phases = [each.group for each in page.phases]
    for group in sorted(groups - {"all"}, key=lambda name: (name not in phases, _order(name))):
        who = Compared("", COHORT, group)
        for wave in page.study.pair_of_waves:
            at = (survey, instrument, "level", score, wave)
            if page.row(who, *at, "mean") is None:
                continue
            row: list[Cell] = [
                group_label(page, group),
                wave,
                page.number(who, *at, "n", decimals=0),
                page.number(who, *at, "mean", decimals=decimals),
                page.interval(who, *at, "mean", decimals=decimals),
            ]
            row.append(page.number(who, *at, "difference_from_norm", decimals=decimals))
            rows.append(row)
    return table(
        [
            gettext("Group"),
            gettext("Wave"),
            "n",
            gettext("Mean"),
            gettext("95% interval"),
            gettext("Less the norm"),
        ],
        rows,
        widths=[30, 7, 7, 8, 18, 13],
        caption=caption(
            page,
            survey,
            instrument,
            what=gettext(
                "{scale} in every group that may be shown, against the norm",
                scale=escaped(inside(found.score_label(score))),
            ),
        ),
        text_columns=2,
        note=gettext(
            "All who answered at each wave; different people answered. Year groups "
            "are those at the time."
        ),
    )


def between(
    page: Page, survey: str, *instruments: str, by: Sequence[Grouping] | None = None
) -> Each | None:
    """Whether the groups of a characteristic changed differently, score by score, in words."""
    by = groupings(page, survey) if by is None else by
    return each({g.id: _between(page, survey, instruments, g) for g in by})


def _between(page: Page, survey: str, instruments: Sequence[str], grouping: Grouping) -> Text:
    name = escaped(grouping.label)
    differ: list[list[Piece]] = []
    alike, open_ = [], []
    family = _family(page, survey, instruments, [grouping.groups])
    for instrument, score in scores_of(page, instruments):
        found = _settled(page, survey, instrument, score, grouping.groups, family)
        label = escaped(page.instruments[instrument].score_label(score))
        if found.apart:
            differ.append(_apart(label, found))
        elif found.all_alike:
            alike.append(label)
        elif found.alike or found.open_:
            open_.append(label)
    if not (differ or alike or open_):
        return Text(
            [
                gettext(
                    "**{name}.** The survey did not ask, too few in one of the groups answered "
                    "both times to compare their change, or it would give away what few people "
                    "said.",
                    name=name,
                )
            ]
        )
    pieces: list[Piece] = [f"**{name}.** "]
    sentences = []
    if differ:
        pieces += sentence("Change differed in {scales}.", scales=listed_pieces(differ))
        pieces.append(" ")
        sentences.append(
            ngettext(
                "This stands after correction for {number} comparison.",
                "This stands after correction for {number} comparisons.",
                len(family),
                number=len(family),
            )
        )
    if alike:
        sentences.append(
            gettext(
                "Change was alike, within the smallest effect of interest, in {scales}.",
                scales=listed(alike),
            )
        )
    if open_:
        sentences.append(
            ngettext(
                "The data cannot say whether change differed in {scales}: after correction for "
                "{number} comparison they fit no difference as well as differences that would "
                "matter.",
                "The data cannot say whether change differed in {scales}: after correction for "
                "{number} comparisons they fit no difference as well as differences that would "
                "matter.",
                len(family),
                scales=listed(open_),
                number=len(family),
            )
        )
    if careful := cautions(page, survey, instruments, between_groups_of(page, grouping.id)):
        sentences.append(careful)
    return Text([*pieces, " ".join(sentences)])


def _apart(label: str, found: _Settled) -> list[Piece]:
    """A scale, and between which groups change differed."""
    pairs: list[Piece] = []
    for place, each_pair in enumerate(found.higher):
        pairs += ["; "] * bool(place) + each_pair
    return [f"{label} (", *pairs, ")"]


def whom(page: Page, survey: str, *instruments: str) -> Text | None:
    """For which groups change differed, in a sentence for each characteristic.

    The same verdicts as :func:`between`, without the scales of which nothing can be said.
    """
    if not page.study.compares:
        return None
    pieces: list[Piece] = []
    quiet: list[str] = []
    for grouping in groupings(page, survey):
        family = _family(page, survey, instruments, [grouping.groups])
        settled = {
            page.instruments[name].score_label(score): _settled(
                page, survey, name, score, grouping.groups, family
            )
            for name, score in scores_of(page, instruments)
        }
        differ = [_apart(escaped(label), found) for label, found in settled.items() if found.apart]
        name = escaped(inside(grouping.label))
        if differ:
            pieces += _differed(name, differ)
        elif any(found.alike or found.open_ for found in settled.values()):
            quiet.append(name)
    if quiet:
        pieces.append(
            gettext(
                "By {characteristics}, change does not clearly differ on any scale.",
                characteristics=listed(quiet),
            )
        )
    return text(pieces)


def _differed(characteristic: str, scales: Sequence[Sequence[Piece]]) -> list[Piece]:
    return sentence(
        "By {characteristic}, change differed in {scales}. ",
        characteristic=characteristic,
        scales=listed_pieces(scales),
    )


def moved_apart(page: Page, survey: Survey) -> Finding | None:
    """Between which groups of people the changes that page one names differed.

    Asked of clear changes alone: where nothing changed nothing is said here either, so that in
    studies in which nothing happened page one claims no more by it. What differs does so after
    correction over all groups and these scales, and where the section on groups says so as well.
    """
    moved = {
        (name, score)
        for name in survey.instruments
        for score, said in survey_findings.changes(page, survey, page.instruments[name]).items()
        if said.sign
    }
    by = [each for each in groupings(page, survey.id) if not each.of_schools]
    here = verdict.Family(
        page,
        [
            verdict.Asked(who, (*at, "difference"))
            for grouping in by
            for name, score in sorted(moved)
            for who, at, _ in _pairs(page, survey.id, name, score, grouping.groups)
        ],
    )
    pieces: list[Piece] = []
    for grouping in by:
        there = _family(page, survey.id, survey.instruments, [grouping.groups])
        differ = [
            _apart(escaped(page.instruments[name].score_label(score)), found)
            for name, score in scores_of(page, survey.instruments)
            if (name, score) in moved
            and (
                found := _settled(page, survey.id, name, score, grouping.groups, there, here)
            ).apart
        ]
        if differ:
            pieces += _differed(escaped(inside(grouping.label)), differ)
    return Finding(trimmed(pieces), "moderate") if pieces else None


def _moderators(
    page: Page, survey: str, instruments: Sequence[str], analysis: str, wave: str
) -> list[str]:
    found = [parts for name in instruments for parts in page.ids_of(survey, name, analysis)]
    names = {parts[5] for parts in found if parts[4] == wave.lower()}
    order = _characteristics(page, survey)
    return sorted(names, key=lambda name: (order.index(name) if name in order else 99, name))


def _characteristics(page: Page, survey: str) -> list[str]:
    """What the study breaks a survey's results down by, as named in ids."""
    return [slug(group.column) for group in page.study.breakdowns(page.study.survey(survey))]


def _order(name: str) -> tuple[str, tuple[int, bool, str]]:
    """By attribute, then in order of numbers (year 9 before year 10)."""
    return name.rsplit("_", 1)[0], in_order(name)
