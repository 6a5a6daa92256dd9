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

#: What a style must not fetch: another style, a typeface or a picture of another host.
EXTERNAL_STYLE = re.compile(
    r"""(?:@import\s*|url\(\s*)["']?(?:https?:)?//[^"')\s]+""", re.IGNORECASE
)


def check(place: Path, page: Page) -> None:
    """Check one unit's published folder.

    Raises
    ------
    AnalystError
        If a page or a style fetches anything from the internet, or holds a path of this machine.
    """
    home = str(page.study.folder.resolve().parent.parent)
    for path in sorted([*place.rglob("*.html"), *place.rglob("*.css")]):
        text = path.read_text(encoding="utf-8")
        is_page = path.suffix == ".html"
        for found, what in (
            (is_page and EXTERNAL.search(text), "fetches something from the internet"),
            (EXTERNAL_STYLE.search(text), "fetches something from the internet"),
            (re.search(re.escape(home), text), "holds a path of this machine"),
        ):
            if found:
                raise AnalystError(
                    f"The {'page' if is_page else 'style'} {path.name} {what}: "
                    f"{found.group(0)[:120]}",
                    where=str(path),
                    fix="Take it out of the chapter or the style that brings it.",
                )
