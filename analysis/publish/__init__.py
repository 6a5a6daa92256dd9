"""Run notebooks and render reports."""
