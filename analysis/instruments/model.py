"""What an instrument file may say."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pandas as pd
from pydantic import Field, model_validator

from analysis.errors import AnalystError
from analysis.language import now
from analysis.places import plain_file
from analysis.study import Identifier, InStudyFolder, Language, Model, Words, read_yaml, validated


class ResponseSet(Model):
    """The answers that may be chosen, as scale points with their labels.

    ``synonyms`` are other wordings met in exports, each with the scale point it stands for.
    ``ambiguous`` are wordings that stand for different points in different forms, each with the
    reason: they are refused until the export's mapping says which.
    """

    labels: dict[int, str] = Field(min_length=2, description="scale point -> its label")
    translations: dict[Language, dict[int, str]] = Field(
        default_factory=dict, description="other language -> scale point -> its label"
    )
    synonyms: dict[str, int] = Field(
        default_factory=dict, description="another wording met in exports -> its scale point"
    )
    ambiguous: dict[str, str] = Field(
        default_factory=dict, description="wording that is refused until a mapping says -> why"
    )

    @model_validator(mode="after")
    def _points_exist(self) -> ResponseSet:
        if sorted(self.labels) != list(range(min(self.labels), max(self.labels) + 1)):
            raise ValueError("labels: scale points must be whole numbers without gaps")
        for language, labels in self.translations.items():
            if labels.keys() != self.labels.keys():
                raise ValueError(f"translations.{language}: needs a label for each scale point")
        for wording, point in self.synonyms.items():
            if point not in self.labels:
                raise ValueError(
                    f"synonyms: '{wording}' stands for {point}, which is no scale point"
                )
        return self

    @property
    def minimum(self) -> int:
        """Lowest scale point."""
        return min(self.labels)

    @property
    def maximum(self) -> int:
        """Highest scale point."""
        return max(self.labels)

    @property
    def has_middle(self) -> bool:
        """Whether one of its answers is neither favourable nor unfavourable."""
        return (self.minimum + self.maximum) % 2 == 0


class Item(Model):
    """One question. ``label`` is a short description, ``wording`` what people are asked."""

    code: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", description="as in the mappings")
    label: str = Field(description="a few words of one's own, not the item's wording")
    wording: Words = Field(
        default="",
        description="what people are asked, or language -> that; only for `drp questionnaire`",
    )
    subscale: str = Field(description="id of the subscale it belongs to")
    responses: str = Field(default="default", description="id of its response set")
    reverse: bool = Field(default=False, description="scored as minimum + maximum - answer")
    note: str = Field(default="", description="for readers")


class Norm(Model):
    """A reference population to compare with."""

    label: str = Field(description="who they are")
    mean: float = Field(description="their mean")
    sd: float = Field(description="their standard deviation")
    note: str = Field(default="", description="for readers")


class Outside(Model):
    """What others scored, set beside the study's levels: a norm, or other schools' results."""

    score: str = Field(description="id of the subscale or total")
    label: str = Field(description="who they are, e.g. 'Girls of 8 to 11 in England'")
    mean: float = Field(description="their mean, on the points of the score")
    sd: float | None = Field(default=None, gt=0, description="their standard deviation")
    n: int | None = Field(default=None, gt=0, description="how many they were")
    of: dict[str, str] = Field(
        default_factory=dict,
        max_length=1,
        description="whom they are like: a group of the study, by its id -> its value; none: all",
    )
    source: str = Field(min_length=1, description="where it is published")


class Subscale(Model):
    """A score made of items."""

    id: Identifier = Field(description="names the score in ids")
    label: str = Field(description="as readers know it")
    plain: str = Field(
        default="",
        description="in everyday words, as it is scored (more of it is a higher score): "
        "'manageable workload'; default: the label",
    )
    definition: str = Field(default="", description="what it measures, in a line")
    score: Literal["mean", "lookup"] = Field(
        default="mean", description="mean of the items answered, or a table of sums"
    )
    lookup: InStudyFolder | None = Field(
        default=None, description="CSV beside the instrument file: raw_sum,person_parameter,t_value"
    )
    minimum_answered: float = Field(
        default=0.5, gt=0, le=1, description="share of items needed for a score"
    )
    pro_rating: bool = Field(
        default=False,
        description="lookup only: fill up to the missing share with the mean of the answered "
        "items, rounded; not the owners' method, and labelled so",
    )
    range: tuple[float, float] = Field(
        description="lowest and highest value; of a mean, those of its items' answers"
    )
    decimals: int = Field(default=2, description="with which means are shown")
    higher_is_better: bool = Field(default=True, description="whether more is better")
    norm: Norm | None = Field(default=None, description="a reference population to compare with")

    @model_validator(mode="after")
    def _range_has_two_ends(self) -> Subscale:
        low, high = self.range
        if low >= high:
            raise ValueError("range: the lowest value comes first, then the highest")
        if self.norm and not low <= self.norm.mean <= high:
            raise ValueError(f"norm.mean: {self.norm.mean:g} is not within {low:g} to {high:g}")
        return self

    @model_validator(mode="after")
    def _lookup_has_a_table(self) -> Subscale:
        if (self.score == "lookup") != (self.lookup is not None):
            raise ValueError("score 'lookup' needs a lookup file, and only then")
        if self.score == "lookup" and self.minimum_answered != 1 and not self.pro_rating:
            raise ValueError(
                "a lookup score needs complete answers: minimum_answered must be 1, "
                "unless pro_rating is chosen"
            )
        if self.pro_rating and self.score != "lookup":
            raise ValueError("pro_rating is for lookup scores; a mean needs none")
        return self


class Total(Model):
    """A score over the whole instrument.

    Items of one subscale are answered higher than those of another. So a mean of whatever was
    answered moves with who breaks off where, though nobody changed their mind; a total that asks
    for every subscale does not.
    """

    id: str = Field(default="total", description="names the score in ids")
    label: str = Field(default="Total", description="as readers know it")
    plain: str = Field(default="", description="in everyday words; default: the label")
    score: Literal["subscales", "items"] = Field(
        default="subscales",
        description="subscales: the mean of all subscales' scores, each weighing by its number of "
        "items; who lacks one has no total. items: the mean of the items answered, which moves "
        "when people break off",
    )
    minimum_answered: float | None = Field(
        default=None,
        gt=0,
        le=1,
        description="items only: share of all items needed; 0.5 if not said",
    )

    @model_validator(mode="after")
    def _minimum_is_of_items(self) -> Total:
        if self.minimum_answered is not None and self.score != "items":
            raise ValueError(
                "minimum_answered is for a total of items; of subscales each says its own"
            )
        return self


class ItemGroup(Model):
    """Items on one subject, that a chart shows together."""

    label: str = Field(description="the subject, as readers know it")
    subscales: tuple[str, ...] = Field(min_length=1, description="whose items are on it")


class Instrument(Model):
    """A questionnaire: items, response sets, subscales, and where all that comes from."""

    schema_version: Literal[1] = Field(description="1")
    id: Identifier = Field(description="the same as the file's name")
    name: str = Field(description="in full")
    short: str = Field(
        description="in short, as in tables, and after 'the' in sentences: 'Calm Scale'"
    )
    population: str = Field(
        default="", description="for whom: a population's id, or 'adults' or 'children'"
    )
    about: str = Field(description="what it asks about, in a sentence")
    source: str = Field(description="who made it, and where it was published")
    licence: str = Field(description="under which terms it is used")
    permission: Literal["needed", "granted", "free"] = Field(
        default="needed",
        description="needed: its owners have still to agree, and a questionnaire says so on its "
        "first page; granted: they have; free: nobody need be asked",
    )
    language: Language = Field(
        default="en", description="of its labels, and of wording that names no language"
    )
    introduction: Words = Field(
        default="", description="what a questionnaire says before the items, or language -> that"
    )
    confirm: str = Field(
        default="", description="what still has to be checked, shown in the report"
    )
    notes: dict[Literal["change", "groups"], str] = Field(
        default_factory=dict,
        description="what a reader should know beside its changes, and beside groups compared",
    )
    response_sets: dict[str, ResponseSet] = Field(description="answers that may be chosen, by id")
    items: tuple[Item, ...] = Field(description="its questions, in order")
    subscales: tuple[Subscale, ...] = Field(description="its scores, in order")
    total: Total | None = Field(
        default=None, description="a score over the whole instrument, if it has one"
    )
    item_groups: tuple[ItemGroup, ...] = Field(
        default=(), description="its items by subject, as charts show them; default: its subscales"
    )
    norms: tuple[Outside, ...] = Field(
        default=(), description="what others scored, by age, sex, phase or over all"
    )
    folder: Path = Field(default=Path("."), exclude=True)

    @model_validator(mode="after")
    def _norms_fit(self) -> Instrument:
        for each in self.norms:
            if each.score not in self.scores:
                raise ValueError(
                    f"norms: '{each.score}' is no score; scores are {', '.join(self.scores)}"
                )
            low, high = self.score_range(each.score)
            if not low <= each.mean <= high:
                raise ValueError(
                    f"norms: {each.mean:g} ({each.label}) is no mean of {each.score}, which goes "
                    f"from {low:g} to {high:g}"
                )
        return self

    @model_validator(mode="after")
    def _parts_fit(self) -> Instrument:
        subscales = {subscale.id for subscale in self.subscales}
        grouped = [name for group in self.item_groups for name in group.subscales]
        if self.item_groups and sorted(grouped) != sorted(subscales):
            raise ValueError(
                "item_groups: every subscale has to be in one group, and in no other; "
                f"subscales are {', '.join(sorted(subscales))}"
            )
        codes: set[str] = set()
        for item in self.items:
            if item.code in codes:
                raise ValueError(f"items: code '{item.code}' is used twice")
            codes.add(item.code)
            if item.subscale not in subscales:
                raise ValueError(
                    f"items.{item.code}.subscale: '{item.subscale}' is not a subscale; "
                    f"subscales are {', '.join(sorted(subscales))}"
                )
            if item.responses not in self.response_sets:
                raise ValueError(
                    f"items.{item.code}.responses: '{item.responses}' is not a response set; "
                    f"sets are {', '.join(sorted(self.response_sets))}"
                )
        for subscale in self.subscales:
            if not self.items_of(subscale.id):
                raise ValueError(f"subscales.{subscale.id}: has no items")
            sets = [self.responses(item) for item in self.items_of(subscale.id)]
            ends = (min(each.minimum for each in sets), max(each.maximum for each in sets))
            # A mean lies among the answers; what is looked up has points of its own.
            if subscale.score == "mean" and tuple(subscale.range) != ends:
                raise ValueError(
                    f"subscales.{subscale.id}.range: is {subscale.range[0]:g} to "
                    f"{subscale.range[1]:g}, and the answers to its items go from {ends[0]} to "
                    f"{ends[1]}"
                )
            if self.total and self.total.score == "subscales" and subscale.score == "lookup":
                raise ValueError(
                    f"total: score 'subscales' cannot hold {subscale.id}, which is looked up; "
                    "choose 'items' or leave the total out"
                )
        return self

    def items_of(self, subscale: str) -> tuple[Item, ...]:
        """The items of one subscale, in the order of the file."""
        return tuple(item for item in self.items if item.subscale == subscale)

    def responses(self, item: Item) -> ResponseSet:
        """The response set of an item."""
        return self.response_sets[item.responses]

    @property
    def items_by_subject(self) -> list[tuple[str, list[Item]]]:
        """Items in groups by subject, each with its label; by subscale where no groups are named."""
        groups = [(g.label, g.subscales) for g in self.item_groups] or [
            (each.label, (each.id,)) for each in self.subscales
        ]
        return [(label, [i for i in self.items if i.subscale in names]) for label, names in groups]

    @property
    def scores(self) -> tuple[str, ...]:
        """Ids of everything scored: the total, where there is one, then the subscales."""
        total = (self.total.id,) if self.total else ()
        return total + tuple(subscale.id for subscale in self.subscales)

    def score_label(self, score: str) -> str:
        """The label of a subscale or of the total."""
        if self.total and score == self.total.id:
            return self.total.label
        subscale = self.subscale(score)
        return f"{subscale.label}, pro-rated" if subscale.pro_rating else subscale.label

    def everyday(self, score: str) -> str:
        """What more of a score is more of, in everyday words; its label where the file says none."""
        named = self.total if self.total and score == self.total.id else self.subscale(score)
        return named.plain or self.score_label(score)

    def higher_is_better(self, score: str) -> bool:
        """Whether more of a score is better; of a total, if it is of its first subscale."""
        own = self.total and score == self.total.id
        return (self.subscales[0] if own else self.subscale(score)).higher_is_better

    def subscale(self, subscale_id: str) -> Subscale:
        """The subscale with this id."""
        return next(subscale for subscale in self.subscales if subscale.id == subscale_id)

    def score_range(self, score: str) -> tuple[float, float]:
        """Lowest and highest possible value of a score."""
        if self.total and score == self.total.id:
            return self.subscales[0].range
        return self.subscale(score).range

    def score_limits(self, score: str) -> tuple[float, float]:
        """Lowest and highest value that answers can make; for a lookup, its table's ends."""
        if not (self.total and score == self.total.id):
            subscale = self.subscale(score)
            if subscale.score == "lookup":
                values = lookup_table(self, subscale)
                return float(values.min()), float(values.max())
        return self.score_range(score)

    def decimals(self, score: str) -> int:
        """Decimals a score's mean is shown with."""
        if self.total and score == self.total.id:
            return self.subscales[0].decimals
        return self.subscale(score).decimals


def lookup_table(instrument: Instrument, subscale: Subscale) -> pd.Series:
    """T-value (or other converted score) by raw sum, from the table beside the instrument file.

    Raises
    ------
    AnalystError
        If the table cannot be read, or lacks a sum between the lowest and the highest.
    """
    path = instrument.folder / str(subscale.lookup)
    try:
        table = (
            pd.read_csv(plain_file(path), comment="#")
            .set_index("raw_sum")["t_value"]
            .astype("float64")
        )
    except (OSError, ValueError, KeyError) as error:
        raise AnalystError(
            f"The lookup table of {instrument.short} cannot be read ({type(error).__name__}).",
            where=str(path),
            fix="Put the table beside the instrument file, with columns raw_sum and t_value.",
        ) from None
    sets = [instrument.responses(item) for item in instrument.items_of(subscale.id)]
    wanted = range(sum(s.minimum for s in sets), sum(s.maximum for s in sets) + 1)
    if list(table.index) != list(wanted):
        raise AnalystError(
            f"The lookup table of {instrument.short} does not give every sum from {wanted[0]} to "
            f"{wanted[-1]} once, in order.",
            where=str(path),
            fix="Copy the table again from its source.",
        )
    return table


def load(path: Path) -> Instrument:
    """Read and check an instrument file.

    Raises
    ------
    AnalystError
        If the file is missing or wrong; each key is named.
    """
    content = read_yaml(path)
    content["folder"] = path.parent
    found = validated(Instrument, content, path)
    if now() == found.language:
        return found
    sets = {
        name: each.model_copy(update={"labels": each.translations.get(now(), each.labels)})
        for name, each in found.response_sets.items()
    }
    return found.model_copy(update={"response_sets": sets})
