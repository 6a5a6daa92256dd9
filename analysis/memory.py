"""Memory of this process: how it is looked through for garbage, and given back to the system."""

from __future__ import annotations

import ctypes
import gc
import sys

#: New things in memory between two looks for garbage among them.
THINGS = 10_000


def look_seldom() -> None:
    """Look for garbage less often than Python does by itself.

    To import what a command needs makes hundreds of thousands of things that stay, and a report tens of
    thousands: looking among them every 700 takes a fourteenth of the one and an eighth of the other
    (``benchmarks/garbage.py``).
    """
    gc.set_threshold(THINGS)


def give_back() -> None:
    """Give back what Arrow and the C library keep for later.

    Large tables that are made, put in order and let go leave holes between small things that stay.
    By themselves both keep these.
    """
    import pyarrow as pa

    pa.default_memory_pool().release_unused()
    # Only the GNU C library has holes given back on demand; others do not keep them in this way.
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)):
        trim(0)
