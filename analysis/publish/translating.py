"""Reports in other languages: who has reviewed their words, and what of a study is not translated.

The words of reports in a language (:mod:`analysis.language`) count as reviewed once somebody who
knows it has signed them, by name and date, in the study's register. Until then, and again when the
catalogue changes, every report in the language says at its head that nobody has. What a study says in
one language only is shown in that one, and listed: nothing is left out in silence.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from babel import Locale

from analysis import handwritten
from analysis import language as languages
from analysis.disclosure import register, store
from analysis.errors import AnalystError, a_few
from analysis.language import ENGLISH, by_language, gettext, now
from analysis.publish import incremental
from analysis.study import Study

FILE = "translations.yaml"
#: Keys of a study's files under which stands what readers see.
READ = frozenset(
    [
        "title", "subtitle", "programme", "organisation", "notice", "notice_short", "term", "label",
        "noun", "one", "respondents", "plain", "objectives", "population_note", "sentence",
    ]
)  # fmt: skip


def english_name(language: str) -> str:
    """What a language is called in English: Welsh."""
    return str(Locale.parse(language, sep="-").get_language_name(ENGLISH))


def others(study: Study) -> tuple[str, ...]:
    """The languages of the study's reports that need a catalogue."""
    return tuple(code for code in study.report.languages if code != ENGLISH)


# --- who has reviewed the words ------------------------------------------------------------


@dataclass(frozen=True)
class Review:
    """Who has read the words of a language, and on which day."""

    by: str
    on: dt.date


def _whole(found: dict[str, Any]) -> None:
    for entry in found.values():
        entry["content"], entry["by"], dt.date.fromisoformat(str(entry["date"]))


REVIEWS = register.Noted(
    FILE,
    _whole,
    "Who reviewed which translation cannot be read.",
    "Restore the file from your backup, or remove it: no translation counts as reviewed then.",
)


def review(study: Study, language: str, by: str, date: dt.date | None = None) -> None:
    """Put on record who has reviewed the words of reports in a language, as they are now.

    Raises
    ------
    AnalystError
        If the study's reports are not in that language, or the record cannot be read.
    """
    if language not in others(study):
        raise AnalystError(
            f"No report of this study is in '{language}'.",
            where="--language",
            fix=f"Use {' or '.join(others(study))}."
            if others(study)
            else "Name it under report.languages in study.yaml first.",
        )
    kept = REVIEWS.read(study)
    kept[language] = {
        "content": languages.state(language).content,
        "by": by,
        "date": (date or dt.date.today()).isoformat(),
    }
    REVIEWS.write(study, kept)


def reviewed(study: Study, language: str) -> Review | None:
    """Who has reviewed the words of a language as they are now; nobody, if they have changed."""
    found = REVIEWS.read(study).get(language)
    if found is None or found["content"] != languages.state(language).content:
        return None
    return Review(str(found["by"]), dt.date.fromisoformat(str(found["date"])))


def record(study: Study) -> str:
    """All of that in one line, by which a report is made again when it changes."""
    return "; ".join(f"{code}: {reviewed(study, code)}" for code in others(study))


def notice(study: Study) -> str:
    """What stands at the head of a report in the language that is spoken: the study's notice, and
    that nobody has reviewed the words, in that language and in English."""
    if now() == ENGLISH or reviewed(study, now()):
        return study.notice
    said = gettext("Nobody has reviewed the words of this report in this language.")
    english = f"Nobody has reviewed the {english_name(now())} words of this report."
    return " ".join(filter(None, (study.notice, said, english)))


# --- what a study has not translated -------------------------------------------------------


@dataclass(frozen=True)
class Lacking:
    """Something that readers see, and that the study does not say in a language."""

    language: str
    where: str
    words: str


def lacking(study: Study) -> list[Lacking]:
    """What readers of the reports in other languages see in the main one, file by file."""
    found = []
    for language in study.report.languages[1:]:
        for path in _files(study):
            content = handwritten.read(path)
            name = path.relative_to(study.folder).as_posix()
            for keys, words in _lacking(content, (), language):
                line = content.line(keys)
                found.append(Lacking(language, f"{name}, line {line}" if line else name, words))
        for path in texts(study):
            if not is_translation(study, path) and not path.with_suffix(f".{language}.md").exists():
                name = path.relative_to(study.folder).as_posix()
                if path.stem not in ("email",):
                    found.append(Lacking(language, name, f"{path.stem}.{language}.md"))
    return found


def texts(study: Study) -> list[Path]:
    """The analyst's own texts, whatever they are for; a README is a note about them."""
    return [path for path in sorted(study.path("texts").rglob("*.md")) if path.stem != "README"]


def is_translation(study: Study, path: Path) -> bool:
    """Whether a text is one in another language: ``schools-next.cy.md``."""
    return any(path.stem.endswith(f".{code}") for code in study.report.languages)


def _files(study: Study) -> Iterator[Path]:
    yield study.path("study.yaml")
    names = dict.fromkeys(name for survey in study.surveys for name in survey.instruments)
    yield from (study.path(f"instruments/{name}.yaml") for name in names)
    others = (study.codebook, *(f for files in study.strands.values() for f in files.values()))
    for name in dict.fromkeys(filter(None, others)):
        path = study.path(str(name))
        if path.suffix in (".yaml", ".yml") and path.is_file():
            yield path


def _lacking(
    content: Any, keys: tuple[Any, ...], language: str
) -> Iterator[tuple[tuple[Any, ...], str]]:
    """Each text below a place that has none in a language: where, and its words."""
    entries = content.items() if isinstance(content, dict) else enumerate(content)
    for key, value in entries:
        place = (*keys, key)
        named = key if isinstance(key, str) else keys[-1] if keys else ""
        if by_language(value):
            if not value.get(language):
                yield place, next(iter(value.values()))
        elif isinstance(value, dict | list):
            if key not in languages.KEPT:
                yield from _lacking(value, place, language)
        elif isinstance(value, str) and value and named in READ:
            yield place, value


def _of_schools(study: Study, language: str) -> str:
    """How many of those that schools' reports show are not, as they were made last."""
    records = (store.processed(study) / incremental.STATE / "reports").glob("*.json")
    made = [incremental.Report(path) for path in records]
    found = [each for each in made if language in each.before.get("untranslated", {})]
    if not found:
        return "and once schools' reports are made, this says which of theirs are not"
    lacking = sorted(set().union(*(each.untranslated(language) for each in found)))
    if not lacking:
        return f"and all of those in the {len(found)} reports made last"
    few = a_few([f"“{each}”" for each in lacking], 3)
    return f"but not {len(lacking)} of those in the {len(found)} reports made last ({few})"


def stands(study: Study) -> list[str]:
    """Where the reports' other languages stand, in lines; none for reports in English alone."""
    lines = []
    for code in others(study):
        words = languages.state(code)
        signature = reviewed(study, code)
        state = (
            f"checked by {signature.by} on {signature.on.isoformat()}"
            if signature
            else "not reviewed: drp sign --language "
            f'{code} --checked-by "NAME", once somebody has read them'
        )
        lines.append(
            f"{code}: {words.entries - words.missing} of the {words.entries} messages of all "
            f"documents are translated, {_of_schools(study, code)}; {state}"
        )
    for each in lacking(study):
        lines.append(f"{each.language}: not translated, {each.where}: {each.words}")
    return lines
