"""Whatever whole answers people give, the audit of their own statistics finds nothing wrong."""

from __future__ import annotations

import statistics

from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.audit import audit
from analysis.audit.granularity import Answers, grim, grimmer, sd_limits
from analysis.audit.paired import Paired, correlations
from analysis.audit.parts import counts_for
from analysis.audit.printed import number, rounded
from analysis.audit.samples import example, exists
from analysis.audit.table import rows

people = st.integers(2, 30)
answers_of = st.lists(st.integers(1, 7), min_size=2, max_size=30)


def text(value: float, decimals: int) -> str:
    return f"{rounded(value, decimals):.{decimals}f}"


@given(answers_of, st.integers(0, 3))
def test_real_answers_pass(answers: list[int], decimals: int) -> None:
    mean = number(text(statistics.fmean(answers), decimals))
    sd = number(text(statistics.stdev(answers), decimals))
    assert mean is not None and sd is not None
    who = Answers(len(answers), 1, 1, 7)
    assert grim(mean, who)
    assert grimmer(mean, sd, who) is not False
    limits = sd_limits(mean, who)
    assert limits is not None and limits[0] <= sd.high and limits[1] >= sd.low


@given(st.lists(st.lists(st.integers(1, 5), min_size=3, max_size=3), min_size=2, max_size=25))
def test_real_scales_pass(people_answers: list[list[int]]) -> None:
    scores = [statistics.fmean(row) for row in people_answers]
    mean, sd = number(text(statistics.fmean(scores), 2)), number(text(statistics.stdev(scores), 2))
    assert mean is not None and sd is not None
    who = Answers(len(scores), 3, 1, 5)
    assert grim(mean, who) and grimmer(mean, sd, who) is not False


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(1, 5), min_size=2, max_size=15))
def test_a_sample_is_never_denied_that_exists(answers: list[int]) -> None:
    mean, sd = (
        number(text(statistics.fmean(answers), 2)),
        number(text(statistics.stdev(answers), 2)),
    )
    assert mean is not None and sd is not None
    assert exists(mean, sd, Answers(len(answers), 1, 1, 5)) is True


@settings(deadline=None, max_examples=60)
@given(st.integers(2, 40), st.integers(100, 500), st.integers(0, 250))
def test_what_is_found_is_as_printed(n: int, mean_cents: int, sd_cents: int) -> None:
    mean, sd = number(f"{mean_cents / 100:.2f}"), number(f"{sd_cents / 100:.2f}")
    assert mean is not None and sd is not None
    found = example(mean, sd, Answers(n, 1, 1, 5))
    if found is not None:
        assert len(found) == n and min(found) >= 1 and max(found) <= 5
        assert mean.could_be(statistics.fmean(found)) and sd.could_be(statistics.stdev(found))
        assert grimmer(mean, sd, Answers(n, 1, 1, 5)) is True


@given(st.integers(1, 400), st.data())
def test_a_percentage_allows_its_own_count(base: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(0, base))
    percent = number(text(100 * count / base, data.draw(st.integers(0, 2))))
    assert percent is not None and count in counts_for(percent, base)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=4, max_size=60))
def test_the_real_correlation_is_allowed(pairs: list[tuple[int, int]]) -> None:
    first, last = [a for a, _ in pairs], [b for _, b in pairs]
    differences = [a - b for a, b in pairs]
    sd1, sd2, spread = (statistics.stdev(x) for x in (first, last, differences))
    if min(sd1, sd2, spread) < 0.05:
        return
    t = statistics.fmean(differences) / (spread / len(pairs) ** 0.5)
    cells = [text(v, 2) for v in (statistics.fmean(first), sd1, statistics.fmean(last), sd2, t)]
    found = correlations(Paired(*(number(c) for c in cells), n=len(pairs)))  # type: ignore[arg-type]
    real = statistics.correlation(first, last)
    assert found.low - 1e-6 <= real <= found.high + 1e-6


@given(st.dictionaries(st.sampled_from(["mean", "sd", "n", "items", "p", "value", "percent"]),
                       st.text(max_size=6)))  # fmt: skip
def test_any_text_gives_verdicts_or_a_readable_error(cells: dict[str, str]) -> None:
    from analysis.errors import AnalystError

    try:
        audit(rows([cells], "a table"))
    except AnalystError as error:
        assert error.what
