"""What a report's folder holds, and what it was made from: ``manifest.json``, and its proof.

The manifest names every file of the report with its SHA-256, what the report was made from, with
which versions and parameters, and whom it may be shared with. It holds no time and no place, so the
same report has the same manifest.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from analysis.errors import AnalystError
from analysis.places import plain_file
from analysis.present.page import Page
from analysis.publish.incremental import content_hash

FILE = "manifest.json"
SCHEMA = 1
#: Whose versions are kept: what makes numbers, pictures and pages.
VERSIONS = ("drp-evaluation", "numpy", "scipy", "pandas", "statsmodels", "pingouin", "matplotlib",
            "plotly", "pypandoc_binary", "typst")  # fmt: skip


def write(
    place: Path,
    page: Page,
    inputs: Mapping[str, str],
    parameters: Mapping[str, Any],
    content: str = "",
    draft: bool = True,
) -> Path:
    """Write the manifest of a report's folder; its path.

    Parameters
    ----------
    place
        The folder, with every other file of the report in it.
    page
        The unit's page.
    inputs
        What it is made from, by name: SHA-256.
    parameters
        How it was made: formats, renderer, pair of waves.
    content
        One hash of what it shows, the same for all documents of a unit.
    draft
        Whether its pages say that it is a draft.
    """
    study = page.study
    written = {
        "schema_version": SCHEMA,
        "study": study.id,
        "edition": study.edition.id,
        "unit": page.unit,
        "share_with": share_with(page),
        "content": content,
        "draft": draft,
        "versions": {"python": platform.python_version(), **_versions()},
        "parameters": dict(parameters),
        "inputs": dict(sorted(inputs.items())),
        "outputs": outputs(place),
    }
    path = place / FILE
    text = json.dumps(written, indent=1, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")
    return path


def share_with(page: Page) -> str:
    """Whom a report may be given to."""
    if page.is_school:
        return f"{page.school['name']}, and whoever answers for the programme"
    return "anybody, once it is published"


@cache
def _versions() -> dict[str, str]:
    return {name: version(name) for name in VERSIONS}


def outputs(place: Path) -> dict[str, str]:
    """Every file of a folder but the manifest, by its path there: SHA-256."""
    files = sorted(path for path in place.rglob("*") if path.is_file() or path.is_symlink())
    return {
        name: content_hash(plain_file(path))
        for path in files
        if (name := path.relative_to(place).as_posix()) != FILE
    }


def read(place: Path) -> dict[str, Any]:
    """The manifest of a report's folder.

    Raises
    ------
    AnalystError
        If there is none, or none that can be read.
    """
    path = place / FILE
    fix = "Get the folder again from whoever made it, or make the report again with drp render."
    try:
        found = json.loads(plain_file(path).read_text(encoding="utf-8"))
        if found["schema_version"] != SCHEMA or not isinstance(found["outputs"], dict):
            raise ValueError("it is of another version")
    except FileNotFoundError:
        raise AnalystError("There is no manifest.", where=str(path), fix=fix) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise AnalystError(
            f"The manifest cannot be read: {error}.", where=str(path), fix=fix
        ) from None
    return dict(found)


def differences(place: Path) -> list[str]:
    """How a folder differs from its manifest: nothing, if it is as it was made.

    Raises
    ------
    AnalystError
        If there is no manifest that can be read.
    """
    expected: dict[str, str] = read(place)["outputs"]
    found = outputs(place)
    return [
        *(f"{name} is missing" for name in sorted(set(expected) - set(found))),
        *(f"{name} is not in the manifest" for name in sorted(set(found) - set(expected))),
        *(
            f"{name} was changed"
            for name in sorted(set(found) & set(expected))
            if found[name] != expected[name]
        ),
    ]


def verify(folder: Path) -> dict[str, Any]:
    """Prove that a report's folder is as it was made; its manifest.

    Raises
    ------
    AnalystError
        If it is not, naming how it differs.
    """
    found = read(folder)
    if wrong := differences(folder):
        raise AnalystError(
            "The folder differs from its manifest:\n    " + "\n    ".join(wrong[:20]),
            where=str(folder),
            fix="Do not use it: get it again from whoever made it.",
        )
    return found
