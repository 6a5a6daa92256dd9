"""``python -m analysis.cli`` is ``drp``."""

from analysis.cli import app

if __name__ == "__main__":
    app()
