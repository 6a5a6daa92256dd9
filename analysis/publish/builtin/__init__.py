"""The built-in renderer: the report's Quarto sources by Pandoc and Typst, without Quarto.

``render`` is the one entry point. It reads a project folder laid out for Quarto, within a stated
dialect, and stops with a ``DialectError`` at anything outside it, because text that is silently
dropped from a report is worse than no report.
"""

from analysis.publish.builtin.dialect import DialectError
from analysis.publish.builtin.pdf import PdfError
from analysis.publish.builtin.render import Format, render

__all__ = ["DialectError", "Format", "PdfError", "render"]
