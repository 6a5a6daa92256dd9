"""The registry of strands: everything of a study that is not a survey, each said once.

A strand is a kind of evidence (interviews, plans, records …): the tables and documents that it
reads, under which names they stand in ``study.yaml``, whose rows they hold, how their results are
released, and how readers know them. Reading, withdrawing, counting, releasing and showing go by
what stands here; a new strand is one entry, the statistics it wants, and a notebook and chapter
that show them (``docs/extending.md``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from analysis.language import N_


@dataclass(frozen=True)
class Table:
    """One table of a strand: a file, or a pattern of files, one row per thing.

    Parameters
    ----------
    name
        What the table is called once it is read, among the prepared strands.
    key
        Its key under the strand in ``study.yaml``.
    label
        For readers, in tables of data quality.
    columns
        Columns it must have.
    optional
        Columns that it may lack, and whose cells may be empty.
    unique
        Columns that together name one row.
    numbers
        Columns of whole numbers; ``invited_*`` stands for all that begin so.
    decimals
        Columns of numbers that may be no whole ones; with ``*`` likewise.
    dates
        Columns of dates (``YYYY-MM-DD``).
    allowed
        Columns with a closed list of values.
    words
        Columns of free words that become parts of results' ids.
    code
        The column that holds a code of the codebook.
    person
        The column that says whose row it is: such rows go when that person withdraws.
    counts_only
        Whether it holds counts and nothing about anybody: no further column may stand there.
    asked
        Columns that a school fills in on its return form, in order; none: it is not asked for.
    """

    name: str
    key: str
    label: str
    columns: tuple[str, ...]
    optional: tuple[str, ...] = ()
    unique: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    decimals: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    allowed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    code: str = ""
    person: str = ""
    counts_only: bool = False
    asked: tuple[str, ...] = ()


@dataclass(frozen=True)
class Source:
    """Where results come from, in ids of the ledger, and how they are released.

    Parameters
    ----------
    id
        The first part of the ids.
    threshold
        The release threshold that the results are under: a name in ``disclosure``, or
        ``children`` or ``adults`` for that of the study's populations of this kind.
    counted
        The word for those whom the threshold counts.
    own
        Whether a school's own results are the school's, about no person, and so always its to see.
    """

    id: str
    threshold: str
    counted: str
    own: bool = False


@dataclass(frozen=True)
class Strand:
    """A kind of evidence beside the surveys.

    Parameters
    ----------
    id
        Its name in ``study.yaml``, in chapters and in ``show`` conditions.
    label
        For readers.
    source
        Where its results come from, in ids of the ledger. Strands may share one.
    threshold
        The release threshold that its results are under: see :class:`Source`.
    counted
        The word for those whom the threshold counts.
    own
        Whether a school's own rows are the school's, about no person, and so always its to see.
    people
        Where those of its results come from that count people, if the others are about schools.
    tables
        Its tables.
    documents
        Its authored YAML files: key in ``study.yaml`` to the name they have once read.
    """

    id: str
    label: str
    source: str
    threshold: str
    counted: str
    own: bool = False
    people: Source | None = None
    tables: tuple[Table, ...] = ()
    documents: Mapping[str, str] = field(default_factory=dict)

    @property
    def keys(self) -> tuple[str, ...]:
        """What may stand under the strand in ``study.yaml``."""
        return tuple(table.key for table in self.tables) + tuple(self.documents)

    @property
    def sources(self) -> tuple[Source, ...]:
        """Where its results come from."""
        mine = Source(self.source, self.threshold, self.counted, self.own)
        return (mine,) if self.people is None else (mine, self.people)


#: States of an aim, from nothing yet to habit; ``dropped`` stands outside that order.
PLAN_STATES = ("planned", "started", "in_place", "embedded", "dropped")
#: How a condition or risk stands in a school: a checklist, and no score is made of it.
READINESS_STATES = ("in_place", "partly", "not_yet", "not_known")
#: What a school may say of an area in the whole-school audit, from best to worst, and when.
RATINGS = ("doing_well", "could_improve", "needs_improving")
REVIEWS = ("baseline", "reaudit")
YES_NO = ("yes", "no")
#: Columns of a session with the numbers of people; for a role ``invited_leader`` and so on.
ATTENDANCE = ("invited", "attended")

STRANDS: tuple[Strand, ...] = (
    Strand(
        id="delivery",
        label=N_("Delivery"),
        source="delivery",
        threshold="schools",
        counted=N_("schools"),
        own=True,
        people=Source("reach", threshold="adults", counted=N_("adults")),
        tables=(
            Table(
                name="sessions",
                key="sessions",
                label=N_("Sessions held"),
                columns=("school", "date", "kind", "minutes"),
                optional=("session", *ATTENDANCE, "leader_present", "facilitator"),
                unique=("school", "date", "kind", "session"),
                numbers=("minutes", *ATTENDANCE, "invited_*", "attended_*", "rated_*", "high_*"),
                decimals=("rating_*",),
                dates=("date",),
                allowed={"leader_present": YES_NO},
                # Who led it is the programme's to say.
                asked=(
                    "date",
                    "kind",
                    "minutes",
                    "session",
                    *ATTENDANCE,
                    "invited_*",
                    "attended_*",
                    "leader_present",
                    "rating_*",
                    "rated_*",
                    "high_*",
                ),
            ),
            Table(
                name="delivery_hours",
                key="hours",
                label=N_("Hours of work"),
                columns=("school",),
                optional=("term", "facilitator_hours", "staff_hours"),
                unique=("school", "term"),
                decimals=("facilitator_hours", "staff_hours"),
            ),
            Table(
                name="delivery_costs",
                key="costs",
                label=N_("Costs"),
                columns=("item", "amount"),
                optional=("school", "term"),
                unique=("school", "item", "term"),
                decimals=("amount",),
            ),
        ),
        documents={"plan": "delivery_plan"},
    ),
    Strand(
        id="interviews",
        label=N_("Interviews"),
        source="interviews",
        threshold="interviewees",
        counted=N_("interviewees"),
        tables=(
            Table(
                name="segments",
                key="segments",
                label=N_("Coded passages"),
                columns=("source_id", "coder", "code", "start", "end", "text"),
                person="source_id",
            ),
            Table(
                name="interviewees",
                key="interviewees",
                label=N_("Interviewees"),
                columns=("source_id", "consent_to_quote"),
                # A facilitator has no school; somebody interviewed twice has a row for each time.
                optional=("school", "role", "wave"),
                unique=("source_id", "wave"),
                allowed={"consent_to_quote": YES_NO},
                person="source_id",
            ),
            Table(
                name="quotations",
                key="quotations",
                label=N_("Quotations"),
                columns=("quotation_id", "source_id", "code", "section", "attribution", "text"),
                unique=("quotation_id",),
                code="code",
                person="source_id",
            ),
        ),
    ),
    Strand(
        id="focus_groups",
        label=N_("Focus groups"),
        source="interviews",
        threshold="interviewees",
        counted=N_("interviewees"),
        tables=(
            Table(
                name="focus_groups",
                key="summaries",
                label=N_("Summaries of focus groups"),
                columns=("group", "participants", "theme", "code", "summary"),
                words=("group", "theme"),
                numbers=("participants",),
                code="code",
            ),
        ),
    ),
    Strand(
        id="facilitators",
        label=N_("Facilitator survey"),
        source="facilitators",
        threshold="facilitators",
        counted=N_("facilitators"),
        tables=(
            Table(
                name="facilitator_survey",
                key="survey",
                label=N_("Answers of facilitators"),
                columns=("respondent",),
                unique=("respondent",),
                person="respondent",
            ),
        ),
        documents={"questions": "facilitator_questions"},
    ),
    Strand(
        id="open_answers",
        label=N_("Open answers"),
        source="open_answers",
        threshold="free_text",
        counted=N_("people who wrote an answer"),
        tables=(
            Table(
                name="open_answers",
                key="coded",
                label=N_("Coded open answers"),
                columns=("respondent", "school", "aspect", "code"),
                words=("aspect",),
                code="code",
                person="respondent",
            ),
        ),
    ),
    Strand(
        id="plans",
        label=N_("Action plans"),
        source="action_plans",
        threshold="schools",
        counted=N_("schools"),
        own=True,
        tables=(
            Table(
                name="action_plans",
                key="aims",
                label=N_("Aims of action plans"),
                columns=("plan_id", "school", "aim_code", "aim", "review", "state"),
                optional=("review_date", "responsible_role", "evidence"),
                words=("responsible_role",),
                unique=("plan_id", "aim_code", "review"),
                numbers=("review",),
                allowed={"state": PLAN_STATES},
                code="aim_code",
                asked=("aim_code", "aim", "responsible_role", "state", "evidence"),
            ),
            Table(
                name="readiness",
                key="readiness",
                label=N_("Conditions and risks, by school"),
                columns=("school", "condition", "review", "state", "evidence"),
                words=("condition",),
                optional=("review_date",),
                unique=("school", "condition", "review"),
                numbers=("review",),
                allowed={"state": READINESS_STATES},
                asked=("state", "evidence"),
            ),
        ),
    ),
    Strand(
        id="audit",
        label=N_("Whole-school audit"),
        source="action_plans",
        threshold="schools",
        counted=N_("schools"),
        own=True,
        tables=(
            Table(
                name="whole_school_audit",
                key="ratings",
                label=N_("Ratings of the whole-school audit"),
                columns=("school", "area", "review", "rating"),
                words=("area",),
                optional=("review_date",),
                unique=("school", "area", "review"),
                allowed={"rating": RATINGS, "review": REVIEWS},
                asked=("rating",),
            ),
        ),
    ),
    Strand(
        id="outcomes",
        label=N_("School records"),
        source="outcomes",
        threshold="children",
        counted=N_("children"),
        tables=(
            Table(
                name="outcomes",
                key="records",
                label=N_("School records"),
                columns=("school", "term", "term_start", "measure", "numerator", "denominator"),
                optional=("term_end", "group", "children"),
                unique=("school", "term", "measure", "group"),
                numbers=("numerator", "denominator", "children"),
                dates=("term_start", "term_end"),
                asked=("numerator", "denominator", "children"),
            ),
            Table(
                name="outcome_national",
                key="national",
                label=N_("National series of records"),
                columns=("term", "measure", "rate", "source"),
                optional=("group",),
                unique=("term", "measure", "group"),
                decimals=("rate",),
            ),
        ),
        documents={"measures": "outcome_measures"},
    ),
    Strand(
        id="needs",
        label=N_("Identified needs"),
        source="outcomes",
        threshold="children",
        counted=N_("children"),
        tables=(
            Table(
                name="needs",
                key="counts",
                label=N_("Counts of needs"),
                columns=("school", "need", "level", "count"),
                words=("need", "level"),
                unique=("school", "need", "level"),
                numbers=("count",),
                counts_only=True,
                asked=("count",),
            ),
        ),
    ),
    Strand(
        id="value",
        label=N_("Value created"),
        source="stories",
        threshold="schools",
        counted=N_("stories"),
        documents={"framework": "value_creation", "stories": "value_stories"},
    ),
    # What others found. It has no results of its own: it is set beside plans and audits.
    Strand(
        id="context",
        label=N_("Evidence context"),
        source="action_plans",
        threshold="schools",
        counted=N_("schools"),
        own=True,
        tables=(
            Table(
                name="reviews",
                key="reviews",
                label=N_("Other evaluations"),
                columns=("study", "outcome", "finding", "source"),
                optional=("year",),
            ),
        ),
        documents={"document": "evidence_context"},
    ),
)

#: Whom respondents are set against. No strand: it stands beside the surveys, at the file's top.
REFERENCE = Table(
    name="reference_population",
    key="reference_population",
    label=N_("Reference population"),
    columns=("survey", "attribute", "value", "count", "source"),
    unique=("survey", "attribute", "value"),
    numbers=("count",),
)


def tables() -> Iterator[tuple[Strand, Table]]:
    """Every table of every strand, with its strand."""
    for strand in STRANDS:
        for table in strand.tables:
            yield strand, table


def sources() -> Iterator[Source]:
    """Every source of results that is no survey; strands may share one."""
    for strand in STRANDS:
        yield from strand.sources


def named(columns: Iterable[str], names: Collection[str]) -> list[str]:
    """Which of some columns are meant by names, of which ``invited_*`` means all that begin so."""
    exact = {name for name in names if not name.endswith("*")}
    begun = tuple(name[:-1] for name in names if name.endswith("*"))
    return [each for each in columns if each in exact or (begun and each.startswith(begun))]


def table(name: str) -> Table:
    """The table with this name; ``KeyError`` if there is none (an error of ours)."""
    return BY_TABLE[name]


def place(name: str) -> str:
    """Where a table or document stands in ``study.yaml``: ``plans.aims``."""
    return PLACES[name]


def strand(strand_id: str) -> Strand:
    """The strand with this id; ``KeyError`` if there is none (an error of ours)."""
    return BY_ID[strand_id]


BY_ID = {each.id: each for each in STRANDS}
BY_TABLE = {each.name: each for _, each in tables()} | {REFERENCE.name: REFERENCE}
PLACES = {each.name: f"{of.id}.{each.key}" for of, each in tables()} | {
    name: f"{of.id}.{key}" for of in STRANDS for key, name in of.documents.items()
}
