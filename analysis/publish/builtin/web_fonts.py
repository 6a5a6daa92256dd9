"""Typefaces for pages: the Latin letters and signs of a font as WOFF2, a tenth of its size.

The report's own are made once and lie beside the fonts (``python -m
analysis.publish.builtin.web_fonts _extensions/report/fonts`` makes them again); a brand's are made
when it is used. A letter that is not among them is shown in the reader's own sans-serif.
"""

from __future__ import annotations

import io
import sys
from functools import lru_cache
from pathlib import Path

#: Latin with its extensions, punctuation, signs of currency, arrows and what formulas need.
LETTERS = (
    *range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x218, 0x21C), *range(0x2010, 0x2028),
    0x202F, 0x2030, 0x2032, 0x2033, 0x2039, 0x203A, 0x2044, 0x20AC, 0x2122,
    *range(0x2190, 0x2194), 0x2212, 0x2215, 0x2248, 0x2260, 0x2264, 0x2265, 0x25CB, 0x25CF, 0x2713,
)  # fmt: skip
#: Figures of one width, kerning, and the alternates that the style sheets ask for.
FEATURES = ("kern", "liga", "calt", "ccmp", "locl", "mark", "mkmk", "tnum", "lnum", "cv05", "ss03")


def web_font(path: Path) -> bytes:
    """A font file's letters as WOFF2: the same bytes for the same file."""
    return _made(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=16)
def _made(path: Path, changed: int) -> bytes:
    from fontTools import subset
    from fontTools.ttLib import TTFont

    options = subset.Options()
    options.layout_features = list(FEATURES)
    options.hinting = False
    with TTFont(path, recalcTimestamp=False) as font:
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=LETTERS)
        subsetter.subset(font)
        font.flavor = "woff2"
        out = io.BytesIO()
        font.save(out)
    return out.getvalue()


def face(path: Path, family: str) -> str:
    """A style sheet's rule for a font file of a typeface, as it lies beside the styles of a page."""
    weight, italic = _kept(path, path.stat().st_mtime_ns)
    return (
        f'@font-face{{font-family:"{family}";font-weight:{weight};'
        f"font-style:{'italic' if italic else 'normal'};font-display:swap;"
        f'src:url("../fonts/{path.stem}.woff2") format("woff2")}}\n'
    )


@lru_cache(maxsize=16)
def _kept(path: Path, changed: int) -> tuple[int, bool]:
    from fontTools.ttLib import TTFont

    with TTFont(path, lazy=True) as font:
        return int(font["OS/2"].usWeightClass), bool(font["OS/2"].fsSelection & 1)


def main(folder: Path) -> None:
    """Make the web fonts of a folder again, beside its fonts."""
    for path in sorted(folder.glob("*.[ot]tf")):
        path.with_suffix(".woff2").write_bytes(web_font(path))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
