"""What the built-in renderer accepts of Quarto's language, and the one error for the rest."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from analysis.language import N_

CALLOUTS = {
    "note": N_("Note"),
    "tip": N_("Tip"),
    "important": N_("Important"),
    "warning": N_("Warning"),
    "caution": N_("Caution"),
}
SHORTCODES = ("embed", "include", "meta", "pagebreak")

# Classes that mean layout or machinery to Quarto and nothing here: shown as plain text they would
# look like a report, but not like the one the author wrote.
UNSUPPORTED_CLASSES = re.compile(
    r"^(column-.+|columns|column|panel-(?!tabset$).+|layout-.+|cell|cell-.+|aside|incremental"
    r"|hidden|fragment|theorem|content-(?!visible$|hidden$).+|landscape)$"
)
UNSUPPORTED_ATTRIBUTES = re.compile(r"^(layout.*|on[a-z]+|style|typst:.+|data-.+)$")
REFERENCE_DIV = re.compile(r"^(fig|tbl|lst|thm|lem|cor|prp|cnj|def|exm|exr|eq|sec)-")
#: Pandoc reads no attributes after a formula; Quarto alone would number it.
EQUATION_LABEL = re.compile(r"^\{#eq-")
EXECUTABLE = re.compile(r"^\{\s*(\w+)[^}]*\}(\s|$)")
SAFE_LINK = re.compile(r"^(https?://|mailto:)", re.IGNORECASE)
#: The class of a link to another of the programme's documents, which lie beside each other, or to
#: the same report in another language, which lies in a folder of it.
ELSEWHERE = "other-document"
ELSEWHERE_TARGET = re.compile(
    r"((\.\./)+|[a-z]{2,3}(-[a-zA-Z]+)?/)([\w-]+/)*[\w-]+\.html(#[\w.-]+)?"
)
HAS_SCHEME = re.compile(r"^[a-zA-Z][a-zA-Z0-9+.-]*:")


class DialectError(Exception):
    """A source outside the dialect: names the file, the line, the text and what to do."""

    def __init__(self, path: str, line: int | None, text: str, advice: str) -> None:
        self.path, self.line, self.text, self.advice = path, line, text, advice
        place = path if line is None else f"{path}:{line}"
        shown = f" `{text}`:" if text else ""
        super().__init__(f"{place}:{shown} {advice}")

    def __reduce__(self) -> tuple[object, ...]:
        # What is pickled by default is the message alone, and workers send their errors back.
        return type(self), (self.path, self.line, self.text, self.advice)


@dataclass
class Source:
    """One source file: its name in the project, its text, and where a piece of it stands."""

    name: str
    folder: Path
    text: str
    _seen: dict[str, int] = field(default_factory=dict)

    def line_of(self, text: str, occurrence: int = 0) -> int | None:
        """The line where ``text`` stands, whatever the white space and the quotation marks."""
        for attempt in (text, " ".join(text.split()[:3]), text.split()[0] if text.split() else ""):
            pattern = r"\s+".join(_loose(word) for word in attempt.split())
            if not pattern:
                continue
            found = list(re.finditer(pattern, self.text))
            if found:
                match = found[min(occurrence, len(found) - 1)]
                return self.text.count("\n", 0, match.start()) + 1
        return None

    def error(self, text: str, advice: str, search: str | None = None) -> DialectError:
        """A ``DialectError`` at the place where ``search`` (else ``text``) stands."""
        needle = search if search is not None else text
        line = self.line_of(needle, self._seen.get(needle, 1) - 1)
        shown = text if len(text) <= 80 else text[:77] + "..."
        return DialectError(self.name, line, shown, advice)

    def count(self, text: str) -> None:
        """Note that ``text`` was met once more, so that an error points at this occurrence."""
        self._seen[text] = self._seen.get(text, 0) + 1


def _loose(word: str) -> str:
    """A pattern for a word in which typographic marks match what was typed for them."""
    pattern = re.escape(word)
    for typed, marks in (
        (r"(?:\"|“|”)", "“”"),
        (r"(?:'|‘|’)", "‘’"),
        (r"(?:---|—)", "—"),
        (r"(?:--|–)", "–"),
        (r"(?:\.\.\.|…)", "…"),
    ):
        for mark in marks:
            pattern = pattern.replace(mark, typed)
    return pattern
