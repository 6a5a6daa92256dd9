"""What an interval over schools tells of counts that stand in words.

An interval that allows for schools (CR2) goes by how far each school's count lies from the whole's share:
a sum of squares, beside the whole's own sum. Of few schools whose counts are in words, or withheld, few
combinations of whole numbers fit both. They are tried: all of them, or where there are too many, many
drawn at random (seed 1), so that what is found open is open. A total is taken as known exactly.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from analysis.disclosure.draft import GIVES_AWAY, Draft, Flags, Floats
from analysis.disclosure.shares import BASE, OF_ITEM, OF_RECORD, left_by_words, of_groups
from analysis.disclosure.sums import ALL, SINGLED_OUT
from analysis.results import COHORT, pair, words_of

#: Combinations that are looked at, of all or of those drawn.
MOST = 2_000
#: Of more schools whose counts are hidden, one sum and one sum of squares leave every count open.
MANY = 30
#: How often some go from one school to another, of combinations that are drawn.
MOVES = 6
#: Decimals of rates of records, and of shares of items, as pages show them.
OF_RATES, OF_SHARES = 2, 0
#: Of how many intervals hold what they are of.
LEVEL = 0.95
#: Analyses over the records of one measure that have intervals of their own.
RATES, CHANGES = "rate", "rate_change"

Counts = NDArray[np.int64]
#: Which of some combinations of counts an interval, as printed, fits; by how many there are, the row and
#: its decimals.
Fits = Callable[[Floats, Floats, Mapping[str, float], int], Flags]


@dataclass
class _Table:
    """One share (or rate) at one wave (or term): what each school has, and what of it is known.

    ``low`` and ``high`` are the least and the greatest count that words leave of a school, or twice its
    own; ``asked`` is how far apart the least and the greatest that fit must be: two, and no more than half
    of what words and totals leave. ``wholes`` holds, by
    group of schools (or all), its schools and where its row is.
    """

    schools: list[str]
    count: Counts
    base: Floats
    low: Counts
    high: Counts
    asked: Counts
    wholes: dict[str, tuple[Counts, int]]

    @property
    def hidden(self) -> Flags:
        return self.low < self.high


def intervals(draft: Draft) -> None:
    """Withhold intervals over schools, of shares of items and of records, that tell too much.

    First of each group of schools, then of all; of records those of changes last.
    """
    random = np.random.default_rng(1)
    items = draft.equals("analysis", "items") & draft.equals("statistic", *OF_ITEM)
    for _, table in _tables(draft, items):
        _give_up(draft, table, random, OF_SHARES, _share_fits)
    records = draft.equals("source", "outcomes") & draft.equals("analysis", RATES)
    tables = dict(_tables(draft, records & draft.equals("statistic", *OF_RECORD)))
    left = {
        key: _give_up(draft, table, random, OF_RATES, _rate_fits) for key, table in tables.items()
    }
    for key, then in tables.items():
        for later, now in tables.items():
            if key[:3] == later[:3] and key != later:
                wave = pair(key[3], later[3])
                _changes(draft, (then, now), (left[key], left[later]), key[2], wave, random)


def _tables(draft: Draft, rows: Flags) -> Iterator[tuple[tuple[str, ...], _Table]]:
    """Shares of which a school's is hidden, and the whole's interval is shown."""
    places = np.flatnonzero(rows)
    keys = ["source", "instrument", "measure", "wave", "statistic"]
    frame = draft.ledger[[*keys, "unit", "group", *BASE, "ci_low"]].iloc[places]
    counts, bases = (frame[name].to_numpy("float64") for name in BASE)
    units, groups = words_of(frame["unit"]), words_of(frame["group"])
    known = frame["ci_low"].notna().to_numpy()
    for key, at in frame.groupby(keys, sort=True).indices.items():
        names = tuple(str(part) for part in key) if isinstance(key, tuple) else (str(key),)
        own = [p for p in at if units[p] != COHORT and groups[p] == ALL and bases[p] > 0]
        whole = {groups[p]: p for p in at if units[p] == COHORT and draft.shown_at(int(places[p]))}
        hidden = [p for p in own if not draft.shown_at(int(places[p]))]
        if not 0 < len(hidden) <= MANY or not any(known[p] for p in whole.values()):
            continue
        schools = [units[p] for p in own]
        of = of_groups(draft, names[3])
        low, high = counts[own].astype("int64"), counts[own].astype("int64")
        asked = np.zeros(len(own), dtype="int64")
        for place, p in enumerate(own):
            if p in hidden:
                words = left_by_words(draft.band[int(places[p])], bases[p])
                low[place], high[place] = (int(end) for end in words)
                if draft.reason[int(places[p])] != GIVES_AWAY:
                    asked[place] = SINGLED_OUT
        wholes = {}
        for group, p in whole.items():
            inside = [k for k, name in enumerate(schools) if group in (ALL, of.get(name))]
            if counts[own][inside].sum() == counts[p] and bases[own][inside].sum() == bases[p]:
                wholes[group] = np.array(inside, dtype="int64"), int(places[p])
        if wholes:
            yield (
                names,
                _Table(schools, counts[own].astype("int64"), bases[own], low, high, asked, wholes),
            )


def _give_up(
    draft: Draft, table: _Table, random: np.random.Generator, decimals: int, fits: Fits
) -> Counts:
    """Withhold the intervals that leave too few combinations; what is left."""
    blocks: list[Counts] = []
    rest = np.ones(len(table.schools), dtype=bool)
    for group, (inside, place) in sorted(table.wholes.items()):
        if group != ALL and rest[inside].all():
            rest[inside] = False
            possible = _possible(table, inside, random)
            blocks.append(_looked_at(draft, table, place, inside, possible, decimals, fits))
    if rest.any():
        blocks.append(_possible(table, np.flatnonzero(rest), random))
    everybody = _together(table, blocks, random)
    if ALL in table.wholes:
        inside, place = table.wholes[ALL]
        everybody = _looked_at(draft, table, place, inside, everybody, decimals, fits)
    return everybody


def _looked_at(
    draft: Draft,
    table: _Table,
    place: int,
    inside: Counts,
    possible: Counts,
    decimals: int,
    fits: Fits,
) -> Counts:
    """Withhold an interval that leaves too few of what is possible; what is left."""
    row = {name: float(draft.ledger[name].iloc[place]) for name in ("ci_low", "ci_high", "df")}
    if math.isnan(row["ci_low"]) or not table.hidden[inside].any():
        return possible
    if not np.isnan(draft.decimals[place]):
        decimals = min(decimals, int(draft.decimals[place]))
    good = possible[fits(possible[:, inside].astype("float64"), table.base[inside], row, decimals)]
    if _is_open(table, inside, good):
        return good
    draft.without_interval([place])
    return possible


def _is_open(table: _Table, inside: Counts, possible: Counts) -> bool:
    if not len(possible):
        return False
    reach = np.ptp(possible[:, inside], axis=0)
    return bool((reach >= table.asked[inside]).all())


def _possible(table: _Table, inside: Counts, random: np.random.Generator) -> Counts:
    """Counts of some schools that fit their sum and their words.

    Of what these leave, half must stay open: no more is asked.
    """
    truth = table.count
    hidden = inside[table.hidden[inside]]
    if not len(hidden):
        return truth[None, :]
    hidden = hidden[np.argsort(table.high[hidden] - table.low[hidden], kind="stable")]
    free, last = hidden[:-1], hidden[-1]
    widths = (table.high - table.low + 1)[free]
    if math.prod(int(width) for width in widths) <= MOST:
        ranges = [range(int(table.low[k]), int(table.high[k]) + 1) for k in free]
        every = list(product(*ranges))
        found = np.tile(truth, (len(every) + 1, 1))
        found[1:, free] = np.array(every, dtype="int64").reshape(len(every), len(free))
        found[1:, last] = truth[hidden].sum() - found[1:, free].sum(axis=1)
    else:
        # From what they have some go from one school to another, a few times over: the sum stays.
        found = np.tile(truth, (MOST, 1))
        for step in range(MOVES):
            moved = np.arange(1 + step, MOST, 1 + step)
            one, other = hidden[random.integers(0, len(hidden), (2, len(moved)))]
            most = np.minimum(
                found[moved, one] - table.low[one], table.high[other] - found[moved, other]
            )
            some = random.integers(0, np.maximum(most, 0) + 1)
            found[moved, one] -= some
            found[moved, other] += some
    found = found[((found >= table.low) & (found <= table.high)).all(axis=1)]
    left = (np.ptp(found[:, inside], axis=0) + 1) // 2
    table.asked[inside] = np.minimum(table.asked[inside], left)
    return found


def _together(table: _Table, blocks: Sequence[Counts], random: np.random.Generator) -> Counts:
    """Combinations of what is possible in parts of the schools: all, or some drawn."""
    found = table.count[None, :]
    for block in blocks:
        first, second = _pairs(len(found), len(block), random)
        found = found[first] + block[second] - table.count
    return found


def _pairs(one: int, other: int, random: np.random.Generator) -> tuple[Counts, Counts]:
    if one * other <= MOST:
        first, second = np.divmod(np.arange(one * other), other)
        return first, second
    return random.integers(0, one, MOST), random.integers(0, other, MOST)


def _changes(
    draft: Draft,
    tables: tuple[_Table, _Table],
    left: tuple[Counts, Counts],
    measure: str,
    wave: str,
    random: np.random.Generator,
) -> None:
    """Withhold intervals of changes between two terms that, with theirs, leave too few."""
    rows = draft.of("analysis", CHANGES)
    rows = rows[rows.equals("measure", measure) & rows.equals("wave", wave)]
    for place in rows.places[draft.are_shown(rows.places)]:
        row = {name: float(draft.ledger[name].iloc[place]) for name in ("ci_low", "ci_high", "df")}
        group = str(draft.ledger["group"].iloc[place])
        if math.isnan(row["ci_low"]):
            continue
        of = of_groups(draft, wave)
        both = [
            name for name in tables[0].schools
            if name in tables[1].schools and group in (ALL, of.get(name))
        ]  # fmt: skip
        where = [np.array([each.schools.index(name) for name in both]) for each in tables]
        first, second = _pairs(len(left[0]), len(left[1]), random)
        parts = []
        for table, inside, found, at in zip(tables, where, left, (first, second), strict=True):
            y, x = found[:, inside].astype("float64"), table.base[inside]
            total = x.sum()
            rate = y.sum(axis=1, keepdims=True) / total
            with np.errstate(divide="ignore", invalid="ignore"):
                part = (y - rate * x) / (total * np.sqrt(1 - x / total))
            parts.append((rate[at, 0], part[at]))
        value = parts[1][0] - parts[0][0]
        error = np.sqrt(((parts[1][1] - parts[0][1]) ** 2).sum(axis=1))
        wide = _quantile(row["df"]) * error
        fits = _as_printed(100 * (value - wide), 100 * (value + wide), row, OF_RATES)
        held = all(
            _is_open(table, inside, found[at[fits]])
            for table, inside, found, at in zip(tables, where, left, (first, second), strict=True)
        )
        if not held:
            draft.without_interval([int(place)])


def _spread(count: Floats, base: Floats) -> tuple[Floats, Floats]:
    """The whole's share, and the sum of squares that the interval goes by (CR2 of a mean)."""
    total = base.sum()
    share = count.sum(axis=1) / total
    free = 1 - base / total
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = (count - share[:, None] * base) ** 2 / free
    return share, parts.sum(axis=1)


def _rate_fits(count: Floats, base: Floats, row: Mapping[str, float], decimals: int) -> Flags:
    rate, spread = _spread(count, base)
    wide = _quantile(row["df"]) * np.sqrt(spread) / base.sum()
    return _as_printed(100 * np.maximum(rate - wide, 0.0), 100 * (rate + wide), row, decimals)


def _share_fits(count: Floats, base: Floats, row: Mapping[str, float], decimals: int) -> Flags:
    """Wilson's interval on the effective number of respondents, as it is computed."""
    from scipy import special

    from analysis.statistics.estimates import degrees_of_freedom

    share, spread = _spread(count, base)
    n = base.sum()
    ratio = _quantile(n - 1) / _quantile(float(degrees_of_freedom(base)))
    with np.errstate(divide="ignore", invalid="ignore"):
        effective = np.minimum(share * (1 - share) * n**2 / spread * ratio**2, n)
    z2 = float(special.ndtri((1 + LEVEL) / 2)) ** 2
    middle = (share + z2 / (2 * effective)) / (1 + z2 / effective)
    half = np.sqrt(z2 * (share * (1 - share) / effective + z2 / (4 * effective**2)))
    half /= 1 + z2 / effective
    return _as_printed(100 * (middle - half), 100 * (middle + half), row, decimals)


def _quantile(df: float) -> float:
    from scipy import special

    return float(special.stdtrit(df, (1 + LEVEL) / 2))


def _as_printed(low: Floats, high: Floats, row: Mapping[str, float], decimals: int) -> Flags:
    """Intervals that come to what is printed, by the decimals there."""
    near = 0.5 * 10.0**-decimals + 1e-9
    printed = [round(row[name], decimals) for name in ("ci_low", "ci_high")]
    return np.asarray((np.abs(low - printed[0]) <= near) & (np.abs(high - printed[1]) <= near))
