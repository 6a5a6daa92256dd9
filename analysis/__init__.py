"""Evaluation reports for whole-school programmes: raw exports in, reports out."""

import os

# Linear algebra in one thread, before numpy is imported: the matrices are small, so that threads
# cost more than they save; its sums are the same on any machine; and the processes that make reports
# side by side do not fight for the cores.
for _library in ("OPENBLAS", "OMP", "MKL"):
    os.environ.setdefault(f"{_library}_NUM_THREADS", "1")

# openpyxl writes other bytes, and reads by another parser, where lxml happens to be installed.
os.environ.setdefault("OPENPYXL_LXML", "False")
