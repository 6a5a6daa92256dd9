"""Memory of this process: what nothing is in any more goes back to the system."""

from __future__ import annotations

import ctypes
import sys

import pyarrow as pa


def give_back() -> None:
    """Give back what Arrow and the C library keep for later.

    Large tables that are made, put in order and let go leave holes between small things that stay.
    By themselves both keep these.
    """
    pa.default_memory_pool().release_unused()
    # Only the GNU C library has holes given back on demand; others do not keep them in this way.
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)):
        trim(0)
