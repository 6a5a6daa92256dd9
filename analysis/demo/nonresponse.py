"""Which questions were left unanswered."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


def skipped(
    rng: np.random.Generator,
    asked: Mask,
    blocks: Sequence[range],
    rate: float,
    *,
    lowest: tuple[int, int] | None = None,
    cap: int = 12,
) -> Mask:
    """Single questions skipped, never so many that a subscale loses its score.

    Parameters
    ----------
    rng
        Source of randomness.
    asked
        Persons x items: the question was reached.
    blocks
        The items of each subscale.
    rate
        Chance of a question to be skipped.
    lowest
        An item and the number of answers it must end up with, fewer than any other item.
    cap
        Largest number of skips of any other item.
    """
    skips = np.zeros_like(asked)
    block_of = {item: block for block in blocks for item in block}
    for item in range(asked.shape[1]):
        block = block_of[item]
        wanted = min(int(rng.binomial(asked[:, item].sum(), rate)), cap)
        if lowest is not None and item == lowest[0]:
            wanted = int(asked[:, item].sum()) - lowest[1]
        # At most a third of a subscale's questions (but at least one) may be missing
        room = skips[:, block].sum(axis=1) + 1 <= max(1, len(block) // 3)
        may = np.flatnonzero(asked[:, item] & room)
        skips[rng.choice(may, size=wanted, replace=False), item] = True
    return skips


def reached(stops: NDArray[np.int64], items: int) -> Mask:
    """Persons x items: questions reached by somebody who stops before item ``stops``."""
    return np.arange(items)[None, :] < stops[:, None]
