"""``python -m analysis.cli`` is ``drp``."""

from analysis.cli import app

app()
