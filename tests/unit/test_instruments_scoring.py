"""Every instrument of the study: its rules at their edges, and the T-value of every sum."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from analysis import instruments
from analysis.errors import AnalystError

FOLDER = Path(__file__).parents[2] / "data" / "raw" / "instruments"
FILES = sorted(FOLDER.glob("*.yaml"))
ALL = [instruments.load(path) for path in FILES]


def instrument(name: str) -> instruments.Instrument:
    return next(found for found in ALL if found.id == name)


def answers(found: instruments.Instrument, value: float, **other: float) -> pd.DataFrame:
    """One respondent who gives ``value`` throughout, except where told."""
    return pd.DataFrame([{item.code: float(value) for item in found.items} | other])


@pytest.mark.parametrize("found", ALL, ids=lambda found: found.id)
def test_every_file_says_where_it_comes_from(found: instruments.Instrument) -> None:
    assert found.source
    assert found.licence
    assert found.confirm, "what is only recalled must be marked"


@pytest.mark.parametrize("found", ALL, ids=lambda found: found.id)
def test_every_reversal(found: instruments.Instrument) -> None:
    """Each item at each scale point, the others of its subscale at their lowest score."""
    rows, expected = [], []
    for item in found.items:
        subscale = found.subscale(item.subscale)
        if subscale.score != "mean":
            continue
        lowest = {
            i.code: float(found.responses(i).maximum if i.reverse else found.responses(i).minimum)
            for i in found.items_of(subscale.id)
        }
        responses = found.responses(item)
        for point in responses.labels:
            scored = responses.minimum + responses.maximum - point if item.reverse else point
            rest = [found.responses(i).minimum for i in found.items_of(subscale.id) if i != item]
            rows.append({**lowest, item.code: float(point)})
            expected.append((f"{found.id}.{subscale.id}", np.mean([scored, *rest])))
    scores = instruments.score(found, pd.DataFrame(rows))
    for place, (column, value) in enumerate(expected):
        assert scores.at[place, column] == pytest.approx(value)


@pytest.mark.parametrize("found", ALL, ids=lambda found: found.id)
def test_every_missing_rule_at_its_edge(found: instruments.Instrument) -> None:
    rows, expected = [], []
    for subscale in found.subscales:
        items = found.items_of(subscale.id)
        needed = int(np.ceil(subscale.minimum_answered * len(items) - 1e-9))
        for answered in range(len(items) + 1):
            rows.append({item.code: 3.0 for item in items[:answered]})
            expected.append((f"{found.id}.{subscale.id}", answered < needed or answered == 0))
    scores = instruments.score(found, pd.DataFrame(rows))
    for place, (column, missing) in enumerate(expected):
        assert np.isnan(scores.at[place, column]) == missing, (column, rows[place])


def test_kidscreen_every_sum_has_its_t_value() -> None:
    found = instrument("kidscreen10")
    table = pd.read_csv(FOLDER / "kidscreen10_tvalues.csv", comment="#").set_index("raw_sum")
    assert list(table.index) == list(range(10, 51))
    assert table["t_value"].is_monotonic_increasing
    formula = (table["person_parameter"] - 1.2078) / 1.03377 * 10 + 50
    assert np.allclose(formula, table["t_value"], atol=0.011)
    rows = []
    for total in table.index:
        points = np.full(10, total // 10)
        points[: total % 10] += 1
        rows.append(
            {
                item.code: float(6 - point if item.reverse else point)
                for item, point in zip(found.items, points, strict=True)
            }
        )
    scored = instruments.score(found, pd.DataFrame(rows))["kidscreen10.t_value"]
    assert scored.tolist() == table["t_value"].tolist()


def test_kidscreen_reverses_items_three_and_four_only() -> None:
    assert [i.code for i in instrument("kidscreen10").items if i.reverse] == ["KS03", "KS04"]


def test_kidscreen_one_missing_answer_is_no_score_unless_pro_rating_is_chosen(
    tmp_path: Path,
) -> None:
    found = instrument("kidscreen10")
    row = answers(found, 4.0, KS03=2.0, KS04=2.0, KS10=np.nan)
    assert np.isnan(instruments.score(found, row)["kidscreen10.t_value"][0])
    content = yaml.safe_load((FOLDER / "kidscreen10.yaml").read_text())
    content["subscales"][0] |= {"pro_rating": True, "minimum_answered": 0.9}
    (tmp_path / "kidscreen10.yaml").write_text(yaml.safe_dump(content))
    (tmp_path / "kidscreen10_tvalues.csv").write_bytes(
        (FOLDER / "kidscreen10_tvalues.csv").read_bytes()
    )
    chosen = instruments.load(tmp_path / "kidscreen10.yaml")
    whole = instruments.score(found, answers(found, 4.0, KS03=2.0, KS04=2.0))[
        "kidscreen10.t_value"
    ][0]
    assert instruments.score(chosen, row)["kidscreen10.t_value"][0] == whole
    assert "pro-rated" in chosen.score_label("t_value")
    row["KS09"] = np.nan
    assert np.isnan(instruments.score(chosen, row)["kidscreen10.t_value"][0])


def test_averaging_sums_and_then_converting_would_differ() -> None:
    found = instrument("kidscreen10")
    both = pd.concat(
        [answers(found, 5.0, KS03=1.0, KS04=1.0), answers(found, 4.0, KS03=2.0, KS04=2.0)]
    )
    scored = instruments.score(found, both.reset_index(drop=True))["kidscreen10.t_value"]
    table = pd.read_csv(FOLDER / "kidscreen10_tvalues.csv", comment="#").set_index("raw_sum")
    assert scored.mean() != pytest.approx(table.loc[45, "t_value"])


def test_the_total_weighs_subscales_by_their_items() -> None:
    found = instrument("spsc")
    row = answers(
        found, 2.0, **{item.code: 5.0 for item in found.items_of("professional_interaction")}
    )
    scored = instruments.score(found, row).iloc[0]
    items = len(found.items)
    assert scored["spsc.total"] == pytest.approx((5 * 7 + 2 * (items - 7)) / items)
    subscales = scored[[f"spsc.{s.id}" for s in found.subscales]]
    assert scored["spsc.total"] != pytest.approx(subscales.mean())


def test_a_lookup_table_with_a_gap_is_refused(tmp_path: Path) -> None:
    for name in ("kidscreen10.yaml", "kidscreen10_tvalues.csv"):
        (tmp_path / name).write_bytes((FOLDER / name).read_bytes())
    lines = (tmp_path / "kidscreen10_tvalues.csv").read_text().splitlines()
    (tmp_path / "kidscreen10_tvalues.csv").write_text("\n".join(lines[:-1]) + "\n")
    found = instruments.load(tmp_path / "kidscreen10.yaml")
    with pytest.raises(AnalystError, match="every sum from 10 to 50"):
        instruments.score(found, answers(found, 3.0))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"response_sets": {"frequency": {"labels": {1: "a", 3: "b"}}}}, "without gaps"),
        (
            {"response_sets": {"frequency": {"labels": {1: "a", 2: "b"}, "synonyms": {"c": 3}}}},
            "no scale point",
        ),
        ({"unknown_key": 1}, "line .*unknown_key: there is no such key"),
    ],
)
def test_mistakes_in_an_instrument_file_are_named(
    change: dict[str, object], message: str, tmp_path: Path
) -> None:
    content = yaml.safe_load((FOLDER / "kidscreen10.yaml").read_text()) | change
    (tmp_path / "kidscreen10.yaml").write_text(yaml.safe_dump(content))
    with pytest.raises(AnalystError, match=message):
        instruments.load(tmp_path / "kidscreen10.yaml")


def test_the_two_forms_of_the_student_resilience_survey() -> None:
    assert (len(instrument("srs").items), len(instrument("srs").subscales)) == (41, 10)
    assert (len(instrument("srs12").items), len(instrument("srs12").subscales)) == (47, 12)
    assert {i.code for i in instrument("srs").items} < {i.code for i in instrument("srs12").items}
