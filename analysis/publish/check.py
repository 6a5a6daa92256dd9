"""Look at what was rendered before it counts as published.

Every file is opened by a parser of its kind (:mod:`analysis.publish.opened`). Looked for is what must
not be there: people, other schools, what is withheld, places on somebody's machine, requests to
anywhere but the folder, and files that nobody accounts for.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pandas as pd

from analysis import strands as registry
from analysis.disclosure import RELEASED, store
from analysis.errors import AnalystError
from analysis.places import inside
from analysis.present.page import Page
from analysis.present.shown import MINUS
from analysis.publish import manifest, rendering, seen
from analysis.publish.chapters import PROGRAMME
from analysis.publish.notebooks import translated
from analysis.publish.opened import Held, Unreadable, opened
from analysis.results import COHORT

#: Home folders and folders of work, of anyone on any system.
PLACES = re.compile(
    r"(?<![\w.:/-])/(?:home|Users|root|tmp|var/folders|mnt|media|srv|opt)/[^\s\"'<>]+"
    r"|\b[A-Za-z]:\\+(?:Users|Documents|Temp|Windows)\\[^\s\"'<>]+|\bfile:///?[^\s\"'<>]*"
    r"|\\\\[\w.-]+\\[\w$.-]+"
)
#: A keyed hash of a respondent's code.
PSEUDONYM = re.compile(r"(?<![0-9a-f])[0-9a-f]{16}(?![0-9a-f])")
WORD = re.compile(r"[^\W_](?:[\w-]*[^\W_])?")
#: Shorter ids and codes are words of any language: they are looked for where programs look.
SHORT = 4
#: Headings of columns that are about one person.
PERSONAL = {"respondent", "source_id", "ipaddress", "ip address", "recipientemail", "email address",
            "recipientfirstname", "recipientlastname", "externalreference"}  # fmt: skip
#: Scripts of others, which the renderers bring along.
LIBRARIES = frozenset({"plotly.min.js", "site_libs"})
#: How many problems of a report are named.
NAMED = 12
#: In place of a unit: the key is shown of another.
SHOWN_ELSEWHERE = ""
#: Withheld numbers by key and unit.
Keyed = Mapping[str, Mapping[str, tuple[float, ...]]]


@dataclass(frozen=True)
class Forbidden:
    """What a unit's report must not hold."""

    own: tuple[str, ...] = ()
    others: tuple[tuple[str, str], ...] = ()
    people: frozenset[str] = frozenset()
    withheld: frozenset[str] = frozenset()
    keyed: Keyed = field(default_factory=dict)
    notebooks: Path | None = None
    translated: Mapping[str, Path] = field(default_factory=dict)
    folders: tuple[str, ...] = ()

    @cached_property
    def short_codes(self) -> frozenset[str]:
        """Codes of people that may stand as a word for something else."""
        return frozenset(who for who in self.people if len(who) < SHORT)

    @cached_property
    def ids(self) -> frozenset[str]:
        """Those of other schools."""
        return frozenset(other for other, _ in self.others)

    @cached_property
    def names(self) -> list[tuple[str, str, frozenset[str]]]:
        """Id and name of each other school, and the words of its name: a school is looked for only
        where all of them stand."""
        plain = ((other, " ".join(name.split())) for other, name in self.others)
        return [(other, name, frozenset(_parts(WORD.findall(name)))) for other, name in plain]


def forbidden(page: Page) -> Forbidden:
    """What a unit's report must not hold: other schools in a school's, anybody in any."""
    study, schools = page.study, page.schools
    others = [
        (str(row["id"]), str(row["name"])) for row in schools.to_dict("records")
    ] if page.is_school else []  # fmt: skip
    own = [study.title, study.programme, study.organisation]
    if page.is_school:
        own += [str(page.school["name"])]
    folder = study.folder.resolve()
    places = [str(place) for place in (folder, *folder.parents[:2]) if len(place.parts) > 2]
    processed = store.processed(study)
    withheld, keyed = _withheld(processed / "ledger" / "results.parquet", page.unit)
    return Forbidden(
        own=tuple(sorted(filter(None, own), key=len, reverse=True)),
        others=tuple(each for each in others if each[0] != page.unit),
        people=_people(processed, _stamp(processed / "quality")),
        withheld=withheld,
        keyed=keyed,
        notebooks=inside(processed, "notebooks", page.unit),
        translated=translated(processed, page.unit, study),
        folders=tuple(places),
    )


def _stamp(path: Path) -> int:
    return path.stat().st_mtime_ns if path.exists() else 0


@lru_cache(maxsize=2)
def _people(processed: Path, changed: int) -> frozenset[str]:
    """Everything by which the prepared data know somebody."""
    found: set[str] = set()
    for path in sorted((processed / "surveys").glob("*.parquet")):
        found |= set(pd.read_parquet(path, columns=["respondent"])["respondent"].dropna())
    for _, table in registry.tables():
        path = processed / "strands" / f"{table.name}.parquet"
        if table.person and path.exists():
            frame = pd.read_parquet(path)
            if table.person in frame:
                found |= set(frame[table.person].dropna().astype("str"))
    found.discard("")
    return frozenset(found)


@dataclass(frozen=True)
class _OfUnit:
    """Of a unit: withheld numbers by key and by their figures; keys and figures that are shown."""

    keyed: dict[str, tuple[float, ...]]
    hidden: frozenset[str]
    shown: frozenset[str]
    figures: frozenset[str]


def _withheld(ledger: Path, unit: str) -> tuple[frozenset[str], Keyed]:
    """Withheld numbers: those that are known by their figures, as they were computed, wherever they
    stand; and all by their keys.

    By figures alone not those that are as simple as a third, or have four decimals or fewer as places
    in drawings do: another number may be the same by chance. Of these :func:`_in_marked_cells` and
    their keys know where they stand.
    """
    if not ledger.exists():
        return frozenset(), {}
    # The programme's are looked at once for many schools.
    found = {of: _of_unit(ledger, _stamp(ledger), of) for of in dict.fromkeys((unit, COHORT))}
    keyed: dict[str, dict[str, tuple[float, ...]]] = {}
    for of, each in found.items():
        for key, values in each.keyed.items():
            keyed.setdefault(key, {})[of] = values
    # Of another unit the same key may be shown.
    for each in found.values():
        for key in each.shown & keyed.keys():
            keyed[key][SHOWN_ELSEWHERE] = ()
    hidden = frozenset().union(*(each.hidden for each in found.values()))
    return hidden.difference(*(each.figures for each in found.values())), keyed


@lru_cache(maxsize=2)
def _of_unit(ledger: Path, changed: int, unit: str) -> _OfUnit:
    columns = ["id", "value", "ci_low", "ci_high", "release"]
    frame = pd.read_parquet(ledger, columns=columns, filters=[("unit", "==", unit)])
    released = frame["release"] == RELEASED
    rows, shown = frame[~released], frame.loc[released, ["id", "value"]]
    del frame
    numbers = zip(*(rows[name].tolist() for name in ("value", "ci_low", "ci_high")), strict=True)
    keyed = {
        key: tuple(number for number in each if not math.isnan(number))
        for key, each in zip(rows["id"].tolist(), numbers, strict=True)
    }
    rows = rows.dropna(subset=["value"])
    hidden = {_figures(value) for value in rows["value"] if not _simple(value)}
    figures = frozenset(_figures(value) for value in shown["value"])
    return _OfUnit(keyed, frozenset(hidden), frozenset(shown["id"]), figures)


def _figures(value: float) -> str:
    return f"{value:.9g}"


def _simple(value: float) -> bool:
    return any(abs(value * k - round(value * k)) < 1e-6 for k in (*range(1, 13), 10_000))


def check(place: Path, page: Page, *, deep: bool = True) -> None:
    """Check one unit's folder.

    Parameters
    ----------
    deep
        Whether the words of PDFs are looked at as well; pages of the same report hold the same.

    Raises
    ------
    AnalystError
        Naming what is wrong, file by file.
    """
    found = list(dict.fromkeys(problems(place, forbidden(page), deep=deep)))
    if found:
        more = f"\n    and {len(found) - NAMED} more" if len(found) > NAMED else ""
        listed = "\n    ".join(f"{name} {what}" for name, what in found[:NAMED])
        raise AnalystError(
            f"The report of {page.unit} may not leave:\n    {listed}{more}",
            where=str(place),
            fix="Take it out of the text, the template or the style that brings it, and render "
            "again.",
        )


def form(path: Path, page: Page) -> None:
    """Check a school's return form: it goes to that school, and may hold nobody else's entries.

    Raises
    ------
    AnalystError
        Naming what is wrong.
    """
    rules = forbidden(page)
    try:
        found = list(dict.fromkeys(_of_file(opened(path), path, path.parent, rules)))
    except Unreadable as error:
        found = [str(error)]
    if found:
        raise AnalystError(
            f"The form of {page.unit} may not leave: it " + "; it ".join(found[:NAMED]) + ".",
            where=str(path),
            fix="Take it out of the tables that the form is made from, and write the forms again "
            "(drp forms).",
        )


def problems(place: Path, rules: Forbidden, *, deep: bool = True) -> Iterator[tuple[str, str]]:
    """What is wrong in a folder: file, and what."""
    for path in sorted(place.rglob("*")):
        name = path.relative_to(place).as_posix()
        if path.name.startswith("."):
            yield name, "is hidden"
        elif path.is_symlink() or not (path.is_file() or path.is_dir()):
            yield name, "is no plain file"
        for other in sorted(rules.ids & {*re.split(r"[/_.\s]", name), path.stem}):
            yield name, f"is named after another school, {other}"
    try:
        yield from (("The folder:", each) for each in manifest.differences(place))
    except AnalystError as error:
        yield manifest.FILE, error.what
    for path in sorted(p for p in place.rglob("*") if p.is_file() and not p.is_symlink()):
        name = path.relative_to(place).as_posix()
        if path.suffix in (".js", ".mjs") and {*path.parts} & LIBRARIES:
            continue
        try:
            held = opened(path, deep=deep)
        except Unreadable as error:
            yield name, str(error)
            continue
        for what in _of_file(held, path, place, rules):
            yield name, what
    yield from _in_marked_cells(place, rules)


def _in_marked_cells(place: Path, rules: Forbidden) -> Iterator[tuple[str, str]]:
    """Numbers in cells of pages that are marked with a withheld key, and numbers that no key accounts
    for in a row or a chart about what is withheld: the same measure of the same unit."""
    if rules.notebooks is None or not rules.notebooks.is_dir():
        return
    read = seen.read([place], rules.notebooks, rules.translated)
    for part in read.parts:
        hidden = part.unit in rules.keyed.get(part.id, {}) and part.field in seen.VALUES_OF
        if hidden and seen.is_plain(part.text):
            yield place.name, f"shows a withheld number: {part.id}"
    for name, part, text in read.instead:
        yield name, f"shows {text} in a cell whose number is withheld: {part.id}"
    about = _about(rules.keyed)
    for name, parts, text in read.beside:
        for key in {(part.unit, *_measure(part.id)) for part in parts}:
            if _is_one_of(text, about.get(key, ())):
                yield name, f"shows {text} among numbers of {key[-1]}, where it is withheld"


def _about(keyed: Keyed) -> dict[tuple[str, ...], tuple[float, ...]]:
    """Withheld numbers by unit, source, instrument and measure."""
    found: dict[tuple[str, ...], tuple[float, ...]] = {}
    for identity, units in keyed.items():
        for unit, values in units.items():
            key = (unit, *_measure(identity))
            found[key] = (*found.get(key, ()), *values)
    return found


def _measure(identity: str) -> tuple[str, ...]:
    """Source, instrument and measure of a number by its id."""
    source, instrument, _, measure, *_ = [*identity.split("."), "", "", "", ""]
    return source, instrument, measure


def _of_file(held: Held, path: Path, place: Path, rules: Forbidden) -> Iterator[str]:
    for address in held.fetched:
        if why := _leaves(address, path, place):
            yield f"fetches {address[:120]}, {why}"
    for code in held.asks:
        what = "holds a formula" if path.suffix.lower() in (".csv", ".tsv", ".xlsx") else (
            "has a script that may ask the network"
        )  # fmt: skip
        yield f"{what}: {code[:60]}"
    # Each once, and together: a workbook holds a hundred thousand texts, and most of them often.
    texts = dict.fromkeys(held.texts())
    text = "\n".join(texts)
    for found in PLACES.finditer(text):
        yield f"holds a path of somebody's machine: {found.group(0)[:120]}"
    for folder in rules.folders:
        if folder in text:
            yield f"holds a path of this machine: {folder}"
    for name in held.names:
        if name.strip().lower() in PERSONAL:
            yield f"has a column about one person: {name}"
    yield from _people_in(held, text, rules)
    yield from _schools_in(held, texts, rules)
    for value in held.data:
        if isinstance(value, float) and _figures(value) in rules.withheld:
            yield f"holds a withheld number in its data, {_figures(value)[:4]}…"
    for row in held.rows:
        words = {each for each in row if isinstance(each, str)}
        for key in words & rules.keyed.keys():
            of = rules.keyed[key]
            units = [unit for unit in of if unit in words or SHOWN_ELSEWHERE not in of]
            if any(_is_one_of(each, of[unit]) for each in row for unit in units):
                yield f"holds a withheld number beside its key: {key}"


def _is_one_of(cell: object, values: tuple[float, ...]) -> bool:
    """Whether a cell is one of some numbers, to as many decimals as it has."""
    text = str(cell).replace(MINUS, "-").strip()
    try:
        number = float(text)
    except ValueError:
        return False
    decimals = len(text.partition(".")[2])
    return any(abs(number - value) <= 0.5 * 10.0**-decimals + 1e-9 for value in values)


def _leaves(address: str, path: Path, place: Path) -> str:
    """Why what is fetched is not in the folder; nothing if it is."""
    parts = urlsplit(address.strip())
    if parts.scheme in ("data", "about", "blob") or address.startswith("#") or not address.strip():
        return ""
    if parts.scheme or parts.netloc:
        return "from elsewhere"
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if parts.path.startswith("/") or not target.is_relative_to(place.resolve()):
        return "out of the report's folder"
    return ""


def _people_in(held: Held, text: str, rules: Forbidden) -> Iterator[str]:
    for found in sorted(rules.people & {*PSEUDONYM.findall(text), *WORD.findall(text)}):
        if len(found) >= SHORT:
            yield f"holds somebody's code: {found[:3]}…"
    for value in held.data:
        if isinstance(value, str) and value in rules.short_codes:
            yield f"holds somebody's code in its data: {value}"


def _schools_in(held: Held, texts: Iterable[str], rules: Forbidden) -> Iterator[str]:
    if not rules.others:
        return
    whole = "\n".join(" ".join(text.split()) for text in texts)
    for own in rules.own:
        whole = whole.replace(own, " ")
    words = set(WORD.findall(whole))
    codes = {part for name in held.names for part in re.split(r"[^\w]|_", name)}
    codes |= {value for value in held.data if isinstance(value, str)}
    there = _parts(words)
    for other, name, parts in rules.names:
        if name and parts <= there and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", whole):
            yield f"names another school: {name}"
        is_word = other in (words if len(other) >= SHORT else codes)
        # A number by itself, or a letter, is no name.
        if is_word and not other.isdecimal() and len(other) > 1:
            yield f"holds another school's id: {other}"


def _parts(words: Iterable[str]) -> set[str]:
    """Words without what joins them, such as a hyphen."""
    return {part.strip("_") for word in words for part in re.split(r"\W+", word)}


def site(folder: Path, units: list[str], places: dict[str, list[Path]]) -> list[str]:
    """What is wrong with an edition's folder as a whole: units that are missing, and leftovers."""
    found = [
        f"the report of {unit} is missing"
        for unit in units
        if not all(place.is_dir() for place in places[unit])
    ]
    known = {*(place for each in places.values() for place in each), folder / "schools"}
    # A pack may be there or not, but only a unit's.
    packs = folder / rendering.PACKS
    known |= {packs, *(packs / (PROGRAMME.id if unit == COHORT else unit) for unit in units)}
    for parent in (folder, folder / "schools", packs):
        for path in sorted(parent.glob("*")) if parent.is_dir() else ():
            pair = path.is_dir() and (path / "programme").is_dir() | (path / "schools").is_dir()
            if path not in known and not pair:
                found.append(f"{path.relative_to(folder)} is no report of a unit")
    return found
