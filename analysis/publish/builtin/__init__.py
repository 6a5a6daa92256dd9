"""The built-in renderer: the report's Quarto sources by Pandoc and Typst, without Quarto.

``render`` reads a project folder laid out for Quarto, within a stated dialect, and stops with a
``DialectError`` at anything outside it, because text that is silently dropped from a report is
worse than no report. ``read`` stops at the same things and writes nothing: Quarto renders only
what the built-in renderer could.
"""

from analysis.publish.builtin.dialect import DialectError
from analysis.publish.builtin.pdf import PdfError
from analysis.publish.builtin.render import Format, Read, read, render, write

__all__ = ["DialectError", "Format", "PdfError", "Read", "read", "render", "write"]
