"""What is new since the last edition on record: who answered, and what of the findings stands.

Findings are those that page one of a report can name, each judged as its sentences judge it
(:mod:`analysis.present.verdict`); the earlier edition's are as they were judged then, from the register.
"""

from __future__ import annotations

from collections.abc import Iterator

from analysis.disclosure import changes
from analysis.disclosure.changes import GONE, NEW, STRONGER, WEAKER, Changes, Finding, Record
from analysis.language import N_, gettext, listed, number_of, sentence
from analysis.present import verdict
from analysis.present.asked import first, wave_words
from analysis.present.count_words import Piece, number_word
from analysis.present.page import Page, part
from analysis.present.sentences import scale_name
from analysis.present.shown import Text, escaped
from analysis.present.verdict import Asked
from analysis.words import inside

#: What became of findings, for readers.
HEADINGS = {
    NEW: N_("New"),
    STRONGER: N_("Stronger"),
    WEAKER: N_("Weaker"),
    GONE: N_("No longer clear or shown"),
}
#: What is said of a difference that is not clear, of a higher one, and of a lower one.
CHANGE = (
    N_("change in {scale} in the same people"),
    N_("a rise in {scale} in the same people"),
    N_("a fall in {scale} in the same people"),
)
BESIDE = (
    N_("{scale} beside the {others}"),
    N_("{scale} higher than in the {others}"),
    N_("{scale} lower than in the {others}"),
)
NORM = (N_("{scale} and the norm"), N_("{scale} above the norm"), N_("{scale} below the norm"))
CHANGES_BETWEEN = (
    N_("the change in {scale} in {one} and {other}"),
    N_("the change in {scale} higher in {one} than in {other}"),
    N_("the change in {scale} lower in {one} than in {other}"),
)
BETWEEN = (
    N_("{scale} in {one} and {other}"),
    N_("{scale} higher in {one} than in {other}"),
    N_("{scale} lower in {one} than in {other}"),
)


def findings(page: Page) -> Iterator[Finding]:
    """Every difference that page one can name of the latest wave, with its numbers as shown."""
    asked = verdict.on_page_one(page)
    family = verdict.Family(page, asked)
    for each in asked:
        source, instrument, analysis, measure, wave, statistic = each.parts
        judged = family.of(each.who, *each.parts)
        if judged is None or wave not in (page.waves, page.study.followup):
            continue
        row, found = judged.row, page.instruments[instrument]
        value, low, high = (
            _number(part(row, found.decimals(measure), name).text)
            for name in ("value", "ci_low", "ci_high")
        )
        group = str(row["id"]).split(".")[5]
        key = ".".join([source, instrument, analysis, measure, group, statistic])
        words = _words(page, each, group, judged.sign)
        yield Finding(page.unit, key, words, judged.sign, judged.small, value, low, high)


def _number(text: str) -> float:
    return number_of(text)


def _words(page: Page, asked: Asked, group: str, sign: int) -> str:
    """What a difference says, as Markdown; of one that is not clear, what it is about."""
    source, instrument, analysis, measure, _, statistic = asked.parts
    survey = page.study.survey(source)
    scale = scale_name(page.instruments[instrument], measure)
    if analysis == "paired":
        said = gettext(CHANGE[sign], scale=scale)
    elif analysis == "beside":
        said = gettext(BESIDE[sign], scale=scale, others=escaped(page.others))
    elif statistic == "difference_from_norm":
        said = gettext(NORM[sign], scale=scale)
    else:
        one, other = _groups(page, group)
        way = CHANGES_BETWEEN if analysis == "moderation_pairs" else BETWEEN
        said = gettext(way[sign], scale=scale, one=one, other=other)
    return gettext("{survey}: {what}", survey=escaped(survey.label), what=said)


def _groups(page: Page, pair: str) -> list[str]:
    """Two groups of schools in the order of a difference, inside a sentence."""
    labels = {each.group: escaped(inside(each.label)) for each in page.phases}
    return [labels.get(name, escaped(name)) for name in pair.split("-")]


def record(page: Page) -> Record:
    """What this edition says, to be set beside an earlier one."""
    study, own = page.study, page.compared[0]
    answered = {}
    for survey in study.surveys:
        for wave in study.pair_of_waves:
            row = page.values(own, survey.id, "survey", "response", "responded", wave, "count")
            if row is not None:
                answered[page.unit, survey.id, wave.lower()] = part(row, 0).text
    return Record(
        study.edition.id, 0, study.edition.term, (study.baseline, study.followup), tuple(sorted(map(str, page.schools["id"]))),
        answered, page.files, tuple(findings(page)),
    )  # fmt: skip


def changed(page: Page) -> Changes | None:
    """What has changed since the last edition on record; nothing where there is none."""
    if page.earlier is None:
        return None
    return changes.between(page.earlier, record(page), page.unit)


def said(page: Page) -> Text | None:
    """What is new since the last edition, as a list; nothing where none is on record."""
    found = changed(page)
    if found is None:
        return None
    pieces: list[Piece] = [
        gettext("Beside the edition of {term}:", term=escaped(found.before.term)),
        "\n\n",
    ]
    lines = [*_files(found), *_schools(page, found), *_waves(page, found)]
    pieces += [f"- {line}\n" for line in lines]
    for line in _answered(page, found):
        pieces += ["- ", *line, "\n"]
    pieces += [f"- {line}\n" for line in _findings(found)]
    if len(pieces) == 2:
        return None
    states = {each.state for each in found.findings or ()}
    if states & {STRONGER, WEAKER}:
        said = gettext(
            "A finding is called stronger or weaker if each estimate lies outside the other's "
            "interval, or if it has come to matter or no longer does."
        )
        pieces.append(f"\n{said}\n")
    return Text(pieces)


def _files(found: Changes) -> Iterator[str]:
    words = {
        NEW: gettext("new"),
        "changed": gettext("another version"),
        GONE: gettext("no longer used"),
    }
    said = [
        f"{word}: {', '.join(escaped(name) for name in found.files[what])}"
        for what, word in words.items()
        if what in found.files
    ]
    if said:
        yield gettext("**Files.** {files}.", files=first("; ".join(said)))


def _waves(page: Page, found: Changes) -> Iterator[str]:
    """That a change is of other waves than it was, where both editions have a change."""
    then, now = found.before.waves, (page.study.baseline, page.study.followup)
    known = page.study.wave_ids
    if then and then != now and set(then) <= set(known):
        was, is_now = (
            listed([wave_words(page, wave) for wave in dict.fromkeys(pair)]) for pair in (then, now)
        )
        yield gettext(
            "**Waves.** This edition is about {now}; that one was about {then}.",
            now=is_now,
            then=was,
        )


def _schools(page: Page, found: Changes) -> Iterator[str]:
    """How many schools came and left: in the programme's report, and without their names."""
    if page.is_school or not found.schools:
        return
    said = [
        gettext(word, number=number_word(len(found.schools[what])))
        for what, word in ((NEW, N_("{number} new")), (GONE, N_("{number} no longer there")))
        if what in found.schools
    ]
    yield gettext("**Schools.** {schools}.", schools=first(listed(said)))


def _answered(page: Page, found: Changes) -> Iterator[list[Piece]]:
    waves = {wave.id.lower(): wave.id for wave in page.study.waves}
    for survey_id, wave, then, _ in found.answered:
        survey = page.study.survey(survey_id)
        row = page.values(
            page.compared[0], survey.id, "survey", "response", "responded", waves[wave], "count"
        )
        if row is None:
            continue
        yield sentence(
            N_("**{survey}, {wave}.** {count} {people} answered ({then} in that edition).")
            if then
            else N_("**{survey}, {wave}.** {count} {people} answered (not in that edition)."),
            survey=escaped(survey.label),
            wave=wave_words(page, waves[wave]),
            count=part(row, 0),
            people=escaped(survey.respondents),
            then=escaped(then),
        )


def _findings(found: Changes) -> Iterator[str]:
    if found.findings is None:
        return
    for state, heading in HEADINGS.items():
        named = [each.finding.words for each in found.findings if each.state == state]
        if named:
            yield f"**{gettext(heading)}.** {'; '.join(named)}."
    if not found.findings and any(each.sign for each in found.before.findings or ()):
        yield gettext("**Findings.** Each stands as it did, and none is new.")
