"""Real people's data must not reach git by accident."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from analysis import synthetic
from analysis.errors import AnalystError
from analysis.study import Study

#: Endings of files that may hold people's answers. Everything else in a study folder
#: (YAML, Markdown) is written by analysts.
DATA_ENDINGS = frozenset(
    {".csv", ".tsv", ".txt", ".xlsx", ".xls", ".xlsm", ".ods", ".sav", ".zsav", ".por", ".dta"}
    | {".rda", ".rds", ".sas7bdat", ".json", ".jsonl", ".parquet", ".feather", ".sqlite3"}
    | {".db", ".qda", ".qdc", ".qdpx", ".zip", ".doc", ".docx", ".pdf", ".rtf", ".html"}
)

#: Folders of a study that hold reference material (lookup tables, printed figures), not answers.
REFERENCE_FOLDERS = frozenset({"instruments", "published"})


def refuse_unlisted_tracked_files(study: Study) -> None:
    """Stop if git tracks a data file of the study folder that ``SYNTHETIC`` does not list.

    Outside a git checkout, or without git, there is nothing to refuse.
    """
    git = shutil.which("git")
    if git is None:
        return
    try:
        listing = subprocess.run(
            [git, "-C", str(study.folder), "ls-files", "-z", "--", "."],
            capture_output=True,
            check=False,
        )
    except OSError as error:
        raise AnalystError(
            f"git could not be asked which files it tracks: {error.strerror or error}.",
            where=git,
            fix="Run the command again. If that does not help, look whether 'git --version' works.",
        ) from None
    if listing.returncode != 0:
        return
    listed = synthetic.listed(study.folder)
    for name in sorted(listing.stdout.decode("utf-8").split("\0")):
        if name and is_data(name) and name not in listed:
            raise AnalystError(
                f"{name} is tracked by git but not listed in SYNTHETIC: it may hold real "
                "people's answers.",
                where=str(study.path(name)),
                fix=f"If it is real: git rm --cached '{study.path(name)}', commit, and tell your "
                "data protection officer if it was pushed. If it is synthetic: list it in "
                f"{study.path('SYNTHETIC')}.",
            )


def is_data(name: str) -> bool:
    """Whether a file of a study folder may hold people's answers, by its place and ending."""
    path = Path(name)
    in_reference = len(path.parts) > 1 and path.parts[0] in REFERENCE_FOLDERS
    return path.suffix.lower() in DATA_ENDINGS and not in_reference
