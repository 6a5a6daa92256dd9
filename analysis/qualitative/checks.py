"""What was found about the codebook and the quotations, as counts in the ledger."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.prepare import Prepared
from analysis.qualitative import interviewed
from analysis.qualitative.interviewed import EVER
from analysis.qualitative.themes import has_interviews, spoken
from analysis.results import COHORT, Result, count
from analysis.statistics.samples import ALL

#: Findings of :mod:`analysis.prepare.coded_text` and :mod:`analysis.prepare.quotations`.
CODES = ("unknown", "unused", "same_event")
QUOTATIONS = ("repeated", "role_and_school", "school_withheld")


def checks(prepared: Prepared) -> Iterator[Result]:
    """Codes and quotations by what was found about them; ``n`` is the number of interviewees."""
    strands = prepared.strands
    if "codebook_check" not in strands or not has_interviews(prepared):
        return
    everyone = interviewed.everyone(prepared)
    n = float(len(everyone))
    found = strands["codebook_check"]
    heard = spoken(prepared, everyone)
    themes = prepared.documents["codebook"]["themes"]
    counts: dict[str, float] = {
        "codebook-codes": sum(len(t["codes"]) for t in themes if not t.get("auxiliary")),
        "codebook-heard": heard["code"].nunique(),
        "codebook-heard_from_one": int((heard.groupby("code")["source_id"].nunique() == 1).sum()),
        "codebook-passages": len(strands["segments"]),
    }
    for kind in CODES:
        rows = found[found["kind"] == kind]
        counts[f"codebook-{kind}"] = len(rows)
        if kind == "unknown":
            counts["codebook-unknown_passages"] = rows["passages"].astype("float64").sum()
    if "quotations" in strands:
        counts["quotations-chosen"] = len(strands["quotations"])
        for kind in QUOTATIONS:
            counts[f"quotations-{kind}"] = int((strands["quotation_check"]["kind"] == kind).sum())
    for measure, number in counts.items():
        yield count(
            number, n=n, method="number found when the coded text was read", unit=COHORT,
            source="interviews", instrument="themes", analysis="check", measure=measure,
            wave=EVER, group=ALL,
        )  # fmt: skip
