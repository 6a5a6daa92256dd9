"""Quarto's post-render step at the project's root: pages that fetch nothing and name no folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Clean the pages that Quarto has just made."""
    sys.path.insert(0, str(ROOT))
    from analysis.publish import quarto

    quarto.clean(Path(os.environ["QUARTO_PROJECT_OUTPUT_DIR"]))


if __name__ == "__main__":
    main()
