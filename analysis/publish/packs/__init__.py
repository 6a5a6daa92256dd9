"""Session packs: a unit's released results as slides, handout and self-assessment.

    blocks.py   the texts of :mod:`analysis.present.session` as paragraphs and entries
    slides.py   as PPTX
    pages.py    as HTML: slides, handout, and the sheet to rate on
    paper.py    the handout as PDF, on one page

A pack has a folder of its own beside the reports, with a manifest, and is checked like them.
"""

from analysis.publish.packs.made import is_draft, make, of_units, record, stale

__all__ = ["is_draft", "make", "of_units", "record", "stale"]
