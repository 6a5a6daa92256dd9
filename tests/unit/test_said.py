"""The comparison of what pages say finds what does not agree."""

from __future__ import annotations

import pytest

from tests.said import contradictions
from tests.unit.test_evidence import INSTRUMENTS

SAME = "Among staff who answered both times, scores rose for morale."


@pytest.mark.parametrize(
    ("other", "agree"),
    [
        ("For morale, the mean rose.", True),
        ("Morale: consistent with a rise.", True),
        ("For morale the data are consistent with a rise, a fall, or none.", False),
        ("None of the 10 scales of the SPSC shows a clear change.", False),
        ("The mean fell for morale and total.", False),
        ("For goal congruence the data are consistent with a rise, a fall, or none.", True),
        ("For morale any change is smaller than would matter.", False),
        ("Among leaders, the mean fell for morale.", True),
        ("By the SPSC, the mean rose for total. For the other nine scales the data are consistent "
         "with a rise, a fall, or none.", False),
        ("By the SPSC, the mean rose for morale. For the other nine scales the data are consistent "
         "with a rise, a fall, or none.", True),
        ("By the SPSC: for all 10 scales the data are consistent with a rise, a fall, or none.",
         False),
    ],
)  # fmt: skip
def test_places_that_disagree_are_found(other: str, agree: bool) -> None:
    found = contradictions([("page one", SAME), ("a chapter", other)], [INSTRUMENTS["spsc"]])
    assert bool(found) is not agree
    if found:
        assert "page one" in found[0] and "a chapter" in found[0]
