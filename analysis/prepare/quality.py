"""The data-quality ledger: where every raw row went, and what is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, fields

import pandas as pd

from analysis.errors import AnalystError
from analysis.language import N_

#: Why a row was set aside, in the order in which the rules are applied: a row counts once.
REASONS = {
    "empty": N_("no answer in any column"),
    "consent": N_("consent not given"),
    "preview": N_("made in the survey tool's preview"),
    "test": N_("test response"),
    "no_school": N_("no school named"),
    "withdrawn": N_("withdrawn since"),
    "unidentified": N_("no respondent code"),
    "before_start": N_("from before the wave began"),
    "other_wave": N_("from another wave"),
    "unfinished": N_("not finished"),
    "unanswered": N_("too few questions answered"),
    "copied": N_("the same response, once more"),
    "duplicate": N_("another response of the same person at the same wave is used"),
    "repeated": N_("the same passage under the same code, once more"),
    "unknown_code": N_("under a code that the codebook does not have"),
}

ASIDE_COLUMNS = ("file", "sheet", "row", "reason")
MISSING_COLUMNS = ("survey", "instrument", "wave", "item", "kind", "answers")
FLAG_COLUMNS = ("survey", "wave", "flag", "responses", "of")
FINDING_COLUMNS = ("file", "finding")
LINK_COLUMNS = (
    "survey", "school", "first", "second", "respondents", "exact", "normalised",
    "one_character", "changed_school", "changed_phase", "unlinked",
)  # fmt: skip
LINKING_COLUMNS = ("survey", "rule", "joined", "refused")


@dataclass
class Quality:
    """What prepare counted.

    ``files`` has one row per file: rows read, used and set aside by reason. ``aside`` has one
    row per row set aside: file, sheet, row number and reason, and never its answers.
    ``missing`` counts answers by survey, wave, item and kind of missing (``answered`` too).
    ``flags`` counts responses kept but flagged, of those that could be judged. ``links`` has,
    for each survey, school and pair of waves, how the respondents of the first were found
    again at the second, wherever that was; ``linking`` how many codes each rule of a survey
    joined and refused. ``findings`` says in words what was decided while reading a file, and
    what a coding tool's file held that could not be read as a passage.
    """

    files: list[dict[str, object]] = field(default_factory=list)
    aside: list[pd.DataFrame] = field(default_factory=list)
    missing: list[dict[str, object]] = field(default_factory=list)
    flags: list[dict[str, object]] = field(default_factory=list)
    links: list[pd.DataFrame] = field(default_factory=list)
    findings: list[dict[str, str]] = field(default_factory=list)
    linking: list[dict[str, object]] = field(default_factory=list)

    def account(
        self, *, file: str, sheet: str, source: str, wave: str, read: int, reasons: pd.Series
    ) -> None:
        """Enter one file.

        Parameters
        ----------
        file, sheet, source, wave
            What was read: ``source`` is the survey's id.
        read
            Rows of the file, header rows not counted.
        reasons
            For each row read, indexed by row number: a key of :data:`REASONS`, or empty where
            the row is used.

        Raises
        ------
        AnalystError
            If rows read are not rows used plus rows set aside for a known reason (a defect of
            the package, but one an analyst must see).
        """
        aside = reasons[reasons != ""]
        used = len(reasons) - len(aside)
        found = Counter(aside)
        counts = {reason: found[reason] for reason in REASONS}
        if read != used + sum(counts.values()):
            raise AnalystError(
                f"{read} rows were read, but {used} used and {sum(counts.values())} set aside.",
                where=file,
                fix="This is a defect of the package: please report it.",
            )
        self.files.append(
            {
                "file": file,
                "sheet": sheet,
                "source": source,
                "wave": wave,
                "read": read,
                "used": used,
            }
            | counts
        )
        self.aside.append(
            pd.DataFrame(
                {"file": file, "sheet": sheet, "row": aside.index, "reason": aside.to_numpy()}
            )
        )

    @classmethod
    def of(cls, parts: Sequence[Quality]) -> Quality:
        """Everything counted in several places, in their order."""
        return cls(
            *([one for part in parts for one in getattr(part, each.name)] for each in fields(cls))
        )

    def frames(self) -> dict[str, pd.DataFrame]:
        """Everything counted, as tables."""
        aside = [frame for frame in self.aside if len(frame)]
        links = [frame for frame in self.links if len(frame)]
        return {
            "files": pd.DataFrame(self.files),
            "aside": pd.concat(aside, ignore_index=True)[list(ASIDE_COLUMNS)]
            if aside
            else pd.DataFrame(columns=list(ASIDE_COLUMNS)),
            "missing": pd.DataFrame(self.missing, columns=list(MISSING_COLUMNS)),
            "flags": pd.DataFrame(self.flags, columns=list(FLAG_COLUMNS)),
            "findings": pd.DataFrame(self.findings, columns=list(FINDING_COLUMNS)),
            "linking": pd.DataFrame(self.linking, columns=list(LINKING_COLUMNS)),
            "links": pd.concat(links, ignore_index=True)[list(LINK_COLUMNS)]
            if links
            else pd.DataFrame(columns=list(LINK_COLUMNS)),
        }
