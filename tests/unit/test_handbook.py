"""The documentation as a site: whole, its links lead somewhere, and its commands are as they are."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import click
import pytest
import typer.main
from bs4 import BeautifulSoup

from analysis import cli, handbook, questions
from tests.conftest import ROOT

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> dict[str, BeautifulSoup]:
    written = handbook.build(tmp_path_factory.mktemp("site"))
    return {path.name: BeautifulSoup(path.read_text("utf-8"), "html.parser") for path in written}


def test_every_page_of_the_documentation_is_there(site: dict[str, BeautifulSoup]) -> None:
    assert {path.stem for path in DOCUMENTS if path.parent.name == "docs"} <= {
        name.removesuffix(".html") for name in site
    }
    for name, page in site.items():
        assert len(page.select('nav [aria-current="page"]')) == 1, name
        assert len(page.select("nav a")) == len(site), name


def test_links_lead_somewhere_and_nothing_is_asked_of_the_network(
    site: dict[str, BeautifulSoup],
) -> None:
    for name, page in site.items():
        assert not page.select("script, link, img[src^=http]"), name
        for link in page.select("main a[href]"):
            target, _, anchor = str(link["href"]).partition("#")
            if re.match(r"[a-z]+:", target) or target.startswith("../"):
                continue
            goal = site.get(target or name)
            assert goal is not None, f"{name}: {link['href']}"
            assert not anchor or goal.find(id=anchor), f"{name}: {link['href']}"


def test_the_pages_from_the_code_hold_all_of_it() -> None:
    text = handbook.commands().text
    root = typer.main.get_command(cli.app)
    for name in root.commands:  # type: ignore[attr-defined]
        assert f"## drp {name}" in text
    assert "--approved-by" in text
    told = handbook.results().text
    assert all(f"| `{each.name}` |" in told for each in questions.QUESTIONS)


def blocks(text: str) -> Iterator[str]:
    """The lines of a page's blocks of code that are for a terminal."""
    fence = language = ""
    for line in text.splitlines():
        found = re.match(r"(`{3,})(\w*)\s*$", line)
        if found and not fence:
            fence, language = found.groups()
        elif found and found[1] == fence and not found[2]:
            fence = ""
        elif fence and language in ("", "bash", "sh"):
            yield line


def called() -> list[tuple[str, str]]:
    """Each line of a block of code that calls a command, and where it stands."""
    found = []
    for path in DOCUMENTS:
        for line in blocks(path.read_text("utf-8")):
            # What follows two blanks and a # is said of it.
            parts = re.split(r"\s{2,}#", line)[0].split(" && ")
            found += [(path.name, part.strip()) for part in parts if part.startswith("drp ")]
    return found


@pytest.mark.parametrize(("page", "line"), called())
def test_every_command_in_the_documentation_is_one(page: str, line: str) -> None:
    """Its name, its options and how many words it takes: what is wrong there is a usage error."""
    words = shlex.split(line)[1:]
    context = click.Context(typer.main.get_command(cli.app))
    command = context.command
    while hasattr(command, "commands"):
        assert words and words[0] in command.commands, line
        command = command.commands[words.pop(0)]
    command.make_context(command.name, words)


def test_there_are_commands_to_look_at() -> None:
    assert len(called()) > 50
    assert {"README.md", "data.md", "start.md"} <= {page for page, _ in called()}
