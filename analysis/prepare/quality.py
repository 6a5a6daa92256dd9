"""The data-quality ledger: where every raw row went, and what is missing."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from analysis.errors import AnalystError

#: Why a row was set aside, in the order in which the rules are applied: a row counts once.
REASONS = {
    "empty": "no answer in any column",
    "consent": "consent not given",
    "preview": "made in the survey tool's preview",
    "test": "test response",
    "no_school": "no school named",
    "unidentified": "no respondent code",
    "duplicate": "an earlier response of the same person",
}


@dataclass
class Quality:
    """What prepare counted.

    ``files`` has one row per file: rows read, used and set aside by reason. ``aside`` has one
    row per row set aside: file, sheet, row number and reason, and never its answers.
    ``missing`` counts answers by survey, wave, item and kind of missing.
    """

    files: list[dict[str, object]] = field(default_factory=list)
    aside: list[dict[str, object]] = field(default_factory=list)
    missing: list[dict[str, object]] = field(default_factory=list)

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
            If rows read are not rows used plus rows set aside (a defect of the package, but
            one an analyst must see).
        """
        aside = reasons[reasons != ""]
        used = int((reasons == "").sum())
        if read != used + len(aside):
            raise AnalystError(
                f"{read} rows were read, but {used} used and {len(aside)} set aside.",
                where=file,
                fix="This is a defect of the package: please report it.",
            )
        counts = {reason: int((aside == reason).sum()) for reason in REASONS}
        self.files.append(
            {"file": file, "sheet": sheet, "source": source, "wave": wave, "read": read, "used": used}
            | counts
        )
        self.aside.extend(
            {"file": file, "sheet": sheet, "row": row, "reason": reason}
            for row, reason in aside.items()
        )
