"""A questionnaire: what is asked, in which words and languages, with which answers.

It is made once (:mod:`analysis.questionnaire.build`), written by one module for each tool, and
known again in that tool's export (:mod:`analysis.questionnaire.recognise`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

#: The same words by language.
Texts = Mapping[str, str]
#: LimeSurvey keeps no longer codes of answers and of questions.
LONGEST_ANSWER, LONGEST_CODE = 5, 20
#: A longer list of answers is pulled down.
LONGEST_LIST = 12
FIGURES = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Choice:
    """One answer: its value in the study's words (of an item: the scale point), and its label."""

    value: str
    texts: Texts

    @property
    def code(self) -> str:
        """The value, or five letters and figures made of it alone where a tool would not keep it."""
        if re.fullmatch(rf"[A-Za-z0-9]{{1,{LONGEST_ANSWER}}}", self.value):
            return self.value
        number = int(hashlib.sha256(self.value.encode()).hexdigest(), 16)
        code = ""
        for _ in range(LONGEST_ANSWER):
            number, place = divmod(number, len(FIGURES))
            code += FIGURES[place]
        return code


@dataclass(frozen=True)
class Question:
    """One question.

    ``name`` is what the study calls it (an attribute, or an item's code), ``code`` what its column
    is called in exports: letters and figures only, different in the whole questionnaire.
    """

    name: str
    code: str
    texts: Texts
    choices: tuple[Choice, ...] = ()
    help: Texts = field(default_factory=dict)
    required: bool = False

    @property
    def long(self) -> bool:
        """Whether its answers are too many to stand below each other."""
        return len(self.choices) > LONGEST_LIST

    def full(self, language: str) -> str:
        """The question with what helps to answer it, in one line."""
        text, help = self.texts[language], self.help.get(language, "")
        if not help:
            return text
        return f"{text} {help}" if text.endswith((".", "?", "!", ":")) else f"{text}: {help}"


@dataclass(frozen=True)
class Section:
    """Questions on one page, below a title and an introduction (either may be empty)."""

    id: str
    title: Texts
    introduction: Texts
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Questionnaire:
    """A survey's questionnaire in ``languages``, of which the first is the main one.

    ``information`` are the paragraphs of the first page, ``notices`` those on the instruments'
    licences below them. ``items`` gives the item questions by code of the item, ``notes`` says
    what was left out. ``version`` is a hash of all that decides how answers are read.
    """

    study: str
    survey: str
    title: Texts
    languages: tuple[str, ...]
    information: tuple[Texts, ...]
    notices: tuple[Texts, ...]
    consent: Question
    about: Section
    instruments: tuple[Section, ...]
    thanks: Texts
    words: Mapping[str, Texts]
    version: str
    notes: tuple[str, ...] = ()

    @property
    def sections(self) -> tuple[Section, ...]:
        """What is asked after consent."""
        return (self.about, *self.instruments)

    @property
    def questions(self) -> Iterator[Question]:
        """Every question, in order."""
        yield self.consent
        for section in self.sections:
            yield from section.questions

    @property
    def items(self) -> dict[str, Question]:
        """The items' questions, by the items' codes."""
        return {q.name: q for section in self.instruments for q in section.questions}

    @property
    def attributes(self) -> dict[str, Question]:
        """The other questions, by the study's name for what they ask."""
        return {q.name: q for q in (self.consent, *self.about.questions)}

    def plain(self, question: Question, language: str) -> str:
        """A question's words without the version behind those on consent."""
        return question.texts[language].removesuffix(f" [{self.version}]")

    @property
    def main(self) -> str:
        """The main language."""
        return self.languages[0]
