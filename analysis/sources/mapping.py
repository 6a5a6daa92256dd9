"""Which column of an export is which item: the mapping file, kept with the study."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Mapping as MappingOf
from pathlib import Path
from typing import Literal

from pydantic import Field, PrivateAttr, ValidationInfo, field_validator, model_validator

from analysis.handwritten import Lined
from analysis.sources.layout import DateOrder
from analysis.sources.wording import normalised
from analysis.study import Model, read_yaml, validated

#: Values of the ``consent`` and ``finished`` attributes, after the mapping's ``values``.
CONSENT_NO = "no"
CONSENT_YES = "yes"
#: What the attributes that decide over a row may say, in the study's words.
DECIDING: MappingOf[str, tuple[str, ...]] = {
    "consent": (CONSENT_YES, CONSENT_NO),
    "finished": ("yes", "no"),
    "status": ("response", "preview", "test"),
}

MissingKind = Literal["not_answered", "prefer_not_to_say", "dont_know", "not_applicable"]
DecimalMark = Literal["point", "comma"]


class Mapping(Model):
    """How one export's columns and values match the study's names.

    ``columns`` gives, for each attribute of a respondent (``respondent``, ``school``, ``role``,
    ``consent``, ``status`` ...), the column that holds it; ``values`` gives, for an attribute,
    what each value in the file stands for; ``items`` gives the column of each item code, or a
    list of columns where a form asks the item in several places (branches, loops): the first
    that is answered counts.
    ``answers`` says how item answers are written: as labels of the response set, or as codes
    (scale points). The rest is needed only where a file departs from that:

    - ``shift``: what to add to a code to get the scale point (1 where 0 to 4 was exported for
      1 to 5); 0 says that codes are scale points although they may look shifted.
    - ``wordings``: by response set, the scale point of a wording or code that the instrument
      does not have, or that is ambiguous there (``frequency: {often: 4}``, ``default: {A1: 1}``).
    - ``missing``: codes or wordings that are no answer, and which kind of missing they are.
    - ``dates``: ``day_first`` or ``month_first``, for dates in figures.
    - ``decimals``: ``point`` or ``comma``, for numbers that could be read either way.
    - ``confirmed``: by attribute (consent, status or finished), wordings that are listed under
      ``values`` as what they do not read like, and that are meant so; under ``items`` and
      ``columns``, what is read from a column whose question reads like another's.
    - ``unused``: columns that ask the same as an item's column and are left out on purpose.

    Keys below ``values``, ``wordings`` and ``missing`` are what the file holds, as written.
    """

    schema_version: Literal[1]
    columns: dict[str, str]
    values: dict[str, dict[str, str]] = Field(default_factory=dict)
    items: dict[str, str | tuple[str, ...]]
    answers: Literal["labels", "codes"]
    shift: int | None = Field(default=None, ge=-10, le=10)
    wordings: dict[str, dict[str, int]] = Field(default_factory=dict)
    missing: dict[str, MissingKind] = Field(default_factory=dict)
    dates: DateOrder | None = None
    decimals: DecimalMark | None = None
    confirmed: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    unused: tuple[str, ...] = ()
    _lines: Lined | None = PrivateAttr(default=None)

    @field_validator("values", "wordings", mode="before")
    @classmethod
    def _listed_as_text(cls, listed: object) -> object:
        if not isinstance(listed, dict):
            return listed
        return {name: _text_keys(entries) for name, entries in listed.items()}

    @field_validator("missing", mode="before")
    @classmethod
    def _missing_as_text(cls, listed: object) -> object:
        return _text_keys(listed)

    @field_validator("confirmed", mode="before")
    @classmethod
    def _confirmed_as_text(cls, listed: object) -> object:
        if not isinstance(listed, dict):
            return listed
        return {
            name: [str(one) for one in wordings] if isinstance(wordings, list) else wordings
            for name, wordings in listed.items()
        }

    @field_validator("items")
    @classmethod
    def _named_columns(
        cls, items: dict[str, str | tuple[str, ...]]
    ) -> dict[str, str | tuple[str, ...]]:
        empty = [code for code, columns in items.items() if not columns]
        if empty:
            raise ValueError(f"no column is named for {', '.join(empty)}")
        return items

    @model_validator(mode="after")
    def _means_one_thing(self, info: ValidationInfo) -> Mapping:
        key = _Keys(info.context if isinstance(info.context, Lined) else None)
        wrong = [
            *self._columns_twice(key),
            *self._wordings_twice(key),
            *self._not_deciding(key),
            *self._not_listed(key),
            *(
                f"{key('values', attribute)}: 'columns' names no column for '{attribute}'"
                for attribute, listed in self.values.items()
                if listed and attribute not in self.columns
            ),
        ]
        if wrong:
            raise ValueError("\n    ".join(wrong))
        return self

    def _columns_twice(self, key: _Keys) -> Iterable[str]:
        used = defaultdict(list)
        for code in self.items:
            for column in self.columns_of(code):
                used[column].append(key("items", code))
        for attribute, column in self.columns.items():
            if column in used:
                used[column].append(key("columns", attribute))
        for column, keys in used.items():
            if len(keys) > 1:
                yield f"the column '{column}' is named for {' and '.join(keys)}"
            if column in self.unused:
                yield f"the column '{column}' is named for {keys[0]} and under {key('unused')}"

    def _wordings_twice(self, key: _Keys) -> Iterable[str]:
        places: list[tuple[tuple[str, ...], MappingOf[str, object]]] = [
            *((("values", name), listed) for name, listed in self.values.items()),
            *((("wordings", name), listed) for name, listed in self.wordings.items()),
            (("missing",), self.missing),
        ]
        for place, listed in places:
            known: dict[str, tuple[str, object]] = {}
            for wording, meaning in listed.items():
                first, other = known.setdefault(normalised(wording), (wording, meaning))
                if other != meaning:
                    yield (
                        f"{key(*place, wording)}: '{first}' and '{wording}' are the same wording, "
                        "and differ"
                    )
        for name, points in self.wordings.items():
            for wording in points.keys() & self.missing.keys():
                yield (
                    f"'{wording}' is a scale point under {key('wordings', name, wording)}, and "
                    f"under {key('missing', wording)}"
                )

    def _not_deciding(self, key: _Keys) -> Iterable[str]:
        for attribute, allowed in DECIDING.items():
            for wording, meaning in self.values.get(attribute, {}).items():
                if normalised(meaning) not in allowed:
                    yield (
                        f"{key('values', attribute, wording)}: '{meaning}' is not "
                        f"{' or '.join(repr(value) for value in allowed)}"
                    )

    def _not_listed(self, key: _Keys) -> Iterable[str]:
        for attribute, wordings in self.confirmed.items():
            place = key("confirmed", attribute)
            if attribute in ("items", "columns"):
                for name in wordings:
                    if name not in (self.items if attribute == "items" else self.columns):
                        yield f"{place}: '{name}' is not listed under {attribute}"
                continue
            if attribute not in DECIDING:
                yield f"{place}: only {', '.join(DECIDING)}, items and columns are confirmed"
                continue
            listed = {normalised(wording) for wording in self.values.get(attribute, {})}
            for wording in wordings:
                if normalised(wording) not in listed:
                    yield f"{place}: '{wording}' is not listed under values.{attribute}"

    def columns_of(self, item: str) -> tuple[str, ...]:
        """The columns in which an item was asked, the first that is answered counting."""
        columns = self.items[item]
        return (columns,) if isinstance(columns, str) else columns

    def line(self, *keys: str) -> int | None:
        """The line of the mapping file in which a key stands, if it was read from one."""
        return None if self._lines is None else self._lines.line(keys)


class _Keys:
    """Names keys for messages, with their lines where the mapping was read from a file."""

    def __init__(self, lines: Lined | None) -> None:
        self.lines = lines

    def __call__(self, *keys: str) -> str:
        line = self.lines.line(keys) if self.lines is not None else None
        return ".".join(keys) + (f" (line {line})" if line else "")


def _text_keys(listed: object) -> object:
    """The same entries with keys as text, as hand-made mappings in Python may not have them."""
    return (
        {str(key): value for key, value in listed.items()} if isinstance(listed, dict) else listed
    )


def load(path: Path) -> Mapping:
    """Read and check a mapping file.

    Raises
    ------
    AnalystError
        Naming every key that is wrong, with its line.
    """
    content = read_yaml(path, as_written=("values", "wordings", "missing"))
    mapping = validated(Mapping, content, path)
    mapping._lines = content
    return mapping
