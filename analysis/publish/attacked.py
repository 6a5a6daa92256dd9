"""The attack on what has been made: from the numbers that the pages of all reports show."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd

from analysis.disclosure import RELEASED, store
from analysis.disclosure.attack import Contradiction
from analysis.disclosure.audit import COLUMNS, audit, summary
from analysis.disclosure.counted import Counted
from analysis.disclosure.editions import Published, attacked
from analysis.disclosure.printed import COMPUTED, MAY_BE_SHOWN
from analysis.errors import AnalystError
from analysis.places import inside, project_root
from analysis.present.shown import MINUS, Part, read_recorded
from analysis.publish import rendering
from analysis.publish.notebooks import translated
from analysis.publish.seen import Seen, is_number, read
from analysis.study import Study

#: Numbers that the attack knows how to use.
FIELDS = ("value", "ci_low", "ci_high")
FILE = "attack.md"
#: How many of the narrowest the report lists.
NARROWEST = 10
#: What a kind of protected quantity is called.
CALLED = {"score": "means of scores", "item": "means of items", "count": "numbers of people"}


def recorded(folder: Path) -> Iterator[Part]:
    """Every number that the executed notebooks of a folder show."""
    for path in sorted(folder.rglob("*.ipynb")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            for output in cell.get("outputs", []):
                record = output.get("metadata", {}).get("drp", {})
                for part, _, _ in read_recorded(record.get("numbers", "")):
                    yield part


def shown(study: Study, unit: str) -> Iterator[Part]:
    """Every number that a unit's notebooks show, and its session pack if there is one."""
    processed = store.processed(study)
    yield from recorded(inside(processed, "notebooks", unit))
    for folder in translated(processed, unit, study).values():
        # What is said in words is said in the main language's above.
        yield from (part for part in recorded(folder) if is_number(part.text))
    yield from in_pack(study, unit)


def in_pack(study: Study, unit: str) -> Iterator[Part]:
    """Every number that a unit's session pack shows, if there is one."""
    path = pack_record(study, unit)
    if path.exists():
        yield from (part for part, _, _ in read_recorded(path.read_text(encoding="utf-8")))


def pack_record(study: Study, unit: str) -> Path:
    """Where it is kept which numbers a unit's session pack shows."""
    return inside(store.processed(study), "packs", f"{unit}.csv")


def words_printed(parts: Sequence[Part]) -> dict[tuple[str, str], str]:
    """What stands in words in place of a number, by unit and id."""
    found = {}
    for part in parts:
        plain = part.text.strip()
        is_number = plain[:1].isdigit() or plain[:1] in (MINUS, "-", "<", "[")
        if part.field == "value" and plain and not is_number:
            found[part.unit, part.id] = plain
    return found


def as_printed(ledger: pd.DataFrame, parts: Sequence[Part]) -> pd.DataFrame:
    """The ledger with nothing released but the numbers that are shown, as they are shown.

    Of a number shown several times, the most decimals. What it was computed as stays beside it: by
    that it is known which schools are the lowest, and how a school and the others are weighed.
    """
    shown: dict[tuple[str, str], dict[str, float]] = {}
    for part in parts:
        text = part.text.replace(MINUS, "-").replace(",", "")
        try:
            value = float(text)
        except ValueError:
            # Words, or a mark.
            continue
        row = shown.setdefault((part.unit, part.id), {"decimals": -1.0})
        if part.field in FIELDS and (part.field not in row or part.decimals >= row["decimals"]):
            row[part.field] = value
            row["decimals"] = max(row["decimals"], float(part.decimals))
    frame = ledger.assign(
        release="",
        decimals=math.nan,
        **{COMPUTED: ledger["value"], MAY_BE_SHOWN: ledger["release"] == RELEASED},
    )
    keys = list(zip(frame["unit"], frame["id"], strict=True))
    seen = pd.Series([key in shown and "value" in shown[key] for key in keys], index=frame.index)
    frame.loc[seen, "release"] = RELEASED
    for name in (*FIELDS, "decimals"):
        found = [shown.get(key, {}).get(name, math.nan) for key in keys]
        # What is not shown says who there is; it is given to nobody.
        frame[name] = frame[name].where(~seen, pd.Series(found, index=frame.index))
    return frame


def read_unit(study: Study, unit: str) -> Seen:
    """The numbers that a unit's pages show, with their keys."""
    site = rendering.site(project_root(study.folder))
    folders = [place for place in rendering.destinations(site, study, unit) if place.is_dir()]
    processed = store.processed(study)
    return read(folders, inside(processed, "notebooks", unit), translated(processed, unit, study))


def attack(
    study: Study,
    units: Sequence[str],
    editions: Sequence[Published] = (),
    now: Counted | None = None,
) -> tuple[pd.DataFrame, Path]:
    """Attack the reports made last, all together; the audit's table, and where its report is.

    ``editions`` are those published earlier, attacked together with the reports; ``now`` is who
    is counted in these.

    Raises
    ------
    AnalystError
        If none of the units' pages is made, or something can be worked out.
    """
    processed = store.processed(study)
    ledger = processed / "ledger" / "results.parquet"
    seen = {unit: read_unit(study, unit) for unit in units}
    parts = [part for each in seen.values() for part in each.parts]
    parts += [part for unit in units for part in in_pack(study, unit)]
    if not parts or not ledger.exists():
        raise AnalystError(
            "There is nothing to attack: no page of this edition has been made.",
            where=str(rendering.edition(rendering.site(project_root(study.folder)), study)),
            fix="Run drp render first.",
        )
    decided = pd.read_parquet(ledger)
    printed = as_printed(decided, parts)
    try:
        found = audit(printed, study)
        if now is not None and editions:
            beside = list(attacked(printed, study, editions, now))
            found = pd.concat([found, pd.DataFrame(beside, columns=list(COLUMNS))])
    except Contradiction as error:
        raise AnalystError(
            f"The numbers in the reports contradict each other: {error}.",
            where=str(rendering.edition(rendering.site(project_root(study.folder)), study)),
            fix="Some reports were made from another release than the others, or a number was "
            "changed by hand. Make all of them again: drp render --again.",
        ) from None
    path = processed / FILE
    path.write_text(report(study, found, decided, seen), encoding="utf-8")
    narrow = found[~found["held"].astype(bool)]
    if len(narrow):
        first = narrow.iloc[0]
        raise AnalystError(
            f"{len(narrow)} of {len(found)} protected quantities can be worked out too narrowly "
            f"from the reports, the first of {first['unit']}, {first['measure']} "
            f"({first['part']}, {first['wave']}).",
            where=str(path),
            fix="Do not send the reports out. Render them again from this release, all of them; if "
            "that does not help, this is a defect of the package: report it with the file named.",
        )
    return found, path


def report(
    study: Study, found: pd.DataFrame, decided: pd.DataFrame, seen: Mapping[str, Seen]
) -> str:
    """Two pages for the analyst. Holds no withheld number, but says of whom too few answered."""
    protection = study.disclosure.protection
    held = int(found["held"].sum())
    shown = sum(len(each.parts) for each in seen.values())
    verdict = (
        "**Nothing that is protected can be worked out.**" if held == len(found)
        else f"**{len(found) - held} protected quantities can be worked out too narrowly.** "
        "Do not send the reports out."
    )  # fmt: skip
    lines = [
        f"# Attack on the reports of {study.edition.id}",
        "",
        "For the analyst, not for publication: it names whom few people answered for.",
        "",
        verdict,
        "",
        f"{shown:,} numbers were read from the pages of {len(seen)} units (tables, sentences, "
        "charts' data, drawings and alternative texts) and taken as one system of constraints, with "
        "how many people each part holds. Whatever one report, or any two, give away is given away "
        f"by all. {held:,} of {len(found):,} protected quantities stay open enough: a mean of few "
        f"people to {protection.mean:g} of its range to either side (or half of what the mean of "
        f"its own group leaves), a withheld number of people to {protection.count} (or all it can "
        "be).",
        "",
        *_unread(seen),
        "## What was attacked",
        "",
        "Narrowest: half of what is left open, as a multiple of what is asked for; below 1 is too "
        "narrow.",
        "",
        *_table(_overview(found)),
        "",
        "## The narrowest",
        "",
        *_table(_narrowest(found)),
        "",
        "## What is withheld, and why",
        "",
        *_table(_withheld(decided)),
    ]
    return "\n".join(lines) + "\n"


def _unread(seen: Mapping[str, Seen]) -> list[str]:
    """What the pages show beside what was attacked."""
    loose = {(unit, *each) for unit, of in seen.items() for each in of.loose}
    changed = [(name, part, text) for of in seen.values() for name, part, text in of.changed]
    lines = []
    if loose:
        files = pd.Series([name for _, name, _ in sorted(loose)]).value_counts()
        named = ", ".join(f"{name} ({count})" for name, count in files.head(3).items())
        lines += [
            f"{len(loose)} numbers with decimals have no key, and were not attacked: what the "
            f"study's texts say, what others published, addresses. Most are in {named}.", "",
        ]  # fmt: skip
    if changed:
        name, part, text = changed[0]
        lines += [
            f"**{len(changed)} numbers are not those that were released.** The first: {name} shows "
            f"{text} for {part.text} ({part.id}).", "",
        ]  # fmt: skip
    return lines


def _overview(found: pd.DataFrame) -> pd.DataFrame:
    """By survey and kind: how many are protected, the narrowest, and how many too narrow."""
    counted = summary(found)
    by_kind = counted.groupby(["survey", "kind"], sort=True).agg(
        protected=("protected", "sum"), narrowest=("narrowest", "min"),
        too_narrow=("too_narrow", "sum"), as_good_as_known=("known", "sum"),
    )  # fmt: skip
    frame = by_kind.reset_index()
    return frame.assign(kind=frame["kind"].map(lambda kind: CALLED.get(kind, kind)))


def _narrowest(found: pd.DataFrame) -> pd.DataFrame:
    share = found["half_width"].div(found["needed"]).round(2)
    columns = ["survey", "measure", "unit", "part", "wave", "times_needed"]
    ordered = found.assign(times_needed=share).sort_values("times_needed", kind="stable")
    return ordered[columns].head(NARROWEST)


def _withheld(decided: pd.DataFrame) -> pd.DataFrame:
    shown = decided["release"] == RELEASED
    what = decided["reason"].where(~shown & (decided["reason"] != ""), decided["release"])
    what = what.mask(shown & (decided["reason"] != ""), "released without their interval")
    coarse = decided["decimals"].notna() & (decided["release"] == RELEASED)
    what = what.mask(coarse, "released with fewer decimals")
    return what.value_counts().rename_axis("what").reset_index(name="numbers")


def _table(frame: pd.DataFrame) -> list[str]:
    def cell(value: object) -> str:
        return f"{value:.2f}" if isinstance(value, float) else str(value)

    head = "| " + " | ".join(str(name).replace("_", " ") for name in frame.columns) + " |"
    rows = ["| " + " | ".join(map(cell, row)) + " |" for row in frame.itertuples(index=False)]
    return [head, "|" + "---|" * len(frame.columns), *rows]
