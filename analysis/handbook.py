"""The documentation as a site: ``python -m analysis.handbook [FOLDER]``.

Pages are the Markdown files of ``docs/``, sorted by what a reader wants (to learn, to do, to look up,
to understand), and two that follow from the code: every command, and every question of the ledger.
The site is whole without a server and asks nothing of the network.
"""

from __future__ import annotations

import html
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
import pypandoc
import typer.main
from markupsafe import Markup

from analysis import cli, questions
from analysis.places import inside

DOCS = Path(__file__).resolve().parents[1] / "docs"
#: What each page is for; a page of ``docs/`` that stands nowhere here is for developers.
KINDS: dict[str, tuple[str, ...]] = {
    "Learn": ("start", "tutorial"),
    "Do": ("data", "questionnaires", "forms", "chapters", "sending", "languages", "audit"),
    "Look up": ("study", "commands", "results", "downloads"),
    "Understand": (
        "why",
        "methods",
        "disclosure",
        "disclosure_tables",
        "scale",
        "seed_map",
        "peers",
    ),
}
DEVELOP = "Develop"
#: Of whom a question is asked, in words.
OF = {
    "survey": "each survey",
    "outcomes": "school records",
    "quality": "the data themselves",
    "others": "everything else",
}
LINK = re.compile(r'href="(?:docs/)?([a-z_]+)\.md(#[^"]*)?"')
PAGE = """\
<!DOCTYPE html>
<html lang="en-GB"><head><meta charset="utf-8"><title>{{ title }}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --line: #6b7280; --link: #0b57a4 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8eaed; --paper: #16181b; --line: #9aa0a6; --link: #8ab4f8 } }
body { margin: 0 auto; padding: 1rem; max-width: 78rem; font: 1rem/1.6 system-ui, sans-serif;
  color: var(--ink); background: var(--paper) }
a { color: var(--link) } a:focus-visible, pre:focus-visible { outline: 3px solid var(--link) }
.skip { position: absolute; left: -99rem } .skip:focus { position: static }
@media (min-width: 60rem) { .page { display: grid; grid-template-columns: 14rem 1fr; gap: 2rem } }
nav ul { list-style: none; padding: 0; margin: 0 0 1rem } nav h2 { font-size: 1rem; margin: 0 }
main { min-width: 0; overflow-wrap: break-word } h1 { line-height: 1.2 }
pre { overflow-x: auto; border: 1px solid var(--line); padding: .6rem } .table { overflow-x: auto }
table { border-collapse: collapse } th, td { border: 1px solid var(--line); padding: .2rem .5rem;
  text-align: left; vertical-align: top }
</style></head><body><a class="skip" href="#main">To the text</a><div class="page">
<nav aria-label="Pages">{% for kind, pages in kinds %}<h2>{{ kind }}</h2><ul>
{% for page in pages %}<li><a href="{{ page.name }}.html"
{%- if page.name == name %} aria-current="page"{% endif %}>{{ page.title }}</a></li>
{% endfor %}</ul>{% endfor %}</nav>
<main id="main" tabindex="-1">{{ body }}</main></div></body></html>
"""


@dataclass(frozen=True)
class Page:
    """A page: what its file is called, and its Markdown."""

    name: str
    text: str

    @property
    def title(self) -> str:
        """Its first heading."""
        return self.text.split("\n", 1)[0].removeprefix("# ").strip()


def commands() -> Page:
    """Every command with its arguments, options and examples, as the command line has them."""
    lines = ["# Commands", "", "`drp` alone says what to do next in a folder."]
    root = typer.main.get_command(cli.app)
    for name, command in _commands("drp", root):
        lines += ["", f"## {name}", "", *_prose(command.help or "")]
        for option in command.params:
            told = getattr(option, "help", "") or ""
            if option.name == "help":
                continue
            spelled = " / ".join([*option.opts, *option.secondary_opts])
            argument = option.param_type_name == "argument"
            shown = option.metavar or str(option.name).upper() if argument else spelled
            default = option.default
            plain = isinstance(default, (str, int, float, Path)) and default not in ("", False)
            more = f" Default: `{default}`." if plain else ""
            lines.append(f"- `{shown}` {told}{more}")
    return Page("commands", "\n".join(lines) + "\n")


def results() -> Page:
    """Every question of the ledger, and the statistics it gives: what the ids of results say."""
    lines = [
        "# Results: the ledger's questions",
        "",
        "A result's id has seven parts, joined by dots: source, instrument, analysis, measure, wave,",
        "group, statistic. The analysis is one of these questions.",
        "",
        "| analysis | asks | of | statistics |",
        "| --- | --- | --- | --- |",
    ]
    for each in questions.QUESTIONS:
        given = ", ".join(f"`{name}`" for name in each.statistics)
        lines.append(f"| `{each.name}` | {each.asks} | {OF[each.of]} | {given} |")
    return Page("results", "\n".join(lines) + "\n")


def pages(docs: Path = DOCS) -> list[tuple[str, list[Page]]]:
    """All pages, by what they are for, in reading order."""
    found = {path.stem: Page(path.stem, path.read_text("utf-8")) for path in docs.glob("*.md")}
    found |= {page.name: page for page in (commands(), results())}
    sorted_in = {name for names in KINDS.values() for name in names}
    kinds = [
        (kind, [found[name] for name in names if name in found]) for kind, names in KINDS.items()
    ]
    rest = [page for name, page in sorted(found.items()) if name not in sorted_in]
    return [*kinds, (DEVELOP, rest)]


def build(target: Path, docs: Path = DOCS) -> list[Path]:
    """Write the site into a folder; its pages.

    The first page of the first kind is the site's ``index.html``, too.
    """
    target.mkdir(parents=True, exist_ok=True)
    kinds = pages(docs)
    template = jinja2.Environment(autoescape=True).from_string(PAGE)
    known = {page.name for _, found in kinds for page in found}
    written = []
    for page in (page for _, found in kinds for page in found):
        body = pypandoc.convert_text(page.text, "html5", "gfm", ["--wrap=preserve"])
        body = LINK.sub(
            lambda m: f'href="{m[1]}.html{m[2] or ""}"' if m[1] in known else m[0], body
        )
        body = body.replace("<pre", '<pre tabindex="0"')
        body = body.replace("<table>", '<div class="table" tabindex="0"><table>')
        body = body.replace("</table>", "</table></div>")
        text = template.render(title=page.title, name=page.name, kinds=kinds, body=Markup(body))
        path = inside(target, f"{page.name}.html")
        path.write_text(text, encoding="utf-8")
        written.append(path)
    (target / "index.html").write_text(written[0].read_text("utf-8"), encoding="utf-8")
    return written


def _commands(name: str, command: Any) -> list[tuple[str, Any]]:
    """A command and those below it, by how they are called."""
    below = getattr(command, "commands", {})
    if not below:
        return [(name, command)]
    return [each for part in below.values() for each in _commands(f"{name} {part.name}", part)]


def _prose(text: str) -> list[str]:
    """A command's help as Markdown: lines that show how it is called are code."""
    lines = []
    for line in text.splitlines():
        called = re.match(r"(.*?)(drp [a-z].*)", line.strip())
        if called and (not called[1] or called[1] in ("Example: ", "Examples: ")):
            lines += ["", f"    {called[2]}", ""]
        else:
            lines.append(html.escape(line, quote=False))
    return lines


if __name__ == "__main__":
    made = build(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/_site"))
    print(f"{len(made)} pages: {made[0].parent / 'index.html'}")
