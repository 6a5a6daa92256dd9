"""What a questionnaire says beside its items: the engine's own English, and the study's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from analysis.study import Language, Model, Words

#: What is said where the study gives no words of its own. ``{…}`` is filled in.
ENGLISH: Mapping[str, str] = {
    "organisation": "This survey belongs to: {title}. Responsible for it: {organisation}.",
    "voluntary": "Taking part is your choice. You may leave out any question of the survey, and "
    "stop at any time.",
    "shown": "Results are only shown where at least {minimum} {noun} have answered.",
    "consent": "Do you agree to take part?",
    "agree": "Yes, I agree to take part",
    "decline": "No, I do not agree",
    "about": "About you",
    "code": "Your own code",
    "code_why": "We do not ask who you are. If we ask you again later, this code lets us put your "
    "answers together. Write these one after the other, without spaces:",
    "code_exact": "Write it the same way each time, with the same capital and small letters.",
    "code_same": "Make it the same way each time. Capital or small letters make no difference.",
    "school": "Which is your school?",
    "yes": "Yes",
    "no": "No",
    "dont_know": "Don't know",
    "prefer_not_to_say": "Prefer not to say",
    "questions": "Questions",
    "permission": "Permission is needed: this instrument may not be used until its owners have "
    "agreed.",
    "thanks": "Thank you for your answers.",
    "tick": "Tick one box for each question. If you make a mistake, fill that box in whole and tick "
    "another.",
    "write": "Write the name here:",
    "date": "Today's date (day, month, year)",
    "page": "Page",
    "form": "Form",
}
#: What a code is made of, unless the study says otherwise.
CODE_PARTS = (
    "the first two letters of the first name of your mother, or of another adult who brought you "
    "up",
    "the day of the month on which you were born, in two figures (the 7th is 07)",
    "the first letter of the place where you were born",
)


class Asked(Model):
    """``questionnaires/<survey>.yaml``: a survey's own words for its questionnaire.

    All of it is optional. Where words may stand, a language may stand before each.
    """

    schema_version: Literal[1] = Field(description="1")
    title: Words = Field(default="", description="default: the survey's label")
    information: tuple[Words, ...] = Field(
        default=(), description="paragraphs of the first page, in place of the engine's own"
    )
    contact: Words = Field(default="", description="whom to ask, a further paragraph of that page")
    questions: dict[str, Words] = Field(
        default_factory=dict,
        description="attribute -> how it is asked; default: the label of its group",
    )
    choices: dict[str, dict[str, Words]] = Field(
        default_factory=dict,
        description="attribute -> value -> its label; needed where its group lists no values",
    )
    code_parts: tuple[Words, ...] = Field(
        default=(), description="what the self-made code is put together from"
    )
    words: dict[str, Words] = Field(
        default_factory=dict, description="the engine's own words in other words or languages"
    )


def by_language(words: Words, language: str) -> dict[str, str]:
    """Words by language; those that name none are in ``language``."""
    if isinstance(words, str):
        return {language: words} if words.strip() else {}
    return {code: text for code, text in words.items() if text.strip()}


__all__ = ["CODE_PARTS", "ENGLISH", "Asked", "Language", "by_language"]
