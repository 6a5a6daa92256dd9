"""From released results to reports: run notebooks, stage, render, check."""

import sys

# The library that checks notebooks against their schema loads, where it is installed, a checker
# of international web addresses. That takes longer than all of a notebook's other imports, and a
# notebook has no field for one.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
