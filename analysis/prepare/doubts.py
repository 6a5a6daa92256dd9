"""Meanings that a mapping states and that read like their opposite.

Consent, status and finished decide whether somebody is used, and a mapping is written by hand: a
slip there makes a refusal a yes. What reads so is used only once the mapping confirms it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping as MappingOf

from analysis.sources.wording import normalised

#: Words of refusing, in the languages that dates are read in and others that schools translate
#: forms into.
REFUSING = re.compile(
    r"\b(?:no|not|none|never|na|nope|false|cannot|(?:do|does|did|wo|would|ca|could|is|am|are)n'?t"
    r"|decline[ds]?|disagree[ds]?|refuse[ds]?|refusal|reject(?:ed|s)?|object(?:ion|ed|s)?"
    r"|opt(?:ed|ing)?[ -]out|unwilling|withdrawn|withdr(?:aw|ew) (?:my )?consent|without consent"
    r"|nein|nicht|kein\w*|lehne\w*|abgelehnt|verweiger\w*|widersprech\w*"
    r"|non|ne|pas|refus\w*|declin\w*|rechaz\w*|niego|rifiut\w*|nao|recus\w*"
    r"|nee|niet|geen|weiger\w*|nac|ddim|dim|gwrthod\w*|nej|nei|inte|ikke|ei|nie|nu|hayir"
    r"|нет|не|ні|οχι|لا|نہیں)\b|[不否✗✘✖❌☒☐🚫👎]|いいえ"
)
#: How a yes begins, whatever is said after it; unless that is a refusal at once.
AGREEING = re.compile(
    r"(?:yes|yep|ja|oui|si|sim|ie|ydw|tak|i (?:do )?(?:agree|consent|accept)|agree[ds]?|accept(?:ed|s)?"
    r"|consent(?:ed|s)?|i give (?:my )?consent|ich stimme zu|einverstanden|j'accepte|acepto|accetto)\b"
    r"[\W_]*"
)
LAST_WORD = re.compile(r".*[\W_]([^\W_]+)[\W_]*", re.DOTALL)
NOT_SENT = re.compile(r"\b(?:preview|tests?|testing|tester|spam|vorschau|apercu)\b")
NOT_FINISHED = re.compile(
    r"\b(?:no|not|partial(?:ly)?|incomplete|unfinished|unsubmitted|in progress|abandoned|started"
    r"|disqualified|screened|timed? ?out|expired|nein|nicht|teilweise|abgebrochen|non|partiel\w*)\b"
)
#: Codes that a tool gives, by kind of export: what they are wherever that tool writes them.
OF_TOOLS: MappingOf[str, MappingOf[str, MappingOf[str, tuple[str, str]]]] = {
    kind: {
        "status": {
            "1": ("preview", "Qualtrics writes 1 for a survey preview"),
            "2": ("test", "Qualtrics writes 2 for test data that it made up"),
            "17": ("preview", "Qualtrics writes 17 for a preview of its offline app"),
        }
    }
    for kind in ("qualtrics_csv", "qualtrics_legacy_csv")
} | {
    "redcap_csv": {"finished": {"0": ("no", "REDCap writes 0 for a form that is incomplete")}},
}


def doubt(
    attribute: str,
    cell: str,
    label: str,
    meaning: str,
    kind: str,
    listed: MappingOf[str, str],
    known: MappingOf[str, str],
) -> str:
    """Why what a mapping says a cell stands for may be a slip; empty text if nothing speaks for it.

    Parameters
    ----------
    attribute
        One of :data:`analysis.sources.mapping.DECIDING`.
    cell, label
        The cell, and what the file itself says it stands for (empty if it does not).
    meaning
        What the mapping says.
    kind
        The kind of export.
    listed
        All that the mapping lists, by wording as compared.
    known
        What wordings mean wherever nothing is listed.
    """
    words = normalised(cell)
    of_tool = OF_TOOLS.get(kind, {}).get(attribute, {}).get(words)
    if of_tool and of_tool[0] != meaning:
        return of_tool[1]
    for said in filter(None, (normalised(label), words)):
        if not said.isdigit() and known.get(said, meaning) != meaning:
            return f"everywhere else '{said}' is '{known[said]}'"
        if (attribute, meaning) == ("consent", "yes") and refuses(said):
            return "it reads like a refusal"
        if (attribute, meaning) == ("status", "response") and NOT_SENT.search(_bare(said)):
            return "it reads like no real response"
        if (attribute, meaning) == ("finished", "yes") and NOT_FINISHED.search(_bare(said)):
            return "it reads like an unfinished response"
    codes = [one for one in listed if one.isdigit()]
    all_agree = len(codes) > 1 and {normalised(value) for value in listed.values()} == {"yes"}
    if attribute == "consent" and all_agree and words in codes and not label:
        return f"all {len(codes)} codes are stated as 'yes', so that nobody could refuse"
    return ""


def refuses(words: str) -> bool:
    """Whether a wording reads like a refusal."""
    said = _bare(words)
    opening = AGREEING.match(said)
    if opening is None:
        return bool(REFUSING.search(said))
    last = LAST_WORD.fullmatch(said)
    return bool(
        REFUSING.match(said, opening.end()) or (last and REFUSING.fullmatch(last[1]) is not None)
    )


def _bare(words: str) -> str:
    """Words without accents and the forms that Unicode has of one letter."""
    parts = unicodedata.normalize("NFKD", normalised(words)).replace("ı", "i")
    return "".join(sign for sign in parts if not unicodedata.combining(sign))
