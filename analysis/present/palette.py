"""The colours that charts are drawn in, by what they stand for.

Charts are drawn once, in these; a report shows them in its brand's
(:mod:`analysis.publish.builtin.brand`), light or dark. Every mark keeps three times the contrast of its ground, and
what text is set in keeps 4.5 times.
"""

from __future__ import annotations

PALETTE = {
    "primary": "#12436D",
    "accent": "#1E8C83",
    "plum": "#801650",
    "orange": "#C4500F",
    "green": "#54813C",
    "purple": "#746CB1",
    "grey": "#5F676B",
    "ink": "#1D2429",
    "paper": "#FFFFFF",
    # Tints: rules, and grounds that text stands on.
    "rule": "#D9DEE2",
    "mist": "#BFC7CD",
    "sky": "#DCE6EF",
    "pale": "#EEF3F8",
    "mint": "#E6F4F2",
}
#: The typeface of charts and pages, unless a brand has its own.
FONT = "Inter"
