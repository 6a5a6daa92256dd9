"""Where things are: the project's folder, and what belongs to a study beside its own.

Paths that are written or removed are made here from names (:func:`inside`), and nowhere else, so
that no name in the data can lead out of the folder that it belongs to. Imports nothing heavy, so
that a command that finds nothing to do ends at once.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath

from analysis.errors import AnalystError
from analysis.names import shown

#: Of a study, what no number comes from.
WITHOUT_NUMBERS = ("texts", "forms", "returns", "recipients.csv")
#: A folder that ends so is a mistake, which should be found before all is computed.
FILE_ENDINGS = frozenset({".csv", ".tsv", ".xlsx", ".sav", ".md", ".yaml", ".yml", ".otf", ".ttf"})


def project_of(start: Path) -> Path | None:
    """The nearest folder that holds ``_quarto.yml``, from ``start`` upwards; nothing if none does."""
    here = start.resolve()
    folders = (here, *here.parents)
    return next((folder for folder in folders if (folder / "_quarto.yml").exists()), None)


def project_root(start: Path | None = None) -> Path:
    """The project of a folder.

    A study outside any project belongs to the one where the command is given; the present folder
    is a project, too, if it is in none: all but the study may come from the package.
    """
    here = Path.cwd().resolve()
    return (start and project_of(start)) or project_of(here) or here


def processed(study: Path) -> Path:
    """Where the processed data of the study in a folder live: ``processed`` beside it.

    For ``data/raw`` that is ``data/processed``; another study folder has its own,
    ``processed-<folder>``, so that two studies never mix.
    """
    folder = study.resolve()
    return folder.parent / ("processed" if folder.name == "raw" else f"processed-{folder.name}")


def releases(study: Path) -> Path:
    """Where the studies beside the one in a folder have their publications on record."""
    return study.resolve().parent / "releases"


def private(study: Path) -> Path:
    """The folder for what belongs to the study in a folder and never to git: ``.drp``.

    In the study's project; for a study outside any project beside its folder, wherever a command is
    given.
    """
    folder = study.resolve()
    return (project_of(folder.parent) or folder.parent) / ".drp"


@contextmanager
def alone(study: Path) -> Iterator[None]:
    """Nobody else writes what is made of the study in a folder meanwhile.

    The system lets go of the lock however a run ends.

    Raises
    ------
    AnalystError
        If somebody does already.
    """
    from filelock import FileLock, Timeout

    if not (study / "study.yaml").is_file():
        yield  # whatever is to be done will say so
        return
    folder = processed(study)
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / ".lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise AnalystError(
            "Another command is working on this study.",
            where=str(study),
            fix="Wait until it has ended, and run this one again.",
        ) from None
    try:
        yield
    finally:
        lock.release()


def inside(folder: Path, *names: str) -> Path:
    """The path of a file or folder below ``folder``, which each of the names leads one step down.

    The only way to a path that is written or removed and has a part from the data or the study.
    A link on the way may lead elsewhere below ``folder``, but not out of it.

    Raises
    ------
    AnalystError
        If a name is not a single step down, or the path leads out of the folder.
    """
    for name in names:
        if not _one_step(name):
            raise AnalystError(
                f"{shown(name)} cannot name a file or folder.",
                where=str(folder),
                fix="Use letters, figures, _ and - in ids and names of files.",
            )
    path = folder.joinpath(*names)
    within(folder, path)
    return path


def within(folder: Path, path: Path) -> Path:
    """``path``, if it lies below ``folder`` with all links followed.

    Raises
    ------
    AnalystError
        If it does not.
    """
    base = folder.resolve()
    try:
        real = path.resolve()
    except (OSError, RuntimeError):  # links in a circle: RuntimeError before Python 3.13
        real = base
    if real == base or not real.is_relative_to(base):
        raise AnalystError(
            f"{path.name} leads out of its folder.",
            where=str(path),
            fix=f"Put the file itself into {folder}, in place of a link to it.",
        )
    return path


def _one_step(name: str) -> bool:
    """Whether a name is one part of a path, on any system."""
    return (
        name not in ("", ".", "..")
        and name == PurePosixPath(name).name == PureWindowsPath(name).name
        and name.isprintable()
        and len(os.fsencode(name)) <= 255
    )


def plain_file(path: Path) -> Path:
    """``path``, if a plain file is there or nothing at all (of which its reader can say more).

    Anything else may have no end, or wait for ever: a folder, a pipe, a device, a socket.

    Raises
    ------
    AnalystError
        If something else is there.
    """
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return path
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise AnalystError(
            f"{path.name} cannot be opened: {reason}.",
            where=str(path),
            fix="Put a plain file there that may be read.",
        ) from None
    if not stat.S_ISREG(mode):
        raise _not_plain(path, mode)
    return path


def _not_plain(path: Path, mode: int) -> AnalystError:
    kinds = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}
    return AnalystError(
        f"{path.name} is {kinds.get(stat.S_IFMT(mode), 'a device')}, not a file.",
        where=str(path),
        fix="Put a plain file there, or take it away.",
    )


def refuse_strange(folder: Path) -> None:
    """Stop at a link out of a folder, or at anything in it that is neither file nor folder.

    Nor may a folder be named like a file.

    Hidden files and folders are passed over, as they are wherever a study's files are looked
    through. All of them are named at once.

    Raises
    ------
    AnalystError
        If there is any.
    """
    base = folder.resolve()
    found = sorted(_strange(base, base))
    if found:
        raise AnalystError(
            f"{folder.name} holds {len(found)} {'thing' if len(found) == 1 else 'things'} that "
            "cannot be used:\n    " + "\n    ".join(found),
            where=str(folder),
            fix="Put plain files there in place of links, and take the rest away.",
        )


def _strange(folder: Path, base: Path) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(".") or entry.is_file(follow_symlinks=False):
                continue
            path = Path(entry.path)
            name = path.relative_to(base).as_posix()
            if entry.is_symlink():
                try:
                    within(base, path)
                    if not path.is_dir() or path.suffix.lower() in FILE_ENDINGS:
                        plain_file(path)
                except AnalystError as error:
                    yield f"{shown(name)}: {error.what}"
            elif entry.is_dir(follow_symlinks=False) and path.suffix.lower() not in FILE_ENDINGS:
                yield from _strange(path, base)
            else:
                yield f"{shown(name)}: {_not_plain(path, entry.stat().st_mode).what}"
