"""Look at what was rendered before it counts as published."""

from __future__ import annotations

import re
from pathlib import Path

from analysis.errors import AnalystError
from analysis.present.page import Page

#: What a page must not fetch when it is read: ``src`` and stylesheet links to other hosts.
EXTERNAL = re.compile(
    r"""(?:\ssrc|<link[^>]*\shref)\s*=\s*["'](?:https?:)?//[^"']+""", re.IGNORECASE
)


def check(place: Path, page: Page) -> None:
    """Check one unit's published folder.

    Raises
    ------
    AnalystError
        If a page fetches anything from the internet, holds a path of this machine, or names
        another unit's folder.
    """
    home = str(page.study.folder.resolve().parent.parent)
    for path in sorted(place.rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        for found, what in (
            (EXTERNAL.search(text), "fetches something from the internet"),
            (re.search(re.escape(home), text), "holds a path of this machine"),
        ):
            if found:
                raise AnalystError(
                    f"The page {path.name} {what}: {found.group(0)[:120]}",
                    where=str(path),
                    fix="Take it out of the chapter or the style that brings it.",
                )
