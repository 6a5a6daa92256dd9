"""A project's notebooks, templates and styles: its own, or else those that the package brings.

A project may have any of them: a file of its own wins over the package's file of the same name.
In the repository the package's are the repository's own; in an installed wheel they lie in
``analysis/project/``. What Quarto has to find in the project itself is written there by
:func:`lay_out`, where git ignores it.

Imports nothing heavy, so that a command that finds nothing to do ends at once.
"""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path

from analysis.places import inside

PACKAGE = Path(__file__).resolve().parent
NOTEBOOKS, REPORT = "notebooks", "report"
#: The Quarto extension that both renderers make reports look by, and its folders.
EXTENSION = "_extensions/report"
STYLES, FONTS = f"{EXTENSION}/styles", f"{EXTENSION}/fonts"
#: Folders of styles and the like, which Quarto has to find in the project.
FOLDERS = (EXTENSION, STYLES, FONTS)
#: Where projects kept these before they were an extension.
MOVED = {f"{REPORT}/styles": STYLES, f"{REPORT}/fonts": FONTS}
#: Beside files that were laid out stands a file of this name. It lists them, so that git ignores
#: them, and so that they are known to be the package's.
LISTED = ".gitignore"
HEAD = (
    "# Written by drp: these files are the package's, and are written again from it.\n"
    "# Take a name out of this list to make its file your own.\n"
)


@cache
def shipped() -> Path:
    """Where the package keeps the project that it brings."""
    installed = PACKAGE / "project"
    return installed if installed.is_dir() else PACKAGE.parent


def find(root: Path, name: str) -> Path:
    """A file of a project by its name (``report/survey.qmd``): its own, else the package's.

    The project's place for it, if neither is there.
    """
    return _own_or_ours(root, name, _laid_out((root / name).parent))


def notebooks(root: Path) -> list[Path]:
    """A project's notebooks, in order of name."""
    return _files(root, NOTEBOOKS, "*.ipynb")


def report_file(root: Path, name: str) -> Path:
    """A file below ``report/``, such as ``survey.qmd``."""
    return find(root, f"{REPORT}/{name}")


def templates(root: Path) -> list[Path]:
    """A project's templates of chapters, in order of name."""
    return _files(root, REPORT, "*.qmd")


def styles(root: Path) -> dict[str, Path]:
    """Styles, fonts and the like: where each file is, by its name in a project."""
    return {
        f"{folder}/{path.name}": path for folder in FOLDERS for path in _files(root, folder, "*")
    }


def fonts(root: Path) -> list[Path]:
    """A project's font files."""
    return [path for path in styles(root).values() if path.suffix.lower() in (".otf", ".ttf")]


def names() -> list[str]:
    """Names of everything that the package brings and a project may have of its own."""
    brought = [
        *_listed_files(NOTEBOOKS, "*.ipynb"),
        *_listed_files(REPORT, "*.qmd"),
        *(name for folder in FOLDERS for name in _listed_files(folder, "*")),
    ]
    return sorted(name for name in brought if (shipped() / name).is_file())


def copy_own(root: Path, name: str) -> Path:
    """Copy one of the package's files into a project, to be changed there.

    Raises
    ------
    LookupError
        If the package brings no file of this name.
    FileExistsError
        If the project has one of its own.
    """
    if name not in names():
        raise LookupError(name)
    target = inside(root, *name.split("/"))
    if _is_own(target, _laid_out(target.parent)):
        raise FileExistsError(name)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(shipped() / name, target)
    _list(target.parent, _laid_out(target.parent) - {target.name})
    return target


def lay_out(root: Path) -> None:
    """Write the package's styles into a project that has none of its own, for Quarto to find."""
    if root.resolve() == shipped().resolve():
        return
    for folder in FOLDERS:
        before, written = _laid_out(root / folder), set()
        for path in _files(root, folder, "*"):
            if path.parent != root / folder:
                target = inside(root, *folder.split("/"), path.name)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)
                written.add(path.name)
        if before or written:
            _list(root / folder, written)


def _files(root: Path, folder: str, pattern: str) -> list[Path]:
    own = root / folder
    found = {Path(name).name for name in _listed_files(folder, pattern)}
    found |= {path.name for path in own.glob(pattern)}
    laid_out = _laid_out(own)
    paths = (_own_or_ours(root, f"{folder}/{name}", laid_out) for name in sorted(found))
    return [path for path in paths if path.is_file() and not path.name.startswith(".")]


def _own_or_ours(root: Path, name: str, laid_out: set[str]) -> Path:
    own, ours = root / name, shipped() / name
    return own if _is_own(own, laid_out) or not ours.is_file() else ours


@cache
def _listed_files(folder: str, pattern: str) -> tuple[str, ...]:
    return tuple(f"{folder}/{path.name}" for path in (shipped() / folder).glob(pattern))


def _is_own(path: Path, laid_out: set[str]) -> bool:
    return path.is_file() and path.name not in laid_out


def _laid_out(folder: Path) -> set[str]:
    """Names of the package's files that were written to a folder."""
    try:
        text = (folder / LISTED).read_text(encoding="utf-8")
    except OSError:
        return set()
    if not text.startswith(HEAD):
        return set()
    return {line.removeprefix("/") for line in text.splitlines() if line.startswith("/")}


def _list(folder: Path, laid_out: set[str]) -> None:
    path = folder / LISTED
    if not laid_out:
        if path.exists() and path.read_text(encoding="utf-8").startswith(HEAD):
            path.unlink()
        return
    lines = "".join(f"/{name}\n" for name in [LISTED, *sorted(laid_out)])
    path.write_text(HEAD + lines, encoding="utf-8")
