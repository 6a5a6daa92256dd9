"""A report's look from one ``_brand.yml``: colours, light and dark, typeface and logo.

Charts, pages and print are written in the palette of :mod:`analysis.present.palette`; here it becomes
the brand's, checked so that what is read can be read (WCAG 2.2, 1.4.3 and 1.4.11).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from analysis.present.palette import FONT, PALETTE
from analysis.publish.builtin.dialect import Source
from analysis.publish.builtin.project import Project, load_yaml, read_source

HEX = re.compile(r"^#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})$")
FAMILY = re.compile(r"^[\w .-]{1,60}$")

#: WCAG 2.2: text against its ground (1.4.3), marks and focus against theirs (1.4.11).
TEXT, MARK = 4.5, 3.0
WHITE, NIGHT, MOON = "#FFFFFF", "#11161B", "#E9EDF0"
#: What of the palette a brand's own words stand for; the first of them that it has.
STATED = {
    "primary": ("primary",),
    # Not `secondary`, which brands mostly give to a grey.
    "accent": ("tertiary", "success"),
    "plum": ("danger",),
    "orange": ("warning",),
    "grey": ("secondary",),
    "ink": ("foreground",),
}
#: Tints: of which colour, and how much of it is in the ground.
TINTS = {
    "rule": ("grey", 0.26),
    "mist": ("grey", 0.42),
    "sky": ("primary", 0.16),
    "pale": ("primary", 0.07),
    "mint": ("accent", 0.1),
    "blush": ("plum", 0.07),
}


@dataclass(frozen=True)
class Brand:
    """What a report looks like.

    ``colours`` are the brand's own, by their names in the palette; ``family`` is its typeface, of
    which ``fonts`` are the files; nothing of either is the report's own.
    """

    colours: Mapping[str, str] = field(default_factory=dict)
    logo: Path | None = None
    logo_alt: str = ""
    family: str = FONT
    fonts: tuple[Path, ...] = ()

    @cached_property
    def light(self) -> dict[str, str]:
        """Every colour of the palette on white: text keeps its contrast, on tints too."""
        return _themed({**PALETTE, **self.colours}, WHITE, None)

    @cached_property
    def dark(self) -> dict[str, str]:
        """The same on a dark ground."""
        return _themed({**PALETTE, **self.colours, "ink": MOON}, NIGHT, MOON)

    @property
    def primary(self) -> str:
        """The colour of headings and bands."""
        return self.light["primary"]

    @property
    def accent(self) -> str:
        """The second colour, as the brand has it: for bars and rules, on which nothing is read."""
        return self.colours.get("accent", PALETTE["accent"])

    def recoloured(self, drawing: str) -> str:
        """A drawing in the brand's colours and typeface."""
        return self._replaced(drawing, self.light)

    def variables(self, drawing: str) -> str:
        """A drawing whose colours follow its page, by day and by night."""
        return self._replaced(
            drawing, {name: f"var(--{name},{value})" for name, value in self.light.items()}
        )

    def _replaced(self, drawing: str, colours: Mapping[str, str]) -> str:
        by_value = {PALETTE[name].lower(): colours[name] for name in PALETTE}
        found = re.sub(
            r"#[0-9a-fA-F]{6}\b",
            lambda match: by_value.get(match.group(0).lower(), match.group(0)),
            drawing,
        )
        return found if self.family == FONT else found.replace(FONT, self.family)

    def css(self, *, dark: bool = True) -> str:
        """The colours and the typeface as a style sheet's variables, light and dark.

        Without ``dark`` for pages whose other styles know no night, as Quarto's.
        """
        day, night = (
            "".join(f"--{name}:{value};" for name, value in colours.items())
            for colours in (
                {**self.light, "accent-bar": self.accent, "band": self.light["primary"]},
                {**self.dark, "accent-bar": self.dark["accent"], "band": _mixed(self.light["primary"], NIGHT, 0.55)},
            )
        )  # fmt: skip
        family = "" if self.family == FONT else f'--report-font:"{self.family}",Arial,sans-serif;'
        schemes = "light dark" if dark else "light"
        root = f":root{{color-scheme:{schemes};{family}{day}}}\n"
        at_night = f"@media screen and (prefers-color-scheme:dark){{:root{{{night}}}}}\n"
        return root + (at_night if dark else "")

    def typst(self) -> str:
        """The same as definitions for print."""
        colours = {**self.light, "accent-bar": self.accent}
        lines = [f'#let {name} = rgb("{value}")' for name, value in colours.items()]
        return "\n".join([*lines, f'#let family = "{self.family}"', ""])


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
        If a colour is none, a typeface's name cannot be one, or a file is missing.
    """
    values = load_yaml(source)
    colours = values.get("color") or {}
    if not isinstance(colours, dict):
        raise source.error("color:", "give `primary:` and the like below it")
    palette = colours.get("palette") or {}
    if not isinstance(palette, dict):
        raise source.error("palette:", "give names and colours below it")
    own: dict[str, str] = {}
    for name, words in STATED.items():
        stated = next((colours[word] for word in words if colours.get(word)), None)
        found = _colour(stated, palette, source)
        if found is not None:
            own[name] = found
    logo, alt = _logo(values.get("logo"), resolve, source)
    family, fonts = _typeface(values.get("typography"), resolve, source)
    return Brand(own, logo, alt, family, fonts)


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


def _typeface(
    value: Any, resolve: Callable[[str], Path], source: Source
) -> tuple[str, tuple[Path, ...]]:
    """The typeface of all text, with its files: ``source: file`` only, nothing is fetched."""
    if value is None:
        return FONT, ()
    if not isinstance(value, dict):
        raise source.error("typography:", "give `base:` and `fonts:` below it")
    base = value.get("base")
    family = base.get("family") if isinstance(base, dict) else base
    if family is None or family == FONT:
        return FONT, ()
    if not isinstance(family, str) or not FAMILY.match(family):
        raise source.error("family:", "give the name of a typeface")
    files: list[Path] = []
    for entry in value.get("fonts") or []:
        if not isinstance(entry, dict) or entry.get("family") != family:
            continue
        if entry.get("source") != "file":
            raise source.error(family, "give its files (`source: file`): reports fetch no fonts")
        for each in entry.get("files") or []:
            name = each.get("path") if isinstance(each, dict) else each
            path = resolve(str(name))
            if not path.is_file():
                raise source.error(str(name), "the typeface's file is missing")
            files.append(path)
    if not files:
        raise source.error(family, "name its files below `fonts:`, with `source: file`")
    return family, tuple(files)


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


def readable(colour: str, ground: str = WHITE, least: float = TEXT) -> str:
    """The colour, moved away from its ground until it keeps so much contrast with it."""
    away = "#000000" if luminance(ground) > 0.18 else "#FFFFFF"
    share = 0.0
    while contrast(_mixed(away, colour, share), ground) < least and share < 1:
        share += 0.04
    return _mixed(away, colour, min(share, 1.0))


def contrast(one: str, other: str) -> float:
    """The contrast of two colours: from 1, none, to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""

    def linear(channel: int) -> float:
        share = channel / 255
        return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)

    red, green, blue = _channels(colour)
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)


def _channels(colour: str) -> tuple[int, int, int]:
    red, green, blue = (int(colour[index : index + 2], 16) for index in (1, 3, 5))
    return red, green, blue


def _mixed(one: str, other: str, share: float) -> str:
    """So much of one colour in another."""
    both = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02X}" for a, b in both)


def _themed(colours: Mapping[str, str], ground: str, ink: str | None) -> dict[str, str]:
    """All colours on a ground: tints of them, and text that keeps its contrast on the tints too."""
    found = {**colours, "paper": ground}
    if ink is not None:
        found["ink"] = ink
    night = luminance(ground) < 0.18
    for name, (of, share) in TINTS.items():
        # By night a tint is of a lighter colour, and takes more of it to be seen.
        tone = readable(colours[of], ground) if night else colours[of]
        found[name] = _mixed(tone, ground, share * 1.3 if night else share)
    grounds = [found[name] for name in ("paper", "pale", "mint", "blush")]
    worst = min(grounds, key=lambda each: contrast(each, found["ink"]))
    for name in ("primary", "accent", "plum", "orange", "grey", "ink", "green", "purple"):
        found[name] = readable(found[name], worst)
    # Numbers stand on these in ink.
    for name in ("mist", "sky"):
        share = TINTS[name][1]
        while contrast(found[name], found["ink"]) < TEXT and share > 0:
            share -= 0.02
            found[name] = _mixed(found[TINTS[name][0]], ground, max(share, 0.0))
    return found
