"""Errors survive being sent between processes: what a worker says arrives as it was said."""

from __future__ import annotations

import importlib
import inspect
import pickle
import pkgutil

import pytest

import analysis
from analysis.errors import AnalystError, Mistakes


def exceptions() -> list[type[Exception]]:
    """Every class of exception that the package defines, made of words (Mistakes is of errors)."""
    found = set()
    for module in pkgutil.walk_packages(analysis.__path__, "analysis."):
        for _, kind in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            ours = issubclass(kind, Exception) and kind.__module__.startswith("analysis.")
            if ours and kind is not Mistakes:
                found.add(kind)
    return sorted(found, key=lambda kind: kind.__qualname__)


@pytest.mark.parametrize("kind", exceptions(), ids=lambda kind: kind.__qualname__)
def test_an_error_arrives_as_it_was_sent(kind: type[Exception]) -> None:
    parameters = inspect.signature(kind.__init__).parameters.values()
    given = [
        3 if "int" in str(p.annotation) else f"words {p.name}"
        for p in list(parameters)[1:]
        if p.kind == p.POSITIONAL_OR_KEYWORD
    ]
    named = {p.name: f"words {p.name}" for p in parameters if p.kind == p.KEYWORD_ONLY}
    sent = kind(*(given or ["words"]), **named)
    arrived = pickle.loads(pickle.dumps(sent))
    assert type(arrived) is kind
    assert str(arrived) == str(sent) and "words" in str(sent)
    assert vars(arrived) == vars(sent)


def test_the_errors_of_analysts_are_among_them() -> None:
    assert AnalystError in exceptions() and len(exceptions()) > 2
