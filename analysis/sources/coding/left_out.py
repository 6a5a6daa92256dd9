"""Codings that are not used, counted by reason and told in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

NO_TEXT = {
    "audio": "of stretches of audio, which hold no text",
    "video": "of stretches of video, which hold no text",
    "av": "of stretches of audio or video, which hold no text",
    "picture": "of areas of pictures, which hold no text",
    "pdf": "of areas of PDF pages, whose text is not in the project",
    "image": "of areas of pictures or PDF pages, which hold no text",
}


class LeftOut:
    """Codings left out so far."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._sources: dict[str, set[str]] = {}

    def add(self, why: str, source: str = "", count: int = 1) -> None:
        """``count`` codings that are left out, of a source if it has a name."""
        if count:
            self._counts[why] += count
            self._sources.setdefault(why, set()).update({source} - {""})

    def findings(self, used: Iterable[str]) -> list[str]:
        """In words: how many for each reason; and sources of which nothing else could be read."""
        found = []
        for why, count in self._counts.items():
            sources = len(self._sources[why])
            of = f", in {sources} source{'s' if sources > 1 else ''}" if sources else ""
            found.append(f"{count} coding{'s' if count > 1 else ''} {why}{of}: left out")
        only = sorted(set().union(*self._sources.values()) - set(used)) if found else []
        if only:
            found.append(
                f"{len(only)} source{'s have' if len(only) > 1 else ' has'} no coding that could "
                f"be read: {', '.join(only)}"
            )
        return found


def counted(count: int, one: str, several: str) -> list[str]:
    """A finding in the right number; nothing if there is nothing to find."""
    return [f"{count} {one if count == 1 else several}"] if count else []
