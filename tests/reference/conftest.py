"""Prints the largest difference of each family from R, with ``pytest --differences``."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option that asks for the table of differences."""
    parser.addoption("--differences", action="store_true", help="largest differences from R")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The table of differences."""
    if not terminalreporter.config.getoption("--differences"):
        return
    from compared import SEEN

    for family, key, difference in sorted(SEEN, key=lambda seen: (seen[0], -seen[2])):
        terminalreporter.write_line(f"{family:12} {key:32} {difference:.1e}")
