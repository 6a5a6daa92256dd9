"""Claims: sentences with a condition over ledger ids that the data must carry.

The conditions are written in one small named grammar (:mod:`analysis.claims.grammar`), parsed,
never run as code.
"""

from analysis.claims.document import GRAMMAR, Claim, Claims, load
from analysis.claims.verdicts import (
    CONTRADICTED,
    SUPPORTED,
    UNTESTED,
    WITHHELD,
    Verdict,
    check_findings,
    verdict,
    verdicts,
)

__all__ = [
    "CONTRADICTED",
    "GRAMMAR",
    "SUPPORTED",
    "UNTESTED",
    "WITHHELD",
    "Claim",
    "Claims",
    "Verdict",
    "check_findings",
    "load",
    "verdict",
    "verdicts",
]
