"""A survey's questionnaire, put together from the study file, its instruments and its own words."""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from analysis import handwritten
from analysis.errors import AnalystError, a_few
from analysis.instruments import Instrument
from analysis.instruments.model import Item
from analysis.questionnaire.model import (
    LONGEST_CODE,
    Choice,
    Question,
    Questionnaire,
    Section,
    Texts,
)
from analysis.questionnaire.wording import CODE_PARTS, ENGLISH, Asked, by_language
from analysis.sources import tables
from analysis.sources.personal import is_personal
from analysis.sources.wording import normalised
from analysis.study import Study, Survey, at, validated

#: Attributes that every questionnaire may ask for.
CONSENT, PERSON, SCHOOL = "consent", "respondent", "school"
#: What forms call something else.
TAKEN = ("date", "start", "end", "paper", "information", "thanks")
#: Goes into the version: raised whenever the same study gives another questionnaire.
REVISION = 1


def schools(study: Study) -> dict[str, str]:
    """The name of every school of the study, by its id."""
    table = tables.read(study.path(study.schools), ("id", "name"))
    named = table[(table["id"] != "") & (table["name"] != "")]
    if named.empty:
        raise AnalystError(
            f"{study.schools} names no school, and a questionnaire asks for it.",
            where=str(study.path(study.schools)),
            fix="Give each school a row.",
        )
    return dict(zip(named["id"], named["name"], strict=True))


def build(
    study: Study,
    survey: Survey,
    instruments: Mapping[str, Instrument],
    schools: Mapping[str, str],
    *,
    change: bool = False,
    asks: Sequence[str] = (),
) -> Questionnaire:
    """The questionnaire of a survey.

    Parameters
    ----------
    study, survey, instruments
        What is asked; ``instruments`` holds at least those of the survey.
    schools
        Names of the schools, by id.
    change
        Whether to ask what has changed (``perceived_change``), as after the first wave.
    asks
        Which of the survey's instruments it asks; all, if none is named.

    Raises
    ------
    AnalystError
        If the survey has no instrument, an item has no wording in the study's main language, a
        group of people has no values, or answers of one question cannot be told apart.
    """
    named = [instruments[name] for name in survey.instruments if name in (asks or (name,))]
    return _Builder(study, survey, named).questionnaire(schools, change)


class _Builder:
    def __init__(self, study: Study, survey: Survey, instruments: Sequence[Instrument]) -> None:
        self.study, self.survey = study, survey
        self.main = study.languages[0]
        self.path = study.path(f"questionnaires/{survey.id}.yaml")
        self.asked = (
            validated(Asked, handwritten.read(self.path), self.path)
            if self.path.is_file()
            else Asked(schema_version=1)
        )
        self.instruments = instruments
        self.lacking: dict[str, list[str]] = defaultdict(list)
        self.codes = dict.fromkeys(TAKEN, "")
        if not self.instruments:
            raise AnalystError(
                f"The {survey.label} asks with no instrument, so there is nothing to ask.",
                where=at(study.path("study.yaml"), f"surveys.{survey.id}.instruments"),
                fix="Name its instruments, and write a file for each (docs/study.md).",
            )
        self._refuse_unknown()

    # ---- the study's words ---------------------------------------------------------------

    def _refuse_unknown(self) -> None:
        known = {*self._attributes(change=True), CONSENT, PERSON, SCHOOL}
        for key, names, allowed in (
            ("words", self.asked.words, set(ENGLISH)),
            ("questions", self.asked.questions, known),
            ("choices", self.asked.choices, known - {CONSENT, PERSON, SCHOOL}),
        ):
            for name in names:
                if name not in allowed:
                    raise AnalystError(
                        f"{key}.{name}: there is no such key here; known are "
                        + ", ".join(sorted(allowed)),
                        where=at(self.path, f"{key}.{name}"),
                        fix="Correct it, or take it out.",
                    )

    def texts(self, what: str, *sources: Texts, needed: bool = True) -> dict[str, str]:
        """Words by language from several sources, the first that has them; who lacks is noted."""
        found: dict[str, str] = {}
        for language in self.study.languages:
            text = next((source[language] for source in sources if language in source), "")
            if text:
                found[language] = " ".join(text.split())
            elif needed:
                self.lacking[language].append(what)
        return found

    def own(self, key: str, **values: object) -> dict[str, str]:
        """The engine's own words, as the study has them or in English."""
        given = by_language(self.asked.words.get(key, ""), self.main)
        found = self.texts(f"words.{key} in {self.path.name}", given, {"en": ENGLISH[key]})
        for name, value in values.items():
            found = {code: text.replace(f"{{{name}}}", str(value)) for code, text in found.items()}
        return found

    def same(self, text: str) -> dict[str, str]:
        """A name that is the same in all languages."""
        return dict.fromkeys(self.study.languages, " ".join(text.split()))

    def given(self, what: str, words: object) -> dict[str, str]:
        """Words of the study's own file."""
        return self.texts(f"{what} in {self.path.name}", by_language(words, self.main))  # type: ignore[arg-type]

    # ---- questions -------------------------------------------------------------------------

    def code(self, *parts: str) -> str:
        """A column's name, which no other question has."""
        plain = re.sub(r"[^a-z0-9]", "", "".join(parts).lower())
        if len(plain) > LONGEST_CODE or self.codes.get(plain, "".join(parts)) != "".join(parts):
            mark = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:8]
            plain = plain[: LONGEST_CODE - len(mark)] + mark
        self.codes[plain] = "".join(parts)
        return plain

    def consent(self) -> Question:
        return Question(
            CONSENT,
            CONSENT,  # the version is put behind it when it is known
            self.question(CONSENT, self.own("consent")),
            (Choice("yes", self.own("agree")), Choice("no", self.own("decline"))),
            required=True,
        )

    def question(self, attribute: str, default: Texts) -> dict[str, str]:
        given = by_language(self.asked.questions.get(attribute, ""), self.main)
        return self.texts(f"questions.{attribute} in {self.path.name}", given, default)

    def person(self) -> Question:
        parts = self.asked.code_parts or CODE_PARTS
        exact = self.survey.rules.linking == "exact"
        why, same = self.own("code_why"), self.own("code_exact" if exact else "code_same")
        language = self.main if self.asked.code_parts else "en"
        listed = [
            self.texts(f"code_parts in {self.path.name}", by_language(part, language))
            for part in parts
        ]
        help = {
            code: " ".join(
                [
                    why[code],
                    "; ".join(f"{n}) {part[code]}" for n, part in enumerate(listed, 1)) + ".",
                    same[code],
                ]
            )
            for code in self.study.languages
            if code in why and code in same and all(code in part for part in listed)
        }
        return Question(
            PERSON,
            self.code("you", "code"),
            self.question(PERSON, self.own("code")),
            help=help,
            required=self.survey.rules.unidentified == "set_aside",
        )

    def _attributes(self, *, change: bool) -> dict[str, str]:
        """What is asked of a person beside code and school: name -> how readers know it."""
        groups = [g for g in self.study.groups if g.of == self.survey.population]
        names = {group.column: group.label for group in groups}
        names |= {n: "" for n in self.survey.rules.must_agree if n not in (*names, SCHOOL)}
        if change:
            names |= dict.fromkeys(self.survey.perceived_change, "")
        return {name: self.study.labels.get(name, label) for name, label in names.items()}

    def attribute(self, name: str, label: str) -> Question:
        default = {self.main: label} if label else {}
        return Question(
            name, self.code("you", name), self.question(name, default), self.choices(name)
        )

    def choices(self, name: str) -> tuple[Choice, ...]:
        """The values that an attribute can have, with those that say nothing."""
        groups = [
            g for g in self.study.groups if g.of == self.survey.population and g.column == name
        ]
        labels = {v.id: v.one or v.label for group in groups for v in group.values}
        given = self.asked.choices.get(name, {})
        values = list(dict.fromkeys([*labels, *given]))
        change = name in self.survey.perceived_change
        own: dict[str, dict[str, str]] = {}
        if change or any(group.gap for group in groups):
            own = {"yes": self.own("yes"), "no": self.own("no")}
        last = "dont_know" if change else "prefer_not_to_say"
        values = [v for v in dict.fromkeys([*own, *values]) if v != last]
        if not values:
            raise AnalystError(
                f"The questionnaire has to ask for '{name}', and nothing says which answers there "
                "are to it.",
                where=str(self.path),
                fix=f"List them there under choices.{name}, value -> label, such as "
                f"choices: {{{name}: {{first: The first answer, second: The second}}}}"
                + ("" if self.path.exists() else "; the file begins with schema_version: 1")
                + (f"; or under groups.{groups[0].id}.values of study.yaml." if groups else "."),
            )
        found = []
        for value in [*values, last]:
            words = by_language(given.get(value, ""), self.main)
            default = own.get(value) or ({self.main: labels[value]} if value in labels else {})
            if value == last:
                default = self.own(last)
            what = f"choices.{name}.{value} in {self.path.name}"
            found.append(Choice(value, self.texts(what, words, default)))
        return tuple(found)

    def instrument(self, instrument: Instrument) -> Section:
        file = f"instruments/{instrument.id}.yaml"
        sets = {
            name: tuple(
                Choice(
                    str(point),
                    self.texts(
                        f"response_sets.{name}.{point} in {file}",
                        {instrument.language: label},
                        {code: labels[point] for code, labels in each.translations.items()},
                    ),
                )
                for point, label in sorted(each.labels.items())
            )
            for name, each in instrument.response_sets.items()
        }
        questions = tuple(
            Question(
                item.code,
                self.code(instrument.id, item.code),
                self.texts(
                    f"the wording of {item.code} in {file}",
                    by_language(item.wording, instrument.language),
                ),
                sets[item.responses],
            )
            for item in instrument.items
        )
        introduction = by_language(instrument.introduction, instrument.language)
        what = f"the introduction in {file}"
        return Section(
            instrument.id,
            self.own("questions"),
            self.texts(what, introduction, needed=bool(introduction)),
            questions,
        )

    # ---- the whole -------------------------------------------------------------------------

    def information(self) -> tuple[dict[str, str], ...]:
        population = self.study.asked(self.survey)
        if self.asked.information:
            found = [self.given("information", words) for words in self.asked.information]
        else:
            found = [
                self.own(
                    "organisation",
                    title=self.study.title,
                    organisation=self.study.organisation,
                ),
                self.own("voluntary"),
                self.own("shown", minimum=population.minimum, noun=population.noun),
            ]
        if by_language(self.asked.contact, self.main):
            found.append(self.given("contact", self.asked.contact))
        return tuple(found)

    def notices(self) -> tuple[dict[str, str], ...]:
        """Of each instrument its name, source and licence, and whether permission is needed."""
        found = []
        for each in self.instruments:
            parts = (f"{each.name}: {each.source}", each.licence)
            said = self.same(" ".join(f"{part.rstrip('.')}." for part in parts))
            if each.permission == "needed":
                warning = self.own("permission")
                said = {code: f"{text} {warning.get(code, '')}" for code, text in said.items()}
            found.append({code: " ".join(text.split()) for code, text in said.items()})
        return tuple(found)

    def questionnaire(self, schools: Mapping[str, str], change: bool) -> Questionnaire:
        self._refuse_short_labels()
        consent = self.consent()
        school = Question(
            SCHOOL,
            self.code("you", SCHOOL),
            self.question(SCHOOL, self.own("school")),
            tuple(Choice(id, self.same(name)) for id, name in schools.items()),
            required=True,
        )
        others = [self.attribute(n, label) for n, label in self._attributes(change=change).items()]
        about = Section("about", self.own("about"), {}, (self.person(), school, *others))
        sections = tuple(self.instrument(each) for each in self.instruments)
        title = by_language(self.asked.title, self.main)
        words = {
            key: self.own(key) for key in ("questions", "tick", "write", "date", "page", "form")
        }
        made = Questionnaire(
            study=self.study.id,
            survey=self.survey.id,
            title=self.given("title", self.asked.title) if title else self.same(self.survey.label),
            languages=(),
            information=self.information(),
            notices=self.notices(),
            consent=consent,
            about=about,
            instruments=sections,
            thanks=self.own("thanks"),
            words=words,
            version="",
        )
        return self._finished(made)

    def _refuse_short_labels(self) -> None:
        """Stop at items of which the file has only its own short label."""
        for each in self.instruments:
            bare = [
                item
                for item in each.items
                if self.main not in by_language(item.wording, each.language)
            ]
            if bare:
                shown = a_few([f"{item.code} ({item.label})" for item in bare], 6)
                path = self.study.path(f"instruments/{each.id}.yaml")
                language = f" in {self.main}" if len(self.study.languages) > 1 else ""
                raise AnalystError(
                    f"{len(bare)} item{'s have' if len(bare) > 1 else ' has'} only a short label"
                    f"{language}, which is no question to ask: {shown}.",
                    where=f"{path}, items",
                    fix=f"Write what people are asked under 'wording' of each item: {self._example(bare[0])}"
                    + (
                        f". {each.short} may need its owners' permission: {each.licence}"
                        if each.permission == "needed"
                        else "."
                    ),
                )

    def _example(self, item: Item) -> str:
        """An item with wording, as it stands in an instrument's file."""
        words = '"the question as people read it"'
        if len(self.study.languages) > 1:
            words = "{" + ", ".join(f"{code}: {words}" for code in self.study.languages) + "}"
        said = f"code: {item.code}, subscale: {item.subscale}, label: {item.label}"
        return f"- {{{said}, wording: {words}}}"

    def _finished(self, made: Questionnaire) -> Questionnaire:
        """With its languages, its version, and nothing in it that cannot be told apart."""
        if lacking := self.lacking.get(self.main):
            raise AnalystError(
                f"The questionnaire lacks words in its main language ({self.main}): "
                + "; ".join(dict.fromkeys(lacking))
                + ".",
                where=str(self.path),
                fix="Write them (docs/questionnaires.md), or correct 'languages' in study.yaml.",
            )
        whole = tuple(code for code in self.study.languages if not self.lacking.get(code))
        notes = tuple(
            f"without {code}: {len(set(lacking))} texts are missing, such as "
            + "; ".join(list(dict.fromkeys(lacking))[:3])
            for code, lacking in self.lacking.items()
            if lacking and code != self.main
        )
        for question in made.questions:
            self._refuse_personal(question, whole)
            self._refuse_alike(question, whole)
        version = _version(made, whole)
        consent = Question(
            CONSENT,
            f"{CONSENT}{version}",
            {code: f"{text} {marked(version)}" for code, text in made.consent.texts.items()},
            made.consent.choices,
            required=True,
        )
        fields = {**vars(made), "languages": whole, "notes": notes, "version": version}
        return Questionnaire(**{**fields, "consent": consent})

    def _refuse_personal(self, question: Question, languages: Sequence[str]) -> None:
        """Stop before anybody is asked what no reader would let through."""
        for code in languages:
            if is_personal(question.code, question.full(code)):
                raise AnalystError(
                    f"'{question.full(code)}' reads like a question for somebody's name or address. "
                    "Such columns are left behind while reading, so its answers would be lost.",
                    where=str(self.path),
                    fix=f"Ask '{question.name}' in other words.",
                )

    def _refuse_alike(self, question: Question, languages: Sequence[str]) -> None:
        for spelled in (spellings(question, languages, labels=labels) for labels in (True, False)):
            for text, values in spelled.items():
                if len(values) > 1:
                    raise AnalystError(
                        f"Answers to '{question.name}' cannot be told apart: '{text}' would stand "
                        f"for {' and for '.join(sorted(values))}.",
                        where=str(self.study.folder),
                        fix="Give them other labels, in the instrument's file or in "
                        f"questionnaires/{self.survey.id}.yaml.",
                    )


def spellings(
    question: Question, languages: Iterable[str], *, labels: bool = False
) -> dict[str, set[str]]:
    """How tools may write each answer, as compared, with the values that it may stand for.

    With ``labels`` only answers in words; without, values and codes as well.
    """
    found: dict[str, set[str]] = defaultdict(set)
    for choice in question.choices:
        written = [choice.texts[code] for code in languages]
        if not labels:
            written += [choice.value, choice.code]
        for text in written:
            found[normalised(text)].add(choice.value)
    return found


def _version(made: Questionnaire, languages: Sequence[str]) -> str:
    """Eight figures that change with whatever decides how answers are read.

    The list of schools does not: its answers are read by the schools' ids and names.
    """
    asked = [
        (
            question.name,
            question.code,
            [question.full(code) for code in languages],
            [
                (choice.value, [choice.texts[code] for code in languages])
                for choice in question.choices
                if question.name != SCHOOL
            ],
        )
        for question in made.questions
    ]
    content = json.dumps([REVISION, made.survey, list(languages), asked], ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()[:8]


def marked(version: str) -> str:
    """What stands behind the words of the question on consent."""
    return f"[{version}]"


@lru_cache(maxsize=64)
def mark(version: str) -> re.Pattern[str]:
    """How a heading shows the version: in consent's code, or behind its words."""
    return re.compile(rf"(?:\b{CONSENT}{version}\b|\[{version}\])", re.IGNORECASE)
