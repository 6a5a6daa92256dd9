"""A statement that mentions a name or an e-mail is an item, if what it holds are answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis import sources

STATEMENTS = (
    "I check my email outside working hours", "Nobody makes fun of my name",
    "I turn off my mobile number after work", "Staff name badges are worn",
    "I feel comfortable giving my name in surveys",
)  # fmt: skip


def left(tmp_path: Path, heading: str, cells: tuple[str, ...]) -> tuple[str, ...]:
    path = tmp_path / "a.csv"
    path.write_text(f"code,{heading}\n" + "".join(f"A{n},{c}\n" for n, c in enumerate(cells)))
    return sources.read(path).left_behind


@pytest.mark.parametrize("heading", STATEMENTS)
@pytest.mark.parametrize(
    "cells",
    [("1", "5", ""), ("Strongly agree", "Neither agree nor disagree", "Prefer not to say"),
     ("5 - Strongly agree", "Sometimes", "Never")],
)  # fmt: skip
def test_answers_to_a_statement_are_read(
    heading: str, cells: tuple[str, ...], tmp_path: Path
) -> None:
    assert left(tmp_path, heading, cells) == ()


@pytest.mark.parametrize("heading", [*STATEMENTS[:2], "Please give your email so we can reply"])
@pytest.mark.parametrize(
    "cells", [("ann@school.org", "5"), ("Ann Smith", "Agree"), ("07700900123", "1"), ("", "")]
)
def test_what_people_wrote_there_is_left_behind(
    heading: str, cells: tuple[str, ...], tmp_path: Path
) -> None:
    assert left(tmp_path, heading, cells) == (heading,)


def test_a_column_that_is_headed_as_a_name_is_left_behind_whatever_it_holds(tmp_path: Path) -> None:
    assert left(tmp_path, "Your name", ("1", "2")) == ("Your name",)
