"""Which column may be which item: a proposal that an analyst reads, corrects and keeps.

Columns are matched by item code first, then by wording (the instrument's short labels against
headings and questions). Nothing is mapped silently: every match stands in the file with how it
was found and how sure it is, and what is unsure is commented out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

import yaml

from analysis import sources
from analysis.errors import AnalystError
from analysis.instruments import Instrument
from analysis.prepare import schools
from analysis.prepare.answers import SHIFTS, WHOLE_NUMBER
from analysis.prepare.distinct import distinct
from analysis.sources.export import RawExport
from analysis.sources.microsoft_forms import is_quiz
from analysis.sources.personal import NUMBER
from analysis.sources.wording import MISSING_KINDS, normalised
from analysis.study import Study, Survey

#: Below this a match is written as a comment; below the second it is not written at all.
SURE, POSSIBLE = 0.8, 0.5
NO_ITEMS = """\
# No column's heading says what was asked: export with the questions' text (LimeSurvey: headings
# as 'code & text'), or name the columns here.
items: {}"""
#: Attributes whose values are listed, if a column has no more than this many.
FEW = 12
#: A value given by fewer people may be something that one person typed: it is not written.
COMMON = 3
#: Words by which an attribute's column is known: in headings or in questions.
ATTRIBUTES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("status", re.compile(r"status|response type")),
    ("finished", re.compile(r"finished|submitdate|date submitted")),
    ("started", re.compile(r"start ?date|start time|startdate|date started")),
    (
        "submitted",
        re.compile(
            r"date( of .*)?|recordeddate|completion (time|date)|end ?date|timestamp|datestamp|"
            r"date last action"
        ),
    ),
    ("duration", re.compile(r"duration( \(in seconds\))?")),
    ("consent", re.compile(r".*\b(consent|agree to take part|agree to participate|agreed?)\b.*")),
    ("respondent", re.compile(r".*\b(code|pseudonym)\b.*")),
    (
        "school",
        re.compile(r"(.*\b(which|what|your) .*)?\bschool\b.{0,20}|school (name|urn|id)|urn"),
    ),
    ("role", re.compile(r".*\byour (role|job)\b.*|role|job")),
    ("sex", re.compile(r"sex|gender|.*\b(girl or a? ?boy|boy or a? ?girl|your (sex|gender))\b.*")),
    ("year_group", re.compile(r"year( group)?|.*\b(which|what) (school )?year\b.*")),
)


@dataclass(frozen=True)
class Match:
    """One item or attribute and the column proposed for it (empty if none was found)."""

    name: str
    label: str
    column: str
    by: str
    confidence: float


@dataclass(frozen=True)
class Proposal:
    """A mapping file as text, and the matches it was made from."""

    text: str
    kind: str
    matches: tuple[Match, ...]
    left_behind: tuple[str, ...]

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


def propose(
    study: Study,
    path: Path,
    survey: str = "",
    *,
    instruments: Iterable[Instrument] = (),
    kind: str = "auto",
    sheet: str | None = None,
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
    columns = [
        name for name in raw.frame.columns if not is_quiz(name) and name != raw.response_number
    ]
    items = match_items(raw, columns, instruments)
    taken = {match.column for match in items if match.confidence >= SURE}
    attributes = match_attributes(raw, [name for name in columns if name not in taken])
    known = schools.resolver(schools.read(study))
    text = _text(path, raw, attributes, items, instruments, known)
    return Proposal(text, raw.kind, (*attributes, *items), raw.left_behind)


def match_items(raw: RawExport, columns: list[str], instruments: list[Instrument]) -> list[Match]:
    """The best column for each item, no column twice; surest matches first."""
    found: list[tuple[float, int, int, str]] = []
    items = [item for instrument in instruments for item in instrument.items]
    wordings = [_wordings(raw, name) for name in columns]
    for i, item in enumerate(items):
        label = _plain(item.label)
        for c, name in enumerate(columns):
            if normalised(name) == normalised(item.code):
                found.append((1.0, i, c, "code"))
                continue
            likeness = max(_likeness(label, words) for words in wordings[c])
            if likeness >= POSSIBLE:
                found.append((min(likeness, 0.99), i, c, "wording"))
    best: dict[int, tuple[float, int, str]] = {}
    used: set[int] = set()
    for confidence, i, c, by in sorted(found, key=lambda f: (-f[0], f[1], f[2])):
        if i not in best and c not in used:
            best[i] = confidence, c, by
            used.add(c)
    return [
        Match(item.code, item.label, columns[best[i][1]], best[i][2], round(best[i][0], 2))
        if i in best
        else Match(item.code, item.label, "", "", 0.0)
        for i, item in enumerate(items)
    ]


def match_attributes(raw: RawExport, columns: list[str]) -> list[Match]:
    """The first column that looks like each attribute."""
    found = []
    used: set[str] = set()
    for attribute, pattern in ATTRIBUTES:
        for name in columns:
            if name in used:
                continue
            by_heading = pattern.fullmatch(NUMBER.sub("", normalised(name)))
            question = NUMBER.sub("", normalised(raw.questions.get(name, "")))
            if by_heading or pattern.fullmatch(question):
                used.add(name)
                by = "heading" if by_heading else "question"
                found.append(Match(attribute, "", name, by, 0.9 if by_heading else 0.8))
                break
    return found


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


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[^\w ]", " ", NUMBER.sub("", normalised(text))).split())


def _wordings(raw: RawExport, name: str) -> list[str]:
    """A column's words: heading and question, whole and less what comes before the part."""
    found = []
    for text in (name, raw.questions.get(name, "")):
        found.append(_plain(text))
        grid = re.search(r"\[([^\]]+)\]\s*$", text)
        found += [_plain(grid[1])] if grid else []
        found += [_plain(text.rpartition(" - ")[2])] if " - " in text else []
    return [words for words in dict.fromkeys(found) if words] or [""]


def _likeness(first: str, second: str) -> float:
    """From 0 to 1: how alike two wordings are, in order or as sets of words."""
    if first == second:
        return 1.0
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    in_order = matcher.ratio() if matcher.real_quick_ratio() >= POSSIBLE else 0.0
    ours, theirs = set(first.split()), set(second.split())
    shared = len(ours & theirs) / max(len(ours | theirs), 1)
    return max(in_order, shared)


def _text(
    path: Path,
    raw: RawExport,
    attributes: list[Match],
    items: list[Match],
    instruments: list[Instrument],
    known: Mapping[str, str],
) -> str:
    lines = [
        f"# Proposed for {path.name} (read as {raw.kind}). Check every line, correct it, and name",
        "# this file under 'mapping' in study.yaml. Lines that are commented out were unsure.",
        "schema_version: 1",
        *_answers(raw, items, instruments),
        "",
        "columns:" if attributes else "columns: {}",
    ]
    for match in attributes:
        lines.append(f"  {match.name}: {_quoted(match.column)}  # by {match.by}")
    for needed in ("respondent", "school"):
        if needed not in {match.name for match in attributes}:
            lines.append(f"  # {needed}: no column was recognised; name it here")
    values = []
    for match in attributes:
        values += _values(raw, match) if match.name != "school" else _schools(raw, match, known)
    # A key above comments alone would be empty, which is no list of values.
    listed = any(not line.lstrip().startswith("#") for line in values)
    lines += ["", "values:" if listed else "values: {}", *values]
    lines += ["", "items:" if any(m.confidence >= SURE for m in items) else NO_ITEMS]
    for match in items:
        if match.confidence >= SURE:
            lines.append(
                f"  {match.name}: {_quoted(match.column)}  # {match.by}, {match.confidence:.2f}"
            )
        elif match.column:
            lines.append(
                f"  # {match.name}: {_quoted(match.column)}"
                f"  # {match.label}? {match.confidence:.2f}"
            )
        else:
            lines.append(f"  # {match.name}: no column found for '{match.label}'")
    if raw.left_behind:
        lines += ["", "# Left behind as personal: " + ", ".join(raw.left_behind)]
    return "\n".join(lines) + "\n"


def _answers(raw: RawExport, items: list[Match], instruments: list[Instrument]) -> list[str]:
    """How answers seem to be written, and what must be stated if they are shifted or coded."""
    texts: set[str] = set()
    for match in items:
        if match.confidence >= SURE:
            texts |= {normalised(text) for text in distinct(raw.frame[match.column])[1]}
    texts -= {"", *MISSING_KINDS}
    numbers = {int(float(text)) for text in texts if WHOLE_NUMBER.fullmatch(text)}
    codes = {text for text in texts if re.fullmatch(r"ao?0*\d", text)}
    if codes and len(codes) >= len(texts) / 2:
        points = ", ".join(
            f"{code.upper()}: {int(re.sub(r'^ao?', '', code))}" for code in sorted(codes)
        )
        sets = sorted({item.responses for found in instruments for item in found.items})
        return [
            "answers: codes",
            "# The tool's own answer codes: check in the form which answer each stands for.",
            "wordings:",
            *(f"  {name}: {{{points}}}" for name in sets),
        ]
    if len(numbers) < len(texts) / 2:
        return ["answers: labels"]
    lines = ["answers: codes"]
    ranges = {
        (responses.minimum, responses.maximum)
        for found in instruments
        for responses in found.response_sets.values()
    }
    low, high = min(r[0] for r in ranges), max(r[1] for r in ranges)
    near = {number for number in numbers if low - 2 <= number <= high + 2}
    if near and (min(near) < low or max(near) > high):
        for shift in SHIFTS:
            if low <= min(near) + shift and max(near) + shift <= high:
                lines.append(
                    f"# Codes run from {min(near)} to {max(near)}, the scale from {low} to "
                    f"{high}. If that is how the tool counts:\n# shift: {shift}"
                )
                break
    others = sorted(number for number in numbers if not low - 2 <= number <= high + 2)
    if others:
        lines.append(
            "# Codes outside the scale; say which kind of missing each is (prefer_not_to_say, "
            "dont_know,\n# not_applicable, not_answered):\n# missing: {"
            + ", ".join(f"{number}: not_answered" for number in others)
            + "}"
        )
    return lines


def _values(raw: RawExport, match: Match) -> list[str]:
    """The values of an attribute's column to be named, if they are few and common."""
    if match.name in ("respondent", "started", "submitted", "duration", "finished"):
        return []
    places, texts = distinct(raw.frame[match.column])
    counts = {text.strip(): int((places == n).sum()) for n, text in enumerate(texts)}
    common = [text for text, count in counts.items() if text and count >= COMMON]
    if not common or len(common) > FEW:
        return [f"  # {match.name}: list what each value stands for"]
    lines = [f"  {match.name}:"]
    labels = raw.value_labels.get(match.column, {})
    for text in sorted(common):
        meaning = _meaning(match.name, labels.get(text, text))
        lines.append(f"    {_quoted(text)}: {meaning}")
    return lines


def _schools(raw: RawExport, match: Match, known: Mapping[str, str]) -> list[str]:
    """Schools as the file writes them, where that is not how schools.csv does."""
    places, texts = distinct(raw.frame[match.column])
    labels = raw.value_labels.get(match.column, {})
    found, asked = [], []
    for number, text in enumerate(texts):
        cell = text.strip()
        if not cell or normalised(cell) in known:
            continue
        school = known.get(normalised(labels.get(cell, "")))
        if school:
            found.append(f"    {_quoted(cell)}: {school}")
        elif int((places == number).sum()) >= COMMON:
            asked.append(f"    # {_quoted(cell)}: which school is it?")
    head = "  school:" if found else "  school: {}  # where schools.csv has another name"
    return [head, *sorted(found), *sorted(asked)]


def _meaning(attribute: str, text: str) -> str:
    words = normalised(text)
    if words in MISSING_KINDS:
        return MISSING_KINDS[words]
    if attribute == "consent":
        return '"no"' if re.match(r"no\b|0$|false", words) else '"yes"'
    if attribute == "status":
        return "preview" if "preview" in words or "test" in words else "response"
    slug = "_".join(re.findall(r"[a-z0-9]+", words)) or "unknown"
    return slug if slug[0].isalpha() else f"{attribute}_{slug}"


def _quoted(text: str) -> str:
    return yaml.safe_dump(text, allow_unicode=True, default_style='"', width=10_000).strip()
