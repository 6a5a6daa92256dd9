"""Intervals of suppressed cells against published examples of GaussSuppression.

Origin: the package GaussSuppression of Statistics Norway (MIT licence), vignettes "Small count
frequency table suppression" (Table 9, lo_1 and up_1, lo and up) and "Magnitude table suppression"
(Table 10 and the output above it), https://statisticsnorway.github.io/ssb-gausssuppression/, read in
2026. Both were computed there by Rglpk. The tables, which cells are suppressed and the intervals
are taken from what is printed; nothing else is.
"""

from __future__ import annotations

import pytest

from analysis.disclosure.attack import System

#: Persons by age and country, and the suppressed cells first and at last.
COUNTS = {
    ("young", "Iceland"): 3, ("young", "Portugal"): 1, ("young", "Spain"): 17,
    ("old", "Iceland"): 10, ("old", "Portugal"): 11, ("old", "Spain"): 17,
}  # fmt: skip
#: Sales by sector and country; Agriculture, Entertainment and Industry are private.
SALES = {
    ("Agriculture", "Iceland"): 0.0, ("Agriculture", "Portugal"): 100.4,
    ("Agriculture", "Spain"): 139.8, ("Entertainment", "Iceland"): 16.8,
    ("Entertainment", "Portugal"): 9.4, ("Entertainment", "Spain"): 105.3,
    ("Governmental", "Iceland"): 0.0, ("Governmental", "Portugal"): 23.6,
    ("Governmental", "Spain"): 9.2, ("Industry", "Iceland"): 20.3,
    ("Industry", "Portugal"): 29.1, ("Industry", "Spain"): 8.4,
}  # fmt: skip
PRIVATE = ("Agriculture", "Entertainment", "Industry")
COUNTRIES = ("Iceland", "Portugal", "Spain")


def table(cells: dict, *, integer: bool = False) -> System:
    """The cells as unknowns of nought or more, bounded by the table's total."""
    system = System(integer=integer)
    for name in cells:
        system.unknown(name, 0.0, sum(cells.values()))
    return system


def printed(system: System, cells: dict, names: list) -> None:
    """The sum of some cells is printed."""
    value = sum(cells[name] for name in names)
    system.between(dict.fromkeys(names, 1.0), value, value)


@pytest.mark.parametrize("integer", [False, True])
@pytest.mark.parametrize(
    ("suppressed", "expected"),
    [
        (["Iceland", "Portugal"], {"Iceland": (0, 4), "Portugal": (0, 4)}),
        (COUNTRIES, {"Iceland": (0, 13), "Portugal": (0, 12)}),
    ],
)
def test_small_counts(suppressed: list, expected: dict, integer: bool) -> None:
    system = table(COUNTS, integer=integer)
    for age, country in COUNTS:
        if country not in suppressed:
            printed(system, COUNTS, [(age, country)])
    for age in ("young", "old"):
        printed(system, COUNTS, [name for name in COUNTS if name[0] == age])
    for country in COUNTRIES:
        printed(system, COUNTS, [name for name in COUNTS if name[1] == country])
    for country, (low, high) in expected.items():
        found = system.interval({("young", country): 1.0})
        assert (found.low, found.high) == pytest.approx((low, high), abs=1e-4)


@pytest.mark.parametrize(
    ("portugal_private", "expected"),
    [
        (
            True,
            {("Entertainment", "Iceland"): (0.0, 60.7), ("Industry", "Iceland"): (0.0, 60.7),
             ("Governmental", "Portugal"): (0.0, 60.7), ("Agriculture", "Spain"): (101.3, 240.2)},
        ),
        (
            False,
            {("Entertainment", "Iceland"): (0.0, 131.5), ("Industry", "Iceland"): (0.0, 90.6),
             ("Governmental", "Portugal"): (0.0, 90.6), ("Governmental", "Spain"): (0.0, 90.6),
             ("Agriculture", "Portugal"): (0.0, 199.6), ("Agriculture", "Spain"): (40.6, 240.2)},
        ),
    ],
)  # fmt: skip
def test_magnitudes(portugal_private: bool, expected: dict) -> None:
    """What stays printed follows from the intervals: the total, those of Spain, Agriculture and
    Entertainment, Iceland's noughts, and at first what is private in Portugal."""
    system = table(SALES)
    printed(system, SALES, list(SALES))
    printed(system, SALES, [name for name in SALES if name[1] == "Spain"])
    for sector in ("Agriculture", "Entertainment"):
        printed(system, SALES, [name for name in SALES if name[0] == sector])
        assert sector in PRIVATE
    printed(system, SALES, [("Agriculture", "Iceland")])
    printed(system, SALES, [("Governmental", "Iceland")])
    if portugal_private:
        printed(system, SALES, [(sector, "Portugal") for sector in PRIVATE])
    for name, (low, high) in expected.items():
        found = system.interval({name: 1.0})
        assert (found.low, found.high) == pytest.approx((low, high), abs=1e-4), name
