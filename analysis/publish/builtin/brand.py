"""Colours and logo from a ``_brand.yml`` file, checked so that text stays readable."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.publish.builtin.dialect import Source
from analysis.publish.builtin.project import Project, load_yaml, read_source

HEX = re.compile(r"^#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})$")

# WCAG 2.2, success criterion 1.4.3: text against its background.
READABLE_CONTRAST = 4.5


@dataclass(frozen=True)
class Brand:
    """What a report looks like beyond the style sheets' own defaults."""

    primary: str = "#12436D"
    accent: str = "#28A197"
    logo: Path | None = None
    logo_alt: str = ""


def load_brand(project: Project, metadata: dict[str, Any]) -> Brand:
    """The brand named by the metadata key ``brand``, else the project's own default."""
    name = metadata.get("brand")
    if not name:
        return Brand()
    if not isinstance(name, str):
        raise project.config.error("brand:", "give the path of a _brand.yml file")
    path = project.resolve(project.root, name, project.config, name)
    source = read_source(path, project.root, project.config)
    return read(source, lambda target: project.resolve(source.folder, target, source, target))


def read(source: Source, resolve: Callable[[str], Path]) -> Brand:
    """A brand file; ``resolve`` finds the files that it names.

    Raises
    ------
    DialectError
        If a colour is none, or the logo is missing.
    """
    values = load_yaml(source)
    colours = values.get("color") or {}
    if not isinstance(colours, dict):
        raise source.error("color:", "give `primary:` and the like below it")
    palette = colours.get("palette") or {}
    if not isinstance(palette, dict):
        raise source.error("palette:", "give names and colours below it")
    primary = _colour(colours.get("primary"), palette, source) or Brand.primary
    # Not `secondary`, which brands mostly give to a grey.
    stated = colours.get("tertiary") or colours.get("success")
    accent = _colour(stated, palette, source) or Brand.accent
    logo, alt = _logo(values.get("logo"), resolve, source)
    return Brand(readable(primary), accent, logo, alt)


def _colour(value: Any, palette: dict[str, Any], source: Source) -> str | None:
    for _ in range(5):
        if value is None:
            return None
        if isinstance(value, str) and HEX.match(value):
            digits = value[1:]
            full = digits if len(digits) == 6 else "".join(digit * 2 for digit in digits)
            return f"#{full.upper()}"
        if not isinstance(value, str) or value not in palette:
            break
        value = palette[value]
    raise source.error(str(value), "a colour must be #RRGGBB or a name from `color: palette:`")


def _logo(value: Any, resolve: Callable[[str], Path], source: Source) -> tuple[Path | None, str]:
    images: dict[str, Any] = {}
    if isinstance(value, dict):
        images = value.get("images") or {}
        if not isinstance(images, dict):
            raise source.error("images:", "give names below it, each with `path:` and `alt:`")
        value = next((value[size] for size in ("medium", "small", "large") if size in value), None)
    if isinstance(value, str):
        value = images.get(value, value)
    if value is None:
        return None, ""
    alt = ""
    if isinstance(value, dict):
        alt, value = str(value.get("alt") or ""), value.get("path")
    if not isinstance(value, str):
        raise source.error("logo:", "give a path, or `images:` with `path:` and `alt:`")
    path = resolve(value)
    if not path.is_file():
        raise source.error(value, "the logo's file is missing")
    return path, alt


def readable(colour: str) -> str:
    """The colour, darkened until white text on it (and it on white) can be read."""
    red, green, blue = (int(colour[index : index + 2], 16) for index in (1, 3, 5))
    while 1.05 / (_luminance(red, green, blue) + 0.05) < READABLE_CONTRAST:
        red, green, blue = (int(channel * 0.93) for channel in (red, green, blue))
    return f"#{red:02X}{green:02X}{blue:02X}"


def _luminance(red: int, green: int, blue: int) -> float:
    def linear(channel: int) -> float:
        share = channel / 255
        return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)

    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
