"""Render a staged project with Quarto, where it is installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from analysis.errors import AnalystError
from analysis.publish.chapters import FOLDER

MINIMUM = (1, 9)
#: Warnings that say nothing about the report: a second PDF checker is not installed (Typst has
#: checked the standard already), a kernel's transport.
NOT_ABOUT_THE_REPORT = re.compile(r"verapdf is not installed|IPKernelApp")
#: Quarto's filters colour their messages even where ``NO_COLOR`` asks for none.
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
WARNING = re.compile(r"\bWARN(ING)?\b")
ERROR = re.compile(r"\b(?:ERROR|[Ee]rror):")
#: Where the reason for an error ends and the program's own affairs begin.
AFTER_THE_REASON = re.compile(r"\s*$|Stack trace|stack traceback|\s+at |\s+\[C\]")
#: Errors that say that there was an error.
SAYS_NOTHING = re.compile(r"Error encountered when rendering files|Typst compilation failed")
MOST_LINES = 15
GET_QUARTO = (
    "Quarto is a free program: get it from quarto.org (version 1.9 or later), or with conda "
    "(conda install -c conda-forge quarto)."
)


class QuartoError(Exception):
    """What Quarto says is wrong, and where in the staged project, as far as its log tells."""

    def __init__(self, message: str, path: str | None, line: int | None) -> None:
        super().__init__(message)
        self.message, self.path, self.line = message, path, line


def find() -> Path | None:
    """The Quarto program, if there is one recent enough."""
    path = shutil.which("quarto")
    if path is None:
        return None
    version = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    numbers = re.findall(r"\d+", version.stdout)
    return Path(path) if tuple(map(int, numbers[:2])) >= MINIMUM else None


def render(project: Path, output: Path, epoch: int) -> list[Path]:
    """Render the project folder, and move what it makes to ``output``.

    Parameters
    ----------
    project
        A folder made by :func:`analysis.publish.stage.stage`. Its ``_quarto.yml`` names the
        formats: all are made in one call, because a second would clean away the first's.
    output
        The folder to fill.
    epoch
        The edition's date in seconds since 1970, for the PDF's dates.

    Raises
    ------
    AnalystError
        If Quarto is missing.
    QuartoError
        If it fails, or warns: a missing cross-reference is only a warning to Quarto, but a mistake
        in a report.
    """
    program = find()
    if program is None:
        raise AnalystError(
            "Quarto 1.9 or later was not found.",
            where="--renderer quarto",
            fix=GET_QUARTO + " Or leave out --renderer, and the built-in renderer is used.",
        )
    done = subprocess.run(
        [str(program), "render", "."],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ
        | {"SOURCE_DATE_EPOCH": str(epoch), "QUARTO_PYTHON": sys.executable, "NO_COLOR": "1"},
    )
    log = done.stdout + done.stderr
    wrong = complaints(log, failed=done.returncode != 0)
    if wrong:
        raise QuartoError(
            ("Quarto failed:" if done.returncode else "Quarto warned, and a warning is a mistake:")
            + "".join(f"\n    {line}" for line in wrong),
            *place(project, log, wrong),
        )
    made = project / "_output"
    flatten(made)
    clean(made)
    for path in sorted(made.iterdir()):
        # What is hidden is for web hosts, and no part of a report.
        if not path.name.startswith("."):
            shutil.move(str(path), output / path.name)
    return [path for path in (output / "index.html", output / "report.pdf") if path.exists()]


def complaints(log: str, *, failed: bool) -> list[str]:
    """What a log of Quarto's says is wrong with the report: its warnings; why it ``failed``."""
    lines = [line.rstrip() for line in COLOUR.sub("", log).splitlines()]
    warnings = [
        line
        for line in lines
        if WARNING.search(line)
        and not NOT_ABOUT_THE_REPORT.search(line)
        and not SAYS_NOTHING.search(line)
    ]
    # A chapter is read once for each format.
    warnings = list(dict.fromkeys(warnings))
    if not failed:
        return warnings
    reasons: list[str] = []
    within = False
    for line in lines:
        within = not AFTER_THE_REASON.match(line) and (within or bool(ERROR.search(line)))
        if within and line not in reasons and not SAYS_NOTHING.search(line):
            reasons.append(line)
    found = [*reasons[:MOST_LINES], *(line for line in warnings if line not in reasons)]
    return found or [line for line in lines if line][-MOST_LINES:] or ["It did not say why."]


#: What Quarto says it is at: a chapter, or from then on the PDF of all of them.
AT = re.compile(r"\[ *\d+/\d+\] (?P<path>\S+)$|pandoc\b|\[typst\]")
#: What a message may quote of a chapter: a label, a file, a word.
QUOTED = re.compile(r"@[\w-]*\w|(?<=[`'\"])[^`'\"]+(?=[`'\"])|[\w./-]+\.\w+")


def place(project: Path, log: str, wrong: Sequence[str]) -> tuple[str | None, int | None]:
    """The chapter, and the line in it, that a log's first complaint is about, if it can be told."""
    at: str | None = None
    for line in COLOUR.sub("", log).splitlines():
        if line.rstrip() == wrong[0]:
            break
        if found := AT.match(line):
            at = found["path"]
    every = sorted(path.relative_to(project).as_posix() for path in project.rglob("*.[qm]*d"))
    chapters = [at] if at in every else every
    for quoted in QUOTED.findall("\n".join(wrong)):
        for name in chapters:
            lines = (project / name).read_text(encoding="utf-8").splitlines()
            for number, text in enumerate(lines, 1):
                if quoted in text:
                    return name, number
    return (chapters[0] if len(chapters) == 1 else None), None


#: What Quarto adds to a page with HTML output of a notebook, for widgets that need it. Ours bring
#: their own plotly.js, and a report fetches nothing from the internet.
WIDGET_SCRIPTS = re.compile(
    r"""<script src="https://cdn\.jsdelivr\.net/npm/(?:requirejs|jquery)@[^>]*></script>\s*"""
    r"""|<script type="application/javascript">define\('jquery'[^<]*</script>\s*"""
)
#: Quarto's pages have no link past their navigation.
SKIP_LINK = '<a class="skip-link" href="#quarto-document-content">Skip to main content</a>'
BODY = re.compile(r"<body[^>]*>")
#: What Quarto folds away opens by a script and a mouse; it becomes what the browser folds itself.
FOLDED = re.compile(
    r'<div class="(callout-header[^"]*?)(?: collapsed)?" data-bs-toggle="collapse"[^>]*>'
)
UNFOLDED = re.compile(
    r'<div id="(callout-\d+)" class="callout-\d+-contents callout-collapse collapse( show)?">'
)
DIVISION = re.compile(r"<(/?)div\b[^>]*>")
#: A browser loads no module for a page that is opened from a folder. What Quarto has as modules moves a
#: mark along the contents and keeps tabs of one name in step; a report does without, wherever it lies.
MODULE = re.compile(r'<script src="([^"]+)" type="module"></script>\s*')
#: The mark in the contents, which would stay where it begins.
MARKED = re.compile(r'(<a [^>]*class="nav-link) active("[^>]*data-scroll-target)')
NOTEBOOK_PATHS = re.compile(r'\sdata-notebook="[^"]*"')


def clean(made: Path) -> None:
    """Take out of Quarto's pages what fetches from the internet or names this machine's folders.

    A link past the navigation is put in, where a page has none yet; what is folded opens by keyboard;
    what works only from a server goes. Pictures of notebooks above a chapter's folder get names that do
    not begin with the dots of the way there: files of such names are hidden, and are left behind by what
    copies a folder.
    """
    shown = {path.name: path.name.lstrip(".-") for path in made.rglob("..-*") if path.is_file()}
    for path in [path for path in made.rglob("..-*") if path.is_file()]:
        path.rename(path.with_name(shown[path.name]))
    for page in sorted(made.rglob("*.html")):
        text = NOTEBOOK_PATHS.sub("", WIDGET_SCRIPTS.sub("", page.read_text(encoding="utf-8")))
        for before, after in shown.items():
            text = text.replace(f"/{before}", f"/{after}")
        if 'id="quarto-document-content"' in text and 'class="skip-link"' not in text:
            text = BODY.sub(lambda body: body.group(0) + SKIP_LINK, text, count=1)
            text = _unfolding(text)
        for script in MODULE.findall(text):
            (page.parent / script).unlink(missing_ok=True)
        text = MARKED.sub(r"\1\2", MODULE.sub("", text))
        page.write_text(text, encoding="utf-8")


def _unfolding(html: str) -> str:
    """A page whose folded boxes are opened without a script, and by keyboard."""
    while header := FOLDED.search(html):
        end = _end(html, header.end())
        within = UNFOLDED.search(html, end)
        if within is None:
            raise ValueError("a folded box has nothing in it")
        last = _end(html, within.end())
        title = html[header.end() : end - len("</div>")].replace("<div", "<span")
        title = title.replace("</div>", "</span>")
        shown = " open" if within[2] else ""
        html = (
            f'{html[: header.start()]}<details{shown}><summary class="{header[1]}">{title}</summary>'
            f'<div id="{within[1]}">{html[within.end() : last]}</details>{html[last:]}'
        )
    return html


def _end(html: str, start: int) -> int:
    """Where a division ends that begins before ``start``."""
    depth = 1
    for match in DIVISION.finditer(html, start):
        depth += -1 if match[1] else 1
        if depth == 0:
            return match.end()
    raise ValueError("a division has no end")


def flatten(made: Path) -> None:
    """A school's one document lies where its source lay; it belongs at the top."""
    pages = made / FOLDER
    if (made / "index.html").exists() or not pages.is_dir():
        return
    for path in sorted(pages.iterdir()):
        shutil.move(str(path), made / path.name)
    pages.rmdir()
    page = made / "index.html"
    if page.exists():
        text = page.read_text(encoding="utf-8")
        # What lay beside its folder lies beside the page; so does what lay in the folder itself.
        text = re.sub(rf'(\s(?:href|src)=")\.\./(?:{FOLDER}/)?', r"\1", text)
        page.write_text(text, encoding="utf-8")
