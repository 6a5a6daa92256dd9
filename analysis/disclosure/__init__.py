"""What may leave, and what must not: release rules, and the types that enforce them."""

from analysis.disclosure.release import RELEASED, SUPPRESSED, Released, decide, released
from analysis.disclosure.texts import released_texts

__all__ = ["RELEASED", "SUPPRESSED", "Released", "decide", "released", "released_texts"]
