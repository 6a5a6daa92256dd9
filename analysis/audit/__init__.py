"""Are the printed statistics of a report arithmetically possible? Checks that need no data.

Works on any report: a table of what was printed in, verdicts with reasons out. See
``docs/audit.md`` for the columns.
"""

from analysis.audit.check import INCONSISTENT, audit, audit_file, check_row, summary_lines

__all__ = ["INCONSISTENT", "audit", "audit_file", "check_row", "summary_lines"]
