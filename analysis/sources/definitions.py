"""A survey's own description, from the tool that ran it: what was asked, and what codes mean.

==============  ===================================================================
Qualtrics       ``.qsf``, JSON: Survey, Tools, Import/Export, Export survey
LimeSurvey      ``.lss``, XML: Display/Export, Survey structure
REDCap          the data dictionary, CSV: Project setup, Data dictionary, Download
==============  ===================================================================

With it no code needs guessing. It is used to propose a mapping, which then says all that
``drp prepare`` needs: the description itself is not read again.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from analysis.errors import AnalystError
from analysis.sources import delimited
from analysis.sources.encodings import decoded
from analysis.sources.export import RawExport
from analysis.sources.grid import tidy
from analysis.sources.redcap import DICTIONARY
from analysis.sources.wording import normalised

TAG = re.compile(r"<[^<>]*>")
#: What LimeSurvey's question types without listed answers stand for, by type.
LIME_TYPES: Mapping[str, Mapping[str, str]] = {
    "Y": {"Y": "Yes", "N": "No"},
    "G": {"F": "Female", "M": "Male"},
    "C": {"Y": "Yes", "N": "No", "U": "Uncertain"},
    "E": {"I": "Increase", "S": "Same", "D": "Decrease"},
    "M": {"Y": "Yes"},
    "P": {"Y": "Yes"},
}


@dataclass(frozen=True)
class Definition:
    """What a description says, by the export's column headings.

    Attributes
    ----------
    tool
        Whose it is.
    questions
        What each column asks, in words without markup.
    choices
        By column, what each code stands for.
    identifiers
        Columns that the description marks as identifying people.
    notes
        What an analyst should know: blocks in random order, questions that are recoded.
    """

    tool: str
    questions: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    identifiers: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()

    def applied(self, raw: RawExport) -> RawExport:
        """The export with the description's questions and choices.

        A column's choices are kept only where its cells are codes and not words already, and
        columns marked as identifying people are left behind.

        Raises
        ------
        AnalystError
            If no column of the export is in the description.
        """
        own = {name: self._of(name) for name in raw.frame.columns}
        if not any(own.values()):
            raise AnalystError(
                f"None of the columns of {raw.file} is in {self.tool}'s description of the survey.",
                where=raw.file,
                fix="Give the description of the same survey; headings must be the questions' codes "
                "(in LimeSurvey: question code, or code and text).",
            )
        questions, labels = dict(raw.questions), dict(raw.value_labels)
        for name, code in own.items():
            if not code:
                continue
            questions[name] = self.questions.get(code, "") or questions.get(name, "")
            choices = self.choices.get(code, {})
            cells = {text.strip() for text in raw.frame[name].unique()} - {""}
            if choices and any(cell in choices for cell in cells):
                labels[name] = choices
        gone = [name for name, code in own.items() if code in self.identifiers]
        return replace(
            raw,
            frame=raw.frame.drop(columns=gone),
            questions=questions,
            value_labels=labels,
            left_behind=(*raw.left_behind, *gone),
        )

    def _of(self, heading: str) -> str:
        """The description's name of a column; empty if it has none."""
        known = self.questions.keys() | self.choices.keys()
        if heading in known:
            return heading
        # LimeSurvey's "code and text": the code, a separator, the question.
        code = re.match(r"([A-Za-z0-9_]+(\[[^\]]*\])*)\s*[.:]?\s", heading)
        return code[1] if code and code[1] in known else ""


def read_qsf(path: Path) -> Definition:
    """Qualtrics's description of a survey.

    Raises
    ------
    AnalystError
        If it is no such file.
    """
    try:
        content = json.loads(_text(path))
        elements = content["SurveyElements"]
    except (ValueError, KeyError, TypeError):
        raise _not_one(path, "Qualtrics's description of a survey (.qsf)") from None
    return _built("Qualtrics", path, lambda: _qualtrics(elements))


def read_lss(path: Path) -> Definition:
    """LimeSurvey's description of a survey.

    Raises
    ------
    AnalystError
        If it is no such file.
    """
    text = _text(path)
    if "<!ENTITY" in text[:65536]:
        raise _not_one(path, "LimeSurvey's description of a survey (.lss)")
    try:
        root = ElementTree.fromstring(text.encode("utf-8"))
    except (ElementTree.ParseError, ValueError):
        root = ElementTree.Element("broken")
    if root.find("LimeSurveyDocType") is None:
        raise _not_one(path, "LimeSurvey's description of a survey (.lss)")
    return _built("LimeSurvey", path, lambda: _limesurvey(root))


def read_dictionary(path: Path) -> Definition:
    """REDCap's data dictionary.

    Raises
    ------
    AnalystError
        If it is no such file.
    """
    cells = delimited.read(path).cells
    head = [normalised(cell).strip('"') for cell in cells.iloc[0]]
    if head[0] != DICTIONARY:
        raise _not_one(path, "REDCap's data dictionary")
    rows = [dict(zip(head, row, strict=True)) for row in cells.iloc[1:].to_numpy().tolist()]
    return _built("REDCap", path, lambda: _redcap(rows))


def _built(tool: str, path: Path, build: Callable[[], Definition]) -> Definition:
    try:
        return build()
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise AnalystError(
            f"{path.name} is not laid out as {tool}'s descriptions of surveys are "
            f"({type(error).__name__}).",
            where=str(path),
            fix=f"Export it again from {tool}; or propose the mapping without it.",
        ) from None


# --- Qualtrics -----------------------------------------------------------------------------


def _qualtrics(elements: list[dict[str, Any]]) -> Definition:
    questions: dict[str, str] = {}
    choices: dict[str, Mapping[str, str]] = {}
    blocks = [block for each in elements if each.get("Element") == "BL"
              for block in _values(each.get("Payload"))]  # fmt: skip
    trash = {
        part.get("QuestionID")
        for block in blocks
        if block.get("Type") == "Trash"
        for part in _values(block.get("BlockElements"))
    }
    recoded: list[str] = []
    for element in elements:
        asked = element.get("Payload")
        if element.get("Element") != "SQ" or not isinstance(asked, dict):
            continue
        if asked.get("QuestionID") in trash:
            continue
        tag = str(asked.get("DataExportTag") or asked.get("QuestionID") or "")
        text = plain(str(asked.get("QuestionText") or ""))
        parts = {key: plain(str(part.get("Display") or ""))
                 for key, part in _items(asked.get("Choices"))}  # fmt: skip
        answers = {key: plain(str(part.get("Display") or ""))
                   for key, part in _items(asked.get("Answers"))}  # fmt: skip
        recode = {str(key): str(value) for key, value in _items(asked.get("RecodeValues"))}
        tags = {str(key): str(value) for key, value in _items(asked.get("ChoiceDataExportTags"))}
        kind = str(asked.get("QuestionType") or "")
        several = str(asked.get("Selector") or "").startswith("MA")
        questions[tag] = text
        if answers:  # a matrix: its choices are rows, its answers the scale
            for key, part in parts.items():
                name = tags.get(key) or f"{tag}_{key}"
                questions[name] = f"{text} - {part}" if part else text
                choices[name] = {recode.get(code, code): label for code, label in answers.items()}
        elif kind == "MC" and several:
            for key, part in parts.items():
                name = tags.get(key) or f"{tag}_{key}"
                questions[name] = f"{text} - {part}"
                choices[name] = {recode.get(key, "1"): part, "1": part}
        elif parts and kind in ("MC", "DD", "TE", "Slider", "CS", "RO"):
            if kind == "MC":
                choices[tag] = {recode.get(code, code): label for code, label in parts.items()}
            for key, part in parts.items():
                questions.setdefault(tags.get(key) or f"{tag}_{key}", f"{text} - {part}")
        if any(key != value for key, value in recode.items()):
            recoded.append(tag)
    notes = []
    mixed = [plain(str(block.get("Description") or "")) for block in blocks if _random(block)]
    if mixed:
        notes.append(f"Qualtrics shows the questions of these blocks in random order: "
                     f"{', '.join(mixed)}")  # fmt: skip
    if any(_randomiser(each.get("Payload")) for each in elements if each.get("Element") == "FL"):
        notes.append(
            "Qualtrics shows blocks in random order, or to some respondents only: an empty answer "
            "may mean that somebody was not asked"
        )
    if recoded:
        notes.append(
            f"codes of these questions are recoded in Qualtrics: {', '.join(dict.fromkeys(recoded))}"
        )
    return Definition("Qualtrics", questions, choices, notes=tuple(notes))


def _items(value: Any) -> Iterator[tuple[str, Any]]:
    """Keys and values of what Qualtrics writes as an object, or as a list if keys are numbers."""
    if isinstance(value, dict):
        yield from ((str(key), each) for key, each in value.items())
    elif isinstance(value, list):
        yield from ((str(key), each) for key, each in enumerate(value))


def _values(value: Any) -> list[dict[str, Any]]:
    return [each for _, each in _items(value) if isinstance(each, dict)]


def _random(block: dict[str, Any]) -> bool:
    options = block.get("Options")
    value = options.get("RandomizeQuestions") if isinstance(options, dict) else None
    return bool(value) and str(value).lower() not in ("false", "none")


def _randomiser(flow: Any) -> bool:
    if not isinstance(flow, dict):
        return False
    return flow.get("Type") in ("BlockRandomizer", "Randomizer") or any(
        _randomiser(each) for each in _values(flow.get("Flow"))
    )


# --- LimeSurvey ----------------------------------------------------------------------------


def _limesurvey(root: ElementTree.Element) -> Definition:
    def rows(table: str) -> list[dict[str, str]]:
        found = root.find(f"{table}/rows")
        return [
            {each.tag: each.text or "" for each in row}
            for row in ([] if found is None else list(found))
        ]

    languages = [row.get("language", "") for row in rows("surveys")]
    languages += [each.text or "" for each in root.findall("languages/language")]
    language = next(filter(None, languages), "")

    def wanted(row: dict[str, str]) -> bool:
        return not language or row.get("language", language) == language

    texts = {row["qid"]: row.get("question", "") for row in rows("question_l10ns") if wanted(row)}
    answer_texts = {row["aid"]: row.get("answer", "") for row in rows("answer_l10ns")
                    if wanted(row)}  # fmt: skip
    asked = [row for row in rows("questions") if wanted(row)]
    below: dict[str, list[dict[str, str]]] = {}
    for row in rows("subquestions"):
        if wanted(row):
            below.setdefault(row.get("parent_qid", ""), []).append(row)
    answers: dict[str, dict[str, str]] = {}
    for row in rows("answers"):
        if wanted(row):
            label = row.get("answer") or answer_texts.get(row.get("aid", ""), "")
            answers.setdefault(row["qid"], {})[row["code"]] = plain(label)
    questions: dict[str, str] = {}
    choices: dict[str, Mapping[str, str]] = {}
    for row in asked:
        title, kind = row.get("title", ""), row.get("type", "")
        text = plain(row.get("question") or texts.get(row["qid"], ""))
        codes = answers.get(row["qid"], {}) or LIME_TYPES.get(kind, {})
        parts = below.get(row["qid"], [])
        if not parts:
            questions[title] = text
            if codes:
                choices[title] = codes
        for part in parts:
            words = plain(part.get("question") or texts.get(part["qid"], ""))
            name = f"{title}[{part.get('title', '')}]"
            questions[name] = f"{text} - {words}" if words else text
            if codes:
                choices[name] = codes
    mixed = [plain(row.get("group_name", "")) or row.get("gid", "") for row in rows("groups")
             if row.get("randomization_group") and wanted(row)]  # fmt: skip
    names = {row.get("gid"): plain(row.get("group_name", "")) for row in rows("group_l10ns")
             if wanted(row)}  # fmt: skip
    notes = []
    if mixed:
        shown = ", ".join(names.get(group, group) for group in mixed)
        notes.append(f"LimeSurvey shows these groups in random order: {shown}")
    return Definition("LimeSurvey", questions, choices, notes=tuple(notes))


# --- REDCap --------------------------------------------------------------------------------


def _redcap(rows: list[dict[str, str]]) -> Definition:
    questions: dict[str, str] = {}
    choices: dict[str, Mapping[str, str]] = {}
    identifiers: set[str] = set()
    for row in rows:
        name, kind = row[DICTIONARY].strip(), row.get("field type", "").strip()
        if not name:
            continue
        text = plain(row.get("field label", ""))
        listed = _redcap_choices(row.get("choices, calculations, or slider labels", ""))
        if kind == "yesno":
            listed = {"1": "Yes", "0": "No"}
        elif kind == "truefalse":
            listed = {"1": "True", "0": "False"}
        elif kind not in ("radio", "dropdown", "checkbox"):
            listed = {}
        if kind == "checkbox":
            for code, label in listed.items():
                part = f"{name}___{code.lower().replace('-', '_')}"
                questions[part] = f"{text} - {label}"
                choices[part] = {"1": label, "0": f"not {label}"}
        else:
            questions[name] = text
            if listed:
                choices[name] = listed
        if row.get("identifier?", "").strip().lower() == "y":
            identifiers.add(name)
    return Definition("REDCap", questions, choices, frozenset(identifiers))


def _redcap_choices(cell: str) -> dict[str, str]:
    found = {}
    for part in re.split(r"\||\n", cell):
        code, comma, label = part.partition(",")
        if comma and code.strip():
            found[code.strip()] = plain(label)
    return found


# -------------------------------------------------------------------------------------------


def plain(text: str) -> str:
    """Words without markup and entities, in one line."""
    return tidy(html.unescape(TAG.sub(" ", text)))


def _text(path: Path) -> str:
    if not path.exists():
        raise AnalystError(
            f"The file {path.name} is missing.", where=str(path), fix="Correct the file's name."
        )
    try:
        content = path.read_bytes()
    except OSError as error:
        raise AnalystError(
            f"{path.name} cannot be read: {error.strerror}.",
            where=str(path),
            fix="Name a file, and check that you may read it.",
        ) from None
    return decoded(content, path).text


def _not_one(path: Path, what: str) -> AnalystError:
    return AnalystError(
        f"{path.name} is not {what}.",
        where=str(path),
        fix="--qsf takes Qualtrics's .qsf, --lss LimeSurvey's .lss, --dictionary REDCap's data "
        "dictionary as CSV.",
    )
