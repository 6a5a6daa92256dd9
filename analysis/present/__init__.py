"""Released results as tables, figures and sentences."""

from analysis.present.page import Page, open_page

__all__ = ["Page", "open_page"]
