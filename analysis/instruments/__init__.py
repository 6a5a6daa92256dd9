"""Instruments as data, and one scorer for all of them.

An instrument is a YAML file in the study's ``instruments/`` folder: adding one needs no code.
"""

from analysis.instruments.model import Instrument, Item, Subscale, load
from analysis.instruments.score import score

__all__ = ["Instrument", "Item", "Subscale", "load", "score"]
