"""Return forms: a workbook for each school goes out, comes back filled in, and becomes the tables.

What is asked follows from the registry of strands (:attr:`analysis.strands.Table.asked`), whose
readers check what comes back::

    asked.py     what one school is asked this term: sheets, lines, columns, choices
    workbook.py  the sheets as a workbook with drop-downs, locked cells and marks for programs
    returned.py  a workbook, or a table of ratings, that came back: its answers, or what is wrong
    merged.py    answers into the tables of the study, later ones over earlier ones
    kept.py      what has been collected: the originals, and when each answer was given
    collect.py   a folder of returns: read, kept, merged; who is missing, and their reminders
"""

from analysis.forms.asked import Material, Period, period
from analysis.forms.collect import Collection, collect, lines
from analysis.forms.workbook import form, forms, self_assessment

__all__ = [
    "Collection",
    "Material",
    "Period",
    "collect",
    "form",
    "forms",
    "lines",
    "period",
    "self_assessment",
]
