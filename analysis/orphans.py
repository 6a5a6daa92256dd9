"""Imported first by the process that workers are forked from: none of them outlives its parent.

When a run is killed, the system then kills the process that it forks from, and with that every
worker. Only Linux knows how; elsewhere workers end when they find nobody to work for.
"""

from __future__ import annotations

import os
import signal
import sys

#: ``prctl``'s name for the signal that a process gets when its parent ends.
PARENT_DIED = 1


def end_with_parent() -> None:
    """Have the system kill this process when the thread that started it ends."""
    import ctypes

    parent = os.getppid()
    ctypes.CDLL(None).prctl(PARENT_DIED, signal.SIGKILL)
    if os.getppid() != parent or parent == 1:
        os._exit(1)  # it has ended already


if sys.platform == "linux" and __name__ != "__main__":
    end_with_parent()
    os.register_at_fork(after_in_child=end_with_parent)
