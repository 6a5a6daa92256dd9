"""What may leave, and what must not: release rules, and the types that enforce them."""

from analysis.disclosure.draft import BANDED, RELEASED, SUPPRESSED
from analysis.disclosure.release import Released, decide, released
from analysis.disclosure.texts import released_texts

__all__ = ["BANDED", "RELEASED", "SUPPRESSED", "Released", "decide", "released", "released_texts"]
