"""Which column of an export is which item: the mapping file, kept with the study."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from analysis.study import Model, read_yaml, validated

#: Values of the ``consent`` attribute, after the mapping's ``values``.
CONSENT_NO = "no"


class Mapping(Model):
    """How one export's columns and values match the study's names.

    ``columns`` gives, for each attribute of a respondent (``respondent``, ``school``, ``role``,
    ``consent``, ``status`` ...), the column that holds it; ``values`` gives, for an attribute,
    what each value in the file stands for; ``items`` gives the column of each item code.
    ``answers`` says how item answers are written: as labels of the response set, or as codes
    (scale points).
    """

    schema_version: Literal[1]
    columns: dict[str, str]
    values: dict[str, dict[str | int, str]] = Field(default_factory=dict)
    items: dict[str, str]
    answers: Literal["labels", "codes"]


def load(path: Path) -> Mapping:
    """Read and check a mapping file; an :class:`~analysis.errors.AnalystError` names what is wrong."""
    return validated(Mapping, read_yaml(path), path)
