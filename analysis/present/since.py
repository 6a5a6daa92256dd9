"""What is new since the last edition on record: who answered, and what of the findings stands.

Findings are those that page one of a report can name, each judged as its sentences judge it
(:mod:`analysis.present.verdict`); the earlier edition's are as they were judged then, from the register.
"""

from __future__ import annotations

from collections.abc import Iterator

from analysis.disclosure import changes
from analysis.disclosure.changes import GONE, NEW, STRONGER, WEAKER, Changes, Finding, Record
from analysis.language import listed
from analysis.present import verdict
from analysis.present.asked import first, wave_words
from analysis.present.count_words import Piece, number_word
from analysis.present.page import Page, part
from analysis.present.sentences import scale_name
from analysis.present.shown import Text, escaped
from analysis.present.verdict import Asked
from analysis.words import inside

#: What became of findings, for readers.
HEADINGS = {NEW: "New", STRONGER: "Stronger", WEAKER: "Weaker", GONE: "No longer clear or shown"}


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
    return float(text.replace("\u2212", "-").replace(",", ""))


def _words(page: Page, asked: Asked, group: str, sign: int) -> str:
    """What a difference says, as Markdown; of one that is not clear, what it is about."""
    source, instrument, analysis, measure, _, statistic = asked.parts
    survey = page.study.survey(source)
    scale = scale_name(page.instruments[instrument], measure)
    if analysis == "paired":
        said = f"{('change', 'a rise', 'a fall')[sign]} in {scale} in the same people"
    elif analysis == "beside":
        said = f"{scale} {('beside', 'higher than in', 'lower than in')[sign]} the {escaped(page.others)}"
    elif statistic == "difference_from_norm":
        said = f"{scale} {('and', 'above', 'below')[sign]} the norm"
    else:
        one, other = _groups(page, group)
        what = "the change in " if analysis == "moderation_pairs" else ""
        than = ("in {} and {}", "higher in {} than in {}", "lower in {} than in {}")[sign]
        said = f"{what}{scale} {than.format(one, other)}"
    return f"{escaped(survey.label)}: {said}"


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
    pieces: list[Piece] = [f"Beside the edition of {escaped(found.before.term)}:\n\n"]
    lines = [*_files(found), *_schools(page, found), *_waves(page, found)]
    pieces += [f"- {line}\n" for line in lines]
    for line in _answered(page, found):
        pieces += ["- ", *line, "\n"]
    pieces += [f"- {line}\n" for line in _findings(found)]
    if len(pieces) == 1:
        return None
    states = {each.state for each in found.findings or ()}
    if states & {STRONGER, WEAKER}:
        pieces.append(
            "\nA finding is called stronger or weaker if each estimate lies outside the other's "
            "interval, or if it has come to matter or no longer does.\n"
        )
    return Text(pieces)


def _files(found: Changes) -> Iterator[str]:
    words = {NEW: "new", "changed": "another version", GONE: "no longer used"}
    said = [
        f"{word}: {', '.join(escaped(name) for name in found.files[what])}"
        for what, word in words.items()
        if what in found.files
    ]
    if said:
        yield f"**Files.** {first('; '.join(said))}."


def _waves(page: Page, found: Changes) -> Iterator[str]:
    """That a change is of other waves than it was, where both editions have a change."""
    then, now = found.before.waves, (page.study.baseline, page.study.followup)
    known = page.study.wave_ids
    if then and then != now and set(then) <= set(known):
        was, is_now = (
            " and ".join(wave_words(page, wave) for wave in dict.fromkeys(pair))
            for pair in (then, now)
        )
        yield f"**Waves.** This edition is about {is_now}; that one was about {was}."


def _schools(page: Page, found: Changes) -> Iterator[str]:
    """How many schools came and left: in the programme's report, and without their names."""
    if page.is_school or not found.schools:
        return
    said = [
        f"{number_word(len(found.schools[what]))} {word}"
        for what, word in ((NEW, "new"), (GONE, "no longer there"))
        if what in found.schools
    ]
    yield f"**Schools.** {first(listed(said))}."


def _answered(page: Page, found: Changes) -> Iterator[list[Piece]]:
    waves = {wave.id.lower(): wave.id for wave in page.study.waves}
    for survey_id, wave, then, _ in found.answered:
        survey = page.study.survey(survey_id)
        row = page.values(
            page.compared[0], survey.id, "survey", "response", "responded", waves[wave], "count"
        )
        if row is None:
            continue
        before = f"{escaped(then)} in that edition" if then else "not in that edition"
        yield [
            f"**{escaped(survey.label)}, {wave_words(page, waves[wave])}.** ", part(row, 0),
            f" {escaped(survey.respondents)} answered ({before}).",
        ]  # fmt: skip


def _findings(found: Changes) -> Iterator[str]:
    if found.findings is None:
        return
    for state, heading in HEADINGS.items():
        named = [each.finding.words for each in found.findings if each.state == state]
        if named:
            yield f"**{heading}.** {'; '.join(named)}."
    if not found.findings and any(each.sign for each in found.before.findings or ()):
        yield "**Findings.** Each stands as it did, and none is new."
