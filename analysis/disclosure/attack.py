"""What a reader can work out: intervals that printed numbers leave open, by linear programming.

The method is that of the audits of suppressed tables (Fischetti and Salazar, 2001, Management
Science 47:1008-1027; ``attack`` of sdcTable, ``ComputeIntervals`` of GaussSuppression): every printed
number is a constraint on what is not printed, and the least and the greatest value that fit all of
them are found by a solver (HiGHS, as scipy has it) that knows nothing of how the release was decided.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
#: Weights of unknowns in a sum.
Terms = Mapping[Any, float]
#: Room for floating-point arithmetic, in the units of the unknowns.
ROOM = 1e-7
#: Directions that are tried at once before each quantity is attacked by itself.
DIRECTIONS = 12
#: HiGHS's number of the primal simplex.
PRIMAL = 4
#: So few that are left are attacked one by one.
FEW = 2


class Contradiction(ValueError):
    """The printed numbers contradict each other: a defect of whoever set up the system."""


@dataclass(frozen=True)
class Interval:
    """The least and the greatest value that fit everything printed."""

    low: float
    high: float

    @property
    def half_width(self) -> float:
        """How far the middle is from either end."""
        return (self.high - self.low) / 2


@dataclass
class System:
    """Unknowns with the values they may have, and what is known of their sums."""

    integer: bool = False
    _places: dict[Hashable, int] = field(default_factory=dict)
    _low: list[float] = field(default_factory=list)
    _high: list[float] = field(default_factory=list)
    _sums: list[tuple[dict[int, float], float, float]] = field(default_factory=list)
    _made: Any = None
    _warm: Any = None

    def unknown(self, name: Hashable, low: float, high: float) -> None:
        """Add an unknown that lies between two values (either may be infinite)."""
        self._places[name] = len(self._low)
        self._made = self._warm = None
        self._low.append(low)
        self._high.append(high)

    def __contains__(self, name: Hashable) -> bool:
        return name in self._places

    def bounds(self, name: Hashable) -> tuple[float, float]:
        """Between which values an unknown lies by itself."""
        place = self._places[name]
        return self._low[place], self._high[place]

    def between(self, terms: Terms, low: float, high: float) -> None:
        """A weighted sum of unknowns lies between two values.

        Unknowns that the system does not have are nought: a part that holds nobody.
        """
        found = self._found(terms)
        self._made = self._warm = None
        if found:
            self._sums.append((found, low - ROOM, high + ROOM))

    def interval(self, terms: Terms) -> Interval:
        """What is left open for a weighted sum of unknowns."""
        found = self._found(terms)
        if not found:
            return Interval(0.0, 0.0)
        direction = np.zeros(len(self._low))
        direction[list(found)] = list(found.values())
        low = self._least(direction)
        high = -self._least(-direction)
        if self.integer and all(weight == round(weight) for weight in found.values()):
            low, high = math.ceil(low - 1e-6), math.floor(high + 1e-6)
        return Interval(low, high)

    def intervals(self, asked: Sequence[Terms]) -> list[Interval]:
        """:meth:`interval` of each."""
        return [self.interval(terms) for terms in asked]

    def too_narrow(self, asked: Sequence[Terms], needed: Sequence[float]) -> list[int]:
        """Which of the weighted sums have an interval whose half-width is below what is needed.

        Two solutions whose sums differ by enough prove that the interval is as wide, so a few
        solutions at the ends of random directions clear most sums at once; only the others are
        attacked one by one. The answer is the same.
        """
        if not asked:
            return []
        rows = self._weights([self._found(terms) for terms in asked])
        least = np.full(len(asked), np.inf)
        most = np.full(len(asked), -np.inf)
        enough = np.asarray(needed, dtype="float64")
        random = np.random.default_rng(0)
        sizes = np.abs(rows).sum(axis=1)
        open_places = np.arange(len(asked))
        for _ in range(DIRECTIONS):
            signs = random.choice([-1.0, 1.0], len(open_places)) / np.maximum(sizes[open_places], 1)
            direction = signs @ rows[open_places]
            for sense in (1.0, -1.0):
                values = rows @ self._solution(sense * direction)
                least, most = np.minimum(least, values), np.maximum(most, values)
            before = len(open_places)
            open_places = np.flatnonzero((most - least) / 2 < enough - 1e-9)
            # Few, or none cleared by this direction: two solutions for each are sooner found.
            if len(open_places) <= FEW or len(open_places) == before:
                break
        return [
            place
            for place in map(int, open_places)
            if not self._wide(asked[place], enough[place], least[place], most[place])
        ]

    def _wide(self, terms: Terms, enough: float, least: float, most: float) -> bool:
        """Whether a sum is as open as that, if it is known to reach from ``least`` to ``most``."""
        if self.integer:
            return self.interval(terms).half_width >= enough - 1e-6
        direction = np.zeros(len(self._low))
        found = self._found(terms)
        direction[list(found)] = list(found.values())
        low = self._least(direction)
        if (most - low) / 2 >= enough - 1e-9:
            return True
        return (-self._least(-direction) - low) / 2 >= enough - 1e-6

    def _found(self, terms: Terms) -> dict[int, float]:
        return {
            self._places[name]: weight
            for name, weight in terms.items()
            if weight and name in self._places
        }

    def _least(self, direction: Floats) -> float:
        return float(direction @ self._solution(direction))

    def _solution(self, direction: Floats) -> Floats:
        """A solution at which a weighted sum is least."""
        if self._sums and not self.integer:
            if self._warm is None:
                low, high = np.array(self._low), np.array(self._high)
                self._warm = _warm(self._matrix(), low, high)
            found = self._warm.least(direction) if self._warm else None
            if found is not None:
                return found
        # Only here: a process that only shows what is released needs no solver.
        from scipy.optimize import Bounds, milp

        found = milp(
            direction,
            integrality=np.full(len(self._low), int(self.integer)),
            bounds=Bounds(np.array(self._low), np.array(self._high)),
            constraints=self._matrix() if self._sums else (),
        )
        if found.status == 2:
            raise Contradiction("the printed numbers contradict each other")
        if found.x is None:
            raise Contradiction(f"the system could not be solved: {found.message}")
        return np.asarray(found.x, dtype="float64")

    def _matrix(self) -> Any:
        from scipy.optimize import LinearConstraint

        if self._made is None:
            matrix = self._weights([sums for sums, _, _ in self._sums])
            low = np.array([low for _, low, _ in self._sums])
            self._made = LinearConstraint(
                matrix, low, np.array([high for _, _, high in self._sums])
            )
        return self._made

    def _weights(self, sums: Sequence[Mapping[int, float]]) -> Any:
        """Sums as rows of a matrix, with a column for each unknown; nearly all of it is nought."""
        from scipy.sparse import csr_array

        sizes = [len(found) for found in sums]
        places = [place for found in sums for place in found]
        values = [weight for found in sums for weight in found.values()]
        starts = np.concatenate([[0], np.cumsum(sizes, dtype="int64")])
        return csr_array((values, places, starts), shape=(len(sums), len(self._low)))


def _warm(constraints: Any, low: Floats, high: Floats) -> Any:
    """The solver with one system in it; nothing where scipy has it otherwise than here.

    Then each solution is found anew (:func:`scipy.optimize.milp`): the same answers, later.
    """
    try:
        return _Warm(constraints, low, high)
    except (ImportError, AttributeError, TypeError):
        return False


class _Warm:
    """The solver with one system in it, which goes on from the last solution to the next.

    This is scipy's own HiGHS, called without what stands around it, in a place that scipy may change;
    ``benchmarks/warm_start.py`` says what it earns.
    """

    def __init__(self, constraints: Any, low: Floats, high: Floats) -> None:
        from scipy.optimize._highspy import _core

        self._core = _core
        columns = constraints.A.tocsc()
        model = _core.HighsLp()
        model.num_row_, model.num_col_ = columns.shape
        model.col_cost_ = np.zeros(len(low))
        model.col_lower_, model.col_upper_ = low, high
        model.row_lower_, model.row_upper_ = constraints.lb, constraints.ub
        matrix = model.a_matrix_
        matrix.format_ = _core.MatrixFormat.kColwise
        matrix.num_row_, matrix.num_col_ = columns.shape
        matrix.start_, matrix.index_, matrix.value_ = columns.indptr, columns.indices, columns.data
        self._solver = _core._Highs()
        self._solver.setOptionValue("output_flag", False)
        self._solver.passModel(model)
        self._goes_on = False

    def least(self, direction: Floats) -> Floats | None:
        """A solution at which a weighted sum is least; nothing if this did not find one."""
        places = np.arange(len(direction), dtype=np.int32)
        self._solver.changeColsCost(len(direction), places, direction)
        self._solver.run()
        if not self._goes_on:
            # The first solution is found in the way that suits most: among many schools the primal
            # simplex takes thirty times as long for it. From then on only the direction changes: the
            # last solution stays a possible one, from which the primal simplex goes on.
            self._solver.setOptionValue("presolve", "off")
            self._solver.setOptionValue("simplex_strategy", PRIMAL)
            self._goes_on = True
        if self._solver.getModelStatus() != self._core.HighsModelStatus.kOptimal:
            return None
        return np.array(self._solver.getSolution().col_value, dtype="float64")


def together(*parts: Iterable[Hashable]) -> dict[Any, float]:
    """The sum of unknowns, as terms."""
    return {name: 1.0 for part in parts for name in part}


def less(whole: Terms, part: Terms) -> dict[Any, float]:
    """One sum less another, as terms."""
    left = dict(whole)
    for name, weight in part.items():
        left[name] = left.get(name, 0.0) - weight
    return left
