"""Which column may be which item: a proposal that an analyst reads, corrects and keeps.

Columns are matched by item code and by wording (the instrument's short labels against headings
and questions), and looked into: what is named as a code, a school or an answer must look like
one. A line is written as valid only where it is no guess: an item's own code or words, in one
column alone. Everything else is commented out, with what else it could be. What an answer to
consent, a status or "finished" means is never proposed by itself: the wordings are listed with
their counts, to be decided.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import yaml

from analysis import sources
from analysis.errors import AnalystError
from analysis.instruments import Instrument
from analysis.instruments.model import Item, ResponseSet
from analysis.prepare import schools
from analysis.prepare.answers import NUMBERED, WHOLE_NUMBER, near_the_scale, shift_for
from analysis.prepare.distinct import distinct
from analysis.prepare.own_columns import QUALTRICS_STATUS
from analysis.prepare.wordings import NEAR, POSSIBLE, SURE, likeness_of, plain, wordings
from analysis.sources.definitions import Definition
from analysis.sources.export import RawExport
from analysis.sources.microsoft_forms import is_quiz
from analysis.sources.personal import CODE_PARTS, NUMBER
from analysis.sources.wording import MISSING_KINDS, as_said, normalised
from analysis.study import Group, Study, Survey
from analysis.words import tidy

NO_WORDS = """\
## No column's heading says what was asked: export with the questions' text (LimeSurvey: headings
## as 'code & text'), give the survey's description (--qsf, --lss, --dictionary), or name the
## columns here."""
#: Attributes whose values are listed, if a column has no more than this many.
FEW = 12
#: A value given by fewer people may be something that one person typed: it is not written.
COMMON = 3
#: A code that people make up is shorter, and nearly everybody has one of their own.
LONGEST_CODE, OWN = 24, 0.5
#: An answer that is chosen from a list is shorter.
LONGEST_CHOICE = 150
#: Attributes of which each value decides whether a row is used: never proposed.
DECIDED = {
    "consent": "yes or no?",
    "status": "response, preview or test?",
    "finished": "yes or no?",
}
MOMENTS = ("started", "submitted")
DATE = re.compile(r"\d{1,4}[-./ ]\d{1,2}[-./ ]\d{1,4}.*|\d{1,2} \w+ \d{2,4}.*")
#: The order in which Qualtrics showed things: no answers.
DISPLAY_ORDER = re.compile(r".*_DO(_\d+.*)?|FL_\d+(_.*)?_DO.*|DO-.*", re.IGNORECASE)
#: What asks of another time than the survey's own; "in the last week" does not.
OTHER_TIME = re.compile(
    r"\b((last|previous|next) (school )?(year|term|autumn|spring|summer|winter)|years? ago|"
    r"before (the|this|our|you)|back then|previously|in (the )?future|used to|looking back)\b"
)
#: Words by which an attribute's column is known: in headings or in questions.
ATTRIBUTES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("status", re.compile(r"status|response type")),
    ("finished", re.compile(r"finished|submitdate|date submitted|complete\?|[a-z0-9_]+_complete")),
    ("started", re.compile(r"start ?date|start time|started|start|date started")),
    (
        "submitted",
        re.compile(
            r"date( of .*)?|recordeddate|completion (time|date)|end ?date|timestamp|datestamp|"
            r"date last action|survey timestamp|[a-z0-9_]+_timestamp|(submitted|completed)( (at|on))?|"
            r"_?submission[_ ]?(time|date)"
        ),
    ),
    (
        "duration",
        re.compile(r"duration( \(in seconds\))?|(interviewtime\. )?total time|interviewtime"),
    ),
    (
        "consent",
        re.compile(
            r".*\b(consent|agree to take part|agree to participate|agree[ds]?|take part)\b.*"
        ),
    ),
    ("respondent", re.compile(r".*\b(code|pseudonym)\b.*")),
    (
        "school",
        re.compile(r"(.*\b(which|what|your) .*)?\bschool\b.{0,20}|school (name|urn|id)|urn"),
    ),
    ("role", re.compile(r".*\byour( \w+){0,2} (role|job)\b.*|role|job")),
    ("sex", re.compile(r"sex|gender|.*\b(girl or a? ?boy|boy or a? ?girl|your (sex|gender))\b.*")),
    ("year_group", re.compile(r"year([ _]group)?|.*\b(which|what) (school )?year\b.*")),
)
#: A column of these words alone, or that asks for somebody's own, is meant to hold codes.
OWN_CODE = re.compile(
    r"((your|my|own|secret|personal|unique|participant|respondent|pupil|staff|survey|id|self-made)"
    r"[ _-]?)*(code|pseudonym)( (word|number))?[?:. ]*|"
    r".*\b(your|own|secret|personal|unique|self-made)( \w+){0,2} (code|pseudonym)\b"
    r"(?! (of|for) (conduct|practice|ethics|behaviour|behavior)).*"
)


@dataclass(frozen=True)
class Match:
    """One item or attribute and the column proposed for it (empty if none was found).

    ``sure`` says whether it is written as valid; ``why`` is the reason if it is not, and
    ``others`` the columns that could be meant as well, with how like they are.
    """

    name: str
    label: str
    column: str
    by: str
    confidence: float
    sure: bool = False
    why: str = ""
    others: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Proposal:
    """A mapping file as text, and the matches it was made from."""

    text: str
    kind: str
    matches: tuple[Match, ...]
    left_behind: tuple[str, ...]

    @property
    def summary(self) -> str:
        """How many columns were matched, how many are to be decided, and what has none."""
        sure = sum(match.sure for match in self.matches)
        unsure = sum(bool(match.column) and not match.sure for match in self.matches)
        none = sum(not match.column for match in self.matches)
        return (
            f"{sure} column{'' if sure == 1 else 's'} matched"
            + (f", {unsure} unsure and commented out" if unsure else "")
            + (f", no column found for {none} of the names wanted" if none else "")
        )

    def write(self, path: Path) -> None:
        """Write the mapping file, unless there is one already.

        Raises
        ------
        AnalystError
            If the file exists: it may hold somebody's corrections.
        """
        if path.exists():
            raise AnalystError(
                f"{path.name} exists already.",
                where=str(path),
                fix="Remove it first, or name another file.",
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.text, encoding="utf-8")


class Content:
    """What a column holds: its distinct texts, with how many rows each has."""

    def __init__(self, raw: RawExport, column: str) -> None:
        places, texts = distinct(raw.frame[column])
        sizes = np.bincount(places, minlength=len(texts)).tolist()
        self.counts: dict[str, int] = {}
        for text, size in zip(texts, sizes, strict=True):
            self.counts[text.strip()] = self.counts.get(text.strip(), 0) + size
        self.empty = self.counts.pop("", 0)
        self.rows = self.empty + sum(self.counts.values())
        self.labels = raw.value_labels.get(column, {})

    @cached_property
    def longest(self) -> int:
        """Characters of the longest text."""
        return max(map(len, self.counts), default=0)

    @property
    def filled(self) -> int:
        """Rows that are not empty."""
        return self.rows - self.empty

    def meant(self, text: str) -> str:
        """What a text stands for in the file: its label, or itself."""
        return self.labels.get(text, text)

    @property
    def by_count(self) -> list[tuple[str, int]]:
        """Texts, the most frequent first."""
        return sorted(self.counts.items(), key=lambda item: (-item[1], item[0]))


@dataclass
class Export:
    """An export, its columns that may be mapped, and what each holds."""

    raw: RawExport
    columns: list[str]
    _contents: dict[str, Content] = field(default_factory=dict)

    def content(self, column: str) -> Content:
        """What a column holds."""
        if column not in self._contents:
            self._contents[column] = Content(self.raw, column)
        return self._contents[column]


def propose(
    study: Study,
    path: Path,
    survey: str = "",
    *,
    instruments: Iterable[Instrument] = (),
    kind: str = "auto",
    sheet: str | None = None,
    definition: Definition | None = None,
) -> Proposal:
    """Propose a mapping for an export.

    Parameters
    ----------
    study
        The study.
    path
        The export, wherever it is.
    survey
        The survey it belongs to; needed only if the study has several.
    instruments
        The survey's instruments; read from the study if none are given.
    kind, sheet
        As in the study file.
    definition
        The survey's own description, from its tool.

    Raises
    ------
    AnalystError
        If the file cannot be read, or it is not clear to which survey it belongs.
    """
    asked = _survey(study, survey)
    if not instruments:
        from analysis.prepare import load_instruments

        loaded = load_instruments(study)
        instruments = [loaded[name] for name in asked.instruments]
    instruments = list(instruments)
    raw = sources.read(path, kind, sheet)  # type: ignore[arg-type]
    if definition is not None:
        raw = definition.applied(raw)
    export = Export(raw, [name for name in raw.frame.columns if _may_be_mapped(raw, name)])
    items = match_items(export, instruments)
    taken = {match.column for match in items if match.sure}
    known = schools.resolver(schools.by_id(schools.table(study)))
    groups = {group.column: group for group in study.groups_of(asked.population)}
    attributes = match_attributes(
        export,
        [name for name in export.columns if name not in taken],
        known,
        instruments,
        (*ATTRIBUTES, *((name, _names(group)) for name, group in groups.items()
                        if name not in dict(ATTRIBUTES))),
    )  # fmt: skip
    text = _text(path, export, attributes, items, instruments, known, definition, groups)
    return Proposal(text, raw.kind, (*attributes, *items), raw.left_behind)


def _names(group: Group) -> re.Pattern[str]:
    """How a question names a group of the study's: by its column or its label."""
    words = {normalised(tidy(group.column)), normalised(group.label)}
    return re.compile(rf".*\b({'|'.join(map(re.escape, sorted(words)))})\b.*")


def _may_be_mapped(raw: RawExport, name: str) -> bool:
    if is_quiz(name) or name == raw.response_number:
        return False
    return not (raw.kind.startswith("qualtrics") and DISPLAY_ORDER.fullmatch(name))


# --- items ---------------------------------------------------------------------------------


def match_items(export: Export, instruments: list[Instrument]) -> list[Match]:
    """The best column for each item, no column twice; surest matches first."""
    found: list[tuple[float, int, int, str]] = []
    items = [(instrument, item) for instrument in instruments for item in instrument.items]
    asked = [wordings(export.raw, name) for name in export.columns]
    for i, (instrument, item) in enumerate(items):
        label = plain(item.label)
        for c, name in enumerate(export.columns):
            likeness = max(likeness_of(label, words) for words in asked[c])
            headed = map(normalised, (name, export.raw.questions.get(name, "")))
            if normalised(item.code) in headed:
                found.append((1.0, i, c, "code"))
            elif likeness >= SURE or (
                likeness >= POSSIBLE
                and _answers_fit(export.content(name), instrument.responses(item))
            ):
                found.append((likeness, i, c, "wording"))
    best: dict[int, tuple[float, int, str]] = {}
    used: set[int] = set()
    order = {"code": 0, "wording": 1}
    for confidence, i, c, by in sorted(found, key=lambda f: (-f[0], order[f[3]], f[1], f[2])):
        if i not in best and c not in used:
            best[i] = confidence, c, by
            used.add(c)
    stems = Counter(asked[c].get(plain(items[i][1].label), "") for i, (_, c, _) in best.items())
    matches = []
    for i, (instrument, item) in enumerate(items):
        if i not in best:
            matches.append(Match(item.code, item.label, "", "", 0.0))
            continue
        confidence, c, by = best[i]
        others = sorted(
            ((export.columns[o], round(likeness, 2)) for likeness, n, o, _ in found
             if n == i and o != c),
            key=lambda other: -other[1],
        )  # fmt: skip
        column = export.columns[c]
        why = _doubt(export, column, instrument, item, confidence, by, others, stems)
        matches.append(
            Match(
                item.code, item.label, column, by, round(confidence, 2), not why, why,
                tuple(other for other in others[:3] if why or other[1] >= NEAR),
            )
        )  # fmt: skip
    return matches


def _doubt(
    export: Export,
    column: str,
    instrument: Instrument,
    item: Item,
    confidence: float,
    by: str,
    others: list[tuple[str, float]],
    stems: Counter[str],
) -> str:
    """Why an item's column is not sure; empty if it is.

    ``stems`` counts the items by what stands before their words: the question of a grid stands
    before several.
    """
    if confidence < SURE:
        return "the words are alike, not the same"
    if by == "wording" and others and others[0][1] >= SURE:
        return "another column asks the same"
    before = wordings(export.raw, column).get(plain(item.label), "") if by == "wording" else ""
    if OTHER_TIME.search(before):
        return "what stands before its words speaks of another time"
    if before and stems[before] < 2 <= len(instrument.items):
        return "what stands before its words stands before no other item's"
    question = plain(export.raw.questions.get(column, ""))
    if by == "code" and question not in ("", plain(column), plain(item.code)):
        likeness = max(likeness_of(plain(item.label), w) for w in wordings(export.raw, column))
        if likeness < POSSIBLE:
            return "the heading is the item's code, but its question has other words"
    content = export.content(column)
    if content.counts and not _answers_fit(content, instrument.responses(item)):
        return "what it holds are no answers of this scale"
    return ""


def _answers_fit(content: Content, responses: ResponseSet) -> bool:
    """Whether at least half of a column's texts could be answers of a response set."""
    known = _points(responses).keys() | {as_said(text) for text in responses.ambiguous}
    near = range(responses.minimum - 2, responses.maximum + 3)

    def fits(text: str) -> bool:
        words = {as_said(text), as_said(content.meant(text))}
        if words & known or words & MISSING_KINDS.keys():
            return True
        if numbered := NUMBERED.fullmatch(as_said(text)):
            return (numbered["label"] or numbered["label_"]) in known
        if WHOLE_NUMBER.fullmatch(text):
            return int(float(text)) in near or int(float(text)) < 0 or text in content.labels
        return bool(re.fullmatch(r"ao?0*\d", text.casefold()))

    return 2 * sum(map(fits, content.counts)) >= len(content.counts)


def _points(responses: ResponseSet) -> dict[str, int]:
    """Scale points by wording, as compared; ambiguous wordings left out."""
    known = {as_said(label): point for point, label in responses.labels.items()}
    known |= {as_said(label): point for label, point in responses.synonyms.items()}
    unclear = {as_said(text) for text in responses.ambiguous}
    return {words: point for words, point in known.items() if words not in unclear}


# --- attributes ----------------------------------------------------------------------------


def match_attributes(
    export: Export,
    columns: list[str],
    known: Mapping[str, str],
    instruments: list[Instrument],
    attributes: Sequence[tuple[str, re.Pattern[str]]] = ATTRIBUTES,
) -> list[Match]:
    """The column that looks most like each attribute, by its words and by what it holds."""
    scale = {words for found in instruments for set_ in found.response_sets.values()
             for words in _points(set_)}  # fmt: skip
    found: list[Match] = []
    used: set[str] = set()
    for attribute, pattern in attributes:
        candidates: list[tuple[bool, int, float, str, str, str]] = []
        for name in columns:
            if name in used:
                continue
            by, likeness = _by_words(export.raw, name, attribute, pattern)
            if not by:
                continue
            why = _unlikely(attribute, export.content(name), known, scale)
            if attribute == "respondent" and not why and likeness < 0.8:
                why = "its words speak of a code, but do not ask for one"
            schooled = _schooled(export.content(name), known) if attribute == "school" else 0
            candidates.append((not why, schooled, likeness, name, by, why))
        if not candidates:
            continue
        sure, _, likeness, name, by, why = max(candidates, key=lambda c: c[:3])
        # What cannot be it is only named where nothing else can.
        others = tuple(
            (other, alike)
            for likely, _, alike, other, *_ in candidates
            if other != name and (likely or not sure)
        )
        if sure:
            used.add(name)
        found.append(Match(attribute, "", name, by, likeness, sure, why, others[:3]))
    return found


def _by_words(
    raw: RawExport, name: str, attribute: str, pattern: re.Pattern[str]
) -> tuple[str, float]:
    """How a column's words name an attribute, and how surely."""
    heading = NUMBER.sub("", normalised(name))
    question = NUMBER.sub("", normalised(raw.questions.get(name, "")))
    for by, words, likeness in (("heading", heading, 0.9), ("question", question, 0.8)):
        if not words or not (
            pattern.fullmatch(words) or (attribute == "respondent" and CODE_PARTS.search(words))
        ):
            continue
        if attribute == "respondent" and not OWN_CODE.fullmatch(words):
            likeness = 0.6
        return by, likeness
    return "", 0.0


def _unlikely(attribute: str, content: Content, known: Mapping[str, str], scale: set[str]) -> str:
    """Why a column does not hold what its words promise; empty if it may."""
    if not content.counts:
        return "" if attribute in (*MOMENTS, "finished") else "it holds nothing"
    if attribute == "respondent":
        if content.longest > LONGEST_CODE:
            return "it holds longer texts than codes are"
        if len(content.counts) < OWN * content.filled:
            return "many people gave the same: these are no codes of persons"
        numbers = [int(text) for text in content.counts if text.isdigit() and len(text) < 9]
        if len(numbers) == content.filled > 2 and set(numbers) == set(
            range(min(numbers), min(numbers) + len(numbers))
        ):
            return "it numbers the rows"
        return ""
    if attribute in MOMENTS:
        dates = sum(n for text, n in content.counts.items() if DATE.fullmatch(text))
        return "" if 2 * dates >= content.filled else "it holds no dates"
    if attribute == "duration":
        numbers_ = sum(n for text, n in content.counts.items() if re.fullmatch(r"[\d.,]+", text))
        return "" if 2 * numbers_ >= content.filled else "it holds no numbers"
    if content.longest > LONGEST_CHOICE:
        return "it holds texts that people wrote"
    if attribute == "school":
        few = len(content.counts) <= max(2 * len(set(known.values())), FEW)
        if 2 * _schooled(content, known) >= content.filled or few:
            return ""
        return "few of its values are schools"
    if attribute == "finished" and all(DATE.fullmatch(text) for text in content.counts):
        return ""
    if len(content.counts) > FEW:
        return f"it holds {len(content.counts)} different values"
    if attribute == "consent" and {normalised(content.meant(t)) for t in content.counts} & scale:
        return "it holds answers of a scale"
    return ""


def _schooled(content: Content, known: Mapping[str, str]) -> int:
    """How many of a column's cells name a school of the study."""
    return sum(n for text, n in content.counts.items() if _school(text, content, known))


def _school(text: str, content: Content, known: Mapping[str, str]) -> str:
    return known.get(normalised(text)) or known.get(normalised(content.meant(text)), "")


def _survey(study: Study, survey: str) -> Survey:
    known = {item.id: item for item in study.surveys}
    if survey in known:
        return known[survey]
    if not survey and len(known) == 1:
        return next(iter(known.values()))
    raise AnalystError(
        f"The study has the surveys {', '.join(known)}; "
        + (f"'{survey}' is none of them." if survey else "say which one this file belongs to."),
        where=str(study.path("study.yaml")),
        fix=f"Add --survey {next(iter(known), 'NAME')}, for example.",
    )


# --- the file ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """A key and its value, valid or commented out, and what is said beside it."""

    key: str
    value: str
    valid: bool
    said: str


@dataclass(frozen=True)
class Listed:
    """The values of an attribute, each a line; ``about`` is said above them."""

    attribute: str
    lines: tuple[Line, ...]
    about: str = ""


def _text(
    path: Path,
    export: Export,
    attributes: list[Match],
    items: list[Match],
    instruments: list[Instrument],
    known: Mapping[str, str],
    definition: Definition | None,
    groups: Mapping[str, Group],
) -> str:
    raw = export.raw
    with_words = f", with {definition.tool}'s description" if definition else ""
    lines = [
        f"## Proposed for {path.name} (read as {raw.kind}{with_words}). Check every line, correct",
        "## it, and name this file under 'mapping' in study.yaml. Lines that begin with one # are",
        "## not used: take '# ' away from those that are right, and fill in what is asked there.",
        "## Every line says how its column was found, and how like it is (1.00 is the same).",
        *(f"## {note}" for note in (*raw.notes, *(definition.notes if definition else ()))),
        "schema_version: 1",
        *_answers(export, items, instruments, described=definition is not None),
        "",
        *_section("columns", [_line(match) for match in _with_wanted(attributes, groups)]),
    ]
    values = [
        _values(export, match, known, groups.get(match.name))
        for match in attributes
        if match.column
    ]
    lines += ["", *_nested("values", [listed for listed in values if listed])]
    lines += ["", *([] if any(match.column for match in items) else NO_WORDS.splitlines())]
    lines += _section("items", [_line(match) for match in items])
    for name, why in raw.unusable.items():
        lines.append(f"## Not to be mapped: '{name}', since {why}")
    proposed = {match.column for match in (*attributes, *items)}
    if rest := [name for name in export.columns if name not in proposed]:
        lines += ["", "## Proposed for nothing, and so not used: " + ", ".join(map(_quoted, rest))]
    if raw.left_behind:
        lines += ["", "## Left behind as personal: " + ", ".join(raw.left_behind)]
    return "\n".join(lines) + "\n"


def _with_wanted(attributes: list[Match], groups: Iterable[str]) -> list[Match]:
    """The attributes, with those wanted though no column was found: code, school, the groups."""
    named = {match.name for match in attributes}
    wanted = dict.fromkeys(("respondent", "school", *groups))
    return attributes + [Match(name, "", "", "", 0.0) for name in wanted if name not in named]


def _line(match: Match) -> Line:
    if not match.column:
        wanted = f" for '{match.label}'" if match.label else " was recognised"
        return Line(match.name, _quoted("which column?"), False, f"no column{wanted}")
    said = f"by {match.by}, {match.confidence:.2f}"
    if match.label:
        said += f": {match.label}"
    if match.why:
        said += f"; unsure: {match.why}"
    if match.others:
        said += "; or " + ", ".join(f"{_quoted(name)} ({like:.2f})" for name, like in match.others)
    return Line(match.name, _quoted(match.column), match.sure, said)


def _section(name: str, lines: list[Line]) -> list[str]:
    """A key with a line for each entry, which stays valid YAML whatever is taken in later.

    Without a valid entry it is written in braces: nothing but comments below a key would be no
    mapping.
    """
    if not lines:
        return [f"{name}: {{}}"]
    if any(line.valid for line in lines):
        return [f"{name}:", *(_entry(line, "  ", "") for line in lines)]
    return [f"{name}: {{", *(_entry(line, "  ", ",") for line in lines), "  }"]


def _entry(line: Line, indent: str, comma: str) -> str:
    mark = "" if line.valid else "# "
    said = f"  # {line.said}" if line.said else ""
    return f"{indent}{mark}{line.key}: {line.value}{comma}{said}"


def _nested(name: str, listed: list[Listed]) -> list[str]:
    """As :func:`_section`, of entries that have entries themselves."""
    if not listed:
        return [f"{name}: {{}}"]
    valid = any(line.valid for each in listed for line in each.lines)
    lines = [f"{name}:" if valid else f"{name}: {{"]
    for each in listed:
        lines += [f"  ## {each.about}"] if each.about else []
        if any(line.valid for line in each.lines):
            lines += [f"  {each.attribute}:", *(_entry(line, "    ", "") for line in each.lines)]
        elif each.lines:
            lines.append(f"  # {each.attribute}: {{")
            lines += [f"  #   {line.key}: {line.value},  # {line.said}" for line in each.lines]
            lines.append("  #   }" + ("" if valid else ","))
    return lines if valid else [*lines, "  }"]


def _values(
    export: Export, match: Match, known: Mapping[str, str], group: Group | None
) -> Listed | None:
    """The values of an attribute's column: what they stand for, or what is to be decided.

    Of a group that the study lists, a value stands for one of its own words, or is asked.
    """
    content = export.content(match.column)
    if match.name in (*MOMENTS, "respondent", "duration") or not match.sure:
        return None
    if match.name == "school":
        return _schools(content, known)
    if match.name in DECIDED:
        return _decisions(export, match, content)
    rare = sum(1 for count in content.counts.values() if count < COMMON)
    about = f"{match.name}: the study's word for each value, the same at every wave"
    if rare:
        about += (
            f"; {rare} value{'s' if rare > 1 else ''} of fewer than {COMMON} rows each "
            f"{'are' if rare > 1 else 'is'} not shown: write them as the file does"
        )
    lines = []
    for text, count in content.by_count:
        if count < COMMON:
            continue
        words = normalised(content.meant(text))
        number = bool(re.fullmatch(r"-?\d+(\.\d+)?|ao?\d+", words))
        if number and match.name == "year_group":
            continue  # a number says what it is
        said = _rows(count) + (f", labelled '{content.labels[text]}'"
                               if text in content.labels else "")  # fmt: skip
        if group is not None and group.values:
            own = {normalised(name): each.id for each in group.values
                   for name in (tidy(each.id), each.label)}  # fmt: skip
            meaning = own.get(words, _quoted(f"which of {', '.join(group.ids)}?"))
            lines.append(Line(_quoted(text), meaning, words in own, said))
            continue
        meaning = _quoted("what does it stand for?") if number else _word(words)
        lines.append(Line(_quoted(text), meaning, not number, said))
    return Listed(match.name, tuple(lines), about) if lines or rare else None


def _decisions(export: Export, match: Match, content: Content) -> Listed | None:
    """What each answer to consent, each status, each "finished" means: asked, not proposed."""
    if match.name == "finished" and all(DATE.fullmatch(text) for text in content.counts):
        empty = f"{_rows(content.empty)} without a date" if content.empty else "no row without one"
        return Listed("finished", (), f"finished: a date is a yes, none a no; {empty}")
    documented = QUALTRICS_STATUS if export.raw.kind.startswith("qualtrics") else {}
    lines = []
    for text, count in content.by_count:
        label = content.labels.get(text, "")
        said = _rows(count) + (f", labelled '{label}'" if label else "")
        meaning = documented.get(normalised(text), "") if match.name == "status" else ""
        if meaning:
            said += f"; so Qualtrics writes a {meaning}"
        lines.append(Line(_quoted(text), meaning or _quoted(DECIDED[match.name]), False, said))
    about = f"{match.name}, to be decided: what does each of these mean, {DECIDED[match.name]}"
    if content.empty:
        about += f" ({_rows(content.empty)} empty)"
    return Listed(match.name, tuple(lines), about)


def _schools(content: Content, known: Mapping[str, str]) -> Listed | None:
    """Schools as the file writes them, where that is not how schools.csv does."""
    found, asked, rare = [], [], 0
    for text, count in content.by_count:
        if normalised(text) in known:
            continue
        school = _school(text, content, known)
        said = _rows(count) + (f", labelled '{content.labels[text]}'"
                               if text in content.labels else "")  # fmt: skip
        if school:
            found.append(Line(_quoted(text), school, True, said))
        elif count >= COMMON:
            asked.append(Line(_quoted(text), _quoted("which school is it?"), False, said))
        else:
            rare += 1
    if not (found or asked or rare):
        return None
    about = "school: names that schools.csv does not have"
    if rare:
        about += f"; {rare} more, of fewer than {COMMON} rows each, are not shown"
    return Listed("school", (*found, *asked), about)


def _rows(count: int) -> str:
    return f"{count} row{'' if count == 1 else 's'}"


def _word(words: str) -> str:
    """A value in the study's form of it: the same words, in small letters and joined."""
    if words in MISSING_KINDS:
        return MISSING_KINDS[words]
    slug = "_".join(re.findall(r"[a-z0-9]+", words))
    return slug if slug[:1].isalpha() else _quoted("what does it stand for?")


# --- how answers are written ----------------------------------------------------------------


def _answers(
    export: Export, items: list[Match], instruments: list[Instrument], *, described: bool
) -> list[str]:
    """How answers are written, and what must be stated if they are shifted or coded."""
    texts: set[str] = set()
    some = any(match.sure for match in items)
    for match in items:
        if match.sure or (not some and match.confidence >= SURE):
            content = export.content(match.column)
            texts |= {
                as_said(text)
                for text in content.counts
                if as_said(content.meant(text)) not in MISSING_KINDS
            }
    texts -= {"", *MISSING_KINDS}
    numbers = {int(float(text)) for text in texts if WHOLE_NUMBER.fullmatch(text)}
    codes = {text for text in texts if re.fullmatch(r"ao?0*\d", text)}
    if described and texts:
        stated = _stated(export, items, instruments)
        if stated:
            return stated
    if codes and len(codes) >= len(texts) / 2:
        points = ", ".join(
            f"{code.upper()}: {int(re.sub(r'^ao?', '', code))}" for code in sorted(codes)
        )
        return [
            "answers: codes",
            "## The tool's own answer codes: look in the form which answer each stands for (or give",
            "## the survey's description with --lss), and name the scale points.",
            "# wordings:",
            *(f"#   {name}: {{{points}}}" for name in _sets(instruments)),
        ]
    if len(numbers) < len(texts) / 2 or not texts:
        return ["answers: labels"]
    return ["answers: codes", *_shifts(numbers, instruments)]


def _sets(instruments: list[Instrument]) -> list[str]:
    return sorted({item.responses for found in instruments for item in found.items})


def _shifts(numbers: set[int], instruments: list[Instrument]) -> list[str]:
    lines = []
    ranges = {
        (responses.minimum, responses.maximum)
        for found in instruments
        for responses in found.response_sets.values()
    }
    low, high = min(r[0] for r in ranges), max(r[1] for r in ranges)
    near = near_the_scale(numbers, low, high)
    if near and (min(near) < low or max(near) > high):
        shift = shift_for(min(near), max(near), low, high)
        if shift is not None:
            lines.append(
                f"## Codes run from {min(near)} to {max(near)}, the scale from {low} to "
                f"{high}. If that is how the tool counts:\n# shift: {shift}"
            )
    others = sorted(numbers - near)
    if others:
        lines.append(
            "## Codes outside the scale; say which kind of missing each is (prefer_not_to_say, "
            "dont_know,\n## not_applicable, not_answered):\n# missing: {"
            + ", ".join(f"{number}: not_answered" for number in others)
            + "}"
        )
    return lines


def _stated(export: Export, items: list[Match], instruments: list[Instrument]) -> list[str]:
    """Codes as the survey's description explains them; nothing if cells are words already."""
    sets = {item.code: (item.responses, found.responses(item))
            for found in instruments for item in found.items}  # fmt: skip
    points: dict[str, dict[str, set[int]]] = {}
    missing: dict[str, set[str]] = {}
    unknown: list[str] = []
    for match in items:
        content = export.content(match.column) if match.sure else None
        if content is None or not content.labels:
            continue
        name, responses = sets[match.name]
        known = _points(responses)
        for code, label in content.labels.items():
            words = as_said(label)
            if words in known:
                points.setdefault(name, {}).setdefault(code, set()).add(known[words])
            elif words in MISSING_KINDS:
                missing.setdefault(code, set()).add(MISSING_KINDS[words])
            elif code in content.counts:
                unknown.append(f"{code} ('{label}') of {match.name}")
    if not points:
        return []
    lines = ["answers: codes"]
    clear = {name: {code: min(found) for code, found in codes.items() if len(found) == 1}
             for name, codes in points.items()}  # fmt: skip
    pairs = {(code, point) for codes in clear.values() for code, point in codes.items()}
    if not all(code == str(point) for code, point in pairs):
        lines += ["## As the description has it:", "wordings:"]
        lines += [
            f"  {name}: {{{', '.join(f'{_quoted(code)}: {point}' for code, point in sorted(codes.items()))}}}"
            for name, codes in sorted(clear.items())
        ]
    kinds = {code: min(found) for code, found in missing.items() if len(found) == 1}
    if kinds:
        lines.append(
            "missing: {"
            + ", ".join(f"{_quoted(code)}: {kind}" for code, kind in sorted(kinds.items()))
            + "}"
        )
    for name, codes in points.items():
        for code, found in codes.items():
            if len(found) > 1:
                lines.append(
                    f"## {code} is not the same answer in all questions of '{name}': export words "
                    "(labels) and not codes"
                )
    lines += [f"## not an answer of the scale: {text}" for text in sorted(set(unknown))]
    return lines


def _quoted(text: str) -> str:
    return yaml.safe_dump(text, allow_unicode=True, default_style='"', width=10_000).strip()
