"""Which column of an export is which item: the mapping file, kept with the study."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from analysis.sources.layout import DateOrder
from analysis.study import Model, read_yaml, validated

#: Values of the ``consent`` and ``finished`` attributes, after the mapping's ``values``.
CONSENT_NO = "no"
CONSENT_YES = "yes"

MissingKind = Literal["not_answered", "prefer_not_to_say", "dont_know", "not_applicable"]


class Mapping(Model):
    """How one export's columns and values match the study's names.

    ``columns`` gives, for each attribute of a respondent (``respondent``, ``school``, ``role``,
    ``consent``, ``status`` ...), the column that holds it; ``values`` gives, for an attribute,
    what each value in the file stands for; ``items`` gives the column of each item code.
    ``answers`` says how item answers are written: as labels of the response set, or as codes
    (scale points). The rest is needed only where a file departs from that:

    - ``shift``: what to add to a code to get the scale point (1 where 0 to 4 was exported for
      1 to 5); 0 says that codes are scale points although they may look shifted.
    - ``wordings``: by response set, the scale point of a wording or code that the instrument
      does not have, or that is ambiguous there (``frequency: {often: 4}``, ``default: {A1: 1}``).
    - ``missing``: codes or wordings that are no answer, and which kind of missing they are.
    - ``dates``: ``day_first`` or ``month_first``, for dates in figures.
    """

    schema_version: Literal[1]
    columns: dict[str, str]
    values: dict[str, dict[str | int, str]] = Field(default_factory=dict)
    items: dict[str, str]
    answers: Literal["labels", "codes"]
    shift: int | None = Field(default=None, ge=-2, le=2)
    wordings: dict[str, dict[str | int, int]] = Field(default_factory=dict)
    missing: dict[str | int, MissingKind] = Field(default_factory=dict)
    dates: DateOrder | None = None


def load(path: Path) -> Mapping:
    """Read and check a mapping file.

    Raises
    ------
    AnalystError
        Naming every key that is wrong.
    """
    return validated(Mapping, read_yaml(path), path)
