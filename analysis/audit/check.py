"""Every check that a row of printed statistics allows, each as one verdict with its reason."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.audit import granularity, paired, parts, samples, significance, table
from analysis.audit.granularity import Answers
from analysis.audit.printed import Printed
from analysis.audit.table import Row
from analysis.language import N_, gettext, listed, ngettext

CONSISTENT = "consistent"
INCONSISTENT = "inconsistent"
UNTESTABLE = "not testable"
#: Beyond so many people a search for a sample says little that the other checks do not.
LARGEST_SAMPLE = 200
#: What a retest correlation seldom falls short of.
LOW_RETEST = 0.3


@dataclass(frozen=True)
class Verdict:
    """One check of one row. ``found`` is what the check computed, ``decision`` whether the
    error moves a result across the 5% limit."""

    id: str
    check: str
    verdict: str
    reason: str
    printed: str = ""
    found: str = ""
    decision: bool = False


def audit(rows: Sequence[Row]) -> pd.DataFrame:
    """Verdicts of every check that the rows allow, in their order.

    Returns
    -------
    pandas.DataFrame
        ``id``, ``check`` (p, df, grim, grimmer, sd, sample, percent, parts, correlation),
        ``verdict`` (consistent, inconsistent, not testable), ``reason``, ``printed``,
        ``found``, ``decision``.
    """
    by_id = {row.id: row for row in rows}
    verdicts = [verdict for row in rows for verdict in check_row(row, by_id)]
    columns = list(Verdict.__dataclass_fields__)
    return pd.DataFrame([vars(verdict) for verdict in verdicts], columns=columns)


def audit_file(path: Path) -> pd.DataFrame:
    """:func:`audit` of a CSV file.

    Raises
    ------
    AnalystError
        If the file cannot be read as such a table.
    """
    return audit(table.read(path))


def summary_lines(verdicts: pd.DataFrame) -> list[str]:
    """What ``drp audit`` prints: the inconsistent rows with their reasons, then the counts."""
    lines = []
    for row in verdicts[verdicts["verdict"] == INCONSISTENT].itertuples():
        mark = "  (changes the conclusion at 5%)" if row.decision else ""
        lines.append(f"{row.id}: {row.check}: {row.reason}{mark}")
    counts = verdicts["verdict"].value_counts()
    lines.append(
        f"{len(verdicts)} checks of {verdicts['id'].nunique()} rows: "
        + ", ".join(f"{counts.get(v, 0)} {v}" for v in (CONSISTENT, INCONSISTENT, UNTESTABLE))
        + "."
    )
    return lines


def check_row(row: Row, others: Mapping[str, Row]) -> Iterator[Verdict]:
    """The verdicts that one row allows."""
    yield from _p(row)
    yield from _df(row)
    yield from _mean(row)
    yield from _percent(row)
    yield from _parts(row, others)
    yield from _correlation(row)


def _p(row: Row) -> Iterator[Verdict]:
    value = row.get("value")
    if not row.statistic or value is None or row.p is None:
        return
    df, df2 = row.value("df"), row.value("df2")
    paired_n = row.whole("n") if row.get("mean2") is not None else None
    if row.statistic == "t" and df is None and paired_n is not None and paired_n > 1:
        df = paired_n - 1.0
    if (row.statistic != "z" and df is None) or (row.statistic == "F" and df2 is None):
        yield Verdict(
            row.id, "p", UNTESTABLE, gettext("degrees of freedom are not printed"), row.p.text
        )
        return
    found = significance.p_range(row.statistic, value, df, df2, row.tails)
    ok = significance.agrees(row.p, found)
    other = significance.decision_differs(row.p, found)
    shown = f"{found.value:.3g}"
    degrees = _df_text(df, df2)
    name = f"{row.statistic}({degrees})" if degrees else row.statistic
    name = f"{name} = {value.text}"
    said = N_("{statistic} gives p = {p}, printed {printed}")
    if not ok and row.tails == 2 and row.statistic in ("t", "z", "r"):
        one = significance.p_range(row.statistic, value, df, None, 1)
        if significance.agrees(row.p, one):
            said = N_(
                "{statistic} gives p = {p}, printed {printed}; it would follow from a one-sided test"
            )
    verdict = CONSISTENT if ok else INCONSISTENT
    reason = gettext(said, statistic=name, p=shown, printed=row.p.text)
    yield Verdict(row.id, "p", verdict, reason, row.p.text, shown, other and not ok)


def _df(row: Row) -> Iterator[Verdict]:
    df, n = row.get("df"), row.whole("n")
    if row.statistic != "t" or df is None or n is None or row.get("mean2") is None:
        return
    ok = df.could_be(n - 1)
    reason = gettext(
        "{number} pairs have {df} degrees of freedom, printed {printed}",
        number=n,
        df=n - 1,
        printed=df.text,
    )
    yield Verdict(row.id, "df", CONSISTENT if ok else INCONSISTENT, reason, df.text, str(n - 1))


def _mean(row: Row) -> Iterator[Verdict]:
    n = row.whole("n")
    for mean_name, sd_name in (("mean", "sd"), ("mean2", "sd2")):
        mean, sd = row.get(mean_name), row.get(sd_name)
        if mean is None:
            continue
        lowest, highest = row.get("minimum"), row.get("maximum")
        if lowest is not None and highest is not None:
            inside = mean.high >= lowest.value and mean.low <= highest.value
            if not inside:
                yield Verdict(
                    row.id, f"range of {mean_name}", INCONSISTENT,
                    gettext(
                        "answers run from {lowest} to {highest}",
                        lowest=lowest.text,
                        highest=highest.text,
                    ),
                    mean.text,
                )  # fmt: skip
                continue
        if n is None:
            continue
        items = row.whole("items")
        if items is None:
            reason = gettext("the number of items is not printed")
            if not granularity.informative(mean, Answers(n)):
                reason = gettext(
                    "with {people} people every mean of {decimals} decimals exists, whatever the "
                    "number of items",
                    people=n,
                    decimals=mean.decimals,
                )
            yield Verdict(row.id, f"grim of {mean_name}", UNTESTABLE, reason, mean.text)
            yield from _widest(row, mean, sd, sd_name, n)
            continue
        answers = Answers(n, items, row.value("minimum"), row.value("maximum"))
        yield from _granular(row, mean_name, sd_name, mean, sd, answers)


def _widest(row: Row, mean: Printed, sd: Printed | None, sd_name: str, n: int) -> Iterator[Verdict]:
    lowest, highest = row.value("minimum"), row.value("maximum")
    if sd is None or lowest is None or highest is None or n < 2:
        return
    middle = min(max((lowest + highest) / 2, mean.low), mean.high)
    limit = math.sqrt(max((middle - lowest) * (highest - middle), 0.0) * n / (n - 1))
    ok = sd.low <= limit
    yield Verdict(
        row.id, f"limits of {sd_name}", CONSISTENT if ok else INCONSISTENT,
        gettext("with this mean and range the SD is at most {limit}", limit=f"{limit:.2f}"), sd.text, f"{limit:.2f}",
    )  # fmt: skip


def _granular(
    row: Row, mean_name: str, sd_name: str, mean: Printed, sd: Printed | None, answers: Answers
) -> Iterator[Verdict]:
    grid = ngettext(
        "{people} people and {items} item",
        "{people} people and {items} items",
        answers.items,
        people=answers.n,
        items=answers.items,
    )
    check = f"grim of {mean_name}"
    if not granularity.informative(mean, answers):
        yield Verdict(
            row.id, check, UNTESTABLE,
            gettext(
                "with {grid} every mean of {decimals} decimals exists",
                grid=grid,
                decimals=mean.decimals,
            ),
            mean.text,
        )  # fmt: skip
    elif granularity.grim(mean, answers):
        yield Verdict(
            row.id, check, CONSISTENT, gettext("{grid} can have this mean", grid=grid), mean.text
        )
    else:
        below, above = granularity.nearest_means(mean, answers)
        near = listed([f"{each:.{mean.decimals + 1}f}" for each in (below, above)])
        yield Verdict(
            row.id, check, INCONSISTENT, gettext("{grid} cannot have this mean; the nearest are {means}", grid=grid, means=near),
            mean.text, near,
        )  # fmt: skip
        return
    if sd is None:
        return
    limits = granularity.sd_limits(mean, answers)
    if limits is not None:
        low, high = limits
        ok = sd.high >= low - 1e-9 and sd.low <= high + 1e-9
        found = gettext(
            "{low} to {high}", low=f"{low:.{sd.decimals}f}", high=f"{high:.{sd.decimals}f}"
        )
        yield Verdict(
            row.id, f"limits of {sd_name}", CONSISTENT if ok else INCONSISTENT,
            gettext(
                "with this mean and range the SD lies between {low} and {high}",
                low=f"{low:.{sd.decimals}f}",
                high=f"{high:.{sd.decimals}f}",
            ),
            sd.text, found,
        )  # fmt: skip
        if not ok:
            return
    passed = granularity.grimmer(mean, sd, answers)
    check = f"grimmer of {sd_name}"
    if passed is None:
        yield Verdict(
            row.id, check, UNTESTABLE, gettext("with {grid} it says nothing", grid=grid), sd.text
        )
    elif not passed:
        yield Verdict(
            row.id,
            check,
            INCONSISTENT,
            gettext("{grid} with this mean cannot have this SD", grid=grid),
            sd.text,
        )
        return
    elif _says_something(sd, answers):
        yield Verdict(
            row.id,
            check,
            CONSISTENT,
            gettext("{grid} with this mean can have this SD", grid=grid),
            sd.text,
        )
    else:
        yield Verdict(
            row.id,
            check,
            UNTESTABLE,
            gettext("with {grid} nearly every SD exists", grid=grid),
            sd.text,
        )
    if limits is not None and answers.n <= LARGEST_SAMPLE:
        there = samples.exists(mean, sd, answers)
        if there is None:
            yield Verdict(
                row.id, f"sample of {sd_name}", UNTESTABLE, gettext("too many samples to list")
            )
        else:
            yield Verdict(
                row.id, f"sample of {sd_name}", CONSISTENT if there else INCONSISTENT,
                gettext("a sample with this mean and SD was found") if there
                else gettext("no sample of answers in this range has this mean and SD"),
            )  # fmt: skip


def _says_something(sd: Printed, answers: Answers) -> bool:
    # Sums of squares of the right parity are two apart: the SD's grid is about 1/((n-1) k² sd).
    if sd.value <= 0:
        return True
    return (answers.n - 1) * answers.items**2 * sd.value * 2 * sd.half < 1


def _percent(row: Row) -> Iterator[Verdict]:
    percent, n, count = row.get("percent"), row.whole("n"), row.whole("count")
    if percent is None or n is None:
        return
    allowed = parts.counts_for(percent, n)
    if count is None:
        ok = len(allowed) > 0
        which = _counts_text(allowed)
        reason = gettext(
            N_("{count} of {all} gives {percent}%")
            if ok
            else N_("no count out of {all} gives {percent}%"),
            count=which,
            all=n,
            percent=percent.text,
        )
        verdict = CONSISTENT if ok else INCONSISTENT
        yield Verdict(row.id, "percent", verdict, reason, percent.text, which)
        return
    ok = count in allowed
    exact = 100 * count / n
    said = N_("{count} of {all} is {exact}%, printed {printed}")
    near = [] if ok else parts.bases_for(percent, count, n)
    if near:
        said = N_(
            "{count} of {all} is {exact}%, printed {printed}; {count} of {bases} would give it"
        )
    reason = gettext(
        said,
        count=count,
        all=n,
        exact=f"{exact:.{percent.decimals + 1}f}",
        printed=percent.text,
        bases=gettext(" or ").join(map(str, near)),
    )
    yield Verdict(
        row.id, "percent", CONSISTENT if ok else INCONSISTENT, reason, percent.text,
        f"{exact:.{percent.decimals}f}",
    )  # fmt: skip


def _parts(row: Row, others: Mapping[str, Row]) -> Iterator[Verdict]:
    if not row.parts:
        return
    members = [others[name] for name in row.parts]
    for name in ("n", "count"):
        whole = row.whole(name)
        sizes = [member.whole(name) for member in members]
        if whole is None or any(size is None for size in sizes):
            continue
        found = sum(size or 0 for size in sizes)
        added = " + ".join(str(size) for size in sizes)
        yield Verdict(
            row.id, f"parts of {name}", CONSISTENT if found == whole else INCONSISTENT,
            gettext("{sum} = {found}, printed {printed}", sum=added, found=found, printed=whole), str(whole), str(found),
        )  # fmt: skip
    for name in ("mean", "mean2"):
        whole_mean = row.get(name)
        means = [member.get(name) for member in members]
        if whole_mean is None or any(mean is None for mean in means):
            continue
        known = [mean for mean in means if mean is not None]
        counts = [member.whole("n") for member in members]
        sizes_known = [size for size in counts if size is not None]
        usable = sizes_known if len(sizes_known) == len(members) else None
        ok = parts.mixture(whole_mean, known, usable)
        found_text = ""
        if usable is None and len(known) == 2 and ok:
            share = parts.shares(whole_mean, known[0], known[1])
            ok = share is not None
            if share is not None:
                found_text = gettext(
                    "share of the first {low} to {high}",
                    low=f"{share[0]:.3f}",
                    high=f"{share[1]:.3f}",
                )
        printed = gettext(" and ").join(mean.text for mean in known)
        said = {
            (True, True): N_("the parts' means {means} can give {mean}, weighted by their numbers"),
            (True, False): N_(
                "the parts' means {means} cannot give {mean}, weighted by their numbers"
            ),
            (False, True): N_("the parts' means {means} can give {mean}, whatever their numbers"),
            (False, False): N_(
                "the parts' means {means} cannot give {mean}, whatever their numbers"
            ),
        }[usable is not None, ok]
        reason = gettext(said, means=printed, mean=whole_mean.text)
        yield Verdict(
            row.id, f"parts of {name}", CONSISTENT if ok else INCONSISTENT,
            reason + (f" ({found_text})" if found_text else ""), whole_mean.text, found_text,
        )  # fmt: skip


def _correlation(row: Row) -> Iterator[Verdict]:
    n = row.whole("n")
    names = ("mean", "sd", "mean2", "sd2", "value")
    values = [row.get(name) for name in names]
    if row.statistic != "t" or n is None or n < 2 or any(value is None for value in values):
        return
    mean1, sd1, mean2, sd2, t = (value for value in values if value is not None)
    test = paired.Paired(mean1, sd1, mean2, sd2, t, n)
    found = paired.correlations(test)
    if not found.possible:
        least = paired.smallest_t(test)
        reason = gettext("no correlation of the two measurements allows these means, SDs and t")
        if abs(t.value) < least:
            reason += "; " + gettext("t cannot be nearer nought than {least}", least=f"{least:.2f}")
        yield Verdict(row.id, "correlation", INCONSISTENT, reason, t.text)
        return
    shown = gettext("{low} to {high}", low=_cut(found.low), high=_cut(found.high))
    reason = gettext(
        "the two measurements correlate between {low} and {high}",
        low=_cut(found.low),
        high=_cut(found.high),
    )
    if math.isfinite(found.face) and abs(found.face) <= 1:
        reason += " " + gettext("({value} from the printed values)", value=f"{found.face:.2f}")
    if found.high < LOW_RETEST:
        reason += "; " + gettext("low for the same people asked twice")
    yield Verdict(row.id, "correlation", CONSISTENT, reason, t.text, shown)


def _cut(value: float) -> str:
    return f"{value:.2f}"


def _df_text(df: float | None, df2: float | None) -> str:
    return ", ".join(f"{value:g}" for value in (df, df2) if value is not None)


def _counts_text(counts: range) -> str:
    if not len(counts):
        return ""
    return (
        str(counts[0])
        if len(counts) == 1
        else gettext("{low} to {high}", low=counts[0], high=counts[-1])
    )
