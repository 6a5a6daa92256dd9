"""One brand file sets colours, typeface and logo of every form, and all of it can be read."""

from __future__ import annotations

import re
import shutil
from itertools import product
from pathlib import Path

import pytest

from analysis.present.palette import PALETTE
from analysis.publish.builtin.brand import MARK, TEXT, Brand, contrast, read
from analysis.publish.builtin.dialect import DialectError, Source
from analysis.publish.builtin.web_fonts import face, web_font
from tests.conftest import ROOT

BRANDS = {
    "the report's own": Brand(),
    "pale": Brand({"primary": "#FFE066", "accent": "#B8F2C9", "plum": "#FFC0CB",
                   "orange": "#FFD8A8", "grey": "#E0E0E0"}),
    "dark": Brand({"primary": "#0A0A2A", "accent": "#02231C", "ink": "#000000"}),
}  # fmt: skip
READ = ("primary", "accent", "plum", "orange", "grey", "ink", "green", "purple")
GROUNDS = ("paper", "pale", "mint", "blush")


@pytest.mark.parametrize("name", BRANDS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_whatever_the_brand_all_text_can_be_read(name: str, theme: str) -> None:
    colours = getattr(BRANDS[name], theme)
    for word, ground in product(READ, GROUNDS):
        assert contrast(colours[word], colours[ground]) >= TEXT, (word, ground)
    for ground in ("mist", "sky"):
        assert contrast(colours["ink"], colours[ground]) >= TEXT
    # Numbers in paper on bars, and the ring of what has the focus.
    assert contrast(colours["paper"], colours["orange"]) >= MARK
    assert contrast(colours["paper"], colours["primary"]) >= TEXT


def test_a_drawing_takes_every_colour_of_the_brand() -> None:
    drawing = "".join(f'<g style="fill: {value.lower()}"/>' for value in PALETTE.values())
    second = BRANDS["pale"]
    shown = second.recoloured(drawing)
    assert set(re.findall(r"#[0-9A-F]{6}", shown)) == {second.light[name] for name in PALETTE}
    followed = second.variables(drawing)
    assert all(f"var(--{name},{second.light[name]})" in followed for name in PALETTE)
    assert "#123456" in second.recoloured("fill: #123456")


def brand_file(folder: Path, text: str) -> Source:
    (folder / "_brand.yml").write_text(text, encoding="utf-8")
    return Source("_brand.yml", folder, text)


def test_a_typeface_comes_with_its_files(tmp_path: Path) -> None:
    shutil.copyfile(ROOT / "_extensions/report/fonts/Inter-Italic.otf", tmp_path / "Own-Italic.otf")
    source = brand_file(
        tmp_path,
        "typography:\n  base: {family: Own Sans}\n  fonts:\n"
        "    - {family: Own Sans, source: file, files: [Own-Italic.otf]}\n",
    )
    brand = read(source, lambda name: tmp_path / name)
    assert brand.family == "Own Sans" and '"Own Sans"' in brand.css()
    assert '#let family = "Own Sans"' in brand.typst()
    assert "'Own Sans'" in brand.recoloured("font-family: 'Inter'")
    rule = face(brand.fonts[0], brand.family)
    assert "font-style:italic" in rule and "Own-Italic.woff2" in rule


@pytest.mark.parametrize(
    "text",
    [
        "typography:\n  base: {family: Own Sans}\n",
        "typography:\n  base: {family: Own}\n  fonts: [{family: Own, source: google}]\n",
        "typography:\n  base: {family: Own}\n  fonts: [{family: Own, source: file, files: [x.otf]}]\n",
        "typography:\n  base: {family: 'a\"b'}\n",
    ],
)
def test_a_typeface_that_cannot_be_shown_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(DialectError):
        read(brand_file(tmp_path, text), lambda name: tmp_path / name)


@pytest.mark.verify
def test_web_fonts_are_those_of_the_fonts() -> None:
    for path in sorted((ROOT / "_extensions/report/fonts").glob("*.otf")):
        assert path.with_suffix(".woff2").read_bytes() == web_font(path)


def test_web_fonts_are_small() -> None:
    fonts = list((ROOT / "_extensions/report/fonts").glob("*.woff2"))
    assert len(fonts) == len(list((ROOT / "_extensions/report/fonts").glob("*.otf")))
    assert sum(path.stat().st_size for path in fonts) < 100_000
