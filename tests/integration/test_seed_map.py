"""Every element of the published report has a place in the demonstration's documents, or a reason."""

from __future__ import annotations

import re

import pytest

from analysis.publish.chapters import DOCUMENTS
from analysis.publish.rendering import destination, site
from tests.conftest import ROOT, Rendered

MAP = (ROOT / "docs/seed_map.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in MAP.splitlines()
    if line.startswith("| ") and not line.startswith(("| element", "| ---"))
]
PLACED = [row for row in ROWS if len(row) == 3]


@pytest.fixture(scope="module")
def anchors(rendered: Rendered) -> dict[str, set[str]]:
    """The anchors of each document."""
    found: dict[str, set[str]] = {}
    for document in DOCUMENTS:
        place = destination(site(rendered.root), rendered.study, "cohort", document)
        pages = [path.read_text(encoding="utf-8") for path in place.rglob("*.html")]
        found[document.id] = {
            each for page in pages for each in re.findall(r'\sid="([^"]+)"', page)
        }
    return found


def test_every_address_is_there(anchors: dict[str, set[str]]) -> None:
    gone = [row for row in PLACED if row[2] not in anchors.get(row[1], set())]
    assert gone == []


def test_every_element_has_an_address_or_a_reason() -> None:
    assert len(PLACED) > 70
    names = [row[0] for row in ROWS]
    # The boxes at the ends of chapters are called alike.
    assert len(set(names)) >= len(names) - 2
    for row in ROWS:
        assert len(row) in (2, 3) and all(row), row


def test_every_objective_of_the_study_is_answered(
    rendered: Rendered, anchors: dict[str, set[str]]
) -> None:
    for number in range(1, len(rendered.study.objectives) + 1):
        assert f"sec-objective-{number}" in anchors["programme"]
